#ifndef SC_SPLIT_H
#define SC_SPLIT_H

#include <stddef.h>
#include <stdint.h>

/* What takes a stream in pieces: `start` before it, `feed` for each piece, `check` behind the last. */
struct splitter {
        void (*start)(void);
        void (*feed)(const uint8_t *bytes, size_t length);
        void (*check)(void);
};

/* The stream in two pieces, for every place where it can be cut, whole (cut at its end), and byte by byte. */
static inline void at_every_split(const uint8_t *stream, size_t length, const struct splitter *splitter)
{
        for (size_t cut = 1; cut <= length; cut++) {
                splitter->start();
                splitter->feed(stream, cut);
                if (cut < length)
                        splitter->feed(stream + cut, length - cut);
                splitter->check();
        }
        splitter->start();
        for (size_t i = 0; i < length; i++)
                splitter->feed(stream + i, 1);
        splitter->check();
}

#endif
