/* SPDX-License-Identifier: Apache-2.0 */
/* The names of streams, taken apart. */
#ifndef LIB_CHANNEL_STREAM_NAME_H
#define LIB_CHANNEL_STREAM_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a stream travels. */
enum stream_transport {
    STREAM_TCP,    /* tcp: and ptcp:. */
    STREAM_TLS,    /* tls: and ptls:, ssl: and pssl:. */
    STREAM_UNIX,   /* unix: and punix:. */
    STREAM_MEMORY, /* memory: and pmemory:. */
    N_STREAM_TRANSPORTS
};

/* A name in its parts.  stream_name_parse() makes one, stream_name_uninit() frees its strings. */
struct stream_name {
    enum stream_transport transport; /* How it travels. */
    bool is_passive;                 /* Is it a listener's? */
    bool has_port;                   /* Was a port given? */
    uint16_t port;                   /* The port given, host order; 0 if none. */
    char *host; /* Host name or IP address without brackets; path of unix:, name of memory:. */
};

/* Takes 'text' apart.  Returns 0; or EINVAL with '*error' a malloc()ed sentence that names the
 * fault and the remedy, and nothing in 'name' to free. */
int stream_name_parse(const char *text, struct stream_name *name, char **error);

/* Frees the strings of 'name'. */
void stream_name_uninit(struct stream_name *name);

/* True if what stands behind the colon of 'text' is a path, in which commas may be. */
bool stream_name_takes_path(const char *text);

/* "ADDRESS:PORT", with brackets if 'address' has a colon in it.  The caller frees it. */
char *stream_name_format_address(const char *address, uint16_t port);

#endif
