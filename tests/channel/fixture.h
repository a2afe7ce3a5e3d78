/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of connections share: an environment, streams that remember, a directory. */
#ifndef TESTS_CHANNEL_FIXTURE_H
#define TESTS_CHANNEL_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/timer-wheel.h"
#include "lib/vlog.h"

/* Everything that connections need.  The clock is virtual, or with a loop the real one. */
struct fixture {
    uv_loop_t loop;           /* Event loop. */
    struct timer_wheel wheel; /* Timers. */
    struct channel_env env;   /* For connections. */
    int64_t now;              /* Virtual time, ns. */
};

/* Environments: with a loop and the real clock; with a loop and a clock that stands still until
 * fixture_advance(); in memory, with a hub and such a clock. */
struct fixture *fixture_create_real(void);
struct fixture *fixture_create_frozen(void);
struct fixture *fixture_create_memory(void);

/* Lets the loop finish, asserts that nothing is left in it, and frees. */
void fixture_destroy(struct fixture *f);

/* Moves the virtual time on and lets things happen: in memory until nothing does any more. */
void fixture_advance(struct fixture *f, int64_t by);

/* Memory: delivers until nothing moves. */
void fixture_settle(struct fixture *f);

/* Runs the loop until 'is_so(aux)'; fails the test after two minutes. */
void fixture_wait_until(struct fixture *f, bool (*is_so)(const void *aux), const void *aux);

/* The same until '*flag' is true. */
void fixture_wait(struct fixture *f, const bool *flag);

/* The same until '*number' is at least 'wanted'. */
void fixture_wait_number(struct fixture *f, const size_t *number, size_t wanted);

/* Runs the loop until it has nothing to do at once. Over TCP something may still be under way. */
void fixture_spin(struct fixture *f);

/* Runs the loop until the peer of 's' is known to have ended its side. */
void fixture_wait_ending(struct fixture *f, const struct stream *s);

/* A stream that remembers what happened to it. */
struct recorder {
    struct stream *stream;  /* Owned. */
    bool connected;         /* connected() came. */
    bool drained;           /* drained() came. */
    bool woken;             /* woken() came. */
    bool closed;            /* closed() came ... */
    int error;              /* ... with this errno ... */
    char reason[200];       /* ... and these words. */
    struct bytes in;        /* What was received. */
    size_t n_in;            /* Bytes of it. */
    size_t wants;           /* 'has_all' is set when as many bytes were received. */
    bool has_all;           /* See 'wants'. */
    bool echoes;            /* Sends back what it receives. */
    bool pauses;            /* Pauses the stream when it receives something. */
    bool destroys_itself;   /* In the first handler that is called. */
};

/* Handlers of a recorder, which is their argument. */
extern const struct stream_handlers recorder_handlers;

/* Opens 'name', which must be good. */
void recorder_open(struct recorder *r, struct fixture *f, const char *name);

/* Destroys the stream and forgets what was received. */
void recorder_uninit(struct recorder *r);

/* Sends bytes, or the string. */
void recorder_send(struct recorder *r, const void *data, size_t size);
void recorder_say(struct recorder *r, const char *text);

/* Whoever accepts, and what was accepted last. */
struct acceptor {
    struct stream_listener *listener; /* Owned. */
    size_t n;                         /* Streams accepted. */
    bool accepted;                    /* Any? */
    struct recorder last;             /* The last one; those before it are destroyed. */
    bool echoes;                      /* For 'last'. */
};

/* Listens as 'name', which must be possible. */
void acceptor_listen(struct acceptor *a, struct fixture *f, const char *name);
void acceptor_uninit(struct acceptor *a);

/* "KIND:HOST:PORT" of the listener; good until the next call. */
const char *dial_name(const struct acceptor *a, const char *kind, const char *host);

/* A plain socket that is connected to the listener; it waits for two minutes at most. */
int raw_connect(const struct acceptor *a);

/* A TCP socket at 'host' that holds '*port', in host byte order, where nobody listens; 0 before the
 * call: any. */
int port_hold(const char *host, uint16_t *port);

/* The same, which listens, but whose queue is full: who calls it is not answered any more.
 * '*caller' has the place in the queue. */
int port_hold_silent(const char *host, uint16_t *port, int *caller);

/* A sink of the log that counts warnings in the size_t at 'aux'. */
void count_warnings(const char *module, enum vlog_level level, const char *text, void *aux);

/* A new directory, removed by temporary_remove(), or when the program ends; so is the string. */
char *temporary_create(void);
void temporary_remove(char *directory);

#endif
