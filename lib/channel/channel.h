/* SPDX-License-Identifier: Apache-2.0 */
/* What every connection needs from its program: event loop, timers, keys. */
#ifndef LIB_CHANNEL_CHANNEL_H
#define LIB_CHANNEL_CHANNEL_H

#include <stdbool.h>

struct loop_clock;
struct stream_hub;
struct timer_wheel;
struct tls_config;
struct uv_loop_s;

enum {
    CHANNEL_PORT = 6653, /* TCP port where none is given: OpenFlow's since it has a registered one,
                          * in place of the standard's OFP_TCP_PORT. */
};

/* Who may connect to the Unix sockets that a program listens at; zeros: its own user. */
struct socket_access {
    unsigned mode;  /* Permission bits; 0: 0600. */
    bool has_group; /* 'group' was given. */
    unsigned group; /* Id of the group that the sockets get. */
};

/* Borrowed by all connections of a program; outlives them.  Single thread: the loop's.
 * Time is timer_wheel_now(wheel), which the program advances; no connection reads a clock.  A
 * program with an event loop lets 'clock' do it; simulation and tests do it themselves.
 *
 * A program with an event loop ignores SIGPIPE: a peer that is gone is told by closed(). */
struct channel_env {
    struct uv_loop_s *loop;    /* Event loop (uv_loop_t); NULL in simulation: memory streams. */
    struct timer_wheel *wheel; /* All timers of connections. */
    struct tls_config *tls;    /* Keys and certificates; NULL: tls: targets are refused. */
    struct loop_clock *clock;  /* Advances the wheel before I/O; NULL: somebody else does. */
    struct socket_access sockets; /* Of the Unix sockets. */
    struct stream_hub *hub;    /* Where memory: names are looked up; NULL: they are refused. */
};

#endif
