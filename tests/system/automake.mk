# SPDX-License-Identifier: Apache-2.0
# Tests of the whole switch in network namespaces.

# sluice-ofctl: its texts and itself against Open vSwitch.
ofctl_tests = tests/system/test-ofctl-ovs.py \
	tests/system/test-ofctl-pcap.py tests/system/test-ofp-text-ovs.py
TESTS += $(ofctl_tests)
EXTRA_DIST += $(ofctl_tests)

# Those that run with the sanitizers too: what makes threads meet, and what reads foreign bytes.
sanitized_system_tests += \
	tests/system/test-barrier.py \
	tests/system/test-controller-hostile.py \
	tests/system/test-demo.sh \
	tests/system/test-hostile.py \
	tests/system/test-sluicectl.py \
	tests/system/test-storm.py \
	tests/system/test-tls.py
system_tests += \
	$(sanitized_system_tests) \
	tests/system/test-applications.py \
	tests/system/test-controllers.py \
	tests/system/test-counters.py \
	tests/system/test-dialling.py \
	tests/system/test-dump.py \
	tests/system/test-failover.py \
	tests/system/test-forwarding.py \
	tests/system/test-fragments.py \
	tests/system/test-idle.py \
	tests/system/test-in-band.py \
	tests/system/test-ipv6.py \
	tests/system/test-learning.py \
	tests/system/test-mininet.py \
	tests/system/test-nicira-ovs.py \
	tests/system/test-nxm-osken.py \
	tests/system/test-nxm-ovs.py \
	tests/system/test-ofctl-texts.py \
	tests/system/test-options.py \
	tests/system/test-ovs-ofctl.py \
	tests/system/test-queues.py \
	tests/system/test-roles.py \
	tests/system/test-short-memory.py \
	tests/system/test-sluicetest.py \
	tests/system/test-snoop.py \
	tests/system/test-stp.py \
	tests/system/test-syscalls.py \
	tests/system/test-tutorial.py \
	tests/system/test-vxlan.py
EXTRA_DIST += \
	$(system_tests) \
	tests/system/demo.sh \
	tests/system/openflow.py \
	tests/system/oskenapps.py \
	tests/system/oskenrole.py \
	tests/system/oskensw.py \
	tests/system/pcapcheck.py \
	tests/system/sluicetest.py \
	tests/system/traffic.py

# Peers of the switch where Python would be too slow. They know nothing of the rest of the tree.
check_PROGRAMS += tests/system/barrier-storm tests/system/frame-storm
tests_system_barrier_storm_SOURCES = tests/system/barrier-storm.c
tests_system_frame_storm_SOURCES = tests/system/frame-storm.c

# The same script to us and to Open vSwitch.
check_PROGRAMS += tests/system/sim-switch
tests_system_sim_switch_SOURCES = tests/system/sim-switch.c
tests_system_sim_switch_LDADD = $(ofproto_libs)
system_tests += tests/system/test-differential.py
EXTRA_DIST += tests/system/differences.py tests/system/nicirascripts.py tests/system/normal.py \
	tests/system/nxm.py tests/system/ovs.py tests/system/scripts.py

# A library that is loaded into programs.
check_PROGRAMS += tests/system/short-memory.so
tests_system_short_memory_so_SOURCES = tests/system/short-memory.c
tests_system_short_memory_so_CFLAGS = $(AM_CFLAGS) -fPIC
tests_system_short_memory_so_LDFLAGS = -shared

# Devices that vanish and change.
system_tests += tests/system/test-devices.py

# Life as a daemon, and the manuals.
system_tests += tests/system/test-daemon.py
TESTS += tests/system/test-man-pages.sh
EXTRA_DIST += tests/system/test-man-pages.sh
