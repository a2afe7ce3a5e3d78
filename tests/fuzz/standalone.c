/* SPDX-License-Identifier: Apache-2.0 */
/* Drives a fuzz target without libFuzzer: files, or seeds and fixed mutations of them. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"
#include "tests/random.h"

/* Usage: fuzz-NAME [-n MUTATIONS | -o DIRECTORY | FILE...]
 *
 * With files, each is run once, to repeat a crash; a directory stands for its files. Without, what
 * failed once ($top_srcdir/tests/fuzz/regressions/NAME) is run, then each seed, truncations of it,
 * and MUTATIONS mutations. With -o the seeds are written as files, as a first corpus. */

/* With a sanitizer a run takes many times as long: one of so many is done. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { THINNED = 4 };
#else
enum { THINNED = 1 };
#endif

enum {
    CUTS_MAX = 400 / THINNED, /* Truncations of a seed. */
};

/* Runs the target on a block of exactly 'size' bytes, so that a read beyond it is found. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = xmemdup(data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void flip_bit(struct bytes *b, uint64_t *random)
{
    b->data[random_next(random) % b->size] ^= (uint8_t) (1U << random_next(random) % 8);
}

static void set_byte(struct bytes *b, uint64_t *random)
{
    static const uint8_t values[] = {0, 1, 7, 8, 9, 0x10, 0x7f, 0x80, 0xf8, 0xfe, 0xff};
    b->data[random_next(random) % b->size] = values[random_next(random) % sizeof values];
}

static void add_to_byte(struct bytes *b, uint64_t *random)
{
    b->data[random_next(random) % b->size] += (uint8_t) (random_next(random) % 17 - 8);
}

static void cut_off(struct bytes *b, uint64_t *random)
{
    bytes_truncate(b, 1 + random_next(random) % b->size);
}

/* Appends a copy of a part of what is there. */
static void repeat_part(struct bytes *b, uint64_t *random)
{
    size_t start = random_next(random) % b->size;
    size_t size = 1 + random_next(random) % MIN(b->size - start, (size_t) 128);
    uint8_t *part = xmemdup(bytes_at(b, start), size);
    bytes_put(b, part, size);
    free(part);
}

/* Copies a part of what is there over another place. */
static void move_part(struct bytes *b, uint64_t *random)
{
    size_t from = random_next(random) % b->size;
    size_t to = random_next(random) % b->size;
    size_t most = b->size - MAX(from, to);
    memmove(bytes_at(b, to), bytes_at(b, from), 1 + random_next(random) % most);
}

/* A change to an input of at least one byte, which leaves at least one. */
typedef void mutation(struct bytes *b, uint64_t *random);

static mutation *const mutations[] = {
    flip_bit, set_byte, add_to_byte, cut_off, repeat_part, move_part,
};

/* Runs one random descendant of the seed. */
static void run_mutant(const uint8_t *seed, size_t size, uint64_t *random)
{
    struct bytes b = BYTES_INIT;
    bytes_put(&b, seed, size);
    for (uint64_t n = 1 + random_next(random) % 8; n > 0; n--) {
        mutations[random_next(random) % ARRAY_SIZE(mutations)](&b, random);
    }
    run(b.data, b.size);
    bytes_uninit(&b);
}

/* Runs all seeds with 'n_mutants' mutations of each. */
static void run_seeds(uint64_t n_mutants)
{
    uint64_t random = 88172645463325252;
    size_t size;
    uint8_t *seed;
    for (size_t i = 0; (seed = fuzz_seed(i, &size)) != NULL; i++) {
        size_t step = 1 + size / CUTS_MAX;
        for (size_t cut = size % step; cut <= size; cut += step) {
            run(seed, cut);
        }
        for (uint64_t n = 0; n < n_mutants && size > 0; n++) {
            run_mutant(seed, size, &random);
        }
        free(seed);
    }
}

/* Runs the content of the file 'name'. Returns 0 or an errno. */
static int run_file(const char *name)
{
    FILE *f = fopen(name, "rb");
    if (!f) {
        return errno;
    }

    struct bytes b = BYTES_INIT;
    size_t n;
    do {
        bytes_reserve(&b, 4096);
        n = fread(bytes_at(&b, b.size), 1, 4096, f);
        b.size += n;
    } while (n > 0);
    int error = ferror(f) ? EIO : 0;
    fclose(f);
    if (!error) {
        run(b.data, b.size);
    }
    bytes_uninit(&b);
    return error;
}

/* Runs the files in the directory 'name', in the order of their names, or the file 'name'. Returns
 * 0 or an errno. */
static int run_path(const char *name)
{
    struct dirent **entries;
    int n = scandir(name, &entries, NULL, alphasort);
    if (n < 0) {
        return errno == ENOTDIR ? run_file(name) : errno;
    }
    int error = 0;
    for (int i = 0; i < n; i++) {
        if (!error && entries[i]->d_name[0] != '.') {
            char *path = xasprintf("%s/%s", name, entries[i]->d_name);
            error = run_file(path);
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
    return error;
}

/* Runs what failed once. 'program' is fuzz-NAME. Returns 0 or an errno. */
static int run_regressions(const char *program)
{
    const char *top = getenv("top_srcdir"), *base = strrchr(program, '/');
    const char *name = strstr(base ? base : program, "fuzz-");
    if (!name) {
        return 0;
    }
    char *path = xasprintf("%s/tests/fuzz/regressions/%s", top ? top : ".", name + strlen("fuzz-"));
    int error = run_path(path);
    free(path);
    return error == ENOENT ? 0 : error;
}

/* Writes the seeds as files seed-N into 'directory'. Returns 0 or an errno. */
static int write_seeds(const char *directory)
{
    size_t size;
    uint8_t *seed;
    int error = 0;
    for (size_t i = 0; !error && (seed = fuzz_seed(i, &size)) != NULL; i++) {
        char *name = xasprintf("%s/seed-%zu", directory, i);
        FILE *f = fopen(name, "wb");
        if (!f || fwrite(seed, 1, size, f) != size) {
            error = errno;
        }
        if (f && fclose(f) && !error) {
            error = errno;
        }
        free(name);
        free(seed);
    }
    return error;
}

/* Tells on standard error what failed with 'name', if something did. Returns an exit code. */
static int report(const char *name, int error)
{
    if (error) {
        fprintf(stderr, "%s: %s\n", name, strerror(error));
    }
    return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    uint64_t n_mutants = DIV_ROUND_UP(fuzz_mutations, THINNED);
    int first = 1;
    if (argc == 3 && !strcmp(argv[1], "-o")) {
        return report(argv[2], write_seeds(argv[2]));
    }
    if (argc == 3 && !strcmp(argv[1], "-n")) {
        if (!str_to_u64(argv[2], 10, &n_mutants)) {
            fprintf(stderr, "-n %s: not a number\n", argv[2]);
            return 2;
        }
        first = 3;
    }
    for (int i = first; i < argc; i++) {
        int error = run_path(argv[i]);
        if (error) {
            return report(argv[i], error);
        }
    }
    int error = first == argc ? run_regressions(argv[0]) : 0;
    if (first == argc && !error) {
        run_seeds(n_mutants);
    }
    return report("regressions", error);
}
