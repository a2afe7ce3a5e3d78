/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of rules, ports and queues, and the switch's description, as text. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-print-kinds.h"
#include "lib/openflow/openflow-1.0.h"

void ofp_print_duration(struct bytes *out, uint32_t sec, uint32_t nsec)
{
    bytes_printf(out, "%" PRIu32, sec);
    if (nsec && nsec % 1000000 == 0) {
        bytes_printf(out, ".%03" PRIu32, nsec / 1000000);
    } else if (nsec) {
        bytes_printf(out, ".%09" PRIu32, nsec);
        while (out->data[out->size - 1] == '0') {
            bytes_truncate(out, out->size - 1);
        }
    }
    bytes_put_u8(out, 's');
}

/* Appends "label" and the counter; all ones means that it is not known. */
static void print_count(struct bytes *out, const char *label, uint64_t count)
{
    if (count == UINT64_MAX) {
        bytes_printf(out, "%s?", label);
    } else {
        bytes_printf(out, "%s%" PRIu64, label, count);
    }
}

/* A line of the description: control characters of the text are left out. */
static void print_line(struct bytes *out, const char *label, const char *text)
{
    bytes_printf(out, "%s", label);
    for (; *text; text++) {
        if (!iscntrl((unsigned char) *text)) {
            bytes_put_u8(out, *text);
        }
    }
    bytes_put_u8(out, '\n');
}

int ofp_print_desc(struct bytes *out, const struct ofp_message *m,
                   const struct ofp_print_how *how UNUSED)
{
    bytes_put_u8(out, '\n');
    print_line(out, "Manufacturer: ", m->desc.mfr_desc);
    print_line(out, "Hardware: ", m->desc.hw_desc);
    print_line(out, "Software: ", m->desc.sw_desc);
    print_line(out, "Serial Num: ", m->desc.serial_num);
    print_line(out, "DP Description: ", m->desc.dp_desc);
    return 0;
}

int ofp_print_flow_request(struct bytes *out, const struct ofp_message *m,
                           const struct ofp_print_how *how)
{
    const struct ofp_flow_stats_request *r = &m->flow_stats_request;
    if (r->table_id != OFPTT_ALL) {
        bytes_printf(out, " table=%u", r->table_id);
    }
    if (r->out_port != OFPP_NONE) {
        bytes_printf(out, " out_port=");
        ofp_print_port_styled(out, r->out_port, how->style);
    }
    size_t before = out->size;
    bytes_put_u8(out, ' ');
    ofp_print_rule(out, &r->match, OFP_DEFAULT_PRIORITY, how->style);
    if (out->size == before + 1) {
        bytes_truncate(out, before);
    }
    return 0;
}

/* What stands before the match of a rule, each word followed by a comma and a blank. */
static void print_flow_counters(struct bytes *out, const struct ofp_flow_stats *fs)
{
    bytes_printf(out, "cookie=0x%" PRIx64 ", duration=", fs->cookie);
    ofp_print_duration(out, fs->duration_sec, fs->duration_nsec);
    bytes_printf(out, ", table=%u, ", fs->table_id);
    print_count(out, "n_packets=", fs->packet_count);
    print_count(out, ", n_bytes=", fs->byte_count);
    bytes_printf(out, ", ");
}

/* What a rule that is given back must have of that, too. */
static void print_flow_place(struct bytes *out, const struct ofp_flow_stats *fs)
{
    if (fs->cookie) {
        bytes_printf(out, "cookie=0x%" PRIx64 ", ", fs->cookie);
    }
    if (fs->table_id) {
        bytes_printf(out, "table=%u, ", fs->table_id);
    }
}

/* The ages, if they were told; that of a rule never changed is its duration. */
static void print_ages(struct bytes *out, const struct ofp_flow_stats *fs)
{
    if (fs->idle_age != OFP_AGE_UNKNOWN) {
        bytes_printf(out, "idle_age=%" PRId32 ", ", fs->idle_age);
    }
    if (fs->hard_age != OFP_AGE_UNKNOWN && (uint32_t) fs->hard_age != fs->duration_sec) {
        bytes_printf(out, "hard_age=%" PRId32 ", ", fs->hard_age);
    }
}

void ofp_print_flow_stats_styled(struct bytes *out, const struct ofp_flow_stats *fs,
                                 const struct ofp_print_style *style)
{
    bytes_put_u8(out, ' ');
    if (!style || !style->no_stats) {
        print_flow_counters(out, fs);
    } else {
        print_flow_place(out, fs);
    }
    if (fs->idle_timeout) {
        bytes_printf(out, "idle_timeout=%u, ", fs->idle_timeout);
    }
    if (fs->hard_timeout) {
        bytes_printf(out, "hard_timeout=%u, ", fs->hard_timeout);
    }
    if (!style || !style->no_stats) {
        print_ages(out, fs);
    }
    size_t before = out->size;
    ofp_print_rule(out, &fs->match, fs->priority, style);
    bytes_printf(out, "%sactions=", out->size > before ? " " : "");
    ofp_print_actions_styled(out, &fs->actions, style);
}

void ofp_print_flow_stats(struct bytes *out, const struct ofp_flow_stats *fs)
{
    ofp_print_flow_stats_styled(out, fs, NULL);
}

int ofp_print_flow_reply(struct bytes *out, const struct ofp_message *m,
                         const struct ofp_print_how *how)
{
    struct reader entries = m->entries;
    struct ofp_flow_stats fs;
    while (ofp_flow_entry_next(m->kind, &entries, &fs)) {
        bytes_put_u8(out, '\n');
        ofp_print_flow_stats_styled(out, &fs, how->style);
        action_list_uninit(&fs.actions);
    }
    return 0;
}

int ofp_print_aggregate(struct bytes *out, const struct ofp_message *m,
                        const struct ofp_print_how *how UNUSED)
{
    bytes_printf(out, " packet_count=%" PRIu64 " byte_count=%" PRIu64 " flow_count=%" PRIu32,
                 m->aggregate.packet_count, m->aggregate.byte_count, m->aggregate.flow_count);
    return 0;
}

int ofp_print_port_stats_request(struct bytes *out, const struct ofp_message *m,
                                 const struct ofp_print_how *how)
{
    bytes_printf(out, " port_no=");
    ofp_print_port_styled(out, m->port_no, how->style);
    return 0;
}

/* The two lines of one port. */
static void print_port_stats(struct bytes *out, const struct ofp_port_stats *ps,
                             const struct ofp_print_style *style)
{
    struct bytes port = BYTES_INIT;
    ofp_print_port_styled(&port, ps->port_no, style);
    bytes_printf(out, isdigit(port.data[0]) ? "  port %2s" : "  port %s", bytes_string(&port));
    bytes_uninit(&port);
    print_count(out, ": rx pkts=", ps->rx_packets);
    print_count(out, ", bytes=", ps->rx_bytes);
    print_count(out, ", drop=", ps->rx_dropped);
    print_count(out, ", errs=", ps->rx_errors);
    print_count(out, ", frame=", ps->rx_frame_err);
    print_count(out, ", over=", ps->rx_over_err);
    print_count(out, ", crc=", ps->rx_crc_err);
    print_count(out, "\n           tx pkts=", ps->tx_packets);
    print_count(out, ", bytes=", ps->tx_bytes);
    print_count(out, ", drop=", ps->tx_dropped);
    print_count(out, ", errs=", ps->tx_errors);
    print_count(out, ", coll=", ps->collisions);
    bytes_put_u8(out, '\n');
}

int ofp_print_port_stats(struct bytes *out, const struct ofp_message *m,
                         const struct ofp_print_how *how)
{
    struct reader entries = m->entries;
    struct ofp_port_stats ps;
    bytes_printf(out, " %zu ports\n", entries.left / sizeof(struct ofp10_port_stats));
    while (ofp_port_stats_next(&entries, &ps)) {
        print_port_stats(out, &ps, how->style);
    }
    return 0;
}

/* "ALL", or the number of the queue. */
static void print_queue_id(struct bytes *out, uint32_t queue_id)
{
    if (queue_id == OFPQ_ALL) {
        bytes_printf(out, "ALL");
    } else {
        bytes_printf(out, "%" PRIu32, queue_id);
    }
}

int ofp_print_queue_stats_request(struct bytes *out, const struct ofp_message *m,
                                  const struct ofp_print_how *how)
{
    uint16_t port = m->queue_stats_request.port_no;
    bytes_printf(out, " port=");
    ofp_print_port_styled(out, port == OFPP_ALL ? OFPP_NONE : port, how->style);
    bytes_printf(out, " queue=");
    print_queue_id(out, m->queue_stats_request.queue_id);
    return 0;
}

int ofp_print_queue_stats(struct bytes *out, const struct ofp_message *m,
                          const struct ofp_print_how *how)
{
    struct reader entries = m->entries;
    struct ofp_queue_stats qs;
    bytes_printf(out, " %zu queues\n", entries.left / sizeof(struct ofp10_queue_stats));
    while (ofp_queue_stats_next(&entries, &qs)) {
        bytes_printf(out, "  port ");
        ofp_print_port_styled(out, qs.port_no, how->style);
        bytes_printf(out, " queue ");
        print_queue_id(out, qs.queue_id);
        print_count(out, ": bytes=", qs.tx_bytes);
        print_count(out, ", pkts=", qs.tx_packets);
        print_count(out, ", errors=", qs.tx_errors);
        bytes_printf(out, ", duration=?\n");
    }
    return 0;
}

int ofp_print_port_desc_request(struct bytes *out, const struct ofp_message *m UNUSED,
                                const struct ofp_print_how *how UNUSED)
{
    bytes_printf(out, " port=ANY");
    return 0;
}
