#include "folder.h"

#include "report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int sc_folder_check(const char *what, const char *path)
{
        const char *slash = strrchr(path, '/');
        char folder[PATH_MAX];
        struct stat status;

        snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 0 : (int)(slash + 1 - path), path);
        if (stat(slash == NULL ? "." : folder, &status) != 0)
                return sc_report_usage(what, "its folder: %s", strerror(errno));
        if (!S_ISDIR(status.st_mode))
                return sc_report_usage(what, "its folder: %s", strerror(ENOTDIR));
        return 0;
}
