# SPDX-License-Identifier: Apache-2.0
"""Where we and Open vSwitch are meant to differ, by name; anything else is a fault of one of them.

Each row says what it is, which rows of the requirements decide it, and when it can show.  Nothing more is
taken on trust: an event for which no row applies has to have the same effect on both.
"""
import struct

ALL_WILD = 0x3fffff
VLAN_WILD, PCP_WILD = 1 << 1, 1 << 20
GET_CONFIG_REQUEST, FLOW_MOD, PACKET_OUT, STATS_REQUEST = 7, 14, 13, 16
DROP, REASSEMBLE = 1, 2
ADD, MODIFY, MODIFY_STRICT = 0, 1, 2
CHECK_OVERLAP, EMERGENCY = 2, 4
TABLE, NONE, NO_BUFFER = 0xfff9, 0xffff, 0xffffffff
OUTPUT, ENQUEUE = 0, 11
LATER = 0x1fff  # Bits of a fragment's offset.
IP, ARP, RARP, IP6 = 0x800, 0x806, 0x8035, 0x86dd


def be(data, at, size):
    return int.from_bytes(data[at:at + size], "big")


def kind(event):
    """Type of the message, or None for another event."""
    return event.message[1] if event.message and len(event.message) >= 8 else None


def is_flow_mod(event, *commands):
    m = event.message
    return kind(event) == FLOW_MOD and len(m) >= 72 and (not commands or be(m, 56, 2) in commands)


def matches(event):
    """The match in the message, as bytes."""
    m = event.message
    if is_flow_mod(event):
        return [m[8:48]]
    is_flow_stats = kind(event) == STATS_REQUEST and len(m) >= 56 and be(m, 8, 2) in (1, 2)
    return [m[12:52]] if is_flow_stats else []


def actions(event):
    """The actions of the message as (type, argument bytes)."""
    m = event.message
    at = 72 if kind(event) == FLOW_MOD else 16 if kind(event) == PACKET_OUT else len(m or b"")
    end = at + be(m, 14, 2) if kind(event) == PACKET_OUT else len(m or b"")
    while end - at >= 8:
        size = be(m, at + 2, 2)
        yield be(m, at, 2), m[at + 4:at + size]
        at += max(size, 8)


def actions_size(event):
    """Bytes of the actions of the message."""
    m = event.message
    if is_flow_mod(event):
        return len(m) - 72
    return be(m, 14, 2) if kind(event) == PACKET_OUT else 0


def outputs(event):
    return [be(a, 0, 2) for t, a in actions(event) if t in (OUTPUT, ENQUEUE)]


def same_as_installed(event):
    """An ADD that checks overlaps, of what could be there already."""
    return is_flow_mod(event, ADD, MODIFY, MODIFY_STRICT) and be(event.message, 70, 2) & CHECK_OVERLAP


def pcp_without_tag(event):
    def is_one(match):
        wild = be(match, 0, 4)
        return not wild & PCP_WILD and (wild & VLAN_WILD or be(match, 18, 2) == 0xffff)
    return any(is_one(m) for m in matches(event))


ADDRESSES_WILD, PROTO_WILD, TP_WILD, TOS_WILD = 32 << 8 | 32 << 14, 1 << 5, 3 << 6, 1 << 21


def normalised(match):
    """Wildcards of a match with fields that can't apply made wild (A3.12)."""
    wild = be(match, 0, 4)
    kind = None if wild & 1 << 4 else be(match, 22, 2)
    if kind not in (IP, IP6):
        wild |= TOS_WILD
    if kind not in (IP, ARP, RARP):
        wild |= ADDRESSES_WILD
    if kind not in (IP, IP6, ARP, RARP):
        wild |= PROTO_WILD
    proto = None if wild & PROTO_WILD else match[25]
    if kind not in (IP, IP6) or proto not in (6, 17, 132, 1 if kind == IP else 58):
        wild |= TP_WILD
    return wild


def not_normalised(event):
    return any(normalised(m) != be(m, 0, 4) for m in matches(event))


def exact_at_another_priority(event):
    if not is_flow_mod(event):
        return False
    is_exact = be(event.message, 8, 4) & ALL_WILD == 0
    return is_exact != (be(event.message, 62, 2) == 0xffff)


def absent_queue(event):
    return any(t == ENQUEUE and be(a, 8, 4) != 0 for t, a in actions(event))


def unknown_flags(event):
    return is_flow_mod(event) and be(event.message, 70, 2) & ~7


def virtual_in_port(event):
    return kind(event) == PACKET_OUT and 0xff00 <= be(event.message, 12, 2) < 0xfffd


def has_frame(event):
    return event.frame is not None or kind(event) == PACKET_OUT and len(event.message) > 16


def is_fragment(event):
    return has_frame(event) and l4(event.any_frame())[2] != 0


def runt(event):
    m = event.message
    return kind(event) == PACKET_OUT and len(m) < 16 + be(m, 14, 2) + 14


# Parts of frames that may differ ---------------------------------------------------------------------

def l3(frame):
    """Type of Ethernet of a frame behind all tags, and where what it is of begins."""
    at = 12
    while be(frame, at, 2) in (0x8100, 0x88a8):
        at += 4
    kind, at = be(frame, at, 2), at + 2
    if kind < 0x600 and frame[at:at + 6] == b"\xaa\xaa\3\0\0\0":
        kind, at = be(frame, at + 6, 2), at + 8
    return kind, at


def l4(frame):
    """Of a frame over IP the protocol, where its header is, and the fragment's offset and bit for more."""
    kind, at = l3(frame)
    if kind == IP and at + 20 <= len(frame):
        return frame[at + 9], at + 4 * (frame[at] & 15), be(frame, at + 6, 2) & 0x3fff
    if kind != IP6 or at + 40 > len(frame):
        return None, at, 0
    following, fragment, at = frame[at + 6], 0, at + 40
    while following in (0, 43, 44, 60) and at + 8 <= len(frame):
        if following == 44:
            word = be(frame, at + 2, 2)
            fragment = word >> 3 | (word & 1) << 13
        size = 8 if following == 44 else 8 + 8 * frame[at + 1]
        following, at = frame[at], at + size
    return following, at, fragment


def arp_operation(frame):
    kind, at = l3(frame)
    return be(frame, at + 6, 2) if kind in (ARP, RARP) else 0


def is_cut(frame):
    """Whether a frame over IP is shorter than its datagram."""
    kind, at = l3(frame)
    size = {IP: be(frame, at + 2, 2), IP6: 40 + be(frame, at + 4, 2)}.get(kind, 0)
    return at + size > len(frame)


def without(frame, at, size):
    return frame if at + size > len(frame) else frame[:at] + bytes(size) + frame[at + size:]


def without_icmp(frame):
    """A frame without type, code and checksum of ICMP."""
    proto, at, fragment = l4(frame)
    return without(frame, at, 4) if proto in (1, 58) and not fragment & LATER else frame


def without_later_sum(frame):
    """A frame without what would be a checksum if a later fragment had a header."""
    proto, at, fragment = l4(frame)
    is_one = fragment & LATER and proto in (6, 17)
    return without(frame, at + {6: 16, 17: 6}[proto], 2) if is_one else frame


def without_dei(frame):
    """A frame without the bit of the tag that is not VID and not PCP."""
    is_tagged = frame[12:14] in (b"\x81\0", b"\x88\xa8") and len(frame) > 16
    return frame[:14] + bytes([frame[14] & 0xef]) + frame[15:] if is_tagged else frame


def of_frames(strip):
    """Strips all frames of an answer that can be compared."""
    def strip_all(_event, answer):
        messages, frames = answer
        messages = [m[:14] + strip(m[14:]) if m[1:2] == b"\x0a" else m for m in messages]
        return messages, {port: [strip(f) for f in frames[port]] for port in frames}
    return strip_all


def without_tags(event, answer):
    """An answer to a frame with two tags: of frames only the addresses, and how long they are without
    tags.  Theirs has not read what is behind the inner tag, and changes nothing there."""
    def tags(frame):
        at = 12
        while frame[at:at + 2] in (b"\x81\0", b"\x88\xa8"):
            at += 4
        return at - 12
    has_two = has_frame(event) and tags(event.any_frame()) >= 8
    return of_frames(lambda f: f[:12] + bytes(len(f) - 12 - tags(f)))(event, answer) if has_two else answer


def without_misses(event, answer):
    """An answer without packet_ins of misses, if none were wanted."""
    messages, frames = answer
    return [m for m in messages if not (event.from_silent_port and m[1:2] == b"\x0a" and m[12] == 0)], frames


# By event --------------------------------------------------------------------------------------------

class Difference:
    """One that an event can have."""

    def __init__(self, name, rows, applies, spoils=True):
        self.name = name
        self.rows = rows
        self.applies = applies
        self.spoils = spoils  # The tables may differ then: both are emptied.


class Detail:
    """One that an answer can have, however it came about: all but a part of it is the same."""

    def __init__(self, name, rows, strip):
        self.name = name
        self.rows = rows
        self.strip = strip  # The answer to an event without that part.


DETAILS = [
    Detail("SET_TP_* leaves ICMP alone", "A5.16", of_frames(without_icmp)),
    Detail("later fragments have no checksum to be changed", "A5.14", of_frames(without_later_sum)),
    Detail("a tag that is changed keeps its DEI", "A5.11 A5.12", of_frames(without_dei)),
    Detail("an inner tag is a tag when the outer one is stripped", "A5.11 A5.12 A3.4", without_tags),
    Detail("NO_PACKET_IN is obeyed", "A7.5 A3.17", without_misses),
]


DIFFERENCES = [
    Difference("an entry that is the same is an overlap", "A11.1", same_as_installed),
    Difference("emergency entries", "A11.5 A9.3",
               lambda e: is_flow_mod(e) and be(e.message, 70, 2) & EMERGENCY),
    Difference("OFPP_TABLE in a flow", "A11.8 A5.6",
               lambda e: kind(e) == FLOW_MOD and TABLE in outputs(e)),
    Difference("the flow_mod of a bad buffer happens", "A11.16 A11.12 A4.10",
               lambda e: is_flow_mod(e) and be(e.message, 64, 4) != NO_BUFFER),
    Difference("an absent queue is refused", "A11.17 A5.17", absent_queue),
    Difference("output to port 0 is refused", "A11.18 A5.4", lambda e: 0 in outputs(e)),
    Difference("PCP is compared on its own", "A11.20", pcp_without_tag),
    # Theirs remembers that it had to normalise: what looks the same is not the same to strict commands
    # and to others.
    Difference("a match that had to be normalised", "A3.12 A11.3", not_normalised),
    # Theirs does not add for a MODIFY that has it, and keeps the old cookie for an ADD.
    Difference("the reserved cookie", "A4.8 A4.4",
               lambda e: is_flow_mod(e, ADD, MODIFY, MODIFY_STRICT) and be(e.message, 48, 8) == (1 << 64) - 1),
    # Theirs takes the idle time of the one before, also when it was sent without a timeout.
    Difference("an entry in the place of another begins its idle time anew", "A4.2",
               lambda e: e.replaces and is_flow_mod(e, ADD) and be(e.message, 58, 2) != 0),
    Difference("a datagram that is longer than its frame is one all the same", "A3.11",
               lambda e: has_frame(e) and is_cut(e.any_frame())),
    Difference("of an ARP operation the low byte counts", "A3.7",
               lambda e: has_frame(e) and arp_operation(e.any_frame()) > 255),
    Difference("a list that does not end with an action is a bad one", "A5.2",
               lambda e: actions_size(e) % 8 != 0, spoils=False),
    Difference("of a bad action and a bad command the action is told", "A4.11",
               lambda e: is_flow_mod(e) and be(e.message, 56, 2) > 4, spoils=False),
    Difference("NO_RECV drops before the table, not behind it", "A7.5",
               lambda e: e.from_closed_port),
    Difference("dropped fragments are dropped before the table, not behind it", "A3.10",
               lambda e: e.fragment_mode == DROP and is_fragment(e)),
    # Theirs stays in the mode before.
    Difference("fragments are put together", "A11.11 A3.10",
               lambda e: e.fragment_mode == REASSEMBLE and is_fragment(e)),
    Difference("fragments are put together", "A11.11 A3.10",
               lambda e: e.fragment_mode == REASSEMBLE and kind(e) == GET_CONFIG_REQUEST, spoils=False),
    Difference("an exact entry keeps its priority", "A11.21", exact_at_another_priority),
    Difference("no vendor error to who sent nothing of Nicira", "A4.9 B27", unknown_flags),
    Difference("no vendor error to who sent nothing of Nicira", "A6.8 B27", virtual_in_port,
               spoils=False),
    Difference("a second HELLO is ignored", "A1.5", lambda e: kind(e) == 0, spoils=False),
    Difference("a frame that is too short is refused", "A6.11", runt),
]


def find(event):
    """The first row that applies, or None."""
    return next((d for d in DIFFERENCES if d.applies(event)), None)


# Answers without what may differ: time, buffers, and what a switch says of itself -------------------

def untagged(match):
    """A match that is shown as sent (A11.20): of untagged frames theirs has a PCP, ours as it came."""
    wild = be(match, 0, 4)
    if wild & VLAN_WILD or be(match, 18, 2) != 0xffff:
        return match
    return struct.pack("!I", wild | PCP_WILD) + match[4:20] + b"\0" + match[21:]


def flow_entries(body):
    """Flow statistics, sorted, without durations."""
    entries, at = [], 0
    while at < len(body):
        size = be(body, at, 2)
        e = body[at:at + size]
        entries.append(e[:4] + untagged(e[4:44]) + bytes(8) + e[52:])
        at += size
    return b"".join(sorted(entries))


def port_counts(body):
    """Packets and bytes of ports; LOCAL is left out, and what was lost."""
    counts = {be(body, at, 2): struct.unpack_from("!QQQQ", body, at + 8)
              for at in range(0, len(body), 104)}
    return {no: c for no, c in counts.items() if no < 0xff00}


def table_counts(body):
    """How many rules there are, lookups and matches, of the first table."""
    return {"rules": struct.unpack_from("!I", body, 44), "packets": struct.unpack_from("!QQ", body, 48)}


COUNTS = {3: table_counts, 4: port_counts}
STATS = {0: lambda body: b"", 1: flow_entries}


def counts(number, body, since):
    """What has been counted since."""
    found = COUNTS[number](body)
    before = {key: c for key, c in since.get(number, {}).items() if key != "rules"}
    return {key: tuple(a - b for a, b in zip(found[key], before.get(key, (0, 0, 0, 0))))
            for key in sorted(found, key=str)}


def features(message):
    """The ports' settings."""
    ports = {be(message, at, 2): be(message, at + 24, 4) for at in range(32, len(message), 48)}
    return repr(sorted((no, config) for no, config in ports.items() if no < 0xff00)).encode()


def normal_packet_in(message):
    """All but the buffer (A11.4), and of a frame that is cut because of it what both tell."""
    return message[:8] + message[12:]


def normal_messages(messages, since):
    """Messages that can be compared: statistics replies joined, flow_removed sorted.  'since' is what had
    been counted when both were last known to agree."""
    removed, others, stats = [], [], {}
    for m in messages:
        if m[1] == 11:
            removed.append(m[:8] + untagged(m[8:48]) + m[48:60] + bytes(8) + m[68:])
        elif m[1] == 17:
            stats.setdefault((m[4:8], be(m, 8, 2)), []).append(m[12:])
        elif m[1] == 6:
            others.append(m[:8] + features(m))
        elif m[1] == 10:
            others.append(normal_packet_in(m))
        else:
            others.append(m)
    for (xid, number), bodies in stats.items():
        body = b"".join(bodies)
        body = repr(counts(number, body, since)).encode() if number in COUNTS else \
            STATS.get(number, lambda b: b)(body)
        others.append(b"stats" + xid + struct.pack("!H", number) + body)
    return others + sorted(removed)
