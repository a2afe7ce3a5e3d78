/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket: sessions, lines, and what is not a command in them. */
#include "ofproto/control.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/channel/stream.h"
#include "lib/list.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(control);

enum {
    LINE_MAX_SIZE = 1 << 16, /* Bytes of a request at most. */
    BACKLOG_MAX = 1 << 20,   /* Bytes of answers that may wait before we stop reading. */
    WORDS_MAX = 64,          /* Words of a request at most. */
};

struct control {
    struct control_env env;           /* For the commands. */
    struct stream_listener *listener; /* Owned. */
    struct list sessions;             /* struct session. */
};

/* Somebody who is connected. */
struct session {
    struct list node;        /* In control->sessions. */
    struct control *control; /* Owner. */
    struct stream *stream;   /* Owned. */
    struct bytes input;      /* The start of a line. */
};

static void session_destroy(struct session *s)
{
    list_remove(&s->node);
    stream_destroy(s->stream);
    bytes_uninit(&s->input);
    free(s);
}

/* Sends {'key': 'value'} and takes ownership of 'value'. */
static void answer(struct session *s, const char *key, json_t *value)
{
    json_t *object = json_pack("{s:o}", key, value);
    char *text = json_dumps(object, JSON_COMPACT);
    struct bytes *line = bytes_create(0);
    bytes_printf(line, "%s\n", text);
    stream_send(s->stream, line);
    free(text);
    json_decref(object);
}

/* Answers that the request is wrong; frees 'error'. */
static void answer_error(struct session *s, char *error)
{
    json_t *text = json_string(error);
    answer(s, "error", text ? text : json_string("the request has words that are no UTF-8"));
    free(error);
}

/* Does what a request says and answers it. */
static void handle_request(struct session *s, const json_t *request)
{
    const char *words[WORDS_MAX];
    char *error = NULL;
    size_t n = json_array_size(request);
    if (n > WORDS_MAX) {
        answer_error(s, xasprintf("a request has %d words at most", WORDS_MAX));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        words[i] = json_string_value(json_array_get(request, i));
        if (!words[i]) {
            answer_error(s, xstrdup("a request is an array of strings, and nothing else"));
            return;
        }
    }
    json_t *result = control_run(&s->control->env, n, words, &error);
    if (result) {
        answer(s, "result", result);
    } else {
        answer_error(s, error);
    }
}

/* Reads one line. */
static void handle_line(struct session *s, const char *line, size_t size)
{
    json_error_t fault;
    json_t *request = json_loadb(line, size, 0, &fault);
    if (!json_is_array(request)) {
        answer_error(s, xasprintf("a request is a line with a JSON array of words, as "
                                  "[\"help\"]%s%s", request ? "" : ": ",
                                  request ? "" : fault.text));
    } else {
        handle_request(s, request);
    }
    json_decref(request);
}

/* Takes the whole lines off the input. */
static void handle_input(struct session *s)
{
    const uint8_t *end;
    while ((end = s->input.size ? memchr(s->input.data, '\n', s->input.size) : NULL)) {
        size_t size = end - s->input.data;
        handle_line(s, (const char *) s->input.data, size);
        bytes_pull(&s->input, size + 1);
    }
    stream_pause(s->stream, stream_backlog(s->stream) > BACKLOG_MAX);
}

static void session_received(void *aux, const uint8_t *data, size_t size)
{
    struct session *s = aux;
    bytes_put(&s->input, data, size);
    handle_input(s);
    if (s->input.size > LINE_MAX_SIZE) {
        VLOG_WARN("a request of more than %d bytes came: the session is closed", LINE_MAX_SIZE);
        session_destroy(s);
    }
}

static void session_drained(void *aux)
{
    struct session *s = aux;
    stream_pause(s->stream, false);
}

static void session_closed(void *aux, int error UNUSED, const char *reason UNUSED)
{
    session_destroy(aux);
}

static const struct stream_handlers session_handlers = {
    .received = session_received,
    .drained = session_drained,
    .closed = session_closed,
};

/* Somebody connected. */
static void accept_session(void *aux, struct stream *stream)
{
    struct control *control = aux;
    struct session *s = xzalloc(sizeof *s);
    s->control = control;
    s->stream = stream;
    list_push_back(&control->sessions, &s->node);
    stream_set_handlers(stream, &session_handlers, s);
}

int control_create(const struct control_env *env, const char *path, struct control **control,
                   char **error)
{
    struct control *c = xzalloc(sizeof *c);
    json_set_alloc_funcs(xmalloc, free);
    char *name = xasprintf("punix:%s", path);
    c->env = *env;
    list_init(&c->sessions);
    int err = stream_listen(env->channel, name, 0, accept_session, c, &c->listener, error);
    free(name);
    if (err) {
        free(c);
    } else {
        *control = c;
    }
    return err;
}

void control_destroy(struct control *control)
{
    if (control) {
        stream_listener_destroy(control->listener);
        while (!list_is_empty(&control->sessions)) {
            session_destroy(CONTAINER_OF(control->sessions.next, struct session, node));
        }
        free(control);
    }
}
