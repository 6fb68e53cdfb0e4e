"""BF-9: a native client that returns with (instance, offset) goes on at that byte."""

import random

import pytest

from harness.background import Background
from harness.frames import HELLO_CONTINUES, Answer, GapKind, Start
from harness.received import Gap
from harness.stream import KIB, MIB, assert_counting

TOTAL = 6 * MIB
POINTS = 1000
CAPACITY = 64 * KIB


@pytest.mark.clause("BF-9.1")
def test_a_stream_that_was_cut_at_a_thousand_points_is_whole(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "8M")
    choose = random.Random(9)
    points = sorted(choose.sample(range(1, TOTAL), POINTS)) + [TOTAL]
    printing = Background(guest.print_in_pieces, TOTAL, 64 * KIB, deadline)

    client = host.connect_native(deadline, start=Start.BEGINNING)
    instance = client.welcome["instance"]
    begin = 0
    for point in points:
        output = client.read_to(point, deadline)
        assert client.welcome["answer"] == Answer.OK and not client.received.gaps
        assert_counting(output[: point - begin], begin)
        client.close()
        client = host.connect_native(
            deadline, start=Start.OFFSET, value=point, instance=instance, flags=HELLO_CONTINUES
        )
        begin = point
    printing.finish()
    assert client.welcome["start"] == client.welcome["head"] == TOTAL


@pytest.fixture
def overflowed(start_host, guest, deadline):
    """A host that has kept [64 KiB, 128 KiB) of its output, and its instance."""
    host = start_host(guest, "--buffer", str(CAPACITY))
    instance = host.connect_native(deadline).welcome["instance"]
    host.close_clients()
    guest.print_counting(2 * CAPACITY, deadline)
    return host, instance


@pytest.mark.clause("BF-9.2")
@pytest.mark.parametrize("offset", [CAPACITY, CAPACITY + 1, 2 * CAPACITY - 1, 2 * CAPACITY])
def test_an_offset_that_is_kept_is_gone_on_at(overflowed, guest, deadline, offset):
    host, instance = overflowed
    client = host.connect_native(deadline, start=Start.OFFSET, value=offset, instance=instance)
    assert (client.welcome["answer"], client.welcome["start"]) == (Answer.OK, offset)

    guest.print_counting(10, deadline)

    assert_counting(client.read_to(guest.printed, deadline), offset, guest.printed)
    assert not client.received.gaps


@pytest.mark.clause("BF-9.3")
@pytest.mark.parametrize("offset", [0, 1, CAPACITY - 1])
def test_an_offset_that_was_overwritten_gets_a_gap(overflowed, deadline, offset):
    host, instance = overflowed
    client = host.connect_native(deadline, start=Start.OFFSET, value=offset, instance=instance)
    assert client.welcome["answer"] == Answer.OVERWRITTEN
    assert ranges_told(client) == (CAPACITY, 2 * CAPACITY)

    assert_counting(client.read_to(2 * CAPACITY, deadline), CAPACITY, 2 * CAPACITY)
    assert client.received.gaps == [Gap(offset, CAPACITY, GapKind.OVERWRITTEN)]


@pytest.mark.clause("BF-9.4")
@pytest.mark.parametrize("beyond", [1, 1 << 40])
def test_an_offset_beyond_head_is_no_end(overflowed, deadline, beyond):
    """propolis: an offset beyond the end silently meant the end."""
    host, instance = overflowed
    client = host.connect_native(deadline, start=Start.OFFSET, value=2 * CAPACITY + beyond, instance=instance)

    assert client.welcome["answer"] == Answer.BEYOND_HEAD
    assert_not_attached_and_may_ask_again(host, client, deadline)


@pytest.mark.clause("BF-9.5")
@pytest.mark.parametrize("offset", [0, CAPACITY, 1 << 40])
def test_an_offset_of_another_instance_says_nothing(overflowed, deadline, offset):
    host, instance = overflowed
    other = bytes([instance[0] ^ 1]) + instance[1:]
    client = host.connect_native(deadline, start=Start.OFFSET, value=offset, instance=other)

    assert client.welcome["answer"] == Answer.OTHER_INSTANCE
    assert client.welcome["instance"] == instance
    assert_not_attached_and_may_ask_again(host, client, deadline)


@pytest.mark.clause("BF-9.5")
def test_two_hosts_are_two_instances(start_host, guest, deadline):
    host = start_host(guest)
    first = host.connect_native(deadline).welcome["instance"]
    host.stop()
    host.was_ended_by_case = True
    second = start_host(guest).connect_native(deadline)

    assert second.welcome["instance"] != first
    assert len(first) == 16


@pytest.mark.clause("BF-9.6")
def test_an_offset_in_the_kept_beginning_is_valid(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64K", "--keep-first", "10K")
    instance = host.connect_native(deadline).welcome["instance"]
    guest.print_counting(MIB, deadline)

    client = host.connect_native(deadline, start=Start.OFFSET, value=1000, instance=instance)

    assert client.welcome["answer"] == Answer.OK
    client.read_to(MIB, deadline)
    (gap,) = client.received.gaps
    assert gap == Gap(10 * KIB, MIB - 64 * KIB, GapKind.OVERWRITTEN)
    output = client.received.output
    assert_counting(output[: gap.start - 1000], 1000)
    assert_counting(output[gap.start - 1000 :], gap.end, MIB)


def ranges_told(client):
    return client.welcome["tail"], client.welcome["head"]


def assert_not_attached_and_may_ask_again(host, client, deadline):
    assert ranges_told(client) == (CAPACITY, 2 * CAPACITY)
    assert host.status(deadline)["clients"] == []

    client.hello(deadline, start=Start.OFFSET, value=CAPACITY, instance=client.welcome["instance"])
    assert client.welcome["answer"] == Answer.OK
    assert_counting(client.read_to(2 * CAPACITY, deadline), CAPACITY, 2 * CAPACITY)
