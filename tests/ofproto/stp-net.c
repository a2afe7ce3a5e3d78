/* SPDX-License-Identifier: Apache-2.0 */
/* Networks of spanning tree machines in virtual time, for their tests. */
#include "tests/ofproto/stp-net.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "tests/unit.h"

const struct stp_port_config net_port_config = {
    .cost = 20000,
    .priority = STP_PORT_PRIORITY_DEFAULT,
    .edge = STP_EDGE_NO,
    .is_point_to_point = true,
};

/* Whom an event is about. */
struct net_aux {
    struct net *net; /* Network. */
    int i;           /* Bridge. */
};

/* A frame on its way to all ports on a LAN but one. */
struct flying {
    int lan;                         /* Where. */
    int bridge;                      /* Who sent it. */
    uint16_t port;                   /* By which port. */
    uint8_t frame[BPDU_FRAME_SIZE];  /* Content. */
};

static struct net_aux auxes[NET_BRIDGES];

static struct net_port *port_of(const struct net_aux *a, uint16_t number)
{
    return &a->net->bridges[a->i].ports[number];
}

static void on_send(void *aux_, uint16_t number, const struct bpdu *bpdu)
{
    const struct net_aux *a = aux_;
    struct net_port *p = port_of(a, number);
    struct flying f = {p->lan, a->i, number, {0}};
    const uint8_t mac[6] = {2, 0, 0, 0, (uint8_t) a->i, (uint8_t) number};
    p->sent[bpdu->kind]++;
    p->last = *bpdu;
    bpdu_encode(bpdu, mac, f.frame);
    bytes_put(&a->net->flying, &f, sizeof f);
}

static void on_change(void *aux_, uint16_t number, enum stp_role role, enum stp_state state)
{
    struct net_port *p = port_of(aux_, number);
    p->role = role;
    p->state = state;
}

static void on_flush(void *aux_, uint16_t number, bool is_rapid UNUSED)
{
    port_of(aux_, number)->flushes++;
}

static const struct stp_events events = {
    .send = on_send,
    .port_changed = on_change,
    .flush = on_flush,
};

struct stp_config net_config(int i, enum stp_version version)
{
    return (struct stp_config) {
        .version = version,
        .mac = {0, 0, 0, 0, 1, (uint8_t) i},
        .priority = STP_PRIORITY_DEFAULT,
        .hello_time = STP_HELLO_DEFAULT * SEC,
        .max_age = STP_MAX_AGE_DEFAULT * SEC,
        .forward_delay = STP_FORWARD_DELAY_DEFAULT * SEC,
    };
}

void net_init(struct net *net)
{
    memset(net, 0, sizeof *net);
    net->now = 1000 * SEC;
}

void net_uninit(struct net *net)
{
    for (int i = 0; i < NET_BRIDGES; i++) {
        stp_destroy(net->bridges[i].stp);
    }
    bytes_uninit(&net->flying);
}

int net_setup(void **state)
{
    struct net *net = xmalloc(sizeof *net);
    net_init(net);
    net->checks_loops = true;
    *state = net;
    return 0;
}

int net_teardown(void **state)
{
    net_uninit(*state);
    free(*state);
    return 0;
}

void net_add_bridge(struct net *net, int i, const struct stp_config *config)
{
    struct net_bridge *b = &net->bridges[i];
    auxes[i] = (struct net_aux) {net, i};
    b->stp = stp_create(config, &events, &auxes[i]);
    b->id = (uint64_t) config->priority << 48 | (uint64_t) (NET_ID_BASE + i);
    for (int number = 0; number <= NET_PORTS; number++) {
        b->ports[number].lan = -1;
    }
}

void net_make_bridge(struct net *net, int i, enum stp_version version)
{
    const struct stp_config config = net_config(i, version);
    net_add_bridge(net, i, &config);
}

void net_make_ring(struct net *net, int n, unsigned stp)
{
    for (int i = 0; i < n; i++) {
        net_make_bridge(net, i, stp >> i & 1 ? STP_VERSION_STP : STP_VERSION_RSTP);
        net_link(net, i, 1, i);
        net_link(net, i, 2, (i + n - 1) % n);
    }
}

void net_kill_bridge(struct net *net, int i)
{
    stp_destroy(net->bridges[i].stp);
    memset(&net->bridges[i], 0, sizeof net->bridges[i]);
}

void net_connect(struct net *net, int i, uint16_t number, int lan,
                 const struct stp_port_config *config)
{
    struct net_bridge *b = &net->bridges[i];
    b->ports[number].lan = lan;
    b->ports[number].cost = config->cost;
    stp_port_add(b->stp, number, config, net->now);
    stp_port_set_enabled(b->stp, number, true, net->now);
}

void net_link(struct net *net, int i, uint16_t number, int lan)
{
    net_connect(net, i, number, lan, &net_port_config);
}

void net_set_lan(struct net *net, int lan, bool up)
{
    for (int i = 0; i < NET_BRIDGES; i++) {
        struct net_bridge *b = &net->bridges[i];
        for (uint16_t number = 1; b->stp && number <= NET_PORTS; number++) {
            if (b->ports[number].lan == lan) {
                stp_port_set_enabled(b->stp, number, up, net->now);
            }
        }
    }
    net->is_lan_down[lan] = !up;
}

void net_receive(struct net *net, int i, uint16_t number, const struct bpdu *bpdu)
{
    stp_receive(net->bridges[i].stp, number, bpdu, net->now);
}

/* Delivers the oldest frame. */
static void deliver(struct net *net)
{
    struct flying f;
    struct bpdu bpdu;
    memcpy(&f, net->flying.data, sizeof f);
    bytes_pull(&net->flying, sizeof f);
    assert_int_equal(bpdu_decode(f.frame, sizeof f.frame, &bpdu), 0);
    for (int i = 0; i < NET_BRIDGES && !net->is_lan_down[f.lan]; i++) {
        struct net_bridge *b = &net->bridges[i];
        for (uint16_t number = 1; b->stp && number <= NET_PORTS; number++) {
            if (b->ports[number].lan == f.lan && (i != f.bridge || number != f.port)) {
                stp_receive(b->stp, number, &bpdu, net->now);
                assert_true(!net->checks_loops || !net_has_loop(net));
            }
        }
    }
}

/* Lets everything happen that happens now. */
static void settle(struct net *net)
{
    unsigned n = 0;
    while (net->flying.size) {
        deliver(net);
        assert_true(++n < 100000);
    }
}

void net_run(struct net *net, double seconds)
{
    int64_t end = net->now + (int64_t) (seconds * 1e9);
    settle(net);
    for (;;) {
        int64_t next = INT64_MAX;
        for (int i = 0; i < NET_BRIDGES; i++) {
            if (net->bridges[i].stp) {
                next = MIN(next, stp_next(net->bridges[i].stp));
            }
        }
        if (next > end) {
            break;
        }
        assert_true(next > net->now);
        net->now = next;
        for (int i = 0; i < NET_BRIDGES; i++) {
            if (net->bridges[i].stp) {
                stp_run(net->bridges[i].stp, net->now);
            }
        }
        assert_true(!net->checks_loops || !net_has_loop(net));
        settle(net);
    }
    net->now = end;
}

int net_draw(unsigned *seed, int n)
{
    return rand_r(seed) % n;
}

void net_shake(struct net *net, unsigned *seed, int n_lans, int seconds)
{
    net_run(net, 120);
    net_check_tree(net);
    for (int change = 0; change < 6; change++) {
        int lan = net_draw(seed, n_lans);
        net_set_lan(net, lan, net->is_lan_down[lan]);
        net_run(net, net_draw(seed, seconds));
    }
    net_run(net, 120);
    net_check_tree(net);
}

/* Graphs --------------------------------------------------------------------------------------- */

/* The representative of node 'x' in the sets 'parents'. */
static int find(int *parents, int x)
{
    while (parents[x] != x) {
        x = parents[x];
    }
    return x;
}

/* Nodes are bridges and then LANs; joins what ports, forwarding ones or all, connect. Returns
 * whether some were connected before. */
static bool join_all(const struct net *net, bool forwarding, int *parents)
{
    bool loop = false;
    for (int x = 0; x < NET_BRIDGES + NET_LANS; x++) {
        parents[x] = x;
    }
    for (int i = 0; i < NET_BRIDGES; i++) {
        for (int number = 1; net->bridges[i].stp && number <= NET_PORTS; number++) {
            const struct net_port *p = &net->bridges[i].ports[number];
            if (p->lan < 0 || net->is_lan_down[p->lan]
                || (forwarding && p->state != STP_FORWARDING)) {
                continue;
            }
            int a = find(parents, i), b = find(parents, NET_BRIDGES + p->lan);
            loop |= a == b;
            parents[a] = b;
        }
    }
    return loop;
}

bool net_has_loop(const struct net *net)
{
    int parents[NET_BRIDGES + NET_LANS];
    return join_all(net, true, parents);
}

/* Cost of the best way from bridge 'i' to 'root' by relaxation. */
static void find_costs(const struct net *net, int root, uint64_t *costs)
{
    uint64_t lans[NET_LANS];
    memset(lans, 0xff, sizeof lans);
    memset(costs, 0xff, NET_BRIDGES * sizeof *costs);
    costs[root] = 0;
    for (int round = 0; round < NET_BRIDGES; round++) {
        for (int i = 0; i < NET_BRIDGES; i++) {
            for (int number = 1; net->bridges[i].stp && number <= NET_PORTS; number++) {
                const struct net_port *p = &net->bridges[i].ports[number];
                if (p->lan < 0 || net->is_lan_down[p->lan]) {
                    continue;
                }
                lans[p->lan] = MIN(lans[p->lan], costs[i]);
                if (lans[p->lan] < UINT32_MAX) {
                    costs[i] = MIN(costs[i], lans[p->lan] + p->cost);
                }
            }
        }
    }
}

/* The bridge with the least identifier among those connected with 'i'. */
static int find_root(const struct net *net, int *parents, int i)
{
    int root = i;
    for (int j = 0; j < NET_BRIDGES; j++) {
        if (net->bridges[j].stp && find(parents, i) == find(parents, j)
            && net->bridges[j].id < net->bridges[root].id) {
            root = j;
        }
    }
    return root;
}

void net_assert_port(const struct net *net, int i, int number, enum stp_role role,
                     enum stp_state state)
{
    const struct net_port *p = &net->bridges[i].ports[number];
    assert_string_equal(stp_role_name(p->role), stp_role_name(role));
    assert_string_equal(stp_state_name(p->state), stp_state_name(state));
}

void net_check_tree(const struct net *net)
{
    int physical[NET_BRIDGES + NET_LANS], active[NET_BRIDGES + NET_LANS];
    uint64_t costs[NET_BRIDGES];
    join_all(net, false, physical);
    assert_false(join_all(net, true, active));
    for (int i = 0; i < NET_BRIDGES; i++) {
        struct stp_info info;
        if (!net->bridges[i].stp) {
            continue;
        }
        int root = find_root(net, physical, i);
        stp_get_info(net->bridges[i].stp, &info);
        find_costs(net, root, costs);
        assert_int_equal(info.root, net->bridges[root].id);
        assert_int_equal(info.cost, costs[i]);
        for (int j = 0; j < NET_BRIDGES + NET_LANS; j++) {
            bool is_there = j >= NET_BRIDGES || net->bridges[j].stp;
            if (is_there && find(physical, i) == find(physical, j)) {
                assert_int_equal(find(active, i), find(active, j));
            }
        }
    }
}
