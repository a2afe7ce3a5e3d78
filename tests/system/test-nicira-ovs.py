#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What Nicira's extensions do, beside Open vSwitch: the same commands by ovs-ofctl, the same frames, the same to see."""
import os
import re
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ovs import OpenVSwitch
from sluicetest import Process, Switch, check, main, need, program, quiet_veth, sh, wait_until

PORTS = (1, 2, 3)
FIN, SYN, RST, ACK = 1, 2, 4, 16


class Ours:
    """Sluice with three ports, whose other ends are held here."""

    def __init__(self):
        os.makedirs("/run/openvswitch")
        self.ends = {}
        for i in PORTS:
            quiet_veth(f"p{i}", f"e{i}")
        self.switch = Switch("--fail-mode", "secure", ports=[f"p{i}" for i in PORTS])
        for i in PORTS:
            self.ends[i] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.ends[i].bind((f"e{i}", 0))
        self.switch.wait_ports(len(PORTS))
        self.target = f"unix:{self.switch.mgmt}"

    def receive(self, port, frame):
        self.ends[port].send(frame)


class Theirs:
    """Open vSwitch likewise; its clock stands still."""

    def __init__(self):
        self.ovs = OpenVSwitch(len(PORTS))
        self.target = f"unix:{self.ovs.directory}/br0.mgmt"

    def receive(self, port, frame):
        self.ovs.receive(port, frame)


class Pair:
    """Both."""

    def __init__(self):
        need("ovs-ofctl")
        self.both = [Ours(), Theirs()]

    def do(self, command, *words):
        for switch in self.both:
            sh("ovs-ofctl", command, switch.target, *words)

    def receive(self, port, frame):
        for switch in self.both:
            switch.receive(port, frame)

    def rules(self):
        return [rules(switch.target) for switch in self.both]

    def same_rules(self, n=None, holding=""):
        """Waits until both have the same rules (n of them), one of which has a text in it."""
        def is_so():
            ours, theirs = self.rules()
            return ours == theirs and n in (None, len(ours)) and (not holding or any(holding in r for r in ours))
        try:
            wait_until(is_so, "the same rules")
        except Exception:
            ours, theirs = self.rules()
            print("ours:", *ours, "theirs:", *theirs, sep="\n  ")
            raise


def rules(target):
    """All rules but for ages, in an order of their own."""
    return sorted(re.sub(r"(duration|idle_age|hard_age)=[0-9.]+s?(, )?", "", line).strip()
                  for line in sh("ovs-ofctl", "dump-flows", target).splitlines() if "actions=" in line)


def ip(source, to, protocol, payload):
    """A frame from one host to another; nobody looks at its checksums."""
    return (bytes([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, source, 8, 0])
            + struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0,
                          0x0a000000 + source, 0x0a000000 + to) + payload)


def udp(source, to):
    return ip(source, to, 17, struct.pack("!HHHH10s", 53, 53, 18, 0, b"0123456789"))


def tcp(source, to, sport, dport, flags):
    return ip(source, to, 6, struct.pack("!HHIIBBHHH", sport, dport, 0, 0, 0x50, flags, 0xffff, 0, 0))


def told(monitor):
    """What a monitor told of packets: without transaction ids and buffers."""
    lines = monitor.output().splitlines()
    heads = [re.sub(r" \(xid=[^)]*\)|buffer=\S+|\(unbuffered\)| *$", "", line).strip()
             for line in lines if "PACKET_IN" in line and "total_len=" in line]
    return heads


def packets_are_told_of(pair, program, *options):
    """Lets both send packets up in many ways; what 'program' monitors of ours is what ovs-ofctl does of theirs."""
    ours, theirs = pair.both
    watch = [Process(program, "monitor", ours.target, "65535", *options),
             Process("ovs-ofctl", "monitor", theirs.target, "65535", *options)]
    for w, switch in zip(watch, pair.both):
        def hears(w=w, switch=switch):
            sh("ovs-ofctl", "packet-out", switch.target,
               f"in_port=3,packet={udp(1, 2).hex()},actions=load:0xffff->NXM_NX_REG9[],controller")
            return told(w)
        wait_until(hears, "the monitor to hear")
    for flow in (
            "table=0,in_port=1,actions=load:0x5->NXM_NX_REG0[],load:0x7->NXM_NX_REG15[],load:0x123->NXM_NX_TUN_ID[],"
            "load:0x9->NXM_NX_PKT_MARK[],load:0xabc->OXM_OF_METADATA[],load:0xa000001->NXM_NX_TUN_IPV4_SRC[],"
            "load:0xa000002->NXM_NX_TUN_IPV4_DST[],resubmit(3,1)",
            "table=1,cookie=0x77,actions=controller(reason=no_match),controller",
            "table=0,in_port=2,cookie=0x1,actions=set_tunnel:5,load:9->NXM_OF_IN_PORT[],controller,resubmit(,2),controller",
            "table=2,cookie=0x2,actions=set_tunnel64:0x500000000,load:0->NXM_NX_REG0[],move:NXM_OF_ETH_SRC[0..31]->NXM_NX_REG7[],"
            "mod_dl_src:02:00:00:00:00:99,controller"):
        pair.do("add-flow", flow)

    def without_first(w):
        return [line for line in told(w) if "reg9=" not in line]

    def wait_for(n):
        wait_until(lambda: all(len(without_first(w)) >= n for w in watch), f"{n} packets")
    for port, n in ((1, 2), (2, 5)):
        pair.receive(port, udp(1, 2))
        wait_for(n)
    pair.do("packet-out", f"in_port=3,packet={udp(1, 2).hex()},actions=load:0x5->NXM_NX_REG2[],controller")
    wait_for(6)
    pair.do("packet-out", f"in_port=controller,packet={udp(1, 2).hex()},actions=controller")
    wait_for(7)
    a, b = [without_first(w) for w in watch]
    check(a == b, "ours:\n  " + "\n  ".join(a) + "\ntheirs:\n  " + "\n  ".join(b))
    return a


# rows: B9 B16 B22
def packets_bring_their_registers():
    pair = Pair()
    lines = packets_are_told_of(pair, "ovs-ofctl", "-P", "nxt_packet_in")
    check("NXT_PACKET_IN: table_id=1 cookie=0x77 total_len=52 pkt_mark=0x9,reg0=0x5,reg15=0x7,tun_id=0x123,"
          "tun_src=10.0.0.1,tun_dst=10.0.0.2,metadata=0xabc,in_port=1 (via no_match) data_len=52" in lines, f"{lines}")


# rows: B9
def sluice_ofctl_shows_them_alike():
    packets_are_told_of(Pair(), program("sluice-ofctl"), "-P", "nxt_packet_in")


# rows: B17 B23
def a_fin_cuts_the_same_timeouts():
    pair = Pair()
    pair.do("add-flow", "tcp,tp_dst=80,idle_timeout=60,hard_timeout=600,actions=fin_timeout(idle_timeout=30,hard_timeout=90),output:2")
    pair.do("add-flow", "tcp,tp_dst=81,actions=fin_timeout(idle_timeout=500)")
    pair.do("add-flow", "tcp,tp_dst=82,idle_timeout=100,hard_timeout=200,actions=fin_timeout(idle_timeout=500,hard_timeout=300)")
    pair.do("add-flow", "tcp,tp_dst=83,idle_timeout=900,actions=resubmit(,1)")
    pair.do("add-flow", "table=1,idle_timeout=900,actions=fin_timeout(hard_timeout=300),fin_timeout(hard_timeout=400)")
    pair.do("add-flow", "tcp,tp_dst=84,idle_timeout=500,actions=fin_timeout(idle_timeout=300)")
    pair.do("add-flow", "priority=1,tcp,tp_dst=85,actions=learn(table=0,priority=10,idle_timeout=600,hard_timeout=700,"
            "fin_idle_timeout=500,NXM_OF_ETH_TYPE[]=0x800,NXM_OF_IP_PROTO[]=6,NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],"
            "NXM_OF_TCP_DST[]=NXM_OF_TCP_SRC[],output:NXM_OF_IN_PORT[])")
    for port in range(80, 86):
        pair.receive(1, tcp(1, 2, 1000, port, SYN))
    pair.same_rules(8, "nw_dst=10.0.0.1,tp_dst=1000 actions=fin_timeout(idle_timeout=500),output:1")
    for port in (80, 81, 82, 83):
        pair.receive(1, tcp(1, 2, 1000, port, FIN | ACK))
    pair.receive(1, tcp(1, 2, 1000, 84, ACK))
    pair.same_rules(8, "idle_timeout=30, hard_timeout=90")
    pair.receive(2, tcp(2, 1, 85, 1000, RST))
    pair.same_rules(8, "idle_timeout=500, hard_timeout=700, priority=10")
    pair.do("add-flow", "tcp,tp_dst=80,idle_timeout=60,actions=fin_timeout(idle_timeout=50)")
    pair.do("mod-flows", "tcp,tp_dst=81,actions=fin_timeout(idle_timeout=400)")
    pair.same_rules(8)
    for port in (80, 81):
        pair.receive(1, tcp(1, 2, 1000, port, RST))
    pair.same_rules(8, "idle_timeout=50")


# rows: B17
def what_was_learnt_goes_in_the_same_cases():
    pair = Pair()
    learn = ("learn(table=1,cookie=0x5,delete_learned,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])")
    other = ("learn(table=1,cookie=0x5,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])")

    def teach(n):
        for port in PORTS:
            pair.receive(port, udp(port, 9))
        pair.same_rules(n)
    pair.do("add-flow", f"in_port=1,actions={learn}")
    pair.do("add-flow", f"in_port=2,actions=note:00.01.02.03.04.05,{learn}")
    pair.do("add-flow", f"in_port=3,actions={other}")
    pair.do("add-flow", "table=1,cookie=0x5,priority=1,actions=drop")
    pair.do("add-flow", "table=2,cookie=0x5,priority=1,actions=drop")
    teach(8)
    pair.do("del-flows", "in_port=1")
    pair.same_rules(7)
    pair.do("mod-flows", f"in_port=2,actions={learn}")
    pair.same_rules(7)
    pair.do("mod-flows", "in_port=2,actions=drop")
    pair.same_rules(3, "table=2")
    pair.do("add-flow", f"in_port=2,actions={learn}")
    teach(5)
    pair.do("add-flow", f"in_port=2,cookie=0x9,actions={other}")
    pair.same_rules(3)
    pair.do("del-flows")
    pair.do("add-flow", f"table=0,actions={learn}")
    teach(4)
    pair.do("del-flows", "table=0")
    pair.same_rules(0)
    pair.do("add-flow", "table=0,actions=learn(table=1,cookie=0x1,delete_learned)")
    pair.do("add-flow", "table=1,cookie=0x1,actions=learn(table=2,cookie=0x2,delete_learned)")
    pair.do("add-flow", "table=2,cookie=0x2,actions=learn(table=0,cookie=0x4,delete_learned)")
    pair.do("add-flow", "table=0,cookie=0x4,in_port=1,actions=drop")
    pair.do("add-flow", "table=0,cookie=0x44,in_port=2,actions=drop")
    pair.same_rules(5)
    pair.do("del-flows", "table=0,cookie=0/-1")
    pair.same_rules(1, "cookie=0x44")


main(packets_bring_their_registers, sluice_ofctl_shows_them_alike, a_fin_cuts_the_same_timeouts,
     what_was_learnt_goes_in_the_same_cases)
