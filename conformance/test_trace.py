"""A host's trace of what happens: --trace FILE (SPEC.md, The trace; TRACE.md)."""

import os
import pty
import random
import resource
import signal

import pytest

from harness.background import Background
from harness.deadline import Deadline
from harness.endpoint import Endpoint
from harness.frames import Result, Role, Start, Type
from harness.guest import UnixGuest
from harness.host import Host, run_program
from harness.host_trace import HostTrace, account, named
from harness.memory import pieces_in_memory
from harness.stream import KIB, MIB, counting
from harness.trace import decode

KILLS = int(os.environ.get("SC_TESTS_KILLS", "12"))
SECRET = b"correct horse battery staple"


def lost(host, deadline):
    return host.status(deadline)["trace"]["lost"]


def lost_records(records):
    return sum(record.records for record in named(records, "missing"))


# What is in it


@pytest.mark.clause("T-1")
def test_a_trace_holds_the_guests_output_once(start_host, guest, folder, trace, deadline):
    """Whoever reads it, and whatever happens to them."""
    os.umask(0)
    view = os.fspath(folder / "view")
    host = start_host(guest, "--trace", trace.path, "--buffer", "64K", "--view", view)
    stalled = host.connect_native(deadline, label=b"stalled")
    clients = [host.connect_raw(deadline), host.connect_native(deadline), host.connect_raw(deadline, view)]
    host.wait_clients(4, deadline)
    said = b""
    for _ in range(8):
        said += guest.print_counting(32 * KIB, deadline)
        for client in (clients[0], clients[2]):
            client.read_exactly(32 * KIB, deadline)
        clients[1].read_to(len(said), deadline)
    while len(said) < 4 * MIB:
        said += guest.print_counting(256 * KIB, deadline)
    stalled.read_to(len(said), deadline)
    guest.restart(deadline)
    said += guest.print_counting(KIB, deadline)
    assert host.connect_native(deadline, role=Role.CONTROL).ask(Type.CLEAR, deadline) == Result.OK
    said += guest.print_counting(KIB, deadline)
    host.end(deadline)

    records = trace.records(deadline)
    assert account(records, said) == (len(said), 0)
    assert os.stat(trace.path).st_mode & 0o7777 == 0o600
    assert [record.value("kind") for record in named(records, "boundary")] == ["up", "down", "up"]
    assert len(named(records, "connect")) == len(named(records, "end"))
    assert any(record.data.endswith(b"stalled") for record in named(records, "start"))
    assert any(record.value("kind") == "overwritten" for record in named(records, "gap"))
    assert [record.head for record in named(records, "cleared")] == [len(said) - KIB]
    times = [record.time for record in records]
    assert times == sorted(times)


@pytest.mark.clause("T-1")
def test_it_begins_with_what_was_asked_for_and_ends_with_the_counters(start_host, guest, trace, deadline):
    host = start_host(
        guest, "--trace", trace.path, "--buffer", "64K", "--keep-first", "8K", "--history", "5000", "--hold", "2s",
        "--writers", "one", "--max-clients", "7",
    )  # fmt: skip
    instance = bytes.fromhex(host.status(deadline)["instance"].replace("-", ""))
    guest.print(b"something", deadline)
    host.end(deadline)

    records = trace.records(deadline)
    config, counters = records[0], records[-2]
    assert (config.name, config.value("kind"), config.input) == ("config", "host", 0)
    assert (config.capacity, config.keep_first, config.history_bytes) == (64 * KIB, 8 * KIB, 5000)
    assert (config.value("history"), config.value("writers"), config.clients_max) == ("size", "one", 7)
    assert config.hold == 2_000_000_000
    assert config.data[:16] == instance and config.data[16:].startswith(b"serialcon ")
    assert (counters.name, counters.head) == ("counters", len(b"something"))
    assert (records[-1].name, records[-1].value("why")) == ("stop", "ended")


@pytest.mark.clause("T-1")
def test_it_goes_to_standard_output_as_well(start_host, guest, deadline):
    ours, output = os.pipe()
    host = start_host(guest, "--trace", "-", stdout=output)
    os.close(output)
    reader = Endpoint(ours, name="the trace")
    said = guest.print_counting(300 * KIB, deadline)
    reading = Background(reader.read_to_end, deadline)
    host.end(deadline)

    records, rest = decode(reading.finish())
    assert rest == b"" and account(records, said) == (len(said), 0)
    reader.close()


# The file


@pytest.mark.clause("T-2")
def test_an_older_trace_is_moved_away(start_host, guest, trace, deadline):
    with open(trace.path, "wb") as file:
        file.write(b"from before")
    start_host(guest, "--trace", trace.path).end(deadline)

    with open(trace.path + ".1", "rb") as file:
        assert file.read() == b"from before"
    assert trace.records(deadline)[0].name == "config"


@pytest.mark.clause("T-2")
@pytest.mark.parametrize(("option", "kept"), [("", 4), (",keep=1", 1), (",keep=2", 2)])
def test_older_traces_are_kept(folder, trace, deadline, option, kept):
    """Also by starts that come to nothing."""
    with open(trace.path, "wb") as file:
        file.write(b"from before")
    names = [trace.path, *(f"{trace.path}.{number}" for number in range(1, 6))]
    for starts in range(1, 5):
        failed = run_program(deadline, "host", "--trace", trace.path + option, folder / "console", "--", "/no/command")
        assert failed.returncode == 127, failed.stderr
        there = [name for name in names if os.path.exists(name)]
        assert there == names[: min(starts + 1, kept)]
        assert any(HostTrace(name).content() == b"from before" for name in there) == (starts < kept)


@pytest.mark.clause("T-2")
def test_a_trace_is_not_followed_through_a_link(folder, guest, trace, deadline):
    os.symlink(folder / "elsewhere", trace.path)
    assert_refused(folder, guest, trace.path, "a symbolic link, which is not followed", deadline)
    assert not os.path.lexists(folder / "elsewhere")


@pytest.mark.clause("T-2")
def test_a_trace_that_cannot_be_opened_ends_the_host(folder, guest, trace, deadline):
    os.mkfifo(trace.path)
    assert_refused(folder, guest, trace.path, "a socket, or a FIFO that nobody reads", deadline)
    os.unlink(trace.path)
    with open(trace.path, "wb") as file:
        file.write(b"from before")
    os.makedirs(trace.path + ".1/in the way")
    assert_refused(folder, guest, trace.path, "Is a directory", deadline, option=",keep=2")
    assert trace.content() == b"from before"


@pytest.mark.clause("BF-13.3")
@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_a_trace_does_not_go_to_a_terminal(folder, deadline, name):
    master, slave = pty.openpty()
    result = run_program(deadline, "host", "--guest", "unix:vmm", "--trace", name, folder / "vm.sock", stdout=slave)
    os.close(master)
    os.close(slave)
    assert result.returncode == 2
    assert result.stderr == b"serialcon: --trace -: standard output is a terminal; redirect it to a file or pipe\n"
    assert list(folder.iterdir()) == []


def assert_refused(folder, guest, path, why, deadline, option=""):
    host = Host(folder, guest, "--trace", path + option)
    assert host.wait_end(deadline) == 1
    assert host.messages() == f"serialcon: {path}: {why}\n"
    assert not os.path.lexists(host.path)


@pytest.mark.clause("T-2")
def test_a_second_host_leaves_the_trace_of_the_first_alone(start_host, folder, guest, trace, deadline):
    host = start_host(guest, "--trace", trace.path)
    second = Host(folder, guest, "--trace", trace.path)
    assert second.wait_end(deadline) == 1

    said = guest.print_counting(KIB, deadline)
    host.end(deadline)
    assert not os.path.exists(trace.path + ".1")
    assert account(trace.records(deadline), said) == (KIB, 0)


@pytest.mark.clause("T-2")
def test_a_trace_that_is_being_written_is_left_alone(start_host, folder, guest, trace, deadline):
    host = start_host(guest, "--trace", trace.path)
    other = os.fspath(folder / "other")
    for number in range(2):
        second = Host(folder, guest, "--trace", trace.path, path=f"{other}-{number}")
        assert second.wait_end(deadline) == 1
        why = "another process writes a trace into it, and it is left alone"
        assert second.messages() == f"serialcon: {trace.path}: {why}\n"

    said = guest.print_counting(KIB, deadline)
    host.end(deadline)
    assert not os.path.exists(trace.path + ".1")
    assert account(trace.records(deadline), said) == (KIB, 0)


@pytest.mark.clause("T-2")
def test_a_trace_is_not_opened_anew(start_host, folder, guest, trace, deadline):
    """What is behind the first would be no trace. Without another file SIGHUP ends the host."""
    host = start_host(guest, "--trace", trace.path, "--log", folder / "log")
    said = guest.print_counting(KIB, deadline)
    moved = HostTrace(folder / "moved")
    os.rename(trace.path, moved.path)
    os.unlink(folder / "log")
    host.process.send_signal(signal.SIGHUP)
    deadline.poll(lambda: os.path.exists(folder / "log"), "the log is there anew")
    said += guest.print_counting(KIB, deadline)
    host.end(deadline)
    assert account(moved.records(deadline), said) == (2 * KIB, 0)
    assert not os.path.exists(trace.path)

    guest.vanish()
    guest.listen()
    host = start_host(guest, "--trace", trace.path)
    host.process.send_signal(signal.SIGHUP)
    assert host.wait_end(deadline) == 0
    assert trace.records(deadline)[-1].value("why") == "ended"


# Where it cannot be written


@pytest.mark.clause("T-3")
@pytest.mark.slow
def test_a_full_disk_makes_a_hole_that_is_told(start_host, guest, trace, deadline):
    host = start_host(guest, "--trace", trace.path)
    client = host.connect_raw(deadline)
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (64 * KIB, resource.RLIM_INFINITY))
    for _ in range(12):
        printed = guest.print_counting(MIB, deadline)
        assert client.read_exactly(MIB, deadline) == printed
    deadline.poll(lambda: trace.path in host.messages(), "the host says so")
    assert "File too large; it is tried again" in host.messages() and host.messages().count("\n") == 1
    assert lost(host, deadline) > 0 and trace.size() == 64 * KIB

    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    deadline.poll(lambda: trace.size() > 4 * MIB, "what waited is written")
    guest.print_counting(KIB, deadline)
    host.end(deadline)

    records = trace.records(deadline)
    told, missing = account(records, counting(0, guest.printed))
    assert told == guest.printed and 0 < missing < 12 * MIB
    assert lost_records(records) > 0 and records[-1].name == "stop"


@pytest.mark.clause("T-3")
def test_a_disk_that_is_always_full_ends_no_host(start_host, guest, deadline):
    host = start_host(guest, "--trace", "/dev/full")
    client = host.connect_raw(deadline)
    for _ in range(12):
        printed = guest.print_counting(MIB, deadline)
        assert client.read_exactly(MIB, deadline) == printed

    deadline.poll(lambda: "/dev/full" in host.messages(), "the host says so")
    assert lost(host, deadline) > 0
    host.end(deadline)


@pytest.fixture
def fifo(trace):
    """A FIFO of that name, and its reader."""
    os.mkfifo(trace.path)
    reader = Endpoint(os.open(trace.path, os.O_RDONLY | os.O_NONBLOCK), name="the trace")
    yield reader
    reader.close()


@pytest.mark.clause("T-3")
@pytest.mark.slow
def test_a_reader_that_stops_makes_a_hole_that_is_told(start_host, guest, trace, fifo, deadline):
    """Also where the first part of a read finds no room and the second, behind the ring's end, does."""
    host = start_host(guest, "--trace", trace.path, "--buffer", "64K")
    client = host.connect_raw(deadline)
    piece = 40_000
    reads_behind_hole = 0
    while reads_behind_hole < 20:
        printed = guest.print_counting(piece, deadline)
        assert client.read_exactly(piece, deadline) == printed
        reads_behind_hole += lost(host, deadline) > 0

    reading = Background(fifo.read_to_end, deadline)
    before = -1
    while before != (before := lost(host, deadline)):
        guest.print_counting(KIB, deadline)
    counted = lost(host, deadline)
    host.end(deadline)

    records, rest = decode(reading.finish())
    told, missing = account(records, counting(0, guest.printed))
    assert rest == b"" and told == guest.printed and missing > 0
    assert lost_records(records) == counted and records[-1].name == "stop"


@pytest.mark.clause("T-3")
def test_a_reader_that_goes_costs_the_trace(start_host, guest, trace, fifo, deadline):
    host = start_host(guest, "--trace", trace.path)
    client = host.connect_raw(deadline)
    said = guest.print_counting(KIB, deadline)
    fifo.close()
    said += guest.print_counting(KIB, deadline)
    deadline.poll(lambda: "Broken pipe" in host.messages(), "the host says so")
    said += guest.print_counting(KIB, deadline)

    assert client.read_exactly(3 * KIB, deadline) == said
    assert host.messages() == f"serialcon: {trace.path}: Broken pipe; nothing more is written to it\n"
    assert lost(host, deadline) > 0
    host.end(deadline)


@pytest.mark.clause("T-4")
def test_a_killed_host_leaves_a_trace_up_to_its_last_whole_record(folder, trace):
    deadline = Deadline(30 + 2 * KILLS)
    chance = random.Random(4)
    for number in range(KILLS):
        guest = UnixGuest(folder / f"guest-{number}")
        host = Host(folder, guest, "--trace", trace.path, "--buffer", "16K")
        host.wait_ready(deadline)
        guest.attach(deadline)
        client = host.connect_raw(deadline)
        printing = Background(print_until_it_ends, host, guest, client, trace, deadline)
        wanted = chance.randrange(200 * KIB)
        deadline.poll(lambda wanted=wanted: trace.size() > wanted, f"there is a trace of {wanted} bytes")
        host.kill()
        printing.finish()
        guest.close()

        records = trace.judged_records(deadline)
        told, missing = account(records, counting(0, guest.printed + MIB))
        assert missing == 0 and records[0].name == "config" and "stop" not in {record.name for record in records}
        assert told <= guest.printed + 4 * KIB


def print_until_it_ends(host, guest, client, trace, deadline):
    """A little ahead of the trace and no more, so that nothing has to be left out of it, however busy the machine is."""
    try:
        while host.process.poll() is None:
            deadline.poll(
                lambda: trace.size() + 64 * KIB > guest.printed or host.process.poll() is not None, "it is written"
            )
            client.send(b"typed", deadline)
            guest.print_some(counting(guest.printed, guest.printed + 4 * KIB), deadline)
            client.read_exactly(KIB, deadline)
    except (OSError, AssertionError):
        pass  # it was killed


# What is asked for


@pytest.mark.clause("T-5")
@pytest.mark.parametrize("size", [*range(4 * KIB, 9 * KIB, 533), 64 * KIB])
def test_it_ends_before_it_is_longer_than_was_asked_for(start_host, guest, trace, deadline, size):
    """Whatever record is the one that finds no room."""
    host = start_host(guest, "--trace", f"{trace.path},max={size}", "--buffer", "4K")
    client = host.connect_raw(deadline)
    while guest.printed < 4 * size:
        said = guest.print_counting(1000, deadline)
        assert client.read_exactly(1000, deadline) == said
    assert lost(host, deadline) == 0
    host.end(deadline)

    records = trace.records(deadline)
    assert size - 2000 < trace.size() <= size
    assert (records[-1].name, records[-1].value("why")) == ("stop", "limited")
    assert len(named(records, "stop")) == 1
    told, missing = account(records, counting(0, guest.printed))
    assert told > 0 and missing == 0


@pytest.mark.clause("T-6")
def test_what_is_typed_is_not_in_it(start_host, guest, trace, deadline):
    host = start_host(guest, "--trace", trace.path)
    type_secret(host, guest, deadline)
    host.end(deadline)

    assert all(piece not in trace.content() for piece in SECRET.split())
    records = trace.records(deadline)
    assert sum(record.length for record in named(records, "input")) == 2 * len(SECRET)
    assert sum(record.length for record in named(records, "guest-input")) == 2 * len(SECRET)
    assert not any(record.data for record in records if record.name in ("input", "guest-input"))


@pytest.mark.clause("T-6")
def test_what_is_typed_is_in_it_where_that_is_asked_for(start_host, guest, trace, deadline):
    host = start_host(guest, "--trace", f"{trace.path},input")
    type_secret(host, guest, deadline)
    host.end(deadline)

    records = trace.records(deadline)
    assert records[0].input == 1
    for name in ("input", "guest-input"):
        assert b"".join(record.data for record in named(records, name)) == 2 * SECRET


def type_secret(host, guest, deadline):
    """By a raw client and by a native one."""
    host.connect_raw(deadline).send(SECRET, deadline)
    assert guest.end.read_exactly(len(SECRET), deadline) == SECRET
    host.connect_native(deadline, start=Start.END).type(SECRET, deadline)
    assert guest.end.read_exactly(len(SECRET), deadline) == SECRET


@pytest.mark.clause("T-7")
@pytest.mark.measures
@pytest.mark.slow
def test_traced_bytes_are_not_left_in_memory(start_host, guest, trace, deadline):
    host = start_host(guest, "--trace", f"{trace.path},input")
    operator = host.connect_native(deadline, role=Role.CONTROL)
    secret, typed = os.urandom(24), os.urandom(24)
    guest.print(secret * 10_000, deadline)
    host.connect_raw(deadline).send(typed * 100, deadline)
    assert guest.end.read_exactly(2400, deadline) == typed * 100
    deadline.poll(lambda: trace.content().count(typed) >= 200, "all was written")
    assert pieces_in_memory(host.pid, secret)

    assert operator.ask(Type.CLEAR, deadline) == Result.OK

    deadline.poll(lambda: pieces_in_memory(host.pid, secret) == [], "none of what was said is left")
    deadline.poll(lambda: pieces_in_memory(host.pid, typed) == [], "none of what was typed is left")


@pytest.mark.clause("T-7")
def test_who_clears_is_told_of_the_trace(start_host, guest, trace, deadline):
    host = start_host(guest, "--trace", trace.path)
    guest.print(b"a password", deadline)

    said = run_program(deadline, "clear", host.path).stdout

    assert said == b"10 bytes forgotten; what the host's --trace wrote still holds it\n"
