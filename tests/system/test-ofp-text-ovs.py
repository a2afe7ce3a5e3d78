#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the text of messages and flows with Open vSwitch's own, line by line.

Thousands of random messages go through 'sluice-ofctl ofp-parse' and 'ovs-ofctl ofp-parse', and a list
of flows through parse-flow and parse-flows of both.  No daemon runs.  Skipped (77) without ovs-ofctl.
"""
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from struct import pack

OFCTL = os.path.join(os.environ.get('top_builddir', '.'), 'utilities/sluice-ofctl')
N_MESSAGES = 3000
U64 = (1 << 64) - 1
rnd = random.Random(1)


def message(kind, body=b''):
    """A whole message of 1.0."""
    return pack('!BBHI', 1, kind, 8 + len(body), rnd.getrandbits(16)) + body


def bits(n):
    """A random number of n bits, with few of them set half of the time."""
    return rnd.getrandbits(n) & (rnd.getrandbits(n) if rnd.random() < .5 else -1)


def counter():
    """A counter, sometimes not known."""
    return rnd.choice([0, 1, bits(40), U64])


def port_number():
    """A number that a port or a reserved port has."""
    return rnd.choice([1, 2, 99, 65279, rnd.randint(1, 0xfeff), 0xfffe])


def match():
    """Fields in normal form, so that neither side has anything to change."""
    wild = 0x3820ff
    values = dict(in_port=0, src=bytes(6), dst=bytes(6), vlan=0, pcp=0, type=0, tos=0, proto=0,
                  nw_src=0, nw_dst=0, tp_src=0, tp_dst=0)

    def give(name, bit, value):
        nonlocal wild
        wild &= ~bit
        values[name] = value

    if rnd.random() < .5:
        give('in_port', 1, port_number())
    if rnd.random() < .3:
        give('src', 4, rnd.randbytes(6))
    if rnd.random() < .3:
        give('dst', 8, rnd.randbytes(6))
    if rnd.random() < .3:
        give('vlan', 2, rnd.choice([0xffff, 0, 5, 4095]))
    if rnd.random() < .2 or values['vlan'] == 0xffff:
        give('pcp', 1 << 20, 0 if values['vlan'] == 0xffff else rnd.randint(0, 7))
    if rnd.random() < .8:
        give('type', 16, rnd.choice([0x800, 0x800, 0x806, 0x8035, 0x86dd, 0x88cc, 0x5ff]))
    if values['type'] in (0x800, 0x806, 0x8035):
        for name, shift in (('nw_src', 8), ('nw_dst', 14)):
            if rnd.random() < .5:
                n = rnd.randint(0, 31)
                wild = wild & ~(63 << shift) | n << shift
                values[name] = rnd.getrandbits(32) >> n << n
    if values['type'] in (0x800, 0x86dd) and rnd.random() < .3:
        give('tos', 1 << 21, rnd.randint(0, 63) << 2)
    if values['type'] in (0x800, 0x86dd, 0x806, 0x8035) and rnd.random() < .7:
        give('proto', 32, rnd.choice([1, 6, 17, 58, 132, 47]))
    proto = values['proto']
    if proto in (6, 17, 132) and values['type'] in (0x800, 0x86dd) or \
            (values['type'], proto) in ((0x800, 1), (0x86dd, 58)):
        top = 255 if proto in (1, 58) else 65535
        for name, bit in (('tp_src', 64), ('tp_dst', 128)):
            if rnd.random() < .5:
                give(name, bit, rnd.randint(0, top))
    v = values
    return pack('!IH6s6sHBxHBBxxIIHH', wild, v['in_port'], v['src'], v['dst'], v['vlan'], v['pcp'],
                v['type'], v['tos'], v['proto'], v['nw_src'], v['nw_dst'], v['tp_src'],
                v['tp_dst'])


def action():
    """One action that every switch takes."""
    return rnd.choice([
        lambda: pack('!HHHH', 0, 8, port_number(), 0),
        lambda: pack('!HHHH', 0, 8, rnd.choice([0xfff8, 0xfffa, 0xfffb, 0xfffc]), 0),
        lambda: pack('!HHHH', 0, 8, 0xfffd, rnd.getrandbits(16)),
        lambda: pack('!HHHxx', 1, 8, rnd.getrandbits(12)),
        lambda: pack('!HHBxxx', 2, 8, rnd.getrandbits(3)),
        lambda: pack('!HHxxxx', 3, 8),
        lambda: pack('!HH6s6x', rnd.choice([4, 5]), 16, rnd.randbytes(6)),
        lambda: pack('!HHI', rnd.choice([6, 7]), 8, rnd.getrandbits(32)),
        lambda: pack('!HHBxxx', 8, 8, rnd.getrandbits(6) << 2),
        lambda: pack('!HHHxx', rnd.choice([9, 10]), 8, rnd.getrandbits(16)),
        lambda: pack('!HHH6xI', 11, 16, rnd.choice([1, 77, 0xfffe, 0xfff8]), rnd.getrandbits(32)),
    ])()


def actions():
    """A list of them, sometimes empty."""
    return b''.join(action() for _ in range(rnd.choice([0, 1, 1, 2, 5])))


def phy_port(number):
    """A port's description."""
    return pack('!H6s16sIIIIII', number, rnd.randbytes(6), b's1-eth%d' % (number % 1000), bits(7),
                rnd.choice([0, 1, 0x100, 0x200, 0x300]), bits(12), bits(12), bits(12), bits(12))


def frame():
    """A frame that both read alike."""
    mac = rnd.randbytes(6) + b'\2' + rnd.randbytes(5)
    l4 = rnd.choice([(6, pack('!HHIIHHHH', bits(16), bits(16), 1, 2, 0x5000 | bits(12), 3,
                              rnd.getrandbits(16), 0)),
                     (17, pack('!HHHH', bits(16), bits(16), 8, rnd.getrandbits(16))),
                     (1, pack('!BBHI', 8, 0, rnd.getrandbits(16), 0)),
                     (132, pack('!HHII', bits(16), bits(16), 1, rnd.getrandbits(32)))])
    ip = pack('!BBHHHBBHII', 0x45, rnd.getrandbits(8), 20 + len(l4[1]), 0, 0, 64, l4[0], 0,
              rnd.getrandbits(32), rnd.getrandbits(32)) + l4[1]
    tag = rnd.choice([b'', b'', pack('!HH', 0x8100, rnd.getrandbits(16))])
    arp = pack('!HHBBH6sI6sI', 1, 0x800, 6, 4, rnd.randint(1, 2), mac[:6], rnd.getrandbits(32),
               mac[6:], rnd.getrandbits(32))
    return rnd.choice([mac + tag + pack('!H', 0x800) + ip, mac + tag + pack('!H', 0x806) + arp,
                       mac + tag + pack('!H', 0x88cc) + bytes(20)])


def stats(kind, body, request=False):
    """A statistics message."""
    more = 0 if request else rnd.getrandbits(1)
    return message(16 if request else 17, pack('!HH', kind, more) + body)


def flow_stats():
    """A rule in a statistics reply."""
    acts = actions()
    return pack('!HBx', 88 + len(acts), rnd.choice([0, 0, 3])) + match() + \
        pack('!IIHHH6xQQQ', bits(20), rnd.choice([0, 89000000, 123456789, 1000, 999999999]),
             rnd.choice([32768, bits(16)]), rnd.choice([0, 60]), rnd.choice([0, 300]),
             rnd.choice([0, bits(64)]), counter(), counter()) + acts


def queue():
    """A queue of a configuration."""
    rate = rnd.choice([None, 1, 500, 1000, 1001, 0xffff])
    prop = b'' if rate is None else pack('!HH4xH6x', 1, 16, rate)
    return pack('!IHxx', rnd.getrandbits(8), 8 + len(prop)) + prop


def table_stats():
    """All tables of a reply, often alike."""
    kinds = [(rnd.choice([0x3fffff, 0x3820ff, 0xf]), rnd.choice([0, 100, 1000000]), bits(3),
              bits(2), bits(2)) for _ in range(2)]
    names = rnd.random() < .5
    return b''.join(pack('!B3x32sIIIQQ', i, b'table%d' % i if names else b'', *rnd.choice(kinds))
                    for i in range(rnd.randint(0, 8)))


MAKERS = [
    lambda: message(0),
    lambda: message(1, pack('!HH', *rnd.choice([(1, 6), (2, 4), (3, 1), (4, 0), (5, 1)])) +
                    message(14, match() + pack('!QHHHHIHH', 0, 0, 0, 0, 5, 0xffffffff, 0xffff,
                                               0))),
    lambda: message(2, rnd.randbytes(rnd.randint(0, 40))),
    lambda: message(3, rnd.randbytes(rnd.randint(0, 40))),
    lambda: message(4, pack('!III', 0x2320, rnd.choice([10, 11]), rnd.randint(0, 2))),
    lambda: message(5),
    lambda: message(6, pack('!QIBxxxII', rnd.getrandbits(64), bits(16), bits(8), bits(8),
                            0xfff & bits(12)) +
                    b''.join(phy_port(i) for i in rnd.sample(range(1, 99), rnd.randint(0, 5)))),
    lambda: message(8, pack('!HH', rnd.randint(0, 3), bits(16))),
    lambda: message(9, pack('!HH', rnd.randint(0, 3), bits(16))),
    lambda: (lambda f: message(10, pack('!IHHBx', rnd.choice([0xffffffff, bits(32)]), len(f),
                                        port_number(), rnd.randint(0, 1)) + f))(frame()),
    lambda: message(11, match() + pack('!QHBxIIHxxQQ', bits(64), bits(16), rnd.randint(0, 2),
                                       bits(9), 5000000, bits(6), bits(9), bits(9))),
    lambda: message(12, pack('!B7x', rnd.randint(0, 2)) + phy_port(port_number())),
    lambda: (lambda a: message(13, pack('!IHH', 0xffffffff, port_number(), len(a)) + a +
                               frame()))(actions()),
    lambda: message(14, match() + pack('!QHHHHIHH', rnd.choice([0, bits(64)]), rnd.randint(0, 4),
                                       rnd.choice([0, 9]), rnd.choice([0, 9]), bits(15),
                                       rnd.choice([0xffffffff, bits(31)]),
                                       rnd.choice([0xffff, port_number()]), rnd.randint(0, 3)) +
                    actions()),
    lambda: message(15, pack('!H6sIII4x', port_number(), rnd.randbytes(6), bits(7), bits(7),
                             bits(12))),
    lambda: message(18),
    lambda: message(19),
    lambda: message(20, pack('!Hxx', rnd.randint(1, 0xfeff))),
    lambda: message(21, pack('!H6x', rnd.randint(1, 99)) +
                    b''.join(queue() for _ in range(rnd.randint(0, 4)))),
    lambda: stats(0, b'', True),
    lambda: stats(0, b''.join(t.ljust(n, b'\0') for t, n in ((b'Mfr', 256), (b'hw', 256),
                                                             (b'', 256), (b'None', 32),
                                                             (b'dp', 256)))),
    lambda: stats(rnd.choice([1, 2]), match() + pack('!BxH', rnd.choice([0xff, 0, 3]),
                                                     rnd.choice([0xffff, port_number()])), True),
    lambda: stats(1, b''.join(flow_stats() for _ in range(rnd.randint(0, 4)))),
    lambda: stats(2, pack('!QQI4x', bits(64), bits(64), bits(32))),
    lambda: stats(3, table_stats()),
    lambda: stats(4, pack('!H6x', rnd.choice([0xffff, port_number()])), True),
    lambda: stats(4, b''.join(pack('!H6x12Q', port_number(), *(counter() for _ in range(12)))
                              for _ in range(rnd.randint(0, 4)))),
    lambda: stats(5, pack('!HxxI', rnd.choice([0xfffc, 1]), rnd.choice([0xffffffff, 3])), True),
    lambda: stats(5, b''.join(pack('!HxxIQQQ', port_number(), rnd.choice([3, 0xffffffff]),
                                   counter(), counter(), counter())
                              for _ in range(rnd.randint(0, 4)))),
    lambda: stats(13, b''.join(phy_port(i) for i in rnd.sample(range(1, 99), rnd.randint(0, 4)))),
    lambda: message(rnd.randint(22, 255)),
]

FLOWS = """
actions=drop
in_port=1 actions=2
in_port=LOCAL,actions=2,3
tcp actions=normal
tcp,tp_dst=80,actions=output:2
dl_vlan=5,dl_vlan_pcp=3 actions=1
dl_vlan=0xffff actions=1
vlan_tci=0x1005 actions=1
eth_src=01:02:03:04:05:06,eth_dst=1:2:3:4:5:6,eth_type=0x800 actions=1
ip,nw_src=1.2.3.4/24,nw_dst=1.2.3.4/255.255.0.0 actions=1
ip,nw_proto=47,nw_tos=32 actions=1
arp,arp_spa=1.2.3.4,arp_tpa=1.2.3.4,arp_op=1 actions=1
arp,nw_src=1.2.3.4,nw_dst=1.2.3.4,nw_proto=1 actions=1
icmp,icmp_type=8,icmp_code=0 actions=1
udp,udp_src=8,udp_dst=9 actions=1
idle_timeout=1,hard_timeout=2,cookie=0x10,priority=5 actions=1
cookie=-1 actions=1
send_flow_rem,check_overlap actions=1
n_packets=3,n_bytes=2,duration=3s,idle_age=4,hard_age=3,actions=1
in_port=1,actions=mod_vlan_vid:5,set_vlan_pcp:5,strip_vlan,pop_vlan
actions=mod_dl_src:1:2:3:4:5:6,mod_dl_dst=1:2:3:4:5:6
actions=mod_nw_src:1.2.3.4,mod_nw_dst:4.3.2.1,mod_nw_tos:32,mod_tp_src:80,mod_tp_dst:81
actions=enqueue:1:2,enqueue(1,2),enqueue:LOCAL:2
actions=all,in_port,local,flood
actions=controller,controller:128,CONTROLLER:0,controller(max_len=20)
actions=output:2 output:3, 4
priority:5 actions=2
rarp actions=1
ipv6 actions=1
""".strip().splitlines()


# Lines that say what to do with a flow, which ovs-ofctl knows in add-flows alone, and what comes of them.
COMMANDS = (
    ('add tcp actions=4', 'ADD tcp actions=output:4'),
    ('modify in_port=3 actions=4   # With a comment.', 'MOD in_port=3 actions=output:4'),
    ('modify_strict priority=6,in_port=3 actions=4', 'MOD_STRICT priority=6,in_port=3 actions=output:4'),
    ('delete in_port=3', 'DEL in_port=3 actions=drop'),
    ('delete_strict priority=6,in_port=3', 'DEL_STRICT priority=6,in_port=3 actions=drop'),
)


def output(*args, given=None):
    """What a command that succeeds prints on standard output, if it is given that text as its input."""
    r = subprocess.run(args, input=given, capture_output=True, check=False, text=True,
                       errors='backslashreplace')
    if r.returncode or not r.stdout.strip():
        sys.exit(f'{" ".join(args)}: status {r.returncode}, output:\n{r.stdout[-500:]}{r.stderr[-2000:]}')
    return r.stdout


def theirs(command, *args, form='OpenFlow10-table_id', **options):
    """What ovs-ofctl makes of flows, without the two lines on the protocol."""
    return ''.join(output('ovs-ofctl', '-F', form, command, *args, **options).splitlines(1)[2:])


def compare(name, ovs, ours, n):
    """Returns whether the texts are equal and of n messages; prints where they are not. Below an error stands
    the message that it is about."""
    diff = list(difflib.unified_diff(ovs.splitlines(1), ours.splitlines(1), 'ovs-ofctl',
                                     'sluice-ofctl', n=1))
    count = len(re.findall(r'^(?:\*\*\*decode|[A-Z_]+.*\(xid=)', ours, re.M)) - ours.count('OFPT_ERROR')
    if count != n:
        diff.append(f'{count} messages instead of {n}\n')
    print(name + ':', 'equal' if not diff else 'DIFFERENT\n' + ''.join(diff[:60]))
    return not diff


def a_wrong_line_is_told(directory):
    """Those before it are printed. Returns whether it is so."""
    path = os.path.join(directory, 'wrong')
    with open(path, 'w', encoding='ascii') as file:
        file.write('in_port=1,actions=2\n\n# Nothing.\ntcp,frob=1,actions=2\nactions=drop\n')
    for name, words in ((path, [path]), ('<stdin>', ['-'])):
        with open(path, encoding='ascii') as file:
            r = subprocess.run([OFCTL, 'parse-flows', *words], stdin=file, capture_output=True, check=False,
                               text=True)
        if r.returncode != 1 or not r.stderr.startswith(f'sluice-ofctl: {name}:4: unknown field frob: ') or \
                r.stdout != 'OFPT_FLOW_MOD (xid=0x1): ADD in_port=1 actions=output:2\n':
            print(f'a wrong line: status {r.returncode}\n{r.stdout}{r.stderr}')
            return False
    return True


def main():
    if not shutil.which('ovs-ofctl'):
        print('ovs-ofctl is missing (Debian package openvswitch-common)')
        return 77
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'messages')
        with open(path, 'wb') as file:
            file.write(b''.join(MAKERS[i % len(MAKERS)]() for i in range(N_MESSAGES)))
        good = compare('messages', output('ovs-ofctl', 'ofp-parse', path),
                       output(OFCTL, 'ofp-parse', path), N_MESSAGES)
        path = os.path.join(directory, 'flows')
        with open(path, 'w', encoding='ascii') as file:
            file.write('# A comment, and an empty line.\n\n' + '\n'.join(FLOWS))
        good &= compare('a file', theirs('parse-flows', path), output(OFCTL, 'parse-flows', path), len(FLOWS))
        text = '\n'.join(FLOWS) + '\ntable=3,tcp actions=4 # And so all tell their tables.\n'
        good &= compare('standard input', theirs('parse-flows', '-', given=text, form='OpenFlow10+table_id'),
                        output(OFCTL, 'parse-flows', '-', given=text), len(FLOWS) + 1)
        good &= compare('commands', ''.join(f'OFPT_FLOW_MOD (xid={i:#x}): {wanted}\n'
                                            for i, (_, wanted) in enumerate(COMMANDS, 1)),
                        output(OFCTL, 'parse-flows', '-', given='\n'.join(line for line, _ in COMMANDS)),
                        len(COMMANDS))
        good &= a_wrong_line_is_told(directory)
    for flow in FLOWS:
        good &= compare(flow, theirs('parse-flow', flow), output(OFCTL, 'parse-flow', flow), 1)
    return 0 if good else 1


sys.exit(main())
