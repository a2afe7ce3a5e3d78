#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Switches that mean ill, or are ill: sluice-controller goes on serving the others, within bounds."""
import contextlib
import os
import resource
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import openflow
from openflow import message
from sluicetest import PATIENCE, Process, check, is_sanitized, main, make_keys, program, tmp, wait_until

HELLO = message(openflow.HELLO)
PACKET_OUT = 13
MANY = 500         # Switches at once.
FLOODERS = 10      # Of them that flood.
FILES = 64         # Descriptors of a controller that has few.
MEMORY = 80000     # KiB that all who do not read may cost: up to 4 MiB of answers each, and what was learnt.


def controller(*words):
    c = Process(program("sluice-controller"), *words)
    wait_until(lambda: connects("127.0.0.1", 6653), "the controller")
    return c


def connects(host, port):
    try:
        socket.create_connection((host, port), PATIENCE).close()
        return True
    except OSError:
        return False


def packet_in(n, in_port, buffer_id=0xffffffff):
    """One from the n-th host to nobody known."""
    frame = struct.pack("!6sHIH", b"\x02\0\0\0\0\0", 0x0200, n, 0x0800) + bytes(46)
    return message(openflow.PACKET_IN, struct.pack("!IHHBB", buffer_id, 60, in_port, 0, 0) + frame)


class Fake:
    """A switch as the controller sees it."""

    def __init__(self, port=6653):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.buffer = b""
        self.sock.sendall(HELLO)

    def until(self, kind):
        """The next message of that kind."""
        while True:
            while len(self.buffer) < 8 or len(self.buffer) < struct.unpack("!H", self.buffer[2:4])[0]:
                data = self.sock.recv(65536)
                check(data, "the controller ended the connection")
                self.buffer += data
            size = struct.unpack("!H", self.buffer[2:4])[0]
            found, self.buffer = self.buffer[:size], self.buffer[size:]
            if found[1] == kind:
                return found

    def is_served(self):
        self.sock.sendall(packet_in(1, 1))
        self.until(PACKET_OUT)


def ends_in_order(c):
    check(c.stop() == 0, f"the controller ended with status {c.process.returncode}:\n{c.output()[-3000:]}")


def many_switches_at_once_are_served():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    c = controller("ptcp:", "--inactivity-probe", 0)
    decent = Fake()
    decent.is_served()
    idle = c.files()
    with contextlib.ExitStack() as stack:
        fakes = [Fake() for _ in range(MANY)]
        for f in fakes:
            stack.enter_context(f.sock)
        for f in fakes:
            f.until(openflow.FEATURES_REQUEST)
            f.is_served()
        decent.is_served()
    wait_until(lambda: c.files() <= idle, "the end of all connections")
    decent.is_served()
    ends_in_order(c)


def switches_that_flood_and_read_nothing_cost_bounded_memory():
    """What they send makes about as many bytes of answers, so the controller has to stop reading."""
    c = controller("ptcp:", "--inactivity-probe", 0)
    decent = Fake()
    decent.is_served()
    before, echo = c.memory(), message(openflow.ECHO_REQUEST, bytes(8))
    with contextlib.ExitStack() as stack:
        floods = []
        for k in range(FLOODERS):
            sock = stack.enter_context(Fake().sock)
            floods.append(openflow.Flood(sock, b"".join(packet_in(i * FLOODERS + k, 1 + i) + echo for i in range(40000))))
        sent = openflow.flood(floods, 4 * MEMORY, decent.is_served)
        grown = c.memory() - before
        print(f"     {before} KiB, and {grown} more with floods of {sent} KiB")
        check(grown < MEMORY or is_sanitized(), f"memory grew by {grown} KiB")
    decent.is_served()
    ends_in_order(c)


def garbage_and_halves_of_messages_harm_nobody():
    make_keys()
    t = tmp()
    c = controller("ptcp:", "ptls:7001", "--private-key", f"{t}/ctl-privkey.pem", "--certificate", f"{t}/ctl-cert.pem",
                   "--ca-cert", f"{t}/pki/switchca/cacert.pem")
    decent = Fake()
    decent.is_served()
    idle = c.files()
    whole = packet_in(5, 5, 7)
    pieces = [HELLO[:n] for n in range(8)] + [HELLO + whole[:n] for n in range(0, len(whole), 3)]
    pieces += [struct.pack("!BBHI", v, k, n, 0) + bytes(20) for v in (0, 1, 4, 255) for k in (0, 10, 200)
               for n in (0, 7, 8, 65535)]
    pieces += [HELLO + message(k, bytes(n)) for k in range(30) for n in (0, 1, 12, 56)]
    pieces += [b"\x16\3\1\xff\xff" + bytes(100), b"\x16\3\1\0\1\0", b"GET / HTTP/1.0\r\n\r\n", os.urandom(5000)]
    for port in (6653, 7001):
        for i, data in enumerate(pieces):
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as s, contextlib.suppress(ConnectionError):
                s.sendall(data)
                if i % 2:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        decent.is_served()
    wait_until(lambda: c.files() <= idle, "the end of all connections")
    decent.is_served()
    ends_in_order(c)


def a_controller_out_of_descriptors_recovers():
    c = controller("ptcp:")
    resource.prlimit(c.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
    decent = Fake()
    decent.is_served()
    with contextlib.ExitStack() as stack:
        for _ in range(2 * FILES):
            stack.enter_context(socket.create_connection(("127.0.0.1", 6653), PATIENCE))
        c.says("can't accept a connection")
        decent.is_served()
    wait_until(lambda: c.files() < FILES // 2, "descriptors that are free again")
    Fake().is_served()
    ends_in_order(c)


main(many_switches_at_once_are_served,
     switches_that_flood_and_read_nothing_cost_bounded_memory,
     garbage_and_halves_of_messages_harm_nobody,
     a_controller_out_of_descriptors_recovers)
