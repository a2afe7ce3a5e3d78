/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a UDP datagram to and fro and prints the median of the round trip. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/*    ping-pong PORT             echoes what comes, for ever
 *    ping-pong PORT ADDRESS N   N round trips; prints the median in microseconds */

static void die(const char *what)
{
    fprintf(stderr, "ping-pong: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void echo(int fd)
{
    char ball[64];
    struct sockaddr_in from;
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(fd, ball, sizeof ball, 0, (struct sockaddr *) &from, &length);
        if (n > 0) {
            sendto(fd, ball, (size_t) n, 0, (struct sockaddr *) &from, length);
        }
    }
}

static int compare(const void *a_, const void *b_)
{
    const double *a = a_, *b = b_;
    return (*a > *b) - (*a < *b);
}

/* One round trip; microseconds. */
static double play(int fd)
{
    struct timespec start, end;
    char ball[8] = "ball";
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (send(fd, ball, sizeof ball, 0) < 0 || recv(fd, ball, sizeof ball, 0) < 0) {
        die("no answer");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double) (end.tv_sec - start.tv_sec) * 1e6
           + (double) (end.tv_nsec - start.tv_nsec) / 1e3;
}

int main(int argc, char *argv[])
{
    if (argc != 2 && argc != 4) {
        fputs("usage: ping-pong PORT [ADDRESS N]\n", stderr);
        return 2;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    struct timeval patience = {.tv_sec = 2};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (argc == 2) {
        if (bind(fd, (struct sockaddr *) &address, sizeof address)) {
            die("bind");
        }
        echo(fd);
    }
    size_t n = strtoul(argv[3], NULL, 10);
    double *times = calloc(n + 1, sizeof *times);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    inet_pton(AF_INET, argv[2], &address.sin_addr);
    if (!times || connect(fd, (struct sockaddr *) &address, sizeof address)) {
        die("connect");
    }
    for (size_t i = 0; i < n; i++) {
        times[i] = play(fd);
    }
    qsort(times, n, sizeof *times, compare);
    printf("%.1f\n", times[n / 2]);
    free(times);
    return 0;
}
