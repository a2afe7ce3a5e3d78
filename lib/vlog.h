/* SPDX-License-Identifier: Apache-2.0 */
/* The log: messages of modules with levels that can be changed at run time. */
#ifndef LIB_VLOG_H
#define LIB_VLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/list.h"
#include "lib/token-bucket.h"
#include "lib/util.h"

/* The log
 * =======
 *
 * A file that logs names its module once, near the top:
 *
 *     VLOG_DEFINE_MODULE(netdev);
 *
 * and then says what happened in whole sentences without a newline:
 *
 *     VLOG_WARN("%s: can't set the MTU to %u (%s)", name, mtu, strerror(error));
 *
 * What can repeat without bound (a peer or a packet may cause it) goes through the _RL forms with a
 * static struct vlog_limit; what the limit swallows is counted, and the next message that passes
 * tells how many.
 *
 * Levels: each module has one, VLOG_INFO at first; messages above it cost one relaxed load and are
 * not formatted.  Levels and destinations are process-wide: the one state that the ground keeps.
 *
 * Threads: any, at any time.  One message is one line in every destination and lines never mix.
 *
 * A message is "TIME|MODULE|LEVEL|text"; control characters in the text are replaced by '?'.  The
 * time is CLOCK_REALTIME, in UTC; the log may read it, and CLOCK_MONOTONIC for its limits. */

/* How grave a message is. */
enum vlog_level {
    VLOG_LEVEL_OFF,  /* Only for vlog_set_level(): not even errors. */
    VLOG_LEVEL_ERR,  /* Something that was asked for can't be done. */
    VLOG_LEVEL_WARN, /* Something is odd, and the user may want to act. */
    VLOG_LEVEL_INFO, /* What the user wants to read once: ports and controllers that come and go. */
    VLOG_LEVEL_DBG,  /* For developers. */
    VLOG_LEVELS      /* Number of levels. */
};

/* A module that logs; made by VLOG_DEFINE_MODULE only. */
struct vlog_module {
    const char *name;   /* Name in messages and in level specifications. */
    uint8_t level;      /* enum vlog_level: gravest to least grave that is logged; atomic. */
    struct list in_all; /* In the list of all modules, once vlog_register() has run. */
};

/* Defines the module of this file, before main() runs.  Put a semicolon after it. */
#define VLOG_DEFINE_MODULE(module_name) \
    static struct vlog_module vlog_this_module = {.name = #module_name, \
                                                  .level = VLOG_LEVEL_INFO}; \
    __attribute__((constructor)) static void vlog_register_this_module(void) \
    { \
        vlog_register(&vlog_this_module); \
    } \
    extern struct vlog_module vlog_semicolon_

/* Holds a message to a rate.  Make it static, with VLOG_LIMIT_INIT; any thread may use it. */
struct vlog_limit {
    struct token_bucket bucket; /* 60 tokens are a message; CLOCK_MONOTONIC. */
    uint64_t suppressed;        /* Messages swallowed since the last one that passed. */
};

/* A limit of 'per_minute' messages a minute, at least 1, after a burst of 'burst_'. */
#define VLOG_LIMIT_INIT(per_minute, burst_) \
    {.bucket = {.rate = (per_minute), .burst = (uint64_t) (burst_) * 60, \
                .full_at = INT64_MIN / 4}, \
     .suppressed = 0}

/* Logs a message at the level in the name; arguments are as for printf(). */
#define VLOG_ERR(...)  VLOG_AT_(VLOG_LEVEL_ERR, NULL, __VA_ARGS__)
#define VLOG_WARN(...) VLOG_AT_(VLOG_LEVEL_WARN, NULL, __VA_ARGS__)
#define VLOG_INFO(...) VLOG_AT_(VLOG_LEVEL_INFO, NULL, __VA_ARGS__)
#define VLOG_DBG(...)  VLOG_AT_(VLOG_LEVEL_DBG, NULL, __VA_ARGS__)

/* The same, held to 'limit', a struct vlog_limit pointer. */
#define VLOG_ERR_RL(limit, ...)  VLOG_AT_(VLOG_LEVEL_ERR, limit, __VA_ARGS__)
#define VLOG_WARN_RL(limit, ...) VLOG_AT_(VLOG_LEVEL_WARN, limit, __VA_ARGS__)
#define VLOG_INFO_RL(limit, ...) VLOG_AT_(VLOG_LEVEL_INFO, limit, __VA_ARGS__)
#define VLOG_DBG_RL(limit, ...)  VLOG_AT_(VLOG_LEVEL_DBG, limit, __VA_ARGS__)

/* Would this file's module log at 'level'?  For messages that are dear to make. */
#define VLOG_IS_ENABLED(level_) vlog_is_enabled(&vlog_this_module, level_)

/* For the macros above only. */
#define VLOG_AT_(level_, limit, ...) \
    do { \
        if (vlog_is_enabled(&vlog_this_module, level_)) { \
            vlog_message(&vlog_this_module, level_, limit, __VA_ARGS__); \
        } \
    } while (0)

/* Does 'module' log at 'level'? */
static inline bool vlog_is_enabled(const struct vlog_module *module, enum vlog_level level)
{
    return level <= (enum vlog_level) __atomic_load_n(&module->level, __ATOMIC_RELAXED);
}

/* Adds 'module', which must live for ever, to the modules.  For VLOG_DEFINE_MODULE. */
void vlog_register(struct vlog_module *module);

/* Logs a message of 'module' unless 'limit' (NULL: none) forbids it.  For the macros. */
void vlog_message(const struct vlog_module *module, enum vlog_level level,
                  struct vlog_limit *limit, const char *format, ...) PRINTF_FORMAT(4, 5);

/* Returns the name of 'level': "off", "err", "warn", "info" or "dbg". */
const char *vlog_level_name(enum vlog_level level);

/* Sets the level of all modules named 'module', or of all modules if it is "any".  Returns 0, or
 * ENOENT if there is no such module. */
int vlog_set_level(const char *module, enum vlog_level level);

/* Sets levels as 'spec' says: "LEVEL" or "MODULE:LEVEL", several with commas between them, e.g.
 * "warn,netdev:dbg".  Returns 0; or EINVAL, and changes nothing, with '*error' a text that names
 * the fault, which the caller frees. */
int vlog_parse_level_spec(const char *spec, char **error);

/* Calls 'each' with the name and level of every module, in the order of names, once each. */
void vlog_for_each_module(void (*each)(const char *name, enum vlog_level level, void *aux),
                          void *aux);

/* Destinations.  At first messages go to standard error only. */

/* Sends messages to standard error, or no longer. */
void vlog_set_stderr(bool on);

/* If standard error leads to the system's journal, as the environment's JOURNAL_STREAM says, begins
 * each line there with its priority in syslog's numbers, "<6>", which the journal takes off. */
void vlog_detect_journal(void);

/* Sends messages to syslog as 'program' (kept, not copied), facility daemon; NULL: no longer. */
void vlog_set_syslog(const char *program);

/* Sends messages to the end of the file 'path' too, made if it is not there; NULL: no longer.
 * Returns 0 or an errno; then all stays as it was. */
int vlog_set_file(const char *path);

/* Makes standard error lead to the log file, if there is one, from now on, and messages go there
 * once: for a daemon, so that what others write to standard error at an abort is not lost. */
void vlog_take_stderr(void);

/* Opens the log file, if there is one, again (after it was rotated away).  Returns 0 or an errno;
 * then the old file stays in use. */
int vlog_reopen_file(void);

/* Hands every message to 'sink' instead of the destinations, for tests; NULL: no longer. 'text' is
 * the message alone, borrowed for the call.  The sink must not log. */
void vlog_set_sink(void (*sink)(const char *module, enum vlog_level level, const char *text,
                                void *aux),
                   void *aux);

#endif
