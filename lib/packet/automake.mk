# SPDX-License-Identifier: Apache-2.0
# Sources of what a frame is.

noinst_LIBRARIES += lib/packet/libpacket.a
lib_packet_libpacket_a_SOURCES =
