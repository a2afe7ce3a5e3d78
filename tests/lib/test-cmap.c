/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/cmap: changes against an array of flags, their work, readers beside. */
#include "lib/cmap.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/hash.h"
#include "tests/unit.h"

/* An element with a number for a key. */
struct item {
    struct cmap_node node;
    uint32_t key;
};

/* A hash with many collisions, so that overflow is tried too. */
static uint32_t weak_hash(uint32_t key)
{
    return (uint32_t) hash_u32(key % 97, 0);
}

static uint32_t good_hash(uint32_t key)
{
    return (uint32_t) hash_u32(key, 0);
}

static struct item *find(const struct cmap *map, uint32_t key, uint32_t hash)
{
    struct item *item;
    CMAP_FOR_EACH_WITH_HASH (item, node, hash, map) {
        if (item->key == key) {
            return item;
        }
    }
    return NULL;
}

static struct item *item_create(uint32_t key)
{
    struct item *item = xzalloc(sizeof *item);
    item->key = key;
    return item;
}

enum { KEYS = 600 };

/* Of all keys those are found that are in, each once. */
static void assert_found(const struct cmap *map, const bool *is_in)
{
    size_t n = 0;
    for (uint32_t key = 0; key < KEYS; key++) {
        const struct item *item;
        unsigned times = 0;
        CMAP_FOR_EACH_WITH_HASH (item, node, weak_hash(key), map) {
            times += item->key == key;
        }
        assert_int_equal(times, is_in[key]);
        n += times;
    }
    assert_int_equal(n, cmap_count(map));
}

/* Removes, replaces or inserts 'key'. */
static void change(struct rcu *rcu, struct cmap *map, uint32_t key, bool *is_in, bool replace)
{
    struct item *item = find(map, key, weak_hash(key));
    assert_int_equal(item != NULL, is_in[key]);
    if (!item) {
        cmap_insert(map, &item_create(key)->node, weak_hash(key));
        is_in[key] = true;
        return;
    }
    if (replace) {
        cmap_replace(map, &item->node, &item_create(key)->node);
    } else {
        cmap_remove(map, &item->node);
        is_in[key] = false;
    }
    rcu_defer(rcu, free, item);
}

/* Removes and frees all of the keys below 'n'. */
static void free_all(struct cmap *map, uint32_t n, uint32_t (*hash)(uint32_t key))
{
    for (uint32_t key = 0; key < n; key++) {
        struct item *item = find(map, key, hash(key));
        if (item) {
            cmap_remove(map, &item->node);
            free(item);
        }
    }
    assert_int_equal(cmap_count(map), 0);
}

static void it_agrees_with_an_array_of_flags(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(0);
    struct cmap map;
    bool is_in[KEYS] = {false};
    cmap_init(&map, rcu);
    uint64_t random = 1;
    for (int round = 0; round < 20000; round++) {
        random = hash_u64(random, 0);
        uint32_t keys = round < 10000 ? KEYS : KEYS / 10;
        change(rcu, &map, (uint32_t) (random % keys), is_in, random >> 60 == 0);
        if (round % 100 == 0) {
            assert_found(&map, is_in);
            rcu_run(rcu);
        }
    }
    assert_found(&map, is_in);
    free_all(&map, KEYS, weak_hash);
    cmap_uninit(&map);
    rcu_destroy(rcu);
}

enum { MANY = 1000000 };

/* Steps of the costliest single change and of all changes. */
struct work {
    uint64_t worst;
    uint64_t sum;
};

static void note_work(struct work *work, const struct cmap *map, uint64_t before)
{
    uint64_t steps = cmap_steps(map) - before;
    work->worst = MAX(work->worst, steps);
    work->sum += steps;
}

static void the_millionth_insertion_takes_as_many_steps_as_the_thousandth(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(0);
    struct cmap map;
    cmap_init(&map, rcu);
    struct item *items = xcalloc(MANY, sizeof *items);
    struct work first = {0}, all = {0}, removal = {0};
    for (uint32_t key = 0; key < MANY; key++) {
        uint64_t before = cmap_steps(&map);
        cmap_insert(&map, &items[key].node, good_hash(key));
        note_work(key < 1000 ? &first : &all, &map, before);
        if (key % 1024 == 0) {
            rcu_run(rcu);
        }
    }
    print_message("insertion: worst %d steps, then %d; mean %.1f, then %.1f\n", (int) first.worst,
                  (int) all.worst, first.sum / 1000.0, all.sum / (MANY - 1000.0));
    assert_in_range(all.worst, 1, 64);
    assert_in_range(all.sum / MANY, 1, first.sum / 1000 + 2);
    for (uint32_t key = 0; key < MANY; key++) {
        uint64_t before = cmap_steps(&map);
        cmap_remove(&map, &items[key].node);
        note_work(&removal, &map, before);
    }
    assert_in_range(removal.worst, 1, 64);
    assert_int_equal(cmap_count(&map), 0);
    cmap_uninit(&map);
    rcu_destroy(rcu);
    free(items);
}

enum { TENANTS = 3000, GENERATIONS = 300 };

/* Buckets that searches for all hashes of a map look at that has no more than 'n_firsts' first
 * ones. */
static size_t count_buckets(const struct cmap *map, uint32_t n_firsts)
{
    size_t n = 0;
    for (uint32_t hash = 0; hash < n_firsts; hash++) {
        for (const struct cmap_bucket *b = cmap_bucket(map, hash); b; b = b->next) {
            n++;
        }
    }
    return n;
}

/* Elements come and go, always as many.  Without an end to what chains have grown, each of them
 * would get as long as the longest. */
static void searches_get_no_longer_while_elements_come_and_go(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(0);
    struct cmap map;
    cmap_init(&map, rcu);
    struct item *items = xcalloc(TENANTS, sizeof *items);
    for (uint32_t i = 0; i < TENANTS; i++) {
        cmap_insert(&map, &items[i].node, good_hash(i));
    }
    uint32_t n_firsts = map.table->mask + 1;
    size_t first = count_buckets(&map, n_firsts), most = 0;
    for (uint32_t i = TENANTS; i < TENANTS * GENERATIONS; i++) {
        struct cmap_node *node = &items[i % TENANTS].node;
        cmap_remove(&map, node);
        cmap_insert(&map, node, good_hash(i));
        if (i % TENANTS == 0) {
            most = MAX(most, count_buckets(&map, n_firsts));
            rcu_run(rcu);
        }
    }
    print_message("%d elements: %d buckets at first, %d at most later\n", TENANTS, (int) first,
                  (int) most);
    assert_int_equal(map.table->mask + 1, n_firsts);
    assert_in_range(most, n_firsts, first + first / 4);
    for (uint32_t i = 0; i < TENANTS; i++) {
        cmap_remove(&map, &items[i].node);
    }
    assert_null(map.overflow);
    cmap_uninit(&map);
    rcu_destroy(rcu);
    free(items);
}

/* Beside readers.  Keys below STABLE are always in, sometimes replaced; the others come and go. */
enum { STABLE = 200, READERS = 2, LIVELY = 2000, ROUNDS = 60000, PASSES = 300 };

struct shared {
    struct rcu *rcu;
    struct cmap map;
    bool stop; /* Atomic. */
};

struct reader {
    struct shared *shared;
    unsigned id;
    uint64_t found;  /* Finds. */
    uint64_t missed; /* Stable keys that were not found. */
};

static void *read_map(void *reader_)
{
    struct reader *reader = reader_;
    struct shared *shared = reader->shared;
    rcu_online(shared->rcu, reader->id);
    while (!RCU_READ(&shared->stop)) {
        for (uint32_t key = 0; key < LIVELY; key += key < STABLE ? 1 : 7) {
            struct item *item = find(&shared->map, key, good_hash(key));
            reader->found += item != NULL;
            reader->missed += key < STABLE && !item;
        }
        rcu_quiescent(shared->rcu, reader->id);
    }
    rcu_offline(shared->rcu, reader->id);
    return NULL;
}

/* Has every reader gone over the map often enough? */
static bool readers_are_done(const struct rcu *rcu)
{
    for (unsigned i = 0; i < READERS; i++) {
        if (rcu_beats(rcu, i) < PASSES) {
            return false;
        }
    }
    return true;
}

/* Inserts, removes and replaces for a while, through several growths of the map. */
static void change_map(struct shared *shared, bool *is_in)
{
    uint64_t random = 7;
    for (uint32_t round = 0; round < ROUNDS || !readers_are_done(shared->rcu); round++) {
        random = hash_u64(random, 0);
        uint32_t key = (uint32_t) (random % MIN((uint32_t) LIVELY, STABLE + 1 + round / 8));
        struct item *item = find(&shared->map, key, good_hash(key));
        if (!item) {
            cmap_insert(&shared->map, &item_create(key)->node, good_hash(key));
        } else {
            if (key < STABLE) {
                cmap_replace(&shared->map, &item->node, &item_create(key)->node);
            } else {
                cmap_remove(&shared->map, &item->node);
            }
            rcu_defer(shared->rcu, free, item);
        }
        is_in[key] = !item || key < STABLE;
        rcu_run(shared->rcu);
    }
}

static void a_reader_never_misses_what_is_in_all_the_time(void **state UNUSED)
{
    struct shared shared = {.rcu = rcu_create(READERS)};
    struct reader readers[READERS];
    bool is_in[LIVELY] = {false};
    pthread_t threads[READERS];
    cmap_init(&shared.map, shared.rcu);
    for (uint32_t key = 0; key < STABLE; key++) {
        cmap_insert(&shared.map, &item_create(key)->node, good_hash(key));
    }
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (struct reader) {.shared = &shared, .id = i};
        assert_int_equal(pthread_create(&threads[i], NULL, read_map, &readers[i]), 0);
    }
    change_map(&shared, is_in);
    RCU_WRITE(&shared.stop, true);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].missed, 0);
    }
    for (uint32_t key = STABLE; key < LIVELY; key++) {
        assert_int_equal(find(&shared.map, key, good_hash(key)) != NULL, is_in[key]);
    }
    free_all(&shared.map, LIVELY, good_hash);
    cmap_uninit(&shared.map);
    rcu_destroy(shared.rcu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_an_array_of_flags),
        cmocka_unit_test(the_millionth_insertion_takes_as_many_steps_as_the_thousandth),
        cmocka_unit_test(searches_get_no_longer_while_elements_come_and_go),
        cmocka_unit_test(a_reader_never_misses_what_is_in_all_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
