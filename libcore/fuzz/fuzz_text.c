#include "fuzz.h"
#include "model/base/line_end.h"
#include "model/base/utf8.h"
#include "model/client/escape.h"
#include "model/client/line.h"
#include "model/client/modes.h"
#include "model/client/printable.h"
#include "model/client/queries.h"
#include "model/console/log_lines.h"

#include <assert.h>
#include <stdlib.h>

/* What a guest says, read by all that looks into it: lines, log lines, what is harmless on a terminal, the terminal's
 * queries and modes; and the same bytes as keys of a user whose terminal the guest has switched. Each is fed whole, and
 * in pieces of a size that the first byte says, and must make the same of both. */

#define TEXT_BYTES_MAX 8192
/* Each byte of a log line may become four. */
#define MADE_BYTES_MAX (8 * TEXT_BYTES_MAX)

struct made {
        uint8_t bytes[MADE_BYTES_MAX];
        size_t length;
};

static void add(struct made *made, const void *bytes, size_t length)
{
        claim(length <= sizeof(made->bytes) - made->length);
        if (length > 0)
                memcpy(made->bytes + made->length, bytes, length);
        made->length += length;
}

/* One reader: all of `text` in pieces of `piece_bytes`, and what it makes of them. */
typedef void reader(struct fuzz_script text, size_t piece_bytes, struct made *made);

struct piece {
        uint8_t *bytes;
        size_t length;
};

/* The next piece of the text, a copy that ends where it ends, in place of the one before it. False behind the last. */
static bool next_piece(struct fuzz_script *text, size_t piece_bytes, struct piece *piece)
{
        struct fuzz_script taken = fuzz_piece(text, piece_bytes);
        free(piece->bytes);
        *piece = (struct piece) { 0 };
        if (taken.length == 0)
                return false;
        *piece = (struct piece) { malloc(taken.length), taken.length };
        claim(piece->bytes);
        memcpy(piece->bytes, taken.bytes, taken.length);
        return true;
}

/* --- lines --- */

static void read_line_ends(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        enum sc_line_end_place place = SC_LINE_END_BETWEEN;
        struct piece piece = { 0 };
        while (next_piece(&text, piece_bytes, &piece)) {
                for (size_t at = 0; at < piece.length;) {
                        struct sc_line_piece line =
                                sc_line_end_next(&place, piece.bytes + at, piece.length - at);
                        claim(0 < line.length && line.length <= piece.length - at);
                        claim(line.text <= line.length);
                        if (line.begins)
                                add(made, "(", 1);
                        add(made, piece.bytes + at, line.text);
                        if (line.ends)
                                add(made, ")", 1);
                        at += line.length;
                }
        }
}

static void take_log_line(struct sc_log_lines *lines, struct made *made)
{
        claim(lines->length <= sizeof(lines->text));
        for (size_t at = 0; at < lines->length;) {
                struct sc_utf8 character = sc_utf8_at(lines->text + at, lines->length - at);
                claim(character.kind == SC_UTF8_CHARACTER);
                claim(!sc_utf8_is_control(character.code) || character.code == '\t');
                at += character.length;
        }
        add(made, lines->text, lines->length);
        add(made, "\n", 1);
        sc_log_lines_taken(lines);
}

static void read_log_lines(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        struct sc_log_lines lines = { 0 };
        struct piece piece = { 0 };
        while (next_piece(&text, piece_bytes, &piece)) {
                for (size_t at = 0; at < piece.length;) {
                        bool whole = false;
                        size_t taken =
                                sc_log_lines_feed(&lines, piece.bytes + at, piece.length - at, 1, &whole);
                        claim(taken <= piece.length - at);
                        claim(taken > 0 || whole);
                        at += taken;
                        if (whole)
                                take_log_line(&lines, made);
                }
        }
        if (sc_log_lines_finish(&lines))
                take_log_line(&lines, made);
}

static void read_lines(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        static struct sc_line line;
        line = (struct sc_line) { 0 };
        struct piece piece = { 0 };
        while (next_piece(&text, piece_bytes, &piece)) {
                for (size_t at = 0; at < piece.length;) {
                        size_t taken = sc_line_take(&line, piece.bytes + at, piece.length - at);
                        claim(0 < taken && taken <= piece.length - at);
                        at += taken;
                        struct sc_span shown = sc_line_text(&line);
                        claim(shown.length <= SC_LINE_BYTES_MAX);
                        if (line.complete) {
                                add(made, shown.bytes, shown.length);
                                add(made, "\n", 1);
                        }
                }
        }
        struct sc_span rest = sc_line_text(&line);
        add(made, rest.bytes, line.complete ? 0 : rest.length);
}

/* --- for a terminal --- */

static void read_printable(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        struct sc_printable printable = { 0 };
        struct piece piece = { 0 };
        while (next_piece(&text, piece_bytes, &piece)) {
                uint8_t *shown = malloc(SC_PRINTABLE_BYTES_MAX(piece.length));
                claim(shown);
                size_t length = sc_printable_feed(&printable, piece.bytes, piece.length, shown);
                claim(length <= SC_PRINTABLE_BYTES_MAX(piece.length));
                add(made, shown, length);
                free(shown);
        }
        for (size_t at = 0; at < made->length;) {
                struct sc_utf8 character = sc_utf8_at(made->bytes + at, made->length - at);
                claim(character.kind == SC_UTF8_CHARACTER);
                claim(!sc_utf8_is_control(character.code) || character.code == '\t' ||
                      character.code == '\r' || character.code == '\n');
                at += character.length;
        }
}

/* A label, whole: where it does not fit is its end. */
static void read_label(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        (void)piece_bytes;
        size_t size = 1 + text.length / 2;
        char *shown = malloc(size);
        claim(shown);
        size_t length = sc_printable_line(text.bytes, text.length, shown, size);
        claim(length < size && strlen(shown) == length);
        for (size_t i = 0; i < length; i++)
                claim((uint8_t)shown[i] >= ' ' && shown[i] != 0x7f);
        add(made, shown, length);
        free(shown);
}

static void read_queries(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        struct sc_queries queries = { 0 };
        struct piece piece = { 0 };
        while (next_piece(&text, piece_bytes, &piece)) {
                uint8_t *shown = malloc(SC_QUERIES_BYTES_MAX(piece.length));
                claim(shown);
                size_t length = sc_queries_feed(&queries, piece.bytes, piece.length, shown);
                claim(length <= SC_QUERIES_BYTES_MAX(piece.length));
                add(made, shown, length);
                free(shown);
        }
        uint8_t rest[SC_QUERIES_SEQUENCE_BYTES_MAX];
        size_t length = sc_queries_flush(&queries, rest);
        add(made, rest, length);
}

static void read_modes(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        struct sc_modes modes = { 0 };
        struct piece piece = { 0 };
        while (next_piece(&text, piece_bytes, &piece))
                sc_modes_feed(&modes, piece.bytes, piece.length);
        uint8_t reset[SC_MODES_RESET_BYTES_MAX];
        size_t length = sc_modes_reset(&modes, reset);
        add(made, reset, length);
        claim(sc_modes_reset(&modes, reset) == 0);
}

/* --- keys --- */

static void take_key(struct made *made, enum sc_escape_key key, struct sc_span text)
{
        static const char names[] = { ' ', 'q', '?', 'b', 'B', 'w', 'r', 'z', '!' };
        static_assert(sizeof(names) == SC_ESCAPE_UNKNOWN + 1, "a letter for each key");
        claim(key < sizeof(names));
        if (key != SC_ESCAPE_NONE)
                add(made, &names[key], 1);
        add(made, text.bytes, text.length);
}

static void read_keys(struct fuzz_script text, size_t piece_bytes, struct made *made)
{
        struct sc_escape escape = { .character = SC_ESCAPE_DEFAULT };
        struct sc_span passed;
        if (text.length % 5 == 0)
                escape.character = '~';
        struct piece piece = { 0 };
        while (next_piece(&text, piece_bytes, &piece)) {
                for (size_t at = 0; at < piece.length;) {
                        size_t used = 0;
                        enum sc_escape_key key =
                                sc_escape_take(&escape, piece.bytes + at, piece.length - at, &used, &passed);
                        claim(used <= piece.length - at);
                        claim(used > 0 || passed.length > 0 || key != SC_ESCAPE_NONE);
                        take_key(made, key, passed);
                        at += used;
                }
        }
        enum sc_escape_key key = sc_escape_flush(&escape, &passed);
        take_key(made, key, passed);
        claim(!sc_escape_holds(&escape));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
        static reader *const readers[] = {
                read_line_ends, read_log_lines, read_lines, read_printable,
                read_label,     read_queries,   read_modes, read_keys,
        };
        static struct made whole, pieces;
        if (length < 2 || length > TEXT_BYTES_MAX)
                return 0;
        struct fuzz_script text = { input + 1, length - 1 };
        size_t piece = 1 + input[0] % 8;
        for (size_t i = 0; i < SC_COUNT(readers); i++) {
                whole.length = pieces.length = 0;
                readers[i](text, text.length, &whole);
                readers[i](text, piece, &pieces);
                claim(whole.length == pieces.length);
                claim(memcmp(whole.bytes, pieces.bytes, whole.length) == 0);
        }
        return 0;
}
