#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* That its pipes are closed is to be obeyed within the first, SIGTERM within the second. */
#define CLOSED_NS (200 * 1000 * 1000)
#define SIGTERM_SECONDS 2

/* The three pipes, each as pipe2 fills it: what the child reads, what it writes, its errors. */
enum { PIPE_INPUT, PIPE_OUTPUT, PIPE_ERROR, PIPE_COUNT };

static int spawn(struct sc_child *child, char *const argv[], int pipes[PIPE_COUNT][2], unsigned flags)
{
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t all, none;
        short attribute_flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;

        /* sigfillset leaves out the C library's own two, and posix_spawn would hand them on ignored. */
        memset(&all, 0xff, sizeof(all));
        sigemptyset(&none);
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setpgroup(&attributes, 0);
        if (!(flags & SC_CHILD_OUR_GROUP))
                attribute_flags |= POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setflags(&attributes, attribute_flags);

        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipes[PIPE_INPUT][0], STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, pipes[PIPE_OUTPUT][1], STDOUT_FILENO);
        if (flags & SC_CHILD_PIPE_ERROR)
                posix_spawn_file_actions_adddup2(&actions, pipes[PIPE_ERROR][1], STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);

        int error = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        return -error;
}

static void close_pipes(int pipes[PIPE_COUNT][2])
{
        for (int i = 0; i < PIPE_COUNT; i++)
                for (int end = 0; end < 2; end++)
                        if (pipes[i][end] >= 0)
                                close(pipes[i][end]);
}

/* Ours of each does not block. */
static int make_pipes(int pipes[PIPE_COUNT][2], unsigned flags)
{
        int count = flags & SC_CHILD_PIPE_ERROR ? PIPE_COUNT : PIPE_ERROR;
        for (int i = 0; i < count; i++) {
                int ours = i == PIPE_INPUT ? 1 : 0;
                if (pipe2(pipes[i], O_CLOEXEC) != 0 || fcntl(pipes[i][ours], F_SETFL, O_NONBLOCK) != 0)
                        return -errno;
        }
        return 0;
}

/* The caller keeps this end, and it is not closed with the others. */
static int keep(int *end)
{
        int fd = *end;
        *end = -1;
        return fd;
}

int sc_child_start(struct sc_child *child, char *const argv[], unsigned flags)
{
        int pipes[PIPE_COUNT][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
        *child = (struct sc_child) { .input = -1, .output = -1, .error = -1 };
        int result = make_pipes(pipes, flags);
        if (result == 0)
                result = spawn(child, argv, pipes, flags);
        if (result == 0) {
                child->input = keep(&pipes[PIPE_INPUT][1]);
                child->output = keep(&pipes[PIPE_OUTPUT][0]);
                child->error = keep(&pipes[PIPE_ERROR][0]);
        } else {
                child->pid = 0;
        }
        close_pipes(pipes);
        return result;
}

/* Until it has ended, or no more comes of it within that time. */
static void await_end(struct sc_child *child, struct timespec patience)
{
        sigset_t ended;
        sigemptyset(&ended);
        sigaddset(&ended, SIGCHLD);
        sc_child_reap(child);
        while (child->pid > 0 && sigtimedwait(&ended, NULL, &patience) == SIGCHLD)
                sc_child_reap(child);
}

void sc_child_end(struct sc_child *child)
{
        if (child->pid <= 0)
                return;
        await_end(child, (struct timespec) { .tv_nsec = CLOSED_NS });
        if (child->pid <= 0)
                return;
        kill(child->pid, SIGTERM);
        await_end(child, (struct timespec) { .tv_sec = SIGTERM_SECONDS });
        if (child->pid > 0) {
                kill(child->pid, SIGKILL);
                waitpid(child->pid, NULL, 0);
                child->pid = 0;
        }
}

int sc_child_status_of_error(int error)
{
        return error == ENOENT ? 127 : 126;
}

void sc_child_reap(struct sc_child *child)
{
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
                if (pid != child->pid)
                        continue;
                child->pid = 0;
                child->ended = true;
                child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
}
