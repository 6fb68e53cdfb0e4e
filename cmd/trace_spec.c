#include "trace_spec.h"

#include "report.h"

#include <string.h>

/* A trace means nothing without its beginning: its size is no reason to begin another. */
struct sc_trace_file_config sc_trace_spec_of(const struct file_argument *file)
{
        return (struct sc_trace_file_config) {
                .file = { .path = file->path[0] != '\0' ? file->path : NULL,
                          .output = file->output,
                          .keep = file->keep,
                          .once = true },
                .max_bytes = file->max_bytes,
        };
}

/* Whoever reads this at night finds the rest in the status, or in the trace. */
void sc_trace_spec_report(const struct sc_file_spec *file, int error)
{
        if (sc_file_writer_gives_up(file, error))
                sc_report(file->output ? "standard output" : file->path, "%s; nothing more is written to it",
                          strerror(-error));
        else
                sc_report(file->path, "%s; it is tried again, and what is missing is counted",
                          strerror(-error));
}
