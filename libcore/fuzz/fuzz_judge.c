#include "fuzz.h"
#include "model/judge/judge.h"
#include "trace_mutator.h"

#include <stdlib.h>
#include <sys/mman.h>

/* The judge, over traces that claim whatever they like: records that are well formed, one behind the other, and need not
 * fit together. Its memory is what it asked for, and it says something of each record and then no more. */

#define FILE_BYTES_MAX (1024 * 1024)
/* A larger ring costs time alone. */
#define CAPACITY_MAX (1024 * 1024)
#define PAGE_BYTES 4096

struct courtroom {
        struct sc_judge *judge;
        uint8_t *memory;
        size_t size, pages;
        uint64_t records;
        uint64_t violations;
};

/* Behind the last page there is nothing, and on it nothing behind the memory that was asked for. */
static bool open_courtroom(struct courtroom *room, const struct sc_record *config)
{
        size_t size = sc_judge_memory_bytes(config);
        if (size == 0 || config->config.capacity_bytes > CAPACITY_MAX ||
            config->config.keep_first_bytes > CAPACITY_MAX)
                return false;
        size_t pages = (size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        uint8_t *memory =
                mmap(NULL, pages + PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        claim(memory != MAP_FAILED);
        claim(mprotect(memory, pages, PROT_READ | PROT_WRITE) == 0);
        if (size < pages)
                __asan_poison_memory_region(memory + size, pages - size);
        *room = (struct courtroom) { .memory = memory, .size = size, .pages = pages };
        room->judge = sc_judge_new(config, memory);
        return true;
}

static void close_courtroom(struct courtroom *room)
{
        __asan_unpoison_memory_region(room->memory, room->pages);
        munmap(room->memory, room->pages + PAGE_BYTES);
}

static void hear(struct courtroom *room)
{
        struct sc_violation violation;
        for (unsigned found = 0; sc_judge_next(room->judge, &violation); found++) {
                claim(found < 4096);
                claim(1 <= violation.rule && violation.rule <= SC_RULES_MAX);
                claim(1 <= violation.record && violation.record <= room->records);
                claim(violation.what && *violation.what != '\0');
                claim(sc_judge_rule_title(violation.rule));
                room->violations++;
        }
}

static void take(struct courtroom *room, const struct sc_record *record)
{
        /* What it points to is used during the call alone. */
        uint8_t *bytes = malloc(record->length + 1);
        claim(bytes);
        if (record->length > 0)
                memcpy(bytes, record->bytes, record->length);
        struct sc_record copy = *record;
        copy.bytes = bytes;
        room->records++;
        sc_judge_take(room->judge, &copy);
        free(bytes);
        hear(room);
}

static void finish(struct courtroom *room, bool cut)
{
        sc_judge_end(room->judge, cut);
        hear(room);
        const struct sc_judge_summary *summary = sc_judge_summary(room->judge);
        uint64_t sum = 0;
        for (size_t i = 0; i < SC_COUNT(summary->by_rule); i++)
                sum += summary->by_rule[i];
        claim(summary->records == room->records);
        claim(summary->violations == sum);
        claim(summary->violations >= room->violations);
        for (unsigned i = 0; i < SC_UNJUDGED_COUNT; i++)
                claim(sc_judge_unjudged_text((enum sc_unjudged)i));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
        struct courtroom room = { 0 };
        bool stopped = false;
        if (length > FILE_BYTES_MAX)
                return 0;
        for (size_t at = trace_magic_length(input, length); at < length;) {
                struct sc_record record;
                size_t size = 0;
                if (sc_record_next(input + at, length - at, &record, &size) != SC_RECORD_COMPLETE)
                        break;
                if (!room.judge && (record.type != SC_RECORD_CONFIG || !open_courtroom(&room, &record)))
                        return 0;
                take(&room, &record);
                stopped = record.type == SC_RECORD_STOP;
                at += size;
        }
        if (!room.judge)
                return 0;
        finish(&room, !stopped);
        close_courtroom(&room);
        return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t length_max, unsigned seed)
{
        return trace_mutate(bytes, length, length_max, seed);
}
