#include "nearest.h"
#include "suites.h"

#include "model/base/span.h"

#include <string.h>

static const char *nearest_of(const char *word)
{
        static const char *const words[] = { "host", "connect", "status", "log", "list" };
        struct sc_nearest nearest;

        sc_nearest_start(&nearest, word);
        for (size_t i = 0; i < SC_COUNT(words); i++)
                sc_nearest_offer(&nearest, words[i]);
        return nearest.best;
}

START_TEST(slip_is_recognized)
{
        static const struct {
                const char *word, *meant;
        } rows[] = {
                { "hots", "host" },       { "hosts", "host" },     { "hst", "host" },
                { "most", "host" },       { "conect", "connect" }, { "connecct", "connect" },
                { "cnonect", "connect" }, { "stauts", "status" },  { "statsu", "status" },
                { "status", "status" },   { "lits", "list" },      { "Connect", "connect" },
                { "connetc", "connect" },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                const char *best = nearest_of(rows[i].word);
                ck_assert_msg(best != NULL, "nothing near %s", rows[i].word);
                ck_assert_str_eq(best, rows[i].meant);
        }
}
END_TEST

START_TEST(other_word_is_near_to_nothing)
{
        static const char *const words[] = {
                "",     "h",   "ho",   "xy",           "attach",
                "help", "run", "h0s7", "disconnected", "statusstatusstatusstatusstatusstatusstatusstatus",
        };
        for (size_t i = 0; i < SC_COUNT(words); i++) {
                const char *best = nearest_of(words[i]);
                ck_assert_msg(best == NULL, "%s is said to be near %s", best, words[i]);
        }
}
END_TEST

START_TEST(word_of_any_length_is_measured)
{
        char word[2 * SC_NEAREST_WORD_BYTES_MAX + 1];

        for (size_t length = 0; length < sizeof(word); length++) {
                memset(word, 'h', length);
                word[length] = '\0';
                struct sc_nearest nearest;
                sc_nearest_start(&nearest, word);
                sc_nearest_offer(&nearest, word);
                sc_nearest_offer(&nearest, "host");
                if (length >= 3 && length <= SC_NEAREST_WORD_BYTES_MAX)
                        ck_assert_ptr_eq(nearest.best, word);
        }
}
END_TEST

Suite *nearest_suite(void)
{
        Suite *suite = suite_create("nearest");
        TCase *words = tcase_create("words");

        tcase_add_test(words, slip_is_recognized);
        tcase_add_test(words, other_word_is_near_to_nothing);
        tcase_add_test(words, word_of_any_length_is_measured);
        suite_add_tcase(suite, words);
        return suite;
}
