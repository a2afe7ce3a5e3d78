#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What sluice-ofctl prints and reads of a switch of ours: names of ports."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Switch, check, main, program, tmp

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


def diff(*words, text=None):
    """Status and output of diff-flows."""
    r = subprocess.run([program("sluice-ofctl"), *words], input=text, capture_output=True, text=True, check=False)
    return r.returncode, r.stdout + r.stderr


def files_that_are_compared_have_the_names_of_the_switch():
    switch, other = Switch(*memory_ports("m1", "normal", "m3")), Switch(*memory_ports("m3", "m1"))
    rules = ('in_port=m1,actions="normal",m3', 'in_port="normal",actions=enqueue:m3:0')
    file = write("a.flows", *rules)
    switch.ofctl("add-flows", file)
    br0, br1 = f"unix:{switch.mgmt}", f"unix:{other.mgmt}"
    for pair in ((br0, file), (file, br0), ("--names", br0, file), ("--names", file, br0)):
        check(diff("diff-flows", *pair) == (0, ""), f"{pair}: {diff('diff-flows', *pair)}")
    text = "\n".join(rules)
    for pair in ((br0, "-"), ("-", br0)):
        check(diff("diff-flows", *pair, text=text) == (0, ""), f"{pair}: {diff('diff-flows', *pair, text=text)}")
    changed = write("b.flows", rules[0])
    out = diff("diff-flows", "--names", changed, br0)
    check(out == (2, '+in_port="normal" actions=enqueue:m3:0\n'), str(out))
    out = diff("diff-flows", br0, changed)
    check(out == (2, "-in_port=2 actions=enqueue:3:0\n"), str(out))
    other.ofctl("add-flow", "in_port=1,actions=output:2")
    switch.ofctl("del-flows", "in_port=2")
    out = diff("--names", "diff-flows", br0, br1)
    check(out == (2, '-in_port=m1 actions=output:"normal",output:m3\n+in_port=m3 actions=output:m1\n'), str(out))
    check(diff("diff-flows", br0, br0) == (0, ""), "a switch and itself")
    out = diff("diff-flows", file, file)
    check(out == (1, f"sluice-ofctl: {file}:1: in_port=m1 is not understood: in_port takes a port number, LOCAL, "
                  "or the name of a port where there is a switch to ask\n"), str(out))


main(rules_with_names_of_ports_are_read_back_as_they_were, files_that_are_compared_have_the_names_of_the_switch)
