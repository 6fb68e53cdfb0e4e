"""connect --state: what any number of calls put out, killed at any moment, is the stream."""

import os
import random
import signal
import subprocess

import pytest

from harness.background import Background
from harness.filter import Exit
from harness.pace import print_within
from harness.strace import killed_at
from harness.stream import KIB, MIB, assert_counting, counting, locate, match_length
from harness.vmm import KickingVmm

TOTAL = 6 * MIB
REACH = 512 * KIB  # less than the ring
KILLS = int(os.environ.get("SC_TESTS_KILLS", "12"))
REPEATED_MAX = 64 * KIB  # what one kill may repeat on a pipe


@pytest.fixture
def state(folder):
    return folder / "state"


@pytest.fixture
def out(folder):
    path = folder / "out"
    path.touch()
    return path


def moments(count, total):
    """Random amounts of output, in order, at which something is to happen; the seed is shown when the case fails."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    return sorted(random.Random(seed).randrange(total) for _ in range(count))


def append(connect, host, state, out, *options, **arguments):
    with open(out, "ab") as file:
        return connect(host.path, "--state", state, *options, stdin=subprocess.DEVNULL, stdout=file, **arguments)


def record_whole(connect, host, state, out, deadline, kills):
    """Appends to `out` until it holds everything, and is killed as soon as it holds what each of `kills` says."""
    for amount in kills:
        client = append(connect, host, state, out)
        while size(out) < amount:  # without a pause, to hit it at work
            deadline.left(f"{amount} bytes are in the file")
        client.kill()
    client = append(connect, host, state, out)
    deadline.poll(lambda: size(out) >= TOTAL, "everything is in the file")
    assert client.stop(deadline) == 128 + signal.SIGTERM


def size(path):
    return os.stat(path).st_size


def test_killed_at_random_moments_the_file_is_the_stream(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)
    printer = print_within(guest, TOTAL, REACH, lambda: size(out), deadline)

    record_whole(connect, host, state, out, deadline, moments(KILLS, TOTAL))

    printer.finish()
    assert_counting(out.read_bytes(), 0, TOTAL)


def test_the_same_while_the_guest_comes_and_goes(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)

    def print_and_restart():
        for amount in [*moments(10, TOTAL), TOTAL]:
            print_within(guest, amount, REACH, lambda: size(out), deadline).finish()
            if amount < TOTAL:
                guest.end.wait_taken(deadline)
                guest.restart(deadline)

    printer = Background(print_and_restart)
    record_whole(connect, host, state, out, deadline, moments(KILLS, TOTAL))

    printer.finish()
    assert_counting(out.read_bytes(), 0, TOTAL)


@pytest.mark.parametrize("note", [1, 2, 3])
def test_killed_between_the_output_and_its_note(start_host, guest, connect, deadline, state, out, note):
    """The kill comes where the state file is about to be written: what the output file has then is in no note."""
    host = start_host(guest)
    said = guest.print_counting(200_000, deadline)

    killed = append(connect, host, state, out, under=killed_at("pwrite64", note))
    assert killed.wait_end(deadline) == 128 + signal.SIGKILL
    assert_counting(out.read_bytes(), 0)

    record_to(connect, host, state, out, len(said), deadline)
    assert_counting(out.read_bytes(), 0, len(said))


def test_killed_at_random_system_calls(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)
    said = guest.print_counting(MIB, deadline)
    for i, moment in enumerate(moments(KILLS, 64 // KILLS + 3)):
        call = ["write", "pwrite64", "poll", "readv"][i % 4]
        client = append(connect, host, state, out, "--idle", "200ms", under=killed_at(call, moment + 1))
        assert client.wait_end(deadline) in (128 + signal.SIGKILL, Exit.TIMED_OUT)
        assert_counting(out.read_bytes(), 0)

    record_to(connect, host, state, out, len(said), deadline)
    assert_counting(out.read_bytes(), 0, len(said))


def record_to(connect, host, state, out, length, deadline, *options):
    """One call that ends in order when `out` has come to `length`; returns what it said."""
    client = append(connect, host, state, out, *options)
    deadline.poll(lambda: size(out) >= length, f"{length} bytes are in the file")
    client.stop(deadline)
    return client.notices(host.path)


def test_into_a_pipe_nothing_is_lost_and_little_repeated(start_host, guest, connect, deadline, state):
    host = start_host(guest)
    read_fd, write_fd = os.pipe()
    pieces, arrived = [], [0]  # what each client put out; how far the stream has come

    def collect(client, amount):
        """All that the client puts out, until the stream has come to `amount` and it is killed."""
        got = b""
        while arrived[0] < amount:
            deadline.wait_readable(read_fd, f"the stream comes from {arrived[0]} to {amount}")
            got += os.read(read_fd, 1 << 16)
            arrived[0] = max(arrived[0], locate(got) + len(got)) if len(got) >= 16 else arrived[0]
        client.kill()
        os.set_blocking(read_fd, False)
        try:
            while piece := os.read(read_fd, 1 << 16):
                got += piece
        except BlockingIOError:
            os.set_blocking(read_fd, True)
        pieces.append(got)

    printer = print_within(guest, TOTAL, REACH, lambda: arrived[0], deadline)
    for amount in [*moments(KILLS, TOTAL), TOTAL]:
        collect(connect(host.path, "--state", state, stdout=write_fd), amount)
    printer.finish()
    os.close(read_fd)
    os.close(write_fd)
    end = 0
    for piece in filter(None, pieces):
        start = locate(piece)
        assert end - REPEATED_MAX <= start <= end
        assert match_length(piece, start) == len(piece)
        end = max(end, start + len(piece))
    assert end == TOTAL


def test_an_absence_longer_than_the_ring_is_one_gap_and_told(start_host, guest, connect, deadline, state, out):
    host = start_host(guest, "--buffer", "64K")
    guest.print_counting(1000, deadline)
    assert record_to(connect, host, state, out, 1000, deadline) == []
    guest.print_counting(200_000, deadline)

    said = record_to(connect, host, state, out, 1000 + 64 * KIB, deadline)

    missing = 200_000 - 64 * KIB
    assert said == [f"{missing} bytes are missing here: overwritten before they were read"]
    assert out.read_bytes() == counting(0, 1000) + counting(1000 + missing, 201_000)


def test_others_may_append_between_two_calls_that_ended_in_order(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)
    guest.print_counting(1000, deadline)
    record_to(connect, host, state, out, 1000, deadline)
    with open(out, "ab") as file:
        file.write(b"-- a line of somebody else's\n")
    before = out.read_bytes()
    guest.print_counting(500, deadline)

    record_to(connect, host, state, out, len(before) + 500, deadline)

    assert out.read_bytes() == before + counting(1000, 1500)


@pytest.mark.parametrize("put_out", [0, 7, 40_000])
def test_what_others_append_behind_a_killed_call_is_not_taken_for_output(
    start_host, guest, connect, deadline, state, out, put_out
):
    """As a script's own messages are, with `exec >>log 2>&1`. What the killed call had put out unknown to its state file
    lies before them."""
    host = start_host(guest)
    said = guest.print_counting(200_000, deadline)
    with open(out, "ab") as stdout:
        client = connect("--state", state, host.path, stdout=stdout)
        deadline.poll(lambda: out.stat().st_size == len(said), "everything is put out")
        client.process.kill()
        client.process.wait()
    noted = len(said) - put_out  # as if it had been killed before the last note
    line = state.read_text().split()
    line[3:7] = [str(noted), *line[4:6], str(noted)]
    state.write_text(" ".join(line).ljust(159) + "\n")
    with open(out, "ab") as stdout:
        stdout.write(b"Killed by somebody else\n")
    more = guest.print_counting(1000, deadline)
    with open(out, "ab") as stdout:
        client = connect("--state", state, host.path, stdout=stdout)
        deadline.poll(lambda: out.stat().st_size == len(said) + 24 + len(more), "the rest is put out")
        client.process.kill()

    assert out.read_bytes() == said + b"Killed by somebody else\n" + more


@pytest.mark.parametrize("change", ["another", "shorter", "none"])
def test_a_file_that_is_not_the_one_from_before_shifts_nothing(
    start_host, guest, connect, deadline, state, out, change
):
    """Rotated, truncated, or a pipe now: its length says nothing of what the killed client put out."""
    host = start_host(guest)
    guest.print_counting(1000, deadline)
    killed = append(connect, host, state, out)
    deadline.poll(lambda: state.exists() and b" 1000 " in state.read_bytes(), "the output is noted")
    killed.kill()
    guest.print_counting(500, deadline)

    if change == "none":
        client = connect(host.path, "--state", state)
        assert client.read_exactly(500, deadline) == counting(1000, 1500)
        return
    if change == "another":
        os.rename(out, out.with_suffix(".1"))
        out.write_bytes(bytes(5000))
    else:
        os.truncate(out, 10)
    before = out.read_bytes()
    record_to(connect, host, state, out, len(before) + 500, deadline)
    assert out.read_bytes() == before + counting(1000, 1500)


def test_another_instance_is_told_and_begins_at_the_start(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)
    guest.print(b"of the first one\n", deadline)
    record_to(connect, host, state, out, 17, deadline)
    host.kill()
    guest.hang_up()
    host = start_host(guest)
    guest.print(b"of the second\n", deadline)

    said = record_to(connect, host, state, out, 31, deadline)

    assert out.read_bytes() == b"of the first one\nof the second\n"
    assert len(said) == 1 and said[0].startswith("connected to another instance of the host, from its beginning")


def test_the_first_time_it_begins_at_the_start_wherever_others_have_read(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)
    said = guest.print_counting(3000, deadline)
    other = host.connect_native(deadline)
    other.read_to(3000, deadline)
    other.acknowledge(deadline)
    other.ping(deadline)

    record_to(connect, host, state, out, 3000, deadline)
    assert out.read_bytes() == said


def test_the_state_file_is_private(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)
    guest.print_counting(10, deadline)
    before = os.umask(0)
    try:
        record_to(connect, host, state, out, 10, deadline)
    finally:
        os.umask(before)
    assert os.stat(state).st_mode & 0o7777 == 0o600


def test_one_state_file_serves_one_client(start_host, guest, connect, deadline, state, out):
    host = start_host(guest)
    guest.print_counting(10, deadline)
    first = append(connect, host, state, out)
    deadline.poll(lambda: size(out) == 10, "the first client has attached")

    second = append(connect, host, state, out)

    assert second.wait_end(deadline) == Exit.FAILED
    assert second.notices(state) == ["in use by another process"]
    guest.print_counting(10, deadline)
    deadline.poll(lambda: size(out) == 20, "the first client goes on")
    assert first.process.poll() is None


def make_broken(path):
    path.write_text("hello\n")


def make_cut(path):
    path.write_text("serialcon-state 1 00112233445566778899aabbccddeeff 10 0 0 0 clo")


def make_link(path):
    target = path.with_suffix(".target")
    target.touch()
    os.symlink(target, path)


UNUSABLE = {
    "broken": (make_broken, "not a state file"),
    "cut": (make_cut, "not a state file"),
    "a folder": (os.mkdir, "Is a directory"),
    "a link": (make_link, "a symbolic link, which is not followed"),
    "a pipe": (os.mkfifo, "not a state file"),
    "in no folder": (lambda path: None, "No such file or directory"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_what_cannot_be_a_state_file_is_an_error_and_left_alone(start_host, guest, connect, deadline, folder, what):
    host = start_host(guest)
    guest.print(b"text", deadline)
    make, message = UNUSABLE[what]
    path = folder / ("absent/state" if what == "in no folder" else "state")
    make(path)
    before = path.read_bytes() if path.is_file() else None

    client = connect(host.path, "--state", path)

    assert client.wait_end(deadline) == Exit.FAILED
    assert client.output == b""
    assert client.notices(path) == [message]
    assert before is None or path.read_bytes() == before


def test_with_a_state_file_no_peer_without_a_protocol_is_taken(connect, deadline, folder, state):
    """There is no place in its output to be remembered."""
    vmm = KickingVmm(folder / "vmm")
    try:
        client = connect(vmm.path, "--state", state)
        assert client.wait_end(deadline) == Exit.GONE
        assert vmm.accepted == 0
    finally:
        vmm.close()
