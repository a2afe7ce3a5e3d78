/* SPDX-License-Identifier: Apache-2.0 */
/* In-band control: the secure channel itself passes through the bridge, whatever the tables say. */
#include "ofproto/in-band.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/link-route.h"
#include "lib/channel/stream-name.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/ofproto-private.h"

VLOG_DEFINE_MODULE(in_band);

/* The rules
 * =========
 *
 * All of them forward NORMAL. Of the LOCAL port's address: its DHCP, its ARP requests and the
 * replies to it. Of each controller's address, and of the router's on the way to it: ARP from it,
 * to it and about it. Of each controller's address and port: TCP from it and to it. The latter two
 * let through also what is for a switch beyond this one: it asks for the controller's address by
 * our ports, and nobody would answer for us.
 *
 * They are written as flows in text, a line each. Once a second the text is made anew; if it
 * differs from the old one the front table is emptied and filled again, in one version. */

enum { PERIOD_MS = 1000, RETRY_MS = 10 }; /* Between two looks; if a flow_mod is half done. */

struct in_band {
    struct ofproto *p;   /* Whose. */
    const char *remote;  /* One more controller, or NULL; borrowed. */
    struct timer timer;  /* For the next look. */
    char *rules;         /* In the table now; owned. */
};

/* A controller's address. */
struct remote {
    char address[INET_ADDRSTRLEN]; /* In dots. */
    be32 ip;                       /* The same. */
    bool has_port;                 /* 'port' was given. */
    uint16_t port;                 /* TCP port. */
};

/* Takes the address out of 'target'. Returns 0; ENOENT if it is no network target; EINVAL with
 * '*error' if its host is not written as an IPv4 address. */
static int remote_parse(const char *target, struct remote *r, char **error)
{
    struct stream_name name;
    int err = stream_name_parse(target, &name, error);
    if (err) {
        return err;
    }
    if (name.transport != STREAM_TCP && name.transport != STREAM_TLS) {
        err = ENOENT;
    } else if (inet_pton(AF_INET, name.host, &r->ip) != 1) {
        *error = xasprintf("%s: in-band control needs the controller's IPv4 address in place of "
                           "%s, for it lets no other traffic through to look it up", target,
                           name.host);
        err = EINVAL;
    } else {
        snprintf(r->address, sizeof r->address, "%s", name.host);
        r->has_port = name.has_port;
        r->port = name.port;
    }
    stream_name_uninit(&name);
    return err;
}

int in_band_check(const char *target, char **error)
{
    struct remote remote;
    int err = remote_parse(target, &remote, error);
    return err == ENOENT ? 0 : err;
}

/* The rules as text ---------------------------------------------------------------------------- */

/* Rules for the LOCAL port, whose address is 'a'. */
static void put_local(struct bytes *out, const uint8_t *a)
{
    char mac[18];
    snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4], a[5]);
    bytes_printf(out, "udp,in_port=LOCAL,dl_src=%s,tp_src=68,tp_dst=67\n", mac);
    bytes_printf(out, "udp,dl_dst=%s,tp_src=67,tp_dst=68\n", mac);
    bytes_printf(out, "arp,dl_src=%s,nw_proto=1\n", mac);
    bytes_printf(out, "arp,dl_dst=%s,nw_proto=2\n", mac);
}

/* Rules for the ARP of 'address'. */
static void put_neighbour(struct bytes *out, const char *address)
{
    bytes_printf(out, "arp,nw_src=%s\n", address);
    bytes_printf(out, "arp,nw_dst=%s\n", address);
}

/* Rules for TCP from and to 'address' and 'port'. */
static void put_tcp(struct bytes *out, const char *address, uint16_t port)
{
    bytes_printf(out, "tcp,nw_src=%s,tp_src=%u\n", address, port);
    bytes_printf(out, "tcp,nw_dst=%s,tp_dst=%u\n", address, port);
}

/* Rules for the router on the way to 'ip', if the kernel knows one. */
static void put_router(struct bytes *out, be32 ip)
{
    char address[INET_ADDRSTRLEN];
    be32 gateway;
    if (!link_route_get(ip, &gateway) && gateway) {
        put_neighbour(out, inet_ntop(AF_INET, &gateway, address, sizeof address));
    }
}

/* Rules for the controller 'target'. In simulation the kernel's routes mean nothing. */
static void put_controller(struct bytes *out, const char *target, bool is_simulated)
{
    static const uint16_t default_ports[] = {6653, 6633};
    struct remote r;
    char *error = NULL;
    if (remote_parse(target, &r, &error)) {
        free(error);
        return;
    }
    put_neighbour(out, r.address);
    if (!is_simulated) {
        put_router(out, r.ip);
    }
    for (size_t i = 0; i < (r.has_port ? 1 : ARRAY_SIZE(default_ports)); i++) {
        put_tcp(out, r.address, r.has_port ? r.port : default_ports[i]);
    }
}

/* All rules; none if there is no LOCAL port. */
static void put_rules(const struct in_band *ib, struct bytes *out)
{
    struct ofproto *p = ib->p;
    struct ofp_port local;
    if (datapath_port_get(p->dp, OFPP_LOCAL, &local)) {
        return;
    }
    bool is_simulated = !strcmp(datapath_port_kind(p->dp, OFPP_LOCAL), "memory");
    put_local(out, local.hw_addr);
    for (const struct ofconn *c = NULL; (c = connmgr_next(p->connmgr, c));) {
        if (!c->is_service) {
            put_controller(out, ofconn_name(c), is_simulated);
        }
    }
    if (ib->remote) {
        put_controller(out, ib->remote, is_simulated);
    }
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
    VLOG_INFO("%s: in-band control: %s", p->config.name,
              *text ? "rules in place" : "there is no LOCAL port");
}

/* Looks whether the rules are still right. */
static void look(struct timer *timer, int64_t now)
{
    struct in_band *ib = CONTAINER_OF(timer, struct in_band, timer);
    struct ofproto *p = ib->p;
    timer_set(p->env->wheel, timer, now + (p->writer ? RETRY_MS : PERIOD_MS) * MSEC);
    if (p->writer) {
        return;
    }
    struct bytes text = BYTES_INIT;
    put_rules(ib, &text);
    if (strcmp(bytes_string(&text), ib->rules)) {
        install(ib, bytes_string(&text));
    }
    bytes_uninit(&text);
}

struct in_band *in_band_create(struct ofproto *p, const char *remote)
{
    struct in_band *ib = xzalloc(sizeof *ib);
    ib->p = p;
    ib->remote = remote;
    ib->rules = xstrdup("");
    timer_init(&ib->timer, look);
    timer_set(p->env->wheel, &ib->timer, ofproto_now(p));
    return ib;
}

void in_band_destroy(struct in_band *ib)
{
    if (ib) {
        timer_cancel(ib->p->env->wheel, &ib->timer);
        free(ib->rules);
        free(ib);
    }
}
