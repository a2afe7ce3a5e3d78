#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures Sluice beside Open vSwitch's userspace bridge, in turns, and prints a table with ratios.

Usage: tests/bench/bench.py [--full] [--json FILE] [--part PART]...
in the build directory; "make bench-smoke" and "make bench" do so.  doc/benchmarks.md says what each
row means and what has been measured.

Both switches stand in one private network namespace (private /run too), each with two ports for the
generator (1 and 2) and two for hosts (3 and 4).  While one is measured the other is stopped by
SIGSTOP, so that it costs nothing.  The switch has CPU 0, everything else CPU 1.
"""
import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
import sluicetest  # noqa: E402  pylint: disable=wrong-import-position
from sluicetest import Failure, Host, Process, sh, wait_until  # noqa: E402

SWITCH_CPU, OTHER_CPU = "0", "1"
EXACT = 100000
HOSTILE = ["priority=40,ip,nw_src=10.1.2.3,actions=output:2",
           "priority=30,udp,tp_dst=12345,actions=output:2",
           "priority=20,udp,tp_src=12345,actions=output:2",
           "priority=10,actions=output:2"]
PARTS = ["control_plane", "frames", "pipelines", "misses", "hosts"]
PIPELINE = 1000  # Rules of each table; wire.h says how many of them are used, and by which frames.


def pipeline_rules():
    """Four tables: who sends, who receives, routes, and an ACL that sends by a register."""
    for i in range(PIPELINE):
        high, low = divmod(i, 256)
        yield (f"table=0,priority=10,dl_src=02:00:00:00:{high:02x}:{low:02x},"
               "actions=load:1->NXM_NX_REG0[],resubmit(,1)")
        yield (f"table=1,priority=10,dl_dst=02:00:00:00:{high:02x}:{low:02x},"
               "actions=load:2->NXM_NX_REG1[],resubmit(,2)")
        prefix = f"10.{high}.{low}.0/24" if i % 256 else f"10.{high}.0.0/16"
        yield (f"table=2,priority={20 if i % 256 else 10},ip,nw_dst={prefix},"
               f"actions=load:{i}->NXM_NX_REG2[],resubmit(,3)")
        fields, priority = ACL[i % len(ACL)]
        yield (f"table=3,priority={priority},{fields},tp_dst={i},"
               "actions=output:NXM_NX_REG1[]")


# What the rules of the ACL ask for besides tp_dst, and their priorities.
ACL = [("udp", 10), ("udp,nw_dst=10.0.0.0/8", 20), ("udp,reg0=1", 30), ("udp,tp_src=1000", 40)]


def learning_rules():
    """Who sends is learnt; all whom the frames are for are known to be behind port 2."""
    yield ("table=0,actions=learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
           "load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15]),resubmit(,1),resubmit(,2)")
    for i in range(PIPELINE):
        yield (f"table=1,priority=40000,dl_dst=02:00:00:00:{i // 256:02x}:{i % 256:02x},"
               "actions=load:2->NXM_NX_REG0[]")
    yield "table=2,reg0=0,actions=flood"
    yield "table=2,reg0=2,actions=output:2"


class Plan:
    """How long and how often: the smoke run, or the full one."""

    def __init__(self, full):
        self.bursts = 5 if full else 3
        self.seconds = 3 if full else 1
        self.warm = 60 if full else 8
        self.balls = 20000 if full else 4000
        self.round_trips = 10000 if full else 2000


def bench(name):
    """Path of one of the programs of this folder."""
    return os.path.join(sluicetest.top_builddir, "tests", "bench", name)


def on_other_cpu(*words, netns=None, ok=True):
    """Runs a command beside the switch and returns its output."""
    prefix = ["ip", "netns", "exec", netns] if netns else []
    return sh(*prefix, "taskset", "-c", OTHER_CPU, *words, ok=ok)


class Contestant:
    """A switch with its devices.  'tag' keeps the names of two of them apart."""

    def __init__(self, tag):
        self.tag = tag
        self.ports = [f"{tag}{i}" for i in (1, 2, 3, 4)]
        self.source, self.sink = f"{tag}src", f"{tag}sink"
        sluicetest.quiet_veth(self.ports[0], self.source)
        sluicetest.quiet_veth(self.ports[1], self.sink)
        sh("ethtool", "-K", self.ports[0], "gro", "on")
        self.hosts = [Host(f"{tag}h{i}") for i in (1, 2)]
        for i, host in enumerate(self.hosts):
            sluicetest.veth_port(host, self.ports[2 + i])
            host.address("eth0", f"10.9.0.{i + 1}/24")
            host.start("taskset", "-c", OTHER_CPU, bench("ping-pong"), "7777", name="ping-pong")
        self.begin()
        sh("taskset", "-apc", SWITCH_CPU, self.pid)

    def ofctl(self, command, *words):
        return sh(sluicetest.program("sluice-ofctl"), command, f"unix:{self.socket}", *words)

    def rules(self, *rules):
        """Gives the switch these rules and no others."""
        self.ofctl("del-flows")
        for rule in rules:
            self.ofctl("add-flow", rule)

    def many_rules(self, rules):
        """The same for many."""
        path = f"{sluicetest.tmp()}/rules"
        with open(path, "w") as f:
            f.writelines(rule + "\n" for rule in rules)
        self.ofctl("del-flows")
        self.ofctl("add-flows", path)

    def connect_hosts(self):
        self.rules("in_port=3,actions=output:4", "in_port=4,actions=output:3")

    def add_exact(self):
        """Adds the exact rules; returns how many per second."""
        return float(on_other_cpu(bench("controller"), "add", self.socket, EXACT))

    def rss(self):
        """Resident memory, bytes."""
        with open(f"/proc/{self.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) * 1024

    def cpu_time(self):
        """What its threads have run so far, nanoseconds."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/schedstat") as f:
                total += int(f.read().split()[0])
        return total

    def arrived(self):
        """Frames that the sink has got so far."""
        with open(f"/sys/class/net/{self.sink}/statistics/rx_packets") as f:
            return int(f.read())

    def stop(self):
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def kpps(self, frames, seconds):
        """Floods port 1; returns thousands of frames per second: sent, and arrived."""
        out = on_other_cpu(bench("generate"), self.source, self.sink, seconds, frames)
        return [float(n) / 1000 for n in out.split()]


class Sluice(Contestant):
    name = "sluice"
    controller_port = 6699

    def begin(self):
        ports = [f"{port},ofport={i + 1}" for i, port in enumerate(self.ports)]
        switch = sluicetest.Switch(f"--controller=tcp:127.0.0.1:{self.controller_port}",
                                   "--fail-mode=secure", "--max-backoff=1", ports=ports,
                                   bridge="br0")
        self.pid, self.socket = switch.process.pid, switch.mgmt
        switch.wait_ports(4)

    def dial(self):
        """It has dialled since it began."""


class OpenVSwitch(Contestant):
    name = "ovs"
    controller_port = 6700

    def begin(self):
        os.makedirs("/run/openvswitch", exist_ok=True)
        db = f"{sluicetest.tmp()}/conf.db"
        sh("ovsdb-tool", "create", db, "/usr/share/openvswitch/vswitch.ovsschema")
        Process("ovsdb-server", db, "--remote=punix:/run/openvswitch/db.sock", name="ovsdb-server")
        wait_until(lambda: os.path.exists("/run/openvswitch/db.sock"), "ovsdb-server")
        sh("ovs-vsctl", "--no-wait", "init")
        self.pid = Process("ovs-vswitchd", name="ovs-vswitchd").pid
        words = ["add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev",
                 "protocols=OpenFlow10", "fail_mode=secure"]
        for i, port in enumerate(self.ports):
            words += ["--", "add-port", "br0", port,
                      "--", "set", "interface", port, f"ofport_request={i + 1}"]
        sh("ovs-vsctl", *words)
        self.socket = "/run/openvswitch/br0.mgmt"
        wait_until(lambda: os.path.exists(self.socket), "the bridge of ovs-vswitchd")

    def dial(self):
        sh("ovs-vsctl", "set-controller", "br0", f"tcp:127.0.0.1:{self.controller_port}", "--",
           "set", "controller", "br0", "max_backoff=1000", "connection_mode=out-of-band")


class Bench:
    """One run over all measurements: self.results is row to contestant to the values of bursts."""

    def __init__(self, plan):
        self.plan = plan
        self.results = {}
        self.two = [Sluice("s"), OpenVSwitch("o")]
        for who in self.two:
            who.stop()

    def turns(self, what, prepare=None, bursts=None):
        """Calls 'what' for one contestant after the other, several times.

        It returns a dict of row to value.  'prepare' is called before a contestant's first turn."""
        for burst in range(bursts or self.plan.bursts):
            for who in self.two:
                who.go_on()
                if burst == 0 and prepare:
                    prepare(who)
                for row, value in what(who).items():
                    self.results.setdefault(row, {}).setdefault(who.name, []).append(value)
                who.stop()

    def control_plane(self):
        """The rate of ADDs, what a rule weighs, the round trip with a barrier."""
        def add(who):
            who.rules()
            before = who.rss()
            row = {"flow_mod ADD, streamed (k/s)": who.add_exact() / 1000}
            if "memory of an exact rule (bytes)" not in self.results or \
                    who.name not in self.results["memory of an exact rule (bytes)"]:
                row["memory of an exact rule (bytes)"] = (who.rss() - before) / EXACT
            return row

        def round_trip(who):
            who.rules()
            out = on_other_cpu(bench("controller"), "round-trip", who.socket,
                               self.plan.round_trips)
            p50, p99 = map(float, out.split())
            return {"flow_mod and barrier, p50 (us)": p50, "flow_mod and barrier, p99 (us)": p99}

        self.turns(add)
        self.turns(round_trip)

    def flood(self, row, frames):
        """Throughput with 'frames' under overload, and what a frame costs."""
        def burst(who):
            cpu, before = who.cpu_time(), who.arrived()
            sent, arrived = who.kpps(frames, self.plan.seconds)
            cpu = (who.cpu_time() - cpu) / max(who.arrived() - before, 1)
            self.results.setdefault("(generator, kpps)", {}).setdefault(who.name, []).append(sent)
            return {row + " (kpps)": arrived, row + " (ns)": cpu}
        return burst

    def frames(self):
        """64-byte frames with one rule, with exact rules, and with the hostile ones."""
        def exact(who):
            who.rules()
            who.add_exact()
            who.kpps("exact", self.plan.warm if who.name == "ovs" else 1)

        self.turns(self.flood("64 bytes, port to port", "one"),
                   lambda who: who.rules("in_port=1,actions=output:2"))
        self.turns(self.flood("64 bytes, 100 k exact rules", "exact"), exact)
        self.turns(self.flood("64 bytes, hostile headers", "hostile"),
                   lambda who: who.rules(*HOSTILE))

    def pipelines(self):
        """64-byte frames through several tables."""
        def prepare(rules):
            def action(who):
                who.many_rules(rules())
                who.kpps("pipeline", 1)
            return action

        self.turns(self.flood("64 bytes, four tables", "pipeline"), prepare(pipeline_rules))
        self.turns(self.flood("64 bytes, 4 tables scattered", "scattered"))
        self.turns(self.flood("64 bytes, tables that learn", "pipeline"),
                   prepare(learning_rules))

    def misses(self):
        """Every frame goes to a controller, which sends it on."""
        def prepare(who):
            who.rules()
            Process("taskset", "-c", OTHER_CPU, bench("controller"), "answer", who.controller_port)
            who.dial()
            wait_until(lambda: who.kpps("one", 0.1)[1] > 0,
                       f"packets that {who.name} sent up and got back")

        def burst(who):
            arrived = who.kpps("one", self.plan.seconds)[1]
            return {"packet_in to packet_out (k/s)": arrived}

        self.turns(burst, prepare)

    def hosts(self):
        """Latency and TCP between two hosts."""
        def ping_pong(who):
            out = on_other_cpu(bench("ping-pong"), "7777", "10.9.0.2", self.plan.balls,
                               netns=who.hosts[0].name)
            return {"UDP ping-pong, median (us)": float(out)}

        def tcp(row):
            def burst(who):
                server = who.hosts[1].start("taskset", "-c", OTHER_CPU, "iperf3", "-s", "-1")
                wait_until(lambda: "5201" in who.hosts[1].run("ss", "-Hltn"), "iperf3")
                out = on_other_cpu("timeout", self.plan.seconds + 2, "iperf3", "-J", "-c",
                                   "10.9.0.2", "-t", self.plan.seconds, "--connect-timeout",
                                   "1000", netns=who.hosts[0].name, ok=False)
                server.stop(signal.SIGKILL)
                return {row: gigabits(out)}
            return burst

        def plain(who):
            for host in who.hosts:
                host.run("ethtool", "-K", "eth0", "tx", "off")

        self.turns(tcp("TCP, default offloads (Gbit/s)"), Contestant.connect_hosts)
        self.turns(tcp("TCP, hosts' offloads off (Gbit/s)"), plain)
        self.turns(ping_pong)

    def run(self, parts):
        for part in parts:
            getattr(self, part)()


def gigabits(text):
    """What iperf3 received according to its JSON; 0 if it could not."""
    try:
        return json.loads(text)["end"]["sum_received"]["bits_per_second"] / 1e9
    except (KeyError, ValueError):
        return 0.0


def machine():
    """What was measured on, and with which versions."""
    with open("/proc/cpuinfo") as f:
        models = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    first_line = lambda *words: sh(*words).splitlines()[0]  # noqa: E731
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(),
            "load": os.getloadavg()[0],
            "sluice": first_line(sluicetest.program("sluiced"), "--version"),
            "ovs": first_line("ovs-vswitchd", "--version")}


def medians(results):
    """Row to the two medians and their ratio, Sluice's to Open vSwitch's."""
    table = {}
    for row, both in results.items():
        sluice, ovs = (statistics.median(both[name]) for name in ("sluice", "ovs"))
        table[row] = {"sluice": sluice, "ovs": ovs, "ratio": sluice / ovs if ovs else None,
                      "bursts": both}
    return table


def show(table):
    """Prints the table."""
    print(f"\n{'':38}{'Sluice':>10}{'OVS':>10}{'ratio':>8}")
    for row, r in table.items():
        ratio = f"{r['ratio']:8.2f}" if r["ratio"] is not None else "       -"
        print(f"{row:38}{r['sluice']:10.4g}{r['ovs']:10.4g}{ratio}")
    print("For ns, us and bytes less is better. 0 of TCP: no connection came about.", flush=True)


def compare_switches():
    """Runs all in the sandbox that sluicetest has made."""
    began = time.monotonic()
    sluicetest.need("ovs-vswitchd", "ovsdb-server", "iperf3", "ethtool", "taskset")
    if os.cpu_count() < 2:
        raise sluicetest.Skip("two CPUs are needed")
    b = Bench(Plan(os.environ.get("BENCH_FULL") == "yes"))
    facts = machine()
    print(", ".join(f"{k}: {v}" for k, v in facts.items()), flush=True)
    try:
        b.run(os.environ["BENCH_PARTS"].split())
    finally:
        for who in b.two:
            who.go_on()
    table = medians(b.results)
    show(table)
    with open(os.environ["BENCH_JSON"], "w") as f:
        json.dump({"machine": facts, "seconds": time.monotonic() - began, "results": table}, f,
                  indent=1)
    print(f"{time.monotonic() - began:.0f} s; all figures are in {os.environ['BENCH_JSON']}")


if __name__ == "__main__":
    if sys.argv[1:2] != ["--case"]:
        parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
        parser.add_argument("--full", action="store_true", help="longer and more bursts")
        parser.add_argument("--json", default="bench-smoke.json", help="file for all figures")
        parser.add_argument("--part", action="append", choices=PARTS, help="only this part")
        options = parser.parse_args()
        os.environ["BENCH_FULL"] = "yes" if options.full else ""
        os.environ["BENCH_PARTS"] = " ".join(options.part or PARTS)
        os.environ["BENCH_JSON"] = os.path.abspath(options.json)
        sys.argv[1:] = []
    sluicetest.main(compare_switches)
