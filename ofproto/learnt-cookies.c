/* SPDX-License-Identifier: Apache-2.0 */
/* The end of learnt rules with the rules that teach them (learn with delete_learned). */
#include "ofproto/learnt-cookies.h"

#include <stdlib.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/util.h"
#include "ofproto/ofproto-private.h"

/* Theory
 * ======
 *
 * For each table and cookie the learn actions with delete_learned are counted.  When the count
 * comes to 0, the cookie joins a harvest of that table: a walk that deletes the rules with such
 * cookies, one walk for all that join before it begins.  It is done in the change that takes the
 * last such action away, so that packets, and whoever asks afterwards, see both at once; but no
 * change looks at more than a slice of rules, and what is left of a harvest then goes on turn by
 * turn.
 *
 * Somebody may teach the same cookie anew meanwhile.  So a harvest takes no rule that came, or was
 * changed, later than the version in which its cookie joined.  And what a packet has taught on its
 * way through a rule that is gone by then must not be put in any more: learn.c asks
 * learnt_cookies_stand().
 *
 * When all tables are flushed, teachers and taught go together, and rules are not looked at one by
 * one: their actions are forgotten at once, and rules of that version or older that are handed over
 * later count no more.  Emergency rules stay, and are counted anew. */

/* A table and a cookie for which there are learn actions, or were until the version of 'end'. */
struct lesson {
    struct hmap_node node; /* In the lessons of all, then of a harvest. */
    uint64_t cookie;       /* Cookie. */
    uint8_t table_id;      /* Table. */
    unsigned n;            /* How many; 0 in a harvest. */
    uint64_t end;          /* In a harvest: the newest version of rules that it takes. */
};

/* Rules of one table being deleted. */
struct harvest {
    struct list node;          /* In harvests. */
    struct hmap lessons;       /* Whose rules; owned. */
    uint8_t table_id;          /* Table. */
    bool has_begun;            /* 'cursor' walks: nothing can join. */
    struct rule_cursor cursor; /* Where it is. */
};

struct learnt_cookies {
    struct hmap lessons;  /* By table and cookie; owned. */
    struct list harvests; /* In progress, the oldest first; owned. */
    uint64_t flushed;     /* Newest version of rules that are gone by a flush. */
    uint64_t seed;        /* For hashes. */
};

/* Hash of a table and a cookie. */
static uint32_t lesson_hash(const struct learnt_cookies *lc, uint8_t table_id, uint64_t cookie)
{
    return (uint32_t) hash_u64(cookie, lc->seed + table_id);
}

/* Finds a lesson among 'lessons'; NULL if it is not there. */
static struct lesson *lesson_find(const struct learnt_cookies *lc, const struct hmap *lessons,
                                  uint8_t table_id, uint64_t cookie)
{
    struct lesson *lesson;
    HMAP_FOR_EACH_WITH_HASH (lesson, node, lesson_hash(lc, table_id, cookie), lessons) {
        if (lesson->table_id == table_id && lesson->cookie == cookie) {
            return lesson;
        }
    }
    return NULL;
}

/* Frees all lessons. */
static void lessons_clear(struct hmap *lessons)
{
    struct lesson *lesson, *next;
    HMAP_FOR_EACH_SAFE (lesson, next, node, lessons) {
        hmap_remove(lessons, &lesson->node);
        free(lesson);
    }
}

static void harvest_destroy(struct harvest *h)
{
    list_remove(&h->node);
    if (h->has_begun) {
        rule_cursor_uninit(&h->cursor);
    }
    lessons_clear(&h->lessons);
    hmap_uninit(&h->lessons);
    free(h);
}

struct learnt_cookies *learnt_cookies_create(uint64_t seed)
{
    struct learnt_cookies *lc = xzalloc(sizeof *lc);
    hmap_init(&lc->lessons);
    list_init(&lc->harvests);
    lc->seed = seed;
    return lc;
}

void learnt_cookies_destroy(struct learnt_cookies *lc)
{
    struct harvest *h, *next;
    if (!lc) {
        return;
    }
    LIST_FOR_EACH_SAFE (h, next, node, &lc->harvests) {
        harvest_destroy(h);
    }
    lessons_clear(&lc->lessons);
    hmap_uninit(&lc->lessons);
    free(lc);
}

/* Counts the action 'learn'. */
static void lesson_add(struct learnt_cookies *lc, const struct action_learn *learn)
{
    uint64_t cookie = learn->action.cookie;
    struct lesson *lesson = lesson_find(lc, &lc->lessons, learn->table_id, cookie);
    if (!lesson) {
        lesson = xzalloc(sizeof *lesson);
        lesson->cookie = cookie;
        lesson->table_id = learn->table_id;
        hmap_insert(&lc->lessons, &lesson->node, lesson_hash(lc, learn->table_id, cookie));
    }
    lesson->n++;
}

/* The harvest of a table that others may join, which is made if there is none. */
static struct harvest *harvest_for(struct learnt_cookies *lc, uint8_t table_id)
{
    struct harvest *h;
    LIST_FOR_EACH (h, node, &lc->harvests) {
        if (h->table_id == table_id && !h->has_begun) {
            return h;
        }
    }
    h = xzalloc(sizeof *h);
    h->table_id = table_id;
    hmap_init(&h->lessons);
    list_push_back(&lc->harvests, &h->node);
    return h;
}

/* Counts it no longer; the last one joins a harvest. */
static void lesson_take(struct ofproto *p, const struct action_learn *learn)
{
    struct learnt_cookies *lc = p->learnt_cookies;
    uint64_t cookie = learn->action.cookie;
    struct lesson *lesson = lesson_find(lc, &lc->lessons, learn->table_id, cookie);
    if (!lesson || --lesson->n) {
        return;
    }
    hmap_remove(&lc->lessons, &lesson->node);
    struct hmap *lessons = &harvest_for(lc, learn->table_id)->lessons;
    struct lesson *joined = lesson_find(lc, lessons, learn->table_id, cookie);
    if (joined) {
        free(lesson);
        lesson = joined;
    } else {
        hmap_insert(lessons, &lesson->node, lesson_hash(lc, learn->table_id, cookie));
    }
    lesson->end = tables_version(p->tables) + 1;
}

/* The learn action with delete_learned that 'a' is, or NULL. */
static const struct action_learn *bound_learn(const struct action *a)
{
    const struct action_learn *learn = (const struct action_learn *) a;
    return a->type == ACTION_LEARN && learn->deletes_learnt ? learn : NULL;
}

void learnt_cookies_rule_came(struct ofproto *p, struct rule *rule)
{
    const struct action *a;
    ACTION_FOR_EACH (a, &rule->actions) {
        const struct action_learn *learn = bound_learn(a);
        if (learn) {
            lesson_add(p->learnt_cookies, learn);
            rule->teaches = true;
        }
    }
}

void learnt_cookies_rule_goes(struct ofproto *p, struct rule *rule)
{
    const struct action *a;
    if (LIKELY(!rule->teaches)) {
        return;
    }
    rule->teaches = false;
    if (rule->added <= p->learnt_cookies->flushed && rule->table_id != OFPROTO_EMERGENCY_TABLE) {
        return;
    }
    ACTION_FOR_EACH (a, &rule->actions) {
        const struct action_learn *learn = bound_learn(a);
        if (learn) {
            lesson_take(p, learn);
        }
    }
}

void learnt_cookies_remove_rule(struct ofproto *p, struct rule *rule, uint8_t reason)
{
    rule->reason = reason;
    learnt_cookies_rule_goes(p, rule);
    tables_remove(p->tables, rule);
}

void learnt_cookies_replace_rule(struct ofproto *p, struct rule *old, struct rule *rule,
                                 bool keep_counters)
{
    old->reason = OFPROTO_REASON_NONE;
    tables_replace(p->tables, old, rule, keep_counters, ofproto_now(p));
    learnt_cookies_rule_came(p, rule); /* First, so that what both teach does not end. */
    learnt_cookies_rule_goes(p, old);
}

bool learnt_cookies_any(const struct ofproto *p)
{
    return !hmap_is_empty(&p->learnt_cookies->lessons);
}

bool learnt_cookies_stand(const struct ofproto *p, uint8_t table_id, uint64_t cookie)
{
    const struct learnt_cookies *lc = p->learnt_cookies;
    return lesson_find(lc, &lc->lessons, table_id, cookie) != NULL;
}

void learnt_cookies_flush(struct ofproto *p)
{
    struct learnt_cookies *lc = p->learnt_cookies;
    struct rule_cursor cursor;
    struct rule *rule;
    struct match any;
    size_t budget = SIZE_MAX;
    lessons_clear(&lc->lessons);
    lc->flushed = tables_version(p->tables);
    match_init_any(&any);
    rule_cursor_init(&cursor, p->tables, OFPROTO_EMERGENCY_TABLE, &any, OFPP_NONE);
    while ((rule = rule_cursor_next(&cursor, &budget)) != NULL) {
        learnt_cookies_rule_came(p, rule);
    }
    rule_cursor_uninit(&cursor);
}

/* Begins to walk, unless that has begun. */
static void harvest_begin(struct ofproto *p, struct harvest *h)
{
    struct match any;
    if (!h->has_begun) {
        match_init_any(&any);
        rule_cursor_init(&h->cursor, p->tables, h->table_id, &any, OFPP_NONE);
        h->has_begun = true;
    }
}

/* Deletes the rules of 'h', looking at '*budget', counted down; true when all are. */
static bool harvest_step(struct ofproto *p, struct harvest *h, size_t *budget)
{
    const struct lesson *lesson;
    struct rule *rule;
    harvest_begin(p, h);
    while ((rule = rule_cursor_next(&h->cursor, budget)) != NULL) {
        lesson = lesson_find(p->learnt_cookies, &h->lessons, h->table_id, rule->cookie);
        if (lesson && rule->added <= lesson->end) {
            learnt_cookies_remove_rule(p, rule, OFPRR_DELETE);
        }
    }
    return *budget > 0;
}

/* The oldest harvest, or NULL. */
static struct harvest *first_harvest(const struct ofproto *p)
{
    struct harvest *h;
    const struct list *harvests = &p->learnt_cookies->harvests;
    return list_is_empty(harvests) ? NULL : LIST_ENTRY(list_front(harvests), h, node);
}

void learnt_cookies_commit(struct ofproto *p)
{
    struct harvest *h;
    size_t budget = OFPROTO_SLICE;
    while ((h = first_harvest(p)) != NULL && harvest_step(p, h, &budget)) {
        harvest_destroy(h);
    }
    tables_commit(p->tables);
}

bool learnt_cookies_run(struct ofproto *p)
{
    if (UNLIKELY(first_harvest(p) != NULL) && !p->writer) {
        learnt_cookies_commit(p);
        return first_harvest(p) != NULL;
    }
    return false;
}
