"""A guest with serialcon in front of it, in each way that a serial port reaches a host."""

from expect import BOOT_SECONDS, PROMPT, Log, poll_until, search, tail
from machine import Vm, command_line, reconnecting
from service import Host

WAYS = ["unix", "listen", "command"]  # --guest unix:PATH, --guest listen:PATH, -- COMMAND


class Rig:
    """A host, and the logs of the QEMUs that it has served, one each."""

    log_repeats = False

    def __init__(self, host):
        self.host = host
        self.logs = []

    def said(self):
        """All that the guest said, as QEMU recorded it."""
        return b"".join(log.read() for log in self.logs)

    def wait_said(self, pattern, seconds=BOOT_SECONDS):
        """Waits until the newest QEMU's guest has said `pattern`, whoever is connected."""

        def spoken():
            said = self.logs[-1].read()
            match = search(pattern, said)
            assert match or self.alive(), f"QEMU ended: {self.qemu_stderr()}"
            return match

        return poll_until(spoken, seconds, lambda: f"{pattern.pattern!r} after {tail(self.said())!r}")

    def boot(self):
        """To the shell's prompt, with nobody connected."""
        self.start()
        self.wait_said(PROMPT)
        assert self.host.status()["clients"] == []


class SocketRig(Rig):
    """QEMU's chardev on a Unix socket: QEMU ends and comes back, the host stays."""

    # QEMU logs a byte again each time that its socket refused it. A kernel's first words fill the socket, which
    # takes 278 of QEMU's one-byte writes, before any reader is awake. (A pipe takes 65,536: there the log is exact.)
    log_repeats = True

    def __init__(self, way, folder, guest, accel="tcg"):
        path = folder / "serial.sock"
        super().__init__(Host(folder, "--guest", f"{way}:{path}"))
        self.serial = f"socket,path={path}," + ("server=on,wait=off" if way == "unix" else reconnecting())
        self.folder, self.guest, self.accel = folder, guest, accel
        self.vm = None

    def start(self):
        self.vm = Vm(self.folder, self.serial, self.guest, self.accel, run=len(self.logs) + 1)
        self.logs.append(self.vm.log)
        self.host.wait_guest(up=True)
        self.vm.go()

    def kill_qemu(self):
        self.vm.kill()
        self.host.wait_guest(up=False)

    def alive(self):
        return self.vm.alive()

    def qemu_stderr(self):
        return self.vm.stderr()

    def stop(self):
        if self.vm:
            self.vm.kill()
        self.host.stop()


class CommandRig(Rig):
    """QEMU as the host's own child, its standard input and output the serial line."""

    def __init__(self, folder, command, log_path):
        super().__init__(Host(folder, command=command))
        self.logs.append(Log(log_path))

    def start(self):
        self.host.wait_guest(up=True)

    def alive(self):
        return self.host.status()["guest"]["state"] == "up"

    def qemu_stderr(self):
        return self.host.stderr()

    def stop(self):
        self.host.stop()


def make_rig(way, folder, guest, accel="tcg"):
    if way == "command":
        log_path = folder / "qemu.log"
        return CommandRig(folder, command_line("stdio,signal=off", log_path, guest, accel), log_path)
    return SocketRig(way, folder, guest, accel)
