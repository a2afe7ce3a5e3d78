/* SPDX-License-Identifier: Apache-2.0 */
/* A frame as libpcap hands it out. */
#ifndef DATAPATH_NETDEV_CAPTURE_FRAME_H
#define DATAPATH_NETDEV_CAPTURE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct capture_frame {
    const uint8_t *data; /* First byte; borrowed until the next frame is asked for. */
    uint32_t size;       /* Bytes at 'data'. */
    bool is_whole;       /* The capture has all of its bytes. */
    int64_t time;        /* When it was captured: nanoseconds of wall clock since 1970. */
};

#endif
