# SPDX-License-Identifier: Apache-2.0
# Sources of what a frame is.

noinst_LIBRARIES += lib/packet/libpacket.a
lib_packet_libpacket_a_SOURCES = \
	lib/packet/checksum.c \
	lib/packet/checksum.h \
	lib/packet/cutter.c \
	lib/packet/cutter.h \
	lib/packet/flow.c \
	lib/packet/flow.h \
	lib/packet/fragment.c \
	lib/packet/fragment.h \
	lib/packet/frame-print.c \
	lib/packet/frame-spec.c \
	lib/packet/frame-spec.h \
	lib/packet/frame.c \
	lib/packet/frame.h \
	lib/packet/headers.c \
	lib/packet/headers.h \
	lib/packet/layers.c \
	lib/packet/layers.h \
	lib/packet/match.c \
	lib/packet/match.h \
	lib/packet/offload.c \
	lib/packet/offload.h \
	lib/packet/packet.c \
	lib/packet/packet.h \
	lib/packet/reassembly.c \
	lib/packet/reassembly.h
