/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of the tables look at, which is what caches in front of them must compare. */
#ifndef DATAPATH_TABLES_INTEREST_H
#define DATAPATH_TABLES_INTEREST_H

#include <stdint.h>

#include "lib/packet/match.h"

struct tables;

/* All bits that rules of one table look at; immutable. */
struct tables_interest {
    uint64_t serial;  /* No two interests of a bridge's tables have the same; never 0. */
    uint32_t map;     /* Words of the mask that are not 0. */
    uint32_t n;       /* How many these are. */
    struct flow mask; /* The bits. */
};

/* Packet path: see tables.h. */

/* The mask of all bits that any rule of the tables where packets can begin (0 and the switch's
 * own) looks at, and perhaps of some that are gone, and the map of its nonzero words: what a cache
 * must compare.  Read it after the version; valid until the reader is quiescent. */
const struct flow *tables_interest(const struct tables *t, uint32_t *map);

/* That of table 'table_id', or NULL if there was never a rule in it.  Read it after the version;
 * valid until the reader is quiescent. */
const struct tables_interest *tables_interest_in(const struct tables *t, uint8_t table_id);

/* Control thread. */

/* Adds the mask of 'match' to the interests that table 'table_id' is in, before any version shows
 * a rule with it. */
void tables_widen(struct tables *t, uint8_t table_id, const struct minimatch *match, int64_t now);

/* Takes out of the interests what no rule looks at any more, if none was widened for a while: to be
 * called now and then, after tables_run(). */
void tables_narrow(struct tables *t, int64_t now);

#endif
