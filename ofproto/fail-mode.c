/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch does while no controller is there: fail secure, or forward on its own (A9.4). */
#include "ofproto/fail-mode.h"

#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/ofproto-private.h"

VLOG_DEFINE_MODULE(fail_mode);

/* Standalone with controllers configured: when all have been away for three probe intervals, the
 * rules are flushed and misses go the NORMAL way; when one is back, the rules are flushed again
 * (it begins with an empty table) and misses go to it. Without any controller configured NORMAL
 * holds from the start and the rules that somebody adds stay.
 *
 * A miss that nobody wants is dropped in the datapath, without coming up. */

enum { PROBES = 3 /* Probe intervals without a controller before we go on our own. */ };

enum fail_mode fail_mode_get(const struct ofproto *p)
{
    if (p->config.fail_mode != FAIL_DEFAULT) {
        return p->config.fail_mode;
    }
    return connmgr_n_controllers(p->connmgr) ? FAIL_SECURE : FAIL_STANDALONE;
}

/* Time without a controller that standalone mode tolerates. */
static int64_t patience(const struct ofproto *p)
{
    return PROBES * (p->config.inactivity_probe ? p->config.inactivity_probe : 5 * SEC);
}

/* Goes on its own, or ends that. */
static void set_standalone(struct ofproto *p, bool standalone)
{
    if (p->is_standalone == standalone) {
        return;
    }
    p->is_standalone = standalone;
    if (connmgr_n_controllers(p->connmgr)) {
        VLOG_WARN("%s: %s", p->config.name,
                  standalone ? "no controller: forwarding as a learning switch"
                             : "a controller is back: no learning switch any more");
        tables_flush(p->tables, OFPTT_ALL, OFPRR_DELETE);
        tables_commit(p->tables);
    }
}

/* Whether the switch should be on its own now; arms the timer if that will come. */
static bool wants_standalone(struct ofproto *p)
{
    int64_t since = p->lost_at + patience(p);
    if (fail_mode_get(p) != FAIL_STANDALONE || connmgr_is_connected(p->connmgr)) {
        timer_cancel(p->env->wheel, &p->standalone_timer);
        return false;
    }
    if (!connmgr_n_controllers(p->connmgr) || p->is_standalone || ofproto_now(p) >= since) {
        return true;
    }
    timer_set(p->env->wheel, &p->standalone_timer, since);
    return false;
}

void fail_mode_update(struct ofproto *p)
{
    if (p->writer) {
        timer_set(p->env->wheel, &p->standalone_timer, ofproto_now(p) + 10 * MSEC);
        return;
    }
    set_standalone(p, wants_standalone(p));
    enum datapath_miss miss = p->is_standalone ? MISS_NORMAL
                              : connmgr_wants_packets(p->connmgr) ? MISS_CONTROLLER
                                                                  : MISS_DROP;
    if (miss != p->miss) {
        p->miss = miss;
        datapath_set_miss(p->dp, miss);
    }
}

/* The patience has ended. */
static void standalone_fire(struct timer *timer, int64_t now UNUSED)
{
    fail_mode_update(CONTAINER_OF(timer, struct ofproto, standalone_timer));
}

void fail_mode_init(struct ofproto *p)
{
    p->lost_at = ofproto_now(p);
    p->miss = MISS_DROP;
    datapath_set_miss(p->dp, MISS_DROP);
    timer_init(&p->standalone_timer, standalone_fire);
}

void fail_mode_uninit(struct ofproto *p)
{
    timer_cancel(p->env->wheel, &p->standalone_timer);
}
