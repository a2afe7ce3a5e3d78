/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what is asked of a port's queues: texts, defaults, and what is refused. */
#include "tests/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-options.h"
#include "datapath/queue-config.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Takes the queues out of the port 'text' whose device has the 'speed'. Returns 0 or an errno, then
 * with *error. */
static int take(const char *text, uint64_t speed, struct queues_config *config, char **error)
{
    struct netdev_options options;
    int err = netdev_options_parse(text, &options, error);
    if (!err) {
        err = queues_config_take(&options, config, error);
        err = err ? err : queues_config_complete(config, "p", speed, error);
        assert_true(err || options.n == 0);
        netdev_options_uninit(&options);
    }
    return err;
}

/* Fails unless 'text' is understood. */
static void good(const char *text, uint64_t speed, struct queues_config *config)
{
    char *error = NULL;
    if (take(text, speed, config, &error)) {
        fail_msg("%s: %s", text, error);
    }
}

/* Fails unless 'text' is refused in a sentence with 'words'. */
static void bad(const char *text, const char *words)
{
    struct queues_config config;
    char *error = NULL;
    assert_int_equal(take(text, 0, &config, &error), EINVAL);
    if (!strstr(error, words)) {
        fail_msg("%s: %s", text, error);
    }
    free(error);
}

static void a_port_without_them_has_none(void **state UNUSED)
{
    struct queues_config c;
    good("p", 0, &c);
    assert_int_equal(c.n, 0);
    assert_int_equal(c.max_rate, 0);
}

static void queues_are_sorted_and_the_default_one_is_there(void **state UNUSED)
{
    struct queues_config c;
    good("p,queue=7:max-rate=1500k,max-rate=100M,queue=2:limit=1M:min-rate=30m", 0, &c);
    assert_int_equal(c.max_rate, 100000000);
    assert_int_equal(c.n, 3);
    assert_int_equal(c.queues[0].id, 0);
    assert_int_equal(c.queues[1].id, 2);
    assert_int_equal(c.queues[1].min_rate, 30000000);
    assert_int_equal(c.queues[1].max_rate, 0);
    assert_int_equal(c.queues[1].limit, 1000000);
    assert_int_equal(c.queues[2].id, 7);
    assert_int_equal(c.queues[2].max_rate, 1500000);
    good("p,queue=0:min-rate=2G", 10000000000, &c);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.queues[0].min_rate, 2000000000);
    good("p,max-rate=1000G", 0, &c);
    assert_int_equal(c.n, 1);
    good("p,queue=4294967294", 0, &c);
    assert_int_equal(c.n, 2);
}

/* rows: A8.1 */
static void a_guarantee_is_a_part_of_the_cap_or_of_the_speed(void **state UNUSED)
{
    struct queues_config c;
    good("p,queue=1:min-rate=30M,max-rate=40M", 100000000, &c);
    assert_int_equal(c.max_rate, 40000000);
    good("p,queue=1:min-rate=30M", 100000000, &c);
    assert_int_equal(c.max_rate, 100000000);
    good("p,queue=1:max-rate=30M", 100000000, &c);
    assert_int_equal(c.max_rate, 0);
    bad("p,queue=1:min-rate=30M", "speed of the device is not known");
    bad("p,max-rate=10M,queue=1:min-rate=8M,queue=2:min-rate=3M", "guarantee less");
}

static void what_makes_no_sense_is_refused(void **state UNUSED)
{
    static const char *const queues[] = {
        "", "x", "-1", "4294967295", "1:", "1:min-rate", "1:min-rate=", "1:min-rate=M", "1:rate=1M",
        "1:min-rate=1M:min-rate=2M", "1:min-rate=2M:max-rate=1M", "1:min-rate=999", "1:limit=100",
        "1:min-rate=1.5M", "1:max-rate=1001G", "1:max-rate=99999999999999999999", "1:max-rate=1MM",
        "1:limit=1G", "1 :limit=9000",
    };
    for (unsigned i = 0; i < ARRAY_SIZE(queues); i++) {
        char *text = xasprintf("p,max-rate=100M,queue=%s", queues[i]);
        bad(text, "a queue is its number");
        free(text);
    }
    bad("p,max-rate=fast", "max-rate=fast: a rate");
    bad("p,max-rate=0", "max-rate=0: a rate");
    bad("p,max-rate", "max-rate=yes: a rate");
    bad("p,max-rate=1M,max-rate=1M", "given twice");
    bad("p,queue=1,queue=1", "each queue is given once");
}

static void there_are_not_too_many(void **state UNUSED)
{
    for (int with_default = 0; with_default < 2; with_default++) {
        char text[2048] = "p";
        struct queues_config c;
        for (int i = !with_default; i < QUEUE_CONFIG_MAX; i++) {
            sprintf(text + strlen(text), ",queue=%d", i);
        }
        good(text, 0, &c);
        assert_int_equal(c.n, QUEUE_CONFIG_MAX);
        strcat(text, ",queue=1000");
        bad(text, "the default one included");
    }
}

static void the_speed_is_the_fastest_that_is_told(void **state UNUSED)
{
    assert_int_equal(queues_config_speed(0), 0);
    assert_int_equal(queues_config_speed(OFPPF_COPPER), 0);
    assert_int_equal(queues_config_speed(OFPPF_10MB_FD | OFPPF_COPPER), 10000000);
    assert_int_equal(queues_config_speed(OFPPF_100MB_HD), 100000000);
    assert_int_equal(queues_config_speed(OFPPF_1GB_FD | OFPPF_100MB_FD), 1000000000);
    assert_int_equal(queues_config_speed(OFPPF_10GB_FD), 10000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_without_them_has_none),
        cmocka_unit_test(queues_are_sorted_and_the_default_one_is_there),
        cmocka_unit_test(a_guarantee_is_a_part_of_the_cap_or_of_the_speed),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(there_are_not_too_many),
        cmocka_unit_test(the_speed_is_the_fastest_that_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
