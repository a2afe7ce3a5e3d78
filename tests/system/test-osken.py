#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""os-ken as controller, over TCP and over mutual TLS: learning, and a controller that comes back."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Host, Process, Skip, Switch, check, main, need, program, sh, tmp, veth_port,
                        wait_until)

HERE = os.path.dirname(os.path.abspath(__file__))
OSKEN = ["/usr/bin/python3", "-c", "from os_ken.cmd.manager import main; main()",
         "--ofp-listen-host", "127.0.0.1"]


def need_osken():
    need("ip")
    if subprocess.run(["/usr/bin/python3", "-c", "import os_ken"], stderr=subprocess.DEVNULL).returncode:
        raise Skip("os-ken is not installed")


def controller(*options):
    return Process(*OSKEN, *options, os.path.join(HERE, "oskensw.py"), name="osken")


def hosts():
    two = [Host("h1"), Host("h2")]
    for i, host in enumerate(two, 1):
        veth_port(host, f"p{i}")
        host.address("eth0", f"10.0.0.{i}/24")
    return two


def learn_and_return(start, target, *keys):
    """Two hosts learn each other; the controller is killed and back within 0.5 s."""
    h1, _h2 = hosts()
    osken = start()
    switch = Switch("--controller", target, "--fail-mode", "secure", *keys, ports=["p1", "p2"])
    osken.says("connected")
    h1.ping("10.0.0.2", count=5)
    check("cookie=0x5a" in switch.ofctl("dump-flows"), "no flow was installed")
    before = switch.flow_counters()
    n = switch.output().count(": connected")
    osken.stop(signal.SIGKILL)
    osken = start()
    began = time.monotonic()
    osken.says("connected")
    listening = time.monotonic() - began
    wait_until(lambda: switch.output().count(": connected") > n, "the switch's return", 10)
    check("cookie=0x5a" in switch.ofctl("dump-flows"), "the flows are gone")
    h1.ping("10.0.0.2", count=3)
    after = switch.flow_counters()
    check(after[0] >= before[0] + 6, f"counters went from {before} to {after}")
    print(f"     switch back {listening:.2f} s after the controller was started again")
    check("error type" not in osken.output(), "the switch sent errors:\n" + osken.output())


def tcp():
    need_osken()
    learn_and_return(lambda: controller("--ofp-tcp-listen-port", "6653"), "tcp:127.0.0.1:6653")


def mutual_tls():
    need_osken()
    pki = os.path.join(tmp(), "pki")
    sh(program("sluice-pki"), "--dir", pki, "init")
    for name, role in (("sw", "switch"), ("ctl", "controller")):
        sh(program("sluice-pki"), "--dir", pki, "req+sign", name, role, cwd=tmp())
    t = tmp()
    learn_and_return(
        lambda: controller("--ofp-ssl-listen-port", "6653", "--ctl-privkey", f"{t}/ctl-privkey.pem",
                           "--ctl-cert", f"{t}/ctl-cert.pem",
                           "--ca-certs", f"{pki}/switchca/cacert.pem"),
        "tls:127.0.0.1:6653", "--private-key", f"{t}/sw-privkey.pem", "--certificate",
        f"{t}/sw-cert.pem", "--ca-cert", f"{pki}/controllerca/cacert.pem")


main(tcp, mutual_tls)
