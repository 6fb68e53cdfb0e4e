#include "suites.h"

#include "model/console/writer.h"

/* Out of order, as slots are; 3 and 9 are raw. */
static const struct sc_writer_candidate clients[] = { { 9, false }, { 5, true }, { 3, false }, { 7, true } };

START_TEST(all_may_type_and_the_oldest_native_answers) /* BF-11 */
{
        struct sc_writers writers = { .policy = SC_WRITERS_ALL };
        sc_writers_settle(&writers, clients, 4);
        ck_assert(sc_writers_may_type(&writers, 9) && sc_writers_may_type(&writers, 5));
        ck_assert_uint_eq(writers.writer, 0);
        ck_assert_uint_eq(writers.answerer, 5);
        sc_writers_take(&writers, 9);
        ck_assert_uint_eq(writers.writer, 0);
}
END_TEST

START_TEST(who_typed_answers_until_it_leaves)
{
        struct sc_writers writers = { .policy = SC_WRITERS_ALL };
        sc_writers_settle(&writers, clients, 4);
        sc_writers_typed(&writers, 7);
        sc_writers_settle(&writers, clients, 4);
        ck_assert_uint_eq(writers.answerer, 7);
        sc_writers_settle(&writers, clients, 3); /* 7 left */
        ck_assert_uint_eq(writers.answerer, 5);
        sc_writers_settle(&writers, clients, 1); /* a raw one is left: nobody answers */
        ck_assert_uint_eq(writers.answerer, 0);
}
END_TEST

START_TEST(oldest_is_the_one_writer)
{
        struct sc_writers writers = { .policy = SC_WRITERS_ONE };
        ck_assert(!sc_writers_may_type(&writers, 3));
        sc_writers_settle(&writers, clients, 1);
        ck_assert_uint_eq(writers.writer, 9);
        sc_writers_settle(&writers, clients, 4); /* older ones do not push it out */
        ck_assert_uint_eq(writers.writer, 9);
        ck_assert(sc_writers_may_type(&writers, 9) && !sc_writers_may_type(&writers, 3));
        sc_writers_settle(&writers, clients + 1, 3); /* it left */
        ck_assert_uint_eq(writers.writer, 3);
        sc_writers_settle(&writers, NULL, 0);
        ck_assert_uint_eq(writers.writer, 0);
        ck_assert_uint_eq(writers.answerer, 0);
}
END_TEST

START_TEST(take_makes_another_the_writer)
{
        struct sc_writers writers = { .policy = SC_WRITERS_ONE };
        sc_writers_settle(&writers, clients, 4);
        sc_writers_take(&writers, 7);
        sc_writers_settle(&writers, clients, 4);
        ck_assert_uint_eq(writers.writer, 7);
        ck_assert(!sc_writers_may_type(&writers, 3));
}
END_TEST

Suite *writer_suite(void)
{
        Suite *suite = suite_create("writer");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, all_may_type_and_the_oldest_native_answers);
        tcase_add_test(claims, who_typed_answers_until_it_leaves);
        tcase_add_test(claims, oldest_is_the_one_writer);
        tcase_add_test(claims, take_makes_another_the_writer);
        suite_add_tcase(suite, claims);
        return suite;
}
