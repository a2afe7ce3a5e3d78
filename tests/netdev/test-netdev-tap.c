/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of TAP devices in a network namespace of their own. */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datapath/netdev/netdev-provider.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "tests/netdev/device.h"
#include "tests/netdev/sandbox.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

enum {
    WAIT_MS = 120000, /* For what must come. */
};

/* A tap t0 and the test's hand on its interface. */
struct fixture {
    struct netdev_thread thread; /* Thread 1. */
    struct netdev *dev;          /* Opened by the test. */
    int wire;                    /* On the interface, opened by open_tap(). */
    uint8_t frame[2048];         /* For the test's use. */
};

static int set_up(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);
    device_thread_init(&f->thread, 1);
    f->wire = -1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    device_tear_down(&f->thread, f->dev, f->wire, "t0");
    free(f);
    return 0;
}

/* Opens the tap that 'text' names, sets it up and takes hold of its interface. */
static void open_tap(struct fixture *f, const char *text)
{
    f->dev = device_open(text);
    assert_string_equal(netdev_kind(f->dev), "tap");
    assert_int_equal(netdev_set_admin(f->dev, true), 0);
    f->wire = wire_open("t0");
    assert_true(f->wire >= 0);
}

/* Frames go in and out of the tap. */
static void expect_traffic(struct fixture *f)
{
    static const size_t sizes[] = {60, 64, 1000, 1514};
    uint8_t got[2048];
    struct packet_batch batch;
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        wire_make_frame(f->frame, sizes[i], i);
        assert_true(wire_send(f->wire, f->frame, sizes[i]));
        assert_int_equal(device_wait(f->dev, &f->thread, &batch), 1);
        assert_int_equal(batch.packets[0]->size, sizes[i]);
        assert_memory_equal(batch.packets[0]->data, f->frame, sizes[i]);
        netdev_release(f->dev, &batch);

        device_send(f->dev, &f->thread, f->frame, sizes[i]);
        assert_int_equal(wire_receive(f->wire, got, sizeof got, WAIT_MS), sizes[i]);
        assert_memory_equal(got, f->frame, sizes[i]);
    }
}

static void a_tap_that_we_make_forwards_and_goes_with_us(void **state)
{
    struct fixture *f = *state;
    open_tap(f, "t0,type=tap,mac=02:00:00:00:00:77");
    const struct netdev_status *status = netdev_status(f->dev);
    assert_true(status->present && status->carrier && status->admin_up);
    assert_int_equal(status->mtu, 1500);
    assert_memory_equal(status->hw_addr, ((uint8_t[6]) {2, 0, 0, 0, 0, 0x77}), 6);
    assert_true(status->curr & OFPPF_COPPER);
    expect_traffic(f);
    netdev_close(f->dev);
    f->dev = NULL;
    assert_int_not_equal(sandbox_try("ip link show t0"), 0);
}

static void tags_pass_in_both_directions(void **state)
{
    static const struct {
        uint16_t tpid;
        uint16_t tci;
    } rows[] = {{0x8100, 5}, {0x8100, 0}, {0x8100, 0xffff}, {0x88a8, 0x2007}};
    struct fixture *f = *state;
    uint8_t got[2048];
    struct packet_batch batch;
    open_tap(f, "t0,type=tap");
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        wire_make_frame(f->frame, 100, i);
        size_t size = wire_add_tag(f->frame, 100, rows[i].tpid, rows[i].tci);
        assert_true(wire_send(f->wire, f->frame, size));
        assert_int_equal(device_wait(f->dev, &f->thread, &batch), 1);
        assert_int_equal(batch.packets[0]->size, size);
        assert_memory_equal(batch.packets[0]->data, f->frame, size);
        netdev_release(f->dev, &batch);
        device_send(f->dev, &f->thread, f->frame, size);
        assert_int_equal(wire_receive(f->wire, got, sizeof got, WAIT_MS), size);
        assert_memory_equal(got, f->frame, size);
    }
}

static void an_existing_tap_is_found_used_and_left(void **state)
{
    struct fixture *f = *state;
    sandbox_run("ip tuntap add t0 mode tap");
    open_tap(f, "t0");
    expect_traffic(f);
    netdev_close(f->dev);
    f->dev = NULL;
    assert_int_equal(sandbox_try("ip link show t0"), 0);
}

static void an_existing_tap_with_many_queues_is_used(void **state)
{
    struct fixture *f = *state;
    sandbox_run("ip tuntap add t0 mode tap multi_queue");
    open_tap(f, "t0");
    expect_traffic(f);
}

static void a_tap_that_is_open_elsewhere_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const kinds[] = {"", "multi_queue"};
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        char *error;
        sandbox_run("ip tuntap add t0 mode tap %s", kinds[i]);
        f->dev = device_open("t0");
        char *before = sandbox_output("ethtool -k t0");
        assert_int_equal(device_open_error("t0,mtu=1300", &error), EBUSY);
        assert_non_null(strstr(error, "t0: another program has this tap open"));
        char *after = sandbox_output("ethtool -k t0");
        assert_string_equal(before, after);
        free(before);
        free(after);
        free(error);
        netdev_close(f->dev);
        f->dev = NULL;
        sandbox_run("ip link del t0");
    }
}

/* Fails unless t0 has the address and MTU that 'like' says, as ip shows them. */
static void expect_looks(const char *like)
{
    char *shown = sandbox_output("ip -o link show t0 | sed 's/.* mtu \\([0-9]*\\) .* "
                                 "link.ether \\([0-9a-f:]*\\) .*/\\2 \\1/' | tr -d '\\n'");
    assert_string_equal(shown, like);
    free(shown);
}

static void an_existing_tap_gets_back_what_was_changed(void **state)
{
    struct fixture *f = *state;
    static const char *const refused[] = {
        "t0,mac=02:00:00:00:00:bb,mtu=99999",
        "t0,mac=02:00:00:00:00:bb,mtu=1",
        "t0,mac=00:00:00:00:00:00,mtu=9000",
        "t0,mac=01:00:00:00:00:00,mtu=9000",
    };
    sandbox_run("ip tuntap add t0 mode tap && ip link set t0 address 02:00:00:00:00:aa mtu 1400");
    for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
        char *error;
        int retval = device_open_error(refused[i], &error);
        assert_int_not_equal(retval, 0);
        free(error);
        expect_looks("02:00:00:00:00:aa 1400");
    }
    f->dev = device_open("t0,mac=02:00:00:00:00:bb,mtu=9000");
    expect_looks("02:00:00:00:00:bb 9000");
    assert_int_equal(netdev_set_mtu(f->dev, 3000), 0);
    expect_looks("02:00:00:00:00:bb 3000");
    netdev_close(f->dev);
    expect_looks("02:00:00:00:00:aa 1400");
    f->dev = device_open("t0,mac=02:00:00:00:00:bb,mtu=9000");
    sandbox_run("ip link set t0 address 02:00:00:00:00:cc");
    netdev_close(f->dev);
    f->dev = NULL;
    expect_looks("02:00:00:00:00:cc 1400");
}

static void what_is_no_tap_is_refused(void **state)
{
    struct fixture *f = *state;
    char *error;
    sandbox_make_veth("t0", "v1");
    assert_int_equal(device_open_error("t0,type=tap", &error), EINVAL);
    assert_non_null(strstr(error, "not a tap but of kind veth"));
    free(error);
    assert_int_equal(device_open_error("t1,type=tap,owner=no such user", &error), EINVAL);
    assert_non_null(strstr(error, "nobody is called that"));
    free(error);
    assert_int_not_equal(sandbox_try("ip link show t1"), 0);
    f->dev = NULL;
}

/* Opens the tap 't0' as another user. Returns the exit status: 0 opened, 1 refused for lack of the
 * right, 2 anything else. */
static int open_as(uid_t uid)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        struct netdev_options options = {.name = xstrdup("t0")};
        struct netdev *dev;
        char *error;
        if (setgroups(0, NULL) || setgid(uid) || setuid(uid)) {
            _exit(3);
        }
        int retval = netdev_open(&options, 1, NULL, &dev, &error);
        _exit(!retval ? 0 : retval == EPERM && strstr(error, "let root make it") ? 1 : 2);
    }
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void an_unprivileged_user_opens_a_tap_made_for_it(void **state UNUSED)
{
    if (!sandbox_is_privileged()) {
        skip();
    }
    sandbox_run("mknod -m 666 /run/tun c 10 200 && mount --bind /run/tun /dev/net/tun");
    sandbox_run("ip tuntap add t0 mode tap user 65534");
    assert_int_equal(open_as(65534), 0);
    assert_int_equal(open_as(65533), 1);
    sandbox_run("umount /dev/net/tun");
}

static void owner_lets_others_open_a_tap_that_we_made(void **state)
{
    struct fixture *f = *state;
    f->dev = device_open("t0,type=tap,owner=root,group=0");
    char *shown = sandbox_output("ip -d link show t0");
    assert_non_null(strstr(shown, "user "));
    assert_non_null(strstr(shown, "group "));
    free(shown);
}

static void a_tap_moved_to_another_namespace_works_on(void **state)
{
    struct fixture *f = *state;
    int other = sandbox_netns_create(), home = sandbox_netns_current();
    f->dev = device_open("t0,type=tap");
    sandbox_move_link("t0", other, NULL);
    netdev_refresh(f->dev);
    assert_true(netdev_status(f->dev)->present);
    assert_true(netdev_status(f->dev)->admin_up && netdev_status(f->dev)->carrier);
    sandbox_netns_enter(other);
    f->wire = wire_open("t0");
    sandbox_netns_enter(home);
    expect_traffic(f);

    sandbox_netns_enter(other);
    sandbox_run("ip link set t0 netns /proc/%d/fd/%d", getpid(), home);
    sandbox_netns_enter(home);
    sandbox_run("ip link set t0 mtu 1400");
    netdev_refresh(f->dev);
    assert_int_equal(netdev_status(f->dev)->mtu, 1400);
    close(other);
    close(home);
}

static void a_tap_that_is_away_is_not_taken_for_its_namesake(void **state)
{
    struct fixture *f = *state;
    int other = sandbox_netns_create();
    f->dev = device_open("t0,type=tap,mtu=1400");
    sandbox_move_link("t0", other, NULL);
    sandbox_make_veth("t0", "v1");
    netdev_refresh(f->dev);
    assert_int_equal(netdev_set_admin(f->dev, false), EOPNOTSUPP);
    assert_int_equal(netdev_set_mtu(f->dev, 1300), EOPNOTSUPP);
    sandbox_run("mount -t tmpfs none /proc"); /* Namespaces can't be told apart, but kinds can. */
    assert_int_equal(netdev_set_admin(f->dev, false), EOPNOTSUPP);
    sandbox_run("umount /proc");
    assert_true(netdev_status(f->dev)->present && netdev_status(f->dev)->admin_up);
    assert_int_equal(netdev_status(f->dev)->mtu, 1400);
    assert_int_equal(sandbox_try("ip link show t0 | grep 'UP.* mtu 1500 '"), 0);
    close(other);
}

static void a_tap_that_was_renamed_is_still_ours(void **state)
{
    struct fixture *f = *state;
    open_tap(f, "t0,type=tap");
    sandbox_run("ip link set t0 down && ip link set t0 name t1");
    assert_true(netdev_refresh(f->dev));
    assert_true(netdev_status(f->dev)->present && !netdev_status(f->dev)->admin_up);
    sandbox_make_veth("t0", "v1");
    assert_false(netdev_refresh(f->dev));
    assert_int_equal(netdev_set_admin(f->dev, true), 0);
    assert_int_equal(netdev_set_mtu(f->dev, 1300), 0);
    assert_true(netdev_status(f->dev)->admin_up);
    assert_int_equal(netdev_status(f->dev)->mtu, 1300);
    assert_int_equal(sandbox_try("ip link show t1 | grep 'UP.* mtu 1300 '"), 0);
    assert_int_equal(sandbox_try("ip link show t0 | grep 'UP.* mtu 1500 '"), 0);
    assert_int_equal(netdev_set_mtu(f->dev, 1500), 0);
    close(f->wire);
    f->wire = wire_open("t1");
    expect_traffic(f);
}

/* True if the receive descriptor reports anything. */
static bool is_noisy(const struct netdev *dev)
{
    struct pollfd pollfd = {.fd = netdev_receive_fd(dev), .events = POLLIN};
    return poll(&pollfd, 1, 0) != 0;
}

static void a_tap_that_was_deleted_is_taken_up_when_it_is_back(void **state)
{
    struct fixture *f = *state;
    sandbox_run("ip tuntap add t0 mode tap");
    open_tap(f, "t0,mac=02:00:00:00:00:bb,mtu=1400");
    int fd = netdev_receive_fd(f->dev);
    sandbox_run("ip link del t0");
    assert_true(netdev_refresh(f->dev));
    assert_false(netdev_status(f->dev)->present);
    assert_false(is_noisy(f->dev));
    wire_make_frame(f->frame, 60, 1);
    device_send(f->dev, &f->thread, f->frame, 60);
    assert_int_equal(device_counters(f->dev).tx_dropped, 1);
    assert_false(netdev_refresh(f->dev));

    sandbox_run("ip tuntap add t0 mode tap && ip link set t0 up address 02:00:00:00:00:aa");
    assert_true(netdev_refresh(f->dev));
    assert_true(netdev_status(f->dev)->present);
    expect_looks("02:00:00:00:00:bb 1400");
    sandbox_run("ip link set t0 mtu 1500");
    assert_true(netdev_refresh(f->dev));
    assert_int_equal(netdev_receive_fd(f->dev), fd);
    close(f->wire);
    f->wire = wire_open("t0");
    expect_traffic(f);
    netdev_close(f->dev);
    f->dev = NULL;
    expect_looks("02:00:00:00:00:aa 1500");
}

/* A vlog sink: counts the warnings in *aux. */
static void count_warning(const char *module UNUSED, enum vlog_level level,
                          const char *text UNUSED, void *aux)
{
    *(unsigned *) aux += level == VLOG_LEVEL_WARN;
}

static void who_makes_a_tap_anew_may_have_it_open_for_a_moment(void **state)
{
    struct fixture *f = *state;
    unsigned warnings = 0;
    struct netdev *maker;
    sandbox_run("ip tuntap add t0 mode tap");
    f->dev = device_open("t0");
    sandbox_run("ip link del t0");
    assert_true(netdev_refresh(f->dev));
    maker = device_open("t0,type=tap");
    vlog_set_sink(count_warning, &warnings);
    assert_false(netdev_refresh(f->dev));
    assert_int_equal(warnings, 0);
    assert_false(netdev_refresh(f->dev));
    assert_int_equal(warnings, 1);
    vlog_set_sink(NULL, NULL);
    netdev_close(maker);
    sandbox_run("ip tuntap add t0 mode tap");
    assert_true(netdev_refresh(f->dev));
    assert_true(netdev_status(f->dev)->present);
}

static void an_exhausted_pool_loses_frames_and_is_counted(void **state)
{
    struct fixture *f = *state;
    struct packet_batch batch;
    open_tap(f, "t0,type=tap");
    packet_pool_destroy(f->thread.pool);
    f->thread.pool = packet_pool_create(0, 0);
    wire_make_frame(f->frame, 60, 1);
    assert_true(wire_send(f->wire, f->frame, 60));
    while (!device_counters(f->dev).rx_dropped) {
        assert_int_equal(netdev_receive(f->dev, &f->thread, &batch), 0);
        netdev_release(f->dev, &batch);
    }
    assert_false(is_noisy(f->dev));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tap_that_we_make_forwards_and_goes_with_us, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tags_pass_in_both_directions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_existing_tap_is_found_used_and_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_existing_tap_with_many_queues_is_used, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_tap_that_is_open_elsewhere_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_existing_tap_gets_back_what_was_changed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_tap_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unprivileged_user_opens_a_tap_made_for_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(owner_lets_others_open_a_tap_that_we_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_tap_moved_to_another_namespace_works_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_tap_that_is_away_is_not_taken_for_its_namesake, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_tap_that_was_renamed_is_still_ours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tap_that_was_deleted_is_taken_up_when_it_is_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_makes_a_tap_anew_may_have_it_open_for_a_moment, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_exhausted_pool_loses_frames_and_is_counted, set_up,
                                        tear_down),
    };
    sandbox_enter();
    if (!sandbox_has_tap()) {
        fprintf(stderr, "skipped: this user may not open /dev/net/tun\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
