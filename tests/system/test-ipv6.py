#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Connections over IPv6: the switch, the controller and sluice-ofctl, who dials and who listens, TCP and TLS."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Host, PATIENCE, Process, Switch, check, main, make_keys, program, quiet_veth, sh, tmp, veth_port,
                        wait_until)


def controller(*words):
    return Process(program("sluice-controller"), "--noflow", "--max-backoff", 1, *words)


def switch(*words, ports=("p1",)):
    return Switch("--max-backoff", 1, *words, ports=ports)


def keys(name, authority):
    t = tmp()
    return ["--private-key", f"{t}/{name}-privkey.pem", "--certificate", f"{t}/{name}-cert.pem",
            "--ca-cert", f"{t}/pki/{authority}/cacert.pem"]


def ofctl(*words, ok=True):
    return sh(program("sluice-ofctl"), "--timeout", PATIENCE, *words, ok=ok)


# rows: A1.1 A1.2
def a_switch_dials_a_controller():
    quiet_veth("p1", "e1")
    controller("ptcp::[::1]")
    for target in ("tcp:[::1]:6653", "tcp:[::1]"):
        s = switch("--controller", target)
        s.says(f"{target}: connected")
        out = sh(program("sluicectl"), "--run-dir", s.run_dir, "controllers", "br0")
        check(target in out, out)
        s.stop()


# rows: A1.3
def a_switch_listens_for_both_versions_of_ip():
    quiet_veth("p1", "e1")
    switch("--listen", "ptcp:6653:[::]", "--listen", "ptcp:6654:[::1]")
    for target in ("tcp:[::1]:6653", "tcp:127.0.0.1:6653", "tcp:[::ffff:127.0.0.1]:6653", "tcp:[::1]:6654", "tcp:[::1]"):
        check("n_tables:" in ofctl("show", target), target)
    out = ofctl("show", "tcp:127.0.0.1:6654", ok=False)
    check("refused" in out, out)
    controller("tcp:[::1]:6654").says("tcp:[::1]:6654: connected")


# rows: A1.20
def keys_are_for_an_address():
    """TLS whose certificate is for ::1, of whom is dialled and of whom dials."""
    make_keys()
    for name in ("sw", "ctl"):
        side = {"sw": "switch", "ctl": "controller"}[name]
        sh(program("sluice-pki"), "--dir", f"{tmp()}/pki", "--force", "req+sign", name, side, "--host", "::1", cwd=tmp())
    quiet_veth("p1", "e1")
    sh("ip", "-6", "addr", "add", "2001:db8::1/128", "dev", "lo", "nodad")
    controller("ptls:6653:[::]", *keys("ctl", "switchca"))
    sw = keys("sw", "controllerca")
    s = switch("--controller", "tls:[::1]:6653", "--verify-host", "--listen", "ptls:6654:[::]", *sw)
    s.says("tls:[::1]:6653: connected")
    s.stop()
    s = switch("--controller", "tls:[2001:db8::1]:6653", "--verify-host", "--listen", "ptls:6654:[::]", *sw)
    s.says("wrong name")
    ctl = keys("ctl", "switchca")
    check("n_tables:" in ofctl(*ctl, "show", "tls:[::1]:6654"), "sluice-ofctl")
    controller("tls:[::1]:6654", "--verify-host", *ctl).says("tls:[::1]:6654: connected")


def a_link_local_address_needs_its_interface():
    host = Host("far")
    veth_port(host, "near0")
    quiet_veth("p1", "e1")
    host.ip("addr", "add", "fe80::9/64", "dev", "eth0", "nodad")
    sh("ip", "addr", "add", "fe80::1/64", "dev", "near0", "nodad")
    c = host.start(program("sluice-controller"), "--noflow", "ptcp:6653:[fe80::9%eth0]")
    s = switch("--controller", "tcp:[fe80::9%near0]:6653", "--listen", "ptcp:6654:[fe80::1%near0]")
    s.says("tcp:[fe80::9%near0]:6653: connected")
    wait_until(lambda: "tcp:[fe80::1%eth0]:" in c.output(), "the peer's name, with the interface")
    out = host.run(program("sluice-ofctl"), "show", "tcp:[fe80::1%eth0]:6654")
    check("n_tables:" in out, out)


def targets_that_lead_nowhere_are_told():
    quiet_veth("p1", "e1")
    s = switch("--controller", "tcp:[fe80::9%nowhere]:6653")
    s.says("nowhere: no such interface here")
    for target, text in (("tcp:[fe80::9%nowhere]", "nowhere: no such interface here"),
                         ("tcp:[fe80::9]", "[fe80::9%eth0]"),
                         ("tcp:[::1]:1", "refused"),
                         ("tcp:[::1", "bracket"),
                         ("tcp:[::1]x", "bracket"),
                         ("tcp:[::1]:x", "no port"),
                         ("tcp:::1:6653", "bracket"),
                         ("tcp:[12345::1]:6653", "no IPv6 address"),
                         ("tls:[ff02::1%lo]:6653", "multicast")):
        out = ofctl("show", target, ok=False)
        check(text in out and out.count("\n") == 1, f"{target}: {out}")
    for target, text in (("ptcp:6653:[fe80::9%nowhere]", "no interface nowhere"), ("ptcp:6653:::", "bracket"),
                         ("tcp:[fe80::9]", "[fe80::9%eth0]")):
        out = sh(program("sluice-controller"), target, ok=False)
        check(text in out and out.count("\n") == 1, f"{target}: {out}")


main(a_switch_dials_a_controller,
     a_switch_listens_for_both_versions_of_ip,
     keys_are_for_an_address,
     a_link_local_address_needs_its_interface,
     targets_that_lead_nowhere_are_told)
