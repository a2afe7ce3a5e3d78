# SPDX-License-Identifier: Apache-2.0
# Checks of the tree itself.

TESTS += tests/check-floors
EXTRA_DIST += tests/check-floors tests/floors tests/unit.h
