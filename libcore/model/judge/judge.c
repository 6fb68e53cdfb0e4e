#include "model/judge/judge.h"

#include "model/judge/observed.h"
#include "model/judge/rules.h"

/* Of a console that does not say. */
#define UNKNOWN_RING_BYTES (1024 * 1024)

/* What is in the caller's memory; the judge is given out. */
struct parts {
        struct sc_judge judge;
        struct sc_scene scene;
};

static struct sc_scene *scene_of(struct sc_judge *judge)
{
        return &((struct parts *)judge)->scene;
}

static bool is_unknown_ring(const struct sc_record_config *config)
{
        return config->kind != SC_TRACE_HOST && config->capacity_bytes == SC_RECORD_UNKNOWN;
}

/* How much output is kept to compare. */
static uint64_t ring_bytes(const struct sc_record_config *config)
{
        return is_unknown_ring(config) ? UNKNOWN_RING_BYTES : config->capacity_bytes;
}

static bool may_be_judged(const struct sc_record_config *config)
{
        bool unknown_policy = config->history == SC_RECORD_UNKNOWN || config->writers == SC_RECORD_UNKNOWN;
        if (config->kind == SC_TRACE_HOST && unknown_policy)
                return false;
        return config->kind >= SC_TRACE_HOST && config->kind <= SC_TRACE_CLIENT &&
               config->capacity_bytes > 0 &&
               (config->capacity_bytes <= SC_BUFFER_BYTES_MAX || is_unknown_ring(config)) &&
               config->keep_first_bytes <= SC_BUFFER_BYTES_MAX;
}

size_t sc_judge_memory_bytes(const struct sc_record *config)
{
        if (config->type != SC_RECORD_CONFIG || !may_be_judged(&config->config))
                return 0;
        size_t bytes = sizeof(struct parts);
        if (config->config.kind != SC_TRACE_HOST)
                bytes += sc_observed_memory_bytes(ring_bytes(&config->config),
                                                  config->config.keep_first_bytes);
        return bytes;
}

struct sc_judge *sc_judge_new(const struct sc_record *config, uint8_t *memory)
{
        SC_ASSERT(sc_judge_memory_bytes(config) > 0);

        struct parts *parts = (struct parts *)(void *)memory;
        struct sc_judge *judge = &parts->judge;
        sc_scene_init(&parts->scene, config);
        judge->scene = &parts->scene;
        if (config->config.kind != SC_TRACE_HOST) {
                judge->observed = (struct sc_observed *)(void *)(parts + 1);
                sc_observed_init(judge->observed, ring_bytes(&config->config),
                                 config->config.keep_first_bytes, (uint8_t *)(judge->observed + 1));
                judge->observed->scene = &parts->scene;
        }
        judge->summary.first_ns = config->time_ns;
        return judge;
}

/* --- what is told --- */

/* It stands where its size made it stand, within a wake-up or within what follows at once: it is judged no more than the
 * end of a trace that was cut. */
static bool is_limit(const struct sc_record *record)
{
        return record->type == SC_RECORD_STOP && record->stop.why == SC_TRACE_LIMITED;
}

static void sum_up(struct sc_judge *judge, const struct sc_record *record)
{
        struct sc_judge_summary *summary = &judge->summary;
        summary->records++;
        summary->last_ns = sc_max_u64(summary->last_ns, record->time_ns);
        if (record->type == SC_RECORD_OUTPUT) {
                summary->output_bytes += record->length;
        } else if (record->type == SC_RECORD_START) {
                summary->clients += sc_scene_begins_stream(&record->start);
        } else if (record->type == SC_RECORD_GAP) {
                summary->gaps++;
                summary->gap_bytes =
                        sc_add_sat_u64(summary->gap_bytes, sc_sub_sat_u64(record->gap.to, record->gap.from));
        } else if (record->type == SC_RECORD_BOUNDARY) {
                summary->guests += record->boundary.kind == SC_BOUNDARY_UP;
        } else if (record->type == SC_RECORD_MISSING) {
                sc_rules_unjudged(judge, SC_UNJUDGED_MISSING, sc_max_u64(record->missing.records, 1));
        } else if (record->type == SC_RECORD_STOP) {
                summary->unjudged[SC_UNJUDGED_LIMITED] += is_limit(record);
        } else if (record->type == SC_RECORD_CONNECT) {
                summary->unjudged[SC_UNJUDGED_CLIENTS] += judge->scene->seats.count == SC_SEATS_MAX;
        }
}

static void end_wake(struct sc_judge *judge)
{
        if (judge->observed)
                return;
        for (unsigned rule = 1; rule <= SC_RULES_MAX; rule++)
                if (sc_rules[rule].at_wake_end)
                        sc_rules[rule].at_wake_end(judge);
        sc_scene_end_wake(scene_of(judge));
}

static void judge_record(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record)
{
        sc_rules_record(judge, seat, record);
        if (judge->observed) {
                sc_rules_observe(judge, seat, record);
                return;
        }
        if (sc_scene_owes_overflow(judge->scene, record)) {
                sc_rules_overflow_untold(judge);
                sc_scene_overflow(scene_of(judge));
        }
        for (unsigned rule = 1; rule <= SC_RULES_MAX; rule++)
                if (sc_rules[rule].types & SC_TYPE(record->type))
                        sc_rules[rule].judge(judge, seat, record);
}

void sc_judge_take(struct sc_judge *judge, const struct sc_record *record)
{
        struct sc_scene *scene = scene_of(judge);
        struct sc_seat *seat = sc_scene_seat(scene, record);
        judge->found_count = 0;
        judge->found_next = 0;
        if (record->time_ns > scene->wake_ns) {
                if (record->type != SC_RECORD_MISSING)
                        end_wake(judge);
                scene->wake++;
                scene->wake_ns = record->time_ns;
        }
        scene->records++;
        scene->now_ns = record->time_ns;
        bool belongs = sc_rules_belongs(judge, record);
        if (belongs && !is_limit(record))
                judge_record(judge, seat, record);
        sum_up(judge, record);
        if (belongs)
                sc_scene_take(scene, seat, record);
}

void sc_judge_end(struct sc_judge *judge, bool cut)
{
        judge->found_count = 0;
        judge->found_next = 0;
        if (judge->observed)
                sc_rules_observe_ended(judge);
        if (cut || !judge->scene->stopped)
                judge->summary.unjudged[SC_UNJUDGED_CUT] = 1;
        else if (judge->summary.unjudged[SC_UNJUDGED_LIMITED] == 0)
                end_wake(judge);
}

bool sc_judge_next(struct sc_judge *judge, struct sc_violation *violation)
{
        if (judge->found_next == judge->found_count)
                return false;
        *violation = judge->found[judge->found_next++];
        return true;
}

const struct sc_judge_summary *sc_judge_summary(const struct sc_judge *judge)
{
        return &judge->summary;
}

const char *sc_judge_rule_title(unsigned rule)
{
        return 0 < rule && rule <= SC_RULES_MAX ? sc_rules[rule].title : NULL;
}

const char *sc_judge_unjudged_text(enum sc_unjudged unjudged)
{
        static const char *const texts[] = {
                [SC_UNJUDGED_MISSING] = "records are missing",
                [SC_UNJUDGED_CUT] = "the trace does not say how it ended",
                [SC_UNJUDGED_LIMITED] = "the trace reached its size",
                [SC_UNJUDGED_INPUT_BYTES] = "bytes of input were judged by their number alone",
                [SC_UNJUDGED_OUTPUT_BYTES] = "bytes of a client's output could not be compared",
                [SC_UNJUDGED_TIMES] = "bytes whose arrival times are kept too coarsely here",
                [SC_UNJUDGED_PLACE] = "times bytes fit more than one place",
                [SC_UNJUDGED_INPUT_ORDER] = "bytes of input whose order cannot be known",
                [SC_UNJUDGED_CLIENTS] = "more clients at once than are followed",
                [SC_UNJUDGED_UNWAITED] =
                        "bytes of output or input that nobody waited for: no quiet behind them",
                [SC_UNJUDGED_BEFORE] = "bytes before a client's first, which it was perhaps to get",
        };
        static_assert(SC_COUNT(texts) == SC_UNJUDGED_COUNT, "a text for each");
        return unjudged < SC_UNJUDGED_COUNT ? texts[unjudged] : NULL;
}
