#include "model/judge/rules.h"
#include "model/judge/succession.h"

/* BF-10 and 11: what reaches the guest, in which order, and from whom. */

#define NONE SC_RECORD_UNKNOWN

/* --- BF-10 --- */

/* Why input of this client is not for the guest that is there; NULL: it is. */
static const char *stale_because(const struct sc_scene *scene, const struct sc_seat *seat,
                                 const struct sc_record_input *input)
{
        if (scene->guest_gone)
                return "input is taken while there is no guest";
        if (!seat || sc_seat_is_viewer(seat))
                return NULL;
        if (seat->native && scene->guests > 1 && input->guest < scene->guest_came)
                return "input that was sent for an earlier guest is taken";
        if (seat->native || seat->vague)
                return NULL;
        if (seat->stale_bytes > 0)
                return "input is taken that lay in a socket when it was not to be";
        if (seat->stale_seen != scene->guest_changes)
                return "input is taken before what lay in the socket for an earlier guest is dropped";
        return NULL;
}

static void judge_input(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        const char *stale =
                sc_scene_knows(scene, SC_KNOWN_GUEST) ? stale_because(scene, seat, &record->input) : NULL;
        if (stale)
                sc_rules_blame(judge, 10, seat, scene->waiting.taken, NONE, NONE, stale);
        else if (scene->guest_deaf && sc_scene_knows(scene, SC_KNOWN_GUEST))
                sc_rules_blame(judge, 10, seat, scene->waiting.taken, NONE, NONE,
                               "input is taken, and other was dropped for want of a guest");
        else if (seat && (seat->closing || (seat->input_ended && seat->listener == SC_TRACE_RAW)))
                sc_rules_blame(judge, 10, seat, scene->waiting.taken, NONE, NONE,
                               "input is taken of a client from which nothing more comes");
}

static void judge_guest_input(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_waiting *waiting = &judge->scene->waiting;
        uint64_t length = record->guest_input.length;
        uint64_t end = sc_add_sat_u64(waiting->given, length);
        size_t same = 0;

        if (sc_scene_knows(judge->scene, SC_KNOWN_GUEST) && !judge->scene->guest_up)
                sc_rules_blame(judge, 10, NULL, waiting->given, NONE, NONE,
                               "input is given while there is no guest");
        if (!sc_scene_knows(judge->scene, SC_KNOWN_INPUT) || !waiting->bytes_known)
                sc_rules_unjudged(judge, SC_UNJUDGED_INPUT_BYTES, length);
        if (!sc_scene_knows(judge->scene, SC_KNOWN_INPUT))
                return;
        if (length > sc_waiting_bytes(waiting))
                sc_rules_blame(judge, 10, NULL, waiting->taken, sc_waiting_bytes(waiting), length,
                               "the guest gets input that nobody sent");
        else if (sc_waiting_next_break(waiting) < end)
                sc_rules_blame(judge, 10, NULL, sc_waiting_next_break(waiting),
                               sc_waiting_next_break(waiting), end, "a BREAK loses its place");
        else if (waiting->bytes_known && record->length == length &&
                 (same = sc_waiting_match(waiting, record->bytes, record->length)) < length)
                sc_rules_blame_byte(judge, 10, NULL, waiting->given + same,
                                    waiting->bytes[(waiting->given + same) % SC_INPUT_BYTES],
                                    record->bytes[same], "the guest gets other input than was sent");
}

static void judge_dropped(struct sc_judge *judge, const struct sc_seat *seat,
                          const struct sc_record_dropped *dropped)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t waits = sc_waiting_bytes(&scene->waiting);
        uint64_t place = scene->waiting.given;
        if (dropped->queued && sc_scene_knows(scene, SC_KNOWN_INPUT) && dropped->length > waits)
                sc_rules_blame(judge, 10, seat, place, waits, dropped->length,
                               "more input is dropped than waits");
        else if (dropped->queued && dropped->reason != SC_REFUSED_NO_GUEST)
                sc_rules_blame(judge, 10, seat, place, SC_REFUSED_NO_GUEST, dropped->reason,
                               "input that was taken is dropped, and not because its guest has gone");
        else if (!sc_scene_knows(scene, SC_KNOWN_GUEST) || scene->guests_murky)
                return;
        else if (dropped->reason == SC_REFUSED_NO_GUEST && scene->guests == 0)
                sc_rules_blame(judge, 10, seat, place, NONE, NONE,
                               "input is dropped that is to wait for the first guest");
        else if (dropped->reason == SC_REFUSED_OLD_GUEST && scene->guests <= 1)
                sc_rules_blame(judge, 10, seat, place, NONE, NONE,
                               "input is dropped for an earlier guest, and there was none");
}

static void judge_break(struct sc_judge *judge)
{
        const struct sc_waiting *waiting = &judge->scene->waiting;
        uint64_t due = sc_waiting_next_break(waiting);
        if (sc_scene_knows(judge->scene, SC_KNOWN_INPUT) && !sc_waiting_has_unknown_break(waiting) &&
            due != waiting->given)
                sc_rules_blame(judge, 10, NULL, waiting->given, due, waiting->given,
                               due == NONE ? "the guest gets a BREAK that nobody sent"
                                           : "a BREAK loses its place");
}

static void judge_break_request(struct sc_judge *judge, const struct sc_seat *seat,
                                const struct sc_record_request *request)
{
        const struct sc_scene *scene = judge->scene;
        if (request->frame != SC_FRAME_BREAK || request->result != SC_RESULT_OK ||
            !sc_scene_knows(scene, SC_KNOWN_GUEST))
                return;
        if (!scene->guest_up || (scene->guests > 1 && request->value < scene->guest_came))
                sc_rules_blame(judge, 10, seat, scene->waiting.taken, NONE, NONE,
                               "a BREAK is taken that is for no guest, or for an earlier one");
}

/* A client ends by itself only when nothing can go either way. */
static void judge_end(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record_end *end)
{
        const struct sc_scene *scene = judge->scene;
        if (!sc_rules_knows(seat) || end->why != 0 || seat->closing || !sc_seat_is_attached(seat) ||
            sc_seat_is_over(seat) || !seat->input_ended || scene->guest_left_wake == scene->wake)
                return;
        sc_rules_blame(judge, 10, seat, seat->position, NONE, NONE,
                       "a client is ended that closed its sending half alone");
}

/* All that waits is dropped when the guest goes. */
void sc_rules_input_ended(struct sc_judge *judge)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t stale = sc_scene_stale_input_bytes(scene);
        if (stale > 0)
                sc_rules_blame(judge, 10, NULL, scene->waiting.given, 0, stale,
                               "input that waited for a guest that has gone is not dropped");
}

void sc_rules_input(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        switch ((unsigned)record->type) {
        case SC_RECORD_INPUT:
                judge_input(judge, seat, record);
                return;
        case SC_RECORD_GUEST_INPUT:
                judge_guest_input(judge, record);
                return;
        case SC_RECORD_DROPPED:
                judge_dropped(judge, seat, &record->dropped);
                return;
        case SC_RECORD_BREAK:
                judge_break(judge);
                return;
        case SC_RECORD_REQUEST:
                judge_break_request(judge, seat, &record->request);
                return;
        case SC_RECORD_END:
                judge_end(judge, seat, &record->end);
                return;
        case SC_RECORD_BOUNDARY:
                if (record->boundary.kind == SC_BOUNDARY_UP)
                        sc_rules_input_ended(judge);
                return;
        }
}

/* --- BF-11 --- */

static void judge_typist(struct sc_judge *judge, const struct sc_seat *seat)
{
        const struct sc_scene *scene = judge->scene;
        if (!sc_rules_knows(seat))
                return;
        if (sc_seat_is_viewer(seat))
                sc_rules_blame(judge, 11, seat, scene->waiting.taken, NONE, NONE,
                               "a viewer's input is taken");
        else if (!sc_scene_may_type(scene, seat) && sc_scene_knows(scene, SC_KNOWN_WRITERS))
                sc_rules_blame(judge, 11, seat, scene->waiting.taken, scene->writer, seat->client,
                               "input of another client than the writer is taken");
}

/* It can have typed these before it might. */
static bool may_be_stale(const struct sc_seat *seat, uint64_t length)
{
        return seat->native ? seat->was_stale : length <= seat->stale_bytes;
}

static void judge_reason(struct sc_judge *judge, const struct sc_seat *seat,
                         const struct sc_record_dropped *dropped)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t place = scene->waiting.taken;
        if (dropped->reason == SC_REFUSED_NOT_WRITER && scene->config.writers == SC_WRITERS_ALL)
                sc_rules_blame(judge, 11, seat, place, NONE, NONE,
                               "input is dropped because another may type, though everybody may");
        else if (dropped->reason == SC_REFUSED_NOT_WRITER && sc_rules_knows(seat) &&
                 sc_scene_knows(scene, SC_KNOWN_WRITERS) && sc_scene_may_type(scene, seat) &&
                 !may_be_stale(seat, dropped->length))
                sc_rules_blame(judge, 11, seat, place, NONE, NONE,
                               "input of the writer is dropped as that of another");
        else if (dropped->reason == SC_REFUSED_VIEWER && sc_rules_knows(seat) && !sc_seat_is_viewer(seat))
                sc_rules_blame(judge, 11, seat, place, NONE, NONE,
                               "input is dropped as a viewer's of a client that is none");
}

static bool may_request(const struct sc_scene *scene, const struct sc_seat *seat, uint64_t frame)
{
        bool is_operator = seat->role == SC_ROLE_CONTROL;
        if (!seat->native || sc_seat_is_on_view(seat) || seat->role == SC_ROLE_VIEWER)
                return false;
        if (frame == SC_FRAME_TAKE)
                return !is_operator;
        if (frame == SC_FRAME_BREAK)
                return is_operator || sc_scene_may_type(scene, seat);
        return true;
}

static void judge_kick(struct sc_judge *judge, const struct sc_seat *seat,
                       const struct sc_record_request *request)
{
        const struct sc_scene *scene = judge->scene;
        if (!sc_scene_knows(scene, SC_KNOWN_CLIENTS) || scene->seats.count == SC_SEATS_MAX)
                return;
        const struct sc_seat *meant = request->value ? sc_seats_find(&scene->seats, request->value) : NULL;
        bool there = meant && sc_seat_is_attached(meant);
        bool ended = meant && meant->closing && meant->why == SC_ERROR_KICKED;
        if (request->result == SC_RESULT_OK && !there && !ended)
                sc_rules_blame(judge, 11, seat, NONE, SC_RESULT_NO_CLIENT, request->result,
                               "a client is told that it ended another that is not there");
        else if (request->result == SC_RESULT_NO_CLIENT && there &&
                 !sc_seat_is_over(meant)) /* else its end follows */
                sc_rules_blame(judge, 11, seat, NONE, SC_RESULT_OK, request->result,
                               "a client is told that another is not there, which is");
}

static void judge_request(struct sc_judge *judge, const struct sc_seat *seat,
                          const struct sc_record_request *request)
{
        const struct sc_scene *scene = judge->scene;
        bool known = sc_rules_knows(seat);
        bool may = known && may_request(scene, seat, request->frame);
        if (request->frame == SC_FRAME_KICK)
                judge_kick(judge, seat, request);
        if (request->result == SC_RESULT_NOT_ALLOWED && may && sc_scene_knows(scene, SC_KNOWN_WRITERS))
                sc_rules_blame(judge, 11, seat, NONE, SC_RESULT_OK, request->result,
                               "a client is told that it may not do what it may");
        if (request->result != SC_RESULT_OK)
                return;
        if (known && !may)
                sc_rules_blame(judge, 11, seat, NONE, SC_RESULT_NOT_ALLOWED, request->result,
                               "a client did what it may not");
        else if (request->frame == SC_FRAME_TAKE && scene->config.writers == SC_WRITERS_ONE &&
                 sc_scene_knows(scene, SC_KNOWN_WRITERS) && scene->writer != request->client)
                sc_rules_blame(judge, 11, seat, NONE, request->client, scene->writer,
                               "a client is told that it is the writer");
}

static void judge_writers(struct sc_judge *judge, const struct sc_record_writers *writers)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_seat *nobody = NULL;
        if (scene->config.writers == SC_WRITERS_ALL && writers->writer != 0)
                sc_rules_blame(judge, 11, nobody, NONE, 0, writers->writer,
                               "one client is the writer, though everybody may type");
        if (!sc_scene_knows(scene, SC_KNOWN_CLIENTS))
                return;
        if (scene->config.writers == SC_WRITERS_ONE && !sc_succession_goes_to(scene, writers->writer) &&
            !sc_succession_may(scene, writers->writer, true)) /* by a take, which is due then */
                sc_rules_blame(judge, 11, nobody, NONE, sc_succession_oldest(scene, false), writers->writer,
                               "the writer is not the oldest that may be");
        /* Who typed last answers, and who finds no room has typed as well: any that may will do. */
        if (writers->answerer != 0 ? !sc_succession_may(scene, writers->answerer, true)
                                   : sc_succession_oldest(scene, true) != 0)
                sc_rules_blame(judge, 11, nobody, NONE, sc_succession_oldest(scene, true), writers->answerer,
                               "who answers the guest's queries is no client that may");
}

/* What may be against a client, so far as it is seen. */
static bool may_be_closed(const struct sc_seat *seat, uint64_t why)
{
        if (why == SC_ERROR_KICKED || why == SC_ERROR_ENDING)
                return true;
        if (!seat->native)
                return false;
        return why == SC_ERROR_UNKNOWN_TYPE || why == SC_ERROR_MALFORMED || !seat->started;
}

static void judge_closing(struct sc_judge *judge, const struct sc_seat *seat, uint64_t why)
{
        if (sc_rules_knows(seat) && !may_be_closed(seat, why))
                sc_rules_blame(judge, 11, seat, NONE, NONE, why,
                               "a client is ended for what it cannot have done");
}

static void judge_ending(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record_end *end)
{
        const struct sc_scene *scene = judge->scene;
        if (!sc_rules_knows(seat))
                return;
        if (seat->why == SC_ERROR_KICKED && !seat->kick_asked)
                sc_rules_blame(judge, 11, seat, NONE, NONE, NONE,
                               "a client is kicked, and nobody asked for it");
        if (end->why != seat->why)
                sc_rules_blame(judge, 11, seat, NONE, seat->why, end->why,
                               "a client is ended for another reason than was decided");
        else if (!seat->closing && sc_seat_is_attached(seat) && !seat->input_ended &&
                 scene->guest_left_wake != scene->wake)
                sc_rules_blame(judge, 11, seat, NONE, NONE, NONE,
                               "a client is ended that did not go, and nothing was against it");
}

void sc_rules_several_clients(struct sc_judge *judge, const struct sc_seat *seat,
                              const struct sc_record *record)
{
        if (record->type == SC_RECORD_INPUT)
                judge_typist(judge, seat);
        else if (record->type == SC_RECORD_DROPPED && !record->dropped.queued)
                judge_reason(judge, seat, &record->dropped);
        else if (record->type == SC_RECORD_REQUEST)
                judge_request(judge, seat, &record->request);
        else if (record->type == SC_RECORD_CLOSING)
                judge_closing(judge, seat, record->closing.why);
        else if (record->type == SC_RECORD_CONNECT && judge->scene->ending)
                sc_rules_blame(judge, 11, NULL, NONE, NONE, NONE, "a client comes to a host that ends");
        else if (record->type == SC_RECORD_WRITERS)
                judge_writers(judge, &record->writers);
        else if (record->type == SC_RECORD_END)
                judge_ending(judge, seat, &record->end);
}

void sc_rules_several_clients_ended(struct sc_judge *judge)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_seat *nobody = NULL;
        if (scene->take_due.client != 0)
                sc_rules_blame(judge, 11, nobody, NONE, sc_succession_oldest(scene, false),
                               scene->take_due.client,
                               "the writer is not the oldest that may be, and did not ask to be");
        if (scene->writers_due.client != 0 && sc_succession_oldest(scene, false) != 0)
                sc_rules_blame(judge, 11, nobody, NONE, sc_succession_oldest(scene, false), scene->writer,
                               scene->writer != 0 ? "the writer has gone, and nobody follows"
                                                  : "nobody is the writer, though a client may be");
        const struct sc_seat *seat = sc_seats_first(&scene->seats, SC_SEATS_OWED);
        for (; seat; seat = sc_seats_following(&scene->seats, seat, SC_SEATS_OWED))
                if (seat->kick_owed)
                        sc_rules_blame(judge, 11, seat, NONE, NONE, NONE, "a client that was kicked stays");
}
