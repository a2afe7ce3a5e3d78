/* SPDX-License-Identifier: Apache-2.0 */
/* Who a bridge is: datapath id and address of LOCAL, random once and stable then. */
#include "ofproto/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/hash.h"
#include "lib/util.h"

/* The 48 bits of 'x' as an address that is local and not a group's. */
static uint64_t local_address(uint64_t x)
{
    const uint64_t local = UINT64_C(0x020000000000), group = UINT64_C(0x010000000000);
    return ((x & UINT64_C(0xffffffffffff)) | local) & ~group;
}

/* An identity from two numbers. */
static void identity_from(struct identity *identity, uint64_t a, uint64_t b)
{
    identity->datapath_id = local_address(a);
    uint64_t address = local_address(b);
    for (int i = 0; i < 6; i++) {
        identity->hw_addr[i] = (uint8_t) (address >> (40 - 8 * i));
    }
}

/* Derives an identity from the machine's id and the bridge's name. */
static void identity_derive(struct identity *identity, const char *bridge)
{
    char text[256] = "";
    FILE *f = fopen("/etc/machine-id", "re");
    if (f) {
        if (!fgets(text, 64, f)) {
            text[0] = '\0';
        }
        fclose(f);
    }
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "/%s", bridge);
    length = strlen(text);
    identity_from(identity, hash_bytes(text, length, 1), hash_bytes(text, length, 2));
}

/* Reads the two lines of 'path'. ENOENT if it is not there, EINVAL if it is damaged. */
static int identity_read(const char *path, struct identity *identity)
{
    uint64_t datapath_id, address;
    FILE *f = fopen(path, "re");
    if (!f) {
        return errno;
    }
    int n = fscanf(f, "datapath-id %" SCNx64 " local-address %" SCNx64, &datapath_id, &address);
    fclose(f);
    if (n != 2) {
        return EINVAL;
    }
    identity_from(identity, datapath_id, address);
    return 0;
}

/* Writes 'identity' to 'path' so that a crash leaves the old or the new. */
static int identity_write(const char *path, const struct identity *identity)
{
    uint64_t address = 0;
    for (int i = 0; i < 6; i++) {
        address = address << 8 | identity->hw_addr[i];
    }
    char *temporary = xasprintf("%s.new", path);
    FILE *f = fopen(temporary, "we");
    int error = f ? 0 : errno;
    if (f) {
        fprintf(f, "datapath-id %012" PRIx64 "\nlocal-address %012" PRIx64 "\n",
                identity->datapath_id, address);
        error = fflush(f) || fsync(fileno(f)) ? errno : 0;
        error = fclose(f) && !error ? errno : error;
        error = !error && rename(temporary, path) ? errno : error;
    }
    if (f && error) {
        unlink(temporary);
    }
    free(temporary);
    return error;
}

/* Makes a new identity and stores it in 'path', whose directory 'state' is made if it is not
 * there. */
static int identity_make(const char *state, const char *path, struct identity *identity)
{
    uint64_t random[2];
    if (getrandom(random, sizeof random, 0) != sizeof random) {
        return errno;
    }
    identity_from(identity, random[0], random[1]);
    return mkdir(state, 0755) && errno != EEXIST ? errno : identity_write(path, identity);
}

int identity_get(const char *state, const char *bridge, struct identity *identity, char **error)
{
    if (!state) {
        identity_derive(identity, bridge);
        return 0;
    }
    char *path = xasprintf("%s/%s.identity", state, bridge);
    int err = identity_read(path, identity);
    if (err == ENOENT) {
        err = identity_make(state, path, identity);
    }
    if (err) {
        *error = err == EINVAL ? xasprintf("%s: it is damaged; remove it, to get a new one", path)
                               : xasprintf("%s: %s; give a directory with --state that can be "
                                           "written, below one that exists", path, strerror(err));
    }
    free(path);
    return err;
}

int identity_parse_datapath_id(const char *text, uint64_t *id, char **error)
{
    const char *digits = strncmp(text, "0x", 2) ? text : text + 2;
    uint64_t value;
    if (strlen(digits) > 16 || !str_to_u64(digits, 16, &value) || !value) {
        *error = xasprintf("%s: give 1 to 16 hexadecimal digits, not all 0", text);
        return EINVAL;
    }
    *id = value;
    return 0;
}
