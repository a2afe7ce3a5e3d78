#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Traffic whose content is checked: TCP streams in both directions, UDP datagrams.

    traffic.py tcp-serve PORT N SIZE            serves N connections: reads SIZE bytes, sends SIZE bytes
    traffic.py tcp-run ADDRESS PORT N SIZE SPORT   opens N from ports SPORT on, each both ways at once
    traffic.py udp-serve PORT N                 echoes N datagrams
    traffic.py udp-run ADDRESS PORT N SPORT     sends N of rising size and wants each back

The bytes of stream i from the client are those of a generator seeded with i, from the server with
1000 + i; each side compares the SHA-256 of what came with that of what should have come.
"""
import hashlib
import random
import socket
import sys
import threading

TIMEOUT = 120


def content(seed, size):
    return random.Random(seed).randbytes(size)


def fail(text):
    print(text, flush=True)
    sys.exit(1)


def receive(sock, size):
    digest, left = hashlib.sha256(), size
    while left:
        part = sock.recv(min(left, 1 << 18))
        if not part:
            raise OSError(f"stream ended {left} bytes early")
        digest.update(part)
        left -= len(part)
    return digest.hexdigest()


def both_ways(sock, own_seed, peer_seed, size, errors):
    """Sends and receives 'size' bytes at the same time."""
    try:
        sock.settimeout(TIMEOUT)
        sender = threading.Thread(target=sock.sendall, args=(content(own_seed, size),))
        sender.start()
        got = receive(sock, size)
        sender.join()
        if got != hashlib.sha256(content(peer_seed, size)).hexdigest():
            errors.append(f"stream {own_seed}: content differs")
    except OSError as e:
        errors.append(f"stream {own_seed}: {e}")


def run_streams(socks, seeds, size):
    errors = []
    threads = [threading.Thread(target=both_ways, args=(s, *seed, size, errors))
               for s, seed in zip(socks, seeds)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        fail("; ".join(errors))
    for s in socks:
        s.close()
    print("content is right", flush=True)


def tcp_serve(port, n, size):
    listener = socket.create_server(("", int(port)), backlog=64)
    listener.settimeout(TIMEOUT)
    print("ready", flush=True)
    socks, seeds = [], []
    for _ in range(int(n)):
        s, _peer = listener.accept()
        s.settimeout(TIMEOUT)
        i = int.from_bytes(s.recv(4, socket.MSG_WAITALL), "big")
        socks.append(s)
        seeds.append((1000 + i, i))
    run_streams(socks, seeds, int(size))


def tcp_run(address, port, n, size, sport):
    socks, seeds = [], []
    for i in range(int(n)):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(TIMEOUT)
        s.bind(("", int(sport) + i))
        s.connect((address, int(port)))
        s.sendall(i.to_bytes(4, "big"))
        socks.append(s)
        seeds.append((i, 1000 + i))
    run_streams(socks, seeds, int(size))


def udp_serve(port, n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", int(port)))
    s.settimeout(TIMEOUT)
    print("ready", flush=True)
    for _ in range(int(n)):
        data, peer = s.recvfrom(65536)
        s.sendto(data, peer)


def udp_run(address, port, n, sport):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", int(sport)))
    s.settimeout(TIMEOUT)
    for i in range(int(n)):
        data = content(i, 1 + i * 1471 // int(n))
        s.sendto(data, (address, int(port)))
        if s.recv(65536) != data:
            fail(f"datagram {i}: content differs")
    print("content is right", flush=True)


if __name__ == "__main__":
    {"tcp-serve": tcp_serve, "tcp-run": tcp_run, "udp-serve": udp_serve,
     "udp-run": udp_run}[sys.argv[1]](*sys.argv[2:])
