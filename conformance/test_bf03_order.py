"""BF-3: what one client receives is in order, each offset at most once, with holes only where a gap is counted."""

import pytest

from harness.background import Background
from harness.frames import Start
from harness.stream import KIB, MIB, assert_counting, ranges


@pytest.mark.clause("BF-3.1")
def test_much_output_reaches_every_client_whole(start_host, guest, deadline):
    """kubevirt/kubevirt#16981, openbmc/phosphor-webui#13: logs were incomplete under high output."""
    total = 48 * MIB
    host = start_host(guest, "--buffer", "64M")
    raw = [host.connect_raw(deadline) for _ in range(2)]
    native = host.connect_native(deadline)
    reading = [Background(client.read_exactly, total, deadline) for client in raw]
    reading.append(Background(native.read_to, total, deadline))

    guest.print_in_pieces(total, MIB, deadline)

    for reader in reading:
        assert_counting(reader.finish(), 0, total)
    assert native.received.gaps == []


@pytest.mark.clause("BF-3.2")
def test_a_raw_clients_holes_are_its_counted_gaps(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64K")
    client = host.connect_raw(deadline)
    host.wait_clients(1, deadline)
    received = bytearray()
    for _ in range(8):
        guest.print_counting(MIB, deadline)  # of which its socket holds a part and the ring 64 KiB
        received += client.read_exactly(100 * KIB, deadline)
    told = host.status(deadline)["clients"][0]
    while len(received) < guest.printed - told["gap_bytes"]:
        received += client.receive(deadline)
        told = host.status(deadline)["clients"][0]

    parts = ranges(received)
    holes = [start - end for (_, end), (start, _) in zip(parts, parts[1:])]
    assert parts[0][0] == 0 and parts[-1][1] == guest.printed
    assert all(hole > 0 for hole in holes), parts
    assert (len(holes), sum(holes)) == (told["gaps"], told["gap_bytes"])
    assert told["offset"] == guest.printed and told["lag"] == 0


@pytest.mark.clause("BF-3.2")
def test_a_native_clients_holes_are_its_gap_frames(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64K")
    client = host.connect_native(deadline, start=Start.BEGINNING)
    for step in range(1, 9):
        guest.print_counting(MIB, deadline)
        client.read_to((step - 1) * MIB + 1, deadline)
    client.read_to(guest.printed, deadline)

    for piece in client.received.pieces:
        assert_counting(piece.bytes, piece.start)
    told = host.status(deadline)["clients"][0]
    assert len(client.received.output) + sum(gap.end - gap.start for gap in client.received.gaps) == guest.printed
    assert sum(gap.end - gap.start for gap in client.received.gaps) == told["gap_bytes"]
