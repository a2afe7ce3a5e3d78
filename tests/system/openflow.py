# SPDX-License-Identifier: Apache-2.0
"""The little of OpenFlow 1.0 that a controller in a test needs: messages as bytes over a socket."""
import contextlib
import socket
import struct
import threading
import time

from sluicetest import PATIENCE, check

HELLO, ERROR, ECHO_REQUEST, ECHO_REPLY = 0, 1, 2, 3
FEATURES_REQUEST, FEATURES_REPLY = 5, 6
SET_CONFIG, PACKET_IN, FLOW_REMOVED, PORT_STATUS, FLOW_MOD = 9, 10, 11, 12, 14
BARRIER_REQUEST, BARRIER_REPLY = 18, 19
ADD, DELETE, DELETE_STRICT = 0, 3, 4
SEND_FLOW_REM = 1
HEADER = struct.Struct("!BBHI")


def message(kind, body=b"", xid=0):
    return HEADER.pack(1, kind, 8 + len(body), xid) + body


def match(nw_dst=None):
    """All packets, or IPv4 to one address (as a number)."""
    if nw_dst is None:
        wildcards, dl_type = 0x3fffff, 0
    else:
        wildcards, dl_type = 0x3fffff & ~0x10 & ~(0x3f << 14), 0x800
    return struct.pack("!IH6s6sHBxHBBxxIIHH", wildcards, 0, b"", b"", 0, 0, dl_type, 0, 0, 0,
                       nw_dst or 0, 0, 0)


def flow_mod(command, matched, output=None, flags=0, priority=100):
    actions = b"" if output is None else struct.pack("!HHHH", 0, 8, output, 0)
    return message(FLOW_MOD, matched + struct.pack("!QHHHHIHH", 0, command, 0, 0, priority, 0xffffffff,
                                                   0xffff, flags) + actions)


class Peer:
    """One connection with a switch, hello and features done."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.sock.settimeout(PATIENCE)
        self.send(message(HELLO), message(FEATURES_REQUEST))
        self.until(FEATURES_REPLY)

    @classmethod
    def accept(cls, listener):
        listener.settimeout(PATIENCE)
        return cls(listener.accept()[0])

    @classmethod
    def connect(cls, path):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        return cls(sock)

    def send(self, *messages):
        self.sock.sendall(b"".join(messages))

    def receive(self):
        """The next messages, as (kind, xid, body); waits for one at least. Echoes are answered."""
        while len(self.buffer) < 8 or len(self.buffer) < HEADER.unpack_from(self.buffer)[2]:
            data = self.sock.recv(1 << 20)
            if not data:
                raise OSError("the switch ended the connection")
            self.buffer += data
        found, at, data = [], 0, self.buffer
        while len(data) - at >= 8:
            _version, kind, size, xid = HEADER.unpack_from(data, at)
            if len(data) - at < size:
                break
            if kind == ECHO_REQUEST:
                self.send(message(ECHO_REPLY, data[at + 8:at + size], xid))
            found.append((kind, xid, data[at + 8:at + size]))
            at += size
        self.buffer = data[at:]
        return found

    def until(self, wanted):
        """Waits for a message of a kind; returns all that came up to it and with it."""
        found = []
        while wanted not in (m[0] for m in found):
            found += self.receive()
        return found

    def barrier(self, xid=0):
        """A barrier; returns what came before its reply and with it."""
        self.send(message(BARRIER_REQUEST, xid=xid))
        found = []
        while (BARRIER_REPLY, xid) not in (m[:2] for m in found):
            found += self.receive()
        return found


class Flood:
    """A peer that sends 'data' again and again, and reads nothing."""

    def __init__(self, sock, data):
        self.sock, self.data, self.sent = sock, memoryview(data), 0
        self.sock.setblocking(False)

    def goes_on(self):
        """Sends while there is room, 'data' once at most; returns whether there was any."""
        before = self.sent
        with contextlib.suppress(BlockingIOError):
            while self.sent - before < len(self.data):
                self.sent += self.sock.send(self.data[self.sent % len(self.data):])
        return self.sent > before


def flood(floods, most, round_trip):
    """Lets all floods go on until who is flooded reads no more, though it does what 'round_trip' asks of
    it. Returns how many KiB that took; fails if it is more than 'most'."""
    full = sent = 0
    while full < 20:
        full = 0 if sum([f.goes_on() for f in floods]) else full + 1
        round_trip()
        sent = sum(f.sent for f in floods) // 1024
        check(sent < most, f"it still reads after {sent} KiB whose answers nobody reads")
    return sent


def listen(port=0):
    """A listening socket on the loopback device, and the target that a switch dials to reach it."""
    listener = socket.create_server(("127.0.0.1", port))
    return listener, f"tcp:127.0.0.1:{listener.getsockname()[1]}"


class Echo(threading.Thread):
    """Sends an echo request each 10 ms, a hundred ahead of the replies at most, and notes how long each reply takes;
    reads all else too."""

    def __init__(self, peer):
        super().__init__(daemon=True)
        self.peer = peer
        self.sent = {}
        self.times = []
        self.kinds = {}
        self.is_stopping = False
        self.error = None

    def run(self):
        try:
            self.peer.sock.settimeout(0.01)
            xid, due = 1, time.monotonic()
            while not self.is_stopping:
                now = time.monotonic()
                if now >= due and len(self.sent) < 100:
                    self.sent[xid] = now
                    self.peer.send(message(ECHO_REQUEST, xid=xid))
                    xid, due = xid + 1, now + 0.01
                try:
                    self.take(self.peer.receive())
                except TimeoutError:
                    pass
        except OSError as e:
            self.error = e

    def take(self, messages):
        now = time.monotonic()
        for kind, xid, _body in messages:
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            if kind == ECHO_REPLY and xid in self.sent:
                self.times.append(now - self.sent.pop(xid))

    def stop(self):
        """Ends it; returns (replies, 99th percentile in ms, worst in ms)."""
        self.is_stopping = True
        self.join()
        if self.error:
            raise self.error
        times = sorted(self.times)
        if not times:
            return 0, float("inf"), float("inf")
        return len(times), times[len(times) * 99 // 100] * 1000, times[-1] * 1000
