/* SPDX-License-Identifier: Apache-2.0 */
/* Matches in Nicira's form: a list of fields with values and masks, to a struct match and back. */
#include "lib/openflow/nx-match.h"

#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/nx-fields.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-match.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * The table of fields says all that differs between fields, so one loop decodes and one encodes.
 * The cookie, which is no field of packets, is told apart in both.  A mask of all ones and no mask
 * are one; a mask of zeros is no entry.  The match being filled tells what has come before: a field
 * that it compares already came twice; one whose prerequisite it does not compare is too early. */

enum {
    HEADER_SIZE = 4, /* Bytes of an entry's header. */
    MATCH_PAD = 8,   /* A match in a message fills multiples of this. */
};

/* An entry taken apart. */
struct entry {
    uint32_t header; /* Without the bit for a mask. */
    nx_value value;  /* Its value. */
    nx_value mask;   /* Its mask; all ones without. */
};

/* Decoding ------------------------------------------------------------------------------------- */

/* The number of 'size' bytes at 'p'. */
static nx_value number_at(const uint8_t *p, size_t size)
{
    nx_value x = 0;
    for (size_t i = 0; i < size; i++) {
        x = x << 8 | p[i];
    }
    return x;
}

/* Takes the next entry off 'r'. */
static int entry_pull(struct reader *r, struct entry *e)
{
    uint32_t header;
    if (!reader_be32(r, &header)) {
        return OFPERR_NXM_INVALID;
    }
    size_t size = header & NX_HEADER_LENGTH;
    const uint8_t *body = reader_pull(r, size);
    if (!body || !size) {
        return OFPERR_NXM_INVALID;
    }
    bool has_mask = header & NX_HEADER_MASKED;
    size_t half = has_mask ? size / 2 : size;
    if (half > sizeof e->value || (has_mask && size % 2)) {
        return OFPERR_NXM_BAD_TYPE;
    }
    e->header = (header & ~(uint32_t) (NX_HEADER_MASKED | NX_HEADER_LENGTH)) | (uint32_t) half;
    e->value = number_at(body, half);
    e->mask = has_mask ? number_at(body + half, half) : ~(nx_value) 0;
    return e->value & ~e->mask ? OFPERR_NXM_BAD_WILDCARDS : 0;
}

/* Takes the pseudo field. */
static int cookie_take(const struct entry *e, struct nx_cookie *cookie)
{
    if (!cookie) {
        return OFPERR_NXM_BAD_TYPE;
    }
    if (cookie->mask) {
        return OFPERR_NXM_DUP_TYPE;
    }
    cookie->value = (uint64_t) e->value;
    cookie->mask = (uint64_t) e->mask;
    return 0;
}

/* Adds an entry to 'm'. */
static int entry_take(const struct entry *e, struct match *m, struct nx_cookie *cookie)
{
    if (e->header == nx_cookie_header) {
        return cookie_take(e, cookie);
    }
    const struct nx_field *f = nx_field_by_header(e->header);
    if (!f) {
        return OFPERR_NXM_BAD_TYPE;
    }
    nx_value whole = ~(nx_value) 0 >> (128 - 8 * f->wire_size);
    if (!f->is_maskable && e->mask && (e->mask & whole) != whole) {
        return OFPERR_NXM_BAD_MASK;
    }
    if (e->value & ~nx_field_ones(f)) {
        return OFPERR_NXM_BAD_VALUE;
    }
    if (!nx_field_fits_match(f, m)) {
        return OFPERR_NXM_BAD_PREREQ;
    }
    if (nx_field_load(f, &m->mask)) {
        return OFPERR_NXM_DUP_TYPE;
    }
    nx_field_match(f, e->value, e->mask, m);
    return 0;
}

/* Later fragments have no ports and no flags of TCP to be compared, whatever field came first. */
static bool asks_later_for_ports(const struct match *m)
{
    bool is_later = m->flow.nw_frag & FLOW_FRAG_LATER;
    for (size_t i = 0; is_later && i < nx_n_fields; i++) {
        const struct nx_field *f = &nx_fields[i];
        bool has_ports = f->prereq == NX_PREREQ_TCP || f->prereq == NX_PREREQ_UDP
                         || f->prereq == NX_PREREQ_SCTP;
        if (has_ports && nx_field_load(f, &m->mask) && nx_field_fits_match(f, m)) {
            return true;
        }
    }
    return false;
}

int nx_match_decode(const uint8_t **data, size_t *left, size_t size, struct match *m,
                    struct nx_cookie *cookie)
{
    struct reader r;
    match_init_any(m);
    if (cookie) {
        *cookie = (struct nx_cookie){.mask = 0};
    }
    if (ROUND_UP(size, (size_t) MATCH_PAD) > *left) {
        return OFPERR_NXM_INVALID;
    }
    reader_init(&r, *data, size);
    while (r.left) {
        struct entry e;
        int error = entry_pull(&r, &e);
        error = error ? error : entry_take(&e, m, cookie);
        if (error) {
            return error;
        }
    }
    *data += ROUND_UP(size, (size_t) MATCH_PAD);
    *left -= ROUND_UP(size, (size_t) MATCH_PAD);
    return asks_later_for_ports(m) ? OFPERR_NXM_BAD_PREREQ : 0;
}

/* Encoding ------------------------------------------------------------------------------------- */

/* Appends a value or mask of 'size' bytes. */
static void put_number(struct bytes *out, nx_value x, size_t size)
{
    uint8_t *p = bytes_put_uninit(out, size);
    for (size_t i = size; i-- > 0; x >>= 8) {
        p[i] = (uint8_t) x;
    }
}

/* Appends an entry whose value has 'size' bytes. */
static void entry_put(struct bytes *out, uint32_t header, nx_value value, nx_value mask,
                      size_t size, bool has_mask)
{
    bytes_put_be32(out, has_mask ? header + (NX_HEADER_MASKED | (uint32_t) size) : header);
    put_number(out, value, size);
    if (has_mask) {
        put_number(out, mask, size);
    }
}

/* The bits of 'f' that 'm' compares; 0 where other packets than those of 'm' have the field. */
static nx_value mask_of(const struct nx_field *f, const struct match *m)
{
    nx_value mask = nx_field_load(f, &m->mask);
    return mask && nx_field_fits_match(f, m) ? mask : 0;
}

size_t nx_match_encode(const struct match *m, const struct nx_cookie *cookie, struct bytes *out)
{
    size_t start = out->size;
    for (size_t i = 0; i < nx_n_fields; i++) {
        const struct nx_field *f = &nx_fields[i];
        nx_value mask = mask_of(f, m);
        if (mask) {
            entry_put(out, f->header, nx_field_load(f, &m->flow), mask, f->wire_size,
                      mask != nx_field_ones(f));
        }
    }
    if (cookie && cookie->mask) {
        entry_put(out, nx_cookie_header, cookie->value & cookie->mask, cookie->mask,
                  sizeof cookie->mask, cookie->mask != UINT64_MAX);
    }
    size_t size = out->size - start;
    bytes_put_zeros(out, ROUND_UP(size, (size_t) MATCH_PAD) - size);
    return size;
}

size_t nx_match_wire_size(const struct match *m, const struct nx_cookie *cookie)
{
    size_t size = 0;
    for (size_t i = 0; i < nx_n_fields; i++) {
        const struct nx_field *f = &nx_fields[i];
        nx_value mask = mask_of(f, m);
        if (mask) {
            size += HEADER_SIZE + (mask == nx_field_ones(f) ? 1u : 2u) * f->wire_size;
        }
    }
    if (cookie && cookie->mask) {
        size += HEADER_SIZE + (cookie->mask == UINT64_MAX ? 1 : 2) * sizeof cookie->mask;
    }
    return ROUND_UP(size, (size_t) MATCH_PAD);
}

bool nx_match_is_standard(const struct match *m)
{
    struct bytes wire = BYTES_INIT;
    struct match again;
    ofp_match_encode(m, false, &wire);
    ofp_match_decode(wire.data, &again);
    bytes_uninit(&wire);
    return match_equal(&again, m);
}
