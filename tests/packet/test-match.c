/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/packet/match, and of flow_hash_masked(): against comparison bit by bit. */
#include "lib/packet/match.h"

#include "lib/util.h"
#include "tests/packet/testing.h"

/* Fills '*m' with few bits, so that relations between two matches happen by chance. */
static void random_match(uint64_t *seed, struct match *m)
{
    match_init_any(m);
    unsigned n = random_below(seed, 4);
    for (unsigned i = 0; i < n; i++) {
        unsigned word = random_below(seed, 4) * 7;
        unsigned shift = random_below(seed, 2) * 60;
        m->mask.word[word] |= (random_next(seed) & 3) << shift;
        m->flow.word[word] |= (random_next(seed) & 3) << shift;
    }
    match_zero_unmasked(m);
}

/* Fills '*flow' with few different bits, where matches have theirs. */
static void random_flow(uint64_t *seed, struct flow *flow)
{
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        flow->word[i] = random_next(seed) & (UINT64_C(3) << 60 | 3);
    }
}

/* Bit 'i' of 'flow'. */
static bool bit(const struct flow *flow, unsigned i)
{
    return ((const uint8_t *) flow)[i / 8] >> i % 8 & 1;
}

/* match_matches() bit by bit. */
static bool naive_matches(const struct match *m, const struct flow *flow)
{
    for (unsigned i = 0; i < 64 * FLOW_WORDS; i++) {
        if (bit(&m->mask, i) && bit(&m->flow, i) != bit(flow, i)) {
            return false;
        }
    }
    return true;
}

/* minimatch_is_within() bit by bit. */
static bool naive_is_within(const struct match *a, const struct match *b)
{
    for (unsigned i = 0; i < 64 * FLOW_WORDS; i++) {
        if (bit(&b->mask, i) && (!bit(&a->mask, i) || bit(&a->flow, i) != bit(&b->flow, i))) {
            return false;
        }
    }
    return true;
}

/* minimatch_overlaps() bit by bit. */
static bool naive_overlaps(const struct match *a, const struct match *b)
{
    for (unsigned i = 0; i < 64 * FLOW_WORDS; i++) {
        if (bit(&a->mask, i) && bit(&b->mask, i) && bit(&a->flow, i) != bit(&b->flow, i)) {
            return false;
        }
    }
    return true;
}

/* 'm' compressed, to be freed by the caller. */
static struct minimatch *compress(const struct match *m)
{
    struct minimatch *mm = xmalloc(minimatch_size(m));
    minimatch_init(mm, m);
    return mm;
}

static void match_any_matches_everything(void **state UNUSED)
{
    struct match any;
    struct flow flow;
    uint64_t seed = 1;
    match_init_any(&any);
    random_flow(&seed, &flow);
    assert_true(match_matches(&any, &flow));
    assert_int_equal(minimatch_size(&any), sizeof(struct minimatch));
    struct minimatch *mm = compress(&any);
    assert_true(minimatch_matches(mm, &flow));
    free(mm);
}

static void match_zero_unmasked_restores_the_invariant(void **state UNUSED)
{
    struct match m;
    memset(&m, 0xff, sizeof m);
    memset(&m.mask, 0, sizeof m.mask);
    m.mask.nw_tos = 0xfc;
    match_zero_unmasked(&m);
    struct match expected;
    match_init_any(&expected);
    expected.flow.nw_tos = expected.mask.nw_tos = 0xfc;
    assert_true(match_equal(&m, &expected));
}

static void match_relations_equal_naive_ones(void **state UNUSED)
{
    uint64_t seed = 2;
    int within = 0, overlap = 0, matched = 0;
    for (int i = 0; i < 20000; i++) {
        struct match a, b;
        struct flow flow;
        random_match(&seed, &a);
        random_match(&seed, &b);
        random_flow(&seed, &flow);
        assert_int_equal(match_matches(&a, &flow), naive_matches(&a, &flow));
        struct minimatch *mm = compress(&a);
        assert_int_equal(minimatch_is_within(mm, &b), naive_is_within(&a, &b));
        assert_int_equal(minimatch_overlaps(mm, &b), naive_overlaps(&a, &b));
        assert_int_equal(match_equal(&a, &b), naive_is_within(&a, &b) && naive_is_within(&b, &a));
        within += minimatch_is_within(mm, &b);
        overlap += minimatch_overlaps(mm, &b);
        matched += match_matches(&a, &flow);
        free(mm);
    }
    assert_in_range(within, 100, 19900);
    assert_in_range(overlap, 100, 19900);
    assert_in_range(matched, 100, 19900);
}

static void minimatch_says_what_the_match_says(void **state UNUSED)
{
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        struct match a, b, back;
        struct flow flow;
        random_match(&seed, &a);
        random_match(&seed, &b);
        random_flow(&seed, &flow);
        struct minimatch *ma = compress(&a), *mb = compress(&b);
        minimatch_expand(ma, &back);
        assert_true(match_equal(&a, &back));
        assert_int_equal(minimatch_matches(ma, &flow), match_matches(&a, &flow));
        assert_int_equal(minimatch_equal(ma, mb), match_equal(&a, &b));
        free(ma);
        free(mb);
    }
}

static void match_hash_depends_on_values_and_mask(void **state UNUSED)
{
    struct match a, b;
    match_init_any(&a);
    a.mask.dl_type = UINT16_MAX;
    b = a;
    assert_int_equal(match_hash(&a, 1), match_hash(&b, 1));
    b.flow.dl_type = 1;
    assert_int_not_equal(match_hash(&a, 1), match_hash(&b, 1));
    b = a;
    b.mask.dl_type = 1;
    assert_int_not_equal(match_hash(&a, 1), match_hash(&b, 1));
    assert_int_not_equal(match_hash(&a, 1), match_hash(&a, 2));
}

static void flow_hash_sees_only_what_map_and_mask_name(void **state UNUSED)
{
    uint64_t seed = 4;
    struct flow a, b, mask = {.nw_src = htonl(0xffffff00), .tp_dst = UINT16_MAX};
    random_flow(&seed, &a);
    random_flow(&seed, &b);
    b.nw_src = a.nw_src ^ htonl(0xff);
    b.tp_dst = a.tp_dst;
    uint32_t map = 1 << 3 | 1 << 4;
    assert_int_equal(flow_hash_masked(&a, &mask, map, 1), flow_hash_masked(&b, &mask, map, 1));
    assert_int_not_equal(flow_hash_masked(&a, &mask, map, 1), flow_hash_masked(&a, &mask, map, 2));
    b.tp_dst ^= 1;
    assert_int_not_equal(flow_hash_masked(&a, &mask, map, 1), flow_hash_masked(&b, &mask, map, 1));
}

enum {
    BUCKETS = 1 << 12,   /* Of the histograms. */
    KEYS = 16 * BUCKETS, /* Keys that are spread over them. */
};

/* Fails if KEYS hashes, counted in 'count' by some 12 of their bits, are not spread as by chance:
 * chi-square has BUCKETS - 1 degrees of freedom, mean 4095 and standard deviation 90. */
static void assert_spread(const unsigned *count)
{
    double chi = 0;
    for (int i = 0; i < BUCKETS; i++) {
        double off = count[i] - (double) KEYS / BUCKETS;
        chi += off * off / ((double) KEYS / BUCKETS);
    }
    assert_true(chi < 4095 + 6 * 90);
}

/* Spreads KEYS flows that 'fill' makes from 0, 1, 2 ... over buckets by the low, the middle and the
 * high bits of their hashes. */
static void check_spread(void (*fill)(struct flow *flow, uint32_t i), uint32_t map)
{
    static unsigned low[BUCKETS], middle[BUCKETS], high[BUCKETS];
    struct flow mask;
    memset(&mask, 0xff, sizeof mask);
    for (uint32_t seed = 0; seed < 4; seed++) {
        memset(low, 0, sizeof low);
        memset(middle, 0, sizeof middle);
        memset(high, 0, sizeof high);
        for (uint32_t i = 0; i < KEYS; i++) {
            struct flow flow = {.in_port = 0};
            fill(&flow, i);
            uint32_t hash = flow_hash_masked(&flow, &mask, map, seed);
            low[hash % BUCKETS]++;
            middle[hash >> 10 & (BUCKETS - 1)]++;
            high[hash >> 20]++;
        }
        assert_spread(low);
        assert_spread(middle);
        assert_spread(high);
    }
}

/* Successive IPv4 addresses. */
static void fill_addresses(struct flow *flow, uint32_t i)
{
    flow->nw_dst = htonl(0x0a000000 + i);
}

/* Two addresses of one small net each. */
static void fill_pairs(struct flow *flow, uint32_t i)
{
    flow->nw_src = htonl(0x0a000000 + i % 256);
    flow->nw_dst = htonl(0x0a000000 + i / 256);
}

/* Ports, and bits at the upper end of other words. */
static void fill_high_bits(struct flow *flow, uint32_t i)
{
    flow->word[0] = (uint64_t) (i & 0xf) << 60;
    flow->word[1] = (uint64_t) (i >> 4 & 0xf) << 60;
    flow->word[4] = (uint64_t) (i >> 8 & 0xff) << 56;
}

/* One bit in each of four words. */
static void fill_single_bits(struct flow *flow, uint32_t i)
{
    for (int w = 0; w < 4; w++) {
        flow->word[w] = UINT64_C(1) << (i >> 4 * w & 15) * 4;
    }
}

static void flow_hash_spreads_inputs_of_low_entropy(void **state UNUSED)
{
    check_spread(fill_addresses, 1 << 3);
    check_spread(fill_pairs, 1 << 3);
    check_spread(fill_high_bits, 1 << 0 | 1 << 1 | 1 << 4);
    check_spread(fill_single_bits, 0xf);
}

static void flow_hash_changes_half_its_bits_for_each_bit_of_input(void **state UNUSED)
{
    enum { ROUNDS = 400 };
    struct flow mask;
    memset(&mask, 0xff, sizeof mask);
    uint64_t seed = 5;
    for (unsigned in = 0; in < 8 * 64; in++) {
        unsigned changed[32] = {0};
        for (int i = 0; i < ROUNDS; i++) {
            struct flow flow;
            random_flow(&seed, &flow);
            uint32_t before = flow_hash_masked(&flow, &mask, 0xff, i);
            flow.word[in / 64] ^= UINT64_C(1) << in % 64;
            uint32_t difference = before ^ flow_hash_masked(&flow, &mask, 0xff, i);
            for (int out = 0; out < 32; out++) {
                changed[out] += difference >> out & 1;
            }
        }
        for (int out = 0; out < 32; out++) {
            assert_in_range(changed[out], ROUNDS / 2 - 60, ROUNDS / 2 + 60);
        }
    }
}

static void flow_hash_collisions_of_one_seed_are_none_of_another(void **state UNUSED)
{
    /* Differences of single bits in two words at once: what an attacker could try to cancel. */
    struct flow mask;
    memset(&mask, 0xff, sizeof mask);
    for (unsigned i = 0; i < 64; i++) {
        for (unsigned j = 0; j < 64; j++) {
            int equal = 0;
            for (uint32_t seed = 0; seed < 8; seed++) {
                struct flow a = {.in_port = 0}, b = {.in_port = 0};
                a.word[1] = UINT64_C(1) << i;
                b.word[2] = UINT64_C(1) << j;
                equal += flow_hash_masked(&a, &mask, 6, seed)
                         == flow_hash_masked(&b, &mask, 6, seed);
            }
            assert_true(equal <= 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_any_matches_everything),
        cmocka_unit_test(match_zero_unmasked_restores_the_invariant),
        cmocka_unit_test(match_relations_equal_naive_ones),
        cmocka_unit_test(minimatch_says_what_the_match_says),
        cmocka_unit_test(match_hash_depends_on_values_and_mask),
        cmocka_unit_test(flow_hash_sees_only_what_map_and_mask_name),
        cmocka_unit_test(flow_hash_spreads_inputs_of_low_entropy),
        cmocka_unit_test(flow_hash_changes_half_its_bits_for_each_bit_of_input),
        cmocka_unit_test(flow_hash_collisions_of_one_seed_are_none_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
