#include "list_format.h"

#include "model/base/utf8.h"
#include "model/client/printable.h"
#include "status_format.h"
#include "time_format.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* What stands between two columns. */
#define BLANKS 2

enum column { NAME, GUEST, UNREAD, CLIENTS, OUTPUT, LAST_LINE, COLUMN_COUNT };

static const struct {
        const char *title;
        bool right; /* numbers stand at the right of their column */
} columns[] = {
        [NAME] = { "console", false },      [GUEST] = { "guest", false },
        [UNREAD] = { "unread", true },      [CLIENTS] = { "clients", true },
        [OUTPUT] = { "last output", true }, [LAST_LINE] = { "last line", false },
};
static_assert(SC_COUNT(columns) == COLUMN_COUNT, "a title for each");

/* One row as text; what does not apply to it is empty. */
struct cells {
        char text[COLUMN_COUNT][SC_SURVEY_LAST_BYTES + 1];
};

/* --- widths --- */

/* The first byte behind what fits in `width` columns; *used: how many that takes. Characters from U+1100 to
 * U+115F and from U+2E80 on (Korean, Chinese, Japanese, symbols like emoji) count as two. */
static size_t fit(const char *text, size_t width, size_t *used)
{
        size_t length = strlen(text), at = 0;

        *used = 0;
        while (at < length) {
                struct sc_utf8 next = sc_utf8_at((const uint8_t *)text + at, length - at);
                bool wide = (next.code >= 0x1100 && next.code <= 0x115f) || next.code >= 0x2e80;
                if (*used + (wide ? 2 : 1) > width)
                        break;
                *used += wide ? 2 : 1;
                at += next.length;
        }
        return at;
}

static size_t width_of(const char *text)
{
        size_t used;

        fit(text, SIZE_MAX, &used);
        return used;
}

/* --- cells --- */

/* The last line that says something. */
static void put_last_line(const struct sc_survey_console *console, char *text, size_t size)
{
        size_t end = console->last_length;

        *text = '\0';
        while (end > 0 && strspn(text, " ") == strlen(text)) {
                size_t from = end;
                while (from > 0 && console->last[from - 1] != '\n' && console->last[from - 1] != '\r')
                        from--;
                sc_printable_line(console->last + from, end - from, text, size);
                end = from > 0 ? from - 1 : 0;
        }
}

static const char *answer_text(const struct sc_survey_console *console)
{
        switch (console->answer) {
        case SC_SURVEY_NO_HOST:
                return "no host";
        case SC_SURVEY_SILENT:
                return "does not answer";
        case SC_SURVEY_FOREIGN:
                return "no serialcon host";
        case SC_SURVEY_FAILED:
                return strerror(-console->error);
        case SC_SURVEY_ANSWERED:
                break;
        }
        return "";
}

static void fill_cells(const struct sc_list_row *row, struct cells *cells)
{
        const struct sc_survey_console *console = row->console;
        const struct sc_status *status = &console->status;
        const size_t size = sizeof(cells->text[0]);
        char length[SC_TIME_FORMAT_BYTES];

        memset(cells, 0, sizeof(*cells));
        sc_printable_line(row->name, strlen(row->name), cells->text[NAME], size);
        snprintf(cells->text[GUEST], size, "%s", answer_text(console));
        if (console->answer != SC_SURVEY_ANSWERED)
                return;

        sc_status_format_guest(status, cells->text[GUEST], size);
        snprintf(cells->text[UNREAD], size, "%" PRIu64, sc_sub_sat_u64(status->head, status->consumed));
        if (!status->for_viewer)
                snprintf(cells->text[CLIENTS], size, "%u", status->clients);
        if (status->last_output_ns != 0) {
                uint64_t past_ns = sc_sub_sat_u64(status->now_ns, status->last_output_ns);
                snprintf(cells->text[OUTPUT], size, "%s ago", sc_time_format_length(past_ns, length));
        }
        put_last_line(console, cells->text[LAST_LINE], size);
}

/* --- the table --- */

static void print_row(const struct cells *cells, const size_t widths[static COLUMN_COUNT], size_t width,
                      FILE *stream)
{
        size_t column = 0; /* where the cell's column begins */
        size_t at = 0;     /* up to where the line is printed: nothing stands behind its last text */

        for (size_t i = 0; i < COLUMN_COUNT; i++) {
                const char *text = cells->text[i];
                size_t room = i < LAST_LINE ? SIZE_MAX
                              : width == 0  ? SC_LIST_FORMAT_LAST_WIDTH
                                            : sc_sub_sat_u64(width, column);
                size_t used;
                size_t bytes = fit(text, room, &used);
                size_t place = column + (columns[i].right ? widths[i] - used : 0);
                if (bytes > 0) {
                        fprintf(stream, "%*s%.*s", (int)(place - at), "", (int)bytes, text);
                        at = place + used;
                }
                column += widths[i] + BLANKS;
        }
        fputc('\n', stream);
}

void sc_list_format(const struct sc_list_row *rows, size_t count, size_t width, FILE *stream)
{
        static struct cells cells;
        size_t widths[COLUMN_COUNT];

        for (size_t i = 0; i < COLUMN_COUNT; i++)
                widths[i] = width_of(columns[i].title);
        for (size_t row = 0; row < count; row++) {
                fill_cells(&rows[row], &cells);
                for (size_t i = 0; i < LAST_LINE; i++)
                        widths[i] = sc_max_u64(widths[i], width_of(cells.text[i]));
        }

        for (size_t i = 0; i < COLUMN_COUNT; i++)
                snprintf(cells.text[i], sizeof(cells.text[i]), "%s", columns[i].title);
        print_row(&cells, widths, width, stream);
        for (size_t row = 0; row < count; row++) {
                fill_cells(&rows[row], &cells);
                print_row(&cells, widths, width, stream);
        }
}
