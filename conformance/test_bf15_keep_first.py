"""BF-15: the beginning, and clear, which alone forgets it."""

import os

import pytest

from harness.endpoint import EndOfStream
from harness.expect import assert_at_head
from harness.frames import Answer, BoundaryKind, GapKind, Result, Role, Start, Type
from harness.memory import pieces_in_memory
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


def resume(host, client, deadline):
    """The same client over another connection."""
    instance = client.welcome["instance"]
    return host.connect_native(deadline, start=Start.OFFSET, value=client.offset, instance=instance)


@pytest.mark.clause("BF-15.4")
def test_a_client_behind_a_clear_gets_a_gap_of_its_own_kind(host, guest, operator, deadline):
    client = host.connect_native(deadline)
    guest.print_counting(4 * MIB, deadline)
    operator.ask(Type.CLEAR, deadline)
    guest.print_counting(1000, deadline)

    try:
        client.read_to(guest.printed, deadline)
    except EndOfStream:  # cut within a frame (BF-15.6)
        client = resume(host, client, deadline)
        client.read_to(guest.printed, deadline)

    overwritten, cleared = client.received.gaps
    assert (overwritten.kind, overwritten.end) == (GapKind.OVERWRITTEN, 4 * MIB - CAPACITY)
    assert cleared == Gap(4 * MIB - CAPACITY, 4 * MIB, GapKind.CLEARED)
    assert_counting(client.received.output[-1000:], 4 * MIB)
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


# Nothing is left


@pytest.mark.clause("BF-15.6")
@pytest.mark.measures
def test_cleared_bytes_are_not_left_in_memory(start_host, guest, folder, deadline):
    """A password, on every way that input and output take through a host."""
    view = folder / "view"
    host = start_host(guest, "--keep-first", str(FIRST), "--view", str(view))
    operator = host.connect_native(deadline, role=Role.CONTROL)
    secret = os.urandom(24)
    raw = host.connect_raw(deadline)
    type_and_echo(raw.send, guest, secret, deadline)
    type_and_echo(host.connect_native(deadline).type, guest, secret, deadline)
    host.connect_raw(deadline, path=view).send(secret, deadline)
    host.wait_status(lambda status: status["input"]["dropped"]["viewer"] == 24, "a viewer's are dropped", deadline)
    guest.print(secret * (2 * MIB // 24), deadline)
    cut_clients(host, operator, deadline)
    stalled_client(host, deadline).read_to(guest.printed, deadline)
    stalled_client(host, deadline).close()
    host.wait_clients(5, deadline)
    assert pieces_in_memory(host.pid, secret)

    assert operator.ask(Type.CLEAR, deadline) == Result.OK

    assert pieces_in_memory(host.pid, secret) == []


def type_and_echo(send, guest, secret, deadline):
    send(secret, deadline)
    assert guest.end.read_exactly(len(secret), deadline) == secret
    guest.print(secret, deadline)


def stalled_client(host, deadline, **hello):
    """It reads its welcome and no more; a frame that the kernel took a part of waits for it in the host."""
    return host.connect_native(deadline, start=Start.BEGINNING, **hello)


def cut_clients(host, operator, deadline):
    """One whose stream is cut within a frame, and one whose history is."""
    streaming = stalled_client(host, deadline)
    asking = stalled_client(host, deadline, role=Role.CONTROL)
    asking.send(Type.HISTORY, deadline, start=Start.BEGINNING, length=4 * MIB)
    operator.ping(deadline)
    return streaming, asking


@pytest.mark.clause("BF-15.6")
def test_a_client_whose_frame_was_cut_is_ended_and_may_return(start_host, guest, deadline):
    host = start_host(guest)
    operator = host.connect_native(deadline, role=Role.CONTROL)
    guest.print_counting(MIB, deadline)
    cut = cut_clients(host, operator, deadline)
    slow = stalled_client(host, deadline, role=Role.VIEWER)
    slow.read_to(MIB, deadline)

    assert operator.ask(Type.CLEAR, deadline) == Result.OK

    slow.ping(deadline)
    guest.print_counting(100, deadline)
    streaming, asking = cut
    with pytest.raises(EndOfStream):
        streaming.read_to(guest.printed, deadline)
    with pytest.raises(EndOfStream):
        asking.receive_to_end(deadline)
    assert host.status(deadline)["counters"]["kicked"] == 2

    assert_counting(streaming.received.output, 0, streaming.offset)
    again = resume(host, streaming, deadline)
    assert again.welcome["answer"] == Answer.OVERWRITTEN
    assert_counting(again.read_to(guest.printed, deadline), MIB, guest.printed)
    assert again.received.gaps == [Gap(streaming.offset, MIB, GapKind.CLEARED)]


@pytest.mark.clause("BF-15.6")
def test_input_that_waits_is_not_cleared(host, guest, operator, deadline):
    typing = host.connect_native(deadline)
    typing.type(b"before", deadline)
    assert operator.ask(Type.CLEAR, deadline) == Result.OK

    assert guest.end.read_exactly(6, deadline) == b"before"
