/* SPDX-License-Identifier: Apache-2.0 */
/* The end of learnt rules with the rules that teach them (learn with delete_learned). */
#ifndef OFPROTO_LEARNT_COOKIES_H
#define OFPROTO_LEARNT_COOKIES_H

#include <stdbool.h>
#include <stdint.h>

struct learnt_cookies;
struct ofproto;
struct rule;

/* A learn action with delete_learned stands for its table and cookie. When the last rule with such
 * an action for them is taken out, or gets other actions, all rules of that table with that cookie
 * that are there by then are deleted, learnt or not; and so on, if those teach.
 *
 * Threads: the control thread. */

struct learnt_cookies *learnt_cookies_create(uint64_t seed);

/* The tables must still be there. Accepts NULL. */
void learnt_cookies_destroy(struct learnt_cookies *cookies);

/* 'rule' was put into a table for the next version. */
void learnt_cookies_rule_came(struct ofproto *p, struct rule *rule);

/* 'rule' was taken out for the next version, perhaps by a flush. May be called more than once. */
void learnt_cookies_rule_goes(struct ofproto *p, struct rule *rule);

/* Takes 'rule' out for the next version, for 'reason' (OFPRR_*). */
void learnt_cookies_remove_rule(struct ofproto *p, struct rule *rule, uint8_t reason);

/* Puts 'rule' in the place of 'old' for the next version, as tables_replace() does; nobody is told
 * that 'old' goes. */
void learnt_cookies_replace_rule(struct ofproto *p, struct rule *old, struct rule *rule,
                                 bool keep_counters);

/* All tables but the switch's own were flushed in the version just committed. Steps: the cookies
 * and the emergency rules. */
void learnt_cookies_flush(struct ofproto *p);

/* True if any rule has such an action. */
bool learnt_cookies_any(const struct ofproto *p);

/* True if a rule with such an action for 'cookie' in 'table_id' stands. */
bool learnt_cookies_stand(const struct ofproto *p, uint8_t table_id, uint64_t cookie);

/* For tables_commit(), while nobody's flow_mod is half done: takes out what is to go, a slice of it
 * at most, and makes all changes visible. */
void learnt_cookies_commit(struct ofproto *p);

/* Goes on with what is left, if nobody's flow_mod is half done. True: there is more. */
bool learnt_cookies_run(struct ofproto *p);

#endif
