/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile list of fields as a match; what is read survives the wire and printing. */
#include "lib/bytes.h"
#include "lib/openflow/nx-match.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"
#include "tests/openflow/wire.h"

/* An input is a byte of options, one that says how many bytes of the rest are the match, and the
 * rest. */
enum {
    WITH_COOKIE = 1 << 0, /* The cookie may be among the fields. */
    MAX_SIZE = 0xff * 8,  /* Bytes of a match at most. */
};

const uint64_t fuzz_mutations = 20000;

/* 'm' and 'cookie' come back from their bytes. */
static void check_wire(const struct match *m, const struct nx_cookie *cookie)
{
    struct bytes wire = BYTES_INIT;
    struct match again;
    struct nx_cookie cookie_again;
    size_t size = nx_match_encode(m, cookie, &wire);
    promise(wire.size == nx_match_wire_size(m, cookie) && wire.size % 8 == 0);
    const uint8_t *at = wire.data;
    size_t left = wire.size;
    promise(!nx_match_decode(&at, &left, size, &again, &cookie_again));
    promise(!left && match_equal(m, &again) && cookie->mask == cookie_again.mask);
    promise(!cookie->mask || cookie->value == cookie_again.value);
    bytes_uninit(&wire);
}

/* What asks for no tag asks for all bits of one to be 0, whichever of them it names. */
static void ask_for_all_of_no_tag(struct match *m)
{
    if (m->mask.vlan_tci & htons(FLOW_TCI_PRESENT) && !m->flow.vlan_tci) {
        m->mask.vlan_tci = UINT16_MAX;
    }
}

/* True if every packet that matches 'a' matches 'b' too. */
static bool is_within(const struct match *a, const struct match *b)
{
    struct minimatch *mm = xmalloc(minimatch_size(a));
    minimatch_init(mm, a);
    bool within = minimatch_is_within(mm, b);
    free(mm);
    return within;
}

/* OpenFlow 1.0 tells the match whole, or a wider one. */
static void check_standard(const struct match *m)
{
    struct bytes wire = BYTES_INIT;
    struct match wider, full = *m;
    ofp_match_encode(m, false, &wire);
    ofp_match_decode(wire.data, &wider);
    ask_for_all_of_no_tag(&full);
    promise(is_within(&full, &wider));
    promise(match_equal(m, &wider) == nx_match_is_standard(m));
    bytes_uninit(&wire);
}

/* What is printed is read as a match of the same packets, unless it has a value without a word. */
static void check_text(const struct match *m)
{
    static const struct ofp_parse how = {.port_lookup = NULL};
    struct bytes text = BYTES_INIT;
    struct match full = *m, again;
    char *error = NULL;
    ofp_print_match(&text, m);
    if (ofp_parse_match(&again, bytes_string(&text), &how, &error)) {
        free(error);
    } else {
        ask_for_all_of_no_tag(&full);
        ask_for_all_of_no_tag(&again);
        promise(match_equal(&full, &again));
    }
    bytes_uninit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > MAX_SIZE) {
        return 0;
    }
    uint8_t *copy = xmemdup(data + 2, size - 2);
    struct match m;
    struct nx_cookie cookie = {.mask = 0};
    const uint8_t *at = copy;
    size_t left = size - 2;
    int error = nx_match_decode(&at, &left, data[1], &m, data[0] & WITH_COOKIE ? &cookie : NULL);
    promise(!error || ofperr_is(error));
    if (!error) {
        promise(at + left == copy + size - 2);
        check_wire(&m, &cookie);
        check_standard(&m);
        check_text(&m);
    }
    free(copy);
    return 0;
}

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    static const char *const seeds[] = {
        "00 00",
        "00 1f 00000002 0001 00000602 0800 00000c01 06 00001402 0050 00010004 00000005 00",
        "01 14 00013d10 0000000000000001 00000000000000ff 00*4",
        "00 28 00000602 86dd 00000c01 3a 00012a01 87 00012c01 00 00012e10 fe80 00*13 01 00*8",
        "00 24 00000602 86dd 00012720 fe80 00*14 ffff 00*14 00*8",
        "00 17 00000602 0806 00001e02 0001 00002304 0a000001 00*8",
        "00 20 00000904 1000 1000 0000030c 01 00*5 01 00*5 00012008 0000000000000009 00*8",
        "00 1d 00000602 0800 00013502 0103 00000c01 06 00014504 0002 0012 00013a01 40 00*8",
    };
    return index < ARRAY_SIZE(seeds) ? wire_from_hex(seeds[index], size) : NULL;
}
