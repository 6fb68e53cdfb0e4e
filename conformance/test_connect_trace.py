"""A client's trace of what it saw: connect --trace FILE (TRACE.md, A client's trace)."""

import contextlib
import os
import stat

import pytest

from harness import unix_path
from harness.filter import Exit
from harness.host import run_program
from harness.host_trace import named
from harness.relay import Relay
from harness.stream import KIB
from harness.trace import UNKNOWN, decode
from harness.vmm import KickingVmm

CLIENT = 3
OFFSET = 4
ENDING = 8
OTHER_INSTANCE = 3
SECRET = b"correct horse battery staple\n"


@pytest.fixture
def ends(deadline):
    """A client that is told to end; returns its trace's records, which break no rule."""

    def end(client, trace):
        client.stop(deadline)
        records = trace.records(deadline)
        assert records[0].name == "config" and records[0].kind == CLIENT
        return records

    return end


def received(records, client=None):
    return b"".join(record.data for record in named(records, "received") if client in (None, record.client))


def test_it_holds_what_the_client_got_and_where_it_belongs(start_host, guest, connect, deadline, trace, ends):
    os.umask(0)
    host = start_host(guest, "--buffer", "64K", "--keep-first", "1K")
    said = guest.print_counting(5000, deadline)
    client = connect("--trace", trace.path, "--as", "me", host.path)
    client.read_exactly(5000, deadline)
    said += guest.print_counting(300, deadline)
    client.read_exactly(300, deadline)
    records = ends(client, trace)

    assert stat.S_IMODE(os.stat(trace.path).st_mode) == 0o600
    assert received(records) == said
    offset = 0
    for record in named(records, "received"):
        assert record.offset == offset and record.told > 0
        offset += len(record.data)
    assert records[0].capacity == 64 * KIB and records[0].history == UNKNOWN
    (start,) = named(records, "start")
    assert (start.offset, start.head, start.answer) == (0, 5000, 0) and start.data.endswith(b"me")
    assert start.data[:16] == records[0].data[:16] == bytes.fromhex(host.status(deadline)["instance"])
    (end,) = named(records, "end")
    assert (end.why, end.read) == (0, 5300)


def test_replay_plays_what_the_client_saw(start_host, guest, connect, deadline, trace, ends):
    host = start_host(guest)
    said = guest.print_counting(3000, deadline)
    client = connect("--trace", trace.path, host.path)
    client.read_exactly(3000, deadline)
    ends(client, trace)

    played = run_program(deadline, "replay", "--client", "1", "--max-pause", "0", trace.path)
    assert (played.returncode, played.stdout) == (0, said)


@pytest.mark.parametrize("option", ["", ",input"])
def test_what_is_typed_is_in_it_only_where_that_is_asked_for(start_host, guest, connect, deadline, trace, option):
    host = start_host(guest)
    client = connect("--trace", trace.path + option, host.path)
    client.type(SECRET)
    assert guest.end.read_exactly(len(SECRET), deadline) == SECRET
    client.stop(deadline)

    records = trace.records(deadline)
    assert sum(record.length for record in named(records, "input")) == len(SECRET)
    assert (SECRET in trace.content()) == bool(option)


def test_a_connection_that_is_made_again_is_another_client(start_host, guest, connect, deadline, trace, ends, folder):
    host = start_host(guest, "--buffer", "4K")
    with contextlib.closing(Relay(folder / "relay", host.path)) as relay:
        client = connect("--trace", trace.path, relay.path)
        first = guest.print_counting(1000, deadline)
        client.read_exactly(1000, deadline)
        relay.refuse(True)
        relay.cut()
        client.wait_said(b"connecting again", deadline)
        guest.print_counting(10_000, deadline)
        relay.refuse(False)
        client.read_exactly(4 * KIB, deadline)
        records = ends(client, trace)

    one, two = named(records, "start")
    assert (one.client, two.client) == (1, 2)
    assert (two.start, two.values["value"], two.continues, two.offset) == (OFFSET, 1000, 1, 1000)
    assert [end.why for end in named(records, "end")] == [ENDING, 0]
    assert received(records, 1) == first and len(received(records, 2)) == 4 * KIB
    (gap,) = named(records, "gap")
    assert (gap.client, getattr(gap, "from"), gap.to) == (2, 1000, 11_000 - 4 * KIB)
    assert named(records, "end")[1].gap_bytes == gap.to - 1000


def test_another_instance_says_so_in_the_start(start_host, guest, connect, deadline, trace, ends):
    host = start_host(guest)
    guest.print(b"of the first\n", deadline)
    client = connect("--trace", trace.path, host.path)
    client.wait_output(b"of the first\n", deadline)
    host.kill()
    again = start_host(guest, path=host.path)
    guest.print(b"of the second\n", deadline)
    client.wait_output(b"of the second\n", deadline)
    records = ends(client, trace)

    one, other, two = named(records, "start")
    assert other.answer == OTHER_INSTANCE and other.client == two.client != one.client
    assert other.data[:16] == two.data[:16] == bytes.fromhex(again.status(deadline)["instance"])
    assert one.data[:16] == records[0].data[:16] != two.data[:16]
    assert received(records, two.client) == b"of the second\n"


def test_boundaries_are_in_their_places(start_host, guest, connect, deadline, trace, ends):
    host = start_host(guest)
    client = connect("--trace", trace.path, host.path)
    guest.print(b"one", deadline)
    client.wait_output(b"one", deadline)
    assert run_program(deadline, "mark", host.path, "here").returncode == 0
    guest.restart(deadline)
    guest.print(b"two", deadline)
    client.wait_output(b"onetwo", deadline)
    records = ends(client, trace)

    told = [(record.kind, record.offset, record.data) for record in named(records, "boundary")]
    assert told[-3:] == [(4, 3, b"here"), (2, 3, b""), (1, 3, b"")]


def test_a_plain_socket_has_no_offsets(connect, deadline, trace, folder):
    with contextlib.closing(KickingVmm(folder / "vmm")) as vmm:
        client = connect("--trace", f"{trace.path},input", vmm.path)
        vmm.wait_accepted(1, deadline)
        vmm.print(b"boot\n", deadline)
        client.wait_output(b"boot\n", deadline)
        client.type(b"typed\n")
        assert vmm.end.read_exactly(6, deadline) == b"typed\n"
        client.stop(deadline)

    records = trace.records(deadline)
    (start,) = named(records, "start")
    assert (start.start, start.offset, start.head) == (0, UNKNOWN, UNKNOWN)
    assert received(records) == b"boot\n" and named(records, "received")[0].offset == UNKNOWN
    assert named(records, "input")[0].data == b"typed\n"


def test_it_ends_before_it_is_longer_than_its_size(start_host, guest, connect, deadline, trace):
    host = start_host(guest)
    client = connect("--trace", f"{trace.path},max=8K", host.path)
    said = guest.print_counting(50_000, deadline)
    assert client.read_exactly(50_000, deadline) == said
    client.stop(deadline)

    records = trace.records(deadline)
    assert trace.size() <= 8 * KIB and records[-1].why == 2


def test_what_the_file_held_is_moved_away(start_host, guest, connect, deadline, trace, ends):
    host = start_host(guest)
    with open(trace.path, "w", encoding="ascii") as file:
        file.write("before")
    client = connect("--trace", trace.path, host.path)
    guest.print(b"x", deadline)
    client.wait_output(b"x", deadline)
    ends(client, trace)

    with open(trace.path + ".1", encoding="ascii") as file:
        assert file.read() == "before"


def test_a_trace_that_is_being_written_is_left_alone(start_host, guest, connect, deadline, trace):
    host = start_host(guest, "--trace", trace.path)
    client = connect("--trace", trace.path, host.path)
    assert client.wait_end(deadline) == Exit.FAILED
    assert client.notices(trace.path) == ["in use by another process"]
    assert not os.path.exists(trace.path + ".1")


@pytest.mark.parametrize(
    "make, why",
    [
        (os.mkfifo, "a socket, or a FIFO that nobody reads"),
        (unix_path.listen, "a socket, or a FIFO that nobody reads"),
        (lambda path: os.symlink("elsewhere", path), "a symbolic link, which is not followed"),
    ],
)
def test_what_cannot_be_a_trace_is_said_as_a_host_says_it(connect, deadline, trace, folder, make, why):
    make(trace.path)
    client = connect("--trace", trace.path, folder / "console")
    assert client.wait_end(deadline) == Exit.FAILED
    assert client.notices(trace.path) == [why]


def test_a_fifo_that_nobody_reads_delays_nothing(start_host, guest, connect, deadline, trace):
    os.mkfifo(trace.path)
    reader = os.open(trace.path, os.O_RDONLY | os.O_NONBLOCK)
    host = start_host(guest)
    client = connect("--trace", trace.path, host.path)
    size = 20 * 1024 * KIB
    for _ in range(20):
        guest.print_counting(1024 * KIB, deadline)
        client.read_exactly(1024 * KIB, deadline)
    client.stop(deadline)
    data = b""
    while piece := os.read(reader, 1 << 20):
        data += piece
    os.close(reader)
    assert len(data) < size and decode(data)[0][0].name == "config"


def test_nobody_there_is_a_trace_too(connect, deadline, trace, folder):
    client = connect("--trace", trace.path, folder / "nobody")
    assert client.wait_end(deadline) == Exit.GONE
    assert [record.name for record in trace.records(deadline)] == ["config", "stop"]


def test_killed_it_is_readable(start_host, guest, connect, deadline, trace):
    host = start_host(guest)
    client = connect("--trace", trace.path, host.path)
    said = guest.print_counting(20_000, deadline)
    client.read_exactly(20_000, deadline)
    deadline.poll(lambda: trace.size() > 20_000, "the writer has written")
    client.kill()
    records = trace.judged_records(deadline)
    assert said.startswith(received(records)) and records[-1].name != "stop"


def test_standard_output_is_the_guests(connect, deadline, folder):
    client = connect("--trace", "-", folder / "console")
    assert client.wait_end(deadline) == Exit.USAGE
    assert client.said == b"serialcon: --trace -: standard output is the guest's output\n"
