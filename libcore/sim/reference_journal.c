#include "reference.h"

#include "claim.h"

void reference_notes(struct reference *reference, const struct sc_journal_entry *entry)
{
        struct reference_client *client = reference_client(reference, entry->client);
        if (!client)
                return;
        switch (entry->kind) {
        case SC_JOURNAL_CONNECT:
                claim("E", client->number, !client->journal_came, "a client comes twice in the journal");
                client->journal_came = true;
                return;
        case SC_JOURNAL_END:
                claim("E", client->number, client->journal_came && !client->journal_went,
                      "a client goes in the journal that has not come");
                client->journal_went = true;
                claim_equal("E", client->number, entry->why, client->kicked ? SC_ERROR_KICKED : client->why,
                            "the journal has another reason for an end");
                return;
        default:
                claim("E", client->number, client->journal_came && !client->journal_went,
                      "a client does something in the journal while it is not there");
        }
}
