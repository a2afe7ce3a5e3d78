/* SPDX-License-Identifier: Apache-2.0 */
/* The spanning tree protocol of a bridge as a pure machine: BPDUs and time in, BPDUs out. */
#ifndef OFPROTO_STP_H
#define OFPROTO_STP_H

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/stp-types.h"

/* The machine of IEEE 802.1D-2004, clause 17, which is RSTP, and by its protocol version also STP.
 * As STP it keeps the times of 802.1D-1998: a port listens and learns for the forward delay each,
 * what a neighbour said is good for max age less message age, and there is one BPDU per port in
 * Hold Time.  As RSTP it speaks STP on the ports where an STP bridge is heard.
 *
 * It does no I/O and reads no clock.  All that it wants done it says through struct stp_events,
 * always from within one of the functions that take 'now' (ns of any clock that only goes forward);
 * such a callback may not call the machine.  Threads: the owner's only. */
struct stp;

/* A bridge without ports. '*config' and '*events' are copied; 'aux' goes with the events. */
struct stp *stp_create(const struct stp_config *config, const struct stp_events *events, void *aux);

/* Frees it with its ports, and says nothing any more. Accepts NULL. */
void stp_destroy(struct stp *stp);

/* Adds port 'number', 1 to STP_PORT_MAX and new, which is disabled. */
void stp_port_add(struct stp *stp, uint16_t number, const struct stp_port_config *config,
                  int64_t now);

/* Removes port 'number' if it is there. */
void stp_port_remove(struct stp *stp, uint16_t number, int64_t now);

/* Is there a port 'number'? */
bool stp_port_exists(const struct stp *stp, uint16_t number);

/* The link of port 'number' is up and it takes part, or not. */
void stp_port_set_enabled(struct stp *stp, uint16_t number, bool enabled, int64_t now);

/* Port 'number' has other settings. */
void stp_port_configure(struct stp *stp, uint16_t number, const struct stp_port_config *config,
                        int64_t now);

/* A BPDU came in by port 'number'; ignored if there is no such port or it is disabled. */
void stp_receive(struct stp *stp, uint16_t number, const struct bpdu *bpdu, int64_t now);

/* Does what is due at 'now'. Only here does a timer end that is overdue: so what was received in a
 * pause of the process can be told before. */
void stp_run(struct stp *stp, int64_t now);

/* When stp_run() has something to do; INT64_MAX: never. */
int64_t stp_next(const struct stp *stp);

/* What it all is like. The second returns false if there is no such port. */
void stp_get_info(const struct stp *stp, struct stp_info *info);
bool stp_port_get_info(const struct stp *stp, uint16_t number, struct stp_port_info *info);

/* Words for people. */
const char *stp_role_name(enum stp_role role);
const char *stp_state_name(enum stp_state state);
const char *stp_version_name(enum stp_version version);

#endif
