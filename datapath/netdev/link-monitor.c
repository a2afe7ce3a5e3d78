/* SPDX-License-Identifier: Apache-2.0 */
/* News of links by rtnetlink: which interfaces appeared, changed or vanished. */
#include "datapath/netdev/link-monitor.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "datapath/netdev/netlink.h"
#include "lib/util.h"

struct link_monitor {
    struct mnl_socket *socket; /* Member of the groups of links and queueing disciplines. */
};

/* A call of link_monitor_run(). */
struct run {
    void (*changed)(void *aux, int ifindex, const char *name, bool present); /* The caller's. */
    void *aux;                                                               /* The caller's. */
};

int link_monitor_create(struct link_monitor **mp)
{
    static const int groups[] = {RTNLGRP_LINK, RTNLGRP_TC};
    struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    bool ok = s && !mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID);
    for (unsigned i = 0; ok && i < ARRAY_SIZE(groups); i++) {
        int group = groups[i];
        ok = !mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
    }
    if (!ok) {
        int error = errno;
        if (s) {
            mnl_socket_close(s);
        }
        return error;
    }
    *mp = xmalloc(sizeof **mp);
    (*mp)->socket = s;
    return 0;
}

void link_monitor_destroy(struct link_monitor *m)
{
    if (m) {
        mnl_socket_close(m->socket);
        free(m);
    }
}

int link_monitor_fd(const struct link_monitor *m)
{
    return mnl_socket_get_fd(m->socket);
}

/* Finds the name among the attributes of a link. */
static int find_name(const struct nlattr *attr, void *name)
{
    if (mnl_attr_get_type(attr) == IFLA_IFNAME && netlink_attr_is(attr, MNL_TYPE_NUL_STRING)) {
        *(const char **) name = mnl_attr_get_str(attr);
    }
    return MNL_CB_OK;
}

/* Tells of a link that was made, changed or deleted. */
static void tell_link(const struct nlmsghdr *header, const struct run *run)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
    const char *name = NULL;
    mnl_attr_parse(header, sizeof *info, find_name, &name);
    if (name && info->ifi_family == AF_UNSPEC) {
        run->changed(run->aux, info->ifi_index, name, header->nlmsg_type == RTM_NEWLINK);
    }
}

/* Tells of a link whose queueing disciplines or filters changed; the news has no name. */
static void tell_tc(const struct nlmsghdr *header, const struct run *run)
{
    const struct tcmsg *tc = mnl_nlmsg_get_payload(header);
    char name[IF_NAMESIZE];
    if (if_indextoname(tc->tcm_ifindex, name)) {
        run->changed(run->aux, tc->tcm_ifindex, name, true);
    }
}

/* What to do with each message. */
static const struct {
    size_t size;                                                      /* Bytes it has at least. */
    void (*tell)(const struct nlmsghdr *header, const struct run *r); /* Tells of it. */
} tellers[] = {
    [RTM_NEWLINK] = {sizeof(struct ifinfomsg), tell_link},
    [RTM_DELLINK] = {sizeof(struct ifinfomsg), tell_link},
    [RTM_NEWQDISC] = {sizeof(struct tcmsg), tell_tc},
    [RTM_DELQDISC] = {sizeof(struct tcmsg), tell_tc},
    [RTM_NEWTFILTER] = {sizeof(struct tcmsg), tell_tc},
    [RTM_DELTFILTER] = {sizeof(struct tcmsg), tell_tc},
};

/* Dispatches one message. */
static int tell(const struct nlmsghdr *header, void *run)
{
    uint16_t type = header->nlmsg_type;
    if (type < ARRAY_SIZE(tellers) && tellers[type].tell
        && mnl_nlmsg_get_payload_len(header) >= tellers[type].size) {
        tellers[type].tell(header, run);
    }
    return MNL_CB_OK;
}

void link_monitor_run(struct link_monitor *m,
                      void (*changed)(void *aux, int ifindex, const char *name, bool present),
                      void *aux)
{
    char buffer[32768] __attribute__((aligned(8)));
    struct run run = {changed, aux};
    for (;;) {
        ssize_t n = mnl_socket_recvfrom(m->socket, buffer, sizeof buffer);
        if (n > 0) {
            mnl_cb_run(buffer, n, 0, 0, tell, &run);
        } else if (n < 0 && errno == ENOBUFS) {
            changed(aux, 0, NULL, true);
        } else if (n == 0 || errno != EINTR) {
            break;
        }
    }
}
