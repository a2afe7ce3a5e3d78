/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the fields that only Nicira's matches have, between text and the bytes of a flow. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-field-forms.h"
#include "lib/openflow/ofp-print.h"

/* Numbers in hex ------------------------------------------------------------------------------- */

/* The number of 'size' bytes at 'p', in host or network order. */
static uint64_t load(const uint8_t *p, size_t size, bool is_host)
{
    uint64_t x = 0;
    uint32_t half;
    if (is_host && size == sizeof half) {
        memcpy(&half, p, sizeof half);
        return half;
    }
    if (is_host) {
        memcpy(&x, p, sizeof x);
        return x;
    }
    for (size_t i = 0; i < size; i++) {
        x = x << 8 | p[i];
    }
    return x;
}

/* Stores 'x' likewise. */
static void store(uint8_t *p, size_t size, bool is_host, uint64_t x)
{
    uint32_t half = (uint32_t) x;
    if (is_host && size == sizeof half) {
        memcpy(p, &half, sizeof half);
    } else if (is_host) {
        memcpy(p, &x, sizeof x);
    } else {
        for (size_t i = size; i-- > 0; x >>= 8) {
            p[i] = (uint8_t) x;
        }
    }
}

char *ofp_parse_masked(const char *text, uint64_t max, uint64_t *value, uint64_t *mask)
{
    char first[32];
    size_t length = strcspn(text, "/");
    snprintf(first, sizeof first, "%.*s", (int) MIN(length, sizeof first), text);
    *mask = max;
    if (length >= sizeof first || !str_to_uint(first, 0, max, value)
        || (text[length] && !str_to_uint(text + length + 1, 0, max, mask))) {
        return xasprintf("a number from 0 to 0x%" PRIx64 ", perhaps with /MASK", max);
    }
    *value &= *mask;
    return NULL;
}

/* The largest number of 'f'. */
static uint64_t all_bits(const struct ofp_field *f)
{
    return f->form == &ofp_form_label ? 0xfffff : UINT64_MAX >> (64 - 8 * f->size);
}

/* Reads a number, in host or network order. */
static char *parse_hex(const struct ofp_field *f, const char *text, bool is_host,
                       struct ofp_field_value *v)
{
    uint64_t value, mask;
    char *wanted = ofp_parse_masked(text, all_bits(f), &value, &mask);
    if (!wanted) {
        store(v->value, f->size, is_host, value);
        store(v->mask, f->size, is_host, mask);
    }
    return wanted;
}

/* Appends a number of at least 'digits' digits, if that is not 0, with a mask if that leaves bits
 * out. */
static void print_hex(struct bytes *out, const struct ofp_field *f, uint64_t value, uint64_t mask,
                      int digits)
{
    bytes_printf(out, digits ? "%s=0x%0*" PRIx64 : "%s=%#*" PRIx64, f->name, digits, value);
    if ((mask & all_bits(f)) != all_bits(f)) {
        bytes_printf(out, "/0x%0*" PRIx64, digits, mask);
    }
}

static char *parse_hex_host(const struct ofp_field *f, const char *text,
                            const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    return parse_hex(f, text, true, v);
}

static void print_hex_host(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                           const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    print_hex(out, f, load(value, f->size, true), load(mask, f->size, true), 0);
}

static char *parse_hex_net(const struct ofp_field *f, const char *text,
                           const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    return parse_hex(f, text, false, v);
}

static void print_hex_net(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                          const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    print_hex(out, f, load(value, f->size, false), load(mask, f->size, false), 0);
}

static void print_label(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                        const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    print_hex(out, f, load(value, f->size, false), load(mask, f->size, false), 5);
}

const struct ofp_field_form ofp_form_hex_host = {parse_hex_host, print_hex_host};
const struct ofp_field_form ofp_form_hex = {parse_hex_net, print_hex_net};
const struct ofp_field_form ofp_form_label = {parse_hex_net, print_label};

/* IPv6 addresses ------------------------------------------------------------------------------- */

/* Makes '*mask' 'length' ones and zeros behind them. */
static void prefix_mask(uint8_t mask[16], unsigned length)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned ones = length > 8 * i ? MIN(length - 8 * i, 8u) : 0;
        mask[i] = (uint8_t) (0xff00 >> ones);
    }
}

/* The number of leading ones of 'mask' if there are no others, else -1. */
static int prefix_length(const uint8_t mask[16])
{
    uint8_t wanted[16];
    int length = 0;
    while (length < 128 && mask[length / 8] & 0x80 >> length % 8) {
        length++;
    }
    prefix_mask(wanted, (unsigned) length);
    return memcmp(wanted, mask, sizeof wanted) ? -1 : length;
}

/* ADDRESS, ADDRESS/LENGTH, ADDRESS/MASK. */
static char *parse_ip6(const struct ofp_field *f UNUSED, const char *text,
                       const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    char address[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "/");
    uint64_t prefix = 128;
    snprintf(address, sizeof address, "%.*s", (int) MIN(length, sizeof address), text);
    if (length >= sizeof address || inet_pton(AF_INET6, address, v->value) != 1) {
        return xstrdup("an IPv6 address, perhaps with /LENGTH or /MASK, as fe80::/10");
    }
    if (text[length] && !str_to_uint(text + length + 1, 10, 128, &prefix)) {
        if (inet_pton(AF_INET6, text + length + 1, v->mask) != 1) {
            return xstrdup("a prefix length from 0 to 128 after the '/', or a mask as ffff::");
        }
    } else {
        prefix_mask(v->mask, (unsigned) prefix);
    }
    for (size_t i = 0; i < sizeof v->value; i++) {
        v->value[i] &= v->mask[i];
    }
    return NULL;
}

static void print_ip6(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                      const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    char text[INET6_ADDRSTRLEN];
    int length = prefix_length(mask);
    inet_ntop(AF_INET6, value, text, sizeof text);
    bytes_printf(out, "%s=%s", f->name, text);
    if (length < 0) {
        inet_ntop(AF_INET6, mask, text, sizeof text);
        bytes_printf(out, "/%s", text);
    } else if (length < 128) {
        bytes_printf(out, "/%d", length);
    }
}

const struct ofp_field_form ofp_form_ip6 = {parse_ip6, print_ip6};

/* Fragments ------------------------------------------------------------------------------------ */

enum { FRAG_BITS = FLOW_FRAG_ANY | FLOW_FRAG_LATER };

/* What can be asked of a packet in a word; the rest is a number with a mask. */
static const struct {
    const char *name; /* In texts. */
    uint8_t value;    /* FLOW_FRAG_* bits wanted, */
    uint8_t mask;     /* of these. */
} frags[] = {
    {"no", 0, FRAG_BITS},
    {"first", FLOW_FRAG_ANY, FRAG_BITS},
    {"later", FRAG_BITS, FRAG_BITS},
    {"yes", FLOW_FRAG_ANY, FLOW_FRAG_ANY},
    {"not_later", 0, FLOW_FRAG_LATER},
};

static char *parse_frag(const struct ofp_field *f UNUSED, const char *text,
                        const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    for (size_t i = 0; i < ARRAY_SIZE(frags); i++) {
        if (!strcasecmp(frags[i].name, text)) {
            v->value[0] = frags[i].value;
            v->mask[0] = frags[i].mask;
            return NULL;
        }
    }
    uint64_t value, mask;
    char *wanted = ofp_parse_masked(text, FRAG_BITS, &value, &mask);
    if (wanted) {
        free(wanted);
        return xstrdup("no, yes, first, later or not_later, or a number from 0 to 3, perhaps with "
                       "/MASK");
    }
    v->value[0] = (uint8_t) value;
    v->mask[0] = (uint8_t) mask;
    return NULL;
}

static void print_frag(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                       const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(frags); i++) {
        if (frags[i].mask == (*mask & FRAG_BITS) && frags[i].value == (*value & *mask)) {
            bytes_printf(out, "%s=%s", f->name, frags[i].name);
            return;
        }
    }
    bytes_printf(out, "%s=%#x/%#x", f->name, *value & *mask & FRAG_BITS, *mask & FRAG_BITS);
}

const struct ofp_field_form ofp_form_frag = {parse_frag, print_frag};

/* TCP flags ------------------------------------------------------------------------------------ */

enum { TCP_FLAG_BITS = 0xfff };

static const char *const flag_names[] = {"fin", "syn", "rst", "psh", "ack", "urg",
                                         "ece", "cwr", "ns",  "[200]", "[400]", "[800]"};

/* The flag that the 'length' bytes at 'text' name, 0 if none. */
static uint16_t find_flag(const char *text, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++) {
        if (strlen(flag_names[i]) == length && !strncasecmp(flag_names[i], text, length)) {
            return (uint16_t) (1 << i);
        }
    }
    return 0;
}

/* Reads "+syn-ack" (these, the others do not matter) or "syn|ack" (these and no others). */
static bool parse_flag_names(const char *text, uint16_t *value, uint16_t *mask)
{
    bool is_exact = *text != '+' && *text != '-';
    *value = *mask = 0;
    while (*text) {
        char sign = '|';
        if (strchr("+-|", *text)) {
            sign = *text++;
        }
        size_t length = strcspn(text, "+-|");
        uint16_t flag = find_flag(text, length);
        if (!flag || *mask & flag || (sign == '|') != is_exact) {
            return false;
        }
        *mask |= flag;
        *value |= sign == '-' ? 0 : flag;
        text += length;
    }
    *mask = is_exact ? TCP_FLAG_BITS : *mask;
    return *mask != 0;
}

static char *parse_tcp_flags(const struct ofp_field *f UNUSED, const char *text,
                             const struct ofp_parse *how UNUSED, struct ofp_field_value *v)
{
    uint16_t value, mask;
    uint64_t x, m;
    char *wanted = ofp_parse_masked(text, TCP_FLAG_BITS, &x, &m);
    if (!wanted) {
        value = (uint16_t) x;
        mask = (uint16_t) m;
    } else if (free(wanted), !parse_flag_names(text, &value, &mask)) {
        return xstrdup("flags that must be set and clear, as +syn-ack, all that may be set, as "
                       "syn|ack, or a number, perhaps with /MASK");
    }
    put_be16(v->value, value);
    put_be16(v->mask, mask);
    return NULL;
}

static void print_tcp_flags(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                            const uint8_t *mask, const struct ofp_print_style *style UNUSED)
{
    uint16_t flags = get_be16(value), which = get_be16(mask) & TCP_FLAG_BITS;
    bool is_exact = which == TCP_FLAG_BITS;
    const char *separator = "";
    bytes_printf(out, "%s=%s", f->name, is_exact && !(flags & TCP_FLAG_BITS) ? "0" : "");
    for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++) {
        bool is_set = flags & 1 << i;
        if (is_exact && is_set) {
            bytes_printf(out, "%s%s", separator, flag_names[i]);
            separator = "|";
        } else if (!is_exact && which & 1 << i) {
            bytes_printf(out, "%c%s", is_set ? '+' : '-', flag_names[i]);
        }
    }
}

const struct ofp_field_form ofp_form_tcp_flags = {parse_tcp_flags, print_tcp_flags};
