#include "story.h"

#include "teller.h"

#include <stdlib.h>

/* Each seed has its own mixture: how often each kind of step comes, some of them never. */
static const unsigned weights_usual[STEP_KIND_COUNT] = {
        [STEP_UP] = 6,   [STEP_DOWN] = 4,     [STEP_NOTE] = 1,   [STEP_SAY] = 30,         [STEP_HEAR] = 6,
        [STEP_DEAF] = 1, [STEP_CONNECT] = 14, [STEP_CROWD] = 1,  [STEP_HELLO] = 8,        [STEP_READ] = 30,
        [STEP_PACE] = 6, [STEP_TYPE] = 14,    [STEP_SPLIT] = 2,  [STEP_ASK] = 10,         [STEP_HISTORY] = 5,
        [STEP_KICK] = 2, [STEP_MARK] = 3,     [STEP_BREAK] = 4,  [STEP_ACKNOWLEDGE] = 10, [STEP_RUBBISH] = 1,
        [STEP_SHUT] = 3, [STEP_DIE] = 8,      [STEP_REFUSE] = 2, [STEP_CLOCK] = 1,        [STEP_STOP] = 2,
        [STEP_FULL] = 1,
};

/* What is not done where an observer is to follow. */
static const enum step_kind rude[] = { STEP_HELLO, STEP_DEAF,  STEP_CROWD,  STEP_SPLIT,
                                       STEP_KICK,  STEP_BREAK, STEP_RUBBISH };

static uint64_t after(struct teller *teller)
{
        return teller->mixed && chance(teller, 50) ? size(teller, 1, 30) : 0;
}

/* --- the console --- */

static void weigh(struct teller *teller)
{
        for (unsigned i = 0; i < STEP_KIND_COUNT; i++) {
                bool never = weights_usual[i] == 0 || chance(teller, 10);
                teller->weights[i] = never ? 0 : (unsigned)size(teller, 1, 2 * weights_usual[i]);
        }
        for (size_t i = 0; i < SC_COUNT(rude) && teller->gentle; i++)
                teller->weights[rude[i]] = 0;
        teller->weights[STEP_WAIT] = 40 + (unsigned)below(teller, 80);
        teller->weights[STEP_CONNECT] += 4;
}

static uint64_t capacity(struct teller *teller)
{
        if (teller->drips)
                return size(teller, 9000, 20000);
        return chance(teller, 50) ? SC_BUFFER_BYTES_MIN : size(teller, SC_BUFFER_BYTES_MIN, 40000);
}

static void begin(struct teller *teller)
{
        struct step step = { .kind = STEP_CONSOLE };
        struct step_console *console = &step.console;
        teller->drips = chance(teller, 3);
        teller->gentle = chance(teller, 30);
        teller->mixed = !teller->gentle && chance(teller, 80);
        teller->view = chance(teller, 60);
        console->capacity = capacity(teller);
        console->keep_first = chance(teller, 50) ? 0 : size(teller, 1, 12000);
        console->history = below(teller, SC_HISTORY_COUNT);
        console->history_bytes = size(teller, 0, 10000);
        console->hold_ms = chance(teller, 60) ? 0 : size(teller, 20, 3000);
        console->writers = chance(teller, 50) ? SC_WRITERS_ALL : SC_WRITERS_ONE;
        console->clients_max = chance(teller, 25) ? 1 + below(teller, 3) : 8;
        console->view = teller->view;
        console->input = chance(teller, 70);
        console->plain = !teller->gentle && chance(teller, 10);
        teller->capacity = console->capacity;
        teller->keep_first = console->keep_first;
        teller->stop_us_max = console->hold_ms > 0 ? 1000000 : 40000000;
        add(teller, step);
        weigh(teller);
        if (chance(teller, 85)) {
                bool can_break = chance(teller, 70);
                add(teller, (struct step) { .kind = STEP_UP, .guest.flag = can_break });
        }
}

/* --- the guest --- */

/* As much as there is room for, or one byte less or more. */
static uint64_t around_a_limit(struct teller *teller)
{
        bool kept = teller->keep_first > 1 && chance(teller, 30);
        uint64_t limit = kept ? teller->keep_first : teller->capacity;
        return limit - 1 + below(teller, 3);
}

static void tell_say(struct teller *teller)
{
        struct step step = { .kind = STEP_SAY };
        bool much = chance(teller, 10);
        step.say.bytes = size(teller, 1, much ? 30000 : 3000);
        if (chance(teller, 5))
                step.say.bytes = around_a_limit(teller);
        if (chance(teller, 50)) {
                step.say.piece = size(teller, 1 + step.say.bytes / 40, step.say.bytes);
                step.say.every_us = size(teller, 100, 200000);
        }
        add(teller, step);
}

static void tell_hear(struct teller *teller)
{
        struct step step = { .kind = STEP_HEAR };
        step.hear.room = chance(teller, 50) ? UINT64_MAX : size(teller, 0, 100000);
        step.hear.piece = chance(teller, 50) ? UINT64_MAX : size(teller, 10, 20000);
        step.hear.breaks = chance(teller, 80);
        add(teller, step);
}

static void tell_wait(struct teller *teller)
{
        uint64_t kind = below(teller, 100);
        if (kind < 40)
                add_wait(teller, 100000);
        else if (kind < 55)
                add_wait(teller, 3000000);
        else if (kind < 58)
                add_wait(teller, 30000000);
        else if (kind < 59)
                add_wait(teller, UINT64_C(7200000000));
        else
                add_wait(teller, 0);
}

/* A process that is stopped, a machine that is suspended. */
static void tell_stop(struct teller *teller)
{
        struct step step = { .kind = STEP_STOP };
        step.wait.us = size(teller, 1, teller->stop_us_max);
        add(teller, step);
}

/* The disk is slower than what happens. */
static void tell_full(struct teller *teller)
{
        struct step step = { .kind = STEP_FULL };
        step.full.batches = size(teller, 1, 40);
        add(teller, step);
}

static void tell_clock(struct teller *teller)
{
        struct step step = { .kind = STEP_CLOCK };
        step.clock.forward = chance(teller, 50);
        bool was_never_set = chance(teller, 10);
        step.clock.ms = size(teller, 1, was_never_set ? UINT64_C(2000000000000) : 10000000);
        add(teller, step);
}

/* --- clients that come --- */

static void tell_hello(struct teller *teller, uint64_t client)
{
        static const uint64_t roles[] = { SC_ROLE_CLIENT, SC_ROLE_CLIENT, SC_ROLE_CLIENT, SC_ROLE_VIEWER,
                                          SC_ROLE_CONTROL };
        struct step step = { .kind = STEP_HELLO };
        struct step_hello *hello = &step.hello;
        hello->client = client;
        hello->role = roles[below(teller, SC_COUNT(roles))];
        hello->start = chance(teller, 50) ? SC_START_OFFSET : 1 + below(teller, SC_START_BOOT);
        hello->base = below(teller, BASE_COUNT);
        hello->amount = chance(teller, 60) ? 0 : size(teller, 0, 5000);
        hello->continues = chance(teller, 50);
        hello->instance = chance(teller, 85) ? 1 : below(teller, 3);
        if (hello->start == SC_START_OFFSET && chance(teller, 60)) {
                hello->base = BASE_KNOWN;
                hello->amount = 0;
        }
        if (hello->start == SC_START_BOUNDARY)
                hello->amount = below(teller, 8);
        if (hello->start == SC_START_SINCE && chance(teller, 20)) /* before the machine was started */
                hello->amount = size(teller, 1, UINT64_C(4000000000));
        add(teller, step);
}

static void tell_pace(struct teller *teller, uint64_t client, bool may_stop)
{
        struct step step = { .kind = STEP_PACE };
        step.pace.client = client;
        step.pace.bytes = size(teller, teller->gentle ? 200 : 20, 5000);
        step.pace.every_us = may_stop && chance(teller, 30) ? 0 : size(teller, 500, 300000);
        add(teller, step);
}

static void tell_connect(struct teller *teller)
{
        struct step step = { .kind = STEP_CONNECT };
        struct step_connect *connect = &step.connect;
        connect->client = some_place(teller);
        connect->listener = chance(teller, 40) ? SC_LISTENER_RAW : SC_LISTENER_CONTROL;
        if (teller->view && chance(teller, 25))
                connect->listener += SC_LISTENER_VIEW;
        connect->queue = chance(teller, 50) ? 200000 : size(teller, 512, 20000);
        connect->piece = teller->gentle || chance(teller, 60) ? 0 : size(teller, 1, 4000);
        if (chance(teller, 40))
                add_die(teller, connect->client, 0);
        if (chance(teller, 30))
                add_wait(teller, 1000);
        add(teller, step);
        if (chance(teller, 25))
                tell_pace(teller, connect->client, false);
        bool native = listener_is_native(connect->listener);
        if (native && (teller->gentle || chance(teller, 92)))
                tell_hello(teller, connect->client);
        if (native && teller->gentle)
                add_wait(teller, 0);
}

static void tell_crowd(struct teller *teller)
{
        struct step step = { .kind = STEP_CROWD };
        step.crowd.listener = chance(teller, 60) ? SC_LISTENER_CONTROL : SC_LISTENER_VIEW_CONTROL;
        step.crowd.count = size(teller, 1, 20);
        add(teller, step);
}

/* --- clients that are there --- */

static void tell_type(struct teller *teller)
{
        struct step step = { .kind = STEP_TYPE };
        bool much = chance(teller, 8);
        step.type.client = some_place(teller);
        step.type.bytes = size(teller, 1, much ? 100000 : 400);
        step.type.frame = much ? SC_FRAME_INPUT_BYTES_MAX : size(teller, 1, SC_FRAME_INPUT_BYTES_MAX);
        step.type.guest = teller->gentle || chance(teller, 80) ? 0 : below(teller, 3);
        step.type.after = after(teller);
        add(teller, step);
}

static void tell_ask(struct teller *teller)
{
        static const uint64_t frames[] = { SC_FRAME_PING,           SC_FRAME_PING, SC_FRAME_STATUS_REQUEST,
                                           SC_FRAME_STATUS_REQUEST, SC_FRAME_TAKE, SC_FRAME_TAKE,
                                           SC_FRAME_CLEAR };
        const uint64_t harmless = 4;
        struct step step = { .kind = STEP_ASK };
        step.ask.client = some_place(teller);
        step.ask.frame = frames[below(teller, teller->gentle ? harmless : SC_COUNT(frames))];
        step.ask.after = after(teller);
        add(teller, step);
}

static void tell_acknowledge(struct teller *teller)
{
        struct step step = { .kind = STEP_ACKNOWLEDGE };
        struct step_acknowledge *acknowledge = &step.acknowledge;
        acknowledge->client = some_place(teller);
        acknowledge->base = teller->gentle || chance(teller, 70) ? BASE_KNOWN : BASE_SENT;
        if (chance(teller, 30))
                acknowledge->less = size(teller, 1, 3000);
        if (!teller->gentle && chance(teller, 5)) {
                acknowledge->base = chance(teller, 50) ? BASE_HEAD : BASE_SENT;
                acknowledge->amount = below(teller, 2);
                acknowledge->less = 0;
        }
        add(teller, step);
}

static void tell_history(struct teller *teller)
{
        struct step step = { .kind = STEP_HISTORY };
        step.history.client = some_place(teller);
        step.history.start = 1 + below(teller, SC_START_BOOT);
        step.history.base = below(teller, BASE_COUNT);
        step.history.amount = size(teller, 0, 6000);
        step.history.length = chance(teller, 50) ? UINT64_MAX : size(teller, 0, 20000);
        add(teller, step);
}

static void tell_read(struct teller *teller)
{
        struct step step = { .kind = STEP_READ };
        step.bytes.client = some_place(teller);
        step.bytes.bytes = chance(teller, 60) ? UINT64_MAX : size(teller, 1, 8000);
        step.bytes.after = after(teller);
        add(teller, step);
}

/* What it sends comes in pieces, with pauses or without. */
static void tell_split(struct teller *teller)
{
        struct step step = { .kind = STEP_SPLIT };
        step.pace.client = some_place(teller);
        step.pace.bytes = chance(teller, 40) ? 0 : size(teller, 1, 2000);
        step.pace.every_us = chance(teller, 60) ? 0 : size(teller, 100000, 12000000);
        add(teller, step);
}

/* Client, one number, when: of a kick whom, of rubbish which. */
static void tell_client(struct teller *teller, enum step_kind kind)
{
        struct step step = { .kind = kind };
        uint64_t values = kind == STEP_KICK ? SCRIPT_PLACES + 1 : kind == STEP_RUBBISH ? RUBBISH_COUNT : 4;
        step.client.client = some_place(teller);
        step.client.value = below(teller, values);
        step.client.after = kind == STEP_RUBBISH ? below(teller, 100000) : after(teller);
        add(teller, step);
}

static void tell_guest(struct teller *teller, enum step_kind kind)
{
        struct step step = { .kind = kind };
        step.guest.flag = kind == STEP_NOTE ? below(teller, 3) : chance(teller, kind == STEP_DOWN ? 3 : 60);
        add(teller, step);
}

static void tell(struct teller *teller, enum step_kind kind)
{
        switch (kind) {
        case STEP_UP:
        case STEP_NOTE:
        case STEP_DOWN:
                tell_guest(teller, kind);
                return;
        case STEP_SAY:
                tell_say(teller);
                return;
        case STEP_HEAR:
                tell_hear(teller);
                return;
        case STEP_DEAF:
                add(teller, (struct step) { .kind = kind });
                return;
        case STEP_CONNECT:
                tell_connect(teller);
                return;
        case STEP_CROWD:
                tell_crowd(teller);
                return;
        case STEP_HELLO:
                tell_hello(teller, some_place(teller));
                return;
        case STEP_READ:
                tell_read(teller);
                return;
        case STEP_SPLIT:
                tell_split(teller);
                return;
        case STEP_PACE:
                tell_pace(teller, some_place(teller), true);
                return;
        case STEP_TYPE:
                tell_type(teller);
                return;
        case STEP_ASK:
                tell_ask(teller);
                return;
        case STEP_ACKNOWLEDGE:
                tell_acknowledge(teller);
                return;
        case STEP_HISTORY:
                tell_history(teller);
                return;
        case STEP_CLOCK:
                tell_clock(teller);
                return;
        case STEP_FULL:
                tell_full(teller);
                return;
        case STEP_STOP:
                tell_stop(teller);
                return;
        case STEP_WAIT:
                tell_wait(teller);
                return;
        default:
                tell_client(teller, kind);
        }
}

static enum step_kind pick(struct teller *teller)
{
        uint64_t all = 0;
        for (unsigned i = 0; i < STEP_KIND_COUNT; i++)
                all += teller->weights[i];
        uint64_t ticket = below(teller, all);
        unsigned kind = 0;
        while (ticket >= teller->weights[kind])
                ticket -= teller->weights[kind++];
        return (enum step_kind)kind;
}

void story_of_seed(struct script *script, uint64_t seed)
{
        struct teller teller = { .random = random_of(random_mix(seed)), .script = script };
        begin(&teller);
        for (uint64_t left = size(&teller, 20, 400); left > 0; left--)
                if (!teller.gentle && chance(&teller, 4))
                        scenes_tell(&teller);
                else
                        tell(&teller, pick(&teller));
        if (teller.drips)
                scenes_drip(&teller);
        if (teller.gentle && !script_is_observable(script)) /* nobody would judge what the observer saw */
                abort();
}
