"""`serialcon connect` as a user has it: on a terminal, which is its controlling one."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

from harness.host import program

READ_BYTES = 1 << 16
NOTICE = b"[serialcon: "


class Terminal:
    """A pseudo-terminal, and `command` (connect with `arguments`) as the leader of its session. What was written on it
    so far is in `screen`. `before` are the terminal's settings before the command began."""

    def __init__(self, *arguments, command=None, rows=24, columns=80, **options):
        self._master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
        self.before = self.settings()
        self.screen = b""
        options = {"stdin": self.slave, "stdout": self.slave, "stderr": self.slave, **options}
        self.process = subprocess.Popen(
            command or [program(), "connect", *map(os.fspath, arguments)],
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0),
            **options,
        )

    def settings(self):
        return termios.tcgetattr(self.slave)

    @property
    def is_raw(self):
        return not self.settings()[3] & termios.ICANON

    @property
    def typed_bytes(self):
        """What nobody has read yet."""
        return struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0" * 4))[0]

    @property
    def echoes(self):
        return bool(self.settings()[3] & termios.ECHO)

    def wait_raw(self, deadline):
        deadline.poll(lambda: self.is_raw, "the terminal is set raw")

    # The screen

    def read_some(self, deadline, what):
        deadline.wait_readable(self._master, f"{what} (the screen ends in {self.screen[-300:]!r})")
        self.screen += os.read(self._master, READ_BYTES)

    def wait_screen(self, text, deadline, times=1):
        while self.screen.count(text) < times:
            self.read_some(deadline, f"{text!r} on the screen")

    def wait_silence(self, seconds, deadline):
        """Until nothing has come for so long."""
        while select.select([self._master], [], [], seconds)[0]:
            self.read_some(deadline, f"{seconds} s of silence")

    def wait_notice(self, text, deadline, times=1):
        """A notice with exactly that text, on a line of its own."""
        self.wait_screen(NOTICE + text + b"]\r\n", deadline, times)
        for part in self.screen.split(NOTICE + text + b"]\r\n")[:-1]:
            assert part == b"" or part.endswith(b"\n"), f"{text!r} is not on a line of its own: {part[-60:]!r}"

    def notices(self):
        """The texts of all notices so far."""
        return [part.partition(b"]\r\n")[0].decode() for part in self.screen.split(NOTICE)[1:]]

    # The keyboard

    def type(self, keys):
        os.write(self._master, keys)

    def type_some(self, keys):
        """As much as the terminal takes without a wait, in bytes."""
        os.set_blocking(self._master, False)
        try:
            return os.write(self._master, keys)
        except BlockingIOError:
            return 0
        finally:
            os.set_blocking(self._master, True)

    def run(self, arguments):
        """Types a call of the program, for a shell."""
        self.type(f"{program()} {arguments}\n".encode())

    def hang_up(self):
        """The window is closed."""
        os.close(self._master)
        self._master = -1

    # The process

    def wait_stopped(self, deadline):
        deadline.poll(
            lambda: os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG), "the process has been stopped"
        )

    def wait_end(self, deadline):
        """Reads on while it waits; returns the exit status, as the shell has it."""
        os.set_blocking(self._master, False)

        def ended():
            try:
                self.screen += os.read(self._master, READ_BYTES)
            except BlockingIOError:
                pass
            return self.process.poll() is not None

        deadline.poll(ended, "the command on the terminal ends")
        ended()  # what it wrote last
        status = self.process.returncode
        return 128 - status if status < 0 else status

    def close(self):
        self.process.kill()
        self.process.wait()
        for fd in {self._master, self.slave} - {-1}:
            os.close(fd)
