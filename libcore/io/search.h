#ifndef SC_SEARCH_H
#define SC_SEARCH_H

#include "model/client/line.h"

#include <stdbool.h>

/* Lines of output that end a client: POSIX extended regular expressions, over bytes. An unfinished line (a prompt)
 * counts as far as it has come. */
struct sc_search;

enum sc_search_result { SC_SEARCH_NOTHING, SC_SEARCH_UNTIL, SC_SEARCH_FAIL };

/* NULL and *error, which says what is wrong with the expression *wrong. Either may be NULL. Where both match one line
 * it has failed. */
#define SC_SEARCH_ERROR_BYTES 128
struct sc_search *sc_search_new(const char *until, const char *fail, const char **wrong,
                                char error[static SC_SEARCH_ERROR_BYTES]);
void sc_search_free(struct sc_search *search);

/* Looks at the next output. *length: how many of the bytes belong to the lines up to the one that matched, its end
 * with it where it has come; all of them where none did. */
enum sc_search_result sc_search_take(struct sc_search *search, struct sc_span bytes, size_t *length);

/* Behind a match in an unfinished line: more of that line. *length as above, up to its end. Its whole text may fail
 * yet. SC_SEARCH_NOTHING: it is still unfinished. */
enum sc_search_result sc_search_take_rest(struct sc_search *search, struct sc_span bytes, size_t *length);
/* Whether the line that matched is unfinished. */
bool sc_search_is_unfinished(const struct sc_search *search);

/* Output is missing here. NULL: nobody searches. */
void sc_search_break(struct sc_search *search);

#endif
