# SPDX-License-Identifier: Apache-2.0
"""Random scripts for a switch: frames and messages of OpenFlow 1.0 as bytes, from small sets of values."""
import struct

import openflow
from differences import canonical, normalised

ALL_WILD = 0x3fffff
NO_BUFFER, NONE, CONTROLLER, LOCAL, NORMAL = 0xffffffff, 0xffff, 0xfffd, 0xfffe, 0xfffa
FLOW_FLAGS = [1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 20, 1 << 21]
PORT_DOWN, NO_RECV, NO_RECV_STP, NO_FLOOD, NO_FWD, NO_PACKET_IN = 1 << 0, 1 << 2, 1 << 3, 1 << 4, 1 << 5, \
    1 << 6
MATCH = struct.Struct("!IH6s6sHBxHBBxxIIHH")
BATCH_MS = 12000  # Longer than every timeout: what has one is gone on both then.


def checksum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Frames:
    """Random frames."""

    def __init__(self, random):
        self.random = random
        self.one_of = random.choice

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def mac(self):
        return self.one_of([b"\2\0\0\0\0\1", b"\2\0\0\0\0\2", b"\2\0\0\0\0\3"])

    def l4(self, proto, pseudo):
        """A header of a protocol and its payload."""
        payload = bytes(range(self.random.randrange(24)))
        ports = struct.pack("!HH", self.one_of([0, 53, 80, 8080]), self.one_of([0, 53, 80, 8080]))
        at = None
        if proto == 6:
            flags = self.one_of([0x5010, 0x5010, 0x5002, 0x5012, 0x5011, 0x5004])
            data, at = ports + struct.pack("!IIHHHH", 1, 2, flags, 0xffff, 0, 0) + payload, 16
        elif proto == 17:
            data = ports + struct.pack("!HH", 8 + len(payload), 0) + payload
            at = 6 if len(pseudo) > 8 or self.chance(80) else None
        elif proto in (1, 58):
            data = struct.pack("!BBHHH", self.one_of([0, 3, 8, 128]), self.one_of([0, 1]), 0, 1, 2)
            data, at, pseudo = data + payload, 2, pseudo if proto == 58 else None
        elif proto == 132:
            data = ports + bytes(8) + payload
        else:
            data = payload
        if at is not None:
            head = b"" if pseudo is None else pseudo + struct.pack("!IBBBB", len(data), 0, 0, 0, proto)
            total = checksum(head + data)
            total = 0xffff if total == 0 and proto == 17 else total
            data = data[:at] + struct.pack("!H", total) + data[at + 2:]
        return data

    def ipv4(self):
        proto = self.one_of([6, 6, 17, 17, 1, 132, 47, 2])
        source = struct.pack("!I", 0x0a000000 + self.random.randrange(8))
        target = struct.pack("!I", self.one_of([0x0a000000, 0x0a000100]) + self.random.randrange(3))
        data = self.l4(proto, source + target)
        options = b"\1\1\1\0" * self.one_of([0, 0, 0, 0, 1, 3])
        fragment = self.one_of([0x2000, 0x2001, 0x0010]) if self.chance(10) else self.one_of([0, 0x4000])
        head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, self.one_of([0, 0x28, 0xb8, 0xb9, 3]),
                           20 + len(options) + len(data), 7, fragment, self.one_of([64, 1]), proto, 0)
        head += source + target + options
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + data

    def neighbour(self, pseudo):
        """A message of neighbour discovery."""
        kind = self.one_of([135, 136])
        data = struct.pack("!BBHI", kind, 0 if self.chance(90) else 1, 0, 0) + b"\xfc" + bytes(14) \
            + bytes([self.random.randrange(4)])
        if self.chance(75):
            data += bytes([kind - 134, 1]) + self.mac()
        head = pseudo + struct.pack("!IBBBB", len(data), 0, 0, 0, 58)
        return data[:2] + struct.pack("!H", checksum(head + data)) + data[4:]

    def ipv6(self):
        proto = self.one_of([6, 17, 58, 58, 132, 47])
        source = b"\xfc" + bytes(14) + bytes([self.random.randrange(4)])
        target = b"\xfc" + bytes(14) + bytes([self.random.randrange(4)])
        is_neighbour = proto == 58 and self.chance(50)
        data, first = (self.neighbour if is_neighbour else lambda p: self.l4(proto, p))(source + target), proto
        for _ in range(self.one_of([0, 0, 0, 1, 2])):
            kind = self.one_of([0, 43, 44, 60])
            fragment = self.one_of([8, 9] if self.chance(15) else [0, 1]) if kind == 44 else 0
            data, first = struct.pack("!BBHI", first, 0, fragment, 0) + data, kind
        head = 0x60000000 | self.one_of([0, 0x28, 0xb8]) << 20 | self.one_of([0, 0, 5, 0x45])
        ttl = 255 if is_neighbour else self.one_of([64, 64, 1])
        return struct.pack("!IHBB", head, len(data), first, ttl) + source + target + data

    def arp(self):
        op, protocol, size = self.one_of([1, 2, 3]), 0x800, 4
        if self.chance(6):
            op, protocol, size = self.one_of([(0x101, 0x800, 4), (1, 0x801, 4), (2, 0x800, 6)])
        head = struct.pack("!HHBBH", 1, protocol, 6, size, op)
        return head + self.mac() + struct.pack("!I", 0x0a000000 + self.random.randrange(8)) + bytes(6) \
            + struct.pack("!I", 0x0a000000 + self.random.randrange(3))

    def body(self):
        """A type of Ethernet, and what is in it."""
        kind = self.one_of([0x800, 0x800, 0x800, 0x800, 0x86dd, 0x86dd, 0x806, 0x8035, 0x88cc, 0x1234])
        makers = {0x800: self.ipv4, 0x86dd: self.ipv6, 0x806: self.arp, 0x8035: self.arp}
        return kind, makers.get(kind, lambda: bytes(self.random.randrange(40)))()

    def frame(self):
        kind, data = self.body()
        if self.chance(5):
            oui = self.one_of([b"\0\0\0", b"\0\0\0", b"\0\0\1"])
            data = self.one_of([b"\xaa\xaa\3", b"\xaa\xaa\3", b"\x42\x42\3"]) + oui \
                + struct.pack("!H", kind) + data
            kind = len(data)
        tags = b""
        for _ in range(2 if self.chance(4) else self.one_of([0, 0, 0, 1, 1])):
            tags += struct.pack("!HH", self.one_of([0x8100, 0x8100, 0x8100, 0x88a8]),
                                self.one_of([0, 1, 5, 4095]) | self.one_of([0, 3, 7]) << 13
                                | (0x1000 if self.chance(5) else 0))
        target, source = b"\xff" * 6 if self.chance(20) else self.mac(), self.mac()
        if source == target and self.chance(90):
            source = source[:5] + bytes([source[5] % 3 + 1])
        frame = target + source + tags + struct.pack("!H", kind) + data
        if self.chance(2):
            frame = frame[:self.random.randrange(14, len(frame) + 1)]
        return frame + bytes(self.one_of([0, 0, 0, 5]))


class Matches:
    """Random matches."""

    def __init__(self, frames):
        self.frames = frames
        self.one_of = frames.one_of
        self.chance = frames.chance
        self.priorities = {}  # By wildcards.
        self.untagged_is_whole = False  # Who matches untagged frames compares a PCP of 0.

    def wildcards(self):
        if self.chance(5):
            return 0
        if self.chance(4):
            return ALL_WILD
        percent = self.one_of([10, 30, 50, 70, 85, 95])
        bits = sum(flag for flag in FLOW_FLAGS if self.chance(percent))
        if bits & 2 and not bits & 1 << 20 and self.chance(95):
            bits |= 1 << 20
        counts = [0, 0, 1, 2, 3, 8, 24, 31, 32, 32, 33, 63]
        bits |= self.one_of(counts) << 8 | self.one_of(counts) << 14
        return bits | (0xffc00000 if self.chance(10) else 0)

    def match(self):
        """One that mostly means the same to both (A11.20, A3.12)."""
        m = self.any_match()
        wild, vlan = struct.unpack_from("!I", m)[0], struct.unpack_from("!H", m, 18)[0]
        if vlan == 0xffff and not wild & 1 << 1 and self.untagged_is_whole:
            m = struct.pack("!I", wild & ~(1 << 20)) + m[4:20] + b"\0" + m[21:]
        elif wild & ALL_WILD and vlan == 0xffff and self.chance(97):
            m = struct.pack("!I", wild | 1 << 20) + m[4:]
        return struct.pack("!I", normalised(m)) + m[4:] if self.chance(97) else m

    def any_match(self):
        kind, proto = self.one_of([(0x800, 6), (0x800, 17), (0x800, 1), (0x800, 132), (0x800, 47),
                                   (0x806, 1), (0x806, 2), (0x86dd, 6), (0x86dd, 17), (0x86dd, 58),
                                   (0x88cc, 0), (0x8035, 3), (0x5ff, 0), (0x8100, 0), (0x800, 6)])
        vlan = self.one_of([0xffff, 0xffff, 0, 1, 5, 4095]) if self.chance(98) else 0x3005
        ports = [0, 3, 8, 128, 1] if proto in (1, 58) else [0, 53, 80, 8080, 0x350]
        return MATCH.pack(self.wildcards(), self.one_of([1, 2, 3, 4, 5, LOCAL, CONTROLLER, NONE, 0]
                                                        if self.chance(5) else [1, 2, 3, 4]),
                          self.frames.mac(), self.one_of([self.frames.mac(), b"\xff" * 6]), vlan,
                          self.one_of([0, 3, 7]) if self.chance(98) else 9, kind,
                          self.one_of([0, 0x28, 0xb8, 0xbb]), proto,
                          0x0a000000 + self.one_of(range(8)), 0x0a000000 + self.one_of([0, 1, 2, 256]),
                          self.one_of(ports), self.one_of(ports))

    def priority(self, match):
        """One of few that no match with other wildcards has, so that no two rules of one priority can
        match the same packet: which of them wins is nobody's business (A3.14)."""
        wildcards = struct.unpack_from("!I", match)[0] & ALL_WILD
        if wildcards == 0:
            return 0xffff if self.chance(97) else 9
        base = self.priorities.setdefault(wildcards, 3 * (1 + len(self.priorities)))
        return base % 65000 + self.one_of([0, 0, 1, 2])


class Actions:
    """Random actions."""

    def __init__(self, frames):
        self.one_of = frames.one_of
        self.chance = frames.chance
        self.mac = frames.mac

    def output(self):
        port = self.one_of([1, 2, 3, 4, 5])
        if self.chance(40):
            port = self.one_of([0xfff8, 0xfffb, 0xfffb, 0xfffc, CONTROLLER, CONTROLLER, LOCAL, NORMAL, NORMAL])
        if self.chance(2):
            port = self.one_of([0, 0xfff9, NONE, 0xff00, 0xff01, 0xfff7])
        if self.chance(8):
            return struct.pack("!HHHxxxxxxI", 11, 16, port if port < 100 or self.chance(5) else 1,
                               1 if self.chance(3) else 0)
        return struct.pack("!HHHH", 0, 8, port, self.one_of([0xffff, 0xffff, 0, 20, 64]))

    def change(self):
        kind = self.one_of(range(1, 11))
        bad = self.chance(2)
        argument = {
            1: lambda: struct.pack("!Hxx", self.one_of([4096, 0xffff]) if bad else self.one_of([0, 7, 4095])),
            2: lambda: struct.pack("!Bxxx", 8 if bad else self.one_of([0, 5, 7])),
            3: lambda: bytes(4),
            4: lambda: self.mac() + bytes(6),
            5: lambda: self.mac() + bytes(6),
            6: lambda: struct.pack("!I", 0xc0a80000 + self.one_of(range(4))),
            7: lambda: struct.pack("!I", 0xc0a80000 + self.one_of(range(4))),
            8: lambda: struct.pack("!Bxxx", 1 if bad else self.one_of([0, 0x28, 0xfc])),
            9: lambda: struct.pack("!Hxx", self.one_of([0, 53, 1024])),
            10: lambda: struct.pack("!Hxx", self.one_of([0, 53, 1024])),
        }[kind]()
        return struct.pack("!HH", kind, 4 + len(argument)) + argument

    def broken(self):
        """An action that can't be read."""
        return self.one_of([struct.pack("!HHI", 12, 8, 0), struct.pack("!HHI", 0, 0, 0),
                            struct.pack("!HHI", 0, 16, 0), struct.pack("!HHI", 0, 12, 1),
                            struct.pack("!HHI", 0xffff, 8, 0x1234), struct.pack("!HHI", 3, 24, 0),
                            struct.pack("!HHQI", 0, 16, 1, 0), struct.pack("!HHQI", 4, 8, 0, 0),
                            struct.pack("!HHI", 0xffff, 8, 0), b"\0\0\0\x08"])

    def sound_list(self):
        return b"".join(self.output() if self.chance(60) else self.change()
                        for _ in range(self.one_of([0, 1, 1, 1, 2, 3, 5])))

    def list(self):
        return self.sound_list() + (self.broken() if self.chance(2) else b"")


class Buffer:
    """A packet that our switch keeps, and theirs does not: it has told all of it."""

    def __init__(self, number, in_port, frame):
        self.number = number
        self.in_port = in_port
        self.frame = frame


class Script:
    """What happens."""

    has_tables = False  # The high byte of a flow_mod's command is the table.
    flow_stats_kinds = [1, 1, 2]  # Of entries, and sums of them.

    def __init__(self, random, event, n_ports):
        self.random = random
        self.event = event
        self.n_ports = n_ports
        self.frames = Frames(random)
        self.matches = Matches(self.frames)
        self.actions = Actions(self.frames)
        self.one_of = random.choice
        self.chance = self.frames.chance
        self.installed = []  # Matches and priorities that may be there, the last ones.
        self.ever = set()  # All there have been.
        self.added = []  # Messages that added them.
        self.config = {}  # Settings of ports.
        self.fragment_mode = 0  # As set.
        self.miss_send_len = 128  # Likewise.
        self.buffers = []  # Packets that wait to be sent on.
        self.spent = []  # Buffers that are empty.
        self.xid = 100
        self.kinds = [(38, self.flow_mod), (40, self.receive), (5, self.packet_out), (4, self.release),
                      (5, self.flow_stats), (3, self.other_stats), (2, self.port_mod), (2, self.broken),
                      (2, self.settings), (1, self.wait), (1, self.echo)]

    def prologue(self):
        """Messages that come before all others."""
        return []

    def next(self):
        maker = self.random.choices([m for _, m in self.kinds], [w for w, _ in self.kinds])[0]
        if self.fragment_mode and self.chance(4):
            maker = self.let_fragments_be
        event = maker()
        event.has_tables = self.has_tables
        event.fragment_mode = self.fragment_mode
        event.miss_send_len = self.miss_send_len
        event.down_ports = [port for port in self.config if self.config[port] & PORT_DOWN]
        return event

    def message(self, kind, body=b""):
        """A message with a body, or so many bytes of zeros."""
        self.xid += 1
        body = bytes(body) if isinstance(body, int) else body
        return self.event(openflow.message(kind, body, self.xid))

    def from_port(self, event, port):
        """Notes how the port is set that a frame comes from."""
        event.from_closed_port = self.config.get(port, 0) & (NO_RECV | PORT_DOWN) != 0
        event.from_silent_port = self.config.get(port, 0) & NO_PACKET_IN != 0
        return event

    def known(self, percent):
        """A match and priority, often those of a rule."""
        if self.installed and self.chance(percent):
            return self.one_of(self.installed)
        match = self.matches.match()
        return match, self.matches.priority(match)

    def note(self, match, priority, event):
        """Notes that an entry may be there."""
        key = canonical(match), priority
        event.replaces = key in self.ever
        self.ever.add(key)
        self.installed.append((match, priority))
        self.added.append(event.message)
        del self.installed[:-60]
        del self.added[:-60]

    def timeouts(self):
        return self.one_of([(0, 0), (0, 0), (0, 0), (3, 0), (0, 5)])

    def flags(self):
        flags = (1 if self.chance(50) else 0) | (2 if self.chance(5) else 0)
        return flags | (self.one_of([4, 8, 0x4000]) if self.chance(1) else 0)

    def out_port(self):
        return NONE if self.chance(65) else self.one_of([1, 2, 3, 5, CONTROLLER, NORMAL, 0, 0xfffb])

    def command(self):
        return self.one_of([0] * 12 + [1, 1, 2, 2, 3, 4, 4, 4]) if self.chance(99) else 5

    def flow_mod(self):
        command = self.command()
        match, priority = self.known(80 if command in (2, 4) else 20)
        cookie = self.random.getrandbits(64) if self.chance(98) else (1 << 64) - 1
        return self.standard_flow_mod(match, cookie, command, self.timeouts(), priority,
                                      NO_BUFFER if self.chance(99) else 77, self.flags(), self.actions.list())

    def standard_flow_mod(self, match, cookie, command, timeouts, priority, buffer, flags, actions):
        event = self.message(openflow.FLOW_MOD, match + struct.pack(
            "!QHHHHIHH", cookie, command, *timeouts, priority, buffer, self.out_port(), flags) + actions)
        if command & 0xff < 3:
            self.note(match, priority, event)
        return event

    def receive(self):
        port = self.random.randrange(1, self.n_ports + 1)
        if self.config.get(port, 0) & (NO_RECV | PORT_DOWN) and self.chance(90):
            port = port % self.n_ports + 1
        return self.from_port(self.event(port=port, frame=self.frames.frame()), port)

    def packet_out(self):
        in_port = self.one_of([1, 2, 3, 4, NONE, NONE, 9, CONTROLLER, LOCAL])
        in_port = self.one_of([0, 0xff00, 0xfff8, 0xfffb]) if self.chance(3) else in_port
        actions = struct.pack("!HHHH", 0, 8, 0xfff9, 0xffff) if self.chance(30) else self.actions.list()
        frame = self.frames.frame() if self.chance(98) else b"\1\2\3\4\5"
        event = self.message(13, struct.pack("!IHH", NO_BUFFER, in_port, len(actions)) + actions + frame)
        return self.from_port(event, in_port)

    def release(self):
        """Sends on a buffered packet: by a packet_out, or by the actions of a flow_mod."""
        if self.spent and self.chance(5):
            buffer = self.one_of(self.spent)
            event = self.message(13, struct.pack("!IHH", buffer.number, NONE, 0))
            event.is_spent = True
            event.for_theirs = [event.message[:8] + struct.pack("!I", 77) + event.message[12:]]
            return event
        if not self.buffers:
            return self.receive()
        buffer = self.buffers.pop(self.random.randrange(len(self.buffers)))
        self.spent.append(buffer)
        del self.spent[:-10]
        actions = self.actions.sound_list()
        event = self.buffered_flow_mod(buffer, actions) if self.chance(50) else \
            self.message(13, struct.pack("!IHH", buffer.number, NONE, len(actions)) + actions)
        out = openflow.message(13, struct.pack("!IHH", NO_BUFFER, buffer.in_port, len(actions)) + actions
                               + buffer.frame, self.xid)
        event.frame = buffer.frame
        event.for_theirs.append(out)
        return self.from_port(event, buffer.in_port)

    def buffered_flow_mod(self, buffer, actions):
        match, priority = self.known(20)
        event = self.standard_flow_mod(match, self.random.getrandbits(64), self.one_of([0, 0, 0, 1, 2]),
                                       self.timeouts(), priority, buffer.number, self.flags() & 1, actions)
        event.for_theirs = [event.message[:64] + struct.pack("!I", NO_BUFFER) + event.message[68:]]
        self.added[-1] = event.for_theirs[0]
        event.counts_apart = True
        return event

    def flow_stats(self):
        match = self.known(30)[0] if self.chance(50) else openflow.match()
        table = 0xff if self.chance(90) else self.one_of([0, 1, 7])
        out_port = NONE if self.chance(80) else self.one_of([1, 2, 5, CONTROLLER])
        return self.message(16, struct.pack("!HH", self.one_of(self.flow_stats_kinds), 0) + match
                            + struct.pack("!BxH", table, out_port))

    def dump(self):
        """A request for all entries."""
        return openflow.message(16, struct.pack("!HH", 1, 0) + openflow.match() + struct.pack("!BxH", 0xff, NONE))

    def other_stats(self):
        kind = self.one_of([3, 4, 4, 0, 5])
        port = self.one_of([1, 2, 3, 4, NONE, 0xfffc, 77, 0, LOCAL])
        bodies = {4: lambda: struct.pack("!Hxxxxxx", port),
                  5: lambda: struct.pack("!HxxI", port, self.one_of([1, 0xffffffff]))}
        return self.message(16, struct.pack("!HH", kind, 0) + bodies.get(kind, lambda: b"")())

    def port_mod(self):
        """Settings of a port; its address is filled in when it is played, unless it is to be wrong."""
        bits = self.one_of([NO_RECV, NO_RECV_STP, NO_FLOOD, NO_FLOOD, NO_FWD, NO_PACKET_IN, PORT_DOWN])
        mask = self.one_of([bits, NO_RECV | NO_RECV_STP | NO_FLOOD | NO_FWD | NO_PACKET_IN | PORT_DOWN])
        config = bits if self.chance(35) else 0
        port = self.random.randrange(1, self.n_ports + 1) if self.chance(95) else self.one_of([77, 0, NONE])
        address = b"\2\0\0\0\0\0" if self.chance(95) else b"\2\0\0\0\0\x77"
        if address[5] == 0:
            self.config[port] = self.config.get(port, 0) & ~mask | config
        return self.message(15, struct.pack("!H6sIIIxxxx", port, address, config, mask, 0))

    def settings(self):
        if self.chance(50):
            return self.message(openflow.FEATURES_REQUEST)
        if self.chance(50):
            return self.message(7)
        self.fragment_mode = self.one_of([0, 0, 0, 0, 1, 2]) if self.chance(30) else self.fragment_mode
        self.miss_send_len = self.one_of([0xffff, 128, 0, 20, 64])
        return self.message(openflow.SET_CONFIG, struct.pack("!HH", self.fragment_mode, self.miss_send_len))

    def let_fragments_be(self):
        self.fragment_mode = 0
        return self.message(openflow.SET_CONFIG, struct.pack("!HH", 0, self.miss_send_len))

    def broken(self):
        """A message that can't be read, or that a switch does not take."""
        kind = self.one_of([0, 5, 7, 9, 13, 14, 15, 16, 18, 20])
        sizes = [0, 1, 8, 12, 40, 63, 64, 65, 72]  # Not 4: that would be a SET_CONFIG.
        whole = [
            lambda: self.message(kind, bytes(self.one_of(sizes))),
            lambda: self.message(*self.one_of([(6, 24), (8, 4), (10, 10), (11, 80), (12, 56), (19, 0), (21, 8),
                                               (22, 0), (99, 3), (255, 0)])),
            lambda: self.message(16, struct.pack("!HH", self.one_of([1, 2, 3, 4, 5, 6, 99, 0xfffe]), 0)),
            lambda: self.message(4, struct.pack("!II", self.one_of([0, 1, 0x5c16c7]), 1)),
            lambda: self.message(16, struct.pack("!HHII", 0xffff, 0, 0x1234, 1)),
        ]
        return self.one_of(whole)()

    def wait(self):
        self.buffers, self.spent = [], []
        return self.event(ms=BATCH_MS)

    def echo(self):
        return self.message(openflow.ECHO_REQUEST, bytes(range(self.random.randrange(40)))) \
            if self.chance(50) else self.message(20, struct.pack("!Hxx", self.one_of([1, 2, 77, 0xff00, NONE])))
