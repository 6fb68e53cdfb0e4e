#include "trace_check.h"

#include "json.h"
#include "model/base/bounds.h"
#include "model/base/span.h"
#include "model/judge/judge.h"
#include "report.h"
#include "time_format.h"

#include <inttypes.h>
#include <string.h>

/* --- one violation --- */

static const char *time_of(const struct sc_trace_source *source, uint64_t time_ns,
                           char text[static SC_TIME_FORMAT_BYTES])
{
        return sc_time_format_point(sc_trace_source_wall_ns(source, time_ns), text);
}

static void put_violation_text(const struct sc_trace_source *source, const struct sc_violation *violation,
                               FILE *stream)
{
        char time[SC_TIME_FORMAT_BYTES];

        fprintf(stream, "BF-%u %s: record %" PRIu64 ", %s", violation->rule,
                sc_judge_rule_title(violation->rule), violation->record,
                time_of(source, violation->time_ns, time));
        if (violation->client != 0)
                fprintf(stream, ", client %" PRIu64, violation->client);
        if (violation->offset != SC_RECORD_UNKNOWN)
                fprintf(stream, ", offset %" PRIu64, violation->offset);
        fprintf(stream, ": %s", violation->what);
        if (violation->is_byte)
                fprintf(stream, ": expected 0x%02" PRIx64 ", found 0x%02" PRIx64, violation->expected,
                        violation->found);
        else if (violation->expected != SC_RECORD_UNKNOWN)
                fprintf(stream, ": expected %" PRIu64, violation->expected);
        if (!violation->is_byte && violation->found != SC_RECORD_UNKNOWN)
                fprintf(stream, "%s found %" PRIu64, violation->expected != SC_RECORD_UNKNOWN ? "," : ":",
                        violation->found);
        putc('\n', stream);
}

static void put_json_string(const char *name, const char *text, FILE *stream)
{
        fprintf(stream, ", \"%s\": ", name);
        sc_json_text(text, strlen(text), stream);
}

static void put_json_number(const char *name, uint64_t value, uint64_t none, FILE *stream)
{
        if (value == none)
                fprintf(stream, ", \"%s\": null", name);
        else
                fprintf(stream, ", \"%s\": %" PRIu64, name, value);
}

static void put_violation_json(const struct sc_trace_source *source, const struct sc_violation *violation,
                               FILE *stream)
{
        char time[SC_TIME_FORMAT_BYTES];

        fprintf(stream, "{\"type\": \"violation\", \"rule\": \"BF-%u\"", violation->rule);
        put_json_string("title", sc_judge_rule_title(violation->rule), stream);
        fprintf(stream, ", \"record\": %" PRIu64 ", \"time\": \"%s\", \"time_ns\": %" PRIu64,
                violation->record, time_of(source, violation->time_ns, time), violation->time_ns);
        put_json_number("client", violation->client, 0, stream);
        put_json_number("offset", violation->offset, SC_RECORD_UNKNOWN, stream);
        put_json_string("what", violation->what, stream);
        put_json_number("expected", violation->expected, SC_RECORD_UNKNOWN, stream);
        put_json_number("found", violation->found, SC_RECORD_UNKNOWN, stream);
        fputs("}\n", stream);
}

/* --- the summary --- */

static const char *const unjudged_names[] = {
        [SC_UNJUDGED_MISSING] = "missing",
        [SC_UNJUDGED_CUT] = "cut",
        [SC_UNJUDGED_LIMITED] = "limited",
        [SC_UNJUDGED_INPUT_BYTES] = "input_bytes",
        [SC_UNJUDGED_OUTPUT_BYTES] = "output_bytes",
        [SC_UNJUDGED_TIMES] = "times",
        [SC_UNJUDGED_PLACE] = "place",
        [SC_UNJUDGED_INPUT_ORDER] = "input_order",
        [SC_UNJUDGED_CLIENTS] = "clients",
        [SC_UNJUDGED_UNWAITED] = "unwaited",
        [SC_UNJUDGED_BEFORE] = "before",
};
static_assert(SC_COUNT(unjudged_names) == SC_UNJUDGED_COUNT, "a name for each");

static bool is_unjudged(const struct sc_judge_summary *summary)
{
        for (size_t i = 0; i < SC_UNJUDGED_COUNT; i++) {
                if (summary->unjudged[i] > 0)
                        return true;
        }
        return false;
}

static uint64_t duration_ns(const struct sc_judge_summary *summary)
{
        return sc_sub_sat_u64(summary->last_ns, summary->first_ns);
}

static const char *end_name(const struct sc_trace_reader *reader, enum sc_trace_reading reading)
{
        switch (reading) {
        case SC_TRACE_READING_END:
                return reader->stopped ? "stop" : "no stop";
        case SC_TRACE_READING_CUT:
                return "cut";
        case SC_TRACE_READING_DAMAGED:
                return "damaged";
        default:
                return "not reached";
        }
}

static void put_summary_text(const struct sc_judge_summary *summary, FILE *stream)
{
        const char *lead = "not judged";

        fprintf(stream, "%-12s%" PRIu64 " over %.3f s\n", "records", summary->records,
                (double)duration_ns(summary) / (double)SC_NS_PER_S);
        fprintf(stream, "%-12s%" PRIu64 " bytes, %" PRIu64 " %s\n", "output", summary->output_bytes,
                summary->guests, summary->guests == 1 ? "guest" : "guests");
        fprintf(stream, "%-12s%" PRIu64 ", %" PRIu64 " %s of %" PRIu64 " bytes\n", "clients",
                summary->clients, summary->gaps, summary->gaps == 1 ? "gap" : "gaps", summary->gap_bytes);
        for (size_t i = 0; i < SC_UNJUDGED_COUNT; i++) {
                if (summary->unjudged[i] == 0)
                        continue;
                fprintf(stream, "%-12s%s", lead, sc_judge_unjudged_text((enum sc_unjudged)i));
                if (i != SC_UNJUDGED_CUT && i != SC_UNJUDGED_LIMITED) /* these are no counts */
                        fprintf(stream, ": %" PRIu64, summary->unjudged[i]);
                putc('\n', stream);
                lead = "";
        }
        fprintf(stream, "%-12s%" PRIu64, "violations", summary->violations);
        for (unsigned rule = 1; rule <= SC_RULES_MAX; rule++) {
                if (summary->by_rule[rule] > 0)
                        fprintf(stream, ", BF-%u: %" PRIu64, rule, summary->by_rule[rule]);
        }
        putc('\n', stream);
}

/* Where the trace cannot be read on, and why. */
static void put_damage_json(const struct sc_trace_reader *reader, enum sc_trace_reading reading, FILE *stream)
{
        fputs(", \"damage\": ", stream);
        if (reading != SC_TRACE_READING_CUT && reading != SC_TRACE_READING_DAMAGED) {
                fputs("null", stream);
                return;
        }
        fprintf(stream, "{\"record\": %" PRIu64 ", \"position\": %" PRIu64, reader->number, reader->position);
        put_json_string("why", reading == SC_TRACE_READING_CUT ? "it is cut off" : reader->why, stream);
        putc('}', stream);
}

static void put_summary_json(const struct sc_judge_summary *summary, const struct sc_trace_reader *reader,
                             enum sc_trace_reading reading, FILE *stream)
{
        const char *lead = "";

        fprintf(stream, "{\"type\": \"summary\", \"records\": %" PRIu64 ", \"end\": \"%s\"", summary->records,
                end_name(reader, reading));
        put_damage_json(reader, reading, stream);
        fprintf(stream,
                ", \"duration_ns\": %" PRIu64 ", \"output_bytes\": %" PRIu64 ", \"guests\": %" PRIu64
                ", \"clients\": %" PRIu64 ", \"gaps\": %" PRIu64 ", \"gap_bytes\": %" PRIu64
                ", \"unjudged\": {",
                duration_ns(summary), summary->output_bytes, summary->guests, summary->clients, summary->gaps,
                summary->gap_bytes);
        for (size_t i = 0; i < SC_UNJUDGED_COUNT; i++) {
                fprintf(stream, "%s\"%s\": %" PRIu64, lead, unjudged_names[i], summary->unjudged[i]);
                lead = ", ";
        }
        fprintf(stream, "}, \"violations\": %" PRIu64 ", \"by_rule\": {", summary->violations);
        lead = "";
        for (unsigned rule = 1; rule <= SC_RULES_MAX; rule++) {
                if (summary->by_rule[rule] == 0)
                        continue;
                fprintf(stream, "%s\"BF-%u\": %" PRIu64, lead, rule, summary->by_rule[rule]);
                lead = ", ";
        }
        fputs("}}\n", stream);
}

/* --- the whole --- */

static void tell_violations(const struct sc_trace_check *check, const struct sc_trace_source *source,
                            struct sc_judge *judge)
{
        struct sc_violation violation;

        while (sc_judge_next(judge, &violation)) {
                if (check->json)
                        put_violation_json(source, &violation, check->stream);
                else
                        put_violation_text(source, &violation, check->stream);
        }
}

/* NULL: reported, and `*status` is how it ends. */
static struct sc_judge *new_judge(const struct sc_trace_source *source, const struct sc_record *config,
                                  int *status)
{
        size_t size = sc_judge_memory_bytes(config);

        *status = size == 0 ? SC_EXIT_USAGE : SC_EXIT_FAILED;
        if (size == 0) {
                sc_report(source->name,
                          "not a trace that can be judged: a ring of %" PRIu64 " bytes, %" PRIu64
                          " kept first",
                          config->config.capacity_bytes, config->config.keep_first_bytes);
                return NULL;
        }
        void *memory = sc_trace_source_memory(source, "judging it", size);
        return memory ? sc_judge_new(config, memory) : NULL;
}

static int status_of(const struct sc_trace_check *check, const struct sc_judge_summary *summary,
                     int reading_status)
{
        if (reading_status != SC_EXIT_DONE)
                return reading_status;
        if (summary->violations > 0 || (check->strict && is_unjudged(summary)))
                return SC_EXIT_FAILED;
        return SC_EXIT_DONE;
}

int sc_trace_check(const struct sc_trace_check *check, struct sc_trace_source *source,
                   const struct sc_record *config)
{
        int status;
        struct sc_judge *judge = new_judge(source, config, &status);
        struct sc_record record = *config;
        enum sc_trace_reading reading = SC_TRACE_READING_RECORD;

        if (!judge)
                return status;
        while (reading == SC_TRACE_READING_RECORD && !ferror(check->stream)) {
                sc_judge_take(judge, &record);
                tell_violations(check, source, judge);
                reading = sc_trace_reader_next(&source->reader, &record);
        }
        sc_judge_end(judge, !source->reader.stopped);
        tell_violations(check, source, judge);

        const struct sc_judge_summary *summary = sc_judge_summary(judge);
        if (check->json)
                put_summary_json(summary, &source->reader, reading, check->stream);
        else
                put_summary_text(summary, check->stream);
        fflush(check->stream); /* before what is said of the trace's end */
        return status_of(check, summary, sc_trace_source_end(source, reading));
}
