#include "model/judge/seat.h"

#include "model/base/panic.h"
#include "model/base/span.h"

#include <assert.h>
#include <string.h>

#define INDEX_SIZE SC_COUNT(((struct sc_seats *)0)->index)
#define NOWHERE 0xffff

static_assert((INDEX_SIZE & (INDEX_SIZE - 1)) == 0, "a power of two");
static_assert(SC_SEATS_MAX + SC_SEATS_LISTS < NOWHERE, "a link holds it");

static const enum sc_seat_link link_of[SC_SEATS_LISTS] = {
        [SC_SEATS_BEHIND] = SC_LINK_TURN,
        [SC_SEATS_LEVEL] = SC_LINK_TURN,
        [SC_SEATS_TAKING] = SC_LINK_TAKING,
        [SC_SEATS_OWED] = SC_LINK_OWED,
};

/* --- numbers --- */

static size_t home_of(uint64_t client)
{
        return (size_t)((client * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (INDEX_SIZE - 1);
}

static uint16_t number_of(const struct sc_seats *seats, const struct sc_seat *seat)
{
        return (uint16_t)(seat - seats->seats);
}

/* Where the client stands in the index, or the empty place where it would. */
static size_t place_of(const struct sc_seats *seats, uint64_t client)
{
        size_t place = home_of(client);
        while (seats->index[place] != 0 && seats->seats[seats->index[place] - 1].client != client)
                place = (place + 1) & (INDEX_SIZE - 1);
        return place;
}

void sc_seats_init(struct sc_seats *seats)
{
        memset(seats->index, 0, sizeof(seats->index));
        seats->free_count = 0;
        seats->used_max = 0;
        seats->count = 0;
        for (unsigned list = 0; list < SC_SEATS_LISTS; list++) {
                uint16_t head = (uint16_t)(SC_SEATS_MAX + list);
                seats->seats[head].links[link_of[list]] = (struct sc_seat_links) { head, head };
        }
}

const struct sc_seat *sc_seats_find(const struct sc_seats *seats, uint64_t client)
{
        uint16_t found = seats->index[place_of(seats, client)];
        return found == 0 ? NULL : &seats->seats[found - 1];
}

struct sc_seat *sc_seats_own(struct sc_seats *seats, const struct sc_seat *seat)
{
        return &seats->seats[number_of(seats, seat)];
}

struct sc_seat *sc_seats_add(struct sc_seats *seats, uint64_t client)
{
        SC_ASSERT(client != 0);

        uint16_t number;
        if (seats->free_count > 0)
                number = seats->free[--seats->free_count];
        else if (seats->used_max < SC_SEATS_MAX)
                number = seats->used_max++;
        else
                return NULL;
        struct sc_seat *seat = &seats->seats[number];
        *seat = (struct sc_seat) { .client = client };
        for (size_t link = 0; link < SC_LINKS; link++)
                seat->links[link] = (struct sc_seat_links) { NOWHERE, NOWHERE };
        seats->index[place_of(seats, client)] = (uint16_t)(number + 1);
        seats->count++;
        return seat;
}

/* What follows in the index moves up, as far as it may stand there. */
static void close_hole(struct sc_seats *seats, size_t hole)
{
        for (size_t place = hole;;) {
                place = (place + 1) & (INDEX_SIZE - 1);
                if (seats->index[place] == 0)
                        break;
                size_t home = home_of(seats->seats[seats->index[place] - 1].client);
                if (((place - home) & (INDEX_SIZE - 1)) < ((place - hole) & (INDEX_SIZE - 1)))
                        continue;
                seats->index[hole] = seats->index[place];
                hole = place;
        }
        seats->index[hole] = 0;
}

void sc_seats_remove(struct sc_seats *seats, struct sc_seat *seat)
{
        for (size_t link = 0; link < SC_LINKS; link++)
                sc_seats_take_out(seats, seat, (enum sc_seat_link)link);
        close_hole(seats, place_of(seats, seat->client));
        seat->client = 0;
        seats->free[seats->free_count++] = number_of(seats, seat);
        seats->count--;
}

const struct sc_seat *sc_seats_next(const struct sc_seats *seats, uint16_t *index)
{
        while (*index < seats->used_max) {
                const struct sc_seat *seat = &seats->seats[(*index)++];
                if (seat->client != 0)
                        return seat;
        }
        return NULL;
}

/* --- lists --- */

bool sc_seats_is_in(const struct sc_seat *seat, enum sc_seat_link link)
{
        return seat->links[link].next != NOWHERE;
}

void sc_seats_take_out(struct sc_seats *seats, struct sc_seat *seat, enum sc_seat_link link)
{
        struct sc_seat_links *links = &seat->links[link];
        if (links->next == NOWHERE)
                return;
        seats->seats[links->previous].links[link].next = links->next;
        seats->seats[links->next].links[link].previous = links->previous;
        *links = (struct sc_seat_links) { NOWHERE, NOWHERE };
}

static struct sc_seat_links *list_head(struct sc_seats *seats, enum sc_seat_list list)
{
        return &seats->seats[SC_SEATS_MAX + list].links[link_of[list]];
}

void sc_seats_put(struct sc_seats *seats, struct sc_seat *seat, enum sc_seat_list list)
{
        enum sc_seat_link link = link_of[list];
        sc_seats_take_out(seats, seat, link);

        struct sc_seat_links *head = list_head(seats, list);
        uint16_t number = number_of(seats, seat);
        seat->links[link] = (struct sc_seat_links) { (uint16_t)(SC_SEATS_MAX + list), head->previous };
        seats->seats[head->previous].links[link].next = number;
        head->previous = number;
}

void sc_seats_splice_level(struct sc_seats *seats)
{
        struct sc_seat_links *level = list_head(seats, SC_SEATS_LEVEL);
        struct sc_seat_links *behind = list_head(seats, SC_SEATS_BEHIND);
        uint16_t level_number = SC_SEATS_MAX + SC_SEATS_LEVEL;
        uint16_t behind_number = SC_SEATS_MAX + SC_SEATS_BEHIND;
        if (level->next == level_number)
                return;
        seats->seats[behind->previous].links[SC_LINK_TURN].next = level->next;
        seats->seats[level->next].links[SC_LINK_TURN].previous = behind->previous;
        seats->seats[level->previous].links[SC_LINK_TURN].next = behind_number;
        behind->previous = level->previous;
        *level = (struct sc_seat_links) { level_number, level_number };
}

static const struct sc_seat *seat_or_end(const struct sc_seats *seats, uint16_t number)
{
        return number < SC_SEATS_MAX ? &seats->seats[number] : NULL;
}

const struct sc_seat *sc_seats_first(const struct sc_seats *seats, enum sc_seat_list list)
{
        return seat_or_end(seats, seats->seats[SC_SEATS_MAX + list].links[link_of[list]].next);
}

const struct sc_seat *sc_seats_following(const struct sc_seats *seats, const struct sc_seat *seat,
                                         enum sc_seat_list list)
{
        return seat_or_end(seats, seat->links[link_of[list]].next);
}
