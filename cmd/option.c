#include "option.h"

#include "model/base/panic.h"
#include "model/base/span.h"
#include "nearest.h"
#include "report.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#define HELP_INDENT 2
#define HELP_COLUMN 26
#define SHOWN_BYTES_MAX 1024 /* an option with its value in a message, or with its argument in help */

/* What every command has, below its own. */
enum { BUILT_IN_HELP, BUILT_IN_VERSION, BUILT_IN_COUNT };

static const struct sc_option built_in[] = {
        [BUILT_IN_HELP] = { .name = "help", .letter = 'h', .help = "print this help and end" },
        [BUILT_IN_VERSION] = { .name = "version", .letter = 'V', .help = "print the version and end" },
};
static_assert(SC_COUNT(built_in) == BUILT_IN_COUNT, "a row for each");

/* One call of sc_option_read. */
struct reader {
        const struct sc_option_table *table;
        void *config;
        char **next; /* the next word of argv; ends at NULL */
        uint64_t given;
};

/* `value`: NULL where the option has none. */
static enum sc_option_outcome wrong_value(const struct sc_option *option, const char *value, const char *why)
{
        char what[SHOWN_BYTES_MAX];

        if (value == NULL)
                snprintf(what, sizeof(what), "--%s", option->name);
        else
                snprintf(what, sizeof(what), "--%s %s", option->name, *value == '\0' ? "''" : value);
        sc_report(what, "%s", why);
        return SC_OPTIONS_WRONG;
}

/* Row `i` of the table, with the built-in ones behind it; NULL behind those. */
static const struct sc_option *row(const struct sc_option_table *table, size_t i)
{
        if (i < table->count)
                return &table->options[i];
        return i - table->count < BUILT_IN_COUNT ? &built_in[i - table->count] : NULL;
}

static const struct sc_option *find_by_letter(const struct sc_option_table *table, char letter)
{
        const struct sc_option *option;

        for (size_t i = 0; (option = row(table, i)) != NULL; i++) {
                if (option->letter == letter)
                        return option;
        }
        return NULL;
}

static const struct sc_option *find_by_name(const struct sc_option_table *table, const char *name,
                                            size_t length)
{
        const struct sc_option *option;

        for (size_t i = 0; (option = row(table, i)) != NULL; i++) {
                if (strncmp(option->name, name, length) == 0 && option->name[length] == '\0')
                        return option;
        }
        return NULL;
}

static enum sc_option_outcome unknown_name(const struct sc_option_table *table, const char *name,
                                           size_t length)
{
        char word[SHOWN_BYTES_MAX];
        char what[SHOWN_BYTES_MAX + 2];
        struct sc_nearest nearest;

        snprintf(word, sizeof(word), "%.*s", (int)sc_min_u64(length, sizeof(word) - 1), name);
        snprintf(what, sizeof(what), "--%s", word);
        sc_nearest_start(&nearest, word);
        for (size_t i = 0; row(table, i) != NULL; i++)
                sc_nearest_offer(&nearest, row(table, i)->name);

        if (nearest.best != NULL)
                sc_report(what, "unknown option; did you mean --%s?", nearest.best);
        else
                sc_report(what, "unknown option");
        return SC_OPTIONS_WRONG;
}

/* ": expected A, B or C" without the colon. */
static void list_choices(const struct sc_option *option, char *text, size_t room)
{
        size_t length = (size_t)snprintf(text, room, "expected ");

        for (size_t i = 0; i < option->choice_count && length < room; i++) {
                const char *joint = i == 0 ? "" : i + 1 < option->choice_count ? ", " : " or ";
                length += (size_t)snprintf(text + length, room - length, "%s%s", joint, option->choices[i]);
        }
}

static const char *limit_text(const struct sc_option *option, uint64_t limit,
                              char text[static SC_VALUE_TEXT_BYTES])
{
        if (option->kind == SC_OPTION_SIZE)
                return sc_value_size_text(limit, text);
        if (option->kind == SC_OPTION_TIME)
                return sc_value_time_text(limit, text);
        snprintf(text, SC_VALUE_TEXT_BYTES, "%" PRIu64, limit);
        return text;
}

/* NULL, or what the limits are. */
static const char *check_limits(const struct sc_option *option, uint64_t value, char *text, size_t room)
{
        char least[SC_VALUE_TEXT_BYTES], most[SC_VALUE_TEXT_BYTES];
        uint64_t maximum = option->maximum != 0              ? option->maximum
                           : option->kind == SC_OPTION_COUNT ? UINT_MAX
                                                             : UINT64_MAX;

        if (value >= option->minimum && value <= maximum)
                return NULL;
        limit_text(option, option->minimum, least);
        limit_text(option, maximum, most);
        if (maximum == UINT64_MAX)
                snprintf(text, room, "expected at least %s", least);
        else
                snprintf(text, room, "expected %s to %s", least, most);
        return text;
}

/* Sets the field, or returns what is wrong; `text` is room for it. */
static const char *set_value(const struct sc_option *option, void *config, const char *value, char *text,
                             size_t room)
{
        void *field = (unsigned char *)config + option->field;
        const char *wrong = NULL;
        uint64_t number = 0;

        switch (option->kind) {
        case SC_OPTION_FLAG:
                *(bool *)field = true;
                return NULL;
        case SC_OPTION_SIZE:
                wrong = sc_value_size(value, &number);
                break;
        case SC_OPTION_TIME:
                wrong = sc_value_time(value, &number);
                break;
        case SC_OPTION_COUNT:
                wrong = sc_value_count(value, &number);
                break;
        case SC_OPTION_OCTAL:
                return sc_value_mode(value, field);
        case SC_OPTION_CHOICE:
                for (size_t i = 0; i < option->choice_count; i++) {
                        if (strcmp(value, option->choices[i]) == 0) {
                                *(unsigned *)field = (unsigned)i;
                                return NULL;
                        }
                }
                list_choices(option, text, room);
                return text;
        case SC_OPTION_STRING:
                if (*value == '\0')
                        return "is empty";
                *(const char **)field = value;
                return NULL;
        case SC_OPTION_PARSED:
                return option->parse(value, field);
        }

        if (wrong == NULL)
                wrong = check_limits(option, number, text, room);
        if (wrong != NULL)
                return wrong;
        if (option->kind == SC_OPTION_COUNT)
                *(unsigned *)field = (unsigned)number;
        else
                *(uint64_t *)field = number;
        return NULL;
}

void sc_option_initialize(const struct sc_option_table *table, void *config)
{
        char text[SHOWN_BYTES_MAX];

        SC_ASSERT(table->count <= SC_OPTIONS_MAX);
        for (size_t i = 0; i < table->count; i++) {
                const struct sc_option *option = &table->options[i];
                if (option->initial != NULL)
                        SC_ASSERT(set_value(option, config, option->initial, text, sizeof(text)) == NULL);
        }
}

/* In reader.given. */
static uint64_t bit_of(const struct sc_option_table *table, const struct sc_option *option)
{
        return UINT64_C(1) << (option - table->options);
}

/* Whether `value` is one of an option that can be without. It is set then, which may happen twice. */
static bool reads(const struct reader *reader, const struct sc_option *option, const char *value)
{
        return option->parse(value, (unsigned char *)reader->config + option->field) == NULL;
}

/* The value of an option whose own word has none. NULL: it is missing. */
static const char *take_value(struct reader *reader, const struct sc_option *option)
{
        const char *value = *reader->next;

        if (option->implied != NULL && (value == NULL || !reads(reader, option, value)))
                return option->implied;
        if (value != NULL)
                reader->next++;
        return value;
}

/* `value`: NULL where the option's word has none. */
static enum sc_option_outcome read_option(struct reader *reader, const struct sc_option *option,
                                          const char *value)
{
        char text[SHOWN_BYTES_MAX];

        if (option == &built_in[BUILT_IN_HELP])
                return SC_OPTIONS_HELP;
        if (option == &built_in[BUILT_IN_VERSION])
                return SC_OPTIONS_VERSION;
        if (option->kind != SC_OPTION_FLAG && value == NULL) {
                value = take_value(reader, option);
                if (value == NULL)
                        return wrong_value(option, NULL, "its value is missing");
        }

        uint64_t bit = bit_of(reader->table, option);
        if (option->once && (reader->given & bit) != 0)
                return wrong_value(option, value, "given twice");
        reader->given |= bit;

        const char *wrong = set_value(option, reader->config, value, text, sizeof(text));
        return wrong == NULL ? SC_OPTIONS_READ : wrong_value(option, value, wrong);
}

/* `word` is behind the two dashes. */
static enum sc_option_outcome read_long(struct reader *reader, const char *word)
{
        const char *end = strchrnul(word, '=');
        const struct sc_option *option = find_by_name(reader->table, word, (size_t)(end - word));

        if (option == NULL)
                return unknown_name(reader->table, word, (size_t)(end - word));
        if (*end == '=' && option->kind == SC_OPTION_FLAG)
                return wrong_value(option, end + 1, "it takes no value");
        return read_option(reader, option, *end == '=' ? end + 1 : NULL);
}

/* `letters` is behind the dash, at least one. */
static enum sc_option_outcome read_short(struct reader *reader, const char *letters)
{
        for (const char *letter = letters; *letter != '\0'; letter++) {
                const struct sc_option *option = find_by_letter(reader->table, *letter);
                if (option == NULL) {
                        sc_report((const char[]) { '-', *letter, '\0' }, "unknown option");
                        return SC_OPTIONS_WRONG;
                }
                const char *value = NULL;
                bool more_letters = option->kind == SC_OPTION_FLAG;
                if (!more_letters && letter[1] != '\0') {
                        more_letters = option->implied != NULL && !reads(reader, option, letter + 1);
                        value = more_letters ? option->implied : letter + 1;
                }
                enum sc_option_outcome outcome = read_option(reader, option, value);
                if (outcome != SC_OPTIONS_READ || !more_letters)
                        return outcome;
        }
        return SC_OPTIONS_READ;
}

/* Every option that was given has the one that it needs. */
static enum sc_option_outcome check_needs(const struct reader *reader, const struct sc_operands *operands)
{
        const struct sc_option_table *table = reader->table;

        for (size_t i = 0; i < table->count; i++) {
                const struct sc_option *option = &table->options[i];
                char why[SHOWN_BYTES_MAX];

                if (option->needs == NULL || (reader->given & bit_of(table, option)) == 0)
                        continue;
                if (strcmp(option->needs, "--") == 0) {
                        if (operands->dashes)
                                continue;
                        return wrong_value(option, NULL, "it needs -- COMMAND");
                }
                const struct sc_option *needed = find_by_name(table, option->needs, strlen(option->needs));
                SC_ASSERT(needed != NULL);
                if ((reader->given & bit_of(table, needed)) != 0)
                        continue;
                snprintf(why, sizeof(why), "it needs --%s", option->needs);
                return wrong_value(option, NULL, why);
        }
        return SC_OPTIONS_READ;
}

/* No two options were given that exclude each other. */
static enum sc_option_outcome check_alternatives(const struct reader *reader)
{
        const struct sc_option_table *table = reader->table;

        for (size_t i = 0; i < table->count; i++) {
                for (size_t j = 0; j < i; j++) {
                        const struct sc_option *option = &table->options[i], *other = &table->options[j];
                        uint64_t both = bit_of(table, option) | bit_of(table, other);
                        char why[SHOWN_BYTES_MAX];

                        if (option->alternative == 0 || option->alternative != other->alternative ||
                            (reader->given & both) != both)
                                continue;
                        snprintf(why, sizeof(why), "not together with --%s", other->name);
                        return wrong_value(option, NULL, why);
                }
        }
        return SC_OPTIONS_READ;
}

enum sc_option_outcome sc_option_read(const struct sc_option_table *table, void *config, int argc,
                                      char **argv, struct sc_operands *operands)
{
        struct reader reader = { .table = table, .config = config, .next = argv };
        char **end = argv; /* of the operands that were moved to the front */

        SC_ASSERT(table->count <= SC_OPTIONS_MAX);
        SC_ASSERT(argv[argc] == NULL);
        *operands = (struct sc_operands) { .words = argv };
        while (*reader.next != NULL && !operands->dashes) {
                char *word = *reader.next++;
                enum sc_option_outcome outcome = SC_OPTIONS_READ;

                if (strcmp(word, "--") == 0)
                        operands->dashes = true;
                else if (strncmp(word, "--", 2) == 0)
                        outcome = read_long(&reader, word + 2);
                else if (word[0] == '-' && word[1] != '\0')
                        outcome = read_short(&reader, word + 1);
                else
                        *end++ = word;
                if (outcome != SC_OPTIONS_READ)
                        return outcome;
        }
        operands->count = (int)(end - argv);
        while (*reader.next != NULL) {
                *end++ = *reader.next++;
                operands->behind_count++;
        }
        *end = NULL;
        enum sc_option_outcome outcome = check_alternatives(&reader);
        return outcome == SC_OPTIONS_READ ? check_needs(&reader, operands) : outcome;
}

void sc_option_print_wrapped(const char *text, int column, int indent, FILE *stream)
{
        bool line_is_empty = true;

        while (*text != '\0') {
                int length = (int)strcspn(text, " \n");
                int blank = line_is_empty ? 0 : 1;

                if (!line_is_empty && column + blank + length > SC_OPTION_HELP_COLUMNS) {
                        fputc('\n', stream);
                        column = 0;
                        blank = 0;
                }
                if (length > 0) {
                        if (column < indent) {
                                fprintf(stream, "%*s", indent - column, "");
                                column = indent;
                        }
                        fprintf(stream, "%*s%.*s", blank, "", length, text);
                        column += blank + length;
                        line_is_empty = false;
                }
                text += length;
                if (*text == '\n') {
                        fputc('\n', stream);
                        column = 0;
                        line_is_empty = true;
                }
                if (*text != '\0')
                        text++;
        }
        if (column > 0)
                fputc('\n', stream);
}

/* The value as help shows it: ` SIZE`, ` all|one`, or nothing. */
static void show_argument(const struct sc_option *option, char *text, size_t room)
{
        size_t length = (size_t)snprintf(text, room, "%s%s", option->argument == NULL ? "" : " ",
                                         option->argument == NULL ? "" : option->argument);

        if (option->argument != NULL)
                return;
        for (size_t i = 0; i < option->choice_count && length < room; i++)
                length += (size_t)snprintf(text + length, room - length, "%s%s", i == 0 ? " " : "|",
                                           option->choices[i]);
}

void sc_option_print_term(const char *term, const char *text, FILE *stream)
{
        int column = fprintf(stream, "%*s%s", HELP_INDENT, "", term);

        if (column > HELP_COLUMN - HELP_INDENT) {
                fputc('\n', stream);
                column = 0;
        }
        sc_option_print_wrapped(text, column, HELP_COLUMN, stream);
}

static void print_row(const struct sc_option *option, FILE *stream)
{
        char argument[SHOWN_BYTES_MAX], term[SHOWN_BYTES_MAX], help[SHOWN_BYTES_MAX], letter[] = "-x, ";

        letter[1] = option->letter;
        show_argument(option, argument, sizeof(argument));
        snprintf(term, sizeof(term), "%s--%s%.*s", option->letter == 0 ? "" : letter, option->name,
                 SHOWN_BYTES_MAX / 2, argument);
        if (option->initial != NULL)
                snprintf(help, sizeof(help), "%s (default %s)", option->help, option->initial);
        else
                snprintf(help, sizeof(help), "%s", option->help);
        sc_option_print_term(term, help, stream);
}

void sc_option_print_help(const struct sc_option_table *table, FILE *stream)
{
        for (size_t i = 0; row(table, i) != NULL; i++)
                print_row(row(table, i), stream);
}
