# SPDX-License-Identifier: Apache-2.0
"""Sluice as a switch of Mininet: classes for its API and for mn.

    mn --custom /usr/local/share/sluice/mininet/sluice.py --switch sluice --controller remote
    mn --custom /usr/local/share/sluice/mininet/sluice.py --switch sluicebr --controller none
    mn --custom /usr/local/share/sluice/mininet/sluice.py --clean

The last one ends switches too that a Mininet left over which was killed; without --custom it knows of none.
Each switch is a sluiced of its own.  Hosts keep their default offloads: nothing has to be switched off
with ethtool.  sluiced, sluicectl and sluice-ofctl must be in the PATH; a switch s1 is known to the latter
as "s1", also outside of Mininet.
"""
import json
import os
import shlex
import signal
import socket
import subprocess
import time

from mininet.clean import addCleanupCallback
from mininet.link import Intf, TCIntf
from mininet.log import debug, error, info
from mininet.moduledeps import pathCheck
from mininet.node import Switch


class SluiceError(Exception):
    """A switch can't do what was asked for; the text says why."""


class SluiceSwitch(Switch):
    """An OpenFlow 1.0 switch that Mininet's controllers command."""

    run_dir = "/run/sluice"  # Where the sockets of all switches stand.
    start_timeout = 20       # Seconds that a switch may take to start, and to stop.

    def __init__(self, name, failMode="secure", maxBackoff=1, local=True, batch=False, stp=None,
                 **params):
        """name: name for the switch and its bridge
           failMode: what to do without a controller (secure|standalone|emergency)
           maxBackoff: longest wait between attempts to reach a controller, seconds
           local: has a LOCAL port, the device NAME
           stp: spanning tree, as sluiced --stp (stp|rstp[,priority=N]...); True is stp
           batch: start all switches at once, then wait for them
           params: as of Switch; opts are more options of sluiced (--private-key FILE ...), quoted as in
           a shell"""
        Switch.__init__(self, name, **params)
        self.failMode = failMode
        self.maxBackoff = maxBackoff
        self.local = local
        self.batch = batch
        self.stp = "stp" if str(stp) in ("1", "True") else stp if stp and str(stp) != "False" else "no"
        self.process = None  # The running sluiced.

    @classmethod
    def setup(cls):
        """Makes sure that Sluice is installed."""
        pathCheck("sluiced", "sluicectl", "sluice-ofctl", moduleName="Sluice")

    @classmethod
    def cleanup(cls):
        """Ends the switches of a Mininet that is gone."""
        for name in os.listdir(cls.run_dir) if os.path.isdir(cls.run_dir) else []:
            if name.endswith(".mininet-pid"):
                cls._end_stale(os.path.join(cls.run_dir, name))

    # Files and processes -------------------------------------------------------------------------

    def _path(self, suffix):
        """Path of one of our files in the run directory."""
        return os.path.join(self.run_dir, f"{self.name}.{suffix}")

    def logFile(self):
        """Path of the log."""
        return f"/tmp/{self.name}-sluiced.log"

    @classmethod
    def _end_stale(cls, pidfile):
        """Ends the sluiced that a pid file tells of, if it is one."""
        try:
            with open(pidfile, encoding="ascii") as f:
                pid = int(f.read())
            with open(f"/proc/{pid}/comm", encoding="ascii") as f:
                is_ours = f.read().strip() == "sluiced"
        except (OSError, ValueError):
            is_ours = False
        if is_ours:
            info(f"*** Ending a left-over switch: {pidfile}\n")
            os.kill(pid, signal.SIGTERM)
            cls._wait(lambda: not os.path.exists(pidfile))
        elif os.path.exists(pidfile):
            os.unlink(pidfile)

    @classmethod
    def _wait(cls, condition):
        """Polls until the condition holds; returns whether it came true in time."""
        end = time.monotonic() + cls.start_timeout
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    # Asking --------------------------------------------------------------------------------------

    def control(self, *words):
        """Does what "sluicectl WORDS" does; returns the result as Python data."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(self.start_timeout)
            try:
                s.connect(self._path("ctl"))
                s.sendall((json.dumps([str(w) for w in words]) + "\n").encode())
                with s.makefile() as lines:
                    answer = json.loads(lines.readline())
            except (OSError, ValueError) as e:
                raise SluiceError(f"{self.name}: no answer from {self._path('ctl')}: {e}") from e
        if "error" in answer:
            raise SluiceError(f"{self.name}: {answer['error']}")
        return answer["result"]

    def dpctl(self, *args):
        """Runs a command of sluice-ofctl on this switch and returns its output."""
        return self.cmd("sluice-ofctl", "--run-dir", self.run_dir, args[0], self, *args[1:])

    def connected(self):
        """Is a controller connected (true without when standalone), and does the spanning tree stand?"""
        try:
            bridge = self.control("show", self)["bridges"][0]
        except SluiceError:
            return False
        trees = [port["spanning_tree"] or {} for port in bridge["ports"]]
        if any(tree.get("state") in ("listening", "learning") for tree in trees):
            return False
        return self.failMode == "standalone" or any(c["is_connected"] for c in bridge["controllers"])

    # Starting ------------------------------------------------------------------------------------

    def _port(self, intf):
        """What --port takes for an interface."""
        return f"{intf},ofport={self.ports[intf]}"

    def _words(self, controllers):
        """The command line."""
        words = ["sluiced", "--run-dir", self.run_dir, "--ctl", self._path("ctl"), "--pidfile",
                 self._path("mininet-pid"), "--max-backoff", self.maxBackoff, "--bridge", self,
                 "--dpid", self.dpid, "--dp-desc", self, "--fail-mode", self.failMode,
                 "--stp", self.stp]
        words += [] if self.local else ["--no-local"]
        for intf in self.intfList():
            if self.ports[intf] and not intf.IP():
                words += ["--port", self._port(intf)]
        for c in controllers:
            words += ["--controller", f"{c.protocol}:{c.IP()}:{c.port}"]
        if self.listenPort:
            words += ["--listen", f"ptcp:{self.listenPort}"]
        try:
            return [str(w) for w in words] + shlex.split(self.opts)
        except ValueError as e:
            raise SluiceError(f"{self.name}: opts={self.opts}: {e}: quote words as in a shell") from e

    def start(self, controllers):
        """Starts the switch, and waits until it is up unless in a batch."""
        os.makedirs(self.run_dir, exist_ok=True)
        self._end_stale(self._path("mininet-pid"))
        words = self._words(controllers)
        debug(" ".join(words) + "\n")
        with open(self.logFile(), "w", encoding="utf-8") as log:
            self.process = self.popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not self.batch:
            self._wait_started()

    def _is_up(self):
        """True when the control socket answers, or the process has ended."""
        if self.process.poll() is not None:
            return True
        try:
            self.control("show", self)
        except SluiceError:
            return False
        return True

    def _wait_started(self):
        """Waits until the switch is up, and gives the links the limits that they should have."""
        up = self._wait(self._is_up)
        if not up or self.process.poll() is not None:
            with open(self.logFile(), encoding="utf-8", errors="replace") as log:
                lines = log.read().splitlines() or ["it says nothing"]
            raise SluiceError(f"{self.name} does not start: {lines[-1]}")
        for intf in self.intfList():
            self._limit(intf)

    @staticmethod
    def _limit(intf):
        """Sets the bandwidth of a link again: a device may have lost it."""
        if isinstance(intf, TCIntf):
            intf.config(**intf.params)

    @classmethod
    def batchStartup(cls, switches):
        """Waits for the switches that were started in a batch, and returns them."""
        for switch in switches:
            if switch.batch:
                switch._wait_started()  # pylint: disable=protected-access
                switch.batch = False
        return switches

    # While it runs -------------------------------------------------------------------------------

    def attach(self, intf):
        """Adds an interface (or its name) to the running switch, with the number it has here."""
        intf = intf if isinstance(intf, Intf) else self.nameToIntf[str(intf)]
        self.control("port", "add", self, self._port(intf))
        intf.ifconfig("up")
        self._limit(intf)

    def detach(self, intf):
        """Takes an interface (or its name) out of the running switch."""
        self.control("port", "del", self, intf)

    # Stopping ------------------------------------------------------------------------------------

    def _ask_to_stop(self):
        """Has the switch begin to end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def _wait_stopped(self):
        """Waits for its end, and removes what a switch that had to be killed left behind."""
        if not self.process:
            return
        if not self._wait(lambda: self.process.poll() is not None):
            error(f"*** {self.name} does not end and is killed\n")
            self.process.kill()
            self.process.wait()
        self.process = None
        for suffix in ("ctl", "mgmt", "snoop", "mininet-pid"):
            if os.path.lexists(self._path(suffix)):
                os.unlink(self._path(suffix))

    def stop(self, deleteIntfs=True):
        """Ends the switch.
           deleteIntfs: delete interfaces? (True)"""
        self._ask_to_stop()
        self._wait_stopped()
        super().stop(deleteIntfs)

    @classmethod
    def batchShutdown(cls, switches):
        """Ends switches at once; returns those that are down."""
        for switch in switches:
            switch._ask_to_stop()  # pylint: disable=protected-access
        for switch in switches:
            switch.stop()
        return switches


class SluiceBridge(SluiceSwitch):
    """A learning switch without a controller."""

    def __init__(self, name, **params):
        """name: name for the bridge; see SluiceSwitch for other parameters"""
        params.update(failMode="standalone")
        SluiceSwitch.__init__(self, name, **params)

    def start(self, controllers):
        """Starts the bridge; the controllers are not for it."""
        SluiceSwitch.start(self, [])


# What mn's --custom looks for.
switches = {"sluice": SluiceSwitch, "sluicebr": SluiceBridge}

# What mn --clean does besides: it sets no switch up, so this module has to be enough for it.
addCleanupCallback(SluiceSwitch.cleanup)
