/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl: asks and changes a running sluiced over its control socket. */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "lib/cmdl.h"
#include "lib/daemon.h"
#include "lib/util.h"
#include "utilities/ctl-print.h"
#include "utilities/run-dir.h"

enum { TIMEOUT_SEC = 10 /* Seconds that an answer may take, if --timeout does not say. */ };

/* What the options say. */
struct settings {
    const char *ctl;     /* --ctl, or NULL. */
    const char *run_dir; /* --run-dir, or NULL. */
    uint64_t timeout;    /* --timeout, seconds. */
    bool wants_json;     /* --json. */
    bool wants_help;     /* --help. */
    bool wants_version;  /* --version. */
};

/* Prints "sluicectl: ERROR", frees it, and returns 'code'. */
static int fail(int code, char *error)
{
    fflush(stdout);
    str_tame(error);
    fprintf(stderr, "sluicectl: %s\n", error);
    free(error);
    return code;
}

/* Talking -------------------------------------------------------------------------------------- */

/* Connects to the control socket 'path'.  Returns a descriptor, or -1 with '*error'. */
static int dial(const char *path, uint64_t timeout, char **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval limit = {.tv_sec = (time_t) timeout};
    if (strlen(path) >= sizeof address.sun_path) {
        *error = xasprintf("%s: the path is too long for a socket", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof address)) {
        *error = xasprintf("%s: %s; is sluiced running, and with this --run-dir or --ctl?", path,
                           strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* Writes all of 'text'. */
static bool send_all(int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t n = send(fd, text, size, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        text += n;
        size -= (size_t) n;
    }
    return true;
}

/* The time, nanoseconds of CLOCK_MONOTONIC. */
static int64_t time_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SEC + t.tv_nsec;
}

/* Receives until 'deadline'.  Returns how many bytes, or -1 with errno: EAGAIN if it is past. */
static ssize_t receive(int fd, char *chunk, size_t size, int64_t deadline)
{
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    int64_t left = (deadline - time_now()) / MSEC;
    if (left < 0 || poll(&pollfd, 1, (int) left) == 0) {
        errno = EAGAIN;
        return -1;
    }
    ssize_t n = recv(fd, chunk, size, 0);
    errno = n ? errno : ECONNRESET;
    return n ? n : -1;
}

/* Reads one line into 'line', or what has come of it when it can't be an object. */
static bool receive_line(int fd, struct bytes *line, uint64_t timeout)
{
    int64_t deadline = time_now() + (int64_t) timeout * SEC;
    char chunk[4096];
    while (!line->size || (line->data[0] == '{' && line->data[line->size - 1] != '\n')) {
        ssize_t n = receive(fd, chunk, sizeof chunk, deadline);
        if (n < 0) {
            return false;
        }
        bytes_put(line, chunk, (size_t) n);
    }
    return true;
}

/* Sends the words and returns the answer, an object; NULL with '*error'. */
static json_t *ask(int fd, const char *path, uint64_t timeout, int n, char *words[], char **error)
{
    json_t *request = json_array();
    for (int i = 0; i < n; i++) {
        if (json_array_append_new(request, json_string(words[i]))) {
            *error = xasprintf("\"%s\" is no UTF-8", words[i]);
            json_decref(request);
            return NULL;
        }
    }
    char *text = json_dumps(request, JSON_COMPACT);
    struct bytes line = BYTES_INIT;
    json_t *answer = NULL;
    bytes_printf(&line, "%s\n", text);
    bool sent = send_all(fd, (char *) line.data, line.size);
    bytes_clear(&line);
    if (!sent || !receive_line(fd, &line, timeout)) {
        *error = xasprintf("%s: no answer: %s", path,
                           errno == EAGAIN ? "it takes too long; raise --timeout"
                                           : strerror(errno));
    } else if (!(answer = json_loadb((char *) line.data, line.size, 0, NULL))) {
        *error = xasprintf("%s: the answer is no JSON; give the control socket of a sluiced, "
                           "RUNDIR/sluiced.ctl", path);
    }
    bytes_uninit(&line);
    json_decref(request);
    free(text);
    return answer;
}

/* Answers -------------------------------------------------------------------------------------- */

/* Prints the answer and returns the exit code. */
static int print_answer(const struct settings *s, const char *command, json_t *answer)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    json_t *result = json_object_get(answer, "result");
    if (error) {
        return fail(CMDL_FAILED, xstrdup(error));
    }
    if (s->wants_json) {
        json_dumpf(result, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
        putchar('\n');
    } else {
        ctl_print(command, result);
    }
    return CMDL_OK;
}

/* Command line --------------------------------------------------------------------------------- */

CMDL_DEFINE_SET_STRING(ctl, struct settings, ctl)
CMDL_DEFINE_SET_STRING(run_dir, struct settings, run_dir)
CMDL_DEFINE_SET_FLAG(json, struct settings, wants_json)
CMDL_DEFINE_SET_FLAG(help, struct settings, wants_help)
CMDL_DEFINE_SET_FLAG(version, struct settings, wants_version)

static int set_timeout(void *aux, const char *value, char **error)
{
    struct settings *s = aux;
    if (!str_to_uint(value, 10, 86400, &s->timeout) || !s->timeout) {
        *error = xasprintf("%s is no time: give a number of seconds, 1 to 86400", value);
        return EINVAL;
    }
    return 0;
}

static const struct cmdl_option options[] = {
    {"ctl", 0, "FILE", "control socket (default RUNDIR/sluiced.ctl)", set_ctl},
    {"run-dir", 0, "DIR", "where sluiced keeps its sockets", set_run_dir},
    {"timeout", 't', "SECS", "give up after SECS seconds (default 10)", set_timeout},
    {"json", 0, NULL, "print the answer as JSON", set_json},
    {"help", 'h', NULL, "show this help", set_help},
    {"version", 'V', NULL, "show the version", set_version},
};

/* Asks the daemon what the words say. */
static int run(const struct settings *s, int n, char *words[])
{
    char *run_dir = s->run_dir ? xstrdup(s->run_dir) : run_dir_default();
    char *path = s->ctl ? xstrdup(s->ctl) : xasprintf("%s/sluiced.ctl", run_dir);
    char *error = NULL;
    int fd = dial(path, s->timeout, &error);
    json_t *answer = fd >= 0 ? ask(fd, path, s->timeout, n, words, &error) : NULL;
    int result = answer ? print_answer(s, words[0], answer) : fail(CMDL_FAILED, error);
    if (fd >= 0) {
        close(fd);
    }
    json_decref(answer);
    free(path);
    free(run_dir);
    return result;
}

int main(int argc, char *argv[])
{
    struct settings s = {.timeout = TIMEOUT_SEC};
    char *error = NULL;
    int first;
    daemon_fill_standard_files();
    json_set_alloc_funcs(xmalloc, free);
    int result = cmdl_parse(options, ARRAY_SIZE(options), argc, argv, &s, &first, &error);
    if (!result && s.wants_help) {
        cmdl_print_help(stdout, "sluicectl", "[OPTION]... COMMAND [ARGUMENT]...", options,
                        ARRAY_SIZE(options), NULL, 0);
        puts("\n\"sluicectl help\" asks the running sluiced for its commands.");
    } else if (!result && s.wants_version) {
        puts("sluicectl (Sluice) " PACKAGE_VERSION);
    } else if (!result && first == argc) {
        result = fail(CMDL_USAGE, xstrdup("give a command: show is one, and \"sluicectl help\" "
                                          "lists them"));
    } else if (!result) {
        result = run(&s, argc - first, argv + first);
    }
    if (error) {
        fail(result, error);
    }
    return cmdl_finish("sluicectl", result);
}
