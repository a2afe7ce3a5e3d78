/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the news of links. */
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datapath/netdev/link-monitor.h"
#include "lib/util.h"
#include "tests/netdev/sandbox.h"
#include "tests/unit.h"

/* What the monitor told of one interface. */
struct news {
    const char *name;  /* The one that we ask about. */
    unsigned told;     /* Times that it was told of. */
    int ifindex;       /* As last told. */
    unsigned lost;     /* Times that news were lost. */
};

static void take_news(void *news_, int ifindex, const char *name)
{
    struct news *news = news_;
    if (!name) {
        assert_int_equal(ifindex, 0);
        news->lost++;
    } else if (!strcmp(name, news->name)) {
        news->told++;
        news->ifindex = ifindex;
    }
}

/* The same for two interfaces. */
static void take_news_of_both(void *both_, int ifindex, const char *name)
{
    struct news *both = both_;
    take_news(&both[0], ifindex, name);
    take_news(&both[1], ifindex, name);
}

/* Reads all news of 'name'. The kernel has queued them when the command that caused them ends. */
static struct news read_news(struct link_monitor *m, const char *name)
{
    struct news news = {.name = name};
    assert_false(link_monitor_run(m, UINT_MAX, take_news, &news));
    return news;
}

static int set_up(void **state)
{
    return link_monitor_create((struct link_monitor **) state);
}

static int tear_down(void **state)
{
    link_monitor_destroy(*state);
    sandbox_try("ip link del v0 || ip link del v1");
    return 0;
}

static void links_that_come_change_and_go_are_told_of(void **state)
{
    struct link_monitor *m = *state;
    struct pollfd pollfd = {.fd = link_monitor_fd(m), .events = POLLIN};
    assert_int_equal(poll(&pollfd, 1, 0), 0);

    sandbox_make_veth("v0", "v1");
    assert_int_equal(poll(&pollfd, 1, 0), 1);
    struct news news = read_news(m, "v0");
    assert_true(news.told > 0);
    assert_int_equal(news.ifindex, if_nametoindex("v0"));
    assert_int_equal(poll(&pollfd, 1, 0), 0);

    sandbox_run("ip link set v0 down");
    assert_true(read_news(m, "v0").told > 0);
    sandbox_run("ip link set v0 mtu 1400");
    assert_true(read_news(m, "v0").told > 0);
    sandbox_run("ip link del v0");
    news = read_news(m, "v0");
    assert_true(news.told > 0);
}

static void queueing_disciplines_are_told_of_by_device(void **state)
{
    struct link_monitor *m = *state;
    sandbox_make_veth("v0", "v1");
    read_news(m, "v0");
    sandbox_run("tc qdisc add dev v0 clsact");
    struct news news = read_news(m, "v0");
    assert_true(news.told > 0);
    sandbox_run("tc qdisc del dev v0 clsact");
    assert_true(read_news(m, "v0").told > 0);
}

static void a_monitor_stays_in_its_namespace(void **state UNUSED)
{
    int home = sandbox_netns_current(), other = sandbox_netns_create();
    struct link_monitor *m;
    sandbox_netns_enter(other);
    assert_int_equal(link_monitor_create(&m), 0);
    sandbox_netns_enter(home);
    sandbox_make_veth("v0", "v1");
    assert_int_equal(read_news(m, "v0").told, 0);
    sandbox_run("ip link set v0 netns /proc/%d/fd/%d", getpid(), other);
    assert_true(read_news(m, "v0").told > 0);
    link_monitor_destroy(m);
    close(other);
    close(home);
}

static void lost_news_are_told_as_such(void **state)
{
    struct link_monitor *m = *state;
    sandbox_make_veth("v0", "v1");
    sandbox_run("for i in $(seq 800); do echo link set v0 mtu $((1400 + i %% 100)); done | "
                "ip -batch -");
    struct news news = read_news(m, "v0");
    assert_int_equal(news.lost, 1);
    assert_int_equal(news.told, 0);
}

static void many_messages_about_an_interface_are_one_piece_of_news(void **state)
{
    struct link_monitor *m = *state;
    sandbox_make_veth("v0", "v1");
    read_news(m, "v0");
    sandbox_run("for i in $(seq 20); do echo link set v0 mtu $((1400 + i)); done | ip -batch -; "
                "tc qdisc add dev v0 clsact; ip link set v1 mtu 1400");
    struct news both[] = {{.name = "v0"}, {.name = "v1"}};
    assert_false(link_monitor_run(m, UINT_MAX, take_news_of_both, both));
    assert_int_equal(both[0].told, 1);
    assert_int_equal(both[1].told, 1);
    assert_int_equal(both[0].lost, 0);
}

static void who_asks_for_little_gets_the_rest_in_turn(void **state)
{
    struct link_monitor *m = *state;
    sandbox_make_veth("v0", "v1");
    read_news(m, "v0");
    sandbox_run("ip link set v0 mtu 1400; ip link set v1 mtu 1400; ip link set v0 mtu 1410");
    struct news both[] = {{.name = "v0"}, {.name = "v1"}};
    assert_true(link_monitor_run(m, 0, take_news_of_both, both));
    assert_int_equal(both[0].told + both[1].told, 0);
    assert_true(link_monitor_run(m, 1, take_news_of_both, both));
    assert_int_equal(both[0].told, 1);
    sandbox_run("ip link set v0 mtu 1420; ip link set v1 mtu 1420");
    assert_true(link_monitor_run(m, 1, take_news_of_both, both));
    assert_int_equal(both[1].told, 1);
    assert_false(link_monitor_run(m, 1, take_news_of_both, both));
    assert_int_equal(both[0].told, 2);
    assert_int_equal(both[1].told, 1);
}

static void messages_with_and_without_a_name_are_one_piece_of_news(void **state)
{
    struct link_monitor *m = *state;
    sandbox_make_veth("v0", "v1");
    sandbox_run("ip link set v0 down; tc qdisc add dev v0 clsact; ip link del v0");
    struct news news = read_news(m, "v0");
    assert_int_equal(news.told, 1);
}

static void all_names_that_interfaces_took_are_told_of(void **state)
{
    struct link_monitor *m = *state;
    sandbox_make_veth("v0", "v1");
    read_news(m, "v0");
    int ifindex = if_nametoindex("v0");
    sandbox_run("ip link set v0 down; ip link set v1 down; ip link set v0 name v2; "
                "ip link set v1 name v0; ip link set v2 name v1");
    struct news both[] = {{.name = "v0"}, {.name = "v1"}};
    assert_false(link_monitor_run(m, UINT_MAX, take_news_of_both, both));
    assert_true(both[0].ifindex == (int) if_nametoindex("v0"));
    assert_true(both[1].ifindex == ifindex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(links_that_come_change_and_go_are_told_of, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(queueing_disciplines_are_told_of_by_device, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_monitor_stays_in_its_namespace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_news_are_told_as_such, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_messages_about_an_interface_are_one_piece_of_news,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_asks_for_little_gets_the_rest_in_turn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(messages_with_and_without_a_name_are_one_piece_of_news,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_names_that_interfaces_took_are_told_of, set_up,
                                        tear_down),
    };
    sandbox_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
