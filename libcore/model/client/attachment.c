#include "model/client/attachment.h"

/* A ping each PING_NS; two without any sign of life, and the user is told. */
#define PING_NS (15 * SC_NS_PER_S)
#define SILENCE_NS (2 * PING_NS)
/* A connection that lasted so long was one: the next attempt is made at once. */
#define LASTED_NS SC_NS_PER_S
/* A raw peer that closed and has no other client (a reboot, perhaps) is asked once more after this. */
#define RAW_RETRY_NS SC_NS_PER_S
#define RAW_SILENCE_NS (2 * SC_NS_PER_S)
/* How far the rest of a cut line may reach into what is shown. */
#define LINE_BYTES_MAX 1024

/* --- what is to be told --- */

static void enqueue(struct sc_attachment *attachment, struct sc_attachment_event event)
{
        SC_ASSERT(attachment->queue_count < SC_ATTACHMENT_NOTICES_MAX);

        size_t at = (attachment->queue_start + attachment->queue_count++) % SC_ATTACHMENT_NOTICES_MAX;
        attachment->queue[at] = event;
}

static void tell(struct sc_attachment *attachment, enum sc_notice notice, uint64_t value)
{
        enqueue(attachment, (struct sc_attachment_event) {
                                    .kind = SC_ATTACHMENT_TELL, .notice = notice, .value = value });
}

static void end_with(struct sc_attachment *attachment, enum sc_attachment_end why, struct sc_span text)
{
        attachment->state = SC_ATTACHMENT_OVER;
        enqueue(attachment,
                (struct sc_attachment_event) { .kind = SC_ATTACHMENT_ENDED, .end = why, .bytes = text });
}

/* --- connections --- */

void sc_attachment_start(struct sc_attachment *attachment, const struct sc_attachment_config *config,
                         const struct sc_place *place, uint64_t now_ns)
{
        *attachment = (struct sc_attachment) {
                .config = *config,
                .state = SC_ATTACHMENT_WAITING,
                .retry_ns = now_ns,
                .backoff_ns = config->backoff_min_ns,
                .may_type = config->role == SC_ROLE_CLIENT,
                .raw_returns = true,
        };
        if (place)
                attachment->place = *place;
}

static void wait_for(struct sc_attachment *attachment, uint64_t wait_ns, uint64_t now_ns)
{
        attachment->state = SC_ATTACHMENT_WAITING;
        attachment->retry_ns = now_ns + wait_ns;
}

static void back_off(struct sc_attachment *attachment, uint64_t now_ns)
{
        wait_for(attachment, attachment->backoff_ns, now_ns);
        attachment->backoff_ns = sc_min_u64(2 * attachment->backoff_ns, attachment->config.backoff_max_ns);
}

/* Hello for the stream from `start` on. `instance`: whose offset `value` is, or NULL. */
static void join(struct sc_attachment *attachment, unsigned start, uint64_t value, const uint8_t *instance,
                 uint8_t flags)
{
        const struct sc_attachment_config *config = &attachment->config;
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = (uint8_t)config->role,
                .start = (uint8_t)start,
                .flags = flags,
                .value = value,
        };
        if (instance)
                memcpy(hello.instance, instance, SC_INSTANCE_BYTES);
        while (config->label && hello.label_length < SC_LABEL_BYTES_MAX &&
               config->label[hello.label_length] != '\0') {
                hello.label[hello.label_length] = config->label[hello.label_length];
                hello.label_length++;
        }
        sc_session_hello(&attachment->session, &hello);
        attachment->state = SC_ATTACHMENT_JOINING;
}

static void survey(struct sc_attachment *attachment)
{
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = SC_ROLE_CONTROL,
                .start = SC_START_END,
        };
        sc_session_hello(&attachment->session, &hello);
        sc_session_ask(&attachment->session, SC_FRAME_STATUS_REQUEST, 0);
        attachment->state = SC_ATTACHMENT_SURVEYING;
}

static void connect_raw(struct sc_attachment *attachment)
{
        attachment->state = SC_ATTACHMENT_RAW;
        attachment->guest = SC_GUEST_UP;
        attachment->raw_spoke = false;
        attachment->told_silent = false;
        tell(attachment, attachment->was_attached ? SC_NOTICE_RAW_AGAIN : SC_NOTICE_RAW, 0);
        attachment->was_attached = true;
}

void sc_attachment_connected(struct sc_attachment *attachment, bool native, uint64_t now_ns)
{
        SC_ASSERT(attachment->state == SC_ATTACHMENT_CONNECTING);

        attachment->attached_ns = attachment->heard_ns = attachment->pinged_ns = now_ns;
        attachment->native = native;
        sc_session_start(&attachment->session);
        const struct sc_place *place = &attachment->place;
        if (!native)
                connect_raw(attachment);
        else if (place->known)
                join(attachment, SC_START_OFFSET, place->offset, place->instance, SC_HELLO_CONTINUES);
        else if (attachment->config.surveys)
                survey(attachment);
        else
                join(attachment, attachment->config.start, attachment->config.start_value, NULL, 0);
}

void sc_attachment_failed(struct sc_attachment *attachment, uint64_t now_ns)
{
        enum sc_attachment_state state = attachment->state;
        SC_ASSERT(state == SC_ATTACHMENT_CONNECTING || state == SC_ATTACHMENT_SURVEYING ||
                  state == SC_ATTACHMENT_JOINING);

        bool first = !attachment->was_attached;
        if (first && !attachment->config.waits) {
                end_with(attachment, SC_ATTACHMENT_ABSENT, (struct sc_span) { 0 });
                return;
        }
        if (first && !attachment->told_awaited)
                tell(attachment, SC_NOTICE_AWAITED, 0);
        attachment->told_awaited = true;
        back_off(attachment, now_ns);
}

static void lose_raw(struct sc_attachment *attachment, bool lasted, enum sc_raw_peer peer, uint64_t now_ns)
{
        if (lasted && attachment->raw_spoke)
                attachment->raw_returns = true;
        switch (peer) {
        case SC_RAW_PEER_TAKEN:
                end_with(attachment, SC_ATTACHMENT_TAKEN, (struct sc_span) { 0 });
                return;
        case SC_RAW_PEER_HIDDEN:
                end_with(attachment, SC_ATTACHMENT_HIDDEN, (struct sc_span) { 0 });
                return;
        case SC_RAW_PEER_FREE:
                if (!attachment->raw_returns) {
                        end_with(attachment, SC_ATTACHMENT_TURNED_AWAY, (struct sc_span) { 0 });
                        return;
                }
                attachment->raw_returns = false;
                wait_for(attachment, RAW_RETRY_NS, now_ns);
                break;
        case SC_RAW_PEER_GONE:
                back_off(attachment, now_ns);
                break;
        }
}

void sc_attachment_lost(struct sc_attachment *attachment, enum sc_raw_peer peer, uint64_t now_ns)
{
        enum sc_attachment_state state = attachment->state;
        if (state == SC_ATTACHMENT_OVER)
                return;
        SC_ASSERT(state != SC_ATTACHMENT_WAITING);

        bool attached = state == SC_ATTACHMENT_ATTACHED || state == SC_ATTACHMENT_RAW;
        attachment->output.length = 0;
        if (!attachment->config.reconnects && (attachment->was_attached || !attachment->config.waits)) {
                end_with(attachment, SC_ATTACHMENT_HOST_GONE, (struct sc_span) { 0 });
                return;
        }
        bool lasted = attached && now_ns - attachment->attached_ns >= LASTED_NS;
        if (lasted)
                attachment->backoff_ns = attachment->config.backoff_min_ns;
        if (attachment->native)
                back_off(attachment, now_ns);
        else
                lose_raw(attachment, lasted, peer, now_ns);
        if (attached && attachment->state == SC_ATTACHMENT_WAITING)
                tell(attachment, SC_NOTICE_LOST, 0);
}

/* --- what the host says --- */

static void take_survey(struct sc_attachment *attachment, struct sc_span payload)
{
        struct sc_decoder decoder = { .bytes = payload.bytes, .length = payload.length };
        struct sc_status status;
        if (!sc_status_get(&decoder, &status)) {
                end_with(attachment, SC_ATTACHMENT_BROKEN, (struct sc_span) { 0 });
                return;
        }
        enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_SURVEY, .bytes = payload });
        const struct sc_attachment_config *config = &attachment->config;
        if (config->start != SC_START_AUTO) {
                join(attachment, config->start, config->start_value, NULL, 0);
                return;
        }
        uint64_t unread = status.head - sc_min_u64(status.head, sc_max_u64(status.consumed, status.tail));
        uint64_t shown = sc_min_u64(sc_max_u64(unread, config->least_bytes), config->show_bytes);
        shown = sc_min_u64(shown, status.head - status.tail);
        uint64_t start = status.head - shown;
        uint64_t above = start - status.tail + status.first_to - status.first_from;
        attachment->skips_to_line = start != status.consumed && start != status.tail;
        if (above > 0)
                tell(attachment, SC_NOTICE_ABOVE, above);
        join(attachment, SC_START_OFFSET, start, status.instance, 0);
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
        if (attachment->place.known && (attachment->was_attached || !attached))
                tell(attachment, notices[answer], 0);
}

static void take_welcome(struct sc_attachment *attachment, const struct sc_welcome *welcome)
{
        if (attachment->state == SC_ATTACHMENT_SURVEYING)
                return; /* the control's own; the status follows */
        tell_answer(attachment, welcome->answer);
        if (welcome->answer == SC_ANSWER_BEYOND_HEAD && !attachment->place.known) {
                end_with(attachment, SC_ATTACHMENT_BEYOND, (struct sc_span) { 0 });
                return;
        }
        if (welcome->answer > SC_ANSWER_OVERWRITTEN) { /* all that this one says is new */
                attachment->place.known = false;
                attachment->config.surveys = false;
                attachment->config.start = SC_START_BEGINNING;
                join(attachment, SC_START_BEGINNING, 0, NULL, 0);
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
        attachment->client = welcome->client;
        memset(attachment->refused, 0, sizeof(attachment->refused));
        if (welcome->role == SC_ROLE_VIEWER && attachment->config.role == SC_ROLE_CLIENT) {
                attachment->config.role = SC_ROLE_VIEWER;
                attachment->may_type = false;
                tell(attachment, SC_NOTICE_READ_ONLY, 0);
        }
}

static void take_gap(struct sc_attachment *attachment, const struct sc_gap *gap)
{
        tell(attachment, gap->kind == SC_GAP_CLEARED ? SC_NOTICE_CLEARED : SC_NOTICE_GAP,
             gap->to - gap->from);
        attachment->place.offset = gap->to;
        attachment->skips_to_line = false;
}

static void take_boundary(struct sc_attachment *attachment, struct sc_boundary *boundary)
{
        if (boundary->kind == SC_BOUNDARY_MARK) {
                if (boundary->offset >= attachment->live_from)
                        enqueue(attachment,
                                (struct sc_attachment_event) {
                                        .kind = SC_ATTACHMENT_TELL,
                                        .notice = SC_NOTICE_MARK,
                                        .bytes = { (uint8_t *)boundary->text, boundary->text_length } });
                return;
        }
        if (boundary->number <= attachment->guest_number)
                return;
        attachment->guest_end = boundary->offset;
        switch (boundary->kind) {
        case SC_BOUNDARY_UP:
        case SC_BOUNDARY_RESET:
                attachment->guest = SC_GUEST_UP;
                tell(attachment,
                     boundary->kind == SC_BOUNDARY_UP ? SC_NOTICE_GUEST_UP : SC_NOTICE_GUEST_RESET, 0);
                return;
        default:
                attachment->guest = SC_GUEST_DOWN;
                attachment->guest_ended = boundary->kind == SC_BOUNDARY_ENDED;
                tell(attachment, attachment->guest_ended ? SC_NOTICE_GUEST_ENDED : SC_NOTICE_GUEST_DOWN, 0);
        }
}

static void take_role(struct sc_attachment *attachment, const struct sc_role_change *role)
{
        if (attachment->config.role != SC_ROLE_CLIENT || role->may_type == attachment->may_type)
                return;
        attachment->may_type = role->may_type;
        tell(attachment, role->may_type ? SC_NOTICE_WRITER_SELF : SC_NOTICE_WRITER_OTHER, role->writer);
}

static void take_refused(struct sc_attachment *attachment, enum sc_refusal reason, uint64_t bytes)
{
        static const enum sc_notice notices[] = {
                [SC_REFUSED_NO_GUEST] = SC_NOTICE_DROPPED_GUEST,
                [SC_REFUSED_OLD_GUEST] = SC_NOTICE_DROPPED_GUEST,
                [SC_REFUSED_NOT_WRITER] = SC_NOTICE_DROPPED_WRITER,
                [SC_REFUSED_VIEWER] = SC_NOTICE_DROPPED_VIEWER,
        };
        tell(attachment, notices[reason], bytes - sc_min_u64(bytes, attachment->refused[reason]));
        attachment->refused[reason] = bytes;
}

static void take_done(struct sc_attachment *attachment, enum sc_frame_type request, enum sc_result result)
{
        bool ok = result == SC_RESULT_OK;
        if (request == SC_FRAME_BREAK)
                tell(attachment, ok ? SC_NOTICE_BREAK_SENT : SC_NOTICE_BREAK_FAILED, result);
        if (request == SC_FRAME_TAKE)
                tell(attachment, ok ? SC_NOTICE_TAKEN : SC_NOTICE_TAKE_FAILED, result);
}

static void take_error(struct sc_attachment *attachment, const struct sc_session_event *said, uint64_t now_ns)
{
        enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_CLOSE });
        switch (said->count) {
        case SC_ERROR_ENDING: /* perhaps for another one to take its place */
        case SC_ERROR_SILENT: /* we were stopped */
                sc_attachment_lost(attachment, SC_RAW_PEER_GONE, now_ns);
                return;
        default:
                end_with(attachment, SC_ATTACHMENT_REFUSED, said->bytes);
        }
}

static void take_data(struct sc_attachment *attachment, const struct sc_session_event *said)
{
        struct sc_span bytes = said->bytes;
        attachment->place.offset = said->offset;
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

static void take_said(struct sc_attachment *attachment, struct sc_session_event *said, uint64_t now_ns)
{
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
        case SC_SESSION_PONG: /* a sign of life, as all that comes */
                return;
        case SC_SESSION_STATUS:
                if (attachment->state == SC_ATTACHMENT_SURVEYING)
                        take_survey(attachment, said->bytes);
                else
                        enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_ANSWER,
                                                                           .bytes = said->bytes });
                return;
        case SC_SESSION_ERROR:
                take_error(attachment, said, now_ns);
                return;
        case SC_SESSION_BROKEN:
                enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_CLOSE });
                end_with(attachment, SC_ATTACHMENT_BROKEN, (struct sc_span) { 0 });
                return;
        }
}

void sc_attachment_received(struct sc_attachment *attachment, struct sc_span bytes, uint64_t now_ns)
{
        attachment->heard_ns = now_ns;
        if (attachment->state == SC_ATTACHMENT_RAW) {
                attachment->output = bytes;
                attachment->output_told = false;
                attachment->raw_spoke = true;
                return;
        }
        sc_session_received(&attachment->session, bytes.length);
        if (attachment->told_silent)
                tell(attachment, SC_NOTICE_ANSWERS, 0);
        attachment->told_silent = false;
}

void sc_attachment_done(struct sc_attachment *attachment, size_t length)
{
        SC_ASSERT(length <= attachment->output.length);

        attachment->output.bytes += length;
        attachment->output.length -= length;
        if (attachment->state != SC_ATTACHMENT_ATTACHED)
                return;
        attachment->place.offset += length;
        sc_session_acknowledge(&attachment->session, attachment->place.offset);
}

/* --- what follows --- */

static void look_at_raw(struct sc_attachment *attachment, uint64_t now_ns)
{
        if (attachment->raw_spoke || attachment->told_silent ||
            now_ns - attachment->attached_ns < RAW_SILENCE_NS)
                return;
        attachment->told_silent = true;
        tell(attachment, SC_NOTICE_RAW_SILENT, 0);
}

static void look_at_native(struct sc_attachment *attachment, uint64_t now_ns)
{
        /* What was not read, or not looked at (a stopped process), says nothing of the host. */
        bool looked = now_ns - attachment->looked_ns <= PING_NS + SC_NS_PER_S;
        if (attachment->output.length > 0 || !looked)
                attachment->heard_ns = now_ns;
        if (attachment->state == SC_ATTACHMENT_ATTACHED && now_ns - attachment->pinged_ns >= PING_NS) {
                sc_session_ask(&attachment->session, SC_FRAME_PING, 0); /* without room: the next time */
                attachment->pinged_ns = now_ns;
        }
        if (!attachment->told_silent && now_ns - attachment->heard_ns >= SILENCE_NS) {
                attachment->told_silent = true;
                tell(attachment, SC_NOTICE_SILENT, 0);
        }
}

static void look_at_silence(struct sc_attachment *attachment, uint64_t now_ns)
{
        switch (attachment->state) {
        case SC_ATTACHMENT_WAITING:
        case SC_ATTACHMENT_CONNECTING:
        case SC_ATTACHMENT_OVER:
                break;
        case SC_ATTACHMENT_RAW:
                look_at_raw(attachment, now_ns);
                break;
        case SC_ATTACHMENT_SURVEYING:
        case SC_ATTACHMENT_JOINING:
        case SC_ATTACHMENT_ATTACHED:
                look_at_native(attachment, now_ns);
                break;
        }
        attachment->looked_ns = now_ns;
}

/* Everything that the guest said has been told, and no more is waited for. */
static bool is_guest_gone(const struct sc_attachment *attachment)
{
        bool gone = attachment->guest_ended ||
                    (attachment->guest == SC_GUEST_DOWN && !attachment->config.reconnects);
        return gone && attachment->place.offset >= attachment->guest_end;
}

/* Something more for the queue, or output. False: there is nothing now. */
static bool go_on(struct sc_attachment *attachment, uint64_t now_ns)
{
        switch (attachment->state) {
        case SC_ATTACHMENT_WAITING:
                if (now_ns < attachment->retry_ns)
                        return false;
                attachment->state = SC_ATTACHMENT_CONNECTING;
                enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_CONNECT });
                return true;
        case SC_ATTACHMENT_CONNECTING:
        case SC_ATTACHMENT_RAW:
        case SC_ATTACHMENT_OVER:
                return false;
        case SC_ATTACHMENT_SURVEYING:
        case SC_ATTACHMENT_JOINING:
        case SC_ATTACHMENT_ATTACHED:
                break;
        }
        if (attachment->state == SC_ATTACHMENT_ATTACHED && is_guest_gone(attachment)) {
                end_with(attachment,
                         attachment->guest_ended ? SC_ATTACHMENT_GUEST_ENDED : SC_ATTACHMENT_GUEST_GONE,
                         (struct sc_span) { 0 });
                return true;
        }
        sc_session_next(&attachment->session, &attachment->said);
        take_said(attachment, &attachment->said, now_ns);
        return attachment->said.kind != SC_SESSION_NOTHING;
}

void sc_attachment_next(struct sc_attachment *attachment, uint64_t now_ns, struct sc_attachment_event *event)
{
        *event = (struct sc_attachment_event) { .kind = SC_ATTACHMENT_NOTHING };
        look_at_silence(attachment, now_ns);
        while (attachment->output.length == 0 && attachment->queue_count == 0)
                if (!go_on(attachment, now_ns))
                        return;
        if (attachment->output.length > 0) {
                if (attachment->output_told)
                        return;
                attachment->output_told = true;
                event->kind = SC_ATTACHMENT_OUTPUT;
                event->bytes = attachment->output;
                return;
        }
        *event = attachment->queue[attachment->queue_start];
        attachment->queue_start = (attachment->queue_start + 1) % SC_ATTACHMENT_NOTICES_MAX;
        attachment->queue_count--;
}

uint64_t sc_attachment_deadline_ns(const struct sc_attachment *attachment)
{
        uint64_t silent_ns = attachment->told_silent ? UINT64_MAX : attachment->heard_ns + SILENCE_NS;
        switch (attachment->state) {
        case SC_ATTACHMENT_WAITING:
                return attachment->retry_ns;
        case SC_ATTACHMENT_SURVEYING:
        case SC_ATTACHMENT_JOINING: /* looked at as often as one that is pinged */
                return sc_min_u64(silent_ns, attachment->looked_ns + PING_NS);
        case SC_ATTACHMENT_ATTACHED:
                return sc_min_u64(silent_ns, attachment->pinged_ns + PING_NS);
        case SC_ATTACHMENT_RAW:
                return attachment->raw_spoke || attachment->told_silent
                               ? UINT64_MAX
                               : attachment->attached_ns + RAW_SILENCE_NS;
        case SC_ATTACHMENT_CONNECTING:
        case SC_ATTACHMENT_OVER:
                break;
        }
        return UINT64_MAX;
}

/* --- input --- */

bool sc_attachment_is_connected(const struct sc_attachment *attachment)
{
        return attachment->state == SC_ATTACHMENT_ATTACHED || attachment->state == SC_ATTACHMENT_RAW;
}

bool sc_attachment_takes_input(const struct sc_attachment *attachment)
{
        return sc_attachment_is_connected(attachment) && attachment->guest != SC_GUEST_DOWN &&
               attachment->config.role == SC_ROLE_CLIENT;
}

bool sc_attachment_ask(struct sc_attachment *attachment, enum sc_frame_type request)
{
        return attachment->state == SC_ATTACHMENT_ATTACHED &&
               sc_session_ask(&attachment->session, request, 0);
}
