# SPDX-License-Identifier: Apache-2.0
# Sources of the wire protocol.

noinst_LIBRARIES += lib/openflow/libopenflow.a
lib_openflow_libopenflow_a_SOURCES = \
	lib/openflow/nicira-ext.h \
	lib/openflow/nx-actions.c \
	lib/openflow/nx-actions.h \
	lib/openflow/nx-fields.c \
	lib/openflow/nx-fields.h \
	lib/openflow/nx-flow.c \
	lib/openflow/nx-learn.c \
	lib/openflow/nx-learn.h \
	lib/openflow/nx-match.c \
	lib/openflow/nx-match.h \
	lib/openflow/nx-packet.c \
	lib/openflow/ofp-action.h \
	lib/openflow/ofp-actions.c \
	lib/openflow/ofp-actions.h \
	lib/openflow/ofp-codec.c \
	lib/openflow/ofp-codec.h \
	lib/openflow/ofp-errors.c \
	lib/openflow/ofp-errors.h \
	lib/openflow/ofp-flow.c \
	lib/openflow/ofp-match.c \
	lib/openflow/ofp-match.h \
	lib/openflow/ofp-message.h \
	lib/openflow/ofp-msgs.c \
	lib/openflow/ofp-msgs.h \
	lib/openflow/ofp-nicira.c \
	lib/openflow/ofp-packet.c \
	lib/openflow/ofp-port.c \
	lib/openflow/ofp-queue.c \
	lib/openflow/ofp-stats.c \
	lib/openflow/ofp-switch.c \
	lib/openflow/openflow-1.0.h
lib_openflow_libopenflow_a_SOURCES += \
	lib/openflow/nx-actions-text.c \
	lib/openflow/nx-actions-text.h \
	lib/openflow/nx-field-forms.c \
	lib/openflow/nx-learn-text.c \
	lib/openflow/ofp-field-forms.c \
	lib/openflow/ofp-field-forms.h \
	lib/openflow/ofp-field.h \
	lib/openflow/ofp-fields.c \
	lib/openflow/ofp-fields.h \
	lib/openflow/ofp-hex.c \
	lib/openflow/ofp-parse-actions.c \
	lib/openflow/ofp-parse-flow.c \
	lib/openflow/ofp-parse-match.c \
	lib/openflow/ofp-parse-match.h \
	lib/openflow/ofp-parse.h \
	lib/openflow/ofp-port-text.c \
	lib/openflow/ofp-print-actions.c \
	lib/openflow/ofp-print-flow.c \
	lib/openflow/ofp-print-kinds.h \
	lib/openflow/ofp-print-match.c \
	lib/openflow/ofp-print-message.c \
	lib/openflow/ofp-print-stats.c \
	lib/openflow/ofp-print-switch.c \
	lib/openflow/ofp-print-table.c \
	lib/openflow/ofp-print-vendor.c \
	lib/openflow/ofp-print.h \
	lib/openflow/ofp-words.c \
	lib/openflow/ofp-words.h
