/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the kernel by netlink and its answers. */
#ifndef DATAPATH_NETDEV_NETLINK_H
#define DATAPATH_NETDEV_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NETLINK_REQUEST_SIZE = 1024, /* Bytes of memory for a request. */
};

/* A request under construction; on the stack of whoever makes it. */
struct netlink_request {
    char memory[NETLINK_REQUEST_SIZE] __attribute__((aligned(8))); /* Holds all of it. */
    struct nlmsghdr *header; /* Its header, in 'memory': for mnl_attr_put(). */
};

/* Starts a request of 'type' with 'flags' (NLM_F_REQUEST and NLM_F_ACK are added, the latter unless
 * it is a dump). Returns its 'extra_size' bytes after the header, all zero. */
void *netlink_request_init(struct netlink_request *request, uint16_t type, uint16_t flags,
                           size_t extra_size);

/* True if 'attr' has a value of 'type': of its size, a string (MNL_TYPE_NUL_STRING) with its end.
 * An attribute may be asked for its value only then. */
static inline bool netlink_attr_is(const struct nlattr *attr, enum mnl_attr_data_type type)
{
    return mnl_attr_validate(attr, type) >= 0;
}

/* Sends 'request' on 'bus' (NETLINK_ROUTE, ...) in the calling thread's network namespace and calls
 * 'each' (NULL: ignore them) with every answer and 'aux'. Returns 0 or an errno. Control thread. */
int netlink_transact(int bus, struct netlink_request *request, mnl_cb_t each, void *aux);

#endif
