"""BF-1: what the guest prints while nobody is connected is kept."""

import pytest

from harness.stream import KIB, assert_counting

EVERY_BYTE_VALUE = bytes(range(256)) + b"\r\n\n\r\0\xff" + bytes(reversed(range(256)))


@pytest.mark.clause("BF-1.1")
def test_output_before_the_first_client_is_kept(start_host, guest, deadline):
    """cloud-hypervisor #7907, churchers/vm-bhyve#127: the boot log was dropped."""
    host = start_host(guest)
    guest.print_counting(200 * KIB, deadline)

    client = host.connect_raw(deadline)

    assert_counting(client.read_exactly(200 * KIB, deadline), 0)


@pytest.mark.clause("BF-1.1")
def test_every_byte_value_is_kept_as_it_is(start_host, guest, deadline):
    host = start_host(guest)
    guest.print(EVERY_BYTE_VALUE, deadline)

    client = host.connect_raw(deadline)

    assert client.read_exactly(len(EVERY_BYTE_VALUE), deadline) == EVERY_BYTE_VALUE


@pytest.mark.clause("BF-1.2")
@pytest.mark.parametrize("history", ["all", "unread"])
def test_output_between_two_clients_is_kept(start_host, guest, deadline, history):
    host = start_host(guest, "--history", history)
    first = host.connect_raw(deadline)
    guest.print_counting(10 * KIB, deadline)
    first.read_exactly(10 * KIB, deadline)
    first.close()
    host.wait_clients(0, deadline)

    guest.print_counting(70 * KIB, deadline)
    second = host.connect_raw(deadline)

    start = 0 if history == "all" else 10 * KIB
    assert_counting(second.read_exactly(80 * KIB - start, deadline), start)


@pytest.mark.clause("BF-1.3")
@pytest.mark.parametrize("capacity", [4096, 5000, 65536, 1000003])
def test_as_much_as_was_asked_for_is_kept(start_host, guest, deadline, capacity):
    host = start_host(guest, "--buffer", str(capacity))
    guest.print_counting(3 * capacity, deadline)

    client = host.connect_raw(deadline)

    assert_counting(client.read_exactly(capacity, deadline), 2 * capacity)
