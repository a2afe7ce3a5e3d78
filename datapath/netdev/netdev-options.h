/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a device: "NAME[,type=KIND][,key=value]..." taken apart. */
#ifndef DATAPATH_NETDEV_NETDEV_OPTIONS_H
#define DATAPATH_NETDEV_NETDEV_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Life cycle: netdev_options_parse() or _clone() into a struct that needs no preparation, then
 * _uninit(). A struct of zeros is valid too. Threads: the owner's only. */

/* One key=value. */
struct netdev_option {
    char *key;   /* Key; owned. */
    char *value; /* Value; owned. "yes" for a key that stands alone. */
};

/* "NAME[,type=KIND][,key=value]...": what --port is given. */
struct netdev_options {
    char *name;                    /* Device name; owned. */
    char *kind;                    /* Kind, or NULL: tap if the device is a tap, else raw; owned. */
    struct netdev_option *options; /* The rest, in order; owned. */
    size_t n;                      /* How many. */
};

/* Parses 'text'. A key without "=value" means "=yes". Returns 0, or EINVAL with *error a malloc()ed
 * sentence; then 'options' needs no _uninit(). */
int netdev_options_parse(const char *text, struct netdev_options *options, char **error);

/* Frees what 'options' owns and leaves it all zero. */
void netdev_options_uninit(struct netdev_options *options);

/* Makes 'dst', whatever it held, a copy of 'src'. */
void netdev_options_clone(struct netdev_options *dst, const struct netdev_options *src);

/* Value of 'key', or NULL. Borrowed from 'options'. */
const char *netdev_options_get(const struct netdev_options *options, const char *key);

/* Takes 'key', the first of several, out of 'options': returns its value, which the caller frees,
 * or NULL. For keys that a port, not its device, understands (number=, queue=). */
char *netdev_options_take(struct netdev_options *options, const char *key);

/* Stores in '*value' whether 'key' says yes, or 'otherwise' if it is not there. Returns 0, or
 * EINVAL with *error a malloc()ed sentence if the value is neither "yes" nor "no". */
int netdev_options_get_bool(const struct netdev_options *options, const char *key, bool otherwise,
                            bool *value, char **error);

/* The same for a whole number from 'min' to 'max'. */
int netdev_options_get_number(const struct netdev_options *options, const char *key, unsigned min,
                              unsigned max, unsigned otherwise, unsigned *value, char **error);

/* The same for one of the 'n' words in 'words', whose number is stored; the first one if the key is
 * not there. */
int netdev_options_get_choice(const struct netdev_options *options, const char *key,
                              const char *const words[], unsigned n, unsigned *value,
                              char **error);

/* The same for an Ethernet address, 6 bytes as xx:xx:xx:xx:xx:xx, that is not multicast. '*given'
 * tells whether the key is there; if not, 'addr' stays as it was. */
int netdev_options_get_address(const struct netdev_options *options, const char *key,
                               unsigned char addr[6], bool *given, char **error);

#endif
