#include "model/client/said.h"

/* How far the rest of a cut line may reach into what is shown. */
#define LINE_BYTES_MAX 1024

static void break_off(struct sc_attachment *attachment)
{
        sc_attachment_enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_CLOSE });
        sc_attachment_end(attachment, SC_ATTACHMENT_BROKEN, NULL);
}

static void take_survey(struct sc_attachment *attachment, struct sc_span payload)
{
        struct sc_decoder decoder = { .bytes = payload.bytes, .length = payload.length };
        struct sc_status status;
        if (!sc_status_get(&decoder, &status) || status.tail > status.head || status.consumed > status.head ||
            status.first_from > status.first_to) {
                break_off(attachment);
                return;
        }
        sc_attachment_enqueue(
                attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_SURVEY, .bytes = payload });
        const struct sc_attachment_config *config = &attachment->config;
        if (config->start != SC_START_AUTO) {
                sc_attachment_join(attachment, config->start, config->start_value, NULL, 0);
                return;
        }
        uint64_t unread = sc_sub_sat_u64(status.head, sc_max_u64(status.consumed, status.tail));
        uint64_t shown = sc_min_u64(sc_max_u64(unread, config->least_bytes), config->show_bytes);
        shown = sc_min_u64(shown, status.head - status.tail);
        uint64_t start = status.head - shown;
        uint64_t above = start - status.tail + status.first_to - status.first_from;
        attachment->skips_to_line = start != status.consumed && start != status.tail;
        if (above > 0)
                sc_attachment_tell(attachment, SC_NOTICE_ABOVE, above);
        sc_attachment_join(attachment, SC_START_OFFSET, start, status.instance, 0);
}

/* What the answer says to one that resumes. */
static void tell_answer(struct sc_attachment *attachment, uint8_t answer)
{
        static const enum sc_notice notices[] = {
                [SC_ANSWER_OK] = SC_NOTICE_RESUMED,
                [SC_ANSWER_OVERWRITTEN] = SC_NOTICE_RESUMED_GAP,
                [SC_ANSWER_BEYOND_HEAD] = SC_NOTICE_BEYOND,
                [SC_ANSWER_OTHER_INSTANCE] = SC_NOTICE_OTHER_INSTANCE,
        };
        bool attached = answer <= SC_ANSWER_OVERWRITTEN;
        bool unsure = answer == SC_ANSWER_OK && attachment->unsure;
        if (attachment->place.known && (attachment->was_attached || !attached))
                sc_attachment_tell(attachment, unsure ? SC_NOTICE_RESUMED_UNSURE : notices[answer], 0);
        attachment->unsure = false;
}

static void take_welcome(struct sc_attachment *attachment, const struct sc_welcome *welcome)
{
        if (attachment->state == SC_ATTACHMENT_SURVEYING) { /* the control's own; the status follows */
                attachment->welcomed = true;
                return;
        }
        tell_answer(attachment, welcome->answer);
        if (welcome->answer == SC_ANSWER_BEYOND_HEAD && !attachment->place.known) {
                sc_attachment_end(attachment, SC_ATTACHMENT_BEYOND, NULL);
                return;
        }
        if (welcome->answer > SC_ANSWER_OVERWRITTEN) { /* all that this one says is new */
                attachment->place.known = false;
                attachment->config.surveys = false;
                attachment->config.start = SC_START_BEGINNING;
                sc_attachment_join(attachment, SC_START_BEGINNING, 0, NULL, 0);
                return;
        }
        attachment->state = SC_ATTACHMENT_ATTACHED;
        attachment->was_attached = true;
        attachment->place.known = true;
        attachment->place.offset = welcome->start;
        memcpy(attachment->place.instance, welcome->instance, SC_INSTANCE_BYTES);
        attachment->guest = (enum sc_guest_state)welcome->guest_state;
        attachment->guest_ended = welcome->guest_note == SC_GUEST_NOTE_ENDED;
        attachment->guest_end = welcome->head;
        attachment->guest_number = welcome->guest_number;
        attachment->live_from = welcome->head;
        memset(attachment->refused, 0, sizeof(attachment->refused));
        if (welcome->role == SC_ROLE_VIEWER && attachment->config.role == SC_ROLE_CLIENT) {
                attachment->config.role = SC_ROLE_VIEWER;
                attachment->may_type = false;
                sc_attachment_tell(attachment, SC_NOTICE_READ_ONLY, 0);
        }
}

static void take_gap(struct sc_attachment *attachment, const struct sc_gap *gap)
{
        sc_attachment_tell(attachment, gap->kind == SC_GAP_CLEARED ? SC_NOTICE_CLEARED : SC_NOTICE_GAP,
                           gap->to - gap->from);
        attachment->place.offset = gap->to;
        attachment->skips_to_line = false;
        sc_session_acknowledge(&attachment->session, gap->to);
}

static void take_boundary(struct sc_attachment *attachment, struct sc_boundary *boundary)
{
        if (boundary->kind == SC_BOUNDARY_MARK) {
                if (boundary->offset >= attachment->live_from)
                        sc_attachment_enqueue(attachment, (struct sc_attachment_event) {
                                                                  .kind = SC_ATTACHMENT_TELL,
                                                                  .notice = SC_NOTICE_MARK,
                                                                  .bytes = { (uint8_t *)boundary->text,
                                                                             boundary->text_length } });
                return;
        }
        if (boundary->number <= attachment->guest_number)
                return;
        attachment->guest_end = boundary->offset;
        switch (boundary->kind) {
        case SC_BOUNDARY_UP:
        case SC_BOUNDARY_RESET:
                attachment->guest = SC_GUEST_UP;
                sc_attachment_tell(
                        attachment,
                        boundary->kind == SC_BOUNDARY_UP ? SC_NOTICE_GUEST_UP : SC_NOTICE_GUEST_RESET, 0);
                return;
        default:
                attachment->guest = SC_GUEST_DOWN;
                attachment->guest_ended = boundary->kind == SC_BOUNDARY_ENDED;
                sc_attachment_tell(attachment,
                                   attachment->guest_ended ? SC_NOTICE_GUEST_ENDED : SC_NOTICE_GUEST_DOWN, 0);
        }
}

static void take_role(struct sc_attachment *attachment, const struct sc_role_change *role)
{
        if (attachment->config.role != SC_ROLE_CLIENT || role->may_type == attachment->may_type)
                return;
        attachment->may_type = role->may_type;
        if (!role->may_type)
                sc_attachment_tell(attachment, SC_NOTICE_WRITER_OTHER, role->writer);
        else if (!attachment->takes_role) /* else the answer says so */
                sc_attachment_tell(attachment, SC_NOTICE_WRITER_SELF, 0);
}

static void take_refused(struct sc_attachment *attachment, enum sc_refusal reason, uint64_t bytes)
{
        static const enum sc_notice notices[] = {
                [SC_REFUSED_NO_GUEST] = SC_NOTICE_DROPPED_GUEST,
                [SC_REFUSED_OLD_GUEST] = SC_NOTICE_DROPPED_GUEST,
                [SC_REFUSED_NOT_WRITER] = SC_NOTICE_DROPPED_WRITER,
                [SC_REFUSED_VIEWER] = SC_NOTICE_DROPPED_VIEWER,
        };
        sc_attachment_tell(attachment, notices[reason], sc_sub_sat_u64(bytes, attachment->refused[reason]));
        attachment->refused[reason] = bytes;
}

static void take_done(struct sc_attachment *attachment, enum sc_frame_type request, enum sc_result result)
{
        bool ok = result == SC_RESULT_OK;
        if (request == SC_FRAME_BREAK)
                sc_attachment_tell(attachment, ok ? SC_NOTICE_BREAK_SENT : SC_NOTICE_BREAK_FAILED, result);
        if (request != SC_FRAME_TAKE)
                return;
        attachment->takes_role = false;
        sc_attachment_tell(attachment, ok ? SC_NOTICE_TAKEN : SC_NOTICE_TAKE_FAILED, result);
}

static void take_error(struct sc_attachment *attachment, const struct sc_session_event *said, uint64_t now_ns)
{
        sc_attachment_enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_CLOSE });
        switch (said->count) {
        case SC_ERROR_ENDING: /* perhaps for another one to take its place */
        case SC_ERROR_SILENT: /* we were stopped */
                sc_attachment_lost(attachment, SC_RAW_PEER_GONE, now_ns);
                return;
        default:
                sc_attachment_end(attachment, SC_ATTACHMENT_REFUSED, &said->bytes);
        }
}

static void take_data(struct sc_attachment *attachment, const struct sc_session_event *said)
{
        struct sc_span bytes = said->bytes;
        if (attachment->skips_to_line) {
                attachment->skips_to_line = false;
                size_t searched = (size_t)sc_min_u64(bytes.length, LINE_BYTES_MAX);
                const uint8_t *end = memchr(bytes.bytes, '\n', searched);
                size_t skipped = end ? (size_t)(end + 1 - bytes.bytes) : 0;
                bytes.bytes += skipped;
                bytes.length -= skipped;
                attachment->place.offset += skipped;
        }
        attachment->output = bytes;
        attachment->output_told = false;
}

static void take_status(struct sc_attachment *attachment, struct sc_span payload)
{
        if (attachment->state == SC_ATTACHMENT_SURVEYING) {
                take_survey(attachment, payload);
                return;
        }
        attachment->status_asked = false;
        sc_attachment_enqueue(
                attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_ANSWER, .bytes = payload });
}

/* A hello that named no offset gets one answer; one that did starts there, or is told why not. */
static bool answers_hello(const struct sc_attachment *attachment, const struct sc_welcome *welcome)
{
        if (!attachment->named_offset)
                return welcome->answer == SC_ANSWER_OK;
        return welcome->answer > SC_ANSWER_OVERWRITTEN || welcome->start == attachment->offset_named;
}

/* Whether a host may say this now. A hello is answered once, and by what it asked for; output comes without a hole; an
 * answer follows its question. */
static bool is_legal(const struct sc_attachment *attachment, const struct sc_session_event *said)
{
        bool surveying = attachment->state == SC_ATTACHMENT_SURVEYING;
        bool joining = attachment->state == SC_ATTACHMENT_JOINING;
        bool attached = attachment->state == SC_ATTACHMENT_ATTACHED;
        switch (said->kind) {
        case SC_SESSION_NOTHING:
        case SC_SESSION_ERROR:
        case SC_SESSION_BROKEN:
                return true;
        case SC_SESSION_WELCOME:
                return (surveying && !attachment->welcomed) ||
                       (joining && answers_hello(attachment, &said->welcome));
        case SC_SESSION_STATUS:
                return surveying ? attachment->welcomed : attached && attachment->status_asked;
        case SC_SESSION_DATA:
                return attached && said->offset == attachment->place.offset &&
                       said->bytes.length <= UINT64_MAX - said->offset;
        case SC_SESSION_GAP:
                return attached && said->gap.from == attachment->place.offset;
        case SC_SESSION_PONG:
                return attached && attachment->ping_is_out;
        case SC_SESSION_BOUNDARY:
        case SC_SESSION_ROLE:
        case SC_SESSION_REFUSED:
        case SC_SESSION_DONE:
                break;
        }
        return attached;
}

void sc_said_take(struct sc_attachment *attachment, struct sc_session_event *said, uint64_t now_ns)
{
        if (!is_legal(attachment, said)) {
                break_off(attachment);
                return;
        }
        switch (said->kind) {
        case SC_SESSION_NOTHING:
                return;
        case SC_SESSION_WELCOME:
                take_welcome(attachment, &said->welcome);
                return;
        case SC_SESSION_DATA:
                take_data(attachment, said);
                return;
        case SC_SESSION_GAP:
                take_gap(attachment, &said->gap);
                return;
        case SC_SESSION_BOUNDARY:
                take_boundary(attachment, &said->boundary);
                return;
        case SC_SESSION_ROLE:
                take_role(attachment, &said->role);
                return;
        case SC_SESSION_REFUSED:
                take_refused(attachment, said->reason, said->count);
                return;
        case SC_SESSION_DONE:
                take_done(attachment, said->request, said->answer);
                return;
        case SC_SESSION_PONG:
                sc_attachment_ponged(attachment);
                return;
        case SC_SESSION_STATUS:
                take_status(attachment, said->bytes);
                return;
        case SC_SESSION_ERROR:
                take_error(attachment, said, now_ns);
                return;
        case SC_SESSION_BROKEN:
                break_off(attachment);
                return;
        }
}
