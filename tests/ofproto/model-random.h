/* SPDX-License-Identifier: Apache-2.0 */
/* Random frames and parts of messages for the comparison of the switch with its model. */
#ifndef TESTS_OFPROTO_MODEL_RANDOM_H
#define TESTS_OFPROTO_MODEL_RANDOM_H

#include "tests/ofproto/model-switch.h"

/* Values come from small sets, so that rules and frames meet. */

/* A sequence of random numbers, and what it is for. */
struct model_random {
    uint64_t state;        /* Of the sequence. */
    struct bytes *msg;     /* What parts are appended to; borrowed. */
    const struct model *m; /* Whose rules and buffers are named; borrowed. */
};

/* A number below 'n'. */
unsigned random_below(struct model_random *r, unsigned n);

/* True 'percent' times of 100. */
bool random_chance(struct model_random *r, unsigned percent);

/* One of the elements of an array. */
#define RANDOM_OF(r, array) ((array)[random_below(r, (unsigned) ARRAY_SIZE(array))])

/* A frame. */
void random_frame(struct model_random *r, struct model_frame *f);

/* Appends a match, in 'percent_known' of 100 cases that of a rule; '*priority' goes with it. */
void random_put_match(struct model_random *r, unsigned percent_known, uint16_t *priority);

/* Appends an action of 'type' with the 'size' bytes of 'x' as the first of 'all' bytes. */
void random_put_action(struct model_random *r, uint16_t type, uint64_t x, unsigned size,
                       unsigned all);

/* Appends up to five actions; now and then one that is refused. */
void random_put_actions(struct model_random *r);

/* The id of a buffer: of one of the last packets, or none that there is. */
uint32_t random_buffer(struct model_random *r);

#endif
