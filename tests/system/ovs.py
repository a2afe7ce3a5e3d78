# SPDX-License-Identifier: Apache-2.0
"""A private Open vSwitch with its dummy datapath, whose clock stands still, and a controller of it.

All its sockets are in a directory of the case; it touches no device.  Nothing is waited for by time: its
main loop has gone round once when it has answered a request.  Its cache of flows holds none, so that each
frame meets the tables as they are, and no thread of its own counts or learns later.
"""
import json
import os
import socket
import struct
import subprocess

import openflow
from sluicetest import PATIENCE, Process, need, sh, tmp, wait_until

SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
BARRIER = 0x62617272  # Transaction id of barriers that are not the test's own.
MARK = 0x6d61726b  # Cookie of a flow that comes and goes to show that others have gone.
STEP_MS = 1000  # Time passes in steps: timeouts of different length end in order, and no silence is long.
ROUNDS = 3  # Requests that are answered after all that a frame causes has happened.


class Requests:
    """Commands to one of its programs, as ovs-appctl sends them."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(path)
        self.buffer = ""

    def __call__(self, command, *words):
        self.sock.sendall(json.dumps({"id": 0, "method": command, "params": words}).encode())
        while True:
            try:
                answer, end = json.JSONDecoder().raw_decode(self.buffer)
                break
            except ValueError:
                data = self.sock.recv(65536)
                if not data:
                    raise OSError(f"no answer to {command}") from None
                self.buffer += data.decode()
        self.buffer = self.buffer[end:].lstrip()
        if answer["error"]:
            raise OSError(f"{command}: {answer['error']}")
        return answer["result"]


class Capture:
    """A capture file that grows."""

    def __init__(self, path):
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path) >= 24, path)
        self.file = open(path, "rb")
        self.file.read(24)

    def frames(self):
        """What has been written since the last time."""
        found = []
        while True:
            at = self.file.tell()
            head = self.file.read(16)
            size = struct.unpack("=IIII", head)[2] if len(head) == 16 else 0
            frame = self.file.read(size)
            if not size or len(frame) < size:
                self.file.seek(at)
                return found
            found.append(frame)


class OpenVSwitch:
    """The switch: bridge br0 with the ports p1 to pN, and one controller."""

    def __init__(self, n_ports):
        need("ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl")
        self.directory = os.path.join(tmp(), "ovs")
        os.mkdir(self.directory)
        d = self.directory
        env = dict(os.environ, OVS_RUNDIR=d, OVS_LOGDIR=d, OVS_DBDIR=d, OVS_SYSCONFDIR=d)
        self.env = env
        database = f"unix:{d}/db.sock"
        subprocess.run(["ovsdb-tool", "create", f"{d}/conf.db", SCHEMA], check=True, env=env)
        Process("ovsdb-server", "--no-chdir", f"--unixctl={d}/db.ctl", f"--remote=p{database}",
                f"{d}/conf.db", env=env)
        wait_until(lambda: os.path.exists(f"{d}/db.sock"), "ovsdb-server")
        Process("ovs-vswitchd", "--no-chdir", "--enable-dummy=override", "--disable-system",
                f"--unixctl={d}/vswitchd.ctl", database, env=env)
        listener, target = openflow.listen()
        words = ["ovs-vsctl", f"--timeout={PATIENCE}", f"--db={database}", "init", "--",
                 "set", "Open_vSwitch", ".", "other_config:flow-limit=0", "--", "add-br", "br0", "--",
                 "set", "bridge", "br0", "datapath_type=dummy", "fail-mode=secure",
                 "protocols=OpenFlow10", "other-config:datapath-id=0000000000001234", "--",
                 "set-controller", "br0", target, "--",
                 "set", "controller", "br0", "connection-mode=out-of-band"]
        for i in range(1, n_ports + 1):
            words += ["--", "add-port", "br0", f"p{i}", "--", "set", "Interface", f"p{i}",
                      "type=dummy", f"ofport_request={i}", f"options:tx_pcap={d}/p{i}.pcap"]
        sh(*words, env=env)
        self.captures = {i: Capture(f"{d}/p{i}.pcap") for i in range(1, n_ports + 1)}
        self.request = Requests(f"{d}/vswitchd.ctl")
        self.request("time/stop")
        self.peer = openflow.Peer.accept(listener)
        self.peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def settled(self):
        """Messages and frames that came, after all has happened that happens now."""
        found = self.peer.barrier(BARRIER)
        for _ in range(ROUNDS):
            self.request("version")
        messages = []
        for kind, xid, body in found + self.peer.barrier(BARRIER):
            if (kind, xid) != (openflow.BARRIER_REPLY, BARRIER):
                messages.append(openflow.message(kind, body, xid))
        frames = {port: capture.frames() for port, capture in self.captures.items()}
        return messages, {port: f for port, f in frames.items() if f}

    def drain(self):
        """Waits for what it tells of removed flows some time after its barrier: it does so in order. Returns the
        messages that came."""
        mark = struct.pack("!Q", MARK)
        words = [openflow.match() + mark + struct.pack("!HHHHIHH", command, 0, 0, 1, 0xffffffff, 0xffff,
                                                       openflow.SEND_FLOW_REM)
                 for command in (openflow.ADD, openflow.DELETE_STRICT)]
        self.peer.send(*[openflow.message(openflow.FLOW_MOD, w) for w in words])
        found = []

        def is_marked():
            messages = self.settled()[0]
            others = [m for m in messages if mark not in (m[48:56], m[16:24])]
            found.extend(others)
            return len(others) < len(messages)
        wait_until(is_marked, "a flow_removed", pause=0)
        return found

    def forget_addresses(self):
        """Forgets where NORMAL has seen whom."""
        self.request("fdb/flush", "br0")

    def forget_port(self, number):
        """Forgets whom NORMAL has seen behind a port."""
        for line in self.request("fdb/show", "br0").splitlines()[1:]:
            port, vlan, address, _age = line.split()
            if port == str(number):
                self.request("fdb/add", "br0", f"p{number}", vlan, address)  # Only such can be deleted.
                self.request("fdb/del", "br0", vlan, address)

    def send(self, message):
        self.peer.send(message)
        return self.settled()

    def receive(self, port, frame):
        self.request("netdev-dummy/receive", f"p{port}", frame.hex())
        return self.settled()

    def wait(self, ms):
        """Lets time pass.  Its probes of the connection are answered meanwhile."""
        messages, frames = [], {}
        for _ in range(ms // STEP_MS):
            self.request("time/warp", str(STEP_MS))
            more = self.settled()
            messages += more[0]
            frames.update(more[1])
        return messages, frames
