/* SPDX-License-Identifier: Apache-2.0 */
/* Listening TCP and Unix sockets on the event loop. */
#include "lib/channel/stream-listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "lib/channel/channel.h"
#include "lib/channel/loop-clock.h"
#include "lib/channel/stream-uv.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(stream);

/* Theory
 * ======
 *
 * The socket is ours and libuv only polls it.  libuv's own listener meets an exhausted table of
 * file descriptors by accepting and closing whoever waits; here the waiting ones keep waiting: the
 * poll stops, and a timer starts it again.
 *
 * Who comes over the network leaves the last descriptors to those who come by a Unix socket, and to
 * what the program itself opens: a crowd keeps nobody from managing it, nor it from its devices and
 * the peers it dials.  The kernel gives the lowest free number, so that tells how many are left,
 * but for numbers below that were given back. */

enum {
    ACCEPTS_PER_ROUND = 64, /* Then other connections have their turn. */
    FILES_LEFT = 32,        /* Descriptors that the network's connections leave to others. */
};
#define RESUME_AFTER (1 * SEC) /* Pause when accept() found no room. */

struct uv_listener {
    struct stream_listener base;     /* What all listeners have. */
    const struct channel_env *env;   /* Borrowed. */
    struct stream_acceptor acceptor; /* Who is given the streams. */
    uv_poll_t poll;                  /* Tells that somebody waits. */
    struct timer resume;             /* Ends a pause. */
    char *name;                      /* As given; owned. */
    char *path;                      /* Of a Unix socket, else NULL; owned. */
    dev_t dev;                       /* Device of the socket at 'path'. */
    ino_t ino;                       /* Inode of the socket at 'path'. */
    int fd;                          /* The socket; -1 once closed. */
};

static struct vlog_limit accept_limit = VLOG_LIMIT_INIT(10, 5);

static void somebody_waits(uv_poll_t *poll, int status, int events);

/* No more room for a connection: lets them wait for a while. */
static void pause_accepting(struct uv_listener *l, int error)
{
    VLOG_WARN_RL(&accept_limit, "%s: can't accept a connection (%s), trying again in 1 s; "
                                "perhaps 'ulimit -n' is too low", l->name, strerror(error));
    uv_poll_stop(&l->poll);
    timer_set(l->env->wheel, &l->resume, timer_wheel_now(l->env->wheel) + RESUME_AFTER);
}

static void resume_accepting(struct timer *timer, int64_t now)
{
    (void) now;
    struct uv_listener *l = CONTAINER_OF(timer, struct uv_listener, resume);
    uv_poll_start(&l->poll, UV_READABLE, somebody_waits);
}

/* Did only this one connection fail, so that the next may be accepted? */
static bool is_passing(int error)
{
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM;
}

/* Is there a descriptor for one more connection of 'l'?  If not, errno tells why. */
static bool has_room(const struct uv_listener *l)
{
    struct rlimit limit;
    if (l->path || getrlimit(RLIMIT_NOFILE, &limit)) {
        return true;
    }
    int lowest = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
    if (lowest < 0) {
        return false;
    }
    close(lowest);
    errno = EMFILE;
    return (rlim_t) lowest + FILES_LEFT < limit.rlim_cur;
}

static void somebody_waits(uv_poll_t *poll, int status, int events)
{
    struct uv_listener *l = CONTAINER_OF(poll, struct uv_listener, poll);
    (void) status;
    (void) events;
    loop_clock_update(l->env->clock);
    for (int i = 0; i < ACCEPTS_PER_ROUND && l->fd >= 0; i++) {
        int fd = has_room(l) ? accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;
        if (fd >= 0) {
            struct stream *s = stream_uv_from_fd(l->env, fd, !l->path, l->path ? l->name + 1 : "");
            l->acceptor.accept(l->acceptor.aux, s);
        } else if (errno == EAGAIN) {
            break;
        } else if (!is_passing(errno)) {
            pause_accepting(l, errno);
            break;
        }
    }
}

static void poll_closed(uv_handle_t *handle)
{
    struct uv_listener *l = CONTAINER_OF((void *) handle, struct uv_listener, poll);
    free(l->name);
    free(l->path);
    free(l);
}

/* Removes the socket's file, unless somebody has put another in its place. */
static void remove_path(const struct uv_listener *l)
{
    struct stat st;
    if (l->path && !lstat(l->path, &st) && st.st_dev == l->dev && st.st_ino == l->ino) {
        unlink(l->path);
    }
}

static void uv_listener_destroy(struct stream_listener *base)
{
    struct uv_listener *l = CONTAINER_OF(base, struct uv_listener, base);
    timer_cancel(l->env->wheel, &l->resume);
    uv_close((uv_handle_t *) &l->poll, poll_closed);
    remove_path(l);
    close(l->fd);
    l->fd = -1;
}

/* Makes a listener of the bound socket 'fd', which it owns even if it fails. */
static int start_listening(const struct channel_env *env, const char *text, const char *path,
                           int fd, const struct stream_acceptor *acceptor,
                           struct stream_listener **listener)
{
    struct uv_listener *l = xzalloc(sizeof *l);
    if (listen(fd, SOMAXCONN) || uv_poll_init(env->loop, &l->poll, fd)) {
        int error = errno ? errno : EIO;
        close(fd);
        free(l);
        return error;
    }
    struct stat st = {.st_dev = 0};
    if (path) {
        lstat(path, &st);
    }
    l->base.destroy = uv_listener_destroy;
    l->env = env;
    l->acceptor = *acceptor;
    l->name = xstrdup(text);
    l->path = path ? xstrdup(path) : NULL;
    l->dev = st.st_dev;
    l->ino = st.st_ino;
    l->fd = fd;
    timer_init(&l->resume, resume_accepting);
    uv_poll_start(&l->poll, UV_READABLE, somebody_waits);
    *listener = &l->base;
    return 0;
}

/* The remedy for an error of bind() and its like, or "". */
static const char *remedy(int error)
{
    return error == EADDRINUSE      ? ": somebody listens there already, choose another port"
           : error == EADDRNOTAVAIL ? ": no interface here has that address"
           : error == EACCES        ? ": choose a port or directory that your user may use"
           : error == ENOENT        ? ": make the directory first, or choose another"
           : error == ENOTDIR       ? ": choose another directory"
           : error == EPERM         ? ": choose a group that your user is in"
                                    : "";
}

/* Makes '*error' of an errno of 'text', and returns the errno. */
static int explain(const char *text, int retval, char **error)
{
    *error = xasprintf("%s: %s%s", text, strerror(retval), remedy(retval));
    return retval;
}

/* Returns a socket bound to the first of 'addresses', or -1 with errno. */
static int bind_tcp(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
                    || bind(fd, address->ai_addr, address->ai_addrlen))) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* The port that 'fd' is bound to, host order. */
static uint16_t bound_port(int fd)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } address = {.sa.sa_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    if (getsockname(fd, &address.sa, &size)) {
        return 0;
    }
    return ntohs(address.sa.sa_family == AF_INET6 ? address.in6.sin6_port : address.in.sin_port);
}

int stream_listen_tcp(const struct channel_env *env, const char *text,
                      const struct stream_name *name, uint16_t port,
                      const struct stream_acceptor *acceptor, struct stream_listener **l,
                      char **error)
{
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned) port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
    struct addrinfo *addresses;
    if (getaddrinfo(name->host, service, &hints, &addresses)) {
        const char *zone = strchr(name->host, '%');
        *error = zone ? xasprintf("%s: there is no interface %s here", text, zone + 1)
                      : xasprintf("%s: '%s' is no IP address: write ptcp:[PORT][:ADDRESS]", text,
                                  name->host);
        return EINVAL;
    }
    int fd = bind_tcp(addresses);
    int retval = fd < 0 ? errno : 0;
    freeaddrinfo(addresses);
    if (!retval) {
        retval = start_listening(env, text, NULL, fd, acceptor, l);
    }
    if (retval) {
        return explain(text, retval, error);
    }
    (*l)->port = bound_port(fd);
    return 0;
}

/* Finds out whether the socket at 'path' is listened to, and removes it if not.  Returns 0 if the
 * path is free now, or an errno. */
static int clear_path(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st)) {
        return errno == ENOENT ? 0 : errno;
    }
    if (!S_ISSOCK(st.st_mode)) {
        return EEXIST;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    bool is_stale = connect(fd, (const struct sockaddr *) address, sizeof *address)
                    && errno == ECONNREFUSED;
    close(fd);
    if (!is_stale) {
        return EADDRINUSE;
    }
    return unlink(address->sun_path) && errno != ENOENT ? errno : 0;
}

/* Gives the socket at 'path' the mode and group that are wanted.  Returns 0 or -1 with errno. */
static int open_up(const char *path, const struct socket_access *access)
{
    return (access->has_group && lchown(path, (uid_t) -1, (gid_t) access->group))
                   || (access->mode && chmod(path, (mode_t) access->mode))
               ? -1
               : 0;
}

/* Returns a socket bound to 'path', or -1 with errno.  Linux gives the file the socket's own mode
 * less the umask, so there is no moment when others may connect, and no umask to be changed. */
static int bind_unix(const char *path, const struct socket_access *access)
{
    bool is_bound = false;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int error = clear_path(&address);
    if (error) {
        errno = error;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && (fchmod(fd, 0600)
                    || bind(fd, (const struct sockaddr *) &address, sizeof address)
                    || (is_bound = true, open_up(path, access)))) {
        error = errno;
        close(fd);
        if (is_bound) {
            unlink(path);
        }
        errno = error;
        return -1;
    }
    return fd;
}

int stream_listen_unix(const struct channel_env *env, const char *text,
                       const struct stream_name *name, const struct stream_acceptor *acceptor,
                       struct stream_listener **l, char **error)
{
    int fd = bind_unix(name->host, &env->sockets);
    int retval = fd < 0 ? errno : start_listening(env, text, name->host, fd, acceptor, l);
    if (retval == EADDRINUSE) {
        *error = xasprintf("%s: somebody listens there already: stop it or choose another path",
                           text);
    } else if (retval == EEXIST) {
        *error = xasprintf("%s: a file that is no socket stands there: remove it or choose another "
                           "path", text);
    } else if (retval) {
        explain(text, retval, error);
    }
    return retval;
}
