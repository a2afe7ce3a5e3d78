/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a match by name: the one table that parser and printer of text both read. */
#ifndef LIB_OPENFLOW_OFP_FIELDS_H
#define LIB_OPENFLOW_OFP_FIELDS_H

#include "lib/openflow/ofp-field.h"

/* The fields, in the order in which they are printed. */
extern const struct ofp_field ofp_fields[];
extern const size_t ofp_n_fields;

/* Returns the field with the name or alias 'name' (any case), or NULL. */
const struct ofp_field *ofp_field_find(const char *name);

/* Returns the keyword 'name' (any case), or NULL. */
const struct ofp_keyword *ofp_keyword_find(const char *name);

/* Returns the keyword that fits 'm' best: with nw_proto if possible, else without; NULL if none. */
const struct ofp_keyword *ofp_keyword_of(const struct match *m);

/* What 'm' has fixed. */
enum ofp_l3 ofp_match_l3(const struct match *m);
enum ofp_l4 ofp_match_l4(const struct match *m);

/* Returns the name of field or keyword that is nearest to 'word', or NULL if none is near. */
const char *ofp_field_nearest(const char *word);

#endif
