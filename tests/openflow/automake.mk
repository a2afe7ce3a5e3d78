# SPDX-License-Identifier: Apache-2.0
# Tests of the room "openflow".

openflow_tests = \
	tests/openflow/test-nx-actions \
	tests/openflow/test-nx-fields \
	tests/openflow/test-nx-match \
	tests/openflow/test-ofp-actions \
	tests/openflow/test-ofp-errors \
	tests/openflow/test-ofp-flow \
	tests/openflow/test-ofp-match \
	tests/openflow/test-ofp-msgs \
	tests/openflow/test-ofp-packet \
	tests/openflow/test-ofp-port \
	tests/openflow/test-ofp-queue \
	tests/openflow/test-ofp-stats \
	tests/openflow/test-ofp-switch
check_PROGRAMS += $(openflow_tests)
TESTS += $(openflow_tests)

# Messages in hexadecimal and a sample of each kind.
wire_sources = tests/openflow/wire.c tests/openflow/wire.h

tests_openflow_test_nx_actions_SOURCES = tests/openflow/test-nx-actions.c $(wire_sources)
tests_openflow_test_nx_actions_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_nx_fields_SOURCES = tests/openflow/test-nx-fields.c
tests_openflow_test_nx_fields_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_nx_match_SOURCES = tests/openflow/test-nx-match.c $(wire_sources)
tests_openflow_test_nx_match_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_actions_SOURCES = tests/openflow/test-ofp-actions.c $(wire_sources)
tests_openflow_test_ofp_actions_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_errors_SOURCES = tests/openflow/test-ofp-errors.c $(wire_sources)
tests_openflow_test_ofp_errors_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_flow_SOURCES = tests/openflow/test-ofp-flow.c $(wire_sources)
tests_openflow_test_ofp_flow_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_match_SOURCES = tests/openflow/test-ofp-match.c $(wire_sources)
tests_openflow_test_ofp_match_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_msgs_SOURCES = tests/openflow/test-ofp-msgs.c $(wire_sources)
tests_openflow_test_ofp_msgs_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_packet_SOURCES = tests/openflow/test-ofp-packet.c $(wire_sources)
tests_openflow_test_ofp_packet_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_port_SOURCES = tests/openflow/test-ofp-port.c $(wire_sources)
tests_openflow_test_ofp_port_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_queue_SOURCES = tests/openflow/test-ofp-queue.c $(wire_sources)
tests_openflow_test_ofp_queue_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_stats_SOURCES = tests/openflow/test-ofp-stats.c $(wire_sources)
tests_openflow_test_ofp_stats_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

tests_openflow_test_ofp_switch_SOURCES = tests/openflow/test-ofp-switch.c $(wire_sources)
tests_openflow_test_ofp_switch_LDADD = $(openflow_libs) $(CMOCKA_LIBS)

# Texts.
openflow_text_tests = \
	tests/openflow/test-ofp-parse \
	tests/openflow/test-ofp-print \
	tests/openflow/test-ofp-text
check_PROGRAMS += $(openflow_text_tests)
TESTS += $(openflow_text_tests)
tests_openflow_test_ofp_parse_SOURCES = tests/openflow/test-ofp-parse.c
tests_openflow_test_ofp_parse_LDADD = $(openflow_libs) $(CMOCKA_LIBS)
tests_openflow_test_ofp_print_SOURCES = tests/openflow/test-ofp-print.c
tests_openflow_test_ofp_print_LDADD = $(openflow_libs) $(CMOCKA_LIBS)
tests_openflow_test_ofp_text_SOURCES = tests/openflow/test-ofp-text.c
tests_openflow_test_ofp_text_LDADD = $(openflow_libs) $(CMOCKA_LIBS)
