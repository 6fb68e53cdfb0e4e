#include "console_name.h"
#include "suites.h"

#include "model/base/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATTERN "/tmp/sc-names-XXXXXX"

/* A folder with three name folders in it, and `here`, in which the test stands. */
static char top[] = PATTERN;
static char resolved[PATH_MAX];
static char text[256];

static const char *const made[] = { "here", "own", "runtime", "runtime/serialcon" };

static void start(void)
{
        char path[PATH_MAX];

        strcpy(top, PATTERN);
        ck_assert_ptr_nonnull(mkdtemp(top));
        for (size_t i = 0; i < SC_COUNT(made); i++) {
                snprintf(path, sizeof(path), "%s/%s", top, made[i]);
                ck_assert_int_eq(mkdir(path, 0700), 0);
        }
        snprintf(path, sizeof(path), "%s/own", top);
        setenv("SERIALCON_DIR", path, 1);
        snprintf(path, sizeof(path), "%s/runtime", top);
        setenv("XDG_RUNTIME_DIR", path, 1);
        snprintf(path, sizeof(path), "%s/here", top);
        ck_assert_int_eq(chdir(path), 0);
}

static void end(void)
{
        char command[PATH_MAX];

        snprintf(command, sizeof(command), "rm -r %s", top);
        ck_assert_int_eq(chdir("/"), 0);
        ck_assert_int_eq(system(command), 0);
}

static void make_socket(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
        close(fd);
}

/* A console as a host makes it, relative to `here`. */
static void make_console(const char *path)
{
        char control[PATH_MAX];

        snprintf(control, sizeof(control), "%s.ctl", path);
        make_socket(path);
        make_socket(control);
}

static void assert_resolves(const char *word, const char *below_top)
{
        char expected[PATH_MAX];

        snprintf(expected, sizeof(expected), "%s/%s", top, below_top);
        ck_assert_str_eq(sc_console_name_resolve(word, resolved), expected);
}

START_TEST(name_is_looked_up_in_the_folders_in_their_order)
{
        ck_assert_str_eq(sc_console_name_resolve("vm", resolved), "vm");
        make_console("../runtime/serialcon/vm.sock");
        assert_resolves("vm", "runtime/serialcon/vm.sock");
        make_console("../own/vm.sock");
        assert_resolves("vm", "own/vm.sock");
        ck_assert_str_eq(sc_console_name_resolve("./vm", resolved), "./vm");

        unsetenv("SERIALCON_DIR");
        assert_resolves("vm", "runtime/serialcon/vm.sock");
        setenv("XDG_RUNTIME_DIR", "", 1);
        ck_assert_str_eq(sc_console_name_resolve("vm", resolved), "vm");
}
END_TEST

START_TEST(what_is_here_comes_first)
{
        make_console("../own/vm.sock");
        make_socket("vm.ctl");
        ck_assert_str_eq(sc_console_name_resolve("vm", resolved), "vm");
        make_socket("other");
        ck_assert_str_eq(sc_console_name_resolve("other", resolved), "other");
}
END_TEST

START_TEST(long_names_are_left_alone)
{
        static char name[PATH_MAX + 100];

        memset(name, 'x', sizeof(name) - 1);
        ck_assert_ptr_eq(sc_console_name_resolve(name, resolved), name);
        name[0] = '/';
        ck_assert(!sc_console_name_near(name, text, sizeof(text)));
        ck_assert_ptr_eq(sc_console_name_resolve(name, resolved), name);
}
END_TEST

static void assert_near(const char *word, const char *expected)
{
        bool any = sc_console_name_near(word, text, sizeof(text));

        ck_assert_str_eq(text, expected);
        ck_assert_int_eq(any, *expected != '\0');
}

START_TEST(nearest_spelling_is_named_first)
{
        assert_near("web7", "");
        make_console("web1");
        make_console("../own/mail.sock");
        make_console("../own/other"); /* NAME would not find it */
        make_console("../runtime/serialcon/web71.sock");
        assert_near("nothing-like-it", "mail, web1, web71");
        assert_near("web72", "web71, mail, web1");
        assert_near("./wbe1", "./web1");
        assert_near("../own/x", "../own/mail.sock, ../own/other");
        assert_near("absent/x", "");
}
END_TEST

START_TEST(only_consoles_are_named)
{
        make_socket("vmm");       /* no .ctl */
        make_socket("stale.ctl"); /* no socket */
        make_socket("file");
        fclose(fopen("file.ctl", "w"));
        make_socket("folder.ctl");
        mkdir("folder", 0700);
        assert_near("vm", "");
}
END_TEST

START_TEST(few_are_named_and_harmlessly)
{
        for (char letter = 'z'; letter >= 'a'; letter--)
                make_console((const char[]) { letter, '\x1b', '[', 'm', '\0' });
        assert_near("nothing-like-it", "a?[m, b?[m, c?[m, d?[m, e?[m");
        make_console("zebra");
        assert_near("zebr", "zebra, a?[m, b?[m, c?[m, d?[m");

        char little[10];
        ck_assert(sc_console_name_near("zebr", little, sizeof(little)));
        ck_assert_str_eq(little, "zebra, a?");
}
END_TEST

Suite *console_name_suite(void)
{
        Suite *suite = suite_create("console_name");
        TCase *resolve = tcase_create("resolve");
        TCase *near = tcase_create("near");

        tcase_add_checked_fixture(resolve, start, end);
        tcase_add_test(resolve, name_is_looked_up_in_the_folders_in_their_order);
        tcase_add_test(resolve, what_is_here_comes_first);
        tcase_add_test(resolve, long_names_are_left_alone);
        tcase_add_checked_fixture(near, start, end);
        tcase_add_test(near, nearest_spelling_is_named_first);
        tcase_add_test(near, only_consoles_are_named);
        tcase_add_test(near, few_are_named_and_harmlessly);
        suite_add_tcase(suite, resolve);
        suite_add_tcase(suite, near);
        return suite;
}
