"""One end of a byte stream: a socket, a terminal or a pair of pipes, every wait with a deadline."""

import array
import fcntl
import os
import select
import socket
import termios

READ_BYTES = 1 << 18


class EndOfStream(AssertionError):
    """The stream ended before what was awaited."""


class Endpoint:
    def __init__(self, end, write_end=None, name="stream"):
        """`end` is a socket or a descriptor, `write_end` a second descriptor where the two directions have one each.
        They are closed with the endpoint."""
        self._socket = end if isinstance(end, socket.socket) else None
        self._read_fd = end.fileno() if self._socket else end
        self._write_fd = self._read_fd if write_end is None else write_end
        self._ahead = bytearray()  # read and not yet asked for
        self.name = name
        os.set_blocking(self._read_fd, False)
        os.set_blocking(self._write_fd, False)

    def fileno(self):
        return self._read_fd

    def write_fileno(self):
        return self._write_fd

    def send_some(self, data):
        """What the other side takes without a wait, in bytes."""
        try:
            return os.write(self._write_fd, data)
        except BlockingIOError:
            return 0

    def send(self, data, deadline):
        view = memoryview(data)
        while view:
            sent = self.send_some(view)
            view = view[sent:]
            if not sent:
                deadline.wait_writable(self._write_fd, f"{self.name} takes the last {len(view)} of {len(data)} bytes")

    def wait_taken(self, deadline):
        """Until the other side has read all that was sent: what it does next, it does knowing it."""
        deadline.poll(lambda: self.untaken() == 0, f"{self.name} reads what was sent to it")

    def untaken(self):
        """0 when the other side has read everything (or is dead), else something larger."""
        queued = array.array("i", [0])
        fcntl.ioctl(self._write_fd, termios.TIOCOUTQ, queued)
        return queued[0]

    def receive(self, deadline, limit=READ_BYTES):
        """At least one byte and at most `limit`; none at the end of the stream."""
        if self._ahead:
            taken = bytes(self._ahead[:limit])
            del self._ahead[:limit]
            return taken
        while True:
            try:
                return os.read(self._read_fd, limit)
            except BlockingIOError:
                deadline.wait_readable(self._read_fd, f"{self.name} sends something")

    def read_exactly(self, count, deadline):
        pieces, got = [], 0
        while got < count:
            piece = self._receive_or(f"byte {got} of {count}", deadline, min(count - got, READ_BYTES))
            pieces.append(piece)
            got += len(piece)
        return b"".join(pieces)

    def read_until(self, pattern, deadline):
        """Everything up to the first `pattern`, and the pattern."""
        got = bytearray()
        while True:
            searched = max(0, len(got) - len(pattern) + 1)
            got += self._receive_or(f"{pattern!r} (after {bytes(got[-60:])!r})", deadline, READ_BYTES)
            found = got.find(pattern, searched)
            if found >= 0:
                end = found + len(pattern)
                self._ahead[:0] = got[end:]
                return bytes(got[:end])

    def read_to_end(self, deadline):
        pieces = []
        while piece := self.receive(deadline):
            pieces.append(piece)
        return b"".join(pieces)

    def wait_peer_closed(self, deadline):
        """Until the other side has closed, or closed its sending half; what it sent stays unread."""
        deadline.wait_event(self._read_fd, select.POLLRDHUP, f"{self.name} is closed")

    def at_end(self, deadline):
        """Waits until there is something to read; whether that is the end of the stream."""
        if not self._ahead:
            self._ahead += self.receive(deadline)
        return not self._ahead

    def _receive_or(self, what, deadline, limit):
        piece = self.receive(deadline, limit)
        if not piece:
            raise EndOfStream(f"{self.name} ended before {what}")
        return piece

    def half_close(self):
        if self._socket:
            self._socket.shutdown(socket.SHUT_WR)
        else:
            os.close(self._write_fd)
            self._write_fd = -1

    def close_reading(self):
        """Of two pipes: nobody reads any more."""
        os.close(self._read_fd)
        self._read_fd = -1

    def shut_down(self):
        """Both directions are over, and it is not closed yet."""
        self._socket.shutdown(socket.SHUT_RDWR)

    def close(self):
        if self._socket:
            self._socket.close()
            return
        for fd in {self._read_fd, self._write_fd} - {-1}:
            os.close(fd)
        self._read_fd = self._write_fd = -1
