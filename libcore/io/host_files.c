#include "io/host_files.h"

static bool is_wanted(const struct sc_file_spec *file)
{
        return file->path || file->output;
}

static const char *name_of(const struct sc_file_spec *file)
{
        return file->path ? file->path : "standard output";
}

int sc_host_files_open(struct sc_host_files *files, const struct sc_host_files_config *config,
                       const char **what)
{
        int result = 0;

        files->config = config;
        if (is_wanted(&config->log.file)) {
                *what = name_of(&config->log.file);
                result = sc_guest_log_open(&files->log, &config->log, config->report);
        }
        if (result == 0 && is_wanted(&config->events)) {
                *what = name_of(&config->events);
                result = sc_file_writer_open(&files->events, &config->events, config->report);
        }
        if (result == 0 && is_wanted(&config->trace.file)) {
                *what = name_of(&config->trace.file);
                result = sc_trace_file_open(&files->trace, &config->trace, config->report);
        }
        return result;
}

void sc_host_files_heard(struct sc_host_files *files, struct sc_host *host, const struct sc_span *spans,
                         size_t length)
{
        if (files->trace)
                sc_trace_file_heard(files->trace, host, spans, length);
        for (size_t i = 0; files->log && length > 0; i++) {
                size_t part = (size_t)sc_min_u64(spans[i].length, length);
                struct sc_guest_log_loss loss = sc_guest_log_put(files->log, spans[i].bytes, part,
                                                                 host->now_ns, host->wall_offset_ns);
                sc_host_log_lost(host, loss.bytes, loss.lines);
                length -= part;
        }
}

void sc_host_files_noted(struct sc_host_files *files, struct sc_host *host)
{
        if (files->trace)
                sc_trace_file_take(files->trace, host);
}

static void put_events(struct sc_host_files *files, struct sc_host *host)
{
        struct sc_journal_entry entry;
        char line[SC_HOST_FILES_EVENT_BYTES];

        while (sc_journal_take(&host->journal, &entry)) {
                size_t length = files->config->format(&entry, host->wall_offset_ns, line, sizeof(line));
                if (length == 0 || !sc_file_writer_put(files->events, line, length))
                        sc_host_events_lost(host, 1);
        }
}

void sc_host_files_wake(struct sc_host_files *files, struct sc_host *host)
{
        if (files->log) {
                struct sc_guest_log_loss loss =
                        sc_guest_log_wake(files->log, host->now_ns, host->wall_offset_ns);
                sc_host_log_lost(host, loss.bytes, loss.lines);
        }
        if (files->events)
                put_events(files, host);
        sc_host_files_noted(files, host);
}

uint64_t sc_host_files_deadline_ns(const struct sc_host_files *files)
{
        return files->log ? sc_guest_log_deadline_ns(files->log) : UINT64_MAX;
}

bool sc_host_files_reopen(struct sc_host_files *files)
{
        bool log = files->log && files->config->log.file.path;
        bool events = files->events && files->config->events.path;

        if (log)
                sc_guest_log_reopen(files->log);
        if (events)
                sc_file_writer_reopen(files->events);
        return log || events;
}

void sc_host_files_close(struct sc_host_files *files, struct sc_host *host)
{
        if (files->events || files->trace)
                sc_host_stopped(host);
        if (files->events)
                put_events(files, host);
        sc_host_files_noted(files, host);
        sc_file_writer_close(files->events);
        sc_trace_file_close(files->trace);
        sc_guest_log_close(files->log, host->wall_offset_ns);
        files->events = NULL;
        files->trace = NULL;
        files->log = NULL;
}
