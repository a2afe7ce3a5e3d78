/* SPDX-License-Identifier: Apache-2.0 */
/* A port of a bridge: number, device, configuration and state, as threads see it. */
#include "datapath/port.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/patch.h"
#include "datapath/queue.h"

enum { BPDUS_A_SECOND = 100 /* Frames of spanning tree that a port hands up at most. */ };

struct port *port_create(struct datapath *dp, uint64_t id, uint16_t number,
                         struct netdev_options *options, unsigned n_threads)
{
    size_t size = sizeof(struct port) + n_threads * sizeof(struct port_thread);
    struct port *port = xaligned_alloc(CACHE_LINE, ROUND_UP(size, (size_t) CACHE_LINE));
    memset(port, 0, size);
    port->dp = dp;
    port->id = id;
    port->number = number;
    port->state = OFPPS_LINK_DOWN;
    port->options = *options;
    *options = (struct netdev_options) {.n = 0};
    port->n_threads = n_threads;
    for (unsigned i = 0; i < n_threads; i++) {
        port->threads[i].queue.port = port;
        token_bucket_init(&port->threads[i].bpdus, BPDUS_A_SECOND, BPDUS_A_SECOND);
    }
    return port;
}

void port_destroy(struct port *port)
{
    if (port) {
        netdev_close(port->netdev);
        patch_destroy(port->patch);
        port_queues_destroy(port->queues);
        netdev_options_uninit(&port->options);
        free(port);
    }
}

const char *port_name(const struct port *port)
{
    return port->options.name;
}

void port_describe(const struct port *port, struct ofp_port *desc)
{
    *desc = (struct ofp_port) {
        .port_no = port->number,
        .config = port->config,
        .state = port->state,
    };
    strncpy(desc->name, port_name(port), sizeof desc->name - 1);
    if (port->netdev) {
        const struct netdev_status *status = netdev_status(port->netdev);
        memcpy(desc->hw_addr, status->hw_addr, sizeof desc->hw_addr);
        desc->curr = status->curr;
        desc->advertised = status->advertised;
        desc->supported = status->supported;
        desc->peer = status->peer;
    } else if (port->patch) {
        memcpy(desc->hw_addr, port->patch->hw_addr, sizeof desc->hw_addr);
    }
}

void port_get_stats(const struct port *port, struct ofp_port_stats *stats)
{
    struct netdev_counters counters = {.rx_packets = 0};
    if (port->netdev) {
        netdev_count_lost(port->netdev);
        netdev_get_counters(port->netdev, &counters);
    } else if (port->patch) {
        patch_get_counters(port->patch, &counters);
    }
    counters.tx_dropped += port->lost + (port->queues ? port_queues_overruns(port->queues) : 0);
    *stats = (struct ofp_port_stats) {
        .port_no = port->number,
        .rx_packets = counters.rx_packets,
        .tx_packets = counters.tx_packets,
        .rx_bytes = counters.rx_bytes,
        .tx_bytes = counters.tx_bytes,
        .rx_dropped = counters.rx_dropped,
        .tx_dropped = counters.tx_dropped,
        .rx_errors = counters.rx_errors,
        .tx_errors = counters.tx_errors,
        .rx_frame_err = UINT64_MAX,
        .rx_over_err = UINT64_MAX,
        .rx_crc_err = UINT64_MAX,
        .collisions = UINT64_MAX,
    };
}

void port_update(struct port *port)
{
    uint32_t config = port->config & ~(uint32_t) OFPPC_PORT_DOWN;
    uint32_t state = port->state | OFPPS_LINK_DOWN;
    bool down = port->down;
    if (port->netdev) {
        const struct netdev_status *status = netdev_status(port->netdev);
        down = status->present ? port->is_down_alone || !status->admin_up : down;
        state &= ~(status->present && status->carrier ? OFPPS_LINK_DOWN : 0u);
    } else if (port->patch && port->patch->peer && !down && !port->patch->peer->down) {
        state &= ~OFPPS_LINK_DOWN;
    }
    config |= down ? OFPPC_PORT_DOWN : 0;
    RCU_WRITE(&port->config, config);
    RCU_WRITE(&port->receive,
              config | port->tree | (down || state & OFPPS_LINK_DOWN ? PORT_TREE_NO_LEARN : 0u));
    RCU_WRITE(&port->state, state);
}
