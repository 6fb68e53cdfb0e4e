#ifndef SC_HOST_DRIVER_H
#define SC_HOST_DRIVER_H

#include "io/guest_end.h"
#include "io/host_files.h"
#include "model/console/host.h"

/* A socket to make, with SOCKET.ctl beside it. */
struct sc_host_socket {
        const char *path; /* NULL: none */
        mode_t mode;
        gid_t group; /* SC_GROUP_UNCHANGED */
};

struct sc_host_driver_config {
        struct sc_host_config host; /* its instance is filled in here */
        struct sc_host_socket socket;
        struct sc_host_socket view;
        struct sc_guest_spec guest;
        bool wait;          /* COMMAND starts with the first client */
        uint64_t linger_ns; /* after COMMAND's end; UINT64_MAX: for ever */
        bool log_suffices;  /* without a client nobody is waited for, where the log holds the last words */
        struct sc_host_files_config files;
};

struct sc_host_driver_result {
        int error;          /* 0 or -errno */
        const char *what;   /* with an error: the path, command or part that it is about */
        int command_status; /* COMMAND's exit status; 0 without one */
};

/* Runs a host until it is told to end, or until COMMAND has. Prints nothing. */
struct sc_host_driver_result sc_host_driver_run(const struct sc_host_driver_config *config);

#endif
