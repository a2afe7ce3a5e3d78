/* SPDX-License-Identifier: Apache-2.0 */
/* Port numbers and names, and bytes in hex, from text. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/openflow-1.0.h"

/* Names of the standard's own ports; some have two. */
static const struct {
    const char *name; /* In any case. */
    uint16_t port;    /* OFPP_*. */
} reserved_ports[] = {
    {"in_port", OFPP_IN_PORT}, {"table", OFPP_TABLE},           {"normal", OFPP_NORMAL},
    {"flood", OFPP_FLOOD},     {"all", OFPP_ALL},               {"controller", OFPP_CONTROLLER},
    {"local", OFPP_LOCAL},     {"none", OFPP_NONE},             {"any", OFPP_NONE},
};

/* Looks 'name' up among the bridge's ports. */
static bool look_up(const char *name, const struct ofp_parse *how, uint16_t *port)
{
    return how && how->port_lookup && how->port_lookup(how->aux, name, port);
}

/* Whether 'text' is a name of the standard's; then '*port' is its port. */
static bool find_reserved(const char *text, uint16_t *port)
{
    for (size_t i = 0; i < ARRAY_SIZE(reserved_ports); i++) {
        if (!strcasecmp(text, reserved_ports[i].name)) {
            *port = reserved_ports[i].port;
            return true;
        }
    }
    return false;
}

bool ofp_parse_port(const char *text, const struct ofp_parse *how, uint16_t *port)
{
    size_t length = strlen(text);
    if (length > 2 && text[0] == '"' && text[length - 1] == '"') {
        char *name = xmemdup(text + 1, length - 1);
        name[length - 2] = '\0';
        bool found = look_up(name, how, port);
        free(name);
        return found;
    }
    return str_to_u16(text, 0, port) || find_reserved(text, port) || look_up(text, how, port);
}

const char *ofp_port_names(const struct ofp_parse *how)
{
    return how && how->port_lookup ? "the name of a port of this bridge"
                                   : "the name of a port where there is a switch to ask";
}

/* Numbers begin with a digit, and so are no words. */
enum ofp_name_form ofp_port_name_form(const char *name)
{
    uint16_t port;
    bool is_word = !isdigit((unsigned char) name[0]) && !find_reserved(name, &port);
    for (const char *p = name; *p; p++) {
        if (*p == '"' || iscntrl((unsigned char) *p)) {
            return OFP_NAME_NONE;
        }
        is_word = is_word && (isalnum((unsigned char) *p) || *p == '_');
    }
    return !*name ? OFP_NAME_NONE : is_word ? OFP_NAME_WORD : OFP_NAME_QUOTED;
}

/* The value of a hex digit, or -1. */
static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *p = c ? strchr(digits, tolower((unsigned char) c)) : NULL;
    return p ? (int) (p - digits) : -1;
}

bool ofp_parse_hex(const char *text, struct bytes *out)
{
    size_t before = out->size;
    while (*text) {
        if (isspace((unsigned char) *text)) {
            text++;
            continue;
        }
        int high = digit(text[0]);
        int low = high < 0 ? -1 : digit(text[1]);
        if (low < 0) {
            bytes_truncate(out, before);
            return false;
        }
        bytes_put_u8(out, high << 4 | low);
        text += 2;
    }
    return true;
}
