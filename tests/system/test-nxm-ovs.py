#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ovs-ofctl as people type it, in its default mode: it uses Nicira's matches wherever a flow needs them.

Every field goes from its text through ovs-ofctl to the switch and back, by both programs.
"""
import os
import re
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from openflow import BARRIER_REPLY, BARRIER_REQUEST, ERROR, FLOW_MOD, HEADER, HELLO, message
from sluicetest import (Process, Switch, check, main, need, program, quiet_veth, sh, tmp,
                        wait_until)

VENDOR, STATS_REQUEST, STATS_REPLY = 4, 16, 17

FRAME = "ffffffffffff020000000001080045000028000000004006" + "00" * 34

# As they are typed, and as all print them.
FLOWS = [
    ("in_port=1,dl_vlan=5,dl_vlan_pcp=3", None),
    ("dl_src=02:00:00:00:00:01/ff:ff:ff:00:00:ff", "dl_src=02:00:00:00:00:01/ff:ff:ff:00:00:ff"),
    ("dl_dst=01:00:00:00:00:00/01:00:00:00:00:00", None),
    ("dl_vlan=5,dl_type=0x1234", None),
    ("vlan_tci=0x1000/0x1000", None),
    ("vlan_tci=0x0000/0x1000", None),
    ("vlan_tci=0x1003/0x100f", None),
    ("vlan_tci=0", "vlan_tci=0x0000"),
    ("ip,nw_src=10.0.0.0/255.0.0.255", "ip,nw_src=10.0.0.0/255.0.0.255"),
    ("ip,nw_tos=32,nw_ecn=2,nw_ttl=64", None),
    ("ip,ip_frag=no", "ip,nw_frag=no"),
    ("ip,ip_frag=yes", "ip,nw_frag=yes"),
    ("ip,ip_frag=first", "ip,nw_frag=first"),
    ("ip,ip_frag=later", "ip,nw_frag=later"),
    ("ip,ip_frag=not_later", "ip,nw_frag=not_later"),
    ("tcp,tp_src=0x10/0xfff0,tp_dst=80", None),
    ("tcp,tcp_flags=+syn-ack", None),
    ("tcp,tcp_flags=0x12", "tcp,tcp_flags=syn|ack"),
    ("tcp6,tcp_flags=0", None),
    ("udp,udp_src=5,udp_dst=0x8/0x8", "udp,tp_src=5,tp_dst=0x8/0x8"),
    ("sctp,sctp_src=7,sctp_dst=9", "sctp,tp_src=7,tp_dst=9"),
    ("sctp6,sctp_dst=0x9/0xf", "sctp6,tp_dst=0x9/0xf"),
    ("icmp,icmp_type=8,icmp_code=0", None),
    ("ipv6,ipv6_src=2001:db8::/32,ipv6_dst=fe80::1", None),
    ("ipv6,ipv6_src=fe80::1:0/ffff::ffff:0,ipv6_label=0x12345", None),
    ("ipv6,ipv6_label=0x00045/0x000ff", None),
    ("icmp6,icmpv6_type=128,icmpv6_code=0", "icmp6,icmp_type=128,icmp_code=0"),
    ("icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::/10,nd_sll=02:00:00:00:00:01", None),
    ("icmp6,icmp_type=136,icmp_code=0,nd_target=fe80::1,nd_tll=02:00:00:00:00:01", None),
    ("arp,arp_spa=10.0.0.1,arp_tpa=10.0.0.0/8,arp_op=1", None),
    ("arp,arp_sha=02:00:00:00:00:01,arp_tha=02:00:00:00:00:00/ff:00:00:00:00:00", None),
    ("tun_id=0x9/0xff", None),
    ("tun_src=1.2.3.4,tun_dst=1.2.0.0/16", None),
    ("pkt_mark=0x5/0xf", None),
    ("metadata=0x123456789", None),
] + [("reg0=0/0xf,metadata=0,tun_id=0/0x1", None)] + [
    (f"reg{i}={hex(16 + i)},in_port=2", None) for i in range(16)] + [("reg3=0x50/0xf0,tcp", "tcp,reg3=0x50/0xf0")]


class Net:
    """A switch with two ports, and ovs-ofctl as it comes."""

    def __init__(self):
        need("ovs-ofctl")
        os.makedirs("/run/openvswitch")
        for i in (1, 2):
            quiet_veth(f"p{i}", f"e{i}")
        self.switch = Switch("--listen", "ptcp:6654", "--fail-mode", "secure", ports=["p1", "p2"])
        self.target = "tcp:127.0.0.1:6654"

    def ovs(self, command, *words, ok=True, options=()):
        return sh("ovs-ofctl", *options, command, self.target, *words, ok=ok)

    def strictly(self, command, *words):
        return self.ovs(command, *words, options=["--strict"])

    def rules(self, text=""):
        return [re.sub(r" *(cookie|duration|table|n_packets|n_bytes|idle_age|hard_age)=[^ ]*,", "", line).strip()
                for line in self.ovs("dump-flows", text).splitlines() if "actions=" in line]


def order(text):
    """Fields without order, for registers stand before in_port."""
    return sorted(text.replace(" actions=", ",actions=").split(","))


def plain(text):
    """Without what differs from moment to moment."""
    return re.sub(r"(duration|idle_age|hard_age)=[0-9.]+s?(, )?", "", text)


# rows: B6 B14
def every_field_comes_back():
    net = Net()
    for typed, printed in FLOWS:
        net.ovs("add-flow", f"{typed},actions=drop")
        (rule,) = net.rules()
        wanted = f"{printed or typed} actions=drop"
        check(order(rule) == order(wanted), f"{typed} comes back as {rule}")
        ours = net.switch.ofctl("dump-flows").splitlines()[1].strip()
        theirs = net.ovs("dump-flows").splitlines()[-1].strip()
        check(plain(ours) == plain(theirs), f"sluice-ofctl prints\n{ours}\nand ovs-ofctl\n{theirs}")
        net.strictly("del-flows", typed)
        check(net.rules() == [], f"del-flows --strict {typed} leaves {net.rules()}")
        net.switch.ofctl("add-flow", f"{typed},actions=drop")
        (again,) = net.rules()
        check(again == rule, f"sluice-ofctl adds {again}, not {rule}")
        net.switch.ofctl("del-flows", typed, "--strict")
        check(net.rules() == [], f"sluice-ofctl --strict del-flows {typed} leaves {net.rules()}")


# rows: B7
def rules_are_chosen_by_cookie():
    net = Net()
    for i, cookie in enumerate((0x11, 0x12, 0x21)):
        net.ovs("add-flow", f"cookie={cookie},priority={i + 1},actions=drop")
    check("cookie=0x12," in net.ovs("dump-flows", "cookie=0x12/-1"), "dump-flows by cookie")
    check(len(net.rules("cookie=0x10/0xf0")) == 2, "dump-flows by part of the cookie")
    check("flow_count=2" in net.ovs("dump-aggregate", "cookie=0x10/0xf0"), "dump-aggregate by cookie")
    net.ovs("mod-flows", "cookie=0x21/-1,actions=output:1")
    check(net.rules("cookie=0x21/-1") == ["priority=3 actions=output:1"], "mod-flows by cookie")
    net.ovs("del-flows", "cookie=0x12/-1")
    check(len(net.rules()) == 2, "del-flows by cookie")
    net.strictly("del-flows", "cookie=0x12/-1,priority=1")
    check(len(net.rules()) == 2, "del-flows --strict of another cookie")
    net.strictly("del-flows", "cookie=0x11/-1,priority=1")
    check(len(net.rules()) == 1, "del-flows --strict by cookie")


# rows: B6
def files_hold_every_field():
    net = Net()
    path = os.path.join(tmp(), "flows")
    # Of these two ovs-ofctl's own diff-flows says that they differ from themselves.
    flows = [typed for typed, _ in FLOWS if "ip_frag=yes" not in typed and "not_later" not in typed]
    with open(path, "w") as f:
        f.write("".join(f"priority={100 + i},{typed},actions=drop\n" for i, typed in enumerate(flows)))
    net.ovs("add-flow", "reg5=1,actions=drop")
    net.ovs("replace-flows", path)
    check(len(net.rules()) == len(flows), "replace-flows")
    check(sh("ovs-ofctl", "diff-flows", path, net.target) == "", "diff-flows finds differences")
    net.ovs("add-flow", "priority=101,in_port=1,actions=output:1")
    check("+priority=101,in_port=1" in sh("ovs-ofctl", "diff-flows", path, net.target, ok=False), "diff-flows")
    net.ovs("add-flows", path)
    dumped = os.path.join(tmp(), "dumped")
    with open(dumped, "w") as f:
        f.write("\n".join(net.rules()) + "\n")
    net.ovs("replace-flows", dumped)
    check(len(net.rules()) == len(flows) + 1, "what dump-flows prints can be put in again")


# rows: B10
def ages_are_shown():
    net = Net()
    net.ovs("add-flow", "in_port=1,actions=drop")
    check("idle_age=" in net.ovs("dump-flows"), "dump-flows shows no idle_age")


# rows: B9
def monitor_gets_packets_with_their_cookie():
    net = Net()
    net.ovs("add-flow", "cookie=0x55,in_port=1,actions=controller")
    monitor = Process("ovs-ofctl", "monitor", net.target, "65534", "-P", "nxt_packet_in")
    wait_until(lambda: sent(net, monitor), "an NXT_PACKET_IN")
    check("cookie=0x55" in monitor.output(), monitor.output())


def sent(net, monitor):
    """Sends a packet through the table; true if the monitor has told of one."""
    net.ovs("packet-out", f"in_port=1,packet={FRAME},actions=table")
    return "NXT_PACKET_IN" in monitor.output()


class PlainSwitch(threading.Thread):
    """A switch that knows the standard and nothing else; it remembers the types of messages."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.target = "tcp:127.0.0.1:%u" % self.listener.getsockname()[1]
        self.kinds = []
        self.start()

    def run(self):
        while True:
            sock, _peer = self.listener.accept()
            with sock, sock.makefile("rb") as stream:
                sock.sendall(message(HELLO))
                while len(head := stream.read(8)) == 8:
                    _version, kind, size, xid = HEADER.unpack(head)
                    sock.sendall(self.answer(kind, xid, head + stream.read(size - 8)))

    def answer(self, kind, xid, data):
        self.kinds.append(kind)
        if kind == BARRIER_REQUEST:
            return message(BARRIER_REPLY, xid=xid)
        if kind == STATS_REQUEST and data[8:10] == b"\0\1":
            return message(STATS_REPLY, data[8:12], xid)
        if kind in (VENDOR, STATS_REQUEST):
            return message(ERROR, struct.pack("!HH", 1, 3) + data, xid)
        return b""


# rows: B6 B7 B14
def a_switch_without_nicira_gets_plain_messages_or_one_sentence():
    switch = PlainSwitch()

    def ofctl(*words, ok=True):
        return sh(program("sluice-ofctl"), words[0], switch.target, *words[1:], ok=ok)
    ofctl("add-flow", "tcp,tp_dst=80,actions=drop")
    ofctl("del-flows")
    check(switch.kinds == [HELLO, FLOW_MOD, BARRIER_REQUEST] * 2, f"plain flows took {switch.kinds}")
    check("OFPST_FLOW reply" in ofctl("dump-flows"), "dump-flows falls back")
    switch.kinds.clear()
    for words in (("add-flow", "reg0=1,actions=drop"), ("del-flows", "cookie=1/-1"), ("dump-flows", "reg0=1"),
                  ("dump-aggregate", "cookie=1/-1")):
        out = ofctl(*words, ok=False)
        check("does not know Nicira's matches" in out and out.count("\n") == 1, f"{words}: {out}")
    out = ofctl("add-flow", "table=1,actions=drop", ok=False)
    check("takes no tables" in out and out.count("\n") == 1, out)
    check(FLOW_MOD not in switch.kinds, "what can't be told must not be sent in part")
    out = ofctl("add-flow", "reg0=1,actions=drop", "-F", "OpenFlow10", ok=False)
    check("it needs NXM" in out, out)


main(every_field_comes_back, rules_are_chosen_by_cookie, files_hold_every_field, ages_are_shown,
     monitor_gets_packets_with_their_cookie,
     a_switch_without_nicira_gets_plain_messages_or_one_sentence)
