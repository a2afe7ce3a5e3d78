/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the kernel's links by rtnetlink: read, and set. */
#include "datapath/netdev/link-status.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "datapath/netdev/link-features.h"
#include "datapath/netdev/netdev.h"
#include "datapath/netdev/netlink.h"
#include "lib/util.h"

/* Where link_status_get() puts what it reads. */
struct link_answer {
    struct netdev_status *status; /* Status. */
    struct link_kind *kind;       /* Kind. */
};

/* Reads what a tun device says of itself (IFLA_INFO_DATA). */
static int read_tun(const struct nlattr *attr, void *kind_)
{
    struct link_kind *kind = kind_;
    uint16_t type = mnl_attr_get_type(attr);
    if (type == IFLA_TUN_TYPE && netlink_attr_is(attr, MNL_TYPE_U8)) {
        kind->is_tap = mnl_attr_get_u8(attr) == IFF_TAP;
    } else if (type == IFLA_TUN_MULTI_QUEUE && netlink_attr_is(attr, MNL_TYPE_U8)) {
        kind->multi_queue = mnl_attr_get_u8(attr);
    } else if ((type == IFLA_TUN_NUM_QUEUES || type == IFLA_TUN_NUM_DISABLED_QUEUES)
               && netlink_attr_is(attr, MNL_TYPE_U32)) {
        kind->has_queues |= mnl_attr_get_u32(attr) > 0;
    }
    return MNL_CB_OK;
}

/* Reads IFLA_LINKINFO; the kind stands before its data. */
static int read_info(const struct nlattr *attr, void *kind_)
{
    struct link_kind *kind = kind_;
    if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && netlink_attr_is(attr, MNL_TYPE_NUL_STRING)) {
        snprintf(kind->kind, sizeof kind->kind, "%s", mnl_attr_get_str(attr));
    } else if (mnl_attr_get_type(attr) == IFLA_INFO_DATA && !strcmp(kind->kind, "tun")) {
        mnl_attr_parse_nested(attr, read_tun, kind);
    }
    return MNL_CB_OK;
}

/* Readers of the attributes that we look at. */
static void read_address(const struct nlattr *attr, struct link_answer *answer)
{
    if (mnl_attr_get_payload_len(attr) == sizeof answer->status->hw_addr) {
        memcpy(answer->status->hw_addr, mnl_attr_get_payload(attr),
               sizeof answer->status->hw_addr);
    }
}

static void read_mtu(const struct nlattr *attr, struct link_answer *answer)
{
    answer->status->mtu = netlink_attr_is(attr, MNL_TYPE_U32) ? mnl_attr_get_u32(attr) : 0;
}

static void read_carrier(const struct nlattr *attr, struct link_answer *answer)
{
    answer->status->carrier = netlink_attr_is(attr, MNL_TYPE_U8) && mnl_attr_get_u8(attr);
}

static void read_qdisc(const struct nlattr *attr, struct link_answer *answer)
{
    if (netlink_attr_is(attr, MNL_TYPE_NUL_STRING)) {
        snprintf(answer->kind->qdisc, sizeof answer->kind->qdisc, "%s", mnl_attr_get_str(attr));
    }
}

static void read_link_info(const struct nlattr *attr, struct link_answer *answer)
{
    mnl_attr_parse_nested(attr, read_info, answer->kind);
}

static void (*const readers[])(const struct nlattr *attr, struct link_answer *answer) = {
    [IFLA_ADDRESS] = read_address,
    [IFLA_MTU] = read_mtu,
    [IFLA_QDISC] = read_qdisc,
    [IFLA_LINKINFO] = read_link_info,
    [IFLA_CARRIER] = read_carrier,
};

/* Dispatches on the attribute's type. */
static int read_attribute(const struct nlattr *attr, void *answer)
{
    uint16_t type = mnl_attr_get_type(attr);
    if (type < ARRAY_SIZE(readers) && readers[type]) {
        readers[type](attr, answer);
    }
    return MNL_CB_OK;
}

/* Reads an RTM_NEWLINK. */
static int read_link(const struct nlmsghdr *header, void *answer_)
{
    struct link_answer *answer = answer_;
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
    if (mnl_nlmsg_get_payload_len(header) < sizeof *info) {
        return MNL_CB_OK;
    }
    answer->status->present = true;
    answer->status->ifindex = info->ifi_index;
    answer->status->admin_up = info->ifi_flags & IFF_UP;
    answer->kind->arphrd = info->ifi_type;
    return mnl_attr_parse(header, sizeof *info, read_attribute, answer);
}

int link_status_get(const char *name, struct netdev_status *status, struct link_kind *kind)
{
    struct link_kind unused;
    struct link_answer answer = {status, kind ? kind : &unused};
    struct netlink_request request;
    if (strlen(name) >= IFNAMSIZ) {
        return ENODEV;
    }
    *status = (struct netdev_status) {.present = false};
    *answer.kind = (struct link_kind) {.arphrd = 0};
    netlink_request_init(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(request.header, IFLA_IFNAME, name);
    int error = netlink_transact(NETLINK_ROUTE, &request, read_link, &answer);
    if (!error) {
        link_features_get(name, status);
    }
    return error;
}

/* Starts a request that changes link 'name'. */
static struct ifinfomsg *change_init(struct netlink_request *request, const char *name)
{
    struct ifinfomsg *info = netlink_request_init(request, RTM_NEWLINK, 0, sizeof *info);
    mnl_attr_put_strz(request->header, IFLA_IFNAME, name);
    return info;
}

int link_status_set_admin(const char *name, bool up)
{
    struct netlink_request request;
    struct ifinfomsg *info = change_init(&request, name);
    info->ifi_flags = up ? IFF_UP : 0;
    info->ifi_change = IFF_UP;
    return netlink_transact(NETLINK_ROUTE, &request, NULL, NULL);
}

int link_status_set_mtu(const char *name, unsigned mtu)
{
    struct netlink_request request;
    change_init(&request, name);
    mnl_attr_put_u32(request.header, IFLA_MTU, mtu);
    return netlink_transact(NETLINK_ROUTE, &request, NULL, NULL);
}

int link_status_set_address(const char *name, const uint8_t addr[6])
{
    struct netlink_request request;
    change_init(&request, name);
    mnl_attr_put(request.header, IFLA_ADDRESS, 6, addr);
    return netlink_transact(NETLINK_ROUTE, &request, NULL, NULL);
}
