/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the control socket as text. */
#include "utilities/ctl-print.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Theory
 * ======
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

/* Ends the line about a controller or listener with its rights, and with how many rules count for
 * it if these are bounded. */
static void print_rights(const json_t *member)
{
    const char *rights = json_string_value(json_object_get(member, "rights"));
    const json_t *flows = json_object_get(member, "flows");
    if (rights) {
        printf(", rights %s", rights);
    }
    if (json_is_integer(flows)) {
        printf(" (%" JSON_INTEGER_FORMAT " flows)", json_integer_value(flows));
    }
    putchar('\n');
}

static void print_listener(const json_t *listener)
{
    const char *target = string_of(listener, "target");
    json_int_t port = json_integer_value(json_object_get(listener, "port"));
    printf("    listens at %s", target);
    if (port && strtol(strchr(target, ':') + 1, NULL, 10) != port) {
        printf(", port %" JSON_INTEGER_FORMAT, port);
    }
    print_rights(listener);
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
            print_listener(member);
        }
        json_array_foreach (json_object_get(bridge, "controllers"), j, member) {
            printf("    controller %s: %s, role %s", string_of(member, "target"),
                   string_of(member, "state"), string_of(member, "role"));
            print_rights(member);
        }
    }
}

/* Answers that have a text of their own. */
static const struct {
    const char *command;                 /* First word of the request. */
    void (*print)(const json_t *result); /* How it is printed. */
} printers[] = {{"help", print_commands}, {"show", print_bridges}};

/* Replaces control characters in all strings of 'value'. */
static void tame(json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach (value, key, member) {
        tame(member);
    }
    json_array_foreach (value, i, member) {
        tame(member);
    }
    if (json_is_string(value)) {
        char *text = xstrdup(json_string_value(value));
        str_tame(text);
        json_string_set(value, text);
        free(text);
    }
}

void ctl_print(const char *command, json_t *result)
{
    tame(result);
    for (size_t i = 0; i < ARRAY_SIZE(printers); i++) {
        if (!strcmp(command, printers[i].command)) {
            printers[i].print(result);
            return;
        }
    }
    print_value(result, 0);
}
