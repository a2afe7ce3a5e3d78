/* SPDX-License-Identifier: Apache-2.0 */
/* The table of learnt Ethernet addresses: which address was seen behind which port. */
#include "datapath/mac-learning.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/hash.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/rcu.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * The table is set-associative: a hash picks a bucket, and an address may lie in any of its ways.
 * An entry is two words:
 *
 *     place:  address (48 bits) | port (16 bits); 0: the entry is free
 *     seen:   VLAN id (16 bits) | time (48 bits, in ticks of 2^20 ns, about a millisecond)
 *
 * A lookup reads place, seen, place.  Who puts another address into an entry sets place to 0, then
 * seen, then place, so a reader that found the same place twice has read a pair that belongs
 * together.  (Between the two reads the entry might be replaced and restored; then the pair is
 * older than it could be, by nanoseconds.)  A move to another port is one store of place.
 *
 * Changes of places are made by who holds the bucket's 'busy' word.  Nobody waits for it on the
 * packet path: who finds it taken leaves the change to a later packet.  A mere refresh changes the
 * time by compare and exchange, which fails if the entry was replaced meanwhile, and only if the
 * time is off by REFRESH ticks, or a part of a short ageing time, so that threads that see the same
 * address don't fight for the line. */

enum {
    WAYS = 8,             /* Entries in a bucket. */
    TICK_SHIFT = 20,      /* log2 of the nanoseconds in a tick. */
    REFRESH = 512,        /* Ticks that a time may lag behind, */
    REFRESH_PART = 16,    /* and no more than this part of the ageing time. */
    N_PORTS = 65536,      /* Values of a port number. */
    TIME_BITS = 48,       /* Low bits of 'seen'. */
    PORT_BITS = 16,       /* Low bits of 'place'. */
};

static const uint64_t time_mask = (UINT64_C(1) << TIME_BITS) - 1;

struct mac_slot {
    uint64_t place; /* Address and port; atomic. */
    uint64_t seen;  /* VLAN id and time; atomic. */
};

struct mac_bucket {
    struct mac_slot ways[WAYS]; /* In no order. */
};

struct mac_table {
    struct mac_bucket *buckets; /* Owned. */
    uint8_t *busy;              /* By bucket: somebody changes it. Atomic; owned. */
    uint32_t *held;             /* By port: entries it holds, aged ones included. Atomic; owned. */
    size_t mask;                /* Number of buckets less 1. */
    uint64_t ageing;            /* In ticks. Atomic. */
    uint64_t seed;              /* Of the hash. */
};

struct mac_table *mac_table_create(size_t n_entries, int64_t ageing, uint64_t seed)
{
    struct mac_table *t = xzalloc(sizeof *t);
    size_t n = 1;
    while (n * WAYS < n_entries) {
        n *= 2;
    }
    t->buckets = xaligned_alloc(CACHE_LINE, n * sizeof *t->buckets);
    memset(t->buckets, 0, n * sizeof *t->buckets);
    t->busy = xcalloc(n, sizeof *t->busy);
    t->held = xcalloc(N_PORTS, sizeof *t->held);
    t->mask = n - 1;
    t->ageing = ageing >> TICK_SHIFT;
    t->seed = seed;
    return t;
}

void mac_table_destroy(struct mac_table *t)
{
    if (t) {
        free(t->buckets);
        free(t->busy);
        free(t->held);
        free(t);
    }
}

/* The address as a number. */
static uint64_t mac_number(const uint8_t mac[6])
{
    return (uint64_t) get_be32(mac) << 16 | get_be16(mac + 4);
}

/* Time 'now' in ticks. */
static uint64_t ticks(int64_t now)
{
    return ((uint64_t) now >> TICK_SHIFT) & time_mask;
}

/* Index of the bucket of ('vlan', 'address'). */
static size_t bucket_of(const struct mac_table *t, uint16_t vlan, uint64_t address)
{
    return hash_u64(address << 16 | vlan, t->seed) & t->mask;
}

/* The words of 'slot' as a pair that belongs together; false if it is free or just being changed.
 */
static bool slot_read(const struct mac_slot *slot, uint64_t *place, uint64_t *seen)
{
    *place = RCU_GET(&slot->place);
    *seen = RCU_GET(&slot->seen);
    return *place && RCU_READ(&slot->place) == *place;
}

/* Ticks since 'seen'; 0 if it lies in the future of a thread whose clock was read earlier. */
static uint64_t age_of(uint64_t seen, uint64_t tick)
{
    uint64_t time = seen & time_mask;
    return tick > time ? tick - time : 0;
}

/* The slot that holds ('vlan', 'address'), with its words, or NULL. */
static struct mac_slot *bucket_find(struct mac_bucket *b, uint16_t vlan, uint64_t address,
                                    uint64_t *place, uint64_t *seen)
{
    for (int i = 0; i < WAYS; i++) {
        if (slot_read(&b->ways[i], place, seen) && *place >> PORT_BITS == address
            && *seen >> TIME_BITS == vlan) {
            return &b->ways[i];
        }
    }
    return NULL;
}

uint16_t mac_table_lookup(const struct mac_table *t, uint16_t vlan, const uint8_t mac[6],
                          int64_t now)
{
    uint64_t address = mac_number(mac), place, seen;
    struct mac_bucket *b = &t->buckets[bucket_of(t, vlan, address)];
    return bucket_find(b, vlan, address, &place, &seen)
                   && age_of(seen, ticks(now)) < RCU_READ(&t->ageing)
               ? place & (N_PORTS - 1)
               : OFPP_NONE;
}

/* Adds 'n' to the entries that the port in 'place' holds. */
static void hold(struct mac_table *t, uint64_t place, uint32_t n)
{
    __atomic_fetch_add(&t->held[place & (N_PORTS - 1)], n, __ATOMIC_RELAXED);
}

/* Puts ('place', 'seen') into 'slot', whose bucket is ours. */
static void slot_set(struct mac_table *t, struct mac_slot *slot, uint64_t place, uint64_t seen)
{
    uint64_t old = RCU_READ(&slot->place);
    if (old) {
        hold(t, old, -1);
        RCU_WRITE(&slot->place, 0);
    }
    __atomic_store_n(&slot->seen, seen, __ATOMIC_RELEASE);
    if (place) {
        hold(t, place, 1);
        RCU_SET(&slot->place, place);
    }
}

/* Whether the entry ('place', 'seen') rather gives way than ('other_place', 'other_seen'): of the
 * port that holds more, then the older. */
static bool gives_way(const struct mac_table *t, uint64_t place, uint64_t seen,
                      uint64_t other_place, uint64_t other_seen)
{
    uint32_t held = RCU_READ(&t->held[place & (N_PORTS - 1)]);
    uint32_t other = RCU_READ(&t->held[other_place & (N_PORTS - 1)]);
    return held != other ? held > other : (seen & time_mask) < (other_seen & time_mask);
}

/* A slot of 'b', which is ours, for a newcomer behind 'port', or NULL if it has to stay outside. */
static struct mac_slot *bucket_make_room(struct mac_table *t, struct mac_bucket *b, uint16_t port,
                                         uint64_t tick)
{
    struct mac_slot *victim = NULL;
    for (int i = 0; i < WAYS; i++) {
        struct mac_slot *slot = &b->ways[i];
        if (!slot->place || age_of(RCU_READ(&slot->seen), tick) >= RCU_READ(&t->ageing)) {
            return slot;
        }
        if (!victim || gives_way(t, slot->place, RCU_READ(&slot->seen), victim->place,
                                 RCU_READ(&victim->seen))) {
            victim = slot;
        }
    }
    uint16_t loser = victim->place & (N_PORTS - 1);
    return loser == port || RCU_READ(&t->held[loser]) > RCU_READ(&t->held[port]) ? victim : NULL;
}

/* Puts ('place', 'seen') into bucket 'b', which is ours: moves the entry, or makes room. */
static bool bucket_learn(struct mac_table *t, struct mac_bucket *b, uint64_t place, uint64_t seen)
{
    uint64_t old_place, old_seen;
    struct mac_slot *slot = bucket_find(b, seen >> TIME_BITS, place >> PORT_BITS, &old_place,
                                        &old_seen);
    if (slot && old_place == place && age_of(old_seen, seen & time_mask) < RCU_READ(&t->ageing)) {
        return false;
    }
    if (!slot) {
        slot = bucket_make_room(t, b, place & (N_PORTS - 1), seen & time_mask);
    } else if (old_place != place) {
        hold(t, old_place, -1);
        hold(t, place, 1);
        __atomic_store_n(&slot->seen, seen, __ATOMIC_RELEASE);
        RCU_SET(&slot->place, place);
        return true;
    }
    if (slot) {
        slot_set(t, slot, place, seen);
    }
    return slot;
}

bool mac_table_learn(struct mac_table *t, uint16_t vlan, const uint8_t mac[6], uint16_t port,
                     int64_t now)
{
    uint64_t address = mac_number(mac), tick = ticks(now), place, seen;
    uint64_t new_place = address << PORT_BITS | port;
    uint64_t new_seen = (uint64_t) vlan << TIME_BITS | tick;
    size_t i = bucket_of(t, vlan, address);
    if (mac[0] & 1 || !address) {
        return false;
    }
    struct mac_slot *slot = bucket_find(&t->buckets[i], vlan, address, &place, &seen);
    uint64_t ageing = RCU_READ(&t->ageing);
    if (LIKELY(slot && place == new_place && age_of(seen, tick) < ageing)) {
        if (age_of(seen, tick) >= MIN((uint64_t) REFRESH, ageing / REFRESH_PART)) {
            __atomic_compare_exchange_n(&slot->seen, &seen, new_seen, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED);
        }
        return false;
    }
    if (__atomic_exchange_n(&t->busy[i], 1, __ATOMIC_ACQUIRE)) {
        return false;
    }
    bool changed = bucket_learn(t, &t->buckets[i], new_place, new_seen);
    __atomic_store_n(&t->busy[i], 0, __ATOMIC_RELEASE);
    return changed;
}

/* Which entries to free: those with all of these properties. */
struct criterion {
    uint16_t port;         /* Behind this port; OFPP_NONE: any. */
    const uint64_t *ports; /* Behind one of those whose bits are set here; NULL: any. */
    size_t n_ports;        /* Bits in 'ports'. */
    uint64_t tick;         /* Aged at this time; 0: or not. */
};

/* Whether the entry in 'slot' is one of them. */
static bool is_meant(const struct mac_table *t, const struct mac_slot *slot,
                     const struct criterion *c)
{
    size_t port = slot->place & (N_PORTS - 1);
    return slot->place && (c->port == OFPP_NONE || c->port == port)
           && (!c->ports || (port < c->n_ports && c->ports[port / 64] >> port % 64 & 1))
           && (!c->tick || age_of(RCU_READ(&slot->seen), c->tick) >= t->ageing);
}

/* Frees them. */
static void flush(struct mac_table *t, const struct criterion *c)
{
    for (size_t i = 0; i <= t->mask; i++) {
        while (__atomic_exchange_n(&t->busy[i], 1, __ATOMIC_ACQUIRE)) {
            sched_yield();
        }
        for (int j = 0; j < WAYS; j++) {
            struct mac_slot *slot = &t->buckets[i].ways[j];
            if (is_meant(t, slot, c)) {
                slot_set(t, slot, 0, 0);
            }
        }
        __atomic_store_n(&t->busy[i], 0, __ATOMIC_RELEASE);
    }
}

void mac_table_flush(struct mac_table *t, uint16_t port)
{
    flush(t, &(struct criterion) {.port = port});
}

void mac_table_flush_ports(struct mac_table *t, const uint64_t ports[], size_t n)
{
    flush(t, &(struct criterion) {.port = OFPP_NONE, .ports = ports, .n_ports = n});
}

void mac_table_set_ageing(struct mac_table *t, int64_t ageing, int64_t now)
{
    uint64_t in_ticks = (uint64_t) ageing >> TICK_SHIFT;
    if (in_ticks > t->ageing) {
        flush(t, &(struct criterion) {.port = OFPP_NONE, .tick = ticks(now)});
    }
    RCU_WRITE(&t->ageing, in_ticks);
}

/* Describes the entry ('place', 'seen') in '*e'. */
static void describe(struct mac_entry *e, uint64_t place, uint64_t seen, uint64_t tick)
{
    put_be32(e->mac, place >> 32);
    put_be16(e->mac + 4, place >> 16);
    e->vlan = seen >> TIME_BITS;
    e->port = place & (N_PORTS - 1);
    e->age = (int64_t) (age_of(seen, tick) << TICK_SHIFT);
}

size_t mac_table_list(const struct mac_table *t, int64_t now, struct mac_entry *entries, size_t n)
{
    uint64_t tick = ticks(now), place, seen;
    size_t found = 0;
    for (size_t i = 0; i < (t->mask + 1) * WAYS; i++) {
        if (slot_read(&t->buckets[i / WAYS].ways[i % WAYS], &place, &seen)
            && age_of(seen, tick) < RCU_READ(&t->ageing)) {
            if (found < n) {
                describe(&entries[found], place, seen, tick);
            }
            found++;
        }
    }
    return found;
}
