/* SPDX-License-Identifier: Apache-2.0 */
/* A frame with its metadata: buffer with headroom, header offsets, unfinished offloads. */
#ifndef LIB_PACKET_PACKET_H
#define LIB_PACKET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Packets
 * =======
 *
 * A struct packet describes one frame in memory that belongs to somebody else: a device's receive
 * ring, a packet pool, or the caller.  It starts at the destination MAC address and has no FCS.
 *
 * Life cycle.  A packet from a device is borrowed until the batch it came in is released; whoever
 * wants it longer (transmit queue, packet buffer, upcall) makes a copy.  A packet from a pool lives
 * until packet_pool_put() takes it back, or the pool is destroyed.
 *
 * Copy on write.  'refs' counts the transmit queues of the current batch that hold the packet.
 * Whoever wants to change bytes of a packet with refs > 0 must first take a copy from a pool.
 *
 * Threads: a packet and a pool belong to one thread at a time. */

enum {
    PACKET_HEADROOM = 64,        /* Bytes kept free before the frame in buffers that we allocate. */
    PACKET_SMALL = 2048,         /* Bytes in a small pool buffer, headroom included. */
    PACKET_LARGE = 65536 + 512,  /* Bytes in a large pool buffer: a super-frame and its headers. */
    PACKET_BATCH_MAX = 32,       /* Packets in a batch at most. */
    PACKET_MAX_HOPS = 64,        /* Patch ports that a packet may cross. */
};

/* How a super-frame is to be cut ('gso' in struct packet_offload). */
enum packet_gso {
    PACKET_GSO_NONE, /* An ordinary frame. */
    PACKET_GSO_TCP4, /* TCP over IPv4. */
    PACKET_GSO_TCP6, /* TCP over IPv6. */
    PACKET_GSO_UDP,  /* UDP datagrams of gso_size bytes each (USO), IPv4 or IPv6. */
};

/* Bits of 'flags' in struct packet_offload. */
enum {
    PACKET_CSUM_PARTIAL = 1 << 0, /* Checksum from csum_start on is to be finished. */
    PACKET_CSUM_VALID = 1 << 1,   /* Somebody has verified the L4 checksum. */
    PACKET_GSO_ECN = 1 << 2,      /* TCP super-frame whose first segment alone has CWR. */
    PACKET_FRAGMENTS = 1 << 3,    /* IPv4 packet that may be sent in fragments if it is too long. */
};

/* Work on a frame that its sender left to the device, as the virtio-net header describes it. */
struct packet_offload {
    uint8_t flags;        /* PACKET_CSUM_*, PACKET_GSO_ECN, PACKET_FRAGMENTS. */
    uint8_t gso;          /* enum packet_gso. */
    uint16_t gso_size;    /* Payload bytes in each segment; 0 if not a super-frame. */
    uint16_t csum_start;  /* Bytes from packet->data to where the sum starts. */
    uint16_t csum_offset; /* Bytes from csum_start to where the sum is stored. */
    uint16_t header_size; /* Bytes of all headers, L4 included; a hint, 0 unknown. */
};

/* A frame.  Offsets are bytes from 'data'; UINT16_MAX means that there is no such header. */
struct packet {
    uint8_t *data;                 /* First byte of the Ethernet header. */
    uint32_t size;                 /* Bytes of the frame. */
    uint32_t in_port;              /* OpenFlow port number it came in by, host order. */
    uint8_t *base;                 /* Start of the memory; data - base is the headroom. */
    uint32_t allocated;            /* Bytes of memory from 'base' on. */
    uint16_t l3_offset;            /* Network header, set by flow_extract(). */
    uint16_t l4_offset;            /* Transport header, set by flow_extract(). */
    struct packet_offload offload; /* What is left to do. */
    uint16_t refs;                 /* Transmit queues that hold it in this batch. */
    uint8_t hops;                  /* Patch ports crossed so far. */
    bool large;                    /* Of a pool's large buffers. */
    uint32_t ring_slot;            /* For the device that made it: where it came from. */
    int64_t captured;              /* Time of capture: nanoseconds since 1970; 0 unknown. */
    struct packet_pool *pool;      /* Pool that owns the memory; NULL: device or caller. */
    struct packet *next_free;      /* For the pool. */
};

/* Up to PACKET_BATCH_MAX packets that are handled together. */
struct packet_batch {
    unsigned n;                                /* How many of 'packets' are in use. */
    struct packet *packets[PACKET_BATCH_MAX];  /* Borrowed. */
};

/* Makes '*p' describe the 'size' bytes at 'data', inside the 'allocated' bytes at 'base'; no
 * offloads, no offsets. The caller retains ownership of the memory. */
void packet_use(struct packet *p, void *base, size_t allocated, void *data, size_t size);

/* Gives 'to' the port, hops, time and offsets of 'from', the packet that it is made of. */
static inline void packet_follow(struct packet *to, const struct packet *from)
{
    to->in_port = from->in_port;
    to->hops = from->hops;
    to->captured = from->captured;
    to->l3_offset = from->l3_offset;
    to->l4_offset = from->l4_offset;
}

/* Bytes free before the frame. */
size_t packet_headroom(const struct packet *p);

/* Bytes free after the frame. */
size_t packet_tailroom(const struct packet *p);

/* Grows the frame by 'n' bytes at its start, with any content; the caller has checked headroom.
 * Offsets, csum_start and header_size move along. */
void packet_push(struct packet *p, size_t n);

/* Shrinks the frame by 'n' bytes at its start; the caller has checked the size. Offsets, csum_start
 * and header_size move along; a header that was cut off is no more there, and if an unfinished
 * checksum began in it, no offload is left. */
void packet_pull(struct packet *p, size_t n);

/* Inserts a VLAN tag (TPID 'tpid' and 'tci' in host order) at offset 12; offsets and csum_start
 * move by 4. Returns 0, ENOBUFS without headroom, or EINVAL for a frame of less than 14 bytes (the
 * packet is then unchanged). */
int packet_push_vlan(struct packet *p, uint16_t tpid, uint16_t tci);

/* Removes the outermost VLAN tag (0x8100 or 0x88a8) if there is one: if flow_extract() would give
 * the frame a vlan_tci other than 0. */
void packet_pop_vlan(struct packet *p);

/* A pool of buffers of two sizes with headroom, allocated at once, for one thread. What was given
 * back last, and is still in the cache, is taken first. */
struct packet_pool;

/* Returns a pool of 'n_small' buffers of PACKET_SMALL bytes and 'n_large' of PACKET_LARGE bytes. */
struct packet_pool *packet_pool_create(size_t n_small, size_t n_large);

/* Frees 'pool' with all its packets; nothing for NULL. */
void packet_pool_destroy(struct packet_pool *pool);

/* Packets that are in the pool now, of both sizes: all of them if nobody holds one. */
size_t packet_pool_count(const struct packet_pool *pool);

/* Takes a packet with room for 'size' bytes after PACKET_HEADROOM (data set there, size 0, no
 * offloads, in_port 0). Small sizes come from small buffers only, so that a storm of them can't
 * take the large ones. Returns NULL if the pool has none left of the kind, or 'size' is more than a
 * large buffer holds. */
struct packet *packet_pool_get(struct packet_pool *pool, size_t size);

/* Gives 'p' back to its pool; nothing if it has none. */
void packet_pool_put(struct packet *p);

/* Copies frame, offsets, offloads, time, in_port and hops of 'from' to 'to', which has the room. */
void packet_copy_frame(struct packet *to, const struct packet *from);

/* Copies the same of 'p' into a packet of 'pool' with refs 0; NULL if the pool is exhausted. */
struct packet *packet_copy(struct packet_pool *pool, const struct packet *p);

/* Copies 'p' likewise into one malloc()ed block, PACKET_HEADROOM included, that free() releases as
 * a whole. Never NULL. */
struct packet *packet_clone(const struct packet *p);

#endif
