#include "script.h"

#include "buffer.h"
#include "model/base/span.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct layout {
        const char *name;
        const char *fields[STEP_FIELDS_MAX];
};

static const struct layout layouts[] = {
        [STEP_CONSOLE] = { "console",
                           { "capacity", "keep_first", "history", "history_bytes", "hold_ms", "writers",
                             "clients_max", "view", "input", "plain" } },
        [STEP_UP] = { "up", { "can_break" } },
        [STEP_DOWN] = { "down", { "for_good" } },
        [STEP_NOTE] = { "note", { "note" } },
        [STEP_SAY] = { "say", { "bytes", "piece", "every_us" } },
        [STEP_HEAR] = { "hear", { "room", "piece", "breaks" } },
        [STEP_DEAF] = { "deaf", { NULL } },
        [STEP_CONNECT] = { "connect", { "client", "listener", "queue", "piece" } },
        [STEP_CROWD] = { "crowd", { "listener", "count" } },
        [STEP_HELLO] = { "hello", { "client", "role", "start", "base", "amount", "continues", "instance" } },
        [STEP_READ] = { "read", { "client", "bytes", "after" } },
        [STEP_PACE] = { "pace", { "client", "bytes", "every_us" } },
        [STEP_TYPE] = { "type", { "client", "bytes", "frame", "guest", "after" } },
        [STEP_SPLIT] = { "split", { "client", "bytes", "every_us" } },
        [STEP_ASK] = { "ask", { "client", "frame", "after" } },
        [STEP_HISTORY] = { "history", { "client", "start", "base", "amount", "length" } },
        [STEP_KICK] = { "kick", { "client", "victim", "after" } },
        [STEP_MARK] = { "mark", { "client", "text", "after" } },
        [STEP_BREAK] = { "break", { "client", "guest", "after" } },
        [STEP_ACKNOWLEDGE] = { "acknowledge", { "client", "base", "amount", "less" } },
        [STEP_RUBBISH] = { "rubbish", { "client", "kind", "bytes" } },
        [STEP_SHUT] = { "shut", { "client", "value", "after" } },
        [STEP_DIE] = { "die", { "client", "value", "after" } },
        [STEP_REFUSE] = { "refuse", { "client", "times", "after" } },
        [STEP_CLOCK] = { "clock", { "forward", "ms" } },
        [STEP_FULL] = { "full", { "batches" } },
        [STEP_STOP] = { "stop", { "us" } },
        [STEP_WAIT] = { "wait", { "us" } },
};
static_assert(SC_COUNT(layouts) == STEP_KIND_COUNT, "a layout for each kind");

void script_add(struct script *script, const struct step *step)
{
        script->steps = array_with_room(script->steps, script->count, sizeof(*step));
        script->steps[script->count++] = *step;
}

void script_free(struct script *script)
{
        free(script->steps);
        *script = (struct script) { 0 };
}

uint64_t step_after(const struct step *step)
{
        const struct layout *layout = &layouts[step->kind];
        for (size_t i = 0; i < STEP_FIELDS_MAX && layout->fields[i]; i++)
                if (strcmp(layout->fields[i], "after") == 0)
                        return step->fields[i];
        return 0;
}

static bool is_observable(const struct step *step)
{
        switch (step->kind) {
        case STEP_CONSOLE:
                return step->console.plain == 0; /* which bytes are received is not to be guessed */
        case STEP_DEAF:
        case STEP_CROWD:
        case STEP_SPLIT:
        case STEP_KICK:
        case STEP_BREAK:
        case STEP_RUBBISH:
                return false;
        case STEP_ASK:
                return step->ask.frame != SC_FRAME_TAKE && step->ask.frame != SC_FRAME_CLEAR;
        case STEP_ACKNOWLEDGE:
                return step->acknowledge.base == BASE_KNOWN && step->acknowledge.amount == 0;
        case STEP_TYPE:
                return step->type.guest == 0 && step->type.after == 0;
        default:
                return step_after(step) == 0;
        }
}

/* A native client says hello behind its connect, and waits for the answer. */
bool script_is_observable(const struct script *script)
{
        for (size_t i = 0; i < script->count; i++) {
                const struct step *step = &script->steps[i];
                const struct step *last = i > 0 ? step - 1 : NULL;
                if (!is_observable(step))
                        return false;
                bool greets = step->kind == STEP_HELLO || (step->kind == STEP_PACE && i + 1 < script->count);
                if (last && last->kind == STEP_CONNECT && listener_is_native(last->connect.listener) &&
                    !greets)
                        return false;
                if (last && last->kind == STEP_HELLO && step->kind != STEP_WAIT)
                        return false;
        }
        return true;
}

void script_print(const struct script *script, FILE *file)
{
        for (size_t i = 0; i < script->count; i++) {
                const struct step *step = &script->steps[i];
                const struct layout *layout = &layouts[step->kind];
                fprintf(file, "%s", layout->name);
                for (size_t j = 0; j < STEP_FIELDS_MAX && layout->fields[j]; j++)
                        if (step->fields[j] != 0)
                                fprintf(file, " %s=%" PRIu64, layout->fields[j], step->fields[j]);
                fprintf(file, "\n");
        }
}

static bool parse_field(struct step *step, const char *word)
{
        const struct layout *layout = &layouts[step->kind];
        for (size_t i = 0; i < STEP_FIELDS_MAX && layout->fields[i]; i++) {
                size_t length = strlen(layout->fields[i]);
                if (strncmp(word, layout->fields[i], length) != 0 || word[length] != '=')
                        continue;
                char *end;
                step->fields[i] = strtoull(word + length + 1, &end, 10);
                return end != word + length + 1 && *end == '\0';
        }
        return false;
}

static bool parse_step(struct step *step, char *line)
{
        char *rest = line;
        const char *name = strtok_r(rest, " \t\n", &rest);
        unsigned kind = 0;
        while (kind < STEP_KIND_COUNT && strcmp(name, layouts[kind].name) != 0)
                kind++;
        if (kind == STEP_KIND_COUNT)
                return false;
        *step = (struct step) { .kind = (enum step_kind)kind };
        const char *word;
        while ((word = strtok_r(rest, " \t\n", &rest)))
                if (!parse_field(step, word))
                        return false;
        return true;
}

unsigned script_parse(struct script *script, FILE *file)
{
        char line[512];
        struct step step;
        unsigned number = 0;
        while (fgets(line, sizeof(line), file)) {
                number++;
                if (line[0] == '#' || line[strspn(line, " \t\n")] == '\0')
                        continue;
                bool first = script->count == 0;
                if (!parse_step(&step, line) || first != (step.kind == STEP_CONSOLE))
                        return number;
                script_add(script, &step);
        }
        return script->count > 0 ? 0 : number + 1;
}
