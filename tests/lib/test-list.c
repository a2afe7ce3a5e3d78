/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/list: order, removal, walks. */
#include "lib/list.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit.h"

/* An element with a letter, so that lists can be written as strings. */
struct item {
    char letter;
    struct list node;
};

/* Asserts that 'list' holds the letters of 'expected', forwards and backwards. */
static void assert_letters(const struct list *list, const char *expected)
{
    const struct item *item;
    size_t n = 0;
    LIST_FOR_EACH (item, node, list) {
        assert_int_equal(item->letter, expected[n++]);
    }
    assert_int_equal(n, strlen(expected));
    assert_int_equal(list_size(list), n);
    for (const struct list *l = list->prev; l != list; l = l->prev) {
        assert_int_equal(LIST_ENTRY(l, item, node)->letter, expected[--n]);
    }
}

static void elements_stay_in_the_order_of_insertion(void **state UNUSED)
{
    struct item a = {.letter = 'a'}, b = {.letter = 'b'}, c = {.letter = 'c'}, d = {.letter = 'd'};
    struct list list;
    list_init(&list);
    assert_true(list_is_empty(&list));
    assert_null(list_front(&list));
    assert_null(list_back(&list));
    assert_null(list_pop_front(&list));
    list_push_back(&list, &b.node);
    list_push_front(&list, &a.node);
    list_push_back(&list, &d.node);
    list_insert(&d.node, &c.node);
    assert_letters(&list, "abcd");
    assert_ptr_equal(list_front(&list), &a.node);
    assert_ptr_equal(list_back(&list), &d.node);
    assert_ptr_equal(list_pop_front(&list), &a.node);
    assert_ptr_equal(list_remove(&c.node), &d.node);
    assert_true(list_is_empty(&c.node));
    assert_letters(&list, "bd");
    list_remove(&c.node);
    assert_letters(&list, "bd");
}

static void splice_moves_all_and_empties_the_source(void **state UNUSED)
{
    struct item items[] = {{.letter = 'a'}, {.letter = 'b'}, {.letter = 'c'}, {.letter = 'd'}};
    struct list to, from;
    list_init(&to);
    list_init(&from);
    list_splice(&to, &from);
    assert_letters(&to, "");
    list_push_back(&to, &items[0].node);
    list_push_back(&to, &items[3].node);
    list_push_back(&from, &items[1].node);
    list_push_back(&from, &items[2].node);
    list_splice(&items[3].node, &from);
    assert_letters(&to, "abcd");
    assert_letters(&from, "");
    list_splice(&from, &to);
    assert_letters(&from, "abcd");
}

static void a_safe_walk_may_free_what_it_visits(void **state UNUSED)
{
    struct list list;
    struct item *item, *next;
    list_init(&list);
    for (char letter = 'a'; letter <= 'e'; letter++) {
        item = xmalloc(sizeof *item);
        item->letter = letter;
        list_push_back(&list, &item->node);
    }
    LIST_FOR_EACH_SAFE (item, next, node, &list) {
        if (item->letter % 2) {
            list_remove(&item->node);
            free(item);
        }
    }
    assert_letters(&list, "bd");
    LIST_FOR_EACH_SAFE (item, next, node, &list) {
        list_remove(&item->node);
        free(item);
    }
    assert_true(list_is_empty(&list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_stay_in_the_order_of_insertion),
        cmocka_unit_test(splice_moves_all_and_empties_the_source),
        cmocka_unit_test(a_safe_walk_may_free_what_it_visits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
