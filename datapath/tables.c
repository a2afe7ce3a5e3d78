/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenFlow tables of a bridge: versioned rules with their counters. */
#include "datapath/tables.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/tables-private.h"
#include "lib/openflow/openflow-1.0.h"

/* Theory
 * ======
 *
 * Versions.  A reader acquires the version once and sees, for each rule, whether it is visible at
 * it.  Everything of a change (rules, ranks, interest, ring of changes) is written before the
 * version that shows it is released, so a reader of that version sees all of it.  A reader of an
 * older version may see parts, whose 'added' or 'removed' lie in its future.  So changes of any
 * number of rules, and the exchange of one rule for another, are one step to packets.
 *
 * Removal takes two grace periods.  After the commit, readers of older versions still use the rule;
 * when the first grace period has passed there is none, nobody counts for the rule any more, and it
 * is unlinked.  Readers that stand on it on their way through a chain may still be there; when the
 * second one has passed it is handed to its owner with its final counters.
 *
 * A flush puts an empty classifier in front of the old one.  A reader takes the newest one whose
 * first version is not after its own.  After one grace period no reader has so old a version; the
 * old classifier is taken off the end of the line and dismantled in slices.  Removals are worked
 * off in their order, so a rule that was removed before the flush is unlinked before its classifier
 * goes.
 *
 * Where packets begin is a property of a version too: there is a line of starts, like that of
 * classifiers, of which a reader takes the newest that is not after its own version.
 *
 * Caches.  One is in front of the tables where packets can begin, 0 and the switch's own, taken
 * together: one interest (tables-interest.c) and one ring of changes are about these alone.  A rule
 * found at version v may be used by a reader whose version is w > v if no change in between
 * concerns the flow: then it is still the answer, hence visible at w, hence not freed before the
 * reader's next quiescence.
 * The ring of changes answers that without looking at the rule.
 *
 * Another cache is in front of single tables, for resubmits.  So each table has an interest of its
 * own, and the version of its last change: as long as that is not after v nothing needs to be
 * asked.  The changes of tables where no packet begins share a second ring, so that those which are
 * always changing, because packets teach them, don't push out what the first cache asks for.  A
 * change in it that concerns the flow may be one of another table: then one lookup is made in vain.
 */

struct tables *tables_create(const struct tables_config *config)
{
    struct tables *t = xaligned_alloc(CACHE_LINE, sizeof *t);
    memset(t, 0, sizeof *t);
    t->n_tables = config->n_tables;
    t->n_all = config->n_tables + config->n_own;
    t->n_threads = config->n_threads;
    t->rcu = config->rcu;
    t->max_rules = config->max_rules;
    t->seed = config->seed;
    t->gone = config->gone;
    t->aux = config->aux;
    t->version = 1;
    t->interest = xzalloc(sizeof *t->interest);
    t->counters = counters_create(config->n_threads, config->rcu);
    t->start = xzalloc(sizeof *t->start);
    t->tables = xcalloc(t->n_all, sizeof *t->tables);
    t->front = config->has_front ? &t->tables[t->n_all - 1] : NULL;
    for (unsigned i = 0; i < t->n_all; i++) {
        t->tables[i].newest = classifier_create(config->rcu, config->seed, 0);
    }
    t->lookups = xcalloc(config->n_threads, sizeof *t->lookups);
    for (unsigned i = 0; i < config->n_threads; i++) {
        size_t size = ROUND_UP(t->n_all * sizeof *t->lookups[0], (size_t) CACHE_LINE);
        t->lookups[i] = xaligned_alloc(CACHE_LINE, size);
        memset(t->lookups[i], 0, size);
    }
    list_init(&t->removed);
    list_init(&t->unlinked);
    list_init(&t->dismantled);
    list_init(&t->quotas);
    return t;
}

/* Destroys 'c' with the rules that are listed in it. */
static void destroy_classifier(struct classifier *c)
{
    struct rule *rule;
    while ((rule = classifier_pop(c)) != NULL) {
        rule_destroy(rule);
    }
    classifier_destroy(c);
}

/* Destroys the classifiers on 'list'. */
static void destroy_classifiers(struct list *list)
{
    struct list *node;
    while ((node = list_pop_front(list)) != NULL) {
        destroy_classifier(CONTAINER_OF(node, struct classifier, node));
    }
}

/* Destroys the removals on 'list' with what is in them. */
static void destroy_removals(struct list *list)
{
    struct list *node, *link;
    while ((node = list_pop_front(list)) != NULL) {
        struct removal *removal = LIST_ENTRY(node, removal, node);
        while ((link = list_pop_front(&removal->rules)) != NULL) {
            rule_destroy(CONTAINER_OF(link, struct rule_link, node)->rule);
        }
        destroy_classifiers(&removal->classifiers);
        free(removal);
    }
}

void tables_destroy(struct tables *t)
{
    if (!t) {
        return;
    }
    if (t->pending) {
        list_push_back(&t->removed, &t->pending->node);
    }
    destroy_removals(&t->removed);
    destroy_removals(&t->unlinked);
    destroy_classifiers(&t->dismantled);
    for (unsigned i = 0; i < t->n_all; i++) {
        destroy_classifier(t->tables[i].newest);
        free(t->tables[i].interest);
    }
    for (unsigned i = 0; i < t->n_threads; i++) {
        free(t->lookups[i]);
    }
    free(t->lookups);
    free(t->tables);
    counters_destroy(t->counters);
    if (t->start->since > t->version) {
        free(t->start->older);
    }
    while (list_pop_front(&t->quotas)) {
        continue;
    }
    free(t->start);
    free(t->later);
    free(t->interest);
    free(t);
}

/* Notes that table 'table_id' of the next version has or lacks a rule with 'match'. */
static void note_change(struct tables *t, uint8_t table_id, const struct minimatch *match)
{
    if (!tables_is_first(t, table_id) && !t->later) {
        RCU_SET(&t->later, xzalloc(sizeof *t->later));
    }
    change_ring_add(tables_is_first(t, table_id) ? &t->ring : t->later, t->version + 1, match);
    RCU_SET(&t->tables[table_id].changed, t->version + 1);
    t->changed = true;
}

void tables_set_max_rules(struct tables *t, uint32_t max_rules)
{
    t->max_rules = max_rules;
}

int tables_insert(struct tables *t, uint8_t table_id, struct rule *rule, int64_t now)
{
    assert(table_id < t->n_all);
    struct table *table = &t->tables[table_id];
    if (classifier_find(table->newest, &rule->match, rule->precedence)) {
        return EEXIST;
    }
    if (table->n_rules >= t->max_rules && table != t->front) {
        return ENOSPC;
    }
    table->n_rules++;
    rule_quota_enter(&t->quotas, rule->quota, table_id);
    rule->table_id = table_id;
    rule->added = t->version + 1;
    rule->created = now;
    rule->in_table = true;
    rule->counters = counters_alloc(t->counters, now);
    tables_widen(t, table_id, &rule->match, now);
    classifier_insert(table->newest, rule);
    note_change(t, rule->table_id, &rule->match);
    return 0;
}

/* Returns a removal of nothing. */
static struct removal *create_removal(void)
{
    struct removal *removal = xzalloc(sizeof *removal);
    list_init(&removal->rules);
    list_init(&removal->classifiers);
    return removal;
}

/* What the next commit removes. */
static struct removal *pending_removal(struct tables *t)
{
    if (!t->pending) {
        t->pending = create_removal();
    }
    return t->pending;
}

/* Hides 'rule', which is off its subtable's list, from the next version on. */
static void remove_for_next(struct tables *t, struct rule *rule)
{
    rule->in_table = false;
    RCU_WRITE(&rule->removed, t->version + 1);
    list_push_back(&pending_removal(t)->rules, &rule->link.node);
}

void tables_replace(struct tables *t, struct rule *old, struct rule *rule, bool keep_counters,
                    int64_t now)
{
    assert(tables_contains(t, old));
    rule->table_id = old->table_id;
    rule->added = t->version + 1;
    rule->created = keep_counters ? old->created : now;
    rule->in_table = true;
    rule->counters = keep_counters ? old->counters : counters_alloc(t->counters, now);
    old->counters_moved = keep_counters;
    rule_quota_leave(old->quota, old->table_id);
    rule_quota_enter(&t->quotas, rule->quota, rule->table_id);
    classifier_replace(t->tables[old->table_id].newest, old, rule);
    remove_for_next(t, old);
    note_change(t, rule->table_id, &rule->match);
}

void tables_remove(struct tables *t, struct rule *rule)
{
    if (!tables_contains(t, rule)) {
        return;
    }
    struct table *table = &t->tables[rule->table_id];
    table->n_rules--;
    rule_quota_leave(rule->quota, rule->table_id);
    classifier_hide(table->newest, rule);
    remove_for_next(t, rule);
    note_change(t, rule->table_id, &rule->match);
}

/* The match of every packet. */
static const struct minimatch any = {.map = 0};

/* Puts an empty classifier in front of that of 'table'. */
static void flush_table(struct tables *t, struct table *table, uint8_t reason)
{
    struct classifier *old = table->newest;
    if (!table->n_rules) {
        return;
    }
    struct classifier *c = classifier_create(t->rcu, t->seed, t->version + 1);
    c->older = old;
    old->newer = c;
    old->flushed = true;
    old->reason = reason;
    list_push_back(&pending_removal(t)->classifiers, &old->node);
    table->n_rules = 0;
    rule_quota_flush(&t->quotas, (uint8_t) (table - t->tables));
    RCU_SET(&table->newest, c);
    note_change(t, (uint8_t) (table - t->tables), &any);
}

void tables_flush(struct tables *t, uint8_t table_id, uint8_t reason)
{
    if (table_id != OFPTT_ALL) {
        assert(table_id < t->n_all);
        flush_table(t, &t->tables[table_id], reason);
        return;
    }
    for (unsigned i = 0; i < t->n_tables; i++) {
        flush_table(t, &t->tables[i], reason);
    }
}

void tables_flush_front(struct tables *t, uint8_t reason)
{
    flush_table(t, t->front, reason);
}

void tables_set_first(struct tables *t, uint8_t table_id)
{
    assert(table_id < t->n_all);
    if (t->start->table_id == table_id) {
        return;
    }
    if (t->start->since <= t->version) {
        struct tables_start *start = xzalloc(sizeof *start);
        start->since = t->version + 1;
        start->older = t->start;
        RCU_SET(&t->start, start);
    }
    RCU_WRITE(&t->start->table_id, table_id);
    note_change(t, 0, &any);
}

void tables_commit(struct tables *t)
{
    if (!t->changed) {
        return;
    }
    RCU_SET(&t->version, t->version + 1);
    t->changed = false;
    if (t->start->since == t->version) {
        rcu_defer(t->rcu, free, t->start->older);
    }
    if (t->pending) {
        t->pending->token = t->pending->since = rcu_start(t->rcu);
        list_push_back(&t->removed, &t->pending->node);
        t->pending = NULL;
    }
}

/* The oldest removal on 'list' if its grace period has passed, or NULL. */
static struct removal *next_passed(const struct tables *t, const struct list *list)
{
    struct list *node = list_front(list);
    struct removal *removal = node ? LIST_ENTRY(node, removal, node) : NULL;
    return removal && rcu_passed(t->rcu, removal->token) ? removal : NULL;
}

/* Takes a rule off 'list' if there is one and the budget is not used up. */
static struct rule *pop_rule(struct list *list, size_t *budget)
{
    struct list *node = *budget ? list_pop_front(list) : NULL;
    *budget -= node != NULL;
    return node ? CONTAINER_OF(node, struct rule_link, node)->rule : NULL;
}

/* Takes the classifiers in 'removal', which no reader uses any more, off the ends of their lines.
 * */
static void detach_classifiers(struct tables *t, struct removal *removal)
{
    struct list *node;
    while ((node = list_pop_front(&removal->classifiers)) != NULL) {
        struct classifier *c = LIST_ENTRY(node, c, node);
        c->token = removal->since;
        RCU_SET(&c->newer->older, NULL);
        list_push_back(&t->dismantled, &c->node);
    }
}

/* Unlinks what no reader's version shows any more; true if the budget was used up. */
static bool unlink_removals(struct tables *t, size_t *budget)
{
    if (!next_passed(t, &t->removed)) {
        return false;
    }
    struct removal *removal, *unlinked = create_removal();
    unlinked->since = next_passed(t, &t->removed)->since;
    while (*budget && (removal = next_passed(t, &t->removed)) != NULL) {
        struct rule *rule;
        t->has_lost = true;
        while ((rule = pop_rule(&removal->rules, budget)) != NULL) {
            classifier_unlink(rule->subtable->classifier, rule);
            list_push_back(&unlinked->rules, &rule->link.node);
        }
        if (list_is_empty(&removal->rules)) {
            detach_classifiers(t, removal);
            list_remove(&removal->node);
            free(removal);
        }
    }
    if (list_is_empty(&unlinked->rules)) {
        free(unlinked);
    } else {
        unlinked->token = rcu_start(t->rcu);
        list_push_back(&t->unlinked, &unlinked->node);
    }
    return !*budget;
}

/* Hands 'rule' to its owner. */
static void hand_over(struct tables *t, struct rule *rule)
{
    struct rule_counters sum;
    bool moved = rule->counters_moved;
    counters_sum(t->counters, rule->counters, &sum);
    if (!moved) {
        counters_free(t->counters, rule->counters);
    }
    rule->in_table = false;
    rule->subtable = NULL;
    t->gone(t->aux, rule, &sum, moved);
}

/* Hands unlinked rules over that no reader stands on any more. */
static void hand_over_unlinked(struct tables *t, size_t *budget)
{
    struct removal *removal;
    while (*budget && (removal = next_passed(t, &t->unlinked)) != NULL) {
        struct rule *rule;
        while ((rule = pop_rule(&removal->rules, budget)) != NULL) {
            hand_over(t, rule);
        }
        if (list_is_empty(&removal->rules)) {
            list_remove(&removal->node);
            free(removal);
        }
    }
}

/* Hands the rules of flushed classifiers over. */
static void hand_over_flushed(struct tables *t, size_t *budget)
{
    while (*budget && !list_is_empty(&t->dismantled)) {
        struct classifier *c = LIST_ENTRY(list_front(&t->dismantled), c, node);
        struct rule *rule = classifier_pop(c);
        if (rule) {
            rule->reason = c->reason;
            hand_over(t, rule);
            --*budget;
        } else {
            list_remove(&c->node);
            classifier_destroy(c);
        }
    }
}

bool tables_run(struct tables *t, size_t budget)
{
    size_t unlink_budget = budget;
    bool more = unlink_removals(t, &unlink_budget);
    hand_over_unlinked(t, &budget);
    hand_over_flushed(t, &budget);
    return more || !budget;
}

bool tables_is_settled(const struct tables *t)
{
    return !t->pending && list_is_empty(&t->removed) && list_is_empty(&t->unlinked)
           && list_is_empty(&t->dismantled);
}

/* True if 'list' has no removal, or its oldest one is younger than 'token'. */
static bool is_younger(const struct list *list, uint64_t token)
{
    const struct removal *removal;
    return list_is_empty(list) || LIST_ENTRY(list_front(list), removal, node)->since > token;
}

bool tables_is_settled_before(const struct tables *t, uint64_t token)
{
    const struct classifier *c;
    return is_younger(&t->removed, token) && is_younger(&t->unlinked, token)
           && (list_is_empty(&t->dismantled)
               || LIST_ENTRY(list_front(&t->dismantled), c, node)->token > token);
}

bool tables_contains(const struct tables *t UNUSED, const struct rule *rule)
{
    return rule->in_table && rule->subtable->classifier && !rule->subtable->classifier->flushed;
}

/* Space for the largest minimatch. */
union minimatch_buffer {
    struct minimatch match; /* The match. */
    uint64_t words[sizeof(struct minimatch) / sizeof(uint64_t) + 2 * FLOW_WORDS]; /* Its bytes. */
};

struct rule *tables_find(const struct tables *t, uint8_t table_id, const struct match *match,
                         uint32_t precedence)
{
    union minimatch_buffer buffer;
    minimatch_init(&buffer.match, match);
    return classifier_find(RCU_GET(&t->tables[table_id].newest), &buffer.match, precedence);
}

unsigned tables_next_used(const struct tables *t, unsigned table_id)
{
    while (table_id < t->n_all && !t->tables[table_id].n_rules) {
        table_id++;
    }
    return table_id;
}

void tables_get_counters(const struct tables *t, const struct rule *rule,
                         struct rule_counters *counters)
{
    counters_sum(t->counters, rule->counters, counters);
}

void tables_get_summary(const struct tables *t, uint8_t table_id, struct table_summary *s)
{
    const struct table *table = &t->tables[table_id];
    *s = (struct table_summary) {
        .n_rules = table->n_rules,
        .max_rules = t->max_rules,
        .n_subtables = classifier_count_subtables(table->newest),
        .steps = classifier_steps(table->newest),
    };
    for (unsigned i = 0; i < t->n_threads; i++) {
        s->lookups += RCU_READ(&t->lookups[i][table_id].lookups);
        s->matches += RCU_READ(&t->lookups[i][table_id].matches);
    }
}

uint64_t tables_version(const struct tables *t)
{
    return RCU_GET(&t->version);
}

unsigned tables_count(const struct tables *t)
{
    return t->n_tables;
}

struct rule *tables_lookup(const struct tables *t, uint8_t table_id, uint64_t version,
                           const struct flow *flow, unsigned *visited)
{
    unsigned n = 0;
    const struct classifier *c = RCU_GET(&t->tables[table_id].newest);
    while (c->since > version) {
        c = RCU_GET(&c->older);
    }
    struct rule *rule = classifier_lookup(c, version, flow, &n);
    if (visited) {
        *visited += n;
    }
    return rule;
}

uint8_t tables_first(const struct tables *t, uint64_t version)
{
    const struct tables_start *start = RCU_GET(&t->start);
    while (UNLIKELY(start->since > version)) {
        start = start->older;
    }
    return RCU_READ(&start->table_id);
}

struct rule *tables_lookup_first(const struct tables *t, uint64_t version, const struct flow *flow,
                                 unsigned *visited)
{
    struct rule *rule = NULL;
    if (t->front) {
        rule = tables_lookup(t, (uint8_t) (t->front - t->tables), version, flow, visited);
    }
    return rule ? rule : tables_lookup(t, tables_first(t, version), version, flow, visited);
}

/* A change costs about as much to check as half a subtable to look into; a lookup has other costs
 * that make up for some. */
enum { CHECKS_ALWAYS = 32, CHECKS_PER_SUBTABLE = 2 };

/* True if no change in 'ring', which knows those of 'table_id', concerns 'flow'. */
static bool is_unconcerned(const struct tables *t, uint8_t table_id,
                           const struct change_ring *ring, uint64_t from, uint64_t to,
                           const struct flow *flow)
{
    const struct classifier *c = RCU_GET(&t->tables[table_id].newest);
    size_t limit = CHECKS_ALWAYS + CHECKS_PER_SUBTABLE * RCU_GET(&c->ranking)->n;
    limit = MIN(limit, (size_t) CHANGE_RING_SIZE);
    return !change_ring_concerns(ring, from, to, flow, (unsigned) limit);
}

bool tables_unchanged_for(const struct tables *t, uint64_t from, uint64_t to,
                          const struct flow *flow)
{
    return is_unconcerned(t, 0, &t->ring, from, to, flow);
}

bool tables_unchanged_in(const struct tables *t, uint8_t table_id, uint64_t from, uint64_t to,
                         const struct flow *flow)
{
    if (RCU_GET(&t->tables[table_id].changed) <= from) {
        return true;
    }
    const struct change_ring *ring = tables_is_first(t, table_id) ? &t->ring : RCU_GET(&t->later);
    return is_unconcerned(t, table_id, ring, from, to, flow);
}

void tables_credit(struct tables *t, unsigned thread, const struct rule *rule, uint64_t packets,
                   uint64_t bytes, int64_t now)
{
    counters_add(t->counters, thread, rule->counters, packets, bytes, now);
}

void tables_prefetch_counters(const struct tables *t, unsigned thread, const struct rule *rule)
{
    __builtin_prefetch(counters_at(t->counters, thread, rule->counters), 1);
}

void tables_count_lookups(struct tables *t, unsigned thread, uint8_t table_id, uint64_t lookups,
                          uint64_t matches)
{
    struct table_counts *counts = &t->lookups[thread][table_id];
    RCU_ADD(&counts->lookups, lookups);
    RCU_ADD(&counts->matches, matches);
}
