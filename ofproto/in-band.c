/* SPDX-License-Identifier: Apache-2.0 */
/* In-band control: the secure channel itself passes through the bridge, whatever the tables say. */
#include "ofproto/in-band.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/link-address.h"
#include "datapath/netdev/link-route.h"
#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream-name.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/in-band-rules.h"
#include "ofproto/ofproto-private.h"

VLOG_DEFINE_MODULE(in_band);

/* Theory
 * ======
 *
 * The rules are written as flows in text, a line each (in-band-rules.c), and forward NORMAL. Once a
 * second the text is made anew of what the kernel knows; if it differs from the old one the front
 * table is emptied and filled again, in one version. What the kernel can't tell just now (there are
 * no descriptors, say) changes nothing. */

enum { PERIOD_MS = 1000 }; /* Between two looks. */

struct in_band {
    struct ofproto *p;   /* Whose. */
    struct timer timer;  /* For the next look. */
    bool is_due;         /* The look has to wait: a flow_mod is half done. */
    bool is_ending;      /* The next look ends it. */
    char *rules;         /* In the table now; owned. */
    bool is_ready;       /* When we last looked, nothing was missing to reach the controllers. */
};

/* What is being found out. */
struct survey {
    struct in_band_facts facts; /* The result. */
    unsigned ifindex;           /* Interface LOCAL; 0 in simulation: no kernel is asked. */
    bool lacks_way;             /* No way is known to one of the controllers, */
    bool lacks_way_ip6;         /* one of IPv6. */
    bool wants_global;          /* An IPv6 address is needed that is not a link-local one. */
    int error;                  /* Why something can't be found out just now, an errno; or 0. */
};

/* Targets -------------------------------------------------------------------------------------- */

/* A network target. */
struct target {
    struct link_ip ip;      /* Address; none if it is written as a name. */
    char zone[IF_NAMESIZE]; /* Interface of a link-local address, or "". */
    bool has_port;          /* 'port' was given. */
    uint16_t port;          /* TCP port, host order. */
};

/* Takes the address out of 'text'. Returns 0; ENOENT if it is no network target; EINVAL with
 * '*error' if it is no target at all. */
static int target_parse(const char *text, struct target *t, char **error)
{
    struct stream_name name;
    int err = stream_name_parse(text, &name, error);
    if (err) {
        return err;
    }
    if (name.transport == STREAM_TCP || name.transport == STREAM_TLS) {
        char *zone = strchr(name.host, '%');
        if (zone) {
            *zone++ = '\0';
        }
        *t = (struct target){.has_port = name.has_port, .port = name.port};
        snprintf(t->zone, sizeof t->zone, "%s", zone ? zone : "");
        link_ip_parse(name.host, &t->ip);
    } else {
        err = ENOENT;
    }
    stream_name_uninit(&name);
    return err;
}

int in_band_check(const char *text, const char *local, char **error)
{
    struct target t;
    int err = target_parse(text, &t, error);
    if (err) {
        return err == ENOENT ? 0 : err;
    }
    if (t.ip.family == AF_UNSPEC) {
        *error = xasprintf("%s: in-band control needs the controller's IP address in place of its "
                           "name, for it lets no other traffic through to look it up", text);
    } else if (*t.zone && strcmp(t.zone, local)) {
        *error = xasprintf("%s: in-band control goes by the LOCAL port, whose interface is %s: "
                           "write %%%s in place of %%%s, or leave out --in-band", text, local,
                           local, t.zone);
    } else {
        return 0;
    }
    return EINVAL;
}

/* What is known -------------------------------------------------------------------------------- */

/* True if 'error' says that something was not there to ask the kernel with, and nothing of what was
 * asked for. */
static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS
           || error == EINTR || error == EAGAIN;
}

/* Finds out the index of interface 'name'; 0 if there is none. */
static void find_interface(struct survey *s, const char *name)
{
    struct netdev_status status;
    int error = link_status_get(name, &status, NULL);
    s->ifindex = error ? 0 : (unsigned) status.ifindex;
    s->lacks_way |= error != 0;
    s->error = is_shortage(error) ? error : 0;
}

/* Finds out who is next on the way to 'end'. */
static void find_way(struct survey *s, struct in_band_end *end)
{
    struct link_route route;
    bool is_ip6 = end->ip.family == AF_INET6;
    unsigned ifindex = link_ip_is_link_local(&end->ip) ? s->ifindex : 0;
    int error = link_route_get(&end->ip, ifindex, &route);
    if (error) {
        s->error = is_shortage(error) ? error : s->error;
        s->lacks_way = true;
        s->lacks_way_ip6 |= is_ip6;
        return;
    }
    end->gateway = route.gateway;
    if (is_ip6 && route.ifindex == s->ifindex) {
        const struct link_ip *next = route.gateway.family ? &route.gateway : &end->ip;
        error = link_neighbour_get(route.ifindex, next, end->next_mac);
        end->has_next_mac = !error;
        s->error = is_shortage(error) ? error : s->error;
    }
}

/* Adds the controller at 'text', if it is one that the network leads to. */
static void add_controller(struct survey *s, const char *text)
{
    static const uint16_t default_ports[IN_BAND_PORTS] = {CHANNEL_PORT, OFP_TCP_PORT};
    struct target t;
    char *error = NULL;
    if (target_parse(text, &t, &error) || t.ip.family == AF_UNSPEC) {
        free(error);
        return;
    }
    struct in_band_end *end = in_band_facts_add_end(&s->facts, &t.ip);
    s->wants_global |= t.ip.family == AF_INET6 && !link_ip_is_link_local(&t.ip);
    if (t.has_port) {
        end->ports[0] = t.port;
    } else {
        memcpy(end->ports, default_ports, sizeof end->ports);
    }
    if (s->ifindex) {
        find_way(s, end);
    }
}

/* True if who listens at 'where' is reached at 'address': it is that one, or any (of IPv6: that is
 * of IPv4 too). */
static bool listens_at(const struct link_ip *where, const struct link_ip *address)
{
    static const struct link_ip any_ip4 = {.family = AF_INET}, any_ip6 = {.family = AF_INET6};
    return link_ip_equal(where, &any_ip6)
           || (link_ip_equal(where, &any_ip4) && address->family == AF_INET)
           || link_ip_equal(where, address);
}

/* Adds the addresses of LOCAL at which the listener 'text' with TCP port 'port' is reached. */
static void add_listener(struct survey *s, const char *text, uint16_t port)
{
    struct target t;
    char *error = NULL;
    if (target_parse(text, &t, &error)) {
        free(error);
        return;
    }
    for (size_t i = 0; i < s->facts.n_addresses; i++) {
        const struct link_ip *ip = &s->facts.addresses[i].ip;
        if (listens_at(&t.ip, ip)) {
            in_band_facts_add_end(&s->facts, ip)->ports[0] = port;
            s->wants_global |= ip->family == AF_INET6 && !link_ip_is_link_local(&t.ip);
        }
    }
}

/* Adds all ends. */
static void add_ends(const struct in_band *ib, struct survey *s)
{
    const struct connmgr *cm = ib->p->connmgr;
    for (const struct ofconn *c = NULL; (c = connmgr_next(cm, c));) {
        if (!c->is_service) {
            add_controller(s, ofconn_name(c));
        }
    }
    if (ib->p->config.in_band_remote) {
        add_controller(s, ib->p->config.in_band_remote);
    }
    struct listener_info listener;
    for (size_t i = 0; connmgr_get_listener(cm, i, &listener); i++) {
        add_listener(s, listener.target, listener.port);
    }
}

/* Draws the conclusions about IPv6. */
static void conclude(struct survey *s)
{
    struct in_band_facts *f = &s->facts;
    bool has_address = !s->ifindex, has_dynamic = false, lacks_gateway = false;
    for (size_t i = 0; i < f->n_addresses; i++) {
        const struct link_address *a = &f->addresses[i];
        bool counts = a->ip.family == AF_INET6
                      && !(s->wants_global && link_ip_is_link_local(&a->ip));
        has_address |= counts && !a->is_tentative;
        has_dynamic |= counts && a->is_dynamic;
    }
    for (size_t i = 0; i < f->n_ends; i++) {
        bool is_ip6 = f->ends[i].ip.family == AF_INET6;
        lacks_gateway |= is_ip6 && !f->ends[i].gateway.family;
        s->lacks_way |= is_ip6 && !has_address;
    }
    f->is_settled = has_address && !s->lacks_way_ip6;
    f->needs_adverts = has_dynamic && lacks_gateway;
}

/* Finds out what there is to be known; nothing if there is no LOCAL port or no interface behind it.
 * Returns 0, or an errno if that can't be done now. The owner releases 's->facts' anyway. */
static int survey(const struct in_band *ib, struct survey *s)
{
    struct ofproto *p = ib->p;
    struct ofp_port local;
    *s = (struct survey){.ifindex = 0};
    if (datapath_port_get(p->dp, OFPP_LOCAL, &local)) {
        s->lacks_way = true;
        return 0;
    }
    memcpy(s->facts.mac, local.hw_addr, sizeof s->facts.mac);
    if (strcmp(datapath_port_kind(p->dp, OFPP_LOCAL), "memory")) {
        find_interface(s, local.name);
        if (!s->ifindex) {
            return s->error;
        }
        s->error = link_addresses_get(s->ifindex, &s->facts.addresses, &s->facts.n_addresses);
        if (s->error) {
            return s->error;
        }
    }
    add_ends(ib, s);
    conclude(s);
    return s->error;
}

/* The rules in the table ----------------------------------------------------------------------- */

/* Adds the rule 'text'; the same one twice is no fault. */
static void add_rule(struct ofproto *p, const char *text)
{
    struct ofp_flow_mod fm;
    char *error = NULL;
    char *flow = xasprintf("%s,actions=normal", text);
    if (ofp_parse_flow_mod(&fm, flow, OFPFC_ADD, &(struct ofp_parse){0}, &error)) {
        VLOG_ERR("%s: %s: %s", p->config.name, flow, error);
        free(error);
    } else {
        struct rule *rule = rule_create(&fm.match, false, fm.priority, &fm.actions);
        rule->reason = OFPROTO_REASON_NONE;
        if (tables_insert(p->tables, OFPROTO_IN_BAND_TABLE, rule, ofproto_now(p))) {
            rule_destroy(rule);
        }
    }
    free(flow);
}

/* Replaces all rules by those of 'text', which is kept. */
static void install(struct in_band *ib, const char *text)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 20);
    struct ofproto *p = ib->p;
    free(ib->rules);
    ib->rules = xstrdup(text);
    tables_flush_front(p->tables, OFPROTO_REASON_NONE);
    char *copy = xstrdup(text), *rest = copy;
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        add_rule(p, line);
    }
    free(copy);
    tables_commit(p->tables);
    VLOG_INFO_RL(&limit, "%s: in-band control: %s", p->config.name,
                 *text ? "rules in place" : "no rules: no LOCAL port, or nobody to reach by it");
}

/* Takes the rules away, and ends. */
static void end(struct in_band *ib)
{
    struct ofproto *p = ib->p;
    tables_flush_front(p->tables, OFPROTO_REASON_NONE);
    tables_commit(p->tables);
    in_band_destroy(ib);
    p->in_band = NULL;
}

/* Looks whether the rules are still right. When all that the channel needs has come to be there, it
 * begins anew: until then it waited, or dialled from an address that nobody answers to. */
static void look(struct timer *timer, int64_t now)
{
    struct in_band *ib = CONTAINER_OF(timer, struct in_band, timer);
    struct ofproto *p = ib->p;
    timer_set(p->env->wheel, timer, now + PERIOD_MS * MSEC);
    ib->is_due = p->writer != NULL;
    if (ib->is_due) {
        return;
    }
    if (ib->is_ending) {
        end(ib);
        return;
    }
    struct survey s;
    int error = survey(ib, &s);
    if (error) {
        static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
        VLOG_WARN_RL(&limit, "%s: in-band control can't look at the network, its rules stay as "
                     "they are: %s", p->config.name, strerror(error));
        in_band_facts_uninit(&s.facts);
        return;
    }
    struct bytes text = BYTES_INIT;
    in_band_rules_put(&text, &s.facts);
    if (strcmp(bytes_string(&text), ib->rules)) {
        install(ib, bytes_string(&text));
    }
    if (s.ifindex && !s.lacks_way && !ib->is_ready) {
        connmgr_redial(p->connmgr);
    }
    ib->is_ready = !s.lacks_way;
    bytes_uninit(&text);
    in_band_facts_uninit(&s.facts);
}

struct in_band *in_band_create(struct ofproto *p)
{
    struct in_band *ib = xzalloc(sizeof *ib);
    ib->p = p;
    ib->rules = xstrdup("");
    timer_init(&ib->timer, look);
    timer_set(p->env->wheel, &ib->timer, ofproto_now(p));
    return ib;
}

/* Checks that 'p' can be controlled in-band. Returns 0, or EINVAL with '*error'. */
static int check_all(const struct ofproto *p, char **error)
{
    const char *name = p->config.name;
    int err = 0;
    if (datapath_port_get(p->dp, OFPP_LOCAL, &(struct ofp_port){0})) {
        *error = xasprintf("in-band control goes by the LOCAL port, which bridge %s does not have",
                           name);
        return EINVAL;
    }
    for (const struct ofconn *c = NULL; !err && (c = connmgr_next(p->connmgr, c));) {
        err = c->is_service ? 0 : in_band_check(ofconn_name(c), name, error);
    }
    return err;
}

int in_band_set(struct ofproto *p, bool is_on, char **error)
{
    int err = is_on ? check_all(p, error) : 0;
    if (err) {
        return err;
    }
    if (!p->in_band && is_on) {
        p->in_band = in_band_create(p);
    } else if (p->in_band) {
        p->in_band->is_ending = !is_on;
        look(&p->in_band->timer, ofproto_now(p));
    }
    return 0;
}

bool in_band_is_on(const struct ofproto *p)
{
    return p->in_band && !p->in_band->is_ending;
}

void in_band_run(struct in_band *ib)
{
    if (ib && ib->is_due) {
        look(&ib->timer, ofproto_now(ib->p));
    }
}

void in_band_destroy(struct in_band *ib)
{
    if (ib) {
        timer_cancel(ib->p->env->wheel, &ib->timer);
        free(ib->rules);
        free(ib);
    }
}
