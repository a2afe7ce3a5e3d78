/* SPDX-License-Identifier: Apache-2.0 */
/* What a controller or a listener's peers may do with the switch, as a user grants it. */
#include "ofproto/rights.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/rule-quota.h"
#include "lib/channel/stream-name.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Values --------------------------------------------------------------------------------------- */

/* Adds one "PORT", "PORT-PORT" or "LOCAL". False if it is none of them. */
static bool add_port_text(struct rights *r, const char *text)
{
    if (strcmp(text, "LOCAL")) {
        return str_to_set(text, 1, OFPP_MAX - 1, r->ports);
    }
    r->ports[OFPP_LOCAL / 64] |= UINT64_C(1) << OFPP_LOCAL % 64;
    return true;
}

/* "ports=PORT[-PORT][+PORT...]" or "ports=none". */
static char *take_ports(struct rights *r, const char *value)
{
    char *copy = xstrdup(value), *rest = copy;
    bool ok = true;
    r->has_ports = true;
    r->has_no_port = !strcmp(value, "none");
    while (!r->has_no_port && ok && rest) {
        ok = add_port_text(r, strsep(&rest, "+"));
    }
    free(copy);
    return ok ? NULL : xasprintf("give port numbers from 1 to %d as in ports=1-4+7+LOCAL, or "
                                 "ports=none", OFPP_MAX - 1);
}

/* "flows=N". */
static char *take_flows(struct rights *r, const char *value)
{
    uint32_t n;
    if (!str_to_u32(value, 10, &n)) {
        return xstrdup("give a number from 0 to 4294967295");
    }
    r->quota = rule_quota_create(n);
    return NULL;
}

/* "peer=NAME". A name with a dot first would mean all names that end in it, and one with an
 * asterisk nobody's. */
static char *take_peer(struct rights *r, const char *value)
{
    if (!*value || *value == '.' || strchr(value, '*')) {
        return xstrdup("give the name that the peer's certificate has, which is no pattern");
    }
    r->peer = xstrdup(value);
    return NULL;
}

/* What can be granted. */
static const struct key {
    const char *name;                                       /* Key. */
    char *(*take)(struct rights *r, const char *value);     /* Keeps its value; NULL, or why not. */
} keys[] = {{"ports", take_ports}, {"flows", take_flows}, {"peer", take_peer}};

/* The row of the key whose name and '=' 'text' begins with, or NULL. */
static const struct key *find_key(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        size_t length = strlen(keys[i].name);
        if (!strncmp(text, keys[i].name, length) && text[length] == '=') {
            return &keys[i];
        }
    }
    return NULL;
}

/* Texts ---------------------------------------------------------------------------------------- */

/* Bytes of the target that 'text' begins with. */
static size_t target_length(const char *text)
{
    const char *comma = strchr(text, ',');
    while (comma && stream_name_takes_path(text) && !find_key(comma + 1)) {
        comma = strchr(comma + 1, ',');
    }
    return comma ? (size_t) (comma - text) : strlen(text);
}

char *rights_target(const char *text)
{
    return xasprintf("%.*s", (int) target_length(text), text);
}

/* Takes one "KEY=VALUE". Returns NULL, or a malloc()ed sentence. */
static char *take_key(struct rights *r, const char *word, unsigned *given)
{
    const struct key *key = find_key(word);
    if (!key) {
        return xstrdup("behind a target stand ports=, flows= and peer= alone");
    }
    unsigned bit = 1u << (key - keys);
    if (*given & bit) {
        return xasprintf("%s= was given twice", key->name);
    }
    *given |= bit;
    return key->take(r, strchr(word, '=') + 1);
}

/* Takes all of r->text. Returns 0, or EINVAL with '*error'. */
static int take_keys(struct rights *r, const char *target, char **error)
{
    char *copy = xstrdup(r->text), *rest = copy, *why = NULL;
    unsigned given = 0;
    while (rest && !why) {
        const char *word = strsep(&rest, ",");
        why = take_key(r, word, &given);
        if (why) {
            *error = xasprintf("%s: %s: %s", target, word, why);
        }
    }
    free(copy);
    free(why);
    return why ? EINVAL : 0;
}

/* Refuses a peer's name where there is no certificate to find it in. */
static int check_peer(const struct rights *r, const char *target, char **error)
{
    struct stream_name name;
    if (!r->peer) {
        return 0;
    }
    int err = stream_name_parse(target, &name, error);
    if (err) {
        return err;
    }
    if (name.transport != STREAM_TLS) {
        *error = xasprintf("%s: peer=%s needs TLS, for it is about the peer's certificate: use "
                           "tls: or ptls:, or leave it out", target, r->peer);
        err = EINVAL;
    }
    stream_name_uninit(&name);
    return err;
}

int rights_parse(const char *text, char **target, struct rights **rights, char **error)
{
    size_t length = target_length(text);
    *target = rights_target(text);
    *rights = NULL;
    if (!text[length]) {
        return 0;
    }
    struct rights *r = xzalloc(sizeof *r);
    r->refs = 1;
    r->text = xstrdup(text + length + 1);
    int err = take_keys(r, *target, error);
    err = err ? err : check_peer(r, *target, error);
    if (err) {
        rights_unref(r);
        free(*target);
        return err;
    }
    *rights = r;
    return 0;
}

struct rights *rights_ref(struct rights *rights)
{
    if (rights) {
        rights->refs++;
    }
    return rights;
}

void rights_unref(struct rights *rights)
{
    if (rights && !--rights->refs) {
        rule_quota_unref(rights->quota);
        free(rights->text);
        free(rights->peer);
        free(rights);
    }
}
