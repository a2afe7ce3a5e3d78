/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the connections of a bridge: nobody's work holds the loop, and so the others, up. */
#include <stdlib.h>

#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "ofproto/connmgr.h"
#include "tests/unit.h"

enum {
    N_PEERS = 10,   /* Connections. */
    STEP = 4096,    /* Rules that a step of an operation looks at: two steps fill a turn. */
    STEPS = 3,      /* Steps of an operation. */
    CHEAP = 40,     /* Messages that a peer sends at once. */
    COST = 512,     /* What one of them costs: four fill a turn. */
};

/* Peers and the connections' side of them. */
struct fixture {
    struct timer_wheel wheel;       /* Time. */
    struct channel_env env;         /* Of the streams. */
    struct connmgr *cm;             /* What is tested. */
    struct stream *peers[N_PEERS];  /* The other ends. */
    bool starts_ops;                /* A message begins an operation, else it just costs. */
    unsigned n_messages;            /* Messages handled. */
    unsigned n_steps;               /* Steps done. */
    unsigned n_done;                /* Operations at their end. */
    unsigned n_cancelled;           /* Operations whose connections were lost. */
};

/* An operation of STEPS steps. */
struct slow_op {
    struct ofop op;    /* For the connection. */
    struct fixture *f; /* Whose. */
    struct ofconn *c;  /* For whom. */
    unsigned n;        /* Steps done. */
};

static enum ofop_state slow_op_step(struct ofop *op, int64_t now UNUSED)
{
    struct slow_op *slow = CONTAINER_OF(op, struct slow_op, op);
    assert_true(ofconn_op_budget(slow->c) > 0);
    ofconn_op_worked(slow->c, STEP);
    slow->f->n_steps++;
    if (++slow->n < STEPS) {
        return OFOP_MORE;
    }
    slow->f->n_done++;
    free(slow);
    return OFOP_DONE;
}

static void slow_op_cancel(struct ofop *op, int64_t now UNUSED)
{
    struct slow_op *slow = CONTAINER_OF(op, struct slow_op, op);
    slow->f->n_cancelled++;
    free(slow);
}

static void message(void *aux, struct ofconn *c, const uint8_t *data UNUSED, size_t size UNUSED)
{
    struct fixture *f = aux;
    f->n_messages++;
    if (f->starts_ops) {
        struct slow_op *slow = xzalloc(sizeof *slow);
        *slow = (struct slow_op){{slow_op_step, slow_op_cancel}, f, c, 0};
        ofconn_start_op(c, &slow->op);
    } else {
        ofconn_charge(c, COST);
    }
}

static void changed(void *aux UNUSED, struct ofconn *c UNUSED, bool up UNUSED)
{
}

static const struct connmgr_handlers handlers = {.message = message, .changed = changed};
static const struct stream_handlers peer_handlers = {.received = NULL};

/* Delivers what is on its way, without a turn of the manager's. */
static void deliver(struct fixture *f)
{
    while (stream_hub_deliver(f->env.hub)) {
        continue;
    }
}

/* Lets peer 'i' send 'n' messages of 'type' in one piece. */
static void send_messages(struct fixture *f, size_t i, uint8_t type, unsigned n)
{
    struct bytes *msg = bytes_create(8 * n);
    while (n--) {
        bytes_put(msg, (const uint8_t[]){OFP10_VERSION, type, 0, 8, 0, 0, 0, 1}, 8);
    }
    stream_send(f->peers[i], msg);
}

static int setup(void **state)
{
    static const struct connmgr_config config = {.max_backoff = SEC};
    struct fixture *f = xzalloc(sizeof *f);
    timer_wheel_init(&f->wheel, SEC);
    f->env.wheel = &f->wheel;
    f->env.hub = stream_hub_create();
    f->cm = connmgr_create(&f->env, NULL, &config, &handlers, f);
    for (size_t i = 0; i < N_PEERS; i++) {
        struct stream *ours;
        stream_pair(&f->env, &f->peers[i], &ours);
        stream_set_handlers(f->peers[i], &peer_handlers, NULL);
        connmgr_add_stream(f->cm, ours, true);
        send_messages(f, i, OFPT_HELLO, 1);
    }
    deliver(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    connmgr_destroy(f->cm);
    for (size_t i = 0; i < N_PEERS; i++) {
        stream_destroy(f->peers[i]);
    }
    stream_hub_destroy(f->env.hub);
    timer_wheel_uninit(&f->wheel);
    free(f);
    return 0;
}

/* Two steps fill a turn, however many there are who want one; each comes round in turn. */
static void operations_share_a_turn(void **state)
{
    struct fixture *f = *state;
    f->starts_ops = true;
    for (size_t i = 0; i < N_PEERS; i++) {
        send_messages(f, i, OFPT_BARRIER_REQUEST, 1);
    }
    deliver(f);
    assert_int_equal(f->n_messages, N_PEERS);
    for (unsigned turn = 1; turn <= N_PEERS * STEPS / 2; turn++) {
        assert_int_equal(f->n_done, turn > N_PEERS ? 2 * (turn - 1 - N_PEERS) : 0);
        connmgr_run(f->cm, SEC);
        assert_int_equal(f->n_steps, 2 * turn);
    }
    assert_int_equal(f->n_done, N_PEERS);
    assert_false(connmgr_run(f->cm, SEC));
}

/* Whatever their turn. */
static void operations_end_with_the_bridge(void **state)
{
    struct fixture *f = *state;
    f->starts_ops = true;
    for (size_t i = 0; i < N_PEERS; i++) {
        send_messages(f, i, OFPT_BARRIER_REQUEST, 1);
    }
    deliver(f);
    connmgr_run(f->cm, SEC);
    connmgr_destroy(f->cm);
    f->cm = NULL;
    assert_int_equal(f->n_cancelled, N_PEERS);
}

/* Dear messages are handled a few in a turn, and those of others meanwhile. */
static void dear_messages_are_spread_over_turns(void **state)
{
    struct fixture *f = *state;
    send_messages(f, 0, OFPT_BARRIER_REQUEST, CHEAP);
    send_messages(f, 1, OFPT_BARRIER_REQUEST, 1);
    deliver(f);
    assert_int_equal(f->n_messages, 4 + 1);
    for (unsigned n = 8; n <= CHEAP; n += 4) {
        connmgr_run(f->cm, SEC);
        deliver(f);
        assert_int_equal(f->n_messages, n + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operations_share_a_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(operations_end_with_the_bridge, setup, teardown),
        cmocka_unit_test_setup_teardown(dear_messages_are_spread_over_turns, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
