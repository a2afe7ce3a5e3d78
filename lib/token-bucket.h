/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets, which hold something to a rate with bursts. */
#ifndef LIB_TOKEN_BUCKET_H
#define LIB_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

/* A bucket that is full at first, fills with 'rate' tokens a second up to 'burst' and is emptied by
 * token_bucket_take().  A token is whatever the user counts: a packet, a bit, a message.
 *
 * It keeps no tokens but one time: 'full_at', when the bucket will be (or was) full.  Tokens taken
 * push it into the future; as many as lie between it and now are missing.  So nothing is rounded
 * but the time of one take, to at most a nanosecond, in favour of the limit.
 *
 * Threads: one at a time. */
struct token_bucket {
    uint64_t rate;   /* Tokens a second; 0: the bucket never refills. */
    uint64_t burst;  /* Tokens in the full bucket. */
    int64_t full_at; /* Time when it is full, ns; for rate 0, tokens that are gone. */
};

/* Returns the time in ns in which 'n' tokens come, rounded up, at most INT64_MAX / 4. */
static inline int64_t token_bucket_time_of(const struct token_bucket *tb, uint64_t n)
{
    __uint128_t ns = ((__uint128_t) n * SEC + tb->rate - 1) / tb->rate;
    return ns < INT64_MAX / 4 ? (int64_t) ns : INT64_MAX / 4;
}

/* Makes 'tb' a full bucket of 'burst' tokens that gets 'rate' tokens a second. */
static inline void token_bucket_init(struct token_bucket *tb, uint64_t rate, uint64_t burst)
{
    tb->rate = rate;
    tb->burst = burst;
    tb->full_at = rate ? INT64_MIN / 4 : 0;
}

/* Takes 'n' tokens at the time 'now' if they are there, and says whether they were.  More than
 * 'burst' are never there. */
static inline bool token_bucket_take(struct token_bucket *tb, uint64_t n, int64_t now)
{
    if (n > tb->burst) {
        return false;
    }
    if (!tb->rate) {
        bool enough = n <= tb->burst - (uint64_t) tb->full_at;
        tb->full_at += enough ? (int64_t) n : 0;
        return enough;
    }
    int64_t full_at = MAX(tb->full_at, now) + token_bucket_time_of(tb, n);
    if (full_at - now > token_bucket_time_of(tb, tb->burst)) {
        return false;
    }
    tb->full_at = full_at;
    return true;
}

/* Takes 'n' tokens at the time 'now' whether they are there or not: what is missing comes before
 * anything else can be taken.  Only for a rate that is not 0. */
static inline void token_bucket_charge(struct token_bucket *tb, uint64_t n, int64_t now)
{
    tb->full_at = MAX(tb->full_at, now) + token_bucket_time_of(tb, n);
}

/* Returns the first time when token_bucket_take() of 'n' would succeed, which may be in the past;
 * INT64_MAX if it never will.  Takes nothing. */
static inline int64_t token_bucket_ready_at(const struct token_bucket *tb, uint64_t n)
{
    if (n > tb->burst) {
        return INT64_MAX;
    }
    if (!tb->rate) {
        return n <= tb->burst - (uint64_t) tb->full_at ? INT64_MIN : INT64_MAX;
    }
    return tb->full_at + token_bucket_time_of(tb, n) - token_bucket_time_of(tb, tb->burst);
}

#endif
