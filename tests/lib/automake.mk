# SPDX-License-Identifier: Apache-2.0
# Tests of the ground.

lib_tests = \
	tests/lib/test-util \
	tests/lib/test-byte-order \
	tests/lib/test-list \
	tests/lib/test-hash \
	tests/lib/test-hmap \
	tests/lib/test-bytes \
	tests/lib/test-cmap \
	tests/lib/test-vlog \
	tests/lib/test-rcu \
	tests/lib/test-timer-wheel \
	tests/lib/test-token-bucket \
	tests/lib/test-cmdl \
	tests/lib/test-daemon \
	tests/lib/test-parallel
check_PROGRAMS += $(lib_tests)
TESTS += $(lib_tests)

tests_lib_test_util_SOURCES = tests/lib/test-util.c
tests_lib_test_util_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_byte_order_SOURCES = tests/lib/test-byte-order.c
tests_lib_test_byte_order_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_list_SOURCES = tests/lib/test-list.c
tests_lib_test_list_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_hash_SOURCES = tests/lib/test-hash.c
tests_lib_test_hash_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_hmap_SOURCES = tests/lib/test-hmap.c
tests_lib_test_hmap_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_bytes_SOURCES = tests/lib/test-bytes.c
tests_lib_test_bytes_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_vlog_SOURCES = tests/lib/test-vlog.c
tests_lib_test_vlog_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_rcu_SOURCES = tests/lib/test-rcu.c
tests_lib_test_rcu_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_timer_wheel_SOURCES = tests/lib/test-timer-wheel.c
tests_lib_test_timer_wheel_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_token_bucket_SOURCES = tests/lib/test-token-bucket.c
tests_lib_test_token_bucket_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_cmdl_SOURCES = tests/lib/test-cmdl.c
tests_lib_test_cmdl_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_daemon_SOURCES = tests/lib/test-daemon.c
tests_lib_test_daemon_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_cmap_SOURCES = tests/lib/test-cmap.c
tests_lib_test_cmap_LDADD = $(ground_libs) $(CMOCKA_LIBS)

tests_lib_test_parallel_SOURCES = tests/lib/test-parallel.c
tests_lib_test_parallel_LDADD = $(ground_libs) $(CMOCKA_LIBS)
