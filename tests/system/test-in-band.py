#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""In-band control: controllers behind data ports, also behind another switch and behind a router."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Host, Switch, check, main, need_tap, program, sh, tmp, veth_port, wait_until)

CONTROLLER = "10.0.0.9"
OPTIONS = ["--in-band", "--fail-mode", "secure", "--inactivity-probe", 1, "--max-backoff", 1]


def controller_at(host, address=f"{CONTROLLER}/24"):
    """A mute controller in 'host'."""
    host.address("eth0", address)
    return host.start(program("sluice-controller"), "--mute", f"ptcp:6653:{address.split('/')[0]}")


def switch(address, *ports, bridge="br0", target=f"tcp:{CONTROLLER}:6653"):
    """A switch that dials the controller through its own LOCAL port."""
    s = Switch("--bridge", bridge, "--controller", target, *OPTIONS, *sum((["--port", p] for p in ports), []),
               local=True, bridge=bridge)
    sh("ip", "addr", "add", address, "dev", bridge)
    sh("ip", "link", "set", bridge, "up")
    return s


def connections(s):
    return s.output().count(": connected")


def survives(s, controller, host):
    """Drops everything, and lets the channel be lost and come back nevertheless."""
    s.ofctl("add-flow", "priority=65535,actions=drop")
    before = connections(s)
    out = host.run("ping", "-n", "-c", 1, "-W", 1, s.address, ok=False)
    check("100% packet loss" in out, "something else went through:\n" + out)
    n = s.flow_counters()
    check(n[0] > 0, "the rule that drops everything saw nothing")
    wait_until(lambda: s.flow_counters("arp")[0] == 0 and connections(s) == before, "quiet")
    controller.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: "connection lost" in s.output(), "the probe that is not answered")
    controller.process.send_signal(signal.SIGCONT)
    wait_until(lambda: connections(s) > before, "the channel's return", 30)
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


# rows: A1.21
def the_far_switch_of_two_in_a_row_reaches_the_controller():
    """The near one is here, the far one in a namespace of its own, each with its own device LOCAL."""
    need_tap()
    host, far = Host("ctl"), Host("far")
    veth_port(host, "p1")
    veth_port(far, "p2")
    controller_at(host)
    near = switch("10.0.0.1/24", "p1", "p2")
    near.says(": connected")
    near.ofctl("add-flow", "priority=65535,actions=drop")
    run_dir = f"{tmp()}/far"
    os.mkdir(run_dir)
    beyond = far.start(program("sluiced"), "--run-dir", run_dir, "--bridge", "br1", "--controller",
                       f"tcp:{CONTROLLER}", *OPTIONS, "--port", "eth0", name="sluiced")
    beyond.says("bridge br1: ")
    far.address("br1", "10.0.0.2/24")
    beyond.says(": connected", 30)
    far.run(program("sluice-ofctl"), "--run-dir", run_dir, "add-flow", "br1", "priority=65535,actions=drop")
    before = beyond.output().count(": connected")
    near.ofctl("del-flows")
    near.ofctl("add-flow", "priority=65535,actions=drop")
    far.run("ip", "neigh", "flush", "all")
    out = host.run("ping", "-n", "-c", 1, "-W", 1, "10.0.0.2", ok=False)
    check("100% packet loss" in out, "something else went through:\n" + out)
    check(beyond.output().count(": connected") == before, "the far switch lost the channel")


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
    s.says(": connected", 30)
    s.address = "10.0.0.1"
    router.run("ip", "neigh", "flush", "all")
    sh("ip", "neigh", "flush", "all")
    survives(s, controller, host)


main(the_channel_survives_a_rule_that_drops_everything,
     the_far_switch_of_two_in_a_row_reaches_the_controller,
     a_controller_behind_a_router_is_reached)
