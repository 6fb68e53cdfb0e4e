#include "folder.h"

#include "report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *sc_folder_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash == NULL ? path : slash + 1;
}

static int look_at(const char *path, struct stat *status)
{
        int length = (int)(sc_folder_name(path) - path);
        char folder[PATH_MAX];

        snprintf(folder, sizeof(folder), "%.*s", length, path);
        return stat(length == 0 ? "." : folder, status);
}

bool sc_folder_is_same(const char *path, const char *other)
{
        struct stat a, b;

        return look_at(path, &a) == 0 && look_at(other, &b) == 0 && a.st_dev == b.st_dev &&
               a.st_ino == b.st_ino;
}

int sc_folder_check(const char *what, const char *path)
{
        struct stat status;

        if (look_at(path, &status) != 0)
                return sc_report_usage(what, "its folder: %s", strerror(errno));
        if (!S_ISDIR(status.st_mode))
                return sc_report_usage(what, "its folder: %s", strerror(ENOTDIR));
        return 0;
}
