/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile scenario. */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/scenario.h"
#include "tests/fuzz/fuzz.h"

enum {
    TEXT_MAX = 4096, /* Bytes of a scenario. */
    DIGITS_MAX = 2,  /* Digits of a count or a period in it. */
};

const uint64_t fuzz_mutations = 150;

/* Words whose numbers make a scenario as long or large as its author likes. */
static const char *const repeaters[] = {
    "repeat", "wait", "at", "probe", "backoff", "*", "size",
};

/* True if a long number follows 'text', which follows such a word. */
static bool is_long_number(const char *text)
{
    text += strspn(text, " \t\n");
    return strspn(text, "0123456789.") > DIGITS_MAX
           || text[strspn(text, "0123456789.")] == 'h'; /* Hours. */
}

/* True if the text might ask for much work or memory, or for files: that is no fault of ours. */
static bool is_expensive(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(repeaters); i++) {
        for (const char *p = text; (p = strstr(p, repeaters[i]));) {
            p += strlen(repeaters[i]);
            if (is_long_number(p)) {
                return true;
            }
        }
    }
    for (const char *p = text; (p = strstr(p, " x")); p++) {
        if (p - text >= DIGITS_MAX + 1 && isdigit((unsigned char) p[-DIGITS_MAX - 1])) {
            return true;
        }
    }
    const char *repeat = strstr(text, "repeat");
    return strstr(text, "capture") || strstr(text, "1ms")
           || (repeat && strstr(repeat + 1, "repeat"));
}

/* Runs 'text' as a file. */
static void run_text(const char *text)
{
    int fd = memfd_create("scenario", MFD_CLOEXEC);
    promise(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text));
    char *path = xasprintf("/proc/self/fd/%d", fd);
    char *error = NULL;
    int err = scenario_run(path, &error);
    promise(!err == !error);
    free(error);
    free(path);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vlog_set_stderr(false);
    char *text = fuzz_text(data, size, TEXT_MAX);
    if (!is_expensive(text)) {
        run_text(text);
    }
    free(text);
    return 0;
}

static const char *const seeds[] = {
    "seed 3\nbridge br0 dpid 7 fail-mode secure max-rules 9 local ports p1 p2 p3\n"
    "controller c1 of br0\nc1 add-flow in_port=1,actions=output:2\nc1 barrier\n"
    "expect c1 gets barrier_reply\np1 receives 2 x tcp(10.0.0.1:1 > 10.0.0.2:2)\n"
    "expect p2 sends 2 x tcp(10.0.0.1:1 > 10.0.0.2:2)\nexpect p3 sends nothing\n"
    "expect br0 has flows\n    n_packets=2, in_port=1 actions=output:2\n",
    "bridge br0 ports p1 p2\nservice s of br0 by hand\ns sends hex 01 00 00 08 00 00 00 01\n"
    "expect s gets hex 01 00 ...\ns sends hex (00)*9 01*3\nwait 5s\nignore s echo_request\n"
    "expect s is closed\n",
    "bridge a ports p1,mtu=9000 p2\nbridge b ports q1 q2\ncable p2 q1\n"
    "p1 receives icmp(10.0.0.1 > 10.0.0.2) & q2 receives arp(request, 10.0.0.1 > 10.0.0.2)\n"
    "expect q2 sends ...\np1 link down\nwait 1m\nexpect p1 counts rx_packets=3\n",
    "bridge br0 inactivity-probe 5s ports p1\ncontroller c of br0\nc stalls\nc show\nc reads\n"
    "expect c gets features_reply\n    ...\nc vanishes\nwait 9s\nc returns\nbr0 gets port p4 as 9\n"
    "expect c gets port_status\nc with 52=07,2=ffff dump-flows table=0\nbr0 loses port p4\n"
    "repeat 3 c packet-out in_port=1,actions=output:$n tcp(10.0.0.1:1 > 10.0.0.2:2)\n",
    "bridge br0 fail-mode secure ports p1 p2\ncontroller c of br0\n"
    "c set-config frags=drop miss_send_len=9\nc mod-port p1 no-flood\nc sends get_config_request\n"
    "expect c gets hex 01 08 ???? 0000*2 ...\np1 receives unfinished udp(10.0.0.1:1 > 10.0.0.2:2)\n"
    "expect c gets packet_in ... (as b1)\nc add-flow buffer=b1 actions=output:2\nc dump-ports p1\n"
    "p1 receives super-frame of 60 tcp(10.0.0.1:1 > 10.0.0.2:2, size 99)\np2 vanishes\n"
    "p2 returns\n",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    return fuzz_text_seed(seeds, ARRAY_SIZE(seeds), index, size);
}
