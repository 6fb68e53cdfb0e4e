#include "model/judge/rules.h"

/* What holds for the records of every kind of trace: where they may stand, whom they may name, and what of a gap and of a
 * boundary an observer sees as well. */

#define NONE SC_RECORD_UNKNOWN

static bool is_of_another_kind(const struct sc_scene *scene, enum sc_record_type type)
{
        bool of_a_host = type >= SC_RECORD_ACCEPTED && type < SC_RECORD_RECEIVED;
        bool of_the_others = type >= SC_RECORD_RECEIVED;
        return scene->config.kind == SC_TRACE_HOST ? of_the_others : of_a_host;
}

bool sc_rules_belongs(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
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

static void judge_number(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t client = sc_record_client_of(record);
        if (record->type == SC_RECORD_CONNECT) {
                if (client == 0)
                        blame_number(judge, client, scene->client_last + 1, "a client's number is 0");
                else if (client <= scene->client_last)
                        blame_number(judge, client, scene->client_last + 1,
                                     "a client's number is not above all that were given");
        } else if (needs_seat(record) && !seat && sc_scene_knows(scene, SC_KNOWN_CLIENTS) &&
                   judge->summary.unjudged[SC_UNJUDGED_CLIENTS] == 0) {
                blame_number(judge, client, NONE, "a record is of a client that is not there");
        }
}

void sc_rules_record(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        judge_number(judge, seat, record);
        if (scene->stopped)
                sc_rules_blame(judge, 13, NULL, NONE, NONE, NONE, "a record follows the stop");
        if (record->type == SC_RECORD_CONFIG && scene->records > 1)
                sc_rules_blame(judge, 13, NULL, NONE, NONE, NONE, "a second config");
        if (record->time_ns < scene->time_ns)
                sc_rules_blame(judge, 14, NULL, NONE, scene->time_ns, record->time_ns, "time falls");
}

bool sc_rules_gap(struct sc_judge *judge, const struct sc_seat *seat, bool followed,
                  const struct sc_record_gap *gap)
{
        if (gap->to <= gap->from)
                sc_rules_blame(judge, 6, seat, gap->from, NONE, NONE, "a gap is empty");
        else if (followed && gap->from != seat->position)
                sc_rules_blame(judge, 6, seat, gap->from, seat->position, gap->from,
                               "a gap is not where the client is");
        else
                return true;
        return false;
}

/* An observer need not count them, and may not have seen each. */
static bool is_next(const struct sc_scene *scene, uint64_t number)
{
        if (scene->config.kind == SC_TRACE_HOST)
                return number == scene->boundary_newest + 1;
        return number == 0 || number > scene->boundary_newest;
}

bool sc_rules_boundary(struct sc_judge *judge, const struct sc_record_boundary *boundary)
{
        const struct sc_scene *scene = judge->scene;
        if (sc_scene_knows(scene, SC_KNOWN_BOUNDARIES) && !is_next(scene, boundary->number))
                sc_rules_blame(judge, 12, NULL, boundary->offset, scene->boundary_newest + 1,
                               boundary->number, "boundaries are not counted by one");
        else if (sc_scene_knows(scene, SC_KNOWN_HEAD) && boundary->offset != scene->extent.head)
                sc_rules_blame(judge, 12, NULL, boundary->offset, scene->extent.head, boundary->offset,
                               "a boundary is not at head");
        else
                return true;
        return false;
}
