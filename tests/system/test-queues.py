#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# rows: A8.1 A8.2 A8.9 T12
"""Queues on real devices: two TCP flows share a capped port as they are guaranteed, and all is counted."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Host, Process, Switch, check, main, need, need_tap, program, sh,
                        veth_port, wait_until)

CAP = 60_000_000               # Bits per second of the port.
SHARES = {1: 70, 2: 30}        # Per cent of it that the queues are guaranteed.
QUEUES = f"max-rate={CAP},queue=1:min-rate=42M,queue=2:min-rate=18M"
WINDOW = CAP // 8 * 2          # Bytes over which shares are looked at: two seconds' worth.


def queue_stats(switch, port=2):
    """Queue to its counters."""
    return {q["queue"]: q for q in json.loads(switch.ofctl("queue-stats", port, "--json"))}


def wait_shares(switch, wanted):
    """Looks at one window after the other until the shares are within 5 points; returns all seen."""
    windows, seen = [queue_stats(switch)], []

    def is_so():
        now = queue_stats(switch)
        shares = per_cent(windows[-1], now)
        if not shares:
            return False
        windows.append(now)
        seen.append({q: round(s, 1) for q, s in shares.items()})
        return all(abs(shares[q] - wanted[q]) <= 5 for q in SHARES)

    wait_until(is_so, f"shares of {wanted}")
    return seen


def per_cent(before, after):
    """Queue to its share of what went out meanwhile."""
    sent = {q: after[q]["bytes"] - before[q]["bytes"] for q in SHARES}
    total = sum(sent.values())
    return {q: 100 * n / total for q, n in sent.items()} if total >= WINDOW else None


def share(kind, workers=1):
    """Two flows to a server behind a port of 'kind'."""
    need("iperf3")
    h1 = Host("h1")
    veth_port(h1, "p1")
    h1.address("eth0", "10.0.0.1/24")
    if kind == "tap":
        need_tap()
        near = None
    else:
        near = Host("h2")
        veth_port(near, "p2")
        near.address("eth0", "10.0.0.2/24")
    switch = Switch("--fail-mode", "secure", "--workers", workers,
                    ports=["p1,type=raw", f"p2,type={kind},{QUEUES}"])
    if kind == "tap":
        sh("ip", "addr", "add", "10.0.0.2/24", "dev", "p2")
        sh("ip", "link", "set", "p2", "up")
    switch.wait_ports(2)
    switch.ofctl("add-flow", "priority=1,actions=normal")
    for q in SHARES:
        switch.ofctl("add-flow", f"priority=2,in_port=1,tcp,tp_dst={5200 + q},actions=enqueue:2:{q}")
    check("queue 1: min_rate:70.0%" in " ".join(switch.ofctl("queue-get-config", "2").split()),
          switch.ofctl("queue-get-config", "2"))
    h1.ping("10.0.0.2")

    for q in SHARES:
        (near.start if near else Process)("iperf3", "-s", "-p", 5200 + q, "--forceflush").says("listening")
    clients = [h1.start("iperf3", "-c", "10.0.0.2", "-p", 5200 + q, "-t", 3600) for q in SHARES]
    wait_until(lambda: all(queue_stats(switch)[q]["bytes"] > 500000 for q in SHARES), "both flows")
    print(f"     {kind}: {wait_shares(switch, SHARES)}")
    if workers > 1:
        sh(program("sluicectl"), "--run-dir", switch.run_dir, "port", "queues", "br0", "p2",
           f"max-rate={CAP},queue=1:min-rate=30M,queue=2:min-rate=30M")
        print(f"     changed: {wait_shares(switch, {1: 50, 2: 50})}")
    for c in clients:
        c.stop()

    # Nothing goes past the queues: what they count adds up to what the device does.
    def adds_up():
        queues, port = queue_stats(switch), switch.port_stats()["2"]
        return (sum(q["bytes"] for q in queues.values()) == port["tx_bytes"]
                and sum(q["pkts"] for q in queues.values()) == port["tx_packets"]
                and sum(q["errors"] for q in queues.values()) == port["tx_drop"] + port["tx_errs"])
    wait_until(adds_up, f"counters that add up: {queue_stats(switch)}, {switch.port_stats()['2']}")
    check(queue_stats(switch)[0]["pkts"] > 0, "the default queue has sent nothing")


def flows_share_a_raw_port_as_guaranteed():
    share("raw", workers=2)


def flows_share_a_tap_as_guaranteed():
    share("tap")


def flows_share_a_pcap_port_as_guaranteed():
    share("pcap")


def a_guarantee_is_of_the_speed_that_the_device_has_now():
    """rows: A8.1"""
    need_tap()
    switch = Switch("--port", "t1,type=tap,queue=1:min-rate=1M")

    for speed, percent in (100, "1.0"), (10, "10.0"), (1000, "0.1"):
        sh("ethtool", "-s", "t1", "speed", speed, "duplex", "full", "autoneg", "off")
        wait_until(lambda: f"min_rate:{percent}%" in switch.ofctl("queue-get-config", "1"), f"{percent} %")
    sh("ethtool", "-s", "t1", "speed", "100", "duplex", "full", "autoneg", "off")
    switch.ofctl("mod-port", "t1", "down")  # Looks at the device too.
    check("min_rate:1.0%" in switch.ofctl("queue-get-config", "1"), "not the speed that is shown")


main(flows_share_a_raw_port_as_guaranteed, flows_share_a_tap_as_guaranteed,
     flows_share_a_pcap_port_as_guaranteed, a_guarantee_is_of_the_speed_that_the_device_has_now)
