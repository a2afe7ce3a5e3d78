/* SPDX-License-Identifier: Apache-2.0 */
/* What the control socket tells: bridges with all that they have, caches, memory, as JSON. */
#include "ofproto/control-json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "datapath/flow-cache.h"
#include "datapath/port-settings.h"
#include "datapath/queue-config.h"
#include "datapath/table-cache.h"
#include "lib/channel/rconn.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/text-json.h"
#include "ofproto/bridge.h"
#include "ofproto/fail-mode.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/rights.h"
#include "ofproto/spanning.h"
#include "ofproto/stp.h"

/* The names of 'bits'. */
static json_t *bits_json(enum ofp_bit_set set, uint32_t bits)
{
    json_t *array = json_array();
    for (const char *name; (name = ofp_bit_name_next(set, &bits));) {
        json_array_append_new(array, json_string(name));
    }
    return array;
}

/* A bridge identifier as people write it: priority and address. */
static json_t *bridge_id_json(uint64_t id)
{
    char s[18];
    snprintf(s, sizeof s, "%04x.%012" PRIx64, (unsigned) (id >> 48), id & 0xffffffffffff);
    return json_string(s);
}

/* What the spanning tree of 'p' is like; null without one. */
static json_t *tree_json(const struct ofproto *p)
{
    struct stp_info i;
    if (!spanning_get_info(p, &i)) {
        return json_null();
    }
    return json_pack("{s:s, s:o, s:o, s:I, s:i, s:I, s:I, s:I, s:I}", "protocol",
                     stp_version_name(i.version), "bridge_id", bridge_id_json(i.bridge), "root_id",
                     bridge_id_json(i.root), "root_cost", (json_int_t) i.cost, "root_port",
                     (int) i.root_port, "hello_time", (json_int_t) (i.hello_time / SEC), "max_age",
                     (json_int_t) (i.max_age / SEC), "forward_delay",
                     (json_int_t) (i.forward_delay / SEC), "topology_changes",
                     (json_int_t) i.topology_changes);
}

/* What port 'port_no' is in it; null if it takes no part. */
static json_t *tree_port_json(const struct ofproto *p, uint16_t port_no)
{
    struct stp_port_info i;
    if (!spanning_port_get_info(p, port_no, &i)) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:I, s:i, s:b, s:s, s:o, s:i}", "role", stp_role_name(i.role),
                     "state", stp_state_name(i.state), "cost", (json_int_t) i.cost, "id",
                     (int) i.id, "is_edge", (int) i.is_edge, "protocol",
                     stp_version_name(i.speaks_rstp ? STP_VERSION_RSTP : STP_VERSION_STP),
                     "designated_bridge", bridge_id_json(i.designated_bridge), "designated_port",
                     (int) i.designated_port);
}

/* What NORMAL takes port 'port_no' for; null for a trunk of all VLANs. */
static json_t *vlan_json(const struct ofproto *p, uint16_t port_no)
{
    const struct port_settings *s = datapath_port_settings(p->dp, port_no);
    if (s->vlan_mode == VLAN_TRUNK && !s->has_trunks) {
        return json_null();
    }
    json_t *object = json_pack("{s:s}", "mode", port_settings_mode_name(s->vlan_mode));
    if (s->vlan_mode != VLAN_TRUNK) {
        json_object_set_new(object, "tag", json_integer(s->tag));
    }
    if (s->has_trunks) {
        json_t *trunks = json_array();
        for (uint16_t vlan = 0; vlan < 4095; vlan++) {
            if (port_settings_carries(s, vlan)) {
                json_array_append_new(trunks, json_integer(vlan));
            }
        }
        json_object_set_new(object, "trunks", trunks);
    }
    return object;
}

/* A number that 0 stands for none of. */
static json_t *number_json(uint64_t number)
{
    return number ? json_integer((json_int_t) number) : json_null();
}

/* The cap and the queues of port 'port_no'; null if it has none. */
static json_t *queues_json(const struct ofproto *p, uint16_t port_no)
{
    const struct queues_config *config = datapath_port_queues(p->dp, port_no);
    if (!config) {
        return json_null();
    }
    json_t *array = json_array();
    for (unsigned i = 0; i < config->n; i++) {
        const struct queue_config *q = &config->queues[i];
        json_array_append_new(array, json_pack("{s:I, s:o, s:o, s:o}", "queue", (json_int_t) q->id,
                                               "min_rate", number_json(q->min_rate), "max_rate",
                                               number_json(q->max_rate), "limit",
                                               number_json(q->limit)));
    }
    return json_pack("{s:o, s:o}", "max_rate",
                     number_json(config->is_as_device ? 0 : config->max_rate), "queues", array);
}

static json_t *port_json(const struct ofproto *p, const struct ofp_port *port)
{
    char addr[MAC_TEXT_SIZE];
    mac_format(port->hw_addr, addr);
    return json_pack("{s:i, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "port_no",
                     (int) port->port_no, "name", text_json(port->name), "type",
                     datapath_port_kind(p->dp, port->port_no), "addr", addr, "link",
                     port->state & OFPPS_LINK_DOWN ? "down" : "up", "config",
                     bits_json(OFP_BITS_PORT_CONFIG, port->config), "spanning_tree",
                     tree_port_json(p, port->port_no), "vlan", vlan_json(p, port->port_no),
                     "queues", queues_json(p, port->port_no));
}

static json_t *ports_json(const struct ofproto *p)
{
    json_t *array = json_array();
    for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
        struct ofp_port port;
        if (!datapath_port_get(p->dp, no, &port)) {
            json_array_append_new(array, port_json(p, &port));
        }
    }
    return array;
}

/* How many rules count for who has the rights 'r'; null if nobody counts them. */
static json_t *quota_json(const struct rights *r)
{
    return r && r->quota ? json_integer(r->quota->n_rules) : json_null();
}

/* Rights as they were given; null if nothing is bounded. */
static json_t *rights_json(const struct rights *r)
{
    return r ? text_json(r->text) : json_null();
}

static json_t *controller_json(const struct ofconn *c)
{
    struct rconn_stats s;
    rconn_get_stats(c->rconn, &s);
    return json_pack("{s:o, s:s, s:b, s:s, s:I, s:I, s:I, s:i, s:i, s:I, s:o, s:o}", "target",
                     text_json(ofconn_name(c)), "state", rconn_state(c->rconn), "is_connected",
                     (int) rconn_is_connected(c->rconn), "role", ofp_role_name(c->role), "sent",
                     (json_int_t) s.messages_sent, "received", (json_int_t) s.messages_received,
                     "packet_ins_dropped", (json_int_t) s.packet_in_dropped, "attempts",
                     (int) s.attempts, "connections", (int) s.connections, "backlog",
                     (json_int_t) ofconn_backlog(c), "rights", rights_json(c->rights), "flows",
                     quota_json(c->rights));
}

json_t *control_json_controllers(const struct connmgr *cm)
{
    json_t *array = json_array();
    for (const struct ofconn *c = NULL; (c = connmgr_next(cm, c));) {
        if (!c->is_service) {
            json_array_append_new(array, controller_json(c));
        }
    }
    return array;
}

/* Where the bridge listens, but for its own sockets. */
static json_t *listeners_json(const struct bridge *b)
{
    json_t *array = json_array();
    struct listener_info l;
    for (size_t i = 0; bridge_get_listener(b, i, &l); i++) {
        json_array_append_new(array, json_pack("{s:o, s:o, s:o, s:o}", "target",
                                               text_json(l.target), "port", number_json(l.port),
                                               "rights", rights_json(l.rights), "flows",
                                               quota_json(l.rights)));
    }
    return array;
}

/* Rules in all tables that packets meet when all is well: without those of the emergency table. */
static size_t count_rules(const struct tables *t)
{
    struct table_summary table;
    size_t n = 0;
    for (unsigned id = 0; id < tables_count(t); id++) {
        tables_get_summary(t, (uint8_t) id, &table);
        n += table.n_rules;
    }
    return n;
}

json_t *control_json_bridge(struct bridge *b)
{
    const struct ofproto *p = bridge_ofproto(b);
    char id[17];
    snprintf(id, sizeof id, "%016" PRIx64, p->config.datapath_id);
    return json_pack("{s:o, s:s, s:s, s:b, s:I, s:o, s:o, s:o, s:o}", "name",
                     text_json(bridge_name(b)), "datapath_id", id, "fail_mode",
                     fail_mode_name(fail_mode_get(p)), "is_standalone", (int) p->is_alone, "rules",
                     (json_int_t) count_rules(p->tables), "spanning_tree", tree_json(p), "ports",
                     ports_json(p), "controllers", control_json_controllers(p->connmgr),
                     "listeners", listeners_json(b));
}

static json_t *drops_json(const struct datapath *dp)
{
    json_t *object = json_object();
    size_t n = datapath_get_drops(dp, NULL, 0);
    struct drop_counter *drops = xcalloc(n, sizeof *drops);
    datapath_get_drops(dp, drops, n);
    for (size_t i = 0; i < n; i++) {
        json_object_set_new(object, drops[i].reason, json_integer((json_int_t) drops[i].n));
    }
    free(drops);
    return object;
}

json_t *control_json_coverage(struct bridge *b)
{
    const struct datapath *dp = ofproto_datapath(bridge_ofproto(b));
    struct flow_cache_stats s;
    struct table_cache_stats r;
    datapath_get_cache_stats(dp, &s);
    datapath_get_resubmit_stats(dp, &r);
    return json_pack("{s:o, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I}}", "name",
                     text_json(bridge_name(b)), "rules",
                     (json_int_t) count_rules(bridge_ofproto(b)->tables), "drops", drops_json(dp),
                     "cache", "hits",
                     (json_int_t) s.hits, "misses", (json_int_t) s.misses, "revived",
                     (json_int_t) s.revived, "evictions", (json_int_t) s.evictions, "entries",
                     (json_int_t) s.n_entries, "resubmits", "hits", (json_int_t) r.hits, "misses",
                     (json_int_t) r.misses, "past", (json_int_t) r.past);
}

json_t *control_json_memory(void)
{
    long long size, pages = 0;
    struct rusage usage;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        pages = fscanf(file, "%lld %lld", &size, &pages) == 2 ? pages : 0;
        fclose(file);
    }
    long long resident = pages * sysconf(_SC_PAGESIZE);
    long long peak = getrusage(RUSAGE_SELF, &usage) ? 0 : usage.ru_maxrss * 1024LL;
    return json_pack("{s:I, s:I}", "resident", (json_int_t) resident, "peak",
                     (json_int_t) MAX(resident, peak));
}

/* For qsort(): by VLAN, then by address. */
static int compare_macs(const void *a_, const void *b_)
{
    const struct mac_entry *a = a_;
    const struct mac_entry *b = b_;
    return a->vlan != b->vlan ? (int) a->vlan - (int) b->vlan
                              : memcmp(a->mac, b->mac, sizeof a->mac);
}

static json_t *mac_json(const struct mac_entry *e)
{
    char addr[MAC_TEXT_SIZE];
    mac_format(e->mac, addr);
    return json_pack("{s:i, s:i, s:s, s:I}", "port_no", (int) e->port, "vlan", (int) e->vlan,
                     "addr", addr, "age", (json_int_t) (e->age / SEC));
}

json_t *control_json_macs(const struct ofproto *p)
{
    int64_t now = ofproto_now(p);
    size_t room = datapath_mac_list(p->dp, now, NULL, 0);
    struct mac_entry *entries = xcalloc(room + 1, sizeof *entries);
    size_t n = MIN(datapath_mac_list(p->dp, now, entries, room), room);
    json_t *array = json_array();
    qsort(entries, n, sizeof *entries, compare_macs);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, mac_json(&entries[i]));
    }
    free(entries);
    return array;
}
