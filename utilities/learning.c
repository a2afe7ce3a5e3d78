/* SPDX-License-Identifier: Apache-2.0 */
/* What a learning controller knows of one switch: which address is behind which port. */
#include "utilities/learning.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/list.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/flow.h"
#include "lib/util.h"

enum {
    DL_TYPE_LLDP = 0x88cc, /* Link layer discovery: never forwarded. */
    VID_MASK = 0x0fff,     /* VLAN of a tag. */
};

/* A port with addresses behind it. */
struct place {
    struct hmap_node node; /* In 'places'. */
    struct list entries;   /* Struct entry behind it; one at least. */
    uint16_t port;         /* Its number. */
};

/* An address.  In each VLAN it is another. */
struct entry {
    struct hmap_node node; /* In 'entries'. */
    struct list in_use;    /* In 'by_use'. */
    struct list in_place;  /* In place->entries. */
    struct place *place;   /* Where it is. */
    uint8_t dl_addr[6];    /* Ethernet address. */
    uint16_t vlan;         /* VLAN; 0 untagged. */
};

struct learning {
    struct hmap entries; /* By address and VLAN. */
    struct list by_use;  /* The same, least recently used first. */
    struct hmap places;  /* By port. */
    size_t max;          /* Most entries. */
    uint32_t seed;       /* Of the hash. */
};

static uint32_t hash_of(const struct learning *l, const uint8_t dl_addr[6], uint16_t vlan)
{
    return (uint32_t) hash_bytes(dl_addr, 6, l->seed ^ vlan);
}

static struct entry *find(const struct learning *l, const uint8_t dl_addr[6], uint16_t vlan)
{
    struct entry *e;
    HMAP_FOR_EACH_WITH_HASH (e, node, hash_of(l, dl_addr, vlan), &l->entries) {
        if (e->vlan == vlan && !memcmp(e->dl_addr, dl_addr, 6)) {
            return e;
        }
    }
    return NULL;
}

/* Where 'port' is, or NULL if nothing is behind it. */
static struct place *find_place(const struct learning *l, uint16_t port)
{
    struct place *p;
    HMAP_FOR_EACH_WITH_HASH (p, node, (uint32_t) hash_u32(port, l->seed), &l->places) {
        if (p->port == port) {
            return p;
        }
    }
    return NULL;
}

/* Puts 'e', which is nowhere, behind 'port'. */
static void enter(struct learning *l, struct entry *e, uint16_t port)
{
    e->place = find_place(l, port);
    if (!e->place) {
        e->place = xzalloc(sizeof *e->place);
        e->place->port = port;
        list_init(&e->place->entries);
        hmap_insert(&l->places, &e->place->node, (uint32_t) hash_u32(port, l->seed));
    }
    list_push_back(&e->place->entries, &e->in_place);
}

/* Takes 'e' away from its port. */
static void leave(struct learning *l, struct entry *e)
{
    list_remove(&e->in_place);
    if (list_is_empty(&e->place->entries)) {
        hmap_remove(&l->places, &e->place->node);
        free(e->place);
    }
}

static void remove_entry(struct learning *l, struct entry *e)
{
    leave(l, e);
    hmap_remove(&l->entries, &e->node);
    list_remove(&e->in_use);
    free(e);
}

/* Notes that 'e' was used just now. */
static void touch(struct learning *l, struct entry *e)
{
    list_remove(&e->in_use);
    list_push_back(&l->by_use, &e->in_use);
}

/* Learns where 'dl_addr' is.  Returns whether it was elsewhere. */
static bool learn(struct learning *l, const uint8_t dl_addr[6], uint16_t vlan, uint16_t port)
{
    struct entry *e = find(l, dl_addr, vlan);
    if (e) {
        bool has_moved = e->place->port != port;
        if (has_moved) {
            leave(l, e);
            enter(l, e, port);
        }
        touch(l, e);
        return has_moved;
    }
    if (hmap_count(&l->entries) >= l->max) {
        remove_entry(l, CONTAINER_OF(list_front(&l->by_use), struct entry, in_use));
    }
    e = xzalloc(sizeof *e);
    memcpy(e->dl_addr, dl_addr, sizeof e->dl_addr);
    e->vlan = vlan;
    enter(l, e, port);
    hmap_insert(&l->entries, &e->node, hash_of(l, dl_addr, vlan));
    list_push_back(&l->by_use, &e->in_use);
    return false;
}

struct learning *learning_create(size_t max, uint32_t seed)
{
    struct learning *l = xzalloc(sizeof *l);
    hmap_init(&l->entries);
    list_init(&l->by_use);
    hmap_init(&l->places);
    l->max = MAX(max, (size_t) 1);
    l->seed = seed;
    return l;
}

void learning_destroy(struct learning *l)
{
    if (l) {
        while (!list_is_empty(&l->by_use)) {
            remove_entry(l, CONTAINER_OF(list_front(&l->by_use), struct entry, in_use));
        }
        hmap_uninit(&l->entries);
        hmap_uninit(&l->places);
        free(l);
    }
}

static bool is_multicast(const uint8_t dl_addr[6])
{
    return dl_addr[0] & 1;
}

/* Is it one of the addresses 01-80-C2-00-00-0x, which bridges do not forward? */
static bool is_link_local(const uint8_t dl_addr[6])
{
    static const uint8_t prefix[5] = {0x01, 0x80, 0xc2, 0, 0};
    return !memcmp(dl_addr, prefix, sizeof prefix) && dl_addr[5] < 0x10;
}

/* Can a host be behind 'port': is it none of those that mean something else? */
static bool is_place(uint32_t port)
{
    return (port > 0 && port < OFPP_MAX) || port == OFPP_LOCAL;
}

struct decision learning_decide(struct learning *l, const struct flow *flow)
{
    struct decision d = {.verdict = VERDICT_FLOOD};
    uint16_t vlan = ntohs(flow->vlan_tci) & VID_MASK;
    if (is_link_local(flow->dl_dst) || ntohs(flow->dl_type) == DL_TYPE_LLDP) {
        d.verdict = VERDICT_DROP;
        return d;
    }
    if (!is_multicast(flow->dl_src) && is_place(flow->in_port)) {
        d.has_moved = learn(l, flow->dl_src, vlan, (uint16_t) flow->in_port);
    }
    struct entry *e = is_multicast(flow->dl_dst) ? NULL : find(l, flow->dl_dst, vlan);
    if (e) {
        touch(l, e);
        d.port = e->place->port;
        d.verdict = d.port == flow->in_port ? VERDICT_DROP : VERDICT_OUTPUT;
    }
    return d;
}

size_t learning_forget_port(struct learning *l, uint16_t port)
{
    struct place *p = find_place(l, port);
    size_t n = p ? list_size(&p->entries) : 0;
    for (size_t i = 0; i < n; i++) {
        remove_entry(l, CONTAINER_OF(list_front(&p->entries), struct entry, in_place));
    }
    return n;
}

size_t learning_count(const struct learning *l)
{
    return hmap_count(&l->entries);
}
