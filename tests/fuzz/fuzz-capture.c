/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile capture file played by a pcap port. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "datapath/netdev/capture-frame.h"
#include "datapath/netdev/capture-reader.h"
#include "lib/bytes.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pcap-bytes.h"

/* An input is a byte that chooses the pace, and the file. All of it is read in virtual time. */
enum {
    AS_RECORDED = 1,  /* At the distances of the frames' times. */
    FRAMES_MAX = 500, /* Frames that are asked for. */
};

const uint64_t fuzz_mutations = 5000;

/* Takes all frames as time goes by. */
static void play(struct capture_reader *reader)
{
    struct capture_frame frame;
    int64_t now = 1;
    for (int i = 0; i < FRAMES_MAX && !capture_reader_has_ended(reader); i++) {
        if (capture_reader_next(reader, now, &frame)) {
            volatile uint8_t sum = 0;
            for (uint32_t j = 0; j < frame.size; j++) {
                sum = (uint8_t) (sum + frame.data[j]);
            }
            promise(frame.time >= 0);
        } else {
            now = now > INT64_MAX / 4 ? now : now * 4;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    if (file < 0) {
        vlog_set_stderr(false);
        file = memfd_create("capture", 0);
        promise(file >= 0);
    }
    if (!size) {
        return 0;
    }
    promise(!ftruncate(file, 0) && pwrite(file, data + 1, size - 1, 0) == (ssize_t) size - 1);
    const struct capture_pace pace = {.as_recorded = data[0] & AS_RECORDED, .delay = SEC};
    struct capture_reader *reader = NULL;
    char path[40], *error = NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (capture_reader_open("p1", path, &pace, &reader, &error)) {
        promise(error && *error && !strchr(error, '\n'));
        free(error);
        return 0;
    }
    play(reader);
    capture_reader_close(reader);
    return 0;
}

/* Seeds ---------------------------------------------------------------------------------------- */

/* A pcap file with times as 'magic' says, of links of type 'link', with three frames; the last is
 * not whole. */
static void put_pcap(struct bytes *out, uint32_t magic, uint32_t link)
{
    put_pcap_header(out, magic, link);
    for (uint32_t i = 0; i < 3; i++) {
        put_u32(out, 1000 + 2 * i);
        put_u32(out, 500);
        put_u32(out, 60);
        put_u32(out, i < 2 ? 60 : 1514);
        bytes_put_zeros(out, 60);
    }
}

/* A pcapng file with one frame of 60 bytes. */
static void put_pcapng(struct bytes *out)
{
    const uint32_t blocks[] = {
        0x0a0d0d0a, 28, 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX, 28, /* Section. */
        1, 20, 1, 65535, 20,                                       /* Interface. */
        6, 92, 0, 0x38d7e, 0xa4c68000, 60, 60,                     /* Packet. */
    };
    bytes_put(out, blocks, sizeof blocks);
    bytes_put_zeros(out, 60);
    put_u32(out, 92);
}

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    static const struct {
        uint32_t magic; /* Of the file; 0: pcapng. */
        uint32_t link;  /* Type of links. */
    } files[] = {{0xa1b2c3d4, 1}, {0xa1b23c4d, 1}, {0xd4c3b2a1, 1}, {0xa1b2c3d4, 113}, {0, 1}};
    struct bytes out = BYTES_INIT;
    if (index >= 2 * ARRAY_SIZE(files)) {
        return NULL;
    }
    bytes_put_u8(&out, (uint8_t) (index % 2));
    if (files[index / 2].magic) {
        put_pcap(&out, files[index / 2].magic, files[index / 2].link);
    } else {
        put_pcapng(&out);
    }
    *size = out.size;
    return bytes_steal(&out);
}
