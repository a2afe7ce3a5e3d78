/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile capture files given to ofp-parse-pcap. */
#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pcap-bytes.h"
#include "utilities/ofctl.h"

/* An input is a capture file. What is read is printed, to nowhere; a fault of the file is told in
 * one line. */

const uint64_t fuzz_mutations = 3000;

/* What the command takes from the program that it is a part of --------------------------------- */

static unsigned n_faults; /* Told in this run. */

int ofctl_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = xvasprintf(format, args);
    va_end(args);
    promise(*text && !strchr(text, '\n'));
    free(text);
    n_faults++;
    return CMDL_FAILED;
}

void ofctl_print(struct cmdl_context *ctx, FILE *stream, const struct ofp_message *m,
                 int verbosity)
{
    struct bytes out = BYTES_INIT;
    ofp_print_styled(&out, m->raw, m->raw_size, verbosity, &ctx->style);
    for (size_t i = 0; i < out.size; i++) {
        promise(!iscntrl(out.data[i]) || out.data[i] == '\n');
    }
    fwrite(out.data, 1, out.size, stream);
    bytes_uninit(&out);
}

/* The target ----------------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    if (file < 0) {
        promise(freopen("/dev/null", "w", stdout) != NULL);
        file = memfd_create("capture", 0);
        promise(file >= 0);
    }
    promise(!ftruncate(file, 0) && pwrite(file, data, size, 0) == (ssize_t) size);
    char name[40];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    char command[] = "ofp-parse-pcap";
    struct cmdl_context ctx = {.verbosity = 0};
    n_faults = 0;
    int code = ofctl_ofp_parse_pcap(&ctx, 2, (char *[]){command, name});
    promise(code == CMDL_OK || code == CMDL_FAILED);
    promise(n_faults == (code == CMDL_FAILED));
    return 0;
}

/* Seeds ---------------------------------------------------------------------------------------- */

enum { SYN = 2, ACK = 0x10 }; /* TCP flags. */

/* Types of links, as files number them. */
enum { LINK_NULL = 0, LINK_ETHERNET = 1, LINK_RAW = 101, LINK_SLL = 113, LINK_SLL2 = 276 };

/* What stands in front of the IP header. */
static void put_link(struct bytes *out, uint32_t link, bool is_ip6)
{
    uint16_t type = is_ip6 ? 0x86dd : 0x0800;
    size_t zeros = link == LINK_ETHERNET ? 12 : link == LINK_SLL ? 14 : 0;
    bytes_put_zeros(out, link == LINK_NULL ? 4 : zeros);
    if (link != LINK_NULL && link != LINK_RAW) {
        bytes_put_be16(out, type);
    }
    if (link == LINK_SLL2) {
        bytes_put_zeros(out, 18);
    }
}

/* An IP header for 'size' bytes of TCP; the first end talks if 'from' is 0. */
static void put_ip(struct bytes *out, bool is_ip6, int from, size_t size)
{
    if (is_ip6) {
        bytes_put_be32(out, 0x60000000);
        bytes_put_be16(out, (uint16_t) size);
        bytes_put(out, "\6\x40", 2);
        bytes_put_zeros(out, 15);
        bytes_put_u8(out, (uint8_t) (1 + from));
        bytes_put_zeros(out, 15);
        bytes_put_u8(out, (uint8_t) (2 - from));
    } else {
        bytes_put_be16(out, 0x4500);
        bytes_put_be16(out, (uint16_t) (20 + size));
        bytes_put_be32(out, 0);
        bytes_put_be32(out, 0x40060000);
        bytes_put_be32(out, 0x0a000001 + (uint32_t) from);
        bytes_put_be32(out, 0x0a000002 - (uint32_t) from);
    }
}

/* A packet of the file with a TCP segment. */
static void put_segment(struct bytes *out, uint32_t link, bool is_ip6, int from, uint32_t seq,
                        uint8_t flags, const struct bytes *data)
{
    struct bytes packet = BYTES_INIT;
    put_link(&packet, link, is_ip6);
    put_ip(&packet, is_ip6, from, 20 + data->size);
    bytes_put_be16(&packet, from ? 6653 : 40000);
    bytes_put_be16(&packet, from ? 40000 : 6653);
    bytes_put_be32(&packet, seq);
    bytes_put_be32(&packet, 0);
    bytes_put_u8(&packet, 0x50);
    bytes_put_u8(&packet, flags);
    bytes_put_zeros(&packet, 6);
    bytes_put(&packet, data->data, data->size);
    put_u32(out, 1000000000 + (uint32_t) out->size);
    put_u32(out, 5000);
    put_u32(out, (uint32_t) packet.size);
    put_u32(out, (uint32_t) packet.size);
    bytes_put(out, packet.data, packet.size);
    bytes_uninit(&packet);
}

/* Appends a message of 'kind' and frees it. */
static void put_message(struct bytes *out, enum ofp_kind kind, uint32_t xid)
{
    static const uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6};
    struct ofp_message m = {.version = 1, .kind = kind, .xid = xid};
    if (kind == OFP_PACKET_IN) {
        m.packet_in = (struct ofp_packet_in){.buffer_id = 7, .total_len = 60, .in_port = 1,
                                             .data = {.data = frame, .size = sizeof frame}};
    } else if (kind == OFP_PACKET_OUT) {
        m.packet_out.buffer_id = 7;
        action_list_init(&m.packet_out.actions);
    } else if (kind == OFP_FLOW_MOD) {
        match_init_any(&m.flow_mod.match);
        m.flow_mod.buffer_id = UINT32_MAX;
        action_list_init(&m.flow_mod.actions);
    }
    struct bytes *msg = ofp_message_encode(&m);
    bytes_put(out, msg->data, msg->size);
    bytes_destroy(msg);
}

/* A connection in order, or without SYN and with gaps, overlaps and segments that come early. */
static void make_seed(struct bytes *out, uint32_t link, bool is_ip6, bool is_wild)
{
    static const enum ofp_kind said[2][5] = {
        {OFP_HELLO, OFP_PACKET_IN, OFP_ECHO_REQUEST, OFP_PACKET_IN, OFP_BARRIER_REPLY},
        {OFP_HELLO, OFP_FLOW_MOD, OFP_ECHO_REPLY, OFP_PACKET_OUT, OFP_BARRIER_REQUEST},
    };
    const struct bytes none = BYTES_INIT;
    uint32_t seqs[2] = {UINT32_MAX - 50, 77};
    put_pcap_header(out, 0xa1b23c4d, link);
    for (int i = 0; i < 2 && !is_wild; i++) {
        put_segment(out, link, is_ip6, i, seqs[i]++, SYN, &none);
    }
    for (size_t i = 0; i < ARRAY_SIZE(said[0]); i++) {
        for (int from = 0; from < 2; from++) {
            struct bytes data = BYTES_INIT;
            put_message(&data, said[from][i], (uint32_t) i);
            uint32_t early = is_wild && i == 2 ? 100 : 0, late = is_wild && i == 3 ? 4 : 0;
            put_segment(out, link, is_ip6, from, seqs[from] + early - late, ACK, &data);
            seqs[from] += (uint32_t) data.size;
            bytes_uninit(&data);
        }
    }
}

/* A connection with TLS. */
static void make_tls(struct bytes *out)
{
    struct bytes data = BYTES_INIT;
    put_pcap_header(out, 0xa1b23c4d, LINK_ETHERNET);
    bytes_put(&data, "\x16\3\1\0\x05hello", 10);
    put_segment(out, LINK_ETHERNET, false, 0, 1, ACK, &data);
    put_segment(out, LINK_ETHERNET, false, 1, 1, ACK, &data);
    put_segment(out, LINK_ETHERNET, false, 0, 100, ACK, &data);
    bytes_uninit(&data);
}

/* A pcapng file with one packet of 'time'. */
static void make_pcapng(struct bytes *out, uint64_t time)
{
    struct bytes pcap = BYTES_INIT, data = BYTES_INIT;
    put_message(&data, OFP_HELLO, 1);
    put_segment(&pcap, LINK_ETHERNET, false, 0, 1, ACK, &data);
    bytes_pull(&pcap, 16);
    uint32_t padded = (uint32_t) (pcap.size + 3) & ~3U;
    const uint32_t section[] = {0x0a0d0d0a, 28, 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX, 28};
    const uint32_t interface[] = {1, 20, LINK_ETHERNET, 65535, 20};
    const uint32_t packet[] = {6, 32 + padded, 0, (uint32_t) (time >> 32), (uint32_t) time,
                               (uint32_t) pcap.size, (uint32_t) pcap.size};
    bytes_put(out, section, sizeof section);
    bytes_put(out, interface, sizeof interface);
    bytes_put(out, packet, sizeof packet);
    bytes_put(out, pcap.data, pcap.size);
    bytes_put_zeros(out, padded - pcap.size);
    put_u32(out, 32 + padded);
    bytes_uninit(&pcap);
    bytes_uninit(&data);
}

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    static const uint32_t links[] = {LINK_ETHERNET, LINK_SLL, LINK_SLL2, LINK_RAW, LINK_NULL};
    struct bytes out = BYTES_INIT;
    size_t n = ARRAY_SIZE(links);
    if (index < 2 * n) {
        make_seed(&out, links[index % n], index % 2, index >= n);
    } else if (index == 2 * n) {
        make_tls(&out);
    } else if (index < 2 * n + 3) {
        make_pcapng(&out, index == 2 * n + 1 ? UINT64_C(1000000000000000) : UINT64_MAX);
    } else {
        return NULL;
    }
    *size = out.size;
    return bytes_steal(&out);
}
