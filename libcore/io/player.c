#include "io/player.h"

#include "io/clock.h"
#include "io/interrupt.h"
#include "model/base/bounds.h"
#include "model/base/span.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define PIECE_BYTES (16 * 1024)

/* Later than this is no scheduler's doing. */
#define LATE_NS (100 * SC_NS_PER_MS)

int sc_player_open(struct sc_player *player)
{
        *player = (struct sc_player) { .terminal = isatty(STDOUT_FILENO) };
        signal(SIGPIPE, SIG_IGN);
        int result = sc_interrupt_open();
        if (result < 0)
                return result;
        sc_given_output_open(&player->output, STDOUT_FILENO);
        player->start_ns = sc_clock_now_ns();
        return 0;
}

/* As far as the terminal takes it. */
void sc_player_close(struct sc_player *player)
{
        static const uint8_t line_end[] = { '\r', '\n' };
        uint8_t text[SC_MODES_RESET_BYTES_MAX];

        if (player->terminal) {
                size_t length = sc_modes_reset(&player->modes, text);
                if (length > 0)
                        sc_given_output_write(&player->output, text, length);
                if (player->in_line)
                        sc_given_output_write(&player->output, line_end, sizeof(line_end));
        }
        sc_given_output_close(&player->output);
}

int sc_player_wait(struct sc_player *player, uint64_t due_ns, uint64_t patience_ns)
{
        uint64_t played_ns = sc_clock_now_ns() - player->start_ns;

        if (played_ns >= due_ns) {
                if (played_ns - due_ns > LATE_NS)
                        player->start_ns += played_ns - due_ns;
                return 1;
        }
        uint64_t left_ns = due_ns - played_ns;
        int result = sc_interrupt_wait(player->output.fd, 0, sc_min_u64(left_ns, patience_ns));
        if (result > 0)
                return -EPIPE;
        if (result < 0)
                return result;
        return left_ns <= patience_ns && sc_clock_now_ns() - player->start_ns >= due_ns;
}

static int write_all(struct sc_player *player, const uint8_t *bytes, size_t length)
{
        while (length > 0) {
                int ready = sc_interrupt_wait(player->output.fd, POLLOUT, SC_INTERRUPT_FOREVER);
                if (ready < 0)
                        return ready;
                ssize_t written = sc_given_output_write(&player->output, bytes, length);
                if (written == -ECONNRESET) /* a socket's way of saying that nobody reads it */
                        return -EPIPE;
                if (written < 0 && written != -EAGAIN)
                        return (int)written;
                if (written > 0) {
                        bytes += written;
                        length -= (size_t)written;
                }
        }
        return 0;
}

int sc_player_write(struct sc_player *player, const uint8_t *bytes, size_t length)
{
        uint8_t painted[SC_PAINTED_BYTES_MAX(PIECE_BYTES)];
        int result = 0;

        if (!player->terminal)
                return write_all(player, bytes, length);
        while (length > 0 && result == 0) {
                size_t piece = length < PIECE_BYTES ? length : PIECE_BYTES;
                size_t count = sc_painted_feed(&player->painted, bytes, piece, painted);
                sc_modes_feed(&player->modes, painted, count);
                if (count > 0)
                        player->in_line = painted[count - 1] != '\n';
                result = write_all(player, painted, count);
                bytes += piece;
                length -= piece;
        }
        return result;
}
