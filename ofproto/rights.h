/* SPDX-License-Identifier: Apache-2.0 */
/* What a controller or a listener's peers may do with the switch, as a user grants it. */
#ifndef OFPROTO_RIGHTS_H
#define OFPROTO_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

struct rule_quota;

/* They stand behind a target, "TARGET[,ports=PORTS][,flows=N][,peer=NAME]":
 *
 * ports=1-4+7+LOCAL: changes may concern these ports alone; ports=none: nothing may be changed.
 * flows=N: so many flow entries at once, those of all connections of the target together.
 * peer=NAME: of tls: and ptls:, the peer's certificate must be that of NAME.
 *
 * Rights bound what a connection changes. It sees all rules, ports and statistics, but no packets
 * and queues of other ports. What each message needs is in rights-check.h.
 *
 * Life cycle: rights_parse() gives the first reference; connections and listeners take others.
 * Threads: the control thread. */

enum { RIGHTS_PORT_WORDS = (UINT16_MAX + 1) / 64 /* Words with a bit for each port number. */ };

/* A grant. Only rights_parse() changes it. */
struct rights {
    unsigned refs;             /* References. */
    char *text;                /* As given, from the first key on; owned. */
    bool has_ports;            /* 'ports' bounds what may be changed. */
    bool has_no_port;          /* There is none in 'ports'. */
    uint64_t ports[RIGHTS_PORT_WORDS]; /* The bit of each port that it may touch. */
    struct rule_quota *quota;  /* In which its rules count, or NULL; a reference. */
    char *peer;                /* Whose certificate is needed, or NULL; owned. */
};

/* Takes 'text' apart: '*target', which the caller frees, and '*rights', a reference of the
 * caller's, or NULL if there are none: everything is allowed then. The path of a unix: target may
 * have commas if none of these keys follows. Returns 0; or EINVAL with '*error' a malloc()ed
 * sentence, and nothing to be freed. The target itself is not checked, unless peer= is there. */
int rights_parse(const char *text, char **target, struct rights **rights, char **error);

/* The target of 'text' alone, unchecked. The caller frees it. */
char *rights_target(const char *text);

/* Takes and drops a reference. Accept NULL. */
struct rights *rights_ref(struct rights *rights);
void rights_unref(struct rights *rights);

/* True if 'rights' (may be NULL) let their connection touch the port. */
static inline bool rights_have_port(const struct rights *rights, uint32_t port_no)
{
    return !rights || !rights->has_ports
           || (port_no <= UINT16_MAX && rights->ports[port_no / 64] >> port_no % 64 & 1);
}

#endif
