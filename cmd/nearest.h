#ifndef SC_NEAREST_H
#define SC_NEAREST_H

/* A misspelt word, and which of the words that are offered one by one may have been meant. */
struct sc_nearest {
        const char *word;
        const char *best; /* NULL: none is near enough to be named */
        unsigned distance;
};

#define SC_NEAREST_WORD_BYTES_MAX 32 /* a longer word is near to nothing */

void sc_nearest_start(struct sc_nearest *nearest, const char *word);
void sc_nearest_offer(struct sc_nearest *nearest, const char *candidate);

#endif
