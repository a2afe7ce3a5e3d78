/* SPDX-License-Identifier: Apache-2.0 */
/* Sending small finished frames to a kernel device through an AF_XDP socket. */
#include "datapath/netdev/raw-xdp.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/packet/packet.h"
#include "lib/parallel.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A frame is copied into a chunk of memory shared with the kernel, a descriptor of it goes into the
 * transmit ring, and one sendto() for the batch makes the kernel build and send the packets, in
 * that call and in order. So frames that go through a packet socket before or after keep their
 * place. When a packet has been freed, its chunk comes back through the completion ring.
 *
 * The call stops behind a frame that was dropped, with EBUSY, and before a frame that it can't send
 * now, with EAGAIN. A descriptor can't be taken out of the ring again.  So what is behind a dropped
 * frame is 'owed': it is in the ring and the next call brings it once more. And what has not gone
 * after some tries counts as sent; it goes first in the next call, and until then nothing else is
 * sent. After any other error the socket is not used any more; what is in its ring never goes.
 *
 * The rings are written by one side and read by the other: a store of the index with release after
 * the contents, a load with acquire before. */

enum {
    CHUNKS = 128,              /* Frames under way at most; a power of two. */
    CHUNK_SIZE = 2048,         /* Bytes of the largest frame. */
    SEND_QUEUE_SIZE = 1 << 20, /* SO_SNDBUF: more than all chunks. */
    KICK_TRIES = 8,            /* Calls in a row that may achieve nothing. */
};

/* A ring shared with the kernel. */
struct ring {
    uint32_t *producer; /* Index of the next entry to be written. */
    uint32_t *consumer; /* Index of the next entry to be read. */
    void *entries;      /* CHUNKS of them. */
    void *map;          /* Mapping, or NULL. */
    size_t size;        /* Its size. */
};

struct raw_xdp {
    int fd;                 /* Socket. */
    bool is_broken;         /* Not used any more; relaxed atomic. */
    uint8_t *chunks;        /* CHUNKS times CHUNK_SIZE bytes, mapped. */
    struct ring transmit;   /* Of struct xdp_desc. */
    struct ring completion; /* Of uint64_t, offsets of chunks. */
    struct raw_xdp *next;   /* Put aside before this one, or NULL. */
    unsigned owed;          /* Entries of 'transmit' that the next call brings again. */
    unsigned n_free;        /* Elements of 'free'. */
    uint32_t free[CHUNKS];  /* Offsets of the chunks that are not under way. */
};

/* Maps the ring of CHUNKS entries of 'entry_size' bytes at 'pgoff'. Returns 0 or an errno. */
static int map_ring(int fd, off_t pgoff, const struct xdp_ring_offset *offset,
                    size_t entry_size, struct ring *ring)
{
    size_t size = offset->desc + CHUNKS * entry_size;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, pgoff);
    if (map == MAP_FAILED) {
        return errno;
    }
    ring->map = map;
    ring->size = size;
    ring->producer = (uint32_t *) (void *) ((char *) ring->map + offset->producer);
    ring->consumer = (uint32_t *) (void *) ((char *) ring->map + offset->consumer);
    ring->entries = (char *) ring->map + offset->desc;
    return 0;
}

/* Gives the kernel the chunks and makes the rings. Returns 0 or an errno. */
static int set_up(struct raw_xdp *x)
{
    static const int rings[] = {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_TX_RING};
    struct xdp_umem_reg umem = {.addr = (uintptr_t) x->chunks, .len = CHUNKS * CHUNK_SIZE,
                                .chunk_size = CHUNK_SIZE};
    struct xdp_mmap_offsets offsets;
    socklen_t length = sizeof offsets;
    int size = CHUNKS, buffer = SEND_QUEUE_SIZE;
    if (setsockopt(x->fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof umem)) {
        return errno;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(rings); i++) {
        if (setsockopt(x->fd, SOL_XDP, rings[i], &size, sizeof size)) {
            return errno;
        }
    }
    if (getsockopt(x->fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length)) {
        return errno;
    }
    if (setsockopt(x->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer)) {
        setsockopt(x->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    }
    int error = map_ring(x->fd, XDP_PGOFF_TX_RING, &offsets.tx, sizeof(struct xdp_desc),
                         &x->transmit);
    return error ? error
                 : map_ring(x->fd, XDP_UMEM_PGOFF_COMPLETION_RING, &offsets.cr, sizeof(uint64_t),
                            &x->completion);
}

struct raw_xdp *raw_xdp_open(int ifindex, unsigned queue)
{
    struct sockaddr_xdp address = {.sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY,
                                   .sxdp_ifindex = ifindex, .sxdp_queue_id = queue};
    struct raw_xdp *x = xzalloc(sizeof *x);
    x->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    x->chunks = mmap(NULL, CHUNKS * CHUNK_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (; x->n_free < CHUNKS; x->n_free++) {
        x->free[x->n_free] = x->n_free * CHUNK_SIZE;
    }
    if (x->fd < 0 || x->chunks == MAP_FAILED || set_up(x)
        || bind(x->fd, (struct sockaddr *) &address, sizeof address)) {
        raw_xdp_close(x);
        return NULL;
    }
    return x;
}

/* Gives a ring back. */
static void unmap_ring(struct ring *ring)
{
    if (ring->map) {
        munmap(ring->map, ring->size);
    }
}

void raw_xdp_close(struct raw_xdp *x)
{
    if (!x) {
        return;
    }
    unmap_ring(&x->transmit);
    unmap_ring(&x->completion);
    if (x->fd >= 0) {
        close(x->fd);
    }
    if (x->chunks != MAP_FAILED) {
        munmap(x->chunks, CHUNKS * CHUNK_SIZE);
    }
    free(x);
}

void raw_xdp_put_aside(struct raw_xdp *x, struct raw_xdp **list)
{
    x->next = *list;
    *list = x;
}

static void close_one(void *sockets, size_t i)
{
    raw_xdp_close(((struct raw_xdp **) sockets)[i]);
}

void raw_xdp_close_all(struct raw_xdp **list)
{
    size_t n = 0, i = 0;
    for (struct raw_xdp *x = *list; x; x = x->next) {
        n++;
    }
    if (n) {
        struct raw_xdp **sockets = xcalloc(n, sizeof *sockets);
        for (struct raw_xdp *x = *list; x; x = x->next) {
            sockets[i++] = x;
        }
        *list = NULL;
        parallel_for(n, close_one, sockets);
        free(sockets);
    }
}

bool raw_xdp_takes(const struct packet *p)
{
    return p->size <= CHUNK_SIZE && !p->offload.gso && !(p->offload.flags & PACKET_CSUM_PARTIAL);
}

/* Takes back the chunks of packets that are gone. */
static void reclaim(struct raw_xdp *x)
{
    const struct ring *ring = &x->completion;
    const uint64_t *entries = ring->entries;
    uint32_t at = *ring->consumer, end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
    while (at != end) {
        x->free[x->n_free++] = (uint32_t) entries[at++ & (CHUNKS - 1)];
    }
    __atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
}

/* Puts up to 'n' packets into the transmit ring. Returns how many. */
static unsigned fill(struct raw_xdp *x, struct packet *const packets[], unsigned n)
{
    const struct ring *ring = &x->transmit;
    struct xdp_desc *entries = ring->entries;
    uint32_t at = *ring->producer;
    n = MIN(n, x->n_free);
    for (unsigned i = 0; i < n; i++) {
        uint32_t chunk = x->free[--x->n_free];
        memcpy(x->chunks + chunk, packets[i]->data, packets[i]->size);
        entries[at++ & (CHUNKS - 1)] = (struct xdp_desc) {.addr = chunk, .len = packets[i]->size};
    }
    __atomic_store_n(ring->producer, at, __ATOMIC_RELEASE);
    return n;
}

/* Entries that the kernel has not taken out of the transmit ring. */
static unsigned left_in(const struct raw_xdp *x)
{
    return *x->transmit.producer - __atomic_load_n(x->transmit.consumer, __ATOMIC_ACQUIRE);
}

/* Makes the kernel send what is in the ring, up to the first frame that it drops. Returns 0 if it
 * dropped none, or an errno. */
static int kick(struct raw_xdp *x)
{
    unsigned left = left_in(x);
    for (unsigned tries = 0; left && tries < KICK_TRIES;) {
        int error = sendto(x->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 ? errno : 0;
        unsigned now = left_in(x);
        tries = now < left ? 0 : tries + 1;
        left = now;
        if (error && error != EAGAIN && error != EINTR) {
            return error;
        }
    }
    return 0;
}

/* Sends what counted as sent long ago but is still in the ring. Returns 0 or an errno. */
static int kick_late(struct raw_xdp *x)
{
    int error = 0;
    do {
        error = kick(x);
    } while (error == EBUSY && left_in(x));
    return error && error != EBUSY ? error : left_in(x) ? EAGAIN : 0;
}

/* Notes that 'error' ended the socket's use. Returns it. */
static int broken_by(struct raw_xdp *x, int error)
{
    __atomic_store_n(&x->is_broken, true, __ATOMIC_RELAXED);
    return error;
}

bool raw_xdp_is_broken(const struct raw_xdp *x)
{
    return __atomic_load_n(&x->is_broken, __ATOMIC_RELAXED);
}

unsigned raw_xdp_send(struct raw_xdp *x, struct packet *const packets[], unsigned n, int *error)
{
    reclaim(x);
    if (UNLIKELY(!x->owed && left_in(x))) {
        *error = kick_late(x);
        if (*error) {
            *error = *error == EAGAIN ? EAGAIN : broken_by(x, *error);
            return 0;
        }
    }
    unsigned owed = MIN(x->owed, n), in = owed + fill(x, packets + owed, n - owed);
    int result = kick(x);
    unsigned left = MIN(left_in(x), in);
    x->owed = 0;
    if (LIKELY(!result)) {
        *error = in < n ? EXFULL : *error;
        return in;
    } else if (result == EBUSY) {
        *error = ENOBUFS;
        x->owed = left;
        return in - left - 1;
    }
    *error = broken_by(x, result);
    return in - left;
}
