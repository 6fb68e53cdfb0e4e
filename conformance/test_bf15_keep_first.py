"""BF-15: the beginning, and clear, which alone forgets it."""

import pytest

from harness.expect import assert_at_head
from harness.frames import BoundaryKind, GapKind, Result, Role, Start, Type
from harness.received import Gap
from harness.stream import KIB, MIB, assert_counting

FIRST = 10 * KIB
CAPACITY = 64 * KIB


@pytest.fixture
def host(start_host, guest):
    return start_host(guest, "--buffer", str(CAPACITY), "--keep-first", str(FIRST))


@pytest.fixture
def operator(host, deadline):
    return host.connect_native(deadline, role=Role.CONTROL)


@pytest.mark.clause("BF-15.1")
@pytest.mark.parametrize("printed", [1, FIRST - 1, FIRST, FIRST + 1, CAPACITY, CAPACITY + 1, CAPACITY + FIRST])
def test_without_an_overflow_of_both_nothing_is_missing(host, guest, deadline, printed):
    guest.print_counting(printed, deadline)
    client = host.connect_native(deadline, start=Start.BEGINNING)

    assert_counting(client.read_to(printed, deadline), 0, printed)
    assert client.received.gaps == []
    assert host.status(deadline)["first"] == {"from": 0, "to": min(FIRST, printed)}


@pytest.mark.clause("BF-15.1", "BF-15.2")
def test_the_beginning_a_gap_and_the_ring(host, guest, deadline):
    guest.print_counting(MIB, deadline)
    raw = host.connect_raw(deadline)
    native = host.connect_native(deadline, start=Start.BEGINNING)

    received = raw.read_exactly(FIRST + CAPACITY, deadline)
    assert_counting(received[:FIRST], 0)
    assert_counting(received[FIRST:], MIB - CAPACITY)
    assert native.read_to(MIB, deadline) == received
    assert native.received.gaps == [Gap(FIRST, MIB - CAPACITY, GapKind.OVERWRITTEN)]
    assert_at_head(guest, raw, deadline)


@pytest.mark.clause("BF-15.2")
def test_a_client_that_stalls_within_the_beginning_gets_it(host, guest, deadline):
    client = host.connect_native(deadline)
    guest.print_counting(4 * MIB, deadline)

    client.read_to(4 * MIB, deadline)

    (gap,) = client.received.gaps
    assert FIRST <= gap.start and gap.end == 4 * MIB - CAPACITY


@pytest.mark.clause("BF-15.3")
def test_clear_forgets_everything(host, guest, operator, deadline):
    guest.print_counting(MIB, deadline)
    assert operator.ask(Type.CLEAR, deadline) == Result.OK

    status = host.status(deadline)
    assert status["tail"] == status["head"] == status["consumed"] == MIB
    assert status["first"]["from"] == status["first"]["to"]
    assert status["boundaries"] == []
    assert status["cleared_bytes"] == FIRST + CAPACITY
    assert status["lost_bytes"] == status["overwritten_bytes"] == MIB - FIRST - CAPACITY
    assert_at_head(guest, host.connect_raw(deadline), deadline)


@pytest.mark.clause("BF-15.3")
@pytest.mark.measures
def test_cleared_bytes_are_not_left_in_memory(host, guest, operator, deadline):
    secret = b"one-time password: xyzzy-plugh-4711"
    guest.print(secret + bytes(FIRST), deadline)
    assert in_memory(host.pid, secret[19:])

    assert operator.ask(Type.CLEAR, deadline) == Result.OK

    assert not in_memory(host.pid, secret[19:])


def in_memory(pid, text):
    """Whether `text` lies anywhere in the process's memory."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            addresses, access = line.split()[:2]
            start, end = (int(address, 16) for address in addresses.split("-"))
            if not access.startswith("rw"):
                continue
            memory.seek(start)
            if text in memory.read(end - start):
                return True
    return False


@pytest.mark.clause("BF-15.4")
def test_a_client_behind_a_clear_gets_a_gap_of_its_own_kind(host, guest, operator, deadline):
    client = host.connect_native(deadline)
    guest.print_counting(4 * MIB, deadline)
    operator.ask(Type.CLEAR, deadline)
    guest.print_counting(1000, deadline)

    client.read_to(4 * MIB + 1000, deadline)

    overwritten, cleared = client.received.gaps
    assert (overwritten.kind, overwritten.end) == (GapKind.OVERWRITTEN, 4 * MIB - CAPACITY)
    assert cleared == Gap(4 * MIB - CAPACITY, 4 * MIB, GapKind.CLEARED)
    assert_counting(client.received.output[overwritten.start :], 4 * MIB)
    told = next(told for told in host.status(deadline)["clients"] if told["id"] == client.welcome["client"])
    assert (told["gaps"], told["gap_bytes"]) == (1, overwritten.end - overwritten.start)
    assert told["cleared_bytes"] == CAPACITY


@pytest.mark.clause("BF-15.4")
def test_who_asks_for_the_beginning_after_a_clear_gets_gaps(host, guest, operator, deadline):
    guest.print_counting(MIB, deadline)
    operator.ask(Type.CLEAR, deadline)
    client = host.connect_native(deadline, start=Start.BEGINNING)
    guest.print_counting(10, deadline)
    client.read_to(guest.printed, deadline)

    assert client.received.gaps == [
        Gap(0, FIRST, GapKind.CLEARED),
        Gap(FIRST, MIB - CAPACITY, GapKind.OVERWRITTEN),
        Gap(MIB - CAPACITY, MIB, GapKind.CLEARED),
    ]


@pytest.mark.clause("BF-15.4")
def test_a_client_at_head_gets_no_gap(host, guest, operator, deadline):
    client = host.connect_native(deadline)
    guest.print_counting(1000, deadline)
    client.read_to(1000, deadline)
    operator.ask(Type.CLEAR, deadline)
    guest.print_counting(10, deadline)
    client.read_to(1010, deadline)

    assert client.received.gaps == []


@pytest.mark.clause("BF-15.4")
def test_a_stopped_client_does_not_get_the_cleared_bytes_later(host, guest, operator, deadline):
    """What the kernel has is out of reach; the ring's part is not sent any more."""
    client = host.connect_raw(deadline)
    host.wait_clients(1, deadline)
    guest.print_counting(MIB, deadline)
    accepted = host.status(deadline)["clients"][0]["offset"]
    operator.ask(Type.CLEAR, deadline)

    assert_counting(client.read_exactly(accepted, deadline), 0)
    assert_at_head(guest, client, deadline)


@pytest.mark.clause("BF-15.3")
def test_clear_within_the_beginning_keeps_none_of_it(host, guest, operator, deadline):
    guest.print_counting(1000, deadline)
    operator.ask(Type.CLEAR, deadline)
    guest.print_counting(MIB, deadline)

    client = host.connect_native(deadline, start=Start.BEGINNING)
    client.read_to(guest.printed, deadline)

    assert client.received.gaps[0] == Gap(0, 1000, GapKind.CLEARED)
    assert host.status(deadline)["first"] == {"from": 1000, "to": FIRST}


@pytest.mark.clause("BF-15.5")
@pytest.mark.parametrize("text", ["seen", "vor dem Update – geprüft", "ж" * 64])
def test_a_mark_is_a_boundary_with_a_text(host, guest, operator, deadline, text):
    client = host.connect_native(deadline)
    guest.print_counting(500, deadline)
    assert operator.ask(Type.MARK, deadline, text=text.encode()) == Result.OK
    client.wait(lambda: len(client.received.boundaries) == 2, deadline)

    boundary = client.received.boundaries[1]
    assert (boundary.kind, boundary.offset, boundary.text.decode()) == (BoundaryKind.MARK, 500, text)


@pytest.mark.clause("BF-15.5")
@pytest.mark.parametrize("text", [b"\x1b[6n", b"a\nb", b"\xff", b"\xc3", b"\x7f", b"\xc2\x9b6n", b"\xed\xa0\x80"])
def test_a_mark_is_printable(host, operator, deadline, text):
    assert operator.ask(Type.MARK, deadline, text=text) == Result.MALFORMED
    assert len(host.status(deadline)["boundaries"]) == 1
