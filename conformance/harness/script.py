"""Lines for the shell with connect in them, and what happens while they run."""

import dataclasses
import os
import subprocess

from harness.filter import Exit, Piped
from harness.host import program


class Typed(bytes):
    """What the guest is to have been sent, before the next step."""


class RESTART:
    """The VMM goes, and another one comes."""


class HANG_UP:
    """The VMM goes."""


class END_HOST:
    """The host is ended in order."""


@dataclasses.dataclass
class Script:
    """A line for the shell, where connect is $C, the socket $S and their folder $D. `before` happened when it is
    started, `then` once its client is attached: bytes are printed, one piece behind the other was put out."""

    run: str
    output: bytes
    status: int = Exit.DONE
    says: tuple = ()  # lines on standard error, behind `serialcon: `
    before: tuple = ()
    then: tuple = ()


class Runner:
    """Runs scripts against one host and its guest."""

    def __init__(self, host, guest, folder):
        self._host = host
        self._guest = guest
        self._folder = os.fspath(folder)
        self._started = []

    def check(self, script, deadline):
        """Holds the script to what it is to put out, to say and to end with."""
        for step in script.before:
            self._do(step, deadline)
        places = {"C": f"{program()} connect", "S": self._host.path, "D": self._folder}
        running = Piped(["sh", "-c", script.run], stdin=subprocess.DEVNULL, env={**os.environ, **places})
        self._started.append(running)
        if script.then:
            self._host.wait_clients(1, deadline)
        for step in script.then:
            self._do(step, deadline)
            if isinstance(step, bytes) and not isinstance(step, Typed) and ">" not in script.run:
                running.wait_output(step, deadline)
        status = running.wait_end(deadline)
        says = "".join(f"serialcon: {line.format(**places)}\n" for line in script.says)
        got = (running.said.decode(), bytes(running.output), status)
        assert got == (says, script.output, script.status), got

    def _do(self, step, deadline):
        if step is RESTART:
            number = self._host.status(deadline)["guest"]["number"]
            self._guest.restart(deadline)
            self._host.wait_status(lambda status: status["guest"]["number"] == number + 2, "another guest", deadline)
        elif step is HANG_UP:
            self._guest.vanish()
        elif step is END_HOST:
            self._host.end(deadline)
        elif isinstance(step, Typed):
            assert self._guest.end.read_exactly(len(step), deadline) == step
        else:
            self._guest.print(step, deadline)

    def close(self):
        for one in self._started:
            one.kill()
