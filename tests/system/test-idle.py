#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An idle switch sleeps, and a switch that ends, however it ends, leaves nothing that stays."""
import glob
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Switch, check, main, need, need_tap, program, quiet_veth, sh,
                        wait_until)

PORTS = 100
WINDOW = 5    # Seconds that are watched, or more if the machine is slow.
ALLOWED = 10  # Wake-ups per thread in them.


def switches(pid):
    """Context switches of each thread: how often it has gone to sleep."""
    counts = {}
    for path in glob.glob(f"/proc/{pid}/task/*/status"):
        with open(path) as f:
            text = f.read()
        name = re.search(r"Name:\s+(.*)", text).group(1)
        counts[f"{name}/{path.split('/')[4]}"] = int(
            re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M).group(1))
    return counts


def is_quiet(pid):
    before = switches(pid)
    time.sleep(1)
    return all(n - before.get(name, 0) < 5 for name, n in switches(pid).items())


def stay_asleep(switch):
    pid = switch.process.pid
    switch.wait_ports(PORTS)
    wait_until(lambda: is_quiet(pid), "the end of what starting caused")
    began, before, cpu_before = time.monotonic(), switches(pid), switch.process.cpu()
    time.sleep(WINDOW)
    woken = {name: n - before.get(name, 0) for name, n in switches(pid).items()}
    took = time.monotonic() - began
    print(f"     wake-ups in {took:.1f} s: {woken}, CPU {switch.process.cpu() - cpu_before:.2f} s")
    check(all(n <= ALLOWED * took / WINDOW for n in woken.values()), f"an idle switch wakes up: {woken}")


def a_hundred_idle_raw_ports_cause_no_wake_ups():
    for i in range(PORTS):
        quiet_veth(f"p{i}", f"e{i}")
    stay_asleep(Switch("--workers", 2, ports=[f"p{i}" for i in range(PORTS)]))


def a_hundred_idle_taps_cause_no_wake_ups():
    need_tap()
    names = [f"t{i}" for i in range(PORTS)]
    for name in names:
        sh("ip", "tuntap", "add", name, "mode", "tap")
        with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w") as f:
            f.write("1")
        sh("ip", "link", "set", name, "up")
    stay_asleep(Switch("--workers", 2, ports=names))


def wakeups(switch):
    """How often the workers were woken."""
    out = sh(program("sluicectl"), "--run-dir", switch.run_dir, "coverage")
    return sum(map(int, re.findall(r"wakeups: (\d+)", out)))


def a_port_that_is_down_wakes_nobody_for_long():
    quiet_veth("p1", "e1")
    sh("ip", "link", "add", "p2", "type", "veth", "peer", "name", "e2")
    switch = Switch(ports=["p1"])
    before = wakeups(switch)
    sh(program("sluicectl"), "--run-dir", switch.run_dir, "port", "add", "br0", "p2")
    sh("ip", "link", "set", "p1", "down")
    wait_until(lambda: switch.ofctl("show").count("PORT_DOWN") == 2, "both ports to be down")
    woken = wakeups(switch) - before
    check(woken < 100, f"a port that is down woke the worker {woken} times")


def traces(switch=None):
    """What the machine looks like: links with their promiscuity, firewall rules, sockets."""
    links = re.sub(r" (state|qlen|group|qdisc|mode|vnet_hdr) \S+|<[^>]*>", "", sh("ip", "-d", "-o", "link"))
    files = sorted(os.listdir(switch.run_dir)) if switch else []
    return {"links": links, "rules": sh("nft", "list", "ruleset"),
            "packet sockets": open("/proc/net/packet").read().count("\n"), "files": files}


def leave_nothing(number):
    need("nft")
    need_tap()
    for i in (1, 2):
        quiet_veth(f"p{i}", f"e{i}")
    sh("ip", "tuntap", "add", "t1", "mode", "tap")
    before = traces()
    switch = Switch("--fail-mode", "secure", ports=["p1", "p2", "t1", "t2,type=tap"], local=True)
    during = traces(switch)
    check(during["rules"] != before["rules"] and during["links"] != before["links"]
          and during["files"], f"the switch left no trace while it ran: {during}")
    switch.stop(number)
    if number == signal.SIGKILL:
        switch.start()
        check(switch.stop() == 0, switch.output())
    after = traces(switch)
    for what, seen in before.items():
        check(after[what] == seen, f"{what} before:\n{seen}\nand after:\n{after[what]}")


def sigterm_leaves_nothing_behind():
    leave_nothing(signal.SIGTERM)


def the_next_start_clears_up_after_sigkill():
    leave_nothing(signal.SIGKILL)


main(a_hundred_idle_raw_ports_cause_no_wake_ups, a_hundred_idle_taps_cause_no_wake_ups,
     a_port_that_is_down_wakes_nobody_for_long, sigterm_leaves_nothing_behind,
     the_next_start_clears_up_after_sigkill)
