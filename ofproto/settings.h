/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of a bridge that may change while it runs, by their names on sluiced's command line. */
#ifndef OFPROTO_SETTINGS_H
#define OFPROTO_SETTINGS_H

struct ofproto;

/* Does what "NAME=VALUE" in 'text' says. Returns 0; or EINVAL with '*error' a malloc()ed sentence,
 * and nothing has changed. Threads: the control thread. */
int settings_change(struct ofproto *p, const char *text, char **error);

/* Tells the name and the value of each, as they would be given. 'value' is borrowed. */
void settings_for_each(const struct ofproto *p,
                       void (*tell)(const char *name, const char *value, void *aux), void *aux);

#endif
