/* SPDX-License-Identifier: Apache-2.0 */
/* The frames and rules that the benchmarks' generator and their controller agree on. */
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include <stdint.h>

/* Flow i is a UDP frame from FRAME_SRC + i, port FRAME_TP_SRC, to FRAME_DST, port FRAME_TP_DST.
 * The hostile frames differ from the values of the hostile rules: see generate.c and bench.py.
 * Flow i of a pipeline has i in the last two bytes of both Ethernet addresses, in the two bytes of
 * nw_dst behind the first, and in tp_dst. */
enum {
    FRAME_SIZE = 60,          /* Bytes of a frame of 64 without its check sequence. */
    FRAME_SRC = 0x0a000000,   /* 10.0.0.0. */
    FRAME_DST = 0x0a800001,   /* 10.128.0.1. */
    FRAME_TP_SRC = 1000,      /* L4 source port. */
    FRAME_TP_DST = 2000,      /* L4 destination port. */
    FRAME_EXACT = 100000,     /* Flows of the run with exact rules. */
    HOSTILE_SRC = 0x0a010203, /* nw_src that a hostile rule matches: 10.1.2.3. */
    HOSTILE_TP = 0x3039,      /* tp_src and tp_dst that hostile rules match: 12345. */
    PIPELINE_FLOWS = 500,     /* Flows through a pipeline. */
};

/* Ethernet addresses of a frame. The sink has neither, and so drops it as somebody else's. */
static const uint8_t frame_dl_dst[6] = {2, 0, 0, 0, 0, 2}, frame_dl_src[6] = {2, 0, 0, 0, 0, 1};

#endif
