# SPDX-License-Identifier: Apache-2.0
# Sources of the wire protocol.

noinst_LIBRARIES += lib/openflow/libopenflow.a
lib_openflow_libopenflow_a_SOURCES =
