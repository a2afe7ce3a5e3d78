#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What sluice-ofctl prints and reads of a switch of ours: names of ports."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Switch, check, main, tmp

# Devices may be called so.
ODD_NAMES = ("m1", "normal", "LOCAL", "none", "flood", "all", "drop", "in_port", "controller", "7", "0x1",
             "s1-eth2", "a.b")


def write(name, *lines):
    """A file with these lines."""
    path = f"{tmp()}/{name}"
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in lines))
    return path


def memory_ports(*names):
    """Options for ports with these names, numbered from 1."""
    return [word for i, name in enumerate(names, 1) for word in ("--port", f"{name},type=memory,ofport={i}")]


def rules_with_names_of_ports_are_read_back_as_they_were():
    switch = Switch(*memory_ports(*ODD_NAMES))
    switch.ofctl("add-flows", write("flows", *(
        f"in_port={i},actions=output:{i % len(ODD_NAMES) + 1},resubmit:{i},resubmit({i},1),enqueue:{i}:0"
        for i in range(1, len(ODD_NAMES) + 1)), "in_port=LOCAL,actions=output:2,normal,flood,local"))
    before = switch.ofctl("dump-flows", "--no-stats", "--sort=in_port")
    named = switch.ofctl("dump-flows", "--no-stats", "--names", "--sort=in_port")
    check('in_port="normal" ' in named and 'output:"LOCAL"' in named and 'enqueue:"7":0' in named, named)
    for command in ("add-flows", "replace-flows"):
        switch.ofctl("del-flows")
        switch.ofctl(command, write("named", named.rstrip()), "--names")
        after = switch.ofctl("dump-flows", "--no-stats", "--sort=in_port")
        check(after == before, f"{command} of\n{named}makes\n{after}of\n{before}")
    out = switch.ofctl("dump-ports", "--names")
    check('port "normal": rx' in out and "port m1: rx" in out, out)
    check('2(normal): addr' in switch.ofctl("dump-ports-desc", '"normal"'), "a port that is called normal")
    numbers = [f["match"]["in_port"] for f in json.loads(switch.ofctl("dump-flows", "--json", "--names"))]
    check("m1" in numbers and numbers.count("LOCAL") == 1 and 2 in numbers and 10 in numbers, str(numbers))


main(rules_with_names_of_ports_are_read_back_as_they_were)
