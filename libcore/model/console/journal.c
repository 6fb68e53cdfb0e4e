#include "model/console/journal.h"

void sc_journal_note(struct sc_journal *journal, const struct sc_journal_entry *entry)
{
        if (!journal->entries)
                return;
        if (journal->noted - journal->taken == SC_JOURNAL_ENTRIES_MAX) {
                journal->left_out++;
                return;
        }
        journal->entries[journal->noted++ % SC_JOURNAL_ENTRIES_MAX] = *entry;
}

bool sc_journal_take(struct sc_journal *journal, struct sc_journal_entry *entry)
{
        if (journal->taken == journal->noted)
                return false;
        *entry = journal->entries[journal->taken++ % SC_JOURNAL_ENTRIES_MAX];
        return true;
}
