/* SPDX-License-Identifier: Apache-2.0 */
/* Walking from an IP header through tunnels to the IP header inside. */
#include "lib/packet/layers.h"

#include "lib/packet/headers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A tunnel over UDP does not say in the packet what it is; only its port does, and ports are
 * configuration.  But a sender that leaves work to the device says where the checksum starts, and
 * that is the inner L4 header.  So with LAYERS_AT a reading of the bytes as VXLAN or Geneve need
 * not be right beforehand: if it leads exactly to that place it was. */

/* What a tunnel header leads to. */
struct inside {
    size_t offset; /* Bytes from the L4 header to the inner IP header. */
    uint16_t type; /* Its EtherType, host order. */
};

/* Steps over the inner Ethernet header at '*offset'. */
static bool enter_ethernet(const uint8_t *l4, size_t size, struct inside *in)
{
    if (in->offset >= size) {
        return false;
    }
    size_t skip = headers_skip_l2(l4 + in->offset, size - in->offset, &in->type);
    in->offset += skip;
    return skip != 0;
}

/* Geneve (RFC 8926) at 'l4' behind UDP. */
static bool enter_geneve(const uint8_t *l4, size_t size, struct inside *in)
{
    const struct geneve_header *h = (const void *) (l4 + sizeof(struct udp_header));
    if (size < sizeof(struct udp_header) + sizeof *h || h->version_size & 0xc0) {
        return false;
    }
    in->offset = sizeof(struct udp_header) + sizeof *h + (h->version_size & 0x3f) * 4;
    in->type = ntohs(h->type);
    return in->type != ETHER_TYPE_TEB || enter_ethernet(l4, size, in);
}

/* VXLAN (RFC 7348) at 'l4' behind UDP. */
static bool enter_vxlan(const uint8_t *l4, size_t size, struct inside *in)
{
    const struct vxlan_header *h = (const void *) (l4 + sizeof(struct udp_header));
    if (size < sizeof(struct udp_header) + sizeof *h || !(h->flags & VXLAN_FLAG_VNI)) {
        return false;
    }
    in->offset = sizeof(struct udp_header) + sizeof *h;
    return enter_ethernet(l4, size, in);
}

/* A tunnel over UDP; 'blind' if its port must tell. */
static bool enter_udp(const uint8_t *l4, size_t size, bool blind, struct inside *in)
{
    if (size < sizeof(struct udp_header)) {
        return false;
    }
    uint16_t port = get_be16(l4 + offsetof(struct udp_header, dst));
    if (port == GENEVE_PORT) {
        return enter_geneve(l4, size, in);
    }
    if (blind) {
        return (port == VXLAN_PORT || port == VXLAN_PORT_LINUX) && enter_vxlan(l4, size, in);
    }
    return enter_vxlan(l4, size, in) || enter_geneve(l4, size, in);
}

/* GRE (RFC 2784). */
static bool enter_gre(const uint8_t *l4, size_t size, bool blind UNUSED, struct inside *in)
{
    const struct gre_header *h = (const void *) l4;
    if (size < sizeof *h || ntohs(h->flags) & ~(GRE_CHECKSUM | GRE_KEY)) {
        return false;
    }
    in->offset = sizeof *h + (ntohs(h->flags) & GRE_CHECKSUM ? 4 : 0)
                 + (ntohs(h->flags) & GRE_KEY ? 4 : 0);
    in->type = ntohs(h->type);
    return in->type != ETHER_TYPE_TEB || enter_ethernet(l4, size, in);
}

/* IPv4 in IP (RFC 2003). */
static bool enter_ipip(const uint8_t *l4 UNUSED, size_t size UNUSED, bool blind UNUSED,
                       struct inside *in)
{
    *in = (struct inside) {.offset = 0, .type = ETHER_TYPE_IPV4};
    return true;
}

/* IPv6 in IP (RFC 4213). */
static bool enter_ip6ip(const uint8_t *l4 UNUSED, size_t size UNUSED, bool blind UNUSED,
                        struct inside *in)
{
    *in = (struct inside) {.offset = 0, .type = ETHER_TYPE_IPV6};
    return true;
}

/* How to get from an L4 header of each protocol to an inner IP header; NULL: there is none. */
typedef bool enter_function(const uint8_t *l4, size_t size, bool blind, struct inside *in);

static enter_function *const enter[256] = {
    [IP_NUMBER_IPIP] = enter_ipip,
    [IP_NUMBER_UDP] = enter_udp,
    [IP_NUMBER_IPV6] = enter_ip6ip,
    [IP_NUMBER_GRE] = enter_gre,
};

/* Adds the IP header of EtherType 'type' at 'offset' to 'layers'. */
static bool add_layer(const uint8_t *frame, size_t size, size_t offset, uint16_t type,
                      struct layers *layers)
{
    struct ip_info info;
    if (layers->n == LAYERS_MAX || offset > size
        || !headers_parse_ip(type, frame + offset, size - offset, &info) || info.fragment) {
        return false;
    }
    layers->layer[layers->n++] = (struct layer) {
        .ip = offset,
        .l4 = offset + info.l4_offset,
        .end = offset + info.end,
        .type = type,
        .proto = info.proto,
    };
    return true;
}

bool layers_find(const void *frame, size_t size, enum layers_goal goal, uint32_t l4,
                 struct layers *layers)
{
    struct inside in;
    in.offset = headers_skip_l2(frame, size, &in.type);
    layers->n = 0;
    if (!in.offset || !add_layer(frame, size, in.offset, in.type, layers)) {
        return false;
    }
    while (goal != LAYERS_OUTER) {
        const struct layer *last = layers_inner(layers);
        if (goal == LAYERS_AT && last->l4 == l4) {
            return true;
        }
        const uint8_t *data = (const uint8_t *) frame + last->l4;
        if (!enter[last->proto]
            || !enter[last->proto](data, last->end - last->l4, goal == LAYERS_INNERMOST, &in)
            || !add_layer(frame, last->end, last->l4 + in.offset, in.type, layers)) {
            return goal == LAYERS_INNERMOST;
        }
    }
    return true;
}
