/* SPDX-License-Identifier: Apache-2.0 */
/* The log: messages of modules with levels that can be changed at run time. */
#include "lib/vlog.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/bytes.h"

/* Levels are read without a lock, each in one relaxed load.  Everything else (the list of modules,
 * limits, destinations) is under one lock; a thread takes it only for messages that its level lets
 * through, which on the way of packets are errors held to a rate. */

/* A level: its name in specifications and its priority in syslog. */
static const struct {
    const char *name; /* For vlog_level_name(). */
    int priority;     /* LOG_* of syslog(). */
} levels[] = {
    [VLOG_LEVEL_OFF] = {"off", LOG_EMERG},
    [VLOG_LEVEL_ERR] = {"err", LOG_ERR},
    [VLOG_LEVEL_WARN] = {"warn", LOG_WARNING},
    [VLOG_LEVEL_INFO] = {"info", LOG_INFO},
    [VLOG_LEVEL_DBG] = {"dbg", LOG_DEBUG},
};
static_assert(ARRAY_SIZE(levels) == VLOG_LEVELS, "each level has a row");

/* The process's log. */
static struct {
    pthread_mutex_t lock; /* Guards all members. */
    struct list modules;  /* Of struct vlog_module. */
    bool to_stderr;       /* Write to standard error. */
    bool is_journal;      /* Standard error leads to the journal. */
    bool to_syslog;       /* Write to syslog, which is open. */
    bool has_stderr;      /* Standard error leads to the log file. */
    int fd;               /* Log file, or -1. */
    char *path;           /* Its path, owned, or NULL. */
    void (*sink)(const char *, enum vlog_level, const char *, void *); /* Gets all, or NULL. */
    void *sink_aux;       /* For 'sink'. */
} the_log = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .modules = {&the_log.modules, &the_log.modules},
    .to_stderr = true,
    .fd = -1,
};

void vlog_register(struct vlog_module *module)
{
    pthread_mutex_lock(&the_log.lock);
    list_push_back(&the_log.modules, &module->in_all);
    pthread_mutex_unlock(&the_log.lock);
}

/* Writes 'prefix' and the line to 'fd' in one piece.  Errors are of no use to anybody. */
static void write_line(int fd, const char *prefix, const struct bytes *line)
{
    const struct iovec pieces[] = {{(char *) prefix, strlen(prefix)}, {line->data, line->size}};
    ssize_t ignored UNUSED = writev(fd, pieces, ARRAY_SIZE(pieces));
}

/* Writes the line to standard error. */
static void write_stderr(enum vlog_level level, const struct bytes *line)
{
    char prefix[16] = "";
    if (the_log.is_journal) {
        snprintf(prefix, sizeof prefix, "<%d>", levels[level].priority);
    }
    write_line(STDERR_FILENO, prefix, line);
}

/* Adds the time of day, in UTC to the millisecond. */
static void put_time(struct bytes *line)
{
    struct timespec ts;
    struct tm tm;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    bytes_printf(line, "%s.%03ldZ", text, ts.tv_nsec / 1000000);
}

/* Hands 'text' to all destinations.  Under the lock. */
static void emit(const char *module, enum vlog_level level, const char *text)
{
    struct bytes line = BYTES_INIT;
    if (the_log.sink) {
        the_log.sink(module, level, text, the_log.sink_aux);
        return;
    }
    put_time(&line);
    bytes_printf(&line, "|%s|%s|%s\n", module, levels[level].name, text);
    if (the_log.to_stderr) {
        write_stderr(level, &line);
    }
    if (the_log.fd >= 0) {
        write_line(the_log.fd, "", &line);
    }
    if (the_log.to_syslog) {
        syslog(levels[level].priority, "%s: %s", module, text);
    }
    bytes_uninit(&line);
}

/* Asks 'limit' for one message; adds to 'text' how many it swallowed before.  Under the lock. */
static bool passes_limit(struct vlog_limit *limit, struct bytes *text)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    if (!token_bucket_take(&limit->bucket, 60, ts.tv_sec * SEC + ts.tv_nsec)) {
        limit->suppressed++;
        return false;
    }
    if (limit->suppressed) {
        bytes_printf(text, " (and %llu like it not shown)",
                     (unsigned long long) limit->suppressed);
        limit->suppressed = 0;
    }
    return true;
}

void vlog_message(const struct vlog_module *module, enum vlog_level level,
                  struct vlog_limit *limit, const char *format, ...)
{
    int saved_errno = errno;
    struct bytes text = BYTES_INIT;
    va_list args;
    va_start(args, format);
    bytes_vprintf(&text, format, args);
    va_end(args);
    str_tame(bytes_string(&text));
    pthread_mutex_lock(&the_log.lock);
    if (!limit || passes_limit(limit, &text)) {
        emit(module->name, level, bytes_string(&text));
    }
    pthread_mutex_unlock(&the_log.lock);
    bytes_uninit(&text);
    errno = saved_errno;
}

const char *vlog_level_name(enum vlog_level level)
{
    return levels[level].name;
}

/* Does 'name' (of 'length' characters, or "any") mean 'module'? */
static bool is_meant(const struct vlog_module *module, const char *name, size_t length)
{
    return (length == 3 && !memcmp(name, "any", 3))
           || (strlen(module->name) == length && !memcmp(module->name, name, length));
}

/* Sets the level of all modules meant by 'name', or only looks for them if 'level' is -1.  Says
 * whether there is one. */
static bool set_levels(const char *name, size_t length, int level)
{
    struct vlog_module *module;
    bool found = length == 3 && !memcmp(name, "any", 3);
    pthread_mutex_lock(&the_log.lock);
    LIST_FOR_EACH (module, in_all, &the_log.modules) {
        if (is_meant(module, name, length)) {
            found = true;
            if (level >= 0) {
                __atomic_store_n(&module->level, (uint8_t) level, __ATOMIC_RELAXED);
            }
        }
    }
    pthread_mutex_unlock(&the_log.lock);
    return found;
}

int vlog_set_level(const char *module, enum vlog_level level)
{
    return set_levels(module, strlen(module), (int) level) ? 0 : ENOENT;
}

/* Returns the level named by the 'length' characters at 'name', or -1. */
static int find_level(const char *name, size_t length)
{
    for (int i = 0; i < VLOG_LEVELS; i++) {
        if (strlen(levels[i].name) == length && !memcmp(levels[i].name, name, length)) {
            return i;
        }
    }
    return -1;
}

/* Adds a module's name to the text 'names'. */
static void add_name(const char *name, enum vlog_level level UNUSED, void *names)
{
    bytes_printf(names, " %s", name);
}

/* Complains that there is no module 'name', of 'length' characters. */
static int complain_module(const char *name, size_t length, char **error)
{
    struct bytes names = BYTES_INIT;
    vlog_for_each_module(add_name, &names);
    *error = xasprintf("no log module '%.*s': there are any%s", (int) length, name,
                       bytes_string(&names));
    bytes_uninit(&names);
    return EINVAL;
}

/* Checks one part of a specification, and applies it if 'apply'. */
static int take_part(const char *part, size_t length, bool apply, char **error)
{
    const char *colon = memchr(part, ':', length);
    const char *module = colon ? part : "any";
    size_t module_length = colon ? (size_t) (colon - part) : 3;
    const char *name = colon ? colon + 1 : part;
    size_t name_length = length - (size_t) (name - part);
    int level = find_level(name, name_length);
    if (level < 0) {
        *error = xasprintf("no log level '%.*s': off, err, warn, info and dbg are",
                           (int) name_length, name);
        return EINVAL;
    }
    if (!set_levels(module, module_length, apply ? level : -1)) {
        return complain_module(module, module_length, error);
    }
    return 0;
}

/* Checks or applies all parts of a specification. */
static int take_spec(const char *spec, bool apply, char **error)
{
    for (;;) {
        size_t length = strcspn(spec, ",");
        int retval = take_part(spec, length, apply, error);
        if (retval || !spec[length]) {
            return retval;
        }
        spec += length + 1;
    }
}

int vlog_parse_level_spec(const char *spec, char **error)
{
    int retval = take_spec(spec, false, error);
    return retval ? retval : take_spec(spec, true, error);
}

/* Orders modules by name. */
static int compare_modules(const void *a, const void *b)
{
    const struct vlog_module *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* Returns all modules, sorted, in an array that the caller frees. */
static const struct vlog_module **sorted_modules(size_t *n)
{
    struct vlog_module *module;
    pthread_mutex_lock(&the_log.lock);
    const struct vlog_module **modules = xcalloc(list_size(&the_log.modules), sizeof *modules);
    *n = 0;
    LIST_FOR_EACH (module, in_all, &the_log.modules) {
        modules[(*n)++] = module;
    }
    pthread_mutex_unlock(&the_log.lock);
    qsort(modules, *n, sizeof *modules, compare_modules);
    return modules;
}

void vlog_for_each_module(void (*each)(const char *name, enum vlog_level level, void *aux),
                          void *aux)
{
    size_t n;
    const struct vlog_module **modules = sorted_modules(&n);
    for (size_t i = 0; i < n; i++) {
        if (!i || strcmp(modules[i]->name, modules[i - 1]->name)) {
            each(modules[i]->name,
                 (enum vlog_level) __atomic_load_n(&modules[i]->level, __ATOMIC_RELAXED), aux);
        }
    }
    free(modules);
}

void vlog_set_stderr(bool on)
{
    pthread_mutex_lock(&the_log.lock);
    the_log.to_stderr = on;
    pthread_mutex_unlock(&the_log.lock);
}

void vlog_detect_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;
    bool is_journal = stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2
                      && !fstat(STDERR_FILENO, &st) && st.st_dev == device && st.st_ino == inode;
    pthread_mutex_lock(&the_log.lock);
    the_log.is_journal = is_journal;
    pthread_mutex_unlock(&the_log.lock);
}

void vlog_set_syslog(const char *program)
{
    pthread_mutex_lock(&the_log.lock);
    if (the_log.to_syslog) {
        closelog();
    }
    if (program) {
        openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
    }
    the_log.to_syslog = program != NULL;
    pthread_mutex_unlock(&the_log.lock);
}

/* Makes the log go to 'fd', which is open at 'path' (owned; -1 and NULL: to no file). */
static void use_file(int fd, char *path)
{
    pthread_mutex_lock(&the_log.lock);
    int old_fd = the_log.fd;
    char *old_path = the_log.path;
    the_log.fd = fd;
    the_log.path = path;
    if (the_log.has_stderr && fd >= 0) {
        dup2(fd, STDERR_FILENO);
    }
    pthread_mutex_unlock(&the_log.lock);
    if (old_fd >= 0) {
        close(old_fd);
    }
    free(old_path);
}

int vlog_set_file(const char *path)
{
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640) : -1;
    if (path && fd < 0) {
        return errno;
    }
    use_file(fd, path ? xstrdup(path) : NULL);
    return 0;
}

void vlog_take_stderr(void)
{
    pthread_mutex_lock(&the_log.lock);
    if (the_log.fd >= 0 && dup2(the_log.fd, STDERR_FILENO) >= 0) {
        the_log.has_stderr = true;
        the_log.to_stderr = false;
    }
    pthread_mutex_unlock(&the_log.lock);
}

int vlog_reopen_file(void)
{
    pthread_mutex_lock(&the_log.lock);
    char *path = the_log.path ? xstrdup(the_log.path) : NULL;
    pthread_mutex_unlock(&the_log.lock);
    int retval = path ? vlog_set_file(path) : 0;
    free(path);
    return retval;
}

void vlog_set_sink(void (*sink)(const char *module, enum vlog_level level, const char *text,
                                void *aux),
                   void *aux)
{
    pthread_mutex_lock(&the_log.lock);
    the_log.sink = sink;
    the_log.sink_aux = aux;
    pthread_mutex_unlock(&the_log.lock);
}
