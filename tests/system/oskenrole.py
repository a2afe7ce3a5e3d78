# SPDX-License-Identifier: Apache-2.0
"""An application of os-ken that becomes master of its switch, and chooses what it is sent."""
from os_ken.base.app_manager import OSKenApp
from os_ken.controller import ofp_event
from os_ken.controller.handler import MAIN_DISPATCHER, set_ev_cls
from os_ken.ofproto import ofproto_v1_0


class Master(OSKenApp):
    """Asks for the role as soon as the switch is there."""

    OFP_VERSIONS = [ofproto_v1_0.OFP_VERSION]

    @set_ev_cls(ofp_event.EventOFPStateChange, MAIN_DISPATCHER)
    def arrived(self, event):
        datapath = event.datapath
        ofproto, parser = datapath.ofproto, datapath.ofproto_parser
        datapath.send_msg(parser.NXTSetAsyncConfig(datapath, [3, 0], [7, 7], [7, 0]))
        datapath.send_msg(parser.NXTSetControllerId(datapath, 7))
        datapath.send_msg(parser.NXTRoleRequest(datapath, ofproto.NX_ROLE_MASTER))

    @set_ev_cls(ofp_event.EventOFPVendor, MAIN_DISPATCHER)
    def answered(self, event):
        print(f"role reply {event.msg.data.role}", flush=True)

    @set_ev_cls(ofp_event.EventOFPErrorMsg, MAIN_DISPATCHER)
    def failed(self, event):
        print(f"error {event.msg.type} {event.msg.code}", flush=True)
