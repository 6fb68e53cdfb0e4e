"""BF-4: overwriting takes the oldest bytes first and is counted."""

import pytest

from harness.expect import assert_at_head
from harness.frames import GapKind, Start
from harness.received import Gap
from harness.stream import KIB, MIB, assert_counting

CAPACITY = MIB
PRINTED = 3 * MIB


@pytest.mark.clause("BF-4.1", "BF-4.3")
def test_exactly_the_newest_capacity_bytes_are_kept(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(PRINTED, deadline)

    for _ in range(2):
        client = host.connect_raw(deadline)
        assert_counting(client.read_exactly(CAPACITY, deadline), PRINTED - CAPACITY)
        status = host.status(deadline)
        assert (status["tail"], status["head"]) == (PRINTED - CAPACITY, PRINTED)
        assert status["overwritten_bytes"] == status["lost_bytes"] == PRINTED - CAPACITY
    assert_at_head(guest, client, deadline)


@pytest.mark.clause("BF-4.1", "BF-4.3", "BF-7.3")
def test_what_was_read_is_not_lost_and_not_flushed_again(start_host, guest, deadline):
    host = start_host(guest, "--history", "unread")
    guest.print_counting(PRINTED, deadline)
    first = host.connect_raw(deadline)
    assert_counting(first.read_exactly(CAPACITY, deadline), PRINTED - CAPACITY)
    first.close()
    host.wait_clients(0, deadline)

    second = host.connect_raw(deadline)
    host.wait_clients(1, deadline)
    status = host.status(deadline)
    assert (status["consumed"], status["lost_bytes"]) == (PRINTED, PRINTED - CAPACITY)

    guest.print_counting(CAPACITY, deadline)
    assert_counting(second.read_exactly(CAPACITY, deadline), PRINTED)
    status = host.status(deadline)
    assert status["overwritten_bytes"] == PRINTED
    assert status["lost_bytes"] == PRINTED - CAPACITY


@pytest.mark.clause("BF-4.1", "BF-4.3", "BF-15.1")
def test_the_kept_beginning_comes_before_the_newest(start_host, guest, deadline):
    kept = 64 * KIB
    host = start_host(guest, "--keep-first", "64K")
    guest.print_counting(PRINTED, deadline)

    client = host.connect_raw(deadline)

    received = client.read_exactly(kept + CAPACITY, deadline)
    assert_counting(received[:kept], 0)
    assert_counting(received[kept:], PRINTED - CAPACITY)
    status = host.status(deadline)
    assert status["first"] == {"from": 0, "to": kept}
    assert status["overwritten_bytes"] == status["lost_bytes"] == PRINTED - CAPACITY - kept
    assert_at_head(guest, client, deadline)


@pytest.mark.clause("BF-4.2")
@pytest.mark.parametrize("write_bytes", [1, 7, 1000, 4096, 4097])
def test_the_ring_is_full_right_after_the_overflow(start_host, guest, deadline, write_bytes):
    capacity = 4096
    host = start_host(guest, "--buffer", str(capacity))
    guest.print_counting(capacity - 1, deadline)
    assert host.status(deadline)["tail"] == 0

    while guest.printed < capacity + 10:
        guest.print_counting(write_bytes, deadline)
        status = host.status(deadline)
        assert (status["tail"], status["head"]) == (max(0, guest.printed - capacity), guest.printed)


@pytest.mark.clause("BF-4.3")
@pytest.mark.parametrize("start", [Start.BEGINNING, Start.UNREAD, Start.OFFSET])
def test_a_native_client_gets_a_gap_for_what_was_overwritten(start_host, guest, deadline, start):
    """oxidecomputer/oxide.rs#190: asking from the start after it was gone failed the session."""
    host = start_host(guest)
    instance = host.connect_native(deadline).welcome["instance"]
    host.close_clients()
    guest.print_counting(PRINTED, deadline)

    client = host.connect_native(deadline, start=start, instance=instance, value=0)

    assert_counting(client.read_to(PRINTED, deadline), PRINTED - CAPACITY)
    assert client.received.parts[0] == Gap(0, PRINTED - CAPACITY, GapKind.OVERWRITTEN)
    told = host.status(deadline)["clients"][0]
    assert (told["gaps"], told["gap_bytes"]) == (1, PRINTED - CAPACITY)
