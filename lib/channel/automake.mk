# SPDX-License-Identifier: Apache-2.0
# Sources of the OpenFlow connections.

noinst_LIBRARIES += lib/channel/libchannel.a
lib_channel_libchannel_a_SOURCES = \
	lib/channel/channel.h \
	lib/channel/dial.c \
	lib/channel/dial.h \
	lib/channel/loop-clock.c \
	lib/channel/loop-clock.h \
	lib/channel/lookup.c \
	lib/channel/lookup.h \
	lib/channel/rconn-fsm.c \
	lib/channel/rconn-fsm.h \
	lib/channel/rconn.c \
	lib/channel/rconn.h \
	lib/channel/stream-listen.c \
	lib/channel/stream-listen.h \
	lib/channel/stream-memory.c \
	lib/channel/stream-memory.h \
	lib/channel/stream-name.c \
	lib/channel/stream-name.h \
	lib/channel/stream-provider.h \
	lib/channel/stream-registry.c \
	lib/channel/stream-tls.c \
	lib/channel/stream-tls.h \
	lib/channel/stream-uv.c \
	lib/channel/stream-uv.h \
	lib/channel/stream.c \
	lib/channel/stream.h \
	lib/channel/tls-config.c \
	lib/channel/tls-config.h \
	lib/channel/tls-context.h \
	lib/channel/tls-reason.c \
	lib/channel/tls-reason.h \
	lib/channel/tls.c \
	lib/channel/tls.h \
	lib/channel/vconn.c \
	lib/channel/vconn.h
