#ifndef SC_CONNECT_WORDS_H
#define SC_CONNECT_WORDS_H

#include "io/session_driver.h"

/* What connect says beside the guest's own words. All of it is harmless on a terminal. */

/* As sc_session_driver_config wants them. */
bool sc_connect_words_notice(const struct sc_attachment_event *event, bool terminal, char *text);
bool sc_connect_words_survey(struct sc_decoder status, const struct sc_escape *escape, char *text);

/* What is behind the escape character, in one line. */
const char *sc_connect_words_keys(const struct sc_escape *escape, char text[static SC_SESSION_TEXT_BYTES]);

#endif
