#include "io/trace_reader.h"

#include "io/interrupt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(SC_RECORD_SIZE_MAX <= SC_TRACE_READER_BYTES, "any record fits");

void sc_trace_reader_start(struct sc_trace_reader *reader, int fd)
{
        reader->fd = fd;
        reader->number = 0;
        reader->position = 0;
        reader->stopped = false;
        reader->why = NULL;
        reader->error = 0;
        reader->state = SC_TRACE_READING_RECORD;
        reader->at_end = false;
        reader->begin = reader->end = reader->size = 0;
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

/* One read's worth behind what is there. False: it failed. */
static bool fill(struct sc_trace_reader *reader)
{
        if (reader->begin > 0)
                memmove(reader->buffer, reader->buffer + reader->begin, reader->end - reader->begin);
        reader->end -= reader->begin;
        reader->begin = 0;

        ssize_t length = -1;
        do {
                int ready = sc_interrupt_wait(reader->fd, POLLIN, SC_INTERRUPT_FOREVER);
                if (ready < 0)
                        reader->error = ready;
                if (ready > 0) {
                        length = read(reader->fd, reader->buffer + reader->end,
                                      sizeof(reader->buffer) - reader->end);
                        if (length < 0 && errno != EAGAIN && errno != EINTR)
                                reader->error = -errno;
                }
        } while (length < 0 && reader->error == 0);
        if (reader->error != 0)
                return false;
        reader->end += (size_t)length;
        reader->at_end = length == 0;
        return true;
}

static enum sc_trace_reading no_trace(struct sc_trace_reader *reader, const char *why)
{
        reader->why = why;
        return SC_TRACE_READING_NO_TRACE;
}

static enum sc_trace_reading damaged(struct sc_trace_reader *reader, const char *why)
{
        reader->why = why;
        return SC_TRACE_READING_DAMAGED;
}

/* RECORD: the magic was there. */
static enum sc_trace_reading take_magic(struct sc_trace_reader *reader)
{
        while (reader->end < SC_TRACE_MAGIC_BYTES && !reader->at_end) {
                if (!fill(reader))
                        return SC_TRACE_READING_FAILED;
        }
        if (reader->end == 0)
                return no_trace(reader, "it is empty");
        if (reader->end < SC_TRACE_MAGIC_BYTES ||
            memcmp(reader->buffer, SC_TRACE_MAGIC, SC_TRACE_MAGIC_BYTES) != 0)
                return no_trace(reader, "it does not begin with " SC_TRACE_MAGIC);
        reader->size = SC_TRACE_MAGIC_BYTES;
        return SC_TRACE_READING_RECORD;
}

/* What stands at the end of the file. */
static enum sc_trace_reading end_of_file(struct sc_trace_reader *reader)
{
        if (reader->number == 1)
                return no_trace(reader, "it ends before its config does");
        if (reader->begin < reader->end)
                return SC_TRACE_READING_CUT;
        reader->number--;
        return SC_TRACE_READING_END;
}

static enum sc_trace_reading checked(struct sc_trace_reader *reader, const struct sc_record *record)
{
        if ((record->type == SC_RECORD_CONFIG) != (reader->number == 1))
                return reader->number == 1 ? no_trace(reader, "its first record is no config")
                                           : damaged(reader, "it is a second config");
        if (record->type == SC_RECORD_CONFIG && record->config.version != SC_TRACE_VERSION)
                return no_trace(reader, "it is of another version");
        if (reader->stopped)
                return damaged(reader, "it follows a stop");
        reader->stopped = record->type == SC_RECORD_STOP;
        return SC_TRACE_READING_RECORD;
}

static enum sc_trace_reading next(struct sc_trace_reader *reader, struct sc_record *record)
{
        for (;;) {
                size_t size = 0;
                enum sc_record_result result = sc_record_next(reader->buffer + reader->begin,
                                                              reader->end - reader->begin, record, &size);
                switch (result) {
                case SC_RECORD_COMPLETE:
                        reader->size = size;
                        return checked(reader, record);
                case SC_RECORD_STRANGE:
                        return damaged(reader, "its type is none of this version");
                case SC_RECORD_MALFORMED:
                        return damaged(reader, "its length or a field of it is none of its type's");
                case SC_RECORD_DAMAGED:
                        return damaged(reader, "its check sum is wrong");
                case SC_RECORD_INCOMPLETE:
                        if (reader->at_end)
                                return end_of_file(reader);
                        if (!fill(reader))
                                return SC_TRACE_READING_FAILED;
                        break;
                }
        }
}

enum sc_trace_reading sc_trace_reader_next(struct sc_trace_reader *reader, struct sc_record *record)
{
        if (reader->state != SC_TRACE_READING_RECORD)
                return reader->state;
        if (reader->number == 0)
                reader->state = take_magic(reader);
        if (reader->state != SC_TRACE_READING_RECORD)
                return reader->state;

        reader->begin += reader->size;
        reader->position += reader->size;
        reader->size = 0;
        reader->number++;
        reader->state = next(reader, record);
        if (reader->state == SC_TRACE_READING_DAMAGED && reader->number == 1)
                reader->state = SC_TRACE_READING_NO_TRACE;
        return reader->state;
}

bool sc_trace_reader_last_ns(int fd, uint64_t *time_ns)
{
        const struct sc_record_layout *layout = sc_record_layout(SC_RECORD_STOP);
        uint8_t bytes[SC_RECORD_HEAD_MAX + SC_RECORD_CHECK_BYTES];
        struct sc_record record;
        struct stat status;
        size_t size = SC_RECORD_HEADER_BYTES + 8 * layout->field_count + SC_RECORD_CHECK_BYTES;

        if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < (off_t)size ||
            pread(fd, bytes, size, status.st_size - (off_t)size) != (ssize_t)size ||
            sc_record_next(bytes, size, &record, &size) != SC_RECORD_COMPLETE ||
            record.type != SC_RECORD_STOP)
                return false;
        *time_ns = record.time_ns;
        return true;
}
