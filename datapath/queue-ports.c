/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of ports: made as they are asked for, put to work, exchanged and described. */
#include "datapath/queue-ports.h"

#include <errno.h>
#include <stdlib.h>

#include "datapath/datapath-private.h"
#include "datapath/datapath.h"
#include "datapath/port.h"
#include "datapath/queue.h"
#include "datapath/workers-private.h"

/* Checks that 'port' can have queues, and completes 'config'. Returns 0 or EINVAL. */
static int complete(const struct port *port, struct queues_config *config, char **error)
{
    if (port->patch) {
        *error = xasprintf("%s: a patch port has no queues and no max-rate=: give them to the "
                           "ports with a device behind it", port_name(port));
        return EINVAL;
    }
    uint32_t curr = port->netdev ? netdev_status(port->netdev)->curr : 0;
    return queues_config_complete(config, port_name(port), queues_config_speed(curr), error);
}

/* Makes the queues of 'config' for 'port', which thread 'owner' is to send from. */
static struct port_queues *make(const struct port *port, const struct queues_config *config,
                                unsigned owner)
{
    struct workers *w = port->dp->workers;
    struct wakeup *wakeup = owner ? &w->workers[owner].handed : &w->wakeup;
    return port_queues_create(config, owner, port->n_threads, wakeup);
}

int queue_port_init(struct port *port, struct queues_config *config, char **error)
{
    if (!config->n) {
        return 0;
    }
    int err = complete(port, config, error);
    if (!err) {
        port->queues = make(port, config, workers_choose_owner(port->dp->workers));
    }
    return err;
}

/* After a grace period: the queues before 'q' are nobody's any more. */
static void retire(void *q)
{
    port_queues_retire(q);
}

/* Puts the queues of 'config' in the place of those of 'port', if it has some. */
static void exchange(struct port *port, const struct queues_config *config)
{
    struct workers *w = port->dp->workers;
    struct port_queues *old = port->queues;
    struct port_queues *q = make(port, config,
                                 old ? port_queues_owner(old) : workers_choose_owner(w));
    if (old) {
        port_queues_follow(q, old);
    }
    RCU_SET(&port->queues, q);
    RCU_SET(&port->is_plain, false);
    if (old) {
        workers_defer(w, retire, q);
    } else {
        workers_attach_queues(w, port);
    }
}

int datapath_port_set_queues(struct datapath *dp, uint16_t port_no, const char *text, char **error)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    struct netdev_options options;
    struct queues_config config;
    char *whole = xasprintf("%s,%s", port_name(port), text);
    int err = netdev_options_parse(whole, &options, error);
    free(whole);
    if (err) {
        return err;
    }
    err = queues_config_take(&options, &config, error);
    if (!err && (options.n || options.kind || !config.n)) {
        *error = xasprintf("%s: \"%s\": what can be set is max-rate=RATE and queue=N:..., one of "
                           "them at least", port_name(port), text);
        err = EINVAL;
    }
    err = err ? err : complete(port, &config, error);
    if (!err) {
        exchange(port, &config);
    }
    netdev_options_uninit(&options);
    return err;
}

size_t datapath_queue_list(const struct datapath *dp, uint16_t port_no,
                           struct datapath_queue *queues, size_t room)
{
    const struct port *port = port_map_get(&dp->ports, port_no);
    if (!port || !port->queues) {
        return 0;
    }
    const struct queues_config *config = port_queues_config(port->queues);
    for (unsigned i = 0; i < MIN((size_t) config->n, room); i++) {
        const struct queue_config *q = &config->queues[i];
        struct queue_counters counters;
        port_queues_get_counters(port->queues, i, &counters);
        queues[i] = (struct datapath_queue) {
            .config = {
                .queue_id = q->id,
                .min_rate = q->min_rate ? q->min_rate * 1000 / config->max_rate : UINT16_MAX,
            },
            .stats = {
                .port_no = port_no,
                .queue_id = q->id,
                .tx_bytes = counters.tx_bytes,
                .tx_packets = counters.tx_packets,
                .tx_errors = counters.tx_errors,
            },
        };
    }
    return config->n;
}

bool datapath_has_queue(const struct datapath *dp, uint16_t port_no, uint32_t id)
{
    const struct port *port = port_map_get(&dp->ports, port_no);
    const struct queues_config *config = port && port->queues ? port_queues_config(port->queues)
                                                              : NULL;
    for (unsigned i = 0; config && i < config->n; i++) {
        if (config->queues[i].id == id) {
            return true;
        }
    }
    return false;
}
