#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Devices in trouble under traffic: they vanish, return, change; the rest of the switch goes on.

      h1 --- p1 \\           / p3 --- h3      a ping from h1 to h2, and one from h3 to h4 that must
                 bridge br0                  not lose a packet; an OpenFlow peer that notes each
      h2 --- p2 /           \\ p4 --- h4      port_status, of which each change makes exactly one
"""
import fcntl
import json
import os
import re
import signal
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from sluicetest import (Host, PATIENCE, Process, Skip, Stream, Switch, TRAFFIC, check, main, need, need_root,
                        need_tap, program, quiet_veth, sh, tmp, veth_port, wait_until)

AF_XDP, ETH_P_ALL = 44, 3
PORT_STATUS, MODIFY = 12, 2
PORT_DOWN, LINK_DOWN, LOCAL = 1, 1, 65534
UP, NO_LINK, NOT_ADMIN, OFF = (0, 0), (0, LINK_DOWN), (PORT_DOWN, 0), (PORT_DOWN, LINK_DOWN)


class Monitor:
    """A peer that gets every port_status; what it saw is compared at the end, in its order."""

    def __init__(self, switch):
        self.peer = openflow.Peer.connect(switch.mgmt)
        self.peer.send(openflow.message(openflow.SET_CONFIG, struct.pack("!HH", 0, 128)))
        self.peer.barrier()
        self.seen = []
        self.wanted = []

    def look(self):
        for kind, _xid, body in self.peer.barrier():
            if kind == PORT_STATUS:
                number, address, _name, config, state = struct.unpack_from("!H6s16sII", body, 8)
                check(body[0] == MODIFY, f"port_status with reason {body[0]}")
                self.seen.append((number, config & PORT_DOWN, state & LINK_DOWN, address.hex(":")))
        return self.seen

    def wait(self, number, like, address=None):
        """Waits for one more port_status, which says (PORT_DOWN, LINK_DOWN) of 'like'."""
        self.wanted.append((number, *like))
        n = len(self.wanted)
        wait_until(lambda: len(self.look()) >= n, f"port_status {n}: {self.wanted[-1]}")
        self.compare()
        check(not address or self.seen[-1][3] == address, f"port {number} tells another address")

    def compare(self):
        """Exactly one port_status came for each change."""
        seen = [s[:3] for s in self.look()]
        check(seen == self.wanted, f"port_status: wanted {self.wanted}, got {seen}")


def address(i):
    return f"10.0.0.{i}"


class Net:
    """The topology of the head comment, p1 being of 'kind'; with a ping h3-h4 and a monitor. If 'local' this
    machine is behind LOCAL as address(9)."""

    def __init__(self, *args, kind="raw", n_up=4, local=False):
        need("ping", "nft")
        self.hosts = {i: Host(f"h{i}") for i in range(1, 5)}
        for i, host in self.hosts.items():
            if i > 1 or kind != "tap":
                veth_port(host, f"p{i}")
                host.address("eth0", address(i) + "/24")
        ports = [f"p1,type={kind}", "p2", "p3", "p4"]
        self.switch = Switch(*args, ports=ports, local=local)
        if kind == "tap":
            self.move_tap()
        if local:
            n_up += 1
            self.set_local_up()
        if n_up:
            self.switch.wait_ports(n_up)
        self.monitor = Monitor(self.switch)
        self.others = Stream(self.hosts[3], address(4))
        self.stream = Stream(self.hosts[1], address(2))

    def move_tap(self):
        """Gives the tap p1 to h1."""
        sh("ip", "link", "set", "p1", "netns", "h1")
        self.hosts[1].ip("link", "set", "p1", "name", "eth0")
        self.hosts[1].address("eth0", address(1) + "/24")

    def tap_comes_home(self):
        """Takes it back from h1."""
        self.hosts[1].ip("link", "set", "eth0", "down", "netns", os.getpid(), "name", "p1")
        self.monitor.wait(1, NOT_ADMIN, hw_address("p1"))
        link("p1", "up")
        self.monitor.wait(1, UP)

    def set_local_up(self):
        sh("ip", "addr", "add", address(9) + "/24", "dev", "br0")
        link("br0", "up")

    def works(self):
        """h1 and h2 reach each other, both streams run."""
        wait_until(lambda: " 0% packet loss" in self.hosts[1].run(
            "ping", "-n", "-q", "-c", 2, "-i", 0.05, "-W", 1, address(2), ok=False), "h1 reaching h2")
        self.others.goes_on()

    def finish(self):
        """The streams, the port_status and the counters were as they should be."""
        self.works()
        self.monitor.compare()
        check(self.switch.process.running(), "the switch has ended")
        lost = self.others.lost()
        check(lost == 0, f"{lost} packets between other ports were lost")
        stats = self.switch.port_stats()
        for i in "34":
            check(not stats[i]["tx_drop"] and not stats[i]["tx_errs"], f"port {i}: {stats[i]}")
        for i, counters in stats.items():
            bad = {k: v for k, v in counters.items() if v is not None and v > 1 << 32}
            check(not bad, f"port {i}: {bad}")
        check(stats["1"]["rx_packets"] >= self.stream.replies(), "port 1 forgot what it had counted")


def link(*words):
    sh("ip", "link", "set", *words)


def promiscuity(dev):
    return int(re.search(r"promiscuity (\d+)", sh("ip", "-d", "link", "show", dev))[1])


def rules_of_nft():
    return re.findall(r"table netdev (\S+)", sh("nft", "list", "ruleset"))


def hw_address(dev):
    return open(f"/sys/class/net/{dev}/address").read().strip()


def new_veth(net):
    """Makes p1 and its host's end anew, step by step."""
    sh("ip", "link", "add", "p1", "type", "veth", "peer", "name", "eth0", "netns", "h1")
    net.monitor.wait(1, OFF, hw_address("p1"))
    link("p1", "up")
    net.monitor.wait(1, NO_LINK)
    net.hosts[1].address("eth0", address(1) + "/24")
    net.monitor.wait(1, UP)


def vanishes_and_returns(kind, times):
    net = Net(kind=kind)
    for _ in range(times):
        before = net.switch.port_stats()["1"]
        sh("ip", "link", "del", "p1")
        net.monitor.wait(1, NO_LINK)
        new_veth(net)
        net.works()
        after = net.switch.port_stats()["1"]
        check(all(after[k] >= v for k, v in before.items() if v is not None),
              f"counters went back: {before} {after}")
        check(promiscuity("p1") == 1, "the new device is not promiscuous")
        check(rules_of_nft().count("sluice_p1") == 1, "the host sees frames of the new device")
    net.finish()


# rows: A2.6 A2.8
def a_raw_device_vanishes_and_returns():
    vanishes_and_returns("raw", 3)


def a_pcap_device_vanishes_and_returns():
    vanishes_and_returns("pcap", 1)


def a_tap_vanishes_and_returns():
    """Where its host is, of which this namespace has no news; it is made anew here."""
    net = Net(kind="tap")
    net.hosts[1].ip("link", "del", "eth0")
    net.monitor.wait(1, NO_LINK)
    net.others.goes_on()
    sh("ip", "tuntap", "add", "p1", "mode", "tap")
    net.monitor.wait(1, NOT_ADMIN, hw_address("p1"))
    link("p1", "up")
    net.monitor.wait(1, UP)
    net.move_tap()
    net.works()
    net.finish()


def is_renamed(kind):
    net = Net("--workers", 0, kind=kind)
    link("p1", "name", "q1")
    net.monitor.wait(1, NO_LINK)
    check("sluice_p1" not in rules_of_nft(), "the host no longer sees frames of what was a port")
    check(promiscuity("q1") == 0, "what was a port is still promiscuous")
    before = net.switch.port_stats()["1"]
    sh("ip", "addr", "add", "10.0.0.99/24", "dev", "q1")
    net.hosts[1].ping("10.0.0.99")
    check(net.switch.port_stats()["1"] == before, "frames of a device that is no port are taken")
    link("q1", "name", "p1")
    net.monitor.wait(1, UP)
    net.works()
    check(promiscuity("p1") == 1 and "sluice_p1" in rules_of_nft(), "the device is not taken up")
    net.finish()


def a_raw_device_is_renamed():
    is_renamed("raw")


def a_pcap_device_is_renamed():
    is_renamed("pcap")


def another_device_takes_the_name():
    net = Net()
    sh("ip", "link", "add", "r1", "type", "veth", "peer", "name", "eth9", "netns", "h1")
    batch = os.path.join(tmp(), "batch")
    with open(batch, "w") as f:
        f.write("link set p1 name old\nlink set r1 name p1\n")
    sh("ip", "-batch", batch)
    wait_until(lambda: net.monitor.look() and net.monitor.seen[-1][1:3] == OFF, "the other device")
    check(net.monitor.seen[-1][3] == hw_address("p1"), "another address")
    check(promiscuity("p1") == 1 and promiscuity("old") == 0, "promiscuity")
    link("p1", "name", "r1")
    link("old", "name", "p1")
    wait_until(lambda: net.monitor.look()[-1][1:3] == UP, "the first device")
    net.monitor.wanted = [s[:3] for s in net.monitor.seen]
    net.finish()


def goes_to_another_namespace(kind, times):
    net = Net("--workers", 2, kind=kind)
    Host("away")
    for _ in range(times):
        link("p1", "netns", "away")
        net.monitor.wait(1, NO_LINK)
        sh("ip", "-n", "away", "link", "set", "p1", "netns", os.getpid())
        net.monitor.wait(1, OFF)
        link("p1", "up")
        net.monitor.wait(1, UP)
        net.works()
    net.finish()


def a_raw_device_goes_to_another_namespace():
    goes_to_another_namespace("raw", 2)


def a_pcap_device_goes_to_another_namespace():
    goes_to_another_namespace("pcap", 1)


def a_tap_goes_from_namespace_to_namespace():
    """Under traffic, with another name and another address each time."""
    net = Net(kind="tap")
    away = Host("away")
    for i in range(2):
        net.hosts[1].ip("link", "set", "eth0", "name", "eth7")
        net.stream.goes_on()
        net.hosts[1].ip("link", "set", "eth7", "netns", "away")
        away.address("eth7", address(1) + "/24")
        away.ping(address(2))
        away.ip("link", "set", "eth7", "address", f"02:00:00:00:22:0{i}", "netns", "h1", "name", "eth0")
        net.tap_comes_home()
        link("p1", "address", f"02:00:00:00:11:0{i}")
        net.monitor.wait(1, UP, f"02:00:00:00:11:0{i}")
        net.move_tap()
        net.works()
    net.finish()


def local_goes_to_another_namespace():
    net = Net(local=True)
    away = Host("away")
    net.hosts[1].ping(address(9))
    for _ in range(2):
        link("br0", "netns", "away")
        away.address("br0", address(9) + "/24")
        net.hosts[1].ping(address(9))
        away.ip("link", "set", "br0", "netns", os.getpid())
        net.monitor.wait(LOCAL, NOT_ADMIN)
        net.set_local_up()
        net.monitor.wait(LOCAL, UP)
        net.hosts[1].ping(address(9))
    net.finish()


def local_is_deleted_and_made_anew():
    """With the address and the MTU that it had."""
    net = Net(local=True)
    own = hw_address("br0")
    link("p2", "mtu", 1400)
    sh("ip", "link", "del", "br0")
    net.monitor.wait(LOCAL, NO_LINK)
    net.works()
    sh("ip", "tuntap", "add", "br0", "mode", "tap")
    net.monitor.wait(LOCAL, NOT_ADMIN, own)
    net.set_local_up()
    net.monitor.wait(LOCAL, UP)
    net.hosts[1].ping(address(9))
    check(" mtu 1400 " in sh("ip", "link", "show", "br0"), "the new device has another MTU")
    net.finish()


def comes_back_unseen(kind):
    """Port p1 leaves and is back with the same index before the switch looks."""
    net = Net(kind=kind)
    index = open("/sys/class/net/p1/ifindex").read().strip()
    batch = os.path.join(tmp(), "batch")
    Host("away")
    net.switch.process.freeze()
    link("p1", "netns", "away")
    sh("ip", "-n", "away", "link", "set", "p1", "netns", os.getpid())
    net.switch.process.thaw()
    check(open("/sys/class/net/p1/ifindex").read().strip() == index, "the index has changed")
    net.monitor.wait(1, OFF)
    link("p1", "up")
    net.monitor.wait(1, UP)
    net.works()
    check(promiscuity("p1") == 1, "the device that is back is not promiscuous")
    check(rules_of_nft().count("sluice_p1") == 1, "the host sees frames of the device that is back")
    with open(batch, "w") as f:
        f.write(f"link del p1\nlink add p1 index {index} type veth peer name eth0 netns h1\n")
    net.switch.process.freeze()
    sh("ip", "-batch", batch)
    net.switch.process.thaw()
    net.monitor.wait(1, OFF, hw_address("p1"))
    link("p1", "up")
    net.monitor.wait(1, NO_LINK)
    net.hosts[1].address("eth0", address(1) + "/24")
    net.monitor.wait(1, UP)
    net.finish()


# rows: A2.6 A2.8
def a_raw_device_comes_back_unseen():
    comes_back_unseen("raw")


# rows: A2.6 A2.8
def a_pcap_device_comes_back_unseen():
    comes_back_unseen("pcap")


def changes_its_mtu(kind):
    net = Net(kind=kind)
    for mtu in (9000, 1500, 9000, 1500):
        for i in (1, 2):
            link(f"p{i}", "mtu", mtu)
            net.hosts[i].ip("link", "set", "eth0", "mtu", mtu)
        size = mtu - 28
        wait_until(lambda s=size: " 0% packet loss" in net.hosts[1].run(
            "ping", "-n", "-q", "-M", "do", "-s", s, "-c", 2, "-i", 0.05, "-W", 1, address(2), ok=False),
            f"frames of {mtu} bytes")
    link("p2", "mtu", 9000)
    net.hosts[2].ip("link", "set", "eth0", "mtu", 9000)

    def errors_after(n):
        """Errors of p1 when n frames beyond its MTU have come by p2, and been dealt with: a ping comes after them."""
        for _ in range(n):
            net.hosts[2].run("ping", "-n", "-q", "-M", "do", "-s", 8000, "-c", 1, "-W", 0.1, address(1), ok=False)
        net.hosts[2].ping(address(1), count=1)
        return net.switch.port_stats()["1"]["tx_errs"]
    before = errors_after(0)
    wait_until(lambda: errors_after(1) > before, "frames of 9000 bytes from p2")
    before = errors_after(0)
    errors = errors_after(3) - before
    check(errors == 3, f"{errors} of 3 frames beyond the MTU were counted as errors")
    net.finish()


def a_raw_device_changes_its_mtu():
    changes_its_mtu("raw")


def a_pcap_device_changes_its_mtu():
    changes_its_mtu("pcap")


def local_follows_the_mtu_again():
    """After it could not: it can't have the MTU of a veth. Under another name it is the same device."""
    for i in (1, 2):
        sh("ip", "link", "add", f"p{i}", "type", "veth", "peer", "name", f"e{i}")
    Switch(ports=["p1", "p2"], local=True)

    def mtu_is(wanted, name="br0"):
        wait_until(lambda: int(open(f"/sys/class/net/{name}/mtu").read()) == wanted, f"an MTU of {wanted}")
    for theirs, ours in (65535, 65521), (1400, 1400), (65535, 65521):
        for i in (1, 2):
            link(f"p{i}", "mtu", theirs)
        mtu_is(ours)
    sh("ip", "link", "set", "br0", "down", "name", "brx")
    link("p1", "mtu", 1400)
    mtu_is(1400, "brx")
    sh("ip", "link", "set", "brx", "name", "br0")
    mtu_is(1400)
    link("p1", "mtu", 1300)
    mtu_is(1300)


def local_and_made_taps_follow_the_mtu():
    for i in (1, 2):
        sh("ip", "link", "add", f"p{i}", "type", "veth", "peer", "name", f"e{i}")
    switch = Switch(ports=["p1", "p2", "t1,type=tap", "t2,type=tap,mtu=1400"], local=True)

    def mtus_are(*wanted):
        def now():
            return tuple(int(open(f"/sys/class/net/{d}/mtu").read()) for d in ("br0", "t1", "t2"))
        wait_until(lambda: now() == wanted, f"MTUs {wanted} of LOCAL, tap, tap with mtu=")
    own = hw_address("br0")
    mtus_are(1400, 1400, 1400)
    link("t2", "mtu", 9000)
    link("p1", "mtu", 3000)
    mtus_are(1500, 1500, 9000)
    link("p2", "mtu", 4000)
    mtus_are(3000, 3000, 9000)
    sh("ip", "link", "del", "p1")
    mtus_are(4000, 4000, 9000)
    check(hw_address("br0") == own, "LOCAL's address has changed")
    check(switch.process.running(), "the switch has ended")
    switch.stop()
    sh("ip", "link", "add", "p1", "type", "veth", "peer", "name", "e1")
    switch.start()
    check(hw_address("br0") == own, "LOCAL's address has changed by a restart")


def changes_its_address(kind):
    net = Net(kind=kind)
    link("p1", "address", "02:00:00:00:11:11")
    net.monitor.wait(1, UP, "02:00:00:00:11:11")
    net.finish()


def a_raw_device_changes_its_address():
    changes_its_address("raw")


def a_pcap_device_changes_its_address():
    changes_its_address("pcap")


def carrier_comes_and_goes_on(kind, times):
    net = Net(kind=kind)
    for _ in range(times):
        net.hosts[1].ip("link", "set", "eth0", "down")
        net.monitor.wait(1, NO_LINK)
        net.hosts[1].ip("link", "set", "eth0", "up")
        net.monitor.wait(1, UP)
    net.finish()


# rows: A2.8 A7.6
def carrier_comes_and_goes():
    carrier_comes_and_goes_on("raw", 2)


def carrier_of_a_pcap_device_comes_and_goes():
    carrier_comes_and_goes_on("pcap", 1)


def a_device_flaps_a_hundred_times():
    """Faster than anybody is told: what is told alternates, and the last of it is true."""
    net = Net()
    for dev in ("p1", "eth0"):
        with open(f"{tmp()}/{dev}", "w", encoding="ascii") as f:
            f.write(f"link set {dev} down\nlink set {dev} up\n" * 5)
    for _ in range(10):
        sh("ip", "-batch", f"{tmp()}/p1")
        net.hosts[1].ip("-batch", f"{tmp()}/eth0")
        net.others.goes_on()
    wait_until(lambda: net.monitor.look() and net.monitor.seen[-1][1:3] == UP, "the port's being up")
    net.works()
    states = [s[1:3] for s in net.monitor.look() if s[0] == 1]
    check(2 <= len(states) and all(a != b for a, b in zip(states, states[1:])), f"told: {states}")
    net.monitor.wanted = [s[:3] for s in net.monitor.seen]
    net.finish()


def the_administrator_takes_a_device_down():
    net = Net()
    for _ in range(3):
        link("p1", "down")
        net.monitor.wait(1, OFF)
        link("p1", "up")
        net.monitor.wait(1, UP)
    net.finish()


# rows: A7.5
def port_mod_takes_a_device_down():
    net = Net()
    for _ in range(3):
        net.switch.ofctl("mod-port", "p1", "down")
        net.monitor.wait(1, OFF)
        check("state DOWN" in sh("ip", "link", "show", "p1"), "the device is not down")
        net.switch.ofctl("mod-port", "p1", "up")
        net.monitor.wait(1, UP)
    net.switch.ofctl("mod-port", "p1", "down")
    net.monitor.wait(1, OFF)
    link("p1", "up")
    net.monitor.wait(1, UP)
    net.finish()


def a_device_found_down_stays_down():
    for i in (1, 2):
        sh("ip", "link", "add", f"p{i}", "type", "veth", "peer", "name", f"e{i}")
    link("p2", "up")
    switch = Switch(ports=["p1", "p2"])
    check(switch.ofctl("show").count("PORT_DOWN") == 1, "PORT_DOWN does not mirror the device")
    switch.stop()
    check("state DOWN" in sh("ip", "link", "show", "p1"), "the device was raised")
    check(promiscuity("p1") == 0 and promiscuity("p2") == 0, "a device is still promiscuous")


def a_tap_goes_down_in_its_host():
    net = Net(kind="tap")
    sh("ip", "-n", "h1", "link", "set", "eth0", "down")
    net.others.goes_on()
    net.hosts[2].run("ping", "-n", "-q", "-c", 20, "-i", 0.01, "-W", 1, address(1), ok=False)
    sh("ip", "-n", "h1", "link", "set", "eth0", "up")
    net.finish()


def a_tap_here_goes_down_and_up():
    quiet = Switch(ports=["t1,type=tap", "t2,type=tap"])
    monitor = Monitor(quiet)
    for _ in range(2):
        quiet.ofctl("mod-port", "t1", "up")
        monitor.wait(1, UP)
        quiet.ofctl("mod-port", "t1", "down")
        monitor.wait(1, NOT_ADMIN)
        link("t1", "up")
        monitor.wait(1, UP)
        link("t1", "down")
        monitor.wait(1, NOT_ADMIN)
        sh("ip", "link", "del", "t1")
        monitor.wait(1, NO_LINK)
        sh("ip", "tuntap", "add", "t1", "mode", "tap")
        monitor.wait(1, NOT_ADMIN)
    monitor.compare()


# rows: A7.5
def a_tap_that_is_away_has_no_namesake():
    """What is done to a port whose tap went to another namespace is not done to a device of its name."""
    need_tap()
    Host("away")
    quiet_veth("p2", "e2")
    switch = Switch(ports=["tq,type=tap", "p2"])
    link("tq", "netns", "away")
    quiet_veth("tq", "e1")
    switch.ofctl("mod-port", "tq", "down")
    link("p2", "mtu", 1400)
    switch.says("can't set the MTU to 1400")
    shown = sh("ip", "link", "show", "tq")
    check("mtu 1500" in shown and ",UP" in shown, f"the namesake was changed: {shown}")
    monitor = Monitor(switch)
    switch.ofctl("mod-port", "tq", "up")
    monitor.wait(1, UP)
    switch.ofctl("mod-port", "tq", "down")
    monitor.wait(1, NOT_ADMIN)
    monitor.compare()


# rows: A2.8
def a_tap_that_is_renamed_is_told_as_it_is():
    need_tap()
    switch = Switch(ports=["tr,type=tap"])
    monitor = Monitor(switch)
    link("tr", "up")
    monitor.wait(1, UP)
    sh("ip", "link", "set", "tr", "down", "name", "ts")
    monitor.wait(1, NOT_ADMIN)
    switch.ofctl("mod-port", "tr", "up")
    monitor.wait(1, UP)
    check(",UP" in sh("ip", "link", "show", "ts"), "the device is not up")
    monitor.compare()


def a_tap_is_left_as_it_was_found():
    need_tap()
    sh("ip", "tuntap", "add", "tt", "mode", "tap")
    link("tt", "address", "02:aa:00:00:00:01")
    switch = Switch()
    ctl = (program("sluicectl"), "--run-dir", switch.run_dir)

    def like():
        return hw_address("tt"), int(open("/sys/class/net/tt/mtu", encoding="ascii").read())
    before = like()
    sh(*ctl, "port", "add", "br0", "tt,mac=02:bb:00:00:00:01,mtu=99999", ok=False)
    check(like() == before, f"a refused port has changed the tap: {like()}")
    out = sh(*ctl, "port", "add", "br0", "tt,mac=02:bb:00:00:00:01,mtu=1400,queue=1:min-rate=900G", ok=False)
    check("guarantee less" in out and like() == before, f"{out}the tap is now {like()}")
    for end in (lambda: sh(*ctl, "port", "del", "br0", "tt"), switch.stop):
        sh(*ctl, "port", "add", "br0", "tt,mac=02:bb:00:00:00:01,mtu=1400")
        check(like() == ("02:bb:00:00:00:01", 1400), f"the tap is not as asked for: {like()}")
        end()
        check(like() == before, f"the tap is not as it was: {like()}")


def a_capture_file_is_one_ports():
    """What is in it stays unless the port is there; neither a second writer nor a reader gets at it."""
    name = os.path.join(tmp(), "f.pcap")
    quiet_veth("p1", "e1")
    switch = Switch(ports=["p1", f"w1,type=pcap,out={name}"])
    ctl = (program("sluicectl"), "--run-dir", switch.run_dir)

    def size():
        return os.stat(name).st_size

    def passes():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind(("e1", 0))
            s.send(bytes.fromhex("ffffffffffff02000000000188b5") + bytes(50))
        return size() > 24
    wait_until(passes, "a frame in the file")
    for words in (f"w2,type=pcap,out={name}", f"w2,type=pcap,in={name}"):
        out = sh(*ctl, "port", "add", "br0", words, ok=False)
        check("choose another" in out and out.count("\n") == 1, out)
    sh(*ctl, "port", "del", "br0", "w1")
    before = size()
    check(before > 24, "the capture is gone")
    out = sh(*ctl, "port", "add", "br0", f"w1,type=pcap,out={name},queue=1:min-rate=1M", ok=False)
    check("the speed of the device is not known" in out and size() == before, f"{out}{size()} bytes")
    sh(*ctl, "port", "add", "br0", f"r1,type=pcap,in={name},ofport=7")
    out = sh(*ctl, "port", "add", "br0", f"w1,type=pcap,out={name}", ok=False)
    check("choose another" in out and size() == before, f"{out}{size()} bytes")
    wait_until(lambda: switch.port_stats()["7"]["rx_packets"] > 0, "the frame that was captured")
    sh(*ctl, "port", "del", "br0", "r1")
    sh(*ctl, "port", "add", "br0", f"w1,type=pcap,out={name}")
    check(size() == 24, "no new capture")


def an_optional_device_appears_later():
    net = Net("--port", "p5,optional", "--port", "p6,type=pcap,optional", "--port", "t7,optional", n_up=0)
    for i in (5, 6):
        host = Host(f"h{i}")
        sh("ip", "link", "add", f"p{i}", "type", "veth", "peer", "name", "eth0", "netns", host.name)
        net.monitor.wait(i, OFF, hw_address(f"p{i}"))
        host.address("eth0", address(i) + "/24")
        link(f"p{i}", "up")
        net.monitor.wait(i, UP)
        host.ping(address(4))
        check(rules_of_nft().count(f"sluice_p{i}") == 1, "the host sees frames of the new device")
    sh("ip", "tuntap", "add", "t7", "mode", "tap")
    net.monitor.wait(7, NOT_ADMIN)
    link("t7", "up")
    net.monitor.wait(7, UP)
    check("(p5)" in net.switch.ofctl("show"), "the port has no name")
    net.finish()


def an_optional_tap_that_stays_open_elsewhere_is_told_of():
    switch = Switch(ports=["t1,optional"])
    held = Held("t1")

    def is_told():
        link("t1", "mtu", 1400)
        link("t1", "mtu", 1500)
        return "t1: another program has this tap open" in switch.output()
    wait_until(is_told, "the complaint")
    os.close(held.fd)
    sh("ip", "tuntap", "add", "t1", "mode", "tap")
    link("t1", "up")
    switch.says("t1: the device has appeared")


def forwarded_twice(dev, switch):
    return f"{dev}: process {switch.process.pid} of user 0 forwards this device too"


def locks():
    return sh("ss", "-xlH").count("@sluice/device/")


def who_forwards_is_known(kind, other_kind):
    """A switch with p1 of 'kind', a second one of 'other_kind', a third of 'kind' again."""
    for i in (1, 2):
        quiet_veth(f"p{i}", f"e{i}")
    p1, other_p1 = f"p1,type={kind}", f"p1,type={other_kind}"
    first = Switch(ports=[p1])
    check(locks() == 1, sh("ss", "-xl"))
    # A port that is deleted and added at once has the lock in the end, and nothing is told.
    for _ in range(5):
        for words in (("del", "br0", "p1"), ("add", "br0", p1)):
            sh(program("sluicectl"), "--run-dir", first.run_dir, "port", *words)
    sh("ip", "link", "set", "p1", "mtu", "1400")
    wait_until(lambda: locks() == 1, "the lock")
    check("forwards this device too" not in first.output(), first.output())
    # host=keep makes no difference, and however often the second looks it tells once.
    second = Switch(ports=["p2", other_p1 + ",host=keep"])
    check(forwarded_twice("p1", first) in second.output(), second.output())
    check("p2: process" not in second.output() and locks() == 2, second.output())
    for mtu in range(1300, 1310):
        sh("ip", "link", "set", "p1", "mtu", mtu)
    sh("ip", "link", "set", "p1", "address", "02:00:00:00:11:11")
    wait_until(lambda: "02:00:00:00:11:11" in second.ofctl("show"), "the last look")
    second.stop()
    check(second.output().count("forwards this device too") == 1, second.output())
    # A switch that is killed holds nothing; one that has waited gets it.
    second.start()
    first.stop(signal.SIGKILL)
    sh("ip", "link", "set", "p1", "mtu", "1400")
    wait_until(lambda: locks() == 2, "the lock of both devices")
    third = Switch(ports=[p1 + ",optional"])
    check(forwarded_twice("p1", second) in third.output(), third.output())
    # A device of the same index in another namespace is another one.
    index = open("/sys/class/net/p1/ifindex").read().strip()
    away = Host("away")
    away.ip("link", "add", "p1", "index", index, "type", "veth", "peer", "name", "e1")
    other = away.start(program("sluiced"), "--run-dir", f"{tmp()}/away", "--no-local", "--port", p1)
    other.says("bridge br0: ")
    check("forwards this device too" not in other.output(), other.output())
    for s in (second, third, other):
        check(s.stop() == 0, "exit status")


def who_forwards_a_raw_device_is_known():
    who_forwards_is_known("raw", "raw")


def who_forwards_a_pcap_device_is_known():
    who_forwards_is_known("pcap", "pcap")


def who_forwards_a_raw_and_pcap_device_is_known():
    who_forwards_is_known("raw", "pcap")


def two_switches_share_a_raw_device():
    net = Net()
    second = Switch("--fail-mode", "secure", "--controller", "tcp:127.0.0.1:1", ports=["p1"])
    second.ofctl("add-flow", "actions=drop")
    net.works()
    wait_until(lambda: second.port_stats()["1"]["rx_packets"] > 5, "frames at the second switch")
    warned = [line for line in second.output().split("bridge br0: ")[0].splitlines() if "warn" in line]
    check(len(warned) == 1 and forwarded_twice("p1", net.switch) in warned[0],
          "one warning is due:\n" + second.output())
    check("forwards this device too" not in net.switch.output(), net.switch.output())
    check(len(rules_of_nft()) == 5, f"each switch has an ingress drop: {rules_of_nft()}")
    second.stop()
    check("sluice_p1" in rules_of_nft(), "the first switch has lost its ingress drop")
    second.start()
    net.finish()
    net.switch.stop()
    check(rules_of_nft() == [f"sluice_p1__{second.process.pid}"], f"the second has none: {rules_of_nft()}")
    second.stop()
    check(not rules_of_nft(), "rules are left behind")


def two_switches_can_not_share_a_tap():
    Switch(ports=["t1,type=tap"])
    out = sh(program("sluiced"), "--run-dir", tmp(), "--no-local", "--port", "t1", ok=False)
    check(out.count("\n") == 1 and "t1: another program has this tap open" in out, out)


def already_a_port(out, name, number, port, bridge):
    text = f"{name}: the device is port {number} ({port}) of bridge {bridge} already"
    check(out.count("\n") == 1 and text in out, out)


def a_device_is_a_port_only_once():
    quiet_veth("p1", "e1")
    sh("ip", "link", "property", "add", "dev", "p1", "altname", "p1-too")
    run_dir = ("--run-dir", tmp(), "--no-local")
    for name in ("p1", "p1,type=pcap", "p1-too", "p9,optional", "t1,type=tap"):
        first = name if "p9" in name or "t1" in name else "p1"
        out = sh(program("sluiced"), "--bridge", "b1", *run_dir, "--port", first, "--bridge", "b2",
                 "--no-local", "--port", name, ok=False, timeout=PATIENCE)
        out = "".join(line + "\n" for line in out.splitlines() if "|info|" not in line)
        already_a_port(out, name.split(",")[0], 1, first.split(",")[0], "b1")
    out = sh(program("sluiced"), *run_dir, "--port", "p1", "--port", "p1-too", ok=False,
             timeout=PATIENCE)
    check("p1-too: the device is port 1 (p1) of bridge br0 already" in out, out)


def a_refused_port_leaves_the_device_alone_that_is_a_port():
    """Looking for a rival opens nothing: a tap with many queues would take another one."""
    need("ethtool")
    need_tap()
    sh("ip", "tuntap", "add", "mq", "mode", "tap", "multi_queue")
    sh("ip", "link", "property", "add", "dev", "mq", "altname", "mq-too")
    switch = Switch("--bridge", "br1", "--no-local", ports=["mq"])
    ctl = (program("sluicectl"), "--run-dir", switch.run_dir)

    def like():
        return (hw_address("mq"), open("/sys/class/net/mq/mtu", encoding="ascii").read(),
                sh("ethtool", "-k", "mq"))
    before = like()
    check("tcp-segmentation-offload: on" in before[2], before[2])
    for name in ("mq", "mq-too,type=tap"):
        out = sh(*ctl, "port", "add", "br1", name + ",mac=02:cc:00:00:00:01,mtu=1300", ok=False)
        already_a_port(out, name.split(",")[0], 1, "mq", "br0")
        check(like() == before, f"the tap has changed: {before} {like()}")


def a_device_can_go_from_bridge_to_bridge():
    quiet_veth("p1", "e1")
    switch = Switch("--bridge", "br1", "--no-local", ports=["p1"])
    ctl = (program("sluicectl"), "--run-dir", switch.run_dir)
    before = sh(*ctl, "show")
    out = sh(*ctl, "port", "add", "br1", "p1", ok=False)
    already_a_port(out, "p1", 1, "p1", "br0")
    check(sh(*ctl, "show") == before, "something has changed")
    sh(*ctl, "port", "del", "br0", "p1")
    sh(*ctl, "port", "add", "br1", "p1")
    wait_until(lambda: rules_of_nft() and rules_of_nft()[0].startswith("sluice_p1"), "the ingress drop")
    already_a_port(sh(*ctl, "port", "add", "br0", "p1", ok=False), "p1", 1, "p1", "br1")


class Held:
    """A tap that somebody has open and never reads."""

    def __init__(self, name, flags=0x1002):
        self.fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.fd, 0x400454ca, struct.pack("16sH22x", name.encode(), flags))
        link(name, "txqueuelen", 1)
        link(name, "up")


def takes_no_frames(kind):
    Held("dead")
    net = Net("--port", f"dead,type={kind}", n_up=5)
    net.switch.ofctl("add-flow", "in_port=1,actions=output:5,normal")
    net.switch.ofctl("add-flow", "in_port=3,actions=output:5,normal")
    for _ in range(3):
        net.stream.goes_on()
        net.others.goes_on()
    wait_until(lambda: net.switch.port_stats()["5"]["tx_packets"] > 100, "frames to the dead device")
    net.finish()


def a_device_that_takes_no_frames_holds_nobody_up():
    takes_no_frames("raw")


def a_pcap_device_that_takes_no_frames_holds_nobody_up():
    takes_no_frames("pcap")


class Guest(Held):
    """A virtual machine's tap."""
    ETHER = bytes.fromhex("ffffffffffff020000000001")

    def __init__(self):
        IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 2, 0x1000, 0x4000
        super().__init__("guest", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)

    def send(self, n=1):
        for _ in range(n):
            os.write(self.fd, bytes(10) + self.ETHER + b"\x88\xb5" + bytes(50))

    def send_large(self):
        """Sends a super-frame of UDP fragmentation, for which the ring has no word."""
        GSO_UDP = 3
        data = bytes(4000)
        udp = struct.pack("!HHHH", 1, 2, 8 + len(data), 0) + data
        ip = struct.pack("!BBHHHBBH8s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes(8))
        try:
            os.write(self.fd, struct.pack("<BBHHHH", 1, GSO_UDP, 42, 1480, 34, 6) + self.ETHER + b"\x08\x00"
                     + ip + udp)
        except OSError as error:
            raise Skip("this kernel takes no such frame") from error


def a_frame_that_the_kernel_can_not_describe_stops_no_port():
    guest = Guest()
    net = Net("--port", "guest,type=raw", n_up=5)

    def received():
        return net.switch.port_stats()["5"]["rx_packets"]

    def passes(n=1):
        guest.send(n)
        return received() > before

    for _ in range(2):
        guest.send(100)
        before = received()
        wait_until(passes, "frames before")
        guest.send_large()
        before = received()
        wait_until(passes, "frames afterwards")
        before = received() + 5000
        wait_until(lambda: passes(50), "many frames")
    check(promiscuity("guest") == 1, "promiscuity")
    net.switch.says("guest: the kernel stopped receiving")
    net.finish()


def a_port_that_receives_no_more_is_found_out_though_nothing_else_happens():
    guest = Guest()
    switch = Switch("--workers", 2, "--port", "guest,type=raw")
    switch.wait_ports(1)
    guest.send_large()

    def is_found_out():
        guest.send()
        return "guest: the kernel stopped receiving" in switch.output()

    wait_until(is_found_out, "the look")
    check(switch.stop() == 0, "exit status")


def is_slow(kind, limit):
    """Port p1 of 'kind' has a queue of 'limit' bytes: that gets full, or the socket that its frames belong to."""
    tbf = ["root", "tbf", "rate", "8kbit", "burst", 1600, "limit", limit]
    if "Error" in sh("tc", "qdisc", "add", "dev", "lo", *tbf, ok=False):
        raise Skip("this kernel has no tbf")
    net = Net(kind=kind)
    net.switch.ofctl("add-flow", "in_port=3,actions=output:1,normal")
    sh("tc", "qdisc", "add", "dev", "p1", *tbf)
    flood = net.hosts[3].start("ping", "-n", "-q", "-i", 0.002, "-s", 1000, address(4))
    wait_until(lambda: net.switch.port_stats()["1"]["tx_drop"] > 20, "frames lost on the way out of p1")
    net.others.goes_on()
    flood.stop()
    sh("tc", "qdisc", "del", "dev", "p1", "root")
    net.finish()


def a_slow_device_holds_nobody_up():
    is_slow("raw", 3000)


def a_slow_pcap_device_holds_nobody_up():
    is_slow("pcap", 10000000)


def a_capture_on_all_devices_takes_their_fast_sockets_until_it_ends():
    need_root()  # Others may lack the locked memory that AF_XDP takes.
    ports = [f"p{i}" for i in range(1, 9)]
    try:
        socket.socket(AF_XDP, socket.SOCK_RAW).close()
    except OSError as e:
        raise Skip("no AF_XDP here") from e
    for i, port in enumerate(ports, 1):
        quiet_veth(port, f"e{i}")
    switch = Switch("--workers", 1, ports=ports)
    switch.wait_ports(len(ports))

    def files():
        switch.ofctl("show")  # Devices are looked at while something goes on.
        return switch.process.files()

    wait_until(lambda: files() == files(), "rest")
    before = files()
    for _ in range(2):
        capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        wait_until(lambda: files() == before - len(ports), "AF_XDP sockets being closed")
        capture.close()
        wait_until(lambda: files() == before, "AF_XDP sockets being opened again")
    check(switch.stop() == 0, "exit status")


def the_host_keeps_what_it_is_told_to_keep():
    hosts = {i: Host(f"h{i}") for i in (1, 2)}
    for i, host in hosts.items():
        veth_port(host, f"p{i}")
        host.address("eth0", f"10.0.{i}.1/24")
        sh("ip", "addr", "add", f"10.0.{i}.2/24", "dev", f"p{i}")
    switch = Switch("--fail-mode", "secure", ports=["p1", "p2,host=keep"])
    check("p1: has an IP address" in switch.output(), "no warning")
    check("p2: has an IP address" not in switch.output(), "a warning for nothing")
    out = hosts[1].run("ping", "-n", "-q", "-c", 2, "-i", 0.1, "-W", 1, "10.0.1.2", ok=False)
    check("100% packet loss" in out, "the host has answered:\n" + out)
    hosts[2].ping("10.0.2.2")
    switch.stop()
    check(not rules_of_nft(), "rules are left behind")
    hosts[1].ping("10.0.1.2")


def taps_belong_to_whom_they_are_given():
    switch = Switch(ports=["t1,type=tap,owner=nobody,group=daemon", "t2,type=tap,owner=1234"])
    out = sh("ip", "-d", "tuntap", "show")
    details = sh("ip", "-d", "link", "show", "t1") + sh("ip", "-d", "link", "show", "t2")
    check("user nobody group daemon" in details and "user 1234" in details, out + details)
    switch.stop()
    check("t1" not in sh("ip", "link"), "a tap is left behind")


def run_tcp(hosts, switch):
    """TCP both ways with default offloads between the two hosts."""
    hosts[1].ping(address(2))
    server = hosts[2].start(*TRAFFIC, "tcp-serve", 5001, 2, 1000000, name="server")
    server.says("ready")
    hosts[1].run(*TRAFFIC, "tcp-run", address(2), 5001, 2, 1000000, 40000)
    check(server.wait() == 0, "server:\n" + server.output())
    check(switch.process.running(), "the switch has ended")


def tcp_between(kind1, kind2, between=()):
    """TCP between ports of two kinds, of one bridge or with the words 'between' for the command line."""
    hosts = {}
    ports = []
    for i, kind in ((1, kind1), (2, kind2)):
        hosts[i] = Host(f"h{i}")
        if kind != "tap":
            veth_port(hosts[i], f"p{i}")
        ports.append(f"p{i},type={kind}")
    words = ["--no-local", "--port", ports[0], *between, "--port", ports[1]]
    switch = Switch(*words, local=True)
    for i, kind in ((1, kind1), (2, kind2)):
        if kind == "tap":
            link(f"p{i}", "netns", f"h{i}")
            hosts[i].ip("link", "set", f"p{i}", "name", "eth0")
        hosts[i].address("eth0", address(i) + "/24")
    run_tcp(hosts, switch)
    return hosts, switch


def tcp_passes_between_raw_and_pcap():
    tcp_between("raw", "pcap")


def tcp_passes_between_tap_and_pcap():
    tcp_between("tap", "pcap")


def tcp_passes_between_pcap_and_pcap():
    tcp_between("pcap", "pcap")


def tcp_passes_whole_through_three_bridges():
    """Over patch ports, whole where the ends take it: a bridge in between has packets of 64 KiB to count."""
    between = ("--port", "a1,type=patch,peer=b1", "--bridge", "br1", "--no-local", "--port", "b1,type=patch,peer=a1",
               "--port", "b2,type=patch,peer=c2", "--bridge", "br2", "--no-local", "--port", "c2,type=patch,peer=b2")
    _hosts, switch = tcp_between("raw", "tap", between)
    counted = json.loads(sh(program("sluice-ofctl"), "--run-dir", switch.run_dir, "--json", "dump-ports", "br1"))
    for port in counted:
        check(port["rx"]["bytes"] > 1500 * port["rx"]["pkts"], f"super-frames were cut: {counted}")
        check(port["rx"]["errs"] == port["tx"]["drop"] == 0, str(counted))


def tcp_passes_through_three_bridges_to_a_port_without_offloads():
    between = ("--port", "a1,type=patch,peer=b1", "--bridge", "br1", "--no-local", "--port", "b1,type=patch,peer=a1",
               "--port", "b2,type=patch,peer=c2", "--bridge", "br2", "--no-local", "--port", "c2,type=patch,peer=b2")
    tcp_between("raw", "pcap", between)


def tcp_passes_to_the_local_port():
    """Between a host and the machine of the switch, which is behind LOCAL."""
    need_tap()
    host = Host("h1")
    veth_port(host, "p1")
    host.address("eth0", address(1) + "/24")
    switch = Switch("--port", "p1", local=True)
    link("br0", "up")
    sh("ip", "addr", "add", address(2) + "/24", "dev", "br0")
    host.ping(address(2))
    server = Process(*TRAFFIC, "tcp-serve", 5001, 2, 1000000, name="server")
    server.says("ready")
    host.run(*TRAFFIC, "tcp-run", address(2), 5001, 2, 1000000, 40000)
    check(server.wait() == 0, "server:\n" + server.output())
    check(switch.stop() == 0, "exit status")


main(a_raw_device_vanishes_and_returns, a_pcap_device_vanishes_and_returns, a_tap_vanishes_and_returns,
     a_raw_device_is_renamed, a_pcap_device_is_renamed, another_device_takes_the_name,
     a_raw_device_goes_to_another_namespace, a_pcap_device_goes_to_another_namespace,
     a_tap_goes_from_namespace_to_namespace, local_goes_to_another_namespace, local_is_deleted_and_made_anew,
     a_raw_device_comes_back_unseen, a_pcap_device_comes_back_unseen,
     a_raw_device_changes_its_mtu, a_pcap_device_changes_its_mtu,
     local_and_made_taps_follow_the_mtu, local_follows_the_mtu_again,
     a_raw_device_changes_its_address, a_pcap_device_changes_its_address,
     carrier_comes_and_goes, carrier_of_a_pcap_device_comes_and_goes,
     the_administrator_takes_a_device_down, port_mod_takes_a_device_down,
     a_device_flaps_a_hundred_times, a_device_found_down_stays_down, a_tap_goes_down_in_its_host, a_tap_here_goes_down_and_up,
     a_tap_that_is_away_has_no_namesake, a_tap_that_is_renamed_is_told_as_it_is, a_tap_is_left_as_it_was_found,
     a_capture_file_is_one_ports, an_optional_device_appears_later,
     an_optional_tap_that_stays_open_elsewhere_is_told_of, two_switches_share_a_raw_device,
     who_forwards_a_raw_device_is_known, who_forwards_a_pcap_device_is_known,
     who_forwards_a_raw_and_pcap_device_is_known,
     two_switches_can_not_share_a_tap, a_device_is_a_port_only_once,
     a_refused_port_leaves_the_device_alone_that_is_a_port,
     a_device_can_go_from_bridge_to_bridge,
     a_device_that_takes_no_frames_holds_nobody_up, a_pcap_device_that_takes_no_frames_holds_nobody_up,
     a_frame_that_the_kernel_can_not_describe_stops_no_port,
     a_port_that_receives_no_more_is_found_out_though_nothing_else_happens,
     a_slow_device_holds_nobody_up, a_slow_pcap_device_holds_nobody_up,
     a_capture_on_all_devices_takes_their_fast_sockets_until_it_ends,
     the_host_keeps_what_it_is_told_to_keep,
     taps_belong_to_whom_they_are_given, tcp_passes_between_raw_and_pcap,
     tcp_passes_between_tap_and_pcap, tcp_passes_between_pcap_and_pcap,
     tcp_passes_whole_through_three_bridges, tcp_passes_through_three_bridges_to_a_port_without_offloads,
     tcp_passes_to_the_local_port)
