/* SPDX-License-Identifier: Apache-2.0 */
/* Which process forwards a device of the kernel: whoever is the second one says so. */
#include "datapath/netdev/device-lock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/vlog.h"

VLOG_DEFINE_MODULE(device_lock);

/* Theory
 * ======
 *
 * The lock is a listening Unix socket with an abstract name, which says the interface's index: such
 * names belong to a network namespace, as indices do, leave no file behind and are free as soon as
 * the kernel has closed the socket.  Who connects learns who listens; nobody ever accepts, so that
 * is done once only.
 *
 * Anybody may take such a name.  All that comes of it is a line in the log, with the user's id. */

/* Fills '*address' with the name of the lock of 'ifindex'.  Returns its size. */
static socklen_t name_lock(int ifindex, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un) {.sun_family = AF_UNIX};
    int length = snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "sluice/device/%d",
                          ifindex);
    return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + (size_t) length);
}

/* A socket for a lock, or -1. */
static int open_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Closes 'fd' if it is a descriptor. */
static void close_socket(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

/* Finds out who has the lock 'address'. */
static bool find_holder(const struct sockaddr_un *address, socklen_t size, struct ucred *holder)
{
    socklen_t holder_size = sizeof *holder;
    int fd = open_socket();
    bool found = fd >= 0 && !connect(fd, (const struct sockaddr *) address, size)
                 && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, holder, &holder_size);
    close_socket(fd);
    return found;
}

/* Tells who has the lock 'address', if that is another process. */
static void tell_holder(struct device_lock *l, const char *name, const struct sockaddr_un *address,
                        socklen_t size)
{
    struct ucred holder;
    if (find_holder(address, size, &holder) && holder.pid != getpid()) {
        VLOG_WARN("%s: process %ld of user %ld forwards this device too, so every frame is "
                  "forwarded twice: take the port from one of them (sluicectl port del)", name,
                  (long) holder.pid, (long) holder.uid);
        l->has_told = true;
    }
}

void device_lock_take(struct device_lock *l, const char *name, int ifindex)
{
    struct sockaddr_un address;
    socklen_t size = name_lock(ifindex, &address);
    if (l->fd >= 0) {
        return;
    }
    l->fd = open_socket();
    if (l->fd < 0) {
        return;
    }
    if (bind(l->fd, (const struct sockaddr *) &address, size) || listen(l->fd, SOMAXCONN)) {
        bool is_taken = errno == EADDRINUSE;
        close_socket(l->fd);
        l->fd = -1;
        if (is_taken && !l->has_told) {
            tell_holder(l, name, &address, size);
        }
    }
}

void device_lock_release(struct device_lock *l)
{
    close_socket(l->fd);
    *l = (struct device_lock) DEVICE_LOCK_INIT;
}
