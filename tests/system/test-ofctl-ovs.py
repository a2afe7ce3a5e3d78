#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Drives every command of sluice-ofctl against a real Open vSwitch and compares with ovs-ofctl.

Open vSwitch runs with its dummy datapath, as this user, with all its sockets in a temporary directory:
it touches no device and no other Open vSwitch.  It dies with this program.  Skipped (77) without it.
"""
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

OFCTL = os.path.abspath(os.path.join(os.environ.get('top_builddir', '.'),
                                     'utilities/sluice-ofctl'))
SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
OVS_OFCTL = ['ovs-ofctl', '-O', 'OpenFlow10']
FRAME = 'ffffffffffff02000000000a08060001080006040001' + '00' * 20
failures = []


def check(good, text):
    """Notes a failure."""
    print('ok' if good else 'FAILED', '-', text)
    if not good:
        failures.append(text)


def die_with_parent():
    """For a child: ends when this program does, however that happens."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Switch:
    """A private Open vSwitch with the bridge br0 and the ports p1 and p2."""

    def __init__(self, directory):
        self.directory = directory
        self.database = 'unix:%s/db.sock' % directory
        os.environ.update(OVS_RUNDIR=directory, OVS_LOGDIR=directory, OVS_DBDIR=directory,
                          OVS_SYSCONFDIR=directory)
        self.children = []

    def start(self):
        database = os.path.join(self.directory, 'conf.db')
        subprocess.run(['ovsdb-tool', 'create', database, SCHEMA], check=True)
        self.spawn('ovsdb-server', '--remote=p' + self.database, database)
        self.wait_for('db.sock')
        self.spawn('ovs-vswitchd', '--enable-dummy=override', '--disable-system', self.database)
        self.vsctl('init', '--', 'add-br', 'br0', '--', 'set', 'bridge', 'br0',
                   'datapath_type=dummy', 'fail-mode=secure', 'protocols=OpenFlow10',
                   'other-config:datapath-id=0000000000001234')
        for i in (1, 2):
            self.vsctl('add-port', 'br0', 'p%d' % i, '--', 'set', 'Interface', 'p%d' % i,
                       'type=dummy', 'ofport_request=%d' % i)
        self.wait_for('br0.mgmt')

    def spawn(self, program, *args):
        self.children.append(subprocess.Popen(
            [program, '--no-chdir', '--unixctl=%s/%s.ctl' % (self.directory, program),
             '-vconsole:off', *args], preexec_fn=die_with_parent))

    def vsctl(self, *args):
        subprocess.run(['ovs-vsctl', '--timeout=120', '--db=' + self.database, *args], check=True)

    def wait_for(self, name):
        deadline = time.monotonic() + 120
        while not os.path.exists(os.path.join(self.directory, name)):
            if time.monotonic() > deadline:
                raise RuntimeError('%s does not appear' % name)
            time.sleep(.02)

    def stop(self):
        for child in reversed(self.children):
            child.kill()
            child.wait()


def run(program, *args, stdin=None):
    """Returns exit code, standard output and standard error."""
    done = subprocess.run([*program, *args], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=600)
    return done.returncode, done.stdout, done.stderr


def ours(*args, stdin=None):
    return run([OFCTL, '--timeout=150'], *args, stdin=stdin)


def theirs(*args):
    return run(OVS_OFCTL, *args)


def plain(text):
    """Without what differs from run to run."""
    text = re.sub(r'xid=0x[0-9a-f]+', 'xid=?', text)
    text = re.sub(r'(idle|hard)_age=[0-9]+, ', '', text)
    return re.sub(r'duration=[0-9.]+s', 'duration=?', text)


def same(*args):
    """Both print the same and succeed."""
    us, them = ours(*args), theirs(*args)
    good = us[0] == them[0] == 0 and plain(us[1]) == plain(them[1])
    check(good, 'same output: ' + ' '.join(args))
    if not good:
        print('ours:', us, 'theirs:', them, sep='\n')


def done(*args, stdin=None):
    """Ours succeeds without a word."""
    result = ours(*args, stdin=stdin)
    check(result == (0, '', ''), 'done: ' + ' '.join(args))
    if result != (0, '', ''):
        print(result)


def refused(code, word, *args):
    """Ours fails with a sentence that has 'word' in it."""
    result = ours(*args)
    good = result[0] == code and word in result[2].splitlines()[-1]
    check(good, 'refused with "%s": %s' % (word, ' '.join(args)))
    if not good:
        print(result)


def flows():
    """The rules of br0 without counters, as ovs-ofctl tells them."""
    return sorted(theirs('--no-stats', 'dump-flows', 'br0')[1].split('\n')[:-1])


def has_flows(*expected):
    """br0 has just these rules."""
    check(flows() == sorted(' ' + flow for flow in expected), 'rules: ' + '; '.join(expected))
    if flows() != sorted(' ' + flow for flow in expected):
        print(flows())


def test_dumps():
    for command in ('show', 'dump-desc', 'dump-tables', 'dump-flows', 'dump-aggregate',
                    'dump-ports', 'dump-ports-desc', 'get-frags', 'queue-stats',
                    'queue-get-config'):
        same(command, 'br0')
    for args in (('dump-ports', 'br0', '1'), ('dump-ports', 'br0', 'p2'),
                 ('dump-ports', 'br0', 'LOCAL'),
                 ('queue-stats', 'br0', '1'), ('queue-stats', 'br0', 'ALL', '0'),
                 ('queue-get-config', 'br0', '2')):
        same(*args)
    refused(1, 'refused', 'queue-get-config', 'br0', '9')
    refused(1, 'unknown port', 'dump-ports', 'br0', 'foo')
    refused(1, 'br0: there is no port 9; "show" lists them', 'dump-ports', 'br0', '9')
    refused(1, 'the name of the switch is empty', 'show', '')


def test_flows():
    done('add-flow', 'br0', 'tcp,tp_dst=80,actions=output:2')
    done('add-flow', 'br0', 'in_port=p1,actions=p2')
    done('add-flow', 'br0', 'priority=5,in_port=1,idle_timeout=60,actions=LOCAL,controller:9')
    done('add-flows', 'br0', '-', stdin='# two\n\nmodify_strict in_port=1 actions=3\n'
         'add arp,dl_vlan=5 actions=mod_vlan_vid:6,flood\n')
    has_flows('tcp,tp_dst=80 actions=output:2', 'in_port=1 actions=output:3',
              'idle_timeout=60, priority=5,in_port=1 actions=LOCAL,CONTROLLER:9',
              'arp,dl_vlan=5 actions=mod_vlan_vid:6,FLOOD')
    done('add-flow', 'br0', 'priority=3,actions=')
    check(' priority=3 actions=drop' in flows(), 'no actions mean drop, as to ovs-ofctl')
    done('--strict', 'del-flows', 'br0', 'priority=3')
    same('dump-flows', 'br0', 'in_port=1')
    same('dump-flows', 'br0', 'out_port=2')
    same('dump-aggregate', 'br0', 'in_port=1')
    for options in (('--no-stats',), ('--sort',), ('--rsort=priority',), ('--sort=in_port',),
                    ('--names', '--no-stats'), ('--sort=tp_dst', '--no-stats')):
        same(*options, 'dump-flows', 'br0')
    text = ours('dump-flows', 'br0')[1].split('\n', 1)[1]
    done('del-flows', 'br0')
    has_flows()
    done('add-flows', 'br0', '-', stdin=text)
    has_flows('tcp,tp_dst=80 actions=output:2', 'in_port=1 actions=output:3',
              'idle_timeout=60, priority=5,in_port=1 actions=LOCAL,CONTROLLER:9',
              'arp,dl_vlan=5 actions=mod_vlan_vid:6,FLOOD')
    done('mod-flows', 'br0', 'in_port=1,actions=drop')
    done('--strict', 'mod-flows', 'br0', 'priority=5,in_port=1,actions=1')
    done('del-flows', 'br0', 'out_port=2')
    has_flows('in_port=1 actions=drop', 'idle_timeout=60, priority=5,in_port=1 actions=output:1',
              'arp,dl_vlan=5 actions=mod_vlan_vid:6,FLOOD')
    done('del-flows', 'br0', 'in_port=1,priority=5', '--strict')
    done('del-flows', 'br0', 'arp')
    has_flows('in_port=1 actions=drop')


def test_flow_errors():
    refused(1, 'tp_dst needs nw_proto; did you mean tcp,tp_dst=80?', 'add-flow', 'br0',
            'tp_dst=80,actions=1')
    refused(1, 'must specify an action', 'add-flow', 'br0', 'in_port=1')
    code, out, err = ours('add-flow', 'br0', 'check_overlap,in_port=1,tcp,actions=1')
    them = theirs('add-flow', 'br0', 'check_overlap,in_port=1,tcp,actions=1')
    *message, last = err.splitlines(keepends=True)
    check((code, out) == (1, '') and plain(''.join(message)) == plain(them[2]),
          'a refused flow is printed as ovs-ofctl does')
    check(last.startswith('sluice-ofctl: br0: the switch refused add-flow check_overlap,'), 'and said: ' + last)
    with tempfile.NamedTemporaryFile('w') as file:
        file.write('in_port=2,actions=1\nfrob\n')
        file.flush()
        refused(1, file.name + ':2: unknown field frob', 'add-flows', 'br0', file.name)
        for command in 'add-flows', 'replace-flows':
            file.seek(0)
            file.write('\nudp,actions=1\0,2\n')
            file.flush()
            refused(1, file.name + ':2: a zero byte', command, 'br0', file.name)
        has_flows('in_port=1 actions=drop')
        refused(1, f"unknown field {'a' * 160}...: it is none", 'add-flow', 'br0', 'a' * 9000 + '=1,actions=1')
        refused(1, 'unknown field fr?b??x', 'add-flow', 'br0', 'fr\x7fb\x01\x1bx=1,actions=1')
        file.seek(0)
        file.write('arp,actions=1          \ncheck_overlap,in_port=1,tcp,actions=1\n')
        file.flush()
        refused(1, file.name + ':2: the switch refused', 'add-flows', 'br0', file.name)
    done('del-flows', 'br0')


def test_many_flows():
    done('add-flows', 'br0', '-', stdin=''.join(
        'tcp,nw_src=10.0.%d.%d,actions=1\n' % (i >> 8, i & 255) for i in range(5000)))
    check('flow_count=5000' in ours('dump-aggregate', 'br0')[1], '5000 rules are there')
    lines = ours('dump-flows', 'br0')[1].count('nw_src')
    check(lines == 5000, 'a reply of several messages is printed whole')
    done('del-flows', 'br0')


def test_ports():
    for word in ('down', 'no-flood', 'no-receive', 'no-forward', 'no-packet-in', 'no-stp',
                 'no-receive-stp'):
        done('mod-port', 'br0', 'p1', word)
    check('PORT_DOWN NO_STP NO_RECV NO_RECV_STP NO_FLOOD NO_FWD NO_PACKET_IN'
          in theirs('show', 'br0')[1], 'all bits of a port are set')
    same('show', 'br0')
    for word in ('up', 'flood', 'receive', 'forward', 'packet-in', 'stp', 'receive-stp'):
        done('mod-port', 'br0', '1', word)
    refused(1, "couldn't find port", 'mod-port', 'br0', '9', 'down')
    refused(1, 'unknown mod-port command', 'mod-port', 'br0', 'p1', 'foo')
    done('set-frags', 'br0', 'drop')
    same('get-frags', 'br0')
    done('set-frags', 'br0', 'normal')
    refused(1, 'probably', 'set-frags', 'br0', 'reassemble')
    refused(1, 'unknown fragment handling mode', 'set-frags', 'br0', 'foo')


def test_packets():
    path = os.path.join(os.environ['OVS_RUNDIR'], 'monitor')
    with open(path, 'w', encoding='utf-8') as file:
        monitor = subprocess.Popen([OFCTL, 'monitor', 'br0', '128'], stdout=file,
                                   preexec_fn=die_with_parent)
    # The monitor is served once its SET_CONFIG is in effect: packets are sent until one comes.
    text, deadline = '', time.monotonic() + 120
    while 'arp_tha' not in text and time.monotonic() < deadline:
        done('packet-out', 'br0', 'none', 'controller', FRAME)
        with open(path, encoding='utf-8') as file:
            text = file.read()
    monitor.kill()
    monitor.wait()
    check(text.startswith('OFPT_PACKET_IN (xid=0x0): total_len=42 in_port=ANY (via action) '
                          'data_len=42 (unbuffered)\narp,vlan_tci=0x0000,'),
          'monitor prints packet_ins')
    done('packet-out', 'br0', 'in_port=1,packet=%s,actions=2' % FRAME)
    done('packet-out', 'br0', 'LOCAL', 'mod_vlan_vid:5,2', FRAME, FRAME)
    for words in ['1', '2', 'ff' * 13], ['in_port=1,packet=' + 'ff' * 13 + ',actions=2']:
        refused(1, 'is no frame: give at least the 14 bytes', 'packet-out', 'br0', *words)
    refused(1, 'must specify a packet', 'packet-out', 'br0', 'in_port=1,actions=2')
    code, out, err = ours('packet-out', 'br0', 'in_port', '2', FRAME)
    check(code == 1 and 'OFPBRC_BAD_PORT' in err, 'a refused packet-out is told')


def test_connection():
    done('probe', 'br0')
    code, out, err = ours('ping', 'br0', '5')
    check(code == 0 and len(re.findall(r'5 bytes from br0: xid=[0-9a-f]{8} time=\d+\.\d ms\n',
                                       out)) == 10, 'ping prints ten lines')
    code, out, err = ours('benchmark', 'br0', '10', '100')
    check(code == 0 and re.fullmatch(
        r'Sending 100 packets \* 18 bytes \(with header\) = 1800 bytes total\n'
        r'Finished in [\d.]+ ms \(\d+ packets/s\) \(\d+ bytes/s\)\n', out), 'benchmark')
    refused(1, 'number of echo requests', 'benchmark', 'br0', '10', '0')
    path = os.path.join(os.environ['OVS_RUNDIR'], 'br0.mgmt')
    done('probe', 'unix:' + path)
    done('probe', path)
    refused(1, 'is not a bridge or a socket', 'show', 'nobr')
    refused(1, 'connecting to unix:/nonexistent', 'show', 'unix:/nonexistent')
    refused(1, 'tcp:127.0.0.1:1', 'show', 'tcp:127.0.0.1:1')
    refused(2, 'show', 'shwo', 'br0')
    refused(2, 'add-flow', 'add-flow', 'br0')
    refused(2, 'timeout', '--tiemout=5', 'show', 'br0')
    check(ours('--help')[0] == 0 and ours('--version')[0] == 0, 'help and version')


def json_of(*args):
    """What --json says, as Python data."""
    code, out, err = ours('--json', *args)
    check(code == 0 and not err, '--json ' + ' '.join(args))
    return json.loads(out)


def test_json_of_flows():
    done('add-flows', 'br0', '-', stdin='cookie=0xfedcba9876543210,priority=7,tcp,nw_dst=10.0.0.0/8,'
         'tp_dst=80,idle_timeout=60,actions=mod_nw_tos:32,output:2\n'
         'in_port=LOCAL,dl_src=02:00:00:00:00:01,actions=drop\nactions=enqueue:1:2,controller:9\n')
    by_priority = {}
    for flow in json_of('--sort', 'dump-flows', 'br0'):
        check(list(flow) == ['cookie', 'duration', 'table', 'n_packets', 'n_bytes', 'idle_age',
                             'hard_age', 'idle_timeout', 'hard_timeout', 'priority', 'match', 'actions'], 'members of a rule')
        by_priority.setdefault(flow['priority'], []).append(flow)
    flow = by_priority[7][0]
    check(flow['cookie'] == '0xfedcba9876543210', 'a cookie of 64 bits')
    check(isinstance(flow['duration'], float) and flow['duration'] < 60, 'duration')
    check((flow['table'], flow['n_packets'], flow['n_bytes'], flow['idle_timeout'],
           flow['hard_timeout']) == (0, 0, 0, 60, 0), 'numbers of a rule')
    check(flow['match'] == {'dl_type': '0x0800', 'nw_dst': '10.0.0.0/8', 'nw_proto': 6,
                            'tp_dst': 80}, 'match: %s' % flow['match'])
    check(flow['actions'] == ['mod_nw_tos:32', 'output:2'], 'actions')
    others = sorted(by_priority[32768], key=lambda f: len(f['match']))
    check(others[0]['match'] == {} and others[0]['actions'] == ['enqueue:1:2', 'CONTROLLER:9'],
          'a rule for everything')
    check(others[1]['match'] == {'in_port': 'LOCAL', 'dl_src': '02:00:00:00:00:01'}
          and others[1]['actions'] == [], 'a rule that drops')
    # Written as flows again, what JSON says is what the text says.
    text = ''.join('cookie=%s,idle_timeout=%d,priority=%d,%s actions=%s\n' % (
        f['cookie'], f['idle_timeout'], f['priority'],
        ','.join('%s=%s' % pair for pair in f['match'].items()), ','.join(f['actions']) or 'drop')
                   for f in json_of('dump-flows', 'br0'))
    code, out, err = ours('diff-flows', 'br0', '-', stdin=text)
    check((code, out, err) == (0, '', ''), 'rules from JSON are the same rules: %s%s' % (out, err))
    named = json_of('--names', '--no-stats', 'dump-flows', 'br0', 'tcp')
    check(named[0]['actions'][1] == 'output:p2' and 'duration' not in named[0], '--names --no-stats')
    check(json_of('dump-flows', 'br0', 'udp,tp_dst=9') == []
          and json_of('--sort', 'dump-flows', 'br0', 'udp,tp_dst=9') == [], 'no rules')
    check(json_of('dump-aggregate', 'br0') == {'packet_count': 0, 'byte_count': 0, 'flow_count': 3},
          'dump-aggregate')
    done('del-flows', 'br0')


def port_counters():
    """Port to counters by name, from the text of dump-ports; None for a question mark."""
    text = re.sub(r'\n\s+tx', ' tx', theirs('dump-ports', 'br0')[1])
    counters = {}
    for port, rx, tx in re.findall(r'port\s+"?(\w+)"?: rx (.*) tx (.*)', text):
        sides = [{k: None if v == '?' else int(v) for k, v in re.findall(r'(\w+)=(\d+|\?)', side)}
                 for side in (rx, tx)]
        counters[port] = {'rx': sides[0], 'tx': sides[1]}
    return counters


def test_json_of_the_rest():
    show = json_of('show', 'br0')
    check((show['dpid'], show['frags'], show['miss_send_len']) == ('0x0000000000001234', 'normal', 0),
          'show')
    text = theirs('show', 'br0')[1]
    check(' '.join(show['capabilities']) in text and ' '.join(show['actions']) in text,
          'names of bits')
    check('n_tables:%d, n_buffers:%d' % (show['n_tables'], show['n_buffers']) in text, 'numbers')
    ports = {p['port']: p for p in show['ports']}
    check(sorted(map(str, ports)) == ['1', '2', 'LOCAL'] and ports[1]['name'] == 'p1', 'ports')
    check(all(p['addr'] in text for p in ports.values()), 'addresses of ports')
    check(set(ports[1]) == {'port', 'name', 'addr', 'config', 'state', 'current', 'advertised',
                            'supported', 'peer', 'speed'}, 'members of a port')
    done('mod-port', 'br0', 'p1', 'no-flood')
    descs = {p['port']: p for p in json_of('dump-ports-desc', 'br0')}
    check(descs[1]['config'] == ['NO_FLOOD'] and len(descs) == 3, 'dump-ports-desc')
    done('mod-port', 'br0', 'p1', 'flood')
    told = {str(p.pop('port')): p for p in json_of('dump-ports', 'br0')}
    check(told == port_counters(), 'dump-ports: %s, %s' % (told, port_counters()))
    check(any(v is None for p in told.values() for side in p.values() for v in side.values()),
          'what is not known is null')
    check(json_of('dump-ports', 'br0', '2')[0]['port'] == 2, 'one port')
    check(json_of('--names', 'dump-ports', 'br0', '2')[0]['port'] == 'p2', 'one port, by name')
    tables = json_of('dump-tables', 'br0')
    check(tables[0]['table'] == 0 and tables[0]['name'] in theirs('dump-tables', 'br0')[1]
          and set(tables[0]) == {'table', 'name', 'wildcards', 'max_entries', 'active', 'lookup',
                                 'matched'}, 'dump-tables')
    check(json_of('dump-desc', 'br0')['manufacturer'] == 'Nicira, Inc.', 'dump-desc')
    check(json_of('get-frags', 'br0')['frags'] == 'normal', 'get-frags')
    check(isinstance(json_of('queue-stats', 'br0'), list), 'queue-stats')
    check([q['port'] for q in json_of('queue-get-config', 'br0')] == [1, 2], 'queue-get-config')
    refused(2, '--json', '--json', 'ping', 'br0')


def test_diff_and_replace():
    a, b = (os.path.join(os.environ['OVS_RUNDIR'], name) for name in ('a.flows', 'b.flows'))
    with open(a, 'w', encoding='utf-8') as file:
        file.write('tcp,tp_dst=80,actions=1\npriority=5,arp,actions=2\n'
                   'cookie=3,in_port=1,actions=drop\n')
    with open(b, 'w', encoding='utf-8') as file:
        file.write('# others\n\ntcp,tp_dst=80,idle_timeout=5,actions=1,2\npriority=5,arp,actions=2\n'
                   'udp,hard_timeout=7,cookie=9,actions=normal\n')
    for pair in ((a, b), (b, a), (a, a)):
        us, them = ours('diff-flows', *pair), theirs('diff-flows', *pair)
        check(us[0] == them[0] == (2 if pair[0] != pair[1] else 0)
              and sorted(us[1].splitlines()) == sorted(them[1].splitlines()), 'diff of two files')
    done('replace-flows', 'br0', a)
    check(ours('diff-flows', 'br0', a) == (0, '', ''), 'a switch is what its file says')
    check(theirs('diff-flows', 'br0', a)[0] == 0, 'ovs-ofctl says so too')
    us, them = ours('diff-flows', 'br0', b), theirs('diff-flows', 'br0', b)
    check(us[0] == 2 and sorted(us[1].splitlines()) == sorted(them[1].splitlines()),
          'diff of a switch and a file')
    check(ours('diff-flows', 'br0', 'br0')[0] == 0, 'two switches')
    before = json_of('--sort', 'dump-flows', 'br0', 'arp')[0]['duration']
    with open(b, encoding='utf-8') as file:
        done('replace-flows', 'br0', '-', stdin=file.read())
    check(ours('diff-flows', b, 'br0')[0] == 0, 'replaced from standard input')
    check(json_of('dump-flows', 'br0', 'arp')[0]['duration'] >= before, 'what is the same stays')
    refused(1, 'b.flows:1: unknown field', 'replace-flows', 'br0', write(b, 'frob=1,actions=2\n'))
    check(ours('diff-flows', a, b)[0] == 1, 'a bad file is an error')
    check(len(flows()) == 3, 'a bad file changes nothing')
    refused(1, 'open failed', 'diff-flows', '/nonexistent', 'br0')
    refused(1, 'b.flows:1: rules of the emergency table are not compared', 'replace-flows', 'br0',
            write(b, 'emerg,actions=2\n'))
    done('replace-flows', 'br0', write(a, ''))
    check(flows() == [], 'replaced by nothing')


def test_diff_of_many():
    """The time that a comparison takes grows with the number of rules, not with its square."""
    spent = {}
    for n in (5000, 40000):
        path = write(os.path.join(os.environ['OVS_RUNDIR'], 'many.flows'), ''.join(
            'ip,nw_dst=10.%d.%d.%d,actions=1\n' % (i >> 16, i >> 8 & 255, i & 255) for i in range(n)))
        before = os.times().children_user
        check(ours('diff-flows', path, path) == (0, '', ''), 'diff of %d rules' % n)
        spent[n] = os.times().children_user - before
    check(spent[40000] < 25 * spent[5000] + 0.5, 'diff of many rules takes %s s' % spent)


def write(path, text):
    """Writes the file and returns its path."""
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def main():
    for program in ('ovs-ofctl', 'ovs-vsctl', 'ovs-vswitchd', 'ovsdb-server', 'ovsdb-tool'):
        if not shutil.which(program):
            print('%s is missing (Debian package openvswitch-switch)' % program)
            return 77
    with tempfile.TemporaryDirectory(prefix='ofctl') as directory:
        switch = Switch(directory)
        try:
            switch.start()
            for test in (test_dumps, test_flows, test_flow_errors, test_many_flows, test_ports,
                         test_packets, test_connection, test_json_of_flows, test_json_of_the_rest,
                         test_diff_and_replace, test_diff_of_many):
                test()
        finally:
            switch.stop()
    print('%d failed' % len(failures))
    return 1 if failures else 0


sys.exit(main())
