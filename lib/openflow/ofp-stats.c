/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics replies: spread over several messages, with rules in either form. */
#include <assert.h>
#include <stdlib.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Closes the message being filled with 'flags' and pushes it to the parts. */
static void writer_close(struct ofp_stats_writer *w, uint16_t flags)
{
    struct ofp10_stats_msg *head = bytes_at(w->msg, 0);
    head->flags = htons(flags);
    ofp_msg_finish(w->msg);

    struct ofp_part *part = xmalloc(sizeof *part);
    part->bytes = w->msg;
    list_push_back(w->parts, &part->node);
    w->msg = NULL;
}

void ofp_stats_start(struct ofp_stats_writer *w, enum ofp_kind kind, uint32_t xid,
                     struct list *parts)
{
    w->kind = kind;
    w->xid = xid;
    w->msg = ofp_msg_start(kind, xid);
    w->parts = parts;
}

struct bytes *ofp_stats_room(struct ofp_stats_writer *w, size_t size)
{
    if (w->msg->size + size > OFP_MAX_MESSAGE) {
        writer_close(w, OFPSF_REPLY_MORE);
        w->msg = ofp_msg_start(w->kind, w->xid);
    }
    assert(w->msg->size + size <= OFP_MAX_MESSAGE);
    return w->msg;
}

void ofp_stats_put_flow(struct ofp_stats_writer *w, const struct ofp_flow_stats *fs)
{
    if (w->kind == OFP_NXST_FLOW_REPLY) {
        nx_flow_stats_put(ofp_stats_room(w, nx_flow_stats_size(fs)), fs);
    } else {
        ofp_flow_stats_put(ofp_stats_room(w, ofp_flow_stats_size(fs)), fs);
    }
}

bool ofp_flow_entry_next(enum ofp_kind kind, struct reader *r, struct ofp_flow_stats *fs)
{
    return kind == OFP_NXST_FLOW_REPLY ? nx_flow_stats_next(r, fs) : ofp_flow_stats_next(r, fs);
}

void ofp_stats_finish(struct ofp_stats_writer *w)
{
    writer_close(w, 0);
}

void ofp_stats_abort(struct ofp_stats_writer *w)
{
    bytes_destroy(w->msg);
    w->msg = NULL;
}

struct bytes *ofp_parts_pop(struct list *parts)
{
    struct list *node = list_pop_front(parts);
    if (!node) {
        return NULL;
    }

    struct ofp_part *part = CONTAINER_OF(node, struct ofp_part, node);
    struct bytes *msg = part->bytes;
    free(part);
    return msg;
}
