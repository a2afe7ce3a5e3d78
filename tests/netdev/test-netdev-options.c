/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what is asked of a device, and of finding its kind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/netdev-registry.h"
#include "lib/util.h"
#include "tests/netdev/device.h"
#include "tests/unit.h"

/* Parses what must parse. */
static struct netdev_options parse(const char *text)
{
    struct netdev_options options;
    char *error = NULL;
    assert_int_equal(netdev_options_parse(text, &options, &error), 0);
    assert_null(error);
    return options;
}

static void a_name_alone_has_no_kind(void **state UNUSED)
{
    struct netdev_options options = parse("veth1");
    assert_string_equal(options.name, "veth1");
    assert_null(options.kind);
    assert_int_equal(options.n, 0);
    netdev_options_uninit(&options);
}

static void keys_keep_their_order_and_type_is_no_key(void **state UNUSED)
{
    struct netdev_options options = parse("p1,host=keep,type=raw,optional,ring=4096,x=a=b");
    assert_string_equal(options.kind, "raw");
    assert_int_equal(options.n, 4);
    assert_string_equal(options.options[0].key, "host");
    assert_string_equal(netdev_options_get(&options, "host"), "keep");
    assert_string_equal(netdev_options_get(&options, "optional"), "yes");
    assert_string_equal(netdev_options_get(&options, "x"), "a=b");
    assert_null(netdev_options_get(&options, "type"));
    netdev_options_uninit(&options);
}

static void a_port_takes_its_own_keys_out(void **state UNUSED)
{
    struct netdev_options options = parse("p1,number=7,host=keep");
    char *number = netdev_options_take(&options, "number");
    assert_string_equal(number, "7");
    assert_null(netdev_options_take(&options, "number"));
    assert_int_equal(options.n, 1);
    assert_string_equal(netdev_options_get(&options, "host"), "keep");
    free(number);
    netdev_options_uninit(&options);
}

static void a_clone_lives_on_its_own(void **state UNUSED)
{
    struct netdev_options clone, options = parse("p1,type=memory,mtu=9000");
    netdev_options_clone(&clone, &options);
    netdev_options_uninit(&options);
    assert_string_equal(clone.name, "p1");
    assert_string_equal(clone.kind, "memory");
    assert_string_equal(netdev_options_get(&clone, "mtu"), "9000");
    netdev_options_uninit(&clone);
}

/* Texts that name nothing, or too much, and a word that the complaint must have. */
static void bad_texts_are_refused_with_a_remedy(void **state UNUSED)
{
    static const struct {
        const char *text;
        int error;
        const char *word;
    } rows[] = {
        {"", EINVAL, "NAME"},
        {",type=raw", EINVAL, "NAME"},
        {"p1,", EINVAL, "key=value"},
        {"p1,=3", EINVAL, "key=value"},
        {"p1,type=raw,type=tap", EINVAL, "once"},
        {"p1,mtu=1,mtu=2", EINVAL, "once"},
        {"p1,type=token-ring", EINVAL, "raw, tap, memory"},
        {"p1,type=memory,mtu=big", EINVAL, "0 to 65535"},
        {"p1,type=memory,mtu=70000", EINVAL, "0 to 65535"},
        {"p1,type=memory,offload=maybe", EINVAL, "yes or no"},
        {"p1,type=memory,mac=01:00:00:00:00:01", EINVAL, "multicast"},
        {"p1,type=memory,mac=02:00:00:00:00:01:", EINVAL, "02:00:00:00:00:01"},
        {"p1,type=memory,hots=keep", EINVAL, "mtu mac offload"},
        {"a-name-of-16-char,type=memory", ENAMETOOLONG, "15"},
        {"no-such-dev", ENODEV, "create it"},
        {"no-such-dev,host=both", EINVAL, "drop or keep"},
        {"no-such-dev,bypass=perhaps", EINVAL, "auto, yes or no"},
        {"no-such-dev,ring=63", EINVAL, "64"},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        char *error;
        assert_int_equal(device_open_error(rows[i].text, &error), rows[i].error);
        if (!strstr(error, rows[i].word)) {
            fail_msg("\"%s\" lacks \"%s\"", error, rows[i].word);
        }
        free(error);
    }
}

static void every_kind_fills_in_its_row(void **state UNUSED)
{
    static const char *const kinds[] = {"raw", "tap", "memory", "pcap"};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const struct netdev_class *class = netdev_class_find(kinds[i]);
        assert_non_null(class);
        assert_string_equal(class->kind, kinds[i]);
        assert_true(class->size >= sizeof(struct netdev));
        assert_non_null(class->options);
        assert_true(class->open && class->close && class->receive && class->send);
        assert_true(class->get_status);
    }
    assert_null(netdev_class_find("patch"));
}

static void what_is_asked_for_tells_whether_it_is_the_kernels(void **state UNUSED)
{
    static const struct {
        const char *text; /* Device. */
        bool is_kernels;  /* What it is. */
    } rows[] = {
        {"v0", true},
        {"v0,type=raw,host=keep", true},
        {"t0,type=tap", true},
        {"v0,type=pcap", true},
        {"v0,type=pcap,in=a", false},
        {"v0,type=pcap,out=a", false},
        {"v0,type=memory", false},
        {"v0,type=none", false},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct netdev_options options;
        char *error;
        assert_int_equal(netdev_options_parse(rows[i].text, &options, &error), 0);
        assert_int_equal(netdev_options_want_kernels(&options), rows[i].is_kernels);
        netdev_options_uninit(&options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_alone_has_no_kind),
        cmocka_unit_test(keys_keep_their_order_and_type_is_no_key),
        cmocka_unit_test(a_port_takes_its_own_keys_out),
        cmocka_unit_test(a_clone_lives_on_its_own),
        cmocka_unit_test(bad_texts_are_refused_with_a_remedy),
        cmocka_unit_test(every_kind_fills_in_its_row),
        cmocka_unit_test(what_is_asked_for_tells_whether_it_is_the_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
