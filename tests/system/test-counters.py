#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counters are exact: a million frames over a thousand rules, seen by rules, ports and receivers."""
import contextlib
import os
import re
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from sluicetest import PATIENCE, Process, Switch, check, helper, main, quiet_veth, wait_until

FRAMES, RULES, SIZE = 1000000, 1000, 60
MARK = 0x88b5  # Ethernet type of frames that show that those before them are done with.


def arrived(dev):
    """(packets, bytes) that a device has received, by the kernel's count."""
    base = f"/sys/class/net/{dev}/statistics/"
    return tuple(int(open(base + name).read()) for name in ("rx_packets", "rx_bytes"))


def set_up(workers):
    """A switch with two ports and rules for the frames' addresses; and its controller."""
    for i in (1, 2):
        quiet_veth(f"p{i}", f"e{i}")
    listener, target = openflow.listen()
    switch = Switch("--controller", target, "--inactivity-probe", 0, "--workers", workers,
                    "--fail-mode", "secure", ports=["p1", "p2"])
    controller = openflow.Peer.accept(listener)
    controller.send(*[openflow.flow_mod(openflow.ADD, openflow.match(0x0a010000 + i), output=2,
                                        flags=openflow.SEND_FLOW_REM) for i in range(RULES)])
    check(not [m for m in controller.barrier() if m[0] == openflow.ERROR], "a rule was refused")
    return switch, controller


def removed_counts(controller):
    """Deletes all rules; (packets, bytes) of each, as flow_removed tells before the barrier's reply."""
    controller.send(openflow.flow_mod(openflow.DELETE, openflow.match()))
    return [struct.unpack_from("!QQ", body, 64) for kind, _xid, body in controller.barrier()
            if kind == openflow.FLOW_REMOVED]


def rule_counts(switch):
    return [tuple(map(int, c)) for c in re.findall(r"n_packets=(\d+), n_bytes=(\d+)",
                                                   switch.ofctl("dump-flows"))]


def flush():
    """Waits until all frames that were sent before are done with, or lost: a frame that comes after them has arrived.
    It may be lost too, so that others follow, each of which is waited for twice as long."""
    patience, number = 0.5, 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as near, \
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(MARK)) as far:
        near.bind(("e1", 0))
        far.bind(("e2", MARK))
        while patience < 2 * PATIENCE:
            number, patience = number + 1, 2 * patience
            frame = b"\2\0\0\0\0\2\2\0\0\0\0\1" + struct.pack("!HI", MARK, number) + bytes(SIZE - 18)
            near.send(frame)
            far.settimeout(patience)
            with contextlib.suppress(TimeoutError):
                while far.recv(SIZE) != frame:
                    continue
                return
    check(False, "no frame passes after the storm")


def sums(pairs):
    return sum(p for p, _ in pairs), sum(b for _, b in pairs)


def lossless(workers):
    """No faster than frames arrive: each rule has its exact share."""
    switch, controller = set_up(workers)
    storm = Process(helper("frame-storm"), "e1", FRAMES, RULES, "e2")
    check(storm.wait() == 0, storm.output())
    total, share = (FRAMES, FRAMES * SIZE), (FRAMES // RULES, FRAMES // RULES * SIZE)
    check(arrived("e2") == total, f"{arrived('e2')} arrived")
    # A frame may arrive before it is counted as sent.
    wait_until(lambda: switch.port_stats()["2"]["tx_packets"] >= FRAMES, "the last frame being counted")
    rules = rule_counts(switch)
    check(rules == [share] * RULES, f"{len(rules)} rules counted {set(rules)} instead of {share}")
    ports = switch.port_stats()
    check((ports["1"]["rx_packets"], ports["1"]["rx_bytes"]) == total, f"port 1: {ports['1']}")
    check((ports["2"]["tx_packets"], ports["2"]["tx_bytes"]) == total, f"port 2: {ports['2']}")
    check(ports["1"]["rx_drop"] == ports["2"]["tx_drop"] == 0, f"drops: {ports}")
    removed = removed_counts(controller)
    check(removed == rules, f"{len(removed)} flow_removed: {set(removed)}")


def overrun(workers):
    """Faster than the switch: frames are lost, but what is counted is what has passed."""
    switch, controller = set_up(workers)
    storm = Process(helper("frame-storm"), "e1", FRAMES // 2, RULES)
    check(storm.wait() == 0, storm.output())
    controller.send(openflow.flow_mod(openflow.ADD, openflow.match(), output=2, flags=openflow.SEND_FLOW_REM, priority=1))
    controller.barrier()
    flush()
    wait_until(lambda: arrived("e2")[0] <= switch.port_stats()["2"]["tx_packets"], "the last frame being counted")
    rules, ports, got = rule_counts(switch), switch.port_stats(), arrived("e2")
    print(f"     {got[0]} of {storm.output().strip()} frames passed")
    check(sums(rules) == (ports["1"]["rx_packets"], ports["1"]["rx_bytes"]), "rules and port 1 differ")
    check(got == (ports["2"]["tx_packets"], ports["2"]["tx_bytes"]), "port 2 and the receiver differ")
    check(ports["2"]["tx_packets"] + ports["2"]["tx_drop"] == ports["1"]["rx_packets"],
          f"ports differ: {ports}")
    check(sums(removed_counts(controller)) == sums(rules), "flow_removed tells other counts")


# rows: A8.11
def every_frame_is_counted_once():
    lossless(1)


def every_frame_is_counted_once_without_workers():
    lossless(0)


def what_is_lost_is_not_counted_as_passed():
    overrun(1)


main(every_frame_is_counted_once, every_frame_is_counted_once_without_workers,
     what_is_lost_is_not_counted_as_passed)
