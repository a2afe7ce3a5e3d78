/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs meet: the directory of sluiced's sockets. */
#ifndef UTILITIES_RUN_DIR_H
#define UTILITIES_RUN_DIR_H

/* The directory if --run-dir does not say another: /run/sluice, or for others than root, and who is
 * root only in a user namespace, $XDG_RUNTIME_DIR/sluice.  The caller owns it. */
char *run_dir_default(void);

#endif
