#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int spawn(struct sc_child *child, char *const argv[], int input, int output)
{
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t all, none;

        /* sigfillset leaves out the C library's own two, and posix_spawn would hand them on ignored. */
        memset(&all, 0xff, sizeof(all));
        sigemptyset(&none);
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes,
                                 POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);

        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);

        int error = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        return -error;
}

/* Two pipes; ours of each does not block. */
static int make_pipes(int input[2], int output[2])
{
        if (pipe2(input, O_CLOEXEC) != 0)
                return -errno;
        if (pipe2(output, O_CLOEXEC) == 0 && fcntl(input[1], F_SETFL, O_NONBLOCK) == 0 &&
            fcntl(output[0], F_SETFL, O_NONBLOCK) == 0)
                return 0;
        int error = errno;
        close(input[0]);
        close(input[1]);
        return -error;
}

int sc_child_start(struct sc_child *child, char *const argv[])
{
        int input[2] = { -1, -1 }, output[2] = { -1, -1 };
        *child = (struct sc_child) { .input = -1, .output = -1 };
        int result = make_pipes(input, output);
        if (result != 0)
                return result;

        result = spawn(child, argv, input[0], output[1]);
        close(input[0]);
        close(output[1]);
        if (result != 0) {
                child->pid = 0;
                close(input[1]);
                close(output[0]);
                return result;
        }
        child->input = input[1];
        child->output = output[0];
        return 0;
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
