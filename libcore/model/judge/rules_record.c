#include "model/judge/rules.h"

/* What holds for the records of every kind of trace: where they may stand, and whom they may name. */

#define NONE SC_RECORD_UNKNOWN

static bool is_of_another_kind(const struct sc_scene *scene, enum sc_record_type type)
{
        bool of_a_host = type >= SC_RECORD_ACCEPTED && type < SC_RECORD_RECEIVED;
        bool of_the_others = type >= SC_RECORD_RECEIVED;
        return scene->config.kind == SC_TRACE_HOST ? of_the_others : of_a_host;
}

bool sc_rules_belongs(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_scene *scene = &judge->scene;
        if (is_of_another_kind(scene, record->type)) {
                sc_rules_blame(judge, 13, NULL, NONE, NONE, NONE,
                               "a record stands in another kind of trace alone");
                return false;
        }
        uint64_t length = record->length;
        if (record->type == SC_RECORD_INPUT)
                length = record->input.length;
        else if (record->type == SC_RECORD_GUEST_INPUT)
                length = record->guest_input.length;
        if (scene->config.input && length != record->length)
                sc_rules_blame(judge, 13, NULL, NONE, length, record->length,
                               "there are not as many bytes of input as it says");
        return true;
}

/* Who is not there does and gets nothing. */
static bool needs_seat(const struct sc_record *record)
{
        return record->type != SC_RECORD_CONNECT &&
               sc_record_layout(record->type)->naming != SC_RECORD_NAMES_NOBODY &&
               (sc_record_client_of(record) != 0 ||
                sc_record_layout(record->type)->naming == SC_RECORD_NAMES_CLIENT);
}

static void blame_number(struct sc_judge *judge, uint64_t client, uint64_t expected, const char *what)
{
        sc_rules_report(judge, (struct sc_violation) {
                                       .rule = 11,
                                       .offset = NONE,
                                       .client = client,
                                       .expected = expected,
                                       .found = expected == NONE ? NONE : client,
                                       .what = what,
                               });
}

void sc_rules_numbers(struct sc_judge *judge, const struct sc_record *record)
{
        struct sc_scene *scene = &judge->scene;
        uint64_t client = sc_record_client_of(record);
        if (record->type == SC_RECORD_CONNECT) {
                if (client == 0)
                        blame_number(judge, client, scene->client_last + 1, "a client's number is 0");
                else if (client <= scene->client_last)
                        blame_number(judge, client, scene->client_last + 1,
                                     "a client's number is not above all that were given");
        } else if (needs_seat(record) && !sc_scene_seat(scene, record) &&
                   sc_scene_knows(scene, SC_KNOWN_CLIENTS) &&
                   judge->summary.unjudged[SC_UNJUDGED_CLIENTS] == 0) {
                blame_number(judge, client, NONE, "a record is of a client that is not there");
        }
}
