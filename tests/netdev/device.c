/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of devices share: opening one by its text, a thread to use it, waiting, forwarding. */
#include "tests/netdev/device.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/util.h"
#include "tests/netdev/sandbox.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

enum {
    TIMEOUT_MS = 120000, /* Waiting for what must come. */
    TCP_PORT = 5001,     /* Of device_start_tcp(). */
    TCP_SEC = 600,       /* Longer than any transfer takes. */
};

struct netdev *device_open(const char *text)
{
    return device_open_shared(text, NULL);
}

struct netdev *device_open_shared(const char *text, struct netdev_shared *shared)
{
    struct netdev_options options;
    struct netdev *dev = NULL;
    char *error = NULL;
    int retval = netdev_options_parse(text, &options, &error);
    if (!retval) {
        retval = netdev_open(&options, 2, shared, &dev, &error);
        netdev_options_uninit(&options);
    }
    if (retval) {
        fail_msg("%s", error);
    } else {
        netdev_start(dev);
    }
    return dev;
}

int device_open_error(const char *text, char **error)
{
    struct netdev_options options;
    struct netdev *dev = NULL;
    *error = NULL;
    int retval = netdev_options_parse(text, &options, error);
    if (!retval) {
        retval = netdev_open(&options, 2, NULL, &dev, error);
        netdev_options_uninit(&options);
    }
    assert_null(dev);
    assert_non_null(*error);
    return retval;
}

void device_thread_init(struct netdev_thread *thread, unsigned id)
{
    *thread = (struct netdev_thread) {.id = id,
                                      .pool = packet_pool_create(256, 64),
                                      .scratch = xmalloc(PACKET_LARGE)};
}

void device_thread_uninit(struct netdev_thread *thread)
{
    packet_pool_destroy(thread->pool);
    free(thread->scratch);
}

int device_set_up_veth(struct netdev_thread *thread)
{
    device_thread_init(thread, 1);
    sandbox_make_veth("v0", "v1");
    int wire = wire_open("v1");
    assert_true(wire >= 0);
    return wire;
}

void device_tear_down(struct netdev_thread *thread, struct netdev *dev, int wire, const char *name)
{
    netdev_close(dev);
    if (wire >= 0) {
        close(wire);
    }
    sandbox_try("ip link del %s", name);
    device_thread_uninit(thread);
}

unsigned device_wait(struct netdev *dev, struct netdev_thread *thread, struct packet_batch *batch)
{
    struct pollfd pollfd = {.fd = netdev_receive_fd(dev), .events = POLLIN};
    while (!netdev_receive(dev, thread, batch)) {
        netdev_release(dev, batch);
        if (poll(&pollfd, 1, TIMEOUT_MS) <= 0) {
            break;
        }
    }
    return batch->n;
}

void device_send(struct netdev *dev, struct netdev_thread *thread, const void *frame, size_t size)
{
    uint8_t *memory = xmalloc(PACKET_HEADROOM + size);
    struct packet packet, *p = &packet;
    memcpy(memory + PACKET_HEADROOM, frame, size);
    packet_use(p, memory, PACKET_HEADROOM + size, memory + PACKET_HEADROOM, size);
    netdev_send(dev, thread, &p, 1);
    free(memory);
}

/* Moves one batch on 'way'. */
static void forward(const struct device_way *way, struct netdev_thread *thread,
                    struct device_seen *seen)
{
    struct packet_batch batch;
    netdev_receive(way->from, thread, &batch);
    for (unsigned i = 0; i < batch.n; i++) {
        struct packet *p = batch.packets[i];
        seen->largest = MAX(seen->largest, p->size);
        seen->partial += !!(p->offload.flags & PACKET_CSUM_PARTIAL);
        seen->supers += !!p->offload.gso;
        if (way->change) {
            way->change(p);
        }
    }
    netdev_send(way->to, thread, batch.packets, batch.n);
    netdev_release(way->from, &batch);
}

void device_step(const struct device_way *ways, size_t n, struct netdev_thread *thread,
                 struct device_seen *seen)
{
    for (size_t i = 0; i < n; i++) {
        forward(&ways[i], thread, seen);
    }
}

void device_forward(const struct device_way *ways, size_t n_ways, struct netdev_thread *thread,
                    const pid_t pids[], size_t n_pids, struct device_seen *seen)
{
    struct pollfd pollfds[8];
    assert_true(n_ways <= ARRAY_SIZE(pollfds));
    for (size_t i = 0; i < n_ways; i++) {
        pollfds[i] = (struct pollfd) {netdev_receive_fd(ways[i].from), POLLIN, 0};
    }
    *seen = (struct device_seen) {.largest = 0};
    for (size_t ended = 0; ended < n_pids;) {
        int status = 0;
        poll(pollfds, n_ways, 100);
        device_step(ways, n_ways, thread, seen);
        if (waitpid(pids[ended], &status, WNOHANG) == pids[ended]) {
            assert_int_equal(status, 0);
            ended++;
        }
    }
}

/* The byte at offset 'i' of what is sent. */
static uint8_t pattern(size_t i)
{
    return i ^ i >> 8 ^ i >> 16;
}

/* Receives all on the first connection to 'listener'; exits with 0 if it is as sent. */
static NORETURN void receive_tcp(int listener, size_t size)
{
    uint8_t buffer[65536];
    size_t at = 0;
    alarm(TCP_SEC);
    int fd = accept(listener, NULL, NULL);
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0; at += n) {
        for (ssize_t i = 0; i < n; i++) {
            if (buffer[i] != pattern(at + i)) {
                _exit(2);
            }
        }
    }
    _exit(at == size ? 0 : 3);
}

/* Sends all; exits with 0 if that worked. */
static NORETURN void send_tcp(const struct sockaddr_in *to, size_t size)
{
    uint8_t *all = xmalloc(size);
    size_t at = 0;
    alarm(TCP_SEC);
    for (size_t i = 0; i < size; i++) {
        all[i] = pattern(i);
    }
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *) to, sizeof *to)) {
        _exit(4);
    }
    for (ssize_t n; at < size && (n = write(fd, all + at, size - at)) > 0;) {
        at += n;
    }
    _exit(at == size && !close(fd) ? 0 : 5);
}

void device_start_tcp(int from, int to, const char *address, size_t size, pid_t pids[2])
{
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(TCP_PORT)};
    int home = sandbox_netns_current(), on = 1;
    assert_int_equal(inet_pton(AF_INET, address, &sin.sin_addr), 1);
    sandbox_netns_enter(to);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(listener, (struct sockaddr *) &sin, sizeof sin), 0);
    assert_int_equal(listen(listener, 1), 0);
    sandbox_netns_enter(home);

    pids[0] = fork();
    if (!pids[0]) {
        sandbox_netns_enter(from);
        send_tcp(&sin, size);
    }
    pids[1] = fork();
    if (!pids[1]) {
        receive_tcp(listener, size);
    }
    close(listener);
    close(home);
}

struct netdev_counters device_counters(const struct netdev *dev)
{
    struct netdev_counters counters;
    netdev_get_counters(dev, &counters);
    return counters;
}
