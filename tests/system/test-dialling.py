#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Controllers by name: several addresses, name servers that are dead, machines without real addresses."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from openflow import Peer, listen
from sluicetest import Process, Switch, check, main, need, program, sh, tmp, wait_until


def names(hosts, name_server="127.0.0.1"):
    """Says which names there are, and whom to ask for others: for 150 s, longer than tests wait."""
    for path, text in (("/etc/hosts", hosts), ("/etc/nsswitch.conf", "hosts: files dns\n"),
                       ("/etc/resolv.conf", f"nameserver {name_server}\noptions timeout:30 attempts:5\n")):
        ours = os.path.join(tmp(), os.path.basename(path))
        with open(ours, "w") as f:
            f.write(text)
        sh("mount", "--bind", ours, path)


def silence(address, *others):
    """Makes 'address' one of ours that answers nothing."""
    for a in (address, *others):
        sh("ip", "addr", "add", a, "dev", "lo", *(["nodad"] if ":" in a else []))
    sh("nft", "add table inet t; add chain inet t in { type filter hook input priority 0; }; "
       f"add rule inet t in {'ip6' if ':' in address else 'ip'} daddr {address} drop")


def a_controller_whose_first_address_is_silent_is_reached():
    need("nft")
    silence("fd00::2", "10.9.9.1")
    names("fd00::2 ctl\n10.9.9.1 ctl\n")
    listener = socket.create_server(("10.9.9.1", 6653))
    switch = Switch("--controller", "tcp:ctl")
    Peer.accept(listener)
    switch.says("tcp:ctl: connected")


def localhost_is_found_where_addresses_are_link_local():
    sh("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
    for dev in ("v0", "v1"):
        sh("ip", "link", "set", dev, "up")
    wait_until(lambda: "fe80:" in sh("ip", "-6", "addr", "show", "dev", "v0", "-tentative"),
               "a link-local address")
    names("127.0.0.1 localhost\n::1 localhost\n")
    listener, target = listen()
    port = target.split(":")[-1]
    switch = Switch("--controller", f"tcp:localhost:{port}")
    Peer.accept(listener)
    switch.says(f"tcp:localhost:{port}: connected")


def a_dead_name_server_holds_up_neither_others_nor_the_end():
    need("nft")
    silence("10.9.9.53")
    names("127.0.0.1 ctl\n", name_server="10.9.9.53")
    listener, target = listen()
    port = target.split(":")[-1]
    hanging = [w for i in range(8) for w in ("--controller", f"tcp:ctl{i}.example")]
    switch = Switch(*hanging, "--controller", f"tcp:ctl:{port}")
    Peer.accept(listener)
    asks = Process(program("sluice-ofctl"), "-t", "1", "show", "tcp:ctl.example")
    check(asks.wait() != 0, asks.output())
    check("no answer within 1 s" in asks.output(), asks.output())
    check(switch.stop() == 0, switch.output())


if __name__ == "__main__":
    main(a_controller_whose_first_address_is_silent_is_reached,
         localhost_is_found_where_addresses_are_link_local,
         a_dead_name_server_holds_up_neither_others_nor_the_end)
