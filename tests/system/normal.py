# SPDX-License-Identifier: Apache-2.0
"""Answers of switches without what may differ: time, buffers, order, and what a switch says of itself."""
import collections
import struct

import nxm
from openflow import ERROR, FLOW_REMOVED, PACKET_IN

VLAN_WILD, PCP_WILD = 1 << 1, 1 << 20
VENDOR, FEATURES_REPLY, PORT_MOD, STATS_REPLY, QUEUES_REPLY = 4, 6, 15, 17, 21
NXT_FLOW_REMOVED, NXT_PACKET_IN = 14, 17
NO_BUFFER = 0xffffffff
N_TABLES = 4  # Tables whose counts are compared.

# A packet_in of any form: what it says of the packet, why it came, bytes of the frame.
PacketIn = collections.namedtuple("PacketIn", "about reason data")


def be(data, at, size):
    return int.from_bytes(data[at:at + size], "big")


def subtype(message):
    """Number of a message of Nicira's, or None."""
    return be(message, 12, 4) if message[1] == VENDOR and message[8:12] == b"\0\0\x23\x20" else None


def is_packet_in(message):
    return message[1] == PACKET_IN or subtype(message) == NXT_PACKET_IN


def is_notice(message):
    """Whether it answers nothing."""
    return is_packet_in(message) or message[1] == FLOW_REMOVED or subtype(message) == NXT_FLOW_REMOVED


# Packets ---------------------------------------------------------------------------------------------

def data_at(message):
    """Where the frame in a packet_in begins."""
    return 18 if message[1] == PACKET_IN else 40 + nxm.padded(be(message, 32, 2)) + 2


def buffer_of(message):
    return be(message, 8 if message[1] == PACKET_IN else 16, 4)


def port_of(message):
    """Where the packet of a packet_in came in."""
    if message[1] == PACKET_IN:
        return be(message, 14, 2)
    return next((be(value, 0, 2) for header, value, _mask in nxm.entries(message[40:40 + be(message, 32, 2)])
                 if header == nxm.FIELDS["IN_PORT"].header), 0)


def packet_in(message):
    """One without its buffer (A11.4)."""
    data = message[data_at(message):]
    if message[1] == PACKET_IN:
        return PacketIn(message[12:16], message[16], data)
    match = nxm.entries(message[40:40 + be(message, 32, 2)])
    return PacketIn((message[20:22], message[23:32], tuple(sorted(match))), message[22], data)


def cut(message, size):
    """A packet_in with so many bytes of the frame."""
    message = message[:data_at(message) + size]
    return message[:2] + struct.pack("!H", len(message)) + message[4:]


# Flows -----------------------------------------------------------------------------------------------

def untagged(match):
    """A match that is shown as sent (A11.20): of untagged frames theirs has a PCP, ours as it came."""
    wild = be(match, 0, 4)
    if wild & VLAN_WILD or be(match, 18, 2) != 0xffff:
        return match
    return struct.pack("!I", wild | PCP_WILD) + match[4:20] + b"\0" + match[21:]


def flow_removed(m):
    """One without its duration."""
    return m[:8] + untagged(m[8:48]) + m[48:60] + bytes(8) + m[68:]


def nx_flow_removed(m):
    """Likewise; fields in any order."""
    return m[:2] + bytes(2) + m[4:28] + bytes(8) + m[36:38] + m[40:56] \
        + repr(sorted(nxm.entries(m[56:56 + be(m, 38, 2)]))).encode()


def flow_entries(body):
    """Flow statistics, sorted, without durations."""
    entries, at = [], 0
    while at < len(body):
        size = be(body, at, 2)
        e = body[at:at + size]
        entries.append(e[:4] + untagged(e[4:44]) + bytes(8) + e[52:])
        at += size
    return b"".join(sorted(entries))


def nx_flow_entries(body):
    """The same of Nicira's form; ages apart."""
    entries, at = [], 0
    while at < len(body):
        size, match_size = be(body, at, 2), be(body, at + 18, 2)
        e = body[at:at + size]
        actions = e[48 + nxm.padded(match_size):]
        entries.append((e[2], e[12:18], e[24:48], sorted(nxm.entries(e[48:48 + match_size])), actions.hex()))
        at += size
    return "\n".join(sorted(repr(e) for e in entries)).encode()


def vendor_stats(body):
    """Nicira's flows and sums of them."""
    return body[:8] + (nx_flow_entries if body[4:8] == bytes(4) else bytes)(body[12:])


# Counters --------------------------------------------------------------------------------------------

def port_counts(body):
    """Packets and bytes of ports; LOCAL is left out, and what was lost."""
    counts = {be(body, at, 2): struct.unpack_from("!QQQQ", body, at + 8)
              for at in range(0, len(body), 104)}
    return {no: c for no, c in counts.items() if no < 0xff00}


def table_counts(body):
    """How many rules there are, lookups and matches, of the first tables."""
    found = {}
    for at in range(0, len(body), 64):
        if body[at] < N_TABLES:
            found[f"rules {body[at]}"] = struct.unpack_from("!I", body, at + 44)
            found[f"packets {body[at]}"] = struct.unpack_from("!QQ", body, at + 48)
    return found


COUNTS = {3: table_counts, 4: port_counts}
# What describes the switch; flows; queues, of which a dummy has one and ours none; Nicira's.
STATS = {0: lambda body: b"", 1: flow_entries, 5: lambda body: b"", 0xffff: vendor_stats}


def counts(number, body, since):
    """What has been counted since."""
    found = COUNTS[number](body)
    before = {key: c for key, c in since.get(number, {}).items() if "rules" not in str(key)}
    return {key: tuple(a - b for a, b in zip(found[key], before.get(key, (0, 0, 0, 0))))
            for key in sorted(found, key=str)}


def features(message):
    """The ports' settings."""
    ports = {be(message, at, 2): be(message, at + 24, 4) for at in range(32, len(message), 48)}
    return repr(sorted((no, config) for no, config in ports.items() if no < 0xff00)).encode()


# All -------------------------------------------------------------------------------------------------

def error(message):
    """One about a port_mod brings our ports' addresses, one about a buffer its number."""
    if message[13:14] == bytes([PORT_MOD]):
        return message[:22] + bytes(6) + message[28:]
    return message


def errors_once(answer):
    """An answer with what its errors are, each once, and not of which bytes."""
    found, frames = answer
    short = []
    for m in found:
        m = m if isinstance(m, PacketIn) or m[1] != ERROR else m[:2] + bytes(2) + m[4:12]
        if isinstance(m, PacketIn) or m[1] != ERROR or m not in short:
            short.append(m)
    return short, frames


def messages(found, since):
    """Messages that can be compared: statistics replies joined, flow_removed sorted.  'since' is what had
    been counted when both were last known to agree."""
    removed, others, stats = [], [], {}
    for m in found:
        if m[1] == FLOW_REMOVED:
            removed.append(flow_removed(m))
        elif subtype(m) == NXT_FLOW_REMOVED:
            removed.append(nx_flow_removed(m))
        elif m[1] == STATS_REPLY:
            stats.setdefault((m[4:8], be(m, 8, 2)), []).append(m[12:])
        elif m[1] == FEATURES_REPLY:
            others.append(m[:8] + features(m))
        elif is_packet_in(m):
            others.append(packet_in(m))
        elif m[1] == QUEUES_REPLY:
            others.append(m[:2] + bytes(2) + m[4:10])
        elif m[1] == ERROR:
            others.append(error(m))
        else:
            others.append(m)
    for (xid, number), bodies in stats.items():
        body = b"".join(bodies[:1] + [b[12:] if number == 0xffff else b for b in bodies[1:]])
        body = repr(counts(number, body, since)).encode() if number in COUNTS else \
            STATS.get(number, lambda b: b)(body)
        others.append(b"stats" + xid + struct.pack("!H", number) + body)
    return others + sorted(removed)
