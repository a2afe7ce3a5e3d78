/* SPDX-License-Identifier: Apache-2.0 */
/* What a learn action makes of a packet: the rule it learns. */
#ifndef LIB_OPENFLOW_NX_LEARN_H
#define LIB_OPENFLOW_NX_LEARN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/openflow/ofp-actions.h"
#include "lib/packet/match.h"

enum {
    /* Bytes of the actions of a learnt rule: fin_timeout, and of each spec two loads at most. */
    LEARN_MAX_ACTIONS = sizeof(struct action)
                        + LEARN_MAX_SPECS * 2 * sizeof(struct action_reg_load),
};

/* A rule that is learnt; 'actions' are followed by no more memory than they need. */
struct learnt_rule {
    struct match match;     /* What it matches. */
    uint64_t cookie;        /* Opaque. */
    uint16_t idle_timeout;  /* Seconds, 0 never. */
    uint16_t hard_timeout;  /* Seconds since it was last learnt, 0 never. */
    uint16_t priority;      /* Priority. */
    uint16_t flags;         /* OFPFF_*. */
    uint8_t table_id;       /* Table. */
    bool is_bound;          /* Only to be learnt while a rule stands that teaches such. */
    uint8_t pad[2];         /* 0. */
    uint32_t actions_size;  /* Bytes of 'actions'. */
    uint64_t actions[];     /* A list of struct action. */
};

enum {
    LEARNT_MAX_SIZE = sizeof(struct learnt_rule) + LEARN_MAX_ACTIONS, /* Bytes of the longest. */
};

/* Makes '*rule', which has LEARNT_MAX_SIZE bytes, what 'learn' learns from a packet with 'flow'.
 * Threads: any. On the packet path: nothing waits or allocates. */
void learn_from(const struct action_learn *learn, const struct flow *flow,
                struct learnt_rule *rule);

/* The actions of 'rule' as a list, borrowed: not to be changed or released. */
struct action_list learnt_actions(const struct learnt_rule *rule);

/* Bytes of 'rule' with its actions. */
size_t learnt_size(const struct learnt_rule *rule);

#endif
