# SPDX-License-Identifier: Apache-2.0
# Sources of the ground.

noinst_LIBRARIES += lib/libsluice.a
lib_libsluice_a_SOURCES = \
	lib/byte-order.h \
	lib/bytes.c \
	lib/bytes.h \
	lib/cmap.c \
	lib/cmap.h \
	lib/cmdl.c \
	lib/cmdl.h \
	lib/daemon.c \
	lib/daemon.h \
	lib/hash.h \
	lib/hmap.c \
	lib/hmap.h \
	lib/list.h \
	lib/parallel.c \
	lib/parallel.h \
	lib/rcu.c \
	lib/rcu.h \
	lib/text-json.c \
	lib/text-json.h \
	lib/timer-wheel.c \
	lib/timer-wheel.h \
	lib/token-bucket.h \
	lib/util.c \
	lib/util.h \
	lib/vlog.c \
	lib/vlog.h
