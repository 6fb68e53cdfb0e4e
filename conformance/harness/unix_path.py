"""Unix sockets under paths of any length. A path that sun_path cannot hold goes through its folder's descriptor."""

import contextlib
import os
import socket

SUN_PATH_BYTES = 108


@contextlib.contextmanager
def _address(path):
    path = os.fspath(path)
    if len(os.fsencode(path)) < SUN_PATH_BYTES:
        yield path
        return
    folder = os.open(os.path.dirname(path) or ".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{os.path.basename(path)}"
    finally:
        os.close(folder)


def connect(path, deadline):
    """A connected socket. Linux completes or refuses at once, unless the listener's queue is full."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        end.settimeout(deadline.left(f"connect to {path}"))
        with _address(path) as address:
            end.connect(address)
    except BaseException:
        end.close()
        raise
    return end


def try_connect(path, deadline):
    """The same, or None while nobody listens there."""
    try:
        return connect(path, deadline)
    except (FileNotFoundError, ConnectionRefusedError):
        return None


def listen(path, backlog=8):
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _address(path) as address:
        end.bind(address)
    end.listen(backlog)
    return end
