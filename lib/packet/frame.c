/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the notation of frames: from text to bytes. */
#include "lib/packet/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/packet/frame-spec.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Reading sets fields of a struct frame_spec over their defaults.  The words are in the tables of
 * frame-spec.c, which frame-print.c uses too; here stands how each form of a value is read. */

enum {
    WORD_SIZE = 64, /* Bytes of a word, NUL included. */
};

/* A walk over the text. */
struct parser {
    const char *at;       /* What is not read yet. */
    char word[WORD_SIZE]; /* The last word. */
    char **error;         /* Where the sentence about an error goes. */
};

/* Stores the sentence and returns EINVAL. */
static int PRINTF_FORMAT(2, 3) fail(struct parser *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *p->error = xvasprintf(format, args);
    va_end(args);
    return EINVAL;
}

/* Skips spaces. */
static void skip_spaces(struct parser *p)
{
    p->at += strspn(p->at, " \t\r\n");
}

/* Takes the sign 'c' if it is next. */
static bool take(struct parser *p, char c)
{
    skip_spaces(p);
    bool there = *p->at == c;
    p->at += there;
    return there;
}

/* Like take(), but 'c' must be there. */
static int need(struct parser *p, char c)
{
    return take(p, c) ? 0 : fail(p, "frame: expected '%c' before '%.20s'", c, p->at);
}

/* Reads the word that ends before a space, a sign of the grammar or one of 'stops' into p->word.
 * 'what' names what should be there. */
static int word_read(struct parser *p, const char *stops, const char *what)
{
    char ends[16] = " \t\r\n,()>";
    strcat(ends, stops);
    skip_spaces(p);
    size_t length = strcspn(p->at, ends);
    if (!length) {
        return fail(p, "frame: expected %s before '%.20s'", what, p->at);
    }
    if (length >= sizeof p->word) {
        return fail(p, "frame: '%.20s...' is too long for %s", p->at, what);
    }
    memcpy(p->word, p->at, length);
    p->word[length] = '\0';
    p->at += length;
    return 0;
}

/* Reads a number of at most 'max' for 'what'. */
static int value_read(struct parser *p, const char *stops, const char *what, uint64_t max,
                      uint64_t *value)
{
    int error = word_read(p, stops, what);
    if (!error && !str_to_uint(p->word, 0, max, value)) {
        return fail(p, "frame: '%s' is no %s; use a number from 0 to %llu", p->word, what,
                    (unsigned long long) max);
    }
    return error;
}

/* Reads a MAC address. */
static int mac_read(struct parser *p, uint8_t mac[ETHER_ADDR_SIZE])
{
    int error = word_read(p, "", "a MAC address");
    bool good = !error && strlen(p->word) == 17;
    for (int i = 0; good && i < ETHER_ADDR_SIZE; i++) {
        char *part = &p->word[3 * i], end = part[2];
        uint64_t byte;
        part[2] = '\0';
        good = (end == ':' || !end) && str_to_uint(part, 16, UINT8_MAX, &byte);
        part[2] = end;
        mac[i] = good ? byte : 0;
    }
    return error || good ? error
                         : fail(p, "frame: '%s' is no MAC address like 02:00:00:00:00:01", p->word);
}

/* The 6 bytes at 'mac' as a number. */
static uint64_t mac_number(const uint8_t mac[ETHER_ADDR_SIZE])
{
    return (uint64_t) get_be16(mac) << 32 | get_be32(mac + 2);
}

/* Reads an IPv4 address or an IPv6 address in brackets into 'address' and tells which. */
static int address_read(struct parser *p, uint8_t address[16], bool *ipv6)
{
    *ipv6 = take(p, '[');
    int error = word_read(p, *ipv6 ? "]" : ":", "an IP address");
    if (!error && inet_pton(*ipv6 ? AF_INET6 : AF_INET, p->word, address) != 1) {
        return fail(p, "frame: '%s' is no IPv%d address%s", p->word, *ipv6 ? 6 : 4,
                    *ipv6 ? "" : "; IPv6 addresses stand in brackets");
    }
    return error || !*ipv6 ? error : need(p, ']');
}

/* Reads ":PORT" if it is there. */
static int port_read(struct parser *p, uint16_t *port)
{
    uint64_t value = 0;
    int error = take(p, ':') ? value_read(p, "", "port", UINT16_MAX, &value) : 0;
    *port = value;
    return error;
}

/* Reads "ADDRESS > ADDRESS", with ports if 'ports'. */
static int endpoints_read(struct parser *p, struct frame_spec *spec, bool ports)
{
    bool dst_ipv6;
    int error = address_read(p, spec->src, &spec->ipv6);
    error = error || !ports ? error : port_read(p, &spec->tp_src);
    error = error ? error : need(p, '>');
    error = error ? error : address_read(p, spec->dst, &dst_ipv6);
    error = error || !ports ? error : port_read(p, &spec->tp_dst);
    if (!error && dst_ipv6 != spec->ipv6) {
        return fail(p, "frame: one address is IPv4 and the other IPv6");
    }
    return error;
}

static int ports_parse(struct parser *p, struct frame_spec *spec)
{
    return endpoints_read(p, spec, true);
}

static int addresses_parse(struct parser *p, struct frame_spec *spec)
{
    return endpoints_read(p, spec, false);
}

static int arp_parse(struct parser *p, struct frame_spec *spec)
{
    int error = word_read(p, "", "request, reply or a number");
    if (error) {
        return error;
    }
    if (!strcmp(p->word, "request") || !strcmp(p->word, "reply")) {
        spec->arp_op = !strcmp(p->word, "request") ? 1 : 2;
    } else if (!str_to_u16(p->word, 0, &spec->arp_op)) {
        return fail(p, "frame: '%s' is no ARP operation; use request, reply or a number", p->word);
    }
    error = need(p, ',');
    error = error ? error : endpoints_read(p, spec, false);
    return error || !spec->ipv6 ? error : fail(p, "frame: arp has IPv4 addresses");
}

static int macs_parse(struct parser *p, struct frame_spec *spec)
{
    int error = mac_read(p, spec->src);
    error = error ? error : need(p, '>');
    return error ? error : mac_read(p, spec->dst);
}

static int flag_parse(struct parser *p UNUSED, struct frame_spec *spec, enum frame_field field)
{
    spec->value[field] = 1;
    return 0;
}

static int number_parse(struct parser *p, struct frame_spec *spec, enum frame_field field)
{
    const struct frame_option *option = &frame_options[field];
    return value_read(p, "", option->word, option->max, &spec->value[field]);
}

static int eth_parse(struct parser *p, struct frame_spec *spec, enum frame_field field)
{
    uint8_t src[ETHER_ADDR_SIZE], dst[ETHER_ADDR_SIZE];
    int error = mac_read(p, src);
    error = error ? error : need(p, '>');
    error = error ? error : mac_read(p, dst);
    if (!error) {
        spec->value[field] = mac_number(src);
        spec->value[FRAME_ETH_DST] = mac_number(dst);
    }
    return error;
}

static int mac_parse(struct parser *p, struct frame_spec *spec, enum frame_field field)
{
    uint8_t mac[ETHER_ADDR_SIZE];
    int error = mac_read(p, mac);
    if (!error) {
        spec->value[field] = mac_number(mac);
    }
    return error;
}

static int frag_parse(struct parser *p, struct frame_spec *spec, enum frame_field field)
{
    uint64_t offset;
    int error = value_read(p, "+", "frag", frame_options[field].max, &offset);
    if (!error && offset % 8) {
        return fail(p, "frame: frag %s is no multiple of 8", p->word);
    }
    if (!error) {
        spec->value[field] = offset + take(p, '+');
    }
    return error;
}

static int flags_parse(struct parser *p, struct frame_spec *spec, enum frame_field field)
{
    uint64_t flags = 0;
    do {
        int error = word_read(p, "|", "a TCP flag");
        if (error) {
            return error;
        }
        size_t bit = 0;
        while (bit < ARRAY_SIZE(frame_tcp_flags) && strcmp(p->word, frame_tcp_flags[bit])) {
            bit++;
        }
        uint64_t number;
        if (bit < ARRAY_SIZE(frame_tcp_flags)) {
            flags |= 1u << bit;
        } else if (str_to_uint(p->word, 0, frame_options[field].max, &number)) {
            flags |= number;
        } else if (strcmp(p->word, "none")) {
            return fail(p, "frame: '%s' is no TCP flag; use fin, syn, rst, psh, ack, urg, ece, "
                        "cwr, none or a number", p->word);
        }
    } while (take(p, '|'));
    spec->value[field] = flags;
    return 0;
}

static int size_parse(struct parser *p, struct frame_spec *spec, enum frame_field field)
{
    int error = number_parse(p, spec, field);
    if (!error) {
        bytes_clear(&spec->payload);
        for (uint64_t i = 0; i < spec->value[field]; i++) {
            bytes_put_u8(&spec->payload, i);
        }
    }
    return error;
}

/* The value of the hexadecimal digit 'c', or -1. */
static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *digit = c ? strchr(digits, c) : NULL;
    return digit ? (digit - digits) % 16 : -1;
}

/* Appends the pairs of hexadecimal digits that are next, with or without spaces between. */
static int hex_read(struct parser *p, struct bytes *out)
{
    for (skip_spaces(p); hex_digit(p->at[0]) >= 0; skip_spaces(p)) {
        int low = hex_digit(p->at[1]);
        if (low < 0) {
            return fail(p, "frame: half a byte in the hexadecimal digits at '%.20s'", p->at);
        }
        bytes_put_u8(out, hex_digit(p->at[0]) << 4 | low);
        p->at += 2;
    }
    return 0;
}

static int data_parse(struct parser *p, struct frame_spec *spec, enum frame_field field)
{
    bytes_clear(&spec->payload);
    int error = hex_read(p, &spec->payload);
    spec->value[field] = spec->payload.size;
    if (!error && spec->payload.size > FRAME_MAX_PAYLOAD) {
        return fail(p, "frame: more than %d bytes of data", FRAME_MAX_PAYLOAD);
    }
    return error;
}

/* How what follows an option's word is read, by form. */
static int (*const form_parsers[])(struct parser *, struct frame_spec *, enum frame_field) = {
    [FRAME_FORM_FLAG] = flag_parse,   [FRAME_FORM_NUMBER] = number_parse,
    [FRAME_FORM_HEX] = number_parse,  [FRAME_FORM_ETH] = eth_parse,
    [FRAME_FORM_MAC] = mac_parse,     [FRAME_FORM_FRAG] = frag_parse,
    [FRAME_FORM_FLAGS] = flags_parse, [FRAME_FORM_SIZE] = size_parse,
    [FRAME_FORM_DATA] = data_parse,
};

_Static_assert(ARRAY_SIZE(form_parsers) == FRAME_N_FORMS, "a parser for each form");

/* The sentence about an option that frames like 'spec' don't have: it names those that they
 * have. */
static int option_unknown(struct parser *p, const struct frame_spec *spec)
{
    struct bytes known = BYTES_INIT;
    for (enum frame_field field = 0; field < FRAME_N_FIELDS; field++) {
        if (frame_spec_has(spec, field)) {
            bytes_printf(&known, " %s", frame_options[field].word);
        }
    }
    const char *over = spec->ipv6 ? " over IPv6" : "";
    int error = fail(p, "frame: '%s' is no option of %s%s; there are:%s", p->word,
                     frame_kind_names[spec->kind], over, bytes_string(&known));
    bytes_uninit(&known);
    return error;
}

/* Reads one option; '*seen' has a bit for each field. */
static int option_parse(struct parser *p, struct frame_spec *spec, uint64_t *seen)
{
    int error = word_read(p, "", "an option");
    if (error) {
        return error;
    }
    for (enum frame_field field = 0; field < FRAME_N_FIELDS; field++) {
        if (frame_spec_has(spec, field) && !strcmp(frame_options[field].word, p->word)) {
            if (*seen & UINT64_C(1) << field) {
                return fail(p, "frame: option '%s' is given twice", p->word);
            }
            *seen |= UINT64_C(1) << field;
            return form_parsers[frame_options[field].form](p, spec, field);
        }
    }
    return option_unknown(p, spec);
}

/* Finds fault with options that don't go together; '*seen' has a bit for each field given. */
static int spec_check(struct parser *p, const struct frame_spec *spec, uint64_t seen)
{
    static const struct {
        enum frame_field a;   /* A field that is given ... */
        enum frame_field b;   /* ... and one that must or must not be. */
        bool together;        /* It must. */
        const char *sentence; /* Otherwise. */
    } rules[] = {
        {FRAME_PCP, FRAME_VLAN, true, "frame: pcp needs vlan"},
        {FRAME_SIZE, FRAME_DATA, false, "frame: size and data exclude each other"},
        {FRAME_SUM, FRAME_BADSUM, false, "frame: sum and badsum exclude each other"},
        {FRAME_SUM, FRAME_NOSUM, false, "frame: sum and nosum exclude each other"},
        {FRAME_BADSUM, FRAME_NOSUM, false, "frame: badsum and nosum exclude each other"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        bool a = seen >> rules[i].a & 1, b = seen >> rules[i].b & 1;
        if (a && b != rules[i].together) {
            return fail(p, "%s", rules[i].sentence);
        }
    }
    if (spec->kind == FRAME_IP && spec->value[FRAME_PROTO] == FRAME_ABSENT) {
        return fail(p, "frame: ip needs proto");
    }
    if (spec->kind == FRAME_ETH && spec->value[FRAME_SNAP]
        && spec->value[FRAME_TYPE] == FRAME_ABSENT) {
        return fail(p, "frame: snap needs type");
    }
    if (frame_spec_is_later_fragment(spec) && (spec->tp_src || spec->tp_dst)) {
        return fail(p, "frame: a fragment behind the first has no ports");
    }
    return 0;
}

/* How each kind says who sends to whom. */
static int (*const who_parsers[])(struct parser *, struct frame_spec *) = {
    [FRAME_TCP] = ports_parse,      [FRAME_UDP] = ports_parse,    [FRAME_SCTP] = ports_parse,
    [FRAME_ICMP] = addresses_parse, [FRAME_IP] = addresses_parse, [FRAME_ARP] = arp_parse,
    [FRAME_ETH] = macs_parse,
};

_Static_assert(ARRAY_SIZE(who_parsers) == FRAME_N_KINDS, "a parser for each kind");

/* Reads what stands after the kind into 'spec'. */
static int spec_parse(struct parser *p, struct frame_spec *spec)
{
    uint64_t seen = 0;
    int error = need(p, '(');
    error = error ? error : who_parsers[spec->kind](p, spec);
    if (error) {
        return error;
    }
    frame_spec_defaults(spec);
    while (take(p, ',')) {
        error = option_parse(p, spec, &seen);
        if (error) {
            return error;
        }
    }
    error = need(p, ')');
    return error ? error : spec_check(p, spec, seen);
}

/* Builds the frame of the kind in p->word. */
static int kind_build(struct parser *p, struct bytes *out)
{
    struct frame_spec spec = {.payload = BYTES_INIT};
    while (spec.kind < FRAME_N_KINDS && strcmp(frame_kind_names[spec.kind], p->word)) {
        spec.kind++;
    }
    if (spec.kind == FRAME_N_KINDS) {
        return fail(p, "frame: '%s' is no kind of frame; there are: tcp udp sctp icmp ip arp eth "
                    "hex", p->word);
    }
    int error = spec_parse(p, &spec);
    if (!error) {
        frame_spec_encode(&spec, out);
    }
    bytes_uninit(&spec.payload);
    return error;
}

int frame_build(const char *text, struct bytes *out, char **error)
{
    struct parser p = {.at = text, .error = error};
    size_t size = out->size;
    int result = word_read(&p, "", "a kind of frame");
    if (!result) {
        result = strcmp(p.word, "hex") ? kind_build(&p, out) : hex_read(&p, out);
    }
    skip_spaces(&p);
    if (!result && *p.at) {
        result = fail(&p, "frame: '%.20s' after the end", p.at);
    }
    if (result) {
        bytes_truncate(out, size);
    }
    return result;
}
