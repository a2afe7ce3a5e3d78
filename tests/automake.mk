# SPDX-License-Identifier: Apache-2.0
# Checks of the tree itself, and the page that tells which rows of the standard are proved.

tree_checks = tests/check-floors tests/test-check-floors tests/conformance/test-conformance
TESTS += $(tree_checks)
EXTRA_DIST += $(tree_checks) tests/floors tests/random.h tests/unit.h \
	tests/conformance/conformance \
	tests/conformance/rows

conformance = $(srcdir)/tests/conformance/conformance

# Runs every test that names a row, then tells about each row: nothing is proved by earlier runs, should
# make stop before the tests.
conformance:
	$(conformance) --forget
	-$(MAKE) $(AM_MAKEFLAGS) check TESTS="`$(conformance) --tests | tr '\n' ' '`"
	$(conformance)

# Writes what the last run has proved into the manual.
conformance-page:
	(cat $(srcdir)/tests/conformance/page-head; $(conformance) --markdown) \
		> $(srcdir)/doc/conformance.md

.PHONY: conformance conformance-page
EXTRA_DIST += tests/conformance/page-head
