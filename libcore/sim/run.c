#include "run.h"

#include "world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Many times as long as any takes. */
#define RUN_SECONDS_MAX 60

/* What a longjmp leaves is freed from here. */
static struct world *volatile the_world;
static volatile size_t steps_done;

static void run_steps(const struct script *script, const struct witness_wishes *wishes)
{
        struct witness_wishes all = *wishes;
        all.unseen = !script_is_observable(script);
        the_world = world_new(&script->steps[0].console, &all);
        world_records(the_world);
        for (size_t i = 1; i < script->count; i++) {
                steps_done = i;
                world_step(the_world, &script->steps[i]);
        }
        steps_done = script->count;
        world_finish(the_world);
}

/* What kills a process is a failure of the script as any other. A sanitizer has its own words for it. */
#ifdef __SANITIZE_ADDRESS__
static const int deadly[] = { SIGALRM };
#else
static const int deadly[] = { SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
#endif

static void die(int signal)
{
        claim_fail("SIM", signal == SIGALRM ? "the run does not end" : "the process would die of a signal",
                   0);
}

static void survive(void)
{
        struct sigaction action = { .sa_handler = die, .sa_flags = SA_NODEFER };
        for (size_t i = 0; i < SC_COUNT(deadly); i++)
                sigaction(deadly[i], &action, NULL);
        alarm(RUN_SECONDS_MAX);
}

/* Not every console that may stand in a script is one. */
static bool may_be(const struct step_console *console)
{
        return console->capacity >= SC_BUFFER_BYTES_MIN && console->capacity <= SC_BUFFER_BYTES_MAX &&
               console->keep_first <= SC_BUFFER_BYTES_MAX && console->history < SC_HISTORY_COUNT &&
               console->writers < SC_WRITERS_COUNT && console->clients_max > 0 &&
               console->clients_max <= SC_CLIENTS_MAX;
}

void run_script(const struct script *script, const struct witness_wishes *wishes, struct outcome *outcome)
{
        claim_verdict = (struct verdict) { .failed = false };
        the_world = NULL;
        steps_done = 0;
        *outcome = (struct outcome) { .steps = 0 };
        if (!may_be(&script->steps[0].console))
                return;
        survive();
        if (setjmp(claim_end) == 0)
                run_steps(script, wishes);
        alarm(0);
        struct world *world = the_world;
        *outcome = (struct outcome) { .verdict = claim_verdict, .steps = steps_done };
        if (!world)
                return;
        outcome->virtual_ns = world->now_ns - world->began_ns;
        outcome->turns = world->turns;
        outcome->host = world->witness.host;
        outcome->observer = world->witness.observer;
        world->witness.host.bytes = world->witness.observer.bytes = (struct buffer) { 0 };
        world_free(world);
}

/* --- shrinking --- */

struct search {
        struct script *script;
        const struct witness_wishes *wishes;
        const struct verdict *verdict;
};

static bool fails_alike(const struct search *search, const struct script *script)
{
        struct outcome outcome;
        const struct verdict *verdict = search->verdict;
        run_script(script, search->wishes, &outcome);
        return outcome.verdict.failed && strcmp(outcome.verdict.rule, verdict->rule) == 0 &&
               strcmp(outcome.verdict.what, verdict->what) == 0;
}

/* Without the `count` steps from `first` on, if that fails as well. */
static bool cut(const struct search *search, size_t first, size_t count)
{
        struct script *script = search->script;
        struct script less = { 0 };
        for (size_t i = 0; i < script->count; i++)
                if (i < first || i >= first + count)
                        script_add(&less, &script->steps[i]);
        bool alike = fails_alike(search, &less);
        if (alike) {
                script_free(script);
                *script = less;
        } else {
                script_free(&less);
        }
        return alike;
}

static bool cut_all(const struct search *search, size_t count)
{
        const struct script *script = search->script;
        bool some = false;
        for (size_t first = 1; first < script->count;) {
                size_t part = count < script->count - first ? count : script->count - first;
                if (cut(search, first, part))
                        some = true;
                else
                        first += part;
        }
        return some;
}

/* Smaller numbers are easier to read. */
static bool lessen(const struct search *search)
{
        struct script *script = search->script;
        bool some = false;
        for (size_t i = 0; i < script->count; i++)
                for (size_t j = 0; j < STEP_FIELDS_MAX; j++) {
                        uint64_t *field = &script->steps[i].fields[j];
                        uint64_t before = *field;
                        if (before == 0)
                                continue;
                        *field = 0;
                        if (fails_alike(search, script)) {
                                some = true;
                                continue;
                        }
                        *field = before / 2;
                        if (before > 1 && fails_alike(search, script))
                                some = true;
                        else
                                *field = before;
                }
        return some;
}

void run_shrinks(struct script *script, const struct witness_wishes *wishes, const struct verdict *verdict)
{
        const struct search search = { script, wishes, verdict };
        bool some = true;
        for (unsigned rounds = 0; some && rounds < 8; rounds++) {
                some = false;
                for (size_t count = script->count / 2; count > 0; count /= 2)
                        some |= cut_all(&search, count);
                some |= lessen(&search);
        }
}
