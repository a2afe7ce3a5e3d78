# SPDX-License-Identifier: Apache-2.0
# Fuzz targets, run here without libFuzzer on their seeds and fixed mutations.
#
# For libFuzzer: clang -fsanitize=fuzzer,address,undefined with a target's sources but standalone.c;
# the program built here writes a first corpus with -o DIRECTORY and repeats a crash from its FILE.

fuzz_targets = \
	tests/fuzz/fuzz-ofp-decode \
	tests/fuzz/fuzz-packet-actions
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)

fuzz_driver = tests/fuzz/fuzz.h tests/fuzz/standalone.c

tests_fuzz_fuzz_ofp_decode_SOURCES = tests/fuzz/fuzz-ofp-decode.c $(wire_sources) $(fuzz_driver)
tests_fuzz_fuzz_ofp_decode_LDADD = $(openflow_libs)

tests_fuzz_fuzz_packet_actions_SOURCES = tests/fuzz/fuzz-packet-actions.c \
	tests/fuzz/packet-model.c tests/fuzz/packet-model.h $(fuzz_driver)
tests_fuzz_fuzz_packet_actions_LDADD = $(datapath_libs)
