"""`serialcon connect` as a script has it: a filter between pipes or files, which also says things."""

import enum
import os
import select
import signal
import subprocess

from harness.endpoint import EndOfStream
from harness.host import program

READ_BYTES = 1 << 18


class Exit(enum.IntEnum):
    """What connect ends with; a signal's number comes on top of 128."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TIMED_OUT = 3
    GONE = 4
    REFUSED = 5


class Piped:
    """A command. Everything that it put out so far is in `output`, where that goes to a pipe of ours, and what it said on
    standard error in `said`: both are read by each wait."""

    def __init__(self, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options):
        self.process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            bufsize=0,
            **options,
        )
        self.output = bytearray()
        self.said = bytearray()
        self._streams = {stream.fileno(): into for stream, into in self._pipes()}

    def _pipes(self):
        pipes = [(self.process.stdout, self.output), (self.process.stderr, self.said)]
        return [(stream, into) for stream, into in pipes if stream]

    @property
    def pid(self):
        return self.process.pid

    # What it puts out

    def _read_some(self, deadline, what):
        """From each stream that has something."""
        poller = select.poll()
        for fd in self._streams:
            poller.register(fd, select.POLLIN)
        for fd, _ in poller.poll(deadline.left(f"{what} (said: {bytes(self.said[-300:])!r})") * 1000):
            piece = os.read(fd, READ_BYTES)
            self._streams[fd] += piece
            if not piece:
                del self._streams[fd]

    def wait(self, condition, what, deadline):
        """Until `condition` holds of what it has put out or said."""
        while not condition():
            if not self._streams:
                raise EndOfStream(f"it ended before {what} (said: {bytes(self.said[-300:])!r})")
            self._read_some(deadline, what)

    def wait_output(self, text, deadline):
        self.wait(lambda: text in self.output, f"it puts out {text!r} after {bytes(self.output[-100:])!r}", deadline)

    def wait_said(self, text, deadline, times=1):
        self.wait(lambda: self.said.count(text) >= times, f"it says {text!r}", deadline)

    def read_exactly(self, count, deadline):
        """The next `count` bytes, which `output` then holds no more."""
        self.wait(lambda: len(self.output) >= count, f"byte {len(self.output)} of {count}", deadline)
        taken = bytes(self.output[:count])
        del self.output[:count]
        return taken

    def close_output(self):
        """The reader has gone."""
        del self._streams[self.process.stdout.fileno()]
        self.process.stdout.close()

    # What goes in

    def type(self, data):
        self.process.stdin.write(data)

    def close_input(self):
        self.process.stdin.close()

    # Its end

    def wait_end(self, deadline):
        """Reads all that is left; returns the exit status, as the shell has it."""
        while self._streams:
            self._read_some(deadline, "it ends")
        status = self.process.wait(deadline.left("it ends"))
        return 128 - status if status < 0 else status

    def stop(self, deadline):
        """Ends it in order, as a service manager does; returns the exit status."""
        self.process.terminate()
        return self.wait_end(deadline)

    def kill(self):
        """kill -9, where it still runs."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        self._streams.clear()


class Filter(Piped):
    """One call of connect."""

    def __init__(self, *arguments, under=(), **options):
        """`under` is a program and its arguments that runs connect, such as strace."""
        self._group = bool(under)  # it does not end with what runs it
        super().__init__(
            [*under, program(), "connect", *map(os.fspath, arguments)], start_new_session=self._group, **options
        )

    def kill(self):
        if self._group and self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        super().kill()

    def notices(self, name):
        """What it said, without what leads each line: `serialcon: NAME: `."""
        lead = f"serialcon: {os.fspath(name)}: "
        lines = self.said.decode().splitlines()
        assert all(line.startswith(lead) for line in lines), lines
        return [line[len(lead) :] for line in lines]
