#include "claim.h"
#include "world.h"

#include <string.h>

/* So many bytes in a row that are of one kind are no chance. */
#define RUN_BYTES 24

static uint32_t word_at(const uint8_t *bytes)
{
        uint32_t word;
        memcpy(&word, bytes, sizeof(word));
        return word;
}

/* Whether there are bytes whose halves of 8 differ by the constant, as reference.c makes them. */
static bool has_made_bytes(const uint8_t *bytes, size_t length, uint8_t turn)
{
        uint32_t difference = turn * UINT32_C(0x01010101);
        for (size_t i = 0; i + RUN_BYTES <= length; i++) {
                if (word_at(bytes + i) == 0 && word_at(bytes + i + 4) == 0) {
                        i += 4;
                        continue;
                }
                size_t run = 0;
                while (run < RUN_BYTES &&
                       (word_at(bytes + i + run) ^ word_at(bytes + i + run + 4)) == difference)
                        run += 8;
                if (run >= RUN_BYTES)
                        return true;
        }
        return false;
}

static bool has_output(const uint8_t *bytes, size_t length)
{
        return has_made_bytes(bytes, length, OUTPUT_TURN);
}

static bool has_input(const uint8_t *bytes, size_t length)
{
        return has_made_bytes(bytes, length, INPUT_TURN);
}

static void peers_are_clear(const struct world *world)
{
        const struct sc_host *host = &world->host;
        for (uint32_t i = 0; i < host->live_count; i++) {
                const struct sc_slot *slot = &host->slots[host->live[i]];
                const struct sc_peer *peer = &slot->peer;
                claim("BF-15", slot->id, !has_output(peer->out, SC_PEER_OUT_BYTES),
                      "a clear leaves output in a client's buffer");
                if (peer->deaf) /* what it sent behind the clear has been taken as well */
                        continue;
                claim("BF-15", slot->id,
                      !has_input(peer->receive, peer->receive_start) &&
                              !has_input(peer->receive + peer->receive_end,
                                         SC_PEER_RECEIVE_BYTES - peer->receive_end),
                      "a clear leaves input in a client's buffer");
        }
}

void memory_is_clear(const struct world *world)
{
        const struct sc_host *host = &world->host;
        const struct sc_ring *ring = &host->history.ring;
        if (world->config.plain)
                return;
        claim("BF-15", 0, !has_output(ring->memory, ring->capacity_bytes),
              "a clear leaves output in the ring");
        claim("BF-15", 0, !has_output(host->history.first, host->history.keep_first_bytes),
              "a clear leaves the kept beginning");
        claim("BF-15", 0, !has_output((const uint8_t *)host, sizeof(*host)),
              "a clear leaves output in the host");
        claim("BF-15", 0, !has_input(host->discard, SC_CLIENT_READ_BYTES_MAX),
              "a clear leaves input that was dropped");
        const struct sc_input *input = &host->input;
        if (sc_input_waiting_bytes(input) == 0)
                claim("BF-15", 0, !has_input(input->ring.memory, SC_INPUT_BYTES),
                      "a clear leaves input that was taken");
        peers_are_clear(world);
}
