#ifndef SC_OBSERVED_H
#define SC_OBSERVED_H

#include "model/judge/extent.h"

#include <stddef.h>
#include <stdint.h>

/* What an observer saw go into a console: a copy of the newest output, and of the input that the guest has not got. */

/* Output can be on its way to a client, in its socket, while the ring goes on. */
#define SC_OBSERVED_SLACK_BYTES (1024 * 1024)
#define SC_OBSERVED_INPUT_BYTES (1024 * 1024)
#define SC_OBSERVED_UNWANTED_BYTES 4096

struct sc_scene;

struct sc_observed {
        struct sc_scene *scene; /* where a client is, and what the console has taken in, is found by bytes */
        uint8_t *ring;          /* ring_bytes, byte n at n % ring_bytes */
        uint64_t ring_bytes;
        uint8_t *first; /* first_bytes */
        uint64_t first_bytes;
        uint64_t head;
        uint64_t from; /* what is below is not in the ring */

        uint8_t *input; /* as the ring, of SC_OBSERVED_INPUT_BYTES */
        uint64_t input_sent;
        uint64_t input_got;
        uint64_t input_client; /* whose all that waits is; 0: of several */
        bool writer_left;      /* since the last quiet: from when on the next may type is not to be seen */
        bool input_vague;      /* since then perhaps not all that was typed was to come, or more */
        bool input_murky;      /* some is missing: not judged until nothing can wait */
        uint8_t unwanted[SC_OBSERVED_UNWANTED_BYTES]; /* the newest that no guest is to get */
        size_t unwanted_length;
        bool unwanted_of_viewer;

        uint64_t looks;       /* how many places may be looked at; each byte that is received adds some */
        uint64_t received_to; /* the highest offset that a client which may consume has received up to */
};

size_t sc_observed_memory_bytes(uint64_t capacity_bytes, uint64_t keep_first_bytes);
/* `observed` and the memory are zeroed. */
void sc_observed_init(struct sc_observed *observed, uint64_t capacity_bytes, uint64_t keep_first_bytes,
                      uint8_t *memory);

void sc_observed_say(struct sc_observed *observed, uint64_t offset, const uint8_t *bytes, size_t length);

/* Whether the byte at `offset` is in the copy. */
bool sc_observed_has(const struct sc_observed *observed, uint64_t offset);

/* How many of the bytes are those at `offset`; fewer where the copy ends. */
size_t sc_observed_match(const struct sc_observed *observed, uint64_t offset, const uint8_t *bytes,
                         size_t length);

/* It is in the copy. */
uint8_t sc_observed_byte(const struct sc_observed *observed, uint64_t offset);

/* The lowest offset in [from, to] at which all of them are, or UINT64_MAX: also where no more places may be looked at, and
 * `looks` is 0. */
uint64_t sc_observed_find(struct sc_observed *observed, struct sc_stretch range, const uint8_t *bytes,
                          size_t length);

/* So many bytes are received. */
void sc_observed_allow(struct sc_observed *observed, uint64_t bytes);

/* --- input --- */

/* NULL `bytes`: their number alone is known. */
void sc_observed_type(struct sc_observed *observed, uint64_t client, const uint8_t *bytes, uint64_t length);
size_t sc_observed_match_input(const struct sc_observed *observed, const uint8_t *bytes, size_t length);
void sc_observed_reject(struct sc_observed *observed, const uint8_t *bytes, size_t length, bool viewer);
bool sc_observed_is_rejected(const struct sc_observed *observed, const uint8_t *bytes, size_t length);

#endif
