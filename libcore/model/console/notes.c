#include "model/console/notes.h"

static bool is_traced(const struct sc_host *host)
{
        return host->trace.bytes != NULL;
}

static void note(struct sc_host *host, struct sc_record record)
{
        record.time_ns = host->now_ns;
        sc_trace_note(&host->trace, &record);
}

/* --- the host --- */

void sc_notes_config(struct sc_host *host)
{
        const struct sc_host_config *config = &host->config;
        uint8_t text[SC_INSTANCE_BYTES + SC_RECORD_PROGRAM_MAX];
        if (!is_traced(host))
                return;

        size_t length = 0;
        while (config->program && config->program[length] != '\0' && length < SC_RECORD_PROGRAM_MAX)
                length++;
        memcpy(text, config->instance, SC_INSTANCE_BYTES);
        if (length > 0)
                memcpy(text + SC_INSTANCE_BYTES, config->program, length);
        note(host, (struct sc_record) {
                           .type = SC_RECORD_CONFIG,
                           .config = {
                                   .version = SC_TRACE_VERSION,
                                   .kind = SC_TRACE_HOST,
                                   .input = host->config.trace_input,
                                   .capacity_bytes = config->capacity_bytes,
                                   .keep_first_bytes = config->keep_first_bytes,
                                   .history = config->history,
                                   .history_bytes = config->history_bytes,
                                   .hold_ns = config->hold_ns,
                                   .writers = config->writers,
                                   .clients_max = config->clients_max,
                                   .wall_offset_ns = (uint64_t)host->wall_offset_ns,
                           },
                           .bytes = text,
                           .length = SC_INSTANCE_BYTES + length,
                   });
}

void sc_notes_boundary(struct sc_host *host)
{
        const struct sc_boundary *newest = sc_boundaries_at(&host->boundaries, host->boundaries.newest);
        note(host, (struct sc_record) {
                           .type = SC_RECORD_BOUNDARY,
                           .boundary = { newest->number, newest->offset, newest->kind },
                           .bytes = (const uint8_t *)newest->text,
                           .length = newest->text_length,
                   });
}

void sc_notes_counters(struct sc_host *host)
{
        const struct sc_history *history = &host->history;
        const struct sc_status_counters *counters = &host->counters;
        struct sc_record record = {
                .type = SC_RECORD_COUNTERS,
                .counters = {
                        .head = history->ring.head,
                        .tail = history->ring.tail,
                        .consumed = host->consumed.offset,
                        .overwritten_bytes = history->overwritten_bytes,
                        .lost_bytes = history->lost_bytes,
                        .cleared_bytes = history->cleared_bytes,
                        .input_bytes = counters->input_bytes,
                        .input_written_bytes = counters->input_written_bytes,
                        .input_waiting_bytes = sc_input_waiting_bytes(&host->input),
                        .breaks = counters->breaks,
                        .connections = counters->connections,
                        .over_limit = counters->over_limit,
                        .malformed = counters->malformed,
                        .silent = counters->silent,
                        .kicked = counters->kicked,
                        .resolution_ns = sc_history_resolution_ns(history),
                },
        };
        memcpy(record.counters.input_dropped, counters->input_dropped, sizeof(counters->input_dropped));
        note(host, record);
}

void sc_notes_stop(struct sc_host *host)
{
        note(host, (struct sc_record) { .type = SC_RECORD_STOP, .stop = { SC_TRACE_ENDED } });
}

/* --- clients --- */

void sc_notes_connect(struct sc_host *host, const struct sc_slot *slot)
{
        static_assert(SC_LISTENER_RAW + 1 == SC_TRACE_RAW, "one more than the listener");
        static_assert(SC_LISTENER_VIEW_CONTROL + 1 == SC_TRACE_VIEW_CONTROL, "for each");
        note(host, (struct sc_record) {
                           .type = SC_RECORD_CONNECT,
                           .connect = { slot->id, slot->listener + 1, slot->pid, slot->uid },
                   });
}

void sc_notes_closing(struct sc_host *host, const struct sc_slot *slot, enum sc_error why)
{
        note(host, (struct sc_record) { .type = SC_RECORD_CLOSING, .closing = { slot ? slot->id : 0, why } });
}

void sc_notes_end(struct sc_host *host, const struct sc_slot *slot)
{
        note(host, (struct sc_record) {
                           .type = SC_RECORD_END,
                           .end = {
                                   .client = slot->id,
                                   .why = slot->why,
                                   .accepted = slot->cursor.offset,
                                   .read = slot->proof.read_to,
                                   .gap_bytes = slot->cursor.gap_bytes,
                                   .cleared_bytes = slot->cursor.cleared_bytes,
                           },
                   });
}

static void note_start(struct sc_host *host, const struct sc_record_start *start,
                       const struct sc_hello *hello)
{
        uint8_t text[SC_INSTANCE_BYTES + SC_LABEL_BYTES_MAX] = { 0 };
        struct sc_record record = { .type = SC_RECORD_START, .start = *start, .bytes = text };

        record.start.head = host->history.ring.head;
        record.length = SC_INSTANCE_BYTES;
        if (hello) {
                memcpy(text, hello->instance, SC_INSTANCE_BYTES);
                memcpy(text + SC_INSTANCE_BYTES, hello->label, hello->label_length);
                record.length += hello->label_length;
        }
        note(host, record);
}

void sc_notes_start(struct sc_host *host, const struct sc_slot *slot)
{
        if (!is_traced(host))
                return;
        struct sc_record_start start = {
                .client = slot->id,
                .role = sc_slot_is_viewer(slot) ? SC_ROLE_VIEWER : SC_ROLE_CLIENT,
                .offset = slot->cursor.offset,
        };
        note_start(host, &start, NULL);
}

void sc_notes_hello(struct sc_host *host, const struct sc_slot *slot, enum sc_answer answer, uint64_t value,
                    uint64_t offset)
{
        const struct sc_hello *hello = &slot->peer.hello;
        if (!is_traced(host))
                return;
        struct sc_record_start start = {
                .client = slot->id,
                .role = slot->peer.role,
                .start = hello->start,
                .value = value,
                .continues = (hello->flags & SC_HELLO_CONTINUES) != 0,
                .answer = answer,
                .offset = offset,
        };
        note_start(host, &start, hello);
}

/* --- output --- */

void sc_notes_gap(struct sc_host *host, const struct sc_slot *slot, const struct sc_gap *gap)
{
        note(host, (struct sc_record) { .type = SC_RECORD_GAP,
                                        .gap = { slot->id, gap->from, gap->to, gap->kind } });
}

static void note_sent(struct sc_host *host, const struct sc_slot *slot, uint64_t offset, uint64_t length,
                      uint64_t told_ns)
{
        note(host,
             (struct sc_record) { .type = SC_RECORD_SENT, .sent = { slot->id, offset, length, told_ns } });
}

/* The frames of the batch of which a byte is among the `length` first. */
static void note_frames(struct sc_host *host, const struct sc_slot *slot, size_t length)
{
        const struct sc_batch *batch = &host->batch;
        uint64_t offset = slot->cursor.offset;
        size_t left = length - (size_t)sc_min_u64(length, batch->out_bytes);

        for (size_t i = 0; i < batch->frame_count && left > 0; i++) {
                const struct sc_batch_frame *frame = &batch->frames[i];
                left -= (size_t)sc_min_u64(left, frame->bytes);
                if (frame->type == SC_FRAME_DATA) {
                        note_sent(host, slot, offset, frame->value - offset, frame->time_ns);
                        offset = frame->value;
                } else if (frame->type == SC_FRAME_GAP) {
                        sc_notes_gap(host, slot, &frame->gap);
                        offset = frame->value;
                } else if (frame->type == SC_FRAME_BOUNDARY) {
                        note(host, (struct sc_record) { .type = SC_RECORD_TOLD,
                                                        .told = { slot->id, frame->value } });
                }
        }
}

void sc_notes_accepted(struct sc_host *host, const struct sc_slot *slot, size_t length, bool queue_empty)
{
        if (!is_traced(host))
                return;
        note(host, (struct sc_record) {
                           .type = SC_RECORD_ACCEPTED,
                           .accepted = { .client = slot->id,
                                         .offered = host->offered_bytes,
                                         .accepted = length,
                                         .queue_empty = queue_empty },
                   });
        if (sc_slot_is_native(slot))
                note_frames(host, slot, length);
        else if (length > 0)
                note_sent(host, slot, slot->cursor.offset, length, 0);
}

void sc_notes_write_failed(struct sc_host *host, const struct sc_slot *slot, bool reset)
{
        note(host, (struct sc_record) {
                           .type = SC_RECORD_ACCEPTED,
                           .accepted = { .client = slot->id,
                                         .offered = host->offered_bytes,
                                         .failed = true,
                                         .reset = reset },
                   });
}

void sc_notes_writable(struct sc_host *host, const struct sc_slot *slot)
{
        note(host, (struct sc_record) { .type = SC_RECORD_WRITABLE, .writable = { slot->id } });
}

void sc_notes_sample(struct sc_host *host, const struct sc_slot *slot, const struct sc_sample *sample)
{
        note(host, (struct sc_record) {
                           .type = SC_RECORD_SAMPLE,
                           .sample = { slot->id, sample->queue_empty, sample->hung_up, sample->reset,
                                       sample->unread_bytes, slot->stale_wanted },
                   });
}

void sc_notes_acknowledged(struct sc_host *host, const struct sc_slot *slot, uint64_t offset)
{
        note(host,
             (struct sc_record) { .type = SC_RECORD_ACKNOWLEDGED, .acknowledged = { slot->id, offset } });
}

void sc_notes_consumed(struct sc_host *host, const struct sc_slot *slot)
{
        note(host, (struct sc_record) { .type = SC_RECORD_CONSUMED,
                                        .consumed = { slot->id, host->consumed.offset } });
}

void sc_notes_overwritten(struct sc_host *host, uint64_t tail, uint64_t lost_bytes)
{
        const struct sc_history *history = &host->history;
        if (tail == history->ring.tail)
                return;
        note(host, (struct sc_record) {
                           .type = SC_RECORD_OVERWRITTEN,
                           .overwritten = { tail, history->ring.tail, history->lost_bytes - lost_bytes },
                   });
}

void sc_notes_cleared(struct sc_host *host, uint64_t bytes)
{
        note(host,
             (struct sc_record) { .type = SC_RECORD_CLEARED, .cleared = { host->history.ring.head, bytes } });
}

/* --- input --- */

/* One record for each span that the first `length` bytes lie in; `record` has all but the length and the bytes. */
static void note_typed(struct sc_host *host, struct sc_record *record, uint64_t *record_length,
                       const struct sc_span *spans, size_t length)
{
        for (size_t i = 0; length > 0; i++) {
                size_t part = (size_t)sc_min_u64(spans[i].length, length);
                *record_length = part;
                if (host->config.trace_input) {
                        record->bytes = spans[i].bytes;
                        record->length = part;
                }
                note(host, *record);
                length -= part;
        }
}

void sc_notes_input(struct sc_host *host, const struct sc_slot *slot, uint64_t guest,
                    const struct sc_span *spans, size_t length)
{
        struct sc_record record = { .type = SC_RECORD_INPUT, .input = { slot->id, guest, 0 } };
        if (is_traced(host))
                note_typed(host, &record, &record.input.length, spans, length);
}

void sc_notes_guest_input(struct sc_host *host, const struct sc_span *spans, size_t length)
{
        struct sc_record record = { .type = SC_RECORD_GUEST_INPUT };
        if (is_traced(host))
                note_typed(host, &record, &record.guest_input.length, spans, length);
}

void sc_notes_break(struct sc_host *host)
{
        note(host, (struct sc_record) { .type = SC_RECORD_BREAK });
}

void sc_notes_input_ended(struct sc_host *host, const struct sc_slot *slot, bool reset)
{
        note(host, (struct sc_record) { .type = SC_RECORD_INPUT_ENDED, .input_ended = { slot->id, reset } });
}

void sc_notes_dropped(struct sc_host *host, const struct sc_slot *slot, enum sc_refusal reason, bool queued,
                      uint64_t bytes)
{
        note(host, (struct sc_record) { .type = SC_RECORD_DROPPED,
                                        .dropped = { slot ? slot->id : 0, reason, queued, bytes } });
}

/* --- what was asked, and who may type --- */

void sc_notes_request(struct sc_host *host, const struct sc_slot *slot, enum sc_frame_type frame,
                      enum sc_result result, uint64_t value)
{
        note(host,
             (struct sc_record) { .type = SC_RECORD_REQUEST, .request = { slot->id, frame, result, value } });
}

void sc_notes_writers(struct sc_host *host)
{
        struct sc_writers *noted = &host->writers_noted;
        if (noted->writer == host->writers.writer && noted->answerer == host->writers.answerer)
                return;
        *noted = host->writers;
        note(host, (struct sc_record) { .type = SC_RECORD_WRITERS,
                                        .writers = { host->writers.writer, host->writers.answerer } });
}

void sc_notes_hold(struct sc_host *host, bool held, bool ran_out)
{
        note(host, (struct sc_record) { .type = SC_RECORD_HOLD, .hold = { held, ran_out } });
}
