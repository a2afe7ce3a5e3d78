/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs meet: the directory of sluiced's sockets. */
#include "utilities/run-dir.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/util.h"

char *run_dir_default(void)
{
    const char *xdg = getenv("XDG_RUNTIME_DIR");
    return geteuid() && xdg && *xdg ? xasprintf("%s/sluice", xdg) : xstrdup("/run/sluice");
}
