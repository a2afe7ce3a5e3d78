#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two hosts over the switch: raw, tap and pcap ports, three kinds of rules, offloads on and off.

      h1 10.0.0.1 --- bridge a === veth === bridge b --- h2 10.0.0.2
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pcapcheck
from sluicetest import (Host, Process, Switch, TRAFFIC, check, main, need, need_root, need_tap, sh, tmp,
                        veth_port)

MAC = {"h1": "02:00:00:00:00:01", "h2": "02:00:00:00:00:02"}
STREAMS, SIZE, DATAGRAMS = 4, 1500000, 50
TCP_PORT, UDP_PORT, VIRTUAL, VIRTUAL_IP = 5001, 5002, 9999, "10.0.0.9"


class Net:
    """The topology of the head comment."""

    def __init__(self, kind1, kind2):
        need("ethtool", "tcpdump")
        need_root()  # tcpdump does not run otherwise.
        if "tap" in (kind1, kind2):
            need_tap()
        self.kinds = {"h1": kind1, "h2": kind2}
        self.hosts = {name: Host(name) for name in self.kinds}
        self.ports = {"h1": "p1", "h2": "p2"}
        sh("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb")
        for dev in ("va", "vb"):
            sh("ip", "link", "set", dev, "up")
        for name, kind in self.kinds.items():
            if kind != "tap":
                veth_port(self.hosts[name], self.ports[name])
        options = {name: self.ports[name] + ("" if kind == "raw" else ",type=" + kind)
                   for name, kind in self.kinds.items()}
        self.switch = Switch("--bridge", "a", "--no-local", "--port", options["h1"], "--port", "va",
                             "--fail-mode", "secure",
                             "--bridge", "b", "--no-local", "--port", options["h2"], "--port", "vb",
                             "--fail-mode", "secure", bridge="b", local=True)
        for name, kind in self.kinds.items():
            host = self.hosts[name]
            if kind == "tap":
                sh("ip", "link", "set", self.ports[name], "netns", host.name)
                host.ip("link", "set", self.ports[name], "name", "eth0")
            host.ip("link", "set", "eth0", "address", MAC[name])
            host.address("eth0", f"10.0.0.{name[1]}/24")
        self.hosts["h1"].ip("neigh", "add", VIRTUAL_IP, "lladdr", MAC["h2"], "dev", "eth0")

    def ofctl(self, bridge, *words):
        self.switch.bridge = bridge
        return self.switch.ofctl(*words)

    def rules(self, bridge, *flows):
        """Makes 'flows' the only rules of a bridge."""
        self.ofctl(bridge, "del-flows")
        for flow in flows:
            self.ofctl(bridge, "add-flow", flow)

    def offloads_off(self):
        """No offloads where frames leave the switch, and none where a tap's host sends."""
        off = ["tx", "off", "tso", "off", "gso", "off"]
        for dev in ("va", "vb"):
            sh("ethtool", "-K", dev, *off)
        for name, kind in self.kinds.items():
            if kind != "tap":
                sh("ethtool", "-K", self.ports[name], *off)
        if "tap" in self.kinds.values():
            for host in self.hosts.values():
                host.run("ethtool", "-K", "eth0", *off)

    def no_errors(self):
        """Nothing was lost, save by a pcap port: its ring is short, and TCP repeats."""
        allowed = {"rx_drop"} if "pcap" in self.kinds.values() else set()
        for bridge in "ab":
            self.switch.bridge = bridge
            for port, counters in self.switch.port_stats().items():
                bad = {k: v for k, v in counters.items() if v and k not in allowed
                       and k.split("_")[1] in ("errs", "drop")}
                check(not bad, f"bridge {bridge} port {port}: {bad}")


class Capture:
    """tcpdump on a device, of what comes in."""

    def __init__(self, host, dev, name, direction="in"):
        self.path = os.path.join(tmp(), name + ".pcap")
        words = ["tcpdump", "-i", dev, "-Q", direction, "-B", "65536", "-U", "-s", "0", "-Z", "root", "-w",
                 self.path]
        self.process = Process(*words, netns=host.name if host else None, name="tcpdump-" + name)
        self.process.says("listening on")

    def stop(self):
        self.process.stop()
        return pcapcheck.summary(self.path)


def exact(in_port, src, dst, proto, tp_src, tp_dst, out):
    """A rule for all 12 fields."""
    a, b = (MAC["h1"], MAC["h2"]) if src == "10.0.0.1" else (MAC["h2"], MAC["h1"])
    return (f"in_port={in_port},dl_src={a},dl_dst={b},dl_vlan=0xffff,dl_vlan_pcp=0,dl_type=0x0800,"
            f"nw_src={src},nw_dst={dst},nw_proto={proto},nw_tos=0,tp_src={tp_src},tp_dst={tp_dst},"
            f"actions=output:{out}")


def rules_by_port(net):
    for bridge in "ab":
        net.rules(bridge, "in_port=1,actions=output:2", "in_port=2,actions=output:1")
    return "10.0.0.2", TCP_PORT, UDP_PORT


def rules_exact(net):
    flows = {"a": [], "b": []}
    # Bridge a has h1 on port 1, bridge b has h2 on port 1: going right is 1->2 on a and 2->1 on b.
    sides = {"a": (1, 2), "b": (2, 1)}
    for bridge, (left, right) in sides.items():
        flows[bridge] += [f"arp,in_port={left},actions=output:{right}",
                          f"arp,in_port={right},actions=output:{left}"]
        pairs = [(6, 40000 + i, TCP_PORT) for i in range(STREAMS)] + [(17, 41000, UDP_PORT)]
        for proto, sport, dport in pairs:
            flows[bridge].append(exact(left, "10.0.0.1", "10.0.0.2", proto, sport, dport, right))
            flows[bridge].append(exact(right, "10.0.0.2", "10.0.0.1", proto, dport, sport, left))
        flows[bridge].append(exact(left, "10.0.0.1", "10.0.0.2", 1, 8, 0, right))
        flows[bridge].append(exact(right, "10.0.0.2", "10.0.0.1", 1, 0, 0, left))
        net.rules(bridge, *flows[bridge])
    return "10.0.0.2", TCP_PORT, UDP_PORT


def rules_rewrite(net):
    """h1 talks to 10.0.0.9:9999, which is h2; between the bridges everything bears VLAN 5."""
    push, strip = "mod_vlan_vid:5,output:2", "strip_vlan,output:1"
    flows = ["priority=1,in_port=1,actions=" + push, "priority=1,in_port=2,actions=" + strip]
    for proto, port in (("tcp", TCP_PORT), ("udp", UDP_PORT)):
        flows += [f"priority=9,in_port=1,{proto},nw_dst={VIRTUAL_IP},tp_dst={VIRTUAL},"
                  f"actions=mod_nw_dst:10.0.0.2,mod_tp_dst:{port},{push}",
                  f"priority=9,in_port=2,{proto},nw_src=10.0.0.2,tp_src={port},"
                  f"actions=mod_nw_src:{VIRTUAL_IP},mod_tp_src:{VIRTUAL},{strip}"]
    net.rules("a", *flows)
    net.rules("b", "in_port=1,actions=" + push, "in_port=2,dl_vlan=5,actions=" + strip)
    return VIRTUAL_IP, VIRTUAL, VIRTUAL


def serve(net, *words):
    server = net.hosts["h2"].start(*TRAFFIC, *words, name="server")
    server.says("ready")
    return server


def exchange(net, address, tcp_port, udp_port):
    """ping, UDP, TCP both ways with four streams; contents are compared by both sides."""
    h1 = net.hosts["h1"]
    h1.ping("10.0.0.2")
    server = serve(net, "udp-serve", UDP_PORT, DATAGRAMS)
    h1.run(*TRAFFIC, "udp-run", address, udp_port, DATAGRAMS, 41000)
    check(server.wait() == 0, "UDP server:\n" + server.output())
    server = serve(net, "tcp-serve", TCP_PORT, STREAMS, SIZE)
    h1.run(*TRAFFIC, "tcp-run", address, tcp_port, STREAMS, SIZE, 40000)
    check(server.wait() == 0, "TCP server:\n" + server.output())


def forwarding(kind1, kind2):
    net = Net(kind1, kind2)
    for rules in (rules_by_port, rules_exact, rules_rewrite):
        target = rules(net)
        sender = Capture(None, "p1", "sender") if kind1 != "tap" else Capture(net.hosts["h1"], "eth0",
                                                                             "sender", "out")
        receiver = Capture(net.hosts["h2"], "eth0", "receiver")
        exchange(net, *target)
        for capture in (sender, receiver):
            n, longest, _ = capture.stop()
            whole = capture is sender or kind2 != "pcap"
            check(n and (longest > 1514) == whole, f"{rules.__name__}: {longest} bytes in {n} frames")
        net.no_errors()
    net.offloads_off()
    for rules in (rules_by_port, rules_exact, rules_rewrite):
        target = rules(net)
        captures = [Capture(host, "eth0", name) for name, host in net.hosts.items()]
        exchange(net, *target)
        for capture in captures:
            n, _, complaints = capture.stop()
            check(n, "nothing captured")
            check(not complaints, f"{rules.__name__}: {len(complaints)} of {n} frames: {complaints[:3]}")
        net.no_errors()


# rows: A5.21 T7 T15
def raw_to_raw():
    forwarding("raw", "raw")


# rows: A5.21 T7 T15
def tap_to_tap():
    forwarding("tap", "tap")


# rows: A5.21 T7 T15
def raw_to_tap():
    forwarding("raw", "tap")


def pcap_to_raw():
    """What goes to h1 is cut; super-frames that come from there are recognised and go on whole."""
    forwarding("pcap", "raw")


def pcap_to_tap():
    forwarding("pcap", "tap")


def pcap_to_pcap():
    """What goes to either host is cut."""
    forwarding("pcap", "pcap")


main(raw_to_raw, tap_to_tap, raw_to_tap, pcap_to_raw, pcap_to_tap, pcap_to_pcap)
