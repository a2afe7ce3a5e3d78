#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sluiced as a daemon: starting, signals, files, logs, users, and what it says when it can't."""
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from sluicetest import (PATIENCE, Process, Switch, check, main, make_keys, need, need_root, need_tap, program,
                        quiet_veth, sh, tmp, wait_until)

NOBODY = 65534


def sluiced(*args, **options):
    """Runs sluiced until it ends; returns its status and what it said."""
    r = subprocess.run([program("sluiced"), "--log=warn", *map(str, args)], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False, **options)
    return r.returncode, r.stdout


def world():
    """What is to be as it was: links and how they are, nft's rules, files of ours."""
    # Who attached to a tap last decides whether it has virtio-net headers; that is no harm.
    links = re.sub(r"vnet_hdr \S+", "", sh("ip", "-d", "link"))
    files = [os.path.join(d, f) for top in (f"{tmp()}/run", "/run")
             for d, _dirs, names in os.walk(top) for f in names]
    files = [f for f in files if "netns" not in f and not f.startswith(tmp() + "/sluiced-")]
    return links, sh("nft", "list", "ruleset"), sorted(set(files))


def settled_veth(port, far):
    """A quiet pair whose state no longer changes by itself."""
    quiet_veth(port, far)
    for dev in (port, far):
        wait_until(lambda d=dev: open(f"/sys/class/net/{d}/operstate").read() == "up\n", f"{dev} being up")


def difference(before, after):
    """Lines that are in one only."""
    return set(str(before).split("\\n")) ^ set(str(after).split("\\n"))


def run_dir():
    return f"{tmp()}/run"


def show(**options):
    """What sluice-ofctl says of the bridge in run_dir()."""
    return sh(program("sluice-ofctl"), "--run-dir", run_dir(), "show", "br0", **options)


def reap(pid):
    """Waits for the end of an orphan: we are init here."""
    os.waitpid(pid, 0)


# Starting ----------------------------------------------------------------------------------------

def a_second_start_is_refused_and_names_the_first():
    settled_veth("p1", "e1")
    settled_veth("p2", "e2")
    pidfile = f"{tmp()}/pid"
    first = Switch("--pidfile", pidfile, ports=["p1"])
    check(open(pidfile).read() == f"{first.process.pid}\n", "the file has another pid")
    before = world()
    code, out = sluiced("--pidfile", pidfile, "--run-dir", run_dir(), "--no-local", "--port", "p2")
    check(code == 1 and out.count("\n") == 1 and f"process {first.process.pid} is already running" in out,
          f"{code}: {out}")
    check(world() == before, "something is left behind")
    first.stop()
    check(not os.path.exists(pidfile), "the pid file is left behind")


def a_stale_pid_file_is_taken_over():
    quiet_veth("p1", "e1")
    pidfile = f"{tmp()}/pid"
    first = Switch("--pidfile", pidfile, ports=["p1"])
    first.stop(signal.SIGKILL)
    check(os.path.exists(pidfile), "who has removed the pid file?")
    first.start()
    check(open(pidfile).read() == f"{first.process.pid}\n", "the file has another pid")


def it_starts_at_the_moment_of_a_kill():
    for i in (1, 2):
        quiet_veth(f"p{i}", f"e{i}")
    words = ["--run-dir", run_dir(), "--no-local", "--pidfile", f"{tmp()}/pid", "--listen", "ptcp:6654",
             "--listen", f"punix:{tmp()}/of", "--controller", "tcp:127.0.0.1:6653", "--port", "p1",
             "--port", "p2"]
    controller = Process(program("sluice-controller"), "ptcp:6653", name="controller")
    wait_until(lambda: "6653" in sh("ss", "-ltn"), "the controller's socket")

    def is_served(process):
        # It has its controller, and a peer of its own on each of its sockets.
        out = sh(program("sluicectl"), "--run-dir", run_dir(), "show", ok=False)
        return not process.running() or (out.count("p1") and "ACTIVE" in out)

    first = Process(program("sluiced"), *words, name="sluiced")
    for _ in range(20):
        wait_until(lambda: is_served(first), "the controller")
        check(first.running(), first.output())
        with socket.create_connection(("127.0.0.1", 6654)), socket.socket(socket.AF_UNIX) as peer:
            peer.connect(f"{tmp()}/of")
            os.kill(first.pid, signal.SIGKILL)
            second = Process(program("sluiced"), *words, name="sluiced")
            first.wait()
            wait_until(lambda: "bridge br0: " in second.output() or not second.running(), "the next start")
            check(second.running() and "no control socket" not in second.output(), second.output())
        first = second
    wait_until(lambda: is_served(first), "the controller")
    for what, text in (("ptcp:6654", "somebody listens there already"),
                       (f"punix:{tmp()}/of", "somebody listens there already")):
        code, out = sluiced("--run-dir", f"{tmp()}/other", "--no-local", "--listen", what)
        check(code == 1 and text in out, f"{what}: {code}: {out}")
    code, out = sluiced("--run-dir", run_dir(), "--no-local", "--bridge", "br1", "--ctl",
                        f"{run_dir()}/sluiced.ctl")
    check(code == 1 and "somebody listens there already" in out, f"{code}: {out}")
    check(first.stop() == 0, "exit status")


def it_detaches_when_all_is_up():
    settled_veth("p1", "e1")
    pidfile = f"{tmp()}/pid"
    before = world()
    code, out = sluiced("--detach", "--pidfile", pidfile, "--run-dir", run_dir(), "--no-local",
                        "--port", "p1", cwd="/")
    check(code == 0 and not out, f"{code}: {out}")
    check("1(p1)" in show(), "the port is missing")
    pid = int(open(pidfile).read())
    check(os.getsid(pid) == pid, "it is in the session of who started it")
    check({os.readlink(f"/proc/{pid}/fd/{i}") for i in range(3)} == {"/dev/null"}, "it holds our files")
    os.kill(pid, signal.SIGTERM)
    reap(pid)
    check(world() == before and not os.path.exists(pidfile), "something is left behind")


def it_runs_without_standard_files():
    p = Process("sh", "-c", f"exec {program('sluiced')} --no-local --run-dir {run_dir()} --port m1,type=memory "
                "<&- >&- 2>&-", name="sluiced")
    wait_until(lambda: os.path.exists(f"{run_dir()}/br0.mgmt"), "the start")
    check({os.readlink(f"/proc/{p.pid}/fd/{i}") for i in range(3)} == {"/dev/null"}, "other files stand for them")
    check(p.stop() == 0, "exit status")


def it_does_not_detach_without_a_port():
    settled_veth("p1", "e1")
    before = world()
    code, out = sluiced("--detach", "--pidfile", f"{tmp()}/pid", "--run-dir", run_dir(), "--no-local",
                        "--port", "p1", "--port", "gone")
    check(code == 1 and out.count("\n") == 1 and "gone: there is no such device" in out, f"{code}: {out}")
    check(world() == before and not os.path.exists(f"{tmp()}/pid"), "something is left behind")


# What is wrong with a command line: arguments, status, words of the line that says so.
FAULTS = [
    ([], 2, "nothing to do: give"),
    (["foo"], 2, "foo.*see --help"),
    (["--bogus"], 2, "no option --bogus"),
    (["--prot", "p1"], 2, "did you mean --port"),
    (["--port"], 2, "--port needs an argument"),
    (["--detach=yes", "--port", "p1"], 2, "--detach takes no argument"),
    (["--workers", "65", "--port", "p1"], 2, "--workers.*0 to 64"),
    (["--dpid", "0", "--port", "p1"], 2, "--dpid.*hexadecimal digits"),
    (["--dpid", "12345678123456781", "--port", "p1"], 2, "--dpid.*hexadecimal digits"),
    (["--fail-mode", "maybe", "--port", "p1"], 2, "--fail-mode.*secure, standalone or emergency"),
    (["--in-band", "--no-local", "--port", "p1"], 1, "in-band control goes by the LOCAL port"),
    (["--max-rules", "x", "--port", "p1"], 2, "--max-rules.*number"),
    (["--max-backoff", "0", "--port", "p1"], 2, "--max-backoff.*from 1"),
    (["--inactivity-probe", "-1", "--port", "p1"], 2, "--inactivity-probe.*from 0"),
    (["--log", "loud", "--port", "p1"], 2, "loud.*off, err, warn, info"),
    (["--log", "nobody:dbg", "--port", "p1"], 2, "nobody.* bridge .* sluiced"),
    (["--bridge", "a/b", "--port", "p1"], 2, "--bridge.*a/b.*no '/'"),
    (["--bridge", "a", "--bridge", "a"], 2, "--bridge.* a .*twice"),
    (["--port", ""], 1, "device's name comes first"),
    (["--port", "gone"], 1, "gone: there is no such device.*ip link add.*optional"),
    (["--port", "lo"], 1, "lo: not an Ethernet device"),
    (["--port", "p1,type=frob"], 1, "p1: type=frob.*raw, tap"),
    (["--port", "p1,type=tap"], 1, "p1: .*not a tap.*leave out type=tap"),
    (["--port", "p1,frob=1"], 1, "p1: .*frob.*knows.*renamed"),
    (["--port", "p1,host=maybe"], 1, "host=maybe.*drop or keep"),
    (["--port", "p1,bypass=maybe"], 1, "bypass=maybe.*auto, yes or no"),
    (["--port", "p1,ring=1"], 1, "ring=1.*from 64"),
    (["--port", "p1,optional=maybe"], 1, "optional=maybe.*yes or no"),
    (["--port", "p1,ofport=65280"], 1, "ofport=65280.*from 1 to 65279"),
    (["--port", "p1,ofport=7", "--port", "p2,ofport=7"], 1, "p2: port number 7.*taken by p1"),
    (["--port", "p1", "--port", "p1"], 1, "p1: bridge br0 has this port already"),
    (["--port", "a-very-long-name"], 1, "a-very-long-name: the name is too long.*15"),
    (["--port", "t1,type=tap,owner=nix"], 1, "t1: owner=nix: nobody is called that"),
    (["--port", "t1,type=tap,group=nix"], 1, "t1: group=nix: nobody is called that"),
    (["--port", "t1,type=tap,mac=01:00:00:00:00:01"], 1, "t1: mac=01.*not multicast"),
    (["--port", "t1,type=tap,mtu=67"], 1, "t1: mtu=67.*from 68"),
    (["--port", "pa,type=patch"], 1, "pa: .*peer=NAME"),
    (["--port", "pa,type=patch,peer=pa"], 1, "pa: .*itself"),
    (["--port", "p1", "--controller", "frob:1"], 1, "frob:1.*tcp:HOST"),
    (["--port", "p1", "--controller", "tcp:"], 1, "tcp:.*host is missing"),
    (["--port", "p1", "--controller", "tcp:1.2.3.4:99999"], 1, "99999.*1 to 65535"),
    (["--port", "p1", "--controller", "ptcp:"], 1, "this listens; to dial write tcp:127.0.0.1:PORT$"),
    (["--port", "p1", "--controller", "pssl:77:[::1]"], 1, r"to dial write ssl:\[::1\]:77$"),
    (["--port", "p1", "--controller", "punix:/x"], 1, "to dial write unix:/x$"),
    (["--port", "p1", "--controller", "tls:1.2.3.4"], 1, "TLS needs --private-key"),
    (["--port", "p1", "--listen", "tcp:1.2.3.4"], 1, "this dials; to listen write ptcp:PORT:1.2.3.4$"),
    (["--port", "p1", "--listen", "tls:[::1]:77"], 1, r"to listen write ptls:77:\[::1\]$"),
    (["--port", "p1", "--listen", "unix:/x"], 1, "to listen write punix:/x$"),
    (["--port", "p1", "--listen", "ptcp:6653:1.2.3.4"], 1, "1.2.3.4.*no interface here"),
    (["--port", "p1", "--listen", "punix:/gone/x"], 1, "/gone/x.*make the directory"),
    (["--port", "p1", "--listen", "ptls:"], 1, "TLS needs --private-key"),
    (["--port", "p1", "--private-key", "/gone"], 1, "--certificate is missing"),
    (["--port", "p1", "--private-key", "/gone", "--certificate", "/gone", "--ca-cert", "/gone"], 1,
     "private key /gone: No such file.*sluice-pki"),
    (["--port", "p1", "--log-file", "/gone/x"], 1, "/gone/x: .*No such file"),
    (["--port", "p1", "--state", "/gone/x"], 1, "/gone/x.*No such file.*--state"),
    (["--port", "p1", "--run-dir", "/gone/x"], 1, "/gone/x.*--run-dir"),
    (["--port", "p1", "--run-dir", "/etc/passwd"], 1, "/etc/passwd/.*choose another directory"),
    (["--port", "p1", "--pidfile", "/gone/x"], 1, "/gone/x: can't make the pid file"),
    (["--port", "p1", "--ctl", "/gone/x"], 1, "/gone/x.*make the directory"),
    (["--sim", "/gone"], 1, "/gone: No such file"),
    (["--sim", "/gone", "--port", "p1"], 2, "--sim /gone plays the bridges of that file: leave"),
]
# The same with a LOCAL port.
FAULTS_LOCAL = [
    (["--in-band", "--controller", "tcp:ctl", "--port", "p1"], 1, "needs the controller's IP address"),
    (["--in-band", "--controller", "tcp:[fe80::1%p1]", "--port", "p1"], 1, "goes by the LOCAL port.*write %br0"),
    (["--port", "p1", "--controller", "tcp:[fe80::1]:6653"], 1, r"interface.*\[fe80::1%eth0\]"),
    (["--port", "p1", "--controller", "tls:[2001:db8::x]"], 1, "2001:db8::x.*no IPv6 address"),
    (["--port", "p1", "--controller", "tcp:2001:db8::1"], 1, "brackets"),
    (["--port", "p1", "--listen", "ptcp:6653:[2001:db8::77]"], 1, "2001:db8::77.*no interface here"),
    (["--port", "p1", "--listen", "ptcp:6653:[fe80::1%nowhere]"], 1, "no interface nowhere"),
    (["--port", "p1", "--listen", "ptcp:6653:::1"], 1, "brackets"),
    (["--bridge", "much-longer-than-a-device", "--port", "p1"], 1, "15 bytes.*--no-local"),
    (["--bridge", "p2", "--port", "p1"], 1, "bridge p2: no LOCAL port.*--no-local"),
]


def each_fault_of_the_command_line_is_told_in_one_line():
    for i in (1, 2):
        settled_veth(f"p{i}", f"e{i}")
    os.mkdir(run_dir())
    before = world()
    for extra, faults in ((["--no-local", "--run-dir", run_dir()], FAULTS),
                          (["--run-dir", run_dir()], FAULTS_LOCAL)):
        for args, status, words in faults:
            code, out = sluiced(*(extra if status == 1 and "--sim" not in args else []), *args)
            what = f"{' '.join(args)}: status {code}: {out}"
            check(code == status, what)
            check(out.count("\n") == 1 and out.startswith("sluiced: "), "not one line: " + what)
            check(re.search(words, out), f"wanted '{words}': {what}")
            check(world() == before, "something is left behind by " + what)


# Signals -----------------------------------------------------------------------------------------

def nothing_is_left_behind():
    settled_veth("p1", "e1")
    sh("ip", "tuntap", "add", "t1", "mode", "tap")
    os.mkdir(run_dir())
    before = world()
    words = ["--run-dir", run_dir(), "--port", "p1", "--port", "t1", "--port", "t2,type=tap", "--ovs-names",
             "--listen", f"punix:{run_dir()}/x"]

    def start():
        p = Process(program("sluiced"), *words)
        p.says("bridge br0: ")
        wait_until(lambda: "1(p1)" in show(ok=False), "the switch")
        return p
    for number in (signal.SIGTERM, signal.SIGINT):
        check(start().stop(number) == 0, "not status 0")
        check(world() == before, f"left behind by signal {number}: {difference(before, world())}")
    for _ in range(2):
        start().stop(signal.SIGKILL)
        after = world()
        check(after[:2] == before[:2], f"left behind by SIGKILL: {difference(before, after)}")
    start().stop()
    check(world() == before, f"left behind after a SIGKILL: {difference(before, world())}")


def a_signal_during_the_start_leaves_nothing_behind():
    """Whenever it comes: before anything is done the program just ends, later it undoes all. The moments are spread
    over the time that a start takes here, and a little more."""
    settled_veth("p1", "e1")
    os.mkdir(run_dir())
    before = world()
    words = [program("sluiced"), "--run-dir", run_dir(), "--port", "p1", "--port", "t2,type=tap"]
    began = time.monotonic()
    whole = Process(*words)
    whole.says("bridge br0: ")
    took = time.monotonic() - began
    check(whole.stop() == 0, "not status 0 after the start")
    for i in range(30):
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as p:
            time.sleep(took * i / 25)
            p.terminate()
            said = p.communicate(timeout=PATIENCE)[1]
        check(p.returncode in (0, -signal.SIGTERM), f"at moment {i}: status {p.returncode}\n{said}")
        check(world() == before, f"left behind at moment {i}: {difference(before, world())}\n{said}")


def sighup_opens_the_log_file_again():
    quiet_veth("p1", "e1")
    log = f"{tmp()}/log"
    switch = Switch("--log-file", log, ports=["p1"])
    os.rename(log, log + ".1")
    switch.process.process.send_signal(signal.SIGHUP)
    wait_until(lambda: os.path.exists(log) and "read again" in open(log).read(), "the new log file")
    check("port 1 (p1) added" in open(log + ".1").read(), "the old log file")
    switch.process.process.send_signal(signal.SIGHUP)
    wait_until(lambda: open(log).read().count("read again") == 2, "the same log file going on")
    os.rename(log, log + ".2")
    os.mkdir(log)
    switch.process.process.send_signal(signal.SIGHUP)
    switch.says("the log file can't be opened again")


class CertificateReader:
    """A TLS server that notes the certificate of each switch and ends the connection when told."""

    def __init__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{tmp()}/ctl-cert.pem", f"{tmp()}/ctl-privkey.pem")
        context.load_verify_locations(f"{tmp()}/pki/switchca/cacert.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self.listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.target = f"tls:127.0.0.1:{self.listener.getsockname()[1]}"
        self.serials, self.socks = [], []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            sock, _peer = self.listener.accept()
            self.socks.append(sock)
            self.serials.append(sock.getpeercert()["serialNumber"])

    def next(self):
        """Ends the last connection; the serial number of the next one's certificate."""
        n = len(self.serials)
        if self.socks:
            self.socks[-1].close()
        return wait_until(lambda: len(self.serials) > n and self.serials[-1], "a connection")


def sighup_reads_the_keys_again():
    make_keys()
    sh(program("sluice-pki"), "--dir", f"{tmp()}/pki", "req+sign", "new", "switch", cwd=tmp())
    reader = CertificateReader()
    quiet_veth("p1", "e1")
    switch = Switch("--controller", reader.target, "--max-backoff", 1,
                    "--private-key", f"{tmp()}/sw-privkey.pem", "--certificate", f"{tmp()}/sw-cert.pem",
                    "--ca-cert", f"{tmp()}/pki/controllerca/cacert.pem", ports=["p1"])
    old = wait_until(lambda: reader.serials and reader.serials[-1], "a connection")
    check(reader.next() == old, "another certificate")
    for kind in ("privkey", "cert"):
        shutil.copy(f"{tmp()}/new-{kind}.pem", f"{tmp()}/sw-{kind}.pem")
    switch.process.process.send_signal(signal.SIGHUP)
    switch.says("log and keys read again")
    # A connection that was under way meanwhile may still have the old one.
    new = wait_until(lambda: (lambda serial: serial != old and serial)(reader.next()), "the new certificate")
    with open(f"{tmp()}/sw-privkey.pem", "w") as f:
        f.write("nonsense")
    switch.process.process.send_signal(signal.SIGHUP)
    switch.says("the old keys stay: ")
    check(reader.next() == new, "the new certificate is lost")


# The log -----------------------------------------------------------------------------------------

def levels_are_those_of_modules():
    quiet_veth("p1", "e1")
    switch = Switch("--log", "warn,bridge:info,netdev_raw:dbg", ports=["p1"])
    modules = {(line.split("|")[1], line.split("|")[2]) for line in switch.output().splitlines()}
    check(("bridge", "info") in modules and not any(m == "ofproto" for m, _level in modules), switch.output())
    switch.stop()


def private_dev():
    """A /dev of our own, with what programs need, and a socket for syslog."""
    dev = f"{tmp()}/dev"
    os.mkdir(dev)
    sh("mount", "-t", "tmpfs", "tmpfs", dev)
    os.mkdir(f"{dev}/net")
    for name in ("null", "urandom", "net/tun"):
        st = os.stat(f"/dev/{name}")
        try:
            os.mknod(f"{dev}/{name}", 0o666 | stat.S_IFCHR, st.st_rdev)
            os.chmod(f"{dev}/{name}", 0o666)
        except PermissionError:
            open(f"{dev}/{name}", "w").close()
            sh("mount", "--bind", f"/dev/{name}", f"{dev}/{name}")
    sh("mount", "--move", dev, "/dev")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind("/dev/log")
    sock.settimeout(PATIENCE)
    return sock


def messages_go_to_syslog_too():
    sock = private_dev()
    quiet_veth("p1", "e1")
    Switch("--syslog", ports=["p1"])
    text = sock.recv(10000).decode()
    # daemon.info; the time of day; the program with its pid; the module.
    wanted = r"<30>.* sluiced\[\d+\]: ofproto: br0: port 1 \(p1\) added.*"
    check(re.fullmatch(wanted, text.strip("\n\0")), text)


def the_journal_gets_priorities():
    quiet_veth("p1", "e1")
    with open(f"{tmp()}/journal", "w") as f:
        st = os.fstat(f.fileno())
        for stream, prefix in ((f"{st.st_dev}:{st.st_ino}", "<6>2"), ("1:2", "2")):
            f.truncate(0)
            f.seek(0)
            p = subprocess.Popen([program("sluiced"), "--run-dir", run_dir(), "--no-local", "--port", "p1"],
                                 stderr=f, env={"JOURNAL_STREAM": stream})
            wait_until(lambda: "bridge br0: " in open(f.name).read(), "the start")
            check(open(f.name).read().startswith(prefix), open(f.name).read())
            p.terminate()
            p.wait()


def repeated_messages_are_held_to_a_rate():
    quiet_veth("p1", "e1")
    switch = Switch(ports=["p1"])
    peer = openflow.Peer.connect(switch.mgmt)
    peer.send(openflow.message(openflow.ERROR, b"\0\1\0\1" + b"x" * 64) * 1000)
    peer.barrier()
    n = switch.output().count("it sent an error")
    check(0 < n <= 20, f"{n} lines for 1000 errors")


# Files -------------------------------------------------------------------------------------------

def identity(*args):
    """Datapath id and LOCAL's address of a bridge that is started for that."""
    switch = Switch(*args, ports=["p1"], local=True)
    out = switch.ofctl("show")
    address = re.search(r"LOCAL\(br0\): addr:(\S+)", out)[1]
    check(address == open("/sys/class/net/br0/address").read().strip(), "the device has another address")
    switch.stop()
    return re.search(r"dpid:(\w+)", out)[1], address


def a_bridge_is_the_same_after_a_restart():
    quiet_veth("p1", "e1")
    derived = identity()
    check(identity() == derived, "another identity without --state")
    kept = identity("--state", f"{tmp()}/a")
    check(identity("--state", f"{tmp()}/a") == kept, "another identity with --state")
    others = [derived, kept, identity("--state", f"{tmp()}/b")]
    check(len({i[0] for i in others}) == len({i[1] for i in others}) == 3, f"two are the same: {others}")
    for dpid, address in others:
        check(dpid[4:] != address.replace(":", ""), "datapath id and address are derived from each other")
        check(int(address[:2], 16) & 3 == 2, f"{address} is not a local address")
    check(identity("--state", f"{tmp()}/a", "--dpid", "abc") == ("0000000000000abc", kept[1]), "--dpid")


def sockets_are_for_their_owner():
    quiet_veth("p1", "e1")
    os.umask(0)
    switch = Switch("--state", f"{tmp()}/state", "--log-file", f"{tmp()}/log", "--pidfile", f"{tmp()}/pid",
                    ports=["p1"])
    for name in ("br0.mgmt", "br0.snoop", "sluiced.ctl"):
        mode = stat.S_IMODE(os.stat(f"{switch.run_dir}/{name}").st_mode)
        check(mode == 0o600, f"{name} has mode {mode:o}")
    switch.stop()
    os.rmdir(switch.run_dir)
    switch.start()
    for path in (switch.run_dir, f"{tmp()}/log", f"{tmp()}/pid", f"{tmp()}/state"):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        check(not mode & 0o022, f"{path} has mode {mode:o}")


def sockets_may_be_opened_to_a_group():
    need_root()
    home = home_of_nobody()
    switch = Switch("--socket-mode", "0660", "--socket-group", str(NOBODY), "--listen", f"punix:{tmp()}/more")
    os.chmod(switch.run_dir, 0o755)
    for path in (*(f"{switch.run_dir}/{n}" for n in ("br0.mgmt", "br0.snoop", "sluiced.ctl")), f"{tmp()}/more"):
        st = os.stat(path)
        check((stat.S_IMODE(st.st_mode), st.st_gid) == (0o660, NOBODY), f"{path}: {st}")
    out = sh(*as_nobody(f"{home}/sluice-ofctl", "--run-dir", switch.run_dir, "show", "br0"))
    check("OFPT_FEATURES_REPLY" in out, out)
    switch.stop()
    for words, text in ((("--socket-mode", "0066"), "--socket-mode: 0066: give a mode in octal from 0600"),
                        (("--socket-mode", "9"), "9: give a mode in octal"),
                        (("--socket-group", "nosuch"), "--socket-group: nosuch: there is no such group")):
        out = sh(program("sluiced"), "--no-local", *words, ok=False)
        check(text in out, out)
    # Who may not give a socket away is told, and leaves none behind.
    p = subprocess.run(as_nobody(f"{home}/sluiced", "--bridge", "b", "--no-local", "--run-dir", f"{home}/run",
                                 "--socket-group", "0"), capture_output=True, text=True, check=False, timeout=PATIENCE)
    check(p.returncode == 1 and "b.mgmt: Operation not permitted: choose a group that your user is in" in p.stderr,
          p.stderr)
    check(not os.listdir(f"{home}/run"), str(os.listdir(f"{home}/run")))


def ovs_names_are_links():
    quiet_veth("p1", "e1")
    switch = Switch("--ovs-names", ports=["p1"])
    for kind in ("mgmt", "snoop"):
        check(os.readlink(f"/run/openvswitch/br0.{kind}") == f"{switch.run_dir}/br0.{kind}", kind)
    if shutil.which("ovs-ofctl"):
        check("1(p1)" in sh("ovs-ofctl", "-O", "OpenFlow10", "show", "br0",
                            env={**os.environ, "OVS_RUNDIR": "/run/openvswitch"}), "ovs-ofctl show br0")
    switch.stop(signal.SIGKILL)
    switch.start()
    switch.stop()
    check(not os.listdir("/run/openvswitch"), "links are left behind")


# Users -------------------------------------------------------------------------------------------

def as_nobody(*args):
    """The words that run a command as a user without rights."""
    need("setpriv")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *args]


def home_of_nobody():
    path = f"{tmp()}/nobody"
    os.mkdir(path)
    os.chmod(tmp(), 0o755)
    os.chown(path, NOBODY, NOBODY)
    shutil.copy(program("sluiced"), f"{path}/sluiced")
    shutil.copy(program("sluice-ofctl"), f"{path}/sluice-ofctl")
    return path


def a_user_needs_no_rights_for_a_tap_of_his_own():
    private_dev()
    home = home_of_nobody()
    sh("ip", "tuntap", "add", "tap0", "mode", "tap", "user", NOBODY)
    sh("ip", "link", "set", "tap0", "up")
    words = as_nobody(f"{home}/sluiced", "--no-local", "--port", "tap0")
    env = {"XDG_RUNTIME_DIR": home}
    p = Process(*words, env=env)
    p.says("bridge br0: 1 ports")
    words = as_nobody(f"{home}/sluice-ofctl", "show", "br0")
    out = sh(*words, env=env)
    check("1(tap0)" in out and "PORT_DOWN" not in out, out)
    check("warn" not in p.output(), p.output())
    check(p.stop() == 0, "not status 0")
    check("tap0" in sh("ip", "link"), "the tap is gone")


def root_s_switch_and_a_user_s_do_not_disturb_each_other():
    """The same names of bridge, ports and files; the user's is root in namespaces of his own."""
    need_root()
    need_tap()
    private_dev()
    home = home_of_nobody()
    os.chmod("/run", 0o755)
    settled_veth("p1", "e1")
    words = ["--port", "p1", "--port", "t1,type=tap", "--pidfile", "/run/br0.pid"]
    with open(f"{home}/start", "w", encoding="ascii") as f:
        f.write("set -e; mount -t tmpfs tmpfs /run; ip link add p1 type veth peer name e1\n"
                f"ip link set p1 up; exec /opt/sluiced {' '.join(words)}\n")
    ours = Process(program("sluiced"), *words)
    ours.says("bridge br0: 2 ports")
    wait_until(lambda: os.path.exists("/run/sluice/sluiced.ctl"), "root's switch")
    before = world()
    theirs = Process(*as_nobody("unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c",
                                f"mount --bind {home} /opt && . /opt/start"), name="sluiced-user")
    theirs.says("bridge br0: 2 ports")
    ofctl, there = program("sluice-ofctl"), f"unix:/proc/{theirs.pid}/root/run/sluice/br0.mgmt"
    wait_until(lambda: "2(t1)" in sh(ofctl, "show", there, ok=False), "the user's switch")
    sh(ofctl, "add-flow", there, "in_port=1,actions=drop")
    check("in_port=1" in sh(ofctl, "dump-flows", there), "the user's flow")
    check("in_port" not in sh(ofctl, "dump-flows", "br0"), "it is in root's switch")
    check(world() == before, f"root's world has changed: {difference(before, world())}")
    check(theirs.stop() == 0, "the user's switch did not end in order")
    check("2(t1)" in sh(ofctl, "show", "br0"), "root's switch has no t1")
    check(world() == before, f"root's world has changed: {difference(before, world())}")
    check(ours.running() and ours.stop() == 0, "root's switch did not end in order")


def who_is_root_only_in_a_namespace_of_his_has_his_own_directory():
    need_root()
    private_dev()
    home = home_of_nobody()
    os.chmod("/run", 0o755)
    inside = as_nobody("unshare", "--user", "--map-root-user", "--net")
    env = {"XDG_RUNTIME_DIR": home}
    p = Process(*inside, f"{home}/sluiced", "--no-local", "--port", "m1,type=memory", env=env, name="sluiced-user")
    p.says("bridge br0: 1 ports")
    check("1(m1)" in sh(*inside, f"{home}/sluice-ofctl", "show", "br0", env=env), "sluice-ofctl looks elsewhere")
    check(os.path.exists(f"{home}/sluice/sluiced.ctl") and not os.path.exists("/run/sluice"), "another directory")
    check(p.stop() == 0, "not status 0")


def a_user_without_rights_is_told():
    private_dev()
    home = home_of_nobody()
    os.chmod("/run", 0o755)
    quiet_veth("p1", "e1")
    sh("ip", "tuntap", "add", "tap0", "mode", "tap", "user", NOBODY)
    sh("ip", "tuntap", "add", "tap1", "mode", "tap", "user", 1)
    with_dir = {"XDG_RUNTIME_DIR": home}
    for args, env, wanted in (
            (["--no-local", "--port", "tap0"], {}, "/run/sluice.*Permission denied.*--run-dir"),
            (["--no-local", "--port", "tap1"], with_dir, "tap1: not permitted.*ip tuntap add"),
            (["--no-local", "--port", "t2,type=tap"], with_dir, "t2: not permitted.*ip tuntap"),
            (["--no-local", "--port", "p1"], with_dir, "p1: not permitted.*CAP_NET_RAW"),
            (["--no-local", "--port", "tap0", "--pidfile", "/run/x"], with_dir, "/run/x: .*Permission denied"),
            (["--port", "tap0"], with_dir, "br0: no LOCAL port: .*--no-local")):
        words = as_nobody(f"{home}/sluiced", "--log=warn", *args)
        r = subprocess.run(words, env=env, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
        check(r.returncode == 1 and r.stderr.count("\n") == 1 and re.search(wanted, r.stderr),
              f"{args}: {r.returncode}: {r.stderr}")


def what_is_printed_arrives_or_its_loss_is_told():
    switch = Switch(ports=["m1,type=memory"])
    answer = [program("sluicectl"), "--run-dir", switch.run_dir]
    asked = [[program(name), word] for name in ("sluiced", "sluicectl", "sluice-ofctl", "sluice-controller")
             for word in ("--help", "--version")]
    with open("/dev/full", "w", encoding="ascii") as full:
        for words in asked + [[program("sluiced"), "--sim-help"], answer + ["show"], answer + ["--json", "show"]]:
            r = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
            name = os.path.basename(words[0])
            check((r.returncode, r.stderr) == (1, f"{name}: standard output: No space left on device\n"),
                  f"{words}: {r.returncode} {r.stderr}")


main(what_is_printed_arrives_or_its_loss_is_told, a_second_start_is_refused_and_names_the_first, a_stale_pid_file_is_taken_over,
     it_starts_at_the_moment_of_a_kill,
     it_detaches_when_all_is_up, it_runs_without_standard_files, it_does_not_detach_without_a_port,
     each_fault_of_the_command_line_is_told_in_one_line, nothing_is_left_behind,
     a_signal_during_the_start_leaves_nothing_behind, sighup_opens_the_log_file_again, sighup_reads_the_keys_again, levels_are_those_of_modules,
     messages_go_to_syslog_too, the_journal_gets_priorities, repeated_messages_are_held_to_a_rate,
     a_bridge_is_the_same_after_a_restart, sockets_are_for_their_owner,
     sockets_may_be_opened_to_a_group, ovs_names_are_links,
     a_user_needs_no_rights_for_a_tap_of_his_own,
     root_s_switch_and_a_user_s_do_not_disturb_each_other, who_is_root_only_in_a_namespace_of_his_has_his_own_directory,
     a_user_without_rights_is_told)
