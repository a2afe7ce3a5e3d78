#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Controllers that are killed, stopped or cut off, and what the switch does in each fail mode meanwhile."""
import datetime
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import Host, Process, Switch, check, main, need, program, sh, veth_port, wait_until

PORT = 6653
PROBE = 1  # Seconds of --inactivity-probe.


class Controller:
    """A controller that answers echoes alone, and can be lost in three ways."""

    def __init__(self, port=PORT, *options):
        self.port = port
        self.options = options
        self.start()

    def start(self):
        self.process = Process(program("sluice-controller"), f"ptcp:{self.port}",
                               *(self.options or ["--mute"]))
        listening = f":{self.port:04X} 00000000:0000 0A"
        wait_until(lambda: listening in open("/proc/net/tcp").read(), "the controller")

    def kill(self):
        self.process.stop(signal.SIGKILL)

    def freeze(self):
        self.process.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.process.send_signal(signal.SIGCONT)

    def cut_off(self):
        need("nft")
        sh("nft", "add table inet cut; add chain inet cut in { type filter hook input priority 0; }; "
           f"add rule inet cut in tcp dport {self.port} drop; "
           f"add rule inet cut in tcp sport {self.port} drop")

    def join(self):
        sh("nft", "delete table inet cut")


# How a controller is lost, and how it comes back.
WAYS = {"killed": (Controller.kill, Controller.start), "stopped": (Controller.freeze, Controller.thaw),
        "cut off": (Controller.cut_off, Controller.join)}


class Net:
    """Two hosts, a switch in a fail mode and its controller."""

    def __init__(self, mode):
        self.h1, self.h2 = Host("h1"), Host("h2")
        for i, host in enumerate((self.h1, self.h2), 1):
            veth_port(host, f"p{i}")
            host.address("eth0", f"10.0.0.{i}/24")
        self.controller = Controller()
        self.switch = Switch("--controller", f"tcp:127.0.0.1:{PORT}", "--fail-mode", mode,
                             "--inactivity-probe", PROBE, "--max-backoff", 1, ports=["p1", "p2"])
        self.switch.wait_ports(2)
        wait_until(self.is_connected, "the connection")

    def show(self):
        """What sluicectl tells of the bridge."""
        out = sh(program("sluicectl"), "--run-dir", self.switch.run_dir, "--json", "show")
        return json.loads(out)["bridges"][0]

    def is_connected(self):
        return self.show()["controllers"][0]["is_connected"]

    def is_alone(self):
        return self.show()["is_standalone"]

    def lose(self, way):
        """Loses the controller, and waits until the switch has noticed."""
        began = time.monotonic()
        WAYS[way][0](self.controller)
        wait_until(lambda: not self.is_connected(), "the loss of the controller")
        print(f"     {way}: noticed after {time.monotonic() - began:.2f} s")

    def logged(self, text):
        """When the switch logged a line with this text, the last one, in seconds."""
        line = [line for line in self.switch.output().splitlines() if text in line][-1]
        return datetime.datetime.fromisoformat(line.split("|")[0].rstrip("Z")).timestamp()

    def wait_alone(self):
        """Waits until the switch is on its own, which it must not be before three probe intervals have passed."""
        wait_until(self.is_alone, "the switch being on its own")
        after = self.logged(": no controller: ") - self.logged(": connection lost")
        check(after > 2 * PROBE, f"the switch was on its own after {after:.3f} s already")

    def regain(self, way):
        WAYS[way][1](self.controller)
        wait_until(self.is_connected, "the controller's return")

    def is_reached(self):
        """Whether a ping gets through."""
        return " 0% packet loss" in self.h1.run("ping", "-n", "-c", 1, "-W", 1, "10.0.0.2", ok=False)

    def add(self, flags=""):
        """Rules between the two hosts."""
        self.switch.ofctl("add-flow", f"{flags}in_port=1,actions=output:2")
        self.switch.ofctl("add-flow", f"{flags}in_port=2,actions=output:1")

    def n_flows(self, *what):
        return self.switch.ofctl("dump-flows", *what).count("actions=")


def secure(way):
    """Rules, counters and traffic go on; what has no rule stays dropped."""
    net = Net("secure")
    net.add()
    wait_until(net.is_reached, "the first packet")
    net.h1.ping("10.0.0.2")
    before = net.switch.flow_counters()
    net.lose(way)
    net.h1.ping("10.0.0.2", count=10)
    net.switch.ofctl("del-flows", "in_port=2")
    check(not net.is_reached(), "without a rule a packet went through")
    net.switch.ofctl("add-flow", "in_port=2,actions=output:1")
    check(not net.is_alone(), "a secure switch went on its own")
    net.regain(way)
    net.h1.ping("10.0.0.2")
    after = net.switch.flow_counters("in_port=1")
    check(after[0] > before[0] / 2 + 13 and net.n_flows() == 2, f"counters went from {before} to {after}")


def standalone(way):
    """After three probe intervals a learning switch, until the controller is back; no rules stay."""
    net = Net("standalone")
    net.switch.ofctl("add-flow", "actions=drop")
    check(not net.is_reached(), "dropped packets went through")
    net.lose(way)
    net.wait_alone()
    net.h1.ping("10.0.0.2")
    check(net.n_flows() == 0, "rules stayed")
    net.switch.ofctl("add-flow", "in_port=1,actions=output:2")
    net.regain(way)
    check(not net.is_alone() and net.n_flows() == 0, "rules of the time without a controller stayed")
    check(not net.is_reached(), "a mute controller's switch forwarded")


def emergency(way):
    """After three probe intervals the emergency rules hold, until the controller is back."""
    net = Net("emergency")
    net.add("emerg,")
    net.switch.ofctl("add-flow", "actions=drop")
    check(not net.is_reached(), "dropped packets went through")
    net.lose(way)
    net.wait_alone()
    net.h1.ping("10.0.0.2")
    check(net.n_flows() == 0 and net.n_flows("table=254") == 2, net.switch.ofctl("dump-flows"))
    net.regain(way)
    check(not net.is_alone() and not net.is_reached(), "emergency rules hold still")
    check(net.n_flows() == 0 and net.n_flows("table=254") == 2, net.switch.ofctl("dump-flows"))


# rows: A9.1 A9.4 A9.5
def a_secure_switch_goes_on_when_its_controller_is_killed():
    secure("killed")


# rows: A1.10 A9.1 A9.4 A9.5
def a_secure_switch_goes_on_when_its_controller_is_stopped():
    secure("stopped")


# rows: A1.10 A9.1 A9.4 A9.5
def a_secure_switch_goes_on_when_its_controller_is_cut_off():
    secure("cut off")


# rows: A9.1 A9.4
def a_standalone_switch_learns_when_its_controller_is_killed():
    standalone("killed")


# rows: A9.1 A9.4
def a_standalone_switch_learns_when_its_controller_is_stopped():
    standalone("stopped")


# rows: A9.1 A9.4
def a_standalone_switch_learns_when_its_controller_is_cut_off():
    standalone("cut off")


# rows: A9.1 A9.3
def emergency_rules_hold_when_the_controller_is_killed():
    emergency("killed")


# rows: A9.1 A9.3
def emergency_rules_hold_when_the_controller_is_stopped():
    emergency("stopped")


# rows: A9.1 A9.3
def emergency_rules_hold_when_the_controller_is_cut_off():
    emergency("cut off")


# rows: A9.3
def a_switch_that_never_had_a_controller_is_in_an_emergency():
    net = Net("emergency")
    net.controller.kill()
    net.switch.stop()
    net.switch.start()
    wait_until(net.is_alone, "the emergency")
    check(not net.is_reached(), "there are no rules, but packets go through")
    net.add("emerg,")
    net.h1.ping("10.0.0.2")


# rows: A9.1
def a_second_controller_goes_on_when_the_first_is_lost():
    """Each of three losses of the one, with the other there, which both learn."""
    net = Net("secure")
    net.switch.stop()
    net.controller.kill()
    both = Controller(PORT, "--max-idle", "1"), Controller(PORT + 1, "--max-idle", "1")
    net.switch = Switch("--controller", f"tcp:127.0.0.1:{PORT}", "--controller",
                        f"tcp:127.0.0.1:{PORT + 1}", "--inactivity-probe", PROBE, "--max-backoff", 1,
                        ports=["p1", "p2"])
    net.controller = both[0]
    wait_until(lambda: all(c["is_connected"] for c in net.show()["controllers"]), "both controllers")
    for way in WAYS:
        net.h1.ping("10.0.0.2")
        WAYS[way][0](net.controller)
        net.h1.ping("10.0.0.2")
        wait_until(lambda: not net.is_connected(), "the loss of the first controller")
        net.switch.ofctl("del-flows")
        net.h1.ping("10.0.0.2")
        check(net.show()["controllers"][1]["is_connected"], "the second controller is lost too")
        net.regain(way)


main(a_secure_switch_goes_on_when_its_controller_is_killed,
     a_secure_switch_goes_on_when_its_controller_is_stopped,
     a_secure_switch_goes_on_when_its_controller_is_cut_off,
     a_standalone_switch_learns_when_its_controller_is_killed,
     a_standalone_switch_learns_when_its_controller_is_stopped,
     a_standalone_switch_learns_when_its_controller_is_cut_off,
     emergency_rules_hold_when_the_controller_is_killed,
     emergency_rules_hold_when_the_controller_is_stopped,
     emergency_rules_hold_when_the_controller_is_cut_off,
     a_switch_that_never_had_a_controller_is_in_an_emergency,
     a_second_controller_goes_on_when_the_first_is_lost)
