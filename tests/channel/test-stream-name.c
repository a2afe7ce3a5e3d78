/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/stream-name: names that are taken apart and names that are refused. */
#include "lib/channel/stream-name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "tests/unit.h"

static void good_names_are_taken_apart(void **state UNUSED)
{
    static const struct {
        const char *text;
        enum stream_transport transport;
        bool is_passive;
        const char *host;
        int port; /* -1 none. */
    } cases[] = {
        {"tcp:10.0.0.1", STREAM_TCP, false, "10.0.0.1", -1},
        {"tcp:10.0.0.1:6633", STREAM_TCP, false, "10.0.0.1", 6633},
        {"tcp:controller.example:65535", STREAM_TCP, false, "controller.example", 65535},
        {"tcp:[::1]", STREAM_TCP, false, "::1", -1},
        {"tcp:[fe80::1%eth0]:6653", STREAM_TCP, false, "fe80::1%eth0", 6653},
        {"tcp:[2001:db8::1]:6653", STREAM_TCP, false, "2001:db8::1", 6653},
        {"tls:[::ffff:10.0.0.1]", STREAM_TLS, false, "::ffff:10.0.0.1", -1},
        {"tls:10.0.0.1", STREAM_TLS, false, "10.0.0.1", -1},
        {"ssl:10.0.0.1:1", STREAM_TLS, false, "10.0.0.1", 1},
        {"unix:/run/sluice/br0.mgmt", STREAM_UNIX, false, "/run/sluice/br0.mgmt", -1},
        {"unix:a:b", STREAM_UNIX, false, "a:b", -1},
        {"ptcp:", STREAM_TCP, true, "127.0.0.1", -1},
        {"ptcp:6654", STREAM_TCP, true, "127.0.0.1", 6654},
        {"ptcp:0", STREAM_TCP, true, "127.0.0.1", 0},
        {"ptcp:6654:0.0.0.0", STREAM_TCP, true, "0.0.0.0", 6654},
        {"ptcp::10.1.2.3", STREAM_TCP, true, "10.1.2.3", -1},
        {"ptcp:6654:[::]", STREAM_TCP, true, "::", 6654},
        {"ptcp::[fe80::1%eth0]", STREAM_TCP, true, "fe80::1%eth0", -1},
        {"ptls:6653:[::1]", STREAM_TLS, true, "::1", 6653},
        {"pssl:", STREAM_TLS, true, "127.0.0.1", -1},
        {"punix:/tmp/x", STREAM_UNIX, true, "/tmp/x", -1},
        {"memory:c1", STREAM_MEMORY, false, "c1", -1},
        {"pmemory:c1", STREAM_MEMORY, true, "c1", -1},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct stream_name name;
        char *error = NULL;
        if (stream_name_parse(cases[i].text, &name, &error)) {
            fail_msg("%s: %s", cases[i].text, error);
        }
        assert_int_equal(name.transport, cases[i].transport);
        assert_int_equal(name.is_passive, cases[i].is_passive);
        assert_string_equal(name.host, cases[i].host);
        assert_int_equal(name.has_port ? name.port : -1, cases[i].port);
        stream_name_uninit(&name);
    }
}

static void bad_names_are_refused_with_the_reason(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *part; /* Of the message. */
    } cases[] = {
        {"", "is no connection"},
        {"10.0.0.1", "tcp:HOST"},
        {"TCP:10.0.0.1", "is no connection"},
        {"tcp", "is no connection"},
        {"udp:10.0.0.1:1", "is no connection"},
        {"tcp:", "host is missing"},
        {"tcp::6653", "host is missing"},
        {"tcp:a:", "is no port"},
        {"tcp:a:0", "is no port"},
        {"tcp:a:65536", "is no port"},
        {"tcp:a:66x", "is no port"},
        {"tcp:a:-1", "is no port"},
        {"tcp:::1", "host is missing"},
        {"tcp:fe80::1", "brackets"},
        {"tcp:[::1", "bracket is not closed"},
        {"tcp:[::1]x", "bracket is not closed"},
        {"tcp:[]:1", "host is missing"},
        {"tcp:[2001:db8::1::2]:1", "is no IPv6 address"},
        {"tcp:[2001:db8::g]:1", "is no IPv6 address"},
        {"tcp:[0000000000000000000000000000000000000000000000000000::1]", "is no IPv6 address"},
        {"tls:[:]", "is no IPv6 address"},
        {"tcp:[fe80::1]:6653", "[fe80::1%eth0]"},
        {"tcp:[fe80::1%]:6653", "[fe80::1%eth0]"},
        {"tcp:[2001:db8::1%eth0]", "leave out %eth0"},
        {"tcp:[2001:db8::1%]", "leave out %"},
        {"tcp:[ff02::1%eth0]", "multicast"},
        {"tcp:[::1]:", "is no port"},
        {"tcp:2001:db8::1", "brackets"},
        {"ptcp:6653:[fe80::1]", "[fe80::1%eth0]"},
        {"ptls:6653:[::1", "bracket is not closed"},
        {"ptcp:6653:[1::2::3]", "is no IPv6 address"},
        {"ptcp:[::1]:6653", "is no port"},
        {"ptcp:6653:::", "host is missing"},
        {"ptcp:x", "is no port"},
        {"ptcp:70000", "is no port"},
        {"ptcp:1:", "host is missing"},
        {"ptcp:1:fe80::1", "brackets"},
        {"unix:", "path is missing"},
        {"punix:", "path is missing"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct stream_name name;
        char *error = NULL;
        if (!stream_name_parse(cases[i].text, &name, &error)) {
            fail_msg("'%s' was accepted", cases[i].text);
        }
        assert_contains(error, cases[i].part);
        free(error);
    }
}

static void a_path_that_a_socket_cannot_have_is_refused_whole(void **state UNUSED)
{
    char text[6 + 109] = "punix:";
    struct stream_name name;
    char *error = NULL;
    memset(text + 6, 'x', 107);
    assert_int_equal(stream_name_parse(text, &name, &error), 0);
    assert_int_equal(strlen(name.host), 107);
    stream_name_uninit(&name);
    text[6 + 107] = 'x';
    assert_int_equal(stream_name_parse(text, &name, &error), EINVAL);
    assert_non_null(strstr(error, "107"));
    free(error);
}

static void an_ipv6_address_is_shown_in_brackets(void **state UNUSED)
{
    char *four = stream_name_format_address("10.0.0.1", 6653);
    char *six = stream_name_format_address("::1", 6653);
    assert_string_equal(four, "10.0.0.1:6653");
    assert_string_equal(six, "[::1]:6653");
    free(four);
    free(six);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_names_are_taken_apart),
        cmocka_unit_test(bad_names_are_refused_with_the_reason),
        cmocka_unit_test(a_path_that_a_socket_cannot_have_is_refused_whole),
        cmocka_unit_test(an_ipv6_address_is_shown_in_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
