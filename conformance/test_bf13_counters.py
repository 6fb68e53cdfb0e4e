"""BF-13: every loss has a counter, and status shows it."""

import os

import pytest

from harness.frames import GuestNote, Role, Type
from harness.host import assert_one_message, run_program
from harness.status_frame import ClientFlag, HistoryPolicy, LogKind, WritersPolicy
from harness.stream import KIB, MIB


@pytest.mark.clause("BF-13.1")
def test_an_idle_host_has_lost_nothing(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(1000, deadline)
    status = host.status(deadline)

    assert status["lost_bytes"] == status["overwritten_bytes"] == status["cleared_bytes"] == 0
    assert status["input"]["dropped"] == {"no_guest": 0, "old_guest": 0, "not_writer": 0, "viewer": 0}
    for counter in ("over_limit", "malformed", "silent", "kicked", "holds", "hold_ns", "guest_refused"):
        assert status["counters"][counter] == 0, counter


@pytest.mark.clause("BF-13.1")
def test_every_byte_is_accounted_for(start_host, guest, deadline):
    """What was printed is what is retained, and what was overwritten, and what was cleared."""
    host = start_host(guest, "--buffer", "64K", "--keep-first", "10K")
    operator = host.connect_native(deadline, role=Role.CONTROL)
    for _ in range(3):
        guest.print_counting(300 * KIB, deadline)
        assert_accounted(host.status(deadline), guest.printed)
        operator.ask(Type.CLEAR, deadline)
        assert_accounted(host.status(deadline), guest.printed)


def assert_accounted(status, printed):
    ring = status["head"] - status["tail"]
    first = max(0, min(status["first"]["to"], status["tail"]) - status["first"]["from"])
    assert ring + first + status["overwritten_bytes"] + status["cleared_bytes"] == status["head"] == printed


@pytest.mark.clause("BF-13.2")
def test_status_shows_each_client(start_host, guest, deadline, folder):
    host = start_host(guest, "--view", str(folder / "view"))
    guest.print_counting(1000, deadline)
    host.connect_raw(deadline).read_exactly(1000, deadline)
    native = host.connect_native(deadline, label=b"web tab 7")
    native.read_to(1000, deadline)
    host.connect_raw(deadline, path=folder / "view").read_exactly(1000, deadline)

    raw, told, view = host.wait_clients(3, deadline)["clients"]
    for client in (raw, told, view):
        assert (client["pid"], client["uid"]) == (os.getpid(), os.getuid())
        assert (client["offset"], client["lag"], client["gaps"]) == (1000, 0, 0)
    assert [(client["kind"], client["role"], client["view"]) for client in (raw, told, view)] == [
        ("raw", "client", False),
        ("native", "client", False),
        ("raw", "viewer", True),
    ]
    assert (told["id"], told["label"]) == (native.welcome["client"], "web tab 7")


@pytest.mark.clause("BF-13.2")
def test_the_command_shows_what_the_frame_holds(start_host, guest, deadline):
    host = start_host(
        guest, "--history", "boot", "--writers", "one", "--keep-first", "1K", "--log", guest.path + ".log"
    )
    native = host.connect_native(deadline, label=b"x")
    guest.print_counting(2 * MIB, deadline)
    guest.restart(deadline)
    native.read_to(2 * MIB, deadline)

    shown = host.status(deadline)
    frame = native.status(deadline)

    assert shown["instance"] == frame["instance"].hex()
    for name in (
        "capacity",
        "keep_first",
        "tail",
        "head",
        "consumed",
        "lost_bytes",
        "overwritten_bytes",
        "cleared_bytes",
    ):
        assert shown[name] == frame[name], name
    assert shown["resolution_ns"] == frame["resolution"]
    assert HistoryPolicy[shown["history"].upper()] == frame["history"]
    assert WritersPolicy[shown["writers"].upper()] == frame["writers"]
    assert LogKind[shown["log"]["kind"].upper()] == frame["log"] == LogKind.FILE
    assert (shown["log"]["lost_bytes"], shown["log"]["lost_lines"]) == (frame["log_lost_bytes"], 0)
    assert shown["events"]["lost"] == frame["events_lost"] == 0
    assert shown["trace"] == {"traced": bool(frame["traced"]), "lost": frame["trace_lost"]}
    assert (shown["guest"]["number"], frame["guest_note"]) == (frame["guest_number"], GuestNote.NONE)
    assert [boundary["number"] for boundary in shown["boundaries"]] == [b["number"] for b in frame["boundaries"]]
    (client,) = shown["clients"]
    (told,) = frame["clients"]
    for name in ("id", "offset", "gaps", "gap_bytes", "cleared_bytes", "pid", "uid"):
        assert client[name] == told[name], name
    assert ClientFlag(told["flags"]) == ClientFlag.NATIVE | ClientFlag.MAY_TYPE | ClientFlag.ANSWERS


@pytest.mark.clause("BF-13.3")
def test_the_table_is_harmless_whatever_a_client_calls_itself(start_host, guest, deadline):
    """kubernetes/kubernetes#101695 (CVE-2021-25743): lists printed hostile bytes on the operator's terminal."""
    host = start_host(guest)
    host.connect_native(deadline, label=b"\x1b[6n\x1b]52;c;aGk=\x07\xff\x9b6n\x7f")
    guest.print(b"\x1b[6n\x1b]52;c;aGk=\x07", deadline)

    for options in ([], ["--json"]):
        shown = run_program(deadline, "status", *options, host.path).stdout
        assert b"52;c;aGk=" in shown
        assert not set(shown) & set(range(32)) - set(b"\n") and b"\x7f" not in shown and b"\xc2\x9b" not in shown


@pytest.mark.clause("BF-13.3")
@pytest.mark.parametrize("options, parts", (([], ["client", "client", "viewer"]),
                                            (["--writers", "one"], ["writer", "client", "viewer"])))
def test_the_table_says_who_types(start_host, guest, deadline, options, parts):
    host = start_host(guest, *options)
    for role in (Role.CLIENT, Role.CLIENT, Role.VIEWER):
        host.connect_native(deadline, role=role)

    shown = run_program(deadline, "status", host.path).stdout.decode()

    table = shown[shown.index("client  kind") :].splitlines()[1:]
    assert [line.split()[2] for line in table] == parts


@pytest.mark.clause("BF-13.4")
def test_status_says_that_there_is_no_host(folder, deadline):
    asked = run_program(deadline, "status", folder / "nothing")

    assert asked.returncode == 4
    assert_one_message(asked)
