#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# rows: A2.2 A3.10
"""Fragments put together by the switch: long pings match as wholes and arrive at an MTU of 1500."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Host, Switch, check, main, need_tap, sh, veth_port

TIMES = 10  # Pings of each size.


def long_pings(kind, workers):
    """Pings of 8000 and 60000 bytes through rules that only a whole ICMP message can match."""
    h1 = Host("h1")
    veth_port(h1, "p1")
    h1.address("eth0", "10.0.0.1/24")
    if kind == "raw":
        h2 = Host("h2")
        veth_port(h2, "p2")
        h2.address("eth0", "10.0.0.2/24")
    switch = Switch("--fail-mode", "secure", "--workers", workers,
                    ports=["p1,type=raw", f"p2,type={kind}"])
    if kind == "tap":
        sh("ip", "addr", "add", "10.0.0.2/24", "dev", "p2")
        sh("ip", "link", "set", "p2", "up")
    switch.wait_ports(2)
    check("IP_REASM" in switch.ofctl("show"), "the capability is not there")
    switch.ofctl("add-flow", "arp,actions=normal")
    switch.ofctl("add-flow", "in_port=1,icmp,icmp_type=8,actions=output:2")
    switch.ofctl("add-flow", "in_port=2,icmp,icmp_type=0,actions=output:1")

    # As they are: no fragment matches, for they have no type.
    out = h1.run("ping", "-n", "-c", "1", "-W", "1", "-s", "8000", "10.0.0.2", ok=False)
    check("100% packet loss" in out, out)
    before, _ = switch.flow_counters("icmp")
    check(before == 0, f"{before} fragments have matched")

    switch.ofctl("set-frags", "reassemble")
    for size in (56, 8000, 60000):
        for _ in range(TIMES):  # One at a time: ping's own socket has no room for many long ones.
            h1.run("ping", "-n", "-c", "1", "-W", "60", "-s", size, "10.0.0.2")
    packets, octets = switch.flow_counters("icmp")
    check(packets == 2 * 3 * TIMES, f"{packets} packets matched, not {2 * 3 * TIMES} whole ones")
    check(octets == 2 * TIMES * (56 + 8000 + 60000 + 3 * 42), f"{octets} bytes")
    stats = switch.port_stats()
    check(stats["2"]["tx_errs"] == 0 and stats["1"]["tx_errs"] == 0, stats)


def raw_ports():
    long_pings("raw", 1)


def raw_ports_with_two_workers():
    long_pings("raw", 2)


def raw_ports_without_workers():
    long_pings("raw", 0)


def a_raw_port_and_a_tap():
    need_tap()
    long_pings("tap", 1)


main(raw_ports, raw_ports_with_two_workers, raw_ports_without_workers, a_raw_port_and_a_tap)
