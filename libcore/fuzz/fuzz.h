#ifndef SC_FUZZ_H
#define SC_FUZZ_H

#include "model/base/panic.h"
#include "model/base/span.h"

#include <sanitizer/asan_interface.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What the fuzzers share. A fuzzer is one function of bytes that somebody else chose, made a program by libFuzzer, with
 * ASan and UBSan. What it claims and is not so ends the process, as a failed assertion of the model does, and libFuzzer
 * keeps the bytes. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t length_max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t length_max);

#define claim(expression) SC_ASSERT(expression)

/* The input, as a script: small numbers and pieces of bytes, taken from its front. What is not there is zero. */
struct fuzz_script {
        const uint8_t *bytes;
        size_t length;
};

static inline uint64_t fuzz_number(struct fuzz_script *script, size_t width)
{
        uint64_t number = 0;
        for (size_t i = 0; i < width && script->length > 0; i++) {
                number |= (uint64_t)*script->bytes++ << (8 * i);
                script->length--;
        }
        return number;
}

/* Up to `length` bytes. */
static inline struct fuzz_script fuzz_piece(struct fuzz_script *script, size_t length)
{
        struct fuzz_script piece = { script->bytes, length < script->length ? length : script->length };
        script->bytes += piece.length;
        script->length -= piece.length;
        return piece;
}

/* Of `bytes`, which end at `end`, whoever reads at or behind `length` from now on is found out. Called with a smaller
 * length each time, and at last with `length` the whole, which forbids nothing. */
static inline void fuzz_end_at(const uint8_t *bytes, size_t length, size_t end)
{
        __asan_unpoison_memory_region(bytes, end);
        if (length < end)
                __asan_poison_memory_region(bytes + length, end - length);
}

#endif
