/* SPDX-License-Identifier: Apache-2.0 */
/* A private network for a test: namespaces that nothing leaks out of, links, commands. */
#include "tests/netdev/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EXIT_SKIPPED = 77, /* What the test driver takes for "can't be run here". */
};

/* Ends the program because 'what' failed. */
static NORETURN void give_up(int status, const char *what)
{
    fprintf(stderr, "sandbox: %s: %s\n", what, strerror(errno));
    exit(status);
}

/* Writes 'text' to the file 'path'. Returns 0 or -1 with errno. */
static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0) {
        close(fd);
    }
    return n < 0 ? -1 : 0;
}

/* Enters a user namespace as its root. */
static void enter_user_namespace(void)
{
    char *users = xasprintf("0 %u 1", getuid()), *groups = xasprintf("0 %u 1", getgid());
    if (unshare(CLONE_NEWUSER)) {
        give_up(EXIT_SKIPPED, "user namespaces are not permitted");
    }
    if (write_file("/proc/self/setgroups", "deny") || write_file("/proc/self/uid_map", users)
        || write_file("/proc/self/gid_map", groups)) {
        give_up(EXIT_SKIPPED, "can't become root of a user namespace");
    }
    free(users);
    free(groups);
}

/* Prepares the network namespace just entered. */
static void furnish_netns(void)
{
    write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
    write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
    sandbox_run("ip link set lo up");
}

void sandbox_enter(void)
{
    const char *wish = getenv("SANDBOX_USERNS");
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    if (geteuid() || (wish && *wish == '1')) {
        enter_user_namespace();
    }
    if (unshare(CLONE_NEWNET | CLONE_NEWNS)) {
        give_up(EXIT_SKIPPED, "network namespaces are not permitted");
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
        give_up(EXIT_FAILURE, "can't make the mounts private");
    }
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    mount("tmpfs", "/run", "tmpfs", 0, NULL);
    furnish_netns();
}

bool sandbox_is_privileged(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 1 << 16;
    int error = setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    close(fd);
    return !error;
}

bool sandbox_has_tap(void)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    return fd >= 0 && !close(fd);
}

/* Runs 'command' and frees it. Returns the exit status. */
static int run(char *command)
{
    int status = system(command);
    free(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void sandbox_run(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *command = xvasprintf(format, args);
    va_end(args);
    char *copy = xstrdup(command);
    int status = run(command);
    if (status) {
        fprintf(stderr, "sandbox: \"%s\" failed with %d\n", copy, status);
        exit(EXIT_FAILURE);
    }
    free(copy);
}

int sandbox_try(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *command = xvasprintf(format, args);
    va_end(args);
    int status = run(xasprintf("{ %s; } >/dev/null 2>&1", command));
    free(command);
    return status;
}

char *sandbox_output(const char *format, ...)
{
    enum { MAX = 65536 };
    va_list args;
    va_start(args, format);
    char *command = xvasprintf(format, args), *output = xmalloc(MAX);
    va_end(args);
    FILE *file = popen(command, "re");
    if (!file) {
        give_up(EXIT_FAILURE, command);
    }
    output[fread(output, 1, MAX - 1, file)] = '\0';
    pclose(file);
    free(command);
    return output;
}

void sandbox_wait_carrier(const char *device)
{
    sandbox_run("for i in $(seq 12000); do "
                "ip link show %s | grep -q 'state UP' && exit; sleep 0.01; done; exit 1", device);
}

void sandbox_make_veth(const char *a, const char *b)
{
    sandbox_run("ip link add %s type veth peer name %s && ip link set %s up && ip link set %s up",
                a, b, a, b);
    sandbox_wait_carrier(a);
    sandbox_wait_carrier(b);
}

int sandbox_netns_current(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        give_up(EXIT_FAILURE, "can't open the network namespace");
    }
    return fd;
}

void sandbox_netns_enter(int netns)
{
    if (setns(netns, CLONE_NEWNET)) {
        give_up(EXIT_FAILURE, "can't enter a network namespace");
    }
}

int sandbox_netns_create(void)
{
    int home = sandbox_netns_current();
    if (unshare(CLONE_NEWNET)) {
        give_up(EXIT_FAILURE, "can't make a network namespace");
    }
    furnish_netns();
    int netns = sandbox_netns_current();
    sandbox_netns_enter(home);
    close(home);
    return netns;
}

void sandbox_move_link(const char *name, int netns, const char *address)
{
    int home = sandbox_netns_current();
    sandbox_run("ip link set %s netns /proc/%d/fd/%d", name, getpid(), netns);
    sandbox_netns_enter(netns);
    if (address) {
        sandbox_run("ip addr add %s dev %s", address, name);
    }
    sandbox_run("ip link set %s up", name);
    sandbox_netns_enter(home);
    close(home);
}
