#include "io/state_file.h"

#include "io/descriptor.h"
#include "io/user_end.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest line; a shorter one is filled up with blanks, so that one write replaces it whole. */
#define LINE_BYTES 160

#define COMPARED_BYTES 4096

static bool parse_instance(const char *text, uint8_t instance[static SC_INSTANCE_BYTES])
{
        for (size_t i = 0; i < SC_INSTANCE_BYTES; i++)
                if (sscanf(text + 2 * i, "%2" SCNx8, &instance[i]) != 1)
                        return false;
        return true;
}

static bool parse(const char *line, struct sc_state_file *file, bool *closed)
{
        char instance[2 * SC_INSTANCE_BYTES + 1], end[8];
        int count = sscanf(
                line, "serialcon-state 1 %32[0-9a-f] %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %7s",
                instance, &file->place.offset, &file->device, &file->inode, &file->length, end);
        if (count != 6 || strlen(instance) != 2 * SC_INSTANCE_BYTES ||
            !parse_instance(instance, file->place.instance))
                return false;
        *closed = strcmp(end, "closed") == 0;
        file->place.known = *closed || strcmp(end, "open") == 0;
        return file->place.known;
}

static int write_line(struct sc_state_file *file, const char *end)
{
        char instance[2 * SC_INSTANCE_BYTES + 1], line[LINE_BYTES + 1];
        for (size_t i = 0; i < SC_INSTANCE_BYTES; i++)
                snprintf(instance + 2 * i, 3, "%02" PRIx8, file->place.instance[i]);
        int length = snprintf(line, sizeof(line),
                              "serialcon-state 1 %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s",
                              instance, file->place.offset, file->device, file->inode, file->length, end);
        memset(line + length, ' ', LINE_BYTES - (size_t)length);
        line[LINE_BYTES - 1] = '\n';
        ssize_t written = pwrite(file->fd, line, LINE_BYTES, 0);
        return written == LINE_BYTES ? 0 : written < 0 ? -errno : -ENOSPC;
}

/* The output file as it is now: its identity and length. Zeroes where it is none that grows by our writes alone. */
static void look_at_output(struct sc_state_file *file)
{
        struct stat status;
        int flags = fcntl(STDOUT_FILENO, F_GETFL);
        file->appends = fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode) && (flags & O_APPEND);
        file->device = file->appends ? status.st_dev : 0;
        file->inode = file->appends ? status.st_ino : 0;
        file->length = file->appends ? (uint64_t)status.st_size : 0;
}

/* A killed client's last output is in the file though it was not noted: one write, at most. */
static void look_for_unnoted(struct sc_state_file *file, bool closed)
{
        uint64_t device = file->device, inode = file->inode, length = file->length;
        look_at_output(file);
        if (closed || !file->appends || file->device != device || file->inode != inode ||
            file->length <= length)
                return;
        file->unnoted_bytes = sc_min_u64(file->length - length, SC_USER_END_WRITE_BYTES);
        file->length = length;
}

static int read_file(struct sc_state_file *file)
{
        char line[LINE_BYTES + 1];
        bool closed = false;
        ssize_t length = pread(file->fd, line, LINE_BYTES, 0);
        if (length < 0)
                return -errno;
        if (length == 0) {
                look_at_output(file);
                return 0;
        }
        line[length] = '\0';
        if (length != LINE_BYTES || !parse(line, file, &closed))
                return -EBADMSG;
        look_for_unnoted(file, closed);
        return 0;
}

int sc_state_file_open(struct sc_state_file *file, const char *path)
{
        *file = (struct sc_state_file) { .fd = -1 };
        file->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
        if (file->fd < 0)
                return -errno;
        struct stat status;
        int result = 0;
        if (fstat(file->fd, &status) != 0)
                result = -errno;
        else if (!S_ISREG(status.st_mode))
                result = -EBADMSG;
        else if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
                result = errno == EWOULDBLOCK ? -EBUSY : -errno;
        if (result == 0)
                result = read_file(file);
        if (result == 0 && file->place.known) /* from now on it grows by ours */
                result = write_line(file, "open");
        if (result != 0) {
                close(file->fd);
                file->fd = -1;
        }
        return result;
}

static size_t same_bytes(struct sc_span output, const uint8_t *bytes, size_t length)
{
        size_t same = 0;
        while (same < output.length && same < length && output.bytes[same] == bytes[same])
                same++;
        return same;
}

size_t sc_state_file_already_out(struct sc_state_file *file, struct sc_span output)
{
        uint8_t bytes[COMPARED_BYTES];
        if (file->unnoted_bytes == 0)
                return 0;
        int fd = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC); /* ours may be for writing alone */
        size_t wanted = (size_t)sc_min_u64(sc_min_u64(output.length, file->unnoted_bytes), sizeof(bytes));
        ssize_t length = fd < 0 ? -1 : pread(fd, bytes, wanted, (off_t)file->length);
        if (fd >= 0)
                close(fd);
        size_t same = length < 0 ? 0 : same_bytes(output, bytes, (size_t)length);
        file->length += same;
        file->unnoted_bytes = same < wanted ? 0 : file->unnoted_bytes - same;
        return same;
}

int sc_state_file_note(struct sc_state_file *file, const struct sc_place *place)
{
        file->unnoted_bytes = 0;
        file->place = *place;
        if (file->appends)
                look_at_output(file);
        return write_line(file, "open");
}

bool sc_state_file_continues(const struct sc_state_file *file, const struct sc_place *place)
{
        return file->place.known && file->place.offset == place->offset &&
               memcmp(file->place.instance, place->instance, SC_INSTANCE_BYTES) == 0;
}

/* Else it stays as it was found, with what was perhaps put out unnoted. */
static bool is_to_be_written(const struct sc_state_file *file)
{
        return file->fd >= 0 && file->place.known && file->unnoted_bytes == 0;
}

void sc_state_file_pause(struct sc_state_file *file)
{
        if (is_to_be_written(file))
                write_line(file, "closed");
}

void sc_state_file_resume(struct sc_state_file *file)
{
        if (!is_to_be_written(file))
                return;
        look_at_output(file);
        write_line(file, "open");
}

void sc_state_file_close(struct sc_state_file *file)
{
        sc_state_file_pause(file);
        sc_descriptor_close(&file->fd);
}
