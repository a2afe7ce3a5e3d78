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
 * comes to 0, a harvest of that table begins: a walk that deletes the rules with the cookie.  It is
 * done in the change that takes the last such action away, so that packets, and whoever asks
 * afterwards, see both at once; but no change looks at more than a slice of rules, and what is left
 * of a harvest then goes on turn by turn.
 *
 * Somebody may teach the same cookie anew meanwhile.  So a harvest takes no rule that came, or was
 * changed, later than the version in which it began.  And what a packet has taught on its way
 * through a rule that is gone by then must not be put in any more: learn.c asks
 * learnt_cookies_stand(). */

/* A table and a cookie for which there are learn actions. */
struct lesson {
    struct hmap_node node; /* In lessons. */
    uint64_t cookie;       /* Cookie. */
    uint8_t table_id;      /* Table. */
    unsigned n;            /* How many, not 0. */
};

/* Rules being deleted. */
struct harvest {
    struct list node;          /* In harvests. */
    struct rule_cursor cursor; /* Where it is. */
    uint64_t cookie;           /* Of which cookie. */
    uint64_t version;          /* The newest version in which they came. */
};

struct learnt_cookies {
    struct hmap lessons;  /* By table and cookie; owned. */
    struct list harvests; /* In progress, the oldest first; owned. */
    uint64_t seed;        /* For hashes. */
};

/* Hash of a table and a cookie. */
static uint64_t lesson_hash(const struct learnt_cookies *lc, uint8_t table_id, uint64_t cookie)
{
    return hash_u64(cookie, lc->seed + table_id);
}

/* Finds a lesson; NULL if there is none. */
static struct lesson *lesson_find(const struct learnt_cookies *lc, uint8_t table_id,
                                  uint64_t cookie)
{
    struct lesson *lesson;
    HMAP_FOR_EACH_WITH_HASH (lesson, node, lesson_hash(lc, table_id, cookie), &lc->lessons) {
        if (lesson->table_id == table_id && lesson->cookie == cookie) {
            return lesson;
        }
    }
    return NULL;
}

static void harvest_destroy(struct harvest *h)
{
    list_remove(&h->node);
    rule_cursor_uninit(&h->cursor);
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
    struct lesson *lesson, *next;
    struct harvest *h, *next_harvest;
    if (!lc) {
        return;
    }
    HMAP_FOR_EACH_SAFE (lesson, next, node, &lc->lessons) {
        hmap_remove(&lc->lessons, &lesson->node);
        free(lesson);
    }
    LIST_FOR_EACH_SAFE (h, next_harvest, node, &lc->harvests) {
        harvest_destroy(h);
    }
    hmap_uninit(&lc->lessons);
    free(lc);
}

/* Counts the action 'learn'. */
static void lesson_add(struct learnt_cookies *lc, const struct action_learn *learn)
{
    uint64_t cookie = learn->action.cookie;
    struct lesson *lesson = lesson_find(lc, learn->table_id, cookie);
    if (!lesson) {
        lesson = xzalloc(sizeof *lesson);
        lesson->cookie = cookie;
        lesson->table_id = learn->table_id;
        hmap_insert(&lc->lessons, &lesson->node,
                    (uint32_t) lesson_hash(lc, learn->table_id, cookie));
    }
    lesson->n++;
}

/* Counts it no longer; the last one begins a harvest. */
static void lesson_take(struct ofproto *p, const struct action_learn *learn)
{
    struct learnt_cookies *lc = p->learnt_cookies;
    struct lesson *lesson = lesson_find(lc, learn->table_id, learn->action.cookie);
    if (!lesson || --lesson->n) {
        return;
    }
    struct match any;
    struct harvest *h = xzalloc(sizeof *h);
    match_init_any(&any);
    h->cookie = lesson->cookie;
    h->version = tables_version(p->tables) + 1;
    rule_cursor_init(&h->cursor, p->tables, lesson->table_id, &any, OFPP_NONE);
    list_push_back(&lc->harvests, &h->node);
    hmap_remove(&lc->lessons, &lesson->node);
    free(lesson);
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
    ACTION_FOR_EACH (a, &rule->actions) {
        const struct action_learn *learn = bound_learn(a);
        if (learn) {
            lesson_take(p, learn);
        }
    }
}

bool learnt_cookies_any(const struct ofproto *p)
{
    return !hmap_is_empty(&p->learnt_cookies->lessons);
}

bool learnt_cookies_stand(const struct ofproto *p, uint8_t table_id, uint64_t cookie)
{
    return lesson_find(p->learnt_cookies, table_id, cookie) != NULL;
}

/* Deletes the rules of 'h', looking at '*budget', counted down; true when all are. */
static bool harvest_step(struct ofproto *p, struct harvest *h, size_t *budget)
{
    struct rule *rule;
    while ((rule = rule_cursor_next(&h->cursor, budget)) != NULL) {
        if (rule->cookie == h->cookie && rule->added <= h->version) {
            rule->reason = OFPRR_DELETE;
            learnt_cookies_rule_goes(p, rule);
            tables_remove(p->tables, rule);
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
