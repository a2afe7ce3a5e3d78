# SPDX-License-Identifier: Apache-2.0
"""Matches in Nicira's form: fields, their values in small sets, and bytes."""
import struct

MASKED = 1 << 8
COOKIE = 1 << 16 | 30 << 9 | 8
OF, NX, OXM = 0, 1, 0x8000


class Field:
    """One that a match can have."""

    def __init__(self, kind, number, size, needs, values, masks=(), bits=None, is_writable=True):
        self.header = kind << 16 | number << 9 | size
        self.size = size
        self.bits = bits or 8 * size
        self.needs = needs  # Values that other fields must have: one of these sets.
        self.values = values
        self.masks = masks  # Some of those that it can have; none if it has to be whole.
        self.is_writable = is_writable

    def fits(self, match):
        """Whether packets of a match, a dict of names and (value, mask), have it."""
        return any(all(match.get(name) == (value, FIELDS[name].ones()) for name, value in needs.items())
                   for needs in self.needs)

    def ones(self):
        return (1 << self.bits) - 1


MACS = [0x020000000001, 0x020000000002, 0x020000000003]
MAC_MASKS = [0xff0000000000, 0x0000000000ff, 0x010000000000, 0xffff00000001]
ADDRESSES = [0x0a000000 + i for i in range(8)] + [0x0a000100]
ADDRESS_MASKS = [0xffffff00, 0xfffffffe, 0xff0000ff, 1]
ADDRESSES6 = [0xfc << 120 | i for i in range(4)]
MASKS6 = [0xff << 120, 1, (1 << 127) | 2, ((1 << 128) - 1) ^ 3]
PORTS = [0, 53, 80, 8080]
PORT_MASKS = [0xfff0, 0x8000, 1, 0xff]
SMALL = [0, 1, 2, 3, 4, 0x10, 0xffff]
SMALL_MASKS = [0xff, 1, 0xffff0000, 0xf]


def fields_of(dl_types, proto=None, icmp=None):
    """What a field needs, in the ways there are."""
    found = []
    for dl_type in dl_types:
        needs = {"ETH_TYPE": dl_type}
        if proto is not None:
            needs["IP_PROTO"] = proto
        if icmp is not None:
            needs.update({"ICMPV6_TYPE": icmp, "ICMPV6_CODE": 0})
        found.append(needs)
    return found


def register(number):
    return Field(NX, number, 4, [{}], SMALL, SMALL_MASKS)


ANY, IP, IP4, IP6, ARP = [{}], fields_of([0x800, 0x86dd]), fields_of([0x800]), fields_of([0x86dd]), \
    fields_of([0x806, 0x8035])
TCP, UDP, SCTP = [fields_of([0x800, 0x86dd], proto) for proto in (6, 17, 132)]
ICMP, ICMP6 = fields_of([0x800], 1), fields_of([0x86dd], 58)
SOLICIT, ADVERT = fields_of([0x86dd], 58, 135), fields_of([0x86dd], 58, 136)
TCIS = [0, 0x1000, 0x1001, 0x1005, 0x7005, 0xf000]

# In an order in which what a field needs comes before it.
FIELDS = {
    "IN_PORT": Field(OF, 0, 2, ANY, [1, 2, 3, 4]),
    "ETH_DST": Field(OF, 1, 6, ANY, MACS + [0xffffffffffff], MAC_MASKS),
    "ETH_SRC": Field(OF, 2, 6, ANY, MACS, MAC_MASKS),
    "VLAN_TCI": Field(OF, 4, 2, ANY, TCIS, [0x1000, 0x1fff, 0x0fff, 0xf000, 0xe000, 1]),
    "ETH_TYPE": Field(OF, 3, 2, ANY, [0x800, 0x86dd, 0x806, 0x88cc, 0x5ff], is_writable=False),
    "IP_TOS": Field(OF, 5, 1, IP, [0, 0x28, 0xb8]),
    "IP_ECN": Field(NX, 28, 1, IP, [0, 1, 3], bits=2),
    "IP_TTL": Field(NX, 29, 1, IP, [64, 1, 0, 255]),
    "IP_FRAG": Field(NX, 26, 1, IP, [0, 1, 3], [1, 2], bits=2, is_writable=False),
    "IP_PROTO": Field(OF, 6, 1, IP, [6, 17, 1, 58, 132, 47], is_writable=False),
    "IP_SRC": Field(OF, 7, 4, IP4, ADDRESSES, ADDRESS_MASKS),
    "IP_DST": Field(OF, 8, 4, IP4, ADDRESSES, ADDRESS_MASKS),
    "IPV6_SRC": Field(NX, 19, 16, IP6, ADDRESSES6, MASKS6),
    "IPV6_DST": Field(NX, 20, 16, IP6, ADDRESSES6, MASKS6),
    "IPV6_LABEL": Field(NX, 27, 4, IP6, [0, 5, 0x45], [0xf, 0xf0], bits=20),
    "TCP_SRC": Field(OF, 9, 2, TCP, PORTS, PORT_MASKS),
    "TCP_DST": Field(OF, 10, 2, TCP, PORTS, PORT_MASKS),
    "TCP_FLAGS": Field(NX, 34, 2, TCP, [2, 0x12, 0x10, 0x11], [2, 0x12, 0xff0], bits=12, is_writable=False),
    "UDP_SRC": Field(OF, 11, 2, UDP, PORTS, PORT_MASKS),
    "UDP_DST": Field(OF, 12, 2, UDP, PORTS, PORT_MASKS),
    "SCTP_SRC": Field(OXM, 17, 2, SCTP, PORTS, PORT_MASKS),
    "SCTP_DST": Field(OXM, 18, 2, SCTP, PORTS, PORT_MASKS),
    "ICMP_TYPE": Field(OF, 13, 1, ICMP, [0, 3, 8, 128]),
    "ICMP_CODE": Field(OF, 14, 1, ICMP, [0, 1]),
    "ICMPV6_TYPE": Field(NX, 21, 1, ICMP6, [0, 3, 8, 128, 135, 136]),
    "ICMPV6_CODE": Field(NX, 22, 1, ICMP6, [0, 1]),
    "ND_TARGET": Field(NX, 23, 16, SOLICIT + ADVERT, ADDRESSES6, MASKS6, is_writable=False),
    "ND_SLL": Field(NX, 24, 6, SOLICIT, MACS, MAC_MASKS, is_writable=False),
    "ND_TLL": Field(NX, 25, 6, ADVERT, MACS, MAC_MASKS, is_writable=False),
    "ARP_OP": Field(OF, 15, 2, ARP, [1, 2, 3]),
    "ARP_SPA": Field(OF, 16, 4, ARP, ADDRESSES, ADDRESS_MASKS),
    "ARP_TPA": Field(OF, 17, 4, ARP, ADDRESSES, ADDRESS_MASKS),
    "ARP_SHA": Field(NX, 17, 6, ARP, MACS, MAC_MASKS),
    "ARP_THA": Field(NX, 18, 6, ARP, MACS + [0], MAC_MASKS),
    "TUN_ID": Field(NX, 16, 8, ANY, SMALL, SMALL_MASKS),
    "PKT_MARK": Field(NX, 33, 4, ANY, SMALL, SMALL_MASKS),
    "METADATA": Field(OXM, 2, 8, ANY, SMALL, SMALL_MASKS),
    "REG0": register(0), "REG1": register(1), "REG2": register(2), "REG7": register(7), "REG15": register(15),
}
L4 = ["TCP_SRC", "TCP_DST", "TCP_FLAGS", "UDP_SRC", "UDP_DST", "SCTP_SRC", "SCTP_DST", "ICMP_TYPE", "ICMP_CODE",
      "ICMPV6_TYPE", "ICMPV6_CODE"]
METADATA = ["TUN_ID", "PKT_MARK", "METADATA", "REG0", "REG1", "REG2", "REG7", "REG15"]


def padded(size):
    return (size + 7) // 8 * 8


def entry(header, size, value, mask=None):
    """Bytes of a field; a mask of all ones is not told."""
    if mask is None or mask == (1 << 8 * size) - 1:
        return struct.pack("!I", header) + value.to_bytes(size, "big")
    return struct.pack("!I", header + MASKED + size) + value.to_bytes(size, "big") + mask.to_bytes(size, "big")


def encode(match, cookie=None):
    """Bytes of a match, a dict of names and (value, mask), and of a cookie with its mask."""
    data = b"" if cookie is None else entry(COOKIE, 8, *cookie)
    for name, field in FIELDS.items():
        if name in match:
            value, mask = match[name]
            data += entry(field.header, field.size, value, None if mask == field.ones() else mask)
    return data


def entries(data):
    """The fields in bytes, as (header, value, mask), as far as they can be read."""
    found, at = [], 0
    while at + 4 <= len(data):
        header = struct.unpack_from("!I", data, at)[0]
        size, at = header & 0xff, at + 4
        body, at = data[at:at + size], at + size
        half = size // 2 if header & MASKED else size
        found.append((header & ~0x1ff | half, body[:half], body[half:]))
    return found
