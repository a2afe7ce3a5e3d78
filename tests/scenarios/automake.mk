# SPDX-License-Identifier: Apache-2.0
# Tests of the whole switch in simulation: each file is a scenario (doc/scenarios.md).

SIM_LOG_COMPILER = $(LOG_COMPILER) $(top_builddir)/utilities/sluiced
AM_SIM_LOG_FLAGS = --log warn --sim

scenarios = \
	tests/scenarios/action-lists.sim \
	tests/scenarios/actions-offloads.sim \
	tests/scenarios/actions-outputs.sim \
	tests/scenarios/actions-rewrites.sim \
	tests/scenarios/async-config.sim \
	tests/scenarios/barrier.sim \
	tests/scenarios/buffers.sim \
	tests/scenarios/busy-connections.sim \
	tests/scenarios/clock-jumps.sim \
	tests/scenarios/clock-jumps-connections.sim \
	tests/scenarios/clock-jumps-datapath.sim \
	tests/scenarios/config.sim \
	tests/scenarios/controllers-handshakes.sim \
	tests/scenarios/controllers-proxy.sim \
	tests/scenarios/emergency.sim \
	tests/scenarios/eviction.sim \
	tests/scenarios/fail-modes.sim \
	tests/scenarios/fields-in-actions.sim \
	tests/scenarios/fin-timeout.sim \
	tests/scenarios/flow-expiry.sim \
	tests/scenarios/flow-mod-add.sim \
	tests/scenarios/flow-mod-delete.sim \
	tests/scenarios/flow-mod-errors.sim \
	tests/scenarios/flow-mod-modify.sim \
	tests/scenarios/flow-stats.sim \
	tests/scenarios/fragments-reassembled.sim \
	tests/scenarios/half-sent-message.sim \
	tests/scenarios/handshake.sim \
	tests/scenarios/in-band.sim \
	tests/scenarios/in-band-ipv6.sim \
	tests/scenarios/large-tables.sim \
	tests/scenarios/learn-delete.sim \
	tests/scenarios/learn-patches.sim \
	tests/scenarios/learn.sim \
	tests/scenarios/learning-pipeline.sim \
	tests/scenarios/liveness.sim \
	tests/scenarios/long-lives.sim \
	tests/scenarios/many-packets.sim \
	tests/scenarios/many-peers.sim \
	tests/scenarios/many-ports.sim \
	tests/scenarios/match-arp.sim \
	tests/scenarios/match-ethernet.sim \
	tests/scenarios/match-fields.sim \
	tests/scenarios/match-fragments.sim \
	tests/scenarios/match-normalisation.sim \
	tests/scenarios/match-truncated.sim \
	tests/scenarios/match-vlan.sim \
	tests/scenarios/nicira-errors.sim \
	tests/scenarios/normal-ageing.sim \
	tests/scenarios/normal-vlans.sim \
	tests/scenarios/normal.sim \
	tests/scenarios/nxm-fields.sim \
	tests/scenarios/nxm-flows.sim \
	tests/scenarios/nxm-formats.sim \
	tests/scenarios/packet-in-metadata.sim \
	tests/scenarios/packet-in.sim \
	tests/scenarios/packet-out.sim \
	tests/scenarios/packet-out-rests.sim \
	tests/scenarios/patch-ports.sim \
	tests/scenarios/port-and-table-stats.sim \
	tests/scenarios/port-mod.sim \
	tests/scenarios/port-status.sim \
	tests/scenarios/priorities.sim \
	tests/scenarios/queues.sim \
	tests/scenarios/resubmit.sim \
	tests/scenarios/rights-flows.sim \
	tests/scenarios/rights-ports.sim \
	tests/scenarios/rights-ways-round.sim \
	tests/scenarios/roles.sim \
	tests/scenarios/service-connections.sim \
	tests/scenarios/settings.sim \
	tests/scenarios/several-tables.sim \
	tests/scenarios/stalled-controller.sim \
	tests/scenarios/stalled-dump.sim \
	tests/scenarios/stp-blocks-receive.sim \
	tests/scenarios/stp-forgets.sim \
	tests/scenarios/stp-patches.sim \
	tests/scenarios/stp-ports.sim \
	tests/scenarios/stp.sim \
	tests/scenarios/switch-traps.sim \
	tests/scenarios/symmetric.sim \
	tests/scenarios/ttl-and-controller.sim
TESTS += $(scenarios)
EXTRA_DIST += $(scenarios)
