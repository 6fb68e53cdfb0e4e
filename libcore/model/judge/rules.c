#include "model/judge/rules.h"

#define ALL SC_TYPES_ALL
#define T(name) SC_TYPE(SC_RECORD_##name)

/* The rules of SPEC.md, each in one line: its title, and who judges it. */
const struct sc_rule sc_rules[SC_RULES_MAX + 1] = {
        [1] = { "accumulate", sc_rules_accumulate, T(OUTPUT) | T(OVERWRITTEN), NULL },
        [2] = { "flush, then live", NULL, 0, sc_rules_flush_ended },
        [3] = { "order", sc_rules_order, ALL, NULL },
        [4] = { "overflow", sc_rules_overflow, T(OVERWRITTEN), NULL },
        [5] = { "never stall", sc_rules_never_stall, ALL, sc_rules_pause_ended },
        [6] = { "catch up", sc_rules_catch_up, T(GAP) | T(ACCEPTED) | T(END), NULL },
        [7] = { "history, or once", sc_rules_history, T(START), NULL },
        [8] = { "consumed, not written", sc_rules_consumed, T(CONSUMED) | T(ACKNOWLEDGED) | T(END),
                sc_rules_consumed_ended },
        [9] = { "resume", sc_rules_resume, T(START), NULL },
        [10] = { "input", sc_rules_input,
                 T(INPUT) | T(GUEST_INPUT) | T(DROPPED) | T(BREAK) | T(REQUEST) | T(END) | T(BOUNDARY),
                 sc_rules_input_ended },
        [11] = { "several clients", sc_rules_several_clients,
                 T(INPUT) | T(DROPPED) | T(REQUEST) | T(WRITERS) | T(END) | T(CLOSING) | T(CONNECT),
                 sc_rules_several_clients_ended },
        [12] = { "the guest side comes and goes", sc_rules_guest_side, ALL, NULL },
        [13] = { "every loss has a counter", sc_rules_counters, T(STOP) | T(COUNTERS) | T(OVERWRITTEN),
                 NULL },
        [14] = { "when it was said", sc_rules_times, T(SENT) | T(COUNTERS), NULL },
        [15] = { "the beginning", sc_rules_beginning, ALL, NULL },
};

void sc_rules_report(struct sc_judge *judge, struct sc_violation violation)
{
        judge->summary.violations++;
        judge->summary.by_rule[violation.rule]++;
        if (judge->found_count == SC_FOUND_MAX)
                return;
        violation.record = judge->scene->records;
        violation.time_ns = judge->scene->now_ns;
        judge->found[judge->found_count++] = violation;
}

void sc_rules_blame(struct sc_judge *judge, unsigned rule, const struct sc_seat *seat, uint64_t offset,
                    uint64_t expected, uint64_t found, const char *what)
{
        sc_rules_report(judge, (struct sc_violation) {
                                       .rule = rule,
                                       .offset = offset,
                                       .client = seat ? seat->client : 0,
                                       .expected = expected,
                                       .found = found,
                                       .what = what,
                               });
}

void sc_rules_blame_byte(struct sc_judge *judge, unsigned rule, const struct sc_seat *seat, uint64_t offset,
                         uint8_t expected, uint8_t found, const char *what)
{
        sc_rules_report(judge, (struct sc_violation) {
                                       .rule = rule,
                                       .offset = offset,
                                       .client = seat ? seat->client : 0,
                                       .expected = expected,
                                       .found = found,
                                       .is_byte = true,
                                       .what = what,
                               });
}

void sc_rules_request(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record,
                      const struct sc_request_rule *rule)
{
        const struct sc_scene *scene = judge->scene;
        bool done = scene->asked_for == rule->frame;
        bool answered = record->type == SC_RECORD_REQUEST && record->request.frame == rule->frame &&
                        record->request.result == SC_RESULT_OK;
        if (answered && !done && scene->asked_for != SC_RECORD_UNKNOWN)
                sc_rules_blame(judge, rule->rule, seat, scene->extent.head, SC_RECORD_UNKNOWN,
                               SC_RECORD_UNKNOWN, rule->not_done);
        else if (done && !answered && !(rule->between & SC_TYPE(record->type)) &&
                 record->type != SC_RECORD_MISSING)
                sc_rules_blame(judge, rule->rule, NULL, scene->extent.head, SC_RECORD_UNKNOWN,
                               SC_RECORD_UNKNOWN, rule->not_asked_for);
}
