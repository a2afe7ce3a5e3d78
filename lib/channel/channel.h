/* SPDX-License-Identifier: Apache-2.0 */
/* What every connection needs from its program: event loop, timers, keys. */
#ifndef LIB_CHANNEL_CHANNEL_H
#define LIB_CHANNEL_CHANNEL_H

struct tls_config;
struct timer_wheel;
struct uv_loop_s;

/* Borrowed by all connections of a program; outlives them. Single thread: the loop's.
 * Time is timer_wheel_now(wheel), which the program advances; no connection reads a clock. */
struct channel_env {
    struct uv_loop_s *loop;     /* Event loop (uv_loop_t); NULL in simulation: memory streams only. */
    struct timer_wheel *wheel;  /* All timers of connections. */
    struct tls_config *tls;     /* Keys and certificates; NULL: tls: targets are refused. */
};

#endif
