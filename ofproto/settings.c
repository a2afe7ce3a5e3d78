/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of a bridge that may change while it runs, by their names on sluiced's command line. */
#include "ofproto/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cmdl.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/fail-mode.h"
#include "ofproto/identity.h"
#include "ofproto/in-band.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/spanning.h"
#include "ofproto/stp.h"

VLOG_DEFINE_MODULE(settings);

/* Values --------------------------------------------------------------------------------------- */

/* A number of seconds. */
static char *seconds_text(int64_t period)
{
    return xasprintf("%lld", (long long) (period / SEC));
}

static const char *yes_or_no(bool yes)
{
    return yes ? "yes" : "no";
}

/* Reads "yes" or "no" into '*yes', which anything else leaves as it is. */
static int parse_yes_or_no(const char *value, bool *yes, char **error)
{
    bool is_yes = !strcmp(value, "yes");
    if (!is_yes && strcmp(value, "no")) {
        *error = xasprintf("%s: it is yes or no", value);
        return EINVAL;
    }
    *yes = is_yes;
    return 0;
}

/* Copies 'value' into the 'size' bytes of a text in DESC, if it fits. */
static int set_text(char *to, size_t size, const char *value, char **error)
{
    if (strlen(value) >= size) {
        *error = xasprintf("it has %zu bytes at most", size - 1);
        return EINVAL;
    }
    memset(to, 0, size);
    memcpy(to, value, strlen(value));
    return 0;
}

/* Settings ------------------------------------------------------------------------------------- */

static int set_dp_desc(struct ofproto *p, const char *value, char **error)
{
    return set_text(p->desc.dp_desc, sizeof p->desc.dp_desc, value, error);
}

static char *get_dp_desc(const struct ofproto *p)
{
    return xstrdup(p->desc.dp_desc);
}

/* Controllers know a switch by its id, so they are to meet it anew; and the bridge's address in the
 * spanning tree is made of it. */
static int set_dpid(struct ofproto *p, const char *value, char **error)
{
    uint64_t before = p->config.datapath_id;
    int err = identity_parse_datapath_id(value, &p->config.datapath_id, error);
    if (!err && p->config.datapath_id != before) {
        const struct stp_settings stp = p->config.stp;
        spanning_configure(p, &stp);
        connmgr_reconnect(p->connmgr, "the datapath id has changed");
    }
    return err;
}

static char *get_dpid(const struct ofproto *p)
{
    return xasprintf("%016" PRIx64, p->config.datapath_id);
}

static int set_evict(struct ofproto *p, const char *value, char **error)
{
    return parse_yes_or_no(value, &p->config.evicts, error);
}

static char *get_evict(const struct ofproto *p)
{
    return xstrdup(yes_or_no(p->config.evicts));
}

static int set_fail_mode(struct ofproto *p, const char *value, char **error)
{
    enum fail_mode mode;
    if (!fail_mode_from_name(value, &mode)) {
        *error = xasprintf("%s: it is " FAIL_MODE_NAMES, value);
        return EINVAL;
    }
    fail_mode_set(p, mode);
    return 0;
}

static char *get_fail_mode(const struct ofproto *p)
{
    return xstrdup(fail_mode_name(fail_mode_get(p)));
}

/* Sets '*period', one of those that connections have, to 'value' seconds, 'least' at least. */
static int set_connections(struct ofproto *p, const char *value, uint64_t least, int64_t *period,
                           char **error)
{
    int err = cmdl_set_seconds(value, least, period, error);
    if (!err) {
        connmgr_set_times(p->connmgr, p->config.inactivity_probe, p->config.max_backoff);
    }
    return err;
}

static int set_in_band(struct ofproto *p, const char *value, char **error)
{
    bool is_on;
    int err = parse_yes_or_no(value, &is_on, error);
    return err ? err : in_band_set(p, is_on, error);
}

static char *get_in_band(const struct ofproto *p)
{
    return xstrdup(yes_or_no(in_band_is_on(p)));
}

static int set_inactivity_probe(struct ofproto *p, const char *value, char **error)
{
    return set_connections(p, value, 0, &p->config.inactivity_probe, error);
}

static char *get_inactivity_probe(const struct ofproto *p)
{
    return seconds_text(p->config.inactivity_probe);
}

static int set_mac_ageing(struct ofproto *p, const char *value, char **error)
{
    int64_t ageing;
    int err = cmdl_set_seconds(value, 1, &ageing, error);
    if (!err) {
        datapath_configure_mac_ageing(p->dp, ageing);
        if (!spanning_ages_fast(p)) {
            datapath_set_mac_ageing(p->dp, 0, ofproto_now(p));
        }
    }
    return err;
}

static char *get_mac_ageing(const struct ofproto *p)
{
    return seconds_text(datapath_get_mac_ageing(p->dp));
}

static int set_max_backoff(struct ofproto *p, const char *value, char **error)
{
    return set_connections(p, value, 1, &p->config.max_backoff, error);
}

static char *get_max_backoff(const struct ofproto *p)
{
    return seconds_text(p->config.max_backoff);
}

static int set_max_rules(struct ofproto *p, const char *value, char **error)
{
    uint32_t n;
    if (!str_to_u32(value, 10, &n) || !n) {
        *error = xasprintf("%s: give a number from 1 to 4294967295", value);
        return EINVAL;
    }
    tables_set_max_rules(p->tables, n);
    return 0;
}

static char *get_max_rules(const struct ofproto *p)
{
    struct table_summary table;
    tables_get_summary(p->tables, 0, &table);
    return xasprintf("%" PRIu32, table.max_rules);
}

static int set_serial(struct ofproto *p, const char *value, char **error)
{
    return set_text(p->desc.serial_num, sizeof p->desc.serial_num, value, error);
}

static char *get_serial(const struct ofproto *p)
{
    return xstrdup(p->desc.serial_num);
}

static int set_stp(struct ofproto *p, const char *value, char **error)
{
    struct stp_settings settings = p->config.stp;
    int err = stp_settings_parse(value, &settings, error);
    if (!err) {
        spanning_configure(p, &settings);
    }
    return err;
}

static char *get_stp(const struct ofproto *p)
{
    const struct stp_config *c = &p->config.stp.config;
    return p->config.stp.is_on
               ? xasprintf("%s,priority=%u,hello=%d,max-age=%d,forward-delay=%d",
                           stp_version_name(c->version), c->priority, (int) (c->hello_time / SEC),
                           (int) (c->max_age / SEC), (int) (c->forward_delay / SEC))
               : xstrdup("no");
}

static int set_stp_blocks_receive(struct ofproto *p, const char *value, char **error)
{
    struct stp_settings settings = p->config.stp;
    int err = parse_yes_or_no(value, &settings.blocks_receive, error);
    if (!err && settings.blocks_receive != p->config.stp.blocks_receive) {
        spanning_configure(p, &settings);
    }
    return err;
}

static char *get_stp_blocks_receive(const struct ofproto *p)
{
    return xstrdup(yes_or_no(p->config.stp.blocks_receive));
}

/* By name. A setter changes nothing if it fails. */
static const struct setting {
    const char *name;                                               /* As an option, without --. */
    int (*set)(struct ofproto *p, const char *value, char **error); /* Returns 0 or EINVAL. */
    char *(*get)(const struct ofproto *p);                          /* The caller frees it. */
} settings[] = {
    {"dp-desc", set_dp_desc, get_dp_desc},
    {"dpid", set_dpid, get_dpid},
    {"evict", set_evict, get_evict},
    {"fail-mode", set_fail_mode, get_fail_mode},
    {"in-band", set_in_band, get_in_band},
    {"inactivity-probe", set_inactivity_probe, get_inactivity_probe},
    {"mac-ageing", set_mac_ageing, get_mac_ageing},
    {"max-backoff", set_max_backoff, get_max_backoff},
    {"max-rules", set_max_rules, get_max_rules},
    {"serial", set_serial, get_serial},
    {"stp", set_stp, get_stp},
    {"stp-blocks-receive", set_stp_blocks_receive, get_stp_blocks_receive},
};

/* The row of the name in front of the '=' of 'text', or NULL. */
static const struct setting *find_setting(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
        size_t length = strlen(settings[i].name);
        if (!strncmp(text, settings[i].name, length) && text[length] == '=') {
            return &settings[i];
        }
    }
    return NULL;
}

/* Says that 'text' names no setting. */
static char *tell_unknown(const char *text)
{
    char *name = xasprintf("%.*s", (int) strcspn(text, "="), text);
    const char *nearest = cmdl_nearest(name, &settings[0].name, sizeof settings[0],
                                       ARRAY_SIZE(settings));
    char *error = nearest ? xasprintf("%s: write %s=VALUE", text, nearest)
                          : xasprintf("%s: no setting that can change while the bridge is there; "
                                      "\"set\" without it lists those, others are sluiced's at its "
                                      "start", text);
    free(name);
    return error;
}

int settings_change(struct ofproto *p, const char *text, char **error)
{
    const struct setting *s = find_setting(text);
    char *why = NULL;
    if (!s) {
        *error = tell_unknown(text);
        return EINVAL;
    }
    int err = s->set(p, strchr(text, '=') + 1, &why);
    if (err) {
        *error = xasprintf("%s: %s", s->name, why);
        free(why);
    } else {
        VLOG_INFO("%s: %s now", p->config.name, text);
    }
    return err;
}

void settings_for_each(const struct ofproto *p,
                       void (*tell)(const char *name, const char *value, void *aux), void *aux)
{
    for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
        char *value = settings[i].get(p);
        tell(settings[i].name, value, aux);
        free(value);
    }
}
