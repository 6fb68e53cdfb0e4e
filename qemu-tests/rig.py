"""A guest and a host in front of it, in each way that QEMU's serial port reaches one."""

import contextlib
import os
import signal

from harness.deadline import DeadlinePassed
from harness.guest import CommandGuest
from harness.host import Host

from machine import Machine, command_line, reconnecting
from talk import PROMPT, Talk, search, tail

WAYS = ["unix", "listen", "command"]  # --guest unix:PATH, --guest listen:PATH, -- COMMAND


def make_rig(way, folder, guest, deadline, *options, accelerator="tcg"):
    if way == "command":
        record_path = folder / "record"
        command = command_line("stdio,signal=off", record_path, guest, accelerator)
        return CommandRig(folder, command, deadline, record_path, options=options)
    return SocketRig(way, folder, guest, deadline, accelerator, options)


class Rig:
    record_repeats = False

    def __init__(self, host, deadline):
        self.host = host
        self._deadline = deadline
        self._record_paths = []  # one for each QEMU
        host.wait_ready(deadline)

    def recorded(self):
        """All that the guest said, by QEMU's own record."""
        return b"".join(path.read_bytes() for path in self._record_paths if path.exists())

    def wait_recorded(self, pattern, deadline=None):
        """Waits until the guest has said `pattern`, whoever is connected."""

        def said():
            match = search(pattern, self.recorded())
            if not match:
                self.check_qemu()
            return match

        try:
            (deadline or self._deadline).poll(said, f"the guest says {pattern.pattern!r}")
        except DeadlinePassed as late:
            raise DeadlinePassed(f"{late}; it said {tail(self.recorded())!r}") from late

    def boot(self):
        """To the shell's prompt, with nobody connected."""
        self.start()
        self.wait_recorded(PROMPT)
        assert self.host.status(self._deadline)["clients"] == []

    def connect(self):
        return Talk(self.host.connect_raw(self._deadline), self._deadline)

    def wait_guest_side(self, is_up):
        state = "up" if is_up else "not up"
        self.host.wait_status(
            lambda status: (status["guest"]["state"] == "up") == is_up, f"the guest side is {state}", self._deadline
        )


class SocketGuest:
    """What the host is told of the guest side."""

    pass_fds = ()

    def __init__(self, way, path):
        self.arguments = ["--guest", f"{way}:{path}"]


class SocketRig(Rig):
    """QEMU's chardev is a Unix socket: QEMU ends and comes back, the host stays."""

    # QEMU records a byte again each time that its socket refused it. A kernel's first words come faster than any
    # reader wakes up, and the socket takes only 278 of them, one at a time. (A pipe takes 65,536.)
    record_repeats = True

    def __init__(self, way, folder, guest, deadline, accelerator, options=()):
        path = folder / "serial"
        super().__init__(Host(folder, SocketGuest(way, path), *options), deadline)
        self._chardev = f"socket,path={path}," + ("server=on,wait=off" if way == "unix" else reconnecting())
        self._folder, self._guest, self._accelerator = folder, guest, accelerator
        self._machine = None

    def start(self):
        record_path = self._folder / f"record{len(self._record_paths)}"
        argv = command_line(self._chardev, record_path, self._guest, self._accelerator)
        self._machine = Machine(argv, self._folder)
        self._record_paths.append(record_path)
        self._machine.connect_control(self._deadline)
        self.wait_guest_side(is_up=True)
        self._machine.go(self._deadline)

    def kill_qemu(self):
        self._machine.kill()
        self.wait_guest_side(is_up=False)

    def check_qemu(self):
        self._machine.check()

    def stop(self):
        if self._machine:
            self._machine.kill()
        try:
            self.host.stop()
        finally:
            self.host.kill()


class CommandRig(Rig):
    """QEMU is the host's child, its standard input and output are the serial line."""

    def __init__(self, folder, command, deadline, *record_paths, options=()):
        self._pid_path = folder / "pid"
        host = Host(folder, CommandGuest(), *options, command=[*command, "-pidfile", self._pid_path])
        super().__init__(host, deadline)
        self._record_paths.extend(record_paths)

    def start(self):
        """It runs since the host does."""

    def check_qemu(self):
        state = self.host.status(self._deadline)["guest"]["state"]
        assert state == "up", f"the guest side is {state}: {self.host.messages()}"

    def stop(self):
        """The first signal is QEMU's, the second is for a host that waits for somebody to read the last words. Two in a
        hurry are one to the system, so they are sent until one was enough."""

        def has_ended():
            if self.host.process.poll() is None:
                self.host.process.send_signal(signal.SIGTERM)
                return False
            return True

        try:
            self._deadline.poll(has_ended, "the host ends")
            status = self.host.wait_end(self._deadline)
        finally:
            self.host.kill()
            self._kill_orphan()
        assert status == 0, f"the host ended with {status}: {self.host.messages()}"

    def _kill_orphan(self):
        """QEMU removes its file of the process id at its end; a host that crashed leaves both."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(self._pid_path.read_text()), signal.SIGKILL)
