/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile text in the notation of frames. */
#include <string.h>

#include "lib/bytes.h"
#include "lib/packet/frame.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

const uint64_t fuzz_mutations = 20000;

/* What was built is printed as a text from which the same is built. */
static void check_round_trip(const struct bytes *frame)
{
    struct bytes text = BYTES_INIT, again = BYTES_INIT;
    char *error = NULL;
    frame_print(frame->data, frame->size, &text);
    promise(!frame_build(bytes_string(&text), &again, &error));
    promise(again.size == frame->size);
    promise(!frame->size || !memcmp(again.data, frame->data, frame->size));
    bytes_uninit(&text);
    bytes_uninit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes frame = BYTES_INIT;
    char *text = fuzz_text(data, size, 10000);
    char *error = NULL;
    if (frame_build(text, &frame, &error)) {
        promise(error && *error && !frame.size);
        promise(!strchr(error, '\n') || strchr(text, '\n'));
    } else {
        promise(!error);
        check_round_trip(&frame);
    }
    bytes_uninit(&frame);
    free(error);
    free(text);
    return 0;
}

static const char *const seeds[] = {
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, vlan 5, pcp 3, flags syn|ack, seq 1, window 3, size 9)",
    "udp([fc00::1]:53 > [fc00::2]:4000, label 5, tos 4, ttl 3, nosum, data 00 ff)",
    "icmp(10.0.0.1 > 10.0.0.2, type 0, code 1, id 1, seq 7, badsum, pad 100)",
    "arp(request, 10.0.0.1 > 10.0.0.2, sha 02:00:00:00:00:01, tha 02:00:00:00:00:02)",
    "eth(02:00:00:00:00:01 > 01:80:c2:00:00:0e, type 0x88cc, data 0207, qinq 4, snap)",
    "ip(10.0.0.1 > 10.0.0.2, proto 89, df, ipid 7, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
    "udp(10.0.0.1 > 10.0.0.2, frag 8+, size 16)",
    "sctp(10.0.0.1:1 > 10.0.0.2:2, sum 0x1234)",
    "hex 0200000000020200000000010800",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    return fuzz_text_seed(seeds, ARRAY_SIZE(seeds), index, size);
}
