#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""While it forwards, a worker makes no system calls but waiting, receiving and sending."""
import collections
import glob
import os
import re
import signal
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from sluicetest import (Process, Skip, Switch, check, helper, main, need, need_tap, quiet_veth, sh,
                        tmp, wait_until)

FRAMES = 20000
STATS_REQUEST, PORT_STATS, ALL_PORTS = 16, 4, 0xffff
# futex and the rest that a lock or an allocation would need are not among them.
ALLOWED = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "read", "readv", "write",
           "writev", "recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg", "sendmmsg", "getsockopt"}


def thread(pid, name):
    """Id of a thread by its name."""
    for path in glob.glob(f"/proc/{pid}/task/*/comm"):
        if open(path).read().strip() == name:
            return int(path.split("/")[4])
    return None


def forward(ports, far):
    """Traces the worker while frames of a thousand flows go from the first port to the second."""
    need("strace")
    switch = Switch("--fail-mode", "secure", ports=ports)
    for dev in far:
        sh("ip", "link", "set", dev, "up")
    switch.wait_ports(2)
    switch.ofctl("add-flow", "in_port=1,actions=mod_nw_dst:10.9.9.9,output:2")
    worker = wait_until(lambda: thread(switch.process.pid, "worker-1"), "the worker")
    log = os.path.join(tmp(), "trace")
    trace = Process("strace", "-p", worker, "-o", log, name="strace")
    wait_until(lambda: "attached" in trace.output() or not trace.running(), "strace")
    if not trace.running():
        raise Skip("strace can't attach here: " + trace.output().strip())
    storm = Process(helper("frame-storm"), far[0], FRAMES, 1000, far[1])
    check(storm.wait() == 0, storm.output())
    trace.stop(signal.SIGINT)
    calls = collections.Counter(m.group(1) for m in map(re.compile(r"^(\w+)\(").match, open(log)) if m)
    print(f"     {dict(calls)}")
    check(sum(calls.values()) > 100, "nothing was traced")
    check(not set(calls) - ALLOWED, f"the worker calls {set(calls) - ALLOWED}")


def raw_ports():
    for i in (1, 2):
        quiet_veth(f"p{i}", f"e{i}")
    forward(["p1", "p2"], ["e1", "e2"])


def taps():
    need_tap()
    forward(["p1,type=tap", "p2,type=tap"], ["p1", "p2"])


def statistics_of_a_port_cost_one_system_call():
    need("strace")
    for i in (1, 2):
        quiet_veth(f"p{i}", f"e{i}")
    switch = Switch("--fail-mode", "secure", ports=["p1", "p2"])
    log = os.path.join(tmp(), "trace")
    trace = Process("strace", "-e", "trace=socket,getsockopt", "-p", switch.process.pid, "-o", log,
                    name="strace")
    wait_until(lambda: "attached" in trace.output() or not trace.running(), "strace")
    if not trace.running():
        raise Skip("strace can't attach here: " + trace.output().strip())
    n = 500
    peer = openflow.Peer.connect(switch.mgmt)
    peer.send(*[openflow.message(STATS_REQUEST, struct.pack("!HHH6x", PORT_STATS, 0, ALL_PORTS)) for _ in range(n)])
    peer.barrier()
    trace.stop(signal.SIGINT)
    calls = open(log).read()
    check(calls.count("PACKET_STATISTICS") == 2 * n, calls)
    # Devices are looked at once a second, by one socket each.
    check(calls.count("AF_NETLINK") < n, calls)


main(raw_ports, taps, statistics_of_a_port_cost_one_system_call)
