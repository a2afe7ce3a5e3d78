/* SPDX-License-Identifier: Apache-2.0 */
/* What a user says about the spanning tree of a bridge, and its reading. */
#ifndef OFPROTO_STP_SETTINGS_H
#define OFPROTO_STP_SETTINGS_H

#include <stdbool.h>

#include "ofproto/stp-types.h"

/* A struct of zeros: no spanning tree. */
struct stp_settings {
    bool is_on;               /* There is one. */
    bool blocks_receive;      /* Ports that do not forward drop all else that they receive. */
    struct stp_config config; /* For the machine, but for its address. */
};

/* Reads "MODE[,KEY=VALUE]...": stp, rstp or no; priority=, hello=, max-age=, forward-delay=. Leaves
 * 'blocks_receive' alone. Returns 0, or EINVAL with *error a malloc()ed sentence. */
int stp_settings_parse(const char *text, struct stp_settings *settings, char **error);

#endif
