/* SPDX-License-Identifier: Apache-2.0 */
/* A switch in simulation that another program plays with, line by line over a pair of pipes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/packet/packet.h"
#include "lib/util.h"
#include "ofproto/scenario-peer.h"
#include "ofproto/scenario-world.h"

/*    sim-switch PORTS
 *
 * The switch has the ports p1 to pPORTS and LOCAL, and one controller, which takes part in nothing
 * but HELLO and ECHO. Bytes are hexadecimal. A line of input is one of
 *
 *     send BYTES             the controller sends bytes
 *     receive PORT BYTES     a frame comes in by the port with that number
 *     pass MS                milliseconds pass
 *
 * After each, when everything has happened that it causes, come lines
 *
 *     message BYTES          the controller gets a message
 *     frame PORT BYTES       a frame goes out
 *
 * and a line with a dot. */

enum { PORTS_MAX = 16 };

/* The switch. */
struct sim {
    struct world w;
    struct peer *peer;
    struct bytes bytes; /* What the line under way names. */
};

/* Ends the program with an error. */
static void die(const char *what, const char *why)
{
    fprintf(stderr, "sim-switch: %s: %s\n", what, why);
    exit(1);
}

/* Makes the switch. */
static void sim_init(struct sim *s, unsigned n_ports)
{
    struct bridge_config config;
    char *error = NULL;
    world_init(&s->w);
    bytes_init(&s->bytes);
    bridge_config_init(&config, "br0");
    config.has_datapath_id = true;
    config.datapath_id = 0x1234;
    config.fail_mode = FAIL_SECURE;
    for (unsigned i = 1; i <= n_ports; i++) {
        char name[8];
        snprintf(name, sizeof name, "p%u", i);
        strings_add(&config.ports, name);
    }
    if (world_add_bridge(&s->w, &config, true, 0, SEC, &error)
        || peer_create(&s->w, world_find_bridge(&s->w, "br0"), "c1", false, false, &s->peer, &error)
        || world_add_controller(world_find_bridge(&s->w, "br0"), "memory:c1", &error)) {
        die("no switch", error);
    }
    bridge_config_uninit(&config);
}

static void sim_uninit(struct sim *s)
{
    peer_destroy(s->peer);
    world_uninit(&s->w);
    bytes_uninit(&s->bytes);
}

/* Reads bytes. */
static void read_bytes(struct bytes *b, const char *hex)
{
    unsigned byte;
    bytes_clear(b);
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        bytes_put_u8(b, (uint8_t) byte);
    }
}

/* Prints 'items' behind 'word' and forgets them. */
static void print_items(const char *word, struct list *items)
{
    struct world_item *item;
    while ((item = world_item_first(items))) {
        printf("%s ", word);
        for (size_t i = 0; i < item->bytes.size; i++) {
            printf("%02x", item->bytes.data[i]);
        }
        printf("\n");
        world_item_destroy(item);
    }
}

/* Prints all that came out. */
static void print_all(struct sim *s)
{
    struct world_port *port;
    print_items("message", &s->peer->messages);
    LIST_FOR_EACH (port, node, &s->w.ports) {
        char word[24];
        snprintf(word, sizeof word, "frame %u", port->number);
        print_items(word, &port->frames);
    }
    printf(".\n");
    fflush(stdout);
}

static void do_send(struct sim *s, unsigned number UNUSED)
{
    peer_send_raw(s->peer, s->bytes.data, s->bytes.size);
}

static void do_receive(struct sim *s, unsigned number)
{
    struct world_port *port;
    LIST_FOR_EACH (port, node, &s->w.ports) {
        if (port->number == number) {
            struct packet packet;
            packet_use(&packet, s->bytes.data, s->bytes.size, s->bytes.data, s->bytes.size);
            world_receive(port, &packet);
        }
    }
}

static void do_pass(struct sim *s, unsigned number)
{
    world_wait(&s->w, number * MSEC);
}

/* What a line can begin with. */
static const struct {
    const char *format;                          /* Word, number if any, bytes. */
    bool has_number;                             /* There is a number. */
    void (*handle)(struct sim *s, unsigned number); /* Does it. */
} words[] = {
    {"send %n", false, do_send},
    {"receive %u %n", true, do_receive},
    {"pass %u%n", true, do_pass},
};

/* Does what a line says. */
static void handle(struct sim *s, const char *line)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        unsigned number = 0;
        int n = 0;
        if (words[i].has_number) {
            sscanf(line, words[i].format, &number, &n);
        } else {
            sscanf(line, words[i].format, &n);
        }
        if (n) {
            read_bytes(&s->bytes, line + n);
            words[i].handle(s, number);
            return;
        }
    }
    die("a line that means nothing", line);
}

int main(int argc, char **argv)
{
    struct sim s;
    char *line = NULL;
    size_t allocated = 0;
    unsigned n_ports = argc == 2 ? (unsigned) atoi(argv[1]) : 0;
    if (n_ports < 1 || n_ports > PORTS_MAX) {
        die("usage", "sim-switch PORTS");
    }
    sim_init(&s, n_ports);
    do {
        if (line) {
            handle(&s, line);
        }
        if (!world_settle(&s.w)) {
            die("no end", line ? line : "of the beginning");
        }
        print_all(&s);
    } while (getline(&line, &allocated, stdin) > 0);
    sim_uninit(&s);
    free(line);
    return 0;
}
