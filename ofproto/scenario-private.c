/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the scenarios share: failures, subjects by name, commands by word. */
#include "ofproto/scenario-private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath.h"
#include "lib/util.h"
#include "ofproto/scenario-text.h"

/* Failures ------------------------------------------------------------------------------------- */

int scenario_fail(struct scenario *s, const char *format, ...)
{
    va_list args;
    int64_t ms = world_now(&s->world) / MSEC;
    va_start(args, format);
    char *what = xvasprintf(format, args);
    va_end(args);
    free(s->error);
    s->error = xasprintf("%s:%u: at %lld.%03d s: %s", s->path, s->line, (long long) ms / 1000,
                         (int) (ms % 1000), what);
    free(what);
    return EINVAL;
}

int scenario_check(struct scenario *s, int err, char **error)
{
    if (err) {
        scenario_fail(s, "%s", error && *error ? *error : strerror(err));
    }
    if (err && error) {
        free(*error);
        *error = NULL;
    }
    return err;
}

int scenario_number(struct scenario *s, const char *word, uint64_t max, uint64_t *n)
{
    return str_to_uint(word, 0, max, n)
               ? 0
               : scenario_fail(s, "\"%s\" is no number up to %llu", word,
                               (unsigned long long) max);
}

/* Subjects ------------------------------------------------------------------------------------- */

static const char *const kind_names[] = {
    [SUBJECT_NONE] = "port, controller, service or bridge",
    [SUBJECT_BRIDGE] = "bridge",
    [SUBJECT_PORT] = "port",
    [SUBJECT_PEER] = "controller or service",
};

/* What can have a name, in the order in which names are looked for. */
static const enum subject_kind named_kinds[] = {SUBJECT_PORT, SUBJECT_PEER, SUBJECT_BRIDGE};

/* The peer called 'name', or NULL. */
static struct peer *find_peer(const struct scenario *s, const char *name)
{
    struct peer *p;
    LIST_FOR_EACH (p, node, &s->peers) {
        if (!strcmp(p->name, name)) {
            return p;
        }
    }
    return NULL;
}

/* Fills in 'subject' with what is called 'name' and of 'kind'. */
static bool find_of_kind(const struct scenario *s, enum subject_kind kind, const char *name,
                         struct subject *subject)
{
    void *found = kind == SUBJECT_PORT   ? (void *) world_find_port(&s->world, name)
                  : kind == SUBJECT_PEER ? (void *) find_peer(s, name)
                                         : (void *) world_find_bridge(&s->world, name);
    *subject = (struct subject){.kind = kind};
    subject->bridge = found;
    return found != NULL;
}

int scenario_find(struct scenario *s, enum subject_kind kind, const char *name,
                  struct subject *subject)
{
    for (size_t i = 0; i < ARRAY_SIZE(named_kinds); i++) {
        if ((kind == SUBJECT_NONE || kind == named_kinds[i])
            && find_of_kind(s, named_kinds[i], name, subject)) {
            return 0;
        }
    }
    return scenario_fail(s, "there is no %s called \"%s\"", kind_names[kind], name);
}

int scenario_take_bridge(struct scenario *s, char **text, struct world_bridge **b)
{
    struct subject subject;
    const char *name = text_word(text);
    int err = scenario_find(s, SUBJECT_BRIDGE, name ? name : "", &subject);
    *b = err ? NULL : subject.bridge;
    return err;
}

/* ofp_parse: the number of a port by its name. */
static bool look_up_port(void *bridge, const char *name, uint16_t *port)
{
    *port = datapath_port_find(world_datapath(bridge), name);
    return *port != 0;
}

struct ofp_parse scenario_parse_how(const struct world_bridge *b)
{
    return (struct ofp_parse){.port_lookup = look_up_port, .aux = (void *) (uintptr_t) b};
}

/* Buffers -------------------------------------------------------------------------------------- */

const struct scenario_buffer *scenario_find_buffer(const struct scenario *s, const char *name)
{
    const struct scenario_buffer *buffer;
    LIST_FOR_EACH (buffer, node, &s->buffers) {
        if (!strcmp(buffer->name, name)) {
            return buffer;
        }
    }
    return NULL;
}

void scenario_name_buffer(struct scenario *s, const char *name, uint32_t id)
{
    struct scenario_buffer *buffer = xzalloc(sizeof *buffer);
    buffer->name = xstrdup(name);
    buffer->id = id;
    list_push_back(&s->buffers, &buffer->node);
}

/* Commands ------------------------------------------------------------------------------------- */

/* Fails the line: there is no such word for things like 'subject'. */
static int no_command(struct scenario *s, const struct scenario_table *tables, size_t n,
                      const struct subject *subject, const char *word)
{
    struct bytes words = BYTES_INIT;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < tables[i].n; j++) {
            const struct scenario_command *command = &tables[i].commands[j];
            if (command->kind == subject->kind) {
                bytes_printf(&words, "%s%s", words.size ? ", " : "", command->name);
            }
        }
    }
    int err = scenario_fail(s, "unknown word \"%s\"; here can stand: %s", word ? word : "",
                            bytes_string(&words));
    bytes_uninit(&words);
    return err;
}

/* The command 'word' about things of 'kind', or NULL. */
static const struct scenario_command *find_command(const struct scenario_table *tables, size_t n,
                                                   enum subject_kind kind, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < tables[i].n; j++) {
            const struct scenario_command *command = &tables[i].commands[j];
            if (command->kind == kind && !strcmp(command->name, word)) {
                return command;
            }
        }
    }
    return NULL;
}

int scenario_dispatch(struct scenario *s, const struct scenario_table *tables, size_t n,
                      const struct subject *subject, char *text)
{
    const char *word = text_word(&text);
    const struct scenario_command *command =
        find_command(tables, n, subject->kind, word ? word : "");
    return command ? command->run(s, subject, text) : no_command(s, tables, n, subject, word);
}

/* A bridge and its LOCAL port have the same name: the word tells which is meant. */
int scenario_dispatch_by_name(struct scenario *s, const struct scenario_table *tables, size_t n,
                              char *text)
{
    struct subject subject;
    const char *name = text_word(&text);
    char *rest = text;
    char *word = text_word(&rest);
    for (size_t i = 0; name && word && i < ARRAY_SIZE(named_kinds); i++) {
        const struct scenario_command *command = find_command(tables, n, named_kinds[i], word);
        if (command && find_of_kind(s, named_kinds[i], name, &subject)) {
            return command->run(s, &subject, rest);
        }
    }
    int err = scenario_find(s, SUBJECT_NONE, name ? name : "", &subject);
    return err ? err : no_command(s, tables, n, &subject, word);
}
