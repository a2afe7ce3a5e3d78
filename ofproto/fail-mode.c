/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch does while no controller is there: one of the fail modes (A9.3, A9.4). */
#include "ofproto/fail-mode.h"

#include <assert.h>
#include <string.h>

#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/learnt-cookies.h"
#include "ofproto/ofproto-private.h"

VLOG_DEFINE_MODULE(fail_mode);

/* Standalone with controllers configured: when all have been away for three probe intervals, the
 * rules are flushed and misses go the NORMAL way; when one is back, the rules are flushed again
 * (it begins with an empty table) and misses go to it. Without any controller configured NORMAL
 * holds from the start and the rules that somebody adds stay.
 *
 * Emergency: when all controllers have been away so long, and at the start, which counts as being
 * away (4.3), the rules are flushed and packets begin in the emergency table, in one version. When
 * one is back, they begin in table 0 again; the emergency rules stay for the next time. It is the
 * same for a controller that is taken out of the configuration: another may be put in its place.
 *
 * The mode may change while the switch is on its own: the old one ends, and the new one begins if
 * it holds without a controller. The rules are flushed for a controller that is back, not for
 * that.
 *
 * A miss that nobody wants is dropped in the datapath, without coming up. */

enum { PROBES = 3 /* Probe intervals without a controller before we go on our own. */ };

static const char *const names[] = {
    [FAIL_SECURE] = "secure",
    [FAIL_STANDALONE] = "standalone",
    [FAIL_EMERGENCY] = "emergency",
};
static_assert(ARRAY_SIZE(names) == FAIL_EMERGENCY + 1, "every mode has a name");

const char *fail_mode_name(enum fail_mode mode)
{
    return names[mode];
}

bool fail_mode_from_name(const char *name, enum fail_mode *mode)
{
    for (size_t i = FAIL_DEFAULT + 1; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(name, names[i])) {
            *mode = (enum fail_mode) i;
            return true;
        }
    }
    return false;
}

enum fail_mode fail_mode_get(const struct ofproto *p)
{
    if (p->config.fail_mode != FAIL_DEFAULT) {
        return p->config.fail_mode;
    }
    return connmgr_n_controllers(p->connmgr) ? FAIL_SECURE : FAIL_STANDALONE;
}

/* Time without a controller before the switch goes on its own. */
static int64_t patience(const struct ofproto *p)
{
    return PROBES * (p->config.inactivity_probe ? p->config.inactivity_probe : 5 * SEC);
}

/* Empties the tables that controllers fill. */
static void flush(struct ofproto *p)
{
    tables_flush(p->tables, OFPTT_ALL, OFPRR_DELETE);
    tables_commit(p->tables);
    learnt_cookies_flush(p);
}

/* Becomes a learning switch, or ends that. */
static void set_learning(struct ofproto *p, bool alone)
{
    bool is_back = !alone && connmgr_is_connected(p->connmgr);
    if (connmgr_n_controllers(p->connmgr)) {
        VLOG_WARN("%s: %s", p->config.name,
                  alone     ? "no controller: forwarding as a learning switch"
                  : is_back ? "a controller is back: no learning switch any more"
                            : "no learning switch any more");
        if (alone || is_back) {
            flush(p);
        }
    }
}

/* Begins with the emergency rules, or ends that. */
static void set_emergency(struct ofproto *p, bool alone)
{
    tables_set_first(p->tables, alone ? OFPROTO_EMERGENCY_TABLE : 0);
    if (alone) {
        VLOG_WARN("%s: no controller: emergency rules hold", p->config.name);
        flush(p);
    } else {
        VLOG_WARN("%s: emergency rules rest", p->config.name);
        tables_commit(p->tables);
    }
}

/* How a mode goes on its own and ends that; NULL: it never does. */
static void (*const set_alone[])(struct ofproto *p, bool alone) = {
    [FAIL_SECURE] = NULL,
    [FAIL_STANDALONE] = set_learning,
    [FAIL_EMERGENCY] = set_emergency,
};

/* Whether the switch should be on its own now; arms the timer if that will come. */
static bool wants_alone(struct ofproto *p)
{
    int64_t since = p->lost_at + patience(p);
    if (!set_alone[fail_mode_get(p)] || connmgr_is_connected(p->connmgr)) {
        timer_cancel(p->env->wheel, &p->alone_timer);
        return false;
    }
    bool waits = connmgr_n_controllers(p->connmgr)
                 || (p->has_lost && fail_mode_get(p) == FAIL_EMERGENCY);
    if (!waits || p->is_alone || ofproto_now(p) >= since) {
        return true;
    }
    timer_set(p->env->wheel, &p->alone_timer, since);
    return false;
}

void fail_mode_update(struct ofproto *p)
{
    if (p->writer) {
        return; /* Called again when its flow_mod has ended. */
    }
    enum fail_mode mode = fail_mode_get(p);
    bool alone = wants_alone(p);
    if (p->is_alone && mode != p->alone_mode) {
        set_alone[p->alone_mode](p, false);
        p->is_alone = false;
    }
    if (alone != p->is_alone) {
        p->is_alone = alone;
        set_alone[alone ? mode : p->alone_mode](p, alone);
        p->alone_mode = mode;
    }
    enum datapath_miss miss = alone && mode == FAIL_STANDALONE    ? MISS_NORMAL
                              : connmgr_wants_packets(p->connmgr) ? MISS_CONTROLLER
                                                                  : MISS_DROP;
    if (miss != p->miss) {
        p->miss = miss;
        datapath_set_miss(p->dp, miss);
    }
}

/* The patience has ended. */
static void alone_fire(struct timer *timer, int64_t now UNUSED)
{
    fail_mode_update(CONTAINER_OF(timer, struct ofproto, alone_timer));
}

void fail_mode_set(struct ofproto *p, enum fail_mode mode)
{
    p->config.fail_mode = mode;
    fail_mode_update(p);
}

void fail_mode_init(struct ofproto *p)
{
    p->lost_at = ofproto_now(p) - (fail_mode_get(p) == FAIL_EMERGENCY ? patience(p) : 0);
    p->miss = MISS_DROP;
    datapath_set_miss(p->dp, MISS_DROP);
    timer_init(&p->alone_timer, alone_fire);
}

void fail_mode_uninit(struct ofproto *p)
{
    timer_cancel(p->env->wheel, &p->alone_timer);
}
