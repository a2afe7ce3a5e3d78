/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over the rules of the tables that may rest while rules come and go. */
#include "datapath/tables-private.h"
#include "datapath/tables.h"
#include "lib/openflow/openflow-1.0.h"

/* Theory
 * ======
 *
 * A walk goes through tables by number, subtables by age and rules by age.  Where it rests it
 * leaves a mark in the subtable's list, in front of the next rule, and holds the subtable, so its
 * place in the classifier's list stays.  Rules never move within a list; one that replaces another
 * takes its place.  So what is there throughout is passed once.
 *
 * If the criterion fixes all bits of the subtable's mask, all rules wanted are in one chain, and
 * the walk looks at no others.  Chains are ordered by rank and serial, which never change, so the
 * position is the last rule's pair.  Chains that are long, because they hold one match at many
 * priorities, are left to the list.
 *
 * A walk for overlaps differs in what it wants only.  Of two rules that overlap neither need hold
 * the other, so all subtables count that have the precedence.  But if the criterion fixes all bits
 * of the subtable's mask, again one chain has all that is wanted, however long it is, and what is
 * below the precedence ends it.
 *
 * If the table was flushed meanwhile, nothing that was there throughout is left in it: the walk
 * goes on with the next table. */

enum {
    LONG_CHAIN = 4 * CLASSIFIER_CHAIN_MAX /* Rules from which on a chain is not walked as such. */
};

void rule_cursor_init(struct rule_cursor *c, struct tables *t, uint8_t table_id,
                      const struct match *match, uint16_t out_port)
{
    bool all = table_id == OFPTT_ALL;
    *c = (struct rule_cursor) {
        .tables = t,
        .match = *match,
        .out_port = out_port,
        .at_table = all ? 0 : MIN((unsigned) table_id, t->n_all),
        .end_table = all ? t->n_tables : MIN(table_id + 1u, t->n_all),
    };
    list_init(&c->mark.node);
}

void rule_cursor_init_overlap(struct rule_cursor *c, struct tables *t, uint8_t table_id,
                              const struct match *match, uint32_t precedence)
{
    rule_cursor_init(c, t, table_id, match, OFPP_NONE);
    c->is_overlap = true;
    c->precedence = precedence;
}

/* Lets go of the subtable. */
static void leave(struct rule_cursor *c)
{
    list_remove(&c->mark.node);
    classifier_release(c->at);
    c->at = NULL;
}

/* Can 'sub' hold what the walk wants? */
static bool is_compatible(const struct rule_cursor *c, const struct subtable *sub)
{
    return c->is_overlap ? subtable_has_precedence(sub, c->precedence)
                         : subtable_mask_is_within(&c->match.mask, &sub->all_masks);
}

/* Goes into 'sub'. */
static void enter(struct rule_cursor *c, struct subtable *sub)
{
    classifier_hold(sub);
    c->at = sub;
    c->rank = c->serial = UINT64_MAX;
    c->in_chain = subtable_accepts(sub, &c->match)
                  && (c->is_overlap
                      || subtable_count_chain(sub, &c->match, LONG_CHAIN) < LONG_CHAIN);
    if (is_compatible(c, sub)) {
        list_push_front(&sub->rules, &c->mark.node);
    } else {
        c->in_chain = false;
        list_push_back(&sub->rules, &c->mark.node);
    }
}

/* The subtable to walk after this one, or the table's first if the walk is in none; NULL if there
 * is none. */
static struct subtable *next_subtable(const struct rule_cursor *c)
{
    const struct classifier *classifier = c->tables->tables[c->at_table].newest;
    struct list *next = classifier->subtables.next;
    if (c->at) {
        classifier = c->at->classifier;
        if (!classifier || classifier->flushed) {
            return NULL;
        }
        next = c->at->node.next;
    }
    return next == &classifier->subtables ? NULL : LIST_ENTRY(next, c->at, node);
}

/* Goes on to the next subtable of the table; false if there is none. */
static bool enter_next(struct rule_cursor *c)
{
    struct subtable *next = next_subtable(c);
    if (c->at) {
        leave(c);
    }
    if (next) {
        enter(c, next);
    }
    return next != NULL;
}

/* Does the walk want 'rule', which is listed? */
static bool wants(const struct rule_cursor *c, const struct rule *rule)
{
    if (c->is_overlap) {
        return rule->precedence == c->precedence && minimatch_overlaps(&rule->match, &c->match);
    }
    return minimatch_is_within(&rule->match, &c->match)
           && (c->out_port == OFPP_NONE || action_list_outputs_to(&rule->actions, c->out_port));
}

/* The next rule wanted of the chain, or NULL. */
static struct rule *next_in_chain(struct rule_cursor *c, size_t *budget)
{
    struct rule *rule = subtable_chain(c->at, &c->match);
    uint32_t least = c->is_overlap ? c->precedence : 0;
    for (; rule && *budget && rule->precedence >= least; rule = rule->next) {
        bool passed = rule->rank > c->rank || (rule->rank == c->rank && rule->serial >= c->serial);
        if (!passed && rule->in_table) {
            --*budget;
            c->rank = rule->rank;
            c->serial = rule->serial;
            if (wants(c, rule)) {
                return rule;
            }
        }
    }
    return NULL;
}

/* The next rule wanted of the list, or NULL. */
static struct rule *next_in_list(struct rule_cursor *c, size_t *budget)
{
    struct list *rules = &c->at->rules;
    while (*budget && c->mark.node.next != rules) {
        struct list *node = c->mark.node.next;
        struct rule_link *link = LIST_ENTRY(node, link, node);
        list_remove(&c->mark.node);
        list_insert(node->next, &c->mark.node);
        --*budget;
        if (link->rule && wants(c, link->rule)) {
            return link->rule;
        }
    }
    return NULL;
}

struct rule *rule_cursor_next(struct rule_cursor *c, size_t *budget)
{
    while (*budget && c->at_table < c->end_table) {
        if (!c->at) {
            c->at_table = MIN(tables_next_used(c->tables, c->at_table), c->end_table);
            if (c->at_table == c->end_table) {
                break;
            }
        }
        struct rule *rule = NULL;
        if (c->at && c->at->classifier && !c->at->classifier->flushed) {
            rule = c->in_chain ? next_in_chain(c, budget) : next_in_list(c, budget);
        }
        if (rule || !*budget) {
            return rule;
        }
        --*budget;
        if (!enter_next(c)) {
            c->at_table++;
        }
    }
    return NULL;
}

void rule_cursor_uninit(struct rule_cursor *c)
{
    if (c->at) {
        leave(c);
    }
}
