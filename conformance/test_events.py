"""Who came, went and did what: --events (SPEC.md, The events)."""

import datetime
import json
import os
import pwd
import signal

import pytest

from harness.client import NativeClient, RawClient
from harness.endpoint import Endpoint
from harness.events import Events, parse
from harness.frames import LABEL_BYTES_MAX, MARK_BYTES_MAX, Result, Role, Start, Type, encode
from harness.guest import CommandGuest
from harness.hostile import HOSTILE
from harness.stream import KIB, MIB

CONNECTS = 200
FORGED = b'{"time": "2026-05-04T12:30:00.000+00:00", "event": "kick", "client": 1}\r\n'


@pytest.fixture
def events(folder):
    return Events(folder / "events")


@pytest.fixture
def view(folder):
    return os.fspath(folder / "view")


def ways_in(host, view):
    """Every kind of client: what its connect is to say, and how it comes."""

    def native(path, role):
        def come(deadline):
            client = NativeClient(path, deadline)
            client.hello(deadline, role=role, start=Start.END, label=role.name.encode())
            return client

        return come

    return [
        (("raw", "main", "client", ""), lambda deadline: RawClient(host.path, deadline)),
        (("raw", "view", "viewer", ""), lambda deadline: RawClient(view, deadline)),
        (("native", "main", "client", "CLIENT"), native(host.control_path, Role.CLIENT)),
        (("native", "main", "viewer", "VIEWER"), native(host.control_path, Role.VIEWER)),
        (("native", "main", "control", "CONTROL"), native(host.control_path, Role.CONTROL)),
        (("native", "view", "viewer", "CLIENT"), native(view + ".ctl", Role.CLIENT)),
    ]


@pytest.mark.clause("E-1")
def test_each_client_is_in_it_once(start_host, guest, events, view, deadline):
    host = start_host(guest, "--events", events.path, "--view", view, "--writers", "one")
    ways = ways_in(host, view)
    operator = host.connect_native(deadline, role=Role.CONTROL)
    first = operator.welcome["client"] + 1
    expected = []
    kicked, takers = [], []
    for number in range(first, first + CONNECTS):
        says, come = ways[number % len(ways)]
        client = come(deadline)
        expected.append((number, *says))
        events.wait("connect", deadline, client=number)
        if says[2] != "control" and number % 7 == 0:
            assert operator.ask(Type.KICK, deadline, client=number) == Result.OK
            kicked.append(number)
        elif says[:3] == ("native", "main", "client"):
            assert client.ask(Type.TAKE, deadline) == Result.OK
            takers.append(number)
        if number % 40 == 0:
            guest.print(FORGED, deadline)
            guest.restart(deadline)
        client.close()
        events.wait("end", deadline, client=number)

    connects = [connect for connect in events.of("connect") if connect["client"] >= first]
    ends = [end for end in events.of("end") if end["client"] >= first]
    names = ("client", "kind", "listener", "role", "label_claimed")
    assert [tuple(connect[name] for name in names) for connect in connects] == expected
    me = (os.getpid(), os.getuid(), pwd.getpwuid(os.getuid()).pw_name)
    assert {(connect["pid"], connect["uid"], connect["user"]) for connect in connects} == {me}
    assert [end["client"] for end in ends] == [connect["client"] for connect in connects]
    assert [end["client"] for end in ends if end["why"] == "kicked"] == kicked
    assert [kick["kicked"] for kick in events.of("kick")] == kicked and len(kicked) > 10
    assert [take["client"] for take in events.of("take")] == takers and len(takers) > 10
    assert len(events.of("guest down")) == CONNECTS // 40 and len(events.of("guest up")) == CONNECTS // 40 + 1


@pytest.mark.clause("E-1")
def test_they_have_their_times_and_offsets(start_host, guest, events, deadline):
    begin = datetime.datetime.now(datetime.timezone.utc)
    host = start_host(guest, "--events", events.path)
    guest.print_counting(1000, deadline)
    host.connect_raw(deadline)
    host.wait_clients(1, deadline)
    (came,) = events.wait("connect", deadline, kind="raw")

    assert came["offset"] == 1000
    moments = [datetime.datetime.fromisoformat(entry["time"]) for entry in events.read()]
    slack = datetime.timedelta(milliseconds=20)
    assert begin - slack <= moments[0] and moments == sorted(moments)
    assert moments[-1] <= datetime.datetime.now(datetime.timezone.utc) + slack
    assert os.stat(events.path).st_mode & 0o7777 == 0o600


@pytest.mark.clause("E-1")
def test_a_host_has_its_beginning_and_its_end(start_host, guest, events, deadline):
    host = start_host(guest, "--events", events.path)
    client = host.connect_native(deadline)
    host.connect_raw(deadline)
    host.wait_clients(2, deadline)
    host.end(deadline)

    (start,) = events.of("start")
    assert start["instance"] == client.welcome["instance"].hex()
    assert events.read()[0] == start and events.read()[-1]["event"] == "stop"
    assert [entry["kind"] for entry in events.of("end", why="host ends")].count("raw") == 1
    assert len(events.of("end", client=client.welcome["client"], why="host ends")) == 1


@pytest.mark.clause("E-2")
def test_what_operators_do_says_who_they_are(start_host, guest, events, deadline):
    host = start_host(guest, "--events", events.path)
    guest.print_counting(1000, deadline)
    operator = host.connect_native(deadline, role=Role.CONTROL)
    number = operator.welcome["client"]
    victim = host.connect_native(deadline).welcome["client"]
    text = 'before "the" update \\ \u20ac'

    assert operator.ask(Type.MARK, deadline, text=text.encode()) == Result.OK
    assert operator.ask(Type.CLEAR, deadline) == Result.OK
    assert operator.ask(Type.KICK, deadline, client=victim) == Result.OK
    assert operator.ask(Type.BREAK, deadline, guest_number=1) == Result.NOT_CARRIED  # and so it was none

    (kick,) = events.wait("kick", deadline)
    (mark,) = events.of("mark")
    (clear,) = events.of("clear")
    assert kick["kicked"] == victim and mark["text"] == text and clear["bytes"] == 1000
    for entry in (kick, mark, clear):
        assert (entry["client"], entry["pid"], entry["role"]) == (number, os.getpid(), "control")
    assert events.of("break") == []


@pytest.mark.clause("E-2")
def test_one_that_says_hello_again_has_another_role(start_host, guest, events, deadline):
    host = start_host(guest, "--events", events.path)
    client = host.connect_native(deadline, role=Role.CONTROL)
    client.hello(deadline, role=Role.CLIENT, label=b"bob")

    (role,) = events.wait("role", deadline)
    assert (role["role"], role["label_claimed"]) == ("client", "bob")
    assert len(events.of("connect", client=role["client"])) == 1


@pytest.mark.clause("E-2")
def test_those_that_were_sent_away_are_in_it(start_host, guest, events, deadline):
    host = start_host(guest, "--events", events.path, "--max-clients", "1")
    host.connect_raw(deadline)
    host.connect_raw(deadline).read_to_end(deadline)
    rubbish = host.connect_control(deadline)
    rubbish.send_bytes(b"GET / HTTP/1.1\r\n\r\n", deadline)
    rubbish.receive_to_end(deadline)
    late = host.connect_control(deadline)
    late.send_bytes(hello(), deadline)
    late.receive_to_end(deadline)

    events.wait("refused", deadline, kind="raw", pid=os.getpid())
    (malformed,) = events.wait("end", deadline, why="malformed")
    (limited,) = events.wait("end", deadline, why="limit")
    assert events.of("connect", client=malformed["client"])[0]["role"] is None
    assert events.of("connect", client=limited["client"])[0]["role"] == "client"


def hello(label=b""):
    return encode(
        Type.HELLO, magic=b"SCON", version=1, role=Role.CLIENT, start=Start.END, flags=0, label_length=len(label),
        instance=bytes(16), value=0, label=label,
    )


@pytest.mark.clause("E-2")
def test_a_guest_that_cannot_come_back_is_told_apart(start_host, events, deadline):
    host = start_host(CommandGuest(), "--events", events.path, "--linger", "0", command=["sh", "-c", "read line"])
    host.connect_raw(deadline).send(b"go\n", deadline)
    host.wait_end(deadline)

    assert len(events.of("guest up")) == len(events.of("guest ended")) == 1 and events.of("guest down") == []


@pytest.mark.clause("E-3")
def test_no_guest_is_heard_in_it(start_host, guest, events, deadline):
    start_host(guest, "--events", events.path)
    guest.print(FORGED * (4 * MIB // len(FORGED)), deadline)
    guest.restart(deadline)
    events.wait("guest up", deadline, count=2)

    assert events.of("kick") == [] and os.path.getsize(events.path) < 4 * KIB


@pytest.mark.clause("E-3")
@pytest.mark.parametrize("start", range(0, 512, LABEL_BYTES_MAX))
def test_a_label_is_a_claim_and_harmless(start_host, guest, events, deadline, start):
    label = (HOSTILE + b'", "role": "control"}\n{"' + bytes(range(256)))[-512 + start :][:LABEL_BYTES_MAX]
    host = start_host(guest, "--events", events.path)
    host.connect_native(deadline, label=label)

    (came,) = events.wait("connect", deadline, role="client")

    assert came["label_claimed"].encode("latin-1") == label
    with open(events.path, encoding="ascii") as file:
        assert all(line[:-1].isprintable() for line in file)


@pytest.mark.clause("E-3")
def test_clients_do_not_fill_it_without_bound(start_host, guest, folder, deadline):
    host = start_host(guest, "--events", f"{folder / 'events'},max=4K,keep=3")
    for _ in range(100):
        host.connect_native(deadline, role=Role.CONTROL).close()
    number = host.connect_native(deadline).welcome["client"]
    Events(folder / "events").wait("connect", deadline, client=number)

    files = sorted(folder.glob("events*"))
    assert len(files) == 3 and all(file.stat().st_size <= 4 * KIB for file in files)
    for file in files:
        assert all(parse(line) for line in file.read_text(encoding="utf-8").splitlines())


@pytest.mark.clause("E-3")
def test_a_log_that_cannot_be_written_costs_counted_events(start_host, guest, deadline):
    host = start_host(guest, "--events", "/dev/full")
    operator = host.connect_native(deadline, role=Role.CONTROL)
    text = b"x" * MARK_BYTES_MAX
    marks = encode(Type.MARK, text=text) * 100
    while host.status(deadline)["events"]["lost"] == 0:
        for _ in range(20):
            operator.send_bytes(marks, deadline)
            for _ in range(100):
                assert operator.expect(Type.DONE, deadline)["result"] == Result.OK
    assert host.messages().startswith("serialcon: /dev/full: No space left on device;")
    assert host.messages().count("\n") == 1


@pytest.mark.clause("E-4")
def test_they_are_lines_on_standard_output(start_host, guest, deadline):
    ours, output = os.pipe()
    host = start_host(guest, "--events", "-", stdout=output)
    os.close(output)
    reader = Endpoint(ours, name="the events")
    host.end(deadline)

    assert [json.loads(line)["event"] for line in reader.read_to_end(deadline).splitlines()][-1] == "stop"
    reader.close()


@pytest.mark.clause("E-4")
def test_they_are_opened_anew_at_sighup(start_host, folder, guest, events, deadline):
    host = start_host(guest, "--events", events.path)
    events.wait("guest up", deadline)
    os.rename(events.path, folder / "moved")
    host.process.send_signal(signal.SIGHUP)
    deadline.poll(lambda: os.path.exists(events.path), "they are there anew")
    host.connect_raw(deadline)

    events.wait("connect", deadline, kind="raw")
    assert Events(folder / "moved").of("connect", kind="raw") == []
