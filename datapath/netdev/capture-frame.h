/* SPDX-License-Identifier: Apache-2.0 */
/* A frame as libpcap hands it out. */
#ifndef DATAPATH_NETDEV_CAPTURE_FRAME_H
#define DATAPATH_NETDEV_CAPTURE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

/* Any time that a capture file may tell, in nanoseconds since 1970: what is before 1970 or later
 * than 2116 is taken for that, so that times of files can be added and subtracted. The seconds of
 * files have 32 bits without a sign, which libpcap reads with one. */
static inline int64_t capture_time(int64_t seconds, int64_t nanoseconds)
{
    const int64_t last = INT64_MAX / 2 / SEC;
    seconds += seconds < 0 && seconds >= INT32_MIN ? INT64_C(1) << 32 : 0;
    nanoseconds = MAX(nanoseconds, (int64_t) 0);
    seconds = MIN(MAX(seconds, (int64_t) 0), last) * SEC;
    return seconds + MIN(nanoseconds, INT64_MAX / 2);
}

struct capture_frame {
    const uint8_t *data; /* First byte; borrowed until the next frame is asked for. */
    uint32_t size;       /* Bytes at 'data'. */
    bool is_whole;       /* The capture has all of its bytes. */
    int64_t time;        /* When it was captured: nanoseconds of wall clock since 1970. */
};

#endif
