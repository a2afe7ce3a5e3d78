/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge's packet path as ofproto sees it: life cycle, packet_out, settings. */
#include "datapath/datapath.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/flow-cache.h"
#include "datapath/mac-learning.h"
#include "datapath/netdev/netdev.h"
#include "datapath/pipeline.h"
#include "datapath/port.h"
#include "datapath/table-cache.h"
#include "datapath/workers-private.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/reassembly.h"

enum {
    CACHE_ENTRIES = 1 << 20,     /* Flows that a thread remembers at most. */
    CACHE_ENTRIES_CONTROL = 1024, /* The same for packet_outs. */
    MAC_ENTRIES = 8192,          /* Learnt addresses. */
    MAC_AGEING_SEC = 300,        /* Seconds until one is forgotten. */
};

/* Hands a rule that nobody can see any more to the owner. */
static void rule_gone(void *dp_, struct rule *rule, const struct rule_counters *counters,
                      bool counters_moved)
{
    struct datapath *dp = dp_;
    dp->upcalls.rule_gone(dp->aux, rule, counters, counters_moved);
}

/* Returns the rules of 'dp', none as yet. */
static struct tables *create_tables(struct datapath *dp, const struct datapath_config *config)
{
    const struct tables_config tables = {
        .n_tables = config->n_tables,
        .n_own = config->n_own_tables,
        .has_front = config->n_own_tables > 0,
        .n_threads = dp->n_threads,
        .rcu = dp->workers->rcu,
        .max_rules = config->max_rules,
        .seed = dp->workers->seed,
        .gone = rule_gone,
        .aux = dp,
    };
    return tables_create(&tables);
}

/* Makes the flow caches: small for the control thread if it does not forward. */
static void create_caches(struct datapath *dp, const struct datapath_config *config)
{
    size_t n = config->cache_entries ? config->cache_entries : CACHE_ENTRIES;
    for (unsigned i = 0; i < dp->n_threads; i++) {
        bool forwards = i > 0 || !dp->workers->n;
        size_t entries = forwards ? n : MIN(n, (size_t) CACHE_ENTRIES_CONTROL);
        dp->threads[i].cache = flow_cache_create(entries, dp->workers->seed);
        dp->threads[i].later = table_cache_create(entries, dp->workers->seed);
    }
}

struct datapath *datapath_create(struct workers *w, const struct datapath_config *config,
                                 const struct datapath_upcalls *upcalls, void *aux)
{
    unsigned n = workers_n_threads(w);
    size_t size = sizeof(struct datapath) + n * sizeof(struct datapath_thread);
    struct datapath *dp = xaligned_alloc(CACHE_LINE, ROUND_UP(size, (size_t) CACHE_LINE));
    memset(dp, 0, size);
    dp->id = w->next_id++;
    dp->name = xstrdup(config->name);
    dp->workers = w;
    dp->upcalls = *upcalls;
    dp->aux = aux;
    dp->n_threads = n;
    dp->tables = create_tables(dp, config);
    dp->blocks_new_ports = config->blocks_new_ports;
    dp->mac_ageing = config->mac_ageing ? config->mac_ageing : MAC_AGEING_SEC * SEC;
    dp->macs = mac_table_create(MAC_ENTRIES, dp->mac_ageing, w->seed);
    create_caches(dp, config);
    port_map_init(&dp->ports, w->rcu);
    list_push_back(&w->datapaths, &dp->in_workers);
    return dp;
}

/* Removes all ports and has their devices closed. */
static void remove_all_ports(struct datapath *dp)
{
    while (dp->ports.list->n) {
        datapath_port_remove(dp, dp->ports.list->ports[0]->number);
    }
    workers_drain(dp->workers);
}

void datapath_destroy(struct datapath *dp)
{
    if (!dp) {
        return;
    }
    remove_all_ports(dp);
    list_remove(&dp->in_workers);
    for (unsigned i = 0; i < dp->n_threads; i++) {
        flow_cache_destroy(dp->threads[i].cache);
        table_cache_destroy(dp->threads[i].later);
    }
    tables_destroy(dp->tables);
    workers_drain(dp->workers);
    mac_table_destroy(dp->macs);
    port_map_uninit(&dp->ports);
    free(dp->name);
    free(dp);
}

struct tables *datapath_tables(struct datapath *dp)
{
    return dp->tables;
}

void datapath_set_miss(struct datapath *dp, enum datapath_miss miss)
{
    RCU_WRITE(&dp->miss, miss);
}

/* Gives every thread what it needs to put fragments together, and leaves it there. */
static void prepare_reassembly(struct workers *w)
{
    for (unsigned i = 0; i < workers_n_threads(w); i++) {
        struct forwarder *fw = &w->workers[i].fw;
        if (!fw->reassembly) {
            RCU_SET(&fw->reassembly, reassembly_create());
        }
    }
}

void datapath_set_frag_mode(struct datapath *dp, uint16_t mode)
{
    if (mode == OFPC_FRAG_REASM) {
        prepare_reassembly(dp->workers);
    }
    RCU_WRITE(&dp->frag_mode, mode);
}

size_t datapath_execute_some(struct datapath *dp, struct packet_out *po, size_t budget, int64_t now)
{
    struct forwarder *fw = &dp->workers->workers[0].fw;
    uint64_t before = fw->n_sent;
    fw->netdev.now = now;
    pipeline_execute(fw, dp, po, budget);
    return fw->n_sent - before;
}

size_t datapath_execute(struct datapath *dp, struct packet *packet, uint16_t in_port,
                        const struct action_list *actions, int64_t now)
{
    struct packet_out po;
    packet_out_init(&po, packet, in_port, actions);
    return datapath_execute_some(dp, &po, SIZE_MAX, now);
}

void datapath_port_send(struct datapath *dp, uint16_t port_no, struct packet *packet, int64_t now)
{
    struct forwarder *fw = &dp->workers->workers[0].fw;
    struct port *port = port_map_get(&dp->ports, port_no);
    fw->netdev.now = now;
    packet->in_port = OFPP_NONE;
    if (port) {
        pipeline_send(fw, port, packet);
    }
}

void datapath_mac_flush(struct datapath *dp, uint16_t port_no)
{
    mac_table_flush(dp->macs, port_no);
}

void datapath_mac_flush_ports(struct datapath *dp, const uint64_t ports[], size_t n)
{
    mac_table_flush_ports(dp->macs, ports, n);
}

void datapath_set_mac_ageing(struct datapath *dp, int64_t ageing, int64_t now)
{
    mac_table_set_ageing(dp->macs, ageing ? ageing : dp->mac_ageing, now);
}

void datapath_configure_mac_ageing(struct datapath *dp, int64_t ageing)
{
    dp->mac_ageing = ageing;
}

int64_t datapath_get_mac_ageing(const struct datapath *dp)
{
    return dp->mac_ageing;
}

void datapath_block_new_ports(struct datapath *dp, bool blocks)
{
    dp->blocks_new_ports = blocks;
}

size_t datapath_mac_list(const struct datapath *dp, int64_t now, struct mac_entry *entries,
                         size_t n)
{
    return mac_table_list(dp->macs, now, entries, n);
}

void datapath_count_drop(struct datapath *dp, enum drop_reason reason)
{
    datapath_drop(dp, 0, reason, 1);
}

size_t datapath_get_drops(const struct datapath *dp, struct drop_counter *drops, size_t n)
{
    for (size_t reason = 0; reason < MIN(n, (size_t) N_DROP_REASONS); reason++) {
        drops[reason] = (struct drop_counter) {.reason = drop_reason_names[reason]};
        for (unsigned i = 0; i < dp->n_threads; i++) {
            drops[reason].n += RCU_READ(&dp->threads[i].drops[reason]);
        }
    }
    return N_DROP_REASONS;
}

void datapath_get_cache_stats(const struct datapath *dp, struct flow_cache_stats *sum)
{
    *sum = (struct flow_cache_stats) {.hits = 0};
    for (unsigned i = 0; i < dp->n_threads; i++) {
        struct flow_cache_stats s;
        flow_cache_get_stats(dp->threads[i].cache, &s);
        sum->hits += s.hits;
        sum->misses += s.misses;
        sum->revived += s.revived;
        sum->evictions += s.evictions;
        sum->n_entries += s.n_entries;
        sum->n_buckets += s.n_buckets;
    }
}

void datapath_get_resubmit_stats(const struct datapath *dp, struct table_cache_stats *sum)
{
    *sum = (struct table_cache_stats) {.hits = 0};
    for (unsigned i = 0; i < dp->n_threads; i++) {
        struct table_cache_stats s;
        table_cache_get_stats(dp->threads[i].later, &s);
        sum->hits += s.hits;
        sum->misses += s.misses;
        sum->past += s.past;
        sum->n_slots += s.n_slots;
    }
}
