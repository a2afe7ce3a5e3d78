# SPDX-License-Identifier: Apache-2.0
# Tests of the room "datapath".

# Tables.
tables_tests = \
	tests/datapath/test-classifier \
	tests/datapath/test-flow-cache \
	tests/datapath/test-own-tables \
	tests/datapath/test-rule-quota \
	tests/datapath/test-table-cache \
	tests/datapath/test-tables \
	tests/datapath/test-tables-threads
check_PROGRAMS += $(tables_tests)
TESTS += $(tables_tests)

rule_maker = tests/datapath/rule-maker.c tests/datapath/rule-maker.h

tests_datapath_test_classifier_SOURCES = tests/datapath/test-classifier.c $(rule_maker)
tests_datapath_test_classifier_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_flow_cache_SOURCES = tests/datapath/test-flow-cache.c $(rule_maker)
tests_datapath_test_flow_cache_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_table_cache_SOURCES = tests/datapath/test-table-cache.c $(rule_maker)
tests_datapath_test_table_cache_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_own_tables_SOURCES = tests/datapath/test-own-tables.c $(rule_maker)
tests_datapath_test_own_tables_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_rule_quota_SOURCES = tests/datapath/test-rule-quota.c $(rule_maker)
tests_datapath_test_rule_quota_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_tables_SOURCES = tests/datapath/test-tables.c $(rule_maker)
tests_datapath_test_tables_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_tables_threads_SOURCES = tests/datapath/test-tables-threads.c $(rule_maker)
tests_datapath_test_tables_threads_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

# Forwarding.
forwarding_tests = \
	tests/datapath/test-actions \
	tests/datapath/test-mac-learning \
	tests/datapath/test-overlap \
	tests/datapath/test-packet-ring \
	tests/datapath/test-patch \
	tests/datapath/test-pipeline \
	tests/datapath/test-port-settings \
	tests/datapath/test-ports \
	tests/datapath/test-queue \
	tests/datapath/test-queue-config \
	tests/datapath/test-queue-scheduler \
	tests/datapath/test-resubmits \
	tests/datapath/test-rewrite \
	tests/datapath/test-upcall \
	tests/datapath/test-wakeup \
	tests/datapath/test-workers
check_PROGRAMS += $(forwarding_tests)
TESTS += $(forwarding_tests)

testbed = tests/datapath/testbed.c tests/datapath/testbed.h

tests_datapath_test_actions_SOURCES = tests/datapath/test-actions.c $(testbed)
tests_datapath_test_actions_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_mac_learning_SOURCES = tests/datapath/test-mac-learning.c
tests_datapath_test_mac_learning_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_overlap_SOURCES = tests/datapath/test-overlap.c tests/datapath/rule-maker.c \
	tests/datapath/rule-maker.h
tests_datapath_test_overlap_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_packet_ring_SOURCES = tests/datapath/test-packet-ring.c
tests_datapath_test_packet_ring_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_port_settings_SOURCES = tests/datapath/test-port-settings.c
tests_datapath_test_port_settings_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_patch_SOURCES = tests/datapath/test-patch.c $(testbed)
tests_datapath_test_patch_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_pipeline_SOURCES = tests/datapath/test-pipeline.c $(testbed)
tests_datapath_test_pipeline_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_resubmits_SOURCES = tests/datapath/test-resubmits.c $(testbed) $(rule_maker)
tests_datapath_test_resubmits_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_ports_SOURCES = tests/datapath/test-ports.c $(testbed)
tests_datapath_test_ports_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_queue_SOURCES = tests/datapath/test-queue.c $(testbed)
tests_datapath_test_queue_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_queue_config_SOURCES = tests/datapath/test-queue-config.c
tests_datapath_test_queue_config_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_queue_scheduler_SOURCES = tests/datapath/test-queue-scheduler.c
tests_datapath_test_queue_scheduler_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_rewrite_SOURCES = tests/datapath/test-rewrite.c tests/packet/oracle.c tests/packet/oracle.h \
	tests/packet/testing.h
tests_datapath_test_rewrite_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_upcall_SOURCES = tests/datapath/test-upcall.c
tests_datapath_test_upcall_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_wakeup_SOURCES = tests/datapath/test-wakeup.c
tests_datapath_test_wakeup_LDADD = $(datapath_libs) $(CMOCKA_LIBS)

tests_datapath_test_workers_SOURCES = tests/datapath/test-workers.c $(testbed)
tests_datapath_test_workers_LDADD = $(datapath_libs) $(CMOCKA_LIBS)
