"""BF-7: where a client begins."""

import pytest

from harness.expect import assert_at_head
from harness.frames import BoundaryKind, Start, Type
from harness.stream import KIB, assert_counting

PRINTED = 100 * KIB


@pytest.mark.clause("BF-7.1")
def test_all_gives_every_client_the_whole_history(start_host, guest, deadline):
    """lxc/lxc#4448, lxc/incus#3467: the history could be had once."""
    host = start_host(guest)
    guest.print_counting(PRINTED, deadline)

    for _ in range(3):
        client = host.connect_raw(deadline)
        assert_counting(client.read_exactly(PRINTED, deadline), 0)
    client.close()
    after_all = host.connect_raw(deadline)
    assert_counting(after_all.read_exactly(PRINTED, deadline), 0)
    assert_at_head(guest, after_all, deadline)


@pytest.mark.clause("BF-7.2")
def test_boot_begins_where_the_newest_guest_came(start_host, guest, deadline):
    host = start_host(guest, "--history", "boot")
    guest.print_counting(PRINTED, deadline)
    first = host.connect_raw(deadline)
    assert_counting(first.read_exactly(PRINTED, deadline), 0)

    guest.restart(deadline)
    guest.print_counting(1000, deadline)
    second = host.connect_raw(deadline)

    assert_counting(second.read_exactly(1000, deadline), PRINTED)
    assert_at_head(guest, second, deadline)


@pytest.mark.clause("BF-7.3")
def test_unread_flushes_nothing_twice(start_host, guest, deadline):
    """lxc/lxc#4448: what one client had read must not come again in this profile."""
    host = start_host(guest, "--history", "unread")
    guest.print_counting(PRINTED, deadline)
    first = host.connect_raw(deadline)
    assert_counting(first.read_exactly(PRINTED, deadline), 0)

    beside = host.connect_raw(deadline)
    host.wait_clients(2, deadline)
    assert_at_head(guest, beside, deadline)

    first.close()
    beside.close()
    host.wait_clients(0, deadline)
    start = guest.printed
    guest.print_counting(PRINTED, deadline)
    later = host.connect_raw(deadline)
    assert_counting(later.read_exactly(PRINTED, deadline), start)


@pytest.mark.clause("BF-7.4")
def test_none_begins_at_head(start_host, guest, deadline):
    host = start_host(guest, "--history", "none")
    guest.print_counting(PRINTED, deadline)
    client = host.connect_raw(deadline)
    host.wait_clients(1, deadline)

    assert_at_head(guest, client, deadline)


@pytest.mark.clause("BF-7.5")
@pytest.mark.parametrize(
    ("read_before", "size", "start"),
    [(0, "10K", 0), (PRINTED, "10K", PRINTED - 10 * KIB), (PRINTED, "1M", 0), (95 * KIB, "10K", PRINTED - 10 * KIB)],
)
def test_a_size_gives_the_backlog_and_at_least_so_much(start_host, guest, deadline, read_before, size, start):
    host = start_host(guest, "--history", size)
    guest.print_counting(read_before, deadline)
    if read_before:
        reader = host.connect_raw(deadline)
        reader.read_exactly(read_before, deadline)
        reader.close()
        host.wait_clients(0, deadline)
    guest.print_counting(PRINTED - read_before, deadline)

    client = host.connect_raw(deadline)

    assert_counting(client.read_exactly(PRINTED - start, deadline), start)
    assert_at_head(guest, client, deadline)


@pytest.mark.clause("BF-7.6")
@pytest.mark.parametrize("history", ["all", "none"])
@pytest.mark.parametrize(
    ("start", "value", "expected"),
    [
        (Start.BEGINNING, 0, 0),
        (Start.UNREAD, 0, 30 * KIB),
        (Start.END, 0, PRINTED),
        (Start.OFFSET, 777, 777),
        (Start.LAST, 1000, PRINTED - 1000),
        (Start.LAST, 10 * PRINTED, 0),
        (Start.BOUNDARY, 1, 0),
        (Start.BOUNDARY, 3, 50 * KIB),
        (Start.BOUNDARY, 4, 80 * KIB),
        (Start.BOUNDARY, 99, PRINTED),
        (Start.BOOT, 0, 50 * KIB),
        (Start.SINCE, 0, 0),
        (Start.SINCE, 1 << 62, PRINTED),
    ],
)
def test_a_native_client_chooses(start_host, guest, deadline, history, start, value, expected):
    host = start_host(guest, "--history", history)
    reader = host.connect_native(deadline, start=Start.BEGINNING)
    guest.print_counting(30 * KIB, deadline)
    reader.read_to(30 * KIB, deadline)
    reader.acknowledge(deadline)
    reader.ping(deadline)
    guest.print_counting(20 * KIB, deadline)
    guest.restart(deadline)
    guest.print_counting(30 * KIB, deadline)
    reader.ask(Type.MARK, deadline, text=b"before the update")
    guest.print_counting(20 * KIB, deadline)

    client = host.connect_native(deadline, start=start, value=value, instance=reader.welcome["instance"])

    assert client.welcome["start"] == expected
    output = client.read_to(PRINTED, deadline) if expected < PRINTED else b""
    assert_counting(output, expected, PRINTED)
    assert [boundary.kind for boundary in client.received.boundaries] == [
        BoundaryKind.UP,
        BoundaryKind.DOWN,
        BoundaryKind.UP,
        BoundaryKind.MARK,
    ] or client.offset == PRINTED
