#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A dump of a million flows holds nothing up: packets go on meanwhile, and none is lost.

The 99th percentile of the round trips is printed. It must be below a tenth of what one dump takes,
which a packet that is held up waits for; with SLUICE_SPEED set below 1 ms, which only a quiet machine
can tell.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Stream, Switch, check, is_sanitized, main, program, sh, tmp, two_hosts, wait_until

FLOWS = 50000 if is_sanitized() else 1000000
PINGS = 600


def round_trips(host, name, has_begun=lambda: True):
    """Pings 10.0.0.2, PINGS times and until 'has_begun': all must be answered; returns the 99th percentile of the
    round trips in ms."""
    stream = Stream(host, "10.0.0.2", 0.004)
    stream.goes_on(PINGS)
    wait_until(has_begun, "a dump")
    lost = stream.lost()
    times = sorted(float(t) for t in re.findall(r"time=([0-9.]+) ms", stream.process.output()))
    check(lost == 0, f"{lost} of {len(times)} packets are lost")
    p99 = times[len(times) * 99 // 100]
    print(f"     {name}: p99 {p99:.2f} ms, median {times[len(times) // 2]:.2f}, worst {times[-1]:.2f}")
    return p99


def dump_again_and_again(switch, host, stop):
    """Starts dumping until the file 'stop' is there; fails if a flow lacks; prints a dot for each dump, and in the end
    ms for one."""
    dump = f"{program('sluice-ofctl')} --run-dir {switch.run_dir} --timeout 120 dump-flows br0"
    return host.start("sh", "-c", f"begin=$(date +%s%N); n=0; while [ ! -e {stop} ]; do "
                      f"lines=$({dump} | grep -c actions=); "
                      f"[ $lines = {FLOWS + 2} ] || {{ echo \"$lines flows\"; exit 1; }}; "
                      "n=$((n + 1)); echo .; done; "
                      "echo $((($(date +%s%N) - begin) / 1000000 / n))")


# rows: A8.12
def packets_go_on_during_dumps_of_a_million_flows():
    h1, h2 = two_hosts()
    switch = Switch("--fail-mode", "secure", "--max-rules", FLOWS + 2, ports=["p1", "p2"])
    with open(f"{tmp()}/flows", "w", encoding="ascii") as f:
        f.writelines(f"udp,nw_dst=11.{i >> 16}.{i >> 8 & 255}.{i & 255},actions=drop\n"
                     for i in range(FLOWS))
        f.write("in_port=1,actions=output:2\nin_port=2,actions=output:1\n")
    sh(program("sluice-ofctl"), "--run-dir", switch.run_dir, "--timeout", 120, "add-flows", "br0",
       f.name)
    h1.ping("10.0.0.2")
    round_trips(h1, "alone")
    dumps = dump_again_and_again(switch, h2, f"{tmp()}/stop")
    p99 = round_trips(h1, "during dumps", lambda: "." in dumps.output() or not dumps.running())
    with open(f"{tmp()}/stop", "w", encoding="ascii"):
        pass
    check(dumps.wait() == 0, dumps.output())
    dump = int(dumps.output().split()[-1])
    print(f"     a dump takes {dump} ms")
    if not is_sanitized():
        limit = 1 if os.environ.get("SLUICE_SPEED") else dump / 10
        check(p99 < limit, f"p99 of the round trips is {p99} ms, not below {limit} ms")


main(packets_go_on_during_dumps_of_a_million_flows)
