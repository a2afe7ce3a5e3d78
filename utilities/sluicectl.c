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
#include "lib/util.h"
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

/* Prints "sluicectl: ERROR", frees it, and returns the exit code. */
static int fail(char *error)
{
    fflush(stdout);
    fprintf(stderr, "sluicectl: %s\n", error);
    free(error);
    return CMDL_FAILED;
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

/* Printing -------------------------------------------------------------------------------------
 *
 * The text form of any answer: a member a line, what is inside it below it and further to the
 * right.  Arrays of objects are told one object a line if they have nothing inside. */

static void print_value(const json_t *value, int indent);

/* A word: a string without quotes, a number, a boolean, null, or a list of such with commas. */
static void print_word(const json_t *value)
{
    const char *separator = "";
    json_t *member;
    size_t i;
    json_array_foreach (value, i, member) {
        printf("%s", separator);
        print_word(member);
        separator = ",";
    }
    if (!json_is_array(value)) {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
        printf("%s", text ? text : json_string_value(value));
        free(text);
    }
}

/* Can it be printed as a word? */
static bool is_word(const json_t *value)
{
    json_t *member;
    size_t i;
    json_array_foreach (value, i, member) {
        if (json_is_object(member) || json_is_array(member)) {
            return false;
        }
    }
    return !json_is_object(value);
}

/* True if all members of the object are words. */
static bool is_flat(json_t *object)
{
    const char *key;
    json_t *member;
    json_object_foreach (object, key, member) {
        if (!is_word(member)) {
            return false;
        }
    }
    return true;
}

/* "name=value name=value". */
static void print_flat(json_t *object)
{
    const char *key, *separator = "";
    json_t *member;
    json_object_foreach (object, key, member) {
        printf("%s%s=", separator, key);
        print_word(member);
        separator = " ";
    }
    putchar('\n');
}

/* "name: value", or "name:" and what is inside below. */
static void print_member(const char *key, json_t *value, int indent)
{
    printf("%*s%s:", indent, "", key);
    if (is_word(value)) {
        putchar(' ');
        print_word(value);
        putchar('\n');
    } else {
        putchar('\n');
        print_value(value, indent + 4);
    }
}

/* An element of an array: flat ones are a line, others begin with their first member. */
static void print_element(json_t *value, int indent)
{
    if (is_word(value)) {
        printf("%*s", indent, "");
        print_word(value);
        putchar('\n');
    } else if (is_flat(value)) {
        printf("%*s", indent, "");
        print_flat(value);
    } else {
        const char *key;
        json_t *member;
        int in = indent;
        json_object_foreach (value, key, member) {
            print_member(key, member, in);
            in = indent + 4;
        }
    }
}

static void print_value(const json_t *value, int indent)
{
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach ((json_t *) value, key, member) {
        print_member(key, member, indent);
    }
    json_array_foreach (value, i, member) {
        print_element(member, indent);
    }
    if (is_word(value) && !json_is_array(value) && !json_is_null(value)) {
        printf("%*s", indent, "");
        print_word(value);
        putchar('\n');
    }
}

/* The list of commands, in two columns. */
static void print_commands(const json_t *list)
{
    json_t *row;
    size_t i;
    json_array_foreach (list, i, row) {
        char *left = xasprintf("%s %s", json_string_value(json_object_get(row, "command")),
                               json_string_value(json_object_get(row, "arguments")));
        printf("%-38s %s\n", left, json_string_value(json_object_get(row, "help")));
        free(left);
    }
}

/* The string that 'object' has as 'key'; "" if there is none. */
static const char *string_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* " WORD RATE" if the member 'key' is there, with the largest suffix that keeps it whole. */
static void print_rate(const char *word, const json_t *object, const char *key)
{
    static const struct {
        json_int_t factor; /* Multiplier. */
        const char *text;  /* Suffix. */
    } suffixes[] = {{1000000000, "G"}, {1000000, "M"}, {1000, "k"}, {1, ""}};
    const json_t *member = json_object_get(object, key);
    json_int_t rate = json_integer_value(member);
    size_t i = 0;
    while (rate % suffixes[i].factor) {
        i++;
    }
    if (json_is_integer(member)) {
        printf(" %s %" JSON_INTEGER_FORMAT "%s", word, rate / suffixes[i].factor, suffixes[i].text);
    }
}

/* The cap and the queues of a port, if it has some. */
static void print_queues(const json_t *queues)
{
    const json_t *queue;
    size_t i;
    if (json_is_integer(json_object_get(queues, "max_rate"))) {
        printf(",");
        print_rate("max-rate", queues, "max_rate");
    }
    json_array_foreach (json_object_get(queues, "queues"), i, queue) {
        printf(", queue %" JSON_INTEGER_FORMAT,
               json_integer_value(json_object_get(queue, "queue")));
        print_rate("min-rate", queue, "min_rate");
        print_rate("max-rate", queue, "max_rate");
        if (json_is_integer(json_object_get(queue, "limit"))) {
            printf(" limit %" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(queue, "limit")));
        }
    }
}

/* A line for a port. */
static void print_port(const json_t *port)
{
    printf("    port %" JSON_INTEGER_FORMAT " (%s): %s, addr %s, link %s",
           json_integer_value(json_object_get(port, "port_no")), string_of(port, "name"),
           string_of(port, "type"), string_of(port, "addr"), string_of(port, "link"));
    const json_t *config = json_object_get(port, "config");
    printf("%s", json_array_size(config) ? ", " : "");
    print_word(config);
    const json_t *tree = json_object_get(port, "spanning_tree");
    if (json_is_object(tree)) {
        printf(", %s %s, cost %" JSON_INTEGER_FORMAT, string_of(tree, "role"),
               string_of(tree, "state"), json_integer_value(json_object_get(tree, "cost")));
    }
    const json_t *vlan = json_object_get(port, "vlan");
    if (json_is_object(vlan)) {
        printf(", %s", string_of(vlan, "mode"));
        if (json_object_get(vlan, "tag")) {
            printf(" %" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(vlan, "tag")));
        }
        const json_t *trunk;
        size_t i;
        json_array_foreach (json_object_get(vlan, "trunks"), i, trunk) {
            printf("%s%" JSON_INTEGER_FORMAT, i ? "+" : " trunks ", json_integer_value(trunk));
        }
    }
    print_queues(json_object_get(port, "queues"));
    putchar('\n');
}

/* A line for the spanning tree, if there is one. */
static void print_tree(const json_t *tree)
{
    if (!json_is_object(tree)) {
        return;
    }
    printf("    spanning tree: %s, bridge %s, root %s", string_of(tree, "protocol"),
           string_of(tree, "bridge_id"), string_of(tree, "root_id"));
    if (json_integer_value(json_object_get(tree, "root_port"))) {
        printf(" at cost %" JSON_INTEGER_FORMAT " by port %" JSON_INTEGER_FORMAT "\n",
               json_integer_value(json_object_get(tree, "root_cost")),
               json_integer_value(json_object_get(tree, "root_port")));
    } else {
        puts(" (this one)");
    }
}

/* The bridges, each with a line for itself, its ports and its controllers. */
static void print_bridges(const json_t *result)
{
    json_t *bridge, *member;
    size_t i, j;
    json_array_foreach (json_object_get(result, "bridges"), i, bridge) {
        printf("bridge %s: datapath id %s, fail mode %s%s, %" JSON_INTEGER_FORMAT " rules\n",
               string_of(bridge, "name"), string_of(bridge, "datapath_id"),
               string_of(bridge, "fail_mode"),
               json_is_true(json_object_get(bridge, "is_standalone")) ? " (on its own now)" : "",
               json_integer_value(json_object_get(bridge, "rules")));
        print_tree(json_object_get(bridge, "spanning_tree"));
        json_array_foreach (json_object_get(bridge, "ports"), j, member) {
            print_port(member);
        }
        json_array_foreach (json_object_get(bridge, "listeners"), j, member) {
            printf("    listens at %s\n", json_string_value(member));
        }
        json_array_foreach (json_object_get(bridge, "controllers"), j, member) {
            const char *rights = json_string_value(json_object_get(member, "rights"));
            printf("    controller %s: %s, role %s%s%s\n", string_of(member, "target"),
                   string_of(member, "state"), string_of(member, "role"),
                   rights ? ", rights " : "", rights ? rights : "");
        }
    }
}

/* Answers that have a text of their own. */
static const struct {
    const char *command;                 /* First word of the request. */
    void (*print)(const json_t *result); /* How it is printed. */
} printers[] = {{"help", print_commands}, {"show", print_bridges}};

/* Prints a result as text. */
static void print_text(const char *command, const json_t *result)
{
    for (size_t i = 0; i < ARRAY_SIZE(printers); i++) {
        if (!strcmp(command, printers[i].command)) {
            printers[i].print(result);
            return;
        }
    }
    print_value(result, 0);
}

/* Prints the answer and returns the exit code. */
static int print_answer(const struct settings *s, const char *command, json_t *answer)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    const json_t *result = json_object_get(answer, "result");
    if (error) {
        return fail(xstrdup(error));
    }
    if (s->wants_json) {
        json_dumpf(result, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
        putchar('\n');
    } else {
        print_text(command, result);
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
    int result = answer ? print_answer(s, words[0], answer) : fail(error);
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
    json_set_alloc_funcs(xmalloc, free);
    int result = cmdl_parse(options, ARRAY_SIZE(options), argc, argv, &s, &first, &error);
    if (!result && s.wants_help) {
        cmdl_print_help(stdout, "sluicectl", "[OPTION]... COMMAND [ARGUMENT]...", options,
                        ARRAY_SIZE(options), NULL, 0);
        puts("\n\"sluicectl help\" asks the running sluiced for its commands.");
    } else if (!result && s.wants_version) {
        puts("sluicectl (Sluice) " PACKAGE_VERSION);
    } else if (!result && first == argc) {
        error = xstrdup("give a command: show is one, and \"sluicectl help\" lists them");
        result = CMDL_USAGE;
    } else if (!result) {
        result = run(&s, argc - first, argv + first);
    }
    if (error) {
        fprintf(stderr, "sluicectl: %s\n", error);
        free(error);
    }
    return result;
}
