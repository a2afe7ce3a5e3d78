/* SPDX-License-Identifier: Apache-2.0 */
/* News of links by rtnetlink: which interfaces appeared, changed or vanished. */
#include "datapath/netdev/link-monitor.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "datapath/netdev/netlink.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/list.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * What changes an interface brings several messages, and whoever can flap the other end of a veth
 * causes as many as he likes; but what is to be done is a look at the interface as it is now. So
 * the messages are gathered first, and all about one interface become one piece of news. The key is
 * the index with the name: while interfaces are renamed and replaced, each name that one of them
 * had is told of. Messages without a name join whatever is there about the index.
 *
 * Nobody can keep us here by sending faster than we read: a call reads so much and no more. The
 * socket stays readable, so the rest has its turn. */

enum {
    MESSAGES_A_RUN = 256, /* Datagrams read in one link_monitor_run(). */
};

/* What is there to tell of an interface. */
struct news {
    struct hmap_node node;  /* In 'by_ifindex' of the gathering. */
    struct list in_order;   /* In 'order' of the gathering. */
    int ifindex;            /* Interface. */
    char name[IF_NAMESIZE]; /* Its name; empty if no message had it. */
    bool present;           /* As the last message says. */
};

/* The news of a call of link_monitor_run(). */
struct gathering {
    struct hmap by_ifindex; /* Holds struct news, owned. */
    struct list order;      /* The same, by the last message about each. */
};

struct link_monitor {
    struct mnl_socket *socket; /* Member of the groups of links and queueing disciplines. */
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

/* Finds the news of 'ifindex' called 'name'; if one of the names is unknown, of any name. */
static struct news *find_news(const struct gathering *g, int ifindex, const char *name)
{
    struct news *news;
    HMAP_FOR_EACH_WITH_HASH (news, node, hash_u32(ifindex, 0), &g->by_ifindex) {
        if (news->ifindex == ifindex
            && (!*name || !*news->name || !strcmp(news->name, name))) {
            return news;
        }
    }
    return NULL;
}

/* Adds that 'ifindex' called 'name' (empty: unknown) changed or, if not 'present', vanished. */
static void gather(struct gathering *g, int ifindex, const char *name, bool present)
{
    struct news *news = find_news(g, ifindex, name);
    if (news) {
        list_remove(&news->in_order);
    } else {
        news = xmalloc(sizeof *news);
        *news = (struct news) {.ifindex = ifindex};
        hmap_insert(&g->by_ifindex, &news->node, hash_u32(ifindex, 0));
    }
    if (*name) {
        snprintf(news->name, sizeof news->name, "%s", name);
    }
    news->present = present;
    list_push_back(&g->order, &news->in_order);
}

/* Gathers a link that was made, changed or deleted. */
static void gather_link(const struct nlmsghdr *header, struct gathering *g)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
    const char *name = NULL;
    mnl_attr_parse(header, sizeof *info, find_name, &name);
    if (name && *name && strlen(name) < IF_NAMESIZE && info->ifi_family == AF_UNSPEC) {
        gather(g, info->ifi_index, name, header->nlmsg_type == RTM_NEWLINK);
    }
}

/* Gathers a link whose queueing disciplines or filters changed; the message has no name. */
static void gather_tc(const struct nlmsghdr *header, struct gathering *g)
{
    const struct tcmsg *tc = mnl_nlmsg_get_payload(header);
    if (!find_news(g, tc->tcm_ifindex, "")) {
        gather(g, tc->tcm_ifindex, "", true);
    }
}

/* What to do with each message. */
static const struct {
    size_t size;                                                        /* Bytes it has at least. */
    void (*gather)(const struct nlmsghdr *header, struct gathering *g); /* Takes it in. */
} gatherers[] = {
    [RTM_NEWLINK] = {sizeof(struct ifinfomsg), gather_link},
    [RTM_DELLINK] = {sizeof(struct ifinfomsg), gather_link},
    [RTM_NEWQDISC] = {sizeof(struct tcmsg), gather_tc},
    [RTM_DELQDISC] = {sizeof(struct tcmsg), gather_tc},
    [RTM_NEWTFILTER] = {sizeof(struct tcmsg), gather_tc},
    [RTM_DELTFILTER] = {sizeof(struct tcmsg), gather_tc},
};

/* Dispatches one message. */
static int gather_message(const struct nlmsghdr *header, void *g)
{
    uint16_t type = header->nlmsg_type;
    if (type < ARRAY_SIZE(gatherers) && gatherers[type].gather
        && mnl_nlmsg_get_payload_len(header) >= gatherers[type].size) {
        gatherers[type].gather(header, g);
    }
    return MNL_CB_OK;
}

/* Reads what the socket of 'm' has into 'g'. True if messages were lost. */
static bool read_messages(struct link_monitor *m, struct gathering *g)
{
    char buffer[32768] __attribute__((aligned(8)));
    bool lost = false;
    for (int i = 0; i < MESSAGES_A_RUN; i++) {
        ssize_t n = mnl_socket_recvfrom(m->socket, buffer, sizeof buffer);
        if (n > 0) {
            mnl_cb_run(buffer, n, 0, 0, gather_message, g);
        } else if (n < 0 && errno == ENOBUFS) {
            lost = true;
        } else if (n == 0 || errno != EINTR) {
            break;
        }
    }
    return lost;
}

void link_monitor_run(struct link_monitor *m,
                      void (*changed)(void *aux, int ifindex, const char *name, bool present),
                      void *aux)
{
    struct gathering g;
    struct news *news, *next;
    hmap_init(&g.by_ifindex);
    list_init(&g.order);
    bool lost = read_messages(m, &g);
    if (lost) {
        changed(aux, 0, NULL, true);
    }
    LIST_FOR_EACH_SAFE (news, next, in_order, &g.order) {
        if (!lost && (*news->name || if_indextoname(news->ifindex, news->name))) {
            changed(aux, news->ifindex, news->name, news->present);
        }
        free(news);
    }
    hmap_uninit(&g.by_ifindex);
}
