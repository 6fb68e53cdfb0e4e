#include "model/client/attachment.h"

#include "model/client/said.h"

/* A ping each PING_NS; two without any sign of life, and the user is told. */
#define PING_NS (15 * SC_NS_PER_S)
#define SILENCE_NS (2 * PING_NS)
/* A connection that lasted so long was one: the next attempt is made at once. */
#define LASTED_NS SC_NS_PER_S
/* A raw peer that closed and has no other client (a reboot, perhaps) is asked once more after this. */
#define RAW_RETRY_NS SC_NS_PER_S
#define RAW_SILENCE_NS (2 * SC_NS_PER_S)

/* --- what is to be told --- */

void sc_attachment_enqueue(struct sc_attachment *attachment, struct sc_attachment_event event)
{
        SC_ASSERT(attachment->queue_count < SC_ATTACHMENT_NOTICES_MAX);

        size_t at = (attachment->queue_start + attachment->queue_count++) % SC_ATTACHMENT_NOTICES_MAX;
        attachment->queue[at] = event;
}

void sc_attachment_tell(struct sc_attachment *attachment, enum sc_notice notice, uint64_t value)
{
        sc_attachment_enqueue(attachment, (struct sc_attachment_event) { .kind = SC_ATTACHMENT_TELL,
                                                                         .notice = notice,
                                                                         .value = value });
}

void sc_attachment_end(struct sc_attachment *attachment, enum sc_attachment_end why,
                       const struct sc_span *text)
{
        attachment->state = SC_ATTACHMENT_OVER;
        sc_attachment_enqueue(attachment, (struct sc_attachment_event) {
                                                  .kind = SC_ATTACHMENT_ENDED,
                                                  .end = why,
                                                  .bytes = text ? *text : (struct sc_span) { NULL, 0 } });
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
void sc_attachment_join(struct sc_attachment *attachment, unsigned start, uint64_t value,
                        const uint8_t *instance, uint8_t flags)
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
        attachment->named_offset = start == SC_START_OFFSET;
        attachment->offset_named = value;
}

static void survey(struct sc_attachment *attachment)
{
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = SC_ROLE_CONTROL,
                .start = SC_START_END,
        };
        sc_session_hello(&attachment->session, &hello);
        sc_session_ask(&attachment->session, SC_FRAME_STATUS_REQUEST);
        attachment->state = SC_ATTACHMENT_SURVEYING;
        attachment->welcomed = false;
}

static void connect_raw(struct sc_attachment *attachment)
{
        attachment->state = SC_ATTACHMENT_RAW;
        attachment->guest = SC_GUEST_UP;
        attachment->raw_spoke = false;
        attachment->told_silent = false;
        sc_attachment_tell(attachment, attachment->was_attached ? SC_NOTICE_RAW_AGAIN : SC_NOTICE_RAW, 0);
        attachment->was_attached = true;
}

void sc_attachment_connected(struct sc_attachment *attachment, bool native, uint64_t now_ns)
{
        SC_ASSERT(attachment->state == SC_ATTACHMENT_CONNECTING);

        attachment->attached_ns = attachment->heard_ns = attachment->pinged_ns = now_ns;
        attachment->native = native;
        attachment->typed_bytes = attachment->pinged_bytes = attachment->arrived_bytes = 0;
        attachment->ping_is_out = attachment->status_asked = attachment->takes_role = false;
        attachment->told_silent = false;
        sc_session_start(&attachment->session);
        const struct sc_place *place = &attachment->place;
        if (!native)
                connect_raw(attachment);
        else if (place->known)
                sc_attachment_join(attachment, SC_START_OFFSET, place->offset, place->instance,
                                   SC_HELLO_CONTINUES);
        else if (attachment->config.surveys)
                survey(attachment);
        else
                sc_attachment_join(attachment, attachment->config.start, attachment->config.start_value, NULL,
                                   0);
}

static void tell_awaited(struct sc_attachment *attachment)
{
        if (!attachment->told_awaited)
                sc_attachment_tell(attachment, SC_NOTICE_AWAITED, 0);
        attachment->told_awaited = true;
}

void sc_attachment_failed(struct sc_attachment *attachment, uint64_t now_ns)
{
        SC_ASSERT(attachment->state == SC_ATTACHMENT_CONNECTING);

        bool first = !attachment->was_attached;
        if (first && !attachment->config.waits) {
                sc_attachment_end(attachment, SC_ATTACHMENT_ABSENT, NULL);
                return;
        }
        if (first)
                tell_awaited(attachment);
        back_off(attachment, now_ns);
}

/* A peer that speaks no protocol closed the connection. */
static void lose_raw(struct sc_attachment *attachment, bool lasted, enum sc_raw_peer peer, uint64_t now_ns)
{
        if (lasted && attachment->raw_spoke)
                attachment->raw_returns = true;
        switch (peer) {
        case SC_RAW_PEER_TAKEN:
                sc_attachment_end(attachment, SC_ATTACHMENT_TAKEN, NULL);
                return;
        case SC_RAW_PEER_HIDDEN:
                sc_attachment_end(attachment, SC_ATTACHMENT_HIDDEN, NULL);
                return;
        case SC_RAW_PEER_FREE:
                if (!attachment->raw_returns) {
                        sc_attachment_end(attachment, SC_ATTACHMENT_TURNED_AWAY, NULL);
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

/* False: it is the end. */
static bool goes_on_without(struct sc_attachment *attachment)
{
        const struct sc_attachment_config *config = &attachment->config;
        uint64_t unsure_bytes = attachment->typed_bytes - attachment->arrived_bytes;
        attachment->unsure |= unsure_bytes > 0;
        if (!attachment->was_attached && !config->waits)
                sc_attachment_end(attachment, SC_ATTACHMENT_NOT_ANSWERED, NULL);
        else if (!attachment->was_attached)
                tell_awaited(attachment);
        else if (attachment->was_attached && !config->reconnects)
                sc_attachment_end(attachment, SC_ATTACHMENT_HOST_GONE, NULL);
        else if (unsure_bytes > 0)
                sc_attachment_tell(attachment, SC_NOTICE_INPUT_UNSURE, unsure_bytes);
        if (attachment->state != SC_ATTACHMENT_OVER && unsure_bytes > 0 && config->input_is_whole)
                sc_attachment_end(attachment, SC_ATTACHMENT_INPUT_LOST, NULL);
        return attachment->state != SC_ATTACHMENT_OVER;
}

void sc_attachment_lost(struct sc_attachment *attachment, enum sc_raw_peer peer, uint64_t now_ns)
{
        enum sc_attachment_state state = attachment->state;
        if (state == SC_ATTACHMENT_OVER)
                return;
        SC_ASSERT(state != SC_ATTACHMENT_WAITING);

        bool attached = state == SC_ATTACHMENT_ATTACHED || state == SC_ATTACHMENT_RAW;
        attachment->output.length = 0;
        if (!goes_on_without(attachment))
                return;
        bool lasted = attached && now_ns - attachment->attached_ns >= LASTED_NS;
        if (lasted)
                attachment->backoff_ns = attachment->config.backoff_min_ns;
        if (attachment->native)
                back_off(attachment, now_ns);
        else
                lose_raw(attachment, lasted, peer, now_ns);
        if (attached && attachment->state == SC_ATTACHMENT_WAITING)
                sc_attachment_tell(attachment, SC_NOTICE_LOST, 0);
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
                sc_attachment_tell(attachment, SC_NOTICE_ANSWERS, 0);
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

/* What was sent before a ping has arrived when it is answered. One is out at a time. */
static void ping(struct sc_attachment *attachment)
{
        if (attachment->ping_is_out || !sc_session_ask(&attachment->session, SC_FRAME_PING))
                return;
        attachment->ping_is_out = true;
        attachment->pinged_bytes = attachment->typed_bytes;
}

void sc_attachment_ponged(struct sc_attachment *attachment)
{
        attachment->ping_is_out = false;
        attachment->arrived_bytes = attachment->pinged_bytes;
        if (attachment->typed_bytes > attachment->arrived_bytes)
                ping(attachment);
}

static void look_at_raw(struct sc_attachment *attachment, uint64_t now_ns)
{
        if (attachment->raw_spoke || attachment->told_silent ||
            now_ns - attachment->attached_ns < RAW_SILENCE_NS)
                return;
        attachment->told_silent = true;
        sc_attachment_tell(attachment, SC_NOTICE_RAW_SILENT, 0);
}

static void look_at_native(struct sc_attachment *attachment, uint64_t now_ns)
{
        /* What was not read, or not looked at (a stopped process), says nothing of the host. */
        bool looked = now_ns - attachment->looked_ns <= PING_NS + SC_NS_PER_S;
        if (attachment->output.length > 0 || !looked)
                attachment->heard_ns = now_ns;
        if (attachment->state != SC_ATTACHMENT_ATTACHED) /* the first is due a while behind the welcome */
                attachment->pinged_ns = now_ns;
        if (now_ns - attachment->pinged_ns >= PING_NS) {
                ping(attachment); /* without room: the next time */
                attachment->pinged_ns = now_ns;
        }
        if (!attachment->told_silent && now_ns - attachment->heard_ns >= SILENCE_NS) {
                bool behind_input = attachment->typed_bytes > attachment->arrived_bytes;
                attachment->told_silent = true;
                sc_attachment_tell(attachment, behind_input ? SC_NOTICE_INPUT_STUCK : SC_NOTICE_SILENT, 0);
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
                sc_attachment_enqueue(attachment,
                                      (struct sc_attachment_event) { .kind = SC_ATTACHMENT_CONNECT });
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
                sc_attachment_end(
                        attachment,
                        attachment->guest_ended ? SC_ATTACHMENT_GUEST_ENDED : SC_ATTACHMENT_GUEST_GONE, NULL);
                return true;
        }
        sc_session_next(&attachment->session, &attachment->said);
        sc_said_take(attachment, &attachment->said, now_ns);
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
        if (attachment->state != SC_ATTACHMENT_ATTACHED || !sc_session_ask(&attachment->session, request))
                return false;
        attachment->status_asked |= request == SC_FRAME_STATUS_REQUEST;
        attachment->takes_role |= request == SC_FRAME_TAKE;
        return true;
}

size_t sc_attachment_type(struct sc_attachment *attachment, struct sc_span text)
{
        if (attachment->state != SC_ATTACHMENT_ATTACHED)
                return 0;
        size_t taken = sc_session_type(&attachment->session, text.bytes, text.length);
        attachment->typed_bytes += taken;
        if (taken > 0)
                ping(attachment);
        return taken;
}
