/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of ports: made as they are asked for, put to work, exchanged and described. */
#include "datapath/queue-ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/port.h"
#include "datapath/queue.h"
#include "datapath/workers-private.h"
#include "lib/bytes.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(queues);

/* Theory
 * ======
 *
 * Queues go while threads send by them.  First 'is_plain' says so, and the owner no longer looks at
 * them; after a grace period nobody does, and they are freed.  Until then they stand in the port,
 * for a thread may have found 'is_plain' false and look at them now.  If the port gets queues again
 * meanwhile, those follow the ones that stand there, as always; 'n_leaving' tells the late call
 * that it is not about the queues that it was made for. */

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

/* What is asked of the queues of 'port'; NULL if it has none. */
static const struct queues_config *config_of(const struct port *port)
{
    return port->queues && !port->is_plain ? port_queues_config(port->queues) : NULL;
}

static bool has_queue(const struct queues_config *config, uint32_t id)
{
    for (unsigned i = 0; config && i < config->n; i++) {
        if (config->queues[i].id == id) {
            return true;
        }
    }
    return false;
}

/* Says which queues 'port' will no longer have if it has those of 'config' (NULL: none): rules that
 * name them stay. */
static void tell_gone(const struct port *port, const struct queues_config *config)
{
    const struct queues_config *old = config_of(port);
    struct bytes gone = BYTES_INIT;
    for (unsigned i = 0; old && i < old->n; i++) {
        uint32_t id = old->queues[i].id;
        if (id != QUEUE_DEFAULT && !has_queue(config, id)) {
            bytes_printf(&gone, "%s%u", gone.size ? ", " : "", id);
        }
    }
    if (gone.size) {
        VLOG_WARN("%s: these queues are gone: %.*s; what rules enqueue there is sent %s",
                  port_name(port), (int) gone.size, (const char *) gone.data,
                  config ? "by queue 0" : "without a queue");
    }
    bytes_uninit(&gone);
}

/* After a grace period: the queues of 'port' that went are nobody's any more. */
static void finish_leaving(void *port_)
{
    struct port *port = port_;
    if (!--port->n_leaving && port->is_plain) {
        port->lost += port_queues_end(port->queues);
        RCU_SET(&port->queues, NULL);
    }
}

/* Takes the queues of 'port' away. */
static void take_away(struct port *port)
{
    struct workers *w = port->dp->workers;
    if (config_of(port)) {
        tell_gone(port, NULL);
        RCU_SET(&port->is_plain, true);
        workers_detach_queues(w, port);
        port->n_leaving++;
        workers_defer(w, finish_leaving, port);
    }
}

/* Puts the queues of 'config' in the place of those of 'port', if it has some. */
static void exchange(struct port *port, const struct queues_config *config)
{
    struct workers *w = port->dp->workers;
    struct port_queues *old = port->queues;
    bool had_some = config_of(port);
    tell_gone(port, config);
    struct port_queues *q = make(port, config,
                                 old ? port_queues_owner(old) : workers_choose_owner(w));
    if (old) {
        port_queues_follow(q, old, had_some);
    }
    RCU_SET(&port->queues, q);
    RCU_SET(&port->is_plain, false);
    if (old) {
        workers_defer(w, retire, q);
    }
    if (!had_some) {
        workers_attach_queues(w, port);
    }
}

int datapath_port_set_queues(struct datapath *dp, uint16_t port_no, const char *text, char **error)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    struct netdev_options options;
    struct queues_config config;
    if (!strcmp(text, "none")) {
        take_away(port);
        return 0;
    }
    char *whole = xasprintf("%s,%s", port_name(port), text);
    int err = netdev_options_parse(whole, &options, error);
    free(whole);
    if (err) {
        return err;
    }
    err = queues_config_take(&options, &config, error);
    if (!err && (options.n || options.kind || !config.n)) {
        *error = xasprintf("%s: \"%s\": what can be set is max-rate=RATE and queue=N:..., one of "
                           "them at least; none takes all away", port_name(port), text);
        err = EINVAL;
    }
    err = err ? err : complete(port, &config, error);
    if (!err) {
        exchange(port, &config);
    }
    netdev_options_uninit(&options);
    return err;
}

void queue_port_follow_speed(struct port *port)
{
    const struct queues_config *old = config_of(port);
    uint64_t speed = port->netdev ? queues_config_speed(netdev_status(port->netdev)->curr) : 0;
    if (!old || !old->is_as_device || !speed || speed == port->followed_speed) {
        return;
    }
    port->followed_speed = speed;
    if (speed == old->max_rate) {
        return;
    }
    struct queues_config config = *old;
    char *error;
    config.max_rate = 0;
    if (complete(port, &config, &error)) {
        VLOG_WARN("%s; they stay as they are", error);
        free(error);
    } else {
        exchange(port, &config);
    }
}

size_t datapath_queue_list(const struct datapath *dp, uint16_t port_no,
                           struct datapath_queue *queues, size_t room)
{
    const struct port *port = port_map_get(&dp->ports, port_no);
    const struct queues_config *config = port ? config_of(port) : NULL;
    if (!config) {
        return 0;
    }
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
    return has_queue(datapath_port_queues(dp, port_no), id);
}

const struct queues_config *datapath_port_queues(const struct datapath *dp, uint16_t port_no)
{
    const struct port *port = port_map_get(&dp->ports, port_no);
    return port ? config_of(port) : NULL;
}
