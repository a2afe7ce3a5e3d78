/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about ports: their description, changes and statistics. */
#include <assert.h>
#include <string.h>

#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"

static_assert(sizeof(struct ofp10_phy_port) == OFP_PORT_SIZE, "size of a port");
static_assert(sizeof(struct ofp10_port_stats) == OFP_PORT_STATS_SIZE, "size of a port's counters");

/* Decodes a port. */
static void port_decode(const struct ofp10_phy_port *w, struct ofp_port *port)
{
    port->port_no = ntohs(w->port_no);
    memcpy(port->hw_addr, w->hw_addr, sizeof port->hw_addr);
    ofp_codec_get_string(port->name, w->name, sizeof port->name - 1);
    port->config = ntohl(w->config);
    port->state = ntohl(w->state);
    port->curr = ntohl(w->curr);
    port->advertised = ntohl(w->advertised);
    port->supported = ntohl(w->supported);
    port->peer = ntohl(w->peer);
}

/* Encodes a port into '*w', which is zero. */
static void port_encode(const struct ofp_port *port, struct ofp10_phy_port *w)
{
    w->port_no = htons(port->port_no);
    memcpy(w->hw_addr, port->hw_addr, sizeof w->hw_addr);
    ofp_codec_put_string(w->name, sizeof w->name, port->name);
    w->config = htonl(port->config);
    w->state = htonl(port->state);
    w->curr = htonl(port->curr);
    w->advertised = htonl(port->advertised);
    w->supported = htonl(port->supported);
    w->peer = htonl(port->peer);
}

bool ofp_port_put(struct bytes *msg, const struct ofp_port *port)
{
    struct ofp10_phy_port *w;
    if (msg->size + sizeof *w > OFP_MAX_MESSAGE) {
        return false;
    }
    w = bytes_put_zeros(msg, sizeof *w);
    port_encode(port, w);
    return true;
}

bool ofp_port_next(struct reader *r, struct ofp_port *port)
{
    const struct ofp10_phy_port *w = reader_pull(r, sizeof *w);
    if (!w) {
        return false;
    }
    port_decode(w, port);
    return true;
}

int ofp_port_status_decode(struct ofp_message *m)
{
    const struct ofp10_port_status *w = (const void *) m->raw;
    m->port_status.reason = w->reason;
    port_decode(&w->desc, &m->port_status.port);
    return 0;
}

void ofp_port_status_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_port_status *w = ofp_codec_extend(msg, sizeof *w);
    w->reason = m->port_status.reason;
    port_encode(&m->port_status.port, &w->desc);
}

int ofp_port_mod_decode(struct ofp_message *m)
{
    const struct ofp10_port_mod *w = (const void *) m->raw;
    struct ofp_port_mod *pm = &m->port_mod;
    pm->port_no = ntohs(w->port_no);
    memcpy(pm->hw_addr, w->hw_addr, sizeof pm->hw_addr);
    pm->config = ntohl(w->config);
    pm->mask = ntohl(w->mask);
    pm->advertise = ntohl(w->advertise);
    return 0;
}

void ofp_port_mod_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_port_mod *w = ofp_codec_extend(msg, sizeof *w);
    const struct ofp_port_mod *pm = &m->port_mod;
    w->port_no = htons(pm->port_no);
    memcpy(w->hw_addr, pm->hw_addr, sizeof w->hw_addr);
    w->config = htonl(pm->config);
    w->mask = htonl(pm->mask);
    w->advertise = htonl(pm->advertise);
}

int ofp_port_stats_request_decode(struct ofp_message *m)
{
    const struct ofp10_port_stats_request *w
        = (const void *) (m->raw + sizeof(struct ofp10_stats_msg));
    m->port_no = ntohs(w->port_no);
    return 0;
}

void ofp_port_stats_request_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_port_stats_request *w = bytes_put_zeros(msg, sizeof *w);
    w->port_no = htons(m->port_no);
}

void ofp_port_stats_put(struct bytes *msg, const struct ofp_port_stats *ps)
{
    struct ofp10_port_stats *w = bytes_put_zeros(msg, sizeof *w);
    w->port_no = htons(ps->port_no);
    w->rx_packets = htonll(ps->rx_packets);
    w->tx_packets = htonll(ps->tx_packets);
    w->rx_bytes = htonll(ps->rx_bytes);
    w->tx_bytes = htonll(ps->tx_bytes);
    w->rx_dropped = htonll(ps->rx_dropped);
    w->tx_dropped = htonll(ps->tx_dropped);
    w->rx_errors = htonll(ps->rx_errors);
    w->tx_errors = htonll(ps->tx_errors);
    w->rx_frame_err = htonll(ps->rx_frame_err);
    w->rx_over_err = htonll(ps->rx_over_err);
    w->rx_crc_err = htonll(ps->rx_crc_err);
    w->collisions = htonll(ps->collisions);
}

bool ofp_port_stats_next(struct reader *r, struct ofp_port_stats *ps)
{
    const struct ofp10_port_stats *w = reader_pull(r, sizeof *w);
    if (!w) {
        return false;
    }
    ps->port_no = ntohs(w->port_no);
    ps->rx_packets = ntohll(w->rx_packets);
    ps->tx_packets = ntohll(w->tx_packets);
    ps->rx_bytes = ntohll(w->rx_bytes);
    ps->tx_bytes = ntohll(w->tx_bytes);
    ps->rx_dropped = ntohll(w->rx_dropped);
    ps->tx_dropped = ntohll(w->tx_dropped);
    ps->rx_errors = ntohll(w->rx_errors);
    ps->tx_errors = ntohll(w->tx_errors);
    ps->rx_frame_err = ntohll(w->rx_frame_err);
    ps->rx_over_err = ntohll(w->rx_over_err);
    ps->rx_crc_err = ntohll(w->rx_crc_err);
    ps->collisions = ntohll(w->collisions);
    return true;
}
