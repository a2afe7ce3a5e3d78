#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Options and commands that no other test is about: what each of them changes."""
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from sluicetest import (Process, Switch, check, main, make_keys, program, sh, tmp, top_srcdir, two_hosts,
                        wait_until)

PORT = 6653


def ofctl(switch, *words, ok=True):
    """sluice-ofctl with the options where 'words' has them."""
    return sh(program("sluice-ofctl"), "--run-dir", switch.run_dir, *words, ok=ok)


# sluiced -----------------------------------------------------------------------------------------

def a_bridge_is_described():
    switch = Switch("--serial", "4711", "--dp-desc", "of the test", "--dpid", "0xabc", "--max-rules", 3)
    out = switch.ofctl("dump-desc")
    check("Serial Num: 4711" in out and "DP Description: of the test" in out, out)
    check("dpid:0000000000000abc" in switch.ofctl("show"), switch.ofctl("show"))
    for i in range(3):
        switch.ofctl("add-flow", f"in_port={i + 1},actions=drop")
    out = switch.ofctl("add-flow", "in_port=9,actions=drop", ok=False)
    check("TABLE_FULL" in out, out)


def a_full_table_makes_room_if_asked():
    switch = Switch("--max-rules", 3, "--evict")
    for i in range(5):
        switch.ofctl("add-flow", f"in_port={i + 1},idle_timeout={90 - i},actions=drop")
    out = switch.ofctl("dump-flows")
    check(out.count("actions=drop") == 3 and "in_port=5 " in out, out)


# rows: A10.23
def rights_are_granted_behind_a_target():
    """Of a listener, whose connections have them together; of a controller, which sluicectl shows."""
    listener, target = openflow.listen()
    path = f"{tmp()}/a,b"
    switch = Switch("--listen", "ptcp:6654:[::1],ports=1-2+LOCAL,flows=2", "--listen", f"punix:{path},flows=1",
                    "--controller", f"{target},ports=none", "--inactivity-probe", 0, "--port", "m1,type=memory")
    guest = [program("sluice-ofctl"), "add-flow", "tcp:[::1]:6654"]
    sh(*guest, "priority=1,in_port=1,actions=LOCAL")
    sh(*guest, "priority=2,in_port=LOCAL,actions=output:2")
    out = sh(*guest, "priority=3,in_port=1,actions=drop", ok=False)
    check("OFPFMFC_EPERM" in out, out)
    out = sh(program("sluice-ofctl"), "del-flows", "tcp:[::1]:6654", ok=False)
    check("OFPFMFC_EPERM" in out, out)
    sh(program("sluice-ofctl"), "add-flow", f"unix:{path}", "in_port=9,actions=drop")
    for text in (": a flow entry is refused by its rights (ports=1-2+LOCAL,flows=2): there are as many as",
                 ": a flow_mod is refused by its rights (ports=1-2+LOCAL,flows=2): it matches no in_port"):
        check(text in switch.output(), switch.output())
    for flow, why in (("in_port=3,actions=drop", "its in_port is another's"),
                      ("in_port=1,actions=output:3", "it has an action beyond them"),
                      ("table=1,in_port=1,actions=drop", "its table is another's")):
        sh(*guest, flow, ok=False)
        check(f"(ports=1-2+LOCAL,flows=2): {why}" in switch.output(), switch.output())
    sh(program("sluice-ofctl"), "set-frags", "tcp:[::1]:6654", "drop", ok=False)
    check("OFPT_SET_CONFIG is refused by its rights" in switch.output(), switch.output())
    switch.ofctl("del-flows", "in_port=1")
    sh(*guest, "priority=3,in_port=1,actions=drop")
    check(switch.ofctl("dump-flows").count("actions=") == 3, switch.ofctl("dump-flows"))
    peer = openflow.Peer.accept(listener)
    peer.barrier()
    shown = sh(program("sluicectl"), "--run-dir", switch.run_dir, "show")
    check(f"controller {target}: ACTIVE, role other, rights ports=none\n" in shown, shown)
    shown = sh(program("sluicectl"), "--run-dir", switch.run_dir, "controllers", "br0")
    check("rights=ports=none" in shown and "flows=null" in shown, shown)


def rights_that_make_no_sense_are_refused():
    for option, text in (("--controller=tcp:h,port=1", "tcp:h: port=1: behind a target stand ports="),
                         ("--controller=tcp:h,ports=0", "ports=0: give port numbers from 1"),
                         ("--listen=ptcp:6654,flows=many", "flows=many: give a number"),
                         ("--listen=ptcp:6654,peer=red", "peer=red needs TLS")):
        out = sh(program("sluiced"), "--run-dir", tmp(), "--no-local", "--port", "m1,type=memory", option,
                 ok=False)
        check(text in out.splitlines()[-1], out)


def normal_forgets_addresses_after_a_while():
    h1, _h2 = two_hosts()
    switch = Switch("--mac-ageing", 1, ports=["p1", "p2"])
    ctl = [program("sluicectl"), "--run-dir", switch.run_dir]

    def learns():
        h1.ping("10.0.0.2", count=1)
        return "addr=" in sh(*ctl, "mac", "show", "br0")
    wait_until(learns, "an address that is learnt")
    wait_until(lambda: "addr=" not in sh(*ctl, "mac", "show", "br0"), "the end of what was learnt")


def the_log_file_is_opened_again():
    """log-reopen of sluicectl, which does what SIGHUP does for the log."""
    log = f"{tmp()}/log"
    switch = Switch("--log-file", log)
    os.rename(log, log + ".1")
    sh(program("sluicectl"), "--run-dir", switch.run_dir, "log-reopen")
    switch.stop()
    with open(log, encoding="utf-8") as f:
        check("stopping" in f.read(), "the new file has nothing")


def only_what_was_read_again_is_told():
    """SIGHUP where the log can't be opened."""
    os.mkdir(f"{tmp()}/gone")
    switch = Switch("--log-file", f"{tmp()}/gone/log")
    log = os.open(f"{tmp()}/gone/log", os.O_RDONLY)
    os.unlink(f"{tmp()}/gone/log")
    os.rmdir(f"{tmp()}/gone")
    switch.process.process.send_signal(signal.SIGHUP)
    wait_until(lambda: b"keys read again" in os.pread(log, 1 << 20, 0), "the signal")
    text = os.pread(log, 1 << 20, 0)
    os.close(log)
    check(b"the old one stays" in text and b"log and keys" not in text, text.decode())


def the_words_of_scenarios_are_told():
    out = sh(program("sluiced"), "--sim-help")
    with open(f"{top_srcdir}/doc/scenarios.md", encoding="utf-8") as f:
        manual = f.read()
    words = re.findall(r"^(?:expect )?(?:[A-Z]+ )?([a-z-]+)", out, re.M)
    check(len(words) > 30, out)
    missing = [w for w in words if not re.search(rf"`(?:expect )?(?:[A-Z]+ )?{w}[ `]", manual)]
    check(not missing, f"not in doc/scenarios.md: {missing}")


def controller(*options):
    """sluice-controller over TLS, listening."""
    t = tmp()
    c = Process(program("sluice-controller"), f"ptls:{PORT}", "--private-key", f"{t}/ctl-privkey.pem",
                "--certificate", f"{t}/ctl-cert.pem", "--ca-cert", f"{t}/pki/switchca/cacert.pem", *options)
    wait_until(lambda: f":{PORT}" in sh("ss", "-ltn"), "the controller's socket")
    return c


def switch_with_keys(*options):
    t = tmp()
    return Switch("--private-key", f"{t}/sw-privkey.pem", "--certificate", f"{t}/sw-cert.pem",
                  "--max-backoff", 1, *options)


def a_switch_learns_its_authority_once():
    """--bootstrap-ca-cert and the controller's --peer-ca-cert."""
    make_keys()
    learned, wanted = f"{tmp()}/learned.pem", f"{tmp()}/pki/controllerca/cacert.pem"
    options = ["--controller", f"tls:127.0.0.1:{PORT}", "--bootstrap-ca-cert", learned]
    first = controller()
    switch = switch_with_keys(*options)
    switch.says("no CA to bootstrap from: the peer must send its CA")
    check(not os.path.exists(learned), "a CA comes from nowhere")
    first.stop()
    controller("--peer-ca-cert", wanted)
    switch.says(": connected")
    with open(learned, encoding="ascii") as f, open(wanted, encoding="ascii") as g:
        check(f.read().split() == g.read().split(), "another CA was learned")
    switch.stop()
    switch.start()
    switch.says(": connected")
    check("trusting" not in switch.output(), "the CA was learned again")


def hosts_are_verified_if_asked():
    """--verify-host of the switch, which dials a controller whose certificate has a name or not."""
    make_keys()
    pki = [program("sluice-pki"), "--dir", f"{tmp()}/pki", "--force"]
    ca = ["--ca-cert", f"{tmp()}/pki/controllerca/cacert.pem", "--verify-host", "--controller",
          f"tls:127.0.0.1:{PORT}"]
    c = controller()
    switch = switch_with_keys(*ca)
    switch.says("wrong name: the peer's certificate")
    c.says("not for the host that the peer dialled (--verify-host)")
    check(": connected" not in switch.output(), "it has connected")
    c.stop()
    sh(*pki, "req+sign", "ctl", "controller", "--host", "127.0.0.1", cwd=tmp())
    controller()
    switch.says(": connected")


# sluice-controller -------------------------------------------------------------------------------

def hosts_of_switches_are_verified_if_asked():
    """--verify-host of the controller, which dials."""
    make_keys()
    t = tmp()
    switch = switch_with_keys("--listen", "ptls:6654", "--ca-cert", f"{t}/pki/controllerca/cacert.pem")
    words = [program("sluice-controller"), "tls:127.0.0.1:6654", "--private-key", f"{t}/ctl-privkey.pem",
             "--certificate", f"{t}/ctl-cert.pem", "--ca-cert", f"{t}/pki/switchca/cacert.pem",
             "--max-backoff", 1, "--inactivity-probe", 1]
    Process(*words, "--verify-host").says("wrong name: the peer's certificate")
    c = Process(*words, "--log-file", f"{t}/log", "--log", "info")
    c.says(": connected")
    with open(f"{t}/log", encoding="utf-8") as f:
        check(": connected" in f.read(), "--log-file")


def learned(*options):
    """Two hosts ping by a controller with these options; returns the flows that it has made."""
    h1, _h2 = two_hosts()
    Process(program("sluice-controller"), f"ptcp:{PORT}", *options, name="controller")
    switch = Switch("--controller", f"tcp:127.0.0.1:{PORT}", "--max-backoff", 1, ports=["p1", "p2"])
    switch.says(": connected")
    wait_until(lambda: " 0% packet loss" in h1.run("ping", "-n", "-q", "-c", 3, "-i", 0.05, "-W", 1,
                                                   "10.0.0.2", ok=False), "the ping")
    flows = [line for line in switch.ofctl("dump-flows").splitlines() if "actions=" in line]
    print("     " + (flows or ["no flows"])[0].strip())
    return flows


def a_hub_floods():
    flows = learned("--hub")
    check(flows and all("actions=FLOOD" in f for f in flows), str(flows))


def no_flows_are_made_if_asked():
    check(learned("--noflow") == [], "there are flows")


def flows_may_be_wide():
    flows = learned("--wildcards")
    check(flows and all("dl_src=" in f and "tp_" not in f and "nw_src" not in f for f in flows), str(flows))


def flows_have_the_timeout_and_priority_asked_for():
    flows = learned("--max-idle", "7", "--priority", "99")
    check(flows and all("idle_timeout=7," in f and "priority=99" in f for f in flows), str(flows))


def flows_may_stay_for_ever():
    flows = learned("--max-idle", "permanent")
    check(flows and not any("idle_timeout" in f for f in flows), str(flows))


def the_controller_is_a_daemon():
    """--detach and --pidfile, SIGTERM."""
    sh(program("sluice-controller"), "--detach", "--pidfile", f"{tmp()}/pid", "ptcp:")
    with open(f"{tmp()}/pid", encoding="ascii") as f:
        pid = int(f.read())
    check(f":{PORT}" in sh("ss", "-ltn"), "it does not listen when it has detached")
    os.kill(pid, 15)
    wait_until(lambda: not os.path.exists(f"{tmp()}/pid"), "the end")


# sluice-ofctl ------------------------------------------------------------------------------------

def versions_are_taken_as_by_ovs_ofctl():
    switch = Switch()
    for good in ("OpenFlow10", "openflow10,OpenFlow13"):
        ofctl(switch, "--protocols", good, "probe", "br0")
    for good in ("OpenFlow10", "OpenFlow10-table_id,OXM-OpenFlow13", "nxm"):
        ofctl(switch, "-O", "OpenFlow10", "--flow-format", good, "probe", "br0")
    for option, bad in (("--protocols", "OpenFlow13"), ("--protocols", "OpenFlow10,OpenFlow19"),
                        ("--protocols", "xOpenFlow100"), ("--flow-format", "OXM"), ("-F", "NXM,foo")):
        out = ofctl(switch, option, bad, "probe", "br0", ok=False)
        check(bad in out and "OpenFlow10" in out, out)


def the_log_is_told_as_asked():
    """Any level and module that there is may be asked for."""
    switch = Switch()
    quiet = ofctl(switch, "probe", "br0")
    for option in ("--verbose", "--verbose=dbg", "--verbose=stream:dbg"):
        ofctl(switch, option, "probe", "br0")
    out = ofctl(switch, "--verbose=nobody:dbg", "probe", "br0", ok=False)
    check(quiet == "" and "nobody" in out and "stream" in out, out)


def the_last_of_two_opposites_counts():
    switch = Switch("--port", "m1,type=memory")
    ofctl(switch, "add-flow", "br0", "in_port=1,actions=output:1")
    out = ofctl(switch, "--no-stats", "--stats", "--names", "--no-names", "dump-flows", "br0")
    check("n_packets=0" in out and "in_port=1 " in out, out)
    out = ofctl(switch, "--stats", "--no-stats", "--no-names", "--names", "dump-flows", "br0")
    check("n_packets" not in out and "in_port=m1 " in out, out)


def rules_that_are_the_same_are_sent_again_if_asked():
    switch = Switch()
    with open(f"{tmp()}/flows", "w", encoding="ascii") as f:
        f.write("in_port=1,actions=drop\n")
    ofctl(switch, "add-flows", "br0", f.name)

    def age():
        return float(re.search(r"duration=([0-9.]+)s", switch.ofctl("dump-flows"))[1])
    wait_until(lambda: age() >= 0.5, "a rule of some age")
    ofctl(switch, "replace-flows", "br0", f.name)
    check(age() >= 0.5, "the rule was sent again")
    began = time.monotonic()
    ofctl(switch, "--readd", "replace-flows", "br0", f.name)
    check(age() <= time.monotonic() - began, "the rule was not sent again")


def packet_ins_come_in_the_form_asked_for():
    switch = Switch("--port", "m1,type=memory", "--fail-mode", "secure")
    switch.ofctl("add-flow", "cookie=77,actions=controller")
    peer = openflow.Peer.connect(switch.mgmt)
    frame = bytes(12) + b"\x08\x06" + bytes(46)
    actions = struct.pack("!HHHH", 0, 8, 0xfff9, 0)  # output:TABLE
    packet_out = openflow.message(13, struct.pack("!IHH", 0xffffffff, 1, 8) + actions + frame)
    for form, wanted in (("standard", "OFPT_PACKET_IN"), ("nxt_packet_in", "cookie=0x4d")):
        monitor = Process(program("sluice-ofctl"), "--run-dir", switch.run_dir, "--packet-in-format", form,
                          "monitor", "br0", "65535", name="monitor")

        def came(monitor=monitor, wanted=wanted):
            peer.send(packet_out)
            peer.barrier()
            return wanted in monitor.output()
        wait_until(came, f"a packet_in as {form}")
        monitor.stop()
    for form in ("any", "nxt_packet_in2"):
        out = ofctl(switch, f"--packet-in-format={form}", "monitor", "br0", ok=False)
        check("no such form of packet_in; give standard or nxt_packet_in" in out, out)


def monitor(switch, *words):
    """A monitor of the bridge that has what it asked for; its output begins with what came since."""
    m = Process(program("sluice-ofctl"), "--run-dir", switch.run_dir, "monitor", "br0", *words, name="monitor")

    def answered():
        switch.ofctl("mod-port", "m1", "no-flood")
        switch.ofctl("mod-port", "m1", "flood")
        return "PORT_STATUS" in m.output()
    wait_until(answered, "the monitor")
    return m


def packet_through_the_tables(switch, ttl):
    """Sends a UDP packet through them as if it came from port 1."""
    frame = (bytes.fromhex("020000000002" "020000000001" "0800")
             + struct.pack("!BBHHHBBHII", 0x45, 0, 28, 0, 0, ttl, 17, 0, 0x0a000001, 0x0a000002)
             + struct.pack("!HHHH", 5, 6, 8, 0)).hex()
    switch.ofctl("packet-out", "1", "table", frame)


def a_monitor_gets_what_it_asks_for():
    """Packets whose TTL has run out, and those for a controller of its number; others don't get them."""
    switch = Switch("--port", "m1,type=memory", "--fail-mode", "secure")
    switch.ofctl("add-flow", "ip,actions=dec_ttl,controller(id=5)")
    plain, expired, fifth = (monitor(switch, *words) for words in (("128",), ("128", "invalid_ttl"), ("128", "id=5")))
    packet_through_the_tables(switch, 1)
    expired.says("nw_ttl=1,")
    packet_through_the_tables(switch, 9)
    fifth.says("nw_ttl=8,")
    switch.ofctl("add-flow", "ip,actions=controller")
    packet_through_the_tables(switch, 7)
    for m, wanted in ((plain, ["7"]), (expired, ["1", "7"]), (fifth, ["8"])):
        m.says(f"nw_ttl={wanted[-1]},")
        came = re.findall(r"nw_ttl=(\d+)", m.output())
        check(came == wanted, f"{came} instead of {wanted}:\n{m.output()}")
    check("(via invalid_ttl)" in expired.output(), expired.output())
    for wrong in ("id=x", "id=65536", "role=boss", "invalid-ttl", "65536"):
        out = switch.ofctl("monitor", wrong, ok=False)
        check(f'{wrong}: unsupported "monitor" argument; it takes' in out, out)


def fragments_are_handled_as_set():
    switch = Switch()
    for mode in ("nx-match", "drop", "nx-match", "reassemble", "normal"):
        switch.ofctl("set-frags", mode)
        check(switch.ofctl("get-frags") == f"{mode}\n", switch.ofctl("get-frags"))
        check(json.loads(switch.ofctl("get-frags", "--json"))["frags"] == mode, "JSON")
    out = switch.ofctl("set-frags", "nx_match", ok=False)
    check("nx_match: unknown fragment handling mode; there are normal, drop, reassemble, nx-match" in out, out)
    check(switch.ofctl("get-frags") == "normal\n", switch.ofctl("get-frags"))


def members_of_json(value, without):
    """The names of all members, also deeper ones but for those of the members 'without'."""
    if isinstance(value, list):
        return {name for v in value for name in members_of_json(v, without)}
    if not isinstance(value, dict):
        return set()
    return set(value) | members_of_json([v for name, v in value.items() if name not in without], without)


def the_manual_names_the_members_of_json():
    """All that come, and no others."""
    switch = Switch("--port", "m1,type=memory,queue=1")
    switch.ofctl("add-flow", "in_port=1,idle_timeout=600,hard_timeout=600,actions=output:1")
    with open(os.path.join(top_srcdir, "utilities", "sluice-ofctl.8"), encoding="utf-8") as f:
        text = f.read().replace("\\-", "-").split("\n.SH JSON\n")[1].split("\n.SH ")[0]
    besides = {  # Bold words that are no members.
        "show": {"dump-ports-desc"},
        "dump-flows": {"drop", "dl_type", "nw_proto", "--no-stats"},
    }
    parts = [part.split("\n", 1) for part in text.split("\n.TP\n")[1:]]
    check(len(parts) > 8, f"{len(parts)} commands")
    for heading, body in parts:
        command = heading.split()[1]
        words = re.sub('"[^"]*"', " ", " ".join(re.findall(r"^\.R?BR? (.*)", body, re.M)))
        bold = set(re.findall(r"[a-z_-]+", words)) - besides.get(command, set())
        came = members_of_json(json.loads(switch.ofctl(command, "--json")), {"match", "ports"})
        check(came == bold, f"{command}: the manual has {bold}, but {came} came")


def flows_are_changed_and_deleted_as_standard_input_says():
    switch = Switch()

    def give(command, text):
        r = subprocess.run([program("sluice-ofctl"), "--run-dir", switch.run_dir, *command, "br0", "-"],
                           input=text, text=True, capture_output=True, check=False)
        check(r.returncode == 0, r.stderr)

    give(["add-flow"], "in_port=1,actions=2\nin_port=2,actions=1\nin_port=3,actions=1\n")
    give(["mod-flows"], "in_port=1,actions=3\n# and no more\n")
    check("in_port=1 actions=output:3" in switch.ofctl("dump-flows"), switch.ofctl("dump-flows"))
    give(["del-flows"], "in_port=1\nin_port=2\n")
    give(["--strict", "del-flows"], "priority=7,in_port=3\n")
    out = switch.ofctl("dump-flows")
    check(out.count("actions=") == 1 and "in_port=3" in out, out)


def one_port_is_described():
    switch = Switch("--port", "m1,type=memory", "--port", "m2,type=memory,ofport=7")
    for name in ("m2", "7"):
        out = switch.ofctl("dump-ports-desc", name)
        check(" 7(m2):" in out and "m1" not in out, out)
    check([p["name"] for p in json.loads(switch.ofctl("dump-ports-desc", "m1", "--json"))] == ["m1"], "JSON")
    out = switch.ofctl("dump-ports-desc")
    check(" 7(m2):" in out and " 1(m1):" in out, out)
    out = switch.ofctl("dump-ports-desc", "9", ok=False)
    check(out == 'sluice-ofctl: br0: there is no port 9; "show" lists them\n', out)


def queues_of_ports_that_may_be_asked_are_told():
    """Without a port one that is refused hides no other."""
    def told(port, queues):
        """Queue 0 is there always, and has no guarantee."""
        return [{"port": port, "queues": [{"queue": q, "min_rate": rate} for q, rate in {0: None, **queues}.items()]}]
    switch = Switch("--listen", "ptcp:6654,ports=2", "--port", "m1,type=memory,queue=1",
                    "--port", "m2,type=memory,max-rate=9M,queue=2:min-rate=3M", "--port", "m3,type=memory")
    own = [program("sluice-ofctl"), "queue-get-config", "tcp:127.0.0.1:6654"]
    out = sh(*own, ok=False)
    check("port=2\n" in out and "queue 2: min_rate:33.3%" in out and "queue 1" not in out, out)
    check(out.count("OFPBRC_EPERM") == 2 and "of 2 ports the queues are not told" in out, out)
    r = subprocess.run([*own, "--json"], capture_output=True, text=True, check=False)
    check(r.returncode == 1 and json.loads(r.stdout) == told(2, {2: 333}),
          r.stdout + r.stderr)
    queues = json.loads(switch.ofctl("queue-get-config", "1", "--json"))
    check(queues == told(1, {1: None}), str(queues))
    for all_ports in ((), ("ALL",), ("any",)):
        out = switch.ofctl("queue-get-config", *all_ports)
        check(out.count("CONFIG_REPLY") == 3 and "queue 2" in out, out)


def nothing_is_changed_if_only_reading_is_allowed():
    switch = Switch()
    for words in (("add-flow", "actions=drop"), ("del-flows",), ("mod-port", "1", "up"),
                  ("set-frags", "drop"), ("replace-flows", "/dev/null"), ("add-flows", "/dev/null"),
                  ("mod-flows", "actions=drop"), ("packet-out", "none", "1", "ff")):
        out = switch.ofctl(*words, "--read-only", ok=False)
        check(out == f"sluice-ofctl: {words[0]} changes the switch: leave --read-only out\n", out)
    for role in ("primary", "master"):
        out = switch.ofctl("monitor", f"role={role}", "--read-only", ok=False)
        check("takes the role primary from who has it" in out, out)
    for words in (("show",), ("dump-flows",), ("get-frags",), ("probe",)):
        switch.ofctl(*words, "--read-only")


def what_openflow_1_0_has_not_is_named():
    for command in ("add-group", "dump-meters", "mod-table", "dump-table-features", "bundle"):
        out = sh(program("sluice-ofctl"), command, "br0", ok=False)
        check(out == f"sluice-ofctl: {command} is for later versions of OpenFlow: 1.0 has no such thing\n",
              out)


def what_only_open_vswitch_has_is_named():
    for command in ("ct-flush", "ct-flush-zone", "add-tlv-map", "del-tlv-map", "dump-tlv-map", "dump-ipfix-bridge",
                    "dump-ipfix-flow"):
        r = subprocess.run([program("sluice-ofctl"), command, "br0"], capture_output=True, text=True, check=False)
        check(r.returncode == 2 and r.stderr == f"sluice-ofctl: {command} is for an extension of Open vSwitch that "
              "Sluice does not have\n", f"{r.returncode}: {r.stderr}")


def messages_are_shown_with_time_and_detail():
    switch = Switch("--port", "m1,type=memory")
    plain = Process(program("sluice-ofctl"), "--run-dir", switch.run_dir, "monitor", "br0", "128", name="plain")
    timed = Process(program("sluice-ofctl"), "--run-dir", switch.run_dir, "--timestamp", "--more", "monitor",
                    "br0", "128", name="timed")
    peer = openflow.Peer.connect(switch.mgmt)

    def both_saw():
        switch.ofctl("mod-port", "m1", "no-flood")
        switch.ofctl("mod-port", "m1", "flood")
        peer.barrier()
        return all("PORT_STATUS" in monitor.output() for monitor in (plain, timed))
    wait_until(both_saw, "a port_status")
    check(re.search(r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", timed.output(), re.M), timed.output())
    check(not re.search(r"^20\d\d-", plain.output(), re.M), plain.output())
    frame = bytes(12) + b"\x08\x06" + bytes(46)
    packet_in = openflow.message(10, struct.pack("!IHHBx", 0xffffffff, 60, 1, 0) + frame).hex()
    less = sh(program("sluice-ofctl"), "ofp-print", packet_in)
    more = sh(program("sluice-ofctl"), "--more", "--more", "ofp-print", packet_in)
    check("00000000  00 00" not in less and "00000000  00 00" in more, f"--more: {less}{more}")


def messages_are_printed_in_the_detail_asked_for():
    frame = bytes(12) + b"\x08\x06" + bytes(46)
    message = openflow.message(10, struct.pack("!IHHBx", 0xffffffff, 60, 1, 0) + frame)
    told = [sh(program("sluice-ofctl"), "ofp-print", message.hex(), level) for level in range(4)]
    first = "OFPT_PACKET_IN (xid=0x0): total_len=60 in_port=1 (via no_match) data_len=60 (unbuffered)\n"
    check(told[0] == first and told[1].startswith(first), f"{told[0]}{told[1]}")
    check("00000000  00 00" not in told[2] and "00000000  00 00" in told[3], f"{told[2]}{told[3]}")
    check(told[2] == sh(program("sluice-ofctl"), "ofp-print", message.hex()), "2 is not what there is without it")
    out = sh(program("sluice-ofctl"), "ofp-print", message.hex(), "much", ok=False)
    check(out == "sluice-ofctl: much is no verbosity: give a number from 0 to 3\n", out)
    for file, given, wanted in (("-", message * 2, told[2] * 2), ("-", b"", ""),
                                ("-", message + message[:9],
                                 told[2] + "sluice-ofctl: <stdin>: unexpected end of file mid-message\n")):
        r = subprocess.run([program("sluice-ofctl"), "ofp-parse", file], input=given, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False)
        check(r.stdout.decode() == wanted and (r.returncode != 0) == ("mid-message" in wanted),
              f"status {r.returncode}:\n{r.stdout.decode()}")


main(a_bridge_is_described, a_full_table_makes_room_if_asked, rights_are_granted_behind_a_target,
     rights_that_make_no_sense_are_refused,
     normal_forgets_addresses_after_a_while, the_log_file_is_opened_again,
     only_what_was_read_again_is_told, the_log_is_told_as_asked, the_words_of_scenarios_are_told, a_switch_learns_its_authority_once,
     hosts_are_verified_if_asked, hosts_of_switches_are_verified_if_asked, a_hub_floods,
     no_flows_are_made_if_asked, flows_may_be_wide, flows_have_the_timeout_and_priority_asked_for,
     flows_may_stay_for_ever, the_controller_is_a_daemon, versions_are_taken_as_by_ovs_ofctl,
     the_last_of_two_opposites_counts, rules_that_are_the_same_are_sent_again_if_asked,
     messages_are_shown_with_time_and_detail, packet_ins_come_in_the_form_asked_for,
     flows_are_changed_and_deleted_as_standard_input_says, one_port_is_described,
     queues_of_ports_that_may_be_asked_are_told, nothing_is_changed_if_only_reading_is_allowed,
     what_openflow_1_0_has_not_is_named, what_only_open_vswitch_has_is_named,
     a_monitor_gets_what_it_asks_for, fragments_are_handled_as_set,
     the_manual_names_the_members_of_json, messages_are_printed_in_the_detail_asked_for)
