/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile messages as text and as JSON. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"
#include "tests/openflow/wire.h"
#include "utilities/ofctl-json.h"
#include "utilities/ofctl.h"

/* An input is one byte of options and the message. What comes of it has no control characters but
 * line ends, whatever the message names; JSON is written to nowhere. */
enum {
    VERBOSITY = 3,         /* Bits of the verbosity. */
    KEEP_LENGTH = 1 << 2,  /* Leave the length field as it is, else mend it. */
    NAMES = 1 << 3,        /* Ports have names. */
    NO_STATS = 1 << 4,     /* Rules have no counters. */
};

const uint64_t fuzz_mutations = 2000;

/* A name that needs quotes, for every other port. */
static const char *name_port(void *aux UNUSED, uint16_t port)
{
    return port % 2 ? "eth \"1\"\n" : NULL;
}

static void print_text(const uint8_t *data, size_t size, int verbosity,
                       const struct ofp_print_style *style)
{
    struct bytes out = BYTES_INIT;
    ofp_print_styled(&out, data, size, verbosity, style);
    promise(out.size && out.data[out.size - 1] == '\n');
    for (size_t i = 0; i < out.size; i++) {
        promise(!iscntrl(out.data[i]) || out.data[i] == '\n');
    }
    bytes_uninit(&out);
}

static void print_json(const uint8_t *data, size_t size, const struct ofp_print_style *style)
{
    struct cmdl_context ctx = {.style = *style, .hides_stats = style->no_stats};
    struct ofp_message m;
    if (!ofp_message_decode(&m, data, size, false)) {
        ofctl_json_add(&ctx, &m);
        ofctl_json_print(&ctx);
        ofctl_json_release(&ctx);
        ofp_message_uninit(&m);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_quiet;
    if (!is_quiet) {
        promise(freopen("/dev/null", "w", stdout) != NULL);
        is_quiet = true;
    }
    if (!size) {
        return 0;
    }
    uint8_t options = data[0];
    uint8_t *msg = xmemdup(data + 1, size - 1);
    size = MIN(size - 1, (size_t) UINT16_MAX);
    if (size >= OFP_HEADER_SIZE && !(options & KEEP_LENGTH)) {
        put_be16(msg + 2, (uint16_t) size);
    }
    const struct ofp_print_style style = {
        .port_name = options & NAMES ? name_port : NULL,
        .no_stats = options & NO_STATS,
    };
    print_text(msg, size, options & VERBOSITY, &style);
    if (size >= OFP_HEADER_SIZE) {
        print_json(msg, size, &style);
    }
    free(msg);
    return 0;
}

/* Every sample, with and without names and counters. */
uint8_t *fuzz_seed(size_t index, size_t *size)
{
    size_t n = n_wire_samples, message_size;
    if (index >= 2 * n) {
        return NULL;
    }
    uint8_t *message = wire_from_hex(wire_samples[index % n].hex, &message_size);
    uint8_t *seed = xmalloc(1 + message_size);
    seed[0] = index < n ? 1 : 3 | NAMES | NO_STATS;
    memcpy(seed + 1, message, message_size);
    free(message);
    *size = 1 + message_size;
    return seed;
}
