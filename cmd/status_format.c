#include "status_format.h"

#include "json.h"
#include "model/client/printable.h"
#include "time_format.h"

#include <assert.h>
#include <inttypes.h>

static const char *const state_names[] = { "awaited", "up", "down" };
static const char *const note_names[] = { "", "taken by another", "ended", "cannot be used" };
static const char *const history_names[] = { "all", "boot", "unread", "none", "last" };
static const char *const writers_names[] = { "all", "one" };
static const char *const log_names[] = { "none", "file", "output" };
static const char *const boundary_names[] = { "", "up", "down", "reset", "mark", "ended" };
static_assert(SC_COUNT(note_names) == SC_GUEST_NOTE_COUNT && SC_COUNT(history_names) == SC_HISTORY_COUNT &&
                      SC_COUNT(writers_names) == SC_WRITERS_COUNT &&
                      SC_COUNT(log_names) == SC_LOG_KIND_COUNT &&
                      SC_COUNT(boundary_names) == SC_BOUNDARY_ENDED + 1,
              "a name for each");

/* --- times --- */

/* Of a time on the host's boot-time clock. */
static const char *time_text(const struct sc_status *status, uint64_t boot_ns,
                             char text[static SC_TIME_FORMAT_BYTES])
{
        return sc_time_format_point((int64_t)(boot_ns + (uint64_t)status->wall_offset_ns), text);
}

/* How long ago. */
static const char *ago_text(const struct sc_status *status, uint64_t boot_ns,
                            char text[static SC_TIME_FORMAT_BYTES])
{
        return sc_time_format_length(sc_sub_sat_u64(status->now_ns, boot_ns), text);
}

/* --- text --- */

static void print_counted(FILE *stream, const char *name, uint64_t value)
{
        fprintf(stream, "%-13s%" PRIu64 " bytes\n", name, value);
}

void sc_status_format_guest(const struct sc_status *status, char *text, size_t size)
{
        bool noted = status->guest_note != SC_GUEST_NOTE_NONE;
        snprintf(text, size, "%s%s%s%s", state_names[status->guest_state], noted ? " (" : "",
                 note_names[status->guest_note], noted ? ")" : "");
}

static void print_guest(const struct sc_status *status, FILE *stream)
{
        char ago[SC_TIME_FORMAT_BYTES], since[SC_TIME_FORMAT_BYTES];
        char guest[64];
        sc_status_format_guest(status, guest, sizeof(guest));
        fprintf(stream, "%-13s%s since %s, %s ago\n", "guest", guest,
                time_text(status, status->guest_since_ns, since),
                ago_text(status, status->guest_since_ns, ago));
        if (status->last_output_ns == 0)
                fprintf(stream, "%-13snone yet\n", "last output");
        else
                fprintf(stream, "%-13s%s, %s ago\n", "last output",
                        time_text(status, status->last_output_ns, since),
                        ago_text(status, status->last_output_ns, ago));
}

static void print_retained(const struct sc_status *status, FILE *stream)
{
        fprintf(stream, "%-13s[%" PRIu64 ", %" PRIu64 ") of %" PRIu64 " bytes\n", "ring", status->tail,
                status->head, status->capacity_bytes);
        if (status->keep_first_bytes > 0)
                fprintf(stream, "%-13s[%" PRIu64 ", %" PRIu64 ") of %" PRIu64 " bytes\n", "first",
                        status->first_from, status->first_to, status->keep_first_bytes);
        fprintf(stream, "%-13s%" PRIu64 ", %" PRIu64 " bytes unread\n", "consumed", status->consumed,
                sc_sub_sat_u64(status->head, status->consumed));
        print_counted(stream, "overwritten", status->overwritten_bytes);
        print_counted(stream, "lost", status->lost_bytes);
        print_counted(stream, "cleared", status->cleared_bytes);
        fprintf(stream, "%-13s%" PRIu64 " ms\n", "resolution", status->resolution_ns / SC_NS_PER_MS);
}

static void print_input(const struct sc_status *status, FILE *stream)
{
        const struct sc_status_counters *counters = &status->counters;
        uint64_t dropped = 0;
        for (size_t i = 0; i < SC_REFUSAL_COUNT; i++)
                dropped += counters->input_dropped[i];
        fprintf(stream,
                "%-13s%" PRIu64 " bytes, %" PRIu64 " taken by the guest, %" PRIu64 " waiting, %" PRIu64
                " dropped\n",
                "input", counters->input_bytes, counters->input_written_bytes, status->input_waiting_bytes,
                dropped);
        fprintf(stream,
                "%-13s%" PRIu64 ", over a limit %" PRIu64 ", malformed %" PRIu64 ", silent %" PRIu64
                ", kicked %" PRIu64 "\n",
                "connections", counters->connections, counters->over_limit, counters->malformed,
                counters->silent, counters->kicked);
}

static void print_logs(const struct sc_status *status, FILE *stream)
{
        const struct sc_status_counters *counters = &status->counters;
        if (status->log == SC_LOG_FILE)
                fprintf(stream, "%-13sin a file, %" PRIu64 " bytes missing\n", "log",
                        counters->log_lost_bytes);
        if (status->log == SC_LOG_OUTPUT)
                fprintf(stream, "%-13son standard output, %" PRIu64 " lines missing\n", "log",
                        counters->log_lost_lines);
        if (counters->events_lost > 0)
                fprintf(stream, "%-13s%" PRIu64 " missing\n", "events", counters->events_lost);
        if (status->traced)
                fprintf(stream, "%-13s%" PRIu64 " records missing\n", "trace", counters->trace_lost);
}

static const char *client_kind(const struct sc_status_client *client)
{
        return client->flags & SC_STATUS_CLIENT_NATIVE ? "native" : "raw";
}

static const char *client_role(const struct sc_status_client *client)
{
        return client->role == SC_ROLE_VIEWER ? "viewer" : "client";
}

/* For a reader, who wants to know at a glance whom the guest listens to; where all may type nobody is the writer. */
static const char *client_part(const struct sc_status *status, const struct sc_status_client *client)
{
        bool writes = status->writers == SC_WRITERS_ONE && client->flags & SC_STATUS_CLIENT_MAY_TYPE;
        return writes ? "writer" : client_role(client);
}

static void print_client(const struct sc_status *status, const struct sc_status_client *client, FILE *stream)
{
        char label[SC_LABEL_BYTES_MAX + 1];
        sc_printable_line(client->label, client->label_length, label, sizeof(label));
        fprintf(stream,
                "%6" PRIu64 "  %-6s  %-6s  %8u  %6u  %12" PRIu64 "  %10" PRIu64 "  %4u  %10" PRIu64 "%s%s\n",
                client->id, client_kind(client), client_part(status, client), client->pid, client->uid,
                client->offset, sc_sub_sat_u64(status->head, client->offset), client->gaps, client->gap_bytes,
                label[0] ? "  " : "", label);
}

bool sc_status_format_text(struct sc_decoder payload, FILE *stream)
{
        struct sc_status status;
        struct sc_boundary boundary;
        struct sc_status_client client;
        char time[SC_TIME_FORMAT_BYTES];
        if (!sc_status_get(&payload, &status))
                return false;

        print_guest(&status, stream);
        print_retained(&status, stream);
        print_input(&status, stream);
        print_logs(&status, stream);
        for (uint16_t i = 0; i < status.boundaries; i++) {
                if (!sc_status_get_boundary(&payload, &boundary))
                        return false;
                fprintf(stream, "%-13s%" PRIu64 " %s at offset %" PRIu64 ", %s\n", "boundary",
                        boundary.number, boundary_names[boundary.kind], boundary.offset,
                        time_text(&status, boundary.time_ns, time));
        }
        if (status.clients > 0)
                fprintf(stream, "%6s  %-6s  %-6s  %8s  %6s  %12s  %10s  %4s  %10s  %s\n", "client", "kind",
                        "role", "pid", "uid", "offset", "lag", "gaps", "gap bytes", "label");
        for (uint16_t i = 0; i < status.clients; i++) {
                if (!sc_status_get_client(&payload, &client))
                        return false;
                print_client(&status, &client, stream);
        }
        return true;
}

/* --- JSON --- */

static void json_number(const char *name, uint64_t value, FILE *stream)
{
        fprintf(stream, "\"%s\": %" PRIu64 ", ", name, value);
}

static void json_time(const struct sc_status *status, const char *name, uint64_t boot_ns, FILE *stream)
{
        char text[SC_TIME_FORMAT_BYTES];
        if (boot_ns == 0)
                fprintf(stream, "\"%s\": null, ", name);
        else
                fprintf(stream, "\"%s\": \"%s\", ", name, time_text(status, boot_ns, text));
}

static const char *json_bool(bool value)
{
        return value ? "true" : "false";
}

static void json_state(const struct sc_status *status, FILE *stream)
{
        fprintf(stream, "{\"instance\": \"");
        for (size_t i = 0; i < SC_INSTANCE_BYTES; i++)
                fprintf(stream, "%02x", status->instance[i]);
        fprintf(stream, "\", ");
        json_time(status, "now", status->now_ns, stream);
        json_number("capacity", status->capacity_bytes, stream);
        json_number("keep_first", status->keep_first_bytes, stream);
        fprintf(stream, "\"first\": {\"from\": %" PRIu64 ", \"to\": %" PRIu64 "}, ", status->first_from,
                status->first_to);
        json_number("tail", status->tail, stream);
        json_number("head", status->head, stream);
        json_number("consumed", status->consumed, stream);
        json_number("lost_bytes", status->lost_bytes, stream);
        json_number("overwritten_bytes", status->overwritten_bytes, stream);
        json_number("cleared_bytes", status->cleared_bytes, stream);
        json_number("resolution_ns", status->resolution_ns, stream);
        json_time(status, "last_output", status->last_output_ns, stream);
        fprintf(stream, "\"history\": \"%s\", \"writers\": \"%s\", ", history_names[status->history],
                writers_names[status->writers]);
        fprintf(stream, "\"guest\": {\"state\": \"%s\", ", state_names[status->guest_state]);
        fprintf(stream, "\"note\": \"%s\", ", note_names[status->guest_note]);
        json_time(status, "since", status->guest_since_ns, stream);
        fprintf(stream, "\"number\": %" PRIu64 "}, ", status->guest_number);
}

static void json_counters(const struct sc_status *status, FILE *stream)
{
        const struct sc_status_counters *counters = &status->counters;
        const uint64_t *dropped = counters->input_dropped;
        fprintf(stream, "\"input\": {");
        json_number("bytes", counters->input_bytes, stream);
        json_number("written_bytes", counters->input_written_bytes, stream);
        json_number("waiting_bytes", status->input_waiting_bytes, stream);
        fprintf(stream, "\"dropped\": {");
        json_number("no_guest", dropped[SC_REFUSED_NO_GUEST], stream);
        json_number("old_guest", dropped[SC_REFUSED_OLD_GUEST], stream);
        json_number("not_writer", dropped[SC_REFUSED_NOT_WRITER], stream);
        fprintf(stream, "\"viewer\": %" PRIu64 "}, \"breaks\": %" PRIu64 "}, ", dropped[SC_REFUSED_VIEWER],
                counters->breaks);
        fprintf(stream, "\"counters\": {");
        json_number("connections", counters->connections, stream);
        json_number("over_limit", counters->over_limit, stream);
        json_number("malformed", counters->malformed, stream);
        json_number("silent", counters->silent, stream);
        json_number("kicked", counters->kicked, stream);
        json_number("holds", counters->holds, stream);
        json_number("hold_ns", counters->hold_ns, stream);
        fprintf(stream, "\"guest_refused\": %" PRIu64 "}, ", counters->guest_refused);
        fprintf(stream, "\"log\": {\"kind\": \"%s\", ", log_names[status->log]);
        json_number("lost_bytes", counters->log_lost_bytes, stream);
        fprintf(stream, "\"lost_lines\": %" PRIu64 "}, ", counters->log_lost_lines);
        fprintf(stream, "\"events\": {\"lost\": %" PRIu64 "}, ", counters->events_lost);
        fprintf(stream, "\"trace\": {\"traced\": %s, \"lost\": %" PRIu64 "}, ",
                status->traced ? "true" : "false", counters->trace_lost);
}

static bool json_boundaries(struct sc_decoder *payload, const struct sc_status *status, FILE *stream)
{
        struct sc_boundary boundary;
        fprintf(stream, "\"boundaries\": [");
        for (uint16_t i = 0; i < status->boundaries; i++) {
                if (!sc_status_get_boundary(payload, &boundary))
                        return false;
                fprintf(stream, "%s{", i > 0 ? ", " : "");
                json_number("number", boundary.number, stream);
                json_number("offset", boundary.offset, stream);
                json_time(status, "time", boundary.time_ns, stream);
                fprintf(stream, "\"kind\": \"%s\"}", boundary_names[boundary.kind]);
        }
        fprintf(stream, "], ");
        return true;
}

static void json_client(const struct sc_status *status, const struct sc_status_client *client, FILE *stream)
{
        fprintf(stream, "{");
        json_number("id", client->id, stream);
        fprintf(stream, "\"role\": \"%s\", \"kind\": \"%s\", ", client_role(client), client_kind(client));
        fprintf(stream, "\"view\": %s, \"label\": ", json_bool(client->flags & SC_STATUS_CLIENT_VIEW));
        sc_json_bytes(client->label, client->label_length, stream);
        fprintf(stream, ", ");
        json_number("pid", client->pid, stream);
        json_number("uid", client->uid, stream);
        json_number("offset", client->offset, stream);
        json_number("lag", sc_sub_sat_u64(status->head, client->offset), stream);
        json_number("gaps", client->gaps, stream);
        json_number("gap_bytes", client->gap_bytes, stream);
        json_number("cleared_bytes", client->cleared_bytes, stream);
        json_time(status, "connected", client->connected_ns, stream);
        fprintf(stream, "\"may_type\": %s, \"answers\": %s, \"half_closed\": %s}",
                json_bool(client->flags & SC_STATUS_CLIENT_MAY_TYPE),
                json_bool(client->flags & SC_STATUS_CLIENT_ANSWERS),
                json_bool(client->flags & SC_STATUS_CLIENT_HALF));
}

bool sc_status_format_json(struct sc_decoder payload, FILE *stream)
{
        struct sc_status status;
        struct sc_status_client client;
        if (!sc_status_get(&payload, &status))
                return false;

        json_state(&status, stream);
        json_counters(&status, stream);
        if (!json_boundaries(&payload, &status, stream))
                return false;
        fprintf(stream, "\"clients\": [");
        for (uint16_t i = 0; i < status.clients; i++) {
                if (!sc_status_get_client(&payload, &client))
                        return false;
                fprintf(stream, "%s", i > 0 ? ", " : "");
                json_client(&status, &client, stream);
        }
        fprintf(stream, "]}\n");
        return true;
}
