# SPDX-License-Identifier: Apache-2.0
# The programs.

sbin_PROGRAMS += utilities/sluiced
utilities_sluiced_SOURCES = \
	utilities/sluiced.c \
	utilities/sluiced-options.c \
	utilities/sluiced-options.h
utilities_sluiced_LDADD = $(ofproto_libs)
dist_man_MANS += utilities/sluiced.8
