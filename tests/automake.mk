# SPDX-License-Identifier: Apache-2.0
# Checks of the tree itself.

tree_checks = tests/check-floors tests/test-check-floors
TESTS += $(tree_checks)
EXTRA_DIST += $(tree_checks) tests/floors tests/unit.h
