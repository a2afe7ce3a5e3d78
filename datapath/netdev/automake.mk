# SPDX-License-Identifier: Apache-2.0
# Sources of the devices.

noinst_LIBRARIES += datapath/netdev/libnetdev.a
datapath_netdev_libnetdev_a_SOURCES = \
	datapath/netdev/capture-frame.h \
	datapath/netdev/capture-live.c \
	datapath/netdev/capture-live.h \
	datapath/netdev/capture-reader.c \
	datapath/netdev/capture-reader.h \
	datapath/netdev/capture-writer.c \
	datapath/netdev/capture-writer.h \
	datapath/netdev/device-claim.c \
	datapath/netdev/device-claim.h \
	datapath/netdev/device-lock.c \
	datapath/netdev/device-lock.h \
	datapath/netdev/egress-watchers.c \
	datapath/netdev/egress-watchers.h \
	datapath/netdev/host-drop.c \
	datapath/netdev/host-drop.h \
	datapath/netdev/link-address.c \
	datapath/netdev/link-address.h \
	datapath/netdev/link-features.c \
	datapath/netdev/link-features.h \
	datapath/netdev/link-monitor.c \
	datapath/netdev/link-monitor.h \
	datapath/netdev/link-route.c \
	datapath/netdev/link-route.h \
	datapath/netdev/link-status.c \
	datapath/netdev/link-status.h \
	datapath/netdev/netdev-closer.c \
	datapath/netdev/netdev-closer.h \
	datapath/netdev/netdev-memory.c \
	datapath/netdev/netdev-memory.h \
	datapath/netdev/netdev-options.c \
	datapath/netdev/netdev-options.h \
	datapath/netdev/netdev-pcap.c \
	datapath/netdev/netdev-pcap.h \
	datapath/netdev/netdev-provider.c \
	datapath/netdev/netdev-provider.h \
	datapath/netdev/netdev-raw.c \
	datapath/netdev/netdev-raw.h \
	datapath/netdev/netdev-registry.c \
	datapath/netdev/netdev-registry.h \
	datapath/netdev/netdev-send.c \
	datapath/netdev/netdev-tap.c \
	datapath/netdev/netdev-tap.h \
	datapath/netdev/netdev.h \
	datapath/netdev/netlink.c \
	datapath/netdev/netlink.h \
	datapath/netdev/netdev-shared.c \
	datapath/netdev/netdev-shared.h \
	datapath/netdev/packet-socket.c \
	datapath/netdev/packet-socket.h \
	datapath/netdev/raw-bypass.c \
	datapath/netdev/raw-bypass.h \
	datapath/netdev/raw-ring-stock.c \
	datapath/netdev/raw-ring-stock.h \
	datapath/netdev/raw-ring.c \
	datapath/netdev/raw-ring.h \
	datapath/netdev/raw-send.c \
	datapath/netdev/raw-send.h \
	datapath/netdev/raw-xdp.c \
	datapath/netdev/raw-xdp.h \
	datapath/netdev/tap-device.c \
	datapath/netdev/tap-device.h \
	datapath/netdev/tunnel-bundle.c \
	datapath/netdev/tunnel-bundle.h
