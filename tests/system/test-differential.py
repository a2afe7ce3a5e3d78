#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same random script of messages and frames for us and for Open vSwitch, and what both make of it.

    tests/system/test-differential.py [--steps N] [--seed N] [--trace] [--dumps]

Each step is a message, a frame that comes in, or time that passes, to both.  What they answer and send out
is compared, down to the byte but for what differences.py names.  Ours is in simulation, theirs has a
dummy datapath and a clock that stands still: the same seed gives the same script and the same answers.
What is done with a packet that ours has buffered, theirs does with the frame, of which it has told all.
With --dumps the tables are compared after each step: what makes them differ is then seen at once.
"""
import os
import random
import re
import struct
import subprocess
import sys
import time

import differences
import normal
import openflow
from nicirascripts import NiciraScript
from normal import be
from ovs import OpenVSwitch
from scripts import Buffer, Script
from sluicetest import PATIENCE, Failure, check, helper, main, program

PORTS = 4
COUNT_REQUESTS = {3: openflow.message(16, struct.pack("!HH", 3, 0)),
                  4: openflow.message(16, struct.pack("!HHHxxxxxx", 4, 0, 0xffff))}
FORGET_MS = 301000  # Longer than learnt addresses live.
FEATURES_REQUEST = openflow.message(openflow.FEATURES_REQUEST)


class Ours:
    """Our switch in simulation."""

    def __init__(self, n_ports):
        self.process = subprocess.Popen([helper("sim-switch"), str(n_ports)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self._answer()

    def _answer(self):
        messages, frames = [], {}
        while True:
            words = self.process.stdout.readline().split()
            if not words:
                raise Failure(f"our switch ended with status {self.process.wait()}")
            if words[0] == ".":
                return messages, frames
            if words[0] == "message":
                messages.append(bytes.fromhex(words[1]))
            elif int(words[1]) < 0xff00:
                frames.setdefault(int(words[1]), []).append(bytes.fromhex(words[2]))

    def _do(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._answer()

    def send(self, message):
        return self._do(f"send {message.hex()}")

    def receive(self, port, frame):
        return self._do(f"receive {port} {frame.hex()}")

    def wait(self, ms):
        return self._do(f"pass {ms}")

    def stop(self):
        self.process.stdin.close()
        check(self.process.wait() == 0, "our switch ended with an error")


def notices(answer):
    """How many messages came that answer nothing."""
    return sum(map(normal.is_notice, answer[0]))


def addresses(switch):
    """The ports' addresses, as told."""
    reply = next(m for m in switch.send(FEATURES_REQUEST)[0] if m[1] == openflow.FEATURES_REPLY)
    return {be(reply, at, 2): reply[at + 2:at + 8] for at in range(32, len(reply), 48)}


class Event:
    """What happens in one step: one of a message, a frame, time."""

    def __init__(self, message=None, port=None, frame=None, ms=None):
        self.from_closed_port = False  # The frame in it comes from a port with NO_RECV or PORT_DOWN.
        self.from_silent_port = False  # The same with NO_PACKET_IN.
        self.replaces = False  # The entry in it may be there already.
        self.fragment_mode = 0  # What becomes of it if it is a fragment.
        self.miss_send_len = 0  # Bytes of a miss that are told if it is buffered.
        self.names_odd_field = False  # An action in it names a field that its match does not promise.
        self.down_ports = []  # Ports with PORT_DOWN.
        self.for_theirs = []  # What it is for a switch without buffers, if not the same.
        self.has_tables = False  # The high byte of a flow_mod's command is the table.
        self.is_spent = False  # The buffer in it is empty.
        self.counts_apart = False  # The entry in it counts a packet that only has a buffer.
        self.message = message
        self.port = port
        self.frame = frame
        self.ms = ms

    def any_frame(self):
        """The frame that it is about."""
        m = self.message
        return m[16 + be(m, 14, 2):] if self.frame is None else self.frame

    def messages(self, hw_addr, is_ours):
        """The messages in it, as for one of the switches."""
        messages = [self.message] if is_ours or not self.for_theirs else self.for_theirs
        m = messages[0]
        if m[1] == 15 and len(m) == 32 and be(m, 8, 2) in hw_addr and m[10:16] == b"\2\0\0\0\0\0":
            return [m[:10] + hw_addr[be(m, 8, 2)] + m[16:]]
        return messages

    def play(self, switch, hw_addr):
        if self.message is not None:
            return switch.send(b"".join(self.messages(hw_addr, isinstance(switch, Ours))))
        return switch.wait(self.ms) if self.ms else switch.receive(self.port, self.frame)

    def __str__(self):
        if self.message is not None:
            return f"message {text(self.message)}"
        return f"{self.ms} ms pass" if self.ms else f"port {self.port} receives {self.frame.hex()}"


def text(message):
    """A message in words and in bytes."""
    words = subprocess.run([program("sluice-ofctl"), "ofp-print", message.hex()], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout
    return f"{words.strip()}\n    {message.hex()}"


def words(answer):
    """An answer as lines of text: messages in words, a list of flows sorted, and in bytes; frames."""
    messages, frames = answer
    lines = []
    for m in messages:
        told = re.sub(r"(duration|(idle|hard)_age)=[0-9.]+s?, ", "", text(m)).splitlines()
        lines += sorted(told[:-1]) if m[1] == normal.STATS_REPLY else told
    lines = [line if len(line) < 600 else line[:600] + "..." for line in lines]
    return lines + [f"port {port} sends {f.hex()}" for port in sorted(frames) for f in frames[port]]


def lines_of(answer):
    """Parts of an answer in the form that is compared, if they have lines."""
    return [line.decode() for m in answer[0] if m[:5] == b"stats" and m[11:].isascii()
            for line in m[11:].split(b"\n")]


def describe(ours, theirs, in_ours, in_theirs):
    """Two answers, as sent and as compared, but not the lines that both have."""
    a, b = words(ours) + lines_of(in_ours), words(theirs) + lines_of(in_theirs)
    ours_alone = [line for line in a if line not in b] or ["nothing more"]
    theirs_alone = [line for line in b if line not in a] or ["nothing more"]
    return "\n  ".join(["ours:"] + ours_alone) + "\n" + "\n  ".join(["theirs:"] + theirs_alone)


class Play:
    """Both switches and the script."""

    def __init__(self, maker, seed, trace, dumps):
        self.ours = Ours(PORTS)
        self.theirs = OpenVSwitch(PORTS)
        self.switches = (self.ours, self.theirs)
        self.script = maker(random.Random(seed), Event, PORTS)
        self.hw_addr = {s: addresses(s) for s in self.switches}
        self.trace = trace
        self.dumps = dumps
        self.seen = {}
        self.counted = {s: {} for s in self.switches}  # When the tables were last emptied.
        for event in self.script.prologue():
            self.same(event)

    def both(self, event, may_differ=False):
        """What both make of it.  Some of theirs come after the barrier: as many as of ours, or, if they may differ,
        those before a mark."""
        ours, theirs = [event.play(s, self.hw_addr[s]) for s in self.switches]
        deadline = time.monotonic() + PATIENCE
        while notices(theirs) < notices(ours) and time.monotonic() < deadline:
            theirs[0].extend(self.theirs.drain() if may_differ else self.theirs.settled()[0])
            if may_differ:
                break
        # Theirs tells that a dummy with PORT_DOWN has no carrier, at some time; of our devices they tell
        # themselves (A7.6).
        return ours, ([m for m in theirs[0] if m[1] != openflow.PORT_STATUS], theirs[1])

    def comparable(self, answers):
        """Answers without what the switches say of themselves."""
        return [(normal.messages(messages, self.counted[s]), frames)
                for s, (messages, frames) in zip(self.switches, answers)]

    def same(self, event, before="", explain=lambda _event, _a, _b: []):
        """An event that has the same effect on both."""
        answers = self.both(event)
        a, b = self.comparable(answers)
        if a != b and not explain(event, a, b):
            raise Failure(f"{before}{event}\n{describe(*answers, a, b)}")

    def step(self, number):
        event = self.script.next()
        if self.trace:
            print(f"{number}: {event}", flush=True)
        known = differences.find(event)
        ours, theirs = self.both(event, bool(known))
        self.pair_packets(event, ours[0], theirs[0])
        a, b = self.comparable((ours, theirs))
        if event.for_theirs:
            a, b = normal.errors_once(a), normal.errors_once(b)
        if a != b:
            names = [d for d in known if not d.is_last][:1] or self.details(event, a, b) or known[:1]
            if not names:
                raise Failure(f"step {number}: {event}\n{describe(ours, theirs, a, b)}\n{self.tables()}")
            for each in names:
                key = f"{each.name} ({each.rows})"
                self.seen[key] = self.seen.get(key, 0) + 1
            self.recount()
        if known or any(m[1] == openflow.ERROR for m in ours[0]):
            self.script.added = [m for m in self.script.added if m not in [event.message] + event.for_theirs]
        self.mend(event, max((d.spoils for d in known), default=differences.NOTHING))
        for port in event.down_ports:
            self.theirs.forget_port(port)  # Ours has done so when it went down (A5.7, A7.5).
        if self.dumps:
            self.same(Event(self.script.dump()), f"after step {number}: {event}\n", self.details)

    def tables(self):
        """What is in our tables, in words, if they are compared."""
        return "\n  ".join(["tables:"] + words(self.ours.send(self.script.dump()))) if self.dumps else ""

    def details(self, event, a, b):
        """The details by which two answers differ, if they differ by nothing else."""
        found = []
        for each in differences.DETAILS:
            stripped = each.strip(event, a), each.strip(event, b)
            if stripped != (a, b):
                found.append(each)
            a, b = stripped
        return found if a == b else []

    def pair_packets(self, event, ours, theirs):
        """Cuts their packet_ins as ours are cut that have a buffer, and notes the buffers."""
        places = [[i for i, m in enumerate(messages) if normal.is_packet_in(m)] for messages in (ours, theirs)]
        if len(places[0]) != len(places[1]):
            return
        for i, j in zip(*places):
            data, whole = normal.packet_in(ours[i]), normal.packet_in(theirs[j])
            number, size = normal.buffer_of(ours[i]), len(data.data)
            if number == normal.NO_BUFFER:
                continue
            if whole.data[:size] == data.data:
                self.script.buffers.append(Buffer(number, normal.port_of(ours[i]), whole.data))
            if data.reason or event.has_tables or size == min(len(whole.data), event.miss_send_len):
                theirs[j] = normal.cut(theirs[j], size)
        del self.script.buffers[:-30]

    def mend(self, event, spoils):
        """Lets both be the same again."""
        if event.counts_apart and spoils == differences.NOTHING:
            if differences.command(event) == openflow.ADD:
                self.same(Event(event.for_theirs[0]))
            else:
                spoils = differences.MATCH
        if spoils == differences.MATCH:
            self.both(Event(differences.deletion(event)), True)
            self.theirs.drain()
        elif spoils == differences.ALL:
            self.begin_anew()

    def recount(self):
        """Begins to count anew."""
        for switch in self.switches:
            for number, request in COUNT_REQUESTS.items():
                reply = next(m for m in switch.send(request)[0] if m[1] == normal.STATS_REPLY)
                self.counted[switch][number] = normal.COUNTS[number](reply[12:])

    def begin_anew(self):
        """Empties the tables and puts the entries in again."""
        self.both(Event(differences.DELETE_ALL[self.script.has_tables]), True)
        self.theirs.drain()
        self.theirs.forget_addresses()
        self.ours.wait(FORGET_MS)
        self.script.buffers = []
        self.recount()
        if self.script.added:
            self.put_back()

    def put_back(self):
        """Adds the entries again.  What theirs has to say of those before, it may say now."""
        answers = [([m for m in messages if not normal.is_notice(m)], frames)
                   for messages, frames in self.both(Event(b"".join(self.script.added)))]
        a, b = self.comparable(answers)
        if a != b:
            raise Failure(f"entries that are added again\n{describe(*answers, a, b)}")


def play(maker, n_steps):
    """Plays a script, and prints what has differed."""
    steps = int(os.environ.get("DIFFERENTIAL_STEPS", str(n_steps)))
    seed = int(os.environ.get("DIFFERENTIAL_SEED", "1"))
    print(f"     {steps} steps, seed {seed}", flush=True)
    both = Play(maker, seed, "DIFFERENTIAL_TRACE" in os.environ, "DIFFERENTIAL_DUMPS" in os.environ)
    for number in range(steps):
        both.step(number)
    both.ours.stop()
    for key in sorted(both.seen):
        print(f"     {both.seen[key]} x {key}")


# rows: A3.2 A3.4 A3.5 A3.7 A3.8 A3.9 A3.11 A4.2 A4.4 A4.5 A4.6 A4.7 A4.10 A5.2 A5.3 A5.5 A5.7 A5.8
# rows: A5.14 A5.15 A6.2 A6.3 A6.7 A7.5 A8.5 A8.6 A8.8 A8.11 A10.5 A10.9 A10.12 A10.13 A10.16 A10.17
# rows: A10.27 A10.28 A11.6 A11.7 A11.14 A11.22 A11.23
def both_do_the_same_but_for_what_is_known():
    play(Script, 600)


# rows: B3 B4 B5 B6 B7 B8 B9 B14 B15 B16 B17 B18 B22 B27
def both_do_the_same_with_tables_and_registers():
    play(NiciraScript, 600)


def take_options():
    """Reads options, and hands them on to the sandbox."""
    words = sys.argv[1:]
    while words and words[0] in ("--steps", "--seed", "--trace", "--dumps"):
        word = words.pop(0)
        os.environ["DIFFERENTIAL_" + word[2:].upper()] = "1" if word[2:] in ("trace", "dumps") else words.pop(0)
    sys.argv[1:] = words


if __name__ == "__main__":
    take_options()
    main(both_do_the_same_but_for_what_is_known, both_do_the_same_with_tables_and_registers)
