"""connect to a VMM's own socket: nothing is kept there, and to ask by connecting would throw somebody out."""

import contextlib
import shutil
import socket
import subprocess

import pytest

from harness import unix_path
from harness.background import Background
from harness.filter import Exit
from harness.stream import counting
from harness.vmm import ClosingVmm, KickingVmm, QueueingVmm

PLAIN = "a plain socket, not a serialcon host: nothing is kept here, and what is said while disconnected is lost"
SILENT = (
    "connected, and nothing comes: the guest is silent, or another client has this console (QEMU lets a second one wait)"
)
LOST = "the connection is lost; connecting again"
AGAIN = "connected again; what was said meanwhile is lost"
TAKEN = "another client has taken this console over"


@pytest.fixture
def vmm(folder):
    with contextlib.closing(KickingVmm(folder / "vmm")) as made:
        yield made


@pytest.fixture
def attached(vmm, connect, deadline):
    """A client that has been told something."""
    client = connect(vmm.path)
    vmm.wait_accepted(1, deadline)
    vmm.print(b"boot\n", deadline)
    client.wait_output(b"boot\n", deadline)
    return client


def test_bytes_are_exact_both_ways_and_no_resume_is_told_once(vmm, connect, deadline):
    client = connect(vmm.path)
    vmm.wait_accepted(1, deadline)
    data = counting(0, 300_000)
    printing = Background(vmm.print, data, deadline)
    assert client.read_exactly(len(data), deadline) == data
    printing.finish()
    client.type(counting(0, 10_000))
    assert vmm.end.read_exactly(10_000, deadline) == counting(0, 10_000)

    client.close_input()
    vmm.print(b"after", deadline)

    assert client.read_exactly(5, deadline) == b"after"
    assert client.notices(vmm.path) == [PLAIN]


def test_of_two_clients_the_newcomer_stays_and_the_other_says_so(vmm, attached, connect, deadline):
    newcomer = connect(vmm.path)

    assert attached.wait_end(deadline) == Exit.REFUSED
    assert attached.notices(vmm.path) == [PLAIN, TAKEN]
    vmm.wait_accepted(2, deadline)
    vmm.print(b"for the newcomer\n", deadline)
    newcomer.wait_output(b"for the newcomer\n", deadline)
    assert vmm.accepted == 2


def test_a_newcomer_of_any_kind_is_left_alone(vmm, attached, deadline):
    with unix_path.connect(vmm.path, deadline):
        assert attached.wait_end(deadline) == Exit.REFUSED
        assert vmm.accepted == 2


def test_a_reboot_that_closes_the_connection_is_not_taken_for_a_newcomer(vmm, attached, deadline):
    vmm.drop_client()

    vmm.wait_accepted(2, deadline)
    vmm.print(b"second boot\n", deadline)
    attached.wait_output(b"second boot\n", deadline)
    assert attached.notices(vmm.path) == [PLAIN, LOST, AGAIN]


def test_a_reboot_may_shut_the_connection_down_before_it_is_closed(vmm, attached, deadline):
    """The VMM's own end of the old connection is there a moment longer: it is no other client."""
    vmm.end.shut_down()
    attached.wait_said(LOST.encode(), deadline)
    vmm.drop_client()

    vmm.wait_accepted(2, deadline)
    assert attached.notices(vmm.path)[:2] == [PLAIN, LOST]


def test_a_vmm_that_goes_with_its_socket_is_waited_for(vmm, attached, deadline):
    """Long enough for several attempts: one notice each, not one an attempt."""
    vmm.close()
    attached.wait_said(LOST.encode(), deadline)
    sleeps = count_sleeps(attached)
    deadline.poll(lambda: count_sleeps(attached) > sleeps + 4, "it has tried several times")
    vmm.listen()

    vmm.wait_accepted(2, deadline)
    vmm.print(b"second boot\n", deadline)
    attached.wait_output(b"second boot\n", deadline)
    assert attached.notices(vmm.path) == [PLAIN, LOST, AGAIN]


def count_sleeps(client):
    """How often it has gone to sleep: between two attempts each time."""
    with open(f"/proc/{client.pid}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("voluntary_ctxt_switches"))
    return int(line.split()[1])


def test_without_reconnect_it_ends(vmm, connect, deadline):
    client = connect("--no-reconnect", vmm.path)
    vmm.wait_accepted(1, deadline)
    vmm.print(b"last words", deadline)
    vmm.drop_client()

    assert client.wait_end(deadline) == Exit.GONE
    assert client.output == b"last words"
    assert client.notices(vmm.path) == [PLAIN, "the connection has ended"]


def another_network():
    """A command that runs another one in a network namespace of its own: by a right of root's, or by one of users'."""
    for way in (["unshare", "--net"], ["unshare", "--user", "--net"]):
        if shutil.which(way[0]) and subprocess.run([*way, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            return way
    pytest.skip("no network namespace can be made here")


def test_where_nothing_can_be_seen_it_does_not_ask_by_connecting(vmm, connect, deadline):
    """Another network namespace, whose sockets the kernel does not show."""
    elsewhere = another_network()
    client = connect(vmm.path, under=elsewhere)
    vmm.wait_accepted(1, deadline)
    vmm.print(b"boot\n", deadline)
    client.wait_output(b"boot\n", deadline)

    vmm.drop_client()

    assert client.wait_end(deadline) == Exit.REFUSED
    assert "another network namespace?" in client.notices(vmm.path)[-1]
    assert vmm.accepted == 1


@pytest.mark.parametrize("said", [b"", b"busy\n"], ids=["silent", "says why"])
def test_a_peer_that_closes_at_once_is_not_asked_for_ever(connect, deadline, folder, said):
    with contextlib.closing(ClosingVmm(folder / "vmm", said)) as vmm:
        client = connect(vmm.path)

        assert client.wait_end(deadline) == Exit.REFUSED
        vmm.wait_accepted(2, deadline)
        assert vmm.accepted == 2
        assert client.notices(vmm.path)[-1] == "its other side closes each connection"


def test_a_second_client_that_waits_is_told_after_two_seconds(connect, deadline, folder):
    with contextlib.closing(QueueingVmm(folder / "vmm")) as vmm:
        first = connect(vmm.path)
        vmm.wait_accepted(1, deadline)
        vmm.print(b"login: ", deadline)
        first.wait_output(b"login: ", deadline)
        second = connect(vmm.path)

        second.wait_said(SILENT.encode(), deadline)

        assert second.notices(vmm.path) == [PLAIN, SILENT]
        assert first.notices(vmm.path) == [PLAIN]
        assert first.process.poll() is None and second.process.poll() is None


def test_keys_that_a_plain_socket_cannot_carry(vmm, open_terminal, deadline):
    terminal = open_terminal(vmm.path)
    terminal.wait_notice(PLAIN.encode(), deadline)
    vmm.wait_accepted(1, deadline)

    terminal.type(b"a\x1dbc\x1dw")

    assert vmm.end.read_exactly(2, deadline) == b"ac"
    terminal.wait_notice(b"a plain socket carries no BREAK", deadline)
    terminal.wait_notice(b"not connected to a serialcon host", deadline)


def test_eof_quit_waits_for_the_answer(vmm, connect, deadline):
    client = connect("--eof-quit", "--idle", "300ms", vmm.path)
    vmm.wait_accepted(1, deadline)
    client.type(b"uptime\r")
    client.close_input()
    assert vmm.end.read_exactly(7, deadline) == b"uptime\r"
    vmm.print(b"up 3 days\n", deadline)

    assert client.wait_end(deadline) == Exit.DONE
    assert client.output == b"up 3 days\n"


def test_a_host_that_comes_in_its_place_is_spoken_to_natively(vmm, attached, start_host, guest, deadline):
    """The same path is a host's now: connect resumes as it can from here on."""
    vmm.close()
    start_host(guest, path=vmm.path)
    guest.print(b"kept\n", deadline)

    attached.wait_output(b"kept\n", deadline)


def test_a_socket_that_nobody_listens_on_is_no_console(connect, deadline, folder):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "vmm"))
        client = connect(folder / "vmm")
        assert client.wait_end(deadline) == Exit.GONE
        assert client.notices(folder / "vmm") == ["no console is here"]


def test_a_listener_for_one_client_at_a_time_is_waited_for(vmm, attached, deadline):
    """As socat UNIX-LISTEN and nc -l: who takes one client and listens no more is not one that cannot be seen."""
    vmm.stop_listening()
    vmm.drop_client()
    attached.wait_said(LOST.encode(), deadline)
    vmm.listen()

    vmm.wait_accepted(2, deadline)
