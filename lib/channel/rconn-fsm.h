/* SPDX-License-Identifier: Apache-2.0 */
/* When to dial, to probe and to give up: the clockwork of a reliable connection, without I/O. */
#ifndef LIB_CHANNEL_RCONN_FSM_H
#define LIB_CHANNEL_RCONN_FSM_H

#include <stdbool.h>
#include <stdint.h>

/* The user tells what happened and when; rconn_fsm_run() says what to do now, rconn_fsm_wake() when
 * to ask again.  All times are nanoseconds of one clock.
 *
 *                     run: DIAL                connected
 *     BACKOFF  --------------------> CONNECTING ---------> ACTIVE <---------> IDLE
 *        ^                               |                   |     run: PROBE   |
 *        |             lost              v        lost       v      run: DROP   v
 *        +-------------------------------+-------------------+------------------+
 *
 * After an orderly end of a connection (A1.10, T13) the backoff is 0, unless that already happened
 * and the connection that followed lived for less than 1 s; after anything else it is 1 s, doubling
 * with each further failure up to 'max_backoff'.  A connection that lived for 1 s forgives the
 * failures before it.  Jitter makes a backoff shorter by up to a quarter, so that many switches do
 * not come back at the same moment. */

enum rconn_state {
    RCONN_BACKOFF,    /* Waits before dialling. */
    RCONN_CONNECTING, /* Dials, or waits for HELLO. */
    RCONN_ACTIVE,     /* Connected. */
    RCONN_IDLE,       /* Connected; an ECHO_REQUEST is to be answered. */
    N_RCONN_STATES
};

/* What to do now. */
enum rconn_order {
    RCONN_WAIT,  /* Nothing. */
    RCONN_DIAL,  /* Dial. */
    RCONN_PROBE, /* Send an ECHO_REQUEST. */
    RCONN_DROP,  /* The peer is silent: close, and tell rconn_fsm_lost(). */
};

struct rconn_fsm {
    int64_t inactivity_probe; /* Silence before a probe, and again before the drop, ns; 0 off. */
    int64_t max_backoff;      /* Ceiling of the backoff, ns. */
    uint64_t random;          /* State of the jitter. */
    enum rconn_state state;   /* Where it stands. */
    int64_t backoff;          /* Last backoff without jitter, ns; 0 none since the last success. */
    int64_t dial_at;          /* BACKOFF: when to dial. */
    int64_t connected_at;     /* ACTIVE, IDLE: since when. */
    int64_t heard_at;         /* ACTIVE, IDLE: when the peer last showed life. */
    int64_t probed_at;        /* IDLE: when the probe went. */
};

/* Begins in BACKOFF, to dial at 'now'.  A 'max_backoff' of 0 means 8 s. */
void rconn_fsm_init(struct rconn_fsm *f, int64_t inactivity_probe, int64_t max_backoff,
                    uint64_t seed, int64_t now);

/* Begins anew: in BACKOFF, to dial at 'now', with no failures. */
void rconn_fsm_restart(struct rconn_fsm *f, int64_t now);

/* Changes the times, as at the beginning, for what comes. */
void rconn_fsm_set_times(struct rconn_fsm *f, int64_t inactivity_probe, int64_t max_backoff);

/* The connection is made: HELLOs exchanged.  From any state. */
void rconn_fsm_connected(struct rconn_fsm *f, int64_t now);

/* The connection, or the attempt, is over; 'orderly' if the peer closed it in good order. */
void rconn_fsm_lost(struct rconn_fsm *f, bool orderly, int64_t now);

/* The peer showed life at 'when', at most 'now': bytes came, or it took some. */
void rconn_fsm_heard(struct rconn_fsm *f, int64_t when);

/* Says what to do at 'now', and takes it as done. */
enum rconn_order rconn_fsm_run(struct rconn_fsm *f, int64_t now);

/* When to call rconn_fsm_run() next, if nothing happens before; INT64_MAX never. */
int64_t rconn_fsm_wake(const struct rconn_fsm *f);

/* State in one word for people: "BACKOFF", "CONNECTING", "ACTIVE", "IDLE". */
const char *rconn_fsm_state_name(enum rconn_state state);

#endif
