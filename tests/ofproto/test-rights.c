/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what a user grants behind a target. */
#include "ofproto/rights.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/rule-quota.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/unit.h"

/* Parses 'text', which must be good and have the target 'target'. */
static struct rights *parse(const char *text, const char *target)
{
    struct rights *rights;
    char *found, *error = NULL;
    if (rights_parse(text, &found, &rights, &error)) {
        fail_msg("%s: %s", text, error);
    }
    assert_string_equal(found, target);
    free(found);
    found = rights_target(text);
    assert_string_equal(found, target);
    free(found);
    return rights;
}

static void a_target_alone_has_no_rights(void **state UNUSED)
{
    static const char *const targets[] = {
        "tcp:10.0.0.1", "tcp:10.0.0.1:6653", "tls:[fe80::1%eth0]:6653", "ssl:controller.example",
        "ptcp:", "ptls:6653:[::]", "unix:/run/a,b=c,d", "punix:/tmp/ports=1", "unix:/a,", "",
    };
    for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
        assert_null(parse(targets[i], targets[i]));
    }
}

static void ports_are_numbers_ranges_and_local(void **state UNUSED)
{
    struct rights *r = parse("tcp:[::1]:6653,ports=1-3+64+65279+LOCAL", "tcp:[::1]:6653");
    static const uint16_t in[] = {1, 2, 3, 64, 65279, OFPP_LOCAL};
    size_t n = 0;
    for (uint32_t port = 0; port <= 2 * UINT16_MAX; port++) {
        n += rights_have_port(r, port);
    }
    for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
        assert_true(rights_have_port(r, in[i]));
    }
    assert_int_equal(n, ARRAY_SIZE(in));
    assert_null(r->quota);
    assert_null(r->peer);
    assert_string_equal(r->text, "ports=1-3+64+65279+LOCAL");
    rights_unref(r);
}

static void no_ports_are_none_and_without_a_word_all(void **state UNUSED)
{
    struct rights *none = parse("unix:/run/a,b,ports=none", "unix:/run/a,b");
    struct rights *all = parse("ptcp:,flows=0", "ptcp:");
    for (uint32_t port = 0; port <= UINT16_MAX; port++) {
        assert_false(rights_have_port(none, port));
        assert_true(rights_have_port(all, port));
        assert_true(rights_have_port(NULL, port));
    }
    assert_int_equal(all->quota->max_rules, 0);
    rights_unref(none);
    rights_unref(all);
    rights_unref(NULL);
}

static void all_can_be_said_in_any_order(void **state UNUSED)
{
    struct rights *r = parse("ptls::[::],peer=controller of hall 3,flows=1000,ports=7",
                             "ptls::[::]");
    assert_int_equal(r->quota->max_rules, 1000);
    assert_string_equal(r->peer, "controller of hall 3");
    assert_true(rights_have_port(r, 7) && !rights_have_port(r, 8));
    assert_ptr_equal(rights_ref(r), r);
    rights_unref(r);
    rights_unref(r);
}

static void what_makes_no_sense_is_refused(void **state UNUSED)
{
    static const char ports[] = "give port numbers from 1 to 65279 as in ports=1-4+7+LOCAL";
    static const struct {
        const char *text;  /* What is said. */
        const char *words; /* In the answer. */
    } cases[] = {
        {"tcp:h,port=1", "tcp:h: port=1: behind a target stand ports=, flows= and peer= alone"},
        {"tcp:h,", "behind a target"},
        {"tcp:h,ports", "ports: behind a target"},
        {"tcp:h,ports=1,", "behind a target"},
        {"unix:/a,ports=1,b", "unix:/a: b: behind a target"},
        {"tcp:h,ports=", ports},
        {"tcp:h,ports=0", ports},
        {"tcp:h,ports=65280", ports},
        {"tcp:h,ports=4-2", ports},
        {"tcp:h,ports=1-", ports},
        {"tcp:h,ports=-3", ports},
        {"tcp:h,ports=1++2", ports},
        {"tcp:h,ports=1+", ports},
        {"tcp:h,ports=1+none", ports},
        {"tcp:h,ports=1 2", ports},
        {"tcp:h,ports=local", ports},
        {"tcp:h,ports=LOCAL-7", ports},
        {"tcp:h,ports=1,ports=2", "ports= was given twice"},
        {"tcp:h,flows=", "give a number from 0 to 4294967295"},
        {"tcp:h,flows=-1", "give a number"},
        {"tcp:h,flows=4294967296", "give a number"},
        {"tls:h,peer=", "give the name that the peer's certificate has"},
        {"tls:h,peer=.example.com", "give the name"},
        {"ptls:,peer=*.example.com", "ptls:: peer=*.example.com: give the name that the peer's "
                                     "certificate has, which is no pattern"},
        {"ptcp:,peer=a", "ptcp:: peer=a needs TLS"},
        {"punix:/a,peer=a", "punix:/a: peer=a needs TLS"},
        {"tcp:h,peer=a", "tcp:h: peer=a needs TLS"},
        {"unix:/a,peer=a", "unix:/a: peer=a needs TLS"},
        {"memory:x,flows=1,peer=a", "memory:x: peer=a needs TLS"},
        {"http:h,peer=a", "'http:h' is no connection"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rights *rights;
        char *target, *error = NULL;
        assert_int_equal(rights_parse(cases[i].text, &target, &rights, &error), EINVAL);
        if (!strstr(error, cases[i].words) || strchr(error, '\n')) {
            fail_msg("%s: '%s' does not say '%s'", cases[i].text, error, cases[i].words);
        }
        free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_alone_has_no_rights),
        cmocka_unit_test(ports_are_numbers_ranges_and_local),
        cmocka_unit_test(no_ports_are_none_and_without_a_word_all),
        cmocka_unit_test(all_can_be_said_in_any_order),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
