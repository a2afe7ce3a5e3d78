/* SPDX-License-Identifier: Apache-2.0 */
/* Sends many small UDP frames out of a device, at full speed or no faster than they arrive. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/*    frame-storm DEV N FLOWS [ARRIVAL]
 *
 * N frames (0: until SIGTERM) go out of the device DEV, of flows 0 .. FLOWS - 1 in turn.
 *
 * A frame of flow i goes from 02:00:00:00:00:01 to 02:00:00:00:00:02, from 10.0.0.1 port 1 to
 * 10.1.0.0 + i port 2, and is FRAME_SIZE bytes long. With ARRIVAL, a device, at most WINDOW frames
 * are under way to it, so that no queue on their way runs over, and at the end none is. The number
 * of frames sent is printed. */

enum {
    FRAME_SIZE = 60,
    BATCH = 64,    /* Frames of a system call. */
    WINDOW = 512,  /* Frames under way. */
    PATIENCE = 120, /* Seconds without an arrival before giving up. */
};

struct frame {
    struct ethhdr eth;
    struct iphdr ip;
    struct udphdr udp;
    uint8_t payload[FRAME_SIZE - 42];
} __attribute__((packed));

static volatile sig_atomic_t is_stopping;

static void on_signal(int number)
{
    (void) number;
    is_stopping = 1;
}

/* Ends the program with an error. */
static void die(const char *what)
{
    fprintf(stderr, "frame-storm: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Opens a socket that sends out of 'dev' and receives nothing. */
static int open_device(const char *dev)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(dev)};
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0 || !address.sll_ifindex || bind(fd, (struct sockaddr *) &address, sizeof address)) {
        die(dev);
    }
    return fd;
}

/* Opens the counter of frames that arrived at 'dev'. */
static int open_counter(const char *dev)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/class/net/%s/statistics/rx_packets", dev);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        die(path);
    }
    return fd;
}

static uint64_t read_counter(int fd)
{
    char text[32] = "";
    if (pread(fd, text, sizeof text - 1, 0) <= 0) {
        die("counter");
    }
    return strtoull(text, NULL, 10);
}

/* Waits until 'n' frames more than 'start' have arrived. */
static void wait_for_arrivals(int counter, uint64_t start, uint64_t n)
{
    time_t end = time(NULL) + PATIENCE;
    while (read_counter(counter) - start < n && !is_stopping) {
        if (time(NULL) > end) {
            errno = ETIMEDOUT;
            die("frames are lost on the way");
        }
        sched_yield();
    }
}

static uint16_t ip_checksum(const struct iphdr *ip)
{
    const uint16_t *words = (const void *) ip;
    uint32_t sum = 0;
    for (unsigned i = 0; i < sizeof *ip / 2; i++) {
        sum += words[i];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}

static void make_frame(struct frame *f)
{
    *f = (struct frame) {
        .eth = {.h_dest = {2, 0, 0, 0, 0, 2}, .h_source = {2, 0, 0, 0, 0, 1},
                .h_proto = htons(ETH_P_IP)},
        .ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
               .tot_len = htons(FRAME_SIZE - sizeof(struct ethhdr)), .saddr = htonl(0x0a000001)},
        .udp = {.source = htons(1), .dest = htons(2),
                .len = htons(FRAME_SIZE - sizeof(struct ethhdr) - sizeof(struct iphdr))},
    };
}

/* Makes 'f' one of flow 'i'. */
static void set_flow(struct frame *f, uint32_t i)
{
    f->ip.daddr = htonl(0x0a010000 + i);
    f->ip.check = 0;
    struct iphdr ip = f->ip;
    f->ip.check = ip_checksum(&ip);
}

/* Sends all of 'n' messages. */
static void send_all(int fd, struct mmsghdr *messages, unsigned n)
{
    for (unsigned sent = 0; sent < n;) {
        int retval = sendmmsg(fd, messages + sent, n - sent, 0);
        if (retval > 0) {
            sent += retval;
        } else if (errno != ENOBUFS && errno != EINTR) {
            die("sendmmsg");
        }
    }
}

/* Sends 'n' frames (0: until a signal) of 'n_flows' flows; returns how many were sent. */
static uint64_t storm(int fd, int counter, uint64_t n, uint32_t n_flows)
{
    static struct frame frames[BATCH];
    static struct iovec pieces[BATCH];
    static struct mmsghdr messages[BATCH];
    uint64_t sent = 0, start = counter >= 0 ? read_counter(counter) : 0;
    for (unsigned i = 0; i < BATCH; i++) {
        make_frame(&frames[i]);
        pieces[i] = (struct iovec) {&frames[i], sizeof frames[i]};
        messages[i].msg_hdr = (struct msghdr) {.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
    while (!is_stopping && (!n || sent < n)) {
        unsigned batch = !n || n - sent > BATCH ? BATCH : (unsigned) (n - sent);
        for (unsigned i = 0; i < batch; i++) {
            set_flow(&frames[i], (sent + i) % n_flows);
        }
        send_all(fd, messages, batch);
        sent += batch;
        if (counter >= 0 && sent > WINDOW) {
            wait_for_arrivals(counter, start, sent - WINDOW);
        }
    }
    if (counter >= 0) {
        wait_for_arrivals(counter, start, sent);
    }
    return sent;
}

int main(int argc, char *argv[])
{
    if (argc < 4) {
        fprintf(stderr, "usage: frame-storm DEV N FLOWS [ARRIVAL]\n");
        return 2;
    }
    signal(SIGTERM, on_signal);
    int counter = argc > 4 ? open_counter(argv[4]) : -1;
    uint64_t sent = storm(open_device(argv[1]), counter, strtoull(argv[2], NULL, 10),
                          (uint32_t) strtoul(argv[3], NULL, 10));
    printf("%llu\n", (unsigned long long) sent);
    return 0;
}
