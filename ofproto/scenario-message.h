/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that a peer of a scenario got, compared with what was expected. */
#ifndef OFPROTO_SCENARIO_MESSAGE_H
#define OFPROTO_SCENARIO_MESSAGE_H

struct bytes;
struct peer;
struct scenario;

/* Appends the message as text in the notation of expectations, without a newline. */
void message_describe(const struct bytes *msg, struct bytes *out);

/* Compares 'msg', which 'p' got, with 'text', what follows "expect PEER gets". Its xid must be that
 * of a message that 'p' has sent, or 0 in a message that answers none; an error must bring the
 * message that failed. Returns 0, or an errno after scenario_fail(). */
int message_check(struct scenario *s, const struct peer *p, const struct bytes *msg,
                  const char *text);

#endif
