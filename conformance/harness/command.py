"""One call of the program that the case talks to while it runs, between pipes or on a terminal of its own."""

import os
import pty
import subprocess
import termios
import unicodedata

from harness.endpoint import Endpoint
from harness.host import program


class Command:
    """Between pipes. Standard error goes to a file, so that nobody has to read it meanwhile."""

    def __init__(self, folder, *arguments, **options):
        self._message_path = os.path.join(folder, f"said-{id(self)}")
        ours_read, output = os.pipe()
        input_end, ours_write = os.pipe()
        with open(self._message_path, "wb") as messages:
            self.process = subprocess.Popen(
                [program(), *map(os.fspath, arguments)],
                stdin=input_end,
                stdout=output,
                stderr=messages,
                **options,
            )
        os.close(input_end)
        os.close(output)
        self.end = Endpoint(ours_read, ours_write, name=f"{arguments[0]}'s output")

    def close_input(self):
        self.end.half_close()

    def close_output(self):
        self.end.close_reading()

    def wait(self, deadline):
        return self.process.wait(deadline.left("the command ends"))

    def messages(self):
        with open(self._message_path, "rb") as messages:
            return messages.read().decode(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        self.end.close()


def run_on_terminal(deadline, *arguments, columns=80):
    """One call to its end on a terminal: the exit status, and all that reached the terminal."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, columns))
    settings = termios.tcgetattr(slave)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, settings)
    with subprocess.Popen(
        [program(), *map(os.fspath, arguments)], stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        shown = b""
        try:
            while True:
                deadline.wait_readable(master, f"{arguments} shows something, or ends")
                shown += os.read(master, 1 << 16)
        except OSError:  # nobody holds the slave any more
            return process.wait(deadline.left(f"{arguments} ends")), shown
        finally:
            os.close(master)
            process.kill()


def control_characters(text):
    """Those of a text that a terminal would obey, but CR, LF and TAB. A byte that is no UTF-8 counts as one."""
    characters = text.decode(errors="surrogateescape")
    return [c for c in characters if unicodedata.category(c) in ("Cc", "Cs") and c not in "\r\n\t"]
