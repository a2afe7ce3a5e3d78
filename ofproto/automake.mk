# SPDX-License-Identifier: Apache-2.0
# Sources of the OpenFlow switch.

noinst_LIBRARIES += ofproto/libofproto.a
ofproto_libofproto_a_SOURCES = \
	ofproto/bridge.c \
	ofproto/bridge.h \
	ofproto/buffers.c \
	ofproto/buffers.h \
	ofproto/connmgr.c \
	ofproto/connmgr.h \
	ofproto/control-commands.c \
	ofproto/control-commands.h \
	ofproto/control.c \
	ofproto/control.h \
	ofproto/expire.c \
	ofproto/expire.h \
	ofproto/fail-mode.c \
	ofproto/fail-mode.h \
	ofproto/flow-mod.c \
	ofproto/flow-mod.h \
	ofproto/identity.c \
	ofproto/identity.h \
	ofproto/ofproto-config.h \
	ofproto/ofproto-private.h \
	ofproto/ofproto.c \
	ofproto/ofproto.h \
	ofproto/packet-io.c \
	ofproto/packet-io.h \
	ofproto/port-mod.c \
	ofproto/port-mod.h \
	ofproto/roles.c \
	ofproto/roles.h \
	ofproto/scenario-capture.c \
	ofproto/scenario-capture.h \
	ofproto/scenario-events.c \
	ofproto/scenario-events.h \
	ofproto/scenario-expect.c \
	ofproto/scenario-expect.h \
	ofproto/scenario-flows.c \
	ofproto/scenario-flows.h \
	ofproto/scenario-message.c \
	ofproto/scenario-message.h \
	ofproto/scenario-peer.c \
	ofproto/scenario-peer.h \
	ofproto/scenario-private.c \
	ofproto/scenario-private.h \
	ofproto/scenario-say.c \
	ofproto/scenario-say.h \
	ofproto/scenario-text.c \
	ofproto/scenario-text.h \
	ofproto/scenario-world.c \
	ofproto/scenario-world.h \
	ofproto/scenario.c \
	ofproto/scenario.h \
	ofproto/stats.c \
	ofproto/stats.h \
	ofproto/stp-bpdu.c \
	ofproto/stp-bpdu.h \
	ofproto/stp-information.c \
	ofproto/stp-information.h \
	ofproto/stp-private.h \
	ofproto/stp-transitions.c \
	ofproto/stp-transitions.h \
	ofproto/stp-types.h \
	ofproto/stp.c \
	ofproto/stp.h
