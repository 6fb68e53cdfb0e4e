#include "model/wire/record.h"

/* The model links nothing: the check sum comes whole out of the library's header. */
#define XXH_INLINE_ALL
#include <xxhash.h>

/* --- the types --- */

static const char *const kinds[] = { NULL, "host", "observer", "client" };
static const char *const histories[] = { "all", "boot", "unread", "none", "size" };
static const char *const writers[] = { "all", "one" };
static const char *const boundaries[] = { NULL, "up", "down", "reset", "mark", "ended" };
static const char *const listeners[] = { NULL, "raw", "control", "view", "view-control" };
static const char *const roles[] = { NULL, "client", "viewer", "control" };
static const char *const starts[] = {
        "policy", "beginning", "unread", "end", "offset", "last", "since", "boundary", "boot",
};
static const char *const answers[] = { "ok", "overwritten", "beyond-head", "other-instance" };
static const char *const errors[] = {
        "none", "not-hello", "version", "unknown-type", "malformed", "limit", "silent", "kicked", "ending",
};
static const char *const gaps[] = { NULL, "overwritten", "cleared" };
static const char *const stops[] = { NULL, "ended", "limited" };
static const char *const refusals[] = { "no-guest", "old-guest", "not-writer", "viewer" };
static const char *const results[] = {
        "ok", "not-allowed", "no-client", "not-carried", "no-guest", "busy", "malformed",
};

static_assert(SC_COUNT(histories) == SC_HISTORY_COUNT, "a name for each --history value");
static_assert(SC_COUNT(writers) == SC_WRITERS_COUNT, "a name for each --writers value");
static_assert(SC_COUNT(boundaries) == SC_BOUNDARY_ENDED + 1, "a name for each kind of boundary");
static_assert(SC_COUNT(starts) == SC_START_BOOT + 1, "a name for each start");
static_assert(SC_COUNT(errors) == SC_ERROR_ENDING + 1, "a name for each error");
static_assert(SC_COUNT(refusals) == SC_REFUSAL_COUNT, "a name for each refusal");
static_assert(SC_COUNT(results) == SC_RESULT_MALFORMED + 1, "a name for each result");

#define NUMBER(name_)                                                                                        \
        {                                                                                                    \
                .name = (name_)                                                                              \
        }
#define TIME(name_)                                                                                          \
        {                                                                                                    \
                .name = (name_), .unit = SC_RECORD_TIME                                                      \
        }
#define SIGNED(name_)                                                                                        \
        {                                                                                                    \
                .name = (name_), .unit = SC_RECORD_SIGNED                                                    \
        }
#define FLAG(name_)                                                                                          \
        {                                                                                                    \
                .name = (name_), .unit = SC_RECORD_FLAG                                                      \
        }
#define ONE_OF(name_, values_)                                                                               \
        {                                                                                                    \
                .name = (name_), .values = (values_), .value_count = SC_COUNT(values_)                       \
        }
#define FIELD_COUNT(type_) (sizeof(struct type_) / sizeof(uint64_t))
/* The names of the fields of a struct, in their order. */
#define FIELDS(type_, ...)                                                                                   \
        .field_count = FIELD_COUNT(type_), .fields = (const struct sc_record_field[FIELD_COUNT(type_)])      \
        {                                                                                                    \
                __VA_ARGS__                                                                                  \
        }

static const struct sc_record_layout layouts[SC_RECORD_TYPE_END] = {
        [SC_RECORD_CONFIG] = {
                .name = "config",
                FIELDS(sc_record_config, NUMBER("version"), ONE_OF("kind", kinds), FLAG("input"),
                       NUMBER("capacity"), NUMBER("keep_first"), ONE_OF("history", histories),
                       NUMBER("history_bytes"), TIME("hold"), ONE_OF("writers", writers),
                       NUMBER("clients_max"), SIGNED("wall_offset")),
                .bytes = SC_RECORD_TEXT, .bytes_min = SC_INSTANCE_BYTES,
                .bytes_max = SC_INSTANCE_BYTES + SC_RECORD_PROGRAM_MAX,
        },
        [SC_RECORD_BOUNDARY] = {
                .name = "boundary",
                FIELDS(sc_record_boundary, NUMBER("number"), NUMBER("offset"), ONE_OF("kind", boundaries)),
                .bytes = SC_RECORD_TEXT, .bytes_max = SC_MARK_BYTES_MAX,
        },
        [SC_RECORD_OUTPUT] = {
                .name = "output",
                FIELDS(sc_record_output, NUMBER("offset")),
                .bytes = SC_RECORD_OUTPUT_BYTES, .bytes_min = 1, .bytes_max = SC_RECORD_BYTES_MAX,
        },
        [SC_RECORD_CONNECT] = {
                .name = "connect",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_connect, NUMBER("client"), ONE_OF("listener", listeners), NUMBER("pid"),
                       NUMBER("uid")),
        },
        [SC_RECORD_START] = {
                .name = "start",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_start, NUMBER("client"), ONE_OF("role", roles), ONE_OF("start", starts),
                       NUMBER("value"), FLAG("continues"), ONE_OF("answer", answers), NUMBER("offset"),
                       NUMBER("head")),
                .bytes = SC_RECORD_TEXT, .bytes_min = SC_INSTANCE_BYTES,
                .bytes_max = SC_INSTANCE_BYTES + SC_LABEL_BYTES_MAX,
        },
        [SC_RECORD_END] = {
                .name = "end",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_end, NUMBER("client"), ONE_OF("why", errors), NUMBER("accepted"),
                       NUMBER("read"), NUMBER("gap_bytes"), NUMBER("cleared_bytes")),
        },
        [SC_RECORD_INPUT] = {
                .name = "input",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_input, NUMBER("client"), NUMBER("guest"), NUMBER("length")),
                .bytes = SC_RECORD_INPUT_BYTES, .bytes_max = SC_RECORD_BYTES_MAX,
        },
        [SC_RECORD_GUEST_INPUT] = {
                .name = "guest-input",
                FIELDS(sc_record_guest_input, NUMBER("length")),
                .bytes = SC_RECORD_INPUT_BYTES, .bytes_max = SC_RECORD_BYTES_MAX,
        },
        [SC_RECORD_GAP] = {
                .name = "gap",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_gap, NUMBER("client"), NUMBER("from"), NUMBER("to"), ONE_OF("kind", gaps)),
        },
        [SC_RECORD_MISSING] = {
                .name = "missing",
                FIELDS(sc_record_missing, NUMBER("records"), NUMBER("output_bytes")),
        },
        [SC_RECORD_STOP] = {
                .name = "stop",
                FIELDS(sc_record_stop, ONE_OF("why", stops)),
        },
        [SC_RECORD_ACCEPTED] = {
                .name = "accepted",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_accepted, NUMBER("client"), NUMBER("offered"), NUMBER("accepted"),
                       FLAG("queue_empty"), FLAG("failed"), FLAG("reset")),
        },
        [SC_RECORD_SENT] = {
                .name = "sent",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_sent, NUMBER("client"), NUMBER("offset"), NUMBER("length"), TIME("told")),
        },
        [SC_RECORD_TOLD] = {
                .name = "told",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_told, NUMBER("client"), NUMBER("number")),
        },
        [SC_RECORD_WRITABLE] = {
                .name = "writable",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_client, NUMBER("client")),
        },
        [SC_RECORD_SAMPLE] = {
                .name = "sample",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_sample, NUMBER("client"), FLAG("queue_empty"), FLAG("hung_up"),
                       FLAG("reset"), NUMBER("unread"), FLAG("stale")),
        },
        [SC_RECORD_ACKNOWLEDGED] = {
                .name = "acknowledged",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_offset, NUMBER("client"), NUMBER("offset")),
        },
        [SC_RECORD_CONSUMED] = {
                .name = "consumed",
                .naming = SC_RECORD_NAMES_CLIENT_OR_NOBODY,
                FIELDS(sc_record_offset, NUMBER("client"), NUMBER("offset")),
        },
        [SC_RECORD_OVERWRITTEN] = {
                .name = "overwritten",
                FIELDS(sc_record_overwritten, NUMBER("from"), NUMBER("to"), NUMBER("lost")),
        },
        [SC_RECORD_DROPPED] = {
                .name = "dropped",
                .naming = SC_RECORD_NAMES_CLIENT_OR_NOBODY,
                FIELDS(sc_record_dropped, NUMBER("client"), ONE_OF("reason", refusals), FLAG("queued"),
                       NUMBER("length")),
        },
        [SC_RECORD_BREAK] = {
                .name = "break",
                FIELDS(sc_record_client, NUMBER("client")),
        },
        [SC_RECORD_REQUEST] = {
                .name = "request",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_request, NUMBER("client"), NUMBER("frame"), ONE_OF("result", results),
                       NUMBER("value")),
        },
        [SC_RECORD_CLEARED] = {
                .name = "cleared",
                FIELDS(sc_record_cleared, NUMBER("head"), NUMBER("bytes")),
        },
        [SC_RECORD_WRITERS] = {
                .name = "writers",
                FIELDS(sc_record_writers, NUMBER("writer"), NUMBER("answerer")),
        },
        [SC_RECORD_HOLD] = {
                .name = "hold",
                FIELDS(sc_record_hold, FLAG("held"), FLAG("ran_out")),
        },
        [SC_RECORD_INPUT_ENDED] = {
                .name = "input-ended",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_input_ended, NUMBER("client"), FLAG("reset")),
        },
        [SC_RECORD_CLOSING] = {
                .name = "closing",
                .naming = SC_RECORD_NAMES_CLIENT_OR_NOBODY,
                FIELDS(sc_record_closing, NUMBER("client"), ONE_OF("why", errors)),
        },
        [SC_RECORD_COUNTERS] = {
                .name = "counters",
                FIELDS(sc_record_counters, NUMBER("head"), NUMBER("tail"), NUMBER("consumed"),
                       NUMBER("overwritten"), NUMBER("lost"), NUMBER("cleared"), NUMBER("input"),
                       NUMBER("input_written"), NUMBER("input_waiting"), NUMBER("dropped_no_guest"),
                       NUMBER("dropped_old_guest"), NUMBER("dropped_not_writer"), NUMBER("dropped_viewer"),
                       NUMBER("breaks"), NUMBER("connections"), NUMBER("over_limit"), NUMBER("malformed"),
                       NUMBER("silent"), NUMBER("kicked"), TIME("resolution")),
        },
        [SC_RECORD_RECEIVED] = {
                .name = "received",
                .naming = SC_RECORD_NAMES_CLIENT,
                FIELDS(sc_record_received, NUMBER("client"), NUMBER("offset"), TIME("told")),
                .bytes = SC_RECORD_OUTPUT_BYTES, .bytes_min = 1, .bytes_max = SC_RECORD_BYTES_MAX,
        },
        [SC_RECORD_QUIET] = {
                .name = "quiet",
                .naming = SC_RECORD_NAMES_CLIENT_OR_NOBODY,
                FIELDS(sc_record_quiet, NUMBER("client")),
        },
};

static_assert(sizeof(struct sc_record_counters) <= SC_RECORD_FIELDS_MAX * sizeof(uint64_t),
              "the longest fits");

const struct sc_record_layout *sc_record_layout(unsigned type)
{
        return type < SC_RECORD_TYPE_END && layouts[type].name ? &layouts[type] : NULL;
}

uint64_t sc_record_client_of(const struct sc_record *record)
{
        return layouts[record->type].naming == SC_RECORD_NAMES_NOBODY ? 0 : record->fields[0];
}

/* --- encoding --- */

static size_t head_bytes(const struct sc_record_layout *layout)
{
        return SC_RECORD_HEADER_BYTES + 8 * layout->field_count;
}

/* Asserted once, for the library does not say that it takes no null pointer. */
static uint64_t hash(const uint8_t *bytes, size_t length, uint64_t seed)
{
        SC_ASSERT(bytes);

        return XXH64(bytes, length, seed);
}

static uint64_t check_of(const uint8_t *head, size_t head_length, const uint8_t *bytes, size_t length)
{
        SC_ASSERT(bytes || length == 0);

        return hash(bytes ? bytes : head, length, hash(head, head_length, 0));
}

size_t sc_record_size(const struct sc_record *record)
{
        return head_bytes(&layouts[record->type]) + record->length + SC_RECORD_CHECK_BYTES;
}

size_t sc_record_put_head(uint8_t to[static SC_RECORD_HEAD_MAX], const struct sc_record *record)
{
        const struct sc_record_layout *layout = sc_record_layout(record->type);
        SC_ASSERT(layout);
        SC_ASSERT(layout->bytes_min <= record->length && record->length <= layout->bytes_max);

        struct sc_encoder encoder = { .bytes = to, .capacity = SC_RECORD_HEAD_MAX };
        sc_bytes_put(&encoder, 8 * layout->field_count + record->length, 4);
        sc_bytes_put(&encoder, record->type, 4);
        sc_bytes_put(&encoder, record->time_ns, 8);
        for (size_t i = 0; i < layout->field_count; i++)
                sc_bytes_put(&encoder, record->fields[i], 8);
        return encoder.length;
}

void sc_record_put_check(uint8_t to[static SC_RECORD_CHECK_BYTES], const uint8_t *head, size_t head_length,
                         const struct sc_record *record)
{
        struct sc_encoder encoder = { .bytes = to, .capacity = SC_RECORD_CHECK_BYTES };
        sc_bytes_put(&encoder, check_of(head, head_length, record->bytes, record->length), 8);
}

size_t sc_record_put(uint8_t *to, size_t capacity, const struct sc_record *record)
{
        uint8_t head[SC_RECORD_HEAD_MAX], check[SC_RECORD_CHECK_BYTES];
        struct sc_encoder encoder = { .bytes = to, .capacity = capacity };

        size_t head_length = sc_record_put_head(head, record);
        sc_record_put_check(check, head, head_length, record);
        sc_bytes_put_string(&encoder, head, head_length);
        if (record->length > 0)
                sc_bytes_put_string(&encoder, record->bytes, record->length);
        sc_bytes_put_string(&encoder, check, sizeof(check));
        return encoder.length;
}

/* --- decoding --- */

static bool is_valid(const struct sc_record_field *field, uint64_t value, bool may_be_unknown)
{
        if (field->unit == SC_RECORD_FLAG)
                return value <= 1;
        if (!field->values)
                return true;
        if (may_be_unknown && value == SC_RECORD_UNKNOWN)
                return true;
        return value < field->value_count && field->values[value];
}

static bool get_fields(struct sc_decoder *decoder, const struct sc_record_layout *layout,
                       struct sc_record *record)
{
        bool may_be_unknown = record->type == SC_RECORD_CONFIG;
        bool valid = true;

        for (size_t i = 0; i < layout->field_count; i++) {
                record->fields[i] = sc_bytes_get(decoder, 8);
                valid &= is_valid(&layout->fields[i], record->fields[i], may_be_unknown);
        }
        return valid;
}

enum sc_record_result sc_record_next(const uint8_t *bytes, size_t length, struct sc_record *record,
                                     size_t *size)
{
        struct sc_decoder decoder = { .bytes = bytes, .length = length };
        if (length < SC_RECORD_HEADER_BYTES)
                return SC_RECORD_INCOMPLETE;

        size_t payload = (size_t)sc_bytes_get(&decoder, 4);
        unsigned type = (unsigned)sc_bytes_get(&decoder, 1);
        uint64_t zero = sc_bytes_get(&decoder, 3);
        record->type = (enum sc_record_type)type;
        record->time_ns = sc_bytes_get(&decoder, 8);
        const struct sc_record_layout *layout = sc_record_layout(type);
        if (!layout)
                return SC_RECORD_STRANGE;
        size_t fields = 8 * layout->field_count;
        if (zero != 0 || payload < fields + layout->bytes_min || payload > fields + layout->bytes_max)
                return SC_RECORD_MALFORMED;
        *size = SC_RECORD_HEADER_BYTES + payload + SC_RECORD_CHECK_BYTES;
        if (length < *size)
                return SC_RECORD_INCOMPLETE;

        bool valid = get_fields(&decoder, layout, record);
        record->bytes = bytes + decoder.position;
        record->length = payload - fields;
        uint64_t check = check_of(bytes, decoder.position, record->bytes, record->length);
        decoder.position += record->length;
        if (check != sc_bytes_get(&decoder, 8))
                return SC_RECORD_DAMAGED;
        return valid ? SC_RECORD_COMPLETE : SC_RECORD_MALFORMED;
}
