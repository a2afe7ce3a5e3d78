/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the scenarios share, below all of them: the run, its subjects, its words. */
#ifndef OFPROTO_SCENARIO_PRIVATE_H
#define OFPROTO_SCENARIO_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/openflow/ofp-parse.h"
#include "ofproto/scenario-peer.h"
#include "ofproto/scenario-world.h"

/* A scenario under way. */
struct scenario {
    const char *path;    /* Of the file; borrowed. */
    unsigned line;       /* Where we are, from 1. */
    struct world world;  /* What it is about. */
    struct list peers;   /* struct peer, in order of their making. */
    struct list buffers; /* struct scenario_buffer. */
    const char *patch;   /* What "with" changes in the next message, or NULL; in the line. */
    char *error;         /* The failure, or NULL; owned. */
};

/* What a line is about. */
enum subject_kind {
    SUBJECT_NONE,   /* The scenario as a whole. */
    SUBJECT_BRIDGE, /* A bridge. */
    SUBJECT_PORT,   /* A port. */
    SUBJECT_PEER,   /* A controller or service connection. */
};

/* One of them. */
struct subject {
    enum subject_kind kind; /* Which of the union. */
    union {
        struct world_bridge *bridge; /* SUBJECT_BRIDGE. */
        struct world_port *port;     /* SUBJECT_PORT. */
        struct peer *peer;           /* SUBJECT_PEER. */
    };
};

/* A word that a line can begin with, after its subject if it has one. */
struct scenario_command {
    enum subject_kind kind; /* What it is about. */
    const char *name;       /* The word. */
    const char *usage;      /* What follows it. */
    const char *help;       /* What it does. */
    /* Does it. 'text' is what follows the word, may be changed. Returns 0, or an errno after
     * scenario_fail(). */
    int (*run)(struct scenario *s, const struct subject *subject, char *text);
};

/* Commands in order. */
struct scenario_table {
    const struct scenario_command *commands; /* Rows; borrowed. */
    size_t n;                                /* How many. */
};

/* Runs the command that is the first word of 'text' and about things like 'subject'. Fails
 * the line if there is none. */
int scenario_dispatch(struct scenario *s, const struct scenario_table *tables, size_t n,
                      const struct subject *subject, char *text);

/* The same, but the first word of 'text' is the name of the subject and the second the command. */
int scenario_dispatch_by_name(struct scenario *s, const struct scenario_table *tables, size_t n,
                              char *text);

/* Notes the failure of this line. Returns EINVAL. */
int scenario_fail(struct scenario *s, const char *format, ...) PRINTF_FORMAT(2, 3);

/* If 'err' is not 0 notes the text at 'error', which is freed, as the failure; if 'error' is NULL,
 * or NULL there, the text of the errno. Returns 'err'. */
int scenario_check(struct scenario *s, int err, char **error);

/* Finds the subject called 'name': a port, a peer or a bridge; if 'kind' is not SUBJECT_NONE, one
 * of that kind. Fails the line if there is none. */
int scenario_find(struct scenario *s, enum subject_kind kind, const char *name,
                  struct subject *subject);

/* Takes the next word off '*text' as the name of a bridge, or fails the line. */
int scenario_take_bridge(struct scenario *s, char **text, struct world_bridge **b);

/* How names of ports are read in flows of 'b'. */
struct ofp_parse scenario_parse_how(const struct world_bridge *b);

/* Reads 'word', or fails the line: a number, decimal or with 0x hexadecimal, of at most 'max'. */
int scenario_number(struct scenario *s, const char *word, uint64_t max, uint64_t *n);

/* A name for a buffer's id. */
struct scenario_buffer {
    struct list node; /* In scenario->buffers. */
    char *name;       /* Owned. */
    uint32_t id;      /* Of the packet_in. */
};

/* The buffer called 'name', or NULL; gives 'id' a name. */
const struct scenario_buffer *scenario_find_buffer(const struct scenario *s, const char *name);
void scenario_name_buffer(struct scenario *s, const char *name, uint32_t id);

#endif
