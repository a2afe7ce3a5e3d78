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
 * socket stays readable, so the rest has its turn. Nor by changing many interfaces: what is not
 * told in one call waits for the next. It is told in the order of the first message about each, so
 * that those who change all the time come no sooner. There is never more of it than interfaces and
 * names. */

enum {
    MESSAGES_A_RUN = 256, /* Datagrams read in one link_monitor_run(). */
};

/* What is there to tell of an interface. */
struct news {
    struct hmap_node node;  /* In 'by_ifindex' of the monitor. */
    struct list in_order;   /* In 'order' of the monitor. */
    int ifindex;            /* Interface. */
    char name[IF_NAMESIZE]; /* Its name; empty if no message had it. */
};

struct link_monitor {
    struct mnl_socket *socket; /* Member of the groups of links and queueing disciplines. */
    struct hmap by_ifindex;    /* Holds all struct news that are to be told, owned. */
    struct list order;         /* The same, by the first message about each. */
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
    hmap_init(&(*mp)->by_ifindex);
    list_init(&(*mp)->order);
    return 0;
}

/* Takes 'news' out of 'm' and frees it. */
static void forget(struct link_monitor *m, struct news *news)
{
    hmap_remove(&m->by_ifindex, &news->node);
    list_remove(&news->in_order);
    free(news);
}

/* The same with all news. */
static void forget_all(struct link_monitor *m)
{
    struct news *news, *next;
    LIST_FOR_EACH_SAFE (news, next, in_order, &m->order) {
        forget(m, news);
    }
}

void link_monitor_destroy(struct link_monitor *m)
{
    if (m) {
        forget_all(m);
        hmap_uninit(&m->by_ifindex);
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
static struct news *find_news(const struct link_monitor *m, int ifindex, const char *name)
{
    struct news *news;
    HMAP_FOR_EACH_WITH_HASH (news, node, hash_u32(ifindex, 0), &m->by_ifindex) {
        if (news->ifindex == ifindex
            && (!*name || !*news->name || !strcmp(news->name, name))) {
            return news;
        }
    }
    return NULL;
}

/* Adds that 'ifindex' called 'name' (empty: unknown) changed or vanished. */
static void gather(struct link_monitor *m, int ifindex, const char *name)
{
    struct news *news = find_news(m, ifindex, name);
    if (!news) {
        news = xmalloc(sizeof *news);
        *news = (struct news) {.ifindex = ifindex};
        hmap_insert(&m->by_ifindex, &news->node, hash_u32(ifindex, 0));
        list_push_back(&m->order, &news->in_order);
    }
    if (*name) {
        snprintf(news->name, sizeof news->name, "%s", name);
    }
}

/* Gathers a link that was made, changed or deleted. */
static void gather_link(const struct nlmsghdr *header, struct link_monitor *m)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
    const char *name = NULL;
    mnl_attr_parse(header, sizeof *info, find_name, &name);
    if (name && *name && strlen(name) < IF_NAMESIZE && info->ifi_family == AF_UNSPEC) {
        gather(m, info->ifi_index, name);
    }
}

/* Gathers a link whose queueing disciplines or filters changed; the message has no name. */
static void gather_tc(const struct nlmsghdr *header, struct link_monitor *m)
{
    const struct tcmsg *tc = mnl_nlmsg_get_payload(header);
    if (!find_news(m, tc->tcm_ifindex, "")) {
        gather(m, tc->tcm_ifindex, "");
    }
}

/* What to do with each message. */
static const struct {
    size_t size;                                                        /* Bytes it has at least. */
    void (*gather)(const struct nlmsghdr *header, struct link_monitor *m); /* Takes it in. */
} gatherers[] = {
    [RTM_NEWLINK] = {sizeof(struct ifinfomsg), gather_link},
    [RTM_DELLINK] = {sizeof(struct ifinfomsg), gather_link},
    [RTM_NEWQDISC] = {sizeof(struct tcmsg), gather_tc},
    [RTM_DELQDISC] = {sizeof(struct tcmsg), gather_tc},
    [RTM_NEWTFILTER] = {sizeof(struct tcmsg), gather_tc},
    [RTM_DELTFILTER] = {sizeof(struct tcmsg), gather_tc},
};

/* Dispatches one message. */
static int gather_message(const struct nlmsghdr *header, void *m)
{
    uint16_t type = header->nlmsg_type;
    if (type < ARRAY_SIZE(gatherers) && gatherers[type].gather
        && mnl_nlmsg_get_payload_len(header) >= gatherers[type].size) {
        gatherers[type].gather(header, m);
    }
    return MNL_CB_OK;
}

/* Reads what the socket of 'm' has. True if messages were lost. */
static bool read_messages(struct link_monitor *m)
{
    char buffer[32768] __attribute__((aligned(8)));
    bool lost = false;
    for (int i = 0; i < MESSAGES_A_RUN; i++) {
        ssize_t n = mnl_socket_recvfrom(m->socket, buffer, sizeof buffer);
        if (n > 0) {
            mnl_cb_run(buffer, n, 0, 0, gather_message, m);
        } else if (n < 0 && errno == ENOBUFS) {
            lost = true;
        } else if (n == 0 || errno != EINTR) {
            break;
        }
    }
    return lost;
}

bool link_monitor_run(struct link_monitor *m, unsigned max,
                      void (*changed)(void *aux, int ifindex, const char *name),
                      void *aux)
{
    if (read_messages(m)) {
        forget_all(m);
        changed(aux, 0, NULL);
    }
    for (unsigned i = 0; i < max && !list_is_empty(&m->order); i++) {
        struct news *news = LIST_ENTRY(list_front(&m->order), news, in_order);
        if (*news->name || if_indextoname(news->ifindex, news->name)) {
            changed(aux, news->ifindex, news->name);
        }
        forget(m, news);
    }
    return !list_is_empty(&m->order);
}
