"""What a client types reaches a real guest's serial port whole and unchanged."""

import hashlib
import re

import pytest

from harness.stream import KIB, counting
from machine import QEMU, linux
from rig import WAYS, CommandRig
from talk import PROMPT

READY = re.compile(rb"\nready\r?\n")


def take_raw(count, program):
    """A line for the guest's shell: `program` gets the next `count` bytes as they are, after the guest said that it
    is ready. (The quotes keep the line's own echo from saying so.)"""
    return b"stty raw -echo; echo re''ady; head -c %d | %s; stty sane\r" % (count, program)


@pytest.mark.clause("BF-10")
@pytest.mark.parametrize("way", WAYS)
def test_a_paste_of_64_kib_arrives_whole(boot, way):
    paste = counting(0, 64 * KIB)
    client = boot(way).connect()
    client.expect(PROMPT)

    client.say(take_raw(len(paste), b"sha256sum"))
    client.expect(READY)
    client.say(paste)

    answer = client.expect(re.compile(rb"([0-9a-f]{64})  -"))
    assert answer[1].decode() == hashlib.sha256(paste).hexdigest()


@pytest.mark.clause("section 5")
def test_the_documented_command_line_gives_no_monitor_away(assets, folder, rigs, deadline):
    """With -nographic, mon: or mux=on, ^A c is QEMU's monitor, ^A x its end and ^A h its help."""
    command = [QEMU, "-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none", *linux(assets)]
    rig = CommandRig(folder, command, deadline)
    rigs.append(rig)
    client = rig.connect()
    client.expect(PROMPT)

    client.say(take_raw(6, b"od -An -tx1"))
    client.expect(READY)
    client.say(b"\x01c\x01x\x01h")

    client.expect(re.compile(rb" 01 63 01 78 01 68"))
    client.expect(PROMPT)
