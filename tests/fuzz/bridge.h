/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge in memory, for fuzz targets that send packets through the datapath. */
#ifndef TESTS_FUZZ_BRIDGE_H
#define TESTS_FUZZ_BRIDGE_H

#include "datapath/datapath.h"
#include "datapath/workers.h"

struct bridge {
    struct workers *workers;         /* Simulated threads; NULL: not made yet. */
    struct datapath *dp;             /* The bridge. */
    struct datapath_upcalls upcalls; /* What it calls. */
};

/* Makes '*b', which is 0 and stays until the program ends, with 'n_tables' and the ports that
 * 'ports' describes, from 1 on and NULL behind the last.  'packet' and 'learns' (NULL: nothing) are
 * those of struct datapath_upcalls; a rule that is gone is destroyed, all else is forgotten. */
void bridge_make(struct bridge *b, unsigned n_tables, const char *const *ports,
                 void (*packet)(void *aux, const struct datapath_upcall *upcall, int64_t now),
                 void (*learns)(void *aux, const struct learnt_rule *learnt, int64_t now));

/* Runs it until there is nothing left to do. */
void bridge_run(struct bridge *b);

/* Does 'actions' to a copy of 'p' as a packet_out from port 1: at once, or with a rest after each
 * packet or two, as the frame's size has it. */
void bridge_packet_out(struct bridge *b, const struct packet *p,
                       const struct action_list *actions);

#endif
