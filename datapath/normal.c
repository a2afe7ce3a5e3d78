/* SPDX-License-Identifier: Apache-2.0 */
/* NORMAL: forwarding as an ordinary learning switch with VLANs does. */
#include "datapath/normal.h"

#include <stdbool.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/mac-learning.h"
#include "datapath/output.h"
#include "datapath/port.h"
#include "datapath/rewrite.h"
#include "datapath/transmit.h"
#include "lib/packet/headers.h"

/* A frame is of one VLAN, which its tag or the port it came in by says.  By each port it leaves as
 * that port wants it: with the tag, without, or not at all.  Nearly always the frame is already
 * what all ports want.  Otherwise there is one copy for all ports that want it tagged, and one for
 * those that want it bare, made when the first of them comes and held until the last has it. */

/* A frame that is being forwarded. */
struct forwarding {
    struct forwarder *fw;      /* Thread. */
    struct datapath *dp;       /* Bridge. */
    struct packet *p;          /* As it came; not changed. */
    struct packet *tagged;     /* With the tag of 'vlan'; 'p', a copy, or NULL: not made yet. */
    struct packet *bare;       /* Without tag; the same. */
    const struct port *in;     /* Where it came in; NULL: by no port. */
    bool has_tag;              /* There is a tag, perhaps of VLAN id 0. */
    uint16_t vlan;             /* VLAN that it is of. */
};

/* Finds the outer tag. */
static void read_tag(struct forwarding *f)
{
    const uint8_t *tag = f->p->data + 2 * ETHER_ADDR_SIZE;
    f->has_tag = f->p->size >= sizeof(struct eth_header) + sizeof(struct vlan_header)
                 && headers_is_tpid(get_be16(tag));
    f->vlan = f->has_tag ? get_be16(tag + 2) & 0xfff : 0;
}

/* Finds out of which VLAN the frame is. False if the ingress port does not take it. */
static bool classify(struct forwarding *f)
{
    read_tag(f);
    f->tagged = f->vlan ? f->p : NULL;
    f->bare = f->has_tag ? NULL : f->p;
    if (!f->in) {
        return true;
    }
    const struct port_settings *s = &f->in->settings;
    if (!f->vlan) {
        f->vlan = s->tag;
    } else if (s->vlan_mode == VLAN_ACCESS) {
        return false;
    }
    return port_settings_carries(s, f->vlan);
}

/* Whether 'mac' is one of 01:80:c2:00:00:00 to 0f, which no bridge forwards (IEEE 802.1Q, 8.6.3).
 */
static bool is_reserved(const uint8_t *mac)
{
    static const uint8_t prefix[] = {0x01, 0x80, 0xc2, 0x00, 0x00};
    return !memcmp(mac, prefix, sizeof prefix) && mac[5] < 16;
}

/* Whether the frame comes from nowhere: it says it came in by a port that there is not. One that a
 * controller made may come by no port. */
static bool is_from_nowhere(const struct forwarding *f)
{
    return !f->in && f->p->in_port != OFPP_NONE && f->p->in_port != OFPP_CONTROLLER;
}

/* Notes where the source is, if it came in by a port. False if that port is blocked. */
static bool learn(const struct forwarding *f)
{
    if (f->in && !port_is_mute(f->in)) {
        mac_table_learn(f->dp->macs, f->vlan, f->p->data + ETHER_ADDR_SIZE, f->in->number,
                        f->fw->netdev.now);
    }
    return !f->in || !port_is_blocked(f->in);
}

/* Counts the frame as dropped for 'reason'. */
static void drop(const struct forwarding *f, enum drop_reason reason)
{
    datapath_drop(f->dp, f->fw->netdev.id, reason, 1);
}

/* A copy of the frame, held, or NULL if there is no buffer. */
static struct packet *copy(const struct forwarding *f)
{
    struct packet *p = transmit_copy(f->fw, f->p);
    if (p) {
        p->refs++;
    } else {
        drop(f, DROP_NO_MEMORY);
    }
    return p;
}

/* The frame with its VLAN's tag, or NULL. */
static struct packet *make_tagged(struct forwarding *f)
{
    if (!f->tagged && (f->tagged = copy(f))) {
        rewrite_vlan_vid(f->tagged, f->vlan);
    }
    return f->tagged;
}

/* The frame without tag, or NULL. */
static struct packet *make_bare(struct forwarding *f)
{
    if (!f->bare && (f->bare = copy(f))) {
        rewrite_strip_vlan(f->bare);
    }
    return f->bare;
}

/* Gives up the copies. */
static void release(struct forwarding *f)
{
    struct packet *copies[] = {f->tagged, f->bare};
    for (size_t i = 0; i < ARRAY_SIZE(copies); i++) {
        if (copies[i] && copies[i] != f->p) {
            copies[i]->refs--;
        }
    }
}

/* Sends the frame out of 'port', which carries its VLAN, as that port wants it. */
static void send_out(struct forwarding *f, struct port *port)
{
    const struct port_settings *s = &port->settings;
    struct packet *p = f->p;
    if (s->vlan_mode == VLAN_ACCESS
        || (s->vlan_mode == VLAN_NATIVE_UNTAGGED && f->vlan == s->tag)) {
        p = make_bare(f);
    } else if (f->vlan) {
        p = make_tagged(f);
    }
    if (p) {
        output_send(f->fw, port, p);
    }
}

/* Sends to all ports of the VLAN but the ingress port. */
static void flood(struct forwarding *f)
{
    const struct port_list *list = port_map_list(&f->dp->ports);
    for (unsigned i = 0; i < list->n; i++) {
        struct port *port = list->ports[i];
        if (port->number != f->p->in_port && port_can_send(port) && !port_is_blocked(port)
            && !(RCU_READ(&port->config) & OFPPC_NO_FLOOD)
            && port_settings_carries(&port->settings, f->vlan)) {
            send_out(f, port);
        }
    }
}

/* Sends to port 'number', where the destination was seen. */
static void forward(struct forwarding *f, uint16_t number)
{
    struct port *port = port_map_get(&f->dp->ports, number);
    if (number == f->p->in_port) {
        drop(f, DROP_INGRESS);
    } else if (!port) {
        drop(f, DROP_NO_PORT);
    } else if (!port_can_send(port) || port_is_blocked(port)) {
        drop(f, DROP_NOT_FORWARDING);
    } else if (port_settings_carries(&port->settings, f->vlan)) {
        send_out(f, port);
    } else {
        drop(f, DROP_VLAN);
    }
}

void normal_forward(struct forwarder *fw, struct datapath *dp, struct packet *p)
{
    const uint8_t *dst = p->data;
    struct forwarding f = {.fw = fw, .dp = dp, .p = p};
    f.in = p->in_port <= OFPP_LOCAL ? port_map_get(&dp->ports, p->in_port) : NULL;
    if (is_reserved(dst)) {
        drop(&f, DROP_RESERVED);
    } else if (is_from_nowhere(&f)) {
        drop(&f, DROP_NO_PORT);
    } else if (!classify(&f)) {
        drop(&f, DROP_VLAN);
    } else if (!learn(&f)) {
        drop(&f, DROP_BLOCKED);
    } else {
        uint16_t out = dst[0] & 1 ? OFPP_NONE : mac_table_lookup(dp->macs, f.vlan, dst,
                                                                 fw->netdev.now);
        if (out == OFPP_NONE) {
            flood(&f);
        } else {
            forward(&f, out);
        }
        release(&f);
    }
}
