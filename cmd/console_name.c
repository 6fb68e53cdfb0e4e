#include "console_name.h"

#include "io/console_folder.h"
#include "model/base/span.h"
#include "model/client/printable.h"
#include "nearest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".sock"

/* --- from the word to the path --- */

static const struct {
        const char *variable; /* NULL: none */
        const char *below;
} folders[] = { { "SERIALCON_DIR", "" }, { "XDG_RUNTIME_DIR", "/serialcon" }, { NULL, "/run/serialcon" } };
static_assert(SC_COUNT(folders) == SC_CONSOLE_NAME_FOLDERS, "a row for each");

bool sc_console_name_folder(size_t i, char path[static PATH_MAX])
{
        const char *base = folders[i].variable ? getenv(folders[i].variable) : "";

        if (base == NULL || (folders[i].variable && *base == '\0'))
                return false;
        int length = snprintf(path, PATH_MAX, "%s%s", base, folders[i].below);
        return length > 0 && length < PATH_MAX;
}

/* A file of that name, or its .ctl. */
static bool is_there(const char *path)
{
        char control[PATH_MAX];
        struct stat status;

        if (lstat(path, &status) == 0)
                return true;
        int length = snprintf(control, sizeof(control), "%s.ctl", path);
        return length > 0 && length < PATH_MAX && lstat(control, &status) == 0;
}

const char *sc_console_name_resolve(const char *word, char path[static PATH_MAX])
{
        if (strchr(word, '/') != NULL || is_there(word))
                return word;
        for (size_t i = 0; i < SC_COUNT(folders); i++) {
                char folder[PATH_MAX];
                if (!sc_console_name_folder(i, folder))
                        continue;
                int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, word, SUFFIX);
                if (length > 0 && length < PATH_MAX && is_there(path))
                        return path;
        }
        return word;
}

bool sc_console_name_strip(char *file)
{
        size_t length = strlen(file);

        if (length <= strlen(SUFFIX) || strcmp(file + length - strlen(SUFFIX), SUFFIX) != 0)
                return false;
        file[length - strlen(SUFFIX)] = '\0';
        return true;
}

/* --- what is near --- */

/* What was found: the first few by name, and the one with the nearest spelling. */
struct found {
        struct sc_nearest nearest;
        char best[NAME_MAX + 1];
        char names[SC_CONSOLE_NAME_NEAR_MAX][NAME_MAX + 1]; /* sorted */
        size_t count;
};

static void add(struct found *found, const char *name)
{
        const char *before = found->nearest.best;
        sc_nearest_offer(&found->nearest, name);
        if (found->nearest.best != before) {
                snprintf(found->best, sizeof(found->best), "%s", name);
                found->nearest.best = found->best;
        }

        size_t place = found->count;
        while (place > 0 && strcmp(name, found->names[place - 1]) < 0)
                place--;
        if (place == SC_CONSOLE_NAME_NEAR_MAX || (place > 0 && strcmp(name, found->names[place - 1]) == 0))
                return;
        if (found->count < SC_CONSOLE_NAME_NEAR_MAX)
                found->count++;
        memmove(found->names[place + 1], found->names[place],
                (found->count - 1 - place) * sizeof(found->names[0]));
        snprintf(found->names[place], sizeof(found->names[0]), "%s", name);
}

/* Of a name folder, what is left without the suffix; without it a name means nothing there. */
static void add_folder(struct found *found, const char *path, bool for_names)
{
        struct sc_console_folder folder;
        char name[NAME_MAX + 1];

        if (sc_console_folder_open(&folder, path) != 0)
                return;
        while (sc_console_folder_next(&folder, name)) {
                if (!for_names || sc_console_name_strip(name))
                        add(found, name);
        }
}

static void add_name_folders(struct found *found)
{
        for (size_t i = 0; i < SC_CONSOLE_NAME_FOLDERS; i++) {
                char folder[PATH_MAX];
                if (sc_console_name_folder(i, folder))
                        add_folder(found, folder, true);
        }
}

/* Puts `folder` and `name` behind `text`, and in front of the first nothing but that. */
static void put(char *text, size_t size, const char *folder, const char *name)
{
        size_t length = strlen(text);

        if (length < size)
                snprintf(text + length, size - length, "%s%s%s", length > 0 ? ", " : "", folder, name);
}

bool sc_console_name_near(const char *word, char *text, size_t size)
{
        static struct found found;
        char folder[PATH_MAX] = "";
        const char *slash = strrchr(word, '/');
        size_t folder_length = slash ? (size_t)(slash - word) + 1 : 0;

        *text = '\0';
        if (folder_length >= sizeof(folder))
                return false;
        memcpy(folder, word, folder_length); /* with its slash */
        folder[folder_length] = '\0';
        found = (struct found) { .count = 0 };
        sc_nearest_start(&found.nearest, word + folder_length);
        add_folder(&found, slash ? folder : ".", false);
        if (!slash)
                add_name_folders(&found);

        size_t shown = 0;
        if (found.nearest.best) {
                put(text, size, folder, found.best);
                shown++;
        }
        for (size_t i = 0; i < found.count && shown < SC_CONSOLE_NAME_NEAR_MAX; i++) {
                if (strcmp(found.names[i], found.best) == 0)
                        continue;
                put(text, size, folder, found.names[i]);
                shown++;
        }
        sc_printable_line(text, strlen(text), text, size);
        return found.count > 0;
}
