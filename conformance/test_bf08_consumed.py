"""BF-8: bytes that a client never read are not consumed, whoever accepted them on its way."""

import pytest

from harness.background import Background
from harness.client import DoomedClient
from harness.expect import assert_at_head
from harness.frames import HELLO_CONTINUES, Role, Start
from harness.stream import KIB, MIB, assert_counting, locate

PRINTED = 200_000
SEEN_BYTES = 64


def rest_of_next_client(host, guest, deadline, at_most):
    """What the next client gets first, which begins at `at_most` or before; returns where it begins."""
    host.wait_clients(0, deadline)
    client = host.connect_raw(deadline)
    start = locate(client.read_exactly(SEEN_BYTES, deadline))
    assert start is not None and start <= at_most
    assert_counting(client.read_exactly(guest.printed - start - SEEN_BYTES, deadline), start + SEEN_BYTES)
    assert_at_head(guest, client, deadline)
    return start


def end_by_close(host, count, deadline):
    client = host.connect_raw(deadline)
    client.read_exactly(count, deadline)
    return client.close


def end_by_kill(host, count, deadline):
    return DoomedClient(host.path, count, deadline).kill


@pytest.mark.clause("BF-8.1")
@pytest.mark.parametrize("second_reads", [None, 10, 150_000], ids=["alone", "beside-less", "beside-more"])
@pytest.mark.parametrize("count", [0, 1, 70_000])
@pytest.mark.parametrize("connect", [end_by_close, end_by_kill])
def test_a_dying_client_costs_the_next_one_nothing(start_host, guest, deadline, connect, count, second_reads):
    """Cloud Hypervisor <= v53: what the kernel had accepted counted as delivered, and ECONNRESET ended the console."""
    host = start_host(guest, "--history", "unread")
    guest.print_counting(PRINTED, deadline)
    end = connect(host, count, deadline)
    host.wait_clients(1, deadline)
    if second_reads is not None:
        second = host.connect_raw(deadline)
        second.read_exactly(second_reads, deadline)

    end()
    if second_reads is not None:
        host.wait_clients(1, deadline)
        second.close()

    rest_of_next_client(host, guest, deadline, at_most=max(count, second_reads or 0))


@pytest.mark.clause("BF-8.2")
@pytest.mark.parametrize("connect", [end_by_close, end_by_kill])
@pytest.mark.parametrize("beside", [False, True])
def test_nothing_is_left_over_after_one_that_read_everything(start_host, guest, deadline, connect, beside):
    host = start_host(guest, "--history", "unread")
    guest.print_counting(PRINTED, deadline)
    if beside:
        host.connect_raw(deadline)
    end = connect(host, PRINTED, deadline)

    end()
    host.wait_clients(1 if beside else 0, deadline)
    host.close_clients()
    host.wait_clients(0, deadline)

    assert host.status(deadline)["consumed"] == PRINTED
    assert_at_head(guest, host.connect_raw(deadline), deadline)


@pytest.mark.clause("BF-8.2")
def test_reading_counts_while_the_client_lives(start_host, guest, deadline):
    host = start_host(guest, "--history", "unread")
    client = host.connect_raw(deadline)
    guest.print_counting(50_000, deadline)
    client.read_exactly(50_000, deadline)
    assert host.status(deadline)["consumed"] == 50_000

    guest.print_counting(150_000, deadline)
    client.read_exactly(20_000, deadline)
    client.close()

    assert rest_of_next_client(host, guest, deadline, at_most=70_000) == 50_000


@pytest.mark.clause("BF-8.2")
def test_a_write_to_a_client_that_had_read_all_is_a_proof(start_host, guest, deadline):
    host = start_host(guest, "--history", "unread")
    client = host.connect_raw(deadline)
    guest.print_counting(50_000, deadline)
    client.read_exactly(50_000, deadline)

    guest.print_counting(1000, deadline)
    client.read_exactly(1, deadline)
    client.close()

    assert rest_of_next_client(host, guest, deadline, at_most=50_001) == 50_000


@pytest.mark.clause("BF-8.1")
def test_a_client_killed_in_mid_stream_loses_nothing_for_the_next(start_host, guest, deadline):
    """Cloud Hypervisor: what was printed between a client's death and its detection was lost."""
    host = start_host(guest, "--history", "unread", "--buffer", "8M")
    doomed = DoomedClient(host.path, 0, deadline)
    host.wait_clients(1, deadline)
    printing = Background(guest.print_in_pieces, MIB, KIB, deadline)
    deadline.poll(lambda: guest.printed > 100 * KIB, "the guest prints")

    doomed.kill()
    printing.finish()

    rest_of_next_client(host, guest, deadline, at_most=0)


@pytest.mark.clause("BF-8.1")
def test_clients_that_die_one_after_the_other_cost_nothing(start_host, guest, deadline):
    """Cloud Hypervisor <= v53: after one that died with unread bytes no client was served again."""
    host = start_host(guest, "--history", "unread")
    guest.print_counting(64 * KIB, deadline)
    for count in (0, 100, 0, 3000, 50_000, 1):
        end_by_close(host, count, deadline)()

    rest_of_next_client(host, guest, deadline, at_most=50_000)


@pytest.mark.clause("BF-8.3")
def test_a_native_client_consumes_what_it_acknowledges(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(PRINTED, deadline)
    client = host.connect_native(deadline)
    client.read_to(PRINTED, deadline)
    client.ping(deadline)
    assert host.status(deadline)["consumed"] == 0

    for acknowledged, consumed in [(1, 1), (70_000, 70_000), (500, 70_000), (PRINTED, PRINTED)]:
        client.acknowledge(deadline, acknowledged)
        client.ping(deadline)
        assert host.status(deadline)["consumed"] == consumed


@pytest.mark.clause("BF-8.4")
@pytest.mark.parametrize("where", ["viewer", "view", "view-native"])
def test_a_viewer_consumes_nothing(start_host, guest, deadline, folder, where):
    host = start_host(guest, "--view", str(folder / "view"))
    guest.print_counting(1000, deadline)
    if where == "view":
        viewer = host.connect_raw(deadline, path=folder / "view")
        viewer.read_exactly(1000, deadline)
    else:
        path = folder / "view.ctl" if where == "view-native" else None
        viewer = host.connect_native(deadline, path=path, role=Role.VIEWER)
        viewer.read_to(1000, deadline)
        viewer.acknowledge(deadline)
        viewer.ping(deadline)

    assert host.status(deadline)["consumed"] == 0
    host.close_clients()
    host.wait_clients(0, deadline)
    assert host.status(deadline)["consumed"] == 0


@pytest.mark.clause("BF-8.5")
def test_a_client_that_began_later_does_not_consume_what_it_skipped(start_host, guest, deadline):
    host = start_host(guest, "--history", "none")
    guest.print_counting(1000, deadline)
    raw = host.connect_raw(deadline)
    native = host.connect_native(deadline, start=Start.LAST, value=10)
    host.wait_clients(2, deadline)
    guest.print_counting(1000, deadline)
    raw.read_exactly(1000, deadline)
    native.read_to(2000, deadline)
    native.acknowledge(deadline)
    native.ping(deadline)

    assert host.status(deadline)["consumed"] == 0


@pytest.mark.clause("BF-8.5")
def test_a_client_that_missed_only_what_nobody_can_have_consumes(start_host, guest, deadline):
    """The gap of a client that began at the backlog's start holds nothing that the next one could get."""
    host = start_host(guest)
    guest.print_counting(3 * MIB, deadline)
    client = host.connect_native(deadline, start=Start.BEGINNING)
    client.read_to(3 * MIB, deadline)
    client.acknowledge(deadline)
    client.ping(deadline)

    assert host.status(deadline)["consumed"] == 3 * MIB


@pytest.mark.clause("BF-8.6")
@pytest.mark.parametrize(("flags", "consumed"), [(0, 0), (HELLO_CONTINUES, 5000)])
def test_a_resume_that_continues_acknowledges(start_host, guest, deadline, flags, consumed):
    host = start_host(guest)
    guest.print_counting(10_000, deadline)
    instance = host.connect_native(deadline).welcome["instance"]

    host.connect_native(deadline, start=Start.OFFSET, value=5000, instance=instance, flags=flags)

    assert host.status(deadline)["consumed"] == consumed
