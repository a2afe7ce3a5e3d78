#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same random script of messages and frames for us and for Open vSwitch, and what both make of it.

    tests/system/test-differential.py [--steps N] [--seed N] [--trace]

Each step is a message, a frame that comes in, or time that passes, to both.  What they answer and send out
is compared, down to the byte but for what differences.py names.  Ours is in simulation, theirs has a
dummy datapath and a clock that stands still: the same seed gives the same script and the same answers.
"""
import os
import random
import struct
import subprocess
import sys
import time

import differences
import openflow
from differences import be
from ovs import OpenVSwitch
from scripts import Script
from sluicetest import Failure, check, helper, main, program

PORTS = 4
PATIENCE = 2  # Seconds for messages that have no barrier.
COUNT_REQUESTS = {3: openflow.message(16, struct.pack("!HH", 3, 0)),
                  4: openflow.message(16, struct.pack("!HHHxxxxxx", 4, 0, 0xffff))}
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
        check(self.process.wait(20) == 0, "our switch ended with an error")


def addresses(switch):
    """The ports' addresses, as told."""
    reply = next(m for m in switch.send(FEATURES_REQUEST)[0] if m[1] == openflow.FEATURES_REPLY)
    return {be(reply, at, 2): reply[at + 2:at + 8] for at in range(32, len(reply), 48)}


class Event:
    """What happens in one step: one of a message, a frame, time."""

    def __init__(self, message=None, port=None, frame=None, ms=None):
        self.from_closed_port = False  # The frame in it comes from a port with NO_RECV.
        self.from_silent_port = False  # The same with NO_PACKET_IN.
        self.replaces = False  # The entry in it may be there already.
        self.fragment_mode = 0  # What becomes of it if it is a fragment.
        self.message = message
        self.port = port
        self.frame = frame
        self.ms = ms

    def any_frame(self):
        """The frame that it is about."""
        m = self.message
        return self.frame if m is None else m[16 + be(m, 14, 2):]

    def play(self, switch, hw_addr):
        if self.message is not None:
            m = self.message
            if m[1] == 15 and len(m) == 32 and be(m, 8, 2) in hw_addr and m[10:16] == b"\2\0\0\0\0\0":
                m = m[:10] + hw_addr[be(m, 8, 2)] + m[16:]
            return switch.send(m)
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
        lines += sorted(text(m).splitlines()) if m[1] == 17 else text(m).splitlines()
    return lines + [f"port {port} sends {f.hex()}" for port in sorted(frames) for f in frames[port]]


def describe(ours, theirs):
    """Two answers, but not the lines that both have."""
    a, b = words(ours), words(theirs)
    ours_alone = [line[:600] for line in a if line not in b] or ["nothing more"]
    theirs_alone = [line[:600] for line in b if line not in a] or ["nothing more"]
    return "\n  ".join(["ours:"] + ours_alone) + "\n" + "\n  ".join(["theirs:"] + theirs_alone)


def strip_error(message):
    """An error about a port_mod brings our ports' addresses."""
    is_one = message[1:2] == b"\x01" and message[13:14] == b"\x0f"
    return message[:22] + bytes(6) + message[28:] if is_one else message


def notices(answer):
    """How many messages came that answer nothing."""
    return sum(m[1] in (openflow.PACKET_IN, openflow.FLOW_REMOVED) for m in answer[0])


class Play:
    """Both switches and the script."""

    def __init__(self, seed, trace):
        self.ours = Ours(PORTS)
        self.theirs = OpenVSwitch(PORTS)
        self.script = Script(random.Random(seed), Event, PORTS)
        self.hw_addr = {s: addresses(s) for s in (self.ours, self.theirs)}
        self.trace = trace
        self.seen = {}
        self.counted = {self.ours: {}, self.theirs: {}}  # When the tables were last emptied.

    def both(self, event):
        """What both make of it.  Some of theirs come after the barrier."""
        ours, theirs = [event.play(s, self.hw_addr[s]) for s in (self.ours, self.theirs)]
        deadline = time.monotonic() + PATIENCE
        while notices(theirs) < notices(ours) and time.monotonic() < deadline:
            theirs[0].extend(self.theirs.settled()[0])
        return ours, theirs

    def step(self, number):
        event = self.script.next()
        if self.trace:
            print(f"{number}: {event}", flush=True)
        difference = differences.find(event)
        ours, theirs = self.both(event)
        a, b = self.comparable(self.ours, ours), self.comparable(self.theirs, theirs)
        if a != b:
            names = [difference] if difference else self.details(event, a, b)
            if not names:
                raise Failure(f"step {number}: {event}\n{describe(ours, theirs)}")
            for each in names:
                key = f"{each.name} ({each.rows})"
                self.seen[key] = self.seen.get(key, 0) + 1
        if difference and difference.spoils:
            self.flush()

    def details(self, event, a, b):
        """The details by which two answers differ, if they differ by nothing else."""
        found = []
        for each in differences.DETAILS:
            stripped = each.strip(event, a), each.strip(event, b)
            if stripped != (a, b):
                found.append(each)
            a, b = stripped
        return found if a == b else []

    def flush(self):
        """Empties the tables, and begins to count anew."""
        self.both(Event(openflow.flow_mod(openflow.DELETE, openflow.match())))
        self.theirs.drain()
        self.script.forget()
        for switch in (self.ours, self.theirs):
            for number, request in COUNT_REQUESTS.items():
                reply = next(m for m in switch.send(request)[0] if m[1] == 17)
                self.counted[switch][number] = differences.COUNTS[number](reply[12:])

    def comparable(self, switch, answer):
        """An answer without what the switches say of themselves."""
        messages, frames = answer
        normal = differences.normal_messages(messages, self.counted[switch])
        return [strip_error(m) for m in normal], frames


# rows: A3.2 A3.4 A3.5 A3.7 A3.8 A3.9 A3.11 A4.2 A4.4 A4.5 A4.6 A4.7 A5.2 A5.3 A5.5 A5.8 A5.14 A5.15
# rows: A7.5 A8.5 A8.6 A8.11 A10.5 A10.9 A10.12 A10.13 A10.16 A10.17 A11.6 A11.7 A11.14 A11.22 A11.23
def both_do_the_same_but_for_what_is_known():
    steps = int(os.environ.get("DIFFERENTIAL_STEPS", "600"))
    seed = int(os.environ.get("DIFFERENTIAL_SEED", "1"))
    play = Play(seed, "DIFFERENTIAL_TRACE" in os.environ)
    print(f"     {steps} steps, seed {seed}", flush=True)
    for number in range(steps):
        play.step(number)
    play.ours.stop()
    for key in sorted(play.seen):
        print(f"     {play.seen[key]} x {key}")


def take_options():
    """Reads options, and hands them on to the sandbox."""
    words = sys.argv[1:]
    while words and words[0] in ("--steps", "--seed", "--trace"):
        word = words.pop(0)
        os.environ["DIFFERENTIAL_" + word[2:].upper()] = "1" if word == "--trace" else words.pop(0)
    sys.argv[1:] = words


if __name__ == "__main__":
    take_options()
    main(both_do_the_same_but_for_what_is_known)
