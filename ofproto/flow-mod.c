/* SPDX-License-Identifier: Apache-2.0 */
/* What the five flow_mod commands mean (A4). */
#include "ofproto/flow-mod.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "ofproto/expire.h"
#include "ofproto/fail-mode.h"
#include "ofproto/learnt-cookies.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/packet-io.h"
#include "ofproto/queues.h"
#include "ofproto/rights-check.h"
#include "ofproto/rights.h"

/* A flow_mod is a job. ADD and the strict commands are done at once, unless CHECK_OVERLAP can make
 * them look at many rules. The others first collect the rules that they concern, then change them
 * one by one for the tables' next version, and commit last. If there were none, and overlaps are to
 * be checked, they look for one. All phases rest after a slice. While a job rests, p->writer keeps
 * everybody else from changing or committing anything, so the version that becomes visible holds
 * this flow_mod, the whole of it and nothing else.
 *
 * When such a job has ended, no other flow_mod is handled until ofproto_run() has let all others
 * have their turn that may have waited for it (p->has_written): timeouts, what was learnt, the fail
 * mode. So each of them waits for one job at most, however many connections send flow_mods, and
 * these take turns (ofconn_must_wait()). */
struct flow_mod_job {
    struct ofop op;            /* For the connection. */
    struct ofproto *p;         /* Whose tables. */
    struct ofconn *c;          /* Who asked. */
    struct ofp_flow_mod *fm;   /* What is asked. */
    const uint8_t *request;    /* The message, for errors. */
    size_t request_size;       /* Bytes. */
    struct bytes *copy;        /* Owns 'request' once the job has rested; else NULL. */
    struct rule_cursor cursor; /* Collecting, then looking for an overlap. */
    bool is_collected;         /* Collecting is at its end. */
    bool is_checking;          /* The cursor looks for an overlap. */
    struct rule **rules;       /* Collected; owned. */
    size_t n;                  /* How many. */
    size_t allocated;          /* How many fit. */
    size_t n_done;             /* How many have been changed. */
};

/* Where 'fm' looks for rules: a table, or OFPTT_ALL. Emergency rules are apart (A9.3). */
static uint8_t scope_of(const struct ofp_flow_mod *fm)
{
    return fm->flags & OFPFF_EMERG ? OFPROTO_EMERGENCY_TABLE : fm->table_id;
}

/* Where 'fm' adds a rule: in the first table if it does not say (B4). */
static uint8_t table_of(const struct ofp_flow_mod *fm)
{
    uint8_t scope = scope_of(fm);
    return scope == OFPTT_ALL ? 0 : scope;
}

/* Adding --------------------------------------------------------------------------------------- */

/* A rule as 'fm' describes it, added by 'by' (NULL: the switch); takes a copy of the actions. */
static struct rule *rule_from_flow_mod(const struct ofp_flow_mod *fm, const struct ofconn *by,
                                       int64_t now)
{
    struct action_list actions;
    action_list_clone(&actions, &fm->actions);
    struct rule *rule = rule_create(&fm->match, fm->exact, fm->priority, &actions);
    rule->cookie = fm->cookie;
    rule->idle_timeout = fm->idle_timeout;
    rule->hard_timeout = fm->hard_timeout;
    rule->flags = fm->flags;
    rule->modified = now;
    rule_set_quota(rule, by && by->rights ? by->rights->quota : NULL);
    return rule;
}

/* The rule of table 'table' with the match and priority of 'fm', or NULL. */
static struct rule *find_in(const struct ofproto *p, const struct ofp_flow_mod *fm, uint8_t table)
{
    return tables_find(p->tables, table, &fm->match, rule_precedence(fm->exact, fm->priority));
}

/* That of the table to which 'fm' adds. */
static struct rule *find_same(const struct ofproto *p, const struct ofp_flow_mod *fm)
{
    return find_in(p, fm, table_of(fm));
}

/* The rule of table 'table' that a strict 'fm' names, or NULL. A rule that was sent without
 * wildcards is shown with those of the fields that can't apply: who names it as it is shown means
 * it too, if there is no other of that match and priority (A11.21). */
static struct rule *find_named(const struct ofproto *p, const struct ofp_flow_mod *fm,
                               uint8_t table)
{
    struct rule *rule = find_in(p, fm, table);
    if (!rule && !fm->exact) {
        rule = tables_find(p->tables, table, &fm->match, rule_precedence(true, fm->priority));
        rule = rule && rule->priority == fm->priority ? rule : NULL;
    }
    return rule;
}

/* Puts 'rule' in; if the table is full and the switch was told so, in the place of another. */
static int insert_or_evict(struct ofproto *p, uint8_t table_id, struct rule *rule, bool evicts,
                           int64_t now)
{
    int error = tables_insert(p->tables, table_id, rule, now);
    return error == ENOSPC && evicts && !expire_evict(p, table_id)
               ? tables_insert(p->tables, table_id, rule, now)
               : error;
}

/* ADD, also for a MODIFY that found nothing: puts a new rule in, or in the place of the same one
 * (A4.2), for 'by' (NULL: the switch itself). Overlaps have been looked for. */
static int flow_add(struct ofproto *p, const struct ofp_flow_mod *fm, const struct ofconn *by)
{
    int64_t now = ofproto_now(p);
    bool evicts = p->config.evicts && rights_allow_eviction(by);
    struct rule *old = find_same(p, fm);
    if (!rights_allow_rule(by, old)) {
        return OFPERR_FLOW_MOD_FAILED_EPERM;
    }
    struct rule *rule = rule_from_flow_mod(fm, by, now);
    if (old) {
        learnt_cookies_replace_rule(p, old, rule, false);
    } else if (insert_or_evict(p, table_of(fm), rule, evicts, now)) {
        rule_destroy(rule);
        return OFPERR_FLOW_MOD_FAILED_ALL_TABLES_FULL;
    } else {
        learnt_cookies_rule_came(p, rule);
    }
    expire_start(p, rule);
    return 0;
}

/* MODIFY without a rule to change: adds one, unless it is about rules with certain cookies, which
 * a new one does not have (B7). */
static int flow_modify_none(struct ofproto *p, const struct ofp_flow_mod *fm,
                            const struct ofconn *by)
{
    return fm->which.mask ? 0 : flow_add(p, fm, by);
}

/* Changing one rule ---------------------------------------------------------------------------- */

/* MODIFY: new actions and cookie; counters, timers, flags stay (A4.4), and whose rule it is. A
 * cookie of -1 leaves the old. */
static void rule_modify(struct ofproto *p, struct rule *old, const struct ofp_flow_mod *fm)
{
    struct match match;
    struct action_list actions;
    minimatch_expand(&old->match, &match);
    action_list_clone(&actions, &fm->actions);
    struct rule *rule = rule_create(&match, old->exact, old->priority, &actions);
    rule->cookie = fm->cookie == UINT64_MAX ? old->cookie : fm->cookie;
    rule->idle_timeout = old->idle_timeout;
    rule->hard_timeout = old->hard_timeout;
    rule->flags = old->flags;
    rule->modified = ofproto_now(p);
    rule->learnt = rule_learnt(old);
    rule_set_quota(rule, old->quota);
    expire_move(p, old, rule);
    learnt_cookies_replace_rule(p, old, rule, true);
}

/* DELETE. */
static void rule_delete(struct ofproto *p, struct rule *rule,
                        const struct ofp_flow_mod *fm UNUSED)
{
    learnt_cookies_remove_rule(p, rule, OFPRR_DELETE);
}

/* The commands --------------------------------------------------------------------------------- */

/* What a command does to the rules it finds, and if it finds none. */
struct command {
    bool is_strict;   /* Finds the one with the same match and priority. */
    bool obeys_port;  /* Heeds out_port (A4.7). */
    bool takes_buffer; /* Heeds buffer_id (A4.10). */
    void (*apply)(struct ofproto *p, struct rule *rule, const struct ofp_flow_mod *fm);
    int (*if_none)(struct ofproto *p, const struct ofp_flow_mod *fm, const struct ofconn *by);
};

static const struct command commands[] = {
    [OFPFC_ADD] = {.is_strict = true, .takes_buffer = true, .if_none = flow_add},
    [OFPFC_MODIFY] = {.takes_buffer = true, .apply = rule_modify,
                      .if_none = flow_modify_none},
    [OFPFC_MODIFY_STRICT] = {.is_strict = true, .takes_buffer = true, .apply = rule_modify,
                             .if_none = flow_modify_none},
    [OFPFC_DELETE] = {.obeys_port = true, .apply = rule_delete},
    [OFPFC_DELETE_STRICT] = {.is_strict = true, .obeys_port = true, .apply = rule_delete},
};

/* Runs the buffered packet through the new actions (A4.10, A11.12), for which the rule of that very
 * match and priority counts it, if there is one. An unknown one is an error, but the rule stays
 * (A11.16); so is one that 'by' may not touch, which can have come while the job was resting. A
 * packet that is sent very often may rest too, unless 'by' is in an operation already. */
static int flow_mod_buffer(struct ofproto *p, const struct ofp_flow_mod *fm, struct ofconn *by,
                           bool may_rest)
{
    if (fm->buffer_id == OFP_NO_BUFFER || !commands[fm->command].takes_buffer) {
        return 0;
    }
    if (!rights_allow_buffer(p, by, fm->buffer_id)) {
        return OFPERR_FLOW_MOD_FAILED_EPERM;
    }
    struct rule *rule = commands[fm->command].is_strict ? find_named(p, fm, table_of(fm))
                                                        : find_same(p, fm);
    return packet_io_release_buffer(p, by, fm->buffer_id, &fm->actions, rule, may_rest);
}

/* Makes the changes visible if there was no error, then deals with the buffer as flow_mod_buffer(),
 * for 'by' (NULL: the switch itself). */
static int flow_mod_finish(struct ofproto *p, const struct ofp_flow_mod *fm, struct ofconn *by,
                           bool may_rest, int error)
{
    learnt_cookies_commit(p);
    return error ? error : flow_mod_buffer(p, fm, by, may_rest);
}

/* The rule that a strict command changes, in the first table from '*table' on that has one;
 * '*table' is moved behind it. NULL if there is none. */
static struct rule *find_strictly(const struct ofproto *p, const struct ofp_flow_mod *fm,
                                  unsigned *table)
{
    const struct command *command = &commands[fm->command];
    bool is_everywhere = scope_of(fm) == OFPTT_ALL;
    unsigned end = !command->apply ? 0 : is_everywhere ? OFPROTO_N_TABLES : table_of(fm) + 1u;
    *table = MAX(*table, (unsigned) table_of(fm));
    while ((*table = tables_next_used(p->tables, *table)) < end) {
        struct rule *rule = find_named(p, fm, (uint8_t) (*table)++);
        if (rule && ofproto_cookie_fits(&fm->which, rule)
            && (!command->obeys_port || fm->out_port == OFPP_NONE
                || action_list_outputs_to(&rule->actions, fm->out_port))) {
            return rule;
        }
    }
    return NULL;
}

/* The strict commands, and ADD, in one go, for 'by' (NULL: the switch itself). */
static int flow_mod_strict(struct ofproto *p, const struct ofp_flow_mod *fm, struct ofconn *by)
{
    const struct command *command = &commands[fm->command];
    unsigned table = 0;
    bool found = false;
    int error = 0;
    for (struct rule *rule; (rule = find_strictly(p, fm, &table));) {
        command->apply(p, rule, fm);
        found = true;
    }
    if (!found && command->if_none) {
        error = command->if_none(p, fm, by);
    }
    return flow_mod_finish(p, fm, by, true, error);
}

int flow_mod_learn(struct ofproto *p, const struct ofp_flow_mod *fm)
{
    struct rule *rule = find_same(p, fm);
    bool is_known = rule && (fm->cookie == UINT64_MAX || rule->cookie == fm->cookie)
                    && action_list_equal(&rule->actions, &fm->actions);
    int error = is_known ? 0 : flow_mod_strict(p, fm, NULL);
    rule = error ? NULL : find_same(p, fm);
    if (rule) {
        rule_learn(rule, ofproto_now(p));
    }
    return error;
}

/* The others, in slices ------------------------------------------------------------------------ */

static void job_destroy(struct flow_mod_job *job)
{
    rule_cursor_uninit(&job->cursor);
    if (job->copy) {
        action_list_uninit(&job->fm->actions);
        free(job->fm);
        bytes_destroy(job->copy);
    }
    free(job->rules);
    free(job);
}

/* Notes that the job concerns 'rule'. */
static void job_add(struct flow_mod_job *job, struct rule *rule)
{
    if (job->n == job->allocated) {
        job->allocated = job->allocated ? 2 * job->allocated : 16;
        job->rules = xrealloc(job->rules, job->allocated * sizeof *job->rules);
    }
    job->rules[job->n++] = rule;
}

/* Collects rules; true when there are no more. */
static bool job_collect(struct flow_mod_job *job, size_t *budget)
{
    struct rule *rule;
    if (!job->is_collected && commands[job->fm->command].is_strict) {
        unsigned table = 0;
        while ((rule = find_strictly(job->p, job->fm, &table))) {
            job_add(job, rule);
        }
        job->is_collected = true;
    }
    while (!job->is_collected && (rule = rule_cursor_next(&job->cursor, budget))) {
        if (ofproto_cookie_fits(&job->fm->which, rule)) {
            job_add(job, rule);
        }
    }
    job->is_collected |= *budget > 0;
    return job->is_collected;
}

/* Looks for a rule that forbids the one to be added (A4.3). True when it is known, with '*error' 0
 * or what is wrong. */
static bool job_check_overlap(struct flow_mod_job *job, size_t *budget, int *error)
{
    const struct ofp_flow_mod *fm = job->fm;
    *error = 0;
    if (job->n || !commands[fm->command].if_none || !(fm->flags & OFPFF_CHECK_OVERLAP)) {
        return true;
    }
    if (!job->is_checking) {
        job->is_checking = true;
        rule_cursor_uninit(&job->cursor);
        rule_cursor_init_overlap(&job->cursor, job->p->tables, table_of(fm), &fm->match,
                                 rule_precedence(fm->exact, fm->priority));
    }
    if (rule_cursor_next(&job->cursor, budget)) {
        *error = OFPERR_FLOW_MOD_FAILED_OVERLAP;
        return true;
    }
    return *budget > 0;
}

/* Does at most '*budget' steps. True when all is done, with '*error' what to answer. */
static bool job_advance(struct flow_mod_job *job, size_t *budget, int *error)
{
    const struct command *command = &commands[job->fm->command];
    if (!job_collect(job, budget) || !job_check_overlap(job, budget, error)) {
        return false;
    }
    for (; job->n_done < job->n; job->n_done++) {
        if (!(*budget)--) {
            return false;
        }
        command->apply(job->p, job->rules[job->n_done], job->fm);
    }
    if (!*error && !job->n && command->if_none) {
        *error = command->if_none(job->p, job->fm, job->c);
    }
    *error = flow_mod_finish(job->p, job->fm, job->c, !job->copy, *error);
    return true;
}

/* The job that has rested is at its end. */
static void job_end(struct flow_mod_job *job)
{
    job->p->writer = NULL;
    job->p->has_written = true;
    job_destroy(job);
}

/* ofop: goes on. */
static enum ofop_state job_step(struct ofop *op, int64_t now UNUSED)
{
    struct flow_mod_job *job = CONTAINER_OF(op, struct flow_mod_job, op);
    size_t budget = OFPROTO_SLICE;
    int error;
    bool is_done = job_advance(job, &budget, &error);
    ofconn_op_worked(job->c, is_done ? OFPROTO_SLICE - budget : OFPROTO_SLICE);
    if (!is_done) {
        return OFOP_MORE;
    }
    if (error) {
        ofconn_send_error(job->c, error, job->request, job->request_size);
    }
    job_end(job);
    return OFOP_DONE;
}

/* ofop: a flow_mod that was accepted is done whole, though nobody hears of it. */
static void job_cancel(struct ofop *op, int64_t now UNUSED)
{
    struct flow_mod_job *job = CONTAINER_OF(op, struct flow_mod_job, op);
    size_t budget = SIZE_MAX;
    int error;
    job_advance(job, &budget, &error);
    job_end(job);
}

/* Lets 'job' rest: what it borrowed becomes its own. */
static void job_rest(struct flow_mod_job *job)
{
    struct ofp_flow_mod *fm = xmemdup(job->fm, sizeof *fm);
    action_list_init(&job->fm->actions);
    job->fm = fm;
    job->copy = bytes_create(job->request_size);
    bytes_put(job->copy, job->request, job->request_size);
    job->request = job->copy->data;
    job->op = (struct ofop){.step = job_step, .cancel = job_cancel};
    job->p->writer = job->c;
    ofconn_start_op(job->c, &job->op);
}

/* Deletes everything in one step; emergency rules only if they are meant. */
static int flow_mod_flush(struct ofproto *p, const struct ofp_flow_mod *fm)
{
    tables_flush(p->tables, scope_of(fm), OFPRR_DELETE);
    tables_commit(p->tables);
    return 0;
}

/* True if 'fm' deletes all there is, in its scope, and nothing else need go with it. */
static bool is_flush(const struct ofproto *p, const struct ofp_flow_mod *fm)
{
    static const struct flow nothing;
    return fm->command == OFPFC_DELETE && fm->out_port == OFPP_NONE && !fm->which.mask
           && !learnt_cookies_any(p) && !memcmp(&fm->match.mask, &nothing, sizeof nothing);
}

/* MODIFY and DELETE, and whatever has to look for overlaps. */
static int flow_mod_long(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct ofp_flow_mod *fm = &m->flow_mod;
    uint16_t out_port = commands[fm->command].obeys_port ? fm->out_port : OFPP_NONE;
    struct flow_mod_job *job = xzalloc(sizeof *job);
    *job = (struct flow_mod_job){
        .p = p, .c = c, .fm = fm, .request = m->raw, .request_size = m->raw_size};
    rule_cursor_init(&job->cursor, p->tables, scope_of(fm), &fm->match, out_port);
    size_t budget = OFPROTO_SLICE;
    int error = 0;
    bool is_done = job_advance(job, &budget, &error);
    ofconn_charge(c, is_done ? OFPROTO_SLICE - budget : OFPROTO_SLICE);
    if (is_done) {
        job_destroy(job);
    } else {
        job_rest(job);
    }
    return error;
}

/* Checking ------------------------------------------------------------------------------------- */

/* Error of flags that we do not know; the vendor error only for those who know it (A4.9, B27). */
static int bad_flags(const struct ofconn *c)
{
    return c->used_nicira ? OFPERR_NICIRA_FLOW_MOD_BAD_FLAGS : OFPERR_FLOW_MOD_FAILED_UNSUPPORTED;
}

/* What can be wrong with a flow_mod that may add emergency rules: they have no timeouts, and
 * without the mode that uses them there is no room for any (A9.3, A11.5). */
static int check_emergency(const struct ofproto *p, const struct ofp_flow_mod *fm)
{
    if (!commands[fm->command].if_none) {
        return 0;
    }
    if (fm->idle_timeout || fm->hard_timeout) {
        return OFPERR_FLOW_MOD_FAILED_BAD_EMERG_TIMEOUT;
    }
    return fail_mode_get(p) == FAIL_EMERGENCY ? 0 : OFPERR_FLOW_MOD_FAILED_ALL_TABLES_FULL;
}

/* What can be wrong before the table is looked at, in order (A4.11). */
static int flow_mod_check(const struct ofproto *p, const struct ofconn *c, struct ofp_flow_mod *fm)
{
    const uint16_t known = OFPFF_SEND_FLOW_REM | OFPFF_CHECK_OVERLAP | OFPFF_EMERG;
    if (fm->command >= ARRAY_SIZE(commands)) {
        return OFPERR_FLOW_MOD_FAILED_BAD_COMMAND;
    }
    if (fm->table_id != OFPTT_ALL && fm->table_id >= OFPROTO_N_TABLES) {
        return OFPERR_NICIRA_BAD_TABLE_ID;
    }
    int error = rights_check_flow_mod(p, c, fm, commands[fm->command].takes_buffer);
    error = error ? error : queues_check_actions(p, &fm->actions);
    if (error) {
        return error;
    }
    if (fm->flags & ~known) {
        return bad_flags(c);
    }
    return fm->flags & OFPFF_EMERG ? check_emergency(p, fm) : 0;
}

int flow_mod_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    if (ofconn_must_wait(c)) {
        ofconn_hold(c, m->raw, m->raw_size);
        return 0;
    }
    if (c->has_table_ids) {
        ofp_flow_mod_take_table(&m->flow_mod);
    }
    int error = flow_mod_check(p, c, &m->flow_mod);
    if (error) {
        return error;
    }
    if (is_flush(p, &m->flow_mod)) {
        return flow_mod_flush(p, &m->flow_mod);
    }
    const struct command *command = &commands[m->flow_mod.command];
    bool is_long = !command->is_strict
                   || (command->if_none && m->flow_mod.flags & OFPFF_CHECK_OVERLAP);
    return is_long ? flow_mod_long(p, c, m) : flow_mod_strict(p, &m->flow_mod, c);
}
