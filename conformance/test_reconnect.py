"""connect goes on by itself after whatever happened to the other side, and what it says of it is true."""

import contextlib
import os
import signal

import pytest

from harness.deadline import Deadline, DeadlinePassed
from harness.filter import Exit
from harness.frames import Type
from harness.guest import UnixGuest
from harness.process import children, cpu_seconds, descriptors
from harness.relay import Relay
from harness.stream import KIB, assert_counting, counting

LOST = "the connection is lost; connecting again"
RESUMED = "connected again, nothing lost"
OTHER = (
    "connected to another instance of the host, from its beginning: what the former one said last may be lost"
)
SILENCE_SECONDS = 30  # two pings


@pytest.fixture
def relay(folder, start_host, guest):
    """What a client connects to; its host is relay.host."""
    host = start_host(guest, "--buffer", "64K")
    with contextlib.closing(Relay(folder / "relay", host.path)) as made:
        made.host = host
        yield made


# What happened, and what is said of it


def test_the_same_host_costs_nothing(relay, guest, connect, deadline):
    client = connect(relay.path)
    assert_counting(client.read_exactly(len(guest.print_counting(1000, deadline)), deadline), 0)
    client.process.send_signal(signal.SIGSTOP)
    relay.cut()
    guest.print_counting(2000, deadline)
    client.process.send_signal(signal.SIGCONT)

    assert_counting(client.read_exactly(2000, deadline), 1000)
    assert client.notices(relay.path) == [LOST, RESUMED]


def test_a_gap_is_told_with_its_size(relay, guest, connect, deadline):
    client = connect(relay.path)
    client.read_exactly(len(guest.print_counting(1000, deadline)), deadline)
    client.process.send_signal(signal.SIGSTOP)
    relay.cut()
    guest.print_counting(200_000, deadline)
    client.process.send_signal(signal.SIGCONT)

    assert_counting(client.read_exactly(64 * KIB, deadline), 201_000 - 64 * KIB)
    missing = 200_000 - 64 * KIB
    told = f"{missing} bytes are missing here: overwritten before they were read"
    assert client.notices(relay.path) == [LOST, "connected again", told]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_another_host_in_its_place_says_everything(start_host, guest, connect, deadline, number):
    """Killed, its socket stays and is taken over; ended in order, it is removed and made again."""
    host = start_host(guest)
    guest.print(b"of the first\n", deadline)
    client = connect(host.path)
    client.wait_output(b"of the first\n", deadline)
    host.process.send_signal(number)
    host.wait_end(deadline)
    client.wait_said(LOST.encode(), deadline)
    guest.hang_up()
    start_host(guest)
    guest.print(b"of the second\n", deadline)

    client.wait_output(b"of the first\nof the second\n", deadline)

    assert client.notices(host.path) == [LOST, OTHER]


def test_an_absence_of_many_attempts_is_told_once(start_host, guest, connect, deadline):
    host = start_host(guest)
    client = connect(host.path)
    guest.print(b"login: ", deadline)
    client.wait_output(b"login: ", deadline)
    host.kill()
    client.wait_said(LOST.encode(), deadline)

    with pytest.raises(DeadlinePassed):
        client.wait_said(LOST.encode(), Deadline(0.5), times=2)

    assert client.notices(host.path) == [LOST]


def test_what_the_host_said_last_is_put_out_however_late(start_host, guest, connect, deadline):
    host = start_host(guest)
    said = guest.print_counting(100_000, deadline)
    read_fd, write_fd = os.pipe()
    client = connect(host.path, stdout=write_fd)
    os.close(write_fd)
    deadline.wait_readable(read_fd, "connect puts something out")
    host.wait_status(lambda status: status["clients"][0]["offset"] == len(said), "all is on its way", deadline)
    host.kill()

    got = b""
    while len(got) < len(said):
        deadline.wait_readable(read_fd, f"byte {len(got)}")
        got += os.read(read_fd, 4096)
    os.close(read_fd)

    assert_counting(got, 0, len(said))
    assert client.wait_end(deadline) == Exit.DONE


def test_the_guest_comes_and_goes(start_host, guest, open_terminal, deadline):
    host = start_host(guest)
    terminal = open_terminal(host.path)
    guest.print(b"first life", deadline)
    terminal.wait_screen(b"first life", deadline)
    guest.vanish()
    terminal.wait_notice(b"the guest is gone; waiting for it", deadline)
    guest.listen()
    guest.attach(deadline)

    terminal.wait_notice(b"the guest is up", deadline)

    guest.print(b"second life", deadline)
    terminal.wait_screen(b"second life", deadline)
    assert terminal.notices()[1:] == ["the guest is gone; waiting for it", "the guest is up"]


# Nothing is left behind


@pytest.mark.slow
def test_two_hundred_losses_leave_nothing_behind(relay, guest, connect, deadline):
    """Twenty-five clients, eight each: a client that connects again too soon waits twice as long the next time."""
    clients = [connect(relay.path) for _ in range(25)]
    guest.print(b"all are here\n", deadline)
    for client in clients:
        client.wait_output(b"all are here\n", deadline)
    before = [descriptors(client.pid) for client in clients]
    host_before = len(relay.host.descriptors())
    for cycle in range(8):
        relay.cut()
        for client in clients:
            client.wait_said(RESUMED.encode(), deadline, times=cycle + 1)

    guest.print(b"still here\n", deadline)
    for client in clients:
        client.wait_output(b"still here\n", deadline)
        assert client.output == b"all are here\nstill here\n"
        assert client.notices(relay.path) == [LOST, RESUMED] * 8
    assert [descriptors(client.pid) for client in clients] == before
    assert not any(children(client.pid) for client in clients)
    deadline.poll(lambda: len(relay.host.descriptors()) == host_before, "the host has let the old connections go")


@pytest.mark.measures
def test_while_it_waits_it_sleeps(start_host, connect, deadline, folder):
    """Also with --eof-quit, which asks the host again and again while there is one."""
    host = start_host(UnixGuest(folder / "absent", listening=False), attach=False)
    client = connect("--eof-quit", "--timeout", "2s", host.path)
    client.type(b"text")
    client.close_input()
    host.wait_status(lambda status: status["input"]["waiting_bytes"] == 4, "the text waits for a guest", deadline)
    host.kill()
    client.wait_said(LOST.encode(), deadline)
    before = cpu_seconds(client.pid)

    client.wait_said(b"timed out after 2s\n", deadline)
    assert cpu_seconds(client.pid) - before < 0.3
    assert client.wait_end(deadline) == Exit.TIMED_OUT


# The ways not to wait, and to wait


def test_with_wait_it_waits_for_the_first_one_and_says_so(start_host, guest, connect, deadline, folder):
    client = connect("--wait", folder / "console")
    client.wait_said(b"\n", deadline)
    host = start_host(guest)
    guest.print(b"boot\n", deadline)

    client.wait_output(b"boot\n", deadline)

    assert client.notices(host.path) == ["nobody is there yet; waiting"]


def test_with_wait_and_without_reconnect_it_waits_once(start_host, guest, connect, deadline, folder):
    client = connect("--wait", "--no-reconnect", folder / "console")
    client.wait_said(b"\n", deadline)
    host = start_host(guest)
    host.wait_clients(1, deadline)
    host.kill()

    assert client.wait_end(deadline) == Exit.GONE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_without_reconnect_it_ends_with_the_host(start_host, guest, connect, deadline, number):
    host = start_host(guest)
    guest.print(b"last words", deadline)
    client = connect("--no-reconnect", host.path)
    client.wait_output(b"last words", deadline)

    host.process.send_signal(number)
    host.wait_end(deadline)

    assert client.wait_end(deadline) == Exit.GONE
    assert client.notices(host.path) == ["the connection has ended"]


def test_without_reconnect_it_ends_with_the_guest(start_host, guest, connect, deadline):
    host = start_host(guest)
    client = connect("--no-reconnect", host.path)
    host.wait_clients(1, deadline)
    said = guest.print_counting(100_000, deadline)
    guest.hang_up()

    assert client.wait_end(deadline) == Exit.GONE
    assert bytes(client.output) == said
    assert client.notices(host.path) == ["the guest is gone"]


def test_kicked_it_does_not_come_back(start_host, guest, connect, deadline):
    host = start_host(guest)
    client = connect(host.path)
    status = host.wait_clients(1, deadline)
    operator = host.connect_native(deadline)
    operator.ask(Type.KICK, deadline, client=status["clients"][0]["id"])

    assert client.wait_end(deadline) == Exit.REFUSED
    assert len(client.notices(host.path)) == 1


def test_one_too_many_is_refused_and_says_so(start_host, guest, connect, deadline):
    host = start_host(guest, "--max-clients", "1")
    connect(host.path)
    host.wait_clients(1, deadline)

    client = connect(host.path)

    assert client.wait_end(deadline) == Exit.REFUSED
    assert client.notices(host.path) != []


# What is typed meanwhile


def test_keys_for_a_guest_that_is_away_arrive_nowhere(start_host, guest, open_terminal, deadline):
    host = start_host(guest)
    terminal = open_terminal(host.path)
    host.wait_clients(1, deadline)
    guest.vanish()
    terminal.wait_notice(b"the guest is gone; waiting for it", deadline)
    terminal.type(b"rm -rf /")
    terminal.wait_notice(b"there is no guest: keys are not kept", deadline)
    terminal.type(b"tmp/x\r\x1d?")
    terminal.wait_screen(b"? this help", deadline)
    guest.listen()
    guest.attach(deadline)
    terminal.wait_notice(b"the guest is up", deadline)

    terminal.type(b"ls\r")

    assert guest.end.read_exactly(3, deadline) == b"ls\r"
    assert terminal.notices().count("there is no guest: keys are not kept") == 1


def test_keys_typed_while_disconnected_arrive_nowhere(relay, guest, open_terminal, deadline):
    terminal = open_terminal(relay.path)
    guest.print(b"login: ", deadline)
    terminal.wait_screen(b"login: ", deadline)
    relay.refuse(True)
    relay.cut()
    terminal.wait_notice(LOST.encode(), deadline)
    terminal.type(b"reboot")
    terminal.wait_notice(b"not connected: keys are not kept", deadline)
    terminal.type(b" now\r\x1d?")
    terminal.wait_screen(b"? this help", deadline)
    relay.refuse(False)
    terminal.wait_notice(RESUMED.encode(), deadline)

    terminal.type(b"ls\r")

    assert guest.end.read_exactly(3, deadline) == b"ls\r"
    assert terminal.notices().count("not connected: keys are not kept") == 1


def test_the_escape_quits_while_disconnected(start_host, guest, open_terminal, deadline):
    host = start_host(guest)
    terminal = open_terminal(host.path)
    guest.print(b"login: ", deadline)
    terminal.wait_screen(b"login: ", deadline)
    host.kill()
    terminal.wait_notice(LOST.encode(), deadline)

    terminal.type(b"\x1d.")

    assert terminal.wait_end(deadline) == Exit.DONE
    assert terminal.settings() == terminal.before


# A host that hangs


@pytest.mark.slow
def test_a_host_that_hangs_is_told_from_a_lost_connection(start_host, guest, connect):
    """It takes two pings: 30 s."""
    deadline = Deadline(SILENCE_SECONDS + 15)
    host = start_host(guest)
    client = connect(host.path)
    guest.print(b"login: ", deadline)
    assert client.read_exactly(7, deadline) == b"login: "
    host.process.send_signal(signal.SIGSTOP)

    client.wait_said(b"the host does not answer\n", deadline)
    assert client.notices(host.path) == ["the host does not answer"]
    host.process.send_signal(signal.SIGCONT)
    client.wait_said(b"the host answers again\n", deadline)
    guest.print(counting(0, 100), deadline)

    assert client.read_exactly(100, deadline) == counting(0, 100)
    assert client.notices(host.path) == ["the host does not answer", "the host answers again"]
