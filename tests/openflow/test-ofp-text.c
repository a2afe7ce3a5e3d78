/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of flow texts between printing and parsing: names of ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"

/* Names of ports ------------------------------------------------------------------------------- */

/* Names that mean something else in a flow text, or have signs of it. The port number is the place
 * here plus FIRST_PORT. */
static const char *const names[] = {
    "eth0", "_x", "s1-eth2", "in_port", "IN_PORT", "table", "normal", "NORMAL", "Flood", "all",
    "controller", "CONTROLLER", "local", "LOCAL", "none", "any", "ANY", "*", "drop", "output",
    "enqueue", "resubmit", "learn", "exit", "actions", "actions=drop", "group", "tcp", "7", "0",
    "0x10", "65535", "65536", "1.5", "+1", "-1", "a,b", "a b", " a", "a ", "a:b", "a:5", "a=b",
    "a(b", "a)b", "(", ")", "a[0]", "NXM_NX_REG0[]", "NXM_NX_REG0", "a#b", "#", "a->b", "a'b", "\\",
    "a\\b", "a;b", "%s", "p\xc3\xb6rt", "\xff",
};

/* Names that no text can have; they are printed as numbers. */
static const char *const impossible[] = {"", "\"", "a\"b", "\"a\"", "a\nb", "\t", "a\x7f"};

enum { FIRST_PORT = 100, FIRST_IMPOSSIBLE = 200 };

static const char *name_port(void *aux UNUSED, uint16_t port)
{
    if (port >= FIRST_PORT && port < FIRST_PORT + ARRAY_SIZE(names)) {
        return names[port - FIRST_PORT];
    }
    return port >= FIRST_IMPOSSIBLE && port < FIRST_IMPOSSIBLE + ARRAY_SIZE(impossible)
               ? impossible[port - FIRST_IMPOSSIBLE] : NULL;
}

static bool look_up(void *aux UNUSED, const char *name, uint16_t *port)
{
    for (uint16_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(name, names[i])) {
            *port = FIRST_PORT + i;
            return true;
        }
    }
    return false;
}

static const struct ofp_print_style style = {.port_name = name_port};
static const struct ofp_parse how = {.port_lookup = look_up};

/* A rule that has 'port' wherever there can be one. */
static struct ofp_flow_stats flow_of(uint16_t port)
{
    struct ofp_flow_stats fs = {.priority = 7};
    match_init_any(&fs.match);
    fs.match.flow.in_port = port;
    fs.match.mask.in_port = UINT32_MAX;
    action_list_init(&fs.actions);
    action_list_append(&fs.actions, ACTION_OUTPUT)->output.port = port;
    struct action *a = action_list_append(&fs.actions, ACTION_ENQUEUE);
    a->enqueue.port = port;
    a->enqueue.queue = 3;
    a = action_list_append(&fs.actions, ACTION_RESUBMIT);
    a->resubmit.in_port = port;
    a->resubmit.table_id = ACTION_THIS_TABLE;
    a = action_list_append(&fs.actions, ACTION_RESUBMIT_TABLE);
    a->resubmit.in_port = port;
    a->resubmit.table_id = 9;
    return fs;
}

/* Prints the rule, reads the text and compares. */
static void check_rule(uint16_t port)
{
    struct ofp_flow_stats fs = flow_of(port);
    struct ofp_flow_mod fm;
    struct bytes text = BYTES_INIT;
    char *error;
    ofp_print_flow_stats_styled(&text, &fs, &style);
    if (ofp_parse_flow_mod(&fm, bytes_string(&text), OFPFC_ADD, &how, &error)) {
        fail_msg("%s: %s", bytes_string(&text), error);
    }
    if (!match_equal(&fm.match, &fs.match) || !action_list_equal(&fm.actions, &fs.actions)) {
        fail_msg("%s is read as something else", bytes_string(&text));
    }
    action_list_uninit(&fm.actions);
    action_list_uninit(&fs.actions);
    bytes_uninit(&text);
}

/* The port as the whole argument of a command, as out_port, of a packet_out, as a bare action. */
static void check_port(uint16_t port)
{
    struct bytes name = BYTES_INIT, frame = BYTES_INIT;
    struct ofp_flow_stats_request request;
    struct ofp_packet_out po;
    uint16_t back;
    char *error;
    ofp_print_port_styled(&name, port, &style);
    assert_true(ofp_parse_port(bytes_string(&name), &how, &back));
    assert_int_equal(back, port);
    char *text = xasprintf("tcp,out_port=%s", bytes_string(&name));
    assert_int_equal(ofp_parse_flow_request(&request, text, &how, &error), 0);
    assert_int_equal(request.out_port, port);
    free(text);
    text = xasprintf("in_port=%s,packet=000000000000000000000000abcd,actions=\"%s\"",
                     bytes_string(&name), port < FIRST_IMPOSSIBLE ? name_port(NULL, port) : "eth0");
    assert_int_equal(ofp_parse_packet_out(&po, text, &frame, &how, &error), 0);
    assert_int_equal(po.in_port, port);
    assert_int_equal(po.actions.first->output.port, port < FIRST_IMPOSSIBLE ? port : FIRST_PORT);
    action_list_uninit(&po.actions);
    bytes_uninit(&frame);
    bytes_uninit(&name);
    free(text);
}

static void every_name_of_a_port_is_printed_so_that_it_is_read_as_that_port(void **state UNUSED)
{
    for (uint16_t i = 0; i < ARRAY_SIZE(names); i++) {
        check_rule(FIRST_PORT + i);
        check_port(FIRST_PORT + i);
    }
}

static void a_name_that_cant_be_written_is_printed_as_the_number(void **state UNUSED)
{
    for (uint16_t i = 0; i < ARRAY_SIZE(impossible); i++) {
        struct bytes text = BYTES_INIT;
        assert_int_equal(ofp_port_name_form(impossible[i]), OFP_NAME_NONE);
        ofp_print_port_styled(&text, FIRST_IMPOSSIBLE + i, &style);
        char *number = xasprintf("%u", FIRST_IMPOSSIBLE + i);
        assert_string_equal(bytes_string(&text), number);
        bytes_uninit(&text);
        free(number);
        check_rule(FIRST_IMPOSSIBLE + i);
        check_port(FIRST_IMPOSSIBLE + i);
    }
}

/* Reserved ports stay what they are, whatever else has such a name. */
static void reserved_ports_are_read_as_themselves(void **state UNUSED)
{
    for (uint32_t port = OFPP_IN_PORT; port <= OFPP_NONE; port++) {
        struct bytes text = BYTES_INIT;
        uint16_t back;
        ofp_print_port_styled(&text, (uint16_t) port, &style);
        assert_true(ofp_parse_port(bytes_string(&text), &how, &back));
        assert_int_equal(back, port);
        bytes_uninit(&text);
    }
    check_rule(OFPP_LOCAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_of_a_port_is_printed_so_that_it_is_read_as_that_port),
        cmocka_unit_test(a_name_that_cant_be_written_is_printed_as_the_number),
        cmocka_unit_test(reserved_ports_are_read_as_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
