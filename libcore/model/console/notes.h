#ifndef SC_NOTES_H
#define SC_NOTES_H

#include "model/console/host.h"

/* What of a host's doings goes into its trace, one function for each type of record (TRACE.md); each is called where the
 * thing has just happened. Nothing is done without a trace. */

void sc_notes_config(struct sc_host *host);
void sc_notes_boundary(struct sc_host *host); /* the newest */
void sc_notes_stop(struct sc_host *host);
void sc_notes_counters(struct sc_host *host);

/* `slot` NULL: a connection that is refused at once. */
void sc_notes_connect(struct sc_host *host, const struct sc_slot *slot);
void sc_notes_closing(struct sc_host *host, const struct sc_slot *slot, enum sc_error why);
void sc_notes_end(struct sc_host *host, const struct sc_slot *slot);

/* Of a raw client. */
void sc_notes_start(struct sc_host *host, const struct sc_slot *slot);
/* Of a native one, whose hello is answered so. */
void sc_notes_hello(struct sc_host *host, const struct sc_slot *slot, enum sc_answer answer, uint64_t value,
                    uint64_t offset);

/* Before the cursor moves: `length` bytes of what was offered were accepted. */
void sc_notes_accepted(struct sc_host *host, const struct sc_slot *slot, size_t length, bool queue_empty);
void sc_notes_write_failed(struct sc_host *host, const struct sc_slot *slot, bool reset);
void sc_notes_gap(struct sc_host *host, const struct sc_slot *slot, const struct sc_gap *gap);
void sc_notes_writable(struct sc_host *host, const struct sc_slot *slot);

void sc_notes_sample(struct sc_host *host, const struct sc_slot *slot, const struct sc_sample *sample);
void sc_notes_acknowledged(struct sc_host *host, const struct sc_slot *slot, uint64_t offset);
void sc_notes_consumed(struct sc_host *host, const struct sc_slot *slot);

/* `tail` and `lost_bytes` are those of before the read. */
void sc_notes_overwritten(struct sc_host *host, uint64_t tail, uint64_t lost_bytes);
void sc_notes_cleared(struct sc_host *host, uint64_t bytes);

/* `length` bytes that lie in the spans. `guest`: what a native client's frame named, else 0. */
void sc_notes_input(struct sc_host *host, const struct sc_slot *slot, uint64_t guest,
                    const struct sc_span *spans, size_t length);
void sc_notes_guest_input(struct sc_host *host, const struct sc_span *spans, size_t length);
void sc_notes_break(struct sc_host *host);
void sc_notes_input_ended(struct sc_host *host, const struct sc_slot *slot, bool reset);
void sc_notes_dropped(struct sc_host *host, const struct sc_slot *slot, enum sc_refusal reason, bool queued,
                      uint64_t bytes);

void sc_notes_request(struct sc_host *host, const struct sc_slot *slot, enum sc_frame_type frame,
                      enum sc_result result, uint64_t value);
/* Where they are others than the last time. */
void sc_notes_writers(struct sc_host *host);
void sc_notes_hold(struct sc_host *host, bool held, bool ran_out);

#endif
