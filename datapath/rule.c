/* SPDX-License-Identifier: Apache-2.0 */
/* Making rules and ranking them. */
#include "datapath/rule.h"

#include <stddef.h>
#include <stdlib.h>

#include "lib/hash.h"

/* Theory of the rank
 * ==================
 *
 * From the top: 17 bits of precedence, 12 bits with the number of bits that the mask compares, and
 * 35 bits of a hash of the mask with a constant seed.  Two different rules that match one packet
 * and have the same precedence have different masks (else they were the same match), so their ranks
 * differ but for a collision of the hash, once in 2^35 pairs. */
enum { RANK_BITS_SHIFT = 35, RANK_PRECEDENCE_SHIFT = 47 };

_Static_assert(FLOW_WORDS * 64 < 1 << (RANK_PRECEDENCE_SHIFT - RANK_BITS_SHIFT),
               "the number of bits of a mask fits into a rank");

uint32_t rule_precedence(bool exact, uint16_t priority)
{
    return exact ? RULE_EXACT_PRECEDENCE : priority;
}

/* The rank of a rule with 'precedence' and the mask of 'match'. */
static uint64_t rank_of(uint32_t precedence, const struct minimatch *match)
{
    const uint64_t *mask = match->words + match->n;
    uint64_t bits = 0;
    for (uint32_t i = 0; i < match->n; i++) {
        bits += (uint64_t) __builtin_popcountll(mask[i]);
    }
    uint64_t hash = hash_bytes(mask, match->n * sizeof *mask, match->map);
    return (uint64_t) precedence << RANK_PRECEDENCE_SHIFT | bits << RANK_BITS_SHIFT
           | hash >> (64 - RANK_BITS_SHIFT);
}

struct rule *rule_create(const struct match *match, bool exact, uint16_t priority,
                         struct action_list *actions)
{
    struct rule *rule = xmalloc(offsetof(struct rule, match) + minimatch_size(match));
    *rule = (struct rule) {
        .precedence = rule_precedence(exact, priority),
        .exact = exact,
        .priority = priority,
        .removed = UINT64_MAX,
        .actions = *actions,
    };
    action_list_init(actions);
    minimatch_init(&rule->match, match);
    rule->rank = rank_of(rule->precedence, &rule->match);
    rule->link.rule = rule;
    list_init(&rule->link.node);
    return rule;
}

void rule_get_key(const struct rule *rule, struct rule_key *key)
{
    minimatch_expand(&rule->match, &key->match);
    key->precedence = rule->precedence;
    key->table_id = rule->table_id;
}

void rule_set_quota(struct rule *rule, struct rule_quota *quota)
{
    rule_quota_unref(rule->quota);
    rule->quota = rule_quota_ref(quota);
}

void rule_destroy(struct rule *rule)
{
    if (rule) {
        rule_quota_unref(rule->quota);
        action_list_uninit(&rule->actions);
        free(rule);
    }
}
