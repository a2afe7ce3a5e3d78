/* SPDX-License-Identifier: Apache-2.0 */
/* Parser of the names of streams. */
#include "lib/channel/stream-name.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "lib/util.h"

/* A word before the first colon. */
struct prefix {
    const char *word;                /* The word. */
    enum stream_transport transport; /* What it says of the transport. */
    bool is_passive;                 /* Does it name a listener? */
};

static const struct prefix prefixes[] = {
    {"tcp", STREAM_TCP, false},       {"ptcp", STREAM_TCP, true},
    {"tls", STREAM_TLS, false},       {"ptls", STREAM_TLS, true},
    {"ssl", STREAM_TLS, false},       {"pssl", STREAM_TLS, true},
    {"unix", STREAM_UNIX, false},     {"punix", STREAM_UNIX, true},
    {"memory", STREAM_MEMORY, false}, {"pmemory", STREAM_MEMORY, true},
};

/* Bytes of a path that fit into a socket address, the NUL not counted. */
enum { MAX_PATH = sizeof((struct sockaddr_un *) NULL)->sun_path - 1 };

/* Returns the row of 'text' and in '*rest' what stands behind the colon, or NULL. */
static const struct prefix *find_prefix(const char *text, const char **rest)
{
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
        size_t length = strlen(prefixes[i].word);
        if (!strncmp(text, prefixes[i].word, length) && text[length] == ':') {
            *rest = text + length + 1;
            return &prefixes[i];
        }
    }
    return NULL;
}

bool stream_name_takes_path(const char *text)
{
    const char *rest;
    const struct prefix *prefix = find_prefix(text, &rest);
    return prefix && prefix->transport == STREAM_UNIX;
}

/* A port of a name: the whole of 's'; 0 only where the kernel may choose. */
static int parse_port(struct stream_name *name, const char *s, char **error)
{
    if (!str_to_u16(s, 10, &name->port) || (!name->port && !name->is_passive)) {
        *error = xasprintf("'%s' is no port: give a number from 1 to 65535", s);
        return EINVAL;
    }
    name->has_port = true;
    return 0;
}

/* Splits "[A]" or "[A]:R" or "A" or "A:R" at the end of A.  '*rest' is R or NULL. */
static int split_host(const char *s, char **host, const char **rest, char **error)
{
    bool bracketed = *s == '[';
    const char *end = bracketed ? strchr(s, ']') : s + strcspn(s, ":");
    if (!end || (bracketed && end[1] && end[1] != ':')) {
        *error = xasprintf("'%s': a bracket is not closed: write [ADDRESS]:PORT", s);
        return EINVAL;
    }
    s += bracketed;
    if (end == s) {
        *error = xstrdup("the host is missing (an IPv6 address stands in brackets)");
        return EINVAL;
    }
    *host = xasprintf("%.*s", (int) (end - s), s);
    end += bracketed;
    *rest = *end == ':' ? end + 1 : NULL;
    return 0;
}

/* Checks an IPv6 address, and that it has a zone (%INTERFACE) if it is link-local and only then.
 * Other hosts are not looked at: they are looked up. */
static int check_host(const char *host, char **error)
{
    struct in6_addr address;
    char text[INET6_ADDRSTRLEN];
    size_t length = strcspn(host, "%");
    bool has_zone = host[length] && host[length + 1];
    if (!strchr(host, ':')) {
        return 0;
    }
    snprintf(text, sizeof text, "%.*s", (int) MIN(length, sizeof text), host);
    if (length >= sizeof text || inet_pton(AF_INET6, text, &address) != 1) {
        *error = xasprintf("'%s' is no IPv6 address", host);
    } else if (IN6_IS_ADDR_MULTICAST(&address)) {
        *error = xasprintf("'%s' is a multicast address: give one of a single host", host);
    } else if (IN6_IS_ADDR_LINKLOCAL(&address) && !has_zone) {
        *error = xasprintf("'%s' is an address on a link, but which? "
                           "Write the interface behind it, as in [%s%%eth0]", host, text);
    } else if (!IN6_IS_ADDR_LINKLOCAL(&address) && host[length]) {
        *error = xasprintf("'%s' needs no interface, for it is no link-local address: "
                           "leave out %s", host, host + length);
    } else {
        return 0;
    }
    return EINVAL;
}

/* "HOST[:PORT]". */
static int parse_active(struct stream_name *name, const char *s, char **error)
{
    const char *port;
    int retval = split_host(s, &name->host, &port, error);
    retval = retval ? retval : check_host(name->host, error);
    if (retval || !port) {
        return retval;
    }
    if (*s != '[' && strchr(port, ':')) {
        *error = xasprintf("'%s' has several colons: put an IPv6 address in brackets", s);
        return EINVAL;
    }
    return parse_port(name, port, error);
}

/* "[PORT][:ADDRESS]". */
static int parse_passive(struct stream_name *name, const char *s, char **error)
{
    size_t length = strcspn(s, ":");
    if (length) {
        char *port = xasprintf("%.*s", (int) length, s);
        int retval = parse_port(name, port, error);
        free(port);
        if (retval) {
            return retval;
        }
    }
    const char *address = s[length] ? s + length + 1 : "127.0.0.1";
    const char *rest;
    int retval = split_host(address, &name->host, &rest, error);
    if (!retval && rest) {
        *error = xasprintf("'%s': behind the address nothing may follow; "
                           "put an IPv6 address in brackets", address);
        return EINVAL;
    }
    return retval ? retval : check_host(name->host, error);
}

/* "PATH" or, of a stream in memory, any name. */
static int parse_path(struct stream_name *name, const char *s, char **error)
{
    if (!*s) {
        *error = xstrdup("the path is missing");
        return EINVAL;
    }
    if (strlen(s) > MAX_PATH) {
        *error = xasprintf("the path has %zu bytes, but a socket's may have %d only: "
                           "choose a shorter directory", strlen(s), (int) MAX_PATH);
        return EINVAL;
    }
    name->host = xstrdup(s);
    return 0;
}

int stream_name_parse(const char *text, struct stream_name *name, char **error)
{
    const char *rest;
    const struct prefix *prefix = find_prefix(text, &rest);
    if (!prefix) {
        *error = xasprintf("'%s' is no connection: write tcp:HOST[:PORT], tls:HOST[:PORT] or "
                           "unix:PATH, or to listen ptcp:[PORT][:ADDRESS], ptls:[PORT][:ADDRESS] "
                           "or punix:PATH", text);
        return EINVAL;
    }
    *name = (struct stream_name){.transport = prefix->transport, .is_passive = prefix->is_passive};

    char *reason;
    bool has_host = prefix->transport == STREAM_TCP || prefix->transport == STREAM_TLS;
    int retval = !has_host            ? parse_path(name, rest, &reason)
                 : prefix->is_passive ? parse_passive(name, rest, &reason)
                                      : parse_active(name, rest, &reason);
    if (retval) {
        *error = xasprintf("%s: %s", text, reason);
        free(reason);
        stream_name_uninit(name);
    }
    return retval;
}

void stream_name_uninit(struct stream_name *name)
{
    free(name->host);
    name->host = NULL;
}

char *stream_name_format_address(const char *address, uint16_t port)
{
    bool is_ipv6 = strchr(address, ':') != NULL;
    return xasprintf(is_ipv6 ? "[%s]:%u" : "%s:%u", address, (unsigned) port);
}
