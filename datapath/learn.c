/* SPDX-License-Identifier: Apache-2.0 */
/* Executing learn: the rule that a packet teaches is touched if it stands, else asked for. */
#include "datapath/learn.h"

#include "datapath/datapath-private.h"
#include "datapath/upcall.h"
#include "lib/hash.h"

/* Theory
 * ======
 *
 * Only the control thread writes tables.  So a worker that meets a learn action makes the rule it
 * says, in a buffer of its own, and looks whether the tables have it, by the index of matches that
 * flow_mods use.  If they do, with these actions and this cookie, using it is all there is to do:
 * that is the case for nearly every packet.  If not, the rule goes up through the ring, in a lane
 * of its own, and the control thread adds it or changes the one there is.
 *
 * Until that has happened, more packets teach the same.  So the thread remembers what it has lately
 * put into the ring and where, and puts nothing there a second time while the first is not yet
 * taken out; by then the rule stands.  The place in that memory is the match's: who teaches
 * something else for the same match is remembered instead.  Two matches that share a place cost a
 * second record, which changes nothing.
 *
 * The answer to a packet may come back before the control thread has learnt what the packet
 * teaches: between network namespaces it waits to be received when the sending system call returns.
 * So the packet is deferred: what it is sent to is put into the lane behind the rule, and the
 * control thread sends it when the rule stands.  Packets that come later and would overtake it go
 * the same way, as long as the lane holds anything of this; it holds copies of frames for no more
 * than half of its room.  That must end although they keep coming, so after DEFER_NSEC packets are
 * sent at once until the lane has been emptied.  A rule that was asked for lately and does not
 * stand all the same, because its table is full, say, defers nothing.  What a packet_out teaches
 * does not defer it: its sender may wait for a barrier. */

/* Nanoseconds for which packets are deferred at most, and within which a rule is not waited for
 * again. */
#define DEFER_NSEC (2 * MSEC)
#define AGAIN_NSEC (1 * SEC)

/* Marks 'rule' as used and learnt now. */
static void touch(struct execution *x, struct rule *rule)
{
    int64_t now = x->fw->netdev.now;
    tables_credit(x->dp->tables, x->fw->netdev.id, rule, 0, 0, now);
    rule_learn(rule, now);
}

/* Does 'rule' do what 'learnt' says? A cookie of -1 leaves that of a rule that stands. */
static bool is_same(const struct rule *rule, const struct learnt_rule *learnt)
{
    const struct action_list actions = learnt_actions(learnt);
    bool has_cookie = learnt->cookie == UINT64_MAX || rule->cookie == learnt->cookie;
    return has_cookie && action_list_equal(&rule->actions, &actions);
}

/* Notes that what this thread has put into the lane so far is to be waited for. */
static void begin_deferring(struct forwarder *fw)
{
    if (upcall_ring_is_taken(fw->upcalls, UPCALL_LANE_LEARN, fw->deferred_until)) {
        fw->deferred_since = fw->netdev.now;
    }
    fw->has_deferred = true;
    fw->deferred_until = upcall_ring_position(fw->upcalls, UPCALL_LANE_LEARN);
}

/* Defers the packet in execution if there is something to wait for. */
static void defer(struct forwarder *fw)
{
    if (upcall_ring_is_taken(fw->upcalls, UPCALL_LANE_LEARN, fw->deferred_until)) {
        fw->has_deferred = fw->defers = false;
    } else {
        fw->defers = !fw->sends_at_once && fw->netdev.now - fw->deferred_since < DEFER_NSEC;
    }
}

/* Asks the control thread for the rule. */
static void post(struct execution *x, struct learnt_rule *learnt)
{
    struct forwarder *fw = x->fw;
    size_t size = learnt_size(learnt);
    uint64_t hash = hash_bytes(learnt, size, x->dp->id);
    uint64_t place = hash_bytes(&learnt->match, sizeof learnt->match, x->dp->id);
    struct learn_memory *memory = &fw->learn_memory[place % FORWARDER_LEARNS];
    if (memory->hash == hash
        && !upcall_ring_is_taken(fw->upcalls, UPCALL_LANE_LEARN, memory->position)) {
        return;
    }
    const struct upcall_record record = {.datapath = x->dp->id, .reason = UPCALL_LEARN};
    struct packet blob;
    packet_use(&blob, learnt, size, learnt, size);
    if (upcall_ring_put(fw->upcalls, UPCALL_LANE_LEARN, &record, &blob, NULL, NULL) == UPCALL_PUT) {
        bool is_new = memory->hash != hash || fw->netdev.now - memory->when >= AGAIN_NSEC;
        fw->has_upcalls = true;
        *memory = (struct learn_memory){
            .hash = hash,
            .position = upcall_ring_position(fw->upcalls, UPCALL_LANE_LEARN),
            .when = fw->netdev.now,
        };
        if (is_new) {
            begin_deferring(fw);
        }
    } else {
        datapath_drop(x->dp, fw->netdev.id, DROP_LEARN_FULL, 1);
    }
}

void execute_learn(struct execution *x, const struct action *a)
{
    struct learnt_rule *learnt = x->fw->learnt;
    struct flow copy;
    learn_from((const struct action_learn *) a, execution_fields(x, &copy), learnt);
    learnt->is_bound &= x->rule != NULL;
    if (learnt->table_id >= tables_count(x->dp->tables)) {
        return;
    }
    struct rule *rule = tables_find(x->dp->tables, learnt->table_id, &learnt->match,
                                    rule_precedence(false, learnt->priority));
    if (rule && is_same(rule, learnt)) {
        touch(x, rule);
    } else {
        post(x, learnt);
    }
    if (UNLIKELY(x->fw->has_deferred)) {
        defer(x->fw);
    }
}
