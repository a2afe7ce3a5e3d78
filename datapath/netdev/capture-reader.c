/* SPDX-License-Identifier: Apache-2.0 */
/* A capture file that is played as the receive side of a device. */
#include "datapath/netdev/capture-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "datapath/netdev/capture-frame.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(capture);

/* Theory
 * ======
 *
 * The reader is always one frame ahead: that frame tells when to be called again.  The descriptor
 * is a timer, set to when the next frame is due and never read: so it stays readable for as long as
 * frames are due, whatever their number, and setting it anew, or to never at the end, makes it
 * unreadable.  At first it fires at once, for only a call of capture_reader_next() tells the time.
 *
 * The file is read through stdio by the forwarding thread.  A regular file never lets it wait for
 * somebody, though it may for the disk; so nothing but a regular file is taken. */

struct capture_reader {
    const char *name;           /* Of the device; borrowed. */
    char *path;                 /* Of the file; owned. */
    pcap_t *pcap;               /* The file. */
    int timer;                  /* Timer descriptor. */
    int64_t armed;              /* When it fires. */
    struct capture_pace pace;   /* When frames are due. */
    bool has_started;           /* 'start' and 'first_time' are known. */
    int64_t start;              /* When the first frame is due. */
    int64_t first_time;         /* Its time in the file. */
    bool has_frame;             /* 'frame' has not been taken yet. */
    struct capture_frame frame; /* Next frame. */
    uint64_t n;                 /* Frames read so far. */
    bool has_ended;             /* None is left. Atomic. */
};

/* Lets the descriptor become readable at 'due', nanoseconds of CLOCK_MONOTONIC; 0: never. */
static void arm(struct capture_reader *r, int64_t due)
{
    struct itimerspec at = {.it_value = {.tv_sec = due / SEC, .tv_nsec = due % SEC}};
    if (r->armed != due) {
        r->armed = due;
        timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &at, NULL);
    }
}

/* Opens the regular file 'path' for reading; anything else is not waited for. Returns 0 or an errno
 * with *error. */
static int open_file(const char *name, const char *path, FILE **file, char **error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    int err = fd < 0 || !*file || fstat(fd, &status) ? errno : 0;
    if (err) {
        *error = xasprintf("%s: in=%s: can't read this file (%s)", name, path, strerror(err));
    } else if (!S_ISREG(status.st_mode)) {
        *error = xasprintf("%s: in=%s: not a regular file: only those can be played", name, path);
        err = EINVAL;
    } else if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK) {
        *error = xasprintf("%s: in=%s: a pcap port writes to this file: choose another, or delete "
                           "that port first", name, path);
        err = EBUSY;
    }
    if (err && *file) {
        fclose(*file);
    } else if (err && fd >= 0) {
        close(fd);
    }
    return err;
}

/* Opens the capture in 'path'. Returns 0 or an errno with *error. */
static int open_capture(const char *name, const char *path, pcap_t **pcap, char **error)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *file;
    int err = open_file(name, path, &file, error);
    if (err) {
        return err;
    }
    *pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!*pcap) {
        *error = xasprintf("%s: in=%s: not a capture file (%s)", name, path, reason);
        fclose(file);
        return EINVAL;
    }
    if (pcap_datalink(*pcap) != DLT_EN10MB) {
        *error = xasprintf("%s: in=%s: not a capture of Ethernet frames", name, path);
        pcap_close(*pcap);
        return EINVAL;
    }
    return 0;
}

int capture_reader_open(const char *name, const char *path, const struct capture_pace *pace,
                        struct capture_reader **readerp, char **error)
{
    pcap_t *pcap = NULL;
    int err = open_capture(name, path, &pcap, error);
    if (err) {
        return err;
    }
    struct capture_reader *r = xmalloc(sizeof *r);
    *r = (struct capture_reader) {
        .name = name,
        .path = xstrdup(path),
        .pcap = pcap,
        .timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
        .pace = *pace,
    };
    if (r->timer < 0) {
        err = errno;
        *error = xasprintf("%s: can't make a timer (%s)", name, strerror(err));
        capture_reader_close(r);
        return err;
    }
    arm(r, 1);
    *readerp = r;
    return 0;
}

void capture_reader_close(struct capture_reader *r)
{
    if (r) {
        pcap_close(r->pcap);
        if (r->timer >= 0) {
            close(r->timer);
        }
        free(r->path);
        free(r);
    }
}

/* Notes that the file has ended, orderly or not. */
static void end(struct capture_reader *r, bool is_good)
{
    arm(r, 0);
    __atomic_store_n(&r->has_ended, true, __ATOMIC_RELAXED);
    if (is_good) {
        VLOG_INFO("%s: %s has ended after %" PRIu64 " frames: the link goes down", r->name,
                  r->path, r->n);
    } else {
        VLOG_WARN("%s: %s is damaged after %" PRIu64 " frames (%s): the link goes down", r->name,
                  r->path, r->n, pcap_geterr(r->pcap));
    }
}

/* Reads the next frame. False at the end of the file. */
static bool read_frame(struct capture_reader *r)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int result = pcap_next_ex(r->pcap, &header, &data);
    if (result != 1) {
        end(r, result == PCAP_ERROR_BREAK);
        return false;
    }
    r->frame = (struct capture_frame) {
        .data = data,
        .size = header->caplen,
        .is_whole = header->caplen >= header->len,
        .time = capture_time(header->ts.tv_sec, header->ts.tv_usec),
    };
    r->has_frame = true;
    r->n++;
    return true;
}

/* When the next frame is due. Times that go backwards are taken for the first frame's. */
static int64_t due_time(const struct capture_reader *r)
{
    return r->start + (r->pace.as_recorded ? MAX(r->frame.time - r->first_time, (int64_t) 0) : 0);
}

bool capture_reader_next(struct capture_reader *r, int64_t now, struct capture_frame *frame)
{
    if (capture_reader_has_ended(r) || (!r->has_frame && !read_frame(r))) {
        return false;
    }
    if (!r->has_started) {
        r->has_started = true;
        r->start = now + r->pace.delay;
        r->first_time = r->frame.time;
    }
    int64_t due = due_time(r);
    if (now < due) {
        arm(r, due);
        return false;
    }
    r->has_frame = false;
    *frame = r->frame;
    return true;
}

bool capture_reader_has_ended(const struct capture_reader *r)
{
    return __atomic_load_n(&r->has_ended, __ATOMIC_RELAXED);
}

int capture_reader_fd(const struct capture_reader *r)
{
    return r->timer;
}
