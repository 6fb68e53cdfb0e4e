"""BF-14: every retained byte has the time at which it arrived."""

import datetime
import time

import pytest

from harness.frames import Role, Start
from harness.stream import KIB, MIB

LINES = 6
PAUSE_SECONDS = 0.2
SLACK_NS = 150_000_000  # for a host that is woken late


def print_lines(guest, deadline, count=LINES, pause=PAUSE_SECONDS):
    """Prints lines with pauses between them; returns the wall-clock times around each."""
    around = []
    for number in range(count):
        time.sleep(pause)
        begun = time.time_ns()
        guest.print(b"line %06d\n" % number, deadline)
        around.append((begun, time.time_ns()))
    return around


def times_of_lines(client):
    """The wall-clock time of each line, by the first byte of it."""
    wall_offset = client.welcome["wall_offset"]
    times = []
    for piece in client.received.pieces:
        assert piece.bytes.startswith(b"line"), "one frame has one time, and it is this line's"
        times += [piece.time + wall_offset] * piece.bytes.count(b"\n")
    return times


@pytest.mark.clause("BF-14.1")
def test_lines_come_later_with_the_times_at_which_they_were_printed(start_host, guest, deadline):
    host = start_host(guest)
    around = print_lines(guest, deadline)

    client = host.connect_native(deadline, start=Start.BEGINNING)
    client.read_to(guest.printed, deadline)

    resolution = client.welcome["resolution"]
    for (begun, ended), told in zip(around, times_of_lines(client), strict=True):
        assert begun - resolution <= told <= ended + SLACK_NS


@pytest.mark.clause("BF-14.1")
def test_the_kept_beginning_has_its_times(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "4K", "--keep-first", "4K")
    around = print_lines(guest, deadline, count=3)
    guest.print_counting(MIB, deadline)

    client = host.connect_native(deadline, start=Start.BEGINNING)
    client.wait(lambda: client.offset > 36, deadline)

    first = client.received.pieces[:2]
    assert [piece.bytes for piece in first] == [b"line 000000\n", b"line 000001\n"]
    for (begun, ended), piece in zip(around, first):
        told = piece.time + client.welcome["wall_offset"]
        assert begun - client.welcome["resolution"] <= told <= ended + SLACK_NS


@pytest.mark.clause("BF-14.1")
def test_a_history_read_has_the_same_times(start_host, guest, deadline):
    host = start_host(guest)
    print_lines(guest, deadline, count=3, pause=0.05)
    client = host.connect_native(deadline, start=Start.BEGINNING)
    client.read_to(guest.printed, deadline)

    history = client.history(deadline)

    assert history.pieces == client.received.pieces


@pytest.mark.clause("BF-14.2")
def test_bursts_share_a_time_within_the_resolution(start_host, guest, deadline):
    """20,000 short writes are more than the table has entries: the resolution that is shown still holds."""
    host = start_host(guest)
    clock = host.connect_native(deadline, role=Role.CONTROL)
    moments = [(0, clock.ping(deadline)["now"])]  # (head, the host's time then)
    for number in range(1, 20_001):
        guest.print_some(b"line %06d\n" % number, deadline)
        if number % 500 == 0:
            guest.end.wait_taken(deadline)
            moments.append((guest.printed, clock.ping(deadline)["now"]))

    client = host.connect_native(deadline, start=Start.BEGINNING)
    client.read_to(guest.printed, deadline)

    resolution = client.welcome["resolution"]
    for (begin, earliest), (end, latest) in zip(moments, moments[1:]):
        assert time_at(client, begin) >= earliest - resolution
        assert time_at(client, end - 1) <= latest


def time_at(client, offset):
    return next(piece.time for piece in client.received.pieces if piece.start <= offset < piece.end)


@pytest.mark.clause("BF-14.3")
def test_a_client_may_begin_at_a_time(start_host, guest, deadline):
    host = start_host(guest)
    around = print_lines(guest, deadline, count=4)
    since = around[2][0]

    client = host.connect_native(deadline, start=Start.SINCE, value=since)

    assert client.read_to(guest.printed, deadline) == b"line 000002\nline 000003\n"


@pytest.mark.clause("BF-14.4")
def test_status_tells_when_the_guest_last_spoke(start_host, guest, deadline):
    host = start_host(guest)
    assert host.status(deadline)["last_output"] is None

    begun = time.time()
    guest.print(b"x", deadline)
    told = host.status(deadline)["last_output"]

    assert begun - 1 <= datetime.datetime.fromisoformat(told).timestamp() <= time.time() + 1


@pytest.mark.clause("BF-14.1")
def test_a_frame_carries_at_most_16_kib(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(MIB, deadline)
    client = host.connect_native(deadline)
    client.read_to(MIB, deadline)

    assert max(len(piece.bytes) for piece in client.received.pieces) == 16 * KIB
