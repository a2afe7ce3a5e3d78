/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: the fields of a hostile frame are those that a naive reading finds. */
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/ofp-print.h"
#include "lib/packet/flow.h"
#include "lib/packet/frame.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"
#include "tests/packet/naive-flow.h"

enum {
    FRAME_MAX = 65535, /* Bytes of a frame. */
};

/* Describes the 'size' bytes at 'data' as a frame that came in by 'port'. */
static void use(struct packet *p, uint8_t *data, size_t size, uint8_t port)
{
    packet_use(p, data, size, data, size);
    p->in_port = port;
}

/* The fields and offsets of both readings are the same. */
static void check_fields(uint8_t *data, size_t size, uint8_t port)
{
    struct packet quick, naive;
    struct flow a, b;
    use(&quick, data, size, port);
    use(&naive, data, size, port);
    flow_extract(&quick, &a);
    naive_flow_extract(&naive, &b);
    promise(!memcmp(&a, &b, sizeof a));
    promise(quick.l3_offset == naive.l3_offset && quick.l4_offset == naive.l4_offset);
    promise(quick.l3_offset == UINT16_MAX || quick.l3_offset <= size);
    promise(quick.l4_offset == UINT16_MAX || quick.l4_offset <= size);

    flow_add_fragment_ports(&quick, &a);
    a.tp_src = b.tp_src;
    a.tp_dst = b.tp_dst;
    a.tcp_flags = b.tcp_flags;
    promise(!memcmp(&a, &b, sizeof a));
}

/* What is printed of a frame can be read, and is the same frame. */
static void check_text(const uint8_t *data, size_t size)
{
    struct bytes text = BYTES_INIT, again = BYTES_INIT;
    char *error = NULL;
    frame_print(data, size, &text);
    promise(!frame_build(bytes_string(&text), &again, &error));
    promise(again.size == size && !memcmp(again.data, data, size));
    bytes_clear(&text);
    ofp_print_frame(&text, data, size);
    promise(!memchr(text.data, '\n', text.size));
    bytes_uninit(&text);
    bytes_uninit(&again);
}

const uint64_t fuzz_mutations = 4000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > FRAME_MAX) {
        return 0;
    }
    uint8_t *frame = xmemdup(data + 1, size - 1);
    check_fields(frame, size - 1, data[0]);
    check_text(frame, size - 1);
    free(frame);
    return 0;
}

static const char *const seeds[] = {
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, vlan 5, pcp 3, flags syn|ack, size 4)",
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, frag 0+, size 16)",
    "udp(10.0.0.1:53 > 10.0.0.2:5353, qinq 7, vlan 9, data 00ff)",
    "udp([fc00::1]:53 > [fc00::2]:4000, frag 0+, size 16)",
    "sctp(10.0.0.1:1 > 10.0.0.2:2, snap, size 3)",
    "icmp(10.0.0.1 > 10.0.0.2, type 8, id 1, seq 7, pad 64)",
    "icmp([fe80::1] > [ff02::1:ff00:2], type 135, size 40)",
    "arp(request, 10.0.0.1 > 10.0.0.2)",
    "arp(reply, 10.0.0.1 > 10.0.0.2, vlan 1, snap)",
    "ip([fc00::1] > [fc00::2], proto 0, data 2b00000000000000062c000000000000060000010000000004d2"
    "0050000000000000000050020000000000000000)",
    "ip(10.0.0.1 > 10.0.0.2, proto 47, data 0000080045000000)",
    "ip([fc00::1] > [fc00::2], proto 51, data 3a0400000000000000000000000000000000000000000000"
    "8700000000000000fc0000000000000000000000000000020101020304050607)",
    "eth(02:00:00:00:00:01 > 01:80:c2:00:00:00, data 4242030000000000)",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    if (index >= ARRAY_SIZE(seeds)) {
        return NULL;
    }
    struct bytes seed = BYTES_INIT;
    char *error = NULL;
    bytes_put_u8(&seed, 1);
    promise(!frame_build(seeds[index], &seed, &error));
    *size = seed.size;
    return seed.data;
}
