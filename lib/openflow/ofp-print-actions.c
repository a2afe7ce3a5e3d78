/* SPDX-License-Identifier: Apache-2.0 */
/* Action lists as text. */
#include "lib/openflow/ofp-print.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "lib/openflow/nx-actions-text.h"
#include "lib/openflow/ofp-field-forms.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* How one type of action is printed. */
struct action_text {
    const char *name; /* In front of the argument. */
    void (*print)(struct bytes *out, const struct action *a, const struct ofp_print_style *style);
};

static void print_output(struct bytes *out, const struct action *a,
                         const struct ofp_print_style *style)
{
    if (a->output.port == OFPP_CONTROLLER) {
        bytes_printf(out, "CONTROLLER:%u", a->output.max_len);
        return;
    }
    if (a->output.port < OFPP_IN_PORT) {
        bytes_printf(out, "output:");
    }
    ofp_print_port_styled(out, a->output.port, style);
}

static void print_vlan_vid(struct bytes *out, const struct action *a,
                           const struct ofp_print_style *style UNUSED)
{
    bytes_printf(out, "%u", a->vlan_vid);
}

static void print_vlan_pcp(struct bytes *out, const struct action *a,
                           const struct ofp_print_style *style UNUSED)
{
    bytes_printf(out, "%u", a->vlan_pcp);
}

static void print_dl_addr(struct bytes *out, const struct action *a,
                          const struct ofp_print_style *style UNUSED)
{
    ofp_print_mac(out, a->dl_addr);
}

static void print_nw_addr(struct bytes *out, const struct action *a,
                          const struct ofp_print_style *style UNUSED)
{
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &a->nw_addr, text, sizeof text);
    bytes_printf(out, "%s", text);
}

static void print_nw_tos(struct bytes *out, const struct action *a,
                         const struct ofp_print_style *style UNUSED)
{
    bytes_printf(out, "%u", a->nw_tos);
}

static void print_tp_port(struct bytes *out, const struct action *a,
                          const struct ofp_print_style *style UNUSED)
{
    bytes_printf(out, "%u", ntohs(a->tp_port));
}

static void print_enqueue(struct bytes *out, const struct action *a,
                          const struct ofp_print_style *style)
{
    ofp_print_port_styled(out, a->enqueue.port, style);
    bytes_printf(out, ":%" PRIu32, a->enqueue.queue);
}

static const struct action_text action_texts[] = {
    [ACTION_OUTPUT] = {"", print_output},
    [ACTION_SET_VLAN_VID] = {"mod_vlan_vid:", print_vlan_vid},
    [ACTION_SET_VLAN_PCP] = {"mod_vlan_pcp:", print_vlan_pcp},
    [ACTION_STRIP_VLAN] = {"strip_vlan", NULL},
    [ACTION_SET_DL_SRC] = {"mod_dl_src:", print_dl_addr},
    [ACTION_SET_DL_DST] = {"mod_dl_dst:", print_dl_addr},
    [ACTION_SET_NW_SRC] = {"mod_nw_src:", print_nw_addr},
    [ACTION_SET_NW_DST] = {"mod_nw_dst:", print_nw_addr},
    [ACTION_SET_NW_TOS] = {"mod_nw_tos:", print_nw_tos},
    [ACTION_SET_TP_SRC] = {"mod_tp_src:", print_tp_port},
    [ACTION_SET_TP_DST] = {"mod_tp_dst:", print_tp_port},
    [ACTION_ENQUEUE] = {"enqueue:", print_enqueue},
    [ACTION_RESUBMIT] = {"", nx_print_resubmit},
    [ACTION_SET_TUNNEL] = {"set_tunnel:", nx_print_set_tunnel},
    [ACTION_SET_QUEUE] = {"set_queue:", nx_print_set_queue},
    [ACTION_POP_QUEUE] = {"pop_queue", NULL},
    [ACTION_REG_MOVE] = {"move:", nx_print_move},
    [ACTION_REG_LOAD] = {"load:", nx_print_load},
    [ACTION_NOTE] = {"note:", nx_print_note},
    [ACTION_SET_TUNNEL64] = {"set_tunnel64:", nx_print_set_tunnel},
    [ACTION_RESUBMIT_TABLE] = {"", nx_print_resubmit},
    [ACTION_OUTPUT_REG] = {"output:", nx_print_output_reg},
    [ACTION_LEARN] = {"", nx_print_learn},
    [ACTION_EXIT] = {"exit", NULL},
    [ACTION_DEC_TTL] = {"dec_ttl", NULL},
    [ACTION_FIN_TIMEOUT] = {"fin_timeout(", nx_print_fin_timeout},
    [ACTION_CONTROLLER] = {"", nx_print_controller},
};
_Static_assert(ARRAY_SIZE(action_texts) == N_ACTIONS, "an action has no text");

void ofp_print_actions_styled(struct bytes *out, const struct action_list *actions,
                              const struct ofp_print_style *style)
{
    const struct action *a;
    const char *separator = "";
    if (!actions->size) {
        bytes_printf(out, "drop");
        return;
    }
    ACTION_FOR_EACH (a, actions) {
        const struct action_text *text = &action_texts[a->type];
        bytes_printf(out, "%s%s", separator, text->name);
        if (text->print) {
            text->print(out, a, style);
        }
        separator = ",";
    }
}

void ofp_print_actions(struct bytes *out, const struct action_list *actions)
{
    ofp_print_actions_styled(out, actions, NULL);
}
