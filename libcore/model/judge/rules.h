#ifndef SC_RULES_H
#define SC_RULES_H

#include "model/judge/judge.h"
#include "model/judge/scene.h"

/* Of a host's trace: a function for each rule, and one table of them; what a wake-up leaves undone is found in the row of
 * BF-2 for BF-6 and BF-12 as well. Of the others: sc_rules_observe. A rule sees the scene before the record, the record
 * and the seat of the client that it names, where that is there. It changes nothing: the scene does (scene.h). */

#define SC_FOUND_MAX 512 /* by one record; more are counted alone */

struct sc_observed;

struct sc_judge {
        const struct sc_scene *scene;
        struct sc_observed *observed; /* NULL: of a host's trace */
        struct sc_judge_summary summary;
        struct sc_violation found[SC_FOUND_MAX];
        size_t found_count;
        size_t found_next;
};

typedef void sc_rule_function(struct sc_judge *judge, const struct sc_seat *seat,
                              const struct sc_record *record);

struct sc_rule {
        const char *title;
        sc_rule_function *judge; /* a record of a host's trace; NULL: none */
        uint64_t types;          /* it looks at: SC_TYPE bits */
        void (*at_wake_end)(struct sc_judge *judge);
};

/* The types of a host's trace are below 64. */
#define SC_TYPE(type) (UINT64_C(1) << ((type)&63))
#define SC_TYPES_ALL UINT64_MAX

extern const struct sc_rule sc_rules[SC_RULES_MAX + 1]; /* by number, from 1 */

/* Reports it, with the number and the time of the record that is looked at. */
void sc_rules_report(struct sc_judge *judge, struct sc_violation violation);
/* The same, of a client where `seat` is not NULL. */
void sc_rules_blame(struct sc_judge *judge, unsigned rule, const struct sc_seat *seat, uint64_t offset,
                    uint64_t expected, uint64_t found, const char *what);
/* The same of a byte: which it was to be, and which it is. */
void sc_rules_blame_byte(struct sc_judge *judge, unsigned rule, const struct sc_seat *seat, uint64_t offset,
                         uint8_t expected, uint8_t found, const char *what);
static inline void sc_rules_unjudged(struct sc_judge *judge, enum sc_unjudged why, uint64_t count)
{
        judge->summary.unjudged[why] = sc_add_sat_u64(judge->summary.unjudged[why], count);
}

/* Whose position is known. */
static inline bool sc_rules_follows(const struct sc_seat *seat)
{
        return seat && seat->placed;
}
/* Whose beginning is known. */
static inline bool sc_rules_knows(const struct sc_seat *seat)
{
        return seat && !seat->vague;
}

sc_rule_function sc_rules_accumulate, sc_rules_order, sc_rules_overflow, sc_rules_never_stall,
        sc_rules_catch_up, sc_rules_history, sc_rules_consumed, sc_rules_resume, sc_rules_input,
        sc_rules_several_clients, sc_rules_guest_side, sc_rules_counters, sc_rules_times, sc_rules_beginning;
/* An observer's or a client's trace: a byte is looked for, and where it is found says which rule is broken. What was found
 * of a client is noted in its seat. */
void sc_rules_observe(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record);
void sc_rules_observe_ended(struct sc_judge *judge);

/* BF-13, of any kind of trace. False: the record stands in another kind of trace alone, and is not to be taken in. Its
 * bytes are to be as many as it says. */
bool sc_rules_belongs(struct sc_judge *judge, const struct sc_record *record);
/* Of any kind of trace. BF-11, 13 and 14: the numbers of clients, no record behind the stop, no second config, and no time
 * before another. */
sc_rule_function sc_rules_record;
/* BF-6: a gap is not empty, and begins where the client is, if it is `followed`. False: reported. */
bool sc_rules_gap(struct sc_judge *judge, const struct sc_seat *seat, bool followed,
                  const struct sc_record_gap *gap);
/* BF-12: boundaries are counted, and at head. False: reported. */
bool sc_rules_boundary(struct sc_judge *judge, const struct sc_record_boundary *boundary);

/* What only a request does, which follows what it did at once: one is not answered without the other. */
struct sc_request_rule {
        unsigned rule;
        uint64_t frame;   /* enum sc_frame_type, as in the scene's `asked_for` */
        uint64_t between; /* SC_TYPE bits that may stand between the two */
        const char *not_done, *not_asked_for;
};
void sc_rules_request(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record,
                      const struct sc_request_rule *rule);

/* BF-4: sc_scene_owes_overflow. */
void sc_rules_overflow_untold(struct sc_judge *judge);

void sc_rules_input_ended(struct sc_judge *judge);
void sc_rules_flush_ended(struct sc_judge *judge);
void sc_rules_pause_ended(struct sc_judge *judge);
void sc_rules_consumed_ended(struct sc_judge *judge);
void sc_rules_several_clients_ended(struct sc_judge *judge);

#endif
