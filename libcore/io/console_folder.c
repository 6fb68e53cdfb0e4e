#include "io/console_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".ctl"

int sc_console_folder_open(struct sc_console_folder *folder, const char *path)
{
        folder->entries = opendir(path);
        return folder->entries ? 0 : -errno;
}

static bool is_socket(int folder, const char *name)
{
        struct stat status;
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(status.st_mode);
}

bool sc_console_folder_next(struct sc_console_folder *folder, char name[static NAME_MAX + 1])
{
        int fd = dirfd(folder->entries);

        for (const struct dirent *entry; (entry = readdir(folder->entries)) != NULL;) {
                size_t length = strlen(entry->d_name);
                if (length <= strlen(SUFFIX) || strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) != 0)
                        continue;
                memcpy(name, entry->d_name, length - strlen(SUFFIX));
                name[length - strlen(SUFFIX)] = '\0';
                if (is_socket(fd, entry->d_name) && is_socket(fd, name))
                        return true;
        }
        closedir(folder->entries);
        return false;
}
