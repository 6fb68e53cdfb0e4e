"""What lies between a client and its host, and may fail."""

import contextlib
import os
import selectors
import socket

from harness import unix_path
from harness.background import Background
from harness.deadline import Deadline

READ_BYTES = 1 << 18
CONNECT_SECONDS = 10


class Relay:
    """Hands on what comes to PATH.ctl, for `connect PATH`, to the .ctl of a host, until it is told to cut."""

    def __init__(self, path, host_path):
        self.path = os.fspath(path)
        self.connections = 0
        self._refuses = False
        self._host_path = os.fspath(host_path) + ".ctl"
        self._pairs = {}
        self._commands, self._told = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._listener = unix_path.listen(self.path + ".ctl", backlog=64)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._told, selectors.EVENT_READ)
        self._thread = Background(self._run)

    def _run(self):
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._told:
                    if self._told.recv(1) == b"q":
                        return
                    self._cut()
                    self._told.sendall(b".")
                elif key.fileobj in self._pairs:
                    self._hand_on(key.fileobj)

    def _accept(self):
        client = self._listener.accept()[0]
        host = None if self._refuses else unix_path.try_connect(self._host_path, Deadline(CONNECT_SECONDS))
        if not host:
            client.close()
            return
        self.connections += 1
        for end, other in ((client, host), (host, client)):
            self._pairs[end] = other
            self._selector.register(end, selectors.EVENT_READ)

    def _hand_on(self, end):
        other = self._pairs[end]
        try:
            data = end.recv(READ_BYTES)
            other.sendall(data)
        except OSError:
            data = b""
        if not data:
            self._end(end)

    def _end(self, end):
        for one in (end, self._pairs[end]):
            self._selector.unregister(one)
            del self._pairs[one]
            one.close()

    def _cut(self):
        while self._pairs:
            self._end(next(iter(self._pairs)))

    def cut(self):
        """Ends every connection that there is now, also while one side takes nothing."""
        for end in list(self._pairs):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._commands.sendall(b"c")
        assert self._commands.recv(1) == b"."

    def refuse(self, refuses):
        """Whether who comes from now on is sent away, as by a way that leads nowhere."""
        self._refuses = refuses

    def close(self):
        self._commands.sendall(b"q")
        self._thread.finish()
        self._cut()
        self._selector.close()
        for one in (self._listener, self._commands, self._told):
            one.close()
