#include "reference.h"

#include "claim.h"

void reference_changes_writers(struct reference *reference, const struct sc_record_writers *writers)
{
        if (writers->writer != reference->writer) {
                reference->writer_turn = reference->turn;
                reference->writer_changes++;
        }
        reference->writer = writers->writer;
        reference->answerer = writers->answerer;
}

/* It is answered that the role is its own. */
void reference_takes_role(struct reference *reference, const struct reference_client *client)
{
        if (reference->config.writers != SC_WRITERS_ONE)
                return;
        claim_equal("BF-11", client->number, reference->writer, client->number,
                    "the role is not given to who takes it");
        reference->writer_due = client->number;
}

static bool is_candidate(const struct reference_client *client)
{
        return client && reference_is_there(client) && !reference_is_viewer(client);
}

static uint64_t oldest(const struct reference *reference, bool native)
{
        for (uint64_t i = 0; i < reference->clients_count; i++)
                if (is_candidate(reference->clients[i]) && (!native || reference->clients[i]->native))
                        return i + 1;
        return 0;
}

/* It was the oldest when the role was free: who is older came later than that, all in the same turns. */
static bool was_oldest(const struct reference *reference, uint64_t number)
{
        for (uint64_t i = 0; i + 1 < number; i++)
                if (is_candidate(reference->clients[i]) && !reference->clients[i]->is_new)
                        return false;
        return is_candidate(reference_client(reference, number));
}

void reference_rests_writers(struct reference *reference)
{
        bool one = reference->config.writers == SC_WRITERS_ONE;
        bool stays = one && is_candidate(reference_client(reference, reference->writer_due));
        uint64_t writer = stays ? reference->writer_due : one ? oldest(reference, false) : 0;
        if (stays || !one || !was_oldest(reference, reference->writer))
                claim_equal("BF-11", reference->writer, reference->writer, writer,
                            "another client is the writer");
        reference->writer_due = reference->writer;

        const struct reference_client *answerer = reference_client(reference, reference->answerer);
        bool right = reference->answerer == 0 ? oldest(reference, true) == 0
                                              : is_candidate(answerer) && answerer->native;
        claim("BF-11", reference->answerer, right, "nobody answers, or one that is no client");
        /* What did not fit into the queue was typed as well. */
        bool waited = answerer && answerer->waited;
        if (is_candidate(reference_client(reference, reference->last_typist)) && !waited)
                claim_equal("BF-11", reference->answerer, reference->answerer, reference->last_typist,
                            "another than the last one that typed answers");
}
