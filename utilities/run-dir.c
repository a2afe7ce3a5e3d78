/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs meet: the directory of sluiced's sockets. */
#include "utilities/run-dir.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/util.h"

#define ROOT_S "/run/sluice"

/* Whether we are the root whose directory that is: in a user namespace of his own everybody is
 * root, but has no right to it. */
static bool is_ours(void)
{
    return !geteuid()
           && (!access(ROOT_S, W_OK) || (errno == ENOENT && !access("/run", W_OK)));
}

char *run_dir_default(void)
{
    const char *xdg = getenv("XDG_RUNTIME_DIR");
    return xdg && *xdg && !is_ours() ? xasprintf("%s/sluice", xdg) : xstrdup(ROOT_S);
}
