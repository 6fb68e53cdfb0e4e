#include "model/console/trace.h"

static void add(struct sc_record_missing *to, const struct sc_record_missing *loss)
{
        to->records += loss->records;
        to->output_bytes += loss->output_bytes;
}

static bool has_room(const struct sc_trace *trace, const struct sc_record *record)
{
        return sc_record_size(record) <= SC_TRACE_BUFFER_BYTES - trace->length;
}

static void put(struct sc_trace *trace, const struct sc_record *record)
{
        trace->length +=
                sc_record_put(trace->bytes + trace->length, SC_TRACE_BUFFER_BYTES - trace->length, record);
}

/* False: there is a loss, and no room to tell of it. */
static bool tell_loss(struct sc_trace *trace, uint64_t now_ns)
{
        if (trace->loss.records == 0)
                return true;
        struct sc_record missing = { .type = SC_RECORD_MISSING, .time_ns = now_ns };
        missing.missing = trace->loss;
        if (!has_room(trace, &missing))
                return false;
        put(trace, &missing);
        add(&trace->told, &trace->loss);
        trace->loss = (struct sc_record_missing) { 0 };
        return true;
}

void sc_trace_note(struct sc_trace *trace, const struct sc_record *record)
{
        if (!trace->bytes)
                return;
        if (!tell_loss(trace, record->time_ns) || !has_room(trace, record)) {
                trace->loss.records++;
                trace->lost_records++;
                return;
        }
        put(trace, record);
        trace->records++;
}

struct sc_span sc_trace_take(struct sc_trace *trace, uint64_t now_ns)
{
        tell_loss(trace, now_ns);
        struct sc_span batch = { trace->bytes, trace->length };
        trace->taken = trace->told;
        trace->taken_records = trace->records;
        trace->told = (struct sc_record_missing) { 0 };
        trace->records = 0;
        trace->length = 0;
        return batch;
}

void sc_trace_lost(struct sc_trace *trace)
{
        add(&trace->loss, &trace->taken);
        trace->loss.records += trace->taken_records;
        trace->lost_records += trace->taken_records;
        trace->taken = (struct sc_record_missing) { 0 };
        trace->taken_records = 0;
}

void sc_trace_lost_output(struct sc_trace *trace, uint64_t bytes)
{
        add(&trace->loss, &(struct sc_record_missing) { .records = 1, .output_bytes = bytes });
        trace->lost_records++;
}
