# SPDX-License-Identifier: Apache-2.0
# Tests of the whole switch in network namespaces.

# sluice-ofctl: its manual, its texts and itself against Open vSwitch.
ofctl_tests = tests/system/test-ofctl-man.sh tests/system/test-ofctl-ovs.py tests/system/test-ofp-text-ovs.py
TESTS += $(ofctl_tests)
EXTRA_DIST += $(ofctl_tests)

# The control socket, and Mininet.
control_tests = tests/system/test-sluicectl.py tests/system/test-mininet.py
system_tests += $(control_tests)
sanitized_system_tests += tests/system/test-sluicectl.py
EXTRA_DIST += $(control_tests)
