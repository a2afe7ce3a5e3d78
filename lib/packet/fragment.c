/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting an IPv4 packet into fragments, into memory of the caller's choice. */
#include "lib/packet/fragment.h"

#include <errno.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/packet/checksum.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

enum {
    BLOCK = 8,             /* Bytes that fragments are multiples of. */
    OPTION_END = 0,        /* Options of one byte: the end of them, */
    OPTION_NOP = 1,        /* and nothing. */
    OPTION_COPIED = 0x80,  /* Bit of an option's type: in every fragment. */
};

/* Makes nothing of the options from 'options' on, 'size' bytes, that are not to be copied. */
static void clear_options(uint8_t *options, size_t size)
{
    for (size_t at = 0, length; at < size && options[at] != OPTION_END; at += length) {
        length = options[at] == OPTION_NOP ? 1 : at + 1 < size ? options[at + 1] : 0;
        if (!length || length > size - at || (length == 1 && options[at] != OPTION_NOP)) {
            break;
        }
        if (!(options[at] & OPTION_COPIED)) {
            memset(options + at, OPTION_NOP, length);
        }
    }
}

/* The IPv4 header of 'p' and in '*size' its bytes, if 'p' can be cut; else NULL. */
static const struct ipv4_header *header_of(const struct packet *p, uint32_t *size)
{
    if (p->l3_offset == UINT16_MAX || p->size < p->l3_offset + sizeof(struct ipv4_header)
        || p->offload.gso || p->offload.flags & PACKET_CSUM_PARTIAL) {
        return NULL;
    }
    const struct ipv4_header *ip = (const void *) (p->data + p->l3_offset);
    uint32_t total = ntohs(ip->total_size);
    *size = (ip->version_ihl & 15) * 4;
    bool good = ip->version_ihl >> 4 == 4 && *size >= sizeof *ip && total > *size
                && total <= p->size - p->l3_offset && !(ip->frag & htons(~IPV4_DF & 0xffff));
    return good ? ip : NULL;
}

/* Completes the header at 'ip' of a fragment with 'size' bytes at 'offset'. */
static void write_header(struct ipv4_header *ip, uint32_t header_size, uint32_t offset,
                         uint32_t size, bool more)
{
    if (offset) {
        clear_options((uint8_t *) (ip + 1), header_size - sizeof *ip);
    }
    ip->total_size = htons((uint16_t) (header_size + size));
    ip->frag |= htons((uint16_t) (offset / BLOCK | (more ? IPV4_MF : 0)));
    ip->checksum = 0;
    ip->checksum = checksum_finish(checksum_add(0, ip, header_size));
}

int fragment_init(struct fragment_cut *c, const struct packet *p, unsigned mtu)
{
    uint32_t header_size;
    const struct ipv4_header *ip = header_of(p, &header_size);
    uint32_t length_offset = ip ? headers_length_offset(p->data, p->l3_offset) : 0;
    uint32_t snap_size = length_offset ? sizeof(struct snap_header) : 0;
    mtu = length_offset ? MIN(mtu, (unsigned) ETHER_LENGTH_MAX) : mtu;
    if (!ip || mtu < snap_size + header_size + BLOCK) {
        return EMSGSIZE;
    }
    *c = (struct fragment_cut) {
        .p = p,
        .length_offset = length_offset,
        .header_size = header_size,
        .total = ntohs(ip->total_size) - header_size,
        .room = mtu - snap_size - header_size,
    };
    return 0;
}

/* Bytes of payload in the next fragment. */
static uint32_t next_payload(const struct fragment_cut *c)
{
    uint32_t left = c->total - c->at;
    return left <= c->room ? left : c->room & ~(BLOCK - 1u);
}

size_t fragment_next_size(const struct fragment_cut *c)
{
    uint32_t size = next_payload(c);
    return size ? c->p->l3_offset + c->header_size + size : 0;
}

void fragment_next(struct fragment_cut *c, struct packet *frame)
{
    const struct packet *p = c->p;
    uint32_t all_headers = p->l3_offset + c->header_size, size = next_payload(c);
    memcpy(frame->data, p->data, all_headers);
    memcpy(frame->data + all_headers, p->data + all_headers + c->at, size);
    write_header((void *) (frame->data + p->l3_offset), c->header_size, c->at, size,
                 c->at + size < c->total);
    c->at += size;
    frame->size = all_headers + size;
    if (c->length_offset) {
        put_be16(frame->data + c->length_offset,
                 (uint16_t) (frame->size - c->length_offset - sizeof(be16)));
    }
    packet_follow(frame, p);
    frame->l4_offset = UINT16_MAX; /* Only the first one could have that. */
}
