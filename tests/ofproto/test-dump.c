/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of long lists of flows: whole and true while the table changes under them. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "ofproto/connmgr.h"
#include "ofproto/scenario-peer.h"
#include "ofproto/scenario-world.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

/* Flow i is for the address i and bears the cookie i. Of each EVERY flows one is deleted and one is
 * changed while the list is made, and one is new. */
enum {
    FLOWS = 100000,          /* Flows at first. */
    FLOWS_SANITIZED = 20000, /* The same under a sanitizer. */
    EVERY = 10,              /* One of so many is touched. */
    XID = 0x12345678,        /* Of the request. */
    ENTRY_SIZE = 88,         /* Bytes of an entry without actions. */
    STATS_SIZE = 12,         /* Bytes before the entries. */
    NOTES = 100,             /* Flows with a long action. */
    NOTE_SIZE = 60000,       /* Bytes of that. */
    BACKLOG = 1 << 20,       /* Bytes that wait for a reader before the list does. */
    AT_COOKIE = 64,          /* Offset of the cookie in an entry. */
};

/* What becomes of a flow while the list is made. */
enum fate { STAYS, DELETED, CHANGED };

/* The switch, two controllers, and the list that the first one got. */
struct fixture {
    struct world w;        /* Where the switch is. */
    struct peer *reader;   /* Asks for the list. */
    struct peer *writer;   /* Changes the table. */
    unsigned n;            /* Flows at first. */
    uint8_t *seen;         /* By cookie: how often it came. */
    unsigned n_messages;   /* Messages of the list. */
};

static enum fate fate_of(unsigned flow)
{
    return flow % EVERY == 3 ? DELETED : flow % EVERY == 7 ? CHANGED : STAYS;
}

/* Appends a match: all packets, or those to one address. */
static void put_match(struct bytes *b, unsigned address)
{
    uint8_t *wire = bytes_put_zeros(b, sizeof(struct ofp10_match));
    uint32_t one = OFPFW_ALL & ~(OFPFW_DL_TYPE | OFPFW_NW_DST_MASK);
    put_be32(wire, address ? one : OFPFW_ALL);
    put_be16(wire + 22, address ? 0x0800 : 0);
    put_be32(wire + 32, address);
}

/* Appends a flow_mod of flow 'flow' up to its actions, which have 'actions_size' bytes. */
static void put_flow_mod_head(struct bytes *b, uint16_t command, unsigned flow,
                              uint16_t actions_size)
{
    bytes_put_u8(b, OFP10_VERSION);
    bytes_put_u8(b, OFPT_FLOW_MOD);
    bytes_put_be16(b, (uint16_t) (sizeof(struct ofp10_flow_mod) + actions_size));
    bytes_put_be32(b, flow);
    put_match(b, flow + 1);
    bytes_put_be64(b, flow);
    bytes_put_be16(b, command);
    bytes_put_zeros(b, 4);
    bytes_put_be16(b, 100);
    bytes_put_be32(b, OFP_NO_BUFFER);
    bytes_put_be16(b, OFPP_NONE);
    bytes_put_zeros(b, 2);
}

/* Appends a flow_mod of flow 'flow' that has an action. */
static void put_flow_mod(struct bytes *b, uint16_t command, unsigned flow)
{
    put_flow_mod_head(b, command, flow, 8);
    bytes_put_be16(b, OFPAT_OUTPUT);
    bytes_put_be16(b, 8);
    bytes_put_be16(b, 1);
    bytes_put_be16(b, 0);
}

/* Appends a flow_mod that adds flow 'flow' with a long action. */
static void put_note(struct bytes *b, unsigned flow)
{
    put_flow_mod_head(b, OFPFC_ADD, flow, NOTE_SIZE);
    bytes_put_be16(b, OFPAT_VENDOR);
    bytes_put_be16(b, NOTE_SIZE);
    bytes_put_be32(b, NX_VENDOR_ID);
    bytes_put_be16(b, NXAST_NOTE);
    bytes_put_zeros(b, NOTE_SIZE - 10);
}

static void add_peer(struct fixture *f, struct world_bridge *b, const char *name,
                     struct peer **peer)
{
    char *error = NULL, *target = xasprintf("memory:%s", name);
    assert_int_equal(peer_create(&f->w, b, name, false, false, peer, &error), 0);
    assert_int_equal(world_add_controller(b, target, &error), 0);
    free(target);
}

/* Makes the switch, for 'n' flows. */
static void fixture_init(struct fixture *f, unsigned n)
{
    struct bridge_config config;
    char *error = NULL;
    *f = (struct fixture) {.n = n};
    f->seen = xcalloc(2 * f->n, sizeof *f->seen);
    world_init(&f->w);
    bridge_config_init(&config, "br0");
    config.has_datapath_id = true;
    config.fail_mode = FAIL_SECURE;
    assert_int_equal(world_add_bridge(&f->w, &config, false, 0, SEC, &error), 0);
    bridge_config_uninit(&config);
    add_peer(f, world_find_bridge(&f->w, "br0"), "c1", &f->reader);
    add_peer(f, world_find_bridge(&f->w, "br0"), "c2", &f->writer);
    assert_true(world_settle(&f->w));
}

/* Adds flows until there are 'f->n', with long actions or short ones. */
static void add_flows(struct fixture *f, bool have_notes)
{
    struct bytes b = BYTES_INIT;
    for (unsigned i = 0; i < f->n; i++) {
        if (have_notes) {
            put_note(&b, i);
        } else {
            put_flow_mod(&b, OFPFC_ADD, i);
        }
    }
    peer_send_raw(f->writer, b.data, b.size);
    assert_true(world_settle(&f->w));
    bytes_uninit(&b);
}

static void fixture_uninit(struct fixture *f)
{
    peer_destroy(f->reader);
    peer_destroy(f->writer);
    world_uninit(&f->w);
    free(f->seen);
}

/* Asks for the list. */
static void ask(struct fixture *f)
{
    struct bytes request = BYTES_INIT;
    bytes_put_u8(&request, OFP10_VERSION);
    bytes_put_u8(&request, OFPT_STATS_REQUEST);
    bytes_put_be16(&request, STATS_SIZE + sizeof(struct ofp10_flow_stats_request));
    bytes_put_be32(&request, XID);
    bytes_put_be16(&request, OFPST_FLOW);
    bytes_put_be16(&request, 0);
    put_match(&request, 0);
    bytes_put_be16(&request, OFPTT_ALL << 8);
    bytes_put_be16(&request, OFPP_NONE);
    peer_send_raw(f->reader, request.data, request.size);
    bytes_uninit(&request);
}

/* Asks for the list, at the same moment changes what is to be changed, and lets both happen. */
static void list_while_it_changes(struct fixture *f)
{
    struct bytes changes = BYTES_INIT;
    for (unsigned i = 0; i < f->n; i++) {
        if (fate_of(i) != STAYS) {
            put_flow_mod(&changes, fate_of(i) == DELETED ? OFPFC_DELETE_STRICT
                                                         : OFPFC_MODIFY_STRICT, i);
        }
        if (i % EVERY == 0) {
            put_flow_mod(&changes, OFPFC_ADD, f->n + i);
        }
    }
    ask(f);
    peer_send_raw(f->writer, changes.data, changes.size);
    assert_true(world_settle(&f->w));
    bytes_uninit(&changes);
}

/* Reads the entries of one message, which fill it to its end. */
static void read_entries(struct fixture *f, const uint8_t *data, size_t size)
{
    size_t at = STATS_SIZE;
    while (at < size) {
        size_t entry = get_be16(data + at);
        assert_in_range(entry, ENTRY_SIZE, size - at);
        uint64_t cookie = get_be64(data + at + AT_COOKIE);
        assert_in_range(cookie, 0, 2 * f->n - 1);
        assert_int_equal(get_be32(data + at + 4 + 32), cookie + 1);
        f->seen[cookie]++;
        at += entry;
    }
    assert_int_equal(at, size);
}

/* Reads all that the reader got: one answer, split between entries. */
static void read_list(struct fixture *f)
{
    bool more = true;
    struct world_item *item;
    while ((item = world_item_first(&f->reader->messages))) {
        const uint8_t *data = item->bytes.data;
        assert_true(more);
        assert_int_equal(data[1], OFPT_STATS_REPLY);
        assert_int_equal(get_be32(data + 4), XID);
        assert_int_equal(get_be16(data + 8), OFPST_FLOW);
        more = get_be16(data + 10) & OFPSF_REPLY_MORE;
        read_entries(f, data, item->bytes.size);
        f->n_messages++;
        world_item_destroy(item);
    }
    assert_false(more);
}

/* rows: A8.3 A8.5 */
static void what_is_there_throughout_a_list_is_in_it_once(void **state UNUSED)
{
    struct fixture f;
    unsigned n_deleted = 0, n_deleted_seen = 0, n_new_seen = 0;
    fixture_init(&f, is_sanitized() ? FLOWS_SANITIZED : FLOWS);
    add_flows(&f, false);
    list_while_it_changes(&f);
    read_list(&f);
    unsigned least = f.n * (ENTRY_SIZE + 8) / UINT16_MAX;
    assert_in_range(f.n_messages, least, 2 * least);
    for (unsigned i = 0; i < f.n; i++) {
        bool is_deleted = fate_of(i) == DELETED;
        assert_in_range(f.seen[i], is_deleted ? 0 : 1, 1);
        assert_in_range(f.seen[f.n + i], 0, i % EVERY == 0);
        n_deleted += is_deleted;
        n_deleted_seen += is_deleted && f.seen[i];
        n_new_seen += f.seen[f.n + i];
    }
    print_message("%u messages; %u of %u deleted flows seen, %u new ones\n", f.n_messages,
                  n_deleted_seen, n_deleted, n_new_seen);
    assert_in_range(n_deleted_seen, 1, n_deleted - 1);
    fixture_uninit(&f);
}

/* Bytes that wait for the peers. */
static size_t backlog(struct fixture *f)
{
    struct world_bridge *b = world_find_bridge(&f->w, "br0");
    const struct connmgr *cm = ofproto_connmgr(bridge_ofproto(b->bridge));
    size_t size = 0;
    for (const struct ofconn *c = NULL; (c = connmgr_next(cm, c));) {
        size += ofconn_backlog(c);
    }
    return size;
}

/* rows: A8.3 */
static void long_flows_wait_in_the_table_for_a_reader_that_stalls(void **state UNUSED)
{
    struct fixture f;
    fixture_init(&f, NOTES);
    add_flows(&f, true);
    peer_stall(f.reader, true);
    ask(&f);
    assert_true(world_wait(&f.w, 100 * MSEC));
    assert_in_range(backlog(&f), BACKLOG, 3 * BACKLOG / 2);
    peer_stall(f.reader, false);
    assert_true(world_settle(&f.w));
    read_list(&f);
    assert_int_equal(f.n_messages, NOTES);
    for (unsigned i = 0; i < NOTES; i++) {
        assert_int_equal(f.seen[i], 1);
    }
    fixture_uninit(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_throughout_a_list_is_in_it_once),
        cmocka_unit_test(long_flows_wait_in_the_table_for_a_reader_that_stalls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
