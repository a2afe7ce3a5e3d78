/* SPDX-License-Identifier: Apache-2.0 */
/* The frames that bridges send each other for the spanning tree: their bytes. */
#include "ofproto/stp-bpdu.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/util.h"

/* A frame of LLC has its size where others have a type; it counts from the LLC header on. */
enum {
    ADDRESSES_SIZE = 12,  /* Destination and source. */
    HEADER_SIZE = 14,     /* With the size. */
    TIME_UNITS = 256,     /* Units of a time in a second. */
    VERSION_RST = 2,      /* Protocol version of RST BPDUs; later ones can be read as it. */
};

static const uint8_t group_address[] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
static const uint8_t llc[] = {0x42, 0x42, 0x03};

/* What kinds there are (9.3.1 to 9.3.3). */
static const struct {
    uint8_t version; /* Protocol version, the least. */
    uint8_t type;    /* BPDU type. */
    uint8_t size;    /* Bytes of the BPDU, at least. */
} kinds[] = {
    [BPDU_CONFIG] = {0, 0x00, 35},
    [BPDU_TCN] = {0, 0x80, 4},
    [BPDU_RST] = {VERSION_RST, 0x02, 36},
};
static_assert(sizeof(llc) + HEADER_SIZE + 36 <= BPDU_FRAME_SIZE, "every BPDU fits into a frame");

/* Finds the kind of a BPDU of 'size' bytes. */
static bool find_kind(uint8_t version, uint8_t type, size_t size, enum bpdu_kind *kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i].type == type && version >= kinds[i].version && size >= kinds[i].size) {
            *kind = (enum bpdu_kind) i;
            return true;
        }
    }
    return false;
}

/* Takes a time. */
static bool take_time(struct reader *r, int64_t *time)
{
    uint16_t units;
    bool ok = reader_be16(r, &units);
    *time = ok ? (int64_t) units * SEC / TIME_UNITS : 0;
    return ok;
}

/* Takes what follows the kind. */
static bool take_content(struct reader *r, struct bpdu *b)
{
    return reader_u8(r, &b->flags) && reader_be64(r, &b->root) && reader_be32(r, &b->cost)
           && reader_be64(r, &b->bridge) && reader_be16(r, &b->port)
           && take_time(r, &b->message_age) && take_time(r, &b->max_age)
           && take_time(r, &b->hello_time) && take_time(r, &b->forward_delay);
}

/* Takes the Ethernet and the LLC header; 'r' ends then where the frame does without padding. */
static bool take_headers(struct reader *r)
{
    uint16_t size;
    struct reader rest;
    const uint8_t *header;
    if (!reader_pull(r, ADDRESSES_SIZE) || !reader_be16(r, &size) || !reader_split(r, size, &rest)
        || !(header = reader_pull(&rest, sizeof llc)) || memcmp(header, llc, sizeof llc)) {
        return false;
    }
    *r = rest;
    return true;
}

int bpdu_decode(const uint8_t *frame, size_t size, struct bpdu *b)
{
    struct reader r;
    uint16_t protocol;
    uint8_t version, type;
    *b = (struct bpdu) {.flags = 0};
    reader_init(&r, frame, size);
    if (!take_headers(&r)) {
        return EBADMSG;
    }
    size = r.left;
    if (!reader_be16(&r, &protocol) || protocol || !reader_u8(&r, &version)
        || !reader_u8(&r, &type) || !find_kind(version, type, size, &b->kind)) {
        return EBADMSG;
    }
    bool is_good = b->kind == BPDU_TCN || take_content(&r, b);
    bool is_old = b->kind == BPDU_CONFIG && b->message_age >= b->max_age;
    return is_good && !is_old ? 0 : EBADMSG;
}

/* Puts a time at '*at', to the nearest unit. */
static void put_time(uint8_t **at, int64_t time)
{
    int64_t most = (int64_t) BPDU_TIME_MAX_SEC * SEC;
    time = time < 0 ? 0 : MIN(time, most);
    put_be16(*at, (uint16_t) ((time * TIME_UNITS + SEC / 2) / SEC));
    *at += 2;
}

/* Puts what follows the kind at 'at'. */
static void put_content(uint8_t *at, const struct bpdu *b)
{
    *at = b->flags;
    put_be64(at + 1, b->root);
    put_be32(at + 9, b->cost);
    put_be64(at + 13, b->bridge);
    put_be16(at + 21, b->port);
    at += 23;
    put_time(&at, b->message_age);
    put_time(&at, b->max_age);
    put_time(&at, b->hello_time);
    put_time(&at, b->forward_delay);
}

void bpdu_encode(const struct bpdu *b, const uint8_t src[6], uint8_t frame[BPDU_FRAME_SIZE])
{
    uint8_t *body = frame + HEADER_SIZE + sizeof llc;
    memset(frame, 0, BPDU_FRAME_SIZE);
    memcpy(frame, group_address, sizeof group_address);
    memcpy(frame + sizeof group_address, src, 6);
    put_be16(frame + ADDRESSES_SIZE, (uint16_t) (sizeof llc + kinds[b->kind].size));
    memcpy(frame + HEADER_SIZE, llc, sizeof llc);
    body[2] = kinds[b->kind].version;
    body[3] = kinds[b->kind].type;
    if (b->kind != BPDU_TCN) {
        put_content(body + 4, b);
    }
}
