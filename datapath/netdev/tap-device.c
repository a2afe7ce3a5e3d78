/* SPDX-License-Identifier: Apache-2.0 */
/* Making TAP devices, and taking hold of existing ones. */
#include "datapath/netdev/tap-device.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev-options.h"
#include "datapath/netdev/netdev.h"
#include "lib/packet/offload.h"
#include "lib/util.h"

/* UDP super-frames (Linux 6.2), which older headers lack. The kernel takes them only together. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

enum {
    WISHES = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN, /* Every kernel has these. */
};

int tap_device_open(int *fd)
{
    *fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return *fd < 0 ? errno : 0;
}

int tap_device_attach(int fd, const char *name, const struct link_kind *existing,
                      unsigned *capabilities)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    int header_size = sizeof(struct vnet_header);
    if (existing && existing->has_queues) {
        return EBUSY;
    }
    if (!existing) {
        request.ifr_flags |= IFF_TUN_EXCL;
    } else if (existing->multi_queue) {
        request.ifr_flags |= IFF_MULTI_QUEUE;
    }
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(fd, TUNSETIFF, &request) || ioctl(fd, TUNSETVNETHDRSZ, &header_size)) {
        return errno;
    }
    *capabilities = OFFLOAD_ALL;
    if (ioctl(fd, TUNSETOFFLOAD, WISHES | TUN_F_USO4 | TUN_F_USO6)) {
        *capabilities &= ~OFFLOAD_USO;
        ioctl(fd, TUNSETOFFLOAD, WISHES);
    }
    return 0;
}

bool tap_device_is_attached(int fd)
{
    struct ifreq request;
    return !ioctl(fd, TUNGETIFF, &request);
}

/* Tells by its name alone whether an interface is a tap that we can reach. */
static bool is_tap_here(const char *name)
{
    struct netdev_status status;
    struct link_kind kind;
    return !link_status_get(name, &status, &kind) && kind.is_tap;
}

int tap_device_find(int fd, char name[TAP_DEVICE_NAME_SIZE])
{
    static_assert(TAP_DEVICE_NAME_SIZE == IFNAMSIZ, "the size of an interface's name");
    struct ifreq request;
    struct stat theirs, ours;
    if (ioctl(fd, TUNGETIFF, &request)) {
        return ENODEV;
    }
    memcpy(name, request.ifr_name, IFNAMSIZ);
    int netns = ioctl(fd, TUNGETDEVNETNS); /* Linux 5.2. */
    bool can_tell = netns >= 0 && !fstat(netns, &theirs)
                    && !stat("/proc/thread-self/ns/net", &ours);
    if (netns >= 0) {
        close(netns);
    }
    bool is_here = can_tell ? theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino
                            : is_tap_here(name);
    return is_here ? 0 : EOPNOTSUPP;
}

/* Number of a user or a group by name or number. */
static bool user_number(const char *text, uint32_t *number)
{
    const struct passwd *user = getpwnam(text);
    *number = user ? user->pw_uid : 0;
    return user || str_to_u32(text, 10, number);
}

static bool group_number(const char *text, uint32_t *number)
{
    const struct group *group = getgrnam(text);
    *number = group ? group->gr_gid : 0;
    return group || str_to_u32(text, 10, number);
}

/* Options that say who may open the tap. */
static const struct {
    const char *key;                                   /* Option. */
    unsigned long request;                             /* ioctl() that sets it. */
    bool (*parse)(const char *text, uint32_t *number); /* Finds the number. */
} owner_rows[] = {
    {"owner", TUNSETOWNER, user_number},
    {"group", TUNSETGROUP, group_number},
};

int tap_device_set_owner(int fd, const struct netdev_options *options, char **error)
{
    for (unsigned i = 0; i < ARRAY_SIZE(owner_rows); i++) {
        const char *key = owner_rows[i].key, *text = netdev_options_get(options, key);
        uint32_t number;
        if (!text) {
            continue;
        }
        if (!owner_rows[i].parse(text, &number)) {
            *error = xasprintf("%s: %s=%s: nobody is called that", options->name, key, text);
            return EINVAL;
        }
        if (ioctl(fd, owner_rows[i].request, (unsigned long) number)) {
            int retval = errno;
            *error = xasprintf("%s: can't give the tap to %s %s (%s)", options->name, key, text,
                               strerror(retval));
            return retval;
        }
    }
    return 0;
}

void tap_device_restore(int fd)
{
    ioctl(fd, TUNSETOFFLOAD, 0);
}
