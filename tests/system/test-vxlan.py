#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hosts that run VXLAN over the switch: right contents, and no collapse of the speed.

A switch that takes a tunnel's super-frames for plain TCP gives a thousandth of the plain path's speed. The
ratio is printed; with SLUICE_SPEED set it must be a third at least, which only a quiet machine can tell.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Skip, Switch, TRAFFIC, check, main, need, two_hosts

COLLAPSE = 1 / 50
STREAMS, SIZE = 4, 4000000


def tunnel(host, peer, own):
    try:
        host.ip("link", "add", "vx0", "type", "vxlan", "id", "42", "remote", peer, "dstport", "4789",
                "dev", "eth0")
    except Exception as e:
        raise Skip(f"this kernel has no VXLAN: {e}") from None
    host.address("vx0", own)


def speed(h1, h2, address):
    """Mbit/s that h2 receives."""
    server = h2.start("iperf3", "-s", "-1", "--forceflush")
    server.says("Server listening")
    result = json.loads(h1.run("iperf3", "-J", "-t", "2", "-O", "0.5", "-c", address))
    server.wait()
    return result["end"]["sum_received"]["bits_per_second"] / 1e6


def contents(h1, h2, address, port):
    server = h2.start(*TRAFFIC, "tcp-serve", port, STREAMS, SIZE, name="server")
    server.says("ready")
    h1.run(*TRAFFIC, "tcp-run", address, port, STREAMS, SIZE, 40000)
    check(server.wait() == 0, server.output())


def vxlan_is_carried_whole_and_fast():
    need("iperf3")
    hosts = two_hosts()
    switch = Switch("--fail-mode", "secure", ports=["p1", "p2"])
    switch.ofctl("add-flow", "in_port=1,actions=output:2")
    switch.ofctl("add-flow", "in_port=2,actions=output:1")
    for i, host in enumerate(hosts, 1):
        tunnel(host, f"10.0.0.{3 - i}", f"10.1.0.{i}/24")
    h1, h2 = hosts
    h1.ping("10.1.0.2")
    contents(h1, h2, "10.1.0.2", 5001)
    for port, counters in switch.port_stats().items():
        check(not counters["rx_errs"] and not counters["tx_errs"], f"port {port}: {counters}")
    plain, tunnelled = speed(h1, h2, "10.0.0.2"), speed(h1, h2, "10.1.0.2")
    print(f"     plain {plain:.0f} Mbit/s, through VXLAN {tunnelled:.0f} Mbit/s")
    share = 1 / 3 if os.environ.get("SLUICE_SPEED") else COLLAPSE
    check(tunnelled >= plain * share, f"VXLAN has less than {share:.2f} of the plain path's speed")


main(vxlan_is_carried_whole_and_fast)
