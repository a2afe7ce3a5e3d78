/* SPDX-License-Identifier: Apache-2.0 */
/* A switch of OpenFlow 1.0 that is slow and obviously right: what the real one is compared with. */
#ifndef TESTS_OFPROTO_MODEL_SWITCH_H
#define TESTS_OFPROTO_MODEL_SWITCH_H

#include "tests/ofproto/model-frame.h"

/* It keeps its rules in an array, reads messages off the wire by offsets, and says in 'messages'
 * and 'frames' what has to come of them. Time goes by model_pass() alone. Threads: one. */

enum {
    MODEL_PORTS = 4,      /* Ports, 1 to 4. */
    MODEL_RULES = 48,     /* Rules that fit. */
    MODEL_BUFFERS = 32,   /* Buffered packets that it remembers. */
    MODEL_MESSAGES = 128, /* Messages that one event can cause. */
    MODEL_ACTIONS = 256,  /* Bytes of the longest list of actions. */
    MODEL_MATCH = 40,     /* Bytes of a match. */
};

/* A match: bits of values that count. */
struct model_match {
    uint64_t value[N_FIELDS]; /* Values; 0 where 'mask' is. */
    uint64_t mask[N_FIELDS];  /* Bits that count. */
};

/* A rule. */
struct model_rule {
    struct model_match match;       /* What it matches, normalised. */
    uint8_t wire[MODEL_MATCH];      /* The same as sent. */
    uint32_t precedence;            /* Its priority; more than any if it had no wildcards. */
    uint16_t priority;              /* As sent. */
    uint16_t idle_timeout;          /* Seconds. */
    uint16_t hard_timeout;          /* Seconds. */
    uint16_t flags;                 /* As sent. */
    uint64_t cookie;                /* As sent. */
    uint8_t actions[MODEL_ACTIONS]; /* As sent, paddings zero. */
    size_t actions_size;            /* Bytes. */
    int64_t created;                /* When. */
    int64_t used;                   /* When last, or 'created'. */
    uint64_t packets;               /* Counted. */
    uint64_t bytes;                 /* Counted. */
};

/* A buffered packet. */
struct model_buffer {
    uint32_t id;              /* As the switch called it. */
    uint16_t in_port;         /* Where it came in. */
    struct model_frame frame; /* What it is. */
    int64_t since;            /* Since when. */
    bool is_used;             /* It is gone. */
};

/* A message that has to come. In a packet_in the buffer's id is 0: any may come. */
struct model_message {
    struct bytes bytes;       /* The message. */
    struct model_frame frame; /* Of a packet_in: the frame. */
    uint16_t in_port;         /* Of a packet_in: where it came in. */
};

/* The switch. */
struct model {
    int64_t now;                                   /* Time, in nanoseconds. */
    struct model_rule rules[MODEL_RULES];          /* Rules, by age. */
    size_t n_rules;                                /* How many. */
    struct model_buffer buffers[MODEL_BUFFERS];    /* The last ones. */
    size_t n_buffers;                              /* Ever. */
    uint16_t miss_send_len;                        /* As configured. */
    uint32_t config[MODEL_PORTS + 1];              /* By port: OFPPC_* bits. */
    uint64_t lookups;                              /* Packets looked up. */
    uint64_t matches;                              /* Of them found. */
    struct model_message messages[MODEL_MESSAGES]; /* What has to come. */
    size_t n_messages;                             /* How many. */
    struct bytes frames[MODEL_PORTS + 1];          /* By port: length and bytes of each frame. */
};

/* A switch without rules at time 'now'. */
void model_init(struct model *m, int64_t now);
void model_uninit(struct model *m);

/* Forgets what has to come. */
void model_clear(struct model *m);

/* Reads the 40 bytes of a match at 'wire'. Returns true if it has no wildcards. */
bool model_match_read(struct model_match *match, const uint8_t *wire);

/* Appends its 40 bytes. */
void model_match_write(const struct model_match *match, struct bytes *out);

/* Is 'a' equal to or more specific than 'b'? */
bool model_match_within(const struct model_match *a, const struct model_match *b);

/* Handles a whole flow_mod. */
void model_flow_mod(struct model *m, const uint8_t *msg, size_t size);

/* Finds the rules that a packet with 'fields' could go by: those of the highest precedence and of
 * them those that compare most bits. Between several the switch decides by their masks, in a way
 * that is nobody's business. Returns how many, with 'rules' filled. */
size_t model_candidates(struct model *m, const uint64_t fields[N_FIELDS],
                        struct model_rule *rules[MODEL_RULES]);

/* Does the port let frames in? */
bool model_may_receive(const struct model *m, uint16_t port);

/* Handles a frame that came in by 'in_port' and goes by 'rule', or by none. */
void model_receive(struct model *m, const struct model_frame *f, uint16_t in_port,
                   struct model_rule *rule);

/* Carries out actions on a frame as if it had come in by 'in_port'. */
void model_execute(struct model *m, const uint8_t *actions, size_t size,
                   const struct model_frame *f, uint16_t in_port);

/* Releases a buffer for 'actions', which 'rule' counts if it is not NULL. Returns 0, or the type
 * and code of an error. */
uint32_t model_release(struct model *m, uint32_t id, const uint8_t *actions, size_t size,
                       struct model_rule *rule);

/* Notes that the switch has buffered a packet. */
void model_keep(struct model *m, uint32_t id, const struct model_frame *f, uint16_t in_port);

/* Has to come: an error of 'error' (type and code) for the message. */
void model_error(struct model *m, uint32_t error, const uint8_t *msg, size_t size);

/* Does 'rule' send to 'port'? */
bool model_sends_to(const struct model_rule *rule, uint16_t port);

/* Lets 'period' nanoseconds pass. */
void model_pass(struct model *m, int64_t period);

#endif
