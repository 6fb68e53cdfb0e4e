#include "trace_dump.h"

#include "report.h"
#include "trace_text.h"

int sc_trace_dump(struct sc_trace_source *source, const struct sc_record *config, bool json)
{
        struct sc_record record = *config;
        enum sc_trace_reading reading = SC_TRACE_READING_RECORD;

        while (reading == SC_TRACE_READING_RECORD && !ferror(stdout)) {
                const struct sc_trace_line line = {
                        .number = source->reader.number,
                        .position = source->reader.position,
                        .wall_ns = sc_trace_source_wall_ns(source, record.time_ns),
                        .record = &record,
                };
                if (json)
                        sc_trace_json(&line, stdout);
                else
                        sc_trace_text(&line, stdout);
                reading = sc_trace_reader_next(&source->reader, &record);
        }
        int status = sc_report_output();
        return status != SC_EXIT_DONE ? status : sc_trace_source_end(source, reading);
}
