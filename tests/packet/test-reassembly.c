/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cutting IPv4 packets into fragments and of putting fragments together. */
/* rows: A3.10 */
#include "tests/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/packet/checksum.h"
#include "lib/packet/fragment.h"
#include "lib/packet/frame.h"
#include "lib/packet/headers.h"
#include "lib/packet/reassembly.h"
#include "lib/util.h"

enum { MAX_PIECES = 128 }; /* Fragments of a packet here. */

/* A packet and its fragments, and what puts them together. */
struct bed {
    struct reassembly *r;             /* Under test. */
    int64_t now;                      /* Time. */
    uint32_t in_port;                 /* Where fragments come in. */
    unsigned drops[N_REASSEMBLY_REASONS]; /* Counted so far. */
    struct bytes whole;               /* The packet. */
    unsigned n;                       /* Fragments. */
    struct bytes pieces[MAX_PIECES];  /* They. */
    uint8_t scratch[PACKET_LARGE];    /* For cutting. */
};

static int setup(void **state)
{
    struct bed *bed = xcalloc(1, sizeof *bed);
    bed->r = reassembly_create();
    bed->now = 1000 * SEC;
    bed->in_port = 1;
    *state = bed;
    return 0;
}

/* Forgets the fragments. */
static void forget_pieces(struct bed *bed)
{
    while (bed->n) {
        bytes_uninit(&bed->pieces[--bed->n]);
    }
}

/* Forgets the packet with its fragments. */
static void forget(struct bed *bed)
{
    bytes_uninit(&bed->whole);
    forget_pieces(bed);
}

static int teardown(void **state)
{
    struct bed *bed = *state;
    forget(bed);
    reassembly_destroy(bed->r);
    free(bed);
    return 0;
}

/* Makes '*p' the frame of 'size' bytes at 'frame' as it came by 'in_port', and '*flow' its flow. */
static void take_frame(struct packet *p, struct flow *flow, void *frame, size_t size,
                       uint32_t in_port)
{
    packet_use(p, frame, size, frame, size);
    p->in_port = in_port;
    flow_extract(p, flow);
}

/* Cuts the 'size' bytes at 'whole' for 'mtu' and keeps the fragments. Returns 0 or an errno. */
static int fragment_cut(struct bed *bed, void *whole, size_t size, unsigned mtu)
{
    struct fragment_cut c;
    struct packet p;
    struct flow flow;
    take_frame(&p, &flow, whole, size, bed->in_port);
    int error = fragment_init(&c, &p, mtu);
    while (!error && fragment_next_size(&c)) {
        struct packet frame;
        size_t next = fragment_next_size(&c);
        packet_use(&frame, bed->scratch, PACKET_LARGE, bed->scratch + PACKET_HEADROOM, 0);
        fragment_next(&c, &frame);
        assert_int_equal(frame.size, next);
        assert_true(bed->n < MAX_PIECES);
        bed->pieces[bed->n] = (struct bytes) BYTES_INIT;
        bytes_put(&bed->pieces[bed->n++], frame.data, frame.size);
    }
    return error;
}

/* Cuts bed->whole for 'mtu'. */
static void cut_whole(struct bed *bed, unsigned mtu)
{
    assert_int_equal(fragment_cut(bed, bed->whole.data, bed->whole.size, mtu), 0);
}

/* Makes the packet that 'text' describes and cuts it for 'mtu'. */
static void cut(struct bed *bed, const char *text, unsigned mtu)
{
    char *error = NULL;
    forget(bed);
    if (frame_build(text, &bed->whole, &error)) {
        fail_msg("%s", error);
    }
    cut_whole(bed, mtu);
}

/* Adds the frame 'data'. */
static struct packet *add(struct bed *bed, const struct bytes *data)
{
    struct packet p;
    struct flow flow;
    uint8_t *copy = xmemdup(data->data, data->size);
    take_frame(&p, &flow, copy, data->size, bed->in_port);
    struct packet *whole = reassembly_add(bed->r, 7, &flow, &p, bed->now, bed->drops);
    free(copy);
    return whole;
}

/* Adds fragment 'i', which does not complete anything. */
static void add_piece(struct bed *bed, unsigned i)
{
    assert_null(add(bed, &bed->pieces[i]));
}

/* Adds fragment 'i', which completes the packet. */
static void add_last(struct bed *bed, unsigned i)
{
    struct packet *whole = add(bed, &bed->pieces[i]);
    assert_non_null(whole);
    assert_int_equal(whole->size, bed->whole.size);
    assert_memory_equal(whole->data, bed->whole.data, whole->size);
    assert_int_equal(whole->in_port, bed->in_port);
    assert_int_equal(whole->offload.flags, PACKET_FRAGMENTS);
    assert_true(packet_headroom(whole) >= PACKET_HEADROOM);
    reassembly_recycle(bed->r);
}

/* Fails unless so many fragments were dropped for each reason. */
static void expect_drops(const struct bed *bed, unsigned late, unsigned crowded, unsigned bad)
{
    assert_int_equal(bed->drops[REASSEMBLY_LATE], late);
    assert_int_equal(bed->drops[REASSEMBLY_CROWDED], crowded);
    assert_int_equal(bed->drops[REASSEMBLY_BAD], bad);
}

/* The IPv4 header of fragment 'i', which has no tag. */
static struct ipv4_header *header(struct bed *bed, unsigned i)
{
    return (void *) (bed->pieces[i].data + 14);
}

static void fragments_are_cut_to_the_mtu(void **state)
{
    struct bed *bed = *state;
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, ipid 77, df, size 4000)", 1500);
    assert_int_equal(bed->n, 3);
    assert_int_equal(bed->pieces[0].size, 1514);
    assert_int_equal(bed->pieces[1].size, 1514);
    assert_int_equal(bed->pieces[2].size, 14 + 20 + 4008 - 2 * 1480);
    for (unsigned i = 0; i < 3; i++) {
        const struct ipv4_header *ip = header(bed, i);
        assert_int_equal(checksum_finish(checksum_add(0, ip, 20)), 0);
        assert_int_equal(ntohs(ip->id), 77);
        assert_int_equal(ntohs(ip->frag), IPV4_DF | (i < 2 ? IPV4_MF : 0) | i * 1480 / 8);
        assert_int_equal(ntohs(ip->total_size), bed->pieces[i].size - 14);
    }
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, size 1473)", 1500);
    assert_int_equal(bed->n, 2);
    assert_int_equal(bed->pieces[0].size, 1518);
    assert_int_equal(bed->pieces[1].size, 18 + 20 + 1);
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, size 1472)", 1500);
    assert_int_equal(bed->n, 1);
}

static void what_is_no_whole_ipv4_packet_is_not_cut(void **state)
{
    static const char *const texts[] = {
        "udp([fc00::1]:1 > [fc00::2]:2, size 2000)",
        "arp(request, 10.0.0.1 > 10.0.0.2)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, type 0x88cc, data 0011)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, frag 0+, size 2000)",
        "udp(10.0.0.1 > 10.0.0.2, frag 8, size 2000)",
    };
    struct bed *bed = *state;
    for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
        struct bytes frame = BYTES_INIT;
        char *error;
        assert_int_equal(frame_build(texts[i], &frame, &error), 0);
        assert_int_equal(fragment_cut(bed, frame.data, frame.size, 1500), EMSGSIZE);
        bytes_uninit(&frame);
    }
    assert_int_equal(bed->n, 0);
}

/* Router alert is copied into all fragments, record route is not. */
static void options_are_copied_as_they_say(void **state)
{
    static const uint8_t options[] = {7, 7, 4, 0, 0, 0, 0, 1, 148, 4, 0, 0};
    struct bed *bed = *state;
    uint8_t frame[14 + 20 + sizeof options + 200] = {[12] = 8};
    struct ipv4_header *ip = (void *) (frame + 14);
    ip->version_ihl = 0x48;
    ip->total_size = htons(sizeof frame - 14);
    ip->proto = 253;
    memcpy(ip + 1, options, sizeof options);
    assert_int_equal(fragment_cut(bed, frame, sizeof frame, 140), 0);
    assert_int_equal(bed->n, 2);
    assert_memory_equal(header(bed, 0) + 1, options, sizeof options);
    const uint8_t *later = (const uint8_t *) (header(bed, 1) + 1);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(later[i], 1);
    }
    assert_memory_equal(later + 8, options + 8, 4);
}

static void fragments_become_whole_in_any_order(void **state)
{
    struct bed *bed = *state;
    srand(1);
    for (int round = 0; round < 2000; round++) {
        char text[200];
        unsigned order[MAX_PIECES], n;
        sprintf(text, "udp(10.0.0.1:1 > 10.0.0.2:2, ipid %d, %s tos 2, size %d)", round,
                round % 3 ? "" : "vlan 7,", 600 + rand() % (round % 50 ? 3000 : 64000));
        cut(bed, text, 596 + rand() % 2000);
        n = bed->n;
        for (unsigned i = 0; i < n; i++) {
            order[i] = i;
        }
        for (unsigned i = n; i-- > 1;) {
            unsigned k = rand() % (i + 1), swapped = order[k];
            order[k] = order[i];
            order[i] = swapped;
        }
        for (unsigned i = 0; i + 1 < n; i++) {
            add_piece(bed, order[i]);
        }
        if (n > 1) {
            add_last(bed, order[n - 1]);
        }
    }
    expect_drops(bed, 0, 0, 0);
}

static void the_longest_packet_becomes_whole(void **state)
{
    struct bed *bed = *state;
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, size 2000)", 1500);
    struct ipv4_header *ip = (void *) (bed->whole.data + 14);
    ip->total_size = htons(65535);
    ip->checksum = 0;
    ip->checksum = checksum_finish(checksum_add(0, ip, 20));
    bytes_put_zeros(&bed->whole, 14 + 65535 - bed->whole.size);
    forget_pieces(bed);
    cut_whole(bed, 1500);
    for (unsigned i = bed->n; i-- > 1;) {
        add_piece(bed, i);
    }
    add_last(bed, 0);
}

/* Makes 'frame', Ethernet II with one tag or none, one of 802.3 with LLC/SNAP. */
static void wrap_in_snap(struct bytes *frame)
{
    static const uint8_t llc[] = {0xaa, 0xaa, 3, 0, 0, 0};
    struct bytes wrapped = BYTES_INIT;
    size_t type_at = get_be16(frame->data + 12) == ETHER_TYPE_VLAN ? 16 : 12;
    bytes_put(&wrapped, frame->data, type_at);
    bytes_put_be16(&wrapped, (uint16_t) (frame->size - type_at + sizeof llc));
    bytes_put(&wrapped, llc, sizeof llc);
    bytes_put(&wrapped, frame->data + type_at, frame->size - type_at);
    bytes_uninit(frame);
    *frame = wrapped;
}

/* In 802.3 with LLC/SNAP the whole has a length of its own, or if it is too long for that, none. */
static void a_whole_has_its_own_802_3_length(void **state)
{
    static const struct {
        const char *text; /* The packet. */
        bool fits;        /* Into 802.3. */
    } cases[] = {
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 1000)", true},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 1000, vlan 5)", true},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 1464)", true},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 1465)", false},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 1464, vlan 5)", true},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 1465, vlan 5)", false},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 60000, vlan 5)", false},
    };
    struct bed *bed = *state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        for (unsigned first = 0; first < 2; first++) {
            cut(bed, cases[i].text, 996);
            for (unsigned k = 0; k < bed->n; k++) {
                wrap_in_snap(&bed->pieces[k]);
            }
            if (cases[i].fits) {
                wrap_in_snap(&bed->whole);
            }
            for (unsigned k = 1; k < bed->n; k++) {
                add_piece(bed, first ? bed->n - k : k - 1);
            }
            add_last(bed, first ? 0 : bed->n - 1);
        }
    }
    expect_drops(bed, 0, 0, 0);
}

/* A frame of 802.3 is cut into such frames, none of them longer than 802.3 or the MTU allow. */
static void pieces_have_their_own_802_3_length(void **state)
{
    struct bed *bed = *state;
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, snap, vlan 5, size 1464)", 800);
    for (unsigned i = 0; i < bed->n; i++) {
        const struct bytes *piece = &bed->pieces[i];
        assert_true(piece->size <= 18 + 800);
        assert_int_equal(get_be16(piece->data + 16), piece->size - 18);
    }
    assert_int_equal(bed->n, 2);
    add_piece(bed, 1);
    add_last(bed, 0);
}

/* Two packets whose fragments come by turns; padding is not a part of them. */
static void padding_and_others_fragments_do_not_matter(void **state)
{
    struct bed *bed = *state, other = {.r = bed->r, .now = bed->now, .in_port = 1};
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, ipid 1, size 1473)", 1500);
    cut(&other, "udp(10.0.0.1:1 > 10.0.0.2:2, ipid 2, size 1473)", 1500);
    bytes_put_zeros(&bed->pieces[1], 60 - bed->pieces[1].size);
    add_piece(bed, 0);
    add_piece(&other, 1);
    add_last(bed, 1);
    add_last(&other, 0);
    forget(&other);
}

/* The same identification by another port, another sender or another tag is another packet. */
static void pieces_of_different_origin_are_never_joined(void **state)
{
    static const char *const others[] = {
        "udp(10.0.0.1:1 > 10.0.0.2:2, size 2000, vlan 5)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, size 2000, eth 02:00:00:00:00:09 > 02:00:0a:00:00:02)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, size 2000, eth 02:00:0a:00:00:01 > 02:00:00:00:00:09)",
        "udp(10.0.0.3:1 > 10.0.0.2:2, size 2000)",
        "udp(10.0.0.1:1 > 10.0.0.3:2, size 2000)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, size 2000)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, size 2000, ipid 5)",
    };
    struct bed *bed = *state;
    for (unsigned i = 0; i < ARRAY_SIZE(others); i++) {
        cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, size 2000)", 1500);
        add_piece(bed, 0);
        cut(bed, others[i], 1500);
        add_piece(bed, 1);
        add_last(bed, 0);
        cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, size 2000)", 1500);
        bed->in_port = 2;
        add_piece(bed, 1);
        bed->in_port = 1;
        add_last(bed, 1);
        bed->in_port = 2;
        add_last(bed, 0);
        bed->in_port = 1;
    }
}

static void it_takes_no_longer_than_30_seconds(void **state)
{
    struct bed *bed = *state;
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, size 4000)", 1500);
    add_piece(bed, 0);
    bed->now += 20 * SEC;
    add_piece(bed, 1);
    bed->now += 10 * SEC - 1;
    add_last(bed, 2);
    add_piece(bed, 0);
    bed->now += 20 * SEC;
    add_piece(bed, 1);
    bed->now += 10 * SEC;
    add_piece(bed, 2);
    expect_drops(bed, 2, 0, 0);
}

static void overlaps_end_the_packet_and_copies_do_not(void **state)
{
    struct bed *bed = *state;
    struct bed other = {.r = bed->r, .now = bed->now, .in_port = 1};
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, size 4000)", 1500);
    cut(&other, "udp(10.0.0.1:1 > 10.0.0.2:2, size 4000)", 1400);
    add_piece(bed, 0);
    add_piece(bed, 0);
    expect_drops(bed, 0, 0, 1);
    add_piece(bed, 1);
    add_last(bed, 2);

    add_piece(bed, 0);
    add_piece(bed, 1);
    add_piece(&other, 2);
    expect_drops(&other, 0, 0, 3);
    add_piece(bed, 2);

    /* One byte differs. */
    add_piece(bed, 0);
    bed->pieces[0].data[1000] ^= 1;
    add_piece(bed, 0);
    expect_drops(bed, 0, 0, 1 + 3);
    forget(&other);
}

/* Sets offset and "more" of fragment 'i'. */
static void move(struct bed *bed, unsigned i, uint16_t frag)
{
    header(bed, i)->frag = htons(frag);
}

static void contradictions_end_the_packet(void **state)
{
    struct bed *bed = *state;
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, size 4000)", 1500);

    /* Two ends; an end before what is there; something behind the end. */
    add_piece(bed, 2);
    move(bed, 2, 5000 / 8);
    add_piece(bed, 2);
    expect_drops(bed, 0, 0, 2);
    add_piece(bed, 1);
    move(bed, 2, 0);
    add_piece(bed, 2);
    expect_drops(bed, 0, 0, 4);
    move(bed, 2, 1);
    add_piece(bed, 2);
    move(bed, 1, IPV4_MF | 5000 / 8);
    add_piece(bed, 1);
    expect_drops(bed, 0, 0, 6);

    /* More than 64 KiB; a piece in the middle that is no multiple of 8; no payload. */
    move(bed, 1, 8180);
    add_piece(bed, 1);
    move(bed, 2, IPV4_MF);
    header(bed, 2)->total_size = htons(20 + 12);
    add_piece(bed, 2);
    header(bed, 2)->total_size = htons(20);
    add_piece(bed, 2);
    header(bed, 2)->total_size = htons(2000);
    add_piece(bed, 2);
    expect_drops(bed, 0, 0, 10);
}

static void congestion_of_a_piece_is_that_of_the_packet(void **state)
{
    struct bed *bed = *state;
    cut(bed, "udp(10.0.0.1:1 > 10.0.0.2:2, tos 2, size 2000)", 1500);
    header(bed, 1)->tos |= 3;
    add_piece(bed, 1);
    const struct packet *whole = add(bed, &bed->pieces[0]);
    const struct ipv4_header *ip = (const void *) (whole->data + 14);
    assert_int_equal(ip->tos, 3);
    assert_int_equal(checksum_finish(checksum_add(0, ip, 20)), 0);
    reassembly_recycle(bed->r);
}

/* A source that never completes anything loses its own oldest, others lose nothing. */
static void a_source_has_its_quota(void **state)
{
    struct bed *bed = *state, other = {.r = bed->r, .now = bed->now, .in_port = 1};
    cut(&other, "udp(10.0.0.9:1 > 10.0.0.2:2, size 2000)", 1500);
    add_piece(&other, 0);
    for (int i = 0; i < 1000; i++) {
        char text[100];
        sprintf(text, "udp(10.0.0.1:1 > 10.0.0.2:2, ipid %d, size 2000)", i);
        cut(bed, text, 1500);
        add_piece(bed, 0);
    }
    expect_drops(bed, 0, 1000 - REASSEMBLY_QUOTA, 0);
    add_last(bed, 1);
    add_last(&other, 1);
    forget(&other);
}

/* Any number of sources: the oldest goes, and a new packet becomes whole all the same. */
static void there_are_not_more_than_fit(void **state)
{
    struct bed *bed = *state;
    for (int i = 0; i < 1000; i++) {
        char text[100];
        sprintf(text, "udp(10.0.%d.%d:1 > 10.0.0.2:2, size 2000)", i / 250, i % 250 + 1);
        cut(bed, text, 1500);
        add_piece(bed, 0);
    }
    expect_drops(bed, 0, 1000 - REASSEMBLY_MAX, 0);
    cut(bed, "udp(10.9.9.9:1 > 10.0.0.2:2, size 2000)", 1500);
    add_piece(bed, 1);
    add_last(bed, 0);
}

#define CASE(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(fragments_are_cut_to_the_mtu),
        CASE(what_is_no_whole_ipv4_packet_is_not_cut),
        CASE(options_are_copied_as_they_say),
        CASE(fragments_become_whole_in_any_order),
        CASE(the_longest_packet_becomes_whole),
        CASE(a_whole_has_its_own_802_3_length),
        CASE(pieces_have_their_own_802_3_length),
        CASE(padding_and_others_fragments_do_not_matter),
        CASE(pieces_of_different_origin_are_never_joined),
        CASE(it_takes_no_longer_than_30_seconds),
        CASE(overlaps_end_the_packet_and_copies_do_not),
        CASE(contradictions_end_the_packet),
        CASE(congestion_of_a_piece_is_that_of_the_packet),
        CASE(a_source_has_its_quota),
        CASE(there_are_not_more_than_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
