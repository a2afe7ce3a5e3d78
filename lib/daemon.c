/* SPDX-License-Identifier: Apache-2.0 */
/* Life in the background: going there, telling the parent, and the pid file. */
#include "lib/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Parent and child share a pipe.  The child writes a byte when it is ready; if it ends without
 * that, the kernel closes the pipe, the parent reads its end and asks for the exit code.
 *
 * The lock on the pid file, not its existence, says that a process runs.  Between opening and
 * locking the file its former owner may remove it; then the lock would be on a file that nobody can
 * find, so after locking the path must still lead to the same file, or all is tried again.
 *
 * A process that was killed has SIGKILL pending when kill() returns, then PF_SIGNALED, then
 * PF_EXITING.  It is a zombie (Z) when its first thread has ended; when the last one has, its
 * descriptors are closed, whether or not its parent takes notice. */

enum {
    PF_EXITING = 0x4,    /* Bit of the flags in /proc/PID/stat: it is ending. */
    PF_SIGNALED = 0x400, /* The same: a signal ends it. */
    NAME_SIZE = 16,      /* Bytes of a process's name, NUL included. */
    AWAIT_MSEC = 20,     /* Between two looks at who was killed. */
    AWAIT_SEC = 10,      /* Seconds that it may take them at most. */
};

/* A lock on a whole file. */
static struct flock whole_file(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

/* Waits until the child 'pid' is ready or gone, and exits as the header says. */
static NORETURN void wait_for_child(int fd, pid_t pid)
{
    char byte;
    int status;
    ssize_t n;
    do {
        n = read(fd, &byte, 1);
    } while (n < 0 && errno == EINTR);
    if (n == 1) {
        _exit(0);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* Forks; returns an errno, or 0 in the child. */
static int go_to_background(struct daemon *d)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC)) {
        return errno;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        int error = errno;
        close(fds[0]);
        close(fds[1]);
        return error;
    }
    if (pid) {
        close(fds[1]);
        wait_for_child(fds[0], pid);
    }
    close(fds[0]);
    setsid();
    d->ready_fd = fds[1];
    return 0;
}

/* Whether the process 'pid' is known to be in another network namespace, where it holds nothing of
 * ours; the last part of its end is not known of any. */
static bool is_elsewhere(const char *pid)
{
    char path[64];
    struct stat theirs, ours;
    snprintf(path, sizeof path, "/proc/%.20s/ns/net", pid);
    return !stat(path, &theirs) && !stat("/proc/self/ns/net", &ours)
           && (theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev);
}

/* Whether the process 'pid' has the name 'name' and was killed, and goes on holding what it had. */
static bool is_ending(const char *pid, const char *name)
{
    char path[64], line[512], state = 'X';
    unsigned flags = 0;
    unsigned long pending = 0;
    long n_threads = 0;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    char *read = file ? fgets(line, sizeof line, file) : NULL;
    if (file) {
        fclose(file);
    }
    char *begin = read ? strchr(line, '(') : NULL, *end = begin ? strrchr(line, ')') : NULL;
    if (!end || (size_t) (end - begin - 1) != strlen(name)
        || memcmp(begin + 1, name, strlen(name))) {
        return false;
    }
    int n = sscanf(end + 1, " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
                            "%ld %*d %*u %*u %*d %*u %*u %*u %*u %*u %*u %lu", &state, &flags,
                   &n_threads, &pending);
    return n == 4 && state != 'X' && (state != 'Z' || n_threads > 1)
           && (flags & (PF_EXITING | PF_SIGNALED) || pending & 1UL << (SIGKILL - 1))
           && !is_elsewhere(pid);
}

/* How many processes of the name 'name' are ending. */
static unsigned count_ending(const char *name)
{
    DIR *proc = opendir("/proc");
    unsigned n = 0;
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        n += entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_ending(entry->d_name, name);
    }
    if (proc) {
        closedir(proc);
    }
    return n;
}

unsigned daemon_await_killed(void)
{
    const struct timespec pause = {.tv_nsec = AWAIT_MSEC * MSEC};
    char name[NAME_SIZE];
    prctl(PR_GET_NAME, name);
    unsigned n = count_ending(name), left = n;
    for (int i = 0; left && i < AWAIT_SEC * 1000 / AWAIT_MSEC; i++) {
        nanosleep(&pause, NULL);
        left = count_ending(name);
    }
    return n;
}

/* Is 'fd' the file at 'path'? */
static bool is_file_at(int fd, const char *path)
{
    struct stat a, b;
    return !fstat(fd, &a) && !stat(path, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Opens and locks the pid file.  Returns 0 and '*fd', or an errno (EAGAIN: it is locked). */
static int lock_pidfile(const char *path, int *fd)
{
    struct flock lock = whole_file(F_WRLCK);
    for (;;) {
        *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (*fd < 0) {
            return errno;
        }
        if (fcntl(*fd, F_SETLK, &lock)) {
            int error = errno;
            close(*fd);
            return error == EACCES ? EAGAIN : error; /* POSIX allows for both. */
        }
        if (is_file_at(*fd, path)) {
            return 0;
        }
        close(*fd);
    }
}

/* Writes our pid to the locked file 'fd'. */
static int write_pid(int fd)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%ld\n", (long) getpid());
    if (ftruncate(fd, 0)) {
        return errno;
    }
    ssize_t n = write(fd, text, (size_t) length);
    return n == length ? 0 : n < 0 ? errno : ENOSPC;
}

/* Returns the text for a pid file that another process has locked. */
static char *describe_holder(const char *path)
{
    pid_t pid;
    if (daemon_read_pidfile(path, &pid) || !pid) {
        return xasprintf("%s: another process is just using it; try again", path);
    }
    return xasprintf("%s: process %ld is already running; stop it first or use another pid file",
                     path, (long) pid);
}

/* Makes the pid file. */
static int make_pidfile(struct daemon *d, const char *path, char **error)
{
    int fd;
    int retval = lock_pidfile(path, &fd);
    if (retval == EAGAIN) {
        *error = describe_holder(path);
        return EEXIST;
    }
    if (!retval) {
        d->pidfile = xstrdup(path);
        d->pidfile_fd = fd;
        d->pid = getpid();
        retval = write_pid(fd);
    }
    if (retval) {
        *error = xasprintf("%s: can't make the pid file (%s)", path, strerror(retval));
        daemon_stop(d);
    }
    return retval;
}

int daemon_start(struct daemon *d, bool background, const char *pidfile, char **error)
{
    *d = (struct daemon){.pidfile_fd = -1, .ready_fd = -1};
    *error = NULL;
    int retval = background ? go_to_background(d) : 0;
    if (retval) {
        *error = xasprintf("can't go to the background (%s)", strerror(retval));
        return retval;
    }
    return pidfile ? make_pidfile(d, pidfile, error) : 0;
}

void daemon_fill_standard_files(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

/* Points standard input, output and error at /dev/null. */
static void drop_standard_files(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        dup2(fd, STDIN_FILENO);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        if (fd > STDERR_FILENO) {
            close(fd);
        }
    }
}

void daemon_ready(struct daemon *d)
{
    if (d->ready_fd >= 0) {
        drop_standard_files();
        while (write(d->ready_fd, "", 1) < 0 && errno == EINTR) {
            continue;
        }
        close(d->ready_fd);
        d->ready_fd = -1;
    }
}

void daemon_stop(struct daemon *d)
{
    if (d->pidfile) {
        if (d->pid == getpid() && is_file_at(d->pidfile_fd, d->pidfile)) {
            unlink(d->pidfile);
        }
        close(d->pidfile_fd);
        free(d->pidfile);
        d->pidfile = NULL;
        d->pidfile_fd = -1;
    }
}

int daemon_read_pidfile(const char *pidfile, pid_t *pid)
{
    struct flock lock = whole_file(F_WRLCK);
    *pid = 0;
    int fd = open(pidfile, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : errno;
    }
    int retval = fcntl(fd, F_GETLK, &lock) ? errno : 0;
    close(fd);
    if (!retval && lock.l_type != F_UNLCK) {
        *pid = lock.l_pid;
    }
    return retval;
}
