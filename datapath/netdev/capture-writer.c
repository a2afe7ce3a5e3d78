/* SPDX-License-Identifier: Apache-2.0 */
/* A capture file that is written as the send side of a device. */
#include "datapath/netdev/capture-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "lib/packet/packet.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(capture_writer);

/* Theory
 * ======
 *
 * Each thread writes its batch by one writev() to a file opened for appending.  Linux lets one such
 * call after the other into a regular file, so batches of several threads never mix; no state is
 * shared but the descriptor, nothing stays in a buffer, and who reads the file meanwhile sees whole
 * frames.  libpcap's writer has none of that, and the format is a head and a few numbers before
 * each frame (draft-ietf-opsawg-pcap).  If the disk is full the last frame is torn: it is cut off,
 * and nothing is written any more.  (Another thread that finds room behind it in that moment is
 * taken for its end; so small a disk is full for all.)
 *
 * What was in the file is lost only when nothing can refuse the port any more.  That no two ports
 * have one file, whatever its name, the kernel sees to by a lock on the open file (flock): it holds
 * against other processes too, and ends with them. */

/* Head of the file, in the host's byte order. */
struct file_header {
    uint32_t magic;         /* FILE_MAGIC: times are in nanoseconds. */
    uint16_t version_major; /* 2. */
    uint16_t version_minor; /* 4. */
    uint32_t reserved[2];   /* 0. */
    uint32_t snap_size;     /* Bytes of a frame at most. */
    uint32_t link_type;     /* LINK_ETHERNET. */
};

/* What stands before each frame. */
struct frame_header {
    uint32_t sec;           /* Time: seconds since 1970. */
    uint32_t nsec;          /* And nanoseconds. */
    uint32_t captured_size; /* Bytes that follow. */
    uint32_t size;          /* Bytes of the frame. */
};

_Static_assert(sizeof(struct file_header) == 24, "struct file_header is the file's");
_Static_assert(sizeof(struct frame_header) == 16, "struct frame_header is the file's");

enum {
    SNAP_SIZE = 262144, /* More than any frame has. */
    LINK_ETHERNET = 1,  /* LINKTYPE_ETHERNET. */
};

#define FILE_MAGIC UINT32_C(0xa1b23c4d)

struct capture_writer {
    const char *name; /* Of the device; borrowed. */
    char *path;       /* Of the file; owned. */
    int fd;           /* The file, locked. */
    bool is_new;      /* It was made here and is not started. */
    int64_t to_wall;  /* Wall clock minus CLOCK_MONOTONIC, nanoseconds. */
    bool has_failed;  /* Nothing is written any more. Atomic. */
};

/* Reads a clock. */
static int64_t read_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SEC + t.tv_nsec;
}

/* Empties the file 'fd' and writes its head. Returns 0 or an errno. */
static int begin_file(int fd)
{
    const struct file_header header = {
        .magic = FILE_MAGIC,
        .version_major = 2,
        .version_minor = 4,
        .snap_size = SNAP_SIZE,
        .link_type = LINK_ETHERNET,
    };
    if (ftruncate(fd, 0)) {
        return errno;
    }
    ssize_t n = write(fd, &header, sizeof header);
    return n < 0 ? errno : n < (ssize_t) sizeof header ? ENOSPC : 0;
}

/* Makes the sentence for 'err' of opening. Returns 'err'. */
static int explain(const char *name, const char *path, int err, char **error)
{
    if (err == EWOULDBLOCK) {
        *error = xasprintf("%s: out=%s: a pcap port reads this file or writes to it: choose "
                           "another, or delete that port first", name, path);
    } else {
        *error = xasprintf("%s: out=%s: can't write a capture to this file (%s)", name, path,
                           err == EINVAL ? "not a regular file" : strerror(err));
    }
    return err == EWOULDBLOCK ? EBUSY : err;
}

/* Checks that 'fd' is a regular file, and takes the lock on it that capture_readers share. Where
 * files can't be locked it does without. Returns 0 or an errno: EWOULDBLOCK if somebody has one. */
static int take_file(int fd)
{
    struct stat status;
    if (fstat(fd, &status)) {
        return errno;
    } else if (!S_ISREG(status.st_mode)) {
        return EINVAL;
    }
    return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK ? EWOULDBLOCK : 0;
}

/* Opens the file; '*is_new' tells whether it was made. Returns 0 or an errno with *error. */
static int open_file(const char *name, const char *path, int *fdp, bool *is_new, char **error)
{
    enum { FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC };
    int fd = open(path, FLAGS | O_EXCL, 0666);
    *is_new = fd >= 0;
    if (fd < 0 && errno == EEXIST) {
        fd = open(path, FLAGS, 0666);
    }
    int err = fd < 0 ? errno : take_file(fd);
    if (err && fd >= 0) {
        close(fd);
    }
    *fdp = fd;
    return err ? explain(name, path, err, error) : 0;
}

int capture_writer_open(const char *name, const char *path, struct capture_writer **writerp,
                        char **error)
{
    bool is_new;
    int fd;
    int err = open_file(name, path, &fd, &is_new, error);
    if (err) {
        return err;
    }
    struct capture_writer *w = xmalloc(sizeof *w);
    *w = (struct capture_writer) {
        .name = name,
        .path = xstrdup(path),
        .fd = fd,
        .is_new = is_new,
        .to_wall = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC),
    };
    *writerp = w;
    return 0;
}

/* Writes nothing any more, because of 'error'. */
static void fail(struct capture_writer *w, int error)
{
    if (!__atomic_exchange_n(&w->has_failed, true, __ATOMIC_RELAXED)) {
        VLOG_WARN("%s: can't write to %s (%s): the capture ends here", w->name, w->path,
                  strerror(error));
    }
}

void capture_writer_start(struct capture_writer *w)
{
    int error = begin_file(w->fd);
    w->is_new = false;
    if (error) {
        fail(w, error);
    }
}

void capture_writer_close(struct capture_writer *w)
{
    if (w) {
        if (w->is_new) {
            unlink(w->path);
        }
        close(w->fd);
        free(w->path);
        free(w);
    }
}

/* Prepares what stands before 'p', of a batch at 'now'. */
static void make_header(const struct capture_writer *w, int64_t now, const struct packet *p,
                        struct frame_header *header)
{
    int64_t time = p->captured ? p->captured : now + w->to_wall;
    *header = (struct frame_header) {time / SEC, time % SEC, p->size, p->size};
}

/* How many of 'n' packets are whole in the first '*written' bytes, from which it takes them. */
static unsigned count_whole(struct packet *const packets[], unsigned n, size_t *written)
{
    unsigned i = 0;
    for (; i < n && *written >= sizeof(struct frame_header) + packets[i]->size; i++) {
        *written -= sizeof(struct frame_header) + packets[i]->size;
    }
    return i;
}

/* Cuts off the last 'size' bytes of the file. */
static void cut(struct capture_writer *w, size_t size)
{
    struct stat status;
    if (size && !fstat(w->fd, &status) && ftruncate(w->fd, status.st_size - (off_t) size)) {
        VLOG_WARN("%s: %s ends in the middle of a frame (%s)", w->name, w->path, strerror(errno));
    }
}

unsigned capture_writer_send(struct capture_writer *w, int64_t now, struct packet *const packets[],
                             unsigned n, int *error)
{
    struct frame_header headers[PACKET_BATCH_MAX];
    struct iovec pieces[2 * PACKET_BATCH_MAX] = {{NULL, 0}};
    if (UNLIKELY(__atomic_load_n(&w->has_failed, __ATOMIC_RELAXED))) {
        *error = EIO;
        return 0;
    }
    for (unsigned i = 0; i < n; i++) {
        make_header(w, now, packets[i], &headers[i]);
        pieces[2 * i] = (struct iovec) {&headers[i], sizeof headers[i]};
        pieces[2 * i + 1] = (struct iovec) {packets[i]->data, packets[i]->size};
    }
    ssize_t written = writev(w->fd, pieces, 2 * n);
    *error = written < 0 ? errno : ENOSPC;
    size_t torn = (size_t) MAX(written, (ssize_t) 0);
    unsigned sent = count_whole(packets, n, &torn);
    if (UNLIKELY(sent < n)) {
        fail(w, *error);
        cut(w, torn);
    }
    return sent;
}
