/* SPDX-License-Identifier: Apache-2.0 */
/* An OpenFlow 1.0 controller that does nothing but what a benchmark times, in raw bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/byte-order.h"
#include "lib/util.h"
#include "tests/bench/wire.h"

/*    controller add SOCKET N         N ADDs of exact rules and one barrier; prints rules per second
 *    controller round-trip SOCKET N  N times an ADD and a barrier; prints microseconds: p50, p99
 *    controller answer PORT          listens at 127.0.0.1 for one switch and answers each packet_in
 *                                    by a packet_out to port 2, for ever
 *
 * SOCKET is the path at which a switch listens. */

enum {
    HEADER_SIZE = 8,        /* Of every message. */
    FLOW_MOD_SIZE = 80,     /* With one output action. */
    BUFFER_SIZE = 1 << 20,  /* Bytes read or written at once. */
    TYPE_ECHO_REQUEST = 2,  /* ofp_type. */
    TYPE_ECHO_REPLY = 3,
    TYPE_FEATURES_REQUEST = 5,
    TYPE_PACKET_IN = 10,
    TYPE_PACKET_OUT = 13,
    TYPE_FLOW_MOD = 14,
    TYPE_BARRIER_REQUEST = 18,
    TYPE_BARRIER_REPLY = 19,
    PACKET_IN_DATA = 18,    /* Where the frame begins in a packet_in. */
    PACKET_OUT_DATA = 24,   /* Where it begins in a packet_out with one action. */
};

/* A connection. */
struct connection {
    int fd;                       /* Socket. */
    size_t n_in;                  /* Bytes in 'in'. */
    size_t n_out;                 /* Bytes in 'out'. */
    uint8_t in[BUFFER_SIZE];      /* Received, not handled. */
    uint8_t out[2 * BUFFER_SIZE]; /* To be sent. */
};

static struct connection connection;

static void die(const char *what)
{
    fprintf(stderr, "controller: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_usec(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

/* Sends all that is to be sent. */
static void flush(struct connection *c)
{
    for (size_t sent = 0; sent < c->n_out;) {
        ssize_t n = write(c->fd, c->out + sent, c->n_out - sent);
        if (n <= 0) {
            die("write");
        }
        sent += (size_t) n;
    }
    c->n_out = 0;
}

/* Returns room for a message of 'type' and 'size' with its header filled in. */
static uint8_t *add_message(struct connection *c, uint8_t type, size_t size)
{
    if (c->n_out + size > sizeof c->out) {
        flush(c);
    }
    uint8_t *m = c->out + c->n_out;
    memset(m, 0, size);
    m[0] = 1;
    m[1] = type;
    put_be16(m + 2, (uint16_t) size);
    c->n_out += size;
    return m;
}

/* Writes an action that sends out of port 2. */
static void put_output(uint8_t *action)
{
    put_be16(action + 2, 8);
    put_be16(action + 4, 2);
}

/* Adds the flow_mod that adds the exact rule of flow 'i'. */
static void add_rule(struct connection *c, uint32_t i)
{
    uint8_t *m = add_message(c, TYPE_FLOW_MOD, FLOW_MOD_SIZE), *match = m + HEADER_SIZE;
    put_be16(match + 4, 1);
    memcpy(match + 6, frame_dl_src, 6);
    memcpy(match + 12, frame_dl_dst, 6);
    put_be16(match + 18, 0xffff);
    put_be16(match + 22, 0x0800);
    match[25] = 17;
    put_be32(match + 28, FRAME_SRC + i);
    put_be32(match + 32, FRAME_DST);
    put_be16(match + 36, FRAME_TP_SRC);
    put_be16(match + 38, FRAME_TP_DST);
    put_be16(m + 62, 0x8000);
    put_be32(m + 64, UINT32_MAX);
    put_be16(m + 68, 0xffff);
    put_output(m + 72);
}

/* Answers a packet_in of 'size' bytes: with the buffer, or with the frame if there is none. */
static void answer_packet(struct connection *c, const uint8_t *in, size_t size)
{
    bool has_buffer = get_be32(in + 8) != UINT32_MAX;
    size_t data = has_buffer ? 0 : size - PACKET_IN_DATA;
    uint8_t *m = add_message(c, TYPE_PACKET_OUT, PACKET_OUT_DATA + data);
    memcpy(m + 8, in + 8, 4);
    memcpy(m + 12, in + 14, 2);
    put_be16(m + 14, 8);
    put_output(m + 16);
    memcpy(m + PACKET_OUT_DATA, in + PACKET_IN_DATA, data);
}

/* Handles one message. Returns true if it is a barrier's reply. */
static bool handle(struct connection *c, const uint8_t *m, size_t size)
{
    if (m[1] == TYPE_PACKET_IN && size >= PACKET_IN_DATA) {
        answer_packet(c, m, size);
    } else if (m[1] == TYPE_ECHO_REQUEST) {
        uint8_t *reply = add_message(c, TYPE_ECHO_REPLY, size);
        memcpy(reply + 4, m + 4, size - 4);
    } else if (m[1] == 1) {
        errno = EPROTO;
        die("the switch reports an error");
    }
    return m[1] == TYPE_BARRIER_REPLY;
}

/* Reads and handles what comes. Returns the number of barrier replies in it. */
static unsigned receive(struct connection *c)
{
    ssize_t n = read(c->fd, c->in + c->n_in, sizeof c->in - c->n_in);
    if (n <= 0) {
        die("the switch hung up");
    }
    unsigned replies = 0;
    size_t at = 0;
    c->n_in += (size_t) n;
    while (c->n_in - at >= HEADER_SIZE) {
        size_t size = get_be16(c->in + at + 2);
        if (size < HEADER_SIZE || size > c->n_in - at) {
            break;
        }
        replies += handle(c, c->in + at, size);
        at += size;
    }
    memmove(c->in, c->in + at, c->n_in - at);
    c->n_in -= at;
    return replies;
}

/* Sends a barrier and waits for its reply. */
static void barrier(struct connection *c)
{
    add_message(c, TYPE_BARRIER_REQUEST, HEADER_SIZE);
    flush(c);
    while (!receive(c)) {
    }
}

/* Connects to the switch at 'path'. */
static void dial(struct connection *c, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *) &address, sizeof address)) {
        die(path);
    }
    add_message(c, 0, HEADER_SIZE);
    barrier(c);
}

static int add(const char *path, uint32_t n)
{
    dial(&connection, path);
    double start = now_usec();
    for (uint32_t i = 0; i < n; i++) {
        add_rule(&connection, i);
    }
    barrier(&connection);
    printf("%.0f\n", n * 1e6 / (now_usec() - start));
    return 0;
}

static int compare(const void *a_, const void *b_)
{
    const double *a = a_, *b = b_;
    return (*a > *b) - (*a < *b);
}

static int round_trip(const char *path, uint32_t n)
{
    double *times = xcalloc(n, sizeof *times);
    dial(&connection, path);
    for (uint32_t i = 0; i < n; i++) {
        double start = now_usec();
        add_rule(&connection, i);
        barrier(&connection);
        times[i] = now_usec() - start;
    }
    qsort(times, n, sizeof *times, compare);
    printf("%.1f %.1f\n", times[n / 2], times[n - n / 100 - 1]);
    free(times);
    return 0;
}

static _Noreturn int answer(const char *port, uint32_t n UNUSED)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (listener < 0 || bind(listener, (struct sockaddr *) &address, sizeof address)
        || listen(listener, 1) || (connection.fd = accept(listener, NULL, NULL)) < 0) {
        die(port);
    }
    setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    add_message(&connection, 0, HEADER_SIZE);
    add_message(&connection, TYPE_FEATURES_REQUEST, HEADER_SIZE);
    for (;;) {
        flush(&connection);
        receive(&connection);
    }
}

static const struct {
    const char *name;                              /* On the command line. */
    int (*run)(const char *where, uint32_t n);     /* Does it. */
} commands[] = {{"add", add}, {"round-trip", round_trip}, {"answer", answer}};

int main(int argc, char *argv[])
{
    for (unsigned i = 0; i < ARRAY_SIZE(commands) && argc > 2; i++) {
        if (!strcmp(argv[1], commands[i].name)) {
            uint32_t n = argc > 3 ? (uint32_t) strtoul(argv[3], NULL, 10) : 1000;
            return commands[i].run(argv[2], n);
        }
    }
    fputs("usage: controller add|round-trip SOCKET N, or controller answer PORT\n", stderr);
    return 2;
}
