#include "model/client/patience.h"

#include "model/base/span.h"

void sc_patience_start(struct sc_patience *patience, uint64_t timeout_ns, uint64_t idle_ns, bool quits,
                       uint64_t now_ns)
{
        *patience = (struct sc_patience) {
                .timeout_at_ns = sc_add_sat_u64(now_ns, timeout_ns),
                .idle_ns = idle_ns,
                .quits = quits,
                .quiet_from_ns = now_ns,
        };
}

void sc_patience_output(struct sc_patience *patience, bool waits, uint64_t now_ns)
{
        patience->quiet_from_ns = now_ns;
        patience->stalled = waits;
}

void sc_patience_taken(struct sc_patience *patience, uint64_t now_ns)
{
        if (!patience->input_taken)
                patience->taken_ns = now_ns;
        patience->input_taken = true;
}

/* When silence is over; UINT64_MAX: it is not counted yet, or never. */
static uint64_t idle_at_ns(const struct sc_patience *patience)
{
        if (patience->stalled)
                return UINT64_MAX;
        if (!patience->quits)
                return sc_add_sat_u64(patience->quiet_from_ns, patience->idle_ns);
        if (!patience->input_taken)
                return UINT64_MAX;
        return sc_add_sat_u64(sc_max_u64(patience->quiet_from_ns, patience->taken_ns), patience->idle_ns);
}

enum sc_patience_verdict sc_patience_verdict(const struct sc_patience *patience, uint64_t now_ns)
{
        if (now_ns >= idle_at_ns(patience))
                return patience->quits ? SC_PATIENCE_ANSWERED : SC_PATIENCE_IDLE;
        return now_ns >= patience->timeout_at_ns ? SC_PATIENCE_TIMED_OUT : SC_PATIENCE_LASTS;
}

uint64_t sc_patience_deadline_ns(const struct sc_patience *patience)
{
        return sc_min_u64(patience->timeout_at_ns, idle_at_ns(patience));
}
