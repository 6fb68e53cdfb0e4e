#include "trace_play.h"

#include "io/interrupt.h"
#include "io/player.h"
#include "model/base/bounds.h"
#include "progress.h"
#include "report.h"

#include <unistd.h>

#define PROGRESS_NS (SC_NS_PER_S / 2)

/* 0 or -errno; -EINTR and -EPIPE are ends, and no failures. */
static int play_piece(const struct sc_trace_walk *walk, struct sc_player *player,
                      struct sc_progress *progress)
{
        const struct sc_trace_piece *piece = &walk->piece;
        int result;

        do {
                result = sc_player_wait(player, walk->due_ns, PROGRESS_NS);
                sc_progress_tell(progress, walk->elapsed_ns, sc_trace_walk_total_ns(walk));
        } while (result == 0);
        for (size_t i = 0; i < piece->span_count && result >= 0; i++)
                result = sc_player_write(player, piece->spans[i].bytes, piece->spans[i].length);
        return result < 0 ? result : 0;
}

static int play_pieces(struct sc_trace_walk *walk, struct sc_player *player, struct sc_progress *progress)
{
        enum sc_trace_walk_step step;
        int result = 0;

        while (result == 0 && (step = sc_trace_walk_next(walk)) != SC_TRACE_WALK_END) {
                if (step == SC_TRACE_WALK_PIECE)
                        result = play_piece(walk, player, progress);
        }
        return result;
}

int sc_trace_play(struct sc_trace_walk *walk)
{
        static struct sc_player player;
        struct sc_progress progress;

        int result = sc_player_open(&player, walk->source->reader.fd != STDIN_FILENO);
        if (result < 0)
                return sc_report_output_error(-result);
        sc_progress_start(&progress);
        result = play_pieces(walk, &player, &progress);
        sc_progress_end(&progress);
        sc_player_close(&player);
        if (sc_interrupt_signal() != 0)
                return 128 + sc_interrupt_signal();
        if (player.quit)
                return SC_EXIT_DONE;
        return result < 0 ? sc_report_output_error(-result) : sc_trace_walk_end(walk);
}
