#include "story.h"

#include "random.h"

#include "model/console/slot.h"
#include "model/wire/status.h"

/* Each seed has its own mixture: how often each kind of step comes, some of them never. */
struct story {
        struct random random;
        struct script *script;
        unsigned weights[STEP_KIND_COUNT];
        bool view;
        bool mixed;  /* things happen within a turn */
        bool gentle; /* nobody does what an observer could not follow */
        bool drips;  /* the guest says more, a byte at a time, than there are times for */
};

static const unsigned weights_most[STEP_KIND_COUNT] = {
        [STEP_UP] = 6,   [STEP_DOWN] = 4,     [STEP_NOTE] = 1,   [STEP_SAY] = 30,         [STEP_HEAR] = 6,
        [STEP_DEAF] = 1, [STEP_CONNECT] = 14, [STEP_CROWD] = 1,  [STEP_HELLO] = 8,        [STEP_READ] = 30,
        [STEP_PACE] = 6, [STEP_TYPE] = 14,    [STEP_SPLIT] = 2,  [STEP_ASK] = 10,         [STEP_HISTORY] = 5,
        [STEP_KICK] = 2, [STEP_MARK] = 3,     [STEP_BREAK] = 4,  [STEP_ACKNOWLEDGE] = 10, [STEP_RUBBISH] = 1,
        [STEP_SHUT] = 3, [STEP_DIE] = 8,      [STEP_REFUSE] = 2, [STEP_CLOCK] = 1,        [STEP_WAIT] = 60,
};

static uint64_t below(struct story *story, uint64_t bound)
{
        return random_below(&story->random, bound);
}

static uint64_t size(struct story *story, uint64_t low, uint64_t high)
{
        return random_size(&story->random, low, high);
}

static bool chance(struct story *story, unsigned percent)
{
        return random_chance(&story->random, percent);
}

static void add(struct story *story, struct step step)
{
        script_add(story->script, &step);
}

static uint64_t after(struct story *story)
{
        return story->mixed && chance(story, 50) ? size(story, 1, 30) : 0;
}

static uint64_t some_place(struct story *story)
{
        return below(story, SCRIPT_PLACES);
}

/* --- the console --- */

static void begin(struct story *story)
{
        struct step step = { .kind = STEP_CONSOLE };
        struct step_console *console = &step.console;
        story->drips = chance(story, 3);
        console->capacity = story->drips        ? size(story, 9000, 20000)
                            : chance(story, 50) ? SC_BUFFER_BYTES_MIN
                                                : size(story, SC_BUFFER_BYTES_MIN, 40000);
        console->keep_first = chance(story, 50) ? 0 : size(story, 1, 12000);
        console->history = below(story, SC_HISTORY_COUNT);
        console->history_bytes = size(story, 0, 10000);
        console->hold_ms = chance(story, 60) ? 0 : size(story, 20, 3000);
        console->writers = chance(story, 50) ? SC_WRITERS_ALL : SC_WRITERS_ONE;
        console->clients_max = chance(story, 25) ? 1 + below(story, 3) : 8;
        console->view = story->view = chance(story, 60);
        console->input = chance(story, 70);
        console->plain = chance(story, 10);
        add(story, step);
        for (unsigned i = 0; i < STEP_KIND_COUNT; i++) {
                unsigned most = weights_most[i];
                story->weights[i] = most > 0 && !chance(story, 10) ? (unsigned)size(story, 1, 2 * most) : 0;
        }
        story->weights[STEP_WAIT] = 40 + (unsigned)below(story, 80);
        story->weights[STEP_CONNECT] += 4;
        story->gentle = chance(story, 30);
        static const enum step_kind rude[] = { STEP_HELLO, STEP_DEAF,  STEP_CROWD,  STEP_SPLIT,
                                               STEP_KICK,  STEP_BREAK, STEP_RUBBISH };
        for (size_t i = 0; i < SC_COUNT(rude) && story->gentle; i++)
                story->weights[rude[i]] = 0;
        story->mixed = !story->gentle && chance(story, 80);
        if (chance(story, 85))
                add(story, (struct step) { .kind = STEP_UP, .guest = { chance(story, 70) } });
}

/* --- steps --- */

static void say(struct story *story)
{
        struct step_say step = { .bytes = size(story, 1, chance(story, 10) ? 30000 : 3000) };
        if (chance(story, 50)) {
                step.piece = size(story, 1 + step.bytes / 40, step.bytes);
                step.every_us = size(story, 100, 200000);
        }
        add(story, (struct step) { .kind = STEP_SAY, .say = step });
}

static void hear(struct story *story)
{
        uint64_t room = chance(story, 50) ? UINT64_MAX : size(story, 0, 100000);
        uint64_t piece = chance(story, 50) ? UINT64_MAX : size(story, 10, 20000);
        add(story, (struct step) { .kind = STEP_HEAR, .hear = { room, piece, chance(story, 80) } });
}

static struct step hello(struct story *story, uint64_t client)
{
        static const uint64_t roles[] = { SC_ROLE_CLIENT, SC_ROLE_CLIENT, SC_ROLE_CLIENT, SC_ROLE_VIEWER,
                                          SC_ROLE_CONTROL };
        struct step_hello step = {
                .client = client,
                .role = roles[below(story, 5)],
                .start = chance(story, 50) ? SC_START_OFFSET : 1 + below(story, SC_START_BOOT),
                .base = below(story, BASE_COUNT),
                .amount = chance(story, 60) ? 0 : size(story, 0, 5000),
                .continues = chance(story, 50),
                .instance = chance(story, 85) ? 1 : below(story, 3),
        };
        if (step.start == SC_START_OFFSET && chance(story, 60)) {
                step.base = BASE_KNOWN;
                step.amount = 0;
        }
        if (step.start == SC_START_BOUNDARY)
                step.amount = below(story, 8);
        return (struct step) { .kind = STEP_HELLO, .hello = step };
}

static void connects(struct story *story)
{
        uint64_t client = some_place(story);
        uint64_t listener = chance(story, 40) ? SC_LISTENER_RAW : SC_LISTENER_CONTROL;
        if (story->view && chance(story, 25))
                listener += SC_LISTENER_VIEW;
        if (chance(story, 40))
                add(story, (struct step) { .kind = STEP_DIE, .client = { .client = client } });
        if (chance(story, 30))
                add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 1, 1000) } });
        struct step_connect step = { client, listener, chance(story, 50) ? 200000 : size(story, 512, 20000),
                                     story->gentle || chance(story, 60) ? 0 : size(story, 1, 4000) };
        add(story, (struct step) { .kind = STEP_CONNECT, .connect = step });
        if (chance(story, 25))
                add(story,
                    (struct step) { .kind = STEP_PACE,
                                    .pace = { client, size(story, 20, 5000), size(story, 500, 300000) } });
        bool native = listener == SC_LISTENER_CONTROL || listener == SC_LISTENER_VIEW_CONTROL;
        if (native && (story->gentle || chance(story, 92)))
                add(story, hello(story, client));
        if (native && story->gentle)
                add(story, (struct step) { .kind = STEP_WAIT });
}

static void type(struct story *story)
{
        struct step_type step = {
                .client = some_place(story),
                .bytes = size(story, 1, chance(story, 8) ? 100000 : 400),
                .frame = size(story, 1, 4096),
                .guest = story->gentle || chance(story, 80) ? 0 : below(story, 3),
                .after = after(story),
        };
        if (step.bytes > 4000 && step.frame < 500)
                step.frame = 4096;
        add(story, (struct step) { .kind = STEP_TYPE, .type = step });
}

static void ask(struct story *story)
{
        static const uint64_t frames[] = { SC_FRAME_PING,           SC_FRAME_PING, SC_FRAME_STATUS_REQUEST,
                                           SC_FRAME_STATUS_REQUEST, SC_FRAME_TAKE, SC_FRAME_TAKE,
                                           SC_FRAME_CLEAR };
        uint64_t frame = frames[below(story, story->gentle ? 4 : SC_COUNT(frames))];
        add(story, (struct step) { .kind = STEP_ASK, .ask = { some_place(story), frame, after(story) } });
}

static void acknowledge(struct story *story)
{
        bool knows = story->gentle || chance(story, 70);
        struct step_acknowledge step = { some_place(story), knows ? BASE_KNOWN : BASE_SENT, 0, 0 };
        if (chance(story, 30))
                step.less = size(story, 1, 3000);
        if (!story->gentle && chance(story, 5))
                step = (struct step_acknowledge) { step.client, chance(story, 50) ? BASE_HEAD : BASE_SENT,
                                                   below(story, 2), 0 };
        add(story, (struct step) { .kind = STEP_ACKNOWLEDGE, .acknowledge = step });
}

static void history(struct story *story)
{
        struct step_history step = {
                .client = some_place(story),
                .start = 1 + below(story, SC_START_BOOT),
                .base = below(story, BASE_COUNT),
                .amount = size(story, 0, 6000),
                .length = chance(story, 50) ? UINT64_MAX : size(story, 0, 20000),
        };
        add(story, (struct step) { .kind = STEP_HISTORY, .history = step });
}

static void waits(struct story *story)
{
        uint64_t us = 0;
        uint64_t kind = below(story, 100);
        if (kind < 40)
                us = size(story, 1, 100000);
        else if (kind < 55)
                us = size(story, 1000, 3000000);
        else if (kind < 58)
                us = size(story, 3000000, 30000000);
        else if (kind < 59)
                us = size(story, 30000000, UINT64_C(7200000000));
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { us } });
}

static void client_step(struct story *story, enum step_kind kind)
{
        uint64_t client = some_place(story);
        switch (kind) {
        case STEP_HELLO:
                add(story, hello(story, client));
                return;
        case STEP_READ:
                add(story,
                    (struct step) { .kind = kind,
                                    .bytes = { client, chance(story, 60) ? UINT64_MAX : size(story, 1, 8000),
                                               after(story) } });
                return;
        case STEP_PACE:
                add(story, (struct step) { .kind = kind,
                                           .pace = { client, size(story, 20, 5000),
                                                     chance(story, 30) ? 0 : size(story, 500, 300000) } });
                return;
        case STEP_SPLIT:
                add(story,
                    (struct step) { .kind = kind,
                                    .bytes = { client, chance(story, 40) ? 0 : size(story, 1, 2000), 0 } });
                return;
        case STEP_KICK:
                add(story,
                    (struct step) { .kind = kind,
                                    .kick = { client, below(story, SCRIPT_PLACES + 1), after(story) } });
                return;
        case STEP_RUBBISH:
                add(story, (struct step) { .kind = kind,
                                           .rubbish = { client, below(story, RUBBISH_COUNT),
                                                        below(story, 100000) } });
                return;
        default:
                add(story,
                    (struct step) { .kind = kind, .client = { client, below(story, 4), after(story) } });
        }
}

static void tell(struct story *story, enum step_kind kind)
{
        switch (kind) {
        case STEP_UP:
        case STEP_NOTE:
                add(story, (struct step) { .kind = kind, .guest = { chance(story, 60) } });
                return;
        case STEP_DOWN:
                add(story, (struct step) { .kind = kind, .guest = { chance(story, 3) } });
                return;
        case STEP_SAY:
                say(story);
                return;
        case STEP_HEAR:
                hear(story);
                return;
        case STEP_DEAF:
                add(story, (struct step) { .kind = kind });
                return;
        case STEP_CONNECT:
                connects(story);
                return;
        case STEP_CROWD:
                add(story, (struct step) { .kind = kind,
                                           .crowd = { chance(story, 60) ? SC_LISTENER_CONTROL
                                                                        : SC_LISTENER_VIEW_CONTROL,
                                                      size(story, 1, 20) } });
                return;
        case STEP_TYPE:
                type(story);
                return;
        case STEP_ASK:
                ask(story);
                return;
        case STEP_ACKNOWLEDGE:
                acknowledge(story);
                return;
        case STEP_HISTORY:
                history(story);
                return;
        case STEP_CLOCK:
                add(story,
                    (struct step) { .kind = kind, .clock = { chance(story, 50), size(story, 1, 10000000) } });
                return;
        case STEP_WAIT:
                waits(story);
                return;
        default:
                client_step(story, kind);
        }
}

/* --- scenes: what seldom comes about by chance --- */

static uint64_t raw_client(struct story *story, uint64_t queue)
{
        uint64_t client = some_place(story);
        add(story, (struct step) { .kind = STEP_DIE, .client = { .client = client } });
        add(story, (struct step) { .kind = STEP_WAIT });
        add(story, (struct step) { .kind = STEP_CONNECT, .connect = { client, SC_LISTENER_RAW, queue, 0 } });
        return client;
}

static uint64_t native_client(struct story *story, uint64_t queue, uint64_t start)
{
        uint64_t client = some_place(story);
        add(story, (struct step) { .kind = STEP_DIE, .client = { .client = client } });
        add(story, (struct step) { .kind = STEP_WAIT });
        add(story,
            (struct step) { .kind = STEP_CONNECT, .connect = { client, SC_LISTENER_CONTROL, queue, 0 } });
        add(story,
            (struct step) { .kind = STEP_HELLO, .hello = { client, SC_ROLE_CLIENT, start, 0, 0, 0, 0 } });
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
        return client;
}

static void says(struct story *story, uint64_t low, uint64_t high)
{
        add(story, (struct step) { .kind = STEP_SAY, .say = { size(story, low, high), 0, 0 } });
}

/* Its kernel has no memory when the peer dies, with unread bytes or without. */
static void dies_unnoticed(struct story *story)
{
        uint64_t client = raw_client(story, 20000);
        says(story, 1, 3000);
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
        if (chance(story, 50))
                add(story, (struct step) { .kind = STEP_READ, .bytes = { client, size(story, 1, 2000), 0 } });
        if (chance(story, 50))
                add(story, (struct step) { .kind = STEP_SHUT, .client = { .client = client } });
        if (chance(story, 60))
                add(story,
                    (struct step) { .kind = STEP_REFUSE, .client = { client, 1 + below(story, 2), 0 } });
        if (chance(story, 70))
                says(story, 1, 3000);
        add(story, (struct step) { .kind = STEP_DIE, .client = { client, 0, 1 + below(story, 4) } });
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
}

/* A reader in its pace, and a guest that is faster: pauses, if there are any. */
static void reads_slowly(struct story *story)
{
        uint64_t client = chance(story, 50) ? raw_client(story, size(story, 512, 4000))
                                            : native_client(story, size(story, 512, 4000), SC_START_END);
        for (unsigned i = 0; i < 3; i++) {
                add(story,
                    (struct step) { .kind = STEP_PACE,
                                    .pace = { client, size(story, 100, 4000), size(story, 1000, 90000) } });
                says(story, 3000, 40000);
                add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 1000, 4000000) } });
                add(story, (struct step) { .kind = STEP_READ, .bytes = { client, UINT64_MAX, 0 } });
                add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 300000) } });
        }
}

static void drips(struct story *story)
{
        native_client(story, 200000, SC_START_BEGINNING);
        uint64_t every_us = 10000 + below(story, 9000);
        uint64_t bytes = 4200 + below(story, 3000);
        add(story, (struct step) { .kind = STEP_SAY, .say = { bytes, 1, every_us } });
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { bytes * every_us } });
        native_client(story, 200000, SC_START_BEGINNING);
}

/* A clear while a frame is cut, or while nothing is. */
static void clears(struct story *story)
{
        uint64_t client = native_client(story, size(story, 512, 4000), SC_START_BEGINNING);
        says(story, 600, 5000);
        add(story, (struct step) { .kind = STEP_WAIT });
        if (chance(story, 50))
                add(story, (struct step) { .kind = STEP_READ, .bytes = { client, size(story, 1, 4000), 0 } });
        add(story, (struct step) { .kind = STEP_WAIT });
        uint64_t operator= native_client(story, 200000, SC_START_END);
        add(story, (struct step) { .kind = STEP_ASK, .ask = { operator, SC_FRAME_CLEAR, 0 } });
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
}

/* Input that waits, a BREAK behind it, and perhaps a guest that goes. */
static void waits_for_guest(struct story *story)
{
        add(story, (struct step) { .kind = STEP_HEAR, .hear = { size(story, 0, 100), UINT64_MAX, 1 } });
        uint64_t client = native_client(story, 200000, SC_START_END);
        for (unsigned i = 0; i < 3; i++) {
                add(story,
                    (struct step) { .kind = STEP_TYPE, .type = { client, size(story, 1, 300), 4096, 0, 0 } });
                if (chance(story, 60))
                        add(story, (struct step) { .kind = STEP_BREAK, .client = { client, 0, 0 } });
        }
        if (chance(story, 30))
                add(story,
                    (struct step) { .kind = STEP_TYPE, .type = { some_place(story), 90000, 4096, 0, 0 } });
        add(story, (struct step) { .kind = STEP_WAIT });
        if (chance(story, 40)) {
                add(story, (struct step) { .kind = STEP_DOWN });
                add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
                add(story, (struct step) { .kind = STEP_UP, .guest = { 1 } });
        }
        hear(story);
}

/* Who waits for the writer's role types, behind an answer that it does not read; then the role is free. */
static void waits_for_role(struct story *story)
{
        uint64_t writer =
                chance(story, 50) ? raw_client(story, 20000) : native_client(story, 20000, SC_START_END);
        add(story, (struct step) { .kind = STEP_ASK, .ask = { writer, SC_FRAME_TAKE, 0 } });
        says(story, 100, 6000);
        uint64_t client = native_client(story, size(story, 512, 3000), SC_START_END);
        if (chance(story, 70))
                add(story, (struct step) { .kind = STEP_HISTORY,
                                           .history = { client, SC_START_BEGINNING, 0, 0, UINT64_MAX } });
        add(story, (struct step) { .kind = STEP_TYPE,
                                   .type = { client, size(story, 1, 3000), size(story, 20, 4096), 0, 0 } });
        if (chance(story, 60))
                add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
        if (chance(story, 50))
                add(story, (struct step) { .kind = STEP_DIE, .client = { .client = writer } });
        else
                add(story, (struct step) { .kind = STEP_ASK, .ask = { client, SC_FRAME_TAKE, 0 } });
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
        add(story, (struct step) { .kind = STEP_READ, .bytes = { client, UINT64_MAX, 0 } });
        add(story, (struct step) { .kind = STEP_WAIT, .wait = { size(story, 0, 1000) } });
}

static void scene(struct story *story)
{
        static void (*const scenes[])(struct story *) = {
                dies_unnoticed, reads_slowly, clears, waits_for_guest, waits_for_role,
        };
        scenes[below(story, SC_COUNT(scenes))](story);
}

static enum step_kind pick(struct story *story)
{
        uint64_t all = 0;
        for (unsigned i = 0; i < STEP_KIND_COUNT; i++)
                all += story->weights[i];
        uint64_t ticket = below(story, all);
        unsigned kind = 0;
        while (ticket >= story->weights[kind])
                ticket -= story->weights[kind++];
        return (enum step_kind)kind;
}

void story_of_seed(struct script *script, uint64_t seed)
{
        struct story story = { .random = { random_mix(seed) }, .script = script };
        begin(&story);
        for (uint64_t left = size(&story, 20, 400); left > 0; left--)
                if (!story.gentle && chance(&story, 4))
                        scene(&story);
                else
                        tell(&story, pick(&story));
        if (story.drips)
                drips(&story);
}
