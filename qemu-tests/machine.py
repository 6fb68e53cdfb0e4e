"""QEMU: what it boots, and its life."""

import functools
import json
import re
import subprocess

from harness.client import RawClient
from harness.endpoint import EndOfStream

QEMU = "qemu-system-x86_64"

# SeaBIOS waits this long for the key that opens its menu (it takes no more than 65,535).
MENU_MILLISECONDS = 65_000


@functools.cache
def reconnecting():
    """The option of a chardev that connects again, by QEMU's version."""
    said = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(number) for number in re.search(r"version (\d+)\.(\d+)", said).groups())
    return "reconnect-ms=1000" if version >= (9, 2) else "reconnect=1"


def linux(assets):
    """Debian's cloud kernel and busybox."""
    kernel, initrd = assets / "vmlinuz", assets / "initrd"
    return ["-m", "256", "-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0 panic=-1"]


def boot_menu(assets):
    """SeaBIOS on the serial port, and behind its menu the boot sector that echoes."""
    boot = f"menu=on,splash-time={MENU_MILLISECONDS}"
    disk = f"file={assets / 'bootsect'},format=raw,if=ide,snapshot=on"
    return ["-machine", "graphics=off", "-boot", boot, "-drive", disk]


def command_line(chardev, record_path, guest, accelerator):
    """`chardev` without an id: socket,path=PATH... or stdio. QEMU records what the guest says in `record_path`."""
    quiet = ["-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none"]
    serial = ["-chardev", f"{chardev},id=serial,logfile={record_path}", "-serial", "chardev:serial"]
    return [QEMU, *quiet, "-accel", accelerator, *serial, *guest]


class QemuEnded(AssertionError):
    pass


class Machine:
    """A QEMU that was started and waits: until `go` its guest says nothing that could be missed."""

    def __init__(self, argv, folder):
        self._control_path = folder / "qmp"
        self._message_path = folder / "qemu.messages"
        self._control_path.unlink(missing_ok=True)
        self._control = None
        with self._message_path.open("wb") as messages:
            self._process = subprocess.Popen(
                [*argv, "-S", "-qmp", f"unix:{self._control_path},server=on,wait=off"],
                stdin=subprocess.DEVNULL,
                stdout=messages,
                stderr=messages,
            )

    def messages(self):
        return self._message_path.read_text(errors="replace").strip()

    def is_there(self):
        return self._process.poll() is None

    def check(self):
        if not self.is_there():
            raise QemuEnded(f"QEMU ended: {self.messages()}")

    def connect_control(self, deadline):
        def greeted():
            self.check()
            try:
                self._control = RawClient(self._control_path, deadline)
                return self._control.read_until(b"\n", deadline)
            except (OSError, EndOfStream):
                return None

        deadline.poll(greeted, "QEMU takes commands")

    def go(self, deadline):
        for command in ("qmp_capabilities", "cont"):
            self._control.send(json.dumps({"execute": command}).encode(), deadline)
            while "return" not in json.loads(self._control.read_until(b"\n", deadline)):
                pass  # an event

    def kill(self):
        if self._control:
            self._control.close()
            self._control = None
        self._process.kill()
        self._process.wait()
