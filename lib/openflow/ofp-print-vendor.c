/* SPDX-License-Identifier: Apache-2.0 */
/* Nicira's vendor messages that we know, as text. */
#include <inttypes.h>

#include "lib/byte-order.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-print-kinds.h"

/* One subtype.  Numbers that 'values' has no name for are printed as numbers. */
struct vendor_text {
    uint32_t subtype;          /* NXT_*. */
    uint8_t size;              /* Bytes after vendor and subtype; 0: any. */
    uint8_t offset;            /* Byte among them where the number stands. */
    uint8_t width;             /* Bytes of the number; 0: none is printed. */
    const char *name;          /* Of the message. */
    const char *label;         /* In front of the number. */
    const char *const *values; /* Names of the numbers 0, 1, ..., NULL at the end; or NULL. */
};

static const struct vendor_text vendor_texts[] = {
    {NXT_FLOW_MONITOR_CANCEL, 4, 0, 4, "NXT_FLOW_MONITOR_CANCEL", " id=", NULL},
    {NXT_FLOW_MONITOR_PAUSED, 0, 0, 0, "NXT_FLOW_MONITOR_PAUSED", "", NULL},
    {NXT_FLOW_MONITOR_RESUMED, 0, 0, 0, "NXT_FLOW_MONITOR_RESUMED", "", NULL},
    {NXT_RESUME, 0, 0, 0, "NXT_RESUME", "", NULL},
    {NXT_PACKET_IN2, 0, 0, 0, "NXT_PACKET_IN2", "", NULL},
};

/* The row for 'm', or NULL. */
static const struct vendor_text *find(const struct ofp_message *m)
{
    const struct ofp_data *d = &m->vendor.data;
    if (m->vendor.vendor != NX_VENDOR_ID || d->size < 4) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(vendor_texts); i++) {
        if (vendor_texts[i].subtype == get_be32(d->data)) {
            return &vendor_texts[i];
        }
    }
    return NULL;
}

const char *ofp_print_vendor_name(const struct ofp_message *m)
{
    const struct vendor_text *t = find(m);
    return t ? t->name : NULL;
}

int ofp_print_vendor(struct bytes *out, const struct ofp_message *m,
                     const struct ofp_print_how *how UNUSED)
{
    const struct vendor_text *t = find(m);
    const struct ofp_data *d = &m->vendor.data;
    uint32_t x = 0;
    size_t n = 0;
    if (!t) {
        return ofp_vendor_error(m->vendor.vendor);
    }
    if (t->size && d->size != 4u + t->size) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    if (!t->width) {
        return 0;
    }
    for (size_t i = 0; i < t->width; i++) {
        x = x << 8 | d->data[4 + t->offset + i];
    }
    while (t->values && t->values[n] && n < x) {
        n++;
    }
    if (t->values && t->values[n]) {
        bytes_printf(out, "%s%s", t->label, t->values[n]);
    } else {
        bytes_printf(out, "%s%" PRIu32, t->label, x);
    }
    return 0;
}

int ofp_print_role(struct bytes *out, const struct ofp_message *m,
                   const struct ofp_print_how *how UNUSED)
{
    static const char *const roles[] = {
        [NX_ROLE_OTHER] = "equal",
        [NX_ROLE_PRIMARY] = "primary",
        [NX_ROLE_SECONDARY] = "secondary",
    };
    bytes_printf(out, " role=%s", roles[m->role]);
    return 0;
}

/* A line of an asynchronous configuration: the reasons in 'set', of those that have a name. */
static void print_reasons(struct bytes *out, const char *label, uint32_t set,
                          const char *const names[4])
{
    const char *separator = "";
    bytes_printf(out, "%16s: ", label);
    for (unsigned i = 0; i < 4; i++) {
        if (set & 1u << i && names[i]) {
            bytes_printf(out, "%s%s", separator, names[i]);
            separator = " ";
        }
    }
    bytes_printf(out, "%s\n", *separator ? "" : "(off)");
}

int ofp_print_async_config(struct bytes *out, const struct ofp_message *m,
                           const struct ofp_print_how *how UNUSED)
{
    static const char *const packet_ins[4] = {"no_match", "action", "invalid_ttl"};
    static const char *const port_statuses[4] = {"add", "delete", "modify"};
    static const char *const flow_removeds[4] = {"idle", "hard", "delete"};
    const struct ofp_async_config *ac = &m->async_config;
    for (int i = 0; i < 2; i++) {
        bytes_printf(out, "\n %s:\n", i ? "secondary" : "primary");
        print_reasons(out, "PACKET_IN", ac->packet_in[i], packet_ins);
        print_reasons(out, "PORT_STATUS", ac->port_status[i], port_statuses);
        print_reasons(out, "FLOW_REMOVED", ac->flow_removed[i], flow_removeds);
    }
    return 0;
}

int ofp_print_controller_id(struct bytes *out, const struct ofp_message *m,
                            const struct ofp_print_how *how UNUSED)
{
    bytes_printf(out, " id=%u", m->controller_id);
    return 0;
}

/* Appends the name of m->format, one of the 'n' at 'names'. */
static void print_format(struct bytes *out, uint32_t format, const char *const names[], size_t n)
{
    const char *name = format < n ? names[format] : NULL;
    bytes_printf(out, " format=%s", name ? name : "(unknown)");
}

int ofp_print_flow_format(struct bytes *out, const struct ofp_message *m,
                          const struct ofp_print_how *how UNUSED)
{
    static const char *const names[] = {
        [NX_FLOW_FORMAT_OPENFLOW10] = "openflow10",
        [NX_FLOW_FORMAT_NXM] = "nxm",
    };
    print_format(out, m->format, names, ARRAY_SIZE(names));
    return 0;
}

int ofp_print_packet_in_format(struct bytes *out, const struct ofp_message *m,
                               const struct ofp_print_how *how UNUSED)
{
    static const char *const names[] = {
        [NX_PACKET_IN_STANDARD] = "standard",
        [NX_PACKET_IN_NXT] = "nxt_packet_in",
        [NX_PACKET_IN_NXT2] = "nxt_packet_in2",
    };
    print_format(out, m->format, names, ARRAY_SIZE(names));
    return 0;
}

int ofp_print_table_id(struct bytes *out, const struct ofp_message *m,
                       const struct ofp_print_how *how UNUSED)
{
    bytes_printf(out, " %s", m->is_set ? "enable" : "disable");
    return 0;
}
