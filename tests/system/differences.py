# SPDX-License-Identifier: Apache-2.0
"""Where we and Open vSwitch are meant to differ, by name; anything else is a fault of one of them.

Each row says what it is, which rows of the requirements decide it, and when it can show.  Nothing more is
taken on trust: an event for which no row applies has to have the same effect on both.
"""
import struct

import openflow
from normal import PacketIn, be, subtype
from nxm import COOKIE, FIELDS, L4, entries, padded

ALL_WILD = 0x3fffff
VLAN_WILD, PCP_WILD = 1 << 1, 1 << 20
VENDOR, GET_CONFIG_REQUEST, PACKET_OUT, FLOW_MOD, STATS_REQUEST = 4, 7, 13, 14, 16
NXT_FLOW_MOD = 13
DROP, REASSEMBLE = 1, 2
ADD, MODIFY, MODIFY_STRICT = 0, 1, 2
CHECK_OVERLAP, EMERGENCY = 2, 4
TABLE, NONE, NO_BUFFER = 0xfff9, 0xffff, 0xffffffff
OUTPUT, ENQUEUE = 0, 11
NX_VENDOR = b"\0\0\x23\x20"
NO_SETTING = [b"\0\1\2\x0b", b"\0\1\2\x0c", b"\0\1\2\x0d"]  # Of fields that can't be set.
BAD_ARGUMENT = b"\0\2\0\5"
OUR_ERRORS = {b"\0\1\2\x09": b"\0\1\1\0", b"\0\0\1\7": b"\0\1\1\1"}  # Types and codes, by those of theirs.
LATER = 0x1fff  # Bits of a fragment's offset.
IP, ARP, RARP, IP6 = 0x800, 0x806, 0x8035, 0x86dd


def kind(event):
    """Type of the message, or None for another event."""
    return event.message[1] if event.message and len(event.message) >= 8 else None


def nx_kind(event):
    """Number of Nicira's message, or None."""
    return subtype(event.message) if kind(event) == VENDOR and len(event.message) >= 16 else None


def body_at(event):
    """Where the part of a flow_mod is that both forms have, or None."""
    if kind(event) == FLOW_MOD and len(event.message) >= 72:
        return 48
    return 16 if nx_kind(event) == NXT_FLOW_MOD and len(event.message) >= 48 else None


def body(event, offset, size):
    """A number in that part."""
    return be(event.message, body_at(event) + offset, size)


def command(event):
    return body(event, 8, 2) & (0xff if event.has_tables else 0xffff)


def is_flow_mod(event, *wanted):
    return body_at(event) is not None and (not wanted or command(event) in wanted)


def flags(event):
    return body(event, 22, 2) if is_flow_mod(event) else 0


def matches(event):
    """The match of OpenFlow 1.0 in the message, as bytes."""
    m = event.message
    if kind(event) == FLOW_MOD and len(m) >= 72:
        return [m[8:48]]
    is_flow_stats = kind(event) == STATS_REQUEST and len(m) >= 56 and be(m, 8, 2) in (1, 2)
    return [m[12:52]] if is_flow_stats else []


def nx_match(event):
    """The fields of Nicira's match in the message, by header, as (value, mask)."""
    m = event.message
    if nx_kind(event) == NXT_FLOW_MOD and len(m) >= 48:
        data = m[48:48 + be(m, 40, 2)]
    elif kind(event) == STATS_REQUEST and len(m) >= 32 and m[8:10] == b"\xff\xff":
        data = m[32:32 + be(m, 26, 2)]
    else:
        return {}
    return {header: (value, mask) for header, value, mask in entries(data)}


def ports_of_later_fragments(event):
    """Whether the match names the ports of fragments that have none."""
    found = nx_match(event)
    fragment = found.get(FIELDS["IP_FRAG"].header, (b"\0", b""))[0]
    return fragment in (b"\2", b"\3") and any(FIELDS[name].header in found for name in L4)


def actions_place(event):
    """Where the actions in the message are, from and to."""
    m = event.message
    if kind(event) == PACKET_OUT and len(m) >= 16:
        return 16, min(16 + be(m, 14, 2), len(m))
    if kind(event) == FLOW_MOD and len(m) >= 72:
        return 72, len(m)
    return (48 + padded(be(m, 40, 2)), len(m)) if is_flow_mod(event) else (0, 0)


def deletion(event):
    """A message that deletes whatever a flow_mod may have added or changed."""
    m = event.message
    if not is_flow_mod(event) or COOKIE in nx_match(event):
        return DELETE_ALL[event.has_tables]
    at = body_at(event)
    head = m[8:at + 8] + struct.pack("!HHHHIHH", 0xff03 if event.has_tables else 3, 0, 0, 0, NO_BUFFER, NONE, 0)
    start = actions_place(event)[0]
    return openflow.message(m[1], head + m[at + 24:start])


# By whether the high byte of the command is the table.
DELETE_ALL = [openflow.message(FLOW_MOD, openflow.match() + struct.pack("!QHHHHIHH", 0, number, 0, 0, 0,
                                                                        NO_BUFFER, NONE, 0))
              for number in (3, 0xff03)]


def actions(event):
    """The actions of the message as (type, argument bytes)."""
    at, end = actions_place(event)
    while end - at >= 8:
        size = be(event.message, at + 2, 2)
        yield be(event.message, at, 2), event.message[at + 4:at + size]
        at += max(size, 8)


def actions_size(event):
    """Bytes of the actions of the message."""
    at, end = actions_place(event)
    return end - at


def outputs(event):
    return [be(a, 0, 2) for t, a in actions(event) if t in (OUTPUT, ENQUEUE)]


def same_as_installed(event):
    """An ADD that checks overlaps, of what could be there already."""
    return is_flow_mod(event, ADD, MODIFY, MODIFY_STRICT) and flags(event) & CHECK_OVERLAP


def pcp_without_tag(event):
    """Whether a PCP is compared of what may have no tag. Where all matches of untagged frames compare a PCP
    of 0, as they do in a script with tables, that is the same for both."""
    def is_one(match):
        wild = be(match, 0, 4)
        is_odd = be(match, 18, 2) == 0xffff and (match[20] or not event.has_tables)
        return not wild & PCP_WILD and (wild & VLAN_WILD or is_odd)
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


# Fields of a match: offset, size, and the bit of its wildcard or the first bit of how many bits are wild.
FLAGGED = [(4, 2, 0), (6, 6, 2), (12, 6, 3), (18, 2, 1), (20, 1, 20), (22, 2, 4), (24, 1, 21), (25, 1, 5),
           (36, 2, 6), (38, 2, 7)]
PREFIXED = [(28, 4, 8), (32, 4, 14)]


def canonical(match):
    """What a match compares, equal for equal ones."""
    wild = normalised(match) & ALL_WILD
    found = [None if wild & 1 << bit else be(match, at, size) for at, size, bit in FLAGGED]
    counts = [min(32, wild >> bit & 63) for _at, _size, bit in PREFIXED]
    return tuple(found + [(count, be(match, at, size) >> count)
                          for count, (at, size, _bit) in zip(counts, PREFIXED)])


def not_normalised(event):
    return any(normalised(m) != be(m, 0, 4) for m in matches(event))


def exact_at_another_priority(event):
    if not is_flow_mod(event):
        return False
    is_exact = kind(event) == FLOW_MOD and be(event.message, 8, 4) & ALL_WILD == 0
    return is_exact != (body(event, 14, 2) == 0xffff)


def absent_queue(event):
    return any(t == ENQUEUE and be(a, 8, 4) != 0 for t, a in actions(event))


def unknown_flags(event):
    return flags(event) & ~7


def virtual_in_port(event):
    return kind(event) == PACKET_OUT and 0xff00 <= be(event.message, 12, 2) < 0xfffd


def has_frame(event):
    return event.frame is not None or kind(event) == PACKET_OUT and len(event.message) > 16


def is_fragment(event):
    return has_frame(event) and l4(event.any_frame())[2] != 0


def is_later_fragment_of_ipv6(event):
    if not has_frame(event):
        return False
    frame = event.any_frame()
    return l3(frame)[0] == IP6 and l4(frame)[2] & LATER != 0


def goes_on_after_table(event):
    """A packet_out with actions behind an output to TABLE."""
    if kind(event) != PACKET_OUT:
        return False
    ports = [be(a, 0, 2) if t == OUTPUT else None for t, a in actions(event)]
    return TABLE in ports[:-1]


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


def is_odd_arp(frame):
    """Whether it is an ARP packet with an operation above 255, or not for IPv4 over Ethernet."""
    kind, at = l3(frame)
    return kind in (ARP, RARP) and (be(frame, at + 6, 2) > 255 or frame[at:at + 6] != b"\0\1\x08\0\6\4")


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


def without_sctp_fragment(frame):
    """A fragment over SCTP without the header."""
    proto, at, fragment = l4(frame)
    return without(frame, at, 12) if proto == 132 and fragment else frame


def without_rarp(frame):
    """A frame of RARP without operation and addresses."""
    kind, at = l3(frame)
    return without(frame, at + 6, 22) if kind == RARP else frame


def without_dei(frame):
    """A frame without the bit of the tag that is not VID and not PCP."""
    is_tagged = frame[12:14] in (b"\x81\0", b"\x88\xa8") and len(frame) > 16
    return frame[:14] + bytes([frame[14] & 0xef]) + frame[15:] if is_tagged else frame


def without_priority_tag(frame):
    """A frame without a tag that names no VLAN."""
    return frame[:12] + frame[16:] if tags(frame) and be(frame, 14, 2) & 0xfff == 0 else frame


def of_frames(strip):
    """Strips all frames of an answer that can be compared."""
    def strip_all(_event, answer):
        messages, frames = answer
        messages = [m._replace(data=strip(m.data)) if isinstance(m, PacketIn) else m for m in messages]
        return messages, {port: [strip(f) for f in frames[port]] for port in frames}
    return strip_all


def tags(frame):
    """Bytes of the tags of a frame."""
    at = 12
    while frame[at:at + 2] in (b"\x81\0", b"\x88\xa8"):
        at += 4
    return at - 12


def has_two_tags(event):
    return has_frame(event) and tags(event.any_frame()) >= 8


def without_tags(event, answer):
    """An answer to a frame with two tags: of frames only the addresses, and how long they are without
    tags.  Theirs has not read what is behind the inner tag, and changes nothing there."""
    return of_frames(lambda f: f[:12] + bytes(max(0, len(f) - 12 - tags(f))))(event, answer) \
        if has_two_tags(event) else answer


def without_misses(event, answer):
    """An answer without packet_ins of misses, if none were wanted."""
    messages, frames = answer
    def is_unwanted(m):
        return event.from_silent_port and isinstance(m, PacketIn) and m.reason == 0
    return [m for m in messages if not is_unwanted(m)], frames


def without_cookie_of_miss(_event, answer):
    """An answer whose packet_ins of Nicira's form tell no cookie where no entry has sent the packet."""
    def strip(m):
        is_one = isinstance(m, PacketIn) and m.reason == 0 and isinstance(m.about, tuple)
        return m._replace(about=(m.about[0], m.about[1][:1], m.about[2])) if is_one else m
    messages, frames = answer
    return [strip(m) for m in messages], frames


def without_own(event, answer):
    """An answer to a packet_out without frames to their own senders."""
    messages, frames = answer
    if kind(event) not in (PACKET_OUT, FLOW_MOD):
        return answer
    kept = {port: [f for f in frames[port] if f[:6] != f[6:12]] for port in frames}
    return messages, {port: f for port, f in kept.items() if f}


def without_ports_that_are_down(event, answer):
    """An answer without what goes out of them."""
    messages, frames = answer
    return messages, {port: frames[port] for port in frames if port not in event.down_ports}


def with_our_errors(_event, answer):
    """An answer with our numbers of errors that OpenFlow 1.0 has not."""
    def changed(m):
        is_one = m[1:2] == b"\1" and m[12:16] == NX_VENDOR
        if is_one and m[16:20] in NO_SETTING:
            return m[:2] + struct.pack("!H", len(m) - 8) + m[4:8] + BAD_ARGUMENT + m[20:]
        return m[:16] + OUR_ERRORS.get(m[16:20], m[16:20]) + m[20:] if is_one else m
    messages, frames = answer
    return [m if isinstance(m, PacketIn) else changed(m) for m in messages], frames


def without_port_0(_event, answer):
    """An answer to a request for entries of Nicira's form without outputs to port 0."""
    messages, frames = answer
    return [m if isinstance(m, PacketIn) or m[:5] != b"stats" else m.replace(b"0000000800000000", b"")
            for m in messages], frames


# By event --------------------------------------------------------------------------------------------

# What may differ afterwards and is taken out of both: nothing, what the event's match covers, all.
NOTHING, MATCH, ALL = range(3)


class Difference:
    """One that an event can have."""

    def __init__(self, name, rows, applies, spoils=ALL, is_last=False):
        self.name = name
        self.rows = rows
        self.applies = applies
        self.spoils = spoils
        self.is_last = is_last  # It is named if no detail explains what differs.


class Detail:
    """One that an answer can have, however it came about: all but a part of it is the same."""

    def __init__(self, name, rows, strip):
        self.name = name
        self.rows = rows
        self.strip = strip  # The answer to an event without that part.


DETAILS = [
    Detail("SET_TP_* leaves ICMP alone", "A5.16", of_frames(without_icmp)),
    Detail("fragments over SCTP keep their ports, for the checksum is of the whole", "A5.16",
           of_frames(without_sctp_fragment)),
    Detail("later fragments have no checksum to be changed", "A5.14", of_frames(without_later_sum)),
    Detail("a tag that is changed keeps its DEI", "A5.11 A5.12", of_frames(without_dei)),
    Detail("an inner tag is a tag when the outer one is stripped", "A5.11 A5.12 A3.4", without_tags),
    # Theirs tells a 0, which an entry can have too.
    Detail("a miss has no cookie: -1", "B9", without_cookie_of_miss),
    Detail("NORMAL changes no tag that only tells a priority", "A5.7", of_frames(without_priority_tag)),
    Detail("NORMAL learns from a packet_out before it forwards it", "A5.7", without_own),
    Detail("nothing is sent out of a port that is down", "A7.5", without_ports_that_are_down),
    Detail("nobody learns that port 0 is a place", "A11.18 B17", without_port_0),
    # For the first theirs says that it has no number, for the second it has one of failed handshakes, for
    # the third those of OpenFlow 1.2.
    Detail("a match can be invalid, a field unknown, a field fixed", "A10.17 B6 B27", with_our_errors),
    Detail("fields of RARP can be set as those of ARP", "B16", of_frames(without_rarp)),
    Detail("NO_PACKET_IN is obeyed", "A7.5 A3.17", without_misses),
]


DIFFERENCES = [
    Difference("an entry that is the same is an overlap", "A11.1", same_as_installed, spoils=MATCH),
    Difference("emergency entries", "A11.5 A9.3",
               lambda e: flags(e) & EMERGENCY),
    Difference("OFPP_TABLE in a flow", "A11.8 A5.6",
               lambda e: is_flow_mod(e) and TABLE in outputs(e), spoils=MATCH),
    Difference("the flow_mod of a bad buffer happens", "A11.16 A11.12 A4.10",
               lambda e: is_flow_mod(e) and body(e, 16, 4) != NO_BUFFER and not e.for_theirs, spoils=MATCH),
    Difference("an absent queue is refused", "A11.17 A5.17", absent_queue, spoils=MATCH),
    Difference("output to port 0 is refused", "A11.18 A5.4", lambda e: 0 in outputs(e),
               spoils=MATCH),
    Difference("PCP is compared on its own", "A11.20", pcp_without_tag),
    # Theirs remembers that it had to normalise: what looks the same is not the same to strict commands
    # and to others.
    Difference("a match that had to be normalised", "A3.12 A11.3", not_normalised),
    # Theirs does not add for a MODIFY that has it, and keeps the old cookie for an ADD.
    Difference("the reserved cookie", "A4.8 A4.4",
               lambda e: is_flow_mod(e, ADD, MODIFY, MODIFY_STRICT) and body(e, 0, 8) == (1 << 64) - 1,
               spoils=MATCH),
    # Theirs takes the idle time of the one before, also when it was sent without a timeout.
    Difference("an entry in the place of another begins its idle time anew", "A4.2",
               lambda e: e.replaces and is_flow_mod(e, ADD) and body(e, 10, 2) != 0, spoils=MATCH),
    Difference("a datagram that is longer than its frame is one all the same", "A3.11",
               lambda e: has_frame(e) and is_cut(e.any_frame())),
    Difference("of an ARP operation the low byte counts, whatever the protocol", "A3.7",
               lambda e: has_frame(e) and is_odd_arp(e.any_frame())),
    Difference("a list that does not end with an action is a bad one", "A5.2",
               lambda e: actions_size(e) % 8 != 0, spoils=NOTHING),
    Difference("of a bad action and a bad command the action is told", "A4.11",
               lambda e: is_flow_mod(e) and command(e) > 4, spoils=NOTHING),
    Difference("NO_RECV drops before the table, not behind it", "A7.5",
               lambda e: e.from_closed_port),
    Difference("dropped fragments are dropped before the table, not behind it", "A3.10",
               lambda e: e.fragment_mode == DROP and is_fragment(e)),
    # Theirs stays in the mode before.
    Difference("fragments are put together", "A11.11 A3.10",
               lambda e: e.fragment_mode == REASSEMBLE and is_fragment(e)),
    Difference("fragments are put together", "A11.11 A3.10",
               lambda e: e.fragment_mode == REASSEMBLE and kind(e) == GET_CONFIG_REQUEST, spoils=NOTHING),
    Difference("a later fragment of IPv6 has the protocol that its fragment header names", "A11.22 A3.9",
               is_later_fragment_of_ipv6),
    Difference("an exact entry keeps its priority", "A11.21", exact_at_another_priority, spoils=MATCH),
    Difference("no vendor error to who sent nothing of Nicira", "A4.9 B27", unknown_flags, spoils=NOTHING),
    Difference("an empty buffer is told from one that never was", "A11.4 A6.5", lambda e: e.is_spent,
               spoils=NOTHING),
    Difference("no vendor error to who sent nothing of Nicira", "A6.8 B27", virtual_in_port,
               spoils=NOTHING),
    Difference("a second HELLO is ignored", "A1.5", lambda e: kind(e) == 0, spoils=NOTHING),
    # It is not written where packets have none, and read as 0.
    Difference("actions may name any field", "B16 A11.19", lambda e: e.names_odd_field and is_flow_mod(e),
               spoils=MATCH),
    Difference("actions may name any field", "B16 A11.19", lambda e: e.names_odd_field),
    Difference("an entry may name ports of later fragments, which are 0", "A3.9", ports_of_later_fragments,
               spoils=MATCH),
    # In theirs what stands behind it goes on with what the tables have made of the packet.
    Difference("an output to TABLE leaves the packet as it is", "A5.6", goes_on_after_table),
    Difference("a frame that is too short is refused", "A6.11", runt),
    Difference("a frame whose outer tag is stripped is of the inner one's VLAN", "A5.7 A5.12", has_two_tags,
               is_last=True),
]


def find(event):
    """The rows that apply."""
    return [d for d in DIFFERENCES if d.applies(event)]
