# SPDX-License-Identifier: Apache-2.0
# Fuzz targets, run here without libFuzzer on what failed once, their seeds and fixed mutations.
#
# run-fuzzers builds and runs them with libFuzzer; what is built here repeats a crash from its FILE.

fuzz_targets = \
	tests/fuzz/fuzz-capture \
	tests/fuzz/fuzz-connection \
	tests/fuzz/fuzz-control \
	tests/fuzz/fuzz-controller \
	tests/fuzz/fuzz-flow-extract \
	tests/fuzz/fuzz-flow-text \
	tests/fuzz/fuzz-frame-text \
	tests/fuzz/fuzz-names \
	tests/fuzz/fuzz-netlink \
	tests/fuzz/fuzz-nicira-actions \
	tests/fuzz/fuzz-nx-match \
	tests/fuzz/fuzz-ofp-decode \
	tests/fuzz/fuzz-ofp-pcap \
	tests/fuzz/fuzz-ofp-print \
	tests/fuzz/fuzz-packet-actions \
	tests/fuzz/fuzz-reassembly \
	tests/fuzz/fuzz-scenario \
	tests/fuzz/fuzz-stp \
	tests/fuzz/fuzz-tls \
	tests/fuzz/fuzz-tunnel-bundle \
	tests/fuzz/fuzz-vconn
fuzz_dictionaries = \
	tests/fuzz/control.dict \
	tests/fuzz/flow-text.dict \
	tests/fuzz/frame-text.dict \
	tests/fuzz/names.dict \
	tests/fuzz/scenario.dict
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/run-fuzzers tests/fuzz/regressions $(fuzz_dictionaries)

# An archive, so that libFuzzer's own main() takes its place.
check_LIBRARIES += tests/fuzz/libdriver.a
tests_fuzz_libdriver_a_SOURCES = tests/fuzz/standalone.c

fuzz_bridge = tests/fuzz/bridge.c tests/fuzz/bridge.h

tests_fuzz_fuzz_capture_SOURCES = tests/fuzz/fuzz-capture.c tests/fuzz/fuzz.h \
	tests/fuzz/pcap-bytes.h
tests_fuzz_fuzz_capture_LDADD = tests/fuzz/libdriver.a $(netdev_libs)

tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz-control.c tests/fuzz/fuzz.h \
	utilities/ctl-print.c \
	utilities/ctl-print.h
tests_fuzz_fuzz_control_LDADD = tests/fuzz/libdriver.a $(ofproto_libs)

tests_fuzz_fuzz_controller_SOURCES = tests/fuzz/fuzz-controller.c tests/fuzz/fuzz.h \
	$(controller_sources) $(wire_sources)
tests_fuzz_fuzz_controller_LDADD = tests/fuzz/libdriver.a $(channel_libs)

tests_fuzz_fuzz_netlink_SOURCES = tests/fuzz/fuzz-netlink.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_netlink_LDADD = tests/fuzz/libdriver.a $(netdev_libs)

tests_fuzz_fuzz_ofp_print_SOURCES = tests/fuzz/fuzz-ofp-print.c tests/fuzz/fuzz.h \
	utilities/ofctl-json.c \
	utilities/ofctl-json.h \
	$(wire_sources)
tests_fuzz_fuzz_ofp_print_LDADD = tests/fuzz/libdriver.a $(openflow_libs) $(JANSSON_LIBS)

tests_fuzz_fuzz_connection_SOURCES = tests/fuzz/fuzz-connection.c tests/fuzz/fuzz.h \
	$(wire_sources)
tests_fuzz_fuzz_connection_LDADD = tests/fuzz/libdriver.a $(ofproto_libs)

tests_fuzz_fuzz_flow_extract_SOURCES = tests/fuzz/fuzz-flow-extract.c tests/fuzz/fuzz.h \
	tests/packet/naive-flow.c \
	tests/packet/naive-flow.h
tests_fuzz_fuzz_flow_extract_LDADD = tests/fuzz/libdriver.a $(openflow_libs)

tests_fuzz_fuzz_flow_text_SOURCES = tests/fuzz/fuzz-flow-text.c tests/fuzz/fuzz.h $(wire_sources)
tests_fuzz_fuzz_flow_text_LDADD = tests/fuzz/libdriver.a $(openflow_libs)

tests_fuzz_fuzz_frame_text_SOURCES = tests/fuzz/fuzz-frame-text.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_frame_text_LDADD = tests/fuzz/libdriver.a $(packet_libs)

tests_fuzz_fuzz_names_SOURCES = tests/fuzz/fuzz-names.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_names_LDADD = tests/fuzz/libdriver.a $(ofproto_libs)

tests_fuzz_fuzz_nicira_actions_SOURCES = tests/fuzz/fuzz-nicira-actions.c tests/fuzz/fuzz.h \
	$(fuzz_bridge) $(wire_sources) \
	tests/fuzz/packet-model.c \
	tests/fuzz/packet-model.h
tests_fuzz_fuzz_nicira_actions_LDADD = tests/fuzz/libdriver.a $(datapath_libs)

tests_fuzz_fuzz_nx_match_SOURCES = tests/fuzz/fuzz-nx-match.c tests/fuzz/fuzz.h $(wire_sources)
tests_fuzz_fuzz_nx_match_LDADD = tests/fuzz/libdriver.a $(openflow_libs)

tests_fuzz_fuzz_ofp_decode_SOURCES = tests/fuzz/fuzz-ofp-decode.c tests/fuzz/fuzz.h \
	$(wire_sources)
tests_fuzz_fuzz_ofp_decode_LDADD = tests/fuzz/libdriver.a $(openflow_libs)

tests_fuzz_fuzz_ofp_pcap_SOURCES = tests/fuzz/fuzz-ofp-pcap.c tests/fuzz/fuzz.h \
	tests/fuzz/pcap-bytes.h \
	utilities/ofctl-latency.c \
	utilities/ofctl-latency.h \
	utilities/ofctl-pcap.c \
	utilities/tcp-stream.c \
	utilities/tcp-stream.h
tests_fuzz_fuzz_ofp_pcap_LDADD = tests/fuzz/libdriver.a $(openflow_libs) $(LIBPCAP_LIBS)

tests_fuzz_fuzz_packet_actions_SOURCES = tests/fuzz/fuzz-packet-actions.c tests/fuzz/fuzz.h \
	$(fuzz_bridge) \
	tests/fuzz/packet-model.c \
	tests/fuzz/packet-model.h \
	tests/packet/naive-flow.c \
	tests/packet/naive-flow.h
tests_fuzz_fuzz_packet_actions_LDADD = tests/fuzz/libdriver.a $(datapath_libs)

tests_fuzz_fuzz_reassembly_SOURCES = tests/fuzz/fuzz-reassembly.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_reassembly_LDADD = tests/fuzz/libdriver.a $(packet_libs)

tests_fuzz_fuzz_scenario_SOURCES = tests/fuzz/fuzz-scenario.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_scenario_LDADD = tests/fuzz/libdriver.a $(ofproto_libs)

tests_fuzz_fuzz_stp_SOURCES = tests/fuzz/fuzz-stp.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_stp_LDADD = tests/fuzz/libdriver.a $(ofproto_libs)

tests_fuzz_fuzz_tls_SOURCES = tests/fuzz/fuzz-tls.c tests/fuzz/fuzz.h \
	tests/channel/certs.c \
	tests/channel/certs.h
tests_fuzz_fuzz_tls_LDADD = tests/fuzz/libdriver.a $(channel_libs) $(CMOCKA_LIBS)

tests_fuzz_fuzz_tunnel_bundle_SOURCES = tests/fuzz/fuzz-tunnel-bundle.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_tunnel_bundle_LDADD = tests/fuzz/libdriver.a $(netdev_libs)

tests_fuzz_fuzz_vconn_SOURCES = tests/fuzz/fuzz-vconn.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_vconn_LDADD = tests/fuzz/libdriver.a $(channel_libs)
