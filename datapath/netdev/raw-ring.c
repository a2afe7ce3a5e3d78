/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving from a kernel device through an AF_PACKET ring in shared memory. */
#include "datapath/netdev/raw-ring.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/packet-socket.h"
#include "lib/byte-order.h"
#include "lib/packet/headers.h"
#include "lib/packet/offload.h"
#include "lib/rcu.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * The kernel writes each frame into the next slot and sets its status word; we read the frame where
 * it lies and give the slot back by clearing the word. A slot:
 *
 *     struct tpacket2_hdr | room of ours, RESERVE | struct vnet_header | frame
 *                         ^ base of the packet                         ^ tp_mac = 128
 *
 * The headroom lies over the kernel's struct sockaddr_ll and the virtio-net header, both read
 * before anybody writes there. With RESERVE as it is the frame starts on a cache line.
 *
 * A slot holds an ordinary frame but no super-frame. Since PACKET_COPY_THRESH is set, the kernel
 * queues a larger frame as a whole on the socket besides, marks the slot TP_STATUS_COPY, and we
 * receive it into a large packet of the thread's pool. The queue is as long as SO_RCVBUF allows: we
 * force a large one, which needs CAP_NET_ADMIN in the first user namespace. Where that fails, the
 * slots are made so large that every super-frame fits, fewer of them.
 *
 * Two CPUs that fill slots at the same time may queue their copies in the other order. So all that
 * is needed to understand a copy is taken from the copy's own message (PACKET_AUXDATA), not from
 * the slot; then no harm is done but that frames of two CPUs change places.  What must hold is that
 * each slot takes one copy off the queue: one that stayed there would come instead of the next, for
 * ever, and keep the descriptor readable.
 *
 * A frame in the ring has lost its VLAN tag; it is put back with the TPID that it had.
 *
 * When the device goes down, the socket reports an error until somebody asks for it; when it
 * vanishes, likewise, and the socket is bound to nothing until raw_ring_bind() binds it to its
 * successor. A device that is only renamed stays bound: raw_ring_unbind() ends that, by binding to
 * frames that don't exist; for to bind to protocol 0 means, on older kernels, to the protocol that
 * it was. Nothing of this touches the ring, so the receiving thread never notices. It asks for the
 * error whenever it has found the ring empty IDLE_CHECK times in a row, by a look at the queue that
 * takes nothing off: one kind of system call less than asking for the socket's option.
 *
 * The kernel reserves a slot before it writes the virtio-net header. Of a super-frame for which
 * there is no word in that header (UDP fragmentation, as a TAP's guest may send, or SCTP) it then
 * drops the frame, but leaves the slot reserved and its own position before it: from then on it
 * finds that slot taken and drops everything. What gives that away is that frames are lost while
 * the ring is empty and no slot was given back (to count those comes first, so that who finds the
 * ring empty knows of all; its position tells less: a ring that went round is where it was).
 * Nothing but a new ring ends it, and the kernel makes one only where none is mapped. So zeros are
 * laid over the old ring, which the receiving thread sees as an empty ring, and later the new one
 * over the zeros. It holds none of the old frames then: we first bind to frames that don't exist,
 * so that none comes, and look whether all slots are given back, the last thing that
 * raw_ring_release() does with each. The new ring begins at slot 0; a receiver that has read the
 * old position before that sees it when it has found a frame there and reads the position again.
 * Dropped frames wake nobody, so in an idle switch that lasts until something else wakes the
 * control thread.
 *
 * Lost frames are counted when a slot says that there were some, and when somebody asks for the
 * counters. */

enum {
    RESERVE = 52,                      /* Bytes before the frame that we ask for. */
    SMALL_SLOT = 2048,                 /* Bytes of a slot for ordinary frames: 1920 of frame. */
    SMALL_BLOCK = 64 * SMALL_SLOT,     /* Bytes that the kernel allocates at once. */
    LARGE_SLOT = 17 * 4096,            /* Bytes of a slot for super-frames. */
    LARGE_BLOCK = 15 * LARGE_SLOT,     /* A whole number of slots just below 1 MiB. */
    QUEUE_SIZE = 32 << 20,             /* SO_RCVBUF for super-frames; the kernel doubles it. */
    QUEUE_ENOUGH = 4 << 20,            /* SO_RCVBUF with which they are worth queueing. */
    SLOTS_MAX_TAKEN = 4 * PACKET_BATCH_MAX, /* Slots looked at in one receive. */
    IDLE_CHECK = 16,                   /* Empty receives between questions to the kernel. */
};

/* Sets a whole number as a packet socket's option. Returns 0 or an errno. */
static int set_option(int fd, int option, int value)
{
    return setsockopt(fd, SOL_PACKET, option, &value, sizeof value) ? errno : 0;
}

/* Makes the queue for super-frames as long as we may. Returns its size as the kernel counts. */
static int grow_queue(int fd)
{
    int size = QUEUE_SIZE;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    socklen_t length = sizeof size;
    return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &length) ? 0 : size;
}

/* Options that the ring needs, in the order in which the kernel wants them. */
static const struct {
    int option;    /* PACKET_*. */
    int value;     /* Its value. */
    bool optional; /* Go on without it. */
} option_rows[] = {
    {PACKET_VERSION, TPACKET_V2, false},
    {PACKET_VNET_HDR, 1, false},
    {PACKET_RESERVE, RESERVE, false},
    {PACKET_COPY_THRESH, 1, false},
    {PACKET_AUXDATA, 1, false},
    {PACKET_IGNORE_OUTGOING, 1, true},
};

/* Bytes of the ring. */
static size_t ring_size(const struct raw_ring *ring)
{
    return (size_t) ring->n_slots * ring->slot_size;
}

/* Makes the kernel's ring, of which size and number of slots are known. Returns 0 with *memory, or
 * an errno. */
static int map_ring(const struct raw_ring *ring, uint8_t **memory)
{
    unsigned block = ring->slot_size == SMALL_SLOT ? SMALL_BLOCK : LARGE_BLOCK;
    struct tpacket_req req = {.tp_block_size = block,
                              .tp_block_nr = ring_size(ring) / block,
                              .tp_frame_size = ring->slot_size,
                              .tp_frame_nr = ring->n_slots};
    if (setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof req)) {
        return errno;
    }
    *memory = mmap(NULL, ring_size(ring), PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
    return *memory == MAP_FAILED ? errno : 0;
}

/* Makes the ring, of about 'n_slots' small slots. Returns 0 or an errno. */
static int make_ring(struct raw_ring *ring, unsigned n_slots)
{
    bool small = grow_queue(ring->fd) >= QUEUE_ENOUGH;
    unsigned per_block = small ? SMALL_BLOCK / SMALL_SLOT : LARGE_BLOCK / LARGE_SLOT;
    unsigned wanted = small ? n_slots : n_slots / 8;
    ring->slot_size = small ? SMALL_SLOT : LARGE_SLOT;
    ring->n_slots = MAX(1U, DIV_ROUND_UP(wanted, per_block)) * per_block;
    return map_ring(ring, &ring->memory);
}

int raw_ring_open(struct raw_ring *ring, unsigned n_slots)
{
    *ring = (struct raw_ring) {.fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (ring->fd < 0) {
        return errno;
    }
    int error = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(option_rows) && !error; i++) {
        error = set_option(ring->fd, option_rows[i].option, option_rows[i].value);
        error = option_rows[i].optional ? 0 : error;
    }
    error = error ? error : make_ring(ring, n_slots);
    if (error) {
        close(ring->fd);
    }
    return error;
}

void raw_ring_close(struct raw_ring *ring)
{
    munmap(ring->memory, ring_size(ring));
    close(ring->fd);
}

/* The slot with index 'i'. */
static struct tpacket2_hdr *slot_at(const struct raw_ring *ring, unsigned i)
{
    return (struct tpacket2_hdr *) (ring->memory + (size_t) i * ring->slot_size);
}

/* True if neither a frame is in the ring nor anybody reads one. */
static bool is_empty(const struct raw_ring *ring)
{
    for (unsigned i = 0; i < ring->n_slots; i++) {
        if (__atomic_load_n(&slot_at(ring, i)->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) {
            return false;
        }
    }
    return true;
}

/* Lays the mapping at 'memory', of the ring's size, over what is the ring, at one blow for who
 * reads there. Returns 0, or an errno: then the mapping is gone. */
static int lay_over(const struct raw_ring *ring, void *memory)
{
    size_t size = ring_size(ring);
    int error = mremap(memory, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, ring->memory)
                        == MAP_FAILED ? errno : 0;
    if (error) {
        munmap(memory, size);
    }
    return error;
}

/* Makes the ring, empty and bound to nothing, anew. Returns 0 or an errno. */
static int remake(struct raw_ring *ring)
{
    const struct tpacket_req none = {.tp_block_nr = 0};
    uint8_t *memory;
    void *zeros = mmap(NULL, ring_size(ring), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                       -1, 0);
    int error = zeros == MAP_FAILED ? errno : lay_over(ring, zeros);
    if (error) {
        return error;
    }
    if (setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &none, sizeof none)) {
        return errno;
    }
    __atomic_store_n(&ring->head, 0, __ATOMIC_RELAXED);
    error = map_ring(ring, &memory);
    return error ? error : lay_over(ring, memory);
}

/* Binds to 'ifindex', with a new ring if that is due. Returns 0 or an errno. */
static int bind_ring(struct raw_ring *ring, int ifindex)
{
    int error = ring->is_old ? remake(ring) : 0;
    if (error) {
        return error;
    }
    ring->is_old = false;
    return packet_socket_bind(ring->fd, ifindex);
}

int raw_ring_bind(struct raw_ring *ring, int ifindex)
{
    int error = bind_ring(ring, ifindex);
    return error ? error : packet_socket_set_promiscuous(ring->fd, ifindex, true);
}

void raw_ring_unbind(struct raw_ring *ring, int ifindex)
{
    packet_socket_set_promiscuous(ring->fd, ifindex, false);
    packet_socket_unbind(ring->fd);
}

bool raw_ring_is_bound(const struct raw_ring *ring, int ifindex)
{
    return packet_socket_is_bound(ring->fd, ifindex);
}

bool raw_ring_is_stuck(struct raw_ring *ring, bool has_lost)
{
    bool hears_nothing = has_lost && is_empty(ring);
    uint64_t released = RCU_READ(&ring->released);
    bool stood_still = released == ring->looked;
    ring->looked = released;
    return hears_nothing && stood_still;
}

int raw_ring_renew(struct raw_ring *ring, int ifindex)
{
    int error = packet_socket_unbind(ring->fd);
    ring->is_old = !error && is_empty(ring);
    return error ? error : bind_ring(ring, ifindex);
}

unsigned raw_ring_lost(struct raw_ring *ring)
{
    struct tpacket_stats stats = {.tp_drops = 0};
    socklen_t length = sizeof stats;
    getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length);
    return stats.tp_drops;
}

/* What the kernel says of a frame beside the frame. */
struct frame_info {
    uint32_t status; /* TP_STATUS_*. */
    uint16_t tci;    /* Of the tag that it took off, host order. */
    uint16_t tpid;   /* Of that tag, host order. */
};

/* Puts the VLAN tag of 'info' back. Returns 0 or an errno. */
static int restore_tag(struct packet *p, const struct frame_info *info)
{
    if (!(info->status & TP_STATUS_VLAN_VALID)) {
        return 0;
    }
    uint16_t tpid = info->status & TP_STATUS_VLAN_TPID_VALID ? info->tpid : ETHER_TYPE_VLAN;
    return packet_push_vlan(p, tpid, info->tci);
}

/* Makes 'p', a bare frame, what was on the wire. Returns 0 or an errno. */
static int complete_frame(struct packet *p, const struct vnet_header *vnet,
                          const struct frame_info *info)
{
    if (p->size < sizeof(struct eth_header)) {
        return EPROTO;
    }
    int error = offload_from_vnet(p, vnet);
    return error ? error : restore_tag(p, info);
}

/* Reads TCI and TPID from the control message of a copy. */
static void read_auxdata(struct msghdr *message, struct frame_info *info)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
            struct tpacket_auxdata aux;
            memcpy(&aux, CMSG_DATA(c), sizeof aux);
            *info = (struct frame_info) {aux.tp_status, aux.tp_vlan_tci, aux.tp_vlan_tpid};
        }
    }
}

/* Receives a message. An error of the socket, as when the device went down, comes once and instead
 * of the message, which is still there. */
static ssize_t receive_despite_error(int fd, struct msghdr *message)
{
    ssize_t n = recvmsg(fd, message, MSG_DONTWAIT | MSG_TRUNC);
    return n < 0 && errno != EAGAIN ? recvmsg(fd, message, MSG_DONTWAIT | MSG_TRUNC) : n;
}

/* Receives the oldest queued frame into 'p', or throws it away if 'p' is NULL. Returns 0 or an
 * errno; ENOBUFS if it was lost. */
static int receive_message(struct raw_ring *ring, struct packet *p)
{
    struct vnet_header vnet;
    char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
    size_t room = p ? packet_tailroom(p) : 0;
    struct iovec iov[] = {{&vnet, sizeof vnet}, {p ? p->data : NULL, room}};
    struct msghdr message = {.msg_iov = iov,
                             .msg_iovlen = p ? 2 : 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct frame_info info = {.status = 0};
    ssize_t n = receive_despite_error(ring->fd, &message);
    if (n < (ssize_t) sizeof vnet || n - sizeof vnet > room) {
        return ENOBUFS;
    }
    p->size = n - sizeof vnet;
    read_auxdata(&message, &info);
    return complete_frame(p, &vnet, &info);
}

/* Receives a frame that was too large for its slot. Returns 0 with *p, or an errno. */
static int receive_copy(struct raw_ring *ring, struct netdev_thread *thread, uint32_t size,
                        struct packet **p)
{
    *p = packet_pool_get(thread->pool, size);
    int error = receive_message(ring, *p);
    if (error && *p) {
        packet_pool_put(*p);
    }
    return error;
}

/* Describes the frame in 'slot' by 'p'. Returns 0 or an errno. */
static int receive_slot(struct raw_ring *ring, struct tpacket2_hdr *slot, uint32_t status,
                        struct packet *p)
{
    uint8_t *start = (uint8_t *) slot, *base = start + TPACKET_ALIGN(sizeof *slot);
    uint8_t *frame = start + slot->tp_mac;
    struct frame_info info = {status, slot->tp_vlan_tci, slot->tp_vlan_tpid};
    struct vnet_header vnet;
    if (slot->tp_snaplen < slot->tp_len) {
        return ENOBUFS;
    }
    memcpy(&vnet, frame - sizeof vnet, sizeof vnet);
    packet_use(p, base, ring->slot_size - (base - start), frame, slot->tp_snaplen);
    p->ring_slot = slot - slot_at(ring, 0);
    return complete_frame(p, &vnet, &info);
}

/* True if the frame in 'slot' is one that this host sent, by us or by others. */
static bool is_own(const struct tpacket2_hdr *slot)
{
    const struct sockaddr_ll *address =
        (const void *) ((const char *) slot + TPACKET_ALIGN(sizeof *slot));
    return address->sll_pkttype == PACKET_OUTGOING;
}

/* Takes the frame of one slot into 'batch', or counts why it can't. */
static void take_slot(struct raw_ring *ring, struct netdev *dev, struct netdev_thread *thread,
                      struct packet_batch *batch, struct tpacket2_hdr *slot, uint32_t status)
{
    struct packet *p = &ring->slots[batch->n];
    bool own = is_own(slot);
    int error = status & TP_STATUS_COPY ? receive_copy(ring, thread, slot->tp_len, &p)
                                        : receive_slot(ring, slot, status, p);
    if (own) {
        if (!error) {
            packet_pool_put(p);
        }
    } else if (!error) {
        batch->packets[batch->n++] = p;
        if (p->pool) {
            ring->copies[ring->n_copies++] = p;
        }
    } else if (error == ENOBUFS) {
        netdev_count_rx_drop(dev, thread, 1);
    } else {
        netdev_count_rx_error(dev, thread, 1);
    }
}

/* The ring is empty: now and then, takes the error off the socket if there is one. */
static void check_idle(struct raw_ring *ring)
{
    if (++ring->idle % IDLE_CHECK == 0) {
        struct vnet_header header;
        ssize_t peeked UNUSED = recv(ring->fd, &header, sizeof header, MSG_PEEK | MSG_DONTWAIT);
    }
}

unsigned raw_ring_receive(struct raw_ring *ring, struct netdev *dev, struct netdev_thread *thread,
                          struct packet_batch *batch)
{
    uint32_t status = 0;
    const unsigned head = __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
    unsigned i = head;
    while (batch->n < PACKET_BATCH_MAX && ring->taken < SLOTS_MAX_TAKEN
           && ring->taken < ring->n_slots) {
        struct tpacket2_hdr *slot = slot_at(ring, i);
        uint32_t word = __atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE);
        if (!(word & TP_STATUS_USER)
            || UNLIKELY(__atomic_load_n(&ring->head, __ATOMIC_RELAXED) != head)) {
            break;
        }
        status |= word;
        take_slot(ring, dev, thread, batch, slot, word);
        ring->taken++;
        i = i + 1 == ring->n_slots ? 0 : i + 1;
    }
    if (!ring->taken) {
        check_idle(ring);
    } else if (status & TP_STATUS_LOSING) {
        netdev_count_rx_drop(dev, thread, raw_ring_lost(ring));
    }
    return batch->n;
}

void raw_ring_release(struct raw_ring *ring)
{
    RCU_ADD(&ring->released, ring->taken);
    for (; ring->taken; ring->taken--) {
        unsigned i = __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
        unsigned next = i + 1 == ring->n_slots ? 0 : i + 1;
        __atomic_store_n(&ring->head, next, __ATOMIC_RELAXED);
        __atomic_store_n(&slot_at(ring, i)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        ring->idle = 0;
    }
    while (ring->n_copies) {
        packet_pool_put(ring->copies[--ring->n_copies]);
    }
}
