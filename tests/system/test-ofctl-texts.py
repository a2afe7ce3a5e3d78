#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What sluice-ofctl prints and reads of a switch of ours: names of ports, refusals, sizes."""
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


def names_of_one_letter_and_of_any_bytes_are_shown():
    switch = Switch(*memory_ports("a", "b\udcff"))
    switch.ofctl("add-flow", "in_port=2,actions=1")
    check("port a: rx" in switch.ofctl("dump-ports", "--names"), "a name of one letter")
    check("port  1: rx" in switch.ofctl("dump-ports"), "a number of one digit")
    flow = json.loads(switch.ofctl("dump-flows", "--json", "--names"))[0]
    check(flow["match"] == {"in_port": "b?"} and flow["actions"] == ["output:a"], str(flow))


def what_has_no_statistics_is_given_back_whole():
    """Its cookie too, as ovs-ofctl does."""
    switch = Switch(*memory_ports("m1"), "--fail-mode", "emergency")
    switch.ofctl("add-flow", "cookie=0xabc,table=3,idle_timeout=70,in_port=1,actions=drop")
    switch.ofctl("add-flow", "in_port=2,actions=drop")
    out = switch.ofctl("dump-flows", "--no-stats", "--sort")
    check(set(out.splitlines()) == {" in_port=2 actions=drop",
                                    " cookie=0xabc, table=3, idle_timeout=70, in_port=1 actions=drop"}, out)
    switch.ofctl("replace-flows", write("saved", out.rstrip()))
    check(switch.ofctl("dump-flows", "--no-stats", "--sort") == out, "the rules have changed")
    code, text = diff("--run-dir", switch.run_dir, "diff-flows", "br0", f"{tmp()}/saved")
    check(code == 0, text)
    cookies = {f.get("cookie") for f in json.loads(switch.ofctl("dump-flows", "--json", "--no-stats"))}
    check(cookies == {None, "0xabc"}, str(cookies))


def rules_are_sorted_by_a_field_as_it_is_shown():
    """Not by what stands in the same place: priority and ECN, types of ICMP, addresses of ARP."""
    switch = Switch(*memory_ports("m1"))

    def by(field, *rules):
        switch.ofctl("del-flows")
        switch.ofctl("add-flows", write("flows", *(f"priority={9 - i},{r},actions=drop"
                                                   for i, r in enumerate(rules))))
        out = switch.ofctl("dump-flows", "--no-stats", f"--sort={field}")
        return [rules[9 - int(line.split("priority=")[1].split(",")[0])] for line in out.splitlines()]

    for field, wanted in (
            ("dl_vlan", ("dl_vlan=5,dl_vlan_pcp=7", "dl_vlan=9,dl_vlan_pcp=0", "dl_vlan_pcp=1")),
            ("nw_tos", ("ip,nw_tos=4,nw_ecn=3", "ip,nw_tos=8,nw_ecn=0", "ip,nw_ecn=1")),
            ("icmp_type", ("icmp,icmp_type=8", "icmp,icmp_type=9", "tcp,tp_src=1")),
            ("tp_src", ("tcp,tp_src=5", "udp,tp_src=9", "icmp,icmp_type=1")),
            ("nw_src", ("ip,nw_src=9.0.0.1", "ip,nw_src=10.0.0.1", "arp,arp_spa=1.0.0.1")),
            ("arp_op", ("arp,arp_op=1", "arp,arp_op=2", "ip,nw_proto=1")),
            ("reg0", ("reg0=0x100", "reg0=0x20000", "reg1=1"))):
        for rules in (wanted, wanted[::-1]):
            check(by(field, *rules) == list(wanted), f"by {field}: {by(field, *rules)}")


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
    out = diff("diff-flows", "-", "-", text=text)
    check(out == (1, "sluice-ofctl: standard input can be one source only: give a file for the other\n"), str(out))
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



def what_is_refused_is_told_in_one_last_line():
    """Behind the messages of the switch, of which there is one for each that is refused."""
    path = f"{tmp()}/guests"
    switch = Switch(*memory_ports("m1", "m2"), "--listen", f"punix:{path},ports=none")
    guests = f"unix:{path}"
    frame = "00" * 60
    file = write("flows", "in_port=1,actions=2", "", "in_port=2,actions=1", 'delete,in_port=1')
    may_not = "this controller may not"
    for target, command, words, message, reason in (
            (switch.mgmt, "add-flow", ("actions=enqueue:1:7",), "OFPBAC_BAD_QUEUE", "the port has no such queue"),
            (guests, "add-flow", ("in_port=1,\nactions=2",), "EPERM", may_not),
            (guests, "del-flows", (), "EPERM", may_not),
            (guests, "mod-flows", ("actions=2",), "EPERM", may_not),
            (guests, "mod-port", ("1", "down"), "EPERM", may_not),
            (guests, "set-frags", ("drop",), "EPERM", may_not),
            (guests, "packet-out", ("none", "1", frame, frame), "EPERM", may_not),
            (guests, "packet-out", (f"in_port=1,packet={frame},actions=2",), "EPERM", may_not),
            (guests, "replace-flows", (write("rules", "in_port=1,actions=2", "in_port=2,actions=1"),), "EPERM", may_not)):
        r = subprocess.run([program("sluice-ofctl"), command, target, *words], capture_output=True, text=True,
                           check=False)
        *messages, last = r.stderr.splitlines()
        as_typed = " ".join((command, *words)).replace("\n", " ")
        as_typed = as_typed if len(as_typed) <= 160 else as_typed[:160] + "..."
        check(r.returncode == 1 and r.stdout == "" and message in messages[0], f"{r}")
        check(last.startswith(f"sluice-ofctl: {target}: the switch refused {as_typed}: {reason}"), last)
        check(sum("sluice-ofctl" in line for line in r.stderr.splitlines()) == 1, r.stderr)
        refusals = sum(line.startswith("OFPT_ERROR") for line in messages)
        check(last.endswith(f"; and {refusals - 1} more, see above") == (refusals > 1), r.stderr)
    r = subprocess.run([program("sluice-ofctl"), "add-flows", guests, file], capture_output=True, text=True,
                       check=False)
    lines = [line for line in r.stderr.splitlines() if line.startswith("sluice-ofctl: ")]
    check(r.returncode == 1 and len(lines) == 3, r.stderr)
    for n, line in zip((1, 3, 4), lines):
        check(line.startswith(f"sluice-ofctl: {file}:{n}: the switch refused this flow: {may_not}"), line)



def what_is_too_long_for_a_message_is_refused_in_one_line():
    switch = Switch(*memory_ports("m1"))
    note = write("note", "actions=note:" + ".".join(["ab"] * 65000))
    for words in (("add-flows", note), ("replace-flows", note), ("packet-out", "none", "1", "00" * 65520),
                  ("packet-out", "in_port=1,actions=1,packet=" + "00" * 65512)):
        out = switch.ofctl(*words, ok=False)
        check(out.count("\n") == 1 and out.startswith("sluice-ofctl: ") and len(out) < 500, out[:2000])
    switch.ofctl("packet-out", "none", "1", "00" * 65511)
    check("actions" not in switch.ofctl("dump-flows"), switch.ofctl("dump-flows"))


main(rules_with_names_of_ports_are_read_back_as_they_were, what_has_no_statistics_is_given_back_whole,
     names_of_one_letter_and_of_any_bytes_are_shown,
     rules_are_sorted_by_a_field_as_it_is_shown, files_that_are_compared_have_the_names_of_the_switch,
     what_is_refused_is_told_in_one_last_line, what_is_too_long_for_a_message_is_refused_in_one_line)
