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
	ofproto/stats.c \
	ofproto/stats.h
