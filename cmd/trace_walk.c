#include "trace_walk.h"

#include "report.h"

#include <inttypes.h>
#include <stdio.h>

int sc_trace_walk_start(struct sc_trace_walk *walk, struct sc_trace_source *source,
                        const struct sc_record *config, uint64_t client, const struct sc_pace *pace)
{
        size_t size = sc_trace_view_memory_bytes(&source->config, client);
        uint8_t *memory = NULL;

        if (size > 0 && !(memory = sc_trace_source_memory(source, "--client", size)))
                return SC_EXIT_FAILED;
        *walk = (struct sc_trace_walk) { .source = source, .record = *config, .pace = *pace };
        sc_trace_view_start(&walk->view, &source->config, client, memory);
        return 0;
}

static void take_boundary(struct sc_trace_walk *walk)
{
        struct sc_pace pace = walk->pace;

        walk->due_ns = sc_pace_next(&pace, walk->record.time_ns);
}

static void take_piece(struct sc_trace_walk *walk)
{
        uint64_t time_ns = walk->record.time_ns;

        if (!walk->pace.started)
                walk->first_ns = time_ns;
        walk->elapsed_ns = sc_sub_sat_u64(time_ns, walk->first_ns);
        walk->due_ns = sc_pace_next(&walk->pace, time_ns);
}

enum sc_trace_walk_step sc_trace_walk_next(struct sc_trace_walk *walk)
{
        const struct sc_record *record = &walk->record;

        for (;;) {
                walk->reading = sc_trace_reader_next(&walk->source->reader, &walk->record);
                if (walk->reading != SC_TRACE_READING_RECORD)
                        return SC_TRACE_WALK_END;
                if (record->type == SC_RECORD_BOUNDARY) {
                        take_boundary(walk);
                        return SC_TRACE_WALK_BOUNDARY;
                }
                if (record->type == SC_RECORD_MISSING) {
                        walk->left_out_records += record->missing.records;
                        walk->left_out_bytes += record->missing.output_bytes;
                }
                if (sc_trace_view_take(&walk->view, record, &walk->piece)) {
                        take_piece(walk);
                        return SC_TRACE_WALK_PIECE;
                }
        }
}

uint64_t sc_trace_walk_total_ns(const struct sc_trace_walk *walk)
{
        const struct sc_trace_source *source = walk->source;

        return source->last_known ? sc_sub_sat_u64(source->last_ns, walk->first_ns) : 0;
}

/* --- the end --- */

static void tell_what_is_missing(const struct sc_trace_walk *walk)
{
        const struct sc_trace_view *view = &walk->view;

        if (view->gaps > 0)
                sc_report(walk->source->name, "%" PRIu64 " bytes are missing in %" PRIu64 " %s",
                          view->gap_bytes, view->gaps, view->gaps == 1 ? "place" : "places");
        if (view->unknown_bytes > 0)
                sc_report(walk->source->name,
                          "%" PRIu64 " bytes that client %" PRIu64 " got are not in the trace",
                          view->unknown_bytes, view->client);
        if (walk->left_out_records > 0)
                sc_report(walk->source->name,
                          "%" PRIu64 " records with %" PRIu64 " bytes of output were left out of the trace",
                          walk->left_out_records, walk->left_out_bytes);
}

static void tell_who_was_there(const struct sc_trace_walk *walk)
{
        const struct sc_trace_view *view = &walk->view;
        char others[SC_TRACE_VIEW_OTHERS_MAX * sizeof(", 18446744073709551615")];
        size_t length = 0;

        for (size_t i = 0; i < view->other_count; i++)
                length += (size_t)snprintf(others + length, sizeof(others) - length, "%s%" PRIu64,
                                           i == 0 ? "" : ", ", view->others[i]);
        if (length == 0)
                sc_report(walk->source->name, "there is no client in it");
        else
                sc_report(walk->source->name, "there is no client %" PRIu64 " in it; there is %s%s",
                          view->client, others, view->more_others ? " and more" : "");
}

int sc_trace_walk_end(const struct sc_trace_walk *walk)
{
        tell_what_is_missing(walk);
        int status = sc_trace_source_end(walk->source, walk->reading);
        if (status == SC_EXIT_DONE && walk->view.client != 0 && !walk->view.met) {
                tell_who_was_there(walk);
                return SC_EXIT_FAILED;
        }
        return status;
}
