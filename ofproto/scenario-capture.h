/* SPDX-License-Identifier: Apache-2.0 */
/* Frames out of a capture file, for scenarios. */
#ifndef OFPROTO_SCENARIO_CAPTURE_H
#define OFPROTO_SCENARIO_CAPTURE_H

struct list;

/* Appends each frame of the capture file 'path' to 'frames' as a struct world_item. Returns 0, or
 * EINVAL with '*error' naming the file. */
int capture_read(const char *path, struct list *frames, char **error);

#endif
