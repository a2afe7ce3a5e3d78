/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile BPDUs to a spanning tree machine, over time. */
#include <string.h>

#include "lib/util.h"
#include "ofproto/stp.h"
#include "tests/fuzz/fuzz.h"

/* An input is a sequence of records: a byte for the port and what else happens, a byte for the time
 * that passes in halves of a second, and the bytes of a frame. */

enum { N_PORTS = 3, RECORD_SIZE = 2 + BPDU_FRAME_SIZE };

const uint64_t fuzz_mutations = 20000;

static void on_send(void *aux UNUSED, uint16_t number, const struct bpdu *bpdu)
{
    static const uint8_t mac[6] = {2};
    uint8_t frame[BPDU_FRAME_SIZE];
    struct bpdu again;
    promise(number >= 1 && number <= N_PORTS);
    bpdu_encode(bpdu, mac, frame);
    promise(!bpdu_decode(frame, sizeof frame, &again));
    promise(again.kind == bpdu->kind && again.root == bpdu->root);
}

static void on_change(void *aux UNUSED, uint16_t number, enum stp_role role, enum stp_state state)
{
    promise(number >= 1 && number <= N_PORTS);
    promise(stp_role_name(role) && stp_state_name(state));
}

static void on_flush(void *aux UNUSED, uint16_t number, bool is_rapid UNUSED)
{
    promise(number >= 1 && number <= N_PORTS);
}

static const struct stp_events events = {on_send, on_change, on_flush};

/* Everything that is always true. */
static void check(const struct stp *stp)
{
    struct stp_info info;
    unsigned roots = 0;
    stp_get_info(stp, &info);
    promise(info.root <= info.bridge);
    for (uint16_t number = 1; number <= N_PORTS; number++) {
        struct stp_port_info port;
        promise(stp_port_get_info(stp, number, &port));
        roots += port.role == STP_ROLE_ROOT;
        promise((port.role == STP_ROLE_ROOT) == (info.root_port == number));
    }
    promise(roots <= 1 && (roots == 1) == (info.root != info.bridge));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct stp_port_config port = {.cost = 4, .priority = 128, .is_point_to_point = true};
    struct stp_config config = {
        .version = size && data[0] & 0x80 ? STP_VERSION_RSTP : STP_VERSION_STP,
        .mac = {2, 0, 0, 0, 0, 1},
        .priority = STP_PRIORITY_DEFAULT,
        .hello_time = 2 * SEC,
        .max_age = 20 * SEC,
        .forward_delay = 15 * SEC,
    };
    struct stp *stp = stp_create(&config, &events, NULL);
    int64_t now = 0;
    for (uint16_t number = 1; number <= N_PORTS; number++) {
        stp_port_add(stp, number, &port, now);
        stp_port_set_enabled(stp, number, true, now);
    }
    for (; size >= 2; data += MIN(size, (size_t) RECORD_SIZE),
                      size -= MIN(size, (size_t) RECORD_SIZE)) {
        struct bpdu bpdu;
        uint16_t number = data[0] % N_PORTS + 1;
        size_t frame_size = MIN(size, (size_t) RECORD_SIZE) - 2;
        now += data[1] * SEC / 2;
        stp_run(stp, now);
        check(stp);
        promise(stp_next(stp) > now);
        stp_port_set_enabled(stp, number, !(data[0] & 0x40), now);
        if (!bpdu_decode(data + 2, frame_size, &bpdu)) {
            stp_receive(stp, number, &bpdu, now);
        }
        check(stp);
    }
    stp_destroy(stp);
    return 0;
}

/* BPDUs of two bridges, one better and one worse than ours. */
static const struct bpdu seeds[] = {
    {BPDU_CONFIG, BPDU_TOPOLOGY_CHANGE, 0x1000000000000001, 4, 0x2000000000000002, 0x8001, 0,
     20 * SEC, 2 * SEC, 15 * SEC},
    {BPDU_RST, 0x3e, 0x1000000000000001, 4, 0x2000000000000002, 0x8002, SEC, 20 * SEC, 2 * SEC,
     15 * SEC},
    {BPDU_RST, 0x78, 0x8000020000000001, 0, 0x8000020000000001, 0x8001, 0, 20 * SEC, SEC, 4 * SEC},
    {BPDU_CONFIG, BPDU_TC_ACK, 0xf000000000000001, 0, 0xf000000000000001, 0x8001, 0, 6 * SEC, SEC,
     4 * SEC},
    {.kind = BPDU_TCN},
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    static const uint8_t mac[6] = {2};
    if (index > 1) {
        return NULL;
    }
    uint8_t *input = xzalloc(ARRAY_SIZE(seeds) * RECORD_SIZE);
    for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
        uint8_t *record = input + i * RECORD_SIZE;
        record[0] = (uint8_t) (i + (index ? 0x80 : 0));
        record[1] = (uint8_t) (i * 9);
        bpdu_encode(&seeds[i], mac, record + 2);
    }
    *size = ARRAY_SIZE(seeds) * RECORD_SIZE;
    return input;
}
