#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The classic applications of OpenFlow 1.0, each on os-ken, against the switch with real hosts."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from sluicetest import Host, Process, Skip, Switch, check, main, need, sh, veth_port, wait_until

PORT = 6653
TARGET = f"tcp:127.0.0.1:{PORT}"
OSKEN = ["/usr/bin/python3", "-c", "from os_ken.cmd.manager import main; main()",
         "--ofp-listen-host", "127.0.0.1", "--ofp-tcp-listen-port", PORT]


def application(name, **environment):
    """Starts an application, and waits until it listens."""
    need("ip")
    if subprocess.run(["/usr/bin/python3", "-c", "import os_ken"], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        raise Skip("os-ken is not installed")
    process = Process(*OSKEN, os.path.join(HERE, "oskenapps.py"), name=name,
                      env={**os.environ, "APPLICATION": name, **environment})
    with open("/proc/net/tcp", encoding="ascii") as table:
        wait_until(lambda: table.seek(0) == 0 and f":{PORT:04X} 00000000:0000 0A" in table.read(),
                   "the application")
    return process


def host(i, address):
    h = Host(f"h{i}")
    veth_port(h, f"p{i}")
    h.address("eth0", address)
    return h


def is_content(app):
    """No error, nothing that the application stumbled over."""
    for word in ("error type", "Traceback"):
        check(word not in app.output(), f"{word}:\n{app.output()}")


def ring(name):
    """Three bridges in a ring with a host at each, and an application that finds the six ends of links."""
    app = application(name, N_LINKS="6")
    hosts = [host(i, f"10.0.0.{i}/24") for i in (1, 2, 3)]
    words = []
    for i, (bridge, left, right) in enumerate((("a", "c", "b"), ("b", "a", "c"), ("c", "b", "a")), 1):
        words += ["--bridge", bridge, "--no-local", "--dpid", f"{i:016x}", "--controller", TARGET,
                  "--port", f"{bridge}{left},type=patch,peer={left}{bridge}",
                  "--port", f"{bridge}{right},type=patch,peer={right}{bridge}", "--port", f"p{i}"]
    return app, hosts, Switch(*words, local=True, bridge="a")


# rows: BH1 A4.10 A6.4
def a_learning_switch_of_exact_flows_with_buffers():
    app = application("learning")
    h1, _h2 = host(1, "10.0.0.1/24"), host(2, "10.0.0.2/24")
    switch = Switch("--controller", TARGET, ports=["p1", "p2"])
    app.says("connected")
    h1.ping("10.0.0.2", count=5)
    flows = switch.ofctl("dump-flows")
    check("icmp_type=8" in flows and "icmp_type=0" in flows, flows)
    check("idle_timeout=10, hard_timeout=30" in flows, flows)
    is_content(app)


# rows: A6.7
def discovery_finds_every_link():
    app, _hosts, _switch = ring("discovery")
    app.says("topology complete")
    for link in ("1.2 to 2.1", "2.1 to 1.2", "2.2 to 3.1", "3.1 to 2.2", "3.2 to 1.1", "1.1 to 3.2"):
        app.says(f"link {link}")
    is_content(app)


# rows: A7.8 A7.4
def a_spanning_tree_by_port_mod_ends_floods():
    app, hosts, switch = ring("tree")
    app.says("tree is set")
    for far in ("10.0.0.2", "10.0.0.3"):
        hosts[0].ping(far)
        out = hosts[0].run("ping", "-n", "-q", "-c", 3, "-i", 0.05, "-W", 5, far)
        check("duplicates" not in out, out)
    blocked = sum(sh(switch.words[0].replace("sluiced", "sluice-ofctl"), "--run-dir", switch.run_dir,
                     "show", bridge).count("NO_FLOOD") for bridge in "abc")
    check(blocked == 2, f"{blocked} ports have NO_FLOOD, not the two ends of one link")
    is_content(app)


# rows: A6.4 A6.7 A5.6
def paths_over_switches_with_buffers_and_no_data():
    app, hosts, switch = ring("paths")
    app.says("tree is set")
    for h in hosts:
        for far in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
            h.ping(far, count=2)
    check("dl_src=" in switch.ofctl("dump-flows"), "no path was laid")
    is_content(app)


# rows: A5.7 A5.9
def a_firewall_over_normal():
    app = application("firewall")
    h1 = host(1, "10.0.0.1/24")
    h3 = [host(i, f"10.0.0.{i}/24") for i in (2, 3)][1]
    Switch("--controller", TARGET, ports=["p1", "p2", "p3"])
    app.says("firewall is up")
    h1.ping("10.0.0.2", count=3)

    def is_blocked():
        h3.run("ping", "-c", "1", "-W", "1", "10.0.0.2", ok=False)
        return "blocked 10.0.0.3 to 10.0.0.2 reason=1 size=98" in app.output()
    wait_until(is_blocked, "a ping that is blocked")
    is_content(app)


# rows: A5.13 A6.7
def a_router_between_two_networks():
    app = application("router")
    h1, h2 = host(1, "10.0.1.2/24"), host(2, "10.0.2.2/24")
    h1.run("ip", "route", "add", "default", "via", "10.0.1.1")
    h2.run("ip", "route", "add", "default", "via", "10.0.2.1")
    Switch("--controller", TARGET, ports=["p1", "p2"])
    app.says("connected")
    h2.ping("10.0.2.1", count=2)
    h1.ping("10.0.1.1", count=2)
    h1.ping("10.0.2.2", count=3)
    is_content(app)


main(a_learning_switch_of_exact_flows_with_buffers, discovery_finds_every_link,
     a_spanning_tree_by_port_mod_ends_floods, paths_over_switches_with_buffers_and_no_data,
     a_firewall_over_normal, a_router_between_two_networks)
