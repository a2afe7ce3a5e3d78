/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the kernel by netlink and its answers. */
#include "datapath/netdev/netlink.h"

#include <errno.h>
#include <sys/socket.h>

/* Theory
 * ======
 *
 * A socket for each request costs some microseconds and saves descriptors, sequence numbers and
 * namespaces: the request reaches the namespace that the calling thread is in, and no answer to an
 * earlier request can be waiting. The kernel answers within the send, so nothing here waits.
 *
 * Of a dump it sends only what the header of the request asks for (Linux 4.20; an older one sends
 * all): with thousands of links there is much that nobody wants to know. */

static bool is_dump(uint16_t flags)
{
    return (flags & NLM_F_DUMP) == NLM_F_DUMP;
}

void *netlink_request_init(struct netlink_request *request, uint16_t type, uint16_t flags,
                           size_t extra_size)
{
    request->header = mnl_nlmsg_put_header(request->memory);
    request->header->nlmsg_type = type;
    request->header->nlmsg_flags = NLM_F_REQUEST | flags;
    if (!is_dump(flags)) {
        request->header->nlmsg_flags |= NLM_F_ACK;
    }
    return mnl_nlmsg_put_extra_header(request->header, extra_size);
}

/* Receives and parses all answers. Returns 0 or an errno. */
static int receive_answers(struct mnl_socket *s, mnl_cb_t each, void *aux)
{
    char buffer[32768] __attribute__((aligned(8)));
    int run;
    do {
        ssize_t n = mnl_socket_recvfrom(s, buffer, sizeof buffer);
        if (n < 0) {
            return errno;
        }
        run = mnl_cb_run(buffer, n, 0, mnl_socket_get_portid(s), each, aux);
    } while (run > MNL_CB_STOP);
    return run < 0 ? errno : 0;
}

int netlink_transact(int bus, struct netlink_request *request, mnl_cb_t each, void *aux)
{
    struct mnl_socket *s = mnl_socket_open2(bus, SOCK_CLOEXEC);
    if (!s) {
        return errno;
    }
    if (is_dump(request->header->nlmsg_flags)) {
        mnl_socket_setsockopt(s, NETLINK_GET_STRICT_CHK, &(int) {true}, sizeof(int));
    }
    int error = 0;
    if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0
        || mnl_socket_sendto(s, request->header, request->header->nlmsg_len) < 0) {
        error = errno;
    } else {
        error = receive_answers(s, each, aux);
    }
    mnl_socket_close(s);
    return error;
}
