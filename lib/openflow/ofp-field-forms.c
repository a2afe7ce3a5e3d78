/* SPDX-License-Identifier: Apache-2.0 */
/* Values of match fields between text and the bytes of struct flow, one form after the other. */
#include "lib/openflow/ofp-field-forms.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* The 1 or 2 bytes at 'p' as a host number. */
static uint16_t load(const struct ofp_field *f, const uint8_t *p)
{
    return f->size == 1 ? *p : get_be16(p);
}

/* Stores 'value' and 'mask', host numbers, in the field's bytes. */
static void store(const struct ofp_field *f, struct ofp_field_value *v, uint16_t value,
                  uint16_t mask)
{
    if (f->size == 1) {
        v->value[0] = value;
        v->mask[0] = mask;
    } else {
        put_be16(v->value, value);
        put_be16(v->mask, mask);
    }
}

/* All bits of the field. */
static uint16_t own_bits(const struct ofp_field *f)
{
    return f->bits ? f->bits : f->size == 1 ? 0xff : 0xffff;
}

/* Reads a number of at most 'max'; returns NULL or what is expected. */
static char *number(const char *text, uint16_t max, uint16_t *value)
{
    uint64_t x;
    if (!str_to_uint(text, 0, max, &x)) {
        return xasprintf("a number from 0 to %u", max);
    }
    *value = x;
    return NULL;
}

/* ofp_form_number. */
static char *parse_number(const struct ofp_field *f, const char *text,
                          const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    uint64_t max = f->max ? f->max : own_bits(f), value = 0, mask = own_bits(f);
    char *wanted = NULL;
    if (f->takes_mask) {
        wanted = ofp_parse_masked(text, max, &value, &mask);
    } else if (!str_to_uint(text, 0, max, &value)) {
        wanted = xasprintf("a number from 0 to %u", (unsigned) max);
    }
    if (!wanted) {
        store(f, v, (uint16_t) value, (uint16_t) mask);
    }
    return wanted;
}

static void print_number(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                         const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    uint16_t bits = load(f, mask) & own_bits(f);
    if (bits != own_bits(f)) {
        bytes_printf(out, "%s=0x%x/0x%x", f->name, load(f, value) & own_bits(f), bits);
    } else {
        bytes_printf(out, "%s=%u", f->name, load(f, value) & own_bits(f));
    }
}

const struct ofp_field_form ofp_form_number = {parse_number, print_number};

/* ofp_form_port: struct flow has in_port in host order, the wire 16 bits of it. */
static char *parse_port(const struct ofp_field *f, const char *text, const struct ofp_parse *how,
                        struct ofp_field_value *v)
{
    uint16_t port;
    if (!ofp_parse_port(text, how, &port)) {
        return xasprintf("a port number, LOCAL, or %s", ofp_port_names(how));
    }
    uint32_t value = port;
    memcpy(v->value, &value, f->size);
    memset(v->mask, 0xff, f->size);
    return NULL;
}

static void print_port(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                       const uint8_t *mask UNUSED, const struct ofp_print_style *style)
{
    uint32_t port;
    memcpy(&port, value, sizeof port);
    bytes_printf(out, "%s=", f->name);
    ofp_print_port_styled(out, port, style);
}

const struct ofp_field_form ofp_form_port = {parse_port, print_port};

/* ofp_form_vid.  Untagged means that the whole TCI is 0, priority included. */
static char *parse_vid(const struct ofp_field *f, const char *text,
                       const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    uint16_t vid;
    char *wanted = number(text, 0xffff, &vid);
    if (wanted || (vid > 4095 && vid != OFP_VLAN_NONE)) {
        free(wanted);
        return xstrdup("a VLAN id from 0 to 4095, or 0xffff for frames without a tag");
    }
    if (vid == OFP_VLAN_NONE) {
        store(f, v, 0, 0xffff);
    } else {
        store(f, v, FLOW_TCI_PRESENT | vid, f->bits);
    }
    return NULL;
}

/* How a match of bits of vlan_tci is printed. */
enum tci_text {
    TCI_AS_PARTS,  /* As dl_vlan, dl_vlan_pcp or both. */
    TCI_AS_NUMBER, /* As vlan_tci=TCI. */
    TCI_MASKED,    /* As vlan_tci=TCI/MASK. */
};

/* That of 'tci' with 'mask'. Bits of which OpenFlow 1.0 makes a VLAN id or a priority (A11.20) are
 * these parts. Untagged frames have no parts; whether their priority, which can only be 0, is
 * matched too is told, for that makes another rule. */
static enum tci_text tci_text(uint16_t tci, uint16_t mask)
{
    uint16_t vlan = mask & 0x1fff, pcp = mask & 0xe000;
    if (pcp && pcp != 0xe000) {
        return TCI_MASKED;
    }
    if (vlan == 0x1fff && !(tci & FLOW_TCI_PRESENT)) {
        return tci || !pcp ? TCI_MASKED : TCI_AS_NUMBER;
    }
    return vlan == 0x1fff || !vlan ? TCI_AS_PARTS : TCI_MASKED;
}

/* Appends the TCI, with its mask if 'text' says so. */
static void print_tci(struct bytes *out, uint16_t tci, uint16_t mask, enum tci_text text)
{
    bytes_printf(out, "vlan_tci=0x%04x", tci);
    if (text == TCI_MASKED) {
        bytes_printf(out, "/0x%04x", mask);
    }
}

static void print_vid(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                      const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    uint16_t tci = load(f, value), bits = load(f, mask);
    enum tci_text text = tci_text(tci, bits);
    if (text == TCI_AS_PARTS) {
        bytes_printf(out, "%s=%u", f->name, tci & 0xfff);
    } else {
        print_tci(out, tci, bits, text);
    }
}

const struct ofp_field_form ofp_form_vid = {parse_vid, print_vid};

/* ofp_form_pcp. */
static char *parse_pcp(const struct ofp_field *f, const char *text,
                       const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    uint16_t pcp;
    char *wanted = number(text, f->max, &pcp);
    if (!wanted) {
        store(f, v, pcp << 13, f->bits);
    }
    return wanted;
}

/* Prints nothing where dl_vlan has printed the whole TCI. */
static void print_pcp(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                      const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    uint16_t tci = load(f, value), bits = load(f, mask);
    enum tci_text text = tci_text(tci, bits);
    if (text == TCI_AS_PARTS) {
        bytes_printf(out, "%s=%u", f->name, tci >> 13);
    } else if (!(bits & 0x1fff)) {
        print_tci(out, tci, bits, text);
    }
}

const struct ofp_field_form ofp_form_pcp = {parse_pcp, print_pcp};

/* ofp_form_tci: 0, or a tag with the CFI bit set, as Open vSwitch writes it; with a mask, any. */
static char *parse_tci(const struct ofp_field *f, const char *text,
                       const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    uint64_t tci, mask;
    char *wanted = ofp_parse_masked(text, 0xffff, &tci, &mask);
    if (wanted || (!strchr(text, '/') && tci && !(tci & FLOW_TCI_PRESENT))) {
        free(wanted);
        return xstrdup("0 for frames without a tag, a TCI with bit 0x1000 set (better: "
                       "dl_vlan= and dl_vlan_pcp=), or TCI/MASK");
    }
    store(f, v, (uint16_t) tci, (uint16_t) mask);
    return NULL;
}

const struct ofp_field_form ofp_form_tci = {parse_tci, print_number};

/* ofp_form_mac. */
bool ofp_parse_mac(const char *text, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++) {
        char *end;
        size_t digits = strspn(text, "0123456789abcdefABCDEF");
        if (digits < 1 || digits > 2 || text[digits] != (i < 5 ? ':' : '\0')) {
            return false;
        }
        mac[i] = strtoul(text, &end, 16);
        text = end + 1;
    }
    return true;
}

/* ADDRESS or ADDRESS/MASK. */
static char *parse_mac(const struct ofp_field *f, const char *text,
                       const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    char address[18];
    size_t length = strcspn(text, "/");
    snprintf(address, sizeof address, "%.*s", (int) MIN(length, sizeof address), text);
    memset(v->mask, 0xff, f->size);
    if (length >= sizeof address || !ofp_parse_mac(address, v->value)
        || (text[length] && !ofp_parse_mac(text + length + 1, v->mask))) {
        return xstrdup("an Ethernet address as 02:00:00:00:00:01, perhaps with /MASK of that "
                       "form");
    }
    for (size_t i = 0; i < f->size; i++) {
        v->value[i] &= v->mask[i];
    }
    return NULL;
}

void ofp_print_mac(struct bytes *out, const uint8_t mac[6])
{
    char text[MAC_TEXT_SIZE];
    bytes_printf(out, "%s", mac_format(mac, text));
}

static void print_mac(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                      const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    static const uint8_t exact[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    bytes_printf(out, "%s=", f->name);
    ofp_print_mac(out, value);
    if (memcmp(mask, exact, sizeof exact)) {
        bytes_printf(out, "/");
        ofp_print_mac(out, mask);
    }
}

const struct ofp_field_form ofp_form_mac = {parse_mac, print_mac};

/* ofp_form_dl_type. */
static void print_dl_type(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                          const uint8_t *mask UNUSED, const struct ofp_print_style *style UNUSED)
{
    bytes_printf(out, "%s=0x%04x", f->name, load(f, value));
}

const struct ofp_field_form ofp_form_dl_type = {parse_number, print_dl_type};

/* ofp_form_ip4: ADDRESS, ADDRESS/LENGTH, ADDRESS/NETMASK. */
static bool parse_prefix(const char *text, uint32_t *mask)
{
    uint64_t length;
    be32 netmask;
    if (str_to_uint(text, 10, 32, &length)) {
        *mask = length ? ~0u << (32 - length) : 0;
        return true;
    }
    if (inet_pton(AF_INET, text, &netmask) != 1) {
        return false;
    }
    *mask = ntohl(netmask);
    return true;
}

static char *parse_ip4(const struct ofp_field *f UNUSED, const char *text,
                       const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    char address[INET_ADDRSTRLEN];
    size_t length = strcspn(text, "/");
    uint32_t mask = ~0u;
    be32 ip;
    snprintf(address, sizeof address, "%.*s", (int) length, text);
    if (length >= sizeof address || inet_pton(AF_INET, address, &ip) != 1) {
        return xstrdup("an IPv4 address, perhaps with /LENGTH or /NETMASK, as 10.0.0.0/8");
    }
    if (text[length] && !parse_prefix(text + length + 1, &mask)) {
        return xstrdup("a prefix length from 0 to 32 after the '/', or a netmask as "
                       "255.255.0.0");
    }
    put_be32(v->value, ntohl(ip) & mask);
    put_be32(v->mask, mask);
    return NULL;
}

static void print_ip4(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                      const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    uint32_t m = get_be32(mask);
    bytes_printf(out, "%s=%u.%u.%u.%u", f->name, value[0], value[1], value[2], value[3]);
    if ((~m & (~m + 1)) != 0) {
        bytes_printf(out, "/%u.%u.%u.%u", mask[0], mask[1], mask[2], mask[3]);
    } else if (m != ~0u) {
        bytes_printf(out, "/%d", __builtin_popcount(m));
    }
}

const struct ofp_field_form ofp_form_ip4 = {parse_ip4, print_ip4};

/* ofp_form_tos. */
static char *parse_tos(const struct ofp_field *f, const char *text,
                       const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    uint16_t tos = 0;
    char *wanted = number(text, 255, &tos);
    if (wanted || tos & 3) {
        free(wanted);
        return xstrdup("a multiple of 4 from 0 to 252: the DSCP is the upper 6 bits");
    }
    store(f, v, tos, f->bits);
    return NULL;
}

const struct ofp_field_form ofp_form_tos = {parse_tos, print_number};

/* ofp_form_dscp. */
static char *parse_dscp(const struct ofp_field *f, const char *text,
                        const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    uint16_t dscp = 0;
    char *wanted = number(text, f->max, &dscp);
    if (!wanted) {
        store(f, v, dscp << 2, f->bits);
    }
    return wanted;
}

const struct ofp_field_form ofp_form_dscp = {parse_dscp, print_number};

/* ofp_form_tci2_seen. */
static void print_tci2(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                       const uint8_t *mask UNUSED, const struct ofp_print_style *style UNUSED)
{
    uint16_t tci = load(f, value);
    if (tci & FLOW_TCI_PRESENT) {
        bytes_printf(out, "dl_vlan1=%u,dl_vlan_pcp1=%u", tci & 0xfff, tci >> 13);
    } else {
        bytes_printf(out, "%s=0x0000", f->name);
    }
}

const struct ofp_field_form ofp_form_tci2_seen = {NULL, print_tci2};
