/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of flow texts between printing and parsing: names of ports, sizes, cuts, masks. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "tests/unit.h"

/* Names of ports ------------------------------------------------------------------------------- */

/* Names that mean something else in a flow text, or have signs of it. The port number is the place
 * here plus FIRST_PORT. */
static const char *const names[] = {
    "eth0", "_x", "s1-eth2", "in_port", "IN_PORT", "table", "normal", "NORMAL", "Flood", "all",
    "controller", "CONTROLLER", "local", "LOCAL", "none", "any", "ANY", "*", "drop", "output",
    "enqueue", "resubmit", "learn", "exit", "actions", "actions=drop", "group", "tcp", "7", "0",
    "0x10", "65535", "65536", "1.5", "+1", "-1", "a,b", "a b", " a", "a ", "a:b", "a:5", "a=b",
    "a(b", "a)b", "(", ")", "a[0]", "[", "]", "NXM_NX_REG0[]", "NXM_NX_REG0", "a#b", "#", "a->b",
    "a'b", "\\", "a\\b", "a;b", "%s", "p\xc3\xb6rt", "\xff",
};

/* Names that no text can have; they are printed as numbers. */
static const char *const impossible[] = {"", "\"", "a\"b", "\"a\"", "a\nb", "\t", "a\x7f"};

enum { FIRST_PORT = 100, FIRST_IMPOSSIBLE = 200 };

static const char *name_port(void *aux UNUSED, uint16_t port)
{
    if (port >= FIRST_PORT && port < FIRST_PORT + ARRAY_SIZE(names)) {
        return names[port - FIRST_PORT];
    }
    return port >= FIRST_IMPOSSIBLE && port < FIRST_IMPOSSIBLE + ARRAY_SIZE(impossible)
               ? impossible[port - FIRST_IMPOSSIBLE] : NULL;
}

static bool look_up(void *aux UNUSED, const char *name, uint16_t *port)
{
    for (uint16_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(name, names[i])) {
            *port = FIRST_PORT + i;
            return true;
        }
    }
    return false;
}

static const struct ofp_print_style style = {.port_name = name_port};
static const struct ofp_parse how = {.port_lookup = look_up};

/* A rule that has 'port' wherever there can be one. */
static struct ofp_flow_stats flow_of(uint16_t port)
{
    struct ofp_flow_stats fs = {.priority = 7};
    match_init_any(&fs.match);
    fs.match.flow.in_port = port;
    fs.match.mask.in_port = UINT32_MAX;
    action_list_init(&fs.actions);
    action_list_append(&fs.actions, ACTION_OUTPUT)->output.port = port;
    struct action *a = action_list_append(&fs.actions, ACTION_ENQUEUE);
    a->enqueue.port = port;
    a->enqueue.queue = 3;
    a = action_list_append(&fs.actions, ACTION_RESUBMIT);
    a->resubmit.in_port = port;
    a->resubmit.table_id = ACTION_THIS_TABLE;
    a = action_list_append(&fs.actions, ACTION_RESUBMIT_TABLE);
    a->resubmit.in_port = port;
    a->resubmit.table_id = 9;
    return fs;
}

/* Prints the rule, reads the text and compares. */
static void check_rule(uint16_t port)
{
    struct ofp_flow_stats fs = flow_of(port);
    struct ofp_flow_mod fm;
    struct bytes text = BYTES_INIT;
    char *error;
    ofp_print_flow_stats_styled(&text, &fs, &style);
    if (ofp_parse_flow_mod(&fm, bytes_string(&text), OFPFC_ADD, &how, &error)) {
        fail_msg("%s: %s", bytes_string(&text), error);
    }
    if (!match_equal(&fm.match, &fs.match) || !action_list_equal(&fm.actions, &fs.actions)) {
        fail_msg("%s is read as something else", bytes_string(&text));
    }
    action_list_uninit(&fm.actions);
    action_list_uninit(&fs.actions);
    bytes_uninit(&text);
}

/* The port as the whole argument of a command, as out_port, of a packet_out, as a bare action. */
static void check_port(uint16_t port)
{
    struct bytes name = BYTES_INIT, frame = BYTES_INIT;
    struct ofp_flow_stats_request request;
    struct ofp_packet_out po;
    uint16_t back;
    char *error;
    ofp_print_port_styled(&name, port, &style);
    assert_true(ofp_parse_port(bytes_string(&name), &how, &back));
    assert_int_equal(back, port);
    char *text = xasprintf("tcp,out_port=%s", bytes_string(&name));
    assert_int_equal(ofp_parse_flow_request(&request, text, &how, &error), 0);
    assert_int_equal(request.out_port, port);
    free(text);
    text = xasprintf("in_port=%s,packet=000000000000000000000000abcd,actions=\"%s\"",
                     bytes_string(&name), port < FIRST_IMPOSSIBLE ? name_port(NULL, port) : "eth0");
    assert_int_equal(ofp_parse_packet_out(&po, text, &frame, &how, &error), 0);
    assert_int_equal(po.in_port, port);
    assert_int_equal(po.actions.first->output.port, port < FIRST_IMPOSSIBLE ? port : FIRST_PORT);
    action_list_uninit(&po.actions);
    bytes_uninit(&frame);
    bytes_uninit(&name);
    free(text);
}

static void every_name_of_a_port_is_printed_so_that_it_is_read_as_that_port(void **state UNUSED)
{
    for (uint16_t i = 0; i < ARRAY_SIZE(names); i++) {
        check_rule(FIRST_PORT + i);
        check_port(FIRST_PORT + i);
    }
}

static void a_name_that_cant_be_written_is_printed_as_the_number(void **state UNUSED)
{
    for (uint16_t i = 0; i < ARRAY_SIZE(impossible); i++) {
        struct bytes text = BYTES_INIT;
        assert_int_equal(ofp_port_name_form(impossible[i]), OFP_NAME_NONE);
        ofp_print_port_styled(&text, FIRST_IMPOSSIBLE + i, &style);
        char *number = xasprintf("%u", FIRST_IMPOSSIBLE + i);
        assert_string_equal(bytes_string(&text), number);
        bytes_uninit(&text);
        free(number);
        check_rule(FIRST_IMPOSSIBLE + i);
        check_port(FIRST_IMPOSSIBLE + i);
    }
}

/* Reserved ports stay what they are, whatever else has such a name. */
static void reserved_ports_are_read_as_themselves(void **state UNUSED)
{
    for (uint32_t port = OFPP_IN_PORT; port <= OFPP_NONE; port++) {
        struct bytes text = BYTES_INIT;
        uint16_t back;
        ofp_print_port_styled(&text, (uint16_t) port, &style);
        assert_true(ofp_parse_port(bytes_string(&text), &how, &back));
        assert_int_equal(back, port);
        bytes_uninit(&text);
    }
    check_rule(OFPP_LOCAL);
}

/* Sizes ---------------------------------------------------------------------------------------- */

/* 'n' times 'piece' with commas between, behind 'before'; the caller frees it. */
static char *repeat(const char *before, const char *piece, const char *separator, size_t n)
{
    struct bytes out = BYTES_INIT;
    bytes_printf(&out, "%s", before);
    for (size_t i = 0; i < n; i++) {
        bytes_printf(&out, "%s%s", i ? separator : "", piece);
    }
    char *text = xstrdup(bytes_string(&out));
    bytes_uninit(&out);
    return text;
}

/* Encodes the flow as OpenFlow 1.0 and as Nicira write it: the switch takes it. */
static void check_that_it_is_sent(struct ofp_flow_mod *fm)
{
    static const enum ofp_kind kinds[] = {OFP_FLOW_MOD, OFP_NXT_FLOW_MOD};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct ofp_message m = {.kind = kinds[i], .flow_mod = *fm}, back;
        struct bytes *msg = ofp_message_encode(&m);
        assert_non_null(msg);
        assert_int_equal(ofp_message_decode(&back, msg->data, msg->size, true), 0);
        ofp_message_uninit(&back);
        bytes_destroy(msg);
    }
}

/* 'text' of a flow, which it frees, is refused with a short line that says 'reason', or, if that is
 * NULL, can be sent. */
static void check_size(char *text, const char *reason)
{
    struct ofp_flow_mod fm;
    char *error;
    int result = ofp_parse_flow_mod(&fm, text, OFPFC_ADD, &how, &error);
    if (reason) {
        assert_int_not_equal(result, 0);
        assert_non_null(strstr(error, reason));
        assert_true(strlen(error) < 500);
        free(error);
    } else {
        if (result) {
            fail_msg("%.99s: %s", text, error);
        }
        check_that_it_is_sent(&fm);
        action_list_uninit(&fm.actions);
    }
    free(text);
}

/* A match of many long fields. */
#define LONG_MATCH \
    "icmp6,icmp_type=135,icmp_code=0,nd_target=fc00::1/ffff::1,nd_sll=1:2:3:4:5:6," \
    "ipv6_src=fc00::1/ffff::1,ipv6_dst=fc00::2/ffff::1,dl_src=1:2:3:4:5:6/ff:0:0:0:0:1,reg0=1/1," \
    "reg1=1/1,reg2=1/1,reg3=1/1,reg4=1/1,reg5=1/1,reg6=1/1,reg7=1/1,tun_id=1/3 actions="

/* What is accepted can be sent in every form, and what can't is refused; the longest note and one
 * byte more, many learns, moves. */
static void actions_that_no_message_has_room_for_are_refused(void **state UNUSED)
{
    static const char *const starts[] = {"actions=", LONG_MATCH};
    static const char no_room[] = " bytes in a message, and 64432 at most are possible: leave some";
    static const char learn[] = "learn(NXM_NX_REG0[],NXM_NX_REG1[],NXM_NX_REG2[],NXM_NX_REG3[])";
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        char *note = xasprintf("%snote:", starts[i]);
        check_size(repeat(note, "ab", ".", 64422), NULL);
        check_size(repeat(note, "ab", ".", 64423), "a note of 64423 bytes is too long: give 64422");
        check_size(repeat(note, "ab", ".", 65000), "a note of 65000 bytes is too long: give 64422");
        check_size(repeat(note, "ab", "", 400000), "a note of 400000 bytes is too long");
        check_size(repeat(note, "abx", ".", 65000), "... is not understood: note takes bytes");
        free(note);
        note = repeat(starts[i], "dec_ttl", ",", 3);
        char *long_note = repeat("note:", "ab", ".", 64422);
        check_size(xasprintf("%s,%s", note, long_note), no_room);
        free(long_note);
        free(note);
        check_size(repeat(starts[i], "move:NXM_NX_REG0[]->NXM_NX_REG1[]", ",", 2048), NULL);
        check_size(repeat(starts[i], "dec_ttl", ",", 2049), "there are 2049 actions, and 2048 at");
        check_size(repeat(starts[i], learn, ",", 732), NULL);
        check_size(repeat(starts[i], learn, ",", 733), no_room);
    }
}

/* Of 'n' bytes of a packet in hex and 'm' of a note. */
static int parse_packet_out(size_t n, size_t m, char **error)
{
    char *packet = repeat("in_port=1,packet=", "ab", "", n);
    char *note = repeat(",actions=note:", "ab", "", m);
    char *text = xasprintf("%s%s", packet, note);
    struct bytes frame = BYTES_INIT;
    struct ofp_message msg = {.kind = OFP_PACKET_OUT};
    int result = ofp_parse_packet_out(&msg.packet_out, text, &frame, &how, error);
    if (!result) {
        struct bytes *encoded = ofp_message_encode(&msg);
        assert_non_null(encoded);
        bytes_destroy(encoded);
        action_list_uninit(&msg.packet_out.actions);
    }
    bytes_uninit(&frame);
    free(packet);
    free(note);
    free(text);
    return result;
}

static void a_packet_and_its_actions_fit_into_a_message_together(void **state UNUSED)
{
    char *error;
    assert_int_equal(parse_packet_out(65503, 6, &error), 0);
    assert_int_not_equal(parse_packet_out(65504, 6, &error), 0);
    assert_string_equal(error, "the packet has 65504 bytes and its actions take 16, and a message "
                        "has room for 65519 together: send a shorter packet");
    free(error);
    assert_int_equal(parse_packet_out(1000, 60000, &error), 0);
    assert_int_not_equal(parse_packet_out(70000, 60000, &error), 0);
    free(error);
}

static void a_word_that_is_much_too_long_is_shown_in_part(void **state UNUSED)
{
    check_size(repeat("in_port=", "x", "", 100000), "x... is not understood: in_port takes");
    check_size(repeat("table=", "9", "", 100000), "9... is not understood: table takes");
    check_size(repeat("actions=output:", "x", "", 100000), "x... is not understood: output takes");
}

/* Cuts ----------------------------------------------------------------------------------------- */

/* Flows with all that can be open. */
static const char *const rich[] = {
    "table=3,cookie=0x1f,priority=500,idle_timeout=60,in_port=\"s1-eth2\",tcp,nw_src=10.0.0.0/8,"
    "tp_dst=0x50/0xff actions=mod_nw_tos:32,output:\"a b\",enqueue(\"a:b\",3),enqueue:7:2",
    "actions=learn(table=1,idle_timeout=5,priority=7,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
    "NXM_OF_VLAN_TCI[0..11],load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15],output:NXM_OF_IN_PORT[],"
    "fin_idle_timeout=3,send_flow_rem,delete_learned,cookie=9),resubmit(\"normal\",1),strip_vlan",
    "in_port(1),dl_type(0x800),actions=output(1),1",
    "ipv6,ipv6_src=fc00::/8,in_port=\"(\",actions=output(1),output:\"#\",resubmit(,1),flood # (",
    "dl_vlan=5 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],load:0x5->NXM_NX_REG1[4..7],"
    "output:NXM_NX_REG0[16..31],controller(reason=action,max_len=9,id=3),note:00.11.22.33",
    "reg0=5/7,tun_id=3 actions=fin_timeout(idle_timeout=5,hard_timeout=7),set_tunnel:5,exit,"
    "mod_dl_src(1:2:3:4:5:6),\"a)b\",output:\"]\",set_queue:3,pop_queue,dec_ttl,controller(5)",
};

/* Whether the text leaves something open, counted naively: none of ours has a comment within. */
static bool leaves_open(const char *text, size_t size)
{
    bool in_quotes = false;
    int depth = 0;
    for (size_t i = 0; i < size && (text[i] != '#' || in_quotes); i++) {
        in_quotes ^= text[i] == '"';
        depth += !in_quotes && strchr("([", text[i]) ? 1 : 0;
        depth -= !in_quotes && strchr(")]", text[i]) ? 1 : 0;
    }
    return in_quotes || depth;
}

/* What is accepted means something that can be printed and read. */
static void check_that_it_is_a_flow(const char *text, struct ofp_flow_mod *fm)
{
    struct ofp_flow_stats fs = {.match = fm->match, .priority = fm->priority,
                                .actions = fm->actions, .cookie = fm->cookie};
    struct ofp_flow_mod back;
    struct bytes printed = BYTES_INIT;
    char *error;
    ofp_print_flow_stats_styled(&printed, &fs, &style);
    if (ofp_parse_flow_mod(&back, bytes_string(&printed), OFPFC_ADD, &how, &error)) {
        fail_msg("%s is printed as %s: %s", text, bytes_string(&printed), error);
    }
    assert_true(match_equal(&fm->match, &back.match));
    assert_true(action_list_equal(&fm->actions, &back.actions));
    action_list_uninit(&back.actions);
    action_list_uninit(&fm->actions);
    bytes_uninit(&printed);
}

/* Reads the first 'size' bytes of 'text' as a flow and as a request. */
static void check_cut(const char *text, size_t size)
{
    char *cut = xasprintf("%.*s", (int) size, text);
    bool is_open = leaves_open(text, size);
    struct ofp_flow_stats_request request;
    struct ofp_flow_mod fm;
    char *error = NULL;
    if (!ofp_parse_flow_mod(&fm, cut, OFPFC_ADD, &how, &error)) {
        if (is_open) {
            fail_msg("%s is accepted", cut);
        }
        check_that_it_is_a_flow(cut, &fm);
    } else if (size == strlen(text) || is_open != !!strstr(error, "is not closed: add ")) {
        fail_msg("%s: %s", cut, error);
    }
    free(error);
    error = NULL;
    assert_true(ofp_parse_flow_request(&request, cut, &how, &error) || !is_open);
    free(error);
    free(cut);
}

static void a_flow_that_is_cut_is_refused_or_another_flow(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(rich); i++) {
        for (size_t size = 0; size <= strlen(rich[i]); size++) {
            check_cut(rich[i], size);
        }
    }
}

/* 'text' without the byte at 'i', which opens or closes something, is no flow. */
static void check_without(const char *text, size_t i)
{
    char *less = xasprintf("%.*s%s", (int) i, text, text + i + 1);
    struct ofp_flow_mod fm;
    char *error;
    if (!ofp_parse_flow_mod(&fm, less, OFPFC_ADD, &how, &error)) {
        fail_msg("%s is accepted", less);
    }
    free(error);
    free(less);
}

static void a_flow_without_one_of_its_parentheses_is_refused(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(rich); i++) {
        bool in_quotes = false;
        for (size_t at = 0; rich[i][at] && (rich[i][at] != '#' || in_quotes); at++) {
            in_quotes ^= rich[i][at] == '"';
            if (rich[i][at] == '"' || (!in_quotes && strchr("()[]", rich[i][at]))) {
                check_without(rich[i], at);
            }
        }
    }
}

static void a_packet_out_that_is_cut_within_parentheses_is_refused(void **state UNUSED)
{
    static const char text[] = "in_port=\"s1-eth2\",packet=udp([fc00::1]:53 > [fc00::2]:4000, data "
                               "00ff),actions=resubmit(,3),output:\"a b\"";
    for (size_t size = 0; size < sizeof text; size++) {
        char *cut = xasprintf("%.*s", (int) size, text);
        struct bytes frame = BYTES_INIT;
        struct ofp_packet_out po;
        char *error = NULL;
        if (!ofp_parse_packet_out(&po, cut, &frame, &how, &error)) {
            assert_false(leaves_open(text, size));
            action_list_uninit(&po.actions);
        } else {
            assert_int_equal(!!strstr(error, "is not closed: add "), leaves_open(text, size));
        }
        free(error);
        bytes_uninit(&frame);
        free(cut);
    }
}

static void what_is_not_closed_is_named(void **state UNUSED)
{
    static const struct {
        const char *text;  /* Typed. */
        const char *error; /* What is told. */
    } examples[] = {
        {"actions=learn(", "the parenthesis that actions=learn( opens is not closed: add )"},
        {"actions=1, learn(table=1,NXM_NX_REG0[",
         "the bracket that NXM_NX_REG0[ opens is not closed: add ]"},
        {"actions=learn(NXM_NX_REG0[)", "the bracket that actions=learn(NXM_NX_REG0[ opens is not "
         "closed: add ]"},
        {"tcp,in_port=\"eth0,actions=1", "the quote that in_port=\" opens is not closed: add \""},
        {"actions=output:1)", "there is no parenthesis that the ) of actions=output:1) closes: "
         "leave it out"},
        {"actions=strip_vlan,]", "there is no bracket that the ] of ] closes: leave it out"},
        {"actions=((((((((1))))))))", "an action has no name: write it as output:1"},
        {"actions=(((((((((1)))))))))", "parentheses are nested deeper than 8: leave some out"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
        struct ofp_flow_mod fm;
        char *error;
        assert_int_not_equal(ofp_parse_flow_mod(&fm, examples[i].text, OFPFC_ADD, &how, &error), 0);
        assert_string_equal(error, examples[i].error);
        free(error);
    }
}

/* Fragments ------------------------------------------------------------------------------------ */

/* Makes '*m' ask for IPv4 packets whose bits 'mask' of nw_frag are 'value'. */
static void match_fragments(struct match *m, uint8_t value, uint8_t mask)
{
    match_init_any(m);
    m->flow.dl_type = htons(0x0800);
    m->mask.dl_type = UINT16_MAX;
    m->flow.nw_frag = value & mask;
    m->mask.nw_frag = mask;
}

/* rows: B6 */
static void whatever_is_asked_of_fragments_is_read_as_it_was_printed(void **state UNUSED)
{
    for (uint8_t i = 0; i < 16; i++) {
        struct match wanted, typed, again;
        struct bytes printed = BYTES_INIT;
        char *error, *text = xasprintf("ip,ip_frag=%u/%u", i >> 2, i & 3);
        match_fragments(&wanted, i >> 2, i & 3);
        assert_int_equal(ofp_parse_match(&typed, text, &how, &error), 0);
        assert_true(match_equal(&typed, &wanted));
        ofp_print_match(&printed, &wanted);
        assert_int_equal(ofp_parse_match(&again, bytes_string(&printed), &how, &error), 0);
        if (!match_equal(&again, &wanted)) {
            fail_msg("%s is printed as %s", text, bytes_string(&printed));
        }
        bytes_uninit(&printed);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_of_a_port_is_printed_so_that_it_is_read_as_that_port),
        cmocka_unit_test(a_name_that_cant_be_written_is_printed_as_the_number),
        cmocka_unit_test(reserved_ports_are_read_as_themselves),
        cmocka_unit_test(a_flow_that_is_cut_is_refused_or_another_flow),
        cmocka_unit_test(a_flow_without_one_of_its_parentheses_is_refused),
        cmocka_unit_test(a_packet_out_that_is_cut_within_parentheses_is_refused),
        cmocka_unit_test(what_is_not_closed_is_named),
        cmocka_unit_test(actions_that_no_message_has_room_for_are_refused),
        cmocka_unit_test(a_packet_and_its_actions_fit_into_a_message_together),
        cmocka_unit_test(a_word_that_is_much_too_long_is_shown_in_part),
        cmocka_unit_test(whatever_is_asked_of_fragments_is_read_as_it_was_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
