# SPDX-License-Identifier: Apache-2.0
# Sources of the OpenFlow switch.

noinst_LIBRARIES += ofproto/libofproto.a
ofproto_libofproto_a_SOURCES =
