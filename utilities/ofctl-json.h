/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of switches as JSON: what --json prints. */
#ifndef UTILITIES_OFCTL_JSON_H
#define UTILITIES_OFCTL_JSON_H

struct cmdl_context;
struct json_t;
struct ofp_flow_stats;
struct ofp_message;

/* What a command has to tell gathers in ctx->json: an object, to which each reply adds members, or
 * an array, to which it adds elements.  The manual has the names of all members.
 *
 * 64-bit numbers that are names (cookies, datapath ids) are hexadecimal strings, those that count
 * are numbers, and null where the switch doesn't know. */

/* Adds what the reply 'm' says. */
void ofctl_json_add(struct cmdl_context *ctx, const struct ofp_message *m);

/* A rule; the caller owns the result. */
struct json_t *ofctl_json_flow(struct cmdl_context *ctx, const struct ofp_flow_stats *fs);

/* Adds 'element', which it takes, to the array; with NULL makes sure that there is an array. */
void ofctl_json_append(struct cmdl_context *ctx, struct json_t *element);

/* Prints all that has gathered, if anything has; elements of an array are a line each. */
void ofctl_json_print(struct cmdl_context *ctx);

/* Releases what has gathered. */
void ofctl_json_release(struct cmdl_context *ctx);

#endif
