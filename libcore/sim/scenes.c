#include "teller.h"

static uint64_t add_client(struct teller *teller, enum sc_listener listener, uint64_t queue)
{
        struct step step = { .kind = STEP_CONNECT };
        step.connect.client = some_place(teller);
        step.connect.listener = listener;
        step.connect.queue = queue;
        add_die(teller, step.connect.client, 0);
        add_wait(teller, 0);
        add(teller, step);
        return step.connect.client;
}

static uint64_t add_raw(struct teller *teller, uint64_t queue)
{
        return add_client(teller, SC_LISTENER_RAW, queue);
}

static uint64_t add_native(struct teller *teller, uint64_t queue, enum sc_start start)
{
        struct step step = { .kind = STEP_HELLO };
        step.hello.client = add_client(teller, SC_LISTENER_CONTROL, queue);
        step.hello.role = SC_ROLE_CLIENT;
        step.hello.start = start;
        add(teller, step);
        add_wait(teller, 1000);
        return step.hello.client;
}

static void add_say(struct teller *teller, uint64_t low, uint64_t high)
{
        struct step step = { .kind = STEP_SAY };
        step.say.bytes = size(teller, low, high);
        add(teller, step);
}

static void add_read(struct teller *teller, uint64_t client, uint64_t most)
{
        struct step step = { .kind = STEP_READ };
        step.bytes.client = client;
        step.bytes.bytes = most == UINT64_MAX ? most : size(teller, 1, most);
        add(teller, step);
}

static void add_type(struct teller *teller, uint64_t client, uint64_t bytes, uint64_t frame)
{
        struct step step = { .kind = STEP_TYPE };
        step.type.client = client;
        step.type.bytes = bytes;
        step.type.frame = frame;
        add(teller, step);
}

static void add_ask(struct teller *teller, uint64_t client, enum sc_frame_type frame)
{
        struct step step = { .kind = STEP_ASK };
        step.ask.client = client;
        step.ask.frame = frame;
        add(teller, step);
}

static void add_hear(struct teller *teller, uint64_t room)
{
        struct step step = { .kind = STEP_HEAR };
        step.hear.room = room;
        step.hear.piece = UINT64_MAX;
        step.hear.breaks = 1;
        add(teller, step);
}

/* Its kernel has no memory when the peer dies, with unread bytes or without. */
static void dies_unnoticed(struct teller *teller)
{
        uint64_t client = add_raw(teller, 20000);
        add_say(teller, 1, 3000);
        add_wait(teller, 1000);
        if (chance(teller, 50))
                add_read(teller, client, 2000);
        if (chance(teller, 50)) {
                struct step step = { .kind = STEP_SHUT };
                step.client.client = client;
                add(teller, step);
        }
        if (chance(teller, 60)) {
                struct step step = { .kind = STEP_REFUSE };
                step.client.client = client;
                step.client.value = 1 + below(teller, 2);
                add(teller, step);
        }
        if (chance(teller, 70))
                add_say(teller, 1, 3000);
        uint64_t after = 1 + below(teller, 4);
        add_die(teller, client, after);
        add_wait(teller, 1000);
}

/* A reader in its pace, and a guest that is faster: pauses, if there are any. */
static void reads_slowly(struct teller *teller)
{
        uint64_t queue = size(teller, 512, 4000);
        uint64_t client =
                chance(teller, 50) ? add_raw(teller, queue) : add_native(teller, queue, SC_START_END);
        for (unsigned i = 0; i < 3; i++) {
                struct step step = { .kind = STEP_PACE };
                step.pace.client = client;
                step.pace.bytes = size(teller, 100, 4000);
                step.pace.every_us = size(teller, 1000, 90000);
                add(teller, step);
                add_say(teller, 3000, 40000);
                add_wait(teller, 4000000);
                add_read(teller, client, UINT64_MAX);
                add_wait(teller, 300000);
        }
}

/* A reader that is exactly as fast as the guest, the host's wake-ups late or not. */
static void reads_at_the_rate(struct teller *teller)
{
        uint64_t queue = size(teller, 512, 20000);
        struct step pace = { .kind = STEP_PACE }, say = { .kind = STEP_SAY };
        pace.pace.client =
                chance(teller, 50) ? add_raw(teller, queue) : add_native(teller, queue, SC_START_END);
        pace.pace.bytes = say.say.piece = size(teller, 100, 2000);
        pace.pace.every_us = say.say.every_us = size(teller, 1000, 120000);
        say.say.bytes = say.say.piece * size(teller, 10, 60);
        add_say(teller, 1, teller->capacity);
        add(teller, pace);
        add(teller, say);
        add_wait(teller, 1000000);
        if (chance(teller, 40)) {
                struct step step = { .kind = STEP_STOP };
                step.wait.us = size(teller, 1, teller->stop_us_max);
                add(teller, step);
        }
        add_wait(teller, 4000000);
}

/* What it says comes byte by byte, slower or faster than one that is silent may be. */
static void greets_slowly(struct teller *teller)
{
        struct step split = { .kind = STEP_SPLIT }, hello = { .kind = STEP_HELLO };
        hello.hello.client = split.pace.client = add_client(teller, SC_LISTENER_CONTROL, 200000);
        split.pace.bytes = size(teller, 1, 60);
        split.pace.every_us = size(teller, 4000000, 11000000);
        hello.hello.role = chance(teller, 50) ? SC_ROLE_CLIENT : SC_ROLE_CONTROL;
        hello.hello.start = SC_START_BEGINNING;
        add(teller, split);
        add(teller, hello);
        add_ask(teller, hello.hello.client, SC_FRAME_STATUS_REQUEST);
        add_wait(teller, 0);
        add(teller, (struct step) { .kind = STEP_WAIT, .wait.us = 120000000 });
}

static void add_crowd(struct teller *teller, uint64_t count)
{
        struct step step = { .kind = STEP_CROWD };
        step.crowd.listener = SC_LISTENER_CONTROL;
        step.crowd.count = count;
        add(teller, step);
        add_wait(teller, 0);
}

/* All places of a .ctl are taken, and one who does not read is to be ended beside them. */
static void takes_all_places(struct teller *teller)
{
        struct step again = { .kind = STEP_HELLO };
        again.hello.client = add_native(teller, 512, SC_START_BEGINNING);
        again.hello.role = SC_ROLE_CLIENT;
        add_say(teller, 600, 3000);
        add_wait(teller, 0);
        add_crowd(teller, SC_CONTROLS_MAX);
        add(teller, again);
        add_wait(teller, 0);
        uint64_t more = size(teller, 1, 4);
        add_crowd(teller, more);
}

/* Two want the writer's role at once, and type. */
static void take_at_once(struct teller *teller)
{
        uint64_t one = add_native(teller, 20000, SC_START_END);
        uint64_t other = add_native(teller, 20000, SC_START_END);
        for (unsigned i = 0; i < 4; i++) {
                uint64_t client = i % 2 == 0 ? one : other;
                uint64_t bytes = size(teller, 1, 300);
                if (chance(teller, 70))
                        add_ask(teller, client, SC_FRAME_TAKE);
                add_type(teller, client, bytes, SC_FRAME_INPUT_BYTES_MAX);
        }
        add_wait(teller, 1000);
}

/* A clear while a frame is cut, or while nothing is. */
static void clears(struct teller *teller)
{
        uint64_t queue = size(teller, 512, 4000);
        uint64_t client = add_native(teller, queue, SC_START_BEGINNING);
        add_say(teller, 600, 5000);
        add_wait(teller, 0);
        if (chance(teller, 50))
                add_read(teller, client, 4000);
        add_wait(teller, 0);
        uint64_t operator= add_native(teller, 200000, SC_START_END);
        add_ask(teller, operator, SC_FRAME_CLEAR);
        add_wait(teller, 1000);
}

/* Input that waits, a BREAK behind it, and perhaps a guest that goes. */
static void waits_for_guest(struct teller *teller)
{
        uint64_t room = size(teller, 0, 100);
        add_hear(teller, room);
        uint64_t client = add_native(teller, 200000, SC_START_END);
        for (unsigned i = 0; i < 3; i++) {
                uint64_t bytes = size(teller, 1, 300);
                add_type(teller, client, bytes, SC_FRAME_INPUT_BYTES_MAX);
                if (chance(teller, 60)) {
                        struct step step = { .kind = STEP_BREAK };
                        step.client.client = client;
                        add(teller, step);
                }
        }
        if (chance(teller, 30)) {
                uint64_t other = some_place(teller);
                add_type(teller, other, 90000, SC_FRAME_INPUT_BYTES_MAX);
        }
        add_wait(teller, 0);
        if (chance(teller, 40)) {
                add(teller, (struct step) { .kind = STEP_DOWN });
                add_wait(teller, 1000);
                add(teller, (struct step) { .kind = STEP_UP, .guest.flag = 1 });
        }
        add_hear(teller, UINT64_MAX);
}

/* Who waits for the writer's role types, behind an answer that it does not read; then the role is free. */
static void waits_for_role(struct teller *teller)
{
        uint64_t writer =
                chance(teller, 50) ? add_raw(teller, 20000) : add_native(teller, 20000, SC_START_END);
        add_ask(teller, writer, SC_FRAME_TAKE);
        add_say(teller, 100, 6000);
        uint64_t queue = size(teller, 512, 3000);
        uint64_t client = add_native(teller, queue, SC_START_END);
        if (chance(teller, 70)) {
                struct step step = { .kind = STEP_HISTORY };
                step.history.client = client;
                step.history.start = SC_START_BEGINNING;
                step.history.length = UINT64_MAX;
                add(teller, step);
        }
        uint64_t bytes = size(teller, 1, 3000);
        uint64_t frame = size(teller, 20, SC_FRAME_INPUT_BYTES_MAX);
        add_type(teller, client, bytes, frame);
        if (chance(teller, 60))
                add_wait(teller, 1000);
        if (chance(teller, 50))
                add_die(teller, writer, 0);
        else
                add_ask(teller, client, SC_FRAME_TAKE);
        add_wait(teller, 1000);
        add_read(teller, client, UINT64_MAX);
        add_wait(teller, 1000);
}

/* Somebody on the view asks for everything that there is. */
static void looks_on(struct teller *teller)
{
        static const uint64_t roles[] = { SC_ROLE_CLIENT, SC_ROLE_VIEWER, SC_ROLE_CONTROL };
        if (!teller->view)
                return;
        struct step step = { .kind = STEP_HELLO };
        step.hello.client = add_client(teller, SC_LISTENER_VIEW_CONTROL, 200000);
        step.hello.role = roles[below(teller, SC_COUNT(roles))];
        step.hello.start = SC_START_BEGINNING;
        add(teller, step);
        add_wait(teller, 1000);
        static const enum step_kind kinds[] = { STEP_BREAK, STEP_MARK, STEP_KICK };
        for (size_t i = 0; i < SC_COUNT(kinds); i++) {
                struct step act = { .kind = kinds[i] };
                act.client.client = step.hello.client;
                add(teller, act);
        }
        add_ask(teller, step.hello.client, SC_FRAME_TAKE);
        add_ask(teller, step.hello.client, SC_FRAME_CLEAR);
        add_type(teller, step.hello.client, 50, 50);
        add_wait(teller, 1000);
}

void scenes_tell(struct teller *teller)
{
        static void (*const scenes[])(struct teller *) = {
                dies_unnoticed,  reads_slowly,   clears,   reads_at_the_rate, greets_slowly,
                waits_for_guest, waits_for_role, looks_on, take_at_once,      takes_all_places,
        };
        scenes[below(teller, SC_COUNT(scenes))](teller);
}

void scenes_drip(struct teller *teller)
{
        add_native(teller, 200000, SC_START_BEGINNING);
        struct step step = { .kind = STEP_SAY };
        step.say.bytes = 4200 + below(teller, 3000);
        step.say.piece = 1;
        step.say.every_us = 10000 + below(teller, 9000);
        add(teller, step);
        add(teller, (struct step) { .kind = STEP_WAIT, .wait.us = step.say.bytes * step.say.every_us });
        add_native(teller, 200000, SC_START_BEGINNING);
}
