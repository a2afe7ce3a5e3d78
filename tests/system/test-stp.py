#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# rows: A7.6 A7.7 A11.24
"""Spanning tree on real devices: two bridges of ours and one of somebody else's in a loop."""
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Failure, Host, Process, Skip, Switch, check, main, need, need_tap, program, sh, tmp,
                        veth_port, wait_until)

TIMES = "hello=1,max-age=6,forward-delay=4"
TYPE = 0x88b5  # For experiments.
CONVERGE = 60  # Seconds that a sanitized switch on a busy machine may take.
states = {0: "disabled", 1: "listening", 2: "learning", 3: "forwarding", 4: "blocking"}


def cable(a, b):
    """A veth pair in this namespace whose ends are ports of bridges."""
    sh("ip", "link", "add", a, "type", "veth", "peer", "name", b)
    for dev in (a, b):
        with open(f"/proc/sys/net/ipv6/conf/{dev}/disable_ipv6", "w", encoding="ascii") as f:
            f.write("1")
        sh("ip", "link", "set", dev, "up")


class Kernel:
    """The kernel's bridge k with STP, on the far ends of the cables y and z, and a host's."""
    ports = ("y3", "z3", "q3")

    def __init__(self, priority=32768):
        try:
            sh("ip", "link", "add", "k", "type", "bridge", "stp_state", 1, "hello_time", 100,
               "forward_delay", 400, "max_age", 600, "priority", priority)
        except Failure as e:
            raise Skip(f"the kernel makes no bridge here: {e}") from None
        for dev in self.ports:
            sh("ip", "link", "set", dev, "master", "k")
        sh("ip", "link", "set", "k", "up")

    def states(self):
        found = {}
        for dev in self.ports:
            with open(f"/sys/class/net/{dev}/brport/state", encoding="ascii") as f:
                found[dev] = states[int(f.read())]
        return found

    def has_converged(self):
        """It knows all that it needs."""


class OpenVSwitch(Kernel):
    """Open vSwitch with RSTP in its place."""

    def __init__(self, priority=32768):
        need("ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl", "ovs-appctl")
        need_tap()
        os.makedirs("/run/openvswitch", exist_ok=True)
        db = f"{tmp()}/conf.db"
        sh("ovsdb-tool", "create", db, "/usr/share/openvswitch/vswitch.ovsschema")
        Process("ovsdb-server", db, "--remote=punix:/run/openvswitch/db.sock", name="ovsdb-server")
        wait_until(lambda: os.path.exists("/run/openvswitch/db.sock"), "ovsdb-server")
        sh("ovs-vsctl", "--no-wait", "init")
        self.process = Process("ovs-vswitchd", "--pidfile", name="ovs-vswitchd")
        words = ["add-br", "k", "--", "set", "bridge", "k", "datapath_type=netdev", "rstp_enable=true",
                 f"other_config:rstp-priority={priority}"]
        for dev in self.ports:
            words += ["--", "add-port", "k", dev]
        sh("ovs-vsctl", *words)

    def states(self):
        found = {}
        for line in sh("ovs-appctl", "rstp/show", "k").splitlines():
            words = line.split()
            if words and words[0] in self.ports:
                role, state = words[1].lower(), words[2].lower()
                found[words[0]] = ("blocking" if role in ("alternate", "backup") else "disabled"
                                   if role == "disabled" else "listening" if state == "discarding" else state)
        return found

    def has_converged(self):
        """Its cache may keep what was dropped while a port was blocked."""
        sh("ovs-appctl", "revalidator/purge")


class Ring:
    """b1 - b2 - k - b1, with a host on each."""

    def __init__(self, stp, *args, third=Kernel, priority=32768):
        cable("x1", "x2")
        cable("y1", "y3")
        cable("z2", "z3")
        self.hosts = []
        for i in (1, 2, 3):
            host = Host(f"h{i}")
            veth_port(host, f"q{i}")
            self.hosts.append(host)
        self.sockets = [self.listen(host) for host in self.hosts]
        self.third = third(priority)
        self.switches = [
            Switch("--bridge", name, "--no-local", "--dpid", dpid, "--stp", stp + options, *args, "--port", a,
                   "--port", b, "--port", q + ",stp-edge=yes", local=True, bridge=name)
            for name, dpid, options, a, b, q in (("b1", "1", ",priority=4096", "x1", "y1", "q1"),
                                                 ("b2", "2", "", "x2", "z2", "q2"))]
        self.sent = 0

    @staticmethod
    def listen(host):
        with host.inside():
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(TYPE))
        s.bind(("eth0", TYPE))
        s.setblocking(False)
        return s

    def ports(self):
        """State of each port in the tree."""
        found = {}
        for switch in self.switches:
            r = subprocess.run([program("sluicectl"), "--run-dir", switch.run_dir, "--json", "show"],
                               stdout=subprocess.PIPE, text=True, check=True)
            for port in json.loads(r.stdout)["bridges"][0]["ports"]:
                found[port["name"]] = port["spanning_tree"]["state"]
        return found | self.third.states()

    def converged(self, blocked):
        """Waits until 'blocked' ports block, the rest forward but for those that are disabled, and it stays so:
        not all bridges hear of a link at the same time."""
        looks = []

        def is_quiet():
            looks.append(self.ports())
            now = list(looks[-1].values())
            return (now.count("blocking") == blocked and not {"listening", "learning"} & set(now)
                    and looks[-6:] == [looks[-1]] * 6)
        try:
            wait_until(is_quiet, "the tree", CONVERGE, 0.2)
        except Failure as e:
            raise Failure(f"{e}: {self.ports()}") from None
        self.third.has_converged()

    def broadcast(self, sender):
        """A broadcast that nobody has seen; returns what it looks like."""
        self.sent += 1
        frame = (b"\xff" * 6 + bytes([2, 0, 0, 0, 0, sender + 1]) + TYPE.to_bytes(2, "big")
                 + self.sent.to_bytes(4, "big") + bytes(42))
        self.sockets[sender].send(frame)
        return frame

    def received(self, i):
        """The broadcasts that host i has received since it was asked last."""
        frames = []
        while True:
            try:
                data, address = self.sockets[i].recvfrom(200)
            except BlockingIOError:
                return frames
            if address[2] != socket.PACKET_OUTGOING:
                frames.append(data)

    def comes_to_all(self, sender, sent, seen):
        """Whether a new broadcast comes to all others soon: a bridge may still forget what it knew."""
        frame = self.broadcast(sender)
        sent.append((sender, frame))

        def all_have():
            for i in range(3):
                seen[i] += self.received(i)
            return all(frame in seen[i] for i in range(3) if i != sender)
        try:
            return wait_until(all_have, "", 2)
        except Failure:
            return False

    def each_sees_each_once(self):
        """Broadcasts of every host come to every other; none comes twice, nor back."""
        for i in range(3):
            self.received(i)
        sent, seen = [], [[], [], []]
        for turn in range(30):
            sender = turn % 3
            wait_until(lambda sender=sender: self.comes_to_all(sender, sent, seen),
                       f"a broadcast of host {sender + 1}", CONVERGE)
        for i in range(3):
            seen[i] += self.received(i)
            for sender, frame in sent:
                n = seen[i].count(frame)
                check(n <= (sender != i), f"host {i + 1} saw a broadcast of host {sender + 1} {n} times")

    def heals(self):
        """Cuts one link after the other: each time all can reach all again, by one way."""
        self.converged(1)
        self.each_sees_each_once()
        for dev in ("x1", "y1"):
            sh("ip", "link", "set", dev, "down")
            self.converged(0)
            self.each_sees_each_once()
            sh("ip", "link", "set", dev, "up")
            wait_until(lambda dev=dev: self.ports()[dev] != "disabled", "the link")
            self.converged(1)
            self.each_sees_each_once()


def stp_with_NORMAL_and_the_kernel_heals():
    Ring(f"stp,{TIMES}").heals()


def stp_with_FLOOD_under_a_kernel_root_heals():
    ring = Ring(f"stp,{TIMES}", "--stp-blocks-receive", "--fail-mode", "secure", priority=0)
    for switch in ring.switches:
        switch.ofctl("add-flow", "actions=flood")
    ring.heals()
    text = sh(program("sluicectl"), "--run-dir", ring.switches[0].run_dir, "show")
    check("    spanning tree: stp, bridge 1000.000000000001, root 0000." in text
          and "root forwarding, cost 2" in text, text)


def rstp_falls_back_where_the_kernel_is():
    ring = Ring(f"rstp,{TIMES}")
    ring.heals()
    r = sh(program("sluicectl"), "--run-dir", ring.switches[0].run_dir, "--json", "show")
    spoken = {p["name"]: p["spanning_tree"]["protocol"] for p in json.loads(r)["bridges"][0]["ports"]}
    check(spoken == {"x1": "rstp", "y1": "stp", "q1": "rstp"}, str(spoken))


def rstp_with_Open_vSwitch_heals():
    ring = Ring(f"rstp,{TIMES}", third=OpenVSwitch)
    ring.heals()
    r = sh(program("sluicectl"), "--run-dir", ring.switches[0].run_dir, "--json", "show")
    spoken = {p["name"]: p["spanning_tree"]["protocol"] for p in json.loads(r)["bridges"][0]["ports"]}
    check(spoken == {"x1": "rstp", "y1": "rstp", "q1": "rstp"}, str(spoken))


main(stp_with_NORMAL_and_the_kernel_heals, stp_with_FLOOD_under_a_kernel_root_heals,
     rstp_falls_back_where_the_kernel_is, rstp_with_Open_vSwitch_heals, together=True)
