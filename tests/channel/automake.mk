# SPDX-License-Identifier: Apache-2.0
# Tests of the room "channel".

channel_tests = \
	tests/channel/test-dial \
	tests/channel/test-loop-clock \
	tests/channel/test-tls \
	tests/channel/test-tls-config \
	tests/channel/test-stream \
	tests/channel/test-stream-name \
	tests/channel/test-stream-tls \
	tests/channel/test-vconn \
	tests/channel/test-rconn \
	tests/channel/test-rconn-fsm \
	tests/channel/test-learning \
	tests/channel/test-controller
check_PROGRAMS += $(channel_tests)
TESTS += $(channel_tests) tests/channel/test-pki
EXTRA_DIST += tests/channel/test-pki
channel_fixture = \
	tests/channel/fixture.c \
	tests/channel/fixture.h

tests_channel_test_tls_SOURCES = tests/channel/test-tls.c tests/channel/certs.c \
	tests/channel/certs.h $(channel_fixture)
tests_channel_test_tls_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_tls_config_SOURCES = tests/channel/test-tls-config.c tests/channel/certs.c \
	tests/channel/certs.h $(channel_fixture)
tests_channel_test_tls_config_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_dial_SOURCES = tests/channel/test-dial.c $(channel_fixture)
tests_channel_test_dial_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_loop_clock_SOURCES = tests/channel/test-loop-clock.c $(channel_fixture)
tests_channel_test_loop_clock_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_stream_SOURCES = tests/channel/test-stream.c $(channel_fixture)
tests_channel_test_stream_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_stream_tls_SOURCES = tests/channel/test-stream-tls.c \
	tests/channel/certs.c tests/channel/certs.h $(channel_fixture)
tests_channel_test_stream_tls_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_stream_name_SOURCES = tests/channel/test-stream-name.c
tests_channel_test_stream_name_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_vconn_SOURCES = tests/channel/test-vconn.c $(channel_fixture)
tests_channel_test_vconn_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_rconn_SOURCES = tests/channel/test-rconn.c $(channel_fixture)
tests_channel_test_rconn_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_rconn_fsm_SOURCES = tests/channel/test-rconn-fsm.c
tests_channel_test_rconn_fsm_LDADD = $(channel_libs) $(CMOCKA_LIBS)

tests_channel_test_learning_SOURCES = tests/channel/test-learning.c utilities/learning.c \
	utilities/learning.h
tests_channel_test_learning_LDADD = $(packet_libs) $(CMOCKA_LIBS)

tests_channel_test_controller_SOURCES = tests/channel/test-controller.c $(controller_sources) \
	$(channel_fixture)
tests_channel_test_controller_LDADD = $(channel_libs) $(CMOCKA_LIBS)
