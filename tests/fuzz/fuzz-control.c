/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile lines to the control socket of a switch in simulation. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/control.h"
#include "ofproto/scenario-world.h"
#include "tests/fuzz/fuzz.h"
#include "utilities/ctl-print.h"

/* An input is lines, each a request; a second of virtual time is between them. What is asked for
 * must not reach beyond the simulation: such lines are left out. Each answer is printed as
 * sluicectl does, to nowhere. */
enum {
    LINES_MAX = 100, /* Lines of an input. */
    N_BRIDGES = 2,   /* Bridges. */
};

const uint64_t fuzz_mutations = 40;

/* True if 'word' names a device in memory or a patch port, and no file. */
static bool is_harmless_port(const char *word)
{
    const char *type = strstr(word, "type=");
    return type && (!strncmp(type, "type=memory", 11) || !strncmp(type, "type=patch", 10))
           && !strstr(type + 1, "type") && !strstr(word, "in=") && !strstr(word, "out=");
}

/* True if the request may be made here. */
static bool is_harmless(const json_t *request)
{
    const char *first = json_string_value(json_array_get(request, 0));
    const char *second = json_string_value(json_array_get(request, 1));
    const char *last = json_string_value(json_array_get(request, 3));
    if (!first || !second || strcmp(second, "add")) {
        return true;
    }
    return last && (is_harmless_port(last) || !strncmp(last, "memory:", 7)
                    || !strncmp(last, "pmemory:", 8));
}

/* Looks at the answer 'text': an object with just one member. */
static void check_answer(const char *words[2], const struct bytes *text)
{
    json_t *object = json_loadb((const char *) text->data, text->size, 0, NULL);
    const json_t *error = json_object_get(object, "error");
    promise(json_object_size(object) == 1 && text->data[text->size - 1] == '\n');
    promise(!memchr(text->data, '\n', text->size - 1));
    promise(error ? json_string_length(error) > 0 : json_object_get(object, "result") != NULL);
    ctl_print(words[0] ? words[0] : "", json_object_get(object, "result"));
    json_decref(object);
}

static void run_line(const struct control_env *env, const char *line, size_t size)
{
    json_t *request = json_loadb(line, size, 0, NULL);
    if (is_harmless(request)) {
        const char *words[2] = {json_string_value(json_array_get(request, 0)),
                                json_string_value(json_array_get(request, 1))};
        struct bytes *answer = control_answer(env, line, size);
        check_answer(words, answer);
        bytes_destroy(answer);
    }
    json_decref(request);
}

/* Makes the bridges with a port and a controller each. */
static void make_bridges(struct world *w, struct bridge *bridges[])
{
    static const char *const names[N_BRIDGES] = {"br0", "br1"};
    for (size_t i = 0; i < N_BRIDGES; i++) {
        struct bridge_config config;
        char *error = NULL;
        bridge_config_init(&config, names[i]);
        config.no_local = true;
        config.stp.is_on = i == 1;
        promise(!stp_settings_parse(i ? "rstp" : "no", &config.stp, &error));
        promise(!world_add_bridge(w, &config, i == 0, 5 * SEC, 8 * SEC, &error));
        struct world_bridge *b = world_find_bridge(w, names[i]);
        promise(!world_add_port(w, b, i ? "q1,queue=1:min-rate=1M,max-rate=9M" : "p1,tag=5", 0,
                                &error));
        promise(!world_add_controller(b, "memory:c1,flows=3", &error));
        bridges[i] = b->bridge;
        bridge_config_uninit(&config);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_quiet;
    struct world w;
    struct bridge *bridges[N_BRIDGES];
    vlog_set_stderr(false);
    if (!is_quiet) {
        promise(freopen("/dev/null", "w", stdout) != NULL);
        is_quiet = true;
    }
    world_init(&w);
    make_bridges(&w, bridges);
    const struct control_env env = {
        .channel = &w.channel, .workers = w.workers, .bridges = bridges, .n_bridges = N_BRIDGES,
    };
    for (int i = 0; i < LINES_MAX && size; i++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end ? (size_t) (end - data) : size;
        run_line(&env, (const char *) data, length);
        promise(world_wait(&w, SEC));
        data += length + (end != NULL);
        size -= length + (end != NULL);
    }
    world_uninit(&w);
    return 0;
}

static const char *const seeds[] = {
    "[\"show\"]\n[\"show\",\"br0\"]\n[\"help\"]\n[\"coverage\"]\n[\"controllers\",\"br1\"]\n",
    ("[\"port\",\"add\",\"br0\",\"m1,type=memory,tag=3,queue=1:max-rate=3M\"]\n[\"show\"]\n"
     "[\"port\",\"queues\",\"br0\",\"m1\",\"queue=2:limit=5000,max-rate=7M\"]\n[\"show\"]\n"
     "[\"port\",\"queues\",\"br0\",\"2\",\"none\"]\n[\"port\",\"del\",\"br0\",\"2\"]\n"),
    ("[\"port\",\"add\",\"br0\",\"a,type=patch,peer=b\"]\n"
     "[\"port\",\"add\",\"br1\",\"b,type=patch,peer=a\"]\n[\"show\"]\n"
     "[\"port\",\"del\",\"br1\",\"b\"]\n"),
    ("[\"set\",\"br0\"]\n[\"set\",\"br0\",\"stp=rstp,priority=4096\"]\n"
     "[\"set\",\"br0\",\"stp=no\"]\n"
     "[\"set\",\"br1\",\"stp-blocks-receive=yes\"]\n[\"set\",\"br0\",\"fail-mode=emergency\"]\n"
     "[\"set\",\"br0\",\"fail-mode=standalone\"]\n[\"set\",\"br0\",\"max-rules=3\"]\n"
     "[\"set\",\"br0\",\"evict=yes\"]\n[\"set\",\"br0\",\"mac-ageing=9\"]\n"
     "[\"set\",\"br0\",\"inactivity-probe=1\"]\n[\"set\",\"br0\",\"max-backoff=1\"]\n"
     "[\"set\",\"br0\",\"dp-desc=\\u00e4\"]\n[\"set\",\"br0\",\"serial=5\"]\n"),
    ("[\"port\",\"add\",\"br0\",\"br0,type=memory,ofport=65534\"]\n"
     "[\"set\",\"br0\",\"in-band=yes\"]\n[\"set\",\"br0\",\"dpid=0xab\"]\n"
     "[\"set\",\"br1\",\"dpid=ff00000000000001\"]\n[\"set\",\"br0\",\"in-band=no\"]\n"),
    ("[\"controller\",\"add\",\"br0\",\"memory:c2,ports=1-2,flows=4\"]\n[\"show\"]\n"
     "[\"controller\",\"del\",\"br0\",\"memory:c2\"]\n"
     "[\"controller\",\"del\",\"br0\",\"memory:c1\"]\n"
     "[\"listener\",\"add\",\"br1\",\"pmemory:x,ports=none\"]\n[\"show\",\"br1\"]\n"
     "[\"listener\",\"del\",\"br1\",\"pmemory:x\"]\n"),
    ("[\"mac\",\"show\",\"br0\"]\n[\"mac\",\"flush\",\"br0\"]\n[\"log\",\"warn,stp:dbg\"]\n"
     "[\"log-reopen\"]\n[\"sho\"]\n[]\n{\"a\":[1,null]}\nfoo\n[1]\n"),
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    return fuzz_text_seed(seeds, ARRAY_SIZE(seeds), index, size);
}
