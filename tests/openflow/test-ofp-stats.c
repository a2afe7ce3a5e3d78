/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of statistics replies in several messages. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* rows: A8.3. No entry is a whole reply too. */
static void reply_without_entries_is_one_empty_message(void **state UNUSED)
{
    struct list parts;
    struct ofp_stats_writer w;
    list_init(&parts);
    ofp_stats_start(&w, OFP_FLOW_STATS_REPLY, 0x1234, &parts);
    ofp_stats_finish(&w);

    struct bytes *msg = ofp_parts_pop(&parts);
    assert_int_equal(msg->size, 12);
    assert_memory_equal(msg->data, "\1\x11\0\x0c\0\0\x12\x34\0\1\0\0", 12);
    bytes_destroy(msg);
    assert_null(ofp_parts_pop(&parts));
}

/* Writes 'n' rules, rule i with i % 50 actions, as a reply into 'parts'. */
static void write_rules(struct list *parts, unsigned n)
{
    struct ofp_stats_writer w;
    ofp_stats_start(&w, OFP_FLOW_STATS_REPLY, 9, parts);
    for (unsigned i = 0; i < n; i++) {
        struct ofp_flow_stats fs = {.cookie = i};
        for (unsigned j = 0; j < i % 50; j++) {
            action_list_append(&fs.actions, ACTION_STRIP_VLAN);
        }
        ofp_flow_stats_put(ofp_stats_room(&w, ofp_flow_stats_size(&fs)), &fs);
        action_list_uninit(&fs.actions);
    }
    ofp_stats_finish(&w);
}

/* rows: A8.3. Entries are never split, all parts but the last have MORE, all have the xid. */
static void hundred_thousand_rules_arrive_in_order(void **state UNUSED)
{
    enum { N_RULES = 100000 };
    struct list parts;
    list_init(&parts);
    write_rules(&parts, N_RULES);
    assert_true(list_size(&parts) > 100);

    unsigned n = 0;
    struct bytes *msg;
    while ((msg = ofp_parts_pop(&parts)) != NULL) {
        struct ofp_message m;
        assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
        assert_int_equal(m.xid, 9);
        assert_int_equal(m.flags, list_is_empty(&parts) ? 0 : OFPSF_REPLY_MORE);
        assert_true(list_is_empty(&parts) || msg->size > OFP_MAX_MESSAGE - 88 - 49 * 8);

        struct ofp_flow_stats fs;
        while (ofp_flow_stats_next(&m.entries, &fs)) {
            assert_int_equal(fs.cookie, n);
            assert_int_equal(action_list_wire_size(&fs.actions), n % 50 * 8);
            action_list_uninit(&fs.actions);
            n++;
        }
        bytes_destroy(msg);
    }
    assert_int_equal(n, N_RULES);
}

/* The greatest rule that can be installed can be shown. */
static void rule_with_the_longest_list_fits_into_a_reply(void **state UNUSED)
{
    struct list parts;
    struct ofp_stats_writer w;
    struct ofp_flow_stats fs = {.table_id = 0};
    for (int i = 0; i < ACTION_MAX_WIRE_SIZE / 8; i++) {
        action_list_append(&fs.actions, ACTION_STRIP_VLAN);
    }
    assert_int_equal(wire_check_actions(&fs.actions, true), 0);

    list_init(&parts);
    ofp_stats_start(&w, OFP_FLOW_STATS_REPLY, 9, &parts);
    ofp_flow_stats_put(ofp_stats_room(&w, ofp_flow_stats_size(&fs)), &fs);
    ofp_stats_finish(&w);
    struct bytes *msg = ofp_parts_pop(&parts);
    struct ofp_message m;
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    bytes_destroy(msg);
    action_list_uninit(&fs.actions);
}

static void writer_may_be_dropped(void **state UNUSED)
{
    struct list parts;
    struct ofp_stats_writer w;
    list_init(&parts);
    ofp_stats_start(&w, OFP_PORT_STATS_REPLY, 9, &parts);
    struct ofp_port_stats ps = {.port_no = 1};
    ofp_port_stats_put(ofp_stats_room(&w, OFP_PORT_STATS_SIZE), &ps);
    ofp_stats_abort(&w);
    assert_null(ofp_parts_pop(&parts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_without_entries_is_one_empty_message),
        cmocka_unit_test(hundred_thousand_rules_arrive_in_order),
        cmocka_unit_test(rule_with_the_longest_list_fits_into_a_reply),
        cmocka_unit_test(writer_may_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
