# SPDX-License-Identifier: Apache-2.0
# Tests of what a frame is.

packet_tests = \
	tests/packet/test-checksum \
	tests/packet/test-flow \
	tests/packet/test-frame \
	tests/packet/test-match \
	tests/packet/test-offload \
	tests/packet/test-offload-guess \
	tests/packet/test-packet \
	tests/packet/test-reassembly
check_PROGRAMS += $(packet_tests)
TESTS += $(packet_tests)

tests_packet_test_checksum_SOURCES = tests/packet/test-checksum.c tests/packet/testing.h
tests_packet_test_checksum_LDADD = $(packet_libs) $(CMOCKA_LIBS)

tests_packet_test_flow_SOURCES = tests/packet/test-flow.c tests/packet/naive-flow.c \
	tests/packet/naive-flow.h tests/packet/testing.h
tests_packet_test_flow_LDADD = $(packet_libs) $(CMOCKA_LIBS)

tests_packet_test_frame_SOURCES = tests/packet/test-frame.c tests/packet/testing.h
tests_packet_test_frame_LDADD = $(packet_libs) $(CMOCKA_LIBS)

tests_packet_test_match_SOURCES = tests/packet/test-match.c tests/packet/testing.h
tests_packet_test_match_LDADD = $(packet_libs) $(CMOCKA_LIBS)

cutting_sources = tests/packet/cutting.c tests/packet/cutting.h tests/packet/oracle.c \
	tests/packet/oracle.h tests/packet/testing.h
tests_packet_test_offload_SOURCES = tests/packet/test-offload.c $(cutting_sources)
tests_packet_test_offload_LDADD = $(packet_libs) $(CMOCKA_LIBS)

tests_packet_test_offload_guess_SOURCES = tests/packet/test-offload-guess.c $(cutting_sources)
tests_packet_test_offload_guess_LDADD = $(packet_libs) $(CMOCKA_LIBS)

tests_packet_test_packet_SOURCES = tests/packet/test-packet.c tests/packet/testing.h
tests_packet_test_packet_LDADD = $(packet_libs) $(CMOCKA_LIBS)

tests_packet_test_reassembly_SOURCES = tests/packet/test-reassembly.c
tests_packet_test_reassembly_LDADD = $(packet_libs) $(CMOCKA_LIBS)
