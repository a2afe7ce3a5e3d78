# SPDX-License-Identifier: Apache-2.0
# Tests of the room "netdev".

# A private network and a hand on devices, for tests of other rooms too.
check_LIBRARIES += tests/netdev/libsandbox.a
tests_netdev_libsandbox_a_SOURCES = \
	tests/netdev/sandbox.c \
	tests/netdev/sandbox.h \
	tests/netdev/wire.c \
	tests/netdev/wire.h

netdev_tests = \
	tests/netdev/test-link-monitor \
	tests/netdev/test-link-route \
	tests/netdev/test-netdev-closer \
	tests/netdev/test-netdev-memory \
	tests/netdev/test-netdev-options \
	tests/netdev/test-netdev-pcap \
	tests/netdev/test-netdev-pcap-live \
	tests/netdev/test-netdev-raw \
	tests/netdev/test-netdev-tap \
	tests/netdev/test-netdev-tcp \
	tests/netdev/test-raw-bypass \
	tests/netdev/test-raw-xdp \
	tests/netdev/test-tunnel-bundle
check_PROGRAMS += $(netdev_tests)
TESTS += $(netdev_tests)

netdev_test_sources = tests/netdev/device.c tests/netdev/device.h
netdev_test_libs = tests/netdev/libsandbox.a $(netdev_libs) $(CMOCKA_LIBS)

tests_netdev_test_link_monitor_SOURCES = tests/netdev/test-link-monitor.c
tests_netdev_test_link_monitor_LDADD = $(netdev_test_libs)

tests_netdev_test_link_route_SOURCES = tests/netdev/test-link-route.c
tests_netdev_test_link_route_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_closer_SOURCES = tests/netdev/test-netdev-closer.c
tests_netdev_test_netdev_closer_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_memory_SOURCES = tests/netdev/test-netdev-memory.c $(netdev_test_sources)
tests_netdev_test_netdev_memory_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_options_SOURCES = tests/netdev/test-netdev-options.c $(netdev_test_sources)
tests_netdev_test_netdev_options_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_pcap_SOURCES = tests/netdev/test-netdev-pcap.c $(netdev_test_sources)
tests_netdev_test_netdev_pcap_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_pcap_live_SOURCES = tests/netdev/test-netdev-pcap-live.c $(netdev_test_sources)
tests_netdev_test_netdev_pcap_live_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_raw_SOURCES = tests/netdev/test-netdev-raw.c $(netdev_test_sources)
tests_netdev_test_netdev_raw_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_tap_SOURCES = tests/netdev/test-netdev-tap.c $(netdev_test_sources)
tests_netdev_test_netdev_tap_LDADD = $(netdev_test_libs)

tests_netdev_test_netdev_tcp_SOURCES = tests/netdev/test-netdev-tcp.c $(netdev_test_sources)
tests_netdev_test_netdev_tcp_LDADD = $(netdev_test_libs)

tests_netdev_test_raw_bypass_SOURCES = tests/netdev/test-raw-bypass.c
tests_netdev_test_raw_bypass_LDADD = $(netdev_test_libs)

tests_netdev_test_raw_xdp_SOURCES = tests/netdev/test-raw-xdp.c $(netdev_test_sources)
tests_netdev_test_raw_xdp_LDADD = $(netdev_test_libs)

tests_netdev_test_tunnel_bundle_SOURCES = tests/netdev/test-tunnel-bundle.c tests/packet/testing.h
tests_netdev_test_tunnel_bundle_LDADD = $(netdev_test_libs)
