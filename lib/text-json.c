/* SPDX-License-Identifier: Apache-2.0 */
/* Strings of any bytes as JSON. */
#include "lib/text-json.h"

#include <jansson.h>
#include <stdlib.h>

#include "lib/util.h"

struct json_t *text_json(const char *s)
{
    json_t *string = json_string(s);
    if (!string) {
        char *copy = xstrdup(s);
        for (char *p = copy; *p; p++) {
            *p = *p & 0x80 ? '?' : *p;
        }
        string = json_string(copy);
        free(copy);
    }
    return string;
}
