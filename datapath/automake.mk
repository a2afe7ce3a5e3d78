# SPDX-License-Identifier: Apache-2.0
# Sources of the packet path.

noinst_LIBRARIES += datapath/libdatapath.a
datapath_libdatapath_a_SOURCES =
