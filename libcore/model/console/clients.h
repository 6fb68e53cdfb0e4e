#ifndef SC_CLIENTS_H
#define SC_CLIENTS_H

#include "model/console/host.h"

/* Who is connected, for the parts of the host: names and slots, coming and going, what is asked of them, and who of
 * them may type. */

struct sc_slot *sc_clients_slot(struct sc_host *host, sc_client client); /* NULL: closed */
sc_client sc_clients_name(const struct sc_host *host, const struct sc_slot *slot);

/* Notes what this client did, or what became of it; `entry` says the rest. */
void sc_clients_note(struct sc_host *host, const struct sc_slot *slot, struct sc_journal_entry entry);
/* Notes its coming, or that it said another hello. */
void sc_clients_note_hello(struct sc_host *host, struct sc_slot *slot);
/* Notes its end, and its coming where that was not noted yet. */
void sc_clients_note_end(struct sc_host *host, struct sc_slot *slot);

/* The host has this against it, and is to end it. */
void sc_clients_condemn(struct sc_host *host, struct sc_slot *slot, enum sc_error why);
/* To be closed in this turn. The slot is OPEN. */
void sc_clients_end(struct sc_host *host, struct sc_slot *slot);

/* Asks for a sample of one, or of all raw clients. */
void sc_clients_want_sample(struct sc_host *host, struct sc_slot *slot);
void sc_clients_want_samples(struct sc_host *host);
/* What it sent until now is to be dropped, also where it is still in its socket: a sample tells how much that is. */
void sc_clients_want_stale(struct sc_host *host, struct sc_slot *slot, enum sc_refusal reason);
/* A client is known to have read up to there. */
void sc_clients_raise_consumed(struct sc_host *host, const struct sc_slot *slot, uint64_t read_to);

/* After clients came, went or changed their role. */
void sc_clients_settle_writers(struct sc_host *host);
/* Why input of this client is dropped now. False: it is not. */
bool sc_clients_drops_input(const struct sc_host *host, const struct sc_slot *slot, enum sc_refusal *reason);
/* Counts input that the guest will not get. `slot`: whose it was; NULL: of one who has gone, or of several. `queued`:
 * it had been taken. */
void sc_clients_drop_input(struct sc_host *host, struct sc_slot *slot, enum sc_refusal reason, bool queued,
                           uint64_t bytes);

#endif
