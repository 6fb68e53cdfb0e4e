#include "nearest.h"

#include <string.h>

static unsigned min(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

/* How many letters have to be put in, left out, changed or swapped with their neighbour to make `b` of `a`.
 * Both are at most SC_NEAREST_WORD_BYTES_MAX long. */
static unsigned distance(const char *a, const char *b)
{
        unsigned rows[3][SC_NEAREST_WORD_BYTES_MAX + 1];
        unsigned *before = rows[0], *above = rows[1], *row = rows[2];
        size_t width = strlen(b);

        for (unsigned j = 0; j <= width; j++)
                row[j] = j;
        for (unsigned i = 0; a[i] != '\0'; i++) {
                unsigned *free_row = before;
                before = above;
                above = row;
                row = free_row;
                row[0] = i + 1;
                for (unsigned j = 0; j < width; j++) {
                        unsigned changed = above[j] + (a[i] != b[j]);
                        row[j + 1] = min(changed, 1 + min(above[j + 1], row[j]));
                        if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
                                row[j + 1] = min(row[j + 1], before[j - 1] + 1);
                }
        }
        return row[width];
}

void sc_nearest_start(struct sc_nearest *nearest, const char *word)
{
        /* One slip in a short word, two in a longer one; in a word of two letters anything would be near. */
        size_t length = strlen(word);
        unsigned allowed = length > SC_NEAREST_WORD_BYTES_MAX || length < 3 ? 0 : length < 6 ? 1 : 2;

        *nearest = (struct sc_nearest) { .word = word, .distance = allowed + 1 };
}

void sc_nearest_offer(struct sc_nearest *nearest, const char *candidate)
{
        if (strlen(nearest->word) > SC_NEAREST_WORD_BYTES_MAX ||
            strlen(candidate) > SC_NEAREST_WORD_BYTES_MAX)
                return;
        unsigned found = distance(nearest->word, candidate);
        if (found < nearest->distance) {
                nearest->distance = found;
                nearest->best = candidate;
        }
}
