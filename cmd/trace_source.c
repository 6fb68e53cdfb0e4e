#include "trace_source.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int sc_trace_source_open(struct sc_trace_source *source, const char *path, struct sc_record *config)
{
        bool from_input = strcmp(path, "-") == 0;
        int fd = from_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        source->name = from_input ? "standard input" : path;
        if (fd < 0)
                return sc_report_usage(source->name, "%s", strerror(errno));
        source->last_known = sc_trace_reader_last_ns(fd, &source->last_ns);
        sc_trace_reader_start(&source->reader, fd);
        enum sc_trace_reading reading = sc_trace_reader_next(&source->reader, config);
        if (reading != SC_TRACE_READING_RECORD)
                return sc_trace_source_end(source, reading);
        source->config = config->config;
        return 0;
}

int64_t sc_trace_source_wall_ns(const struct sc_trace_source *source, uint64_t time_ns)
{
        return (int64_t)(time_ns + (uint64_t)source->config.wall_offset_ns);
}

void *sc_trace_source_memory(const struct sc_trace_source *source, const char *what, size_t size)
{
        void *memory =
                mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (memory != MAP_FAILED)
                return memory;
        sc_report(source->name, "%s takes %zu bytes of memory: %s", what, size, strerror(errno));
        return NULL;
}

int sc_trace_source_end(const struct sc_trace_source *source, enum sc_trace_reading reading)
{
        const struct sc_trace_reader *reader = &source->reader;

        switch (reading) {
        case SC_TRACE_READING_RECORD:
                return SC_EXIT_DONE;
        case SC_TRACE_READING_END:
                if (!reader->stopped)
                        sc_report(source->name, "it does not say how it ended");
                return SC_EXIT_DONE;
        case SC_TRACE_READING_CUT:
                sc_report(source->name, "it is cut off within record %" PRIu64 ", at byte %" PRIu64,
                          reader->number, reader->position);
                return SC_EXIT_DONE;
        case SC_TRACE_READING_DAMAGED:
                return sc_report_usage(source->name, "record %" PRIu64 ", at byte %" PRIu64 ": %s",
                                       reader->number, reader->position, reader->why);
        case SC_TRACE_READING_NO_TRACE:
                return sc_report_usage(source->name, "not a trace: %s", reader->why);
        case SC_TRACE_READING_FAILED:
                if (reader->error == -EINTR)
                        return SC_EXIT_DONE;
                return sc_report_usage(source->name, "%s", strerror(-reader->error));
        }
        return SC_EXIT_DONE;
}
