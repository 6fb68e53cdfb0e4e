#include "run.h"
#include "story.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 64

struct options {
        uint64_t first, last;
        const char *script, *trace, *observer;
        unsigned long jobs;
        bool quiet, twice, keep_going, print, unjudged;
};

/* What the processes have found together. */
struct total {
        uint64_t seeds;
        uint64_t failures;
        uint64_t virtual_ns;
        uint64_t turns;
        uint64_t records;
        uint64_t first_failed; /* its seed and 1; 0: none */
};

static const char usage[] =
        "sim [--seed N | --seeds A-B | --script FILE] [--jobs N] [--twice] [--trace FILE] [--observer FILE]\n"
        "    [--keep-going] [--unjudged] [--print] [--quiet]\n"
        "Runs consoles in a world made of each seed, or of a script, and says what is wrong with one.\n"
        "  --twice       each seed again, and its traces compared byte for byte\n"
        "  --trace       writes the host's trace of one run, --observer that of who saw it\n"
        "  --keep-going  all seeds, however many fail\n"
        "  --unjudged    by the reference alone, not by the judge of traces\n"
        "  --print       the script of a seed, which is not run\n";

static double seconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- one run --- */

static void print_verdict(const struct verdict *verdict)
{
        printf("%s: %s", verdict->rule, verdict->what);
        if (verdict->client > 0)
                printf(" (client %" PRIu64 ")", verdict->client);
        if (verdict->has_numbers)
                printf(": found %" PRIu64 ", expected %" PRIu64, verdict->found, verdict->expected);
        if (verdict->place[0] != '\0')
                printf(" at %s", verdict->place);
        printf("\n");
}

static bool write_trace(const char *path, const struct buffer *records)
{
        if (!path)
                return true;
        FILE *file = fopen(path, "wb");
        bool written = file &&
                       fwrite(SC_TRACE_MAGIC, 1, SC_TRACE_MAGIC_BYTES, file) == SC_TRACE_MAGIC_BYTES &&
                       fwrite(buffer_at(records), 1, buffer_length(records), file) == buffer_length(records);
        written = file && fclose(file) == 0 && written;
        if (!written)
                fprintf(stderr, "sim: %s: %s\n", path, strerror(errno));
        return written;
}

static bool same(const struct buffer *a, const struct buffer *b)
{
        return buffer_length(a) == buffer_length(b) &&
               memcmp(buffer_at(a), buffer_at(b), buffer_length(a)) == 0;
}

static void free_traces(struct outcome *outcome)
{
        buffer_free(&outcome->host.bytes);
        buffer_free(&outcome->observer.bytes);
}

static void try_script(const struct script *script, const struct options *options, struct outcome *outcome)
{
        struct witness_wishes wishes = { .keep = options->twice || options->trace || options->observer,
                                         .unjudged = options->unjudged };
        run_script(script, &wishes, outcome);
        if (options->twice && !outcome->verdict.failed) {
                struct outcome again;
                run_script(script, &wishes, &again);
                if (!same(&outcome->host.bytes, &again.host.bytes) ||
                    !same(&outcome->observer.bytes, &again.observer.bytes))
                        outcome->verdict = (struct verdict) { .failed = true,
                                                              .rule = "SIM",
                                                              .what = "the same seed gives another trace" };
                free_traces(&again);
        }
        if (!write_trace(options->trace, &outcome->host.bytes) ||
            !write_trace(options->observer, &outcome->observer.bytes))
                exit(2);
        free_traces(outcome);
}

static bool run_seed(uint64_t seed, const struct options *options, struct total *total)
{
        struct script script = { 0 };
        struct outcome outcome;
        story_of_seed(&script, seed);
        try_script(&script, options, &outcome);
        script_free(&script);
        __atomic_add_fetch(&total->seeds, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&total->virtual_ns, outcome.virtual_ns, __ATOMIC_RELAXED);
        __atomic_add_fetch(&total->turns, outcome.turns, __ATOMIC_RELAXED);
        __atomic_add_fetch(&total->records, outcome.host.records + outcome.observer.records,
                           __ATOMIC_RELAXED);
        if (!outcome.verdict.failed)
                return true;
        __atomic_add_fetch(&total->failures, 1, __ATOMIC_RELAXED);
        uint64_t none = 0;
        __atomic_compare_exchange_n(&total->first_failed, &none, seed + 1, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED);
        printf("seed %" PRIu64 ": ", seed);
        print_verdict(&outcome.verdict);
        fflush(stdout);
        return false;
}

/* --- many --- */

static void work(unsigned long job, const struct options *options, struct total *total)
{
        for (uint64_t seed = options->first + job; seed <= options->last; seed += options->jobs) {
                bool over = !options->keep_going && __atomic_load_n(&total->failures, __ATOMIC_RELAXED) > 0;
                if (over)
                        return;
                run_seed(seed, options, total);
        }
}

static void run_seeds(const struct options *options, struct total *total)
{
        pid_t children[JOBS_MAX];
        fflush(stdout);
        for (unsigned long job = 1; job < options->jobs; job++) {
                children[job] = fork();
                if (children[job] == 0) {
                        work(job, options, total);
                        exit(0);
                }
        }
        work(0, options, total);
        for (unsigned long job = 1; job < options->jobs; job++) {
                int status;
                if (waitpid(children[job], &status, 0) < 0 || status != 0) {
                        printf("a process of the simulator died, of the seeds from %" PRIu64
                               " on in steps of %lu\n",
                               options->first + job, options->jobs);
                        total->failures++;
                }
        }
}

static void shrink_and_print(struct script *script, const struct options *options)
{
        struct outcome outcome;
        const struct witness_wishes wishes = { .unjudged = options->unjudged };
        run_script(script, &wishes, &outcome);
        if (!outcome.verdict.failed || options->quiet)
                return;
        size_t before = script->count;
        struct verdict verdict = outcome.verdict;
        script->count = outcome.steps < script->count ? outcome.steps + 1 : script->count;
        run_shrinks(script, &wishes, &verdict);
        run_script(script, &wishes, &outcome);
        printf("# %zu of %zu steps suffice for: ", script->count, before);
        print_verdict(&outcome.verdict);
        script_print(script, stdout);
}

static int conclude(const struct options *options, const struct total *total, double took)
{
        if (total->first_failed > 0) {
                struct script script = { 0 };
                uint64_t seed = total->first_failed - 1;
                printf("again: sim --seed %" PRIu64 "\n", seed);
                story_of_seed(&script, seed);
                shrink_and_print(&script, options);
                script_free(&script);
        }
        double hours = (double)total->virtual_ns / 3.6e12;
        printf("%" PRIu64 " seeds, %" PRIu64
               " failed; %.1f virtual hours in %.1f s, %.1f hours a second; %" PRIu64 " turns, %" PRIu64
               " records\n",
               total->seeds, total->failures, hours, took, hours / took, total->turns, total->records);
        /* For who adds up suites. */
        uint64_t failures = total->failures;
        printf("%d%%: Checks: %" PRIu64 ", Failures: %" PRIu64 ", Errors: 0\n", failures == 0 ? 100 : 0,
               total->seeds, failures);
        return failures > 0;
}

static int run_file(const struct options *options)
{
        struct script script = { 0 };
        struct outcome outcome;
        FILE *file = fopen(options->script, "r");
        if (!file) {
                fprintf(stderr, "sim: %s: %s\n", options->script, strerror(errno));
                return 2;
        }
        unsigned wrong = script_parse(&script, file);
        fclose(file);
        if (wrong > 0) {
                fprintf(stderr, "sim: %s: line %u is no step that may stand there\n", options->script, wrong);
                return 2;
        }
        try_script(&script, options, &outcome);
        if (outcome.verdict.failed) {
                printf("step %zu: ", outcome.steps + 1);
                print_verdict(&outcome.verdict);
                shrink_and_print(&script, options);
        }
        script_free(&script);
        return outcome.verdict.failed;
}

/* --- options --- */

static bool parse_range(const char *text, struct options *options)
{
        char *end;
        options->first = options->last = strtoull(text, &end, 10);
        if (*end == '-')
                options->last = strtoull(end + 1, &end, 10);
        return *end == '\0' && end != text && options->first <= options->last;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
        static const struct option known[] = {
                { "seed", required_argument, NULL, 's' },
                { "seeds", required_argument, NULL, 's' },
                { "script", required_argument, NULL, 'f' },
                { "jobs", required_argument, NULL, 'j' },
                { "trace", required_argument, NULL, 't' },
                { "observer", required_argument, NULL, 'o' },
                { "twice", no_argument, NULL, '2' },
                { "keep-going", no_argument, NULL, 'k' },
                { "unjudged", no_argument, NULL, 'u' },
                { "print", no_argument, NULL, 'p' },
                { "quiet", no_argument, NULL, 'q' },
                { "help", no_argument, NULL, 'h' },
                { 0 },
        };
        int option;
        while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
                switch (option) {
                case 's':
                        if (!parse_range(optarg, options))
                                return false;
                        break;
                case 'f':
                        options->script = optarg;
                        break;
                case 'j':
                        options->jobs = strtoul(optarg, NULL, 10);
                        break;
                case 't':
                        options->trace = optarg;
                        break;
                case 'o':
                        options->observer = optarg;
                        break;
                case '2':
                        options->twice = true;
                        break;
                case 'k':
                        options->keep_going = true;
                        break;
                case 'p':
                        options->print = true;
                        break;
                case 'u':
                        options->unjudged = true;
                        break;
                case 'q':
                        options->quiet = true;
                        break;
                default:
                        return false;
                }
        }
        bool one = options->first == options->last || options->script;
        return optind == argc && options->jobs > 0 && options->jobs <= JOBS_MAX &&
               (one || (!options->trace && !options->observer && !options->print));
}

int main(int argc, char **argv)
{
        struct options options = { .first = 0, .last = 199, .jobs = 1 };
        if (!parse_options(argc, argv, &options)) {
                fputs(usage, stderr);
                return 2;
        }
        if (options.script)
                return run_file(&options);
        if (options.print) {
                struct script script = { 0 };
                story_of_seed(&script, options.first);
                script_print(&script, stdout);
                script_free(&script);
                return 0;
        }
        struct total *total =
                mmap(NULL, sizeof(*total), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (total == MAP_FAILED)
                abort();
        double began = seconds();
        run_seeds(&options, total);
        return conclude(&options, total, seconds() - began);
}
