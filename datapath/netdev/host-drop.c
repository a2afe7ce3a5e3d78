/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the host's own stack away from the frames of a device that we forward. */
#include "datapath/netdev/host-drop.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/netdev/link-address.h"
#include "lib/bytes.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(host_drop);

/* Theory
 * ======
 *
 * The table bears the flag "owner": it belongs to the netlink socket that made it, and the kernel
 * removes it with that socket, however the process ends. Kernels without the flag refuse it; then a
 * plain table is made, and one that a killed process left is replaced by the next, for both have
 * the same name. A table of another living owner can't be touched, but goes when he goes: then ours
 * bears our process id too, and the device has both.
 *
 * Table and chain are made in one transaction, which waits for the kernel's readers once. nft's
 * library would do the same, but first has every table of the host told to it, for each device. */

enum {
    BATCH_SIZE = 2048,   /* Bytes of a transaction at most. */
    PRIORITY = -500,     /* Of the chain: before everybody else's. */
    OWNER = 1 << 1,      /* NFT_TABLE_F_OWNER of Linux 5.12, which older headers lack. */
    TABLE_USERDATA = 6,  /* NFTA_TABLE_USERDATA of Linux 5.10, likewise. */
};

struct host_drop {
    struct mnl_socket *socket; /* The table's owner. */
    char *device;              /* Device name. */
    char *table;               /* Name of the table. */
};

/* A transaction under construction. */
struct batch {
    char memory[BATCH_SIZE] __attribute__((aligned(8))); /* Holds all of it. */
    char *end;                                           /* Behind the last message. */
};

/* Name of the table for 'device': characters that nft does not take are written as _XX. */
static char *table_name(const char *device)
{
    struct bytes name = BYTES_INIT;
    bytes_printf(&name, "sluice_");
    for (const char *p = device; *p; p++) {
        bool plain = strchr("-.", *p) || (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z')
                     || (*p >= 'A' && *p <= 'Z');
        bytes_printf(&name, plain ? "%c" : "_%02x", (unsigned char) *p);
    }
    bytes_string(&name);
    return bytes_steal(&name);
}

/* Begins a message of 'type' in 'b', about 'resource' (host order). */
static struct nlmsghdr *batch_begin(struct batch *b, uint16_t type, uint16_t flags, uint8_t family,
                                    uint16_t resource)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(b->end);
    struct nfgenmsg *nf = mnl_nlmsg_put_extra_header(header, sizeof *nf);
    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | flags;
    nf->nfgen_family = family;
    nf->version = NFNETLINK_V0;
    nf->res_id = htons(resource);
    return header;
}

/* Ends the message at 'header'. */
static void batch_end(struct batch *b, const struct nlmsghdr *header)
{
    b->end += MNL_ALIGN(header->nlmsg_len);
}

/* Puts the message into 'b' that begins or ends a transaction. */
static void put_bracket(struct batch *b, uint16_t type)
{
    batch_end(b, batch_begin(b, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

/* Begins a message of nftables. */
static struct nlmsghdr *begin_nft(struct batch *b, uint16_t type, uint16_t flags)
{
    return batch_begin(b, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_ACK | flags, NFPROTO_NETDEV, 0);
}

/* Puts the removal of the table into 'b'. */
static void put_deletion(struct batch *b, const struct host_drop *drop)
{
    struct nlmsghdr *header = begin_nft(b, NFT_MSG_DELTABLE, 0);
    mnl_attr_put_strz(header, NFTA_TABLE_NAME, drop->table);
    batch_end(b, header);
}

/* Puts the table with 'flags' into 'b', commented as nft does: type 0, length, text. */
static void put_table(struct batch *b, const struct host_drop *drop, uint32_t flags)
{
    static const char comment[] = "\0\x10made by sluiced";
    static_assert(sizeof comment == 2 + 0x10, "the comment's length");
    struct nlmsghdr *header = begin_nft(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
    mnl_attr_put_strz(header, NFTA_TABLE_NAME, drop->table);
    mnl_attr_put_u32(header, NFTA_TABLE_FLAGS, htonl(flags));
    mnl_attr_put(header, TABLE_USERDATA, sizeof comment, comment);
    batch_end(b, header);
}

/* Puts the chain that drops into 'b'. */
static void put_chain(struct batch *b, const struct host_drop *drop)
{
    struct nlmsghdr *header = begin_nft(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    mnl_attr_put_strz(header, NFTA_CHAIN_TABLE, drop->table);
    mnl_attr_put_strz(header, NFTA_CHAIN_NAME, "ingress");
    struct nlattr *hook = mnl_attr_nest_start(header, NFTA_CHAIN_HOOK);
    mnl_attr_put_u32(header, NFTA_HOOK_HOOKNUM, htonl(NF_NETDEV_INGRESS));
    mnl_attr_put_u32(header, NFTA_HOOK_PRIORITY, htonl((uint32_t) PRIORITY));
    mnl_attr_put_strz(header, NFTA_HOOK_DEV, drop->device);
    mnl_attr_nest_end(header, hook);
    mnl_attr_put_u32(header, NFTA_CHAIN_POLICY, htonl(NF_DROP));
    mnl_attr_put_strz(header, NFTA_CHAIN_TYPE, "filter");
    batch_end(b, header);
}

/* Receives all answers: the kernel has given them within the send. Returns 0, or the first errno
 * among them. */
static int receive_answers(struct mnl_socket *socket)
{
    char buffer[8192] __attribute__((aligned(8)));
    int error = 0;
    ssize_t n;
    while ((n = recv(mnl_socket_get_fd(socket), buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
        int left = n;
        for (const struct nlmsghdr *header = (const void *) buffer; mnl_nlmsg_ok(header, left);
             header = mnl_nlmsg_next(header, &left)) {
            const struct nlmsgerr *answer = mnl_nlmsg_get_payload(header);
            if (header->nlmsg_type == NLMSG_ERROR && !error
                && mnl_nlmsg_get_payload_len(header) >= sizeof *answer) {
                error = -answer->error;
            }
        }
    }
    return error;
}

/* Has the transaction 'b' carried out. Returns 0 or an errno. */
static int commit(const struct host_drop *drop, struct batch *b)
{
    put_bracket(b, NFNL_MSG_BATCH_END);
    return mnl_socket_sendto(drop->socket, b->memory, b->end - b->memory) < 0
               ? errno
               : receive_answers(drop->socket);
}

/* Begins a transaction. */
static void batch_init(struct batch *b)
{
    b->end = b->memory;
    put_bracket(b, NFNL_MSG_BATCH_BEGIN);
}

/* Removes the table. Returns 0 or an errno. */
static int delete_table(const struct host_drop *drop)
{
    struct batch b;
    batch_init(&b);
    put_deletion(&b, drop);
    return commit(drop, &b);
}

/* Makes the table, in place of what is there of the name. Returns 0 or an errno. */
static int make_table(const struct host_drop *drop, uint32_t flags)
{
    int error = EEXIST;
    for (unsigned replace = 0; replace < 2 && error == EEXIST; replace++) {
        struct batch b;
        batch_init(&b);
        if (replace) {
            put_deletion(&b, drop);
        }
        put_table(&b, drop, flags);
        put_chain(&b, drop);
        error = commit(drop, &b);
    }
    return error;
}

/* Makes the table, owned where the kernel knows that. Returns 0 or an errno: EPERM if it is
 * somebody else's. */
static int make_owned_table(const struct host_drop *drop)
{
    int error = make_table(drop, OWNER);
    return error == EOPNOTSUPP || error == EINVAL ? make_table(drop, 0) : error;
}

/* Frees 'drop', and with its socket a table that is owned. */
static void drop_free(struct host_drop *drop)
{
    mnl_socket_close(drop->socket);
    free(drop->device);
    free(drop->table);
    free(drop);
}

/* Gives the table a name that no other process chooses. It is no other device's either: there only
 * hexadecimal digits follow a '_'. */
static void rename_table(struct host_drop *drop)
{
    char *name = table_name(drop->device);
    free(drop->table);
    drop->table = xasprintf("%s__%ld", name, (long) getpid());
    free(name);
}

/* Installs the table. Returns 0, or an errno with the reason in '*error'. */
static int install_table(struct host_drop *drop, char **error)
{
    int retval = make_owned_table(drop);
    if (retval == EPERM) {
        rename_table(drop);
        retval = make_owned_table(drop);
    }
    if (retval) {
        *error = xasprintf("nftables: %s", strerror(retval));
    }
    return retval;
}

/* Installs a new drop on device 'name'. Returns 0 with it in '*dropp', or as install_table(). */
static int install(const char *name, struct host_drop **dropp, char **error)
{
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
    if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        int retval = errno;
        *error = xasprintf("nftables: %s", strerror(retval));
        if (socket) {
            mnl_socket_close(socket);
        }
        return retval;
    }
    struct host_drop *drop = xmalloc(sizeof *drop);
    *drop = (struct host_drop) {socket, xstrdup(name), table_name(name)};
    int retval = install_table(drop, error);
    if (retval) {
        drop_free(drop);
    } else {
        *dropp = drop;
    }
    return retval;
}

struct host_drop *host_drop_keep(struct host_drop *drop, const char *name)
{
    char *reason = NULL;
    int error = drop ? install_table(drop, &reason) : install(name, &drop, &reason);
    if (error) {
        VLOG_WARN("%s: can't keep the host's own stack away from this port (%s): it sees every "
                  "frame and may answer; host=keep makes this message go away",
                  name, reason);
        free(reason);
    } else if (link_has_address(if_nametoindex(name))) {
        VLOG_WARN("%s: has an IP address, but as a port its frames no longer reach the host's own "
                  "stack: host=keep leaves it in",
                  name);
    }
    return drop;
}

void host_drop_remove(struct host_drop *drop)
{
    if (drop) {
        delete_table(drop);
        drop_free(drop);
    }
}
