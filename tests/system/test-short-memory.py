#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Memory runs short: a program does what it was asked to, or ends with one sentence; it never crashes.

Each case runs a program once for each of its allocations (or for some, evenly, if there are many), which
fails, alone or with all that follow.  Our own allocations, and those of libraries that can't tell why they
failed, end the program with SIGABRT after "out of memory"; others may be told as an error.
"""
import contextlib
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sluicetest import (PATIENCE, Process, Skip, Switch, answers, check, helper, is_sanitized, main, make_keys,
                        need_root, need_tap, program, quiet_veth, tmp, top_srcdir, wait_until)

NEVER = 1 << 30  # So many allocations nobody makes.
LAST_WORDS = "out of memory: can't allocate "


def environment(**more):
    """With our allocator before the C library's."""
    return {**os.environ, "LD_PRELOAD": os.path.abspath(helper("short-memory.so")), **more}


def count_of(words, number=None):
    """How many allocations a program makes; 'number' ends it when it answers, if given."""
    path = f"{tmp()}/count"
    env = environment(FAIL_COUNT=path)
    if number:
        p = Process(*words, env=env)
        wait_until(lambda: answers(tmp()), "the start")
        p.stop(number)
    else:
        subprocess.run(words, env=env, check=True, capture_output=True, timeout=PATIENCE)
    with open(path, encoding="ascii") as f:
        return int(f.read())


def each(n, most):
    """Numbers from 1 to n, evenly 'most' of them at most and more of the last ones, and the ways to fail."""
    for i in sorted({*range(1, n + 1, n // most + 1), *range(max(1, n - 150), n + 1, 5)}):
        yield {"FAIL_AT": str(i)}
        yield {"FAIL_AT": str(i), "FAIL_ON": "1"}


def judge(words, status, said, did):
    """The program did it and ended well, or said last why not; returns whether it did."""
    last = (said.strip().splitlines() or [""])[-1]
    told = {0: did, 1: last.startswith(f"{os.path.basename(words[0])}: "), -signal.SIGABRT: LAST_WORDS in last}
    check(told.get(status), f"{words}: status {status}\n{said}")
    return status == 0


def judge_switch(words, p):
    """Ends a switch that runs, which says so last; or it has ended by itself and said why."""
    asked = p.running()
    return judge(words, p.stop(), p.output(), asked and p.output().endswith("stopping: Terminated\n"))


def survives(*words, most=200):
    """Runs the program with each failure."""
    if is_sanitized():
        raise Skip("a sanitizer has an allocator of its own")
    wanted = subprocess.run(words, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
    n, done, runs = count_of(words), 0, 0
    check(n > 5, f"{n} allocations")
    for failure in each(n, most):
        r = subprocess.run(words, env=environment(**failure), capture_output=True, text=True, timeout=PATIENCE,
                           check=False)
        done += judge([*words, failure], r.returncode, r.stderr, r.stdout == wanted)
        runs += 1
    print(f"     {os.path.basename(words[0])}: {n} allocations; in {done} of {runs} runs it was done")


def texts_of_flows():
    ofctl = program("sluice-ofctl")
    flow = "tcp,nw_dst=10.0.0.0/8,tp_dst=80,actions=mod_nw_tos:32,strip_vlan,enqueue:1:2,output:2,LOCAL"
    with open(f"{tmp()}/flows", "w", encoding="ascii") as f:
        f.write(f"# some\n\n{flow}\n" * 10)
    survives(ofctl, "parse-flow", flow)
    survives(ofctl, "parse-flows", f.name)
    survives(ofctl, "diff-flows", f.name, f.name)


def a_scenario():
    for name in ("flow-mod-modify", "patch-ports"):
        survives(program("sluiced"), "--log", "off", "--sim", f"{top_srcdir}/tests/scenarios/{name}.sim")


def requests_to_a_switch():
    switch = Switch("--port", "m1,type=memory")
    switch.ofctl("add-flow", "tcp,tp_dst=80,actions=output:1")
    ofctl = [program("sluice-ofctl"), "--run-dir", switch.run_dir]
    survives(*ofctl, "show", "br0")
    survives(*ofctl, "--json", "--no-stats", "dump-flows", "br0")
    survives(*ofctl, "add-flow", "br0", "udp,actions=drop")
    survives(*ofctl, "mod-port", "br0", "m1", "no-flood")
    survives(program("sluicectl"), "--run-dir", switch.run_dir, "show")
    survives(program("sluicectl"), "--run-dir", switch.run_dir, "--json", "controllers", "br0")


def start_of(*words, most=60):
    """Starts a switch with each failure; it ends with a sentence, or answers and ends when told to."""
    if is_sanitized():
        raise Skip("a sanitizer has an allocator of its own")
    words = [program("sluiced"), "--run-dir", tmp(), *words]
    n, started, runs = count_of(words, signal.SIGTERM), 0, 0
    for failure in each(n, most):
        p = Process(*words, name="short", env=environment(**failure))
        wait_until(lambda p=p: not p.running() or answers(tmp()), "the start")
        started += judge_switch([*words, failure], p)
        runs += 1
    print(f"     sluiced: {n} allocations; in {started} of {runs} runs it went well")


def the_start_of_a_switch():
    start_of("--no-local", "--port", "m1,type=memory", "--port", "pa,type=patch,peer=pb", "--dpid", "1",
             "--listen", f"punix:{tmp()}/x", "--dp-desc", "x")


def the_start_of_a_switch_with_devices_and_keys():
    need_root()
    need_tap()
    make_keys()
    quiet_veth("p1", "e1")
    start_of("--port", "p1", "--port", "t1,type=tap", "--controller", "tls:127.0.0.1:1", "--listen", "ptls:",
             "--private-key", f"{tmp()}/sw-privkey.pem", "--certificate", f"{tmp()}/sw-cert.pem",
             "--ca-cert", f"{tmp()}/pki/controllerca/cacert.pem", "--state", f"{tmp()}/state", most=40)


def change_while_it_runs(step, shown, *request):
    """sluicectl makes a change: the daemon ends, or goes on, and then what "show" says has 'shown', or it ends in
    that; who asked is told which. With enough memory it is done."""
    if is_sanitized():
        raise Skip("a sanitizer has an allocator of its own")
    done = seen = ended = 0
    ctl = [program("sluicectl"), "--run-dir", tmp()]
    for i in (*range(1, 60, step), 100, 200, NEVER):
        p = Process(program("sluiced"), "--run-dir", tmp(), "--no-local", "--port", "m1,type=memory",
                    name="short", env=environment(FAIL_AT=str(i), FAIL_LATER="1"))
        wait_until(lambda: answers(tmp()), "the start")
        os.kill(p.pid, signal.SIGUSR2)
        for words in ([*ctl, *request], [*ctl, "show"]):
            r = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
            is_done = judge([*words, i], r.returncode, r.stderr, "show" not in words or shown in r.stdout)
            ended += not is_done
            check(is_done or i < NEVER, f"{words}: {r.stderr}")
            if not is_done:
                break
            done, seen = done + ("show" not in words), seen + ("show" in words)
        judge_switch(["sluiced", i], p)
    check(ended, f"{request}: {done} times done, {seen} times seen")
    print(f"     {' '.join(request)}: {done} times done, {seen} times seen, {ended} times ended")


def ports_that_are_added_while_it_runs():
    change_while_it_runs(3, " (m2): memory", "port", "add", "br0", "m2,type=memory")


def settings_and_controllers_that_change_while_it_runs():
    for shown, *request in (("spanning tree: rstp", "set", "br0", "stp=rstp"),
                            ("controller tcp:127.0.0.1:1: ", "controller", "add", "br0", "tcp:127.0.0.1:1,flows=3"),
                            ("listens at ptcp:7001", "listener", "add", "br0", "ptcp:7001,ports=1")):
        change_while_it_runs(5, shown, *request)


def the_last_words_of_a_daemon_are_in_its_log():
    """Also in the file that the log goes to after it was rotated."""
    if is_sanitized():
        raise Skip("a sanitizer has an allocator of its own")
    log = f"{tmp()}/log"
    subprocess.run([program("sluiced"), "--run-dir", tmp(), "--no-local", "--port", "m1,type=memory", "--detach",
                    "--pidfile", f"{tmp()}/pid", "--log-file", log], check=True,
                   env=environment(FAIL_AT="1", FAIL_LATER="1"), timeout=PATIENCE)
    with open(f"{tmp()}/pid", encoding="ascii") as f:
        pid = int(f.read())
    try:
        os.rename(log, f"{log}.1")
        ctl = [program("sluicectl"), "--run-dir", tmp()]
        subprocess.run([*ctl, "log-reopen"], check=True, timeout=PATIENCE)
        os.kill(pid, signal.SIGUSR2)
        subprocess.run([*ctl, "show"], check=False, capture_output=True, timeout=PATIENCE)
        wait_until(lambda: LAST_WORDS in open(log, encoding="ascii").read(), "the last words")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


main(texts_of_flows, a_scenario, requests_to_a_switch, the_start_of_a_switch,
     the_start_of_a_switch_with_devices_and_keys, ports_that_are_added_while_it_runs,
     settings_and_controllers_that_change_while_it_runs, the_last_words_of_a_daemon_are_in_its_log)
