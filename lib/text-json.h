/* SPDX-License-Identifier: Apache-2.0 */
/* Strings of any bytes as JSON. */
#ifndef LIB_TEXT_JSON_H
#define LIB_TEXT_JSON_H

struct json_t;

/* Returns the string 's' as a JSON string, which the caller owns: if it is no UTF-8, with question
 * marks for what is no ASCII. */
struct json_t *text_json(const char *s);

#endif
