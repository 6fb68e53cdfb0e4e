#include "command.h"
#include "console.h"
#include "console_name.h"
#include "io/console_folder.h"
#include "io/survey.h"
#include "io/tty.h"
#include "list_format.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONSOLES_MAX 16384
#define FOLDERS_MAX 256

/* Nothing to set; a table's config has an address. */
static struct list_config {
        char nothing;
} config;

/* A console that is to be listed. */
struct entry {
        char *name;    /* as it is shown */
        char *control; /* the path of its .ctl */
        bool named;    /* on the command line, not found in a folder */
};

/* All of them, and the folders that were looked at: none twice. */
struct list {
        struct entry entries[CONSOLES_MAX];
        size_t count;
        struct {
                dev_t device;
                ino_t inode;
        } folders[FOLDERS_MAX];
        size_t folder_count;
};

static struct list list;

/* --- what there is --- */

static int out_of_memory(void)
{
        sc_report("list", "%s", strerror(ENOMEM));
        return SC_EXIT_FAILED;
}

/* `path` is copied. Returns 0, or the status to end with. */
static int add(const char *name, const char *path, bool named)
{
        char control[PATH_MAX];

        if (!sc_console_control_path(path, control))
                return sc_report_usage(path, "%s", strerror(ENAMETOOLONG));
        if (list.count == CONSOLES_MAX) {
                sc_report("list", "more than %d consoles", CONSOLES_MAX);
                return SC_EXIT_FAILED;
        }
        struct entry *entry = &list.entries[list.count++];
        *entry = (struct entry) { .name = strdup(name), .control = strdup(control), .named = named };
        return entry->name && entry->control ? 0 : out_of_memory();
}

/* Whether `path` is a folder that was not looked at yet. */
static bool is_new_folder(const char *path)
{
        struct stat status;

        if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode) || list.folder_count == FOLDERS_MAX)
                return false;
        for (size_t i = 0; i < list.folder_count; i++)
                if (list.folders[i].device == status.st_dev && list.folders[i].inode == status.st_ino)
                        return false;
        list.folders[list.folder_count].device = status.st_dev;
        list.folders[list.folder_count++].inode = status.st_ino;
        return true;
}

/* How the consoles of a folder are shown: as what can be typed for them. */
enum naming {
        BY_PATH, /* folder/name */
        BY_FILE, /* name: the folder is the current one */
        BY_NAME, /* name without .sock: a name folder */
};

static int add_folder(const char *path, enum naming naming)
{
        struct sc_console_folder folder;
        char file[NAME_MAX + 1], whole[PATH_MAX], name[PATH_MAX];
        int status = 0;

        int result = sc_console_folder_open(&folder, path);
        if (result != 0)
                return naming == BY_PATH ? sc_report_usage(path, "%s", strerror(-result)) : 0;
        while (sc_console_folder_next(&folder, file)) {
                bool slash = path[strlen(path) - 1] == '/';
                int length = snprintf(whole, sizeof(whole), "%s%s%s", path, slash ? "" : "/", file);
                if (status != 0 || length < 0 || (size_t)length >= sizeof(whole))
                        continue;
                snprintf(name, sizeof(name), "%s", naming == BY_PATH ? whole : file);
                if (naming == BY_NAME && !sc_console_name_strip(name))
                        snprintf(name, sizeof(name), "%s", whole);
                status = add(name, whole, false);
        }
        return status;
}

static int add_default_folders(void)
{
        char path[PATH_MAX];
        int status = is_new_folder(".") ? add_folder(".", BY_FILE) : 0;

        for (size_t i = 0; i < SC_CONSOLE_NAME_FOLDERS && status == 0; i++)
                if (sc_console_name_folder(i, path) && is_new_folder(path))
                        status = add_folder(path, BY_NAME);
        return status;
}

static int add_word(const char *word)
{
        char path[PATH_MAX], control[PATH_MAX], near[SC_REPORT_BYTES_MAX / 2];
        struct stat status;

        if (stat(word, &status) == 0 && S_ISDIR(status.st_mode))
                return is_new_folder(word) ? add_folder(word, BY_PATH) : 0;
        const char *console = sc_console_name_resolve(word, path);
        if (sc_console_control_path(console, control) && lstat(control, &status) == 0 &&
            S_ISSOCK(status.st_mode))
                return add(word, console, true);
        if (sc_console_name_near(word, near, sizeof(near)))
                return sc_report_usage(word, "neither a folder nor a console; there are %s", near);
        return sc_report_usage(word, "neither a folder nor a console");
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* --- what they say --- */

/* Of the terminal; 0: it is none, or does not know. */
static size_t width(void)
{
        unsigned rows, columns;

        return sc_tty_size(STDOUT_FILENO, &rows, &columns) ? columns : 0;
}

/* Returns the status to end with: SC_EXIT_GONE where one that was named did not answer. */
static int print_list(struct sc_survey_console *consoles, struct sc_list_row *rows)
{
        size_t shown = 0;
        int status = SC_EXIT_DONE;

        for (size_t i = 0; i < list.count; i++)
                consoles[i].control_path = list.entries[i].control;
        if (sc_survey_run(consoles, list.count) != 0)
                return out_of_memory();
        for (size_t i = 0; i < list.count; i++) {
                bool answered = consoles[i].answer == SC_SURVEY_ANSWERED;
                if (!answered && list.entries[i].named)
                        status = SC_EXIT_GONE;
                if (answered && consoles[i].status.for_viewer && !list.entries[i].named)
                        continue; /* the view of a console that is listed itself */
                rows[shown++] = (struct sc_list_row) { list.entries[i].name, &consoles[i] };
        }
        sc_list_format(rows, shown, width(), stdout);
        int printed = sc_report_output();
        return printed != SC_EXIT_DONE ? printed : status;
}

static int run(void *unused, int argc, char **argv)
{
        int status = argc == 0 ? add_default_folders() : 0;
        (void)unused;

        for (int i = 0; i < argc && status == 0; i++)
                status = add_word(argv[i]);
        if (status == 0) {
                qsort(list.entries, list.count, sizeof(list.entries[0]), by_name);
                struct sc_survey_console *consoles = calloc(list.count + 1, sizeof(*consoles));
                struct sc_list_row *rows = calloc(list.count + 1, sizeof(*rows));
                status = consoles && rows ? print_list(consoles, rows) : out_of_memory();
                free(consoles);
                free(rows);
        }
        for (size_t i = 0; i < list.count; i++) {
                free(list.entries[i].name);
                free(list.entries[i].control);
        }
        return status;
}

const struct command command_list = {
        .name = "list",
        .summary = "show the consoles in folders, by default here and where names are looked up: each one's "
                   "guest, its "
                   "unread bytes, its clients and the last that was said",
        .usage = "[DIR|SOCKET]...",
        .operands = { "DIR|SOCKET" },
        .operands_max = COMMAND_OPERANDS_ANY,
        .config = &config,
        .run = run,
};
