/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that configure ports and the handling of fragments. */
#include <string.h>
#include <strings.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/openflow-1.0.h"
#include "utilities/ofctl.h"

/* A word of mod-port. */
static const struct port_word {
    const char *name; /* As typed. */
    uint32_t bit;     /* OFPPC_*. */
    bool sets;        /* The word sets the bit; else it clears it. */
} port_words[] = {
    {"up", OFPPC_PORT_DOWN, false},
    {"down", OFPPC_PORT_DOWN, true},
    {"stp", OFPPC_NO_STP, false},
    {"no-stp", OFPPC_NO_STP, true},
    {"receive", OFPPC_NO_RECV, false},
    {"no-receive", OFPPC_NO_RECV, true},
    {"receive-stp", OFPPC_NO_RECV_STP, false},
    {"no-receive-stp", OFPPC_NO_RECV_STP, true},
    {"flood", OFPPC_NO_FLOOD, false},
    {"no-flood", OFPPC_NO_FLOOD, true},
    {"forward", OFPPC_NO_FWD, false},
    {"no-forward", OFPPC_NO_FWD, true},
    {"packet-in", OFPPC_NO_PACKET_IN, false},
    {"no-packet-in", OFPPC_NO_PACKET_IN, true},
};

static const char *const frag_modes[] = {
    [OFPC_FRAG_NORMAL] = "normal",
    [OFPC_FRAG_DROP] = "drop",
    [OFPC_FRAG_REASM] = "reassemble",
    [OFPC_FRAG_NX_MATCH] = "nx-match",
};

/* The row of 'name', or NULL after saying that there is none. */
static const struct port_word *find_word(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(port_words); i++) {
        if (!strcasecmp(port_words[i].name, name)) {
            return &port_words[i];
        }
    }
    const char *nearest = cmdl_nearest(name, &port_words[0].name, sizeof port_words[0],
                                       ARRAY_SIZE(port_words));
    ofctl_fail(nearest ? "unknown mod-port command '%s'; did you mean %s?"
                       : "unknown mod-port command '%s'; up, down and no-flood are some",
               name, nearest);
    return NULL;
}

int ofctl_mod_port(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    const struct port_word *word = find_word(argv[3]);
    if (!word) {
        return CMDL_FAILED;
    }
    int result = ofctl_open(ctx, argv[1], "mgmt");
    const struct ofp_port *port = result ? NULL : ofctl_find_port(ctx, argv[2]);
    if (!port) {
        return CMDL_FAILED;
    }
    struct ofp_message m = ofctl_request(OFP_PORT_MOD);
    m.port_mod.port_no = port->port_no;
    memcpy(m.port_mod.hw_addr, port->hw_addr, sizeof m.port_mod.hw_addr);
    m.port_mod.mask = word->bit;
    m.port_mod.config = word->sets ? word->bit : 0;
    ofctl_send(ctx, &m);
    return ofctl_barrier(ctx, NULL, NULL);
}

static void take_config(struct cmdl_context *ctx UNUSED, const struct ofp_message *reply,
                        void *aux)
{
    *(struct ofp_switch_config *) aux = reply->config;
}

/* Asks for the switch's configuration. */
static int get_config(struct cmdl_context *ctx, struct ofp_switch_config *config)
{
    struct ofp_message m = ofctl_request(OFP_GET_CONFIG_REQUEST);
    return ofctl_transact(ctx, &m, OFP_GET_CONFIG_REPLY, take_config, config);
}

int ofctl_get_frags(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_GET_CONFIG_REQUEST);
    struct ofp_switch_config config;
    int result = ofctl_open(ctx, argv[1], "mgmt");
    if (!result && ctx->wants_json) {
        return ofctl_dump(ctx, &m, OFP_GET_CONFIG_REPLY);
    }
    result = result ? result : get_config(ctx, &config);
    if (!result) {
        puts(frag_modes[config.flags & OFPC_FRAG_MASK]);
    }
    return result;
}

/* Sets the mode, and asks whether the switch took it. */
static int set_mode(struct cmdl_context *ctx, uint16_t mode)
{
    struct ofp_message m = ofctl_request(OFP_SET_CONFIG);
    int result = get_config(ctx, &m.config);
    if (result || (m.config.flags & OFPC_FRAG_MASK) == mode) {
        return result;
    }
    m.config.flags = (m.config.flags & ~OFPC_FRAG_MASK) | mode;
    ofctl_send(ctx, &m);
    result = ofctl_barrier(ctx, NULL, NULL);
    result = result ? result : get_config(ctx, &m.config);
    if (!result && (m.config.flags & OFPC_FRAG_MASK) != mode) {
        return ofctl_fail("%s: setting fragment handling mode failed (this switch probably "
                          "doesn't support mode \"%s\")",
                          ctx->target, frag_modes[mode]);
    }
    return result;
}

int ofctl_set_frags(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    for (uint16_t mode = 0; mode < ARRAY_SIZE(frag_modes); mode++) {
        if (!strcasecmp(argv[2], frag_modes[mode])) {
            int result = ofctl_open(ctx, argv[1], "mgmt");
            return result ? result : set_mode(ctx, mode);
        }
    }
    return ofctl_fail("%s: unknown fragment handling mode; there are normal, drop, reassemble, "
                      "nx-match",
                      argv[2]);
}
