/* SPDX-License-Identifier: Apache-2.0 */
/* Changes rules as fast as barriers come back and lets frames find out which rules are in force. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/*    barrier-storm SOCKET IN OUT2 OUT3 ROUNDS
 *
 * SOCKET is a path, or a TCP port of 127.0.0.1, at which a switch listens that has ports 1, 2 and 3
 * with the devices IN, OUT2 and OUT3 at their far ends.
 *
 * A round: a burst of frames keeps the switch busy; one flow_mod changes what happens to frames of
 * type PROBE; a barrier follows. As soon as its reply is there a probe goes in, and after it a
 * frame of type MARK, whose rule stays the same all the time. When the mark has come out the probe
 * has been dealt with, in the way of the new rule: so it must be at the port of the new rule, or
 * nowhere. Every frame bears the number of its round; a probe at a wrong port is the failure that
 * this program looks for. */

enum {
    PROBE = 0x88b5,    /* Ethernet type of probes: for local experiments. */
    MARK = 0x88b6,     /* Of marks. */
    FRAME_SIZE = 64,
    BURST = 8,         /* Frames that keep the switch busy during a change. */
    PATIENCE = 120000, /* Milliseconds until a frame or a reply counts as lost. */
    NOWHERE = 0,       /* Instead of a port: dropped. */
};

struct frame {
    struct ethhdr eth;
    uint32_t round;        /* 0 in bursts. */
    uint8_t pad[FRAME_SIZE - sizeof(struct ethhdr) - 4];
} __attribute__((packed));

/* Bytes of OpenFlow 1.0 messages that this program needs (5.1, 5.2.3, 5.3.3). */
enum { OFPT_HELLO = 0, OFPT_ERROR = 1, OFPT_ECHO_REQUEST = 2, OFPT_ECHO_REPLY = 3,
       OFPT_FLOW_MOD = 14, OFPT_BARRIER_REQUEST = 18, OFPT_BARRIER_REPLY = 19 };
enum { OFPFC_ADD = 0, OFPFC_MODIFY = 1, OFPFC_MODIFY_STRICT = 2, OFPFC_DELETE = 3,
       OFPFC_DELETE_STRICT = 4 };

struct header {
    uint8_t version;
    uint8_t type;
    uint16_t length;
    uint32_t xid;
} __attribute__((packed));

struct flow_mod {
    struct header header;
    uint32_t wildcards;
    uint16_t in_port;
    uint8_t dl_src[6], dl_dst[6];
    uint16_t dl_vlan;
    uint8_t dl_vlan_pcp, pad1;
    uint16_t dl_type;
    uint8_t nw_tos, nw_proto, pad2[2];
    uint32_t nw_src, nw_dst;
    uint16_t tp_src, tp_dst;
    uint64_t cookie;
    uint16_t command, idle_timeout, hard_timeout, priority;
    uint32_t buffer_id;
    uint16_t out_port, flags;
    uint16_t action_type, action_length, action_port, action_max_length;
} __attribute__((packed));

#define ALL_BUT_TYPE 0x3fffefu /* Everything is a wildcard but dl_type. */
#define ALL_BUT_TYPE_AND_SOURCE 0x3fffebu

/* What a round changes, and where a probe goes then. The rows follow each other in a circle. */
static const struct change {
    const char *name;   /* For messages. */
    uint16_t command;   /* OFPFC_*. */
    uint16_t priority;  /* Of the rule. */
    uint32_t wildcards; /* Likewise. */
    uint16_t port;      /* Output; NOWHERE: no action. */
    uint16_t expect;    /* Port where probes come out from then on. */
} changes[] = {
    {"add a rule", OFPFC_ADD, 100, ALL_BUT_TYPE, 2, 2},
    {"modify it", OFPFC_MODIFY, 100, ALL_BUT_TYPE, 3, 3},
    {"replace it", OFPFC_ADD, 100, ALL_BUT_TYPE, 2, 2},
    {"add a higher one", OFPFC_ADD, 200, ALL_BUT_TYPE_AND_SOURCE, 3, 3},
    {"modify that strictly", OFPFC_MODIFY_STRICT, 200, ALL_BUT_TYPE_AND_SOURCE, NOWHERE, NOWHERE},
    {"delete it strictly", OFPFC_DELETE_STRICT, 200, ALL_BUT_TYPE_AND_SOURCE, NOWHERE, 2},
    {"delete all", OFPFC_DELETE, 0, ALL_BUT_TYPE, NOWHERE, NOWHERE},
};

struct storm {
    int control;                /* OpenFlow. */
    int devices[4];             /* Sockets by port: 1 in, 2 and 3 out. */
    const struct change *now;   /* What the present round changed. */
    const struct change *before; /* What the one before it did; NULL in the first. */
    uint32_t round;             /* Its number. */
    unsigned n_seen[4];         /* Probes of this round seen at a port. */
    bool marked;                /* The mark of this round has come. */
};

/* Ends the program with an error. */
static void die(const char *what)
{
    fprintf(stderr, "barrier-storm: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void fail(const struct storm *s, const char *what)
{
    fprintf(stderr, "barrier-storm: round %u (%s): %s\n", s->round, s->now->name, what);
    exit(1);
}

/* Opens a socket on 'dev' that receives what comes in. */
static int open_device(const char *dev)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(dev),
                                  .sll_protocol = htons(ETH_P_ALL)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
    if (fd < 0 || !address.sll_ifindex || bind(fd, (struct sockaddr *) &address, sizeof address)) {
        die(dev);
    }
    return fd;
}

/* Connects to a path or to a port of this host. */
static int open_control(const char *target)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t) atoi(target)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool is_path = *target == '/';
    int fd = socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    snprintf(un.sun_path, sizeof un.sun_path, "%s", target);
    if (fd < 0 || connect(fd, is_path ? (void *) &un : (void *) &in,
                          is_path ? sizeof un : sizeof in)) {
        die(target);
    }
    return fd;
}

/* Sends 'size' bytes to the switch. */
static void control_send(const struct storm *s, const void *data, size_t size)
{
    if (send(s->control, data, size, MSG_NOSIGNAL) != (ssize_t) size) {
        die("send");
    }
}

static struct header make_header(uint8_t type, size_t size, uint32_t xid)
{
    return (struct header) {.version = 1, .type = type, .length = htons((uint16_t) size),
                            .xid = htonl(xid)};
}

/* Reads one message into 'buffer'; its body is at most 'size' bytes. */
static struct header control_receive(const struct storm *s, uint8_t *buffer, size_t size)
{
    struct header h;
    if (recv(s->control, &h, sizeof h, MSG_WAITALL) != sizeof h) {
        die("the switch ended the connection");
    }
    size_t body = ntohs(h.length) - sizeof h;
    if (body > size || (body && recv(s->control, buffer, body, MSG_WAITALL) != (ssize_t) body)) {
        die("message");
    }
    return h;
}

/* Waits for the reply to the barrier of this round. */
static void wait_for_barrier(const struct storm *s)
{
    static uint8_t body[65536];
    for (;;) {
        struct header h = control_receive(s, body, sizeof body);
        if (h.type == OFPT_BARRIER_REPLY && ntohl(h.xid) == s->round) {
            return;
        } else if (h.type == OFPT_ERROR) {
            fail(s, "the switch sent an error");
        } else if (h.type == OFPT_ECHO_REQUEST) {
            h.type = OFPT_ECHO_REPLY;
            h.length = htons(sizeof h);
            control_send(s, &h, sizeof h);
        }
    }
}

/* Builds a flow_mod. Returns its size. */
static size_t make_flow_mod(struct flow_mod *fm, const struct change *c, uint16_t type)
{
    size_t size = c->port == NOWHERE ? sizeof *fm - 8 : sizeof *fm;
    *fm = (struct flow_mod) {
        .header = make_header(OFPT_FLOW_MOD, size, 0),
        .wildcards = htonl(c->wildcards),
        .dl_src = {2, 0, 0, 0, 0, 1},
        .dl_type = htons(type),
        .command = htons(c->command),
        .priority = htons(c->priority),
        .buffer_id = UINT32_MAX,
        .out_port = UINT16_MAX,
        .action_length = htons(8),
        .action_port = htons(c->port),
    };
    return size;
}

/* Sends a flow_mod and a barrier in one piece. */
static void send_change(const struct storm *s, const struct change *c, uint16_t type)
{
    uint8_t bytes[sizeof(struct flow_mod) + sizeof(struct header)];
    struct flow_mod fm;
    size_t size = make_flow_mod(&fm, c, type);
    struct header barrier = make_header(OFPT_BARRIER_REQUEST, sizeof barrier, s->round);
    memcpy(bytes, &fm, size);
    memcpy(bytes + size, &barrier, sizeof barrier);
    control_send(s, bytes, size + sizeof barrier);
}

/* Sends a frame of 'type' into port 1. */
static void send_frame(const struct storm *s, uint16_t type, uint32_t round)
{
    struct frame f = {
        .eth = {.h_dest = {2, 0, 0, 0, 0, 2}, .h_source = {2, 0, 0, 0, 0, 1},
                .h_proto = htons(type)},
        .round = htonl(round),
    };
    while (send(s->devices[1], &f, sizeof f, 0) < 0) {
        if (errno != EAGAIN && errno != ENOBUFS) {
            die("frame");
        }
    }
}

/* Fails if a probe of an earlier round comes at 'port' where it does not belong: it may have been
 * sent there after the mark, for the switch sends port by port. */
static void check_late(const struct storm *s, unsigned port, uint32_t round)
{
    if (round + 1 != s->round || !s->before || port != s->before->expect) {
        fprintf(stderr, "a probe of round %u comes late at port %u: ", round, port);
        fail(s, "a probe met the old table");
    }
}

/* Takes what has come out at 'port'. */
static void drain(struct storm *s, unsigned port)
{
    struct frame f;
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    ssize_t n;
    while ((n = recvfrom(s->devices[port], &f, sizeof f, 0, (struct sockaddr *) &from, &size))
           >= 0) {
        bool ours = n >= FRAME_SIZE && from.sll_pkttype != PACKET_OUTGOING;
        uint32_t round = ntohl(f.round);
        if (ours && f.eth.h_proto == htons(MARK)) {
            s->marked |= round == s->round;
        } else if (ours && f.eth.h_proto == htons(PROBE) && round == s->round) {
            s->n_seen[port]++;
        } else if (ours && f.eth.h_proto == htons(PROBE) && round) {
            check_late(s, port, round);
        }
        size = sizeof from;
    }
}

/* True when all that has to come in this round is there. */
static bool is_complete(const struct storm *s)
{
    return s->marked && (s->now->expect == NOWHERE || s->n_seen[s->now->expect]);
}

/* Waits for the mark and for the probe; a probe that is at a wrong port ends the program. */
static void watch(struct storm *s)
{
    struct pollfd fds[] = {{.fd = s->devices[2], .events = POLLIN},
                           {.fd = s->devices[3], .events = POLLIN}};
    while (!is_complete(s)) {
        if (poll(fds, 2, PATIENCE) <= 0) {
            fail(s, s->marked ? "the probe was lost" : "the mark was lost");
        }
        drain(s, 2);
        drain(s, 3);
    }
    for (unsigned port = 2; port <= 3; port++) {
        if (s->n_seen[port] != (port == s->now->expect)) {
            fprintf(stderr, "%u probes at port %u, but they belong to port %u: ", s->n_seen[port],
                    port, s->now->expect);
            fail(s, "a probe met the old table");
        }
    }
}

/* One round, as the head comment says. */
static void run_round(struct storm *s, const struct change *change)
{
    s->before = s->round > 1 ? s->now : NULL;
    s->now = change;
    s->round++;
    s->marked = false;
    s->n_seen[2] = s->n_seen[3] = 0;
    for (unsigned i = 0; i < BURST; i++) {
        send_frame(s, PROBE, 0);
    }
    send_change(s, change, PROBE);
    wait_for_barrier(s);
    send_frame(s, PROBE, s->round);
    send_frame(s, MARK, s->round);
    watch(s);
}

int main(int argc, char *argv[])
{
    static const struct change mark = {"marks", OFPFC_ADD, 100, ALL_BUT_TYPE, 2, 2};
    struct storm s = {.round = 1, .now = &mark};
    if (argc != 6) {
        fprintf(stderr, "usage: barrier-storm SOCKET IN OUT2 OUT3 ROUNDS\n");
        return 2;
    }
    for (unsigned i = 1; i <= 3; i++) {
        s.devices[i] = open_device(argv[1 + i]);
    }
    s.control = open_control(argv[1]);
    struct header hello = make_header(OFPT_HELLO, sizeof hello, 0);
    control_send(&s, &hello, sizeof hello);
    send_change(&s, &mark, MARK);
    wait_for_barrier(&s);
    uint32_t rounds = (uint32_t) atoi(argv[5]);
    for (uint32_t i = 0; i < rounds; i++) {
        run_round(&s, &changes[i % (sizeof changes / sizeof changes[0])]);
    }
    printf("%u changes, no probe met an old table\n", rounds);
    return 0;
}
