#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A storm of misses at full speed: echoes are answered in time, flow_mods take effect, memory is bounded.

In time is within a second, which who is starved is not, on however slow a machine; with SLUICE_SPEED set
it is 50 ms, which only a quiet machine can tell.
"""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from sluicetest import (Process, Switch, check, helper, is_sanitized, main, quiet_veth,
                        wait_until)

SECONDS = 3
FLOWS = 65536
ECHO_LIMIT = 50 if os.environ.get("SLUICE_SPEED") else 1000  # ms of 99 of 100 echoes, in one of three tries.
MEMORY_LIMIT = 64000  # KiB that a controller that reads nothing may cost.


def set_up():
    """A switch with two ports and a controller that has no rules for it."""
    for i in (1, 2):
        quiet_veth(f"p{i}", f"e{i}")
    listener, target = openflow.listen()
    switch = Switch("--controller", target, "--inactivity-probe", 0, "--fail-mode", "secure",
                    ports=["p1", "p2"])
    return switch, openflow.Peer.accept(listener)


def flood(seconds):
    """Misses at full speed for a while; returns how many frames there were."""
    storm = Process(helper("frame-storm"), "e1", 0, FLOWS)
    time.sleep(seconds)
    storm.stop()
    return int(storm.output())


def measure(peers):
    """Echoes on all connections during a flood; prints and returns the 99th percentiles."""
    echoes = {name: openflow.Echo(peer) for name, peer in peers.items()}
    for echo in echoes.values():
        echo.start()
    frames = flood(SECONDS)
    result = {}
    for name, echo in echoes.items():
        n, p99, worst = echo.stop()
        result[name] = p99
        print(f"     {frames} misses: echoes of the {name}: {n} replies, p99 {p99:.1f} ms, "
              f"worst {worst:.1f} ms, {echo.kinds.get(openflow.PACKET_IN, 0)} packet_ins")
        check(n > 1, f"{n} echo replies in {SECONDS} s")
    return result


# rows: A1.19
def echoes_are_answered_during_a_storm_of_misses():
    switch, controller = set_up()
    service = openflow.Peer.connect(switch.mgmt)
    for _ in range(3):
        result = measure({"controller": controller, "service connection": service})
        if max(result.values()) < ECHO_LIMIT or is_sanitized():
            return
    check(False, f"p99 of echoes is {result} ms")


# rows: A1.19 A4.17
def flow_mods_take_effect_during_a_storm_of_misses():
    switch, controller = set_up()
    service = openflow.Peer.connect(switch.mgmt)
    storm = Process(helper("frame-storm"), "e1", 0, FLOWS)
    reader = openflow.Echo(controller)
    reader.start()
    began = time.monotonic()
    for i in range(200):
        service.send(openflow.flow_mod(openflow.ADD, openflow.match(0x0b000000 + i), output=2))
        service.barrier()
    each = (time.monotonic() - began) / 200 * 1000
    service.send(openflow.flow_mod(openflow.ADD, openflow.match(), output=2))
    service.barrier()
    wait_until(lambda: switch.port_stats()["2"]["tx_packets"] > 1000, "frames of the storm at port 2")
    storm.stop()
    reader.stop()
    print(f"     a flow_mod with its barrier takes {each:.2f} ms")
    check(each < ECHO_LIMIT or is_sanitized(), "flow_mods and barriers are late")


# rows: A1.18
def a_controller_that_reads_nothing_costs_little_memory():
    switch, controller = set_up()
    flood(0.5)
    before = switch.process.memory()
    flood(SECONDS)
    after = switch.process.memory()
    print(f"     resident before {before} KiB, after {after} KiB")
    check(after - before < MEMORY_LIMIT or is_sanitized(), "memory grows without bounds")
    service = openflow.Peer.connect(switch.mgmt)
    service.barrier()
    controller.until(openflow.PACKET_IN)
    controller.barrier()


main(echoes_are_answered_during_a_storm_of_misses, flow_mods_take_effect_during_a_storm_of_misses,
     a_controller_that_reads_nothing_costs_little_memory)
