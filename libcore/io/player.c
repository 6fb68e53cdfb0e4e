#include "io/player.h"

#include "io/abort.h"
#include "io/clock.h"
#include "model/base/bounds.h"
#include "model/base/span.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define PIECE_BYTES (16 * 1024)

/* Later than this is no scheduler's doing. */
#define LATE_NS (100 * SC_NS_PER_MS)

static struct sc_player *the_player; /* for a panic */

static void restore_in_panic(void)
{
        if (the_player)
                sc_tty_restore(STDIN_FILENO, &the_player->before);
}

/* --- the terminal --- */

/* Not from the background: that would stop this process. `again`: it may be set already. */
static void set_keys(struct sc_player *player, bool again)
{
        if (!player->has_keys || sc_tty_is_others(STDIN_FILENO))
                return;
        again = again && player->before.saved;
        player->user.keys_fd =
                sc_tty_set_quiet(STDIN_FILENO, again ? NULL : &player->before) == 0 ? STDIN_FILENO : -1;
}

/* As far as the terminal takes it. */
static void restore(struct sc_player *player)
{
        static const uint8_t line_end[] = { '\r', '\n' };
        uint8_t text[SC_MODES_RESET_BYTES_MAX];

        if (!player->terminal)
                return;
        size_t length = sc_modes_reset(&player->modes, text);
        if (length > 0)
                sc_given_output_write(&player->output, text, length);
        if (player->in_line)
                sc_given_output_write(&player->output, line_end, sizeof(line_end));
        player->in_line = false;
        sc_tty_restore(STDIN_FILENO, &player->before);
        player->before.saved = false;
        player->user.keys_fd = -1;
}

static void stop(void *context)
{
        struct sc_player *player = context;
        struct sc_modes modes = player->modes;
        uint8_t text[SC_MODES_RESET_BYTES_MAX];

        restore(player);
        sc_tty_stop(STDOUT_FILENO);
        if (sc_tty_is_others(STDOUT_FILENO)) /* it is to end */
                return;
        set_keys(player, false);
        size_t length = sc_modes_again(&modes, text);
        if (length > 0)
                sc_given_output_write(&player->output, text, length);
        player->modes = modes;
}

/* Somebody else stopped it: a shell has set the terminal meanwhile. */
static void went_on(void *context)
{
        set_keys(context, true);
}

static void pause_or_go_on(struct sc_player *player)
{
        uint64_t now_ns = sc_clock_now_ns();

        if (player->paused)
                player->start_ns += now_ns - player->paused_ns;
        player->paused = !player->paused;
        player->paused_ns = now_ns;
}

static bool take_keys(void *context)
{
        struct sc_player *player = context;
        char keys[64];
        ssize_t length = sc_given_read(STDIN_FILENO, keys, sizeof(keys));

        if (length <= 0 && length != -EAGAIN) /* the terminal has gone */
                player->user.keys_fd = -1;
        for (ssize_t i = 0; i < length && !player->quit; i++) {
                if (keys[i] == ' ')
                        pause_or_go_on(player);
                player->quit = keys[i] == 'q';
        }
        return !player->quit;
}

/* --- the whole --- */

int sc_player_open(struct sc_player *player, bool input_is_free)
{
        *player = (struct sc_player) {
                .terminal = isatty(STDOUT_FILENO),
                .user = { .keys_fd = -1,
                          .keys = take_keys,
                          .stop = stop,
                          .went_on = went_on,
                          .context = player },
        };
        player->has_keys = player->terminal && input_is_free && isatty(STDIN_FILENO);
        signal(SIGPIPE, SIG_IGN);
        int result = sc_interrupt_open(player->terminal ? &player->user : NULL);
        if (result < 0)
                return result;
        sc_given_output_open(&player->output, STDOUT_FILENO);
        the_player = player;
        sc_abort_hook = restore_in_panic;
        set_keys(player, false);
        player->start_ns = sc_clock_now_ns();
        return 0;
}

void sc_player_close(struct sc_player *player)
{
        restore(player);
        the_player = NULL;
        sc_given_output_close(&player->output);
}

int sc_player_wait(struct sc_player *player, uint64_t due_ns, uint64_t patience_ns)
{
        if (player->paused)
                due_ns = UINT64_MAX;
        uint64_t played_ns = sc_clock_now_ns() - player->start_ns;

        if (played_ns >= due_ns) {
                if (played_ns - due_ns > LATE_NS)
                        player->start_ns += played_ns - due_ns;
                return 1;
        }
        uint64_t left_ns = due_ns - played_ns;
        int result = sc_interrupt_wait(player->output.fd, 0, sc_min_u64(left_ns, patience_ns));
        return result > 0 ? -EPIPE : result;
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
