#include "suites.h"

#include "model/console/consumed.h"

START_TEST(consumed_never_falls)
{
        struct sc_consumed consumed = { .offset = 100 };
        sc_consumed_raise(&consumed, 50, 70);
        ck_assert_uint_eq(consumed.offset, 100);
        sc_consumed_raise(&consumed, 50, 130);
        ck_assert_uint_eq(consumed.offset, 130);
}
END_TEST

START_TEST(client_that_began_behind_consumed_raises_nothing)
{
        struct sc_consumed consumed = { .offset = 100 };
        sc_consumed_raise(&consumed, 101, 500);
        ck_assert_uint_eq(consumed.offset, 100);
        sc_consumed_raise(&consumed, 100, 500);
        ck_assert_uint_eq(consumed.offset, 500);
}
END_TEST

START_TEST(empty_queue_proves_nothing_until_the_client_lives)
{
        struct sc_proof proof;
        sc_proof_start(&proof, 10);
        ck_assert_uint_eq(proof.read_to, 10);
        sc_proof_queue_empty(&proof, 60);
        ck_assert_uint_eq(proof.read_to, 10);
        sc_proof_alive(&proof);
        ck_assert_uint_eq(proof.read_to, 60);
}
END_TEST

START_TEST(life_proves_only_what_was_accepted_before_the_empty_queue)
{
        struct sc_proof proof;
        sc_proof_start(&proof, 0);
        sc_proof_queue_empty(&proof, 60);
        /* 40 more are accepted now; the write that took them shows that it lived. */
        sc_proof_alive(&proof);
        ck_assert_uint_eq(proof.read_to, 60);
        sc_proof_alive(&proof);
        ck_assert_uint_eq(proof.read_to, 60);
}
END_TEST

START_TEST(dead_client_with_unread_bytes_proves_no_more)
{
        struct sc_proof proof;
        sc_proof_start(&proof, 0);
        sc_proof_queue_empty(&proof, 30);
        sc_proof_alive(&proof);
        sc_proof_queue_empty(&proof, 90); /* of a socket whose peer had died already */
        sc_proof_ended(&proof, 90, false);
        ck_assert_uint_eq(proof.read_to, 30);
        sc_proof_alive(&proof); /* too late */
        ck_assert_uint_eq(proof.read_to, 30);
}
END_TEST

START_TEST(client_that_read_all_and_left_is_believed)
{
        struct sc_proof proof;
        sc_proof_start(&proof, 0);
        sc_proof_ended(&proof, 90, true);
        ck_assert_uint_eq(proof.read_to, 90);
}
END_TEST

Suite *consumed_suite(void)
{
        Suite *suite = suite_create("consumed");
        TCase *claims = tcase_create("claims"); /* BF-8 */
        tcase_add_test(claims, consumed_never_falls);
        tcase_add_test(claims, client_that_began_behind_consumed_raises_nothing);
        tcase_add_test(claims, empty_queue_proves_nothing_until_the_client_lives);
        tcase_add_test(claims, life_proves_only_what_was_accepted_before_the_empty_queue);
        tcase_add_test(claims, dead_client_with_unread_bytes_proves_no_more);
        tcase_add_test(claims, client_that_read_all_and_left_is_believed);
        suite_add_tcase(suite, claims);
        return suite;
}
