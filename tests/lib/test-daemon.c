/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/daemon: the pid file, and what the waiting parent tells. */
#include "lib/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit.h"

/* A folder for one test, and a pid file in it. */
struct place {
    char folder[32];
    char *pidfile;
};

static int make_place(void **state)
{
    struct place *place = xzalloc(sizeof *place);
    strcpy(place->folder, "/tmp/test-daemon-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    place->pidfile = xasprintf("%s/x.pid", place->folder);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    unlink(place->pidfile);
    rmdir(place->folder);
    free(place->pidfile);
    free(place);
    return 0;
}

/* Runs 'body' in a child process and returns its exit code. */
static int in_child(int (*body)(const struct place *place), const struct place *place)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        _exit(body(place));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Child: 0 if starting is refused with an error that names the parent. */
static int expect_refusal(const struct place *place)
{
    struct daemon d;
    char *error;
    char *expected = xasprintf("process %ld is already running", (long) getppid());
    if (daemon_start(&d, false, place->pidfile, &error) != EEXIST) {
        return 1;
    }
    int retval = strstr(error, expected) && strstr(error, place->pidfile) ? 0 : 2;
    free(expected);
    free(error);
    return retval;
}

/* Child: 0 if the pid file is seen to be held by the parent. */
static int expect_parent_in_pidfile(const struct place *place)
{
    pid_t pid;
    return daemon_read_pidfile(place->pidfile, &pid) || pid != getppid();
}

/* Child: 0 if the pid file holds the parent's pid as text. */
static int expect_parent_as_text(const struct place *place)
{
    long pid = 0;
    FILE *file = fopen(place->pidfile, "r");
    bool is_right = file && fscanf(file, "%ld", &pid) == 1 && pid == (long) getppid();
    if (file) {
        fclose(file);
    }
    return !is_right;
}

static void a_second_process_is_refused_by_the_pid_of_the_first(void **state)
{
    struct place *place = *state;
    struct daemon d;
    char *error;
    assert_int_equal(daemon_start(&d, false, place->pidfile, &error), 0);
    assert_int_equal(in_child(expect_refusal, place), 0);
    assert_int_equal(in_child(expect_parent_in_pidfile, place), 0);
    assert_int_equal(in_child(expect_parent_as_text, place), 0);
    daemon_ready(&d);
    daemon_stop(&d);
    assert_int_equal(access(place->pidfile, F_OK), -1);
    daemon_stop(&d);
}

/* Who removes a pid file by hand lets a second process make another one: that is the second's. */
static void the_pid_file_of_another_process_stays(void **state)
{
    struct place *place = *state;
    struct daemon first, second;
    char *error;
    assert_int_equal(daemon_start(&first, false, place->pidfile, &error), 0);
    assert_int_equal(unlink(place->pidfile), 0);
    assert_int_equal(daemon_start(&second, false, place->pidfile, &error), 0);
    daemon_stop(&first);
    assert_int_equal(access(place->pidfile, F_OK), 0);
    daemon_stop(&second);
    assert_int_equal(access(place->pidfile, F_OK), -1);
}

static void a_stale_pid_file_is_taken_over(void **state)
{
    struct place *place = *state;
    struct daemon d;
    char *error;
    pid_t pid;
    FILE *file = fopen(place->pidfile, "w");
    fputs("123456789\n", file);
    fclose(file);
    assert_int_equal(daemon_read_pidfile(place->pidfile, &pid), 0);
    assert_int_equal(pid, 0);
    assert_int_equal(daemon_start(&d, false, place->pidfile, &error), 0);
    daemon_stop(&d);
    assert_int_equal(daemon_read_pidfile(place->pidfile, &pid), 0);
    assert_int_equal(pid, 0);
}

static void a_pid_file_that_cannot_be_made_is_named(void **state UNUSED)
{
    struct daemon d;
    char *error;
    assert_int_equal(daemon_start(&d, false, "/no/such/folder/x.pid", &error), ENOENT);
    assert_non_null(strstr(error, "/no/such/folder/x.pid"));
    free(error);
}

/* Starts in the background and, there, stops before it is ready. */
static int fail_in_background(const struct place *place UNUSED)
{
    struct daemon d;
    char *error;
    return daemon_start(&d, true, NULL, &error) ? 99 : 7;
}

/* The same, by a signal. */
static int die_in_background(const struct place *place UNUSED)
{
    struct daemon d;
    char *error;
    int retval = daemon_start(&d, true, NULL, &error);
    raise(SIGKILL);
    return retval;
}

/* Comes up in the background and, there, ends with a code that nobody must see. */
static int succeed_in_background(const struct place *place)
{
    struct daemon d;
    char *error;
    long pid = 0;
    int retval = daemon_start(&d, true, place->pidfile, &error);
    FILE *file = fopen(place->pidfile, "r");
    if (retval || fscanf(file, "%ld", &pid) != 1 || pid != (long) getpid()) {
        return 99;
    }
    daemon_ready(&d);
    return 7;
}

static void the_parent_exits_as_the_child_fares(void **state)
{
    assert_int_equal(in_child(fail_in_background, *state), 7);
    assert_int_equal(in_child(die_in_background, *state), 1);
    assert_int_equal(in_child(succeed_in_background, *state), 0);
}

/* Forks a child that does nothing. Returns its pid. */
static pid_t fork_sleeper(void)
{
    pid_t pid = fork();
    while (!pid) {
        pause();
    }
    return pid;
}

/* The alive are not waited for, nor those who are gone but for their parents' notice. */
static void only_the_dying_are_waited_for(void **state UNUSED)
{
    char before[16], name[16];
    int status;
    prctl(PR_GET_NAME, before);
    snprintf(name, sizeof name, "no ) %u", (unsigned) getpid() % 1000000);
    prctl(PR_SET_NAME, name);
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork_sleeper();
        assert_int_equal(daemon_await_killed(), 0);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_true(daemon_await_killed() <= 1);
        assert_int_equal(daemon_await_killed(), 0);
        assert_int_equal(waitpid(pid, &status, WNOHANG), pid);
    }
    prctl(PR_SET_NAME, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_process_is_refused_by_the_pid_of_the_first,
                                        make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_stale_pid_file_is_taken_over, make_place, remove_place),
        cmocka_unit_test_setup_teardown(the_pid_file_of_another_process_stays, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_pid_file_that_cannot_be_made_is_named, make_place,
                                        remove_place),
        cmocka_unit_test(only_the_dying_are_waited_for),
        cmocka_unit_test_setup_teardown(the_parent_exits_as_the_child_fares, make_place,
                                        remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
