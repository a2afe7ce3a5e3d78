/* SPDX-License-Identifier: Apache-2.0 */
/* Doubly linked circular lists whose links stand inside the elements. */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/util.h"

/* A list is a struct list, its head; an element is another, embedded in some struct.
 *
 * The list owns nothing: whoever adds an element keeps it alive until it is removed.  An element
 * is on one list at most.  A head or an element that list_init() made empty may be asked
 * list_is_empty(), so an element that is initialised can tell whether it is on a list, as long as
 * whoever removes it does list_init() afterwards (list_remove() does).
 *
 * Threads: the owner's only. */
struct list {
    struct list *next; /* Next element, or first of a head; itself if there is none. */
    struct list *prev; /* Previous element, or last of a head; itself if there is none. */
};

/* Makes 'list' an empty head, or an element on no list. */
static inline void list_init(struct list *list)
{
    list->next = list->prev = list;
}

/* Is the head 'list' empty, or the element 'list' on no list? */
static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

/* Inserts 'element' in front of 'before', an element or (for the end) the head. */
static inline void list_insert(struct list *before, struct list *element)
{
    element->prev = before->prev;
    element->next = before;
    before->prev->next = element;
    before->prev = element;
}

/* Adds 'element' at the end of 'list'. */
static inline void list_push_back(struct list *list, struct list *element)
{
    list_insert(list, element);
}

/* Adds 'element' at the beginning of 'list'. */
static inline void list_push_front(struct list *list, struct list *element)
{
    list_insert(list->next, element);
}

/* Takes 'element' off its list, if it is on one, and leaves it initialised.  Returns what followed
 * it, which is the head if it was the last. */
static inline struct list *list_remove(struct list *element)
{
    struct list *next = element->next;
    element->prev->next = next;
    next->prev = element->prev;
    list_init(element);
    return next;
}

/* Returns the first element of 'list', or NULL if it is empty. */
static inline struct list *list_front(const struct list *list)
{
    return list_is_empty(list) ? NULL : list->next;
}

/* Returns the last element of 'list', or NULL if it is empty. */
static inline struct list *list_back(const struct list *list)
{
    return list_is_empty(list) ? NULL : list->prev;
}

/* Takes the first element off 'list' and returns it, or NULL if the list is empty. */
static inline struct list *list_pop_front(struct list *list)
{
    struct list *element = list_front(list);
    if (element) {
        list_remove(element);
    }
    return element;
}

/* Returns the number of elements of 'list', which it counts. */
static inline size_t list_size(const struct list *list)
{
    size_t n = 0;
    for (const struct list *element = list->next; element != list; element = element->next) {
        n++;
    }
    return n;
}

/* Moves all elements of 'source' in front of 'before' (an element of another list, or its head, for
 * the end), in their order; leaves 'source' empty. */
static inline void list_splice(struct list *before, struct list *source)
{
    if (!list_is_empty(source)) {
        source->next->prev = before->prev;
        before->prev->next = source->next;
        source->prev->next = before;
        before->prev = source->prev;
        list_init(source);
    }
}

/* The struct whose 'member' is the element 'element', of the type that 'var' points to. */
#define LIST_ENTRY(element, var, member) CONTAINER_OF(element, __typeof__(*(var)), member)

/* The element 'member' of the struct at 'var', which need not be one: after the last round a loop
 * looks at the head through it, and must not pretend to access a struct there. */
#define LIST_LINK(var, member) \
    ((struct list *) (void *) ((char *) (uintptr_t) (var) + offsetof(__typeof__(*(var)), member)))

/* Runs over 'list', with 'var' pointing to each struct whose 'member' is the element.  'var' may
 * not be removed in the body.  After the last round 'var' points to no struct. */
#define LIST_FOR_EACH(var, member, list) \
    for ((var) = LIST_ENTRY((list)->next, var, member); \
         LIST_LINK(var, member) != (list); \
         (var) = LIST_ENTRY((var)->member.next, var, member))

/* The same, but 'var' may be removed and freed in the body.  'next_' is another pointer like 'var',
 * for the macro's own use; the struct that it points to may not be removed. */
#define LIST_FOR_EACH_SAFE(var, next_, member, list) \
    for ((var) = LIST_ENTRY((list)->next, var, member); \
         LIST_LINK(var, member) != (list) \
         && ((next_) = LIST_ENTRY((var)->member.next, var, member), true); \
         (var) = (next_))

#endif
