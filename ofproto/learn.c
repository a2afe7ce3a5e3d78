/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that packets teach (learn actions), put into the tables. */
#include "ofproto/learn.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/nx-learn.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/flow-mod.h"
#include "ofproto/learnt-cookies.h"
#include "ofproto/ofproto-private.h"

VLOG_DEFINE_MODULE(learn);

enum { MAX_WAITING = 256 /* Rules that wait for a flow_mod to be done. */ };

/* A rule that waits. */
struct waiting {
    struct list node;        /* In p->learnt. */
    struct learnt_rule rule; /* The rule. */
};

/* Puts '*rule' in, unless it was to go with the rules that teach it and they have gone. */
static void put(struct ofproto *p, const struct learnt_rule *rule)
{
    if (rule->is_bound && !learnt_cookies_stand(p, rule->table_id, rule->cookie)) {
        return;
    }
    static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
    struct ofp_flow_mod fm = {
        .match = rule->match,
        .table_id = rule->table_id,
        .cookie = rule->cookie,
        .command = OFPFC_MODIFY_STRICT,
        .idle_timeout = rule->idle_timeout,
        .hard_timeout = rule->hard_timeout,
        .priority = rule->priority,
        .buffer_id = OFP_NO_BUFFER,
        .out_port = OFPP_NONE,
        .flags = rule->flags,
        .actions = learnt_actions(rule),
    };
    int error = flow_mod_learn(p, &fm);
    if (error) {
        VLOG_WARN_RL(&limit, "%s: table %u: nothing learnt: %s", p->config.name, rule->table_id,
                     ofperr_text(error));
    }
}

/* True if '*rule' waits already: packets that came meanwhile teach it again and again. */
static bool is_waiting(const struct ofproto *p, const struct learnt_rule *rule)
{
    const struct waiting *w;
    size_t size = learnt_size(rule);
    LIST_FOR_EACH (w, node, &p->learnt) {
        if (learnt_size(&w->rule) == size && !memcmp(&w->rule, rule, size)) {
            return true;
        }
    }
    return false;
}

void learn_handle(struct ofproto *p, const struct learnt_rule *rule)
{
    if (!p->writer) {
        put(p, rule);
    } else if (is_waiting(p, rule)) {
        return;
    } else if (p->n_learnt < MAX_WAITING) {
        struct waiting *w = xmalloc(offsetof(struct waiting, rule) + learnt_size(rule));
        memcpy(&w->rule, rule, learnt_size(rule));
        list_push_back(&p->learnt, &w->node);
        p->n_learnt++;
    } else {
        datapath_count_drop(p->dp, DROP_LEARN_WAITING);
    }
}

/* Takes the first one that waits; NULL if there is none. */
static struct waiting *pop(struct ofproto *p)
{
    struct list *node = list_pop_front(&p->learnt);
    p->n_learnt -= node != NULL;
    return node ? CONTAINER_OF(node, struct waiting, node) : NULL;
}

void learn_run(struct ofproto *p)
{
    struct waiting *w;
    while (UNLIKELY(p->n_learnt) && !p->writer && (w = pop(p)) != NULL) {
        put(p, &w->rule);
        free(w);
    }
}

void learn_stop(struct ofproto *p)
{
    struct waiting *w;
    while ((w = pop(p)) != NULL) {
        free(w);
    }
}
