/* SPDX-License-Identifier: Apache-2.0 */
/* Putting the fragments of IPv4 datagrams together again, in bounded memory and time. */
#include "lib/packet/reassembly.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/hash.h"
#include "lib/list.h"
#include "lib/packet/checksum.h"
#include "lib/packet/headers.h"

/* Theory
 * ======
 *
 * A datagram is put together where it will stand: each has a buffer with room for the longest, and
 * a fragment's payload goes to its place at once, the headers of the first one in front of it.  A
 * bitmap says which blocks of 8 bytes are there, since only the last fragment may have another
 * length.  So an overlap is a bit that is set already, and the datagram is whole when as many bits
 * are set as the last fragment's end tells: no list of holes, no sorting, and all fragments cost
 * the same in whatever order they come.
 *
 * A fragment that came before, the same bytes at the same place, is a copy that the network made
 * and is ignored.  Any other overlap ends the datagram, as RFC 5722 has it for IPv6: which of the
 * two contents the receiver would take, and a filter see, is anybody's choice.
 *
 * The few datagrams are found by a walk over their hashes.  The list in order of their beginning is
 * that of their expiry too.  Nobody waits for the expiry: it happens when the next fragment comes.
 */

enum {
    BLOCK = 8,                /* Bytes that fragments are multiples of. */
    N_BLOCKS = 65536 / BLOCK, /* Blocks of the longest datagram. */
    HEADERS = 96,             /* Room for headers: Ethernet, tags, IPv4 with all options. */
    MAX_SIZE = UINT16_MAX,    /* Bytes of an IPv4 packet at most. */
    N_WHOLE = 64,             /* Whole packets that may be out before they are recycled. */
    ECN_CE = 3,               /* Bits of the TOS: congestion experienced (RFC 3168). */
};

/* What fragments of one datagram agree in. */
struct key {
    uint64_t bridge;    /* Id of the bridge. */
    uint32_t in_port;   /* Port that they came in by. */
    be32 src;           /* Source address. */
    be32 dst;           /* Destination address. */
    be16 vlan_tci;      /* Tag. */
    be16 id;            /* Identification. */
    uint8_t dl_src[6];  /* Ethernet source. */
    uint8_t dl_dst[6];  /* Ethernet destination. */
    uint16_t proto;     /* Protocol. */
    uint16_t l3_offset; /* Where IP begins: SNAP and plain Ethernet do not mix. */
};
static_assert(sizeof(struct key) == 40, "keys are compared as bytes");
static_assert(PACKET_HEADROOM + HEADERS + MAX_SIZE <= PACKET_LARGE,
              "a buffer holds the longest payload behind the longest headers");
static_assert(N_BLOCKS * BLOCK > MAX_SIZE, "every block of it has a bit");

/* A fragment, taken apart. */
struct fragment {
    uint16_t l3_offset;           /* Where IP begins in the frame. */
    const struct ipv4_header *ip; /* Its header. */
    uint32_t header_size;         /* Bytes of it. */
    const uint8_t *payload;       /* What follows. */
    uint32_t size;                /* Bytes there. */
    uint32_t offset;              /* Where it belongs. */
    bool more;                    /* It is not the last one. */
};

/* A datagram on its way. */
struct assembly {
    struct list in_order;            /* In the list of those in use, or of the free ones. */
    struct key key;                  /* Whose it is. */
    int64_t start;                   /* When its first fragment came. */
    struct packet *packet;           /* Buffer, of the pool. */
    unsigned n_fragments;            /* Fragments it has got. */
    uint32_t n_blocks;               /* Bits set in 'blocks'. */
    uint32_t end;                    /* Bytes up to the end of what is there. */
    uint32_t total;                  /* Bytes of the payload; 0 unknown. */
    uint32_t header_size;            /* Bytes of all headers; 0: the first one is missing. */
    bool is_congested;               /* Some fragment has ECN_CE. */
    uint64_t blocks[N_BLOCKS / 64];  /* Which blocks are there. */
};

struct reassembly {
    struct packet_pool *pool;                 /* Buffers; owned. */
    struct list used;                         /* Assemblies, oldest first. */
    struct list free;                         /* The others. */
    unsigned n_whole;                         /* How many of 'whole' are in use. */
    struct packet *whole[N_WHOLE];            /* Packets handed out. */
    uint64_t hashes[REASSEMBLY_MAX];          /* Of the keys; 0: free. */
    struct assembly slots[REASSEMBLY_MAX];    /* All assemblies. */
};

struct reassembly *reassembly_create(void)
{
    struct reassembly *r = xcalloc(1, sizeof *r);
    r->pool = packet_pool_create(0, REASSEMBLY_MAX + N_WHOLE);
    list_init(&r->used);
    list_init(&r->free);
    for (unsigned i = 0; i < REASSEMBLY_MAX; i++) {
        list_push_back(&r->free, &r->slots[i].in_order);
    }
    return r;
}

void reassembly_destroy(struct reassembly *r)
{
    if (r) {
        packet_pool_destroy(r->pool);
        free(r);
    }
}

void reassembly_recycle(struct reassembly *r)
{
    while (r->n_whole) {
        packet_pool_put(r->whole[--r->n_whole]);
    }
}

/* Frees 'a', whose buffer is somebody else's. */
static void assembly_free(struct reassembly *r, struct assembly *a)
{
    r->hashes[a - r->slots] = 0;
    list_remove(&a->in_order);
    list_push_front(&r->free, &a->in_order);
}

/* Drops what 'a' has got; adds its fragments to '*drops'. */
static void assembly_drop(struct reassembly *r, struct assembly *a, unsigned *drops)
{
    *drops += a->n_fragments;
    packet_pool_put(a->packet);
    assembly_free(r, a);
}

/* Drops what did not become whole in time. */
static void expire(struct reassembly *r, int64_t now, unsigned *drops)
{
    while (!list_is_empty(&r->used)) {
        struct assembly *a = CONTAINER_OF(list_front(&r->used), struct assembly, in_order);
        if (now - a->start < REASSEMBLY_SEC * SEC) {
            break;
        }
        assembly_drop(r, a, drops);
    }
}

/* Makes room in the quota of the source of 'key': its oldest assembly goes if there are too many.
 */
static void keep_quota(struct reassembly *r, const struct key *key, unsigned *drops)
{
    struct assembly *a, *oldest = NULL;
    unsigned n = 0;
    LIST_FOR_EACH (a, in_order, &r->used) {
        if (a->key.src == key->src && a->key.in_port == key->in_port
            && a->key.bridge == key->bridge) {
            oldest = oldest ? oldest : a;
            n++;
        }
    }
    if (n >= REASSEMBLY_QUOTA) {
        assembly_drop(r, oldest, drops);
    }
}

/* Begins a datagram. */
static struct assembly *assembly_start(struct reassembly *r, const struct key *key, uint64_t hash,
                                       int64_t now, unsigned *drops)
{
    keep_quota(r, key, drops);
    if (list_is_empty(&r->free)) {
        assembly_drop(r, CONTAINER_OF(list_front(&r->used), struct assembly, in_order), drops);
    }
    struct assembly *a = CONTAINER_OF(list_pop_front(&r->free), struct assembly, in_order);
    *a = (struct assembly) {
        .key = *key,
        .start = now,
        .packet = packet_pool_get(r->pool, PACKET_SMALL),
    };
    list_push_back(&r->used, &a->in_order);
    r->hashes[a - r->slots] = hash;
    return a;
}

/* The datagram with 'key', begun if it is new. */
static struct assembly *assembly_find(struct reassembly *r, const struct key *key, int64_t now,
                                      unsigned *drops)
{
    uint64_t hash = hash_bytes(key, sizeof *key, 0) | 1;
    for (unsigned i = 0; i < REASSEMBLY_MAX; i++) {
        if (r->hashes[i] == hash && !memcmp(&r->slots[i].key, key, sizeof *key)) {
            return &r->slots[i];
        }
    }
    return assembly_start(r, key, hash, now, drops);
}

/* Takes 'p' apart. False if it makes no sense. */
static bool fragment_parse(const struct packet *p, struct fragment *f)
{
    if (p->l3_offset == UINT16_MAX || p->offload.gso || p->offload.flags & PACKET_CSUM_PARTIAL) {
        return false;
    }
    f->l3_offset = p->l3_offset;
    f->ip = (const void *) (p->data + p->l3_offset);
    uint32_t total = ntohs(f->ip->total_size), frag = ntohs(f->ip->frag);
    f->header_size = (f->ip->version_ihl & 15) * 4;
    if (total <= f->header_size || total > p->size - p->l3_offset) {
        return false;
    }
    f->payload = (const uint8_t *) f->ip + f->header_size;
    f->size = total - f->header_size;
    f->offset = (frag & IPV4_FRAG_MASK) * BLOCK;
    f->more = frag & IPV4_MF;
    return (!f->more || f->size % BLOCK == 0) && p->l3_offset + f->header_size <= HEADERS
           && f->offset + f->size + f->header_size <= MAX_SIZE;
}

/* Where the payload of 'a' stands. */
static uint8_t *payload_of(const struct assembly *a)
{
    return a->packet->base + PACKET_HEADROOM + HEADERS;
}

/* Blocks of 'f' that 'a' has already. */
static uint32_t count_common(const struct assembly *a, const struct fragment *f)
{
    uint32_t n = 0;
    for (uint32_t i = f->offset / BLOCK; i < DIV_ROUND_UP(f->offset + f->size, (uint32_t) BLOCK);
         i++) {
        n += a->blocks[i / 64] >> i % 64 & 1;
    }
    return n;
}

/* Whether the end that 'f' has agrees with what 'a' knows. */
static bool end_fits(const struct assembly *a, const struct fragment *f)
{
    uint32_t end = f->offset + f->size;
    return f->more ? !a->total || end <= a->total
                   : a->end <= end && (!a->total || a->total == end);
}

/* Whether 'f' is a copy of what 'a' has, all of whose blocks are there. */
static bool is_copy(const struct assembly *a, const struct fragment *f)
{
    return f->offset + f->size <= a->end && !memcmp(payload_of(a) + f->offset, f->payload, f->size);
}

/* Puts 'f', the fragment 'p', into its place in 'a'. */
static void assembly_put(struct assembly *a, const struct fragment *f, const struct packet *p)
{
    uint32_t end = f->offset + f->size;
    memcpy(payload_of(a) + f->offset, f->payload, f->size);
    for (uint32_t i = f->offset / BLOCK; i < DIV_ROUND_UP(end, (uint32_t) BLOCK); i++) {
        a->blocks[i / 64] |= UINT64_C(1) << i % 64;
        a->n_blocks++;
    }
    a->n_fragments++;
    a->end = MAX(a->end, end);
    a->total = f->more ? a->total : end;
    a->is_congested |= (f->ip->tos & ECN_CE) == ECN_CE;
    a->packet->hops = MAX(a->packet->hops, p->hops);
    if (!f->offset) {
        a->header_size = p->l3_offset + f->header_size;
        memcpy(payload_of(a) - a->header_size, p->data, a->header_size);
    }
}

/* Whether nothing is missing of 'a'. */
static bool is_whole(const struct assembly *a)
{
    return a->total && a->n_blocks == DIV_ROUND_UP(a->total, (uint32_t) BLOCK);
}

/* Makes the layer 2 header of 'whole', which its first fragment had, fit; IP is at 'l3_offset'. An
 * 802.3 length becomes that of the whole; where it would be more than an 802.3 frame has, the frame
 * becomes one of Ethernet II: to rules that is the same, and the type stands in SNAP already. */
static void fit_length(struct packet *whole, size_t l3_offset)
{
    size_t length = headers_length_offset(whole->data, l3_offset);
    if (length && whole->size - length - sizeof(be16) <= ETHER_LENGTH_MAX) {
        put_be16(whole->data + length, (uint16_t) (whole->size - length - sizeof(be16)));
    } else if (length) {
        memmove(whole->data + sizeof(struct snap_header), whole->data, length);
        whole->data += sizeof(struct snap_header);
        whole->size -= sizeof(struct snap_header);
    }
}

/* Writes the header of the whole packet of 'a', whose last fragment was 'p'. False if it would be
 * too long. */
static bool assembly_finish(struct assembly *a, const struct packet *p)
{
    struct packet *whole = a->packet;
    struct ipv4_header *ip = (void *) (payload_of(a) - a->header_size + p->l3_offset);
    uint32_t header_size = (ip->version_ihl & 15) * 4;
    if (header_size + a->total > MAX_SIZE) {
        return false;
    }
    whole->data = payload_of(a) - a->header_size;
    whole->size = a->header_size + a->total;
    whole->in_port = p->in_port;
    whole->captured = p->captured;
    whole->offload.flags = PACKET_FRAGMENTS;
    ip->tos |= a->is_congested ? ECN_CE : 0;
    ip->total_size = htons((uint16_t) (header_size + a->total));
    ip->frag &= htons(IPV4_DF);
    ip->checksum = 0;
    ip->checksum = checksum_finish(checksum_add(0, ip, header_size));
    fit_length(whole, p->l3_offset);
    return true;
}

/* Hands the packet of 'a' out; NULL if that can't be. */
static struct packet *assembly_take(struct reassembly *r, struct assembly *a,
                                    const struct packet *p, unsigned drops[N_REASSEMBLY_REASONS])
{
    struct packet *whole = a->packet;
    if (r->n_whole == N_WHOLE || !assembly_finish(a, p)) {
        assembly_drop(r, a, &drops[r->n_whole == N_WHOLE ? REASSEMBLY_CROWDED : REASSEMBLY_BAD]);
        return NULL;
    }
    r->whole[r->n_whole++] = whole;
    assembly_free(r, a);
    return whole;
}

/* Fills '*key' for the fragment 'f' with 'flow'. */
static void key_init(struct key *key, uint64_t bridge, const struct flow *flow,
                     const struct fragment *f)
{
    *key = (struct key) {
        .bridge = bridge,
        .in_port = flow->in_port,
        .src = f->ip->src,
        .dst = f->ip->dst,
        .vlan_tci = flow->vlan_tci,
        .id = f->ip->id,
        .proto = f->ip->proto,
        .l3_offset = f->l3_offset,
    };
    memcpy(key->dl_src, flow->dl_src, sizeof key->dl_src);
    memcpy(key->dl_dst, flow->dl_dst, sizeof key->dl_dst);
}

struct packet *reassembly_add(struct reassembly *r, uint64_t bridge, const struct flow *flow,
                              const struct packet *p, int64_t now,
                              unsigned drops[N_REASSEMBLY_REASONS])
{
    struct fragment f;
    struct key key;
    expire(r, now, &drops[REASSEMBLY_LATE]);
    if (!fragment_parse(p, &f)) {
        drops[REASSEMBLY_BAD]++;
        return NULL;
    }
    key_init(&key, bridge, flow, &f);
    struct assembly *a = assembly_find(r, &key, now, &drops[REASSEMBLY_CROWDED]);
    uint32_t common = count_common(a, &f);
    if (common == DIV_ROUND_UP(f.size, (uint32_t) BLOCK) && end_fits(a, &f) && is_copy(a, &f)) {
        drops[REASSEMBLY_BAD]++;
        return NULL;
    }
    if (common || !end_fits(a, &f)) {
        drops[REASSEMBLY_BAD]++;
        assembly_drop(r, a, &drops[REASSEMBLY_BAD]);
        return NULL;
    }
    assembly_put(a, &f, p);
    return is_whole(a) ? assembly_take(r, a, p, drops) : NULL;
}
