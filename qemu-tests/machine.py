"""QEMU: what to boot, how its serial port reaches serialcon, and its life."""

import json
import re
import socket
import subprocess
from functools import cache

from expect import ANSWER_SECONDS, Log, poll_until

QEMU = "qemu-system-x86_64"

# SeaBIOS waits this long for the key that opens its menu: longer than anybody needs to connect.
MENU_MILLISECONDS = 60_000


@cache
def version():
    said = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(n) for n in re.search(r"version (\d+)\.(\d+)", said).groups())


def reconnecting():
    return "reconnect-ms=200" if version() >= (9, 2) else "reconnect=1"


def linux(assets):
    """Debian's cloud kernel and busybox; a panic ends QEMU."""
    return [
        "-m", "256",
        "-kernel", str(assets / "vmlinuz"),
        "-initrd", str(assets / "initrd"),
        "-append", "console=ttyS0 panic=-1",
    ]  # fmt: skip


def boot_menu(assets):
    """SeaBIOS on the serial port, and behind its menu the boot sector that echoes."""
    return [
        "-machine", "graphics=off",
        "-boot", f"menu=on,splash-time={MENU_MILLISECONDS}",
        "-drive", f"file={assets / 'bootsect'},format=raw,if=virtio,readonly=on",
    ]  # fmt: skip


class Vm:
    """One QEMU process. It starts stopped, so that no byte is said before the serial port is connected."""

    def __init__(self, folder, serial, guest, accel="tcg", run=1):
        self.log = Log(folder / f"qemu{run}.log")
        self.qmp_path = folder / f"qemu{run}.qmp"
        self.stderr_path = folder / f"qemu{run}.stderr"
        self.argv = [
            *command_line(serial, self.log.path, guest, accel),
            "-S", "-qmp", f"unix:{self.qmp_path},server=on,wait=off",
        ]  # fmt: skip
        with self.stderr_path.open("wb") as stderr:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)

    def alive(self):
        return self.process.poll() is None

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def go(self):
        """Lets the stopped machine run."""
        poll_until(lambda: self.qmp_path.exists() or not self.alive(), ANSWER_SECONDS, self.stderr)
        assert self.alive(), f"QEMU ended: {self.stderr()}"
        with socket.socket(socket.AF_UNIX) as qmp:
            qmp.settimeout(ANSWER_SECONDS)
            qmp.connect(str(self.qmp_path))
            with qmp.makefile("rw") as lines:
                for command in ("qmp_capabilities", "cont"):
                    lines.write(json.dumps({"execute": command}) + "\n")
                    lines.flush()
                    while "return" not in json.loads(lines.readline()):
                        pass  # the greeting, an event

    def wait_end(self):
        self.process.wait(ANSWER_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()


def command_line(serial, log_path, guest, accel):
    """`serial` is a chardev without its id: socket,path=..., or stdio."""
    return [
        QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none", "-accel", accel,
        "-chardev", f"{serial},id=serial,logfile={log_path}", "-serial", "chardev:serial",
        *guest,
    ]  # fmt: skip
