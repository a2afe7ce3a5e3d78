/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket: sessions, lines, and what is not a command in them. */
#include "ofproto/control.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/workers.h"
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
    TURN_REQUESTS = 16,      /* Requests of a session that are answered in a turn of the loop, */
    TURN_BYTES = 1 << 16,    /* unless their answers are so many bytes before that. */
};

struct control {
    struct control_env env;           /* For the commands. */
    struct stream_listener *listener; /* Owned. */
    struct list sessions;             /* struct session. */
    struct list waiting;              /* Those that wait; who waits longest is first. */
};

/* Somebody who is connected. */
struct session {
    struct list node;        /* In control->sessions. */
    struct control *control; /* Owner. */
    struct stream *stream;   /* Owned. */
    struct bytes input;      /* Lines to be answered, and the start of one. */
    struct list waiting;     /* In control->waiting, or alone. */
    struct bytes *answer;    /* To be sent when it has waited; NULL none.  Owned. */
};

/* Answers ------------------------------------------------------------------------------------- */

/* The line {'key': 'value'}; takes ownership of 'value'. */
static struct bytes *answer(const char *key, json_t *value)
{
    json_t *object = json_pack("{s:o}", key, value);
    char *text = json_dumps(object, JSON_COMPACT);
    struct bytes *line = bytes_create(0);
    bytes_printf(line, "%s\n", text);
    free(text);
    json_decref(object);
    return line;
}

/* The answer that the request is wrong; frees 'error'. */
static struct bytes *answer_error(char *error)
{
    json_t *text = json_string(error);
    free(error);
    return answer("error", text ? text : json_string("the request has words that are no UTF-8"));
}

/* Does what a request says. */
static struct bytes *answer_request(const struct control_env *env, const json_t *request)
{
    const char *words[WORDS_MAX];
    char *error = NULL;
    size_t n = json_array_size(request);
    if (n > WORDS_MAX) {
        return answer_error(xasprintf("a request has %d words at most", WORDS_MAX));
    }
    for (size_t i = 0; i < n; i++) {
        words[i] = json_string_value(json_array_get(request, i));
        if (!words[i]) {
            return answer_error(xstrdup("a request is an array of strings, and nothing else"));
        }
    }
    json_t *result = control_run(env, n, words, &error);
    assert(result || error || workers_are_closing(env->workers));
    return result ? answer("result", result) : error ? answer_error(error) : NULL;
}

struct bytes *control_answer(const struct control_env *env, const char *line, size_t size)
{
    json_error_t fault;
    json_t *request = json_loadb(line, size, 0, &fault);
    struct bytes *out = json_is_array(request)
                            ? answer_request(env, request)
                            : answer_error(xasprintf("a request is a line with a JSON array of "
                                                     "words, as [\"help\"]%s%s",
                                                     request ? "" : ": ",
                                                     request ? "" : fault.text));
    json_decref(request);
    return out;
}

/* Sessions ------------------------------------------------------------------------------------- */

static void session_destroy(struct session *s)
{
    list_remove(&s->node);
    list_remove(&s->waiting);
    bytes_destroy(s->answer);
    stream_destroy(s->stream);
    bytes_uninit(&s->input);
    free(s);
}

/* Whether 's' rests until all ports that were removed are closed. */
static bool is_waiting(const struct session *s)
{
    return !list_is_empty(&s->waiting);
}

/* The end of the first line of the input; NULL if there is no whole one. */
static const uint8_t *line_end(const struct session *s)
{
    return s->input.size ? memchr(s->input.data, '\n', s->input.size) : NULL;
}

/* Lets 's' rest until all ports that were removed are closed, and then send 'answer', if any. */
static void session_wait(struct session *s, struct bytes *answer)
{
    s->answer = answer;
    list_push_back(&s->control->waiting, &s->waiting);
}

/* Answers the first line, which ends at 'end', or has 's' wait. Returns the size of the answer. */
static size_t answer_line(struct session *s, const uint8_t *end)
{
    const struct control_env *env = &s->control->env;
    size_t size = end - s->input.data;
    bool was_closing = workers_are_closing(env->workers);
    struct bytes *line = control_answer(env, (const char *) s->input.data, size);
    if (!line) {
        session_wait(s, NULL);
        return 0;
    }
    size_t answer_size = line->size;
    bytes_pull(&s->input, size + 1);
    if (!was_closing && workers_are_closing(env->workers)) {
        session_wait(s, line);
    } else {
        stream_send(s->stream, line);
    }
    return answer_size;
}

/* Answers as many lines as the turn has time for and the peer reads the answers of. The rest is
 * for later; nothing more is read before that. May destroy 's'. */
static void session_run(struct session *s)
{
    size_t bytes = 0;
    const uint8_t *end = line_end(s);
    for (int n = 0; end && !is_waiting(s) && n < TURN_REQUESTS && bytes < TURN_BYTES
                    && stream_backlog(s->stream) <= BACKLOG_MAX; n++) {
        bytes += answer_line(s, end);
        end = line_end(s);
    }
    bool rests = is_waiting(s) || stream_backlog(s->stream) > BACKLOG_MAX;
    stream_pause(s->stream, end || rests);
    if (end && !rests) {
        stream_wake(s->stream);
    } else if (!end && !rests && s->input.size > LINE_MAX_SIZE) {
        static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
        VLOG_WARN_RL(&limit, "a request of more than %d bytes came: the session is closed",
                     LINE_MAX_SIZE);
        session_destroy(s);
    }
}

static void session_received(void *aux, const uint8_t *data, size_t size)
{
    struct session *s = aux;
    bytes_put(&s->input, data, size);
    session_run(s);
}

/* There is time, or room, for more answers. */
static void session_goes_on(void *aux)
{
    session_run(aux);
}

static void session_closed(void *aux, int error UNUSED, const char *reason UNUSED)
{
    session_destroy(aux);
}

static const struct stream_handlers session_handlers = {
    .received = session_received,
    .drained = session_goes_on,
    .woken = session_goes_on,
    .closed = session_closed,
};

void control_go_on(struct control *control)
{
    while (control && !list_is_empty(&control->waiting)
           && !workers_are_closing(control->env.workers)) {
        struct list *first = list_pop_front(&control->waiting);
        struct session *s = CONTAINER_OF(first, struct session, waiting);
        if (s->answer) {
            stream_send(s->stream, s->answer);
            s->answer = NULL;
        }
        session_run(s);
    }
}

/* Somebody connected. */
static void accept_session(void *aux, struct stream *stream)
{
    struct control *control = aux;
    struct session *s = xzalloc(sizeof *s);
    s->control = control;
    s->stream = stream;
    list_init(&s->waiting);
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
    list_init(&c->waiting);
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
