"""BF-12: the guest side comes and goes; no client notices more than a boundary."""

import contextlib
import os
import pty
import socket
import time

import pytest

from harness import strace, unix_path
from harness.deadline import Deadline
from harness.frames import BoundaryKind, GuestNote, GuestState, Refusal, Start
from harness.guest import CommandGuest, ConnectingGuest, DescriptorGuest, PtyGuest, StdioGuest, UnixGuest
from harness.host import run_program
from harness.stream import KIB, MIB, assert_counting, counting
from harness.vmm import KickingVmm

AWAY_SECONDS = 2
AWAY_CPU_SECONDS = 0.01 * AWAY_SECONDS


@pytest.fixture(params=["unix", "listen", "fd", "pty", "stdio"])
def any_guest(request, folder):
    kinds = {
        "unix": lambda: UnixGuest(folder / "vmm"),
        "listen": lambda: ConnectingGuest(folder / "vmm"),
        "fd": DescriptorGuest,
        "pty": PtyGuest,
        "stdio": StdioGuest,
    }
    guest = kinds[request.param]()
    yield guest
    guest.close()


@pytest.fixture(params=["unix", "listen"])
def returning_guest(request, folder):
    guest = UnixGuest(folder / "vmm") if request.param == "unix" else ConnectingGuest(folder / "vmm")
    yield guest
    guest.close()


def kinds_and_offsets(boundaries):
    return [(boundary.kind, boundary.offset) for boundary in boundaries]


@pytest.mark.clause("BF-12.1")
def test_bytes_go_both_ways_on_every_kind_of_guest_side(start_host, any_guest, deadline):
    host = start_host(any_guest)
    client = host.connect_raw(deadline)
    text = bytes(range(256))

    any_guest.print_some(text, deadline)
    assert client.read_exactly(256, deadline) == text
    client.send(text, deadline)
    assert any_guest.end.read_exactly(256, deadline) == text

    any_guest.print_some(counting(0, 256 * KIB), deadline)
    assert_counting(client.read_exactly(256 * KIB, deadline), 0)


@pytest.mark.clause("BF-12.2")
def test_a_restart_disconnects_no_client_and_clears_nothing(start_host, returning_guest, deadline):
    """cloud-hypervisor #7974 and #2316, canonical/lxd#16184, acrn#8570: a reboot cut the client and lost the ring."""
    guest = returning_guest
    host = start_host(guest)
    clients = [host.connect_raw(deadline), host.connect_raw(deadline)]
    for _ in range(5):
        guest.print_counting(10 * KIB, deadline)
        guest.restart(deadline)
    guest.print_counting(10 * KIB, deadline)

    clients.append(host.connect_raw(deadline))
    for client in clients:
        assert_counting(client.read_exactly(60 * KIB, deadline), 0)


@pytest.mark.clause("BF-12.2")
def test_a_vmm_that_returns_before_the_host_has_looked_is_taken(start_host, folder, deadline):
    guest = ConnectingGuest(folder / "vmm")
    host = start_host(guest)
    for _ in range(20):
        guest.print_counting(1000, deadline)
        guest.restart_at_once(deadline)
    guest.print_counting(1000, deadline)

    assert_counting(host.connect_raw(deadline).read_exactly(21_000, deadline), 0)
    assert host.status(deadline)["counters"]["guest_refused"] == 0
    guest.close()


@pytest.mark.clause("BF-12.4")
def test_a_listener_that_closes_the_connection_is_asked_again(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(1000, deadline)
    guest.hang_up()
    guest.attach(deadline)
    guest.print_counting(1000, deadline)

    assert_counting(host.connect_raw(deadline).read_exactly(2000, deadline), 0)


@pytest.mark.clause("BF-12.2")
def test_the_last_words_are_delivered(start_host, returning_guest, deadline):
    guest = returning_guest
    host = start_host(guest)
    client = host.connect_raw(deadline)
    host.connect_raw(deadline).send(b"unread input", deadline)
    for _ in range(20):
        start = guest.printed
        guest.print_some(counting(start, start + 50_000), deadline)
        guest.restart(deadline)  # with what it printed still on its way, and input unread

    assert_counting(client.read_exactly(guest.printed, deadline), 0)


@pytest.mark.clause("BF-12.3")
def test_native_clients_are_told_of_each_boundary(start_host, returning_guest, deadline):
    guest = returning_guest
    host = start_host(guest)
    early = host.connect_native(deadline)
    guest.print_counting(1000, deadline)
    guest.restart(deadline)
    guest.print_counting(500, deadline)
    early.read_to(1500, deadline)
    late = host.connect_native(deadline, start=Start.BEGINNING)
    late.read_to(1500, deadline)

    expected = [(BoundaryKind.UP, 0), (BoundaryKind.DOWN, 1000), (BoundaryKind.UP, 1000)]
    assert kinds_and_offsets(early.received.boundaries) == expected
    assert kinds_and_offsets(late.received.boundaries) == expected
    assert [boundary.number for boundary in late.received.boundaries] == [1, 2, 3]
    status = host.status(deadline)
    assert [boundary["kind"] for boundary in status["boundaries"]] == ["up", "down", "up"]
    assert (status["guest"]["state"], status["guest"]["number"]) == ("up", 3)


@pytest.mark.clause("BF-12.3")
def test_the_newest_boundaries_are_kept(start_host, guest, deadline):
    host = start_host(guest)
    for _ in range(100):
        guest.print_counting(10, deadline)
        guest.restart(deadline)
    host.wait_status(lambda status: status["guest"]["number"] == 201, "101 guests have come", deadline)

    numbers = [boundary["number"] for boundary in host.status(deadline)["boundaries"]]
    assert numbers == list(range(201 - 128 + 1, 202))


@pytest.mark.clause("BF-12.4")
def test_the_guest_is_awaited_then_up_then_down(start_host, folder, deadline):
    guest = UnixGuest(folder / "vmm", listening=False)
    host = start_host(guest, attach=False)
    assert host.status(deadline)["guest"]["state"] == "awaited"
    client = host.connect_native(deadline)
    assert client.welcome["guest_state"] == GuestState.AWAITED

    for lives in range(1, 4):
        guest.listen()
        guest.attach(deadline)
        host.wait_status(lambda status: status["guest"]["state"] == "up", "the guest is up", deadline)
        guest.vanish()
        status = host.wait_status(lambda status: status["guest"]["state"] == "down", "the guest is down", deadline)
        assert status["guest"]["number"] == 2 * lives


def a_file(path):
    path.write_bytes(b"")


def a_datagram_socket(path):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(path))
    return made


def a_loop(path):
    path.symlink_to(path)


@pytest.mark.clause("BF-12.4")
@pytest.mark.parametrize("make", [a_file, a_datagram_socket, a_loop])
def test_what_cannot_be_used_at_the_guests_path_is_said(start_host, folder, deadline, make):
    guest = UnixGuest(folder / "vmm", listening=False)
    stranger = make(folder / "vmm")  # a socket lives as long as its object
    host = start_host(guest, attach=False)
    host.wait_status(lambda status: status["guest"]["note"] == "cannot be used", "it is noted", deadline)

    os.unlink(folder / "vmm")
    del stranger
    host.wait_status(lambda status: status["guest"]["note"] == "", "nothing is there", deadline)
    guest.listen()
    guest.attach(deadline)
    assert host.wait_status(lambda status: status["guest"]["state"] == "up", "the guest is up", deadline)


@pytest.mark.clause("BF-12.4")
@pytest.mark.parametrize("make", [a_file, os.mkdir, unix_path.listen])
def test_what_is_no_terminal_at_the_guests_path_is_said(start_host, folder, deadline, make):
    path = folder / "vmm"
    guest = PtyGuest()
    guest.arguments = ["--guest", f"pty:{path}"]
    host = start_host(guest, attach=False)
    stranger = make(path)  # a socket lives as long as its object
    host.wait_status(lambda status: status["guest"]["note"] == "cannot be used", "it is noted", deadline)

    path.rename(folder / "elsewhere")
    del stranger
    host.wait_status(lambda status: status["guest"]["note"] == "", "nothing is there", deadline)
    path.symlink_to(guest.path)
    host.wait_status(lambda status: status["guest"]["state"] == "up", "the guest is up", deadline)
    guest.close()


@pytest.mark.clause("BF-12.4")
def test_that_another_has_the_guest_is_said_as_long_as_it_is_so(start_host, folder, deadline):
    guest = UnixGuest(folder / "vmm", listening=False)
    host = start_host(guest, attach=False)
    with contextlib.closing(KickingVmm(guest.path)) as vmm:
        vmm.wait_accepted(1, deadline)
        with unix_path.connect(guest.path, deadline):
            host.wait_status(lambda status: status["guest"]["note"] == "taken by another", "it is noted", deadline)

    host.wait_status(lambda status: status["guest"]["note"] == "", "nobody has what is gone", deadline)


@pytest.mark.clause("BF-12.4")
@pytest.mark.parametrize("below", ["vmm", "vm/vmm"])
def test_a_file_where_the_guests_folder_belongs_is_waited_for_to_go(start_host, folder, deadline, below):
    """Looked at again at once, it is there for ever: a host that did would not even hear that it is to end."""
    path = folder / "run" / below
    guest = UnixGuest(path, listening=False)
    a_file(folder / "run")
    host = start_host(guest, attach=False)
    assert host.wait_status(lambda status: status["guest"]["state"] == "awaited", "the guest is awaited", deadline)

    os.unlink(folder / "run")
    path.parent.mkdir(parents=True)
    guest.listen()

    guest.attach(deadline)


@pytest.mark.clause("BF-12.4")
@pytest.mark.parametrize("kind", ["tty", "pty"])
def test_a_device_that_is_no_terminal_ends_a_host_at_once(folder, deadline, kind):
    answer = run_program(deadline, "host", "--guest", f"{kind}:/dev/null", folder / "vm.sock")

    assert answer.returncode == 1
    assert answer.stderr == b"serialcon: /dev/null: Inappropriate ioctl for device\n"


@pytest.mark.clause("BF-12.4")
def test_a_socket_that_is_made_anew_in_a_new_folder_is_found(start_host, folder, deadline):
    guest = UnixGuest(folder / "run" / "vm" / "serial", listening=False)
    host = start_host(guest, attach=False)
    for _ in range(2):
        os.makedirs(folder / "run" / "vm")
        guest.listen()
        guest.attach(deadline)
        guest.print(b"here", deadline)
        guest.vanish()
        os.rmdir(folder / "run" / "vm")
        os.rmdir(folder / "run")
    assert host.status(deadline)["head"] == 8


def open_paths(pid):
    links = []
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
    return links


@pytest.mark.clause("BF-12.4")
def test_a_folder_that_goes_while_it_begins_to_be_watched_is_missed(start_host, folder, deadline):
    """Nothing else tells of it: a watch on what is gone would wait for ever."""
    above = folder / "guests"
    vm = above / "run" / "vm"
    above.mkdir()
    guest = UnixGuest(vm / "serial", listening=False)
    host = start_host(guest, attach=False, under=strace.delayed_at("fcntl", vm, 0.5))
    (folder / "made" / "vm").mkdir(parents=True)
    (folder / "made").rename(vm.parent)
    deadline.poll(lambda: str(vm) in open_paths(host.pid), "the host begins to watch the folder")
    vm.rmdir()
    vm.parent.rmdir()
    deadline.poll(lambda: str(above) in open_paths(host.pid), "the host watches the one above")

    vm.mkdir(parents=True)
    guest.listen()

    guest.attach(deadline)


@pytest.mark.slow
@pytest.mark.clause("BF-12.5")
@pytest.mark.measures
@pytest.mark.parametrize("kind", ["unix", "listen", "pty"])
def test_a_guest_that_is_away_costs_nothing(start_host, folder, deadline, kind):
    """firecracker#1875: a level-triggered hang-up was a busy loop and a flood in the log."""
    own = folder / "run"  # beside which other cases come and go
    own.mkdir()
    guest = {"unix": UnixGuest, "listen": ConnectingGuest}.get(kind, lambda _: PtyGuest())(own / "vmm")
    host = start_host(guest)
    client = host.connect_raw(deadline)
    guest.print_some(b"going", deadline)
    client.read_exactly(5, deadline)
    guest.close()
    host.wait_status(lambda status: status["guest"]["state"] == "down", "the guest is down", deadline)
    before = host.cpu_seconds()

    time.sleep(AWAY_SECONDS)

    assert host.cpu_seconds() - before < AWAY_CPU_SECONDS
    assert len(host.messages().splitlines()) <= 1


@pytest.mark.clause("BF-12.6")
def test_a_second_vmm_is_refused_and_counted(start_host, folder, deadline):
    guest = ConnectingGuest(folder / "vmm")
    host = start_host(guest)
    second = ConnectingGuest(folder / "vmm")
    second.attach(deadline)

    assert second.end.receive(deadline) == b""
    assert host.status(deadline)["counters"]["guest_refused"] == 1
    guest.print(b"still here", deadline)
    assert host.connect_raw(deadline).read_exactly(10, deadline) == b"still here"
    second.close()
    guest.close()


@pytest.mark.clause("BF-12.7")
@pytest.mark.parametrize("guest_class", [DescriptorGuest, StdioGuest])
def test_a_guest_side_that_cannot_come_back_says_so(start_host, deadline, guest_class):
    guest = guest_class()
    host = start_host(guest)
    early = host.connect_native(deadline, start=Start.BEGINNING)
    guest.print_some(b"the end", deadline)
    guest.close()

    assert_ended(host, early, b"the end", deadline)
    assert host.connect_raw(deadline).read_exactly(7, deadline) == b"the end"


def assert_ended(host, early, output, deadline):
    """Every client is told that the guest side is gone for good, when that happens or when it comes."""
    early.wait(lambda: early.guest_number == 2, deadline)
    assert early.received.output == output
    assert kinds_and_offsets(early.received.boundaries)[-1] == (BoundaryKind.ENDED, len(output))
    late = host.connect_native(deadline, start=Start.END)
    welcome = late.welcome
    assert (welcome["guest_state"], welcome["guest_note"]) == (GuestState.DOWN, GuestNote.ENDED)
    assert welcome["guest_number"] == 2
    late.type(b"unheard", deadline)
    late.wait(lambda: late.refusals, deadline)
    assert late.refusals[0]["reason"] == Refusal.NO_GUEST
    status = host.status(deadline)
    assert (status["guest"]["state"], status["guest"]["note"]) == ("down", "ended")
    assert [boundary["kind"] for boundary in status["boundaries"]] == ["up", "ended"]


@pytest.mark.clause("BF-12.7")
def test_a_command_that_has_ended_cannot_come_back(start_host, deadline):
    host = start_host(CommandGuest(), "--linger", "forever", command=["sh", "-c", "read line; echo bye"])
    early = host.connect_native(deadline, start=Start.BEGINNING)
    early.type(b"\n", deadline)

    assert_ended(host, early, b"bye\n", deadline)
    host.end(deadline)


@pytest.mark.clause("BF-12.7")
def test_one_that_may_come_back_is_not_called_ended(start_host, returning_guest, deadline):
    host = start_host(returning_guest)
    early = host.connect_native(deadline)
    returning_guest.hang_up()
    early.wait(lambda: early.guest_number == 2, deadline)

    assert early.received.boundaries[-1].kind == BoundaryKind.DOWN
    late = host.connect_native(deadline)
    assert late.welcome["guest_note"] == GuestNote.NONE


@pytest.mark.clause("BF-12.8")
def test_a_link_to_another_terminal_is_followed(start_host, folder, deadline):
    first, second = PtyGuest(), PtyGuest()
    link = folder / "serial"
    link.symlink_to(first.path)
    first.arguments = ["--guest", f"pty:{link}"]
    host = start_host(first)
    client = host.connect_raw(deadline)
    first.print_some(b"first", deadline)
    assert client.read_exactly(5, deadline) == b"first"

    new_link = folder / "new"
    new_link.symlink_to(second.path)
    new_link.rename(link)
    first.close()

    second.print_some(b"second", deadline)
    assert client.read_exactly(6, deadline) == b"second"
    second.close()


@pytest.mark.clause("BF-12.8")
def test_a_terminal_that_hung_up_is_not_taken_for_a_stranger(start_host, deadline):
    """The kernel gives the number of a PTY that is gone to whoever asks next."""
    guest = PtyGuest()
    host = start_host(guest)
    guest.print_some(b"mine", deadline)
    client = host.connect_raw(deadline)
    assert client.read_exactly(4, deadline) == b"mine"
    guest.close()
    host.wait_status(lambda status: status["guest"]["state"] == "down", "the guest is down", deadline)

    strangers = [pty.openpty() for _ in range(3)]
    assert guest.path not in {os.ttyname(slave) for _, slave in strangers}
    for pair in strangers:
        for fd in pair:
            os.close(fd)
    assert host.status(deadline)["guest"]["state"] == "down"


@pytest.mark.clause("BF-12.9")
def test_a_pty_that_was_opened_late_claims_nothing(start_host, deadline):
    """cloud-hypervisor #3170, #4521: what a PTY could not hold before anybody opened it is gone, uncountably."""
    guest = PtyGuest()
    written = guest.end.send_some(counting(0, MIB))
    assert written < MIB
    host = start_host(guest)

    client = host.connect_raw(deadline)
    assert_counting(client.read_exactly(written, deadline), 0)
    status = host.status(deadline)
    assert (status["head"], status["lost_bytes"], status["overwritten_bytes"]) == (written, 0, 0)
    guest.close()


@pytest.mark.clause("BF-12.1")
def test_a_serial_line_is_set_and_used(start_host, deadline):
    guest = PtyGuest()
    guest.arguments = ["--guest", f"tty:{guest.path},9600"]
    host = start_host(guest)
    client = host.connect_raw(deadline)

    guest.print_some(b"\r\n\x03\x04text", deadline)
    assert client.read_exactly(8, deadline) == b"\r\n\x03\x04text"
    client.send(b"\r\n\x03\x04", deadline)
    assert guest.end.read_exactly(4, deadline) == b"\r\n\x03\x04"
    guest.close()


@pytest.mark.clause("BF-12.10")
def test_a_guest_side_that_accepts_and_never_reads_delays_nobody(start_host, guest, deadline):
    host = start_host(guest)
    typing = host.connect_raw(deadline)
    reader = host.connect_raw(deadline)
    while typing.send_some(bytes(64 * KIB)):
        pass

    for number in range(100):
        line = b"line %d\r\n" % number
        guest.print_some(line, deadline)
        assert reader.read_exactly(len(line), Deadline(1)) == line
