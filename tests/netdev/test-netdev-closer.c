/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of devices that are closed while the caller goes on. */
#include <poll.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "datapath/netdev/netdev-closer.h"
#include "datapath/netdev/netdev-provider.h"
#include "lib/util.h"
#include "tests/unit.h"

enum {
    CLOSING_MAX = 64, /* Threads at a time, as netdev-closer.h says. */
    CROWD = 200,      /* Devices at once. */
};

/* A device that is closed when somebody lets it. */
struct slow {
    struct netdev base; /* What all devices have. */
    sem_t *gate;        /* What its close() waits for; NULL nothing. */
    unsigned *n_closed; /* Counts those that are closed. Atomic. */
};

static int slow_open(struct netdev *dev UNUSED, char **error UNUSED)
{
    return 0;
}

static void slow_close(struct netdev *dev)
{
    struct slow *slow = CONTAINER_OF(dev, struct slow, base);
    if (slow->gate) {
        sem_wait(slow->gate);
    }
    __atomic_add_fetch(slow->n_closed, 1, __ATOMIC_RELAXED);
}

static int slow_status(struct netdev *dev UNUSED, struct netdev_status *status)
{
    *status = (struct netdev_status) {.mtu = 1500};
    return 0;
}

static const struct netdev_class slow_class = {
    .kind = "slow",
    .size = sizeof(struct slow),
    .options = "",
    .closes_slowly = true,
    .open = slow_open,
    .close = slow_close,
    .get_status = slow_status,
};

/* A closer and what it is given. */
struct fixture {
    struct netdev_closer closer; /* The one. */
    sem_t gate;                  /* Of slow devices. */
    unsigned n_closed;           /* Devices. Atomic. */
    int fd;                      /* Event descriptor, readable when it woke us. */
};

static void woken(void *aux)
{
    const struct fixture *f = aux;
    eventfd_write(f->fd, 1);
}

static void fixture_init(struct fixture *f)
{
    *f = (struct fixture) {.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    sem_init(&f->gate, 0, 0);
    netdev_closer_init(&f->closer, woken, f);
}

static void fixture_uninit(struct fixture *f)
{
    netdev_closer_uninit(&f->closer);
    sem_destroy(&f->gate);
    close(f->fd);
}

/* Opens a device and hands it to the closer; unless it 'waits', nothing holds its close() up. */
static void close_new(struct fixture *f, const struct netdev_class *class, bool waits)
{
    struct netdev_options options = {.n = 0};
    struct netdev *dev;
    char *error;
    assert_int_equal(netdev_create(class, &options, 1, NULL, &dev, &error), 0);
    CONTAINER_OF(dev, struct slow, base)->gate = waits ? &f->gate : NULL;
    CONTAINER_OF(dev, struct slow, base)->n_closed = &f->n_closed;
    netdev_closer_close(&f->closer, dev);
}

static unsigned count_closed(const struct fixture *f)
{
    return __atomic_load_n(&f->n_closed, __ATOMIC_RELAXED);
}

static void wait_for_news(const struct fixture *f)
{
    struct pollfd pollfd = {.fd = f->fd, .events = POLLIN};
    eventfd_t n;
    while (!netdev_closer_has_news(&f->closer)) {
        assert_int_equal(poll(&pollfd, 1, 60000), 1);
        eventfd_read(f->fd, &n);
    }
}

static void the_caller_goes_on_while_a_slow_device_is_closed(void **state UNUSED)
{
    struct fixture f;
    fixture_init(&f);
    close_new(&f, &slow_class, true);
    close_new(&f, &slow_class, true);
    assert_false(netdev_closer_has_news(&f.closer));
    for (unsigned left = 2; left; left--) {
        assert_true(netdev_closer_is_busy(&f.closer));
        assert_int_equal(count_closed(&f), 2 - left);
        sem_post(&f.gate);
        wait_for_news(&f);
        netdev_closer_run(&f.closer);
        assert_false(netdev_closer_has_news(&f.closer));
    }
    assert_false(netdev_closer_is_busy(&f.closer));
    fixture_uninit(&f);
}

static void a_quick_device_and_none_are_closed_at_once(void **state UNUSED)
{
    struct netdev_class quick_class = slow_class;
    struct fixture f;
    quick_class.closes_slowly = false;
    fixture_init(&f);
    close_new(&f, &quick_class, false);
    netdev_closer_close(&f.closer, NULL);
    assert_int_equal(count_closed(&f), 1);
    assert_false(netdev_closer_is_busy(&f.closer));
    fixture_uninit(&f);
}

static void the_end_waits_for_all_and_a_crowd_is_bounded(void **state UNUSED)
{
    struct fixture f;
    fixture_init(&f);
    for (unsigned i = 0; i < CROWD; i++) {
        close_new(&f, &slow_class, false);
    }
    assert_in_range(f.closer.n, 1, CLOSING_MAX);
    fixture_uninit(&f);
    assert_int_equal(count_closed(&f), CROWD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_caller_goes_on_while_a_slow_device_is_closed),
        cmocka_unit_test(a_quick_device_and_none_are_closed_at_once),
        cmocka_unit_test(the_end_waits_for_all_and_a_crowd_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
