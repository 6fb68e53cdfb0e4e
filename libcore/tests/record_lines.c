#include "record_lines.h"

#include "world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 40

static void refuse(const char *line, const char *why)
{
        ck_abort_msg("%s: %s", line, why);
}

static uint64_t number_of(const char *line, const char *word)
{
        char *end;
        uint64_t number = strtoull(word, &end, 10);
        if (end == word)
                refuse(line, word);
        return strcmp(end, "ms") == 0 ? number * SC_NS_PER_MS : number;
}

static uint64_t field_of(const char *line, const struct sc_record_field *field, const char *word)
{
        if (strcmp(word, "?") == 0)
                return SC_RECORD_UNKNOWN;
        for (size_t value = 0; value < field->value_count; value++)
                if (field->values[value] && strcmp(field->values[value], word) == 0)
                        return value;
        return number_of(line, word);
}

static enum sc_record_type type_of(const char *line, const char *name)
{
        for (unsigned type = 0; type < SC_RECORD_TYPE_END; type++) {
                const struct sc_record_layout *layout = sc_record_layout(type);
                if (layout && strcmp(layout->name, name) == 0)
                        return (enum sc_record_type)type;
        }
        refuse(line, name);
        return SC_RECORD_CONFIG;
}

static void put_bytes(struct record_line *text, const char *line, const char *word)
{
        size_t length = strlen(word);
        if (word[0] == '\'') {
                text->record.length = length - 2;
                memcpy(text->bytes, word + 1, length - 2);
        } else if (word[0] == '#') {
                text->record.length = SC_INSTANCE_BYTES;
                memset(text->bytes, (int)strtoul(word + 1, NULL, 16), SC_INSTANCE_BYTES);
        } else {
                const char *at = strchr(word, '@');
                uint64_t offset = at ? number_of(line, at + 1) : text->record.output.offset;
                text->record.length = (size_t)number_of(line, word);
                ck_assert_uint_le(text->record.length, sizeof(text->bytes));
                for (size_t i = 0; i < text->record.length; i++)
                        text->bytes[i] = output_byte(offset + i);
        }
}

void record_line_read(struct record_line *text, const char *line)
{
        char copy[400];
        const char *words[WORDS_MAX];
        size_t count = 0;
        for (size_t i = 0; i < WORDS_MAX; i++)
                words[i] = "";
        snprintf(copy, sizeof(copy), "%s", line);
        for (char *word = strtok(copy, " "); word && count < WORDS_MAX; word = strtok(NULL, " "))
                words[count++] = word;
        if (count < 2)
                refuse(line, "too short");

        memset(&text->record, 0, sizeof(text->record));
        text->record.time_ns = number_of(line, words[0]) * SC_NS_PER_MS;
        text->record.type = type_of(line, words[1]);
        text->record.bytes = text->bytes;
        const struct sc_record_layout *layout = sc_record_layout(text->record.type);
        if (count < 2 + layout->field_count || count > 3 + layout->field_count)
                refuse(line, "not as many words as it has fields");
        for (size_t i = 0; i < layout->field_count; i++)
                text->record.fields[i] = field_of(line, &layout->fields[i], words[2 + i]);
        if (count == 3 + layout->field_count)
                put_bytes(text, line, words[count - 1]);
        else if (layout->bytes_min == SC_INSTANCE_BYTES)
                put_bytes(text, line, text->record.type == SC_RECORD_CONFIG ? "#aa" : "#00");
        if (text->record.length < layout->bytes_min)
                refuse(line, "bytes are missing");
}
