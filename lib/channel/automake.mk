# SPDX-License-Identifier: Apache-2.0
# Sources of the OpenFlow connections.

noinst_LIBRARIES += lib/channel/libchannel.a
lib_channel_libchannel_a_SOURCES =
