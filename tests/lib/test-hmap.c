/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/hmap: insertion, removal and walks, compared with an array of flags. */
#include "lib/hmap.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "tests/unit.h"

enum { KEYS = 500 };

/* An element with a number for a key. */
struct item {
    uint32_t key;
    struct hmap_node node;
};

/* A hash with many collisions, so that chains are tried too. */
static uint32_t weak_hash(uint32_t key)
{
    return (uint32_t) hash_u32(key % 97, 0);
}

static struct item *find(const struct hmap *map, uint32_t key)
{
    struct item *item;
    HMAP_FOR_EACH_WITH_HASH (item, node, weak_hash(key), map) {
        if (item->key == key) {
            return item;
        }
    }
    return NULL;
}

/* Adds 'key' if it is not in 'map', else removes it. */
static void toggle(struct hmap *map, uint32_t key)
{
    struct item *item = find(map, key);
    if (item) {
        hmap_remove(map, &item->node);
        free(item);
    } else {
        item = xmalloc(sizeof *item);
        item->key = key;
        hmap_insert(map, &item->node, weak_hash(key));
    }
}

static void assert_same(const struct hmap *map, const bool *is_in)
{
    bool seen[KEYS] = {false};
    const struct item *item;
    size_t n = 0;
    HMAP_FOR_EACH (item, node, map) {
        assert_true(is_in[item->key]);
        assert_false(seen[item->key]);
        seen[item->key] = true;
        n++;
    }
    assert_null(item);
    assert_int_equal(n, hmap_count(map));
    for (uint32_t key = 0; key < KEYS; key++) {
        assert_int_equal(seen[key], is_in[key]);
        assert_int_equal(find(map, key) != NULL, is_in[key]);
    }
}

static void free_all(struct hmap *map)
{
    struct item *item, *next;
    HMAP_FOR_EACH_SAFE (item, next, node, map) {
        hmap_remove(map, &item->node);
        free(item);
    }
    assert_true(hmap_is_empty(map));
    hmap_uninit(map);
}

static void an_empty_map_has_nothing_to_find(void **state UNUSED)
{
    struct hmap map;
    const struct item *item;
    hmap_init(&map);
    assert_true(hmap_is_empty(&map));
    assert_null(hmap_first(&map));
    assert_null(find(&map, 1));
    HMAP_FOR_EACH (item, node, &map) {
        fail();
    }
    hmap_uninit(&map);
}

static void random_changes_agree_with_an_array(void **state UNUSED)
{
    struct hmap map;
    bool is_in[KEYS] = {false};
    hmap_init(&map);
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t key = (uint32_t) (hash_u32(i, 42) % KEYS);
        toggle(&map, key);
        is_in[key] = !is_in[key];
        if (i % 100 == 0) {
            assert_same(&map, is_in);
        }
    }
    assert_same(&map, is_in);
    free_all(&map);
}

static void a_map_can_be_used_again_after_uninit(void **state UNUSED)
{
    struct hmap map;
    hmap_init(&map);
    for (int round = 0; round < 2; round++) {
        for (uint32_t key = 0; key < 100; key++) {
            toggle(&map, key);
        }
        assert_int_equal(hmap_count(&map), 100);
        free_all(&map);
    }
}

/* From 'had' elements down to 'left', and shrunk: all are there, and a walk is short. */
static void shrink(uint32_t had, uint32_t left)
{
    struct hmap map;
    bool is_in[KEYS] = {false};
    hmap_init(&map);
    for (uint32_t key = 0; key < had; key++) {
        toggle(&map, key);
    }
    for (uint32_t key = left; key < had; key++) {
        toggle(&map, key);
    }
    memset(is_in, true, left);
    hmap_shrink(&map);
    assert_same(&map, is_in);
    assert_in_range(hmap_buckets(&map), left, MAX(left, (uint32_t) 1) * 16);
    toggle(&map, left);
    is_in[left] = true;
    assert_same(&map, is_in);
    free_all(&map);
}

static void a_shrunk_map_has_all_elements_and_few_buckets(void **state UNUSED)
{
    static const uint32_t lefts[] = {0, 1, 2, 3, 31, 32, 33, 400};
    for (size_t i = 0; i < ARRAY_SIZE(lefts); i++) {
        shrink(KEYS - 1, lefts[i]);
    }
    shrink(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing_to_find),
        cmocka_unit_test(random_changes_agree_with_an_array),
        cmocka_unit_test(a_map_can_be_used_again_after_uninit),
        cmocka_unit_test(a_shrunk_map_has_all_elements_and_few_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
