/* SPDX-License-Identifier: Apache-2.0 */
/* Why the datapath dropped packets: the reasons and their words. */
#include "datapath/drops.h"

#include <assert.h>

#include "lib/util.h"

const char *const drop_reason_names[N_DROP_REASONS] = {
    [DROP_PORT_DOWN] = "received on a port that is down",
    [DROP_NO_RECV] = "received on a port that does not receive",
    [DROP_BLOCKED] = "received on a port that spanning tree blocks",
    [DROP_RUNT] = "shorter than an Ethernet header",
    [DROP_FRAGMENT] = "IP fragment, and fragments are dropped",
    [DROP_FRAGMENT_LATE] = "IP fragment, others of its packet did not come in time",
    [DROP_FRAGMENT_CROWDED] = "IP fragment, too many packets incomplete",
    [DROP_FRAGMENT_BAD] = "IP fragment, overlaps or does not fit the others",
    [DROP_MISS] = "no rule and no controller",
    [DROP_NO_PACKET_IN] = "no rule, and the port sends no packet_in",
    [DROP_NO_PORT] = "output to a port that is not there",
    [DROP_INGRESS] = "output to the ingress port",
    [DROP_NOT_FORWARDING] = "output to a port that is down or does not forward",
    [DROP_VLAN] = "of a VLAN that the port does not carry",
    [DROP_RESERVED] = "reserved multicast address",
    [DROP_RECURSION] = "table lookup nested too deep",
    [DROP_RESUBMITS] = "resubmitted too often",
    [DROP_HOPS] = "crossed too many patch ports",
    [DROP_CROSSINGS_FULL] = "too many packets cross patch ports",
    [DROP_NO_QUEUE] = "enqueued to a queue that is not there: sent by the default one",
    [DROP_NO_MEMORY] = "no free packet buffer",
    [DROP_UPCALL_QUOTA] = "to the controller: share of the port used up",
    [DROP_UPCALL_FULL] = "to the controller: ring full",
    [DROP_UPCALL_PROTOCOL] = "to a protocol machine: ring full, or too many",
    [DROP_LEARN_FULL] = "to learn from or to cut timeouts by: ring full",
    [DROP_LEARN_WAITING] = "to learn from: too many wait for a flow_mod",
    [DROP_DAMAGED] = "to the controller: frame can not be segmented",
};
static_assert(ARRAY_SIZE(drop_reason_names) == N_DROP_REASONS, "every reason has words");
