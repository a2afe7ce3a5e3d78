# SPDX-License-Identifier: Apache-2.0
"""What the classic applications of OpenFlow 1.0 do, in small: applications for osken-manager.

The environment's APPLICATION chooses one of the classes below.  Each does on the wire what its well known
namesake does; none shares anything with it but the messages.
"""
import os
import struct

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import addrconv
from os_ken.lib.packet import arp, ether_types, ethernet, icmp, ipv4, packet, tcp, udp
from os_ken.ofproto import ofproto_v1_0

LLDP = "01:80:c2:00:00:0e"
N_LINKS = int(os.environ.get("N_LINKS", "0"))  # Ends of links between switches that are to be found.


def say(text):
    print(text, flush=True)


def exact_match(parser, msg):
    """All twelve fields of a packet_in."""
    pkt = packet.Packet(msg.data)
    eth = pkt.get_protocol(ethernet.ethernet)
    fields = {"in_port": msg.in_port, "dl_src": eth.src, "dl_dst": eth.dst, "dl_vlan": 0xffff,
              "dl_vlan_pcp": 0, "dl_type": eth.ethertype, "nw_tos": 0, "nw_proto": 0, "nw_src": 0,
              "nw_dst": 0, "tp_src": 0, "tp_dst": 0}
    ip, a = pkt.get_protocol(ipv4.ipv4), pkt.get_protocol(arp.arp)
    if ip:
        fields.update(nw_tos=ip.tos & 0xfc, nw_proto=ip.proto, nw_src=ip.src, nw_dst=ip.dst)
        for kind in (tcp.tcp, udp.udp):
            l4 = pkt.get_protocol(kind)
            if l4:
                fields.update(tp_src=l4.src_port, tp_dst=l4.dst_port)
        if pkt.get_protocol(icmp.icmp):
            ping = pkt.get_protocol(icmp.icmp)
            fields.update(tp_src=ping.type, tp_dst=ping.code)
    if a:
        fields.update(nw_proto=a.opcode, nw_src=a.src_ip, nw_dst=a.dst_ip)
    return parser.OFPMatch(**fields)


def send_out(msg, actions, in_port=None):
    """A packet_out that relies on the switch's buffer: never with data."""
    dp = msg.datapath
    dp.send_msg(dp.ofproto_parser.OFPPacketOut(
        datapath=dp, buffer_id=msg.buffer_id, in_port=msg.in_port if in_port is None else in_port,
        actions=actions, data=None))


def send_frame(dp, frame, port):
    """A packet_out with a frame of our own."""
    ofp, parser = dp.ofproto, dp.ofproto_parser
    dp.send_msg(parser.OFPPacketOut(datapath=dp, buffer_id=ofp.OFP_NO_BUFFER, in_port=ofp.OFPP_NONE,
                                    actions=[parser.OFPActionOutput(port)], data=frame))


def flow_mod(dp, match, actions, priority=0x8000, buffer_id=0xffffffff, idle=0, hard=0):
    ofp = dp.ofproto
    dp.send_msg(dp.ofproto_parser.OFPFlowMod(
        datapath=dp, match=match, cookie=0, command=ofp.OFPFC_ADD, idle_timeout=idle, hard_timeout=hard,
        priority=priority, buffer_id=buffer_id, flags=0, actions=actions))


class Learning:
    """A learning switch of exact flows: the first packet goes by the flow_mod's own buffer."""

    def __init__(self):
        self.places = {}

    def packet_in(self, msg):
        dp, ofp, parser = msg.datapath, msg.datapath.ofproto, msg.datapath.ofproto_parser
        eth = packet.Packet(msg.data).get_protocol(ethernet.ethernet)
        if eth.ethertype == ether_types.ETH_TYPE_LLDP:
            send_out(msg, [])  # Frees the buffer.
            return
        self.places[dp.id, eth.src] = msg.in_port
        out = self.places.get((dp.id, eth.dst))
        if out is None:
            send_out(msg, [parser.OFPActionOutput(ofp.OFPP_FLOOD)])
        else:
            flow_mod(dp, exact_match(parser, msg), [parser.OFPActionOutput(out)],
                     buffer_id=msg.buffer_id, idle=10, hard=30)


class Discovery:
    """Finds the links between switches: each port says its name in an LLDP frame."""

    def __init__(self):
        self.datapaths, self.links = {}, {}

    def features(self, dp, ports):
        self.datapaths[dp.id] = dp
        self.ports = getattr(self, "ports", {})
        self.ports[dp.id] = ports
        for other in self.datapaths.values():  # Those that came before have heard nothing of this one.
            for no in self.ports[other.id]:
                self.announce(other, no)

    def announce(self, dp, port):
        tlvs = (struct.pack("!HBQ", 1 << 9 | 9, 7, dp.id) + struct.pack("!HBH", 2 << 9 | 3, 7, port)
                + struct.pack("!HH", 3 << 9 | 2, 120) + b"\0\0")
        frame = (addrconv.mac.text_to_bin(LLDP) + addrconv.mac.text_to_bin(self.ports[dp.id][port])
                 + struct.pack("!H", ether_types.ETH_TYPE_LLDP) + tlvs)
        send_frame(dp, frame.ljust(60, b"\0"), port)

    def packet_in(self, msg):
        eth = packet.Packet(msg.data).get_protocol(ethernet.ethernet)
        if eth.ethertype != ether_types.ETH_TYPE_LLDP:
            return self.other(msg)
        far = struct.unpack("!HBQ", msg.data[14:25])[2], struct.unpack("!HBH", msg.data[25:30])[2]
        near = msg.datapath.id, msg.in_port
        send_out(msg, [])
        if near not in self.links:
            self.links[near] = far
            say(f"link {near[0]}.{near[1]} to {far[0]}.{far[1]}")
            if len(self.links) == N_LINKS:
                self.complete()
        return None

    def complete(self):
        say("topology complete")

    def other(self, msg):
        send_out(msg, [])


class Tree(Discovery):
    """Keeps floods to a spanning tree by PORT_MOD with NO_FLOOD, then floods all there is."""

    def complete(self):
        reached, tree, again = {min(self.datapaths)}, set(), True
        while again:
            again = False
            for (a, port), (b, far_port) in sorted(self.links.items()):
                if a in reached and b not in reached:
                    reached.add(b)
                    tree |= {(a, port), (b, far_port)}
                    again = True
        for id_, port in self.links:
            dp = self.datapaths[id_]
            bit = dp.ofproto.OFPPC_NO_FLOOD
            dp.send_msg(dp.ofproto_parser.OFPPortMod(
                dp, port, self.ports[id_][port], 0 if (id_, port) in tree else bit, bit, 0))
        self.waiting = len(self.datapaths)
        for dp in self.datapaths.values():
            dp.send_msg(dp.ofproto_parser.OFPBarrierRequest(dp))

    def barrier(self):
        self.waiting -= 1
        if not self.waiting:
            say("tree is set")

    def other(self, msg):
        send_out(msg, [msg.datapath.ofproto_parser.OFPActionOutput(msg.datapath.ofproto.OFPP_FLOOD)])


class Paths(Tree):
    """Paths over several switches: flows on all of them, last the first switch's packet to its table."""

    def __init__(self):
        super().__init__()
        self.hosts = {}

    def path(self, start, end):
        """Hops (datapath id, port out) from switch 'start' to 'end', or None."""
        ways, todo = {start: []}, [start]
        for at in todo:
            for (a, port), (b, _far) in sorted(self.links.items()):
                if a == at and b not in ways:
                    ways[b] = ways[at] + [(a, port)]
                    todo.append(b)
        return ways.get(end)

    def other(self, msg):
        dp, ofp, parser = msg.datapath, msg.datapath.ofproto, msg.datapath.ofproto_parser
        eth = packet.Packet(msg.data).get_protocol(ethernet.ethernet)
        if (dp.id, msg.in_port) not in self.links:
            self.hosts[eth.src] = dp.id, msg.in_port
        if eth.dst not in self.hosts:
            send_out(msg, [parser.OFPActionOutput(ofp.OFPP_FLOOD)])
            return
        end, port = self.hosts[eth.dst]
        for id_, out in reversed(self.path(dp.id, end) + [(end, port)]):
            hop = self.datapaths[id_]
            flow_mod(hop, parser.OFPMatch(dl_src=eth.src, dl_dst=eth.dst), [parser.OFPActionOutput(out)])
        send_out(msg, [parser.OFPActionOutput(ofp.OFPP_TABLE)])


class Firewall:
    """Lets ARP and what is allowed go NORMAL, and hears of what it blocks."""

    def features(self, dp, _ports):
        ofp, parser = dp.ofproto, dp.ofproto_parser
        normal = [parser.OFPActionOutput(ofp.OFPP_NORMAL)]
        blocked = [parser.OFPActionOutput(ofp.OFPP_CONTROLLER, 128)]
        flow_mod(dp, parser.OFPMatch(), blocked, priority=0)
        flow_mod(dp, parser.OFPMatch(dl_type=ether_types.ETH_TYPE_ARP), normal, priority=65534)
        for ends in ({"nw_src": "10.0.0.1", "nw_dst": "10.0.0.2"},
                     {"nw_src": "10.0.0.2", "nw_dst": "10.0.0.1"}):
            flow_mod(dp, parser.OFPMatch(dl_type=ether_types.ETH_TYPE_IP, nw_proto=1, **ends), normal,
                     priority=1)
        dp.send_msg(parser.OFPBarrierRequest(dp))

    def barrier(self):
        say("firewall is up")

    def packet_in(self, msg):
        ip = packet.Packet(msg.data).get_protocol(ipv4.ipv4)
        if ip:
            say(f"blocked {ip.src} to {ip.dst} reason={msg.reason} size={len(msg.data)}")


class Router:
    """Answers for its addresses, and routes between two networks by rewriting Ethernet addresses."""

    MAC = "02:00:00:00:00:fe"
    GATEWAYS = {"10.0.1.1", "10.0.2.1"}

    def packet_in(self, msg):
        dp, ofp, parser = msg.datapath, msg.datapath.ofproto, msg.datapath.ofproto_parser
        pkt = packet.Packet(msg.data)
        eth, a, ip = (pkt.get_protocol(k) for k in (ethernet.ethernet, arp.arp, ipv4.ipv4))
        send_out(msg, [])
        if a and a.dst_ip in self.GATEWAYS:
            flow_mod(dp, parser.OFPMatch(dl_type=ether_types.ETH_TYPE_IP, nw_dst=a.src_ip),
                     [parser.OFPActionSetDlSrc(addrconv.mac.text_to_bin(self.MAC)),
                      parser.OFPActionSetDlDst(addrconv.mac.text_to_bin(a.src_mac)),
                      parser.OFPActionOutput(msg.in_port)], priority=2)
            self.reply(dp, msg.in_port, ethernet.ethernet(a.src_mac, self.MAC, eth.ethertype),
                       arp.arp(opcode=arp.ARP_REPLY, src_mac=self.MAC, src_ip=a.dst_ip,
                               dst_mac=a.src_mac, dst_ip=a.src_ip))
            say(f"host {a.src_ip}")
        elif ip and ip.dst in self.GATEWAYS and pkt.get_protocol(icmp.icmp):
            echo = pkt.get_protocol(icmp.icmp)
            self.reply(dp, msg.in_port, ethernet.ethernet(eth.src, self.MAC, eth.ethertype),
                       ipv4.ipv4(src=ip.dst, dst=ip.src, proto=1),
                       icmp.icmp(icmp.ICMP_ECHO_REPLY, 0, 0, echo.data))
        assert dp.ofproto is ofp

    @staticmethod
    def reply(dp, port, *headers):
        pkt = packet.Packet()
        for header in headers:
            pkt.add_protocol(header)
        pkt.serialize()
        send_frame(dp, bytes(pkt.data), port)


CHOSEN = {c.__name__.lower(): c for c in (Learning, Discovery, Tree, Paths, Firewall, Router)}[
    os.environ.get("APPLICATION", "learning")]


class Application(CHOSEN, app_manager.OSKenApp):
    """The chosen one, fed with events."""

    OFP_VERSIONS = [ofproto_v1_0.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        app_manager.OSKenApp.__init__(self, *args, **kwargs)
        if CHOSEN.__init__ is not object.__init__:
            CHOSEN.__init__(self)

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def on_features(self, ev):
        dp, ofp = ev.msg.datapath, ev.msg.datapath.ofproto
        dp.send_msg(dp.ofproto_parser.OFPSetConfig(dp, ofp.OFPC_FRAG_NORMAL, 128))
        if hasattr(self, "features"):
            ports = {no: port.hw_addr for no, port in ev.msg.ports.items() if no <= ofp.OFPP_MAX}
            self.features(dp, ports)
        say(f"datapath {dp.id} connected")

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def on_error(self, ev):
        say(f"error type {ev.msg.type} code {ev.msg.code}")

    @set_ev_cls(ofp_event.EventOFPBarrierReply, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def on_barrier(self, _ev):
        if hasattr(self, "barrier"):
            self.barrier()

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def on_packet_in(self, ev):
        self.packet_in(ev.msg)
