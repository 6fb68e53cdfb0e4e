"""What an operator does to a console: serialcon kick, clear, mark and break."""

import pytest

from harness import unix_path
from harness.frames import BoundaryKind, Error, GapKind, Start, Type
from harness.guest import PtyGuest
from harness.host import assert_one_message, run_program
from harness.stream import KIB, assert_counting

DONE, FAILED, USAGE, GONE, REFUSED = 0, 1, 2, 4, 5
COMMANDS = {"kick": ["1"], "clear": [], "mark": ["text"], "break": []}


def assert_says(answer, status, said):
    assert (answer.returncode, answer.stdout, answer.stderr.decode()) == (status, b"", f"serialcon: {said}\n")


def assert_is_quiet(answer):
    assert (answer.returncode, answer.stdout, answer.stderr) == (DONE, b"", b"")


@pytest.fixture
def view(folder):
    return folder / "view"


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_host_each_says_so(folder, deadline, command):
    answer = run_program(deadline, command, folder / "absent", *COMMANDS[command])
    assert_says(answer, GONE, f"{folder}/absent: no console of this name")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dead_host_is_told_from_an_absent_one(start_host, guest, deadline, command):
    host = start_host(guest)
    host.kill()

    answer = run_program(deadline, command, host.path, *COMMANDS[command])

    assert_says(answer, GONE, f"{host.path}: no host answers here")


@pytest.mark.parametrize("command", COMMANDS)
def test_on_a_view_socket_none_is_allowed(start_host, guest, deadline, view, command):
    start_host(guest, "--view", view)

    answer = run_program(deadline, command, view, *COMMANDS[command])

    verb = "send a BREAK" if command == "break" else command
    assert_says(answer, REFUSED, f"{view}: this socket only looks: it may not {verb}")


# kick


def test_kick_ends_that_client_and_no_other(start_host, guest, deadline):
    host = start_host(guest)
    native = [host.connect_native(deadline, start=Start.END) for _ in range(3)]
    raw = host.connect_raw(deadline)
    raw_id = host.wait_clients(4, deadline)["clients"][-1]["id"]

    assert_is_quiet(run_program(deadline, "kick", host.path, str(native[1].welcome["client"])))
    assert native[1].receive_to_end(deadline)[-1]["code"] == Error.KICKED
    assert_is_quiet(run_program(deadline, "kick", host.path, str(raw_id)))
    assert raw.read_to_end(deadline) == b""

    guest.print(b"on", deadline)
    for client in native[0], native[2]:
        assert client.read_to(2, deadline) == b"on"
    assert len(host.wait_clients(2, deadline)["clients"]) == 2


def test_kick_of_nobody_says_so(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)

    answer = run_program(deadline, "kick", host.path, str(client.welcome["client"] + 1000))

    assert_says(answer, FAILED, f"{host.path}: no client has that number")
    client.ping(deadline)


# clear


def test_clear_says_what_it_forgot(start_host, guest, deadline):
    host = start_host(guest, "--keep-first", "1K", "--buffer", "64K")
    guest.print_counting(100 * KIB, deadline)
    client = host.connect_native(deadline, start=Start.END)

    answer = run_program(deadline, "clear", host.path)
    assert (answer.returncode, answer.stdout, answer.stderr) == (DONE, b"%d bytes forgotten\n" % (65 * KIB), b"")
    answer = run_program(deadline, "clear", host.path)
    assert (answer.returncode, answer.stdout) == (DONE, b"0 bytes forgotten\n")

    guest.print_counting(100, deadline)
    assert_counting(client.read_to(100 * KIB + 100, deadline), 100 * KIB)
    assert_counting(host.connect_raw(deadline).read_exactly(100, deadline), 100 * KIB)
    assert host.connect_native(deadline).history(deadline).gaps[-1].kind == GapKind.CLEARED


# mark


def test_mark_stands_where_the_output_ends(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)
    guest.print_counting(100, deadline)
    client.read_to(100, deadline)
    text = "vor dem Update: ä€😀"

    assert_is_quiet(run_program(deadline, "mark", host.path, text))

    client.wait(lambda: client.received.boundaries[-1].kind == BoundaryKind.MARK, deadline)
    mark = client.received.boundaries[-1]
    assert (mark.offset, mark.text.decode()) == (100, text)


@pytest.mark.parametrize("length", [1, 128])
def test_mark_may_have_any_length_up_to_the_limit(start_host, guest, deadline, length):
    host = start_host(guest)
    assert_is_quiet(run_program(deadline, "mark", host.path, "x" * length))


@pytest.mark.parametrize("text", ["x" * 129, "a\nb", "a\tb", "\x1b[6n", "\x9b6n", b"\xff", b"\x9b6n", b"a\xc3"])
def test_mark_that_is_no_text_is_not_sent(start_host, guest, deadline, text):
    host = start_host(guest)
    before = host.status(deadline)["counters"]["connections"]

    answer = run_program(deadline, "mark", host.path, text)

    assert answer.returncode == USAGE
    assert_one_message(answer)
    assert answer.stderr.endswith(b": expected a text of 1 to 128 bytes of UTF-8 without control characters\n")
    assert host.status(deadline)["counters"]["connections"] == before + 1  # the question's own


# break


def test_break_that_cannot_be_carried_says_so(start_host, guest, deadline):
    host = start_host(guest)
    for _ in range(2):  # the second guest gets it as the first one did
        answer = run_program(deadline, "break", host.path)
        assert_says(answer, FAILED, f"{host.path}: this guest side cannot carry a BREAK")
        guest.restart(deadline)


def test_break_without_a_guest_says_so(start_host, guest, deadline):
    host = start_host(guest, attach=False)
    guest.attach(deadline)
    guest.vanish()
    host.wait_status(lambda status: status["guest"]["state"] == "down", "the guest has gone", deadline)

    answer = run_program(deadline, "break", host.path)

    assert_says(answer, GONE, f"{host.path}: there is no guest")


def test_break_is_sent_beside_the_writer(start_host, deadline):
    guest = PtyGuest()
    guest.arguments = ["--guest", f"tty:{guest.path}"]
    host = start_host(guest, "--writers", "one")
    writer = host.connect_native(deadline)
    writer.expect(Type.ROLE, deadline)

    assert_is_quiet(run_program(deadline, "break", host.path))

    host.wait_status(lambda status: status["input"]["breaks"] == 1, "a BREAK was sent", deadline)
    writer.type(b"still typing", deadline)
    assert guest.end.read_exactly(12, deadline) == b"still typing"
    guest.close()


# SOCKET


def test_the_folders_path_may_be_longer_than_a_sockets(start_host, guest, folder, deadline):
    """containers/podman#11391: a pod's volume path is longer than sun_path."""
    long_folder = folder / ("x" * 150)
    long_folder.mkdir()
    host = start_host(guest, path=long_folder / "console")

    assert_is_quiet(run_program(deadline, "mark", host.path, "here"))
    answer = run_program(deadline, "mark", long_folder / "consol", "here")
    assert_says(
        answer, GONE, f"{long_folder}/consol: no console of this name; there are {long_folder}/console"
    )


def test_a_socket_that_is_no_hosts_is_not_touched(folder, deadline):
    with unix_path.listen(folder / "vmm") as listener:
        answer = run_program(deadline, "mark", folder / "vmm", "here")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert_says(answer, GONE, f"{folder}/vmm: no .ctl is beside it, so no host of serialcon's made it")
