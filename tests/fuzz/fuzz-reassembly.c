/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile fragments become the packets that a naive reassembly makes of them. */
#include <string.h>

#include "lib/packet/checksum.h"
#include "lib/packet/flow.h"
#include "lib/packet/fragment.h"
#include "lib/packet/headers.h"
#include "lib/packet/packet.h"
#include "lib/packet/reassembly.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

/* An input is a sequence of fragments of 8 bytes each:
 *
 *     0     bits 0-2 which datagram, 3 more fragments, 4 another IHL, 5 another content, 6 damaged
 *     1     seconds that have passed, above 127: none
 *     2, 3  offset in units of 8 bytes, low 13 bits
 *     4, 5  bytes of payload, modulo 9000
 *     6     TTL, which means nothing
 *     7     TOS */

enum {
    STEP = 8,       /* Bytes of input for a fragment. */
    STEPS_MAX = 64, /* Fragments of an input. */
    N_DATAGRAMS = 8, /* Datagrams at once: fewer than any quota. */
    PAYLOAD_MAX = 9000, /* Bytes of a fragment. */
    LIMIT = 65536 + PAYLOAD_MAX, /* Bytes up to which a fragment can reach. */
};

/* A datagram as one byte after the other. */
struct naive {
    bool used;             /* Fragments have come. */
    int64_t start;         /* The first of them. */
    unsigned n;            /* How many. */
    uint32_t end;          /* End of what is there. */
    uint32_t total;        /* End, or 0. */
    unsigned header_size;  /* Of the first fragment, 0 none. */
    uint8_t tos;           /* Of the first one. */
    bool congested;        /* Any has CE. */
    bool there[LIMIT];     /* Which bytes are there. */
    uint8_t bytes[LIMIT];  /* They. */
};

/* A fragment as the input has it. */
struct piece {
    unsigned which;       /* Datagram. */
    bool more;            /* More follow. */
    unsigned header_size; /* Of its IPv4 header. */
    uint32_t offset;      /* Bytes. */
    uint32_t size;        /* Of its payload. */
    uint8_t tos;          /* TOS. */
    uint8_t payload[PAYLOAD_MAX]; /* Payload. */
};

/* What the naive reassembly says of a fragment. */
enum verdict {
    HELD,  /* More are to come. */
    WHOLE, /* The datagram is whole. */
    GONE,  /* It, or the fragment alone, was dropped. */
};

/* Drops 'd'; returns how many fragments that were. */
static unsigned drop(struct naive *d)
{
    unsigned n = d->n;
    memset(d, 0, sizeof *d);
    return n;
}

/* How many bytes of 'f' are there in 'd'; '*same' tells whether they are the same. */
static uint32_t common(const struct naive *d, const struct piece *f, bool *same)
{
    uint32_t n = 0;
    *same = true;
    for (uint32_t i = 0; i < f->size; i++) {
        n += d->there[f->offset + i];
        *same &= d->bytes[f->offset + i] == f->payload[i];
    }
    return n;
}

/* Adds 'f' to 'd' at 'now'; counts what it drops in '*drops'. */
static enum verdict add_naively(struct naive *d, const struct piece *f, int64_t now,
                                unsigned *drops)
{
    uint32_t end = f->offset + f->size;
    bool same;
    if (!f->size || (f->more && f->size % 8) || end + f->header_size > 65535) {
        ++*drops;
        return GONE;
    }
    if (!d->used) {
        d->used = true;
        d->start = now;
    }
    uint32_t overlap = common(d, f, &same);
    bool contradicts = f->more ? d->total && end > d->total
                               : d->end > end || (d->total && d->total != end);
    if (overlap == f->size && same && !contradicts) {
        ++*drops;
        return GONE;
    }
    if (overlap || contradicts) {
        *drops += 1 + drop(d);
        return GONE;
    }
    memcpy(d->bytes + f->offset, f->payload, f->size);
    memset(d->there + f->offset, true, f->size);
    d->n++;
    d->end = MAX(d->end, end);
    d->total = f->more ? d->total : end;
    d->congested |= (f->tos & 3) == 3;
    if (!f->offset) {
        d->header_size = f->header_size;
        d->tos = f->tos;
    }
    bool is_whole = d->total && !memchr(d->there, false, d->total);
    if (is_whole && d->header_size + d->total > 65535) {
        *drops += drop(d);
        return GONE;
    }
    return is_whole ? WHOLE : HELD;
}

/* Reads 'f' from the input. */
static void piece_read(struct piece *f, const uint8_t *in)
{
    f->which = in[0] & 7;
    f->more = in[0] & 8;
    f->header_size = in[0] & 16 ? 40 : 20;
    f->offset = ((in[2] << 8 | in[3]) & IPV4_FRAG_MASK) * 8u;
    f->size = (in[4] << 8 | in[5]) % PAYLOAD_MAX;
    f->tos = in[7];
    for (uint32_t i = 0; i < f->size; i++) {
        f->payload[i] = (uint8_t) ((f->offset + i) * 7 + (in[0] & 32));
    }
}

/* Writes 'f' as a frame; returns its size. */
static size_t piece_write(const struct piece *f, uint8_t *frame, uint8_t ttl)
{
    struct ipv4_header *ip = (void *) (frame + 14);
    size_t size = 14 + f->header_size + f->size;
    memset(frame, 0, 14 + f->header_size);
    frame[12] = 8;
    ip->version_ihl = (uint8_t) (0x40 | f->header_size / 4);
    ip->tos = f->tos;
    ip->total_size = htons((uint16_t) (f->header_size + f->size));
    ip->id = htons((uint16_t) f->which);
    ip->frag = htons((uint16_t) (f->offset / 8 | (f->more ? IPV4_MF : 0)));
    ip->ttl = ttl;
    ip->proto = 253;
    memcpy(frame + 14 + f->header_size, f->payload, f->size);
    return size;
}

/* 'whole' is what 'd' has. */
static void check_whole(const struct packet *whole, const struct naive *d)
{
    const struct ipv4_header *ip = (const void *) (whole->data + 14);
    promise(whole->size == 14 + d->header_size + d->total);
    promise(ntohs(ip->total_size) == d->header_size + d->total && !ip->frag);
    promise(ip->tos == (d->tos | (d->congested ? 3 : 0)));
    promise(!checksum_finish(checksum_add(0, ip, d->header_size)));
    promise(!memcmp(whole->data + 14 + d->header_size, d->bytes, d->total));
}

/* A fragment of 'whole' for 'mtu' that continues where '*at' is. */
static void check_piece(const struct packet *whole, unsigned mtu, const struct packet *frame,
                        uint32_t *at)
{
    const struct ipv4_header *ip = (const void *) (frame->data + 14);
    unsigned header_size = (ip->version_ihl & 15) * 4;
    uint32_t size = frame->size - 14 - header_size;
    promise(ntohs(ip->total_size) == frame->size - 14 && frame->size - 14 <= mtu);
    promise((ntohs(ip->frag) & IPV4_FRAG_MASK) * 8u == *at);
    promise(!memcmp(frame->data + 14 + header_size, whole->data + 14 + header_size + *at, size));
    *at += size;
    promise(!!(ntohs(ip->frag) & IPV4_MF) == (*at < whole->size - 14 - header_size));
}

/* 'whole' cut again is the same. */
static void check_cut(const struct packet *whole, unsigned mtu)
{
    static uint8_t scratch[PACKET_LARGE];
    const struct ipv4_header *ip = (const void *) (whole->data + 14);
    struct fragment_cut c;
    struct packet p = *whole;
    struct flow flow;
    uint32_t at = 0;
    flow_extract(&p, &flow);
    promise(!fragment_init(&c, &p, mtu));
    while (fragment_next_size(&c)) {
        struct packet frame;
        packet_use(&frame, scratch, sizeof scratch, scratch, 0);
        fragment_next(&c, &frame);
        check_piece(whole, mtu, &frame, &at);
    }
    promise(at == whole->size - 14 - (ip->version_ihl & 15) * 4u);
}

/* Both reassemblies, and the time. */
struct both {
    struct reassembly *r;              /* Under test. */
    struct naive naive[N_DATAGRAMS];   /* The other. */
    int64_t now;                       /* Time. */
    unsigned drops;                    /* What the other one dropped. */
    unsigned counted[N_REASSEMBLY_REASONS]; /* What the tested one says. */
};

/* Lets time pass. */
static void pass(struct both *b, unsigned sec)
{
    b->now += sec * SEC;
    for (unsigned i = 0; i < N_DATAGRAMS; i++) {
        struct naive *d = &b->naive[i];
        if (d->used && b->now - d->start >= REASSEMBLY_SEC * SEC) {
            b->drops += drop(d);
        }
    }
}

/* One step of the input. */
static void step(struct both *b, const uint8_t *in)
{
    static struct piece f;
    static uint8_t frame[14 + 60 + PAYLOAD_MAX];
    struct packet p;
    struct flow flow;
    piece_read(&f, in);
    pass(b, in[1] < 128 ? in[1] : 0);
    if (!f.offset && !f.more) {
        return;
    }
    size_t size = piece_write(&f, frame, in[6]);
    bool damaged = in[0] & 64 && f.size;
    packet_use(&p, frame, sizeof frame, frame, size - damaged);
    flow_extract(&p, &flow);
    enum verdict verdict = GONE;
    if (damaged) {
        b->drops++;
    } else {
        verdict = add_naively(&b->naive[f.which], &f, b->now, &b->drops);
    }
    struct packet *whole = reassembly_add(b->r, 1, &flow, &p, b->now, b->counted);
    promise((whole != NULL) == (verdict == WHOLE));
    if (whole) {
        check_whole(whole, &b->naive[f.which]);
        check_cut(whole, 100 + in[6] * 10);
        drop(&b->naive[f.which]);
        reassembly_recycle(b->r);
    }
    promise(b->counted[REASSEMBLY_LATE] + b->counted[REASSEMBLY_BAD] == b->drops);
    promise(!b->counted[REASSEMBLY_CROWDED]);
}

const uint64_t fuzz_mutations = 3000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct both b;
    memset(&b, 0, sizeof b);
    b.r = reassembly_create();
    b.now = 1000 * SEC;
    for (size_t i = 0; i < STEPS_MAX && size >= STEP; i++, data += STEP, size -= STEP) {
        step(&b, data);
    }
    reassembly_destroy(b.r);
    return 0;
}

static const uint8_t seeds[][4 * STEP] = {
    /* Three pieces in order, and again. */
    {8, 0, 0, 0, 0, 16, 64, 0,   8, 0, 0, 2, 0, 16, 64, 2,   0, 0, 0, 4, 0, 5, 64, 3,
     8, 0, 0, 0, 0, 16, 64, 0},
    /* The last one first, a copy, another datagram between. */
    {0, 0, 0, 3, 0, 5, 64, 0,   9, 1, 0, 0, 0, 24, 64, 2,   0, 0, 0, 3, 0, 5, 64, 0,
     8, 2, 0, 0, 0, 24, 64, 0},
    /* An overlap, and a time that is too long. */
    {8, 0, 0, 0, 0, 16, 64, 0,   8, 31, 0, 1, 0, 16, 64, 2,   24, 0, 0, 1, 0, 16, 64, 2,
     0, 0, 0, 2, 0, 8, 64, 0},
    /* The end of what can be. */
    {8, 0, 31, 200, 5, 80, 64, 0,   0, 0, 31, 255, 0, 7, 64, 2,   40, 0, 31, 255, 0, 8, 64, 3,
     72, 0, 0, 0, 0, 8, 64, 0},
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    *size = sizeof seeds[0];
    return index < ARRAY_SIZE(seeds) ? xmemdup(seeds[index], sizeof seeds[0]) : NULL;
}
