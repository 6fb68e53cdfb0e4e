#include "capture.h"
#include "option.h"
#include "suites.h"

#include "model/base/bounds.h"
#include "model/base/span.h"

#include <stdlib.h>
#include <string.h>

enum colour { RED, GREEN, BLUE, COLOURS };

struct test_config {
        bool flag;
        bool quiet;
        bool loud;
        uint64_t size_bytes;
        uint64_t time_ns;
        unsigned count;
        mode_t mode;
        enum colour colour;
        const char *string;
        struct history_argument history;
        int boot;
};

static const char *const colours[] = { [RED] = "red", [GREEN] = "green", [BLUE] = "blue" };

/* -N, one digit: the N. */
static const char *parse_boot(const char *text, void *result)
{
        if (text[0] != '-' || text[1] < '0' || text[1] > '9' || text[2] != '\0')
                return "expected -N";
        *(int *)result = text[1] - '0';
        return NULL;
}

#define FIELD(name) .field = offsetof(struct test_config, name)

static const struct sc_option options[] = {
        { .name = "flag",
          .letter = 'f',
          .kind = SC_OPTION_FLAG,
          FIELD(flag),
          .help = "a flag",
          .needs = "--" },
        { .name = "quiet", .letter = 'q', .kind = SC_OPTION_FLAG, FIELD(quiet), .help = "another" },
        { .name = "loud", .once = true, .kind = SC_OPTION_FLAG, FIELD(loud), .help = "a third" },
        { .name = "size",
          .letter = 's',
          .kind = SC_OPTION_SIZE,
          .argument = "SIZE",
          FIELD(size_bytes),
          .initial = "1M",
          .minimum = 4096,
          .maximum = 1 << 30,
          .help = "a size" },
        { .name = "time",
          .kind = SC_OPTION_TIME,
          .argument = "TIME",
          FIELD(time_ns),
          .initial = "0",
          .maximum = 3600 * SC_NS_PER_S,
          .help = "a time" },
        { .name = "count",
          .letter = 'n',
          .kind = SC_OPTION_COUNT,
          .argument = "N",
          FIELD(count),
          .initial = "64",
          .minimum = 1,
          .maximum = 256,
          .help = "a count" },
        { .name = "mode",
          .kind = SC_OPTION_OCTAL,
          .argument = "OCTAL",
          FIELD(mode),
          .initial = "0600",
          .needs = "string",
          .help = "a mode" },
        { .name = "colour",
          .kind = SC_OPTION_CHOICE,
          .choices = colours,
          .choice_count = COLOURS,
          FIELD(colour),
          .initial = "green",
          .help = "one of three" },
        { .name = "string", .kind = SC_OPTION_STRING, .argument = "TEXT", FIELD(string), .help = "a string" },
        { .name = "history",
          .once = true,
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_history,
          .argument = "HISTORY",
          FIELD(history),
          .initial = "all",
          .help = "parsed with a function" },
        { .name = "boot",
          .letter = 'b',
          .kind = SC_OPTION_PARSED,
          .parse = parse_boot,
          .argument = "[-N]",
          FIELD(boot),
          .alternative = 1,
          .implied = "-0",
          .help = "its value may be left out" },
        { .name = "last",
          .letter = 'l',
          .kind = SC_OPTION_STRING,
          .argument = "TEXT",
          FIELD(string),
          .alternative = 1,
          .help = "excludes the one before" },
};

static const struct sc_option_table table = { options, SC_COUNT(options) };

#define WORDS_MAX 16

static struct test_config config;
static struct sc_operands operands;
static char *words[WORDS_MAX + 1];

/* Reads `line`, whose words are parted by single blanks; a word may be empty. */
static enum sc_option_outcome read_line(char *line)
{
        int count = 0;

        for (char *word; (word = strsep(&line, " ")) != NULL;) {
                ck_assert_int_lt(count, WORDS_MAX);
                words[count++] = word;
        }
        words[count] = NULL;
        memset(&config, 0, sizeof(config));
        sc_option_initialize(&table, &config);
        return sc_option_read(&table, &config, count, words, &operands);
}

static char line[1024];

static void assert_reads(const char *text)
{
        snprintf(line, sizeof(line), "%s", text);
        capture_start();
        enum sc_option_outcome outcome = read_line(line);
        char *said = capture_end();
        ck_assert_msg(outcome == SC_OPTIONS_READ, "\"%s\": %s", text, said);
        ck_assert_str_eq(said, "");
        free(said);
}

static void assert_refuses(const char *text, const char *why)
{
        char expected[1024];

        snprintf(expected, sizeof(expected), "serialcon: %s\n", why);
        snprintf(line, sizeof(line), "%s", text);
        capture_start();
        enum sc_option_outcome outcome = read_line(line);
        char *said = capture_end();
        ck_assert_str_eq(said, expected);
        ck_assert_int_eq(outcome, SC_OPTIONS_WRONG);
        free(said);
}

START_TEST(nothing_given_leaves_the_initial_values)
{
        words[0] = NULL;
        sc_option_initialize(&table, &config);
        ck_assert_int_eq(sc_option_read(&table, &config, 0, words, &operands), SC_OPTIONS_READ);

        ck_assert(!config.flag);
        ck_assert_uint_eq(config.size_bytes, 1048576);
        ck_assert_uint_eq(config.time_ns, 0);
        ck_assert_uint_eq(config.count, 64);
        ck_assert_uint_eq(config.mode, 0600);
        ck_assert_int_eq(config.colour, GREEN);
        ck_assert_ptr_null(config.string);
        ck_assert_int_eq(config.history.policy, SC_HISTORY_ALL);
        ck_assert_int_eq(operands.count, 0);
        ck_assert(!operands.dashes);
}
END_TEST

START_TEST(every_kind_sets_its_field)
{
        assert_reads(
                "--quiet --size 64K --time 2s --count 3 --mode 0640 --colour blue --string x --history 5");
        ck_assert(config.quiet);
        ck_assert_uint_eq(config.size_bytes, 65536);
        ck_assert_uint_eq(config.time_ns, 2 * SC_NS_PER_S);
        ck_assert_uint_eq(config.count, 3);
        ck_assert_uint_eq(config.mode, 0640);
        ck_assert_int_eq(config.colour, BLUE);
        ck_assert_str_eq(config.string, "x");
        ck_assert_int_eq(config.history.policy, SC_HISTORY_LAST);
        ck_assert_uint_eq(config.history.last_bytes, 5);
}
END_TEST

START_TEST(value_may_follow_an_equals_sign_or_a_letter)
{
        assert_reads("--size=64K --string=a=b --colour=red");
        ck_assert_uint_eq(config.size_bytes, 65536);
        ck_assert_str_eq(config.string, "a=b");
        ck_assert_int_eq(config.colour, RED);

        assert_reads("-s 8K");
        ck_assert_uint_eq(config.size_bytes, 8192);
        assert_reads("-s8K");
        ck_assert_uint_eq(config.size_bytes, 8192);
        assert_reads("-qs8K -n 9");
        ck_assert(config.quiet);
        ck_assert_uint_eq(config.size_bytes, 8192);
        ck_assert_uint_eq(config.count, 9);
        assert_reads("-qqs 8K");
        ck_assert_uint_eq(config.size_bytes, 8192);
}
END_TEST

START_TEST(value_that_may_be_left_out_is_taken_where_it_is_one)
{
        static const struct {
                const char *text;
                int boot, operands;
                bool quiet;
        } rows[] = {
                { "-b", 0, 0, false },        { "--boot", 0, 0, false },      { "-b -2", 2, 0, false },
                { "--boot -2", 2, 0, false }, { "-b-2", 2, 0, false },        { "--boot=-2", 2, 0, false },
                { "-b x", 0, 1, false },      { "-b 2", 0, 1, false },        { "-b -q", 0, 0, true },
                { "-b -2 x", 2, 1, false },   { "-qb -3", 3, 0, true },       { "-qb-3", 3, 0, true },
                { "-bq", 0, 0, true },        { "-b -1 -b -2", 2, 0, false }, { "-b -- -2", 0, 0, false },
                { "x -b", 0, 1, false },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                assert_reads(rows[i].text);
                ck_assert_msg(config.boot == rows[i].boot && operands.count == rows[i].operands &&
                                      config.quiet == rows[i].quiet,
                              "\"%s\": %d, %d operands", rows[i].text, config.boot, operands.count);
        }
}
END_TEST

START_TEST(last_one_counts)
{
        assert_reads("--size 8K --size 16K -n 1 -n 2");
        ck_assert_uint_eq(config.size_bytes, 16384);
        ck_assert_uint_eq(config.count, 2);
}
END_TEST

START_TEST(limits_are_inside)
{
        assert_reads("--size 4K --count 1 --time 0");
        assert_reads("--size 1G --count 256 --time 1h");
        ck_assert_uint_eq(config.size_bytes, 1 << 30);
        ck_assert_uint_eq(config.count, 256);
}
END_TEST

START_TEST(operands_keep_their_order)
{
        assert_reads("one --size 8K two - --quiet three");
        ck_assert_int_eq(operands.count, 4);
        ck_assert_str_eq(operands.words[0], "one");
        ck_assert_str_eq(operands.words[1], "two");
        ck_assert_str_eq(operands.words[2], "-");
        ck_assert_str_eq(operands.words[3], "three");
        ck_assert_ptr_null(operands.words[4]);
        ck_assert(!operands.dashes);
        ck_assert_int_eq(operands.behind_count, 0);
}
END_TEST

START_TEST(dashes_end_the_options)
{
        assert_reads("one --quiet -f -- two --size -- -q");
        ck_assert_int_eq(operands.count, 1);
        ck_assert_int_eq(operands.behind_count, 4);
        ck_assert(operands.dashes);
        ck_assert(config.flag);
        ck_assert_str_eq(operands.words[0], "one");
        ck_assert_str_eq(operands.words[1], "two");
        ck_assert_str_eq(operands.words[2], "--size");
        ck_assert_str_eq(operands.words[3], "--");
        ck_assert_str_eq(operands.words[4], "-q");
        ck_assert_ptr_null(operands.words[5]);

        assert_reads("one --");
        ck_assert_int_eq(operands.behind_count, 0);
        ck_assert(operands.dashes);
}
END_TEST

START_TEST(help_and_version_end_the_reading)
{
        static const struct {
                const char *text;
                enum sc_option_outcome outcome;
        } rows[] = {
                { "--help", SC_OPTIONS_HELP },
                { "-h", SC_OPTIONS_HELP },
                { "-V", SC_OPTIONS_VERSION },
                { "--version", SC_OPTIONS_VERSION },
                { "x -h", SC_OPTIONS_HELP },
                { "-qh --nonsense", SC_OPTIONS_HELP },
                { "-h -V", SC_OPTIONS_HELP },
                { "-- --help", SC_OPTIONS_READ },
                { "--string --help", SC_OPTIONS_READ },
                { "-f -h", SC_OPTIONS_HELP },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                snprintf(line, sizeof(line), "%s", rows[i].text);
                enum sc_option_outcome outcome = read_line(line);
                ck_assert_msg(outcome == rows[i].outcome, "\"%s\": %d", rows[i].text, (int)outcome);
        }
}
END_TEST

START_TEST(wrong_option_is_named)
{
        static const struct {
                const char *text, *why;
        } rows[] = {
                { "--sise 1M", "--sise: unknown option; did you mean --size?" },
                { "--sizes=1M", "--sizes: unknown option; did you mean --size?" },
                { "--hlep", "--hlep: unknown option; did you mean --help?" },
                { "--buffer 1M", "--buffer: unknown option" },
                { "--siz 1M", "--siz: unknown option; did you mean --size?" },
                { "--Size 1M", "--Size: unknown option; did you mean --size?" },
                { "--=x", "--: unknown option" },
                { "---size 1M", "---size: unknown option; did you mean --size?" },
                { "-x", "-x: unknown option" },
                { "-qx", "-x: unknown option" },
                { "-1", "-1: unknown option" },
                { "-size", "--size ize: expected a size such as 4096, 64K, 1M or 1G" },
                { "--size", "--size: its value is missing" },
                { "-s", "--size: its value is missing" },
                { "-qs", "--size: its value is missing" },
                { "--size ", "--size '': expected a size such as 4096, 64K, 1M or 1G" },
                { "--size=", "--size '': expected a size such as 4096, 64K, 1M or 1G" },
                { "--size --quiet", "--size --quiet: expected a size such as 4096, 64K, 1M or 1G" },
                { "--size 12Q", "--size 12Q: expected a size such as 4096, 64K, 1M or 1G" },
                { "--size -1", "--size -1: expected a size such as 4096, 64K, 1M or 1G" },
                { "--size 0", "--size 0: expected 4K to 1G" },
                { "--size 4095", "--size 4095: expected 4K to 1G" },
                { "--size 1025M", "--size 1025M: expected 4K to 1G" },
                { "--size 99999999999999999999", "--size 99999999999999999999: too large" },
                { "--time 1", "--time 1: expected a time such as 500ms, 2s, 10m, 1h or 1d" },
                { "--time 61m", "--time 61m: expected 0 to 1h" },
                { "--count 0", "--count 0: expected 1 to 256" },
                { "--count 257", "--count 257: expected 1 to 256" },
                { "--count 4294967297", "--count 4294967297: expected 1 to 256" },
                { "--count many", "--count many: expected a number" },
                { "--string x --mode 999", "--mode 999: expected an octal mode from 0 to 0777" },
                { "--colour mauve", "--colour mauve: expected red, green or blue" },
                { "--colour r", "--colour r: expected red, green or blue" },
                { "--colour ", "--colour '': expected red, green or blue" },
                { "--string ", "--string '': is empty" },
                { "--history last",
                  "--history last: expected all, boot, unread, none or a size such as 64K" },
                { "--history all --history boot", "--history boot: given twice" },
                { "--loud --loud", "--loud: given twice" },
                { "--quiet=yes", "--quiet yes: it takes no value" },
                { "--help=x", "--help x: it takes no value" },
                { "--mode 600", "--mode: it needs --string" },
                { "--flag", "--flag: it needs -- COMMAND" },
                { "x -f y", "--flag: it needs -- COMMAND" },
                { "--boot=2", "--boot 2: expected -N" },
                { "-bx", "-x: unknown option" },
                { "-bq -3", "-3: unknown option" },
                { "-b --last x", "--last: not together with --boot" },
                { "-l x -b", "--last: not together with --boot" },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                assert_refuses(rows[i].text, rows[i].why);
}
END_TEST

START_TEST(needed_option_may_come_later)
{
        assert_reads("--mode 600 --string x");
        assert_reads("--string x --mode 600");
}
END_TEST

static char *printed_help(const struct sc_option_table *printed)
{
        char *text = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&text, &length);

        ck_assert_ptr_nonnull(stream);
        sc_option_print_help(printed, stream);
        ck_assert_int_eq(fclose(stream), 0);
        return text;
}

START_TEST(help_is_the_table)
{
        char *help = printed_help(&table);
        ck_assert_str_eq(help, "  -f, --flag              a flag\n"
                               "  -q, --quiet             another\n"
                               "  --loud                  a third\n"
                               "  -s, --size SIZE         a size (default 1M)\n"
                               "  --time TIME             a time (default 0)\n"
                               "  -n, --count N           a count (default 64)\n"
                               "  --mode OCTAL            a mode (default 0600)\n"
                               "  --colour red|green|blue\n"
                               "                          one of three (default green)\n"
                               "  --string TEXT           a string\n"
                               "  --history HISTORY       parsed with a function (default all)\n"
                               "  -b, --boot [-N]         its value may be left out\n"
                               "  -l, --last TEXT         excludes the one before\n"
                               "  -h, --help              print this help and end\n"
                               "  -V, --version           print the version and end\n");
        free(help);
}
END_TEST

START_TEST(help_is_wrapped_at_80_columns)
{
        static const struct sc_option long_options[] = {
                { .name = "a",
                  .kind = SC_OPTION_FLAG,
                  .help = "123456789 123456789 123456789 123456789 123456789 1234 12345 and more\nnew line" },
                { .name = "b",
                  .kind = SC_OPTION_FLAG,
                  .help = "123456789 123456789 123456789 123456789 123456789 12345 and more" },
                { .name = "c",
                  .kind = SC_OPTION_FLAG,
                  .help = "a_word_that_is_longer_than_the_room_for_words_has_columns_stands_alone then "
                          "more" },
        };
        char *help = printed_help(&(struct sc_option_table) { long_options, 3 });
        const char *builtin = strstr(help, "  -h, --help");
        ck_assert_ptr_nonnull(builtin);
        help[builtin - help] = '\0';
        ck_assert_str_eq(help,
                         "  --a                     123456789 123456789 123456789 123456789 123456789 1234\n"
                         "                          12345 and more\n"
                         "                          new line\n"
                         "  --b                     123456789 123456789 123456789 123456789 123456789\n"
                         "                          12345 and more\n"
                         "  --c                     "
                         "a_word_that_is_longer_than_the_room_for_words_has_columns_stands_alone\n"
                         "                          then more\n");
        free(help);
}
END_TEST

Suite *option_suite(void)
{
        Suite *suite = suite_create("option");
        TCase *reading = tcase_create("reading");
        TCase *help = tcase_create("help");

        tcase_add_test(reading, nothing_given_leaves_the_initial_values);
        tcase_add_test(reading, every_kind_sets_its_field);
        tcase_add_test(reading, value_may_follow_an_equals_sign_or_a_letter);
        tcase_add_test(reading, value_that_may_be_left_out_is_taken_where_it_is_one);
        tcase_add_test(reading, last_one_counts);
        tcase_add_test(reading, limits_are_inside);
        tcase_add_test(reading, operands_keep_their_order);
        tcase_add_test(reading, dashes_end_the_options);
        tcase_add_test(reading, help_and_version_end_the_reading);
        tcase_add_test(reading, wrong_option_is_named);
        tcase_add_test(reading, needed_option_may_come_later);
        tcase_add_test(help, help_is_the_table);
        tcase_add_test(help, help_is_wrapped_at_80_columns);
        suite_add_tcase(suite, reading);
        suite_add_tcase(suite, help);
        return suite;
}
