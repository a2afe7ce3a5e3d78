# SPDX-License-Identifier: Apache-2.0
"""Reads a capture file of tcpdump: lengths of frames, and which IPv4, TCP and UDP checksums are wrong."""
import struct


def frames(path):
    """The frames of a pcap file, as bytes."""
    with open(path, "rb") as f:
        data = f.read()
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        if at + 16 + size > len(data):
            break
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def ones_sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def wrong_checksums(frame):
    """What is wrong with an IPv4 frame's checksums, as a list of words."""
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    if frame[at:at + 2] != b"\x08\x00":
        return []
    ip = frame[at + 2:]
    ihl, total = (ip[0] & 15) * 4, struct.unpack_from(">H", ip, 2)[0]
    ip = ip[:total]
    wrong = [] if ones_sum(ip[:ihl]) == 0xffff else ["IP"]
    proto, l4 = ip[9], ip[ihl:]
    if struct.unpack_from(">H", ip, 6)[0] & 0x3fff or proto not in (6, 17):
        return wrong
    if proto == 17 and l4[6:8] == b"\0\0":
        return wrong
    pseudo = ip[12:20] + struct.pack(">BBH", 0, proto, len(l4))
    if ones_sum(pseudo + l4) != 0xffff:
        wrong.append({6: "TCP", 17: "UDP"}[proto])
    return wrong


def summary(path):
    """(number of frames, longest frame, list of complaints)"""
    n, longest, complaints = 0, 0, []
    for frame in frames(path):
        n += 1
        longest = max(longest, len(frame))
        wrong = wrong_checksums(frame)
        if wrong:
            complaints.append(f"frame {n} ({len(frame)} bytes): {', '.join(wrong)} checksum")
    return n, longest, complaints
