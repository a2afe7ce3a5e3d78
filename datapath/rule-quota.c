/* SPDX-License-Identifier: Apache-2.0 */
/* How many rules somebody has in the tables of a bridge, and how many he may have. */
#include "datapath/rule-quota.h"

#include <stdlib.h>

#include "lib/util.h"

/* A flush takes any number of rules out in one step, so nobody could tell each rule's quota of it.
 * That is why a quota counts by table, and why the tables know all quotas: what a quota has in a
 * flushed table is one number to be taken away. */

struct rule_quota *rule_quota_create(uint32_t max_rules)
{
    struct rule_quota *q = xzalloc(sizeof *q);
    list_init(&q->node);
    q->refs = 1;
    q->max_rules = max_rules;
    return q;
}

struct rule_quota *rule_quota_ref(struct rule_quota *q)
{
    if (q) {
        q->refs++;
    }
    return q;
}

void rule_quota_unref(struct rule_quota *q)
{
    if (q && !--q->refs) {
        list_remove(&q->node);
        free(q);
    }
}

bool rule_quota_is_full(const struct rule_quota *q)
{
    return q->n_rules >= q->max_rules;
}

void rule_quota_enter(struct list *quotas, struct rule_quota *q, uint8_t table_id)
{
    if (!q) {
        return;
    }
    if (list_is_empty(&q->node)) {
        list_push_back(quotas, &q->node);
    }
    q->n_rules++;
    q->in_table[table_id]++;
}

void rule_quota_leave(struct rule_quota *q, uint8_t table_id)
{
    if (q) {
        q->n_rules--;
        q->in_table[table_id]--;
    }
}

void rule_quota_flush(const struct list *quotas, uint8_t table_id)
{
    struct rule_quota *q;
    LIST_FOR_EACH (q, node, quotas) {
        q->n_rules -= q->in_table[table_id];
        q->in_table[table_id] = 0;
    }
}
