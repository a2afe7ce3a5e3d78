# SPDX-License-Identifier: Apache-2.0
"""What the tests on real devices share: a sandbox, hosts, switches, and waiting for conditions.

A test program calls main() with its cases.  main() runs the program again inside a sandbox of its own
(network, mount, PID and, for others than root, user namespaces; a private /run), so whatever a test makes
dies with it and two runs can't meet.  Each case then runs in a further sandbox.  Nothing here sleeps to
let something happen: wait_until() polls with a deadline.
"""
import concurrent.futures
import contextlib
import ctypes
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

SKIP = 77
CASE_SECONDS = 1800  # A case that takes longer hangs.
PATIENCE = 120       # Seconds that nothing takes, however slow the machine.
ARP_PROBES = 60      # Seconds, one each, for which a host asks who has an address.
TRAFFIC = ["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "traffic.py")]
top_builddir = os.path.abspath(os.environ.get("top_builddir", "."))
top_srcdir = os.path.abspath(os.environ.get("top_srcdir", "."))


class Skip(Exception):
    """The machine can't run this case; the reason is the text."""


class Failure(Exception):
    """Something was not as it should be."""


def check(condition, text):
    """Fails with 'text' unless 'condition' is true."""
    if not condition:
        raise Failure(text)


def program(name):
    """Path of one of our programs."""
    return os.path.join(top_builddir, "utilities", name)


def helper(name):
    """Path of one of our helper programs in C."""
    return os.path.join(top_builddir, "tests", "system", name)


def is_sanitized():
    """Whether our programs were built with a sanitizer: speed and memory are then no measure."""
    with open(os.path.join(top_builddir, "Makefile")) as f:
        return any(re.match(r"SANITIZER_CFLAGS = .*-fsanitize", line) for line in f)


def need(*commands):
    """Skips the case if a command is not installed."""
    for command in commands:
        if not shutil.which(command):
            raise Skip(f"{command} is not installed")


def need_tap():
    """Skips the case if TAP devices can't be had."""
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as e:
        raise Skip(f"TAP devices can't be opened here: /dev/net/tun: {e.strerror}") from None


def need_root():
    """Skips the case for root of a user namespace alone."""
    with open("/proc/self/uid_map") as f:
        if f.read().split() != ["0", "0", "4294967295"]:
            raise Skip("only root can do this")


def wait_until(condition, what, seconds=PATIENCE, pause=0.02):
    """Polls 'condition' until it is true, and returns its value; fails after 'seconds'."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s in vain for {what}")
        time.sleep(pause)


def sh(*words, ok=True, **options):
    """Runs a command and returns its output; fails if it fails and 'ok'."""
    words = [str(w) for w in words]
    r = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="surrogateescape",
                       **options)
    if ok and r.returncode:
        raise Failure(f"{' '.join(words)}: status {r.returncode}\n{r.stdout}")
    return r.stdout


_started = []
_REPORTS = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error: ")


class Process:
    """A program in the background whose output goes to a file."""

    def __init__(self, *words, netns=None, name=None, env=None):
        words = [str(w) for w in words]
        self.name = name or os.path.basename(words[0])
        self.log = tempfile.mktemp(prefix=self.name + "-", suffix=".log", dir=tmp())
        if netns:
            words = ["ip", "netns", "exec", netns] + words
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=env)
        self.pid = self.process.pid
        _started.append(self)

    def output(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def running(self):
        return self.process.poll() is None

    def memory(self):
        """Resident KiB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def files(self):
        """How many descriptors are open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu(self):
        """Seconds of processor time that it took."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def says(self, text, seconds=PATIENCE):
        """Waits until the output has 'text'."""
        wait_until(lambda: text in self.output() or not self.running(),
                   f"'{text}' of {self.name}", seconds)
        check(text in self.output(), f"{self.name} ended without '{text}':\n{self.output()}")

    def wait(self, seconds=PATIENCE):
        """Waits for the end and returns the exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {seconds} s:\n{self.output()}") from None

    def freeze(self):
        """Stops it for a while; when this returns no thread of it runs any more."""
        self.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: all(state == "T" for state in self._states()), f"{self.name} being stopped")

    def _states(self):
        """Letters for the states of its threads."""
        for path in glob.glob(f"/proc/{self.pid}/task/*/stat"):
            with open(path, encoding="ascii") as f:
                yield f.read().rsplit(")", 1)[1].split()[0]

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, number=signal.SIGTERM, seconds=PATIENCE):
        """Ends it with a signal and returns the exit status."""
        if self.running():
            self.process.send_signal(number)
        return self.wait(seconds)


_tmp = []


def tmp():
    """A directory that goes away with the case, however it ends: it is on the sandbox's own /run."""
    if not _tmp:
        _tmp.append(tempfile.mkdtemp(prefix="test-", dir="/run"))
    return _tmp[0]


class Host:
    """A network namespace."""

    def __init__(self, name):
        self.name = name
        sh("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        return sh("ip", "-n", self.name, *words)

    def run(self, *words, ok=True, **options):
        return sh("ip", "netns", "exec", self.name, *words, ok=ok, **options)

    def start(self, *words, **options):
        return Process(*words, netns=self.name, **options)

    def address(self, dev, *addresses):
        for a in addresses:
            self.ip("addr", "add", a, "dev", dev)
        self.be_patient(dev)
        self.ip("link", "set", dev, "up")

    def be_patient(self, dev):
        """Lets nobody count as unreachable whose answer to ARP takes more than three seconds."""
        self.ip("ntable", "change", "name", "arp_cache", "dev", dev, "mcast_probes", ARP_PROBES)

    def ping(self, target, count=3):
        """Pings, one packet after the other; fails on any loss. Each is waited for by a ping of its own: one
        that sends several waits for the last one no longer than twice what the others took."""
        ping = 'for i in $(seq "$2"); do ping -n -q -c 1 -W 60 "$1" || exit 1; done'
        out = self.run("sh", "-c", ping, "sh", target, count, ok=False)
        check(out.count(" 0% packet loss") == count, f"{self.name}: ping {target}:\n{out}")
        return out

    @contextlib.contextmanager
    def inside(self):
        """Lets this thread's sockets be made in the namespace."""
        libc = ctypes.CDLL(None, use_errno=True)
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            check(libc.setns(there, 0x40000000) == 0, "setns")
            yield
        finally:
            libc.setns(here, 0x40000000)
            os.close(here)
            os.close(there)


class Stream:
    """A ping in the background: one packet after the other, whether they are answered or not."""

    def __init__(self, host, target, interval=0.01):
        self.host = host
        self.process = host.start("ping", "-n", "-i", interval, target, name="ping-" + host.name)
        self.process.says("bytes from")

    def replies(self):
        return self.process.output().count("bytes from")

    def goes_on(self, more=5):
        """Waits until some more packets have come back."""
        n = self.replies() + more
        wait_until(lambda: self.replies() >= n, f"more replies to {self.host.name}")

    def lost(self):
        """Ends it; returns how many packets were lost, not counting those under way."""
        self.process.stop(signal.SIGINT)
        numbers = set(map(int, re.findall(r"bytes from .* icmp_seq=(\d+)", self.process.output())))
        return max(numbers) - len(numbers)


def veth_port(host, port, dev="eth0"):
    """A veth pair: 'dev' in 'host', 'port' at the switch (in this namespace), offloads as they are."""
    sh("ip", "link", "add", port, "type", "veth", "peer", "name", dev, "netns", host.name)
    sh("ip", "link", "set", port, "up")
    host.be_patient(dev)
    host.ip("link", "set", dev, "up")


def two_hosts():
    """Two hosts with the addresses 10.0.0.1 and 10.0.0.2, at p1 and p2."""
    hosts = [Host("h1"), Host("h2")]
    for i, host in enumerate(hosts, 1):
        veth_port(host, f"p{i}")
        host.address("eth0", f"10.0.0.{i}/24")
    return hosts


def quiet_veth(port, far):
    """A veth pair in this namespace whose far end is no host: nobody speaks on it by itself."""
    sh("ip", "link", "add", port, "type", "veth", "peer", "name", far)
    for dev in (port, far):
        with open(f"/proc/sys/net/ipv6/conf/{dev}/disable_ipv6", "w") as f:
            f.write("1")
        sh("ip", "link", "set", dev, "up")


class Switch:
    """sluiced with its own run directory, in this namespace."""

    def __init__(self, *args, ports=(), local=False, env=None, bridge="br0"):
        self.bridge = bridge
        self.run_dir = tempfile.mkdtemp(prefix="run-", dir=tmp())
        words = ["--run-dir", self.run_dir]
        words += [] if local else ["--no-local"]
        for p in ports:
            words += ["--port", p]
        self.words = [program("sluiced")] + words + [str(a) for a in args]
        self.env = env
        self.start()

    def start(self):
        self.process = Process(*self.words, name="sluiced", env=self.env)
        self.mgmt = f"{self.run_dir}/{self.bridge}.mgmt"
        self.process.says(f"bridge {self.bridge}: ")
        wait_until(lambda: accepts(f"{self.run_dir}/sluiced.ctl") or not self.process.running(),
                   "the control socket")

    def wait_ports(self, n):
        """Waits until n ports are up."""
        def all_up():
            out = self.ofctl("show")
            return out.count("addr:") == n and "DOWN" not in out
        wait_until(all_up, f"{n} ports that are up")

    def ofctl(self, *words, ok=True):
        """Runs sluice-ofctl; the bridge's name goes after the command."""
        return sh(program("sluice-ofctl"), "--run-dir", self.run_dir, words[0], self.bridge,
                  *words[1:], ok=ok)

    def ovs_ofctl(self, *words, ok=True, target=None):
        """Runs ovs-ofctl at OpenFlow 1.0."""
        need("ovs-ofctl")
        return sh("ovs-ofctl", "-O", "OpenFlow10", words[0], target or f"unix:{self.mgmt}",
                  *words[1:], ok=ok)

    def says(self, text, seconds=PATIENCE):
        self.process.says(text, seconds)

    def output(self):
        return self.process.output()

    def stop(self, number=signal.SIGTERM):
        return self.process.stop(number)

    def port_stats(self):
        """Port number to a dict of counters, from dump-ports."""
        stats = {}
        for line in self.ofctl("dump-ports").splitlines():
            if line.strip().startswith("port"):
                no, rest = line.split("port", 1)[1].split(":", 1)
                now = stats[no.strip()] = {}
                prefix, rest = "rx_", rest.split("rx", 1)[1]
            elif line.strip().startswith("tx"):
                prefix, rest = "tx_", line.split("tx", 1)[1]
            else:
                continue
            for pair in rest.split(","):
                key, value = pair.split("=")
                key = prefix + key.replace("pkts", "packets").strip()
                now[key] = None if value.strip() == "?" else int(value)
        return stats

    def flow_counters(self, *match):
        """Sum of packets and bytes of the flows that match."""
        packets = octets = 0
        for line in self.ofctl("dump-flows", *match).splitlines():
            if "n_packets=" in line:
                packets += int(line.split("n_packets=")[1].split(",")[0])
                octets += int(line.split("n_bytes=")[1].split(",")[0])
        return packets, octets


def accepts(path):
    """Whether somebody listens at the Unix socket 'path'."""
    with socket.socket(socket.AF_UNIX) as s:
        return s.connect_ex(path) == 0


def answers(run_dir):
    """Whether a switch answers at the control socket in 'run_dir'."""
    return subprocess.run([program("sluicectl"), "--run-dir", run_dir, "--timeout", "1", "show"],
                          capture_output=True, check=False).returncode == 0


def make_keys():
    """A site's authorities in tmp()/pki; keys and certificates of a switch, sw, and a controller, ctl."""
    need("openssl")
    for words in (["init"], ["req+sign", "sw", "switch"], ["req+sign", "ctl", "controller"]):
        sh(program("sluice-pki"), "--dir", f"{tmp()}/pki", *words, cwd=tmp())


# Running -----------------------------------------------------------------------------------------

def _unshare_command():
    words = ["unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--mount-proc",
             "--kill-child"]
    if os.geteuid() != 0:
        words += ["--user", "--map-root-user"]
    return words


def _end_programs():
    """Ends our switches as a user would; fails if one does so with an error or a sanitizer's report."""
    for p in _started:
        if p.name == "sluiced" and p.running():
            check(p.stop() == 0, f"sluiced ended with status {p.process.returncode}")
    for p in _started:
        found = _REPORTS.search(p.output())
        check(not found, f"a sanitizer complains about {p.name}: {found and found.group(0)}")


def _case_in_sandbox(case):
    """Runs one case in its own network namespace and /run; returns its exit status."""
    sh("mount", "-t", "tmpfs", "tmpfs", "/run")
    sh("mount", "-t", "sysfs", "sysfs", "/sys")
    sh("ip", "link", "set", "lo", "up")
    status = 1
    try:
        case()
        _end_programs()
        status = 0
    except Skip as skip:
        print(f"skipped case: {case.__name__}: {' '.join(str(skip).split())}")
        status = SKIP
    except Failure as failure:
        print(f"     {failure}")
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc(file=sys.stdout)
    if status == 1:
        for p in _started:
            print(f"--- output of {p.name}:\n{p.output()[-6000:]}")
    for p in _started:
        if p.running():
            p.process.kill()
            p.process.wait()
    sys.stdout.flush()
    return status


def _run_case(name):
    """Runs a case in a sandbox and prints what it says and how it ended; one that hangs is ended and has
    failed. Returns a word for the result."""
    words = ["/usr/bin/python3", os.path.abspath(sys.argv[0]), "--case", name]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        try:
            code = subprocess.run(_unshare_command() + words, timeout=CASE_SECONDS, stdout=output,
                                  stderr=subprocess.STDOUT).returncode
        except subprocess.TimeoutExpired:
            output.write(f"     not done after {CASE_SECONDS} s\n")
            code = 1
        output.seek(0)
        said = output.read()
    word = {0: "ok", SKIP: "skipped"}.get(code, "FAILED")
    print(f"{name.replace('_', ' ')}\n{said}  -> {word} ({time.monotonic() - began:.1f} s)", flush=True)
    return word


def main(*cases, together=False):
    """Runs the cases, each alone in a sandbox, or those named on the command line; ends the program.
    With 'together' all at once: they wait for timers more than they work. Of a case that was skipped the
    output has a line "skipped case: NAME: REASON": the conformance page and bootstrap read it, for the
    program has passed if another case has."""
    if len(sys.argv) > 2 and sys.argv[1] == "--case":
        sys.exit(_case_in_sandbox({c.__name__: c for c in cases}[sys.argv[2]]))
    if subprocess.run(_unshare_command() + ["true"], stderr=subprocess.DEVNULL).returncode:
        print("namespaces can't be made here: run as root, or allow user namespaces")
        sys.exit(SKIP)
    names = [c.__name__ for c in cases]
    unknown = [word for word in sys.argv[1:] if word not in names]
    if unknown:
        print(f"no such case: {', '.join(unknown)}; there are:", *names, sep="\n  ")
        sys.exit(2)
    names = [name for name in names if name in (sys.argv[1:] or names)]
    with concurrent.futures.ThreadPoolExecutor(len(cases) if together else 1) as pool:
        results = list(pool.map(_run_case, names))
    if "FAILED" in results:
        sys.exit(1)
    sys.exit(SKIP if results and all(r == "skipped" for r in results) else 0)
