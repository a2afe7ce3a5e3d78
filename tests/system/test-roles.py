#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Roles: two controllers on real connections, what sluicectl shows of them, and monitors that take one."""
import json
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow as of
from sluicetest import Process, Skip, Switch, check, main, need, program, sh, wait_until, quiet_veth

HERE = os.path.dirname(os.path.abspath(__file__))
VENDOR, PORT_STATUS = 4, 12
OTHER, PRIMARY, SECONDARY = 0, 1, 2


def roles(switch):
    """The roles of the controllers, as sluicectl shows them."""
    out = sh(program("sluicectl"), "--run-dir", switch.run_dir, "--json", "show")
    return [c["role"] for c in json.loads(out)["bridges"][0]["controllers"]]


def take(peer, role):
    """Asks for a role and gets it."""
    peer.send(of.message(VENDOR, struct.pack("!III", 0x2320, 10, role)))
    reply = [m for m in peer.until(VENDOR) if m[0] == VENDOR]
    check(reply == [(VENDOR, 0, struct.pack("!III", 0x2320, 11, role))], f"role reply: {reply}")


def error_of(peer, request):
    """The type and code of the error that a request gets; None if it gets none."""
    peer.send(request)
    errors = [m for m in peer.barrier() if m[0] == of.ERROR]
    return struct.unpack_from("!HH", errors[0][2]) if errors else None


# rows: B1
def a_new_primary_takes_the_role_from_the_old_one():
    quiet_veth("p1", "e1")
    listeners = [of.listen(), of.listen()]
    switch = Switch("--controller", listeners[0][1], "--controller", listeners[1][1],
                    "--inactivity-probe", 0, ports=["p1"])
    a, b = (of.Peer.accept(listener) for listener, _target in listeners)
    check(roles(switch) == ["other", "other"], str(roles(switch)))
    add = of.flow_mod(of.ADD, of.match(0x0a000001), 1, of.SEND_FLOW_REM)
    take(a, PRIMARY)
    check(roles(switch) == ["primary", "other"], str(roles(switch)))
    check(error_of(a, add) is None and error_of(b, add) is None, "a write was refused")
    take(b, PRIMARY)
    check(roles(switch) == ["secondary", "primary"], str(roles(switch)))
    check(error_of(a, add) == (1, 5), "a secondary one could write")
    check(error_of(b, of.flow_mod(of.DELETE, of.match())) is None, "the primary could not write")
    sh("ip", "link", "set", "e1", "down")
    b.until(PORT_STATUS)
    told = [m[0] for m in a.until(PORT_STATUS)]
    check(of.FLOW_REMOVED not in told, f"a secondary one was told of a flow: {told}")
    out = sh(program("sluicectl"), "--run-dir", switch.run_dir, "show")
    check("role secondary" in out and "role primary" in out, out)
    b.sock.close()
    wait_until(lambda: roles(switch) == ["secondary", "other"], "the end of the primary's role")


# rows: B1 B12
def a_monitor_takes_a_role():
    quiet_veth("p1", "e1")
    switch = Switch("--fail-mode", "secure", ports=["p1"])

    def monitor(*wishes):
        return Process(program("sluice-ofctl"), "--run-dir", switch.run_dir, "monitor", "br0", 64, *wishes,
                       name="monitor")

    def tell_both(*monitors):
        """Makes and deletes rules until one of the monitors has been told of one."""
        switch.ofctl("add-flow", "send_flow_rem,actions=drop")
        switch.ofctl("del-flows")
        return [m for m in monitors if "OFPT_FLOW_REMOVED" in m.output()]
    first = monitor("role=primary")
    wait_until(lambda: tell_both(first), "a flow_removed for the primary")
    second = monitor("role=master")
    wait_until(lambda: tell_both(second), "a flow_removed for the new primary")


    def both_are_told_of_the_port(state, times):
        """Whoever has been told of the port has been told of all before."""
        sh("ip", "link", "set", "e1", state)
        wait_until(lambda: all(m.output().count("PORT_STATUS") >= times for m in (first, second)), "news of the port")
    both_are_told_of_the_port("down", 1)
    n = first.output().count("FLOW_REMOVED")
    tell_both()
    both_are_told_of_the_port("up", 2)
    check(first.output().count("FLOW_REMOVED") == n, "a secondary one was told of a flow:\n" + first.output())
    r = subprocess.run([program("sluice-ofctl"), "--run-dir", switch.run_dir, "monitor", "br0", "role=king"],
                       stderr=subprocess.PIPE, text=True, check=False)
    check(r.returncode == 1 and "role=king: unsupported" in r.stderr and r.stderr.count("\n") == 1, r.stderr)


# rows: B1 B11
def os_ken_takes_roles():
    """Two controllers that both want to be master, in its own words."""
    need("ip")
    if subprocess.run(["/usr/bin/python3", "-c", "import os_ken"], stderr=subprocess.DEVNULL).returncode:
        raise Skip("os-ken is not installed")
    quiet_veth("p1", "e1")
    controllers = [Process("/usr/bin/python3", "-c", "from os_ken.cmd.manager import main; main()",
                           "--ofp-listen-host", "127.0.0.1", "--ofp-tcp-listen-port", port,
                           os.path.join(HERE, "oskenrole.py"), name="osken") for port in (6653, 6654)]
    switch = Switch("--controller", "tcp:127.0.0.1:6653", "--controller", "tcp:127.0.0.1:6654",
                    "--max-backoff", 1, ports=["p1"])
    for c in controllers:
        c.says("role reply 1")
    check(sorted(roles(switch)) == ["primary", "secondary"], str(roles(switch)))
    check(not any("error" in c.output().lower() for c in controllers), "os-ken was sent an error")


main(a_new_primary_takes_the_role_from_the_old_one, a_monitor_takes_a_role, os_ken_takes_roles)
