/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a patch: what a port has in place of a device to lead into another bridge. */
#include "datapath/patch.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

struct patch *patch_create(const char *name, char *peer_name, unsigned n_threads)
{
    size_t size = sizeof(struct patch) + n_threads * sizeof(struct netdev_counters);
    struct patch *patch = xaligned_alloc(CACHE_LINE, ROUND_UP(size, (size_t) CACHE_LINE));
    memset(patch, 0, size);
    patch->peer_name = peer_name;
    patch->n_threads = n_threads;
    netdev_make_address(name, patch->hw_addr);
    return patch;
}

void patch_destroy(struct patch *patch)
{
    if (patch) {
        free(patch->peer_name);
        free(patch);
    }
}

void patch_get_counters(const struct patch *patch, struct netdev_counters *sum)
{
    netdev_sum_counters(patch->counters, patch->n_threads, sum);
}
