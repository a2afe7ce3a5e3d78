# SPDX-License-Identifier: Apache-2.0
# Benchmarks beside Open vSwitch: "make bench-smoke" takes less than two minutes, "make bench" more.

bench_programs = \
	tests/bench/controller \
	tests/bench/generate \
	tests/bench/ping-pong
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs) bench-smoke.json bench.json
EXTRA_DIST += tests/bench/bench.py

tests_bench_controller_SOURCES = tests/bench/controller.c tests/bench/wire.h
tests_bench_controller_LDADD = $(ground_libs)

tests_bench_generate_SOURCES = tests/bench/generate.c tests/bench/wire.h
tests_bench_generate_LDADD = $(ground_libs)

tests_bench_ping_pong_SOURCES = tests/bench/ping-pong.c

bench_needs = $(bench_programs) utilities/sluiced$(EXEEXT) utilities/sluice-ofctl$(EXEEXT)
run_bench = top_srcdir='$(top_srcdir)' top_builddir='$(top_builddir)' \
	$(srcdir)/tests/bench/bench.py

bench-smoke: $(bench_needs)
	$(run_bench) --json bench-smoke.json
bench: $(bench_needs)
	$(run_bench) --full --json bench.json

.PHONY: bench bench-smoke
