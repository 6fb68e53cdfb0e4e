#include "file_argument.h"

#include "folder.h"
#include "model/base/span.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* --- the text --- */

/* More than any setting takes. */
#define SETTING_BYTES 40

/* The settings that a file may have, and what is said of all others. */
enum { SETTING_MAX = 1, SETTING_KEEP = 2, SETTING_TIMESTAMPS = 4, SETTING_INPUT = 8 };

struct syntax {
        unsigned of_path;
        unsigned of_output;
        uint64_t max_bytes; /* unless it is said */
        unsigned keep;      /* so too */
        const char *expected_of_path;
        const char *expected_of_output;
};

static const char *parse_keep(const char *text, unsigned *keep)
{
        uint64_t number;

        if (sc_value_count(text, &number) != NULL || number < 1 || number > SC_FILE_ARGUMENT_KEEP_MAX)
                return "expected keep=1 to keep=1000";
        *keep = (unsigned)number;
        return NULL;
}

/* One of a file's settings, whole. */
static const char *parse_file_setting(const char *setting, const struct syntax *syntax,
                                      struct file_argument *file)
{
        unsigned may = file->output ? syntax->of_output : syntax->of_path;

        if ((may & SETTING_TIMESTAMPS) && strcmp(setting, "timestamps") == 0) {
                file->timestamps = true;
                return NULL;
        }
        if ((may & SETTING_INPUT) && strcmp(setting, "input") == 0) {
                file->input = true;
                return NULL;
        }
        if ((may & SETTING_MAX) && strncmp(setting, "max=", 4) == 0) {
                const char *wrong = sc_value_size(setting + 4, &file->max_bytes);
                return wrong == NULL && file->max_bytes < SC_FILE_ARGUMENT_MAX_MIN ? "expected max=4K or more"
                                                                                   : wrong;
        }
        if ((may & SETTING_KEEP) && strncmp(setting, "keep=", 5) == 0)
                return parse_keep(setting + 5, &file->keep);
        return file->output ? syntax->expected_of_output : syntax->expected_of_path;
}

static const char *parse_file(const char *text, const struct syntax *syntax, void *result)
{
        struct file_argument file = { .max_bytes = syntax->max_bytes, .keep = syntax->keep };
        char setting[SETTING_BYTES];
        const char *end = strchrnul(text, ',');
        const char *wrong = sc_value_path(text, end, file.path);

        if (wrong == NULL && (strcmp(file.path, "-") == 0 || strcmp(file.path, "/dev/stdout") == 0)) {
                file.output = true;
                file.path[0] = '\0';
        }
        while (wrong == NULL && *end == ',') {
                const char *start = end + 1;
                end = strchrnul(start, ',');
                size_t length = sc_min_u64((uint64_t)(end - start), sizeof(setting) - 1);
                memcpy(setting, start, length);
                setting[length] = '\0'; /* none that means anything is as long */
                wrong = parse_file_setting(setting, syntax, &file);
        }
        if (wrong == NULL)
                *(struct file_argument *)result = file;
        return wrong;
}

const char *sc_file_argument_log(const char *text, void *result)
{
        static const struct syntax syntax = {
                .of_path = SETTING_MAX | SETTING_KEEP | SETTING_TIMESTAMPS,
                .of_output = SETTING_TIMESTAMPS,
                .max_bytes = SC_FILE_ARGUMENT_MAX_DEFAULT,
                .keep = SC_FILE_ARGUMENT_KEEP_DEFAULT,
                .expected_of_path = "expected max=SIZE, keep=N or timestamps behind the comma",
                .expected_of_output = "expected timestamps behind the comma",
        };
        return parse_file(text, &syntax, result);
}

const char *sc_file_argument_events(const char *text, void *result)
{
        static const struct syntax syntax = {
                .of_path = SETTING_MAX | SETTING_KEEP,
                .max_bytes = SC_FILE_ARGUMENT_MAX_DEFAULT,
                .keep = SC_FILE_ARGUMENT_KEEP_DEFAULT,
                .expected_of_path = "expected max=SIZE or keep=N behind the comma",
                .expected_of_output = "expected nothing behind -",
        };
        return parse_file(text, &syntax, result);
}

const char *sc_file_argument_trace(const char *text, void *result)
{
        static const struct syntax syntax = {
                .of_path = SETTING_MAX | SETTING_KEEP | SETTING_INPUT,
                .of_output = SETTING_MAX | SETTING_INPUT,
                .keep = SC_FILE_ARGUMENT_TRACE_KEEP_DEFAULT,
                .expected_of_path = "expected max=SIZE, keep=N or input behind the comma",
                .expected_of_output = "expected max=SIZE or input behind the comma",
        };
        return parse_file(text, &syntax, result);
}

/* --- whether it can be made --- */

bool sc_file_argument_is_given(const struct file_argument *file)
{
        return file->output || file->path[0] != '\0';
}

/* NAME, or an older one: NAME.N. */
static bool is_of(const char *name, const char *other)
{
        size_t length = strlen(name);

        if (strncmp(other, name, length) != 0)
                return false;
        const char *number = other + length + 1;
        return other[length] == '\0' ||
               (other[length] == '.' && *number != '\0' && strspn(number, "0123456789") == strlen(number));
}

bool sc_file_argument_has_name(const char *path, const char *name)
{
        return is_of(sc_folder_name(path), sc_folder_name(name)) && sc_folder_is_same(path, name);
}

int sc_file_argument_check(const char *option, const struct file_argument *file)
{
        char what[SC_VALUE_PATH_BYTES + 16];
        struct stat status;

        if (file->path[0] == '\0')
                return 0;
        snprintf(what, sizeof(what), "--%s %s", option, file->path);
        if (lstat(file->path, &status) == 0 && S_ISDIR(status.st_mode))
                return sc_report_usage(what, "%s", strerror(EISDIR));
        return sc_folder_check(what, file->path);
}

int sc_file_argument_check_pair(const char *option, const struct file_argument *file,
                                const char *other_option, const struct file_argument *other)
{
        char what[sizeof("--events -")];

        if (file->output && other->output) {
                snprintf(what, sizeof(what), "--%s -", option);
                return sc_report_usage(what, "--%s has standard output", other_option);
        }
        if (file->path[0] != '\0' && other->path[0] != '\0' &&
            (sc_file_argument_has_name(other->path, file->path) ||
             sc_file_argument_has_name(file->path, other->path))) {
                snprintf(what, sizeof(what), "--%s", option);
                return sc_report_usage(what, "--%s has this file: %s", other_option, other->path);
        }
        return 0;
}

/* --- what is written --- */

struct sc_file_spec sc_file_argument_lines(const struct file_argument *file)
{
        return (struct sc_file_spec) {
                .path = file->path[0] != '\0' ? file->path : NULL,
                .output = file->output,
                .max_bytes = file->max_bytes,
                .keep = file->keep,
        };
}

/* A trace means nothing without its beginning: its size is no reason to begin another. */
struct sc_trace_file_config sc_file_argument_records(const struct file_argument *file)
{
        struct sc_trace_file_config config = { .file = sc_file_argument_lines(file),
                                               .max_bytes = file->max_bytes };

        config.file.max_bytes = 0;
        config.file.once = true;
        return config;
}

const char *sc_file_argument_error_text(int error)
{
        switch (error) {
        case EBUSY:
                return "another process writes a trace into it, and it is left alone";
        case ELOOP:
                return "a symbolic link, which is not followed";
        case ENXIO:
                return "a socket, or a FIFO that nobody reads";
        default:
                return strerror(error);
        }
}

/* Whoever reads this at night finds the rest in the status, or in the trace. */
void sc_file_argument_report(const struct sc_file_spec *file, int error)
{
        if (sc_file_writer_gives_up(file, error))
                sc_report(file->output ? "standard output" : file->path, "%s; nothing more is written to it",
                          strerror(-error));
        else
                sc_report(file->path, "%s; it is tried again, and what is missing is counted",
                          strerror(-error));
}
