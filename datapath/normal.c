/* SPDX-License-Identifier: Apache-2.0 */
/* NORMAL: forwarding as an ordinary learning switch with VLANs does. */
#include "datapath/normal.h"

#include <stdbool.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/mac-learning.h"
#include "datapath/output.h"
#include "datapath/port.h"
#include "lib/packet/headers.h"

/* VLAN id of the frame's outer tag, or 0. */
static uint16_t vlan_of(const struct packet *p)
{
    const uint8_t *tag = p->data + 2 * ETHER_ADDR_SIZE;
    return p->size >= sizeof(struct eth_header) + sizeof(struct vlan_header)
           && headers_is_tpid(get_be16(tag)) ? get_be16(tag + 2) & 0xfff : 0;
}

/* Whether 'mac' is one of 01:80:c2:00:00:00 to 0f, which no bridge forwards (IEEE 802.1Q, 8.6.3).
 */
static bool is_reserved(const uint8_t *mac)
{
    static const uint8_t prefix[] = {0x01, 0x80, 0xc2, 0x00, 0x00};
    return !memcmp(mac, prefix, sizeof prefix) && mac[5] < 16;
}

/* Notes where the source of 'p' is, if it came in by a port. False if that port is blocked. */
static bool learn(struct datapath *dp, const struct packet *p, uint16_t vlan, int64_t now)
{
    const struct port *port = p->in_port <= OFPP_LOCAL ? port_map_get(&dp->ports, p->in_port)
                                                       : NULL;
    if (port && !port_is_mute(port)) {
        mac_table_learn(dp->macs, vlan, p->data + ETHER_ADDR_SIZE, port->number, now);
    }
    return !port || !port_is_blocked(port);
}

void normal_forward(struct forwarder *fw, struct datapath *dp, struct packet *p)
{
    const uint8_t *dst = p->data;
    uint16_t vlan = vlan_of(p);
    int64_t now = fw->netdev.now;
    if (is_reserved(dst)) {
        datapath_drop(dp, fw->netdev.id, DROP_RESERVED, 1);
        return;
    }
    if (!learn(dp, p, vlan, now)) {
        datapath_drop(dp, fw->netdev.id, DROP_NOT_FORWARDING, 1);
        return;
    }
    uint16_t out = dst[0] & 1 ? OFPP_NONE : mac_table_lookup(dp->macs, vlan, dst, now);
    if (out == OFPP_NONE) {
        output_many(fw, dp, OFPPC_NO_FLOOD, p);
    } else if (out == p->in_port) {
        datapath_drop(dp, fw->netdev.id, DROP_INGRESS, 1);
    } else {
        output_port(fw, dp, out, p);
    }
}
