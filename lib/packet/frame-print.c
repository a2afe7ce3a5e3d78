/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the notation of frames: from bytes to text. */
#include "lib/packet/frame.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lib/packet/frame-spec.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Writing prints the fields that differ from their defaults, in the order of the table, so that a
 * frame has one text.  And it tries: the text is built again, and if that does not give the same
 * bytes the notation has no words for the frame, which becomes "hex".  So the round trip holds by
 * construction. */

static void flag_print(const struct frame_spec *spec UNUSED, enum frame_field field UNUSED,
                       struct bytes *out UNUSED)
{
}

static void number_print(const struct frame_spec *spec, enum frame_field field, struct bytes *out)
{
    bytes_printf(out, " %llu", (unsigned long long) spec->value[field]);
}

static void hex_print(const struct frame_spec *spec, enum frame_field field, struct bytes *out)
{
    bytes_printf(out, " 0x%04llx", (unsigned long long) spec->value[field]);
}

/* Appends the MAC address that 'mac' is. */
static void mac_write(uint64_t mac, struct bytes *out)
{
    for (int shift = 40; shift >= 0; shift -= 8) {
        bytes_printf(out, "%02x%s", (unsigned) (mac >> shift & 0xff), shift ? ":" : "");
    }
}

static void mac_print(const struct frame_spec *spec, enum frame_field field, struct bytes *out)
{
    bytes_printf(out, " ");
    mac_write(spec->value[field], out);
}

static void eth_print(const struct frame_spec *spec, enum frame_field field UNUSED,
                      struct bytes *out)
{
    mac_print(spec, FRAME_ETH_SRC, out);
    bytes_printf(out, " >");
    mac_print(spec, FRAME_ETH_DST, out);
}

static void frag_print(const struct frame_spec *spec, enum frame_field field, struct bytes *out)
{
    uint64_t value = spec->value[field];
    bytes_printf(out, " %u%s", (unsigned) value & ~1u, value & 1 ? "+" : "");
}

static void flags_print(const struct frame_spec *spec, enum frame_field field, struct bytes *out)
{
    uint64_t flags = spec->value[field];
    const char *separator = " ";
    if (!flags || flags >> ARRAY_SIZE(frame_tcp_flags)) {
        bytes_printf(out, flags ? " 0x%x" : " none", (unsigned) flags);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(frame_tcp_flags); i++) {
        if (flags >> i & 1) {
            bytes_printf(out, "%s%s", separator, frame_tcp_flags[i]);
            separator = "|";
        }
    }
}

/* Appends 'size' bytes in hexadecimal. */
static void hex_write(const uint8_t *data, size_t size, struct bytes *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        bytes_put_u8(out, digits[data[i] >> 4]);
        bytes_put_u8(out, digits[data[i] & 15]);
    }
}

static void data_print(const struct frame_spec *spec, enum frame_field field UNUSED,
                       struct bytes *out)
{
    bytes_printf(out, " ");
    hex_write(spec->payload.data, spec->payload.size, out);
}

/* Appends an IP address, and its port if 'port' is not NULL. */
static void endpoint_write(const uint8_t *address, bool ipv6, const uint16_t *port,
                           struct bytes *out)
{
    char text[INET6_ADDRSTRLEN];
    inet_ntop(ipv6 ? AF_INET6 : AF_INET, address, text, sizeof text);
    bytes_printf(out, ipv6 ? "[%s]" : "%s", text);
    if (port) {
        bytes_printf(out, ":%u", *port);
    }
}

static void ports_print(const struct frame_spec *spec, struct bytes *out)
{
    bool ports = !frame_spec_is_later_fragment(spec);
    endpoint_write(spec->src, spec->ipv6, ports ? &spec->tp_src : NULL, out);
    bytes_printf(out, " > ");
    endpoint_write(spec->dst, spec->ipv6, ports ? &spec->tp_dst : NULL, out);
}

static void addresses_print(const struct frame_spec *spec, struct bytes *out)
{
    endpoint_write(spec->src, spec->ipv6, NULL, out);
    bytes_printf(out, " > ");
    endpoint_write(spec->dst, spec->ipv6, NULL, out);
}

static void arp_print(const struct frame_spec *spec, struct bytes *out)
{
    if (spec->arp_op == 1 || spec->arp_op == 2) {
        bytes_printf(out, "%s, ", spec->arp_op == 1 ? "request" : "reply");
    } else {
        bytes_printf(out, "%u, ", spec->arp_op);
    }
    addresses_print(spec, out);
}

static void macs_print(const struct frame_spec *spec, struct bytes *out)
{
    mac_write(spec->value[FRAME_ETH_SRC], out);
    bytes_printf(out, " > ");
    mac_write(spec->value[FRAME_ETH_DST], out);
}

/* How what follows an option's word is written, by form. */
static void (*const form_printers[])(const struct frame_spec *, enum frame_field,
                                     struct bytes *) = {
    [FRAME_FORM_FLAG] = flag_print,   [FRAME_FORM_NUMBER] = number_print,
    [FRAME_FORM_HEX] = hex_print,     [FRAME_FORM_ETH] = eth_print,
    [FRAME_FORM_MAC] = mac_print,     [FRAME_FORM_FRAG] = frag_print,
    [FRAME_FORM_FLAGS] = flags_print, [FRAME_FORM_SIZE] = number_print,
    [FRAME_FORM_DATA] = data_print,
};

_Static_assert(ARRAY_SIZE(form_printers) == FRAME_N_FORMS, "a printer for each form");

/* How each kind says who sends to whom. */
static void (*const who_printers[])(const struct frame_spec *, struct bytes *) = {
    [FRAME_TCP] = ports_print,      [FRAME_UDP] = ports_print,    [FRAME_SCTP] = ports_print,
    [FRAME_ICMP] = addresses_print, [FRAME_IP] = addresses_print, [FRAME_ARP] = arp_print,
    [FRAME_ETH] = macs_print,
};

_Static_assert(ARRAY_SIZE(who_printers) == FRAME_N_KINDS, "a printer for each kind");

/* True if 'field' has to be written: its value, or that of the field which shares its word, differs
 * from what it is without being given. */
static bool field_needed(const struct frame_spec *spec, const uint64_t *defaults,
                         enum frame_field field)
{
    bool differs = spec->value[field] != defaults[field];
    if (field == FRAME_ETH_SRC) {
        differs |= spec->value[FRAME_ETH_DST] != defaults[FRAME_ETH_DST];
    }
    return differs && frame_spec_has(spec, field);
}

/* Appends the text of 'spec'. */
static void spec_print(const struct frame_spec *spec, struct bytes *out)
{
    struct frame_spec plain = *spec;
    frame_spec_defaults(&plain);
    bytes_printf(out, "%s(", frame_kind_names[spec->kind]);
    who_printers[spec->kind](spec, out);
    for (enum frame_field field = 0; field < FRAME_N_FIELDS; field++) {
        if (field_needed(spec, plain.value, field)) {
            bytes_printf(out, ", %s", frame_options[field].word);
            form_printers[frame_options[field].form](spec, field, out);
        }
    }
    bytes_printf(out, ")");
}

/* True if 'text' builds the 'size' bytes at 'data'. */
static bool text_builds(const char *text, const void *data, size_t size)
{
    struct bytes built = BYTES_INIT;
    char *error = NULL;
    bool same = !frame_build(text, &built, &error) && built.size == size
                && !memcmp(built.data, data, size);
    free(error);
    bytes_uninit(&built);
    return same;
}

void frame_print(const void *data, size_t size, struct bytes *out)
{
    struct frame_spec spec;
    struct bytes text = BYTES_INIT;
    if (frame_spec_decode(data, size, &spec)) {
        spec_print(&spec, &text);
    }
    if (!text.size || !text_builds(bytes_string(&text), data, size)) {
        bytes_clear(&text);
        bytes_printf(&text, "hex ");
        hex_write(data, size, &text);
    }
    bytes_put(out, text.data, text.size);
    bytes_uninit(&spec.payload);
    bytes_uninit(&text);
}
