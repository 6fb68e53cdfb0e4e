"""BF-2: who connects gets what was kept at once, then live output, as one sequence."""

import random
import time

import pytest

from harness.background import Background
from harness.deadline import Deadline
from harness.frames import Start
from harness.strace import writes_of
from harness.stream import KIB, MIB, assert_counting

FLUSH_SECONDS = 5
FLUSH_WRITES_MAX = 64


@pytest.mark.clause("BF-2.1")
@pytest.mark.parametrize("reads_after", [0, 0.1])
def test_a_full_backlog_comes_while_the_guest_is_silent(start_host, guest, deadline, reads_after):
    """cloud-hypervisor #3058: the backlog came only when the guest printed again; written byte by byte, only 278
    bytes of it went into the socket of a client that did not read at once."""
    host = start_host(guest)
    guest.print_counting(MIB, deadline)

    client = host.connect_raw(deadline)
    time.sleep(reads_after)

    assert_counting(client.read_exactly(MIB, Deadline(FLUSH_SECONDS)), 0)


@pytest.mark.clause("BF-2.2")
def test_flush_and_live_output_are_one_sequence(start_host, guest, deadline):
    total = 4 * MIB
    host = start_host(guest, "--buffer", "8M")
    printing = Background(guest.print_in_pieces, total, 8 * KIB, deadline)
    clients = []
    while printing.is_alive() and len(clients) < 30:
        clients.append(host.connect_raw(deadline))
        clients[-1].read_exactly(1 * KIB, deadline)
    printing.finish()

    for client in clients:
        assert_counting(client.read_exactly(total - KIB, deadline), KIB)


@pytest.mark.clause("BF-2.3")
@pytest.mark.parametrize("start", [Start.BEGINNING, Start.UNREAD, Start.END])
def test_a_native_client_is_told_where_live_begins(start_host, guest, deadline, start):
    host = start_host(guest)
    guest.print_counting(1234, deadline)

    client = host.connect_native(deadline, start=start)
    assert client.welcome["head"] == 1234
    assert client.welcome["start"] == (1234 if start == Start.END else 0)

    guest.print_counting(1000, deadline)
    assert_counting(client.read_to(2234, deadline), client.welcome["start"], 2234)


@pytest.mark.clause("BF-2.4")
def test_a_client_before_the_first_byte_gets_it(start_host, guest, deadline):
    """lxc/incus#1241: reading an empty ring was an error."""
    host = start_host(guest)
    raw = host.connect_raw(deadline)
    native = host.connect_native(deadline)
    history = native.history(deadline)
    assert (history.parts, history.offset) == ([], 0)

    guest.print(b"\n", deadline)

    assert raw.read_exactly(1, deadline) == b"\n"
    assert native.read_to(1, deadline) == b"\n"


@pytest.mark.clause("BF-2.5")
def test_clients_that_connect_and_go_leave_the_next_one_everything(start_host, guest, deadline):
    """projectacrn/acrn-hypervisor#3212, microsoft/openvmm#392: one that was gone before it was accepted reset the
    console."""
    host = start_host(guest)
    choose = random.Random(2)
    for _ in range(1000):
        visitor = host.connect_raw(deadline)
        if choose.random() < 0.3:
            guest.print_counting(choose.randrange(1, 700), deadline)
        visitor.close()

    last = host.connect_raw(deadline)

    assert_counting(last.read_exactly(guest.printed, deadline), 0)


@pytest.mark.clause("BF-2.6")
def test_a_full_backlog_takes_few_writes(start_host, guest, deadline, folder):
    """Cloud Hypervisor writes its backlog in one system call for each byte."""
    host = start_host(guest)
    guest.print_counting(MIB, deadline)

    with writes_of(host.pid, folder, deadline) as writes:
        assert_counting(host.connect_raw(deadline).read_exactly(MIB, deadline), 0)
        host.status(deadline)  # the last write is over

    to_client = [size for descriptor, size in writes if descriptor == writes[0][0]]
    assert sum(to_client) == MIB
    assert len(to_client) <= FLUSH_WRITES_MAX
