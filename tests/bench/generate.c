/* SPDX-License-Identifier: Apache-2.0 */
/* Floods a device with small frames made by the kernel and counts what comes out at another one. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/util.h"
#include "tests/bench/wire.h"

/*    generate DEV SINK SECONDS one|exact|hostile|pipeline|scattered
 *
 * DEV is the far end of a switch's port, SINK that of another, both in this network namespace. The
 * frames leave DEV for SECONDS as fast as one CPU can. Printed are frames per second: sent, arrived
 * at SINK.
 *
 * A sender that makes system calls for its frames would be slower than the switch. So a small XDP
 * program runs over frames that BPF_PROG_TEST_RUN makes: it writes the fields that differ from
 * frame to frame and redirects the frame to DEV. The switch's end of DEV must have its NAPI on
 * (ethtool -K gro on) to take such frames. The call takes long to begin and end, since the kernel
 * waits for a grace period; so a child makes a single one, and the parent counts meanwhile. */

enum {
    WARM_MSEC = 200,      /* Milliseconds from the first frame until the counting begins. */
    PATIENCE_MSEC = 5000, /* Milliseconds until the first frame at most. */
    CALL_BATCH = 64,      /* Frames that the kernel makes at once. */
    MAX_INSNS = 96,       /* Instructions of the longest program. */
    OFFSET_DL_DST = 4,    /* Where fields are in a frame; of addresses the part that differs. */
    OFFSET_DL_SRC = 10,
    OFFSET_NW_SRC = 26,
    OFFSET_NW_DST = 31,
    OFFSET_TP_SRC = 34,
    OFFSET_TP_DST = 36,
};

/* A program while it is written. */
struct program {
    struct bpf_insn insns[MAX_INSNS]; /* Instructions. */
    unsigned n;                       /* How many. */
};

/* Ends with an error. */
static void die(const char *what)
{
    fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Appends an instruction. */
static void emit(struct program *p, uint8_t code, unsigned dst, unsigned src, int off, int imm)
{
    p->insns[p->n++] = (struct bpf_insn) {
        .code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm,
    };
}

/* 'dst' = 'dst' OP 'imm' in 64 or 32 bits. */
static void emit_op(struct program *p, uint8_t op, unsigned dst, int imm)
{
    emit(p, BPF_ALU64 | op | BPF_K, dst, 0, 0, imm);
}

static void emit_op32(struct program *p, uint8_t op, unsigned dst, int imm)
{
    emit(p, BPF_ALU | op | BPF_K, dst, 0, 0, imm);
}

/* r0 = 32 random bits. */
static void emit_random(struct program *p)
{
    emit(p, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_prandom_u32);
}

/* Stores 'reg' of 'bits' into the frame, at r7, in network byte order. */
static void emit_store(struct program *p, unsigned reg, int bits, int offset)
{
    emit(p, BPF_ALU | BPF_END | BPF_TO_BE, reg, 0, 0, bits);
    emit(p, BPF_STX | BPF_MEM | (bits == 32 ? BPF_W : BPF_H), 7, reg, offset, 0);
}

/* One and the same flow. */
static void emit_one(struct program *p)
{
    emit_op(p, BPF_MOV, 0, FRAME_SRC);
    emit_store(p, 0, 32, OFFSET_NW_SRC);
}

/* r0 = a random number less than 'n'. */
static void emit_random_below(struct program *p, int n)
{
    emit_random(p);
    emit_op(p, BPF_MUL, 0, n);
    emit_op(p, BPF_RSH, 0, 32);
}

/* One of FRAME_EXACT flows at random. */
static void emit_exact(struct program *p)
{
    emit_random_below(p, FRAME_EXACT);
    emit_op(p, BPF_ADD, 0, FRAME_SRC);
    emit_store(p, 0, 32, OFFSET_NW_SRC);
}

/* A field whose first difference from 'value' is at any bit with the same probability; the bits
 * behind it are random. */
static void emit_differing(struct program *p, int bits, int value, int offset)
{
    emit_random(p);
    emit(p, BPF_ALU64 | BPF_MOV | BPF_X, 8, 0, 0, 0);
    emit_random(p);
    emit_op32(p, BPF_AND, 0, bits - 1);
    emit_op32(p, BPF_OR, 8, INT32_MIN);
    emit_op32(p, BPF_RSH, 8, 32 - bits);
    emit(p, BPF_ALU | BPF_RSH | BPF_X, 8, 0, 0, 0);
    emit_op32(p, BPF_XOR, 8, value);
    emit_store(p, 8, bits, offset);
}

/* A flow that no rule but the last one takes, and that every other must be looked at for. */
static void emit_hostile(struct program *p)
{
    emit_differing(p, 32, HOSTILE_SRC, OFFSET_NW_SRC);
    emit_differing(p, 16, HOSTILE_TP, OFFSET_TP_SRC);
    emit_differing(p, 16, HOSTILE_TP, OFFSET_TP_DST);
}

/* Where a pipeline's tables look. */
static const int pipeline_offsets[] = {OFFSET_DL_SRC, OFFSET_DL_DST, OFFSET_NW_DST, OFFSET_TP_DST};

/* One of PIPELINE_FLOWS flows at random, each of which has its own rule in every table. */
static void emit_pipeline(struct program *p)
{
    emit_random_below(p, PIPELINE_FLOWS);
    emit(p, BPF_ALU64 | BPF_MOV | BPF_X, 8, 0, 0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(pipeline_offsets); i++) {
        emit(p, BPF_ALU64 | BPF_MOV | BPF_X, 0, 8, 0, 0);
        emit_store(p, 0, 16, pipeline_offsets[i]);
    }
}

/* A flow with any rule in every table: there are more of them than anybody can remember. */
static void emit_scattered(struct program *p)
{
    for (unsigned i = 0; i < ARRAY_SIZE(pipeline_offsets); i++) {
        emit_random_below(p, PIPELINE_FLOWS);
        emit_store(p, 0, 16, pipeline_offsets[i]);
    }
}

static const struct {
    const char *name;                 /* Of the kind of traffic. */
    void (*emit)(struct program *);   /* Writes the fields that differ. */
} kinds[] = {{"one", emit_one}, {"exact", emit_exact}, {"hostile", emit_hostile},
           {"pipeline", emit_pipeline}, {"scattered", emit_scattered}};

/* Writes the program that sends the frames of 'kind' out of 'ifindex'. */
static void write_program(struct program *p, unsigned kind, unsigned ifindex)
{
    emit(p, BPF_LDX | BPF_MEM | BPF_W, 7, 1, offsetof(struct xdp_md, data), 0);
    emit(p, BPF_LDX | BPF_MEM | BPF_W, 2, 1, offsetof(struct xdp_md, data_end), 0);
    emit(p, BPF_ALU64 | BPF_MOV | BPF_X, 3, 7, 0, 0);
    emit_op(p, BPF_ADD, 3, FRAME_SIZE);
    emit(p, BPF_JMP | BPF_JLE | BPF_X, 3, 2, 2, 0);
    emit_op(p, BPF_MOV, 0, XDP_DROP);
    emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    kinds[kind].emit(p);
    emit_op(p, BPF_MOV, 1, (int) ifindex);
    emit_op(p, BPF_MOV, 2, 0);
    emit(p, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect);
    emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Loads the program. Returns its descriptor. */
static int load_program(const struct program *p)
{
    static char log[8192];
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_XDP,
        .insns = (uintptr_t) p->insns,
        .insn_cnt = p->n,
        .license = (uintptr_t) "Apache-2.0",
        .log_buf = (uintptr_t) log,
        .log_size = sizeof log,
        .log_level = 1,
    };
    int fd = (int) syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
    if (fd < 0) {
        fputs(log, stderr);
        die("cannot load the XDP program");
    }
    return fd;
}

/* Fills in the frame that all frames start as. */
static void make_frame(uint8_t frame[FRAME_SIZE])
{
    static const uint8_t headers[] = {0x08, 0x00, 0x45, 0, 0, FRAME_SIZE - 14, 0, 0, 0, 0, 64, 17};
    static const uint16_t ports[] = {FRAME_TP_SRC, FRAME_TP_DST, FRAME_SIZE - 34};
    uint32_t dst = htonl(FRAME_DST);
    memset(frame, 0, FRAME_SIZE);
    memcpy(frame, frame_dl_dst, 6);
    memcpy(frame + 6, frame_dl_src, 6);
    memcpy(frame + 12, headers, sizeof headers);
    memcpy(frame + OFFSET_NW_SRC + 4, &dst, sizeof dst);
    for (unsigned i = 0; i < ARRAY_SIZE(ports); i++) {
        uint16_t value = htons(ports[i]);
        memcpy(frame + OFFSET_TP_SRC + 2 * i, &value, sizeof value);
    }
}

/* Sends frames until the process is killed. */
static _Noreturn void send_for_ever(int program)
{
    uint8_t frame[FRAME_SIZE];
    make_frame(frame);
    for (;;) {
        union bpf_attr attr = {
            .test = {
                .prog_fd = program,
                .data_in = (uintptr_t) frame,
                .data_size_in = sizeof frame,
                .repeat = INT32_MAX,
                .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                .batch_size = CALL_BATCH,
            },
        };
        if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof attr) && errno != EINTR) {
            die("cannot send");
        }
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

/* The interface counter 'name' of 'dev'. */
static double counter_of(const char *dev, const char *name)
{
    char path[128], text[32] = "";
    snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", dev, name);
    int fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0) {
        die(path);
    }
    close(fd);
    return strtod(text, NULL);
}

/* Waits until frames leave 'dev' and a little longer. */
static void wait_for_frames(const char *dev)
{
    double before = counter_of(dev, "tx_packets");
    for (int i = 0; i < PATIENCE_MSEC && counter_of(dev, "tx_packets") <= before; i++) {
        usleep(1000);
    }
    usleep(WARM_MSEC * 1000);
}

/* Counts for 'seconds' and prints what is sent out of 'dev' and arrives at 'sink' per second. */
static void measure(const char *dev, const char *sink, double seconds)
{
    wait_for_frames(dev);
    double start = now(), sent = counter_of(dev, "tx_packets");
    double arrived = counter_of(sink, "rx_packets");
    usleep((useconds_t) (seconds * 1e6));
    sent = counter_of(dev, "tx_packets") - sent;
    arrived = counter_of(sink, "rx_packets") - arrived;
    double elapsed = now() - start;
    printf("%.0f %.0f\n", sent / elapsed, arrived / elapsed);
}

/* Index of the kind of traffic with 'name'. */
static unsigned kind_of(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!strcmp(kinds[i].name, name)) {
            return i;
        }
    }
    fprintf(stderr, "generate: %s: no such frames\n", name);
    exit(2);
}

int main(int argc, char *argv[])
{
    if (argc != 5) {
        fputs("usage: generate DEV SINK SECONDS one|exact|hostile|pipeline|scattered\n", stderr);
        return 2;
    }
    struct program program = {.n = 0};
    unsigned ifindex = if_nametoindex(argv[1]);
    if (!ifindex) {
        die(argv[1]);
    }
    write_program(&program, kind_of(argv[4]), ifindex);
    int fd = load_program(&program);
    pid_t child = fork();
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        send_for_ever(fd);
    }
    measure(argv[1], argv[2], strtod(argv[3], NULL));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return 0;
}
