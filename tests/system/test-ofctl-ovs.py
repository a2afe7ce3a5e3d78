#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Drives every command of sluice-ofctl against a real Open vSwitch and compares with ovs-ofctl.

Open vSwitch runs with its dummy datapath, as this user, with all its sockets in a temporary directory:
it touches no device and no other Open vSwitch.  It dies with this program.  Skipped (77) without it.
"""
import ctypes
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
OVS_OFCTL = ['ovs-ofctl', '-O', 'OpenFlow10', '-F', 'OpenFlow10-table_id']
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
        subprocess.run(['ovs-vsctl', '--timeout=20', '--db=' + self.database, *args], check=True)

    def wait_for(self, name):
        deadline = time.monotonic() + 20
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
                          stderr=subprocess.PIPE, text=True, check=False, timeout=30)
    return done.returncode, done.stdout, done.stderr


def ours(*args, stdin=None):
    return run([OFCTL, '--timeout=20'], *args, stdin=stdin)


def theirs(*args):
    return run(OVS_OFCTL, *args)


def plain(text):
    """Without what differs from run to run."""
    text = re.sub(r'xid=0x[0-9a-f]+', 'xid=?', text)
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
                 ('dump-ports', 'br0', 'LOCAL'), ('dump-ports', 'br0', '9'),
                 ('queue-stats', 'br0', '1'), ('queue-stats', 'br0', 'ALL', '0'),
                 ('queue-get-config', 'br0', '2')):
        same(*args)
    refused(1, 'refused', 'queue-get-config', 'br0', '9')
    refused(1, 'unknown port', 'dump-ports', 'br0', 'foo')


def test_flows():
    done('add-flow', 'br0', 'tcp,tp_dst=80,actions=output:2')
    done('add-flow', 'br0', 'in_port=p1,actions=p2')
    done('add-flow', 'br0', 'priority=5,in_port=1,idle_timeout=60,actions=LOCAL,controller:9')
    done('add-flows', 'br0', '-', stdin='# two\n\nmodify_strict in_port=1 actions=3\n'
         'add arp,dl_vlan=5 actions=mod_vlan_vid:6,flood\n')
    has_flows('tcp,tp_dst=80 actions=output:2', 'in_port=1 actions=output:3',
              'idle_timeout=60, priority=5,in_port=1 actions=LOCAL,CONTROLLER:9',
              'arp,dl_vlan=5 actions=mod_vlan_vid:6,FLOOD')
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
    check((code, out) == (1, '') and plain(err) == plain(them[2]),
          'a refused flow is printed as ovs-ofctl does')
    with tempfile.NamedTemporaryFile('w') as file:
        file.write('in_port=2,actions=1\nfrob\n')
        file.flush()
        refused(1, file.name + ':2: unknown field frob', 'add-flows', 'br0', file.name)
        has_flows('in_port=1 actions=drop')
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
    text, deadline = '', time.monotonic() + 20
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
    refused(1, 'no frame', 'packet-out', 'br0', '1', '2', 'ffff')
    refused(1, 'must specify a packet', 'packet-out', 'br0', 'in_port=1,actions=2')
    code, out, err = ours('packet-out', 'br0', 'in_port', '2', FRAME)
    check(code == 1 and 'OFPBRC_BAD_PORT' in err, 'a refused packet-out is told')


def test_connection():
    done('probe', 'br0')
    code, out, err = ours('ping', 'br0', '5')
    check(code == 0 and len(re.findall(r'5 bytes from br0: xid=[0-9a-f]{8} time=\d+\.\d ms\n',
                                       out)) == 10, 'ping prints ten lines')
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
                         test_packets, test_connection):
                test()
        finally:
            switch.stop()
    print('%d failed' % len(failures))
    return 1 if failures else 0


sys.exit(main())
