# SPDX-License-Identifier: Apache-2.0
"""Random scripts of Nicira's messages: matches of any field, several tables, registers, learning."""
import struct

import nxm
import openflow
from scripts import CONTROLLER, LOCAL, NO_BUFFER, NONE, NORMAL, Script

VENDOR, STATS_REQUEST, PACKET_OUT = 4, 16, 13
SET_FLOW_FORMAT, FLOW_MOD, FLOW_MOD_TABLE_ID, SET_PACKET_IN_FORMAT = 12, 13, 15, 16
RESUBMIT, SET_TUNNEL, SET_QUEUE, POP_QUEUE, REG_MOVE, REG_LOAD, NOTE, SET_TUNNEL64 = 1, 2, 4, 5, 6, 7, 8, 9
RESUBMIT_TABLE, OUTPUT_REG, LEARN, EXIT, DEC_TTL, FIN_TIMEOUT, TO_CONTROLLER = 14, 15, 16, 17, 18, 19, 20
COOKIES = [0, 1, 0x11, 0x12, 0x21]
ASKED_COOKIES = COOKIES[1:]  # Who asks theirs for a cookie of 0 is shown what it keeps for itself (A8.5).
ALL_TABLES = 0xff
THIS_PORT = 0xfff8
IMMEDIATE, TO_MATCH, TO_LOAD, TO_OUTPUT = 1 << 13, 0, 1 << 11, 2 << 11


class NxMatches:
    """Random matches of Nicira's form, as dicts of names and (value, mask)."""

    def __init__(self, frames, priorities):
        self.one_of = frames.one_of
        self.chance = frames.chance
        self.priorities = priorities  # By masks; shared with matches of OpenFlow 1.0's form.

    def value(self, field):
        """A value that frames can have, and a mask."""
        mask = self.one_of(field.masks) if field.masks and self.chance(35) else field.ones()
        return self.one_of(field.values) & mask, mask

    def fit(self, match, name):
        """Adds what a field needs, unless something else stands there. Returns whether it fits now."""
        needs = self.one_of(nxm.FIELDS[name].needs)
        wanted = {n: (v, nxm.FIELDS[n].ones()) for n, v in needs.items()}
        if any(match.get(n, w) != w for n, w in wanted.items()):
            return False
        match.update(wanted)
        return True

    def match(self):
        match = {}
        for _ in range(self.one_of([0, 1, 1, 2, 2, 3, 4, 6])):
            name = self.one_of(list(nxm.FIELDS) + ["IP_PROTO"] * 3)
            if name not in match and self.fit(match, name):
                match[name] = self.value(nxm.FIELDS[name])
        return match

    def priority(self, match, how="added"):
        """As for matches of OpenFlow 1.0: what has other masks has other priorities (A3.14). So has what
        is learnt: no flow_mod replaces that, for then theirs would go on with its idle time (A4.2)."""
        masks = how, tuple(sorted((name, mask) for name, (_value, mask) in match.items()))
        base = self.priorities.setdefault(masks, 3 * (1 + len(self.priorities)))
        return base % 65000 + self.one_of([0, 0, 1, 2])

    def broken(self, match):
        """Bytes of a match that can't be read."""
        data = nxm.encode(match)
        return self.one_of([
            data + nxm.entry(0x0001fe04, 4, 1), data + b"\0\0", data[:-1] if data else b"\0",
            nxm.entry(nxm.FIELDS["TCP_SRC"].header, 2, 80) + data,
            data + nxm.entry(nxm.FIELDS["REG7"].header, 4, 5, 6),
            data + nxm.entry(nxm.FIELDS["IN_PORT"].header, 2, 0, 1),
            data + nxm.entry(nxm.FIELDS["REG15"].header, 4, 1) * 2,
            nxm.encode({"ETH_TYPE": (0x800, 0xffff)}) + nxm.entry(nxm.FIELDS["IP_TOS"].header, 1, 3),
            nxm.encode({"ETH_TYPE": (0x800, 0xffff)}) + nxm.entry(nxm.FIELDS["IP_ECN"].header, 1, 4),
            nxm.entry(nxm.FIELDS["REG0"].header, 2, 3), nxm.entry(nxm.FIELDS["ETH_SRC"].header | 60 << 9, 6, 3),
        ])


def action(subtype, body):
    """An action of Nicira's."""
    size = (10 + len(body) + 7) // 8 * 8
    return struct.pack("!HHIH", 0xffff, size, 0x2320, subtype) + body + bytes(size - 10 - len(body))


class NxActions:
    """Random actions, as a packet that matches 'match' can have them."""

    def __init__(self, frames, matches):
        self.random = frames.random
        self.one_of = frames.one_of
        self.chance = frames.chance
        self.matches = matches
        self.names_odd_field = False  # In the list under way is a field that the match does not promise.

    def field(self, match, is_written=False):
        """A field that packets of the match have, or now and then another."""
        ports = nxm.L4 * 3 if "IP_PROTO" in match else []
        while True:
            name = self.one_of(list(nxm.FIELDS) + nxm.METADATA * 2 + ports)
            field = nxm.FIELDS[name]
            if is_written and name.startswith("ND_"):
                continue  # Theirs can set what neighbour discovery says, ours can't.
            is_good = field.fits(match) and (field.is_writable or not is_written)
            if is_good or self.chance(0.5):
                is_of_later = name in nxm.L4 and match.get("IP_FRAG", (0, 0))[0] & 2
                self.names_odd_field |= is_of_later or not field.fits(match)
                return field

    def bits(self, field, most=128):
        """First and number of some of its bits."""
        if self.chance(70) and field.bits <= most:
            return 0, field.bits
        size = self.one_of([n for n in (1, 3, 4, 8, 16, 48) if n <= min(field.bits, most)])
        return self.random.randrange(field.bits - size + 1), size

    def resubmit(self, match, table):
        """Of a flow to a further table only: whoever goes round has left by the ports of ours before the
        packet is given up, and is dropped whole by theirs (B15)."""
        port = THIS_PORT if self.chance(80) else self.one_of([1, 2, 3, NONE])
        if table < 0 and self.chance(20):
            return action(RESUBMIT, struct.pack("!H", port))
        if table >= 3:
            return self.load(match, table)
        further = self.random.randrange(table + 1, 4) if self.chance(98) else self.one_of([9, 200])
        return action(RESUBMIT_TABLE, struct.pack("!HB", port, further))

    def load(self, match, _table):
        field = self.field(match, True)
        offset, size = self.bits(field, 64)
        value = self.one_of(field.values) >> offset & (1 << size) - 1
        value = 1 << size if size < 64 and self.chance(1) else value
        return action(REG_LOAD, struct.pack("!HIQ", offset << 6 | size - 1, field.header, value))

    def move(self, match, _table):
        source, target = self.field(match), self.field(match, True)
        size = self.bits(source if source.bits < target.bits else target)[1]
        return action(REG_MOVE, struct.pack("!HHHII", size, self.random.randrange(source.bits - size + 1),
                                            self.random.randrange(target.bits - size + 1), source.header,
                                            target.header))

    def output_reg(self, match, _table):
        field = self.field(match)
        offset, size = self.bits(field, 64)
        return action(OUTPUT_REG, struct.pack("!HIH", offset << 6 | size - 1, field.header, 0xffff))

    def controller(self, _match, _table):
        return action(TO_CONTROLLER, struct.pack("!HHB", self.one_of([0xffff, 20, 0]), self.one_of([0, 0, 0, 7]),
                                                 self.one_of([0, 1, 1, 2])))

    def note(self, _match, _table):
        return action(NOTE, bytes(self.random.randrange(1, 30)))

    def tunnel(self, _match, _table):
        return action(SET_TUNNEL, struct.pack("!xxI", self.one_of([1, 2, 0x10]))) if self.chance(50) else \
            action(SET_TUNNEL64, struct.pack("!6xQ", self.one_of([3, 4, 0xffff])))

    def simple(self, _match, _table):
        return action(self.one_of([DEC_TTL, DEC_TTL, DEC_TTL, EXIT, SET_QUEUE, POP_QUEUE]), bytes(6))

    def fin_timeout(self, match, table):
        """Of packets over TCP only."""
        if match.get("IP_PROTO") != (6, 0xff):
            return self.load(match, table)
        return action(FIN_TIMEOUT, struct.pack("!HH", *self.one_of([(1, 0), (0, 2), (2, 4), (0, 0)])))

    def learn(self, match, table):
        """Without delete_learned, on which theirs ends with a failed assertion now and then."""
        learner = Learner(self, match)
        target = self.random.randrange(table + 1, 4) if table < 3 and self.chance(95) else \
            self.one_of([0, 1, 2, 3, 0xff])
        idle, hard = self.one_of([(0, 0), (0, 0), (3, 0), (0, 5)])
        specs = learner.specs()
        fin = self.one_of([(1, 0), (0, 2)]) if self.chance(10) else (0, 0)
        return action(LEARN, struct.pack("!HHHQHBxHH", idle, hard, learner.priority(), self.one_of(COOKIES),
                                         1 if self.chance(30) else 0, target, *fin) + specs)

    def make(self, match, table):
        makers = [(5, self.resubmit), (5, self.load), (3, self.move), (3, self.output_reg), (1, self.controller),
                  (1, self.note), (1, self.tunnel), (1, self.simple), (2, self.learn),
                  (1, self.fin_timeout)]
        return self.random.choices([m for _, m in makers], [w for w, _ in makers])[0](match, table)


class Learner:
    """What a learn action may say of packets that match 'match'."""

    def __init__(self, actions, match):
        self.actions = actions
        self.one_of = actions.one_of
        self.match = match
        self.made = {}  # The match that it makes, as far as its numbers are known.

    def number(self, name):
        """A part of the match that is a number."""
        field = nxm.FIELDS[name]
        value = self.match[name][0] if name in self.match and name in ("ETH_TYPE", "IP_PROTO") else \
            self.one_of(field.values)
        self.made[name] = value, field.ones()
        size = (field.bits + 15) // 16 * 2
        return struct.pack("!H", IMMEDIATE | TO_MATCH | field.bits) + value.to_bytes(size, "big") \
            + struct.pack("!IH", field.header, 0)

    def copied(self, source, target):
        """A part of the match that is a field of the packet."""
        a, b = nxm.FIELDS[source], nxm.FIELDS[target]
        if not a.fits(self.match) or not b.fits(self.made) or target in self.made:
            return b""
        # Theirs leaves out without a word what no mask can say; ours refuses it.
        offset, size = self.actions.bits(b) if b.masks else (0, b.bits)
        self.made[target] = None, (1 << size) - 1 << offset
        return struct.pack("!HIHIH", TO_MATCH | size, a.header, offset, b.header, offset)

    def part(self):
        """A part of the match, with what it needs."""
        if self.actions.chance(30) and "ETH_TYPE" in self.match and "ETH_TYPE" not in self.made:
            data = self.number("ETH_TYPE")
            if "IP_PROTO" in self.match:
                data += self.number("IP_PROTO")
            return data
        pairs = [("ETH_SRC", "ETH_DST"), ("ETH_SRC", "ETH_SRC"), ("VLAN_TCI", "VLAN_TCI"), ("IN_PORT", "IN_PORT"),
                 ("REG0", "REG1"), ("REG1", "REG1"), ("IP_SRC", "IP_DST"), ("IP_DST", "IP_DST"),
                 ("IPV6_SRC", "IPV6_DST"), ("TCP_SRC", "TCP_DST"), ("UDP_DST", "UDP_DST"), ("ARP_SPA", "ARP_TPA"),
                 ("IP_PROTO", "IP_PROTO"), ("ARP_SHA", "ETH_DST")]
        return self.copied(*self.one_of(pairs))

    def load(self):
        """An action that loads a number or a field."""
        target = nxm.FIELDS[self.one_of(["REG0", "REG1", "REG2", "TUN_ID", "VLAN_TCI", "ETH_DST"])]
        if self.actions.chance(40):
            size = (target.bits + 15) // 16 * 2
            return struct.pack("!H", IMMEDIATE | TO_LOAD | target.bits) \
                + self.one_of(target.values).to_bytes(size, "big") + struct.pack("!IH", target.header, 0)
        source = self.actions.field(self.match)
        size = min(source.bits, target.bits)
        return struct.pack("!HIHIH", TO_LOAD | size, source.header, 0, target.header, 0)

    def output(self):
        if self.actions.chance(20):
            return struct.pack("!HH", IMMEDIATE | TO_OUTPUT | 16, self.one_of([1, 2, 5, THIS_PORT, 0xfffb, NORMAL,
                                                                               CONTROLLER, LOCAL, NONE]))
        source = nxm.FIELDS["IN_PORT" if self.actions.chance(80) else "REG0"]
        return struct.pack("!HIH", TO_OUTPUT | 16, source.header, 0)

    def specs(self):
        parts = [self.part() for _ in range(self.one_of([1, 1, 2, 3]))]
        parts += [self.load() for _ in range(self.one_of([0, 0, 1, 2]))]
        return b"".join(parts + [self.output() for _ in range(self.one_of([0, 1, 1, 2]))])

    def priority(self):
        """Masks make it, as they do for the rules that come by flow_mods."""
        return self.actions.matches.priority(self.made, "learnt")


class NiciraScript(Script):
    """What happens between a switch and a controller that knows Nicira's messages."""

    has_tables = True
    flow_stats_kinds = [2]  # Of a match that OpenFlow 1.0 can't tell each shows something else.

    def __init__(self, random, event, n_ports):
        super().__init__(random, event, n_ports)
        self.nx_matches = NxMatches(self.frames, self.matches.priorities)
        self.nx_actions = NxActions(self.frames, self.nx_matches)
        # Of one that does not ours is another match than Nicira's of no tag: it is shown as sent (A11.20).
        self.matches.untagged_is_whole = True
        self.nx_installed = []  # Tables, matches and priorities that may be there.
        self.kinds = [(30, self.nx_flow_mod), (8, self.flow_mod), (40, self.receive), (5, self.packet_out),
                      (1, self.release), (5, self.nx_flow_stats), (2, self.flow_stats), (2, self.other_stats),
                      (1, self.port_mod), (1, self.broken), (1, self.settings), (1, self.wait),
                      (1, self.nx_broken)]

    def vendor(self, subtype, body):
        return self.message(VENDOR, struct.pack("!II", 0x2320, subtype) + body)

    def prologue(self):
        return [self.vendor(SET_FLOW_FORMAT, struct.pack("!I", 2)),
                self.vendor(FLOW_MOD_TABLE_ID, b"\1" + bytes(7)),
                self.vendor(SET_PACKET_IN_FORMAT, struct.pack("!I", 1))]

    def table(self):
        return self.one_of([0, 0, 0, 0, 1, 1, 2, 3]) if self.chance(99) else self.one_of([9, 200, 255])

    def command(self):
        """Of the standard's flow_mod: the high byte is the table."""
        command = super().command()
        if command in (3, 4) and self.chance(40):
            return ALL_TABLES << 8 | command
        return self.table() << 8 | command

    def nx_known(self, percent):
        if self.nx_installed and self.chance(percent):
            return self.one_of(self.nx_installed)
        match = self.nx_matches.match()
        return self.table(), match, self.nx_matches.priority(match)

    def change(self, match):
        """Of ports only where there are some: further tables of theirs take them for ICMP's type and code."""
        while True:
            found = self.actions.change()
            is_port = found[:2] in (b"\0\x09", b"\0\x0a")
            if not is_port or match.get("IP_PROTO", (0, 0)) in [(6, 0xff), (17, 0xff), (132, 0xff)]:
                return found

    def list_for(self, match, table):
        found, self.nx_actions.names_odd_field = b"", False
        for _ in range(self.one_of([0, 1, 1, 2, 2, 3, 5])):
            if self.chance(60):
                found += self.nx_actions.make(match, table)
            else:
                found += self.actions.output() if self.chance(70) else self.change(match)
        return found + (self.actions.broken() if self.chance(1) else b"")

    def nx_flow_mod(self):
        command = super().command()
        table, match, priority = self.nx_known(80 if command in (2, 4) else 20)
        actions = self.list_for(match, table)
        cookie = self.one_of(COOKIES) if self.chance(98) else (1 << 64) - 1
        data = nxm.encode(match)
        if self.chance(35 if command else 1):
            mask = self.one_of([(1 << 64) - 1, 0xf0, 1])
            data = nxm.encode(match, (self.one_of(ASKED_COOKIES) & mask, mask))
        if self.chance(2):
            data = self.nx_matches.broken(match)
        if command in (3, 4) and self.chance(40):
            table = ALL_TABLES
        event = self.vendor(FLOW_MOD, struct.pack(
            "!QHHHHIHHH6x", cookie, table << 8 | command, *self.timeouts(), priority,
            NO_BUFFER if self.chance(99) else 77, self.out_port(), self.flags(), len(data))
            + data.ljust(nxm.padded(len(data)), b"\0") + actions)
        event.names_odd_field = self.nx_actions.names_odd_field
        if command < 3:
            key = table, data, priority
            event.replaces = key in self.ever
            self.ever.add(key)
            self.nx_installed.append((table, match, priority))
            self.added.append(event.message)
            del self.nx_installed[:-60]
            del self.added[:-60]
        return event

    def packet_out(self):
        if self.chance(50):
            return super().packet_out()
        in_port = self.one_of([1, 2, 3, 4, NONE, LOCAL, CONTROLLER])
        actions = self.list_for({}, -1)
        event = self.message(PACKET_OUT, struct.pack("!IHH", NO_BUFFER, in_port, len(actions)) + actions
                             + self.frames.frame())
        event.names_odd_field = self.nx_actions.names_odd_field
        return self.from_port(event, in_port)

    def nx_flow_stats(self):
        table, match, _priority = self.nx_known(50)
        match = match if self.chance(60) else {}
        cookie = (self.one_of(ASKED_COOKIES), (1 << 64) - 1) if self.chance(20) else None
        data = nxm.encode(match, cookie)
        out_port = NONE if self.chance(80) else self.one_of([1, 2, 5, CONTROLLER])
        return self.message(STATS_REQUEST, struct.pack(
            "!HHIIxxxxHHBxxx", 0xffff, 0, 0x2320, self.one_of([0, 0, 1]), out_port, len(data),
            table if self.chance(40) else ALL_TABLES) + data.ljust(nxm.padded(len(data)), b"\0"))

    def dump(self):
        return openflow.message(STATS_REQUEST, struct.pack("!HHIIxxxxHHBxxx", 0xffff, 0, 0x2320, 0, NONE, 0,
                                                           ALL_TABLES))

    def nx_broken(self):
        """A message of Nicira's that can't be read."""
        return self.one_of([
            lambda: self.vendor(self.one_of([9999, 0]), bytes(8)),
            lambda: self.vendor(FLOW_MOD, bytes(self.one_of([0, 8, 31, 40]))),
            lambda: self.vendor(SET_FLOW_FORMAT, struct.pack("!I", 77)),
            lambda: self.vendor(SET_PACKET_IN_FORMAT, struct.pack("!I", 77)),
            lambda: self.message(STATS_REQUEST, struct.pack("!HHIIxxxx", 0xffff, 0, 0x2320, 99)),
        ])()
