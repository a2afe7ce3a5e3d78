/* SPDX-License-Identifier: Apache-2.0 */
/* What a user says about a port itself, not about its device: VLANs and spanning tree. */
#include "datapath/port-settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-options.h"
#include "lib/util.h"

enum {
    VLAN_MAX = 4094,       /* Highest VLAN id. */
    PRIORITY_STEP = 16,    /* Priorities are multiples of it. */
    PRIORITY_MAX = 240,    /* The highest one. */
};

/* Takes "trunks=VLAN[-VLAN][+VLAN...]". */
static int take_trunks(struct netdev_options *options, struct port_settings *s, char **error)
{
    char *text = netdev_options_take(options, "trunks");
    char *copy = text ? xstrdup(text) : NULL, *rest = copy;
    bool ok = true;
    for (char *word; ok && (word = strsep(&rest, "+"));) {
        ok = str_to_set(word, 0, VLAN_MAX, s->trunks);
    }
    s->has_trunks = text;
    if (!ok) {
        *error = xasprintf("%s: trunks=%s: give VLANs from 0 to %d as in trunks=5+7+100-199",
                           options->name, text, VLAN_MAX);
    }
    free(copy);
    free(text);
    return ok ? 0 : EINVAL;
}

/* Takes a key that is a number from 'min' to 'max'; 'otherwise' if it is not there. */
static int take_number(struct netdev_options *options, const char *key, unsigned min, unsigned max,
                       unsigned otherwise, unsigned *value, char **error)
{
    int err = netdev_options_get_number(options, key, min, max, otherwise, value, error);
    free(netdev_options_take(options, key));
    return err;
}

/* Takes a key that is one of 'n' words; '*value' is its number, 0 if it is not there. */
static int take_choice(struct netdev_options *options, const char *key, const char *const words[],
                       unsigned n, unsigned *value, char **error)
{
    int err = netdev_options_get_choice(options, key, words, n, value, error);
    free(netdev_options_take(options, key));
    return err;
}

/* Completes what was said about VLANs: an access port if there is a tag and nothing else is said,
 * and the native VLAN is carried by its trunk. Returns 0 or EINVAL. */
static int settle_vlans(const struct netdev_options *options, struct port_settings *s,
                        bool has_mode, bool has_tag, char **error)
{
    if (!has_mode && has_tag && !s->has_trunks) {
        s->vlan_mode = VLAN_ACCESS;
    }
    if ((s->vlan_mode != VLAN_TRUNK) != has_tag) {
        *error = xasprintf(has_tag ? "%s: a trunk has no tag=: say which with vlan-mode=access, "
                                     "native-tagged or native-untagged"
                                   : "%s: vlan-mode= needs the VLAN: give tag=", options->name);
        return EINVAL;
    }
    if (s->vlan_mode == VLAN_ACCESS && s->has_trunks) {
        *error = xasprintf("%s: an access port has one VLAN: leave trunks= out", options->name);
        return EINVAL;
    }
    if (has_tag && s->has_trunks) {
        s->trunks[s->tag / 64] |= UINT64_C(1) << s->tag % 64;
    }
    return 0;
}

static const char *const modes[] = {
    [VLAN_TRUNK] = "trunk",
    [VLAN_ACCESS] = "access",
    [VLAN_NATIVE_TAGGED] = "native-tagged",
    [VLAN_NATIVE_UNTAGGED] = "native-untagged",
};

const char *port_settings_mode_name(enum vlan_mode mode)
{
    return modes[mode];
}

/* Takes what is about VLANs. */
static int take_vlans(struct netdev_options *options, struct port_settings *s, char **error)
{
    bool has_mode = netdev_options_get(options, "vlan-mode");
    bool has_tag = netdev_options_get(options, "tag");
    unsigned mode = 0, tag = 0;
    int err = take_choice(options, "vlan-mode", modes, ARRAY_SIZE(modes), &mode, error);
    err = err ? err : take_number(options, "tag", 0, VLAN_MAX, 0, &tag, error);
    err = err ? err : take_trunks(options, s, error);
    s->vlan_mode = (enum vlan_mode) mode;
    s->tag = (uint16_t) tag;
    return err ? err : settle_vlans(options, s, has_mode, has_tag, error);
}

/* Takes what is about spanning tree. */
static int take_stp(struct netdev_options *options, struct port_settings *s, char **error)
{
    static const char *const edges[] = {
        [PORT_EDGE_AUTO] = "auto", [PORT_EDGE_YES] = "yes", [PORT_EDGE_NO] = "no"};
    unsigned cost = 0, priority = 0, edge = 0;
    int err = take_number(options, "stp-cost", 1, PORT_STP_COST_MAX, 0, &cost, error);
    err = err ? err : take_number(options, "stp-priority", 0, PRIORITY_MAX, PORT_STP_PRIORITY,
                                  &priority, error);
    err = err ? err : take_choice(options, "stp-edge", edges, ARRAY_SIZE(edges), &edge, error);
    if (!err && priority % PRIORITY_STEP) {
        *error = xasprintf("%s: stp-priority=%u: give a multiple of %d up to %d", options->name,
                           priority, PRIORITY_STEP, PRIORITY_MAX);
        err = EINVAL;
    }
    s->stp_cost = cost;
    s->stp_priority = (uint8_t) priority;
    s->stp_edge = (enum port_edge) edge;
    return err;
}

int port_settings_take(struct netdev_options *options, struct port_settings *settings,
                       char **error)
{
    *settings = (struct port_settings) {.stp_priority = PORT_STP_PRIORITY};
    int err = take_vlans(options, settings, error);
    return err ? err : take_stp(options, settings, error);
}
