#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The snoop socket: whoever listens there reads what the switch and its controllers say, and only reads."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from openflow import ADD, BARRIER_REPLY, BARRIER_REQUEST, Peer, flow_mod, match, message
from sluicetest import Process, Switch, check, main, need, program, quiet_veth, wait_until

PORT = 6653
WORDS = ("OFPT_FLOW_MOD", "OFPT_BARRIER_REQUEST (xid=0x77)", "OFPT_BARRIER_REPLY (xid=0x77)")


def set_up():
    """A switch with a controller of ours; returns both."""
    quiet_veth("p1", "e1")
    listener = socket.create_server(("127.0.0.1", PORT))
    switch = Switch("--controller", f"tcp:127.0.0.1:{PORT}", ports=["p1"])
    return switch, Peer.accept(listener)


def read_by(switch, peer, *command):
    """What 'command' shows of a flow_mod, a barrier and its reply."""
    snooper = Process(*command, name="snooper")

    def hears():
        """Until the snooper is connected it hears nothing."""
        peer.send(flow_mod(ADD, match(), output=1), message(BARRIER_REQUEST, xid=0x77))
        peer.until(BARRIER_REPLY)
        return all(word in snooper.output() for word in WORDS)
    wait_until(hears, f"{WORDS} of the snooper")
    check("actions=output:1" in switch.ofctl("dump-flows"), "the flow_mod was not executed")


# rows: A1.23
def our_tool_reads_along():
    switch, peer = set_up()
    read_by(switch, peer, program("sluice-ofctl"), "--run-dir", switch.run_dir, "snoop", "br0")


# rows: A1.23 BH7
def open_vswitch_s_tool_reads_along():
    need("ovs-ofctl")
    switch, peer = set_up()
    os.makedirs("/run/snoop")
    for kind in ("mgmt", "snoop"):
        os.symlink(f"{switch.run_dir}/br0.{kind}", f"/run/snoop/br0.{kind}")
    read_by(switch, peer, "env", "OVS_RUNDIR=/run/snoop", "ovs-ofctl", "-O", "OpenFlow10", "snoop", "br0")


main(our_tool_reads_along, open_vswitch_s_tool_reads_along)
