/* SPDX-License-Identifier: Apache-2.0 */
/* What the decoders and encoders of all families need: rests, growing bodies, strings. */
#include "lib/openflow/ofp-codec.h"

#include <string.h>


struct ofp_data ofp_codec_rest(const struct ofp_message *m, size_t offset)
{
    return (struct ofp_data){.data = m->raw + offset, .size = m->raw_size - offset};
}

struct reader ofp_codec_reader(const struct ofp_message *m, size_t offset)
{
    struct reader r;
    reader_init(&r, m->raw + offset, m->raw_size - offset);
    return r;
}

void *ofp_codec_extend(struct bytes *msg, size_t size)
{
    bytes_put_zeros(msg, size - msg->size);
    return bytes_at(msg, 0);
}

void ofp_codec_put_string(char *wire, size_t size, const char *text)
{
    memcpy(wire, text, strnlen(text, size - 1));
}

void ofp_codec_get_string(char *text, const char *wire, size_t size)
{
    size_t length = strnlen(wire, size);
    memcpy(text, wire, length);
    text[length] = '\0';
}
