#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Controllers that teach hosts to each other, over TCP and mutual TLS, die and come back: os-ken and ours."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Process, Skip, Switch, check, main, make_keys, need, program, tmp, two_hosts,
                        wait_until)

HERE = os.path.dirname(os.path.abspath(__file__))
OSKEN = ["/usr/bin/python3", "-c", "from os_ken.cmd.manager import main; main()",
         "--ofp-listen-host", "127.0.0.1"]
PORT = 6653
BACK = 2  # Seconds in which, with SLUICE_SPEED set, a switch is back once a controller listens that was away.


def need_osken():
    need("ip")
    if subprocess.run(["/usr/bin/python3", "-c", "import os_ken"], stderr=subprocess.DEVNULL).returncode:
        raise Skip("os-ken is not installed")


def osken(*options):
    return Process(*OSKEN, *options, os.path.join(HERE, "oskensw.py"), name="osken")


def is_listening():
    """Whether somebody listens at PORT in this namespace."""
    return f":{PORT:04X} 00000000:0000 0A" in open("/proc/net/tcp").read()


def learn_and_return(start, start_again, target, *keys):
    """Two hosts learn each other; the controller is killed and started again."""
    h1, _h2 = two_hosts()
    controller = start()
    wait_until(is_listening, "the controller")
    switch = Switch("--controller", target, "--fail-mode", "secure", *keys, ports=["p1", "p2"])
    switch.says(f"{target}: connected")
    h1.ping("10.0.0.2", count=5)
    before = switch.flow_counters()
    check(before[0] >= 8, f"flows counted {before[0]} packets: {switch.ofctl('dump-flows')}")
    n = switch.output().count(": connected")
    controller.stop(signal.SIGKILL)
    killed = time.monotonic()
    controller = start_again()
    wait_until(is_listening, "the controller's return")
    began = time.monotonic()
    wait_until(lambda: switch.output().count(": connected") > n, "the switch's return")
    took = time.monotonic() - began
    print(f"     listening {began - killed:.2f} s after the kill, switch back {took:.2f} s later")
    # A controller that is slow to listen finds the switch in a longer pause: each is as long as all
    # before it.
    if os.environ.get("SLUICE_SPEED"):
        check(took < BACK + began - killed,
              f"the switch was back only {took:.2f} s after its controller listened")
    h1.ping("10.0.0.2", count=3)
    after = switch.flow_counters()
    check(after[0] >= before[0] + 6, f"counters went from {before} to {after}")
    check("error type" not in controller.output(), "the switch sent errors:\n" + controller.output())


def tls_options(ours):
    """Keys of the controller: options of os-ken, or 'ours'; and those of the switch."""
    make_keys()
    t = tmp()
    theirs = {"--private-key": f"{t}/ctl-privkey.pem", "--certificate": f"{t}/ctl-cert.pem",
              "--ca-cert": f"{t}/pki/switchca/cacert.pem"}
    names = {"--private-key": "--ctl-privkey", "--certificate": "--ctl-cert", "--ca-cert": "--ca-certs"}
    controller = [word for key, value in theirs.items() for word in (key if ours else names[key], value)]
    return controller, ["--private-key", f"{t}/sw-privkey.pem", "--certificate", f"{t}/sw-cert.pem",
                        "--ca-cert", f"{t}/pki/controllerca/cacert.pem"]


# rows: BH2 A9.1 A9.5
def osken_over_tcp():
    need_osken()

    def start():
        return osken("--ofp-tcp-listen-port", PORT)
    learn_and_return(start, start, f"tcp:127.0.0.1:{PORT}")


# rows: BH2 A1.20
def osken_over_mutual_tls():
    need_osken()
    keys, switch_keys = tls_options(ours=False)

    def start():
        return osken("--ofp-ssl-listen-port", PORT, *keys)
    learn_and_return(start, start, f"tls:127.0.0.1:{PORT}", *switch_keys)


def sluice_controller(kind, *options):
    return Process(program("sluice-controller"), f"p{kind}:{PORT}", *options)


def sluice_controller_over_tcp():
    """The second one is mute, for the other would delete all flows and learn anew."""
    learn_and_return(lambda: sluice_controller("tcp"), lambda: sluice_controller("tcp", "--mute"),
                     f"tcp:127.0.0.1:{PORT}")


def sluice_controller_over_mutual_tls():
    keys, switch_keys = tls_options(ours=True)
    learn_and_return(lambda: sluice_controller("tls", *keys),
                     lambda: sluice_controller("tls", "--mute", *keys),
                     f"tls:127.0.0.1:{PORT}", *switch_keys)


main(osken_over_tcp, osken_over_mutual_tls, sluice_controller_over_tcp,
     sluice_controller_over_mutual_tls)
