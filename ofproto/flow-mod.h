/* SPDX-License-Identifier: Apache-2.0 */
/* What the five flow_mod commands mean (A4). */
#ifndef OFPROTO_FLOW_MOD_H
#define OFPROTO_FLOW_MOD_H

struct ofconn;
struct ofp_flow_mod;
struct ofp_message;
struct ofproto;

/* Handler of OFP_FLOW_MOD and OFP_NXT_FLOW_MOD. A non-strict command on a large table goes on after
 * the return, in slices, and holds up only its own connection and others' flow_mods; packets see
 * all of it at once. */
int flow_mod_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

/* Does what a packet has taught: '*fm', a MODIFY_STRICT, while nobody's flow_mod is half done
 * (p->writer). A rule that stands as 'fm' has it is only marked as learnt now. Returns 0 or an
 * OpenFlow error. */
int flow_mod_learn(struct ofproto *p, const struct ofp_flow_mod *fm);

#endif
