#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sluicectl and the control socket: ports come and go under traffic, and everything can be asked."""
import json
import os
import re
import socket
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (Host, PATIENCE, Process, Skip, Stream, Switch, check, is_sanitized, main, need, need_tap, program,
                        quiet_veth, sh, tmp, top_srcdir, two_hosts, veth_port, wait_until)


def ctl(switch, *words, ok=True):
    """Runs sluicectl; returns its output, and fails if it does not succeed as 'ok' says."""
    r = subprocess.run([program("sluicectl"), "--run-dir", switch.run_dir, *words],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                       check=False)
    check((r.returncode == 0) == ok, f"sluicectl {' '.join(words)}: status {r.returncode}\n{r.stdout}")
    return r.stdout


def ask(switch, *words):
    """The same by --json, as Python data."""
    return json.loads(ctl(switch, "--json", *words))


def refused(switch, text, *words):
    out = ctl(switch, *words, ok=False)
    check(text in out and out.count("\n") == 1, f"{' '.join(words)}: {out}")


def raw(switch, lines):
    """What the socket answers to these bytes, as a list."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(f"{switch.run_dir}/sluiced.ctl")
        s.sendall(lines)
        with s.makefile() as answers:
            return [json.loads(answers.readline()) for _ in range(lines.count(b"\n"))]


def show_tells_bridges_and_ports():
    two_hosts()
    switch = Switch("--dpid", "1234", ports=["p1", "p2,ofport=7"])
    switch.wait_ports(2)
    bridge = ask(switch, "show")["bridges"][0]
    check((bridge["name"], bridge["datapath_id"]) == ("br0", "0000000000001234"), str(bridge))
    check(bridge["fail_mode"] == "standalone" and bridge["is_standalone"], str(bridge))
    check([(p["port_no"], p["name"], p["type"], p["link"]) for p in bridge["ports"]]
          == [(1, "p1", "raw", "up"), (7, "p2", "raw", "up")], str(bridge["ports"]))
    switch.ofctl("mod-port", "p1", "no-flood")
    text = ctl(switch, "show", "br0")
    check("bridge br0: datapath id 0000000000001234, fail mode standalone (on its own now), 0 rules\n"
          "    port 1 (p1): raw, addr " in text and ", link up, NO_FLOOD\n" in text, text)
    switch.ofctl("add-flow", "table=4,actions=drop")
    check(" 1 rules\n" in ctl(switch, "show"), "a rule of another table does not count")
    mode = os.stat(f"{switch.run_dir}/sluiced.ctl").st_mode
    check(stat.S_IMODE(mode) == 0o600, f"the socket's mode is {mode:o}")
    check(switch.stop() == 0, "exit status")
    check(not os.listdir(switch.run_dir), f"left over: {os.listdir(switch.run_dir)}")


def queues_are_shown_and_taken_away():
    two_hosts()
    switch = Switch("--listen", "ptcp:6654", ports=["p1", "p2,max-rate=8M,queue=1:min-rate=5600k"])
    switch.wait_ports(2)

    def queues(name):
        return next(p["queues"] for p in ask(switch, "show")["bridges"][0]["ports"] if p["name"] == name)

    none = {"min_rate": None, "max_rate": None, "limit": None}
    check(queues("p1") is None, str(queues("p1")))
    check(queues("p2") == {"max_rate": 8000000, "queues": [{**none, "queue": 0},
                                                           {**none, "queue": 1, "min_rate": 5600000}]},
          str(queues("p2")))
    text = ctl(switch, "show")
    check(", link up, max-rate 8M, queue 0, queue 1 min-rate 5600k\n" in text, text)
    ctl(switch, "port", "queues", "br0", "p2", "queue=2:max-rate=1001:limit=3000")
    text = ctl(switch, "show")
    check(", link up, queue 0, queue 2 max-rate 1001 limit 3000\n" in text, text)
    check("p2: these queues are gone: 1; what rules enqueue there is sent by queue 0" in switch.output(),
          switch.output())
    check(ctl(switch, "port", "queues", "br0", "2", "none") == "", "port queues says something")
    check(queues("p2") is None and "queue" not in ctl(switch, "show"), ctl(switch, "show"))
    check("0 queues" in switch.ofctl("queue-stats"), switch.ofctl("queue-stats"))
    refused(switch, "none takes all away", "port", "queues", "br0", "2", "mtu=5")
    refused(switch, "limits from 2048 to 67108864 bytes", "port", "queues", "br0", "2", "queue=1:limit=7")
    ctl(switch, "port", "queues", "br0", "2", "queue=1:min-rate=1M")
    check(", link up, queue 0, queue 1 min-rate 1M\n" in ctl(switch, "show"), ctl(switch, "show"))
    check(queues("p2")["max_rate"] is None, f"a rate that nobody gave: {queues('p2')}")
    check(switch.stop() == 0, "exit status")


def ports_come_and_go_under_traffic():
    h1, h2 = two_hosts()
    third = Host("h3")
    veth_port(third, "p3")
    third.address("eth0", "10.0.0.3/24")
    switch = Switch("--listen", "ptcp:6654", ports=["p1", "p2"])
    monitor = Process(program("sluice-ofctl"), "monitor", "tcp:127.0.0.1:6654", "128", name="monitor")
    stream = Stream(h1, "10.0.0.2", 0.002)
    # The monitor is served once its SET_CONFIG is in effect: changes are made until one is told.
    wait_until(lambda: (ctl(switch, "port", "add", "br0", "p3,ofport=5"),
                        ctl(switch, "port", "del", "br0", "p3"),
                        "OFPT_PORT_STATUS" in monitor.output())[2], "a port_status")
    check(ask(switch, "port", "add", "br0", "p3,ofport=5") == {"port_no": 5}, "number of the port")
    third.ping("10.0.0.2")
    wait_until(lambda: "ADD: 5(p3)" in monitor.output(), "the port_status ADD")
    check(ctl(switch, "port", "del", "br0", "5") == "", "port del says something")
    wait_until(lambda: "DEL: 5(p3)" in monitor.output(), "the port_status DEL")
    check("p3" not in sh("nft", "list", "ruleset", ok=False), "the port's own drop is still there")
    check(ask(switch, "port", "add", "br0", "p3") == {"port_no": 5}, "the same device has its number again")
    third.ping("10.0.0.1")
    for _ in range(20):
        ctl(switch, "port", "del", "br0", "p3")
        ctl(switch, "port", "add", "br0", "p3")
    third.ping("10.0.0.2")
    stream.goes_on()
    lost = stream.lost()
    check(lost == 0, f"others suffered: they lost {lost} packets")
    h2.ping("10.0.0.1")
    check(switch.stop() == 0, "exit status")


class Session:
    """A connection to the control socket of 'switch'."""

    def __init__(self, switch):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(f"{switch.run_dir}/sluiced.ctl")
        self.answers = self.socket.makefile()

    def send(self, *requests):
        self.socket.sendall(b"".join(json.dumps(r.split()).encode() + b"\n" for r in requests))

    def answer(self):
        return json.loads(self.answers.readline())

    def ask(self, request, may_fail=False):
        self.send(request)
        answer = self.answer()
        check(may_fail or "result" in answer, f"{request}: {answer}")
        return answer

    def close(self):
        self.answers.close()
        self.socket.close()


def flood():
    """A switch with two workers that have much to do, and a port p3 that is given by its number."""
    need_tap()
    need("ping", "nft")
    h1, h2 = two_hosts()
    quiet_veth("p3", "e3")
    switch = Switch("--workers", "2", ports=["p1", "p2", "p3,ofport=3"])
    h1.ping("10.0.0.2")
    for host, target in ((h1, "10.0.0.2"), (h2, "10.0.0.1")):
        host.start("ping", "-f", "-q", "-l", "40", "-s", "1400", target, name=f"flood-{host.name}")
    return switch


def has_device(name):
    return name in [device for _index, device in socket.if_nameindex()]


def a_port_whose_removal_was_answered_is_closed():
    switch = flood()
    session = Session(switch)
    for i in range(60):
        session.ask("port add br0 t9,type=tap")
        check(has_device("t9"), f"round {i}: there is no tap")
        session.ask("port del br0 t9")
        check(not has_device("t9"), f"round {i}: the tap is still there")
    for i in range(12):
        session.ask("port del br0 p3")
        check("sluice_p3" not in sh("nft", "list", "tables"), f"round {i}: the drop is still there")
        session.ask("port add br0 p3,ofport=3")
        check(sh("nft", "list", "tables").count("sluice_p3\n") == 1, f"round {i}: there is no drop")
    check("can't keep" not in switch.output(), switch.output())
    check(switch.stop() == 0, "exit status")


def ports_that_go_and_come_by_several_connections_get_their_devices():
    """Requests by one connection without a pause, and by two at once."""
    switch = flood()
    first, second = Session(switch), Session(switch)
    devices = ["t9,type=tap,ofport=9"] * 20 + ["p3,ofport=3", "p3,type=pcap,ofport=3"] * 3
    wanted = []
    first.ask(f"port add br0 {devices[0]}")
    for device in devices:
        first.send(f"port del br0 {device.split(',')[0]}", f"port add br0 {device}")
        wanted += [{"result": None}, {"result": {"port_no": int(device.split("=")[-1])}}]
    answers = [first.answer() for _ in wanted]
    check(answers == wanted, str([a for a, w in zip(answers, wanted) if a != w][:4]))
    first.send("port add br0 x,type=patch,peer=y", "port del br0 x", "port del br0 x", "mac flush br0")
    answers = [first.answer() for _ in range(4)]
    check([list(a)[0] for a in answers] == ["result", "result", "error", "result"], str(answers))
    for i in range(20):
        first.send("port del br0 t9")
        second.send(f"port add br0 {devices[0]}", "set br0")
        check(first.answer() == {"result": None}, f"round {i}: it is not removed")
        added, settings = second.answer(), second.answer()
        if "has this port already" in added.get("error", ""):  # It came before the removal.
            second.ask(f"port add br0 {devices[0]}")
        else:
            check(added == {"result": {"port_no": 9}}, f"round {i}: {added}")
        check("result" in settings, str(settings))
    leaver = Session(switch)
    leaver.send("port del br0 t9", "show")
    leaver.close()
    wait_until(lambda: "result" in second.ask(f"port add br0 {devices[0]}", may_fail=True), "t9 that nobody has")
    first.send("port del br0 t9", "show")
    second.send("port del br0 p3")
    check(switch.stop() == 0, "exit status")
    check("can't keep" not in switch.output(), switch.output())
    check(not has_device("t9") and "sluice" not in sh("nft", "list", "tables"), "something is left behind")


def what_is_wrong_is_refused_and_changes_nothing():
    two_hosts()
    switch = Switch("--bridge", "br0", "--no-local", "--port", "pc,type=patch,peer=pb",
                    "--bridge", "br1", "--no-local", "--port", "p1", "--port", "pb,type=patch,peer=pc",
                    "--port", "px,type=patch,peer=py", local=True, bridge="br1")
    before = ask(switch, "show")
    for words, text in ((("port", "add", "br9", "p2"), "no bridge br9"),
                        (("port", "add", "br1", "p1"), "already"),
                        (("port", "add", "br1", "nosuch"), "nosuch"),
                        (("port", "add", "br1", "p2,colour=red"), "colour"),
                        (("port", "add", "br1"), "BRIDGE NAME"),
                        (("port", "add", "br1", "pa,type=patch,peer=pc"), "leads to pb: delete it"),
                        (("port", "add", "br1", "py,type=patch,peer=px"), "is of bridge br1 too"),
                        (("port", "del", "br1", "p9"), "no port p9"),
                        (("port", "del", "br1", "99"), "no port 99"),
                        (("port", "queues", "br1", "LOCAL", "none"), "bridge br1 has no port LOCAL"),
                        (("prot", "add", "br1", "p2"), 'did you mean "port add"'),
                        (("controllers",), "wrong number"),
                        (("log", "br1:dbg"), "br1"),
                        (("show", "a\udcff"), "UTF-8")):
        refused(switch, text, *words)
    check(ask(switch, "show") == before, "something has changed")
    ctl(switch, "set", "br1", "dp-desc=a\x1bb\nstp: rstp")
    check("dp-desc: a?b?stp: rstp\n" in ctl(switch, "set", "br1"), ctl(switch, "set", "br1"))
    refused(switch, "x?y", "port", "add", "br1", "x\x1by")
    other = subprocess.run([program("sluicectl"), "--ctl", "/nonexistent/ctl", "show"], check=False,
                           stderr=subprocess.PIPE, text=True)
    check(other.returncode == 1 and "is sluiced running" in other.stderr, str(other))
    out = sh(program("sluicectl"), "--ctl", switch.mgmt, "show", ok=False, timeout=PATIENCE)
    check("the answer is no JSON; give the control socket" in out, out)
    check(subprocess.run([program("sluicectl")], check=False,
                         stderr=subprocess.DEVNULL).returncode == 2, "no command is wrong usage")


def settings_change_while_it_runs():
    two_hosts()
    switch = Switch("--max-rules", 7, "--stp", "rstp,priority=4096", ports=["p1", "p2"])
    before = ask(switch, "set", "br0")
    check(before == {"dp-desc": "br0", "dpid": ask(switch, "show")["bridges"][0]["datapath_id"], "evict": "no",
                     "fail-mode": "standalone", "in-band": "no", "inactivity-probe": "5",
                     "mac-ageing": "300", "max-backoff": "8", "max-rules": "7", "serial": "None",
                     "stp": "rstp,priority=4096,hello=2,max-age=20,forward-delay=15",
                     "stp-blocks-receive": "no"}, str(before))
    for text, why in (("max-rules=0", "max-rules: 0: give a number from 1"), ("evict=maybe", "evict: maybe: it is yes"),
                      ("fail-mode=open", "fail-mode: open: it is secure"), ("mac-ageing=0", "mac-ageing: 0: give"),
                      ("stp=fast", "stp: fast: it is stp"), ("stp=rstp,max-age=40", "stp: max-age=40 does not go"),
                      ("stp-blocks-receive=", "it is yes or no"), ("inactivity-probe=x", "inactivity-probe: x: give"),
                      ("max-backoff=0", "max-backoff: 0: give"), ("dp-desc=" + "x" * 257, "dp-desc: it has 256 bytes"),
                      ("serial=" + "x" * 33, "serial: it has 32 bytes"), ("dpid=0", "dpid: 0: give 1 to 16 hex"),
                      ("in-band=maybe", "in-band: maybe: it is yes"),
                      ("in-band=yes", "in-band: in-band control goes by the LOCAL port, which bridge br0 does not"),
                      ("no-local=yes", "no-local=yes: no setting that can"),
                      ("evikt=yes", "evikt=yes: write evict=VALUE"), ("evict", "evict: write evict=VALUE")):
        refused(switch, why, "set", "br0", text)
    check(ask(switch, "set", "br0") == before, "something has changed")
    after = {"dp-desc": "of the hall, 2nd floor", "dpid": "00000000000000ab", "evict": "yes",
             "fail-mode": "secure", "in-band": "no", "inactivity-probe": "0",
             "mac-ageing": "17", "max-backoff": "3", "max-rules": "9", "serial": "", "stp": "no",
             "stp-blocks-receive": "yes"}
    for name, value in after.items():
        check(ask(switch, "set", "br0", f"{name}={value}")[name] == value, name)
    refused(switch, "evict: maybe: it is yes or no", "set", "br0", "evict=maybe")
    check(ask(switch, "set", "br0") == after, "not all is set")
    check("br0: max-rules=9 now" in switch.output(), switch.output())
    check("of the hall" in switch.ofctl("dump-desc"), switch.ofctl("dump-desc"))
    check("dpid:00000000000000ab" in switch.ofctl("show"), switch.ofctl("show"))
    with open(os.path.join(top_srcdir, "utilities", "sluicectl.8"), encoding="utf-8") as f:
        manual = f.read().replace("\\-", "-")
    check(not [name for name in after if name not in manual], "the manual lacks a setting")
    check(switch.stop() == 0, "exit status")
    for option, size in (("--dp-desc", 257), ("--serial", 33)):
        out = sh(program("sluiced"), "--no-local", option, "x" * size, ok=False)
        check(f"{option}: it has {size - 1} bytes at most" in out, out)


def controllers_and_listeners_come_and_go():
    switch = Switch("--listen", "ptcp:6655", "--port", "m1,type=memory")
    first = Process(program("sluice-controller"), "ptcp:6653", name="controller")
    wait_until(lambda: "6653" in sh("ss", "-ltn"), "the controller's socket")
    check(ask(switch, "show")["bridges"][0]["fail_mode"] == "standalone", "a controller before")
    ctl(switch, "controller", "add", "br0", "tcp:127.0.0.1:6653,flows=5")
    wait_until(lambda: ask(switch, "controllers", "br0")[0]["is_connected"], "the connection")
    check("rights flows=5" in ctl(switch, "show"), ctl(switch, "show"))
    refused(switch, "has the controller tcp:127.0.0.1:6653 already", "controller", "add", "br0",
            "tcp:127.0.0.1:6653")
    refused(switch, "is no connection", "controller", "add", "br0", "http:h")
    refused(switch, "TLS needs", "controller", "add", "br0", "tls:h")
    refused(switch, "has no controller tcp:h", "controller", "del", "br0", "tcp:h")
    ctl(switch, "controller", "del", "br0", "tcp:127.0.0.1:6653")
    check(ask(switch, "controllers", "br0") == [], "it is still there")
    check(ask(switch, "show")["bridges"][0]["fail_mode"] == "standalone", "no learning switch again")
    check(first.running(), "the controller has ended")
    ctl(switch, "controller", "add", "br0", "tcp:127.0.0.1:6653")
    wait_until(lambda: ask(switch, "controllers", "br0")[0]["is_connected"], "the next connection")

    def show(port, ok=True):
        return sh(program("sluice-ofctl"), "show", f"tcp:127.0.0.1:{port}", ok=ok)

    ctl(switch, "listener", "add", "br0", "ptcp:6656,ports=none")
    ctl(switch, "listener", "add", "br0", "ptcp:0,ports=1,flows=5")
    free = int(re.search(r"listens at ptcp:0, port (\d+), rights ports=1,flows=5 \(0 flows\)\n",
                         ctl(switch, "show"))[1])
    show(free)
    check(ask(switch, "show")["bridges"][0]["listeners"] == [
        {"target": "ptcp:6655", "port": 6655, "rights": None, "flows": None},
        {"target": "ptcp:6656", "port": 6656, "rights": "ports=none", "flows": None},
        {"target": "ptcp:0", "port": free, "rights": "ports=1,flows=5", "flows": 0}], ctl(switch, "show"))
    check("    listens at ptcp:6656, rights ports=none\n" in ctl(switch, "show"), ctl(switch, "show"))
    show(6655)
    show(6656)
    out = sh(program("sluice-ofctl"), "del-flows", "tcp:127.0.0.1:6656", ok=False)
    check("EPERM" in out, out)
    stays = Process(program("sluice-ofctl"), "monitor", "tcp:127.0.0.1:6656", "128", name="monitor")
    wait_until(lambda: (switch.ofctl("mod-port", "m1", "no-flood"), switch.ofctl("mod-port", "m1", "flood"),
                        "PORT_STATUS" in stays.output())[2], "the monitor")
    refused(switch, "listens at ptcp:6655 already", "listener", "add", "br0", "ptcp:6655,flows=9")
    ctl(switch, "listener", "add", "br0", "ptcp:0,ports=2")
    check(ctl(switch, "show").count("listens at ptcp:0, port ") == 2, ctl(switch, "show"))
    refused(switch, "br0 has the socket punix:", "listener", "add", "br0", f"punix:{switch.mgmt},flows=3")
    out = sh(program("sluiced"), "--no-local", "--run-dir", tmp(), "--listen", "ptcp:6698", "--listen",
             "ptcp:6698,flows=3", ok=False)
    check("bridge br0 listens at ptcp:6698 already" in out, out)
    out = sh(program("sluiced"), "--no-local", "--run-dir", tmp(), "--controller", "tcp:127.0.0.1:7", "--controller",
             "tcp:127.0.0.1:7,flows=3", ok=False)
    check("bridge br0 has the controller tcp:127.0.0.1:7 already" in out, out)
    refused(switch, "somebody listens there already", "listener", "add", "br0", "ptcp:6655:0.0.0.0")
    refused(switch, "does not listen at ptcp:1", "listener", "del", "br0", "ptcp:1")
    refused(switch, "is a socket of the bridge itself", "listener", "del", "br0", f"punix:{switch.mgmt}")
    ctl(switch, "listener", "del", "br0", "ptcp:6656")
    check("refused" in show(6656, ok=False), "it still listens")
    show(6655)
    check(stays.running(), "who was connected is gone")
    check(switch.stop() == 0, "exit status")


def local_stays():
    if not os.path.exists("/dev/net/tun"):
        raise Skip("there are no taps here")
    switch = Switch("--bridge", "br0", local=True)
    for name in ("br0", "LOCAL", "65534"):
        refused(switch, "--no-local", "port", "del", "br0", name)
        ctl(switch, "port", "queues", "br0", name, "max-rate=7M")
        check("max-rate 7M" in ctl(switch, "show"), ctl(switch, "show"))
        ctl(switch, "port", "queues", "br0", name, "none")


def controllers_are_told_with_their_state():
    two_hosts()
    controller = Process(program("sluice-controller"), "ptcp:6653", name="controller")
    wait_until(lambda: "6653" in sh("ss", "-ltn"), "the controller's socket")
    switch = Switch("--controller", "tcp:127.0.0.1:6653", "--controller", "tcp:127.0.0.1:7",
                    ports=["p1", "p2"])
    wait_until(lambda: ask(switch, "controllers", "br0")[0]["is_connected"], "the connection")
    good, bad = ask(switch, "controllers", "br0")
    check(good["target"] == "tcp:127.0.0.1:6653" and good["state"] in ("ACTIVE", "IDLE"), str(good))
    check(good["role"] == "other" and good["sent"] > 0 and good["connections"] == 1, str(good))
    check(not bad["is_connected"] and bad["connections"] == 0 and bad["attempts"] > 0, str(bad))
    controller.stop()
    wait_until(lambda: not ask(switch, "controllers", "br0")[0]["is_connected"], "the loss")


def coverage_counts_drops_and_caches():
    h1, _ = two_hosts()
    switch = Switch("--fail-mode", "secure", ports=["p1", "p2"])
    switch.ofctl("add-flow", "in_port=1,actions=output:77")
    h1.run("ping", "-n", "-c", "3", "-i", "0.05", "-W", "1", "10.0.0.2", ok=False)
    wait_until(lambda: ask(switch, "coverage", "br0")["bridges"][0]["drops"]["output to a port that is not there"],
               "drops being counted")
    switch.ofctl("del-flows")
    switch.ofctl("add-flow", "actions=normal")
    h1.ping("10.0.0.2", count=20)
    cache = ask(switch, "coverage")["bridges"][0]["cache"]
    check(cache["hits"] >= 20 and cache["misses"] > 0 and cache["entries"] > 0, str(cache))
    switch.ofctl("add-flow", "actions=resubmit(,1)")
    switch.ofctl("add-flow", "table=1,actions=normal")
    h1.ping("10.0.0.2", count=20)
    all_of_it = ask(switch, "coverage")
    check(all_of_it["workers"]["threads"] == 1 and all_of_it["bridges"][0]["rules"] == 2, str(all_of_it))
    check(2 ** 20 < all_of_it["memory"]["resident"] <= all_of_it["memory"]["peak"], str(all_of_it["memory"]))
    resubmits = all_of_it["bridges"][0]["resubmits"]
    check(resubmits["hits"] >= 20 and resubmits["misses"] > 0, str(resubmits))
    macs = ask(switch, "mac", "show", "br0")
    check({1, 2} == {m["port_no"] for m in macs}, str(macs))
    switch.ofctl("del-flows")  # What hosts say meanwhile is not learnt.
    check({1, 2} == {m["port_no"] for m in ask(switch, "mac", "show", "br0")}, "they are forgotten too early")
    ctl(switch, "mac", "flush", "br0")
    check(ask(switch, "mac", "show", "br0") == [], ctl(switch, "mac", "show", "br0"))


def log_levels_change_while_it_runs():
    switch = Switch()
    check(ask(switch, "log")["control"] == "info", "the level at first")
    check(ask(switch, "log", "warn,control:dbg")["control"] == "dbg", "the level then")
    check(ask(switch, "log")["bridge"] == "warn", "the others' level")
    refused(switch, "frob", "log", "frob")
    switch.ofctl("probe")
    ctl(switch, "log", "connmgr:dbg")
    check("|dbg|" not in switch.output(), switch.output())
    switch.ofctl("probe")
    switch.says("|connmgr|dbg|")
    ctl(switch, "log", "info")
    told = switch.output().count("|dbg|")
    switch.ofctl("probe")
    ctl(switch, "show")
    check(switch.output().count("|dbg|") == told, switch.output())


def a_daemon_that_is_silent_is_not_waited_for():
    """No longer than --timeout says."""
    switch = Switch()
    switch.process.freeze()
    out = ctl(switch, "--timeout", "1", "show", ok=False)
    check(out == f"sluicectl: {switch.run_dir}/sluiced.ctl: no answer: it takes too long; raise --timeout\n", out)
    switch.process.thaw()
    check("bridge br0: " in ctl(switch, "show"), "it does not answer any more")


def requests_are_answered_in_order():
    switch = Switch()
    answers = raw(switch, b'["help"]\nfoo\n[1]\n[]\n{"a":1}\n["mac","flush","br0"]\n'
                  + json.dumps(["x"] * 100).encode() + b"\n" + b'["show"]\n' * 2000)
    check([list(a)[0] for a in answers[:8]]
          == ["result", "error", "error", "error", "error", "result", "error", "result"],
          str(answers[:8]))
    check(answers[5] == {"result": None} and len(answers) == 2007, "the rest of the answers")
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(f"{switch.run_dir}/sluiced.ctl")
        try:
            s.sendall(b"[" * 300000)
            check(s.recv(1) == b"", "a line without an end is read for ever")
        except (BrokenPipeError, ConnectionResetError):
            pass
    check(raw(switch, b'["help"]\n')[0]["result"], "the socket still answers")


def answers_that_nobody_reads_are_not_made():
    ports = [f"m{i},type=patch,peer=x{i}" for i in range(200)]
    switch = Switch(ports=ports)
    memory = switch.process.memory()
    n = 3000
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(f"{switch.run_dir}/sluiced.ctl")
        s.sendall(b"".join(b'["show"]\n["echo%d"]\n' % i for i in range(n // 2)))
        s.shutdown(socket.SHUT_WR)
        for _ in range(10):
            check("OFPT_FEATURES" in switch.ofctl("show"), "the switch serves others meanwhile")
        grown = switch.process.memory() - memory
        check(grown < 20000 or is_sanitized(), f"it took {grown} KiB for answers that nobody reads")
        with s.makefile() as answers:
            for i in range(n // 2):
                check(len(json.loads(answers.readline())["result"]["bridges"][0]["ports"]) == 200, f"show {i}")
                check(f"echo{i}" in json.loads(answers.readline())["error"], f"the answer to echo{i}")
            check(answers.read() == "", "there is more than was asked for")


def two_daemons_can_share_a_run_directory():
    first = Switch()
    second = Process(program("sluiced"), "--run-dir", first.run_dir, "--bridge", "br1", "--no-local",
                     name="second")
    second.says("bridge br1: ")
    second.says("no control socket")
    check(ask(first, "show")["bridges"][0]["name"] == "br0", "the first one's socket")
    third = Process(program("sluiced"), "--run-dir", first.run_dir, "--bridge", "br2", "--no-local",
                    "--ctl", f"{first.run_dir}/br2.ctl", name="third")
    third.says("bridge br2: ")
    out = sh(program("sluicectl"), "--ctl", f"{first.run_dir}/br2.ctl", "show")
    check("bridge br2: " in out, out)
    fourth = Process(program("sluiced"), "--run-dir", first.run_dir, "--bridge", "br3", "--no-local",
                     "--ctl", f"{first.run_dir}/br2.ctl", name="fourth")
    check(fourth.wait() == 1 and "br2.ctl" in fourth.output(), "a socket that was asked for is taken")


def the_manual_has_every_command():
    switch = Switch()
    with open(os.path.join(top_srcdir, "utilities", "sluicectl.8"), encoding="utf-8") as f:
        manual = re.sub(r"\\f.|^\.B ", "", f.read().replace("\\-", "-"), flags=re.M).splitlines()
    for row in ask(switch, "help"):
        command = f"{row['command']} {row['arguments']}".strip()
        check(command in manual[manual.index(".SH COMMANDS"):], f"not in the manual: {command}")
        check(re.search(rf"^ *{re.escape(command)} ", ctl(switch, "help"), re.M), f"not in the help: {command}")
    for option in ("--ctl", "--run-dir", "--timeout", "--json", "--help", "--version"):
        check(any(option in line for line in manual[manual.index(".SH OPTIONS"):])
              and option in sh(program("sluicectl"), "--help"), option)


def a_directory_is_no_file_of_flows():
    switch = Switch("--fail-mode", "secure")
    switch.ofctl("add-flow", "in_port=1,actions=drop")
    for command in ("add-flows", "replace-flows", "diff-flows"):
        out = switch.ofctl(command, "/tmp", ok=False)
        check("/tmp: read failed" in out, f"{command}: {out}")
    check("in_port=1" in switch.ofctl("dump-flows"), "the flow is gone")


main(a_directory_is_no_file_of_flows, show_tells_bridges_and_ports, queues_are_shown_and_taken_away,
     ports_come_and_go_under_traffic, a_port_whose_removal_was_answered_is_closed,
     ports_that_go_and_come_by_several_connections_get_their_devices,
     what_is_wrong_is_refused_and_changes_nothing, local_stays,
     controllers_are_told_with_their_state, coverage_counts_drops_and_caches,
     log_levels_change_while_it_runs, a_daemon_that_is_silent_is_not_waited_for, requests_are_answered_in_order,
     answers_that_nobody_reads_are_not_made, two_daemons_can_share_a_run_directory,
     the_manual_has_every_command, settings_change_while_it_runs,
     controllers_and_listeners_come_and_go)
