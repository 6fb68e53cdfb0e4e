#include "command.h"
#include "model/base/panic.h"
#include "model/base/span.h"
#include "nearest.h"
#include "option.h"
#include "report.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
        &command_host,  &command_connect, &command_status, &command_log,  &command_list,   &command_kick,
        &command_clear, &command_mark,    &command_break,  &command_pipe, &command_replay,
};

static void print_commands(void)
{
        printf("Usage: serialcon COMMAND [OPTIONS] ...\n\n");
        sc_option_print_wrapped(
                "Keeps what a virtual machine says on its serial console, and gives it to whoever "
                "connects, also later.\n\nCommands:",
                0, 0, stdout);
        for (size_t i = 0; i < SC_COUNT(commands); i++)
                sc_option_print_term(commands[i]->name, commands[i]->summary, stdout);
        printf("\nOptions:\n");
        sc_option_print_help(&(struct sc_option_table) { 0 }, stdout);
        printf("\n");
        sc_option_print_wrapped(
                "serialcon COMMAND --help says what a command takes.\n\n"
                "Exit status: 0 done, 1 failed, 2 usage, 3 timed out, 4 the guest side or the host is "
                "gone or not there, 5 refused or taken over.",
                0, 0, stdout);
}

static void print_help(const struct command *command)
{
        printf("Usage: serialcon %s %s\n\n", command->name, command->usage);
        sc_option_print_wrapped(command->summary, 0, 0, stdout);
        printf("\nOptions:\n");
        sc_option_print_help(&command->table, stdout);
        for (size_t i = 0; i < command->note_count; i++) {
                const struct command_note *note = &command->notes[i];
                if (note->term != NULL) {
                        sc_option_print_term(note->term, note->text, stdout);
                        continue;
                }
                printf("\n");
                sc_option_print_wrapped(note->text, 0, 0, stdout);
        }
}

static int print_version(void)
{
        printf("%s\n", SC_PROGRAM);
        return sc_report_output();
}

static const char *operand_name(const struct command *command, int i)
{
        int named = 1;

        while (named < COMMAND_OPERANDS_NAMED && command->operands[named] != NULL)
                named++;
        return command->operands[i < named ? i : named - 1];
}

/* 0, or SC_EXIT_USAGE and reported: as many operands as the command wants. */
static int check_operands(const struct command *command, const struct sc_operands *operands)
{
        int count = operands->count;

        SC_ASSERT(!command->takes_command || command->operands_min == command->operands_max);
        if (!command->takes_command)
                count += operands->behind_count; /* there `--` only ends the options */
        if (count < command->operands_min)
                return sc_report_usage(command->name, "%s is missing: serialcon %s %s",
                                       operand_name(command, count), command->name, command->usage);
        if (count > command->operands_max)
                return sc_report_usage(operands->words[command->operands_max],
                                       "one argument too many: serialcon %s %s", command->name,
                                       command->usage);
        if (command->takes_command && operands->dashes && operands->behind_count == 0)
                return sc_report_usage(command->name, "COMMAND is missing behind --");
        for (int i = 0; i < count; i++) {
                if (*operands->words[i] == '\0')
                        return sc_report_usage(command->name, "%s is empty", operand_name(command, i));
        }
        return 0;
}

static int run(const struct command *command, int argc, char **argv)
{
        struct sc_operands operands;

        sc_option_initialize(&command->table, command->config);
        switch (sc_option_read(&command->table, command->config, argc, argv, &operands)) {
        case SC_OPTIONS_HELP:
                print_help(command);
                return sc_report_output();
        case SC_OPTIONS_VERSION:
                return print_version();
        case SC_OPTIONS_WRONG:
                return SC_EXIT_USAGE;
        case SC_OPTIONS_READ:
                break;
        }
        int status = check_operands(command, &operands);
        if (status != 0)
                return status;
        return command->run(command->config, operands.count + operands.behind_count, operands.words);
}

static int no_command(void)
{
        return sc_report_usage("no command", "serialcon --help lists them");
}

static int unknown_command(const char *word)
{
        struct sc_nearest nearest;

        sc_nearest_start(&nearest, word);
        for (size_t i = 0; i < SC_COUNT(commands); i++)
                sc_nearest_offer(&nearest, commands[i]->name);
        if (nearest.best != NULL)
                return sc_report_usage(word, "unknown command; did you mean %s?", nearest.best);
        return sc_report_usage(word, "unknown command; serialcon --help lists them");
}

/* Where standard input, output or errors are closed, no socket of ours shall become one of them: nothing comes from it,
 * and what is written there fails. */
static void occupy_standard_descriptors(void)
{
        int fd;
        do
                fd = open("/dev/null", O_RDONLY);
        while (fd >= 0 && fd <= STDERR_FILENO);
        if (fd > STDERR_FILENO)
                close(fd);
}

int main(int argc, char **argv)
{
        struct sc_operands operands;

        occupy_standard_descriptors();
        if (argc < 2)
                return no_command();
        for (size_t i = 0; i < SC_COUNT(commands); i++) {
                if (strcmp(argv[1], commands[i]->name) == 0)
                        return run(commands[i], argc - 2, argv + 2);
        }
        if (argv[1][0] != '-')
                return unknown_command(argv[1]);
        switch (sc_option_read(&(struct sc_option_table) { 0 }, NULL, argc - 1, argv + 1, &operands)) {
        case SC_OPTIONS_HELP:
                print_commands();
                return sc_report_output();
        case SC_OPTIONS_VERSION:
                return print_version();
        case SC_OPTIONS_WRONG:
                return SC_EXIT_USAGE;
        case SC_OPTIONS_READ:
                break;
        }
        return no_command(); /* `--` or `-` */
}
