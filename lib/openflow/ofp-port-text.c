/* SPDX-License-Identifier: Apache-2.0 */
/* Port numbers and names, from text and to text. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"

/* Names of the standard's own ports, read in any case; the first one of a port is printed. */
static const struct {
    const char *name; /* The name. */
    uint16_t port;    /* OFPP_*. */
} reserved_ports[] = {
    {"IN_PORT", OFPP_IN_PORT}, {"TABLE", OFPP_TABLE}, {"NORMAL", OFPP_NORMAL},
    {"FLOOD", OFPP_FLOOD},     {"ALL", OFPP_ALL},     {"CONTROLLER", OFPP_CONTROLLER},
    {"LOCAL", OFPP_LOCAL},     {"ANY", OFPP_NONE},    {"NONE", OFPP_NONE},
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

/* The standard's name of 'port', or NULL. */
static const char *reserved_name(uint16_t port)
{
    for (size_t i = 0; port >= OFPP_IN_PORT && i < ARRAY_SIZE(reserved_ports); i++) {
        if (reserved_ports[i].port == port) {
            return reserved_ports[i].name;
        }
    }
    return NULL;
}

void ofp_print_port_styled(struct bytes *out, uint16_t port, const struct ofp_print_style *style)
{
    const char *reserved = reserved_name(port);
    if (reserved) {
        bytes_printf(out, "%s", reserved);
        return;
    }
    const char *name = style && style->port_name ? style->port_name(style->aux, port) : NULL;
    enum ofp_name_form form = name ? ofp_port_name_form(name) : OFP_NAME_NONE;
    if (form != OFP_NAME_NONE) {
        bytes_printf(out, form == OFP_NAME_WORD ? "%s" : "\"%s\"", name);
    } else {
        bytes_printf(out, "%u", port);
    }
}

void ofp_print_port_number(struct bytes *out, uint16_t port)
{
    ofp_print_port_styled(out, port, NULL);
}
