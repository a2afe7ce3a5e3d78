# SPDX-License-Identifier: Apache-2.0
# Sources of the packet path.

noinst_LIBRARIES += datapath/libdatapath.a
datapath_libdatapath_a_SOURCES =

# Tables.
datapath_libdatapath_a_SOURCES += \
	datapath/chain-index.c \
	datapath/chain-index.h \
	datapath/change-ring.c \
	datapath/change-ring.h \
	datapath/classifier.c \
	datapath/classifier.h \
	datapath/counters.c \
	datapath/counters.h \
	datapath/flow-cache.c \
	datapath/flow-cache.h \
	datapath/rule-quota.c \
	datapath/rule-quota.h \
	datapath/rule.c \
	datapath/rule.h \
	datapath/subtable.c \
	datapath/subtable.h \
	datapath/table-cache.c \
	datapath/table-cache.h \
	datapath/tables-interest.c \
	datapath/tables-interest.h \
	datapath/tables-private.h \
	datapath/tables-walk.c \
	datapath/tables.c \
	datapath/tables.h

# Forwarding.
datapath_libdatapath_a_SOURCES += \
	datapath/actions-field.c \
	datapath/actions-field.h \
	datapath/actions-nicira.c \
	datapath/actions-nicira.h \
	datapath/actions.c \
	datapath/actions.h \
	datapath/crossing.c \
	datapath/crossing.h \
	datapath/datapath-owner.h \
	datapath/datapath-ports.c \
	datapath/datapath-ports.h \
	datapath/datapath-private.h \
	datapath/datapath.c \
	datapath/datapath.h \
	datapath/delivery.c \
	datapath/delivery.h \
	datapath/drops.c \
	datapath/drops.h \
	datapath/execution.c \
	datapath/execution.h \
	datapath/forwarder.c \
	datapath/forwarder.h \
	datapath/fin-timeout.c \
	datapath/fin-timeout.h \
	datapath/learn.c \
	datapath/learn.h \
	datapath/mac-learning.c \
	datapath/mac-learning.h \
	datapath/normal.c \
	datapath/normal.h \
	datapath/output.c \
	datapath/output.h \
	datapath/packet-out.h \
	datapath/packet-ring.c \
	datapath/packet-ring.h \
	datapath/patch-ports.c \
	datapath/patch-ports.h \
	datapath/patch.c \
	datapath/patch.h \
	datapath/pipeline.c \
	datapath/pipeline.h \
	datapath/port-device.c \
	datapath/port-device.h \
	datapath/port-map.c \
	datapath/port-map.h \
	datapath/port-news.c \
	datapath/port-news.h \
	datapath/port-settings.c \
	datapath/port-settings.h \
	datapath/port.c \
	datapath/port.h \
	datapath/queue-config.c \
	datapath/queue-config.h \
	datapath/queue-ports.c \
	datapath/queue-ports.h \
	datapath/queue-scheduler.c \
	datapath/queue-scheduler.h \
	datapath/queue.c \
	datapath/queue.h \
	datapath/rewrite.c \
	datapath/rewrite.h \
	datapath/transmit.c \
	datapath/transmit.h \
	datapath/upcall.c \
	datapath/upcall.h \
	datapath/wakeup.c \
	datapath/wakeup.h \
	datapath/worker.c \
	datapath/worker.h \
	datapath/workers-private.c \
	datapath/workers-private.h \
	datapath/workers.c \
	datapath/workers.h
