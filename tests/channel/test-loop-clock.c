/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/loop-clock: the wheel is told the time, and I/O comes before timers. */
#include "lib/channel/loop-clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/channel/rconn.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

#define DEADLINE (20 * MSEC) /* After which the timers of the tests fire. */

/* A timer that notes that it fired. */
struct alarm {
    struct timer timer; /* On the fixture's wheel. */
    bool rang;          /* It fired. */
    int64_t now;        /* The time that it was told. */
};

/* One of two sockets, which has a byte to be read, and the timer that gives up waiting for it. */
struct ear {
    struct fixture *f;   /* Environment. */
    uv_poll_t poll;      /* On 'fds[0]'. */
    int fds[2];          /* What is written to the second comes out of the first. */
    struct alarm patience; /* Is cancelled by the byte. */
    bool heard;          /* The byte came. */
    int64_t now;         /* When. */
};

static void ring(struct timer *timer, int64_t now)
{
    struct alarm *a = CONTAINER_OF(timer, struct alarm, timer);
    a->rang = true;
    a->now = now;
}

static void arm(struct fixture *f, struct alarm *a)
{
    timer_init(&a->timer, ring);
    timer_set(&f->wheel, &a->timer, timer_wheel_now(&f->wheel) + DEADLINE);
}

static void hear(uv_poll_t *poll, int status UNUSED, int events UNUSED)
{
    struct ear *e = CONTAINER_OF(poll, struct ear, poll);
    loop_clock_update(e->f->env.clock);
    e->heard = true;
    e->now = timer_wheel_now(&e->f->wheel);
    timer_cancel(&e->f->wheel, &e->patience.timer);
    uv_poll_stop(poll);
}

static void ear_init(struct ear *e, struct fixture *f)
{
    *e = (struct ear){.f = f};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, e->fds), 0);
    uv_poll_init(&f->loop, &e->poll, e->fds[0]);
    uv_poll_start(&e->poll, UV_READABLE, hear);
    arm(f, &e->patience);
}

static void ear_uninit(struct ear *e)
{
    uv_close((uv_handle_t *) &e->poll, NULL);
    uv_run(&e->f->loop, UV_RUN_NOWAIT);
    close(e->fds[0]);
    close(e->fds[1]);
}

/* Does nothing for longer than all deadlines, as if it had been stopped. */
static void stall(void)
{
    struct timespec t = {.tv_nsec = 3 * DEADLINE};
    while (nanosleep(&t, &t)) {
        continue;
    }
}

/* rows: A1.7 A1.10 */
static void after_a_stall_what_waits_is_heard_before_timers_fire(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct ear ears[2];
    for (size_t i = 0; i < ARRAY_SIZE(ears); i++) {
        ear_init(&ears[i], f);
    }
    int64_t before = timer_wheel_now(&f->wheel);
    for (size_t i = 0; i < ARRAY_SIZE(ears); i++) {
        assert_int_equal(write(ears[i].fds[1], "!", 1), 1);
    }
    stall();
    while (!ears[0].heard || !ears[1].heard) {
        uv_run(&f->loop, UV_RUN_NOWAIT);
    }
    for (size_t i = 0; i < ARRAY_SIZE(ears); i++) {
        assert_false(ears[i].patience.rang);
        assert_true(ears[i].now >= before + 2 * DEADLINE);
        ear_uninit(&ears[i]);
    }
    fixture_destroy(f);
}

static void after_a_stall_timers_fire_if_nothing_waits(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct ear e;
    ear_init(&e, f);
    int64_t deadline = timer_wheel_now(&f->wheel) + DEADLINE;
    stall();
    fixture_wait(f, &e.patience.rang);
    assert_false(e.heard);
    assert_true(e.patience.now >= deadline + DEADLINE);
    ear_uninit(&e);
    fixture_destroy(f);
}

static void note_loss(void *aux, bool was_connected UNUSED, const char *reason)
{
    print_message("lost: %s\n", reason);
    *(bool *) aux = true;
}

static void ignore(void *aux UNUSED)
{
}

static void ignore_message(void *aux UNUSED, const uint8_t *data UNUSED, size_t size UNUSED)
{
}

static const struct rconn_handlers rconn_handlers = {
    .connected = ignore,
    .message = ignore_message,
    .disconnected = note_loss,
};

/* Dials a socket that is not in the loop; returns its end of the connection. */
static int dial(struct fixture *f, const struct rconn_config *config, bool *is_lost,
                struct rconn **rconn)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    char *error = NULL;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *) &address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    getsockname(listener, (struct sockaddr *) &address, &size);
    char *target = xasprintf("tcp:127.0.0.1:%u", ntohs(address.sin_port));
    assert_int_equal(rconn_create(&f->env, target, config, &rconn_handlers, is_lost, rconn, &error),
                     0);
    free(target);
    fixture_spin(f);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    return fd;
}

/* Runs the loop until 8 bytes came at 'fd', which are of the type 'type'.  The loop's timers fire
 * at the beginning of a turn, so however slow the machine is, what one of them sends is seen before
 * the next one fires. */
static void turn_until_message(struct fixture *f, int fd, uint8_t type, uint8_t data[8])
{
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    while (recv(fd, data, 8, MSG_DONTWAIT) != 8) {
        uv_run(&f->loop, UV_RUN_NOWAIT);
        poll(&pfd, 1, 1);
    }
    assert_int_equal(data[1], type);
}

/* rows: A1.10 */
static void an_answer_that_waited_during_a_stall_is_one(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    const struct rconn_config config = {.seed = 1, .inactivity_probe = DEADLINE};
    struct acceptor keeps_loop_alive = {.n = 0};
    struct rconn *rconn;
    bool is_lost = false;
    uint8_t data[8];
    acceptor_listen(&keeps_loop_alive, f, "ptcp:0");
    int fd = dial(f, &config, &is_lost, &rconn);
    turn_until_message(f, fd, OFPT_HELLO, data);
    assert_int_equal(send(fd, data, sizeof data, 0), sizeof data);
    for (int i = 0; i < 3; i++) {
        turn_until_message(f, fd, OFPT_ECHO_REQUEST, data);
        data[1] = OFPT_ECHO_REPLY;
        assert_int_equal(send(fd, data, sizeof data, 0), sizeof data);
        stall();
    }
    assert_false(is_lost);
    close(fd);
    rconn_destroy(rconn);
    acceptor_uninit(&keeps_loop_alive);
    fixture_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_stall_what_waits_is_heard_before_timers_fire),
        cmocka_unit_test(after_a_stall_timers_fire_if_nothing_waits),
        cmocka_unit_test(an_answer_that_waited_during_a_stall_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
