# SPDX-License-Identifier: Apache-2.0
# The programs.

sbin_PROGRAMS += utilities/sluiced
utilities_sluiced_SOURCES = \
	utilities/run-dir.c \
	utilities/run-dir.h \
	utilities/service.c \
	utilities/service.h \
	utilities/sluiced.c \
	utilities/sluiced-options.c \
	utilities/sluiced-options.h
utilities_sluiced_LDADD = $(ofproto_libs)
dist_man_MANS += utilities/sluiced.8

bin_PROGRAMS += utilities/sluice-ofctl
utilities_sluice_ofctl_SOURCES = \
	utilities/ofctl-client.c \
	utilities/ofctl-client.h \
	utilities/ofctl-diff.c \
	utilities/ofctl-dump-flows.c \
	utilities/ofctl-dump.c \
	utilities/ofctl-flows.c \
	utilities/ofctl-format.c \
	utilities/ofctl-json.c \
	utilities/ofctl-json.h \
	utilities/ofctl-latency.c \
	utilities/ofctl-latency.h \
	utilities/ofctl-packet.c \
	utilities/ofctl-pcap.c \
	utilities/ofctl-ports.c \
	utilities/ofctl.c \
	utilities/ofctl.h \
	utilities/run-dir.c \
	utilities/run-dir.h \
	utilities/sluice-ofctl.c \
	utilities/tcp-stream.c \
	utilities/tcp-stream.h
utilities_sluice_ofctl_LDADD = $(channel_libs) $(LIBPCAP_LIBS) $(JANSSON_LIBS)
dist_man_MANS += utilities/sluice-ofctl.8

bin_PROGRAMS += utilities/sluicectl
utilities_sluicectl_SOURCES = \
	utilities/ctl-print.c \
	utilities/ctl-print.h \
	utilities/run-dir.c \
	utilities/run-dir.h \
	utilities/sluicectl.c
utilities_sluicectl_LDADD = $(ground_libs) $(JANSSON_LIBS)
dist_man_MANS += utilities/sluicectl.8

# Classes for Mininet.
mininetdir = $(datadir)/sluice/mininet
dist_mininet_DATA = utilities/mininet/sluice.py

bin_SCRIPTS += utilities/sluice-pki
EXTRA_DIST += utilities/sluice-pki.in
CLEANFILES += utilities/sluice-pki
dist_man_MANS += utilities/sluice-pki.8
utilities/sluice-pki: $(srcdir)/utilities/sluice-pki.in Makefile
	$(AM_V_GEN)mkdir -p utilities && sed 's|[@]VERSION[@]|$(VERSION)|' $(srcdir)/utilities/sluice-pki.in >$@.tmp && \
		chmod 755 $@.tmp && mv $@.tmp $@

bin_PROGRAMS += utilities/sluice-controller
controller_sources = \
	utilities/controller-switch.c \
	utilities/controller-switch.h \
	utilities/learning.c \
	utilities/learning.h
utilities_sluice_controller_SOURCES = \
	$(controller_sources) \
	utilities/controller-options.c \
	utilities/controller-options.h \
	utilities/service.c \
	utilities/service.h \
	utilities/sluice-controller.c
utilities_sluice_controller_LDADD = $(channel_libs)
dist_man_MANS += utilities/sluice-controller.8
