/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of tables as text, with equal tables in one line. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-print-kinds.h"
#include "lib/openflow/openflow-1.0.h"

/* Fields by family: "eth_{src,dst}" is the family "eth_" with two members. */
struct wildcard_name {
    const char *family; /* What stands before the braces; "" for a field of its own. */
    const char *member; /* The rest of the name. */
    uint32_t bits;      /* OFPFW_* bits that mean it. */
};

static const struct wildcard_name wildcard_names[] = {
    {"", "in_port", OFPFW_IN_PORT},
    {"eth_", "src", OFPFW_DL_SRC},
    {"eth_", "dst", OFPFW_DL_DST},
    {"eth_", "type", OFPFW_DL_TYPE},
    {"vlan_", "vid", OFPFW_DL_VLAN},
    {"vlan_", "pcp", OFPFW_DL_VLAN_PCP},
    {"ip_", "src", OFPFW_NW_SRC_MASK},
    {"ip_", "dst", OFPFW_NW_DST_MASK},
    {"nw_", "proto", OFPFW_NW_PROTO},
    {"nw_", "tos", OFPFW_NW_TOS},
    {"tcp_", "src", OFPFW_TP_SRC},
    {"tcp_", "dst", OFPFW_TP_DST},
};

/* Number of rows from 'i' on that are of its family and in 'wildcards'; '*end' is the row after
 * the family. */
static size_t family_size(size_t i, uint32_t wildcards, size_t *end)
{
    size_t n = 0;
    size_t j = i;
    do {
        n += (wildcards & wildcard_names[j].bits) != 0;
        j++;
    } while (j < ARRAY_SIZE(wildcard_names) && *wildcard_names[i].family
             && !strcmp(wildcard_names[j].family, wildcard_names[i].family));
    *end = j;
    return n;
}

/* The fields that may be wildcards. */
static void print_wildcards(struct bytes *out, uint32_t wildcards)
{
    size_t end;
    for (size_t i = 0; i < ARRAY_SIZE(wildcard_names); i = end) {
        size_t n = family_size(i, wildcards, &end);
        const char *separator = "";
        if (!n) {
            continue;
        }
        bytes_printf(out, " %s%s", wildcard_names[i].family, n > 1 ? "{" : "");
        for (size_t j = i; j < end; j++) {
            if (wildcards & wildcard_names[j].bits) {
                bytes_printf(out, "%s%s", separator, wildcard_names[j].member);
                separator = ",";
            }
        }
        bytes_printf(out, "%s", n > 1 ? "}" : "");
    }
}

/* 'wildcards' with all bits of each field that has any: how many bits of an address may be wild
 * makes no difference to the text. */
static uint32_t widen(uint32_t wildcards)
{
    uint32_t wide = 0;
    for (size_t i = 0; i < ARRAY_SIZE(wildcard_names); i++) {
        wide |= wildcards & wildcard_names[i].bits ? wildcard_names[i].bits : 0;
    }
    return wide;
}

/* What the table can do, or that it is the same as before. */
static void print_abilities(struct bytes *out, const struct ofp_table_stats *ts,
                            const struct ofp_table_stats *previous)
{
    uint32_t wildcards = widen(ts->wildcards);
    bool same = previous && widen(previous->wildcards) == wildcards;
    if (same && previous->max_entries == ts->max_entries) {
        bytes_printf(out, "    (same features)\n");
        return;
    }
    if (ts->max_entries) {
        bytes_printf(out, "    max_entries=%" PRIu32 "\n", ts->max_entries);
    }
    if (same && wildcards) {
        bytes_printf(out, "    (same matching)\n");
    } else if (wildcards) {
        bytes_printf(out, "    matching:\n      exact match or wildcard:");
        print_wildcards(out, wildcards);
        bytes_put_u8(out, '\n');
    }
}

static bool tables_equal(const struct ofp_table_stats *a, const struct ofp_table_stats *b)
{
    return widen(a->wildcards) == widen(b->wildcards) && a->max_entries == b->max_entries
           && a->active_count == b->active_count && a->lookup_count == b->lookup_count
           && a->matched_count == b->matched_count;
}

static void print_table_name(struct bytes *out, const char *name)
{
    if (*name) {
        bytes_printf(out, " (\"");
        for (; *name; name++) {
            if (!iscntrl((unsigned char) *name)) {
                bytes_put_u8(out, *name);
            }
        }
        bytes_printf(out, "\")");
    }
}

/* A run of tables without names that are all equal to the one before them. */
struct ditto {
    int first; /* Number of the first, -1 if there is none. */
    int last;  /* Number of the last. */
};

/* Prints the run, if there is one, and ends it.  Returns whether there was one. */
static bool flush_ditto(struct bytes *out, struct ditto *d)
{
    bool is_run = d->first >= 0;
    if (d->first >= 0 && d->first < d->last) {
        bytes_printf(out, "  tables %d...%d: ditto\n", d->first, d->last);
    } else if (d->first >= 0) {
        bytes_printf(out, "  table %d: ditto\n", d->first);
    }
    d->first = -1;
    return is_run;
}

/* Notes or prints a table that equals the one before it. */
static void print_ditto(struct bytes *out, const struct ofp_table_stats *ts, struct ditto *d)
{
    if (*ts->name) {
        flush_ditto(out, d);
        bytes_printf(out, "  table %u", ts->table_id);
        print_table_name(out, ts->name);
        bytes_printf(out, ": ditto\n");
    } else if (d->first >= 0 && ts->table_id == d->last + 1) {
        d->last = ts->table_id;
    } else {
        flush_ditto(out, d);
        d->first = d->last = ts->table_id;
    }
}

/* One table in full; 'previous' is NULL for the first. */
static void print_table(struct bytes *out, const struct ofp_table_stats *ts,
                        const struct ofp_table_stats *previous)
{
    bytes_printf(out, "  table %u", ts->table_id);
    print_table_name(out, ts->name);
    bytes_printf(out, ":\n    active=%" PRIu32 ", lookup=%" PRIu64 ", matched=%" PRIu64 "\n",
                 ts->active_count, ts->lookup_count, ts->matched_count);
    print_abilities(out, ts, previous);
}

int ofp_print_table_stats(struct bytes *out, const struct ofp_message *m,
                          const struct ofp_print_how *how UNUSED)
{
    struct reader entries = m->entries;
    struct ofp_table_stats ts, previous = {.table_id = 0};
    struct ditto ditto = {-1, -1};
    bool is_first = true;
    bool was_ditto = false;
    bytes_put_u8(out, '\n');
    for (; ofp_table_stats_next(&entries, &ts); previous = ts, is_first = false) {
        if (!is_first && !was_ditto) {
            bytes_put_u8(out, '\n');
        }
        was_ditto = !is_first && tables_equal(&previous, &ts);
        if (was_ditto) {
            print_ditto(out, &ts, &ditto);
        } else {
            if (flush_ditto(out, &ditto)) {
                bytes_put_u8(out, '\n');
            }
            print_table(out, &ts, is_first ? NULL : &previous);
        }
    }
    flush_ditto(out, &ditto);
    return 0;
}
