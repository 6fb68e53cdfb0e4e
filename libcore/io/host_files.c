#include "io/host_files.h"

int sc_host_files_open(struct sc_host_files *files, const struct sc_host_files_config *config,
                       const char **what)
{
        const struct sc_file_spec *log = &config->log.file;
        int result = 0;

        if (log->path || log->output) {
                *what = log->path ? log->path : "standard output";
                result = sc_guest_log_open(&files->log, &config->log, config->report);
        }
        return result;
}

void sc_host_files_heard(struct sc_host_files *files, struct sc_host *host, const struct sc_span *spans,
                         size_t length)
{
        for (size_t i = 0; files->log && length > 0; i++) {
                size_t part = (size_t)sc_min_u64(spans[i].length, length);
                struct sc_guest_log_loss loss = sc_guest_log_put(files->log, spans[i].bytes, part,
                                                                 host->now_ns, host->wall_offset_ns);
                sc_host_log_lost(host, loss.bytes, loss.lines);
                length -= part;
        }
}

void sc_host_files_wake(struct sc_host_files *files, struct sc_host *host)
{
        if (!files->log)
                return;
        struct sc_guest_log_loss loss = sc_guest_log_wake(files->log, host->now_ns, host->wall_offset_ns);
        sc_host_log_lost(host, loss.bytes, loss.lines);
}

uint64_t sc_host_files_deadline_ns(const struct sc_host_files *files)
{
        return files->log ? sc_guest_log_deadline_ns(files->log) : UINT64_MAX;
}

bool sc_host_files_reopen(struct sc_host_files *files, const struct sc_host_files_config *config)
{
        bool log = files->log && config->log.file.path;

        if (log)
                sc_guest_log_reopen(files->log);
        return log;
}

void sc_host_files_close(struct sc_host_files *files, const struct sc_host *host)
{
        sc_guest_log_close(files->log, host->wall_offset_ns);
        files->log = NULL;
}
