/* SPDX-License-Identifier: Apache-2.0 */
/* How many rules somebody has in the tables of a bridge, and how many he may have. */
#ifndef DATAPATH_RULE_QUOTA_H
#define DATAPATH_RULE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/list.h"

/* A rule that counts in a quota is made so by rule_set_quota() before it is inserted; from then on
 * the tables count: it counts from the change that puts it in to the one that takes it out, by
 * whatever way, so the number is that of the tables' next version. Whoever adds rules asks
 * rule_quota_is_full() first.
 *
 * Life cycle: rule_quota_create() gives the first reference; each rule has one more as long as it
 * exists, which may be after its removal. A quota is about the tables of one bridge.
 *
 * Threads: the control thread. */
struct rule_quota {
    struct list node;            /* In the tables' list of quotas, once a rule was counted. */
    unsigned refs;               /* References. */
    uint32_t max_rules;          /* Rules that may be. */
    uint32_t n_rules;            /* Rules that are. */
    uint32_t in_table[UINT8_MAX + 1]; /* Of these in each table. */
};

/* A quota of 'max_rules' rules, of which there is none. */
struct rule_quota *rule_quota_create(uint32_t max_rules);

/* Takes and drops a reference; the last one frees it. Accept NULL. */
struct rule_quota *rule_quota_ref(struct rule_quota *q);
void rule_quota_unref(struct rule_quota *q);

/* True if there is no room for one more rule. */
bool rule_quota_is_full(const struct rule_quota *q);

/* For the tables: a rule of 'q' (may be NULL) comes into table 'table_id' or leaves it; 'quotas' is
 * where they keep theirs. */
void rule_quota_enter(struct list *quotas, struct rule_quota *q, uint8_t table_id);
void rule_quota_leave(struct rule_quota *q, uint8_t table_id);

/* For the tables: all rules of 'table_id' leave it at once. */
void rule_quota_flush(const struct list *quotas, uint8_t table_id);

#endif
