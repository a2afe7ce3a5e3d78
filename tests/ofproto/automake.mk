# SPDX-License-Identifier: Apache-2.0
# Tests of the room "ofproto".

ofproto_tests = \
	tests/ofproto/test-buffers \
	tests/ofproto/test-connmgr \
	tests/ofproto/test-dump \
	tests/ofproto/test-in-band \
	tests/ofproto/test-in-band-rules \
	tests/ofproto/test-learn \
	tests/ofproto/test-learn-threads \
	tests/ofproto/test-log \
	tests/ofproto/test-model \
	tests/ofproto/test-packet-out \
	tests/ofproto/test-rights \
	tests/ofproto/test-rstp \
	tests/ofproto/test-scenario \
	tests/ofproto/test-stp \
	tests/ofproto/test-stp-bpdu \
	tests/ofproto/test-stp-settings
check_PROGRAMS += $(ofproto_tests)
TESTS += $(ofproto_tests)

tests_ofproto_test_buffers_SOURCES = tests/ofproto/test-buffers.c
tests_ofproto_test_buffers_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_connmgr_SOURCES = tests/ofproto/test-connmgr.c
tests_ofproto_test_connmgr_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_in_band_SOURCES = tests/ofproto/test-in-band.c
tests_ofproto_test_in_band_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_in_band_rules_SOURCES = tests/ofproto/test-in-band-rules.c
tests_ofproto_test_in_band_rules_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_log_SOURCES = tests/ofproto/test-log.c
tests_ofproto_test_log_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_scenario_SOURCES = tests/ofproto/test-scenario.c
tests_ofproto_test_scenario_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_stp_SOURCES = tests/ofproto/test-stp.c tests/ofproto/stp-net.c \
	tests/ofproto/stp-net.h
tests_ofproto_test_stp_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_rstp_SOURCES = tests/ofproto/test-rstp.c tests/ofproto/stp-net.c \
	tests/ofproto/stp-net.h
tests_ofproto_test_rstp_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_stp_bpdu_SOURCES = tests/ofproto/test-stp-bpdu.c
tests_ofproto_test_stp_bpdu_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_learn_SOURCES = tests/ofproto/test-learn.c
tests_ofproto_test_learn_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_dump_SOURCES = tests/ofproto/test-dump.c tests/datapath/rule-maker.c \
	tests/datapath/rule-maker.h
tests_ofproto_test_dump_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_learn_threads_SOURCES = tests/ofproto/test-learn-threads.c
tests_ofproto_test_learn_threads_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_model_SOURCES = tests/ofproto/test-model.c tests/ofproto/model-frame.c \
	tests/ofproto/model-frame.h tests/ofproto/model-random.c tests/ofproto/model-random.h \
	tests/ofproto/model-switch.c tests/ofproto/model-switch.h \
	tests/datapath/rule-maker.c tests/datapath/rule-maker.h
tests_ofproto_test_model_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_stp_settings_SOURCES = tests/ofproto/test-stp-settings.c
tests_ofproto_test_stp_settings_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_packet_out_SOURCES = tests/ofproto/test-packet-out.c
tests_ofproto_test_packet_out_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)

tests_ofproto_test_rights_SOURCES = tests/ofproto/test-rights.c
tests_ofproto_test_rights_LDADD = $(ofproto_libs) $(CMOCKA_LIBS)
