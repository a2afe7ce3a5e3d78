/* SPDX-License-Identifier: Apache-2.0 */
/* ofp-parse-pcap: the OpenFlow connections in a capture file, message by message. */
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "datapath/netdev/capture-frame.h"
#include "lib/channel/channel.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/list.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"
#include "utilities/ofctl-latency.h"
#include "utilities/ofctl.h"
#include "utilities/tcp-stream.h"

enum {
    PRINT_VERBOSITY = 2,   /* Frames as a line of their fields. */
    GAP_MAX = 1 << 20,     /* Bytes beyond a gap, or */
    PIECES_MAX = 4096,     /* segments, after which what is missing is given up. */
    MAX_PORTS = 64,        /* Ports on the command line. */
    ETHERNET_SIZE = 14,    /* Bytes of an Ethernet header. */
    TCP_MIN_SIZE = 20,     /* Bytes of a TCP header without options. */
    TCP_FLAG_SYN = 0x02,   /* In the byte of flags. */
    TLS_HANDSHAKE = 0x16,  /* First byte of a connection with TLS. */
    TYPE_MAX = 35,         /* Highest type of message of any version. */
    VERSION_MAX = 6,       /* Highest version. */
};

/* What stands in front of the IP header, by type of link. */
static const struct link_type {
    int dlt;         /* DLT_*. */
    int header_size; /* Bytes. */
    int type_offset; /* Of the Ethernet type; -1: there is none, the IP version tells. */
} link_types[] = {
    {DLT_EN10MB, ETHERNET_SIZE, 12},
    {DLT_LINUX_SLL, 16, 14},
    {DLT_LINUX_SLL2, 20, 0},
    {DLT_RAW, 0, -1},
    {DLT_NULL, 4, -1},
    {DLT_LOOP, 4, -1},
};

/* An end of a connection. */
struct endpoint {
    int family;       /* AF_INET or AF_INET6. */
    uint8_t addr[16]; /* IP address. */
    uint16_t port;    /* TCP port. */
};

/* A connection. */
struct conversation {
    struct list node;                /* In capture.conversations. */
    struct hmap_node by_ends;        /* In capture.by_ends. */
    struct endpoint ends[2];         /* Who talks. */
    struct tcp_stream streams[2];    /* What each says. */
    bool is_tls;                     /* Nothing of it can be read. */
    struct latency_session *session; /* What is open; owned. */
};

/* A capture file being read. */
struct capture {
    struct cmdl_context *ctx;     /* How to print. */
    const struct link_type *link; /* Of the file. */
    uint16_t ports[MAX_PORTS];    /* OpenFlow's. */
    size_t n_ports;               /* How many. */
    struct list conversations;    /* Latest first: struct conversation. */
    struct hmap by_ends;          /* The same, by both ends in either order. */
    struct latencies *latencies;  /* Owned. */
    int64_t now;                  /* Time of the packet, nanoseconds since 1970. */
    size_t n_messages;            /* Printed so far. */
};

/* A TCP segment, found in a packet. */
struct segment {
    struct endpoint ends[2]; /* From, to. */
    uint32_t seq;            /* Sequence number. */
    bool syn;                /* Begins the stream. */
    const uint8_t *data;     /* Payload. */
    size_t size;             /* Bytes of it that were captured. */
};

/* Messages ------------------------------------------------------------------------------------- */

/* Appends "ADDRESS.PORT". */
static void print_endpoint(const struct endpoint *e)
{
    char text[INET6_ADDRSTRLEN];
    printf("%s.%u", inet_ntop(e->family, e->addr, text, sizeof text), e->port);
}

/* Prints time and direction of a message. */
static void print_heading(const struct capture *c, const struct conversation *conv, int direction)
{
    time_t seconds = c->now / SEC;
    char text[32];
    strftime(text, sizeof text, "%F %T", gmtime(&seconds));
    printf("%s.%06d ", text, (int) (c->now % SEC / USEC));
    print_endpoint(&conv->ends[direction]);
    printf(" > ");
    print_endpoint(&conv->ends[!direction]);
    puts(":");
}

/* Could an OpenFlow message, of any version, begin here? */
static bool is_plausible(const struct bytes *data)
{
    return data->data[0] >= 1 && data->data[0] <= VERSION_MAX && data->data[1] <= TYPE_MAX
           && get_be16(data->data + 2) >= OFP_HEADER_SIZE;
}

/* Prints the whole messages that one side has said; drops what is none. */
static void take_messages(struct capture *c, struct conversation *conv, int direction)
{
    struct tcp_stream *s = &conv->streams[direction];
    while (s->data.size >= OFP_HEADER_SIZE) {
        if (!is_plausible(&s->data)) {
            s->lost += s->data.size;
            bytes_clear(&s->data);
            return;
        }
        struct ofp_message m = {.raw = s->data.data, .raw_size = get_be16(s->data.data + 2)};
        if (s->data.size < m.raw_size) {
            return;
        }
        printf("%s", c->n_messages++ ? "\n" : "");
        print_heading(c, conv, direction);
        ofctl_print(c->ctx, stdout, &m, PRINT_VERBOSITY);
        latency_message(conv->session, direction, m.raw, m.raw_size, c->now);
        bytes_pull(&s->data, m.raw_size);
    }
}

/* Connections ---------------------------------------------------------------------------------- */

/* The hash of a connection between 'ends', whichever is the first. */
static uint32_t hash_of(const struct endpoint ends[2])
{
    return (uint32_t) (hash_bytes(&ends[0], sizeof ends[0], 0)
                       + hash_bytes(&ends[1], sizeof ends[1], 0));
}

static struct conversation *conversation_create(struct capture *c, const struct endpoint ends[2])
{
    struct conversation *conv = xzalloc(sizeof *conv);
    memcpy(conv->ends, ends, sizeof conv->ends);
    tcp_stream_init(&conv->streams[0]);
    tcp_stream_init(&conv->streams[1]);
    conv->session = latency_session_create(c->latencies);
    list_push_front(&c->conversations, &conv->node);
    hmap_insert(&c->by_ends, &conv->by_ends, hash_of(ends));
    return conv;
}

/* Ends a connection: prints what gaps had held up, and tells what is missing. */
static void conversation_destroy(struct capture *c, struct conversation *conv)
{
    for (int i = 0; i < 2; i++) {
        struct tcp_stream *s = &conv->streams[i];
        while (!conv->is_tls && tcp_stream_skip(s)) {
            take_messages(c, conv, i);
        }
        if (s->lost && !conv->is_tls) {
            printf("\n");
            print_heading(c, conv, i);
            printf("%llu bytes are missing from the capture, or are no OpenFlow\n",
                   (unsigned long long) s->lost);
        }
        tcp_stream_uninit(s);
    }
    latency_session_destroy(conv->session);
    list_remove(&conv->node);
    hmap_remove(&c->by_ends, &conv->by_ends);
    free(conv);
}

static bool endpoints_equal(const struct endpoint *a, const struct endpoint *b)
{
    return !memcmp(a, b, sizeof *a);
}

/* The connection of a segment and, in '*direction', which way it goes.  A SYN that is not the one
 * it began with begins a new one. */
static struct conversation *find_conversation(struct capture *c, const struct segment *s,
                                              int *direction)
{
    struct conversation *conv;
    HMAP_FOR_EACH_WITH_HASH (conv, by_ends, hash_of(s->ends), &c->by_ends) {
        for (int i = 0; i < 2; i++) {
            const struct tcp_stream *stream = &conv->streams[i];
            if (!endpoints_equal(&conv->ends[i], &s->ends[0])
                || !endpoints_equal(&conv->ends[!i], &s->ends[1])) {
                continue;
            }
            if (s->syn && stream->is_started && s->seq + 1 != stream->first) {
                conversation_destroy(c, conv);
                *direction = 0;
                return conversation_create(c, s->ends);
            }
            *direction = i;
            return conv;
        }
    }
    *direction = 0;
    return conversation_create(c, s->ends);
}

/* Tells, once, that a connection can't be read; true if so. */
static bool check_tls(struct capture *c, struct conversation *conv, int direction)
{
    const struct bytes *data = &conv->streams[direction].data;
    if (data->size >= 2 && data->data[0] == TLS_HANDSHAKE && data->data[1] == 3) {
        printf("%s", c->n_messages++ ? "\n" : "");
        print_heading(c, conv, direction);
        puts("TLS: this connection is encrypted and can't be read");
        conv->is_tls = true;
    }
    return conv->is_tls;
}

static void take_segment(struct capture *c, const struct segment *s)
{
    int direction;
    struct conversation *conv = find_conversation(c, s, &direction);
    struct tcp_stream *stream = &conv->streams[direction];
    if (conv->is_tls) {
        return;
    }
    tcp_stream_add(stream, s->seq, s->syn, s->data, s->size);
    if (check_tls(c, conv, direction)) {
        return;
    }
    take_messages(c, conv, direction);
    while ((stream->waiting_size > GAP_MAX || stream->n_waiting > PIECES_MAX)
           && tcp_stream_skip(stream)) {
        take_messages(c, conv, direction);
    }
}

/* Packets -------------------------------------------------------------------------------------- */

/* Bytes from the IP header at 'l3' to the end of its packet, as it says; 0 if it doesn't (a
 * super-frame may not). */
static size_t ip_size(const uint8_t *l3)
{
    bool is_ip6 = l3[0] >> 4 == 6;
    size_t size = is_ip6 ? get_be16(l3 + 4) : get_be16(l3 + 2);
    return is_ip6 && size ? size + 40 : size;
}

/* Fills in an end of the connection. */
static void set_endpoint(struct endpoint *e, bool is_ip6, be32 ip4, const uint8_t ip6[16],
                         be16 port)
{
    memset(e, 0, sizeof *e);
    e->family = is_ip6 ? AF_INET6 : AF_INET;
    memcpy(e->addr, is_ip6 ? (const void *) ip6 : &ip4, is_ip6 ? 16 : sizeof ip4);
    e->port = ntohs(port);
}

/* Finds the TCP segment in an Ethernet frame; false if there is none. */
static bool find_segment(uint8_t *frame, size_t size, struct segment *s)
{
    struct packet p;
    struct flow f;
    packet_use(&p, frame, size, frame, size);
    p.in_port = 0;
    flow_extract(&p, &f);
    if (f.nw_proto != IPPROTO_TCP || f.nw_frag || p.l3_offset == UINT16_MAX
        || p.l4_offset == UINT16_MAX) {
        return false;
    }
    const uint8_t *tcp = frame + p.l4_offset;
    size_t total = ip_size(frame + p.l3_offset);
    size_t end = total ? MIN(p.l3_offset + total, size) : size;
    size_t header = (size_t) (tcp[12] >> 4) * 4;
    if (header < TCP_MIN_SIZE || p.l4_offset + header > end) {
        return false;
    }
    bool is_ip6 = f.dl_type == htons(0x86dd);
    set_endpoint(&s->ends[0], is_ip6, f.nw_src, f.ipv6_src, f.tp_src);
    set_endpoint(&s->ends[1], is_ip6, f.nw_dst, f.ipv6_dst, f.tp_dst);
    s->seq = get_be32(tcp + 4);
    s->syn = tcp[13] & TCP_FLAG_SYN;
    s->data = tcp + header;
    s->size = end - p.l4_offset - header;
    return true;
}

/* Is it one of OpenFlow's connections? */
static bool is_wanted(const struct capture *c, const struct segment *s)
{
    for (size_t i = 0; i < c->n_ports; i++) {
        if (s->ends[0].port == c->ports[i] || s->ends[1].port == c->ports[i]) {
            return true;
        }
    }
    return false;
}

/* Makes an Ethernet frame of a captured packet of any type of link.  The caller frees it; NULL if
 * it is too short. */
static uint8_t *make_frame(const struct link_type *link, const uint8_t *data, size_t captured,
                           size_t *size)
{
    size_t header = (size_t) link->header_size;
    if (captured <= header) {
        return NULL;
    }
    uint8_t *frame = xzalloc(ETHERNET_SIZE + captured - header);
    if (link->dlt == DLT_EN10MB) {
        memcpy(frame, data, ETHERNET_SIZE);
    } else if (link->type_offset >= 0) {
        memcpy(frame + 12, data + link->type_offset, 2);
    } else {
        put_be16(frame + 12, data[header] >> 4 == 6 ? 0x86dd : 0x0800);
    }
    *size = ETHERNET_SIZE + captured - header;
    memcpy(frame + ETHERNET_SIZE, data + header, captured - header);
    return frame;
}

/* For pcap_loop(): one packet of the file. */
static void take_packet(u_char *c_, const struct pcap_pkthdr *header, const u_char *data)
{
    struct capture *c = (struct capture *) (void *) c_;
    struct segment s;
    size_t size = 0;
    uint8_t *frame = make_frame(c->link, data, header->caplen, &size);
    c->now = capture_time(header->ts.tv_sec, header->ts.tv_usec);
    if (frame && find_segment(frame, size, &s) && is_wanted(c, &s)) {
        take_segment(c, &s);
    }
    free(frame);
}

/* The command ---------------------------------------------------------------------------------- */

/* Reads the ports of the command line, or takes OpenFlow's own. */
static int read_ports(struct capture *c, int n, char *words[])
{
    if (n > MAX_PORTS) {
        return ofctl_fail("%d ports at most can be given", MAX_PORTS);
    }
    for (int i = 0; i < n; i++) {
        uint16_t *port = &c->ports[c->n_ports++];
        if (!str_to_u16(words[i], 10, port) || !*port) {
            return ofctl_fail("%s is no TCP port: give a number from 1 to 65535", words[i]);
        }
    }
    if (!n) {
        c->ports[c->n_ports++] = OFP_TCP_PORT;
        c->ports[c->n_ports++] = CHANNEL_PORT;
    }
    return CMDL_OK;
}

/* Opens the file and finds its type of link.  NULL after saying why not. */
static pcap_t *open_capture(struct capture *c, const char *file)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO,
                                                           error);
    if (!pcap) {
        ofctl_fail("%s: open failed (%s)", file, error);
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(link_types); i++) {
        if (link_types[i].dlt == pcap_datalink(pcap)) {
            c->link = &link_types[i];
            return pcap;
        }
    }
    const char *name = pcap_datalink_val_to_name(pcap_datalink(pcap));
    ofctl_fail("%s: captures of links of type %s can't be read; capture on an Ethernet device",
               file, name ? name : "unknown");
    pcap_close(pcap);
    return NULL;
}

int ofctl_ofp_parse_pcap(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct capture c = {.ctx = ctx};
    int result = read_ports(&c, argc - 2, argv + 2);
    pcap_t *pcap = result ? NULL : open_capture(&c, argv[1]);
    if (!pcap) {
        return CMDL_FAILED;
    }
    c.latencies = latencies_create();
    list_init(&c.conversations);
    hmap_init(&c.by_ends);
    if (pcap_loop(pcap, -1, take_packet, (u_char *) &c) == PCAP_ERROR) {
        result = ofctl_fail("%s: read failed (%s)", argv[1], pcap_geterr(pcap));
    }
    while (!list_is_empty(&c.conversations)) {
        conversation_destroy(&c, CONTAINER_OF(c.conversations.prev, struct conversation, node));
    }
    hmap_uninit(&c.by_ends);
    latencies_print(c.latencies, stdout);
    latencies_destroy(c.latencies);
    pcap_close(pcap);
    return result;
}
