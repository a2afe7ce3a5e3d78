#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Peers that mean ill, or are ill: the switch goes on serving the others, within bounds."""
import contextlib
import functools
import json
import os
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from openflow import message
from sluicetest import (PATIENCE, Process, Switch, answers, check, is_sanitized, main, make_keys, program, quiet_veth,
                        sh, tmp, wait_until)

HELLO = message(openflow.HELLO)
STATS_REQUEST = 16
FLOW_STATS = struct.pack("!HH", 1, 0) + openflow.match() + struct.pack("!BxH", 0xff, 0xffff)
DUMP = message(STATS_REQUEST, FLOW_STATS)
MANY = 1000        # Connections at once.
TLS_MANY = 200     # Of TLS.
RULES = 20000      # In the table of which dumps are asked for.
DUMPERS = 20       # Peers that ask for dumps and read nothing.
MEMORY = 64000     # KiB that they may cost: 1 MiB of answers each, and what they ask for.
FILES = 100        # Descriptors of a switch that has few.
FILES_LEFT = 32    # Of these, what connections of the network leave to others.


switches = []


def start(*args, **options):
    """A switch that must survive the case."""
    switches.append(Switch(*args, **options))
    return switches[-1]


def survives(case):
    """The case fails too unless its switches end in order when they are asked to."""
    @functools.wraps(case)
    def wrapper():
        case()
        for switch in switches:
            status = switch.stop()
            check(status == 0, f"the switch ended with status {status}:\n{switch.output()[-4000:]}")
    return wrapper


def many_files():
    """Lets this process have as many descriptors as the machine allows."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    return limit


def unix(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(PATIENCE)
    sock.connect(path)
    return sock


def serves(switch):
    """Fails unless a new connection is served."""
    openflow.Peer.connect(switch.mgmt).barrier()


def is_closed(sock):
    """True if the switch ended the connection."""
    sock.settimeout(PATIENCE)
    try:
        while sock.recv(65536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def greet(sock):
    """Says HELLO and asks who the switch is; returns the connection."""
    sock.sendall(HELLO + message(openflow.FEATURES_REQUEST))
    return sock


def await_answers(socks):
    """Waits for the answers of a switch on all connections that have greeted it."""
    for s in socks:
        got = b""
        while len(got) < 8 + 32:
            data = s.recv(4096)
            check(data, "the switch ended one of many connections")
            got += data


def a_thousand_connections_at_once_are_served():
    many_files()
    switch = start("--listen", f"punix:{tmp()}/s", "--listen", "ptcp:7001", "--inactivity-probe", 0)
    decent = openflow.Peer.connect(switch.mgmt)
    idle = switch.process.files()
    with contextlib.ExitStack() as stack:
        socks = [greet(stack.enter_context(unix(f"{tmp()}/s"))) for _ in range(MANY // 2)]
        socks += [greet(stack.enter_context(socket.create_connection(("127.0.0.1", 7001), PATIENCE)))
                  for _ in range(MANY // 2)]
        await_answers(socks)
        decent.barrier()
    wait_until(lambda: switch.process.files() <= idle, "the end of all connections")
    decent.barrier()


def many_tls_connections_at_once_are_served():
    many_files()
    make_keys()
    words = ["--private-key", f"{tmp()}/sw-privkey.pem", "--certificate", f"{tmp()}/sw-cert.pem",
             "--ca-cert", f"{tmp()}/pki/controllerca/cacert.pem"]
    switch = start("--listen", "ptls:7002", "--inactivity-probe", 0, *words)
    decent = openflow.Peer.connect(switch.mgmt)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_cert_chain(f"{tmp()}/ctl-cert.pem", f"{tmp()}/ctl-privkey.pem")
    context.load_verify_locations(f"{tmp()}/pki/switchca/cacert.pem")
    idle = switch.process.files()
    with contextlib.ExitStack() as stack:
        socks = []
        for _ in range(TLS_MANY):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", 7002), PATIENCE))
            socks.append(greet(stack.enter_context(context.wrap_socket(plain))))
        await_answers(socks)
        garbage = [stack.enter_context(socket.create_connection(("127.0.0.1", 7002), PATIENCE))
                   for _ in range(50)]
        for i, s in enumerate(garbage):
            s.sendall(bytes([22, 3, 1, 0xff, 0xff]) if i % 2 else HELLO * 10)
        decent.barrier()
    wait_until(lambda: switch.process.files() <= idle, "the end of all connections")


# rows: A1.1 A9.6
def messages_cut_at_every_byte_harm_nobody():
    switch = start("--listen", "ptcp:7003", "--inactivity-probe", 0)
    decent = openflow.Peer.connect(switch.mgmt)
    idle = switch.process.files()
    good = [openflow.flow_mod(openflow.ADD, openflow.match(5), output=1), DUMP,
            message(openflow.BARRIER_REQUEST),
            message(13, struct.pack("!IHHHHHH", 0xffffffff, 1, 8, 0, 8, 1, 0) + bytes(60))]
    for whole in good:
        for cut in range(len(whole)):
            with socket.create_connection(("127.0.0.1", 7003), PATIENCE) as s:
                s.sendall(HELLO + whole[:cut])
                if cut % 3 == 0:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif cut % 3 == 1:
                    s.shutdown(socket.SHUT_WR)
    decent.barrier()
    wait_until(lambda: switch.process.files() <= idle, "the end of all connections")
    out = switch.ofctl("dump-flows")
    check("actions=" not in out, "half a flow_mod was done: " + out)


# rows: A1.7
def peers_that_say_nothing_are_dropped():
    switch = start("--listen", "ptcp:7004")
    decent = openflow.Echo(openflow.Peer.connect(switch.mgmt))
    decent.start()
    silent = [socket.create_connection(("127.0.0.1", 7004)) for _ in range(100)]
    for s in silent[::2]:
        s.sendall(HELLO[:7])
    check(all(is_closed(s) for s in silent), "a peer that says no HELLO is kept")
    check(decent.stop()[0] > 0, "no echo in the meantime")


def fill(peer, n):
    """Adds n rules."""
    for i in range(0, n, 1000):
        peer.send(*(openflow.flow_mod(openflow.ADD, openflow.match(0x0a000000 + k), output=1)
                    for k in range(i, min(n, i + 1000))))
        peer.barrier()


# rows: A1.18
def dumps_that_nobody_reads_cost_bounded_memory():
    switch = start("--inactivity-probe", 0)
    decent = openflow.Peer.connect(switch.mgmt)
    fill(decent, RULES)
    before = switch.process.memory()
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(unix(switch.mgmt)) for _ in range(DUMPERS)]
        for s in socks:
            s.sendall(HELLO)
        sent = openflow.flood([openflow.Flood(s, DUMP * 1000) for s in socks], MEMORY, decent.barrier)
        echo = openflow.Echo(decent)
        echo.start()
        writers = [openflow.Peer.connect(switch.mgmt) for _ in range(3)]
        for i in range(20):
            for k, w in enumerate(writers):
                w.send(*(openflow.flow_mod(openflow.ADD, openflow.match(0x0c000000 + k * 4096 + j),
                                           output=i) for j in range(200)),
                       message(openflow.BARRIER_REQUEST))
            for w in writers:
                w.until(openflow.BARRIER_REPLY)
        wait_until(lambda: echo.times, "an echo during the dumps")
        n, p99, worst = echo.stop()
        decent.sock.settimeout(PATIENCE)
        after = switch.process.memory()
        print(f"     {before} KiB, with the dumps that {sent} KiB ask for {after} KiB; {n} echoes, p99 {p99:.0f} ms, worst "
              f"{worst:.0f} ms")
        check(after - before < MEMORY or is_sanitized(), "memory grows without bounds")
    decent.send(openflow.flow_mod(openflow.DELETE, openflow.match()))
    decent.barrier()


# rows: A1.16
def the_largest_messages_are_answered():
    switch = start()
    peer = openflow.Peer.connect(switch.mgmt)
    found = []
    for kind in range(256):
        peer.send(struct.pack("!BBHI", 1, kind, 65535, kind) + bytes(65535 - 8))
        found += peer.barrier()
    echo = [m for m in found if m[0] == openflow.ECHO_REPLY]
    check(len(echo) == 1 and len(echo[0][2]) == 65527, "the largest echo does not come back")
    errors = {m[1] for m in found if m[0] == openflow.ERROR}
    check(len(errors) > 240, f"{len(errors)} of 256 messages are refused")
    check(all(8 + len(m[2]) <= 65535 for m in found), "a message is too long")


def a_crowd_takes_all_but_the_last_descriptors():
    """The switch is managed, gets ports and dials controllers while others wait for descriptors."""
    listener, target = openflow.listen()
    switch = start("--listen", "ptcp:7005", "--inactivity-probe", 0)
    resource.prlimit(switch.process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
    decent = openflow.Peer.connect(switch.mgmt)
    ctl = [program("sluicectl"), "--run-dir", switch.run_dir]
    quiet_veth("v1", "w1")
    with contextlib.ExitStack() as stack:
        for _ in range(2 * FILES):
            stack.enter_context(socket.create_connection(("127.0.0.1", 7005), PATIENCE))
        wait_until(lambda: switch.process.files() >= FILES - FILES_LEFT, "the crowd")
        began = switch.process.cpu()
        for _ in range(50):
            decent.barrier()
            time.sleep(0.01)
        check(switch.process.cpu() - began < 0.4 or is_sanitized(), "it spins while it has no descriptors")
        sh(*ctl, "port", "add", "br0", "v1")
        sh(*ctl, "controller", "add", "br0", target)
        openflow.Peer.accept(listener).barrier()
        openflow.Peer.connect(switch.mgmt).barrier()
        check(switch.process.files() < FILES, "the crowd has all")
    wait_until(lambda: switch.process.files() < FILES // 2, "descriptors that are free again")
    serves(switch)


def programs_start_or_say_why_with_few_descriptors():
    started = 0
    for limit in range(4, 40):
        for words in (["sluiced", "--run-dir", tmp(), "--no-local", "--port", "m1,type=memory"],
                      ["sluice-controller", "ptcp:7007"]):
            r = Process("prlimit", f"--nofile={limit}:{limit}", program(words[0]), *words[1:], name="few")
            wait_until(lambda r=r: not r.running() or "7007" in sh("ss", "-ltn")
                       or answers(tmp()) or "can't accept" in r.output(), "a start or an end")
            status = r.stop()
            check(status == 0 or (status == 1 and "oo many open files" in r.output().splitlines()[-1]),
                  f"{words[0]} with {limit} descriptors: status {status}\n{r.output()}")
            started += status == 0
    check(started, "no limit is high enough")


def limit_files(switch, number):
    resource.prlimit(switch.process.pid, resource.RLIMIT_NOFILE, (number, MANY))


def a_port_is_added_without_descriptors():
    """Either it is there, or a sentence says why not; with descriptors it works."""
    switch = start("--workers", 2, "--inactivity-probe", 0, "--port", "m1,type=memory")
    decent = openflow.Peer.connect(switch.mgmt)
    idle, added, refused = switch.process.files(), 0, 0
    for kind in ("raw", "tap"):
        quiet_veth("v1", "w1")
        spec = "v1" if kind == "raw" else "v2,type=tap"
        ctl = [program("sluicectl"), "--run-dir", switch.run_dir, "port"]
        for spare in range(1, 14):
            limit_files(switch, idle + spare)
            r = subprocess.run([*ctl, "add", "br0", spec], capture_output=True, text=True, check=False)
            decent.barrier()
            limit_files(switch, MANY)
            said = r.stderr.strip()
            check(r.returncode == 0 or (said.count("\n") == 0 and "oo many open files" in said),
                  f"{spec} with {spare} descriptors: {r}")
            added, refused = added + (r.returncode == 0), refused + (r.returncode != 0)
            if r.returncode == 0:
                sh(*ctl, "del", "br0", spec.split(",")[0])
            wait_until(lambda: switch.process.files() <= idle, f"descriptors that are free after {spare}")
        sh(*ctl, "add", "br0", spec)
        sh(*ctl, "del", "br0", spec.split(",")[0])
        sh("ip", "link", "del", "v1")
    check(added and refused, f"added {added} times, refused {refused} times")


def connections_are_added_without_descriptors():
    """A controller waits until there are some; a listener is there, or a sentence says why not."""
    listener, target = openflow.listen()
    switch = start("--max-backoff", 1, "--inactivity-probe", 0, "--port", "m1,type=memory")
    decent = openflow.Peer.connect(switch.mgmt)
    idle, added, refused = switch.process.files(), 0, 0
    ctl = [program("sluicectl"), "--run-dir", switch.run_dir]
    for spare in range(1, 6):
        limit_files(switch, idle + spare)
        r = subprocess.run([*ctl, "listener", "add", "br0", "ptcp:7009"], capture_output=True, text=True, check=False)
        decent.barrier()
        limit_files(switch, MANY)
        check(r.returncode == 0 or (r.stderr.count("\n") == 1 and "oo many open files" in r.stderr), str(r))
        added, refused = added + (r.returncode == 0), refused + (r.returncode != 0)
        if r.returncode == 0:
            sh(*ctl, "listener", "del", "br0", "ptcp:7009")
        wait_until(lambda: switch.process.files() <= idle, f"descriptors that are free after {spare}")
    check(added and refused, f"added {added} times, refused {refused} times")
    limit_files(switch, idle + 1)
    sh(*ctl, "controller", "add", "br0", target)
    limit_files(switch, MANY)
    openflow.Peer.accept(listener).barrier()
    sh(*ctl, "controller", "del", "br0", target)
    wait_until(lambda: switch.process.files() <= idle, "the controller's descriptors")


def controllers_come_and_go_while_they_ask():
    """One that is taken away in the middle of a large dump, thirty times; others notice nothing."""
    switch = start("--fail-mode", "secure", "--inactivity-probe", 0, "--port", "m1,type=memory")
    decent = openflow.Peer.connect(switch.mgmt)
    flows = f"{tmp()}/flows"
    with open(flows, "w", encoding="ascii") as f:
        f.writelines(f"ip,nw_src=10.0.{i // 250}.{i % 250},actions=1\n" for i in range(RULES))
    sh(program("sluice-ofctl"), "add-flows", f"unix:{switch.mgmt}", flows)
    listener, target = openflow.listen()
    ctl = [program("sluicectl"), "--run-dir", switch.run_dir, "controller"]
    idle = switch.process.files()
    for i in range(30):
        sh(*ctl, "add", "br0", target)
        peer = openflow.Peer.accept(listener)
        peer.send(DUMP if i % 2 else openflow.flow_mod(1, openflow.match(), output=2))
        sh(*ctl, "del", "br0", target)
        decent.barrier()
        peer.sock.close()
    check("n_packets" in switch.ofctl("dump-flows", "ip,nw_src=10.0.7.7"), "a flow is gone")
    wait_until(lambda: switch.process.files() <= idle, "descriptors of controllers that are gone")
    check(switch.stop() == 0, "exit status")


def a_controller_is_dialled_without_descriptors():
    listener, target = openflow.listen()
    switch = start("--controller", target, "--max-backoff", 1, "--inactivity-probe", 0)
    service = openflow.Peer.connect(switch.mgmt)
    first = openflow.Peer.accept(listener)
    limit_files(switch, 1)
    began = switch.process.cpu()
    first.sock.close()
    switch.says("Too many open files")
    for _ in range(50):
        service.barrier()
        time.sleep(0.01)
    check(switch.process.cpu() - began < 0.4 or is_sanitized(), "it spins while it has no descriptors")
    limit_files(switch, MANY)
    openflow.Peer.accept(listener).barrier()


def slow_peers_are_served():
    """One sends a byte at a time, one reads a byte at a time; a third does not notice."""
    switch = start("--listen", "ptcp:7006")
    decent = openflow.Echo(openflow.Peer.connect(switch.mgmt))
    decent.start()
    dribbler = socket.create_connection(("127.0.0.1", 7006), PATIENCE)
    dribbler.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in HELLO + openflow.flow_mod(openflow.ADD, openflow.match(5), output=1):
        dribbler.send(bytes([byte]))
    peer = openflow.Peer(dribbler)
    peer.barrier()
    check("ip" in switch.ofctl("dump-flows"), "a flow_mod that comes byte by byte is lost")
    sipper = socket.socket()
    sipper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sipper.settimeout(PATIENCE)
    sipper.connect(("127.0.0.1", 7006))
    sipper.sendall(HELLO + message(openflow.FEATURES_REQUEST) * 100)
    got = b""
    while len(got) < 8 + 100 * 32:
        got += sipper.recv(1)
    check(got.count(bytes([1, openflow.FEATURES_REPLY])) >= 100, "replies are lost")
    wait_until(lambda: decent.times, "an echo meanwhile")
    decent.stop()


# rows: A1.10 A9.1
def a_stopped_controller_is_left_and_found_again():
    quiet_veth("p1", "e1")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Process(program("sluice-controller"), f"ptcp:{port}")
    switch = start("--controller", f"tcp:127.0.0.1:{port}", "--inactivity-probe", 1,
                    "--max-backoff", 1, ports=["p1"])
    switch.says("connected")
    os.kill(controller.pid, signal.SIGSTOP)
    switch.says("connection lost")
    serves(switch)
    os.kill(controller.pid, signal.SIGCONT)
    wait_until(lambda: switch.output().count("connected\n") >= 2, "the controller's return")


def a_controller_that_flaps_costs_little():
    listener, target = openflow.listen()
    listener.settimeout(PATIENCE)
    switch = start("--controller", target, "--max-backoff", 1)
    service = openflow.Peer.connect(switch.mgmt)
    began, spent, flaps = time.monotonic(), switch.process.cpu(), 0
    while time.monotonic() - began < 3:
        with listener.accept()[0] as s:
            s.sendall(HELLO)
            if flaps % 10 == 9:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            flaps += 1
    spent = switch.process.cpu() - spent
    print(f"     {flaps} connections in 3 s took {spent:.2f} s of a processor, "
          f"{len(switch.output())} bytes of log")
    service.barrier()
    check(flaps < 30, "it dials without pauses")
    check(len(switch.output()) < 10000, "the log is flooded")
    peer = openflow.Peer.accept(listener)
    peer.barrier()


def refuses(*args):
    """Starts the switch, which must refuse; returns what it says."""
    r = subprocess.run([program("sluiced"), "--no-local", "--run-dir", f"{tmp()}/r", *args],
                       capture_output=True, text=True, timeout=PATIENCE)
    check(r.returncode == 1, f"status {r.returncode} with {args}\n{r.stderr}")
    return r.stderr


def listeners_that_cannot_be_are_refused():
    os.mkdir(f"{tmp()}/r")
    with open(f"{tmp()}/file", "w") as f:
        f.write("precious")
    check("no socket" in refuses("--listen", f"punix:{tmp()}/file"), "a file is taken for a socket")
    with open(f"{tmp()}/file") as f:
        check(f.read() == "precious", "a file was overwritten")
    check("shorter" in refuses("--listen", f"punix:{tmp()}/{'x' * 200}"), "a long path is taken")
    refuses("--listen", f"punix:{tmp()}/absent/socket")
    refuses("--listen", f"punix:{tmp()}")
    with socket.socket(socket.AF_UNIX) as live:
        live.bind(f"{tmp()}/live")
        live.listen()
        check("somebody listens" in refuses("--listen", f"punix:{tmp()}/live"),
              "a socket was stolen")
    switch = start("--listen", f"punix:{tmp()}/live")
    openflow.Peer(unix(f"{tmp()}/live")).barrier()
    switch.stop(signal.SIGKILL)
    switch.start()
    openflow.Peer(unix(f"{tmp()}/live")).barrier()


def ports_that_vanish_at_once_leave_the_switch_whole():
    switch = start()
    peer = openflow.Peer.connect(switch.mgmt)
    ctl = [program("sluicectl"), "--run-dir", switch.run_dir]
    for i in range(20):
        quiet_veth(f"v{i}", f"w{i}")
        adder = subprocess.Popen(ctl + ["port", "add", "br0", f"v{i}"], stderr=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL)
        if i % 2:
            adder.wait()
        sh("ip", "link", "del", f"v{i}")
        adder.wait()
        peer.barrier()
    for i in range(20):
        subprocess.run(ctl + ["port", "del", "br0", f"v{i}"], capture_output=True, check=False)
    quiet_veth("v0", "w0")
    sh(*ctl, "port", "add", "br0", "v0")
    switch.wait_ports(1)


def the_control_socket_takes_no_nonsense():
    switch = start()
    path = f"{switch.run_dir}/sluiced.ctl"
    before = switch.process.memory()
    lines = [b"\n", b"\0\n", b"{}\n", b"[]\n", b"[1]\n", b"[[]]\n", b'["show"', b'["\xff\xfe"]\n',
             b"[" * 60000 + b"\n", b'["port","add"]\n', b'["port","add","br0",""]\n',
             json.dumps(["port", "add", "br0", "x" * 60000]).encode() + b"\n",
             json.dumps(["port", "add", "br0", "\0,type=memory"]).encode() + b"\n",
             json.dumps(["log", "x" * 60000]).encode() + b"\n",
             json.dumps(["x"] * 5000).encode() + b"\n",
             b"x" * 2000000]
    for line in lines:
        with unix(path) as s, contextlib.suppress(ConnectionError, TimeoutError):
            s.settimeout(2)
            s.sendall(line)
            if line.endswith(b"\n"):
                s.recv(65536)
    with unix(path) as deaf:
        openflow.flood([openflow.Flood(deaf, b'["show"]\n' * 1000)], 16000, lambda: serves(switch))
        grown = switch.process.memory() - before
        check(grown < 8000 or is_sanitized(), f"memory grows by {grown} KiB")
    sh(program("sluicectl"), "--run-dir", switch.run_dir, "show")


main(*map(survives, (
    a_thousand_connections_at_once_are_served, many_tls_connections_at_once_are_served,
    messages_cut_at_every_byte_harm_nobody, peers_that_say_nothing_are_dropped,
    dumps_that_nobody_reads_cost_bounded_memory, the_largest_messages_are_answered,
    a_crowd_takes_all_but_the_last_descriptors, programs_start_or_say_why_with_few_descriptors,
    a_port_is_added_without_descriptors, a_controller_is_dialled_without_descriptors,
    connections_are_added_without_descriptors, controllers_come_and_go_while_they_ask,
    slow_peers_are_served, a_stopped_controller_is_left_and_found_again,
    a_controller_that_flaps_costs_little, listeners_that_cannot_be_are_refused,
    ports_that_vanish_at_once_leave_the_switch_whole, the_control_socket_takes_no_nonsense)))
