"""BF-6: a client that reads again after a stall gets everything that is still retained."""

import pytest

from harness.expect import assert_at_head
from harness.frames import BoundaryKind, GapKind, Start
from harness.stream import KIB, MIB, assert_counting, ranges


@pytest.mark.clause("BF-6.1")
def test_a_short_stall_costs_nothing(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_raw(deadline)
    host.wait_clients(1, deadline)
    guest.print_counting(MIB, deadline)

    assert_counting(client.read_exactly(MIB, deadline), 0)
    assert host.status(deadline)["clients"][0]["gaps"] == 0


@pytest.mark.clause("BF-6.1", "BF-6.2")
def test_a_raw_client_catches_up_while_the_guest_is_silent(start_host, guest, deadline):
    printed = 5 * MIB
    host = start_host(guest)
    client = host.connect_raw(deadline)
    host.wait_clients(1, deadline)
    guest.print_counting(printed, deadline)
    accepted = host.status(deadline)["clients"][0]["offset"]

    received = client.read_exactly(accepted + MIB, deadline)

    (begin, end), (again, last) = ranges(received)
    assert (begin, last) == (0, printed)
    told = host.wait_status(lambda status: status["clients"][0]["lag"] == 0, "it is at head", deadline)["clients"][0]
    assert (told["gaps"], told["gap_bytes"]) == (1, again - end) == (1, printed - MIB - accepted)
    assert_at_head(guest, client, deadline)


@pytest.mark.clause("BF-6.2")
def test_a_native_client_is_told_the_gap_in_its_place(start_host, guest, deadline):
    """conman: only the server's log knew of overwritten bytes."""
    host = start_host(guest)
    client = host.connect_native(deadline)
    guest.print_counting(5 * MIB, deadline)

    client.read_to(5 * MIB, deadline)

    (gap,) = client.received.gaps
    assert (gap.end, gap.kind) == (4 * MIB, GapKind.OVERWRITTEN)
    output = client.received.output
    assert_counting(output[: gap.start], 0)
    assert_counting(output[gap.start :], gap.end, 5 * MIB)
    told = host.status(deadline)["clients"][0]
    assert (told["gaps"], told["gap_bytes"]) == (1, gap.end - gap.start)


@pytest.mark.clause("BF-6.2")
def test_each_stall_has_its_own_gap(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64K")
    client = host.connect_native(deadline)
    for stall in range(1, 4):
        guest.print_counting(MIB, deadline)
        client.read_to(stall * MIB, deadline)

        assert len(client.received.gaps) == stall
        assert client.received.gaps[-1].end == stall * MIB - 64 * KIB
        assert host.status(deadline)["clients"][0]["gaps"] == stall


@pytest.mark.clause("BF-6.2", "BF-12.3")
def test_a_boundary_within_the_gap_is_told(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64K")
    client = host.connect_native(deadline, start=Start.BEGINNING)
    guest.print_counting(MIB, deadline)
    guest.restart(deadline)
    guest.print_counting(MIB, deadline)

    client.read_to(2 * MIB, deadline)

    assert [(boundary.kind, boundary.offset) for boundary in client.received.boundaries] == [
        (BoundaryKind.UP, 0),
        (BoundaryKind.DOWN, MIB),
        (BoundaryKind.UP, MIB),
    ]
    before, behind = client.received.gaps
    assert before.end == behind.start == MIB
    assert host.status(deadline)["clients"][0]["gaps"] == 1
