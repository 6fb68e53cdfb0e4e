#include "trace_text.h"

#include "json.h"
#include "time_format.h"

#include <inttypes.h>

/* The name of a field's value, or NULL: it is a number. */
static const char *name_of(const struct sc_record_field *field, uint64_t value)
{
        return field->values && value < field->value_count ? field->values[value] : NULL;
}

/* Bytes that are a text may begin with an instance. */
static size_t instance_bytes(const struct sc_record_layout *layout)
{
        return layout->bytes == SC_RECORD_TEXT && layout->bytes_min == SC_INSTANCE_BYTES ? SC_INSTANCE_BYTES
                                                                                         : 0;
}

static void put_hex(const uint8_t *bytes, size_t length, FILE *stream)
{
        for (size_t i = 0; i < length; i++)
                fprintf(stream, "%02x", bytes[i]);
}

/* --- text --- */

static void put_text_field(const struct sc_record_field *field, uint64_t value, FILE *stream)
{
        const char *name = name_of(field, value);

        fprintf(stream, " %s=", field->name);
        if (name)
                fputs(name, stream);
        else if (field->unit == SC_RECORD_SIGNED)
                fprintf(stream, "%" PRId64, (int64_t)value);
        else if (value == SC_RECORD_UNKNOWN)
                fputs("unknown", stream);
        else
                fprintf(stream, "%" PRIu64 "%s", value, field->unit == SC_RECORD_TIME ? "ns" : "");
}

static void put_escaped(const uint8_t *bytes, size_t length, FILE *stream)
{
        static const char hex[] = "0123456789abcdef";

        fputs(" \"", stream);
        for (size_t i = 0; i < length; i++) {
                uint8_t byte = bytes[i];
                switch (byte) {
                case '\r':
                        fputs("\\r", stream);
                        break;
                case '\n':
                        fputs("\\n", stream);
                        break;
                case '\t':
                        fputs("\\t", stream);
                        break;
                case '"':
                case '\\':
                        putc('\\', stream);
                        putc(byte, stream);
                        break;
                default:
                        if (byte >= 0x20 && byte < 0x7f)
                                putc(byte, stream);
                        else
                                fprintf(stream, "\\x%c%c", hex[byte >> 4], hex[byte & 15]);
                }
        }
        putc('"', stream);
}

void sc_trace_text(const struct sc_trace_line *line, FILE *stream)
{
        const struct sc_record *record = line->record;
        const struct sc_record_layout *layout = sc_record_layout(record->type);
        size_t instance = instance_bytes(layout);
        char time[SC_TIME_FORMAT_BYTES];

        fprintf(stream, "%" PRIu64 " %s %s", line->number, sc_time_format_point(line->wall_ns, time),
                layout->name);
        for (size_t i = 0; i < layout->field_count; i++)
                put_text_field(&layout->fields[i], record->fields[i], stream);
        if (instance > 0) {
                fputs(" instance=", stream);
                put_hex(record->bytes, instance, stream);
        }
        if (record->length > instance)
                put_escaped(record->bytes + instance, record->length - instance, stream);
        putc('\n', stream);
}

/* --- JSON --- */

static void put_json_field(const struct sc_record_field *field, uint64_t value, FILE *stream)
{
        const char *name = name_of(field, value);

        fprintf(stream, ", \"%s\": ", field->name);
        if (name)
                fprintf(stream, "\"%s\"", name);
        else if (field->unit == SC_RECORD_SIGNED)
                fprintf(stream, "%" PRId64, (int64_t)value);
        else if (field->unit == SC_RECORD_FLAG)
                fputs(value ? "true" : "false", stream);
        else if (value == SC_RECORD_UNKNOWN)
                fputs("null", stream);
        else
                fprintf(stream, "%" PRIu64, value);
}

static void put_json_bytes(const struct sc_record *record, const struct sc_record_layout *layout,
                           FILE *stream)
{
        size_t instance = instance_bytes(layout);

        if (layout->bytes_max == 0)
                return;
        if (instance > 0) {
                fputs(", \"instance\": \"", stream);
                put_hex(record->bytes, instance, stream);
                putc('"', stream);
        }
        bool is_text = layout->bytes == SC_RECORD_TEXT;
        const char *bytes = (const char *)record->bytes + instance;
        fputs(is_text ? ", \"text\": " : ", \"bytes\": ", stream);
        if (is_text)
                sc_json_text(bytes, record->length - instance, stream);
        else
                sc_json_bytes(bytes, record->length - instance, stream);
}

void sc_trace_json(const struct sc_trace_line *line, FILE *stream)
{
        const struct sc_record *record = line->record;
        const struct sc_record_layout *layout = sc_record_layout(record->type);
        char time[SC_TIME_FORMAT_BYTES];

        fprintf(stream,
                "{\"record\": %" PRIu64 ", \"position\": %" PRIu64 ", \"time\": \"%s\", \"time_ns\": %" PRIu64
                ", \"type\": \"%s\"",
                line->number, line->position, sc_time_format_point(line->wall_ns, time), record->time_ns,
                layout->name);
        for (size_t i = 0; i < layout->field_count; i++)
                put_json_field(&layout->fields[i], record->fields[i], stream);
        put_json_bytes(record, layout, stream);
        fputs("}\n", stream);
}
