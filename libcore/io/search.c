#include "io/search.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct sc_search {
        bool has_until, has_fail;
        regex_t until, fail;
        struct sc_line line;
};

/* Extended expressions have none by POSIX; glibc searches for them in time and memory without bound, and the guest chooses
 * what is searched. */
static bool has_back_reference(const char *expression)
{
        bool in_bracket = false;
        for (const char *at = expression; *at != '\0'; at++) {
                if (in_bracket) {
                        in_bracket = *at != ']';
                } else if (*at == '[') {
                        in_bracket = true;
                        at += at[1] == '^';
                        at += at[1] == ']'; /* there it is itself */
                } else if (*at == '\\' && at[1] != '\0') {
                        at++;
                        if (*at >= '1' && *at <= '9')
                                return true;
                }
        }
        return false;
}

static bool compile(regex_t *regex, bool *has, const char *expression, const char **wrong,
                    char error[static SC_SEARCH_ERROR_BYTES])
{
        if (!expression)
                return true;
        if (has_back_reference(expression)) {
                strcpy(error, "back-references are not supported");
                *wrong = expression;
                return false;
        }
        int result = regcomp(regex, expression, REG_EXTENDED | REG_NOSUB);
        *has = result == 0;
        if (*has)
                return true;
        regerror(result, regex, error, SC_SEARCH_ERROR_BYTES);
        *wrong = expression;
        return false;
}

struct sc_search *sc_search_new(const char *until, const char *fail, const char **wrong,
                                char error[static SC_SEARCH_ERROR_BYTES])
{
        struct sc_search *search = calloc(1, sizeof(*search));
        if (!search) {
                strcpy(error, "out of memory");
                *wrong = until ? until : fail;
                return NULL;
        }
        if (compile(&search->until, &search->has_until, until, wrong, error) &&
            compile(&search->fail, &search->has_fail, fail, wrong, error))
                return search;
        sc_search_free(search);
        return NULL;
}

void sc_search_free(struct sc_search *search)
{
        if (!search)
                return;
        if (search->has_until)
                regfree(&search->until);
        if (search->has_fail)
                regfree(&search->fail);
        free(search);
}

/* With the line's own bounds, for a guest may print NULs. */
static bool matches(const regex_t *regex, struct sc_line *line)
{
        struct sc_span text = sc_line_text(line);
        regmatch_t bounds = { .rm_so = 0, .rm_eo = (regoff_t)text.length };
        int flags = REG_STARTEND | (line->begun ? REG_NOTBOL : 0);
        return regexec(regex, (const char *)text.bytes, 1, &bounds, flags) == 0;
}

enum sc_search_result sc_search_take(struct sc_search *search, struct sc_span bytes, size_t *length)
{
        size_t taken = 0;
        while (taken < bytes.length) {
                taken += sc_line_take(&search->line, bytes.bytes + taken, bytes.length - taken);
                *length = taken;
                if (search->has_fail && matches(&search->fail, &search->line))
                        return SC_SEARCH_FAIL;
                if (search->has_until && matches(&search->until, &search->line))
                        return SC_SEARCH_UNTIL;
        }
        *length = bytes.length;
        return SC_SEARCH_NOTHING;
}

enum sc_search_result sc_search_take_rest(struct sc_search *search, struct sc_span bytes, size_t *length)
{
        *length = sc_line_take(&search->line, bytes.bytes, bytes.length);
        if (search->has_fail && matches(&search->fail, &search->line))
                return SC_SEARCH_FAIL;
        return search->line.complete ? SC_SEARCH_UNTIL : SC_SEARCH_NOTHING;
}

bool sc_search_is_unfinished(const struct sc_search *search)
{
        return !search->line.complete;
}

void sc_search_break(struct sc_search *search)
{
        if (search)
                sc_line_break(&search->line);
}
