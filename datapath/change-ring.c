/* SPDX-License-Identifier: Apache-2.0 */
/* The last changes of the rules, for readers that want to know whether one concerns a flow. */
#include "datapath/change-ring.h"

#include "lib/rcu.h"

/* Theory
 * ======
 *
 * A change is written like this: number 0, the words, the number, the head of the ring.  Each of
 * these stores is a release; each load of a word is an acquire.  A reader that sees a word of a
 * newer change therefore sees the number 0, or a newer one, when it looks at the number once more
 * after the words.  If the number is still the one it wanted, all words belong to that change.
 *
 * A reader that acquired version v sees all changes up to v: they were written before v was
 * published.  Versions never fall along the ring, so it walks back from the head until it comes to
 * a change that is not after 'from', or to one that has been overwritten. */

void change_ring_add(struct change_ring *ring, uint64_t version, const struct minimatch *match)
{
    uint64_t number = ring->head + 1;
    struct change *change = &ring->changes[number % CHANGE_RING_SIZE];
    RCU_SET(&change->number, 0);
    RCU_SET(&change->version, version);
    RCU_SET(&change->map, match->map);
    for (uint32_t i = 0; i < 2 * match->n; i++) {
        RCU_SET(&change->words[i], match->words[i]);
    }
    RCU_SET(&change->number, number);
    RCU_SET(&ring->head, number);
}

/* Does the match of 'change' fit 'flow'?  Whatever the words, no index is out of bounds. */
static bool change_matches(const struct change *change, const struct flow *flow)
{
    uint32_t map = (uint32_t) RCU_GET(&change->map);
    const uint64_t *value = change->words, *mask = change->words + __builtin_popcount(map);
    for (; map; map &= map - 1, value++, mask++) {
        if ((flow->word[__builtin_ctz(map)] ^ RCU_GET(value)) & RCU_GET(mask)) {
            return false;
        }
    }
    return true;
}

bool change_ring_concerns(const struct change_ring *ring, uint64_t from, uint64_t to,
                          const struct flow *flow, unsigned limit)
{
    for (uint64_t number = RCU_GET(&ring->head); number; number--) {
        const struct change *change = &ring->changes[number % CHANGE_RING_SIZE];
        uint64_t version = RCU_GET(&change->version);
        bool matches = version > from && version <= to && change_matches(change, flow);
        if (RCU_GET(&change->number) != number) {
            return true;
        }
        if (version <= from) {
            return false;
        }
        if (version <= to && (matches || limit-- == 0)) {
            return true;
        }
    }
    return false;
}
