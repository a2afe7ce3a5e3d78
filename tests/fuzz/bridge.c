/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge in memory, for fuzz targets that send packets through the datapath. */
#include "tests/fuzz/bridge.h"

#include <stdlib.h>

#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

static void learn(void *aux UNUSED, const struct learnt_rule *learnt UNUSED, int64_t now UNUSED)
{
}

static void connection_ended(void *aux UNUSED, struct rule *rule, int64_t now UNUSED)
{
    promise(rule->in_table);
}

static void port_changed(void *aux UNUSED, uint8_t reason UNUSED,
                         const struct ofp_port *port UNUSED, int64_t now UNUSED)
{
}

static void rule_gone(void *aux UNUSED, struct rule *rule,
                      const struct rule_counters *counters UNUSED, bool moved UNUSED)
{
    rule_destroy(rule);
}

void bridge_make(struct bridge *b, unsigned n_tables, const char *const *ports,
                 void (*packet)(void *aux, const struct datapath_upcall *upcall, int64_t now),
                 void (*learns)(void *aux, const struct learnt_rule *learnt, int64_t now))
{
    const struct workers_config workers = {.seed = 1, .simulated = true};
    const struct datapath_config config = {
        .name = "br0", .n_tables = n_tables, .max_rules = 100, .cache_entries = 64,
    };
    char *error = NULL;
    b->upcalls = (struct datapath_upcalls) {
        .packet = packet, .learn = learns ? learns : learn, .connection_ended = connection_ended,
        .port_changed = port_changed, .rule_gone = rule_gone};
    promise(!workers_create(&workers, &b->workers, &error));
    b->dp = datapath_create(b->workers, &config, &b->upcalls, NULL);
    for (uint16_t number = 1; *ports; number++) {
        uint16_t added;
        promise(!datapath_port_add(b->dp, *ports++, number, &added, &error));
    }
}

void bridge_run(struct bridge *b)
{
    while (workers_run(b->workers, SEC)) {
        continue;
    }
}

void bridge_packet_out(struct bridge *b, const struct packet *p,
                       const struct action_list *actions)
{
    static const size_t budgets[] = {SIZE_MAX, 1, 2};
    struct packet_out po;
    packet_out_init(&po, packet_clone(p), 1, actions);
    do {
        datapath_execute_some(b->dp, &po, budgets[p->size % ARRAY_SIZE(budgets)], SEC);
    } while (!packet_out_is_done(&po));
    free(po.packet);
}
