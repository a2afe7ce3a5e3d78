#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ofp-parse-pcap of sluice-ofctl: captures made here, byte by byte, in every order that a network can think of."""
import os
import re
import struct
import subprocess
import sys
import tempfile

OFCTL = os.path.abspath(os.path.join(os.environ.get('top_builddir', '.'), 'utilities/sluice-ofctl'))
SWITCH, CONTROLLER = ('10.0.0.1', 40000), ('10.0.0.2', 6653)
ETHERNET, RAW, SLL, SLL2, NULL, WIFI = 1, 101, 113, 276, 0, 105
SYN = 2
failures = []


def check(good, text):
    print('ok' if good else 'FAILED', '-', text)
    if not good:
        failures.append(text)


# Making captures ---------------------------------------------------------------------------------

def message(kind, xid, body=b'', version=1):
    """An OpenFlow message."""
    return struct.pack('!BBHI', version, kind, 8 + len(body), xid) + body


HELLO, ERROR, ECHO, ECHO_REPLY, VENDOR, FEATURES = 0, 1, 2, 3, 4, 5
PACKET_IN, PACKET_OUT, FLOW_MOD, STATS, STATS_REPLY, BARRIER, BARRIER_REPLY = 10, 13, 14, 16, 17, 18, 19
FRAME = bytes.fromhex('ffffffffffff02000000000a08060001080006040001') + bytes(20)


def ip4(address):
    return bytes(map(int, address.split('.')))


def ip6(address):
    """An address of the form ::N."""
    return bytes(15) + bytes([int(address[2:])])


def packet(source, to, seq, data, flags=0x10, link=ETHERNET, padding=b''):
    """A TCP segment down to the link's header."""
    tcp = struct.pack('!HHIIBBHHH', source[1], to[1], seq & 0xffffffff, 0, 0x50, flags, 65535, 0, 0) + data
    if ':' in source[0]:
        ip = struct.pack('!IHBB', 6 << 28, len(tcp), 6, 64) + ip6(source[0]) + ip6(to[0])
        kind = 0x86dd
    else:
        ip = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + ip4(source[0]) + ip4(to[0])
        kind = 0x0800
    head = {ETHERNET: bytes(12) + struct.pack('!H', kind), RAW: b'', NULL: b'\2\0\0\0',
            SLL: bytes(14) + struct.pack('!H', kind), SLL2: struct.pack('!H', kind) + bytes(18),
            WIFI: bytes(24)}[link]
    return head + ip + tcp + padding


class Side:
    """One end of a connection, which knows what it has sent."""

    def __init__(self, here, there, seq):
        self.here, self.there, self.seq = here, there, seq

    def syn(self, link=ETHERNET):
        self.seq += 1
        return packet(self.here, self.there, self.seq - 1, b'', SYN, link)

    def say(self, data, link=ETHERNET):
        self.seq += len(data)
        return packet(self.here, self.there, self.seq - len(data), data, 0x18, link)


def sides(switch=SWITCH, controller=CONTROLLER, seq=1000):
    return Side(switch, controller, seq), Side(controller, switch, seq + 77)


def capture(packets, link=ETHERNET, step=1000):
    """A capture file of packets, or (packet, microseconds), 'step' microseconds apart."""
    out = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, link)
    now = 0
    for p in packets:
        p, now = p if isinstance(p, tuple) else (p, now + step)
        out += struct.pack('<IIII', 1000000000 + now // 1000000, now % 1000000, len(p), len(p)) + p
    return out


def parse(data, *ports):
    """What sluice-ofctl says of the capture: exit status, standard output, standard error."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        done = subprocess.run([OFCTL, 'ofp-parse-pcap', file.name, *map(str, ports)], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


def messages(data, *ports):
    """The kinds and transaction ids of the messages in the capture, in order."""
    code, out, _ = parse(data, *ports)
    return re.findall(r'^(OF\w+(?: \w+)?) \(xid=0x(\w+)\)', out, re.M) if code == 0 else code


def told(*names):
    """The same, as expected: "OFPT_HELLO 1" ..."""
    return [tuple(n.rsplit(' ', 1)) for n in names]


# Cases -------------------------------------------------------------------------------------------

def every_message_has_time_and_direction():
    switch, controller = sides()
    code, out, _ = parse(capture([switch.syn(), controller.syn(), switch.say(message(HELLO, 1)),
                                  controller.say(message(ECHO, 2))]))
    check(code == 0 and out.startswith(
        '2001-09-09 01:46:40.003000 10.0.0.1.40000 > 10.0.0.2.6653:\nOFPT_HELLO (xid=0x1):'),
        'time and direction:\n' + out)
    check('\n\n2001-09-09 01:46:40.004000 10.0.0.2.6653 > 10.0.0.1.40000:\nOFPT_ECHO_REQUEST (xid=0x2):'
          in out, 'the other direction')


def kinds_of_links():
    for link in (ETHERNET, RAW, SLL, SLL2, NULL):
        switch, _ = sides()
        check(messages(capture([switch.syn(link), switch.say(message(HELLO, 9), link)], link))
              == told('OFPT_HELLO 9'), 'type of link %d' % link)
    switch, _ = sides()
    code, _, err = parse(capture([switch.syn(WIFI)], WIFI))
    check(code == 1 and 'IEEE802_11' in err, 'a link that is not read: ' + err)
    switch, _ = sides(('::1', 40000), ('::2', 6653))
    code, out, _ = parse(capture([switch.syn(), switch.say(message(HELLO, 9))]))
    check(code == 0 and '::1.40000 > ::2.6653:\nOFPT_HELLO' in out, 'IPv6')
    switch, _ = sides()
    padded = packet(SWITCH, CONTROLLER, 1001, message(HELLO, 9), padding=b'\1' * 30)
    check(messages(capture([switch.syn(), padded, packet(SWITCH, CONTROLLER, 1009, message(ECHO, 8))]))
          == told('OFPT_HELLO 9', 'OFPT_ECHO_REQUEST 8'), 'padding is no payload')


def segments_are_put_in_order():
    data = message(HELLO, 1) + message(ECHO, 2, b'x' * 3000) + message(BARRIER, 3)
    want = told('OFPT_HELLO 1', 'OFPT_ECHO_REQUEST 2', 'OFPT_BARRIER_REQUEST 3')

    def pieces(size, seq):
        return [packet(SWITCH, CONTROLLER, seq + i, data[i:i + size]) for i in range(0, len(data), size)]

    for first in (1000, 0xffffffff - 1500):
        syn = packet(SWITCH, CONTROLLER, first, b'', SYN)
        for size in (1, 7, 100, 1460, 9000):
            check(messages(capture([syn] + pieces(size, first + 1), step=1)) == want,
                  'segments of %d bytes from %d on' % (size, first))
        many = pieces(100, first + 1)
        check(messages(capture([syn] + many[::-1])) == want, 'backwards')
        check(messages(capture([syn] + [p for p in many for _ in range(2)])) == want, 'twice')
        check(messages(capture([syn] + many[::2] + many[1::2] + many)) == want, 'even, odd, again')
        overlapping = [packet(SWITCH, CONTROLLER, first + 1 + i, data[i:i + 250])
                       for i in range(0, len(data), 100)]
        check(messages(capture([syn] + overlapping)) == want, 'overlapping')
        check(messages(capture([syn] + overlapping[::-1])) == want, 'overlapping, backwards')
        check(messages(capture(many)) == want, 'without the SYN')


def what_is_missing_is_told():
    switch, _ = sides()
    syn, hello, _, barrier = (switch.syn(), switch.say(message(HELLO, 1)),
                              switch.say(message(ECHO, 2, b'x' * 92)), switch.say(message(BARRIER, 3)))
    code, out, _ = parse(capture([syn, hello, barrier]))
    check(code == 0 and 'BARRIER_REQUEST (xid=0x3)' in out
          and '100 bytes are missing from the capture' in out, 'a gap:\n' + out)
    switch, _ = sides()
    syn, lost = switch.syn(), switch.say(message(HELLO, 1))
    rest = [switch.say(message(ECHO, i, b'x' * 1000)) for i in range(2000)]
    check(lost and len(messages(capture([syn] + rest, step=1))) == 2000, 'a gap before 2 MB')
    switch, _ = sides()
    code, out, _ = parse(capture([switch.syn(), switch.say(b'GET / HTTP/1.0\r\n\r\n')]))
    check(code == 0 and '18 bytes are missing from the capture, or are no OpenFlow' in out, 'no OpenFlow')
    half = message(ECHO, 2, b'x' * 100)[50:]
    check(messages(capture([packet(SWITCH, CONTROLLER, 5, half),
                            packet(SWITCH, CONTROLLER, 5 + len(half), message(HELLO, 7))]))
          == told('OFPT_HELLO 7'), 'a capture that begins within a message')


def connections_are_told_apart():
    a = Side(('10.0.0.1', 1111), CONTROLLER, 10)
    b = Side(('10.0.0.1', 2222), CONTROLLER, 10)
    part = message(ECHO, 1, b'y' * 20)
    want = told('OFPT_ECHO_REQUEST 1', 'OFPT_HELLO 2')
    check(messages(capture([a.syn(), b.syn(), a.say(part[:9]), b.say(message(HELLO, 2)[:5]), a.say(part[9:]),
                            b.say(message(HELLO, 2)[5:])])) == want, 'two at once')
    old, new = Side(SWITCH, CONTROLLER, 10), Side(SWITCH, CONTROLLER, 99999)
    check(messages(capture([old.syn(), old.say(message(ECHO, 1)[:6]), new.syn(), new.say(message(HELLO, 2))]))
          == told('OFPT_HELLO 2'), 'the same ports again')
    old, new = Side(SWITCH, CONTROLLER, 99999), Side(SWITCH, CONTROLLER, 10)
    syn = new.syn()
    check(messages(capture([old.syn(), old.say(message(HELLO, 1)), syn, syn, new.say(message(HELLO, 2)), syn]))
          == told('OFPT_HELLO 1', 'OFPT_HELLO 2'), 'the same ports again, with lower numbers, its SYN repeated')
    other = Side(SWITCH, ('10.0.0.2', 6654), 10)
    data = capture([other.syn(), other.say(message(HELLO, 2))])
    check(messages(data) == [], 'other ports are ignored')
    check(messages(data, 1, 6654) == told('OFPT_HELLO 2'), 'unless they are named')
    switch, _ = sides()
    code, out, _ = parse(capture([switch.syn(), switch.say(b'\x16\3\1\2\0' + bytes(512)), switch.say(bytes(90))]))
    check(code == 0 and out.count('encrypted') == 1 and 'missing' not in out, 'TLS is told once')


def answers_are_timed():
    switch, controller = sides()
    flow_stats = struct.pack('!HH', 1, 0)
    match_all = struct.pack('!I', 0x3fffff) + bytes(36)
    request = flow_stats + match_all + b'\xff\0\xff\xff'
    more, last = struct.pack('!HH', 1, 1), struct.pack('!HH', 1, 0)
    out = parse(capture([
        (switch.syn(), 0), (controller.syn(), 0),
        (controller.say(message(ECHO, 1)), 1000), (switch.say(message(ECHO_REPLY, 1)), 1250),
        (switch.say(message(ECHO, 1)), 2000), (controller.say(message(ECHO_REPLY, 1)), 5000),
        (controller.say(message(STATS, 5, request)), 10000), (switch.say(message(STATS_REPLY, 5, more)), 11000),
        (switch.say(message(STATS_REPLY, 5, last)), 17000),
        (controller.say(message(STATS, 6, request)), 20000),
        (switch.say(message(ERROR, 6, struct.pack('!HH', 1, 2) + bytes(64))), 21000),
        (controller.say(message(BARRIER, 7)), 30000)]))[1]
    rows = {m[0]: m[1].split() for m in re.findall(r'^  (\S+(?: request)?) +(\d.*)$', out, re.M)}
    check(rows.get('OFPT_ECHO_REQUEST') == ['2', '0', '0', '0.250', '0.250', '3.000', '3.000'],
          'echoes of both sides: %s' % rows)
    check(rows.get('OFPST_FLOW request') == ['1', '1', '0'] + ['7.000'] * 4, 'a reply in parts, and an error')
    check(rows.get('OFPT_BARRIER_REQUEST') == ['0', '0', '1'], 'no answer')


def nicira(xid, subtype, body=b''):
    """A message of Nicira's."""
    return message(VENDOR, xid, struct.pack('!II', 0x2320, subtype) + body)


def answers_to_niciras_requests_are_timed():
    switch, controller = sides()
    stats = struct.pack('!HHIII', 0xffff, 0, 0x2320, 0, 0)
    in_port = struct.pack('!IH', 0x00000002, 1) + bytes(2)
    out = parse(capture([
        (switch.syn(), 0), (controller.syn(), 0),
        (controller.say(message(STATS, 5, stats + struct.pack('!HHB3x', 0xffff, 0, 0xff))), 10000),
        (switch.say(message(STATS_REPLY, 5, stats)), 11000),
        (controller.say(nicira(6, 10, struct.pack('!I', 1))), 20000),
        (switch.say(nicira(6, 11, struct.pack('!I', 1))), 22000),
        (switch.say(nicira(0, 17, struct.pack('!IHBBQH6x', 7, len(FRAME), 0, 0, 0, 6) + in_port + bytes(2)
                           + FRAME)), 30000),
        (controller.say(nicira(7, 13, struct.pack('!QHHHHIHHH6x', 0, 3 << 8, 0, 0, 1, 7, 0xffff, 0, 0))), 33000)]))[1]
    rows = {m[0]: m[1].split()[:4] for m in re.findall(r'^  (\S+(?: request)?) +(\d.*)$', out, re.M)}
    check(rows.get('NXST_FLOW request') == ['1', '0', '0', '1.000'], 'rules: %s' % out)
    check(rows.get('NXT_ROLE_REQUEST') == ['1', '0', '0', '2.000'], 'a role')
    check(rows.get('OFPT_FLOW_MOD') == ['1', '0', '0', '3.000'], 'a packet_in and its flow_mod')


def packet_in(buffer_id, frame=FRAME, in_port=1):
    return struct.pack('!IHHBB', buffer_id, len(frame), in_port, 0, 0) + frame


def packet_out(buffer_id, data=b''):
    return struct.pack('!IHHHHHH', buffer_id, 1, 8, 0, 8, 2, 0) + data


def flow_mod(buffer_id, match=struct.pack('!I', 0x3fffff) + bytes(36)):
    return match + struct.pack('!QHHHHIHHHHHH', 0, 0, 0, 0, 1, buffer_id, 0xffff, 0, 0, 8, 2, 0)


def set_up_of_flows_is_timed():
    none = 0xffffffff
    arp = struct.pack('!I', 0x3fffff & ~0x10) + bytes(18) + struct.pack('!H', 0x0806) + bytes(16)
    ip = struct.pack('!I', 0x3fffff & ~0x10) + bytes(18) + struct.pack('!H', 0x0800) + bytes(16)
    switch, controller = sides()
    out = parse(capture([
        (switch.syn(), 0), (controller.syn(), 0),
        (switch.say(message(PACKET_IN, 0, packet_in(7))), 1000),
        (switch.say(message(PACKET_IN, 0, packet_in(8))), 1100),
        (controller.say(message(FLOW_MOD, 1, flow_mod(8))), 1600),
        (controller.say(message(PACKET_OUT, 2, packet_out(7))), 2000),
        (switch.say(message(PACKET_IN, 0, packet_in(none))), 10000),
        (controller.say(message(FLOW_MOD, 3, flow_mod(none, ip))), 10100),
        (controller.say(message(FLOW_MOD, 4, flow_mod(none, arp))), 10200),
        (controller.say(message(PACKET_OUT, 5, packet_out(none, FRAME))), 10900),
        (controller.say(message(PACKET_OUT, 6, packet_out(none, bytes(60)))), 11000),
        (switch.say(message(PACKET_IN, 0, packet_in(99))), 12000)]))[1]
    rows = {m[0]: m[1].split() for m in re.findall(r'^  (\S+) +(\d.*)$', out, re.M)}
    check(rows.get('OFPT_PACKET_OUT', [])[:4] == ['2', '0', '1', '0.900'], 'packet_outs: %s' % rows)
    check(rows.get('OFPT_PACKET_OUT', [])[-1:] == ['1.000'], 'packet_out of a buffer')
    check(rows.get('OFPT_FLOW_MOD') == ['2', '0', '1', '0.200', '0.200', '0.500', '0.500'], 'flow_mods')


def damage_is_no_end():
    switch, _ = sides()
    good = [switch.syn(), switch.say(message(HELLO, 1)), switch.say(message(ECHO, 2, b'z' * 200))]
    data = capture(good)
    for cut in range(24, len(data)):
        code, _, err = parse(data[:cut]) if cut % 7 == 0 else (0, '', '')
        check_quietly(code in (0, 1) and 'anitizer' not in err, 'cut at %d' % cut, err)
    for at in range(40, len(data), 5):
        changed = bytearray(data)
        changed[at] ^= 0xff
        code, _, err = parse(bytes(changed))
        check_quietly(code in (0, 1) and 'anitizer' not in err, 'changed at %d' % at, err)
    check(parse(b'')[0] == 1 and parse(b'no capture at all, but some text')[0] == 1, 'no capture')
    check(parse(data, 'http')[0] == 1, 'a port by name')
    done = subprocess.run([OFCTL, 'ofp-parse-pcap', '-'], input=data, check=False, stdout=subprocess.PIPE)
    check(done.returncode == 0 and b'OFPT_HELLO' in done.stdout, 'standard input')


def times_that_no_clock_shows():
    """A pcapng file tells them in 64 bits."""
    switch, controller = sides()

    def block(kind, body):
        size = 12 + len(body)
        return struct.pack('<II', kind, size) + body + struct.pack('<I', size)

    def at(time, data):
        body = struct.pack('<IIIII', 0, time >> 32, time & 0xffffffff, len(data), len(data)) + data
        return block(6, body + bytes(-len(body) % 4))
    head = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1)) + block(1, struct.pack('<HHI', 1, 0, 65535))
    for first, last in ((1 << 64) - 1, 0), (0, (1 << 64) - 1), (1 << 63, 1 << 62):
        ask, answer = message(ECHO, 1), message(ECHO_REPLY, 1)
        code, out, err = parse(head + at(first, controller.say(ask)) + at(last, switch.say(answer)))
        check(code == 0 and out.count('xid=0x1') == 2 and '.-' not in out and not err, 'from %x to %x' % (first, last))
    past, future = struct.pack('<II', 0x80000000, 0xffffffff), struct.pack('<II', 0x7fffffff, 0xffffffff)
    data = capture([controller.say(message(ECHO, 1)), switch.say(message(ECHO_REPLY, 1))])
    for time in past, future:
        code, out, err = parse(data[:24] + time + data[32:])
        check(code == 0 and out.count('xid=0x1') == 2 and '.-' not in out and not err, 'at %s' % time.hex())


def what_lies_about_its_length():
    switch, _ = sides()
    hello = switch.say(message(HELLO, 1))
    data = capture([hello, switch.say(message(HELLO, 2))])
    for sizes in (0xffffffff, 0xffffffff), (1 << 20, 1 << 20), (0x7fffffff, len(hello)), (len(hello), 0), (0, len(hello)):
        code, out, err = parse(data[:32] + struct.pack('<II', *sizes) + data[40:])
        check(code in (0, 1) and 'anitizer' not in err and len(err) < 300, 'a packet of %u bytes: %s' % (sizes[0], err))
    for at, value, what in ((16, 0xffff, 'IPv4'), (16, 20, 'IPv4'), (16, 0, 'a super-frame')):
        changed = bytearray(hello)
        struct.pack_into('!H', changed, at, value)
        code, _, err = parse(capture([bytes(changed)]))
        check(code == 0 and not err, '%s with a length of %u' % (what, value))
    for size in 0, 7, 9, 65535:
        wrong = struct.pack('!BBHI', 1, ECHO, size, 1)
        code, out, err = parse(capture([switch.syn(), switch.say(wrong), switch.say(message(HELLO, 2))]))
        check(code == 0 and not err, 'a message of %u bytes' % size)


def many_connections_and_many_pieces_of_one():
    hellos = [Side(('10.0.0.1', 1024 + i), CONTROLLER, 1).say(message(HELLO, i)) for i in range(20000)]
    check(len(messages(capture(hellos, step=1))) == 20000, 'connections')
    switch, _ = sides()
    first = [switch.syn(), switch.say(message(HELLO, 1))][0]
    rest = [switch.say(message(HELLO, i)) for i in range(20000)]
    for order, what in (rest, 'in order'), (rest[::-1], 'backwards'), (rest[::2] + rest[1::2], 'even, odd'):
        check(len(messages(capture([first] + order, step=1))) > 4096, 'pieces beyond a gap, ' + what)


def check_quietly(good, text, detail):
    if not good:
        check(False, text + '\n' + detail)


for case in (every_message_has_time_and_direction, kinds_of_links, segments_are_put_in_order,
             what_is_missing_is_told, connections_are_told_apart, answers_are_timed,
             answers_to_niciras_requests_are_timed, set_up_of_flows_is_timed, damage_is_no_end,
             times_that_no_clock_shows, what_lies_about_its_length,
             many_connections_and_many_pieces_of_one):
    case()
print('%d failed' % len(failures))
sys.exit(1 if failures else 0)
