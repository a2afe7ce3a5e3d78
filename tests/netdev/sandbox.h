/* SPDX-License-Identifier: Apache-2.0 */
/* A private network for a test: namespaces that nothing leaks out of, links, commands. */
#ifndef TESTS_NETDEV_SANDBOX_H
#define TESTS_NETDEV_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/util.h"

/* A test program calls sandbox_enter() first thing in main().  From then on it is root of a network
 * of its own, with nothing in it but lo (up) and without IPv6; all of it vanishes with the last of
 * its processes.  Everything here ends the program with a message when it fails: a sandbox that
 * does not stand is not what is being tested.  Threads: one. */

/* Moves the calling process into new network and mount namespaces, and unless it is root into a new
 * user namespace where it is. With SANDBOX_USERNS=1 in the environment root gets one, too. Exits
 * with 77 (skipped) if this is not permitted. */
void sandbox_enter(void);

/* True if the process has the rights of the first user namespace (SO_RCVBUFFORCE works). */
bool sandbox_is_privileged(void);

/* True if the process may make TAP devices. */
bool sandbox_has_tap(void);

/* Runs a shell command made as by printf(); it must succeed. */
void sandbox_run(const char *format, ...) PRINTF_FORMAT(1, 2);

/* Runs a shell command, its output thrown away. Returns its exit status. */
int sandbox_try(const char *format, ...) PRINTF_FORMAT(1, 2);

/* Returns what a shell command writes, at most 64 KiB; the caller frees it. */
char *sandbox_output(const char *format, ...) PRINTF_FORMAT(1, 2);

/* Waits until the kernel has taken note that the carrier of 'device' is there, which it does some
 * time after the device was set up; until then it drops what is sent. */
void sandbox_wait_carrier(const char *device);

/* Makes a pair of veth devices, both up, with carrier. */
void sandbox_make_veth(const char *a, const char *b);

/* Makes another network namespace, lo up, no IPv6. Returns a descriptor that keeps it alive. */
int sandbox_netns_create(void);

/* Returns a descriptor of the namespace that the calling thread is in. */
int sandbox_netns_current(void);

/* Moves the calling thread into a namespace. */
void sandbox_netns_enter(int netns);

/* Moves device 'name' of the present namespace into another, where it is set up with 'address'
 * (such as "10.0.0.1/24"; NULL none). */
void sandbox_move_link(const char *name, int netns, const char *address);

#endif
