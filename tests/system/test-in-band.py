#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""In-band control: controllers behind data ports, also behind another switch and behind a router; IPv4, IPv6."""
import os
import re
import resource
import signal
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Host, Switch, check, main, need_tap, program, sh, tmp, veth_port, wait_until)

CONTROLLER = "10.0.0.9"
CONTROLLER6 = "2001:db8::9"
ALL_NODES = "ff02::1"
OPTIONS = ["--in-band", "--fail-mode", "secure", "--inactivity-probe", 1, "--max-backoff", 1]


def controller_at(host, address=f"{CONTROLLER}/24"):
    """A controller in 'host' that sets no rules."""
    host.address("eth0", address)
    ip = address.split("/")[0]
    return host.start(program("sluice-controller"), "--noflow", f"ptcp:6653:[{ip}]" if ":" in ip else f"ptcp:6653:{ip}")


def switch(address, *ports, bridge="br0", target=f"tcp:{CONTROLLER}:6653"):
    """A switch that dials the controller through its own LOCAL port."""
    s = Switch("--bridge", bridge, "--controller", target, *OPTIONS, *sum((["--port", p] for p in ports), []),
               local=True, bridge=bridge)
    sh("ip", "addr", "add", address, "dev", bridge)
    sh("ip", "link", "set", bridge, "up")
    return s


def connections(s):
    return s.output().count(": connected")


def losses(s):
    return s.output().count("connection lost")


def channels_come_back(controller, *switches):
    """Lets all channels be lost at once and come back."""
    lost = [losses(s) for s in switches]
    controller.process.send_signal(signal.SIGSTOP)
    for s, n in zip(switches, lost):
        wait_until(lambda s=s, n=n: losses(s) > n, "the probe that is not answered")
    back = [connections(s) for s in switches]
    controller.process.send_signal(signal.SIGCONT)
    for s, n in zip(switches, back):
        wait_until(lambda s=s, n=n: connections(s) > n, "the channel's return")


def is_cut_off(host, address):
    """Fails if a ping from 'host' gets an answer."""
    out = host.run("ping", "-n", "-c", 1, "-W", 1, address, ok=False)
    check("100% packet loss" in out, "something else went through:\n" + out)


def survives(s, controller, host):
    """Drops everything, and lets the channel be lost and come back nevertheless."""
    s.ofctl("add-flow", "priority=65535,actions=drop")
    is_cut_off(host, s.address)
    wait_until(lambda: s.flow_counters()[0] > 0, "a packet that the rule for everything drops")
    channels_come_back(controller, s)
    flows = s.ofctl("dump-flows")
    check(flows.count("actions=") == 1, flows)


# rows: A1.21
def the_channel_survives_a_rule_that_drops_everything():
    need_tap()
    host = Host("ctl")
    veth_port(host, "p1")
    controller = controller_at(host)
    s = switch("10.0.0.1/24", "p1")
    s.address = "10.0.0.1"
    s.says(": connected")
    survives(s, controller, host)


def the_rules_stay_while_the_switch_has_no_descriptors_to_look_at_the_network():
    need_tap()
    host = Host("ctl")
    veth_port(host, "p1")
    controller_at(host)
    s = switch("10.0.0.1/24", "p1")
    s.says(": connected")
    sh(program("sluicectl"), "--run-dir", s.run_dir, "set", "br0", "inactivity-probe=60")
    s.ofctl("add-flow", "priority=65535,udp,actions=controller")
    s.ofctl("add-flow", "priority=65534,actions=drop")
    before = connections(s)
    usual = resource.prlimit(s.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(s.process.pid, resource.RLIMIT_NOFILE, (0, usual[1]))
    s.says("its rules stay as they are: Too many open files")
    host.run("ip", "neigh", "flush", "all")

    def is_found():
        host.run("ping", "-n", "-c", 1, "-W", 1, "10.0.0.1", ok=False)
        return "lladdr" in host.ip("neigh", "show", "10.0.0.1")
    wait_until(is_found, "an answer to ARP")

    def received():
        """Bytes that the controller has got by the channel."""
        return int(re.search(r"bytes_received:(\d+)", host.run("ss", "-tinH", "sport = :6653"))[1])
    at_first = received()

    def is_told():
        with host.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"?", ("10.0.0.1", 9))
        return received() > at_first
    wait_until(is_told, "news over the channel")
    check(connections(s) == before, "the channel was lost")
    resource.prlimit(s.process.pid, resource.RLIMIT_NOFILE, usual)


def near_and_far():
    """The host of the controller behind port p1 and that of another switch behind p2."""
    host, far = Host("ctl"), Host("far")
    veth_port(host, "p1")
    veth_port(far, "p2")
    return host, far


def far_switch(near, far, target, address):
    """A switch in 'far' that reaches the controller through 'near', when both drop everything."""
    near.says(": connected")
    near.ofctl("add-flow", "priority=65535,actions=drop")
    run_dir = f"{tmp()}/far"
    os.mkdir(run_dir)
    beyond = far.start(program("sluiced"), "--run-dir", run_dir, "--bridge", "br1", "--controller",
                       target, *OPTIONS, "--port", "eth0", name="sluiced")
    beyond.says("bridge br1: ")
    far.address("br1", address)
    beyond.says(": connected")
    far.run(program("sluice-ofctl"), "--run-dir", run_dir, "add-flow", "br1", "priority=65535,actions=drop")
    return beyond


# rows: A1.21
def the_far_switch_of_two_in_a_row_reaches_the_controller():
    """The near one is here, the far one in a namespace of its own, each with its own device LOCAL."""
    need_tap()
    host, far = near_and_far()
    controller = controller_at(host)
    near = switch("10.0.0.1/24", "p1", "p2")
    beyond = far_switch(near, far, f"tcp:{CONTROLLER}", "10.0.0.2/24")
    near.ofctl("del-flows")
    near.ofctl("add-flow", "priority=65535,actions=drop")
    far.run("ip", "neigh", "flush", "all")
    is_cut_off(host, "10.0.0.2")
    channels_come_back(controller, near, beyond)


# rows: A1.21
def a_controller_behind_a_router_is_reached():
    need_tap()
    router, host = Host("router"), Host("ctl")
    veth_port(router, "p1")
    sh("ip", "link", "add", "r1", "netns", "router", "type", "veth", "peer", "name", "eth0", "netns", "ctl")
    router.address("eth0", "10.0.0.254/24")
    router.address("r1", "192.0.2.254/24")
    router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
    controller = controller_at(host, "192.0.2.9/24")
    host.ip("route", "add", "default", "via", "192.0.2.254")
    s = switch("10.0.0.1/24", "p1", target="tcp:192.0.2.9:6653")
    sh("ip", "route", "add", "default", "via", "10.0.0.254")
    s.says(": connected")
    s.address = "10.0.0.1"
    router.run("ip", "neigh", "flush", "all")
    sh("ip", "neigh", "flush", "all")
    survives(s, controller, host)


# IPv6 ---------------------------------------------------------------------------------------------

def address6(host, *addresses, dev="eth0"):
    """Gives a host IPv6 addresses that it may use at once."""
    for a in addresses:
        host.ip("addr", "add", a, "dev", dev, "nodad")
    host.ip("link", "set", dev, "up")


def controller6_at(host, address=f"{CONTROLLER6}/64"):
    """A controller in 'host' that sets no rules."""
    address6(host, address)
    return start_controller6(host, address.split("/")[0])


def start_controller6(host, ip=CONTROLLER6, zone=""):
    return host.start(program("sluice-controller"), "--noflow", f"ptcp:6653:[{ip}{zone}]")


def switch6(*addresses, ports=("p1",), bridge="br0", target=f"tcp:[{CONTROLLER6}]:6653", settled=True):
    """A switch that dials the controller through its own LOCAL port; unless 'settled' is false it comes
    back when its addresses are known to be nobody else's."""
    s = Switch("--bridge", bridge, *(["--controller", target] if target else []), *OPTIONS,
               *sum((["--port", p] for p in ports), []), local=True, bridge=bridge)
    for a in addresses:
        sh("ip", "addr", "add", a, "dev", bridge)
    sh("ip", "link", "set", bridge, "up")
    if settled:
        wait_until(lambda: not sh("ip", "-6", "addr", "show", "dev", bridge, "tentative"), "addresses that count")
    s.address = addresses[0].split("/")[0] if addresses else None
    return s


def neighbours_are_forgotten(*hosts):
    for host in hosts:
        host.run("ip", "-6", "neigh", "flush", "all")
    sh("ip", "-6", "neigh", "flush", "all")


def is_reachable(host, address, dev="eth0"):
    return "REACHABLE" in host.ip("-6", "neigh", "show", address, "dev", dev)


def advertise(host, prefix=None, lifetime=1800, dev="eth0"):
    """A router advertisement from 'host' to all nodes."""
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, lifetime, 0, 0)
    if prefix:
        body += struct.pack("!BBBBIII16s", 3, 4, 64, 0xc0, 3600, 1800, 0, socket.inet_pton(socket.AF_INET6, prefix))
    with host.inside(), socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as s:
        index = socket.if_nametoindex(dev)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        s.sendto(body, (ALL_NODES, 0, 0, index))


# rows: A1.21
def the_channel_over_ipv6_survives_a_rule_that_drops_everything():
    """And a controller that is restarted, and neighbours that are forgotten and probed."""
    need_tap()
    host = Host("ctl")
    veth_port(host, "p1")
    controller = controller6_at(host)
    s = switch6("2001:db8::1/64")
    s.says(": connected")
    survives(s, controller, host)
    neighbours_are_forgotten(host)
    before = connections(s)
    check(controller.stop() == 0, f"the controller ended with status {controller.process.returncode}")
    s.says("connection lost")
    start_controller6(host)
    wait_until(lambda: connections(s) > before, "the channel's return")
    mac = sh("cat", "/sys/class/net/br0/address").strip()
    host.ip("neigh", "replace", s.address, "lladdr", mac, "dev", "eth0", "nud", "probe")
    wait_until(lambda: is_reachable(host, s.address), "the answer to a probe from a link-local address")
    sh("ip", "addr", "add", "2001:db8::11/64", "dev", "br0")
    wait_until(lambda: not sh("ip", "-6", "addr", "show", "dev", "br0", "tentative"), "one more address")


# rows: A1.21
def an_address_that_another_has_is_found_out_whatever_the_rules_say():
    need_tap()
    host = Host("ctl")
    veth_port(host, "p1")
    address6(host, "2001:db8::1/64")
    controller6_at(host)
    s = switch6("2001:db8::1/64", settled=False)
    s.ofctl("add-flow", "priority=65535,actions=drop")
    wait_until(lambda: "2001:db8::1/" in sh("ip", "-6", "addr", "show", "dev", "br0", "dadfailed"),
               "the address to be refused")
    sh("ip", "addr", "add", "2001:db8::2/64", "dev", "br0")
    s.says(": connected")
    check("2001:db8::2/" not in sh("ip", "-6", "addr", "show", "dev", "br0", "dadfailed"), "refused too")


# rows: A1.21
def the_far_switch_of_two_in_a_row_reaches_the_controller_over_ipv6():
    need_tap()
    host, far = near_and_far()
    controller = controller6_at(host)
    near = switch6("2001:db8::1/64", ports=("p1", "p2"))
    beyond = far_switch(near, far, f"tcp:[{CONTROLLER6}]", "2001:db8::2/64")
    neighbours_are_forgotten(host, far)
    mac = far.run("cat", "/sys/class/net/br1/address").strip()
    wait_until(lambda: "lladdr" in sh("ip", "-6", "neigh", "show", CONTROLLER6, "dev", "br0"), "the near switch's")
    host.ip("neigh", "replace", "2001:db8::2", "lladdr", mac, "dev", "eth0", "nud", "probe")
    wait_until(lambda: is_reachable(host, "2001:db8::2"), "the answer to a probe from a link-local address")
    is_cut_off(host, "2001:db8::2")
    channels_come_back(controller, near, beyond)


def behind_a_router(router, host):
    """A controller at 2001:db8:9::9, behind a router at 2001:db8::fe, by whose data port we reach it."""
    veth_port(router, "p1")
    sh("ip", "link", "add", "r1", "netns", "router", "type", "veth", "peer", "name", "eth0", "netns", "ctl")
    address6(router, "2001:db8::fe/64")
    address6(router, "2001:db8:9::fe/64", dev="r1")
    router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
    controller = controller6_at(host, "2001:db8:9::9/64")
    host.ip("route", "add", "default", "via", "2001:db8:9::fe")
    return controller


# rows: A1.21
def a_controller_behind_a_router_is_reached_over_ipv6():
    need_tap()
    router, host = Host("router"), Host("ctl")
    controller = behind_a_router(router, host)
    s = switch6("2001:db8::1/64", target="tcp:[2001:db8:9::9]:6653")
    sh("ip", "route", "add", "default", "via", "2001:db8::fe")
    s.says(": connected")
    neighbours_are_forgotten(router)
    survives(s, controller, host)


# rows: A1.21
def router_advertisements_pass_until_there_is_a_way_and_then_those_of_the_router_on_it():
    need_tap()
    router, host, rogue = Host("router"), Host("ctl"), Host("rogue")
    controller = behind_a_router(router, host)
    veth_port(rogue, "p2")
    address6(rogue, "fe80::bad/64")
    s = switch6(ports=("p1", "p2"), target="tcp:[2001:db8:9::9]:6653")
    s.ofctl("add-flow", "priority=1,actions=drop")
    of = {r: "icmp6,icmp_type=134,dl_src=" + r.run("cat", "/sys/class/net/eth0/address").strip()
          for r in (router, rogue)}
    for adverts in of.values():
        s.ofctl("add-flow", f"priority=65535,{adverts},actions=drop")

    def is_connected():
        advertise(router, "2001:db8::")
        return ": connected" in s.output()
    wait_until(is_connected, "a way by advertisements alone", pause=1)

    def is_refused():
        advertise(rogue, "2001:db8:bad::")
        return s.flow_counters(of[rogue])[0] > 0
    wait_until(is_refused, "a rogue router to be refused", pause=0.5)
    before = s.flow_counters(of[router])
    sh("ip", "-6", "route", "flush", "proto", "ra", "default")
    advertise(router, "2001:db8::")
    wait_until(lambda: "default" in sh("ip", "-6", "route", "show"), "the router's advertisement")
    check(s.flow_counters(of[router]) == before, "the router's advertisement was dropped")
    s.address = sh("ip", "-6", "addr", "show", "dev", "br0", "scope", "global").split("inet6 ")[1].split("/")[0]
    s.ofctl("del-flows")
    survives(s, controller, host)


# rows: A1.21
def a_controller_on_the_link_itself_is_reached():
    need_tap()
    host = Host("ctl")
    veth_port(host, "p1")
    address6(host, "fe80::9/64")
    controller = start_controller6(host, "fe80::9", "%eth0")
    s = switch6(target="tcp:[fe80::9%br0]:6653")
    s.says(": connected")
    s.address = sh("ip", "-6", "addr", "show", "dev", "br0").split("inet6 ")[1].split("/")[0] + "%eth0"
    survives(s, controller, host)


# rows: A1.21 A1.3
def who_listens_is_reached_at_the_addresses_of_local_and_nothing_else_is():
    need_tap()
    host = Host("mgmt")
    veth_port(host, "p1")
    address6(host, "2001:db8::9/64", "10.0.0.9/24")
    s = Switch("--bridge", "br0", "--listen", "ptcp:6653:[::]", "--listen", "ptcp:6654", "--port", "p1", *OPTIONS,
               local=True)
    s.ofctl("add-flow", "priority=65535,actions=drop")
    sh("ip", "addr", "add", "10.0.0.1/24", "dev", "br0")
    sh("ip", "addr", "add", "2001:db8::1/64", "dev", "br0")
    sh("ip", "link", "set", "br0", "up")

    def asks(target):
        return "n_packets" in host.run(program("sluice-ofctl"), "--timeout", 10, "dump-flows", target, ok=False)
    for target in ("tcp:[2001:db8::1]:6653", "tcp:10.0.0.1:6653"):
        wait_until(lambda t=target: asks(t), target)
    neighbours_are_forgotten(host)
    host.run("ip", "neigh", "flush", "all")
    for target in ("tcp:[2001:db8::1]:6653", "tcp:10.0.0.1:6653"):
        wait_until(lambda t=target: asks(t), f"{target} again")
    for target in ("2001:db8::1", "10.0.0.1"):
        is_cut_off(host, target)


main(the_channel_survives_a_rule_that_drops_everything,
     the_far_switch_of_two_in_a_row_reaches_the_controller,
     a_controller_behind_a_router_is_reached,
     the_rules_stay_while_the_switch_has_no_descriptors_to_look_at_the_network,
     the_channel_over_ipv6_survives_a_rule_that_drops_everything,
     an_address_that_another_has_is_found_out_whatever_the_rules_say,
     the_far_switch_of_two_in_a_row_reaches_the_controller_over_ipv6,
     a_controller_behind_a_router_is_reached_over_ipv6,
     router_advertisements_pass_until_there_is_a_way_and_then_those_of_the_router_on_it,
     a_controller_on_the_link_itself_is_reached,
     who_listens_is_reached_at_the_addresses_of_local_and_nothing_else_is, together=True)
