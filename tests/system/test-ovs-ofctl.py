#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Open vSwitch's ovs-ofctl manages the switch, over TCP and over Unix sockets; sluice-ofctl sees the same."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Failure, Process, Switch, check, main, need, quiet_veth, sh, tmp, wait_until)

DPID = "00000000000a0b0c"
FRAME = "ffffffffffff0200000000010800" + "00" * 46


def plain(text):
    """Without what differs from run to run, or in spelling only."""
    text = re.sub(r" *\(?xid=0x[0-9a-f]+\)?", "", text)
    text = re.sub(r"(duration|idle_age|hard_age)=[0-9.]+s?(, )?", "", text)
    return text.strip()


class Net:
    """A switch with three ports, and ovs-ofctl that talks to one of its sockets."""

    def __init__(self, kind):
        need("ovs-ofctl")
        os.makedirs("/run/openvswitch")  # Where "ovs-ofctl monitor" puts a socket of its own.
        for i in (1, 2, 3):
            quiet_veth(f"p{i}", f"e{i}")
        path = os.path.join(tmp(), "listen")
        self.switch = Switch("--listen", "ptcp:6654", "--listen", f"punix:{path}", "--dpid", DPID,
                             "--fail-mode", "secure", "--dp-desc", "the test's switch",
                             ports=["p1", "p2", "p3"])
        self.switch.wait_ports(3)
        self.target = {"tcp": "tcp:127.0.0.1:6654", "unix": f"unix:{path}"}[kind]

    def ovs(self, command, *words, ok=True, options=()):
        return sh("ovs-ofctl", "-O", "OpenFlow10", *options, command, self.target, *words, ok=ok)

    def same(self, command, *words):
        """Both programs print the same of the switch."""
        theirs = plain(self.ovs(command, *words))
        ours = plain(self.switch.ofctl(command, *words))
        check(ours == theirs, f"{command}: ovs-ofctl prints\n{theirs}\nand sluice-ofctl\n{ours}")
        return theirs

    def rules(self):
        out = self.ovs("dump-flows", options=["--no-stats"])
        return sorted(line.strip() for line in out.splitlines() if "actions=" in line)

    def expect(self, *rules):
        check(self.rules() == sorted(rules), f"rules are {self.rules()}, not {sorted(rules)}")


def dumps(net):
    out = net.same("show")
    for words in (f"dpid:{DPID}", "1(p1)", "3(p3)", "FLOW_STATS", "output"):
        check(words in out, f"show has no {words}:\n{out}")
    net.switch.ofctl("add-flow", "in_port=1,actions=2")
    net.same("dump-tables")
    check("the test's switch" in net.same("dump-desc"), "dump-desc")
    net.same("dump-flows")
    net.same("dump-aggregate")
    check(net.same("dump-ports").count("rx pkts") == 3, "dump-ports")
    check(net.same("dump-ports", "2").count("rx pkts") == 1, "dump-ports 2")
    net.same("dump-ports-desc")
    net.same("queue-stats")
    net.ovs("del-flows")


def flows(net):
    net.ovs("add-flow", "priority=7,tcp,nw_dst=10.0.0.0/8,tp_dst=80,actions=mod_nw_tos:32,output:2")
    net.ovs("add-flow", "in_port=1,dl_vlan=5,actions=strip_vlan,output:3")
    net.ovs("add-flow", "priority=1,actions=drop")
    net.expect("priority=7,tcp,nw_dst=10.0.0.0/8,tp_dst=80 actions=mod_nw_tos:32,output:2",
               "in_port=1,dl_vlan=5 actions=strip_vlan,output:3", "priority=1 actions=drop")
    net.ovs("mod-flows", "dl_vlan=5,actions=output:2")
    net.expect("priority=7,tcp,nw_dst=10.0.0.0/8,tp_dst=80 actions=mod_nw_tos:32,output:2",
               "in_port=1,dl_vlan=5 actions=output:2", "priority=1 actions=drop")
    net.ovs("mod-flows", "priority=1,actions=output:1", options=["--strict"])
    net.ovs("del-flows", "priority=6,tcp,nw_dst=10.0.0.0/8,tp_dst=80", options=["--strict"])
    net.ovs("del-flows", "dl_vlan=5")
    net.expect("priority=7,tcp,nw_dst=10.0.0.0/8,tp_dst=80 actions=mod_nw_tos:32,output:2",
               "priority=1 actions=output:1")
    net.ovs("del-flows", "priority=7,tcp,nw_dst=10.0.0.0/8,tp_dst=80", options=["--strict"])
    net.ovs("del-flows", "out_port=3")
    net.expect("priority=1 actions=output:1")
    net.ovs("del-flows")
    net.expect()
    path = os.path.join(tmp(), "flows")
    with open(path, "w") as f:
        f.writelines(f"priority={i},udp,tp_dst={i},actions=output:{1 + i % 3}\n" for i in range(1, 1001))
    net.ovs("add-flows", path)
    check(len(net.rules()) == 1000, f"{len(net.rules())} rules instead of 1000")
    net.same("dump-flows", "udp,tp_dst=77")
    net.ovs("del-flows")
    net.ovs("add-flow", "in_port=1,actions=output:2")
    refusal = net.ovs("add-flow", "check_overlap,dl_vlan=5,actions=output:2", ok=False)
    check("OFPFMFC_OVERLAP" in refusal, f"an overlap: {refusal}")
    net.ovs("del-flows")


def ports(net):
    def config(number):
        out = net.ovs("show")
        return re.search(rf"^ {number}\(.*?config: +(.*?)$", out, re.M | re.S).group(1)
    for word, flag in (("no-flood", "NO_FLOOD"), ("no-receive", "NO_RECV"), ("no-forward", "NO_FWD"),
                       ("no-packet-in", "NO_PACKET_IN"), ("down", "PORT_DOWN")):
        net.ovs("mod-port", "2", word)
        check(flag in config(2), f"mod-port 2 {word}: {config(2)}")
        net.ovs("mod-port", "p2", word[3:] if word.startswith("no-") else "up")
        check(config(2) == "0", f"mod-port 2 back from {word}: {config(2)}")
    check("normal" in net.same("get-frags"), "get-frags")


def arrivals(dev):
    return int(open(f"/sys/class/net/{dev}/statistics/rx_packets").read())


def messages(net):
    before = arrivals("e2")
    net.ovs("packet-out", "NONE", "output:2", FRAME)
    wait_until(lambda: arrivals("e2") == before + 1, "the frame of packet-out")
    check("bytes from" in net.ovs("ping"), "ping")
    net.ovs("probe")
    monitor = Process("ovs-ofctl", "-O", "OpenFlow10", "monitor", net.target, "128", name="monitor")
    wait_until(lambda: re.search("PACKET_IN.* in_port=1 .*no_match", monitor.output()) or send_miss(net),
               "a packet_in", pause=0.1)
    net.ovs("mod-port", "3", "down")
    monitor.says("PORT_STATUS")
    net.ovs("mod-port", "3", "up")
    monitor.stop()


def send_miss(net):
    """A frame to port 1 that matches nothing; false, for wait_until()."""
    sh("/usr/bin/python3", "-c", "import socket; s = socket.socket(17, 3); s.bind(('e1', 0)); "
       f"s.send(bytes.fromhex('{FRAME}'))")


def all_of_it(kind):
    net = Net(kind)
    for part in (dumps, flows, ports, messages):
        try:
            part(net)
        except Failure as failure:
            raise Failure(f"{part.__name__}: {failure}") from None


# rows: BH7
def ovs_ofctl_over_tcp():
    all_of_it("tcp")


def ovs_ofctl_over_a_unix_socket():
    all_of_it("unix")


def bridges_by_name():
    """With --ovs-names an unmodified command of a tutorial finds the bridge."""
    need("ovs-ofctl")
    quiet_veth("p1", "e1")
    Switch("--ovs-names", "--bridge", "s1", "--no-local", "--port", "p1", bridge="s1", local=True)
    check("1(p1)" in sh("ovs-ofctl", "show", "s1"), "ovs-ofctl show s1")


def other_versions_are_refused_cleanly():
    net = Net("tcp")
    out = sh("ovs-ofctl", "-O", "OpenFlow13", "show", net.target, ok=False)
    check("version negotiation failed" in out, out)
    net.ovs("show")


main(ovs_ofctl_over_tcp, ovs_ofctl_over_a_unix_socket, bridges_by_name,
     other_versions_are_refused_cleanly)
