#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Nicira's actions with ovs-ofctl as people type it: every text both ways, and switches made of learn and resubmit."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Host, Switch, check, main, need, quiet_veth, sh, veth_port

# As they are typed; and as ovs-ofctl prints them, if that differs.
ACTIONS = [
    ("resubmit:2", None),
    ("resubmit(,1)", None),
    ("resubmit(2,253)", None),
    ("resubmit(LOCAL,3),resubmit:LOCAL", None),
    ("load:0x5->NXM_NX_REG0[0..15]", None),
    ("load:0xffffffff->NXM_NX_REG15[],load:0->NXM_NX_TUN_ID[3]", "load:0xffffffff->NXM_NX_REG15[],load:0->NXM_NX_TUN_ID[3]"),
    ("move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],move:NXM_NX_REG0[3..5]->NXM_OF_VLAN_TCI[13..15]", None),
    ("output:NXM_NX_REG0[],output:NXM_OF_IN_PORT[0..7]", None),
    ("note:00.11.22.33.44.55,note:1122.3344.5566.77", "note:00.11.22.33.44.55,note:11.22.33.44.55.66.77.00.00.00.00.00.00.00"),
    ("exit", None),
    ("dec_ttl,output:2", None),
    ("controller(max_len=123),controller(id=7),controller(reason=no_match,max_len=9)",
     "CONTROLLER:123,controller(id=7),controller(reason=no_match,max_len=9)"),
    ("set_tunnel:0x1234,set_tunnel64:0x5,set_tunnel:0x123456789", "set_tunnel:0x1234,set_tunnel64:0x5,set_tunnel64:0x123456789"),
    ("set_queue:3,output:1,pop_queue", None),
    ("learn(table=1,hard_timeout=60,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])", None),
    ("learn(table=10,idle_timeout=1,priority=5,send_flow_rem,cookie=0x7,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
     "load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15],load:0x5->NXM_NX_REG1[4..7]),resubmit(,1)", None),
    ("learn(table=2,idle_timeout=9,hard_timeout=8,fin_idle_timeout=5,fin_hard_timeout=6,send_flow_rem,delete_learned,"
     "cookie=0x5,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])", None),
    ("fin_timeout(idle_timeout=5,hard_timeout=7),fin_timeout(hard_timeout=1),fin_timeout(idle_timeout=2)", None),
    ("learn(table=3,NXM_NX_REG3[0..3]=0x5,NXM_OF_VLAN_TCI[12]=0x1)", None),
]


class Net:
    """A switch with two ports, and ovs-ofctl as it comes."""

    def __init__(self):
        need("ovs-ofctl")
        os.makedirs("/run/openvswitch")
        for i in (1, 2):
            quiet_veth(f"p{i}", f"e{i}")
        self.switch = Switch("--fail-mode", "secure", ports=["p1", "p2"])

    def ovs(self, command, *words, ok=True):
        return sh("ovs-ofctl", command, f"unix:{self.switch.mgmt}", *words, ok=ok)


def actions_of(text):
    return [line.split(" actions=", 1)[1].strip() for line in text.splitlines() if " actions=" in line]


# rows: A5.20 B15 B16 B17 B18 B19 B20 B22 B23
def every_action_goes_both_ways_in_both_programs():
    net = Net()
    for typed, printed in ACTIONS:
        printed = printed or typed
        for add in (net.ovs, net.switch.ofctl):
            add("add-flow", f"table=7,ip,actions={typed}")
            theirs, ours = actions_of(net.ovs("dump-flows")), actions_of(net.switch.ofctl("dump-flows"))
            check(theirs == [printed], f"ovs-ofctl prints {theirs}, not {printed}")
            check(ours == theirs, f"sluice-ofctl prints {ours}, ovs-ofctl {theirs}")
            net.ovs("del-flows", "table=7")


# rows: B4 B15 B16 B17 B22
def what_the_switch_refuses_is_an_error_in_ovs_ofctl():
    net = Net()
    for actions, error in (("learn(table=1,limit=5)", "OFPBAC_BAD_VENDOR_TYPE"),
                           ("multipath(eth_src,50,modulo_n,2,0,NXM_NX_REG0[])", "OFPBAC_BAD_VENDOR_TYPE")):
        out = net.ovs("add-flow", f"actions={actions}", ok=False)
        check(error in out, out)
    check(not actions_of(net.ovs("dump-flows")), "a rule was added all the same")


def hosts(*switch_words):
    """Three hosts at a switch, each with an address that the others know."""
    need("ovs-ofctl")
    os.makedirs("/run/openvswitch")
    all_hosts = [Host(f"h{i}") for i in (1, 2, 3)]
    for i, host in enumerate(all_hosts, 1):
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        veth_port(host, f"p{i}")
        host.ip("link", "set", "eth0", "address", f"02:00:00:00:00:0{i}")
        host.ip("addr", "add", f"10.0.0.{i}/24", "dev", "eth0")
    return Switch("--fail-mode", "secure", *switch_words, ports=["p1", "p2", "p3"]), all_hosts


def two_tables(workers, words):
    """A switch whose first table learns addresses, with 'words', for the second one, by which it sends or floods.
    Returns its target and its hosts."""
    switch, all_hosts = hosts("--workers", workers)
    switch.wait_ports(3)
    mgmt = f"unix:{switch.mgmt}"
    sh("ovs-ofctl", "add-flow", mgmt, f"table=0,actions=learn(table=1,{words},NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
       "output:NXM_OF_IN_PORT[]),resubmit(,1)")
    sh("ovs-ofctl", "add-flow", mgmt, "table=1,priority=0,actions=flood")
    return mgmt, all_hosts


def learning_switch(workers):
    mgmt, all_hosts = two_tables(workers, "hard_timeout=60,NXM_OF_VLAN_TCI[0..11]")
    for host in all_hosts:
        for to in (1, 2, 3):
            if f"h{to}" != host.name:
                host.ping(f"10.0.0.{to}", 5)
    for i in (1, 2, 3):
        rule = sh("ovs-ofctl", "dump-flows", mgmt, f"table=1,dl_dst=02:00:00:00:00:0{i}")
        check(f"actions=output:{i}" in rule, rule)
    flooded = flood_count(mgmt)
    all_hosts[0].ping("10.0.0.2", 20)
    check(flood_count(mgmt) - flooded <= 2, "frames to a known host were flooded")


# rows: B4 B15 B17
def two_tables_are_a_learning_switch():
    learning_switch(2)


def so_they_are_without_workers():
    learning_switch(0)


def first_answers(workers):
    """Hosts that nobody knows send one packet each: the answer goes to who asked, not to all."""
    mgmt, all_hosts = two_tables(workers, "idle_timeout=60")
    sh("ovs-ofctl", "add-flow", mgmt, "table=1,priority=1,in_port=2,actions=flood")
    for i in range(20):
        for number, host in enumerate(all_hosts[:2], 1):
            host.ip("link", "set", "eth0", "address", f"02:00:00:0{number}:00:{i:02x}")
            host.ip("neigh", "flush", "all")
        all_hosts[0].ping("10.0.0.2", 1)
    check(flood_count(mgmt, ",in_port=2") == 0, "answers were flooded: " + sh("ovs-ofctl", "dump-flows", mgmt, "table=1"))


# rows: B17
def the_first_answer_meets_what_the_question_taught():
    first_answers(2)


def so_it_does_with_one_worker():
    first_answers(1)


def so_it_does_without_workers():
    first_answers(0)


def flood_count(mgmt, match=""):
    text = sh("ovs-ofctl", "dump-flows", mgmt, f"table=1{match}")
    return sum(int(n) for n in re.findall(r"n_packets=(\d+)[^\n]*actions=FLOOD", text))


main(every_action_goes_both_ways_in_both_programs, what_the_switch_refuses_is_an_error_in_ovs_ofctl,
     two_tables_are_a_learning_switch, so_they_are_without_workers, the_first_answer_meets_what_the_question_taught,
     so_it_does_with_one_worker, so_it_does_without_workers)
