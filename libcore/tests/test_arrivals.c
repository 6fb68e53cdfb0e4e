#include "suites.h"

#include "model/judge/arrivals.h"

static struct sc_arrivals arrivals;

static void setup(void)
{
        arrivals.end = 0;
        sc_arrivals_clear(&arrivals);
}

static void assert_at(uint64_t offset, uint64_t expected_ns)
{
        uint64_t time_ns = 0;
        ck_assert_msg(sc_arrivals_at(&arrivals, offset, &time_ns), "%llu is not known",
                      (unsigned long long)offset);
        ck_assert_uint_eq(time_ns, expected_ns);
}

static void assert_unknown(uint64_t offset)
{
        uint64_t time_ns;
        ck_assert(!sc_arrivals_at(&arrivals, offset, &time_ns));
}

static uint64_t since(uint64_t time_ns)
{
        uint64_t offset;
        sc_arrivals_since(&arrivals, time_ns, &offset);
        return offset;
}

START_TEST(of_no_output_nothing_is_known)
{
        assert_unknown(0);
        assert_unknown(UINT64_MAX);
        ck_assert_uint_eq(sc_arrivals_span_ns(&arrivals), 0);
        sc_arrivals_forget_below(&arrivals, 100, 0);
        ck_assert_uint_eq(arrivals.count, 0);
        ck_assert_uint_eq(since(0), 0);
}
END_TEST

START_TEST(each_byte_has_the_time_of_its_wake_up)
{
        sc_arrivals_add(&arrivals, 10, 5, 100);
        sc_arrivals_add(&arrivals, 15, 1, 200);
        sc_arrivals_add(&arrivals, 16, 4, 300);
        assert_unknown(9);
        assert_at(10, 100);
        assert_at(14, 100);
        assert_at(15, 200);
        assert_at(16, 300);
        assert_at(19, 300);
        assert_unknown(20);
        ck_assert_uint_eq(sc_arrivals_span_ns(&arrivals), 200);
        ck_assert_uint_eq(since(100), 10);
        ck_assert_uint_eq(since(101), 15);
        ck_assert_uint_eq(since(300), 16);
        ck_assert_uint_eq(since(301), 20);
}
END_TEST

START_TEST(what_one_wake_up_read_is_one_entry)
{
        sc_arrivals_add(&arrivals, 0, 5, 100);
        sc_arrivals_add(&arrivals, 5, 5, 100);
        sc_arrivals_add(&arrivals, 10, 5, 99); /* time falls: it is no later than what was before */
        ck_assert_uint_eq(arrivals.count, 1);
        assert_at(14, 100);
        assert_unknown(15);
}
END_TEST

START_TEST(what_does_not_follow_on_begins_anew)
{
        sc_arrivals_add(&arrivals, 0, 5, 100);
        sc_arrivals_add(&arrivals, 6, 5, 200);
        assert_unknown(0);
        assert_at(6, 200);
        sc_arrivals_add(&arrivals, 10, 5, 300); /* a byte twice */
        assert_unknown(6);
        assert_at(10, 300);
        ck_assert_uint_eq(arrivals.count, 1);
}
END_TEST

START_TEST(the_oldest_go_when_the_table_is_full)
{
        for (uint64_t i = 0; i < SC_ARRIVALS_MAX; i++)
                sc_arrivals_add(&arrivals, i, 1, 1 + i);
        ck_assert(!arrivals.overflown);
        assert_at(0, 1);
        sc_arrivals_add(&arrivals, SC_ARRIVALS_MAX, 1, SC_ARRIVALS_MAX + 1);
        ck_assert(arrivals.overflown);
        ck_assert_uint_eq(arrivals.count, SC_ARRIVALS_MAX);
        assert_unknown(0);
        for (uint64_t i = 1; i <= SC_ARRIVALS_MAX; i++)
                assert_at(i, 1 + i);
        ck_assert_uint_eq(since(0), 1);

        sc_arrivals_forget_below(&arrivals, 1, 0); /* what went is not retained any more */
        ck_assert(!arrivals.overflown);
}
END_TEST

START_TEST(what_is_overwritten_is_forgotten_but_for_what_may_be_merged_with_the_rest)
{
        for (uint64_t i = 0; i < 10; i++)
                sc_arrivals_add(&arrivals, i * 10, 10, 100 * i);
        sc_arrivals_forget_below(&arrivals, 45, 150);
        assert_unknown(29);
        assert_at(30, 300); /* 100 before the byte at 45 */
        sc_arrivals_forget_below(&arrivals, 45, 100);
        assert_at(30, 300);
        sc_arrivals_forget_below(&arrivals, 45, 99);
        assert_unknown(39);
        assert_at(40, 400);
        sc_arrivals_forget_below(&arrivals, 100, 0); /* beyond all that is told: nothing is known of it */
        assert_at(40, 400);
        sc_arrivals_forget_below(&arrivals, 99, 0);
        assert_at(90, 900);
        ck_assert_uint_eq(arrivals.count, 1);
}
END_TEST

START_TEST(the_last_offsets_and_times_do_not_wrap)
{
        sc_arrivals_add(&arrivals, UINT64_MAX - 10, 5, 1);
        sc_arrivals_add(&arrivals, UINT64_MAX - 5, 100, UINT64_MAX);
        assert_at(UINT64_MAX - 6, 1);
        assert_at(UINT64_MAX - 1, UINT64_MAX);
        assert_unknown(UINT64_MAX);
        assert_unknown(0);
        ck_assert_uint_eq(sc_arrivals_span_ns(&arrivals), UINT64_MAX - 1);
        ck_assert_uint_eq(since(UINT64_MAX), UINT64_MAX - 5);
        sc_arrivals_forget_below(&arrivals, UINT64_MAX - 1, UINT64_MAX);
        ck_assert_uint_eq(arrivals.count, 2);
}
END_TEST

Suite *arrivals_suite(void)
{
        Suite *suite = suite_create("arrivals");
        TCase *tcase = tcase_create("arrivals");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, of_no_output_nothing_is_known);
        tcase_add_test(tcase, each_byte_has_the_time_of_its_wake_up);
        tcase_add_test(tcase, what_one_wake_up_read_is_one_entry);
        tcase_add_test(tcase, what_does_not_follow_on_begins_anew);
        tcase_add_test(tcase, the_oldest_go_when_the_table_is_full);
        tcase_add_test(tcase, what_is_overwritten_is_forgotten_but_for_what_may_be_merged_with_the_rest);
        tcase_add_test(tcase, the_last_offsets_and_times_do_not_wrap);
        suite_add_tcase(suite, tcase);
        return suite;
}
