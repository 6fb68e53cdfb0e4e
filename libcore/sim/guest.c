#include "world.h"

#include <string.h>

static void sees_boundary(struct world *world, enum sc_boundary_kind kind)
{
        witness_sees(&world->witness, &(struct sc_record) {
                                              .type = SC_RECORD_BOUNDARY,
                                              .time_ns = world->now_ns,
                                              .boundary = { 0, world->host.history.ring.head, kind },
                                      });
}

/* --- what it does --- */

static void plan(struct guest *guest, const struct step_say *say, uint64_t now_ns)
{
        if (!guest->up || guest->going)
                return;
        guest->plan += say->bytes;
        guest->piece = say->piece > 0 ? say->piece : say->bytes;
        guest->every_ns = say->every_us * 1000;
        guest->says_ns = now_ns;
}

void guest_step(struct world *world, const struct step *step)
{
        static const enum sc_guest_note notes[] = { SC_GUEST_NOTE_NONE, SC_GUEST_NOTE_TAKEN,
                                                    SC_GUEST_NOTE_UNUSABLE };
        struct guest *guest = &world->guest;
        switch (step->kind) {
        case STEP_UP:
                if (guest->up || guest->ended || guest->coming)
                        return;
                guest->coming = true;
                guest->can_break = step->guest.flag != 0;
                return;
        case STEP_DOWN:
                if (!guest->up || guest->going)
                        return;
                guest->going = true;
                guest->going_for_good = step->guest.flag != 0;
                guest->plan = 0;
                return;
        case STEP_NOTE:
                if (!guest->up && !guest->ended && step->guest.flag < SC_COUNT(notes))
                        guest->notes = notes[step->guest.flag] + 1;
                return;
        case STEP_SAY:
                plan(guest, &step->say, world->now_ns);
                return;
        case STEP_HEAR:
                guest->room = step->hear.room;
                guest->takes = step->hear.piece > 0 ? step->hear.piece : 1;
                guest->takes_breaks = step->hear.breaks != 0;
                return;
        default:
                guest->deaf = guest->up;
                return;
        }
}

void guest_prints(struct world *world)
{
        struct guest *guest = &world->guest;
        while (guest->plan > 0 && guest->says_ns <= world->now_ns) {
                uint64_t part = guest->every_ns == 0 ? guest->plan : sc_min_u64(guest->plan, guest->piece);
                guest->to_say += part;
                guest->plan -= part;
                guest->says_ns += guest->every_ns;
        }
}

/* --- what the host is told --- */

static bool takes_input(const struct world *world)
{
        const struct guest *guest = &world->guest;
        if (sc_input_break_is_next(&world->host.input))
                return guest->takes_breaks;
        return guest->deaf || guest->room > 0;
}

static unsigned readiness(const struct world *world)
{
        const struct guest *guest = &world->guest;
        unsigned wants = sc_host_guest_wants(&world->host);
        unsigned ready = 0;
        if ((wants & SC_WANT_READ) && (guest->to_say > 0 || guest->going))
                ready |= SC_WANT_READ;
        if ((wants & SC_WANT_WRITE) && takes_input(world))
                ready |= SC_WANT_WRITE;
        return guest->up ? ready : 0;
}

bool guest_is_ready(const struct world *world)
{
        return world->guest.coming || world->guest.notes > 0 || readiness(world) != 0;
}

void guest_reports(struct world *world)
{
        struct guest *guest = &world->guest;
        unsigned ready = readiness(world);
        if (ready & SC_WANT_READ)
                sc_host_guest_readable(&world->host);
        if (ready & SC_WANT_WRITE)
                sc_host_guest_writable(&world->host);
        if (guest->notes > 0) {
                reference_guest_note(world->reference, (enum sc_guest_note)(guest->notes - 1));
                sc_host_guest_note(&world->host, (enum sc_guest_note)(guest->notes - 1));
        }
        guest->notes = 0;
        if (!guest->coming)
                return;
        guest->coming = false;
        guest->up = true;
        guest->deaf = false;
        sees_boundary(world, SC_BOUNDARY_UP);
        reference_guest_comes(world->reference, guest->can_break);
        sc_host_guest_up(&world->host, guest->can_break);
        world_records(world);
}

static void goes(struct world *world)
{
        struct guest *guest = &world->guest;
        guest->up = guest->going = false;
        guest->ended = guest->going_for_good;
        sees_boundary(world, guest->ended ? SC_BOUNDARY_ENDED : SC_BOUNDARY_DOWN);
        reference_guest_goes(world->reference, guest->ended);
        sc_host_guest_down(&world->host, guest->ended);
        world_records(world);
}

/* --- actions --- */

static void says(struct world *world, const uint8_t *bytes, size_t length)
{
        struct sc_record record = {
                .type = SC_RECORD_OUTPUT,
                .time_ns = world->now_ns,
                .output = { world->guest.said },
                .bytes = bytes,
                .length = length,
        };
        static uint8_t room[SC_RECORD_SIZE_MAX];
        witness_sees(&world->witness, &record);
        /* Behind what is missing, nothing stands before the record that says so. */
        bool lost = world->trace_full > 0 || world->host.trace.loss.records > 0;
        if (lost) {
                sc_trace_lost_output(&world->host.trace, length);
                world->reference->trace_lost++;
                world->trace_full -= world->trace_full > 0;
        } else {
                witness_host(&world->witness, &record, room, sc_record_put(room, sizeof(room), &record));
        }
        reference_says(world->reference, bytes, length);
}

void guest_is_read(struct world *world, const struct sc_action *action)
{
        struct guest *guest = &world->guest;
        struct buffer *work = &world->work;
        size_t length = 0;
        buffer_drop(work, buffer_length(work));
        for (size_t i = 0; i < action->span_count; i++) {
                size_t part = (size_t)sc_min_u64(action->spans[i].length, guest->to_say - length);
                for (size_t j = 0; j < part; j++)
                        action->spans[i].bytes[j] =
                                world->config.plain ? (uint8_t) "boot ok\r\n"[(guest->said + length + j) % 9]
                                                    : output_byte(guest->said + length + j);
                buffer_append(work, action->spans[i].bytes, part);
                length += part;
        }
        if (length == 0 && guest->going) {
                goes(world);
                return;
        }
        if (length > 0)
                says(world, buffer_at(work), length);
        guest->said += length;
        guest->to_say -= length;
        sc_host_guest_read(&world->host, length);
}

void guest_is_written(struct world *world, const struct sc_action *action)
{
        struct guest *guest = &world->guest;
        if (guest->deaf) {
                reference_guest_deafens(world->reference);
                sc_host_guest_write_failed(&world->host);
                return;
        }
        uint64_t left = sc_min_u64(guest->room, guest->takes);
        struct buffer *work = &world->work;
        buffer_drop(work, buffer_length(work));
        for (size_t i = 0; i < action->span_count; i++) {
                size_t part = (size_t)sc_min_u64(action->spans[i].length, left - buffer_length(work));
                buffer_append(work, action->spans[i].bytes, part);
        }
        size_t length = buffer_length(work);
        if (length > 0)
                witness_sees(&world->witness, &(struct sc_record) {
                                                      .type = SC_RECORD_GUEST_INPUT,
                                                      .time_ns = world->now_ns,
                                                      .guest_input = { length },
                                                      .bytes = world->config.input ? buffer_at(work) : NULL,
                                                      .length = world->config.input ? length : 0,
                                              });
        reference_hears(world->reference, buffer_at(work), length);
        guest->room -= guest->room == UINT64_MAX ? 0 : length;
        sc_host_guest_wrote(&world->host, length);
}

void guest_is_broken(struct world *world)
{
        bool done = world->guest.takes_breaks;
        if (done)
                reference_hears_break(world->reference);
        sc_host_guest_broke(&world->host, done);
}
