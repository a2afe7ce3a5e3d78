# SPDX-License-Identifier: Apache-2.0
# Tests of the room "ofproto".

ofproto_tests = \
	tests/ofproto/test-buffers \
	tests/ofproto/test-connmgr \
	tests/ofproto/test-scenario
check_PROGRAMS += $(ofproto_tests)
TESTS += $(ofproto_tests)

tests_ofproto_test_buffers_SOURCES = tests/ofproto/test-buffers.c
tests_ofproto_test_buffers_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_connmgr_SOURCES = tests/ofproto/test-connmgr.c
tests_ofproto_test_connmgr_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_scenario_SOURCES = tests/ofproto/test-scenario.c
tests_ofproto_test_scenario_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)
