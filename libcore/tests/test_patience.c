#include "suites.h"

#include "model/client/patience.h"

#define NEVER UINT64_MAX

static struct sc_patience patience;

static void expect(enum sc_patience_verdict verdict, uint64_t now_ns)
{
        ck_assert_int_eq(sc_patience_verdict(&patience, now_ns), verdict);
}

START_TEST(without_limits_it_lasts)
{
        sc_patience_start(&patience, NEVER, NEVER, false, 7);
        expect(SC_PATIENCE_LASTS, NEVER - 1);
        ck_assert_uint_eq(sc_patience_deadline_ns(&patience), NEVER);
}
END_TEST

START_TEST(the_whole_call_is_limited_whatever_comes)
{
        sc_patience_start(&patience, 100, NEVER, false, 1000);
        sc_patience_output(&patience, false, 1099);
        expect(SC_PATIENCE_LASTS, 1099);
        ck_assert_uint_eq(sc_patience_deadline_ns(&patience), 1100);
        expect(SC_PATIENCE_TIMED_OUT, 1100);
}
END_TEST

START_TEST(silence_is_counted_from_the_last_output)
{
        sc_patience_start(&patience, NEVER, 50, false, 1000);
        expect(SC_PATIENCE_LASTS, 1049);
        expect(SC_PATIENCE_IDLE, 1050);
        sc_patience_output(&patience, false, 1040);
        expect(SC_PATIENCE_LASTS, 1089);
        ck_assert_uint_eq(sc_patience_deadline_ns(&patience), 1090);
        expect(SC_PATIENCE_IDLE, 1090);
        sc_patience_output(&patience, true, 1100);
        expect(SC_PATIENCE_LASTS, 9000); /* it is not taken */
        ck_assert_uint_eq(sc_patience_deadline_ns(&patience), NEVER);
        sc_patience_output(&patience, false, 9000);
        expect(SC_PATIENCE_IDLE, 9050);
}
END_TEST

START_TEST(an_answer_is_awaited_once_the_input_is_taken)
{
        sc_patience_start(&patience, NEVER, 50, true, 1000);
        expect(SC_PATIENCE_LASTS, 5000);
        ck_assert_uint_eq(sc_patience_deadline_ns(&patience), NEVER);
        sc_patience_taken(&patience, 5000);
        sc_patience_taken(&patience, 5020); /* once is enough */
        expect(SC_PATIENCE_LASTS, 5049);
        sc_patience_output(&patience, false, 5049);
        expect(SC_PATIENCE_LASTS, 5098);
        expect(SC_PATIENCE_ANSWERED, 5099);
}
END_TEST

START_TEST(the_answer_comes_before_the_timeout_of_the_same_moment)
{
        sc_patience_start(&patience, 100, 100, true, 1000);
        sc_patience_taken(&patience, 1000);
        expect(SC_PATIENCE_ANSWERED, 1100);
        sc_patience_start(&patience, NEVER - 5, NEVER - 5, false, 1000); /* no overflow */
        expect(SC_PATIENCE_LASTS, NEVER - 1);
}
END_TEST

Suite *patience_suite(void)
{
        Suite *suite = suite_create("patience");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, without_limits_it_lasts);
        tcase_add_test(claims, the_whole_call_is_limited_whatever_comes);
        tcase_add_test(claims, silence_is_counted_from_the_last_output);
        tcase_add_test(claims, an_answer_is_awaited_once_the_input_is_taken);
        tcase_add_test(claims, the_answer_comes_before_the_timeout_of_the_same_moment);
        suite_add_tcase(suite, claims);
        return suite;
}
