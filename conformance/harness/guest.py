"""Fake guests: what a VMM is to a console host, one class for each kind of guest side.

A guest side has `arguments` for the host's command line, `pass_fds` for its process, and `attach`, which returns when
the host is there. Since most cases do not care which kind it is, they get a UnixGuest.
"""

import os
import pty
import socket
import tty

from harness import unix_path
from harness.endpoint import Endpoint
from harness.stream import counting


class Guest:
    """What all kinds have: an endpoint while the host is there, and a count of what was printed."""

    pass_fds = ()

    def __init__(self):
        self.end = None
        self.printed = 0  # bytes of all lives, which is the host's head once it has read them

    def print(self, data, deadline):
        """Returns when the host has taken `data`."""
        self.print_some(data, deadline)
        self.end.wait_taken(deadline)

    def print_some(self, data, deadline):
        """Returns when the kernel has taken `data`."""
        self.end.send(data, deadline)
        self.printed += len(data)

    def print_counting(self, count, deadline):
        """The next `count` bytes of the counting stream; returns them when the host has taken them."""
        data = counting(self.printed, self.printed + count)
        self.print(data, deadline)
        return data

    def print_in_pieces(self, count, piece, deadline):
        """The next `count` bytes of the counting stream, `piece` at a time."""
        for _ in range(count // piece):
            self.print_counting(piece, deadline)

    def hang_up(self):
        if self.end:
            self.end.close()
            self.end = None

    def close(self):
        self.hang_up()


class UnixGuest(Guest):
    """The VMM listens, the host connects: --guest unix:PATH."""

    def __init__(self, path, listening=True):
        super().__init__()
        self.path = os.fspath(path)
        self.arguments = ["--guest", f"unix:{self.path}"]
        self._listener = None
        if listening:
            self.listen()

    def listen(self):
        self._listener = unix_path.listen(self.path)

    def attach(self, deadline):
        deadline.wait_readable(self._listener, "the host connects to the guest's socket")
        self.end = Endpoint(self._listener.accept()[0], name="the guest's side")

    def restart(self, deadline):
        """The VMM goes, and another one comes: the end of one guest, the beginning of the next."""
        self.vanish()
        self.listen()
        self.attach(deadline)

    def vanish(self):
        """The VMM is gone with its socket. The connection ends last, so that its end finds no listener any more."""
        if self._listener:
            os.unlink(self.path)
            self._listener.close()
            self._listener = None
        self.hang_up()

    def close(self):
        self.vanish()


class ConnectingGuest(Guest):
    """The host listens, the VMM connects: --guest listen:PATH."""

    def __init__(self, path, suffix=""):
        super().__init__()
        self.path = os.fspath(path)
        self.arguments = ["--guest", f"listen:{self.path}{suffix}"]

    def attach(self, deadline):
        end = deadline.poll(lambda: unix_path.try_connect(self.path, deadline), "the host listens for the guest")
        self.end = Endpoint(end, name="the guest's side")

    def restart(self, deadline):
        """The VMM goes, and another one comes once the host has seen it go."""
        self.end.half_close()
        self.end.wait_peer_closed(deadline)
        self.restart_at_once(deadline)

    def restart_at_once(self, deadline):
        """The VMM goes, and another one comes, before the host has looked."""
        self.hang_up()
        self.attach(deadline)


class DescriptorGuest(Guest):
    """A descriptor that the host inherits: --guest fd:N."""

    def __init__(self):
        super().__init__()
        ours, self._theirs = socket.socketpair()
        self.arguments = ["--guest", f"fd:{self._theirs.fileno()}"]
        self.pass_fds = (self._theirs.fileno(),)
        self.end = Endpoint(ours, name="the guest's side")

    def attach(self, deadline):
        self._theirs.close()


class PtyGuest(Guest):
    """A PTY that the VMM made: --guest pty:PATH."""

    def __init__(self):
        super().__init__()
        master, slave = pty.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave
        self.arguments = ["--guest", f"pty:{self.path}"]
        self.end = Endpoint(master, name="the guest's side")

    def attach(self, deadline):
        """The test's own slave keeps the PTY from hanging up before the host has opened it."""

    def release_slave(self):
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def close(self):
        self.hang_up()
        self.release_slave()


class StdioGuest(Guest):
    """The host's own standard input and output: --guest stdio."""

    arguments = ("--guest", "stdio")

    def __init__(self):
        super().__init__()
        self.host_stdin, ours_write = os.pipe()
        ours_read, self.host_stdout = os.pipe()
        self.end = Endpoint(ours_read, ours_write, name="the guest's side")

    def attach(self, deadline):
        os.close(self.host_stdin)
        os.close(self.host_stdout)


class CommandGuest(Guest):
    """The host starts it, with pipes: -- COMMAND. Nobody here holds its other end."""

    arguments = ()

    def attach(self, deadline):
        """It is there when the host is."""
