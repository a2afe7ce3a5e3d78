/* SPDX-License-Identifier: Apache-2.0 */
/* Speeds and media of a link, from ethtool, in OpenFlow's bits. */
#include "datapath/netdev/link-features.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/netdev/netdev.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

enum {
    MAX_WORDS = 16, /* 32-bit words of link modes; the kernel has fewer than 8. */
};

/* Link settings with the three bitmaps behind them. */
struct settings {
    struct ethtool_link_settings s; /* As the kernel lays it out. */
    uint32_t modes[3 * MAX_WORDS];  /* Supported, advertised, peer's; equally large. */
};

/* What a link mode means to OpenFlow. Faster ones than 10 Gbit/s have no bit. */
static const struct {
    uint16_t mode;     /* ETHTOOL_LINK_MODE_*_BIT. */
    uint16_t features; /* OFPPF_*. */
} mode_rows[] = {
    {ETHTOOL_LINK_MODE_10baseT_Half_BIT, OFPPF_10MB_HD},
    {ETHTOOL_LINK_MODE_10baseT_Full_BIT, OFPPF_10MB_FD},
    {ETHTOOL_LINK_MODE_100baseT_Half_BIT, OFPPF_100MB_HD},
    {ETHTOOL_LINK_MODE_100baseT_Full_BIT, OFPPF_100MB_FD},
    {ETHTOOL_LINK_MODE_1000baseT_Half_BIT, OFPPF_1GB_HD},
    {ETHTOOL_LINK_MODE_1000baseT_Full_BIT, OFPPF_1GB_FD},
    {ETHTOOL_LINK_MODE_1000baseKX_Full_BIT, OFPPF_1GB_FD},
    {ETHTOOL_LINK_MODE_1000baseX_Full_BIT, OFPPF_1GB_FD},
    {ETHTOOL_LINK_MODE_10000baseT_Full_BIT, OFPPF_10GB_FD},
    {ETHTOOL_LINK_MODE_10000baseKX4_Full_BIT, OFPPF_10GB_FD},
    {ETHTOOL_LINK_MODE_10000baseKR_Full_BIT, OFPPF_10GB_FD},
    {ETHTOOL_LINK_MODE_10000baseCR_Full_BIT, OFPPF_10GB_FD},
    {ETHTOOL_LINK_MODE_10000baseSR_Full_BIT, OFPPF_10GB_FD},
    {ETHTOOL_LINK_MODE_10000baseLR_Full_BIT, OFPPF_10GB_FD},
    {ETHTOOL_LINK_MODE_TP_BIT, OFPPF_COPPER},
    {ETHTOOL_LINK_MODE_FIBRE_BIT, OFPPF_FIBER},
    {ETHTOOL_LINK_MODE_Autoneg_BIT, OFPPF_AUTONEG},
    {ETHTOOL_LINK_MODE_Pause_BIT, OFPPF_PAUSE},
    {ETHTOOL_LINK_MODE_Asym_Pause_BIT, OFPPF_PAUSE_ASYM},
};

/* What a present speed means, by rising speed. The last row stands for all that is faster. */
static const struct {
    uint32_t speed; /* Mbit/s at most. */
    uint16_t half;  /* OFPPF_* with half duplex. */
    uint16_t full;  /* OFPPF_* with full duplex. */
} speed_rows[] = {
    {10, OFPPF_10MB_HD, OFPPF_10MB_FD},
    {100, OFPPF_100MB_HD, OFPPF_100MB_FD},
    {1000, OFPPF_1GB_HD, OFPPF_1GB_FD},
    {INT32_MAX, 0, OFPPF_10GB_FD},
};

/* Does one request of ethtool's. Returns true if it succeeded. */
static bool ethtool(int fd, const char *name, struct settings *settings)
{
    struct ifreq request = {.ifr_data = (void *) settings};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    settings->s.cmd = ETHTOOL_GLINKSETTINGS;
    return !ioctl(fd, SIOCETHTOOL, &request);
}

/* Reads the settings: a first request asks how many words the bitmaps have. */
static bool read_settings(int fd, const char *name, struct settings *settings)
{
    memset(settings, 0, sizeof *settings);
    if (!ethtool(fd, name, settings)) {
        return false;
    }
    int n = -settings->s.link_mode_masks_nwords;
    memset(settings, 0, sizeof *settings);
    settings->s.link_mode_masks_nwords = n;
    return n > 0 && n <= MAX_WORDS && ethtool(fd, name, settings);
}

/* OFPPF_* of a bitmap of link modes. */
static uint32_t mode_features(const struct settings *settings, unsigned bitmap)
{
    unsigned n = settings->s.link_mode_masks_nwords;
    const uint32_t *words = settings->modes + bitmap * n;
    uint32_t features = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(mode_rows); i++) {
        unsigned mode = mode_rows[i].mode;
        if (mode / 32 < n && words[mode / 32] >> mode % 32 & 1) {
            features |= mode_rows[i].features;
        }
    }
    return features;
}

/* OFPPF_* of what the link runs at now. */
static uint32_t current_features(const struct ethtool_link_settings *s)
{
    uint32_t features = s->autoneg ? OFPPF_AUTONEG : 0;
    features |= s->port == PORT_FIBRE ? OFPPF_FIBER : 0;
    features |= s->port == PORT_TP || s->port == PORT_DA ? OFPPF_COPPER : 0;
    if (s->speed == 0 || s->speed > INT32_MAX) {
        return features;
    }
    unsigned i = 0;
    while (s->speed > speed_rows[i].speed) {
        i++;
    }
    return features | (s->duplex == DUPLEX_HALF ? speed_rows[i].half : speed_rows[i].full);
}

void link_features_get(const char *name, struct netdev_status *status)
{
    struct settings settings;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && read_settings(fd, name, &settings)) {
        status->curr = current_features(&settings.s);
        status->supported = mode_features(&settings, 0);
        status->advertised = mode_features(&settings, 1);
        status->peer = mode_features(&settings, 2);
    }
    if (fd >= 0) {
        close(fd);
    }
}
