#include "suites.h"

#include "claim.h"
#include "judged_traces.h"
#include "model/judge/judge.h"
#include "random.h"
#include "record_lines.h"

#include <stdio.h>
#include <stdlib.h>

/* --- judging --- */

static struct sc_judge *judge;
static uint8_t *memory;
static struct sc_violation found[100];
static size_t found_count;
static struct record_line text;

static void begin(const struct sc_record *config)
{
        size_t bytes = sc_judge_memory_bytes(config);
        ck_assert_uint_gt(bytes, 0);
        bytes = (bytes + 4095) / 4096 * 4096;
        memory = aligned_alloc(4096, bytes);
        ck_assert_ptr_nonnull(memory);
        memset(memory, 0, bytes);
        judge = sc_judge_new(config, memory);
        found_count = 0;
}

static void collect(void)
{
        struct sc_violation violation;
        while (sc_judge_next(judge, &violation))
                if (found_count < SC_COUNT(found))
                        found[found_count++] = violation;
}

static void take_record(const struct sc_record *record)
{
        if (!judge)
                begin(record);
        sc_judge_take(judge, record);
        collect();
}

static void take_line(const char *line)
{
        record_line_read(&text, line);
        take_record(&text.record);
}

static void end(bool cut)
{
        sc_judge_end(judge, cut);
        collect();
}

static void forget(void)
{
        free(memory);
        memory = NULL;
        judge = NULL;
}

static size_t lines_of(const char *const *trace)
{
        size_t count = 0;
        while (trace[count])
                count++;
        return count;
}

static void complain(const char *expected)
{
        char said[2000];
        size_t at = 0;
        said[0] = '\0';
        for (size_t i = 0; i < found_count && at < sizeof(said) - 200; i++)
                at += (size_t)snprintf(
                        said + at, sizeof(said) - at,
                        "\n  BF-%u record %llu client %llu offset %lld expected %lld found %lld: %s",
                        found[i].rule, (unsigned long long)found[i].record,
                        (unsigned long long)found[i].client, (long long)found[i].offset,
                        (long long)found[i].expected, (long long)found[i].found, found[i].what);
        ck_abort_msg("%s%s", expected, said);
}

/* --- good traces --- */

static const char *const *const good[] = {
        trace_of_host, trace_of_hold, trace_of_writer, trace_of_observer, trace_of_client,
};

START_TEST(a_good_trace_breaks_no_rule)
{
        const char *const *trace = good[_i];
        for (size_t i = 0; trace[i]; i++)
                take_line(trace[i]);
        end(false);
        if (found_count > 0)
                complain("of a good trace");
        const struct sc_judge_summary *summary = sc_judge_summary(judge);
        ck_assert_uint_eq(summary->violations, 0);
        ck_assert_uint_eq(summary->records, lines_of(trace));
        for (int why = 0; why < SC_UNJUDGED_COUNT; why++) {
                bool cannot = (trace == trace_of_client && why == SC_UNJUDGED_OUTPUT_BYTES) ||
                              (trace == trace_of_writer && why == SC_UNJUDGED_INPUT_BYTES);
                ck_assert_msg((summary->unjudged[why] > 0) == cannot, "not judged: %s",
                              sc_judge_unjudged_text((enum sc_unjudged)why));
        }
        forget();
}
END_TEST

START_TEST(what_looks_bad_and_is_good_is_not_blamed)
{
        const char *const *trace = blameless[_i];
        for (size_t i = 0; trace[i]; i++)
                take_line(trace[i]);
        end(false);
        if (found_count > 0)
                complain("of a good trace");
        forget();
}
END_TEST

START_TEST(a_trace_is_summed_up)
{
        for (size_t i = 0; trace_of_host[i]; i++)
                take_line(trace_of_host[i]);
        end(false);
        const struct sc_judge_summary *summary = sc_judge_summary(judge);
        ck_assert_uint_eq(summary->output_bytes, 2000);
        ck_assert_uint_eq(summary->clients, 6);
        ck_assert_uint_eq(summary->gaps, 7);
        ck_assert_uint_eq(summary->gap_bytes, 100 + 800 + 1900 + 1100);
        ck_assert_uint_eq(summary->guests, 2);
        ck_assert_uint_eq(summary->last_ns, 2500 * SC_NS_PER_MS);
        forget();
}
END_TEST

/* --- broken ones --- */

/* How many records of the good trace are not in the broken one. */
static const size_t dropped[] = {
        [BREAK_DROP] = 1,    [BREAK_DROP_2] = 2, [BREAK_DROP_3] = 3, [BREAK_DROP_5] = 5,
        [BREAK_REPLACE] = 1, [BREAK_INSERT] = 0, [BREAK_SWAP] = 2,
};

static void break_and_judge(const struct broken *change)
{
        size_t at = change->record - 1;
        size_t behind = at + dropped[change->change];
        for (size_t i = 0; i < at; i++)
                take_line(change->trace[i]);
        if (change->line)
                take_line(change->line);
        if (change->line_2)
                take_line(change->line_2);
        if (change->change == BREAK_SWAP) {
                take_line(change->trace[at + 1]);
                take_line(change->trace[at]);
        }
        for (size_t i = behind; change->trace[i]; i++)
                take_line(change->trace[i]);
        end(false);
}

START_TEST(a_broken_trace_is_found_out)
{
        const struct broken *change = &broken[_i];
        char expected[300];
        snprintf(expected, sizeof(expected),
                 "%s: BF-%u at record %llu is to be found first, and nothing else", change->name,
                 change->rule, (unsigned long long)change->at);
        break_and_judge(change);
        if (found_count != 1 + change->more || found[0].rule != change->rule || found[0].record != change->at)
                complain(expected);
        ck_assert_ptr_nonnull(found[0].what);
        ck_assert_uint_ge(sc_judge_summary(judge)->by_rule[change->rule], 1);
        forget();
}
END_TEST

START_TEST(each_rule_is_broken_in_three_ways)
{
        unsigned ways[SC_RULES_MAX + 1] = { 0 };
        for (size_t i = 0; i < broken_count; i++)
                ways[broken[i].rule]++;
        for (unsigned rule = 1; rule <= SC_RULES_MAX; rule++) {
                ck_assert_msg(ways[rule] >= 3, "BF-%u is broken in %u ways", rule, ways[rule]);
                ck_assert_ptr_nonnull(sc_judge_rule_title(rule));
        }
        ck_assert_ptr_null(sc_judge_rule_title(0));
        ck_assert_ptr_null(sc_judge_rule_title(SC_RULES_MAX + 1));
}
END_TEST

/* --- what is missing, or cut --- */

START_TEST(what_is_missing_is_no_violation)
{
        const char *const *trace = good[_i];
        size_t lines = lines_of(trace);
        for (size_t from = 1; from < lines; from++) {
                for (size_t count = 1; count <= 5 && from + count < lines; count++) {
                        char missing[100];
                        for (size_t i = 0; i < from; i++)
                                take_line(trace[i]);
                        snprintf(missing, sizeof(missing), "%s", trace[from]);
                        snprintf(strchr(missing, ' '), 50, " missing %zu 0", count);
                        take_line(missing);
                        for (size_t i = from + count; i < lines; i++)
                                take_line(trace[i]);
                        end(false);
                        if (found_count > 0) {
                                char where[100];
                                snprintf(where, sizeof(where), "%zu records are missing after %zu", count,
                                         from);
                                complain(where);
                        }
                        claim_uint(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_MISSING], ==, count);
                        forget();
                }
        }
}
END_TEST

START_TEST(what_is_missing_is_counted_whatever_its_number)
{
        take_line(trace_of_host[0]);
        take_line("5 missing 0 0");
        ck_assert_uint_eq(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_MISSING], 1);
        take_line("5 missing ? 0");
        take_line("5 missing 1 0");
        ck_assert_uint_eq(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_MISSING], UINT64_MAX);
        forget();
}
END_TEST

/* An observer sees no clear: a console that calls cleared what it has can be neither blamed nor cleared. */
START_TEST(a_gap_that_is_called_cleared_is_not_judged_of_an_observers_trace)
{
        for (size_t i = 0; i < 23; i++)
                take_line(trace_of_observer[i]);
        take_line("1000 gap 3 0 2700 cleared");
        ck_assert_uint_eq(found_count, 0);
        ck_assert_uint_eq(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_OUTPUT_BYTES], 2700);
        forget();
}
END_TEST

/* Client 1, which was there before, may type; that 2 does not is not known to who knows 2 alone. */
static const char *const of_missing_writer[] = {
        "0 config 1 observer 1 1000 0 all 0 0 one 4 0",
        "100 boundary 0 0 up",
        "200 connect 1 raw 0 0",
        "200 connect 2 raw 0 0",
        "300 missing 1 0",
        "400 quiet 0",
        "500 input 2 0 5 'hello'",
        "500 input 1 0 2 'ls'",
        "600 guest-input 2 'ls'",
        "700 quiet 0",
        "800 stop ended",
        NULL,
};

START_TEST(who_is_the_oldest_is_not_known_where_records_are_missing)
{
        for (size_t i = 0; of_missing_writer[i]; i++)
                take_line(of_missing_writer[i]);
        end(false);
        if (found_count > 0)
                complain("clients are not known");
        ck_assert_uint_gt(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_INPUT_ORDER], 0);
        forget();
}
END_TEST

START_TEST(a_trace_that_is_cut_is_judged_as_far_as_it_goes)
{
        const char *const *trace = good[_i];
        size_t lines = lines_of(trace);
        for (size_t length = 1; length < lines; length++) {
                for (size_t i = 0; i < length; i++)
                        take_line(trace[i]);
                end(true);
                if (found_count > 0)
                        complain("cut");
                claim_uint(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_CUT], ==, 1);
                forget();
        }
}
END_TEST

START_TEST(a_trace_that_reached_its_size_says_so)
{
        take_line(trace_of_host[0]);
        take_line("5 stop limited");
        end(false);
        ck_assert_uint_eq(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_LIMITED], 1);
        ck_assert_uint_eq(sc_judge_summary(judge)->unjudged[SC_UNJUDGED_CUT], 0);
        ck_assert_str_eq(sc_judge_unjudged_text(SC_UNJUDGED_LIMITED), "the trace reached its size");
        forget();
}
END_TEST

START_TEST(a_config_that_asks_for_too_much_is_refused)
{
        record_line_read(&text, trace_of_host[0]);
        text.record.config.capacity_bytes = 0;
        ck_assert_uint_eq(sc_judge_memory_bytes(&text.record), 0);
        text.record.config.capacity_bytes = SC_BUFFER_BYTES_MAX + 1;
        ck_assert_uint_eq(sc_judge_memory_bytes(&text.record), 0);
        text.record.config.capacity_bytes = 1000;
        text.record.config.keep_first_bytes = UINT64_MAX;
        ck_assert_uint_eq(sc_judge_memory_bytes(&text.record), 0);
        text.record.config.keep_first_bytes = 0;
        text.record.config.history = SC_RECORD_UNKNOWN;
        ck_assert_uint_eq(sc_judge_memory_bytes(&text.record), 0);
        text.record.config.history = SC_HISTORY_ALL;
        text.record.config.writers = SC_RECORD_UNKNOWN;
        ck_assert_uint_eq(sc_judge_memory_bytes(&text.record), 0);
        text.record.config.writers = SC_WRITERS_ALL;
        ck_assert_uint_gt(sc_judge_memory_bytes(&text.record), 0);
        text.record.config.kind = 7;
        ck_assert_uint_eq(sc_judge_memory_bytes(&text.record), 0);
        record_line_read(&text, "0 stop ended");
        ck_assert_uint_eq(sc_judge_memory_bytes(&text.record), 0);
}
END_TEST

/* --- whatever it says --- */

static uint64_t strange_number(struct random *random, uint64_t number)
{
        static const uint64_t strange[] = { 0,         1, 2, 7, 100, 1000, 1 << 20, INT64_MAX, UINT64_MAX - 1,
                                            UINT64_MAX };
        if (random_below(random, 2) == 0)
                return strange[random_below(random, SC_COUNT(strange))];
        return number + random_below(random, 5) - 2;
}

static void disturb(struct random *random, struct sc_record *record)
{
        const struct sc_record_layout *layout = sc_record_layout(record->type);
        if (layout->field_count == 0)
                return;
        size_t field = (size_t)random_below(random, layout->field_count);
        uint64_t number = strange_number(random, record->fields[field]);
        if (layout->fields[field].unit == SC_RECORD_FLAG)
                number &= 1;
        size_t values = layout->fields[field].value_count;
        if (values > 0) { /* the decoder lets no other through */
                number %= values;
                while (!layout->fields[field].values[number])
                        number = (number + 1) % values;
        }
        record->fields[field] = number;
}

/* Records are dropped, doubled, swapped and disturbed: what comes out does not matter, that it comes does. */
START_TEST(no_trace_is_too_strange)
{
        struct random random = random_of((unsigned)_i);
        for (unsigned round = 0; round < 100; round++) {
                const char *const *trace = good[random_below(&random, SC_COUNT(good))];
                size_t lines = lines_of(trace);
                take_line(trace[0]);
                for (size_t i = 1; i < 2 * lines; i++) {
                        bool astray = random_below(&random, 12) == 0;
                        size_t line = astray ? (size_t)random_below(&random, lines) : i % lines;
                        record_line_read(&text, trace[line]);
                        if (random_below(&random, 10) == 0)
                                disturb(&random, &text.record);
                        if (random_below(&random, 20) == 0)
                                text.record.time_ns = strange_number(&random, text.record.time_ns);
                        take_record(&text.record);
                }
                end(false);
                forget();
        }
}
END_TEST

Suite *judge_suite(void)
{
        Suite *suite = suite_create("judge");
        TCase *tcase = tcase_create("judge");
        tcase_set_timeout(tcase, 60);
        tcase_add_loop_test(tcase, a_good_trace_breaks_no_rule, 0, SC_COUNT(good));
        tcase_add_loop_test(tcase, what_looks_bad_and_is_good_is_not_blamed, 0, (int)blameless_count);
        tcase_add_test(tcase, a_trace_is_summed_up);
        tcase_add_loop_test(tcase, a_broken_trace_is_found_out, 0, (int)broken_count);
        tcase_add_test(tcase, each_rule_is_broken_in_three_ways);
        tcase_add_loop_test(tcase, what_is_missing_is_no_violation, 0, SC_COUNT(good));
        tcase_add_test(tcase, what_is_missing_is_counted_whatever_its_number);
        tcase_add_test(tcase, a_gap_that_is_called_cleared_is_not_judged_of_an_observers_trace);
        tcase_add_test(tcase, who_is_the_oldest_is_not_known_where_records_are_missing);
        tcase_add_loop_test(tcase, a_trace_that_is_cut_is_judged_as_far_as_it_goes, 0, SC_COUNT(good));
        tcase_add_test(tcase, a_trace_that_reached_its_size_says_so);
        tcase_add_test(tcase, a_config_that_asks_for_too_much_is_refused);
        tcase_add_loop_test(tcase, no_trace_is_too_strange, 0, 20);
        suite_add_tcase(suite, tcase);
        return suite;
}
