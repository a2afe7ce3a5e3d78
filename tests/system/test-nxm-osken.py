#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""os-ken's own encoder and parser of Nicira's messages talk to the switch: a second opinion on every byte."""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from openflow import BARRIER_REPLY, BARRIER_REQUEST, ERROR, HEADER, Peer, message
from sluicetest import Skip, Switch, check, main, quiet_veth

try:
    from os_ken.lib import addrconv
    from os_ken.ofproto import nx_match, ofproto_protocol, ofproto_v1_0, ofproto_v1_0_parser as parser
except ImportError:
    parser = None

VENDOR, STATS_REPLY = 4, 17


def mac(text):
    return addrconv.mac.text_to_bin(text)


def ip(text):
    return struct.unpack("!I", socket.inet_aton(text))[0]


def ip6(text, form="!8H"):
    return list(struct.unpack(form, socket.inet_pton(socket.AF_INET6, text)))


# What is set on a rule of os-ken's, and how that is printed.
RULES = [
    ([("in_port", 1), ("dl_src", mac("02:00:00:00:00:01"))], "in_port=1,dl_src=02:00:00:00:00:01"),
    ([("dl_dst_masked", mac("01:00:00:00:00:00"), mac("01:00:00:00:00:00"))],
     "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00"),
    ([("dl_tci_masked", 0x1000, 0x1000)], "vlan_tci=0x1000/0x1000"),
    ([("dl_type", 0x800), ("nw_src_masked", ip("10.0.0.0"), ip("255.0.0.255")), ("nw_dscp", 32)],
     "ip,nw_src=10.0.0.0/255.0.0.255,nw_tos=32"),
    ([("dl_type", 0x800), ("nw_ttl", 64), ("nw_ecn", 1), ("nw_frag", 1)], "ip,nw_ecn=1,nw_ttl=64,nw_frag=first"),
    ([("dl_type", 0x800), ("nw_proto", 6), ("tp_dst_masked", 80, 0xfff0), ("tp_src", 5)],
     "tcp,tp_src=5,tp_dst=0x50/0xfff0"),
    ([("dl_type", 0x800), ("nw_proto", 6), ("tcp_flags", 2, 0x12)], "tcp,tcp_flags=+syn-ack"),
    ([("dl_type", 0x800), ("nw_proto", 17), ("tp_dst", 53)], "udp,tp_dst=53"),
    ([("dl_type", 0x800), ("nw_proto", 1), ("icmp_type", 8), ("icmp_code", 0)], "icmp,icmp_type=8,icmp_code=0"),
    ([("dl_type", 0x806), ("arp_spa", ip("10.0.0.1")), ("arp_tha", mac("02:00:00:00:00:02"))],
     "arp,arp_spa=10.0.0.1,arp_tha=02:00:00:00:00:02"),
    ([("dl_type", 0x86dd), ("ipv6_src_masked", ip6("fe80::"), ip6("ffc0::")), ("ipv6_label", 5)],
     "ipv6,ipv6_src=fe80::/10,ipv6_label=0x00005"),
    ([("dl_type", 0x86dd), ("nw_proto", 58), ("icmpv6_type", 135), ("icmpv6_code", 0),
      ("nd_target", ip6("fe80::1", "!4I"))],
     "icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::1"),
    ([("tun_id_masked", 5, 15), ("reg", 3, 7), ("reg_masked", 4, 1, 3), ("pkt_mark_masked", 1, 1)],
     "pkt_mark=0x1/0x1,reg3=0x7,reg4=0x1/0x3,tun_id=0x5/0xf"),
]


class Net:
    """A switch and a connection to it."""

    def __init__(self):
        if not parser:
            raise Skip("os-ken is not installed")
        quiet_veth("p1", "e1")
        self.switch = Switch("--fail-mode", "secure", ports=["p1"])
        self.peer = Peer.connect(self.switch.mgmt)
        self.dp = ofproto_protocol.ProtocolDesc(version=ofproto_v1_0.OFP_VERSION)

    def send(self, msg):
        """Sends a message of os-ken's and returns what came until its barrier was answered."""
        msg.set_xid(0x1234)
        msg.serialize()
        self.peer.send(bytes(msg.buf), message(BARRIER_REQUEST, xid=0x1235))
        came = []
        while not any(kind == BARRIER_REPLY for kind, _xid, _body in came):
            came += self.peer.receive()
        errors = [body for kind, _xid, body in came if kind == ERROR]
        check(not errors, f"{type(msg).__name__} was refused: {errors}")
        return [(kind, xid, body) for kind, xid, body in came if kind != BARRIER_REPLY]

    def parse(self, kind, xid, body):
        """What os-ken makes of a message of the switch's."""
        data = HEADER.pack(1, kind, 8 + len(body), xid) + body
        return parser.msg_parser(self.dp, 1, kind, len(data), xid, data)

    def rule(self, fields):
        rule = nx_match.ClsRule()
        for name, *values in fields:
            getattr(rule, "set_" + name)(*values)
        return rule


def can_parse(rule):
    """True if os-ken has a parser for all that it can write itself."""
    data = bytearray()
    size, at = nx_match.serialize_nxm_match(rule, data, 0), 0
    while at < size:
        if struct.unpack_from("!I", data, at)[0] not in nx_match.MFField._FIELDS_HEADERS:
            return False
        at += 4 + data[at + 3]
    return True


# rows: B5 B6 B7 B10 B14
def every_rule_is_understood_and_told():
    net = Net()
    net.send(parser.NXTSetFlowFormat(net.dp, ofproto_v1_0.NXFF_NXM))
    net.send(parser.NXTFlowAge(net.dp))
    for fields, text in RULES:
        rule = net.rule(fields)
        output = [parser.OFPActionOutput(1)]
        net.send(parser.NXTFlowMod(net.dp, 7, ofproto_v1_0.OFPFC_ADD, priority=9, rule=rule, actions=output))
        dumped = net.switch.ofctl("dump-flows").splitlines()[1]
        check(f" priority=9,{text} actions=output:1" in dumped, f"{text} came as {dumped}")

        (came,) = net.send(parser.NXFlowStatsRequest(net.dp, 0, 0xffff, 0xff, rule=rule))
        if can_parse(rule):
            (stats,) = net.parse(*came).body
            check((stats.cookie, stats.priority, stats.table_id) == (7, 9, 0), f"statistics of {text}")
            check(stats.idle_age > 0 and stats.hard_age > 0, f"ages of {text}")
            check([a.port for a in stats.actions] == [1], f"actions of {text}")
            check(len(stats.fields) == len(fields), f"fields of {text}")

        (came,) = net.send(parser.NXAggregateStatsRequest(net.dp, 0, 0xffff, 0xff, rule=rule))
        check(net.parse(*came).body[0].flow_count == 1, f"sum of {text}")
        net.send(parser.NXTFlowMod(net.dp, 0, ofproto_v1_0.OFPFC_DELETE_STRICT, priority=9, rule=rule))
        check("actions=" not in net.switch.ofctl("dump-flows"), f"{text} was not deleted")


# rows: B3 B8
def removals_and_tables_are_told():
    net = Net()
    net.send(parser.NXTSetFlowFormat(net.dp, ofproto_v1_0.NXFF_NXM))
    net.send(parser.OFPSetConfig(net.dp, 0, 128))
    net.send(parser.NXTFlowModTableId(net.dp, 1))
    rule = net.rule([("in_port", 1), ("reg", 1, 2)])
    net.send(parser.NXTFlowMod(net.dp, 0x77, ofproto_v1_0.OFPFC_ADD, idle_timeout=60, priority=9, rule=rule,
                               flags=ofproto_v1_0.OFPFF_SEND_FLOW_REM))
    came = net.send(parser.NXTFlowMod(net.dp, 0, ofproto_v1_0.OFPFC_DELETE, rule=rule))
    while not came:
        came = net.peer.receive()
    removed = net.parse(*came[0]).data
    check(isinstance(removed, parser.NXTFlowRemoved), f"{removed} is no flow_removed")
    check((removed.cookie, removed.priority, removed.reason, removed.idle_timeout)
          == (0x77, 9, ofproto_v1_0.OFPRR_DELETE, 60), f"{removed}")


main(every_rule_is_understood_and_told, removals_and_tables_are_told)
