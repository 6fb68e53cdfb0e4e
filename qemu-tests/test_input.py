"""What clients type reaches a real guest's serial port whole and unchanged (BF-10)."""

import hashlib
import random
import re

import pytest

from expect import PROMPT
from machine import QEMU, linux
from rig import WAYS, CommandRig

READY = re.compile(rb"\nready\r?\n")  # only in the answer: the echo of what was typed has quotes in it


def read_raw(count, command):
    """A guest's command line: gives `count` bytes as they come to `command`."""
    return b"stty raw -echo; echo re''ady; head -c %d | %s; stty sane\r" % (count, command)


@pytest.mark.parametrize("way", WAYS)
def test_a_paste_of_64_kib_arrives_whole(boot, way):
    paste = random.Random(4).randbytes(64 << 10)
    rig = boot(way)

    with rig.host.connect() as client:
        client.expect(PROMPT)
        client.send(read_raw(len(paste), b"sha256sum"))
        client.expect(READY)
        client.send(paste)
        said = client.expect(re.compile(rb"([0-9a-f]{64})  -"))

    assert said[1].decode() == hashlib.sha256(paste).hexdigest()


def test_documented_command_line_gives_no_monitor_away(assets, folder, rigs):
    """BUGS: with -nographic, mon: or mux=on, ^A c is QEMU's monitor and ^A x its end."""
    command = [QEMU, "-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none", *linux(assets)]
    rig = CommandRig(folder, command, folder / "none.log")
    rigs.append(rig)

    with rig.host.connect() as client:
        client.expect(PROMPT, 90)
        client.send(read_raw(6, b"od -An -tx1"))
        client.expect(READY)
        client.send(b"\x01c\x01x\x01h")
        client.expect(re.compile(rb" 01 63 01 78 01 68"))
        client.expect(PROMPT)
