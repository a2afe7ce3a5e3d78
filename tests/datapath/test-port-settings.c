/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what a user says about a port: VLANs and spanning tree. */
/* rows: A5.7 A7.7 */
#include "datapath/port-settings.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-options.h"
#include "tests/unit.h"

/* Reads 'text', which is good and leaves nothing over. */
static struct port_settings take(const char *text)
{
    struct netdev_options o;
    struct port_settings s;
    char *error = NULL;
    assert_int_equal(netdev_options_parse(text, &o, &error), 0);
    assert_int_equal(port_settings_take(&o, &s, &error), 0);
    assert_null(error);
    assert_int_equal(o.n, 0);
    netdev_options_uninit(&o);
    return s;
}

/* Fails unless 'text' is refused with words that have 'words' in them. */
static void refuse(const char *text, const char *words)
{
    struct netdev_options o;
    struct port_settings s;
    char *error = NULL;
    assert_int_equal(netdev_options_parse(text, &o, &error), 0);
    assert_int_not_equal(port_settings_take(&o, &s, &error), 0);
    assert_non_null(error);
    if (!strstr(error, words) || strchr(error, '\n')) {
        fail_msg("%s: %s", text, error);
    }
    free(error);
    netdev_options_uninit(&o);
}

static void by_default_a_port_is_a_trunk_of_all_vlans(void **state)
{
    struct port_settings s = take("p1");
    (void) state;
    assert_int_equal(s.vlan_mode, VLAN_TRUNK);
    for (unsigned vlan = 0; vlan < 4096; vlan++) {
        assert_true(port_settings_carries(&s, (uint16_t) vlan));
    }
    assert_int_equal(s.stp_cost, 0);
    assert_int_equal(s.stp_priority, 128);
    assert_int_equal(s.stp_edge, PORT_EDGE_AUTO);
}

static void a_tag_alone_makes_an_access_port(void **state)
{
    struct port_settings s = take("p1,tag=4094");
    (void) state;
    assert_int_equal(s.vlan_mode, VLAN_ACCESS);
    assert_int_equal(s.tag, 4094);
    assert_true(port_settings_carries(&s, 4094));
    assert_false(port_settings_carries(&s, 0));
    assert_false(port_settings_carries(&s, 4093));
}

static void a_trunk_carries_what_it_is_told(void **state)
{
    struct port_settings s = take("p1,trunks=5+63-65+0+4094");
    (void) state;
    for (unsigned vlan = 0; vlan < 4096; vlan++) {
        bool carried = vlan == 0 || vlan == 5 || (vlan >= 63 && vlan <= 65) || vlan == 4094;
        assert_int_equal(port_settings_carries(&s, (uint16_t) vlan), carried);
    }
}

static void the_native_vlan_is_carried_too(void **state)
{
    struct port_settings s = take("p1,vlan-mode=native-untagged,tag=9,trunks=5");
    (void) state;
    assert_int_equal(s.vlan_mode, VLAN_NATIVE_UNTAGGED);
    assert_true(port_settings_carries(&s, 5));
    assert_true(port_settings_carries(&s, 9));
    assert_false(port_settings_carries(&s, 0));
    s = take("p1,vlan-mode=native-tagged,tag=9");
    assert_true(port_settings_carries(&s, 1000));
}

static void the_spanning_tree_is_told_of_the_port(void **state)
{
    struct port_settings s = take("p1,stp-cost=7,stp-priority=32,stp-edge");
    (void) state;
    assert_int_equal(s.stp_cost, 7);
    assert_int_equal(s.stp_priority, 32);
    assert_int_equal(s.stp_edge, PORT_EDGE_YES);
    assert_int_equal(take("p1,stp-edge=no").stp_edge, PORT_EDGE_NO);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void) state;
    refuse("p1,tag=4095", "from 0 to 4094");
    refuse("p1,tag=five", "from 0 to 4094");
    refuse("p1,trunks=", "trunks=5+7");
    refuse("p1,trunks=5+", "trunks=5+7");
    refuse("p1,trunks=9-5", "trunks=5+7");
    refuse("p1,trunks=1-4095", "trunks=5+7");
    refuse("p1,vlan-mode=hybrid", "native-untagged");
    refuse("p1,vlan-mode=access", "give tag=");
    refuse("p1,vlan-mode=native-tagged", "give tag=");
    refuse("p1,vlan-mode=trunk,tag=5", "vlan-mode=access");
    refuse("p1,tag=5,trunks=6", "vlan-mode=access");
    refuse("p1,vlan-mode=access,tag=5,trunks=6", "leave trunks= out");
    refuse("p1,stp-cost=0", "from 1 to 200000000");
    refuse("p1,stp-priority=100", "multiple of 16");
    refuse("p1,stp-priority=256", "from 0 to 240");
    refuse("p1,stp-edge=maybe", "auto, yes or no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_default_a_port_is_a_trunk_of_all_vlans),
        cmocka_unit_test(a_tag_alone_makes_an_access_port),
        cmocka_unit_test(a_trunk_carries_what_it_is_told),
        cmocka_unit_test(the_native_vlan_is_carried_too),
        cmocka_unit_test(the_spanning_tree_is_told_of_the_port),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
