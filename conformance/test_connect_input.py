"""Much input through connect: all of it arrives, or how much did not is told."""

import contextlib
import hashlib
import os
import random
import re
import subprocess

import pytest

from harness.background import Background
from harness.filter import Exit
from harness.guest import UnixGuest
from harness.relay import Relay
from harness.stream import MIB, assert_counting, counting

MUCH = 16 * MIB

IN_THE_MIDDLE = "ended in the middle of its input: it may not have arrived"


def take_slowly(guest, host, count, deadline):
    """The SHA-256 of the next `count` bytes of input. Now and then the guest takes nothing until the host can hold no
    more."""
    digest, taken = hashlib.sha256(), 0
    chosen = random.Random(1)
    while taken < count:
        if chosen.random() < 0.01 and taken < count - MIB:
            host.wait_status(lambda status: status["input"]["waiting_bytes"] > 50_000, "much input waits", deadline)
        piece = guest.end.receive(deadline, chosen.choice([1, 16, 1000, 60_000, 250_000]))
        digest.update(piece)
        taken += len(piece)
    assert taken == count
    return digest.hexdigest()


@pytest.fixture
def file(folder):
    path = folder / "input"
    path.write_bytes(counting(0, MUCH))
    return path


def test_a_file_arrives_whole_at_a_slow_guest(console, guest, connect, deadline, file):
    with open(file, "rb") as stdin:
        client = connect("--eof-quit", "--idle", "200ms", console.path, stdin=stdin)
    assert take_slowly(guest, console, MUCH, deadline) == hashlib.sha256(counting(0, MUCH)).hexdigest()
    assert client.wait_end(deadline) == Exit.DONE
    assert client.said == b""


def test_a_pipe_arrives_whole_at_a_slow_guest(console, guest, connect, deadline):
    client = connect("--eof-quit", "--idle", "200ms", console.path)

    def write():
        with client.process.stdin as stdin:
            view = memoryview(counting(0, MUCH // 4))
            while view:
                view = view[stdin.write(view) :]

    writing = Background(write)
    assert take_slowly(guest, console, MUCH // 4, deadline) == hashlib.sha256(counting(0, MUCH // 4)).hexdigest()
    writing.finish()
    assert client.wait_end(deadline) == Exit.DONE


def test_output_goes_on_meanwhile(console, guest, connect, deadline, file):
    """A guest that prints while it takes nothing."""
    with open(file, "rb") as stdin:
        client = connect(console.path, stdin=stdin)
    console.wait_status(lambda status: status["input"]["waiting_bytes"] > 50_000, "much input waits", deadline)
    for start in range(0, 900_000, 100_000):
        guest.print_counting(100_000, deadline)
        assert_counting(client.read_exactly(100_000, deadline), start)


def test_eof_quit_waits_until_the_guest_has_taken_all(console, guest, connect, deadline, file):
    """However long it takes: silence counts from then on."""
    os.truncate(file, 400_000)
    with open(file, "rb") as stdin:
        client = connect("--eof-quit", "--idle", "1ms", console.path, stdin=stdin)
    console.wait_status(lambda status: status["input"]["waiting_bytes"] > 50_000, "much input waits", deadline)
    assert client.process.poll() is None

    assert guest.end.read_exactly(400_000, deadline) == counting(0, 400_000)
    assert client.wait_end(deadline) == Exit.DONE


def test_input_waits_for_the_first_guest(start_host, connect, deadline, folder, file):
    guest = UnixGuest(folder / "vmm", listening=False)
    start_host(guest, attach=False)
    os.truncate(file, 300_000)
    with open(file, "rb") as stdin:
        client = connect("--eof-quit", "--idle", "1ms", folder / "console", stdin=stdin)
    guest.listen()
    guest.attach(deadline)
    assert guest.end.read_exactly(300_000, deadline) == counting(0, 300_000)
    assert client.wait_end(deadline) == Exit.DONE
    guest.close()


def test_a_guest_that_goes_in_the_middle_of_input_ends_it(console, guest, connect, deadline, file):
    """The rest would be half a command to the next guest."""
    with open(file, "rb") as stdin:
        client = connect(console.path, stdin=stdin)
    taken = len(guest.end.read_exactly(100_000, deadline))
    console.wait_status(lambda status: status["input"]["waiting_bytes"] > 50_000, "much input waits", deadline)
    guest.vanish()

    assert client.wait_end(deadline) == Exit.GONE

    told = sum(int(number) for number in re.findall(rb": (\d+) bytes of input were dropped", client.said))
    assert 0 < told < MUCH - taken
    assert client.notices(console.path)[-1] == IN_THE_MIDDLE


def test_without_reconnect_a_guest_that_goes_ends_it(console, guest, connect, deadline, file):
    with open(file, "rb") as stdin:
        client = connect("--no-reconnect", console.path, stdin=stdin)
    guest.end.read_exactly(100_000, deadline)
    guest.vanish()
    assert client.wait_end(deadline) == Exit.GONE
    assert client.notices(console.path)[-1] in ("the guest is gone", IN_THE_MIDDLE)


def test_input_lost_with_the_connection_is_told_and_ends_it(console, guest, connect, deadline, folder, file):
    os.truncate(file, MIB)
    with contextlib.closing(Relay(folder / "relay", console.path)) as relay, open(file, "rb") as stdin:
        client = connect(relay.path, stdin=stdin)
        assert_counting(guest.end.read_exactly(100_000, deadline), 0)
        console.wait_status(lambda status: status["input"]["waiting_bytes"] > 50_000, "much input waits", deadline)
        relay.cut()

        assert client.wait_end(deadline) == Exit.GONE
        told, last = client.notices(relay.path)
        assert last == IN_THE_MIDDLE
        on_its_way = int(re.fullmatch(r"(\d+) bytes of input were on their way: they may not have arrived", told)[1])
        assert 0 < on_its_way <= MIB


def test_send_and_then_standard_input(console, guest, connect, deadline):
    client = connect("--send", "first", console.path, stdin=subprocess.PIPE)
    client.type(b"second")
    assert guest.end.read_exactly(12, deadline) == b"first\rsecond"
