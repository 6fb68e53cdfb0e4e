"""BF-11: several clients, who of them may type, and whose terminal answers."""

import os
import signal

import pytest

from harness.frames import Refusal, Result, Role, Start, Type
from harness.guest import PtyGuest
from harness.stream import KIB, assert_counting


def connect_in_order(host, deadline, count=2):
    return [host.connect_native(deadline) for _ in range(count)]


def last_role(client, deadline):
    """What the client has last been told of its role, once everything on its way has come."""
    client.ping(deadline)
    return client.role


@pytest.mark.clause("BF-11.1")
def test_all_clients_get_all_live_output(start_host, guest, deadline):
    """kubevirt/kubevirt#711, ser2net#90, Cloud Hypervisor: the second client threw out the first."""
    host = start_host(guest)
    raw = [host.connect_raw(deadline) for _ in range(3)]
    native = connect_in_order(host, deadline)
    host.wait_clients(5, deadline)

    guest.print_counting(100 * KIB, deadline)

    for client in raw:
        assert_counting(client.read_exactly(100 * KIB, deadline), 0)
    for client in native:
        assert_counting(client.read_to(100 * KIB, deadline), 0, 100 * KIB)


@pytest.mark.clause("BF-11.2")
def test_by_default_everybody_may_type(start_host, guest, deadline):
    host = start_host(guest)
    raw = host.connect_raw(deadline)
    first, second = connect_in_order(host, deadline)
    assert first.expect(Type.ROLE, deadline).values == {"may_type": 1, "answers": 1, "writer": 0}

    for send in (raw.send, first.type, second.type):
        send(b"x", deadline)
        assert guest.end.read_exactly(1, deadline) == b"x"

    assert host.status(deadline)["input"]["bytes"] == 3
    assert second.ask(Type.TAKE, deadline) == Result.OK


@pytest.mark.clause("BF-11.3")
def test_with_one_writer_the_oldest_is_the_one(start_host, guest, deadline):
    host = start_host(guest, "--writers", "one")
    first, second = connect_in_order(host, deadline)
    writer = first.welcome["client"]
    assert first.expect(Type.ROLE, deadline).values == {"may_type": 1, "answers": 1, "writer": writer}
    assert second.expect(Type.ROLE, deadline).values == {"may_type": 0, "answers": 0, "writer": writer}

    second.type(b"not me", deadline)
    first.type(b"me", deadline)

    assert guest.end.read_exactly(2, deadline) == b"me"
    assert [client["may_type"] for client in host.status(deadline)["clients"]] == [True, False]


@pytest.mark.clause("BF-11.4")
def test_a_native_client_is_told_at_its_first_byte_that_it_may_not_type(start_host, guest, deadline):
    host = start_host(guest, "--writers", "one")
    _, waiting = connect_in_order(host, deadline)

    waiting.type(b"ls", deadline)
    waiting.wait(lambda: waiting.refusals, deadline)
    assert waiting.refusals[0].values == {"reason": Refusal.NOT_WRITER, "bytes": 2}

    waiting.type(b" -l", deadline)
    waiting.wait(lambda: waiting.refusals[-1]["bytes"] == 5, deadline)
    assert host.status(deadline)["input"]["dropped"]["not_writer"] == 5


@pytest.mark.clause("BF-11.4")
@pytest.mark.parametrize("kind", ["raw", "native"])
def test_what_a_waiting_client_typed_never_reaches_the_guest(start_host, guest, deadline, kind):
    """stablyai/orca#11463: kept, it would run when the writer leaves."""
    host = start_host(guest, "--writers", "one")
    writer = host.connect_native(deadline)
    if kind == "raw":
        waiting = host.connect_raw(deadline)
        host.wait_clients(2, deadline)
        waiting.send(b"reboot\r", deadline)
        waiting.wait_taken(deadline)
    else:
        waiting = host.connect_native(deadline)
        waiting.type(b"reboot\r", deadline)
        waiting.wait(lambda: waiting.refusals, deadline)

    writer.close()
    host.wait_status(lambda status: status["clients"][0]["may_type"], "the other is the writer", deadline)
    waiting.send(b"now\r", deadline) if kind == "raw" else waiting.type(b"now\r", deadline)

    assert guest.end.read_exactly(4, deadline) == b"now\r"
    assert host.status(deadline)["input"]["dropped"]["not_writer"] == 7


@pytest.mark.clause("BF-11.4")
@pytest.mark.parametrize("kind", ["raw", "native"])
def test_what_lay_in_a_waiting_clients_socket_never_reaches_the_guest(start_host, guest, deadline, kind):
    """More than the host takes from a client at once: most of it is still there when the writer leaves."""
    host = start_host(guest, "--writers", "one")
    writer = host.connect_native(deadline)
    waiting = host.connect_raw(deadline) if kind == "raw" else host.connect_native(deadline)
    host.wait_clients(2, deadline)
    type_on = waiting.send if kind == "raw" else waiting.type

    os.kill(host.pid, signal.SIGSTOP)
    try:
        for _ in range(12):
            type_on(b"#" * 4 * KIB, deadline)
        type_on(b"reboot\r", deadline)
        writer.close()
    finally:
        os.kill(host.pid, signal.SIGCONT)
    host.wait_status(lambda status: status["clients"][0]["may_type"], "the other is the writer", deadline)
    host.wait_status(
        lambda status: sum(status["input"]["dropped"].values()) + status["input"]["written_bytes"] == 48 * KIB + 7,
        "all of it is accounted for",
        deadline,
    )
    type_on(b"now\r", deadline)

    assert guest.end.read_exactly(4, deadline) == b"now\r"
    assert host.status(deadline)["input"]["dropped"]["not_writer"] == 48 * KIB + 7


@pytest.mark.clause("BF-11.3")
def test_the_role_goes_to_the_oldest_when_the_writer_leaves(start_host, guest, deadline):
    host = start_host(guest, "--writers", "one")
    first, second, third = connect_in_order(host, deadline, 3)

    first.close()
    second.wait(lambda: second.role["may_type"], deadline)
    third.wait(lambda: third.role["writer"] == second.welcome["client"], deadline)
    assert not third.role["may_type"]

    second.type(b"mine", deadline)
    assert guest.end.read_exactly(4, deadline) == b"mine"


@pytest.mark.clause("BF-11.5")
def test_a_native_client_takes_the_role_and_the_other_is_told(start_host, guest, deadline):
    host = start_host(guest, "--writers", "one")
    first, second = connect_in_order(host, deadline)

    assert second.ask(Type.TAKE, deadline) == Result.OK
    second.wait(lambda: second.role["may_type"], deadline)
    first.wait(lambda: first.role["writer"] == second.welcome["client"], deadline)
    assert not first.role["may_type"]

    first.type(b"old", deadline)
    first.wait(lambda: first.refusals, deadline)
    second.type(b"new", deadline)
    assert guest.end.read_exactly(3, deadline) == b"new"


@pytest.mark.clause("BF-11.5")
def test_the_role_may_be_taken_from_a_raw_client(start_host, guest, deadline):
    host = start_host(guest, "--writers", "one")
    raw = host.connect_raw(deadline)
    host.wait_clients(1, deadline)
    native = host.connect_native(deadline)

    assert native.ask(Type.TAKE, deadline) == Result.OK
    raw.send(b"raw", deadline)
    raw.wait_taken(deadline)
    native.type(b"native", deadline)

    assert guest.end.read_exactly(6, deadline) == b"native"


# Viewers


@pytest.fixture
def viewers(folder):
    """Connects one viewer of each kind."""

    def connect(host, deadline):
        return {
            "view": host.connect_raw(deadline, path=folder / "view"),
            "native on the view": host.connect_native(deadline, path=folder / "view.ctl"),
            "native viewer": host.connect_native(deadline, role=Role.VIEWER),
        }

    return connect


def start_with_view(start_host, guest, folder, *options):
    return start_host(guest, "--view", str(folder / "view"), *options)


def type_as(viewer, text, deadline):
    if hasattr(viewer, "type"):
        viewer.type(text, deadline)
    else:
        viewer.send(text, deadline)


@pytest.mark.clause("BF-11.6")
@pytest.mark.parametrize("writers", ["all", "one"])
def test_a_viewers_bytes_never_reach_the_guest(start_host, guest, deadline, folder, viewers, writers):
    """Also of one that says it is a client, on the view, and also after the writer has left."""
    host = start_with_view(start_host, guest, folder, "--writers", writers)
    writer = host.connect_native(deadline)
    watching = viewers(host, deadline)
    host.wait_clients(4, deadline)
    for viewer in watching.values():
        type_as(viewer, b"viewer", deadline)
    host.wait_status(lambda status: status["input"]["dropped"]["viewer"] == 18, "18 bytes are dropped", deadline)

    writer.close()
    status = host.wait_clients(3, deadline)
    assert not any(client["may_type"] for client in status["clients"])
    for viewer in watching.values():
        type_as(viewer, b"viewer", deadline)
    host.wait_status(lambda status: status["input"]["dropped"]["viewer"] == 36, "36 bytes are dropped", deadline)

    host.connect_native(deadline).type(b"me", deadline)
    assert guest.end.read_exactly(2, deadline) == b"me"


@pytest.mark.clause("BF-11.6")
def test_a_viewer_gets_all_output(start_host, guest, deadline, folder, viewers):
    host = start_with_view(start_host, guest, folder)
    guest.print_counting(50 * KIB, deadline)
    watching = viewers(host, deadline)
    guest.print_counting(50 * KIB, deadline)

    for viewer in watching.values():
        if hasattr(viewer, "read_to"):
            assert_counting(viewer.read_to(100 * KIB, deadline), 0, 100 * KIB)
        else:
            assert_counting(viewer.read_exactly(100 * KIB, deadline), 0)


@pytest.mark.clause("BF-11.7")
@pytest.mark.parametrize("role", [Role.CLIENT, Role.VIEWER, Role.CONTROL])
def test_on_the_view_nobody_may_do_more_than_look(start_host, guest, deadline, folder, role):
    host = start_with_view(start_host, guest, folder)
    guest.print_counting(1000, deadline)
    victim = host.connect_native(deadline)
    native = host.connect_native(deadline, path=folder / "view.ctl", role=role)
    assert native.welcome["role"] == (Role.CONTROL if role == Role.CONTROL else Role.VIEWER)

    requests = {
        Type.TAKE: {},
        Type.KICK: {"client": victim.welcome["client"]},
        Type.CLEAR: {},
        Type.MARK: {"text": b"seen"},
        Type.BREAK: {"guest_number": 1},
    }
    for request, values in requests.items():
        assert native.ask(request, deadline, **values) == Result.NOT_ALLOWED, request.name
    native.type(b"x", deadline)
    native.wait(lambda: native.refusals, deadline)
    assert native.refusals[0]["reason"] == Refusal.VIEWER

    told = native.status(deadline)
    assert told["for_viewer"] and told["clients"] == []
    assert native.history(deadline).output == victim.read_to(1000, deadline)
    status = host.status(deadline)
    assert (status["counters"]["kicked"], status["cleared_bytes"], len(status["boundaries"])) == (0, 0, 1)


@pytest.mark.clause("BF-11.7")
def test_a_native_viewer_may_not_act_either(start_host, guest, deadline):
    host = start_host(guest)
    viewer = host.connect_native(deadline, role=Role.VIEWER)
    for request in (Type.TAKE, Type.CLEAR):
        assert viewer.ask(request, deadline) == Result.NOT_ALLOWED
    assert viewer.ask(Type.BREAK, deadline, guest_number=1) == Result.NOT_ALLOWED
    assert viewer.status(deadline)["clients"] == []


@pytest.mark.clause("BF-11.7")
def test_status_on_the_view_shows_no_client(start_host, guest, deadline, folder):
    host = start_with_view(start_host, guest, folder)
    host.connect_raw(deadline)
    host.wait_clients(1, deadline)

    assert host.status(deadline, path=folder / "view")["clients"] == []


# Who answers the guest's queries


@pytest.mark.clause("BF-11.8")
def test_one_native_client_answers(start_host, guest, deadline):
    """coder/coder#3666, xtermjs/xtermjs.org#200: each open tab answered the guest's query."""
    host = start_host(guest)
    host.connect_raw(deadline)
    first, second, third = connect_in_order(host, deadline, 3)
    host.connect_native(deadline, role=Role.VIEWER)

    def answerers():
        return [bool(last_role(client, deadline)["answers"]) for client in (first, second, third)]

    assert answerers() == [True, False, False]
    third.type(b"x", deadline)
    assert guest.end.read_exactly(1, deadline) == b"x"
    assert answerers() == [False, False, True]
    assert sum(client["answers"] for client in host.status(deadline)["clients"]) == 1

    third.close()
    first.wait(lambda: first.role["answers"], deadline)
    assert not last_role(second, deadline)["answers"]


@pytest.mark.clause("BF-11.9")
def test_a_client_can_be_ended_by_an_operator(start_host, guest, deadline):
    host = start_host(guest)
    operator = host.connect_native(deadline, role=Role.CONTROL)
    native = host.connect_native(deadline, start=Start.END)
    raw = host.connect_raw(deadline)
    (raw_id,) = [client["id"] for client in host.wait_clients(2, deadline)["clients"] if client["kind"] == "raw"]

    assert operator.ask(Type.KICK, deadline, client=native.welcome["client"]) == Result.OK
    assert operator.ask(Type.KICK, deadline, client=raw_id) == Result.OK
    assert operator.ask(Type.KICK, deadline, client=99) == Result.NO_CLIENT

    assert raw.read_to_end(deadline) == b""
    assert native.receive_to_end(deadline)[-1].type == Type.ERROR
    assert host.wait_clients(0, deadline)["counters"]["kicked"] == 2


@pytest.mark.clause("BF-11.10")
@pytest.mark.parametrize("writers", ["all", "one"])
def test_an_operators_break_needs_no_writers_role(start_host, deadline, writers):
    guest = PtyGuest()
    guest.arguments = ["--guest", f"tty:{guest.path}"]
    host = start_host(guest, "--writers", writers)
    writer = host.connect_native(deadline)
    host.wait_status(lambda status: status["guest"]["state"] == "up", "the guest is up", deadline)
    operator = host.connect_native(deadline, role=Role.CONTROL)

    assert operator.ask(Type.BREAK, deadline, guest_number=operator.guest_number) == Result.OK
    host.wait_status(lambda status: status["input"]["breaks"] == 1, "a BREAK was sent", deadline)

    assert last_role(writer, deadline)["may_type"]
    guest.close()
    host.wait_status(lambda status: status["guest"]["state"] == "down", "the guest is down", deadline)
    assert operator.ask(Type.BREAK, deadline, guest_number=operator.guest_number) == Result.NO_GUEST


@pytest.mark.clause("BF-11.10")
def test_an_operators_break_is_refused_as_a_clients_is(start_host, guest, deadline):
    host = start_host(guest)
    operator = host.connect_native(deadline, role=Role.CONTROL)

    assert operator.ask(Type.BREAK, deadline, guest_number=operator.guest_number) == Result.NOT_CARRIED
