/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the host's own stack away from the frames of a device that we forward. */
#include "datapath/netdev/host-drop.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datapath/netdev/link-status.h"
#include "lib/bytes.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(host_drop);

/* Theory
 * ======
 *
 * The table bears the flag "owner": it belongs to the netlink socket inside 'nft', and the kernel
 * removes it with that socket, however the process ends. Kernels without the flag refuse it; then a
 * plain table is made, and one that a killed process left is replaced by the next, for both have
 * the same name. A table of another living owner can't be deleted, but goes when he goes: then ours
 * bears our process id too, and the device has both. */

struct host_drop {
    struct nft_ctx *nft; /* The table's owner. */
    char *device;        /* Device name. */
    char *table;         /* Name of the table. */
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

/* Runs nft's 'command' and frees it. Returns 0; or EPERM with *error (if not NULL) nft's first
 * line. */
static int run(struct host_drop *drop, char *command, char **error)
{
    int retval = nft_run_cmd_from_buffer(drop->nft, command);
    const char *said = nft_ctx_get_error_buffer(drop->nft);
    if (retval && error) {
        *error = xasprintf("%.*s", (int) strcspn(said, "\n"), said);
    }
    free(command);
    return retval ? EPERM : 0;
}

/* Makes the table, with 'flags' in nft's words. */
static int make_table(struct host_drop *drop, const char *flags, char **error)
{
    return run(drop,
               xasprintf("table netdev %s { %s comment \"made by sluiced\";"
                         " chain ingress { type filter hook ingress device \"%s\" priority -500;"
                         " policy drop; }; }",
                         drop->table, flags, drop->device),
               error);
}

/* Removes the table: ours, or what somebody left behind. */
static void delete_table(struct host_drop *drop)
{
    run(drop, xasprintf("delete table netdev %s", drop->table), NULL);
}

/* Frees 'drop', and with its socket a table that is owned. */
static void drop_free(struct host_drop *drop)
{
    nft_ctx_free(drop->nft);
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

int host_drop_renew(struct host_drop *drop, char **error)
{
    if (strpbrk(drop->device, "\"\\")) {
        *error = xstrdup("nftables can't name it");
        return EINVAL;
    }
    delete_table(drop);
    if (make_table(drop, "flags owner;", NULL) && make_table(drop, "", NULL)) {
        rename_table(drop);
        delete_table(drop);
        return make_table(drop, "flags owner;", NULL) ? make_table(drop, "", error) : 0;
    }
    return 0;
}

int host_drop_install(const char *name, struct host_drop **dropp, char **error)
{
    struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
    if (!nft) {
        *error = xstrdup("nftables is not available");
        return ENOTSUP;
    }
    nft_ctx_buffer_output(nft);
    nft_ctx_buffer_error(nft);
    struct host_drop *drop = xmalloc(sizeof *drop);
    *drop = (struct host_drop) {nft, xstrdup(name), table_name(name)};
    int retval = host_drop_renew(drop, error);
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
    int error = drop ? host_drop_renew(drop, &reason) : host_drop_install(name, &drop, &reason);
    if (error) {
        VLOG_WARN("%s: can't keep the host's own stack away from this port (%s): it sees every "
                  "frame and may answer; host=keep makes this message go away",
                  name, reason);
        free(reason);
    } else if (link_status_has_address(name)) {
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
