"""PROTOCOL.md: its tables, its dump, and a host that keeps to them."""

import dataclasses
import os
import random
import re
from pathlib import Path

import pytest

from harness import frames, status_frame
from harness.background import Background
from harness.frames import (
    ANY_INSTANCE,
    HEADER_BYTES,
    LABEL_BYTES_MAX,
    MAGIC,
    VERSION,
    Answer,
    BoundaryKind,
    Error,
    GapKind,
    GuestNote,
    GuestState,
    Refusal,
    Result,
    Role,
    Start,
    Type,
    decode,
    decode_header,
    encode,
    encode_raw,
)
from harness.received import Gap
from harness.stream import KIB, MIB, assert_counting

DOCUMENT = (Path(__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
VALUES = [Role, Start, Answer, GuestState, GuestNote, BoundaryKind, GapKind, Refusal, Result, Error]
CLIENT_TYPES = [frame_type for frame_type in Type if not frame_type.from_host]


# The tables


def section(title):
    """The text below the heading that begins with `title`, to the next heading."""
    return re.search(rf"^#+ {re.escape(title)}.*?\n(.*?)(?=^#|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)[1]


def rows(text, header):
    """The cells of the table in `text` that has this header."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {header} "):
            next(lines)
            return [cells(row) for row in iter(lambda: next(lines, ""), "") if row.startswith("|")]
    return []


def cells(row):
    return [cell.strip() for cell in row.strip("|").split("|")]


def as_documented(record, rest_min=0):
    """A record's layout as a table of the document writes it."""
    return [
        [str(offset), str(size) if size is not None else f"{rest_min} to {record.rest_max}", name]
        for offset, size, name in record.table
    ]


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize("frame_type", Type, ids=lambda frame_type: frame_type.name)
def test_each_frame_has_its_table(frame_type):
    title = f"{frame_type.name.lower().replace('_', ' ')} {frame_type:#04x}"
    table = [row[:3] for row in rows(section(title), "offset")]
    record = frames.RECORDS[frame_type]

    needs_a_byte = record.rest in ("bytes", "status") or frame_type == Type.MARK
    assert table == as_documented(record, 1 if needs_a_byte else 0)


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize(
    ("title", "record"),
    [
        ("Host", status_frame.HOST),
        ("Boundary in a status", status_frame.BOUNDARY),
        ("Client in a status", status_frame.CLIENT),
    ],
)
def test_the_status_has_its_tables(title, record):
    assert [row[:3] for row in rows(section(title), "offset")] == as_documented(record)


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize("values", VALUES)
def test_each_list_of_values_has_its_table(values):
    title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", values.__name__).capitalize()
    documented = [row[:2] for row in rows(section(title + "\n"), "value")]
    assert documented == [[str(value.value), spelled(value)] for value in values]


def spelled(value):
    return value.name.lower().replace("_", "-")


# The dump


@dataclasses.dataclass
class DumpedFrame:
    sender: str
    data: bytes
    notes: list  # (bytes, what is said of them), the header first


ROW = re.compile(r"^([CH]| )  ((?:[0-9a-f]{2}(?: |$))+) *(\S.*)?$")
ENUMS = {
    (Type.HELLO, "role"): Role,
    (Type.HELLO, "start"): Start,
    (Type.HISTORY, "start"): Start,
    (Type.WELCOME, "role"): Role,
    (Type.WELCOME, "answer"): Answer,
    (Type.WELCOME, "guest_state"): GuestState,
    (Type.WELCOME, "guest_note"): GuestNote,
    (Type.BOUNDARY, "kind"): BoundaryKind,
    (Type.GAP, "kind"): GapKind,
    (Type.REFUSED, "reason"): Refusal,
    (Type.DONE, "request"): Type,
    (Type.DONE, "result"): Result,
}


def dumped_frames():
    dump = re.search(r"^```\n(C  .*?)^```", section("A session"), re.MULTILINE | re.DOTALL)[1]
    found = []
    for line in dump.splitlines():
        row = ROW.match(line)
        assert row, f"no row of a dump: {line!r}"
        sender, data, note = row[1], bytes.fromhex(row[2]), row[3]
        if sender != " ":
            found.append(DumpedFrame(sender, b"", []))
        frame = found[-1]
        frame.data += data
        if note:
            frame.notes.append((data, note))
        else:
            before, said = frame.notes[-1]
            frame.notes[-1] = (before + data, said)
    return found


def describe(frame_type, name, value):
    """What the dump says of a field."""
    if isinstance(value, bytes):
        return name if name == "instance" else f"{name} = {value!r}".replace("b'", "'")
    values = ENUMS.get((frame_type, name))
    return f"{name} = {spelled(values(value)) if values else value}"


@pytest.mark.clause("PROTOCOL")
def test_the_dump_says_what_it_holds():
    session = dumped_frames()
    assert len(session) > 10
    for dumped in session:
        length, type_number = decode_header(dumped.data)
        assert len(dumped.data) == HEADER_BYTES + length
        frame = decode(type_number, dumped.data[HEADER_BYTES:])
        assert frame.type.from_host == (dumped.sender == "H")

        record = frames.RECORDS[frame.type]
        expected = [(dumped.data[:HEADER_BYTES], f"{spelled(frame.type)}, {length} bytes")]
        for offset, size, name in record.table:
            begin = HEADER_BYTES + offset
            data = dumped.data[begin : begin + size if size is not None else None]
            if data:
                said = "zero" if name == "zero" else describe(frame.type, name, frame.values[name])
                expected.append((data, said))
        assert dumped.notes == expected


@pytest.mark.clause("PROTOCOL")
def test_a_host_answers_as_in_the_dump(start_host, guest, deadline):
    """The client's half of the dump, sent to a host, gets the host's half, but for what differs by nature."""
    host = start_host(guest)
    play = dumped_frames()
    client = host.connect_control(deadline)
    guest_acts = iter(
        [
            lambda: guest.print(b"Welcome\r\nlogin: ", deadline),  # before the hello
            lambda: guest.print(guest.end.read_exactly(5, deadline), deadline),  # the echo of its input
            guest.vanish,
        ]
    )
    next(guest_acts)()
    for dumped in play:
        length, type_number = decode_header(dumped.data)
        expected = decode(type_number, dumped.data[HEADER_BYTES:])
        if dumped.sender == "C":
            client.send_bytes(dumped.data, deadline)
            if expected.type == Type.INPUT and client.received.boundaries[-1].kind != BoundaryKind.DOWN:
                next(guest_acts)()
            continue
        if expected.type == Type.BOUNDARY and expected["kind"] == BoundaryKind.DOWN:
            next(guest_acts)()
        answered = client.receive(deadline)
        assert answered.type == expected.type
        assert comparable(answered) == comparable(expected)


def comparable(frame):
    """The fields that are the same in every run."""
    varying = {"client", "instance", "time", "now", "guest_since", "wall_offset"}
    return {name: value for name, value in frame.values.items() if name not in varying}


# Hello and versions


def hello_with(**changes):
    values = {
        "magic": MAGIC,
        "version": VERSION,
        "role": Role.CLIENT,
        "start": Start.UNREAD,
        "flags": 0,
        "label_length": 0,
        "instance": ANY_INSTANCE,
        "value": 0,
        "label": b"",
    }
    return encode(Type.HELLO, **{**values, **changes})


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize(
    ("hello", "error"),
    [
        (hello_with(magic=b"scon"), {Error.MALFORMED, Error.NOT_HELLO}),
        (hello_with(version=0), {Error.VERSION}),
        (hello_with(version=2), {Error.VERSION}),
        (hello_with(version=65535, role=77, start=77), {Error.VERSION}),
        (hello_with(role=0), {Error.MALFORMED}),
        (hello_with(role=4), {Error.MALFORMED}),
        (hello_with(start=0), {Error.MALFORMED}),
        (hello_with(start=9), {Error.MALFORMED}),
        (hello_with(flags=2), {Error.MALFORMED}),
        (hello_with(label_length=1), {Error.MALFORMED}),
        (hello_with(label=b"x"), {Error.MALFORMED}),
        (hello_with(label_length=65, label=bytes(LABEL_BYTES_MAX)), {Error.MALFORMED}),
    ],
)
def test_a_hello_that_is_none_is_refused(start_host, guest, deadline, hello, error):
    host = start_host(guest)
    client = host.connect_control(deadline)
    client.send_bytes(hello, deadline)

    (told,) = client.receive_to_end(deadline)
    assert told["code"] in error
    if error == {Error.VERSION}:
        assert b"1" in told["text"]
    assert host.status(deadline)["counters"]["malformed"] == 1


@pytest.mark.clause("PROTOCOL")
def test_a_label_may_have_its_full_length(start_host, guest, deadline):
    host = start_host(guest)
    host.connect_native(deadline, label=b"x" * LABEL_BYTES_MAX)
    assert host.status(deadline)["clients"][0]["label"] == "x" * LABEL_BYTES_MAX


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize("step", [1, 7, 8, 9, 43])
def test_frames_may_come_in_pieces(start_host, guest, deadline, step):
    host = start_host(guest)
    client = host.connect_control(deadline)
    sent = hello_with(label_length=5, label=b"slow!") + encode(Type.INPUT, guest_number=1, bytes=b"typed")
    sent += encode(Type.PING, value=7)
    for position in range(0, len(sent), step):
        client.send_bytes(sent[position : position + step], deadline)

    assert client.expect(Type.WELCOME, deadline)["answer"] == Answer.OK
    assert client.expect(Type.PONG, deadline)["value"] == 7
    assert guest.end.read_exactly(5, deadline) == b"typed"


# Frames that cannot be


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize("type_number", [0x00, 0x0C, 0x40, 0x42, 0x4E, 0xFF])
def test_an_unknown_type_is_an_error_that_names_it(start_host, guest, deadline, type_number):
    host = start_host(guest)
    client = host.connect_native(deadline)
    client.send_bytes(encode_raw(type_number, length=1 << 31), deadline)

    error = client.receive_to_end(deadline)[-1]
    assert error["code"] == Error.UNKNOWN_TYPE
    assert f"{type_number:#04x}".encode() in error["text"]


def lengths_outside_the_limits():
    """One byte too few, where there can be, and one too many."""
    for frame_type in CLIENT_TYPES:
        record = frames.RECORDS[frame_type]
        shortest = record.fields_bytes + (1 if frame_type in (Type.INPUT, Type.MARK) else 0)
        for length in (shortest - 1, record.fields_bytes + record.rest_max + 1):
            if length >= 0:
                yield pytest.param(frame_type, length, id=f"{frame_type.name}-{length}")


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize(("frame_type", "length"), lengths_outside_the_limits())
def test_a_length_outside_the_limits_is_an_error(start_host, guest, deadline, frame_type, length):
    host = start_host(guest)
    client = host.connect_native(deadline)
    client.send_bytes(encode_raw(frame_type, length=length), deadline)

    error = client.receive_to_end(deadline)[-1]
    assert error["code"] == Error.MALFORMED
    assert f"{frame_type:#04x}".encode() in error["text"]


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize(
    "frame",
    [
        b"\x08\0\0\0\x0a\x01\0\0" + bytes(8),  # a ping with a header byte that is not zero
        encode_raw(Type.HISTORY, b"\x01\0\0\0\0\0\0\x01" + bytes(16)),
        encode(Type.HISTORY, start=0),
        encode(Type.HISTORY, start=9),
        encode(Type.ACKNOWLEDGE, offset=1),  # beyond what was sent
        hello_with(),  # of one that is attached
    ],
)
def test_a_value_that_cannot_be_is_malformed(start_host, guest, deadline, frame):
    host = start_host(guest)
    good = host.connect_native(deadline)
    client = host.connect_native(deadline)
    client.send_bytes(frame, deadline)

    assert client.receive_to_end(deadline)[-1]["code"] == Error.MALFORMED
    good.ping(deadline)
    assert host.status(deadline)["counters"]["malformed"] == 1


@pytest.mark.clause("PROTOCOL")
def test_what_was_not_sent_cannot_be_acknowledged(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(MIB, deadline)
    client = host.connect_native(deadline)  # and does not read on: most of it cannot have been sent
    client.acknowledge(deadline, MIB)

    assert client.receive_to_end(deadline)[-1]["code"] == Error.MALFORMED
    assert host.status(deadline)["consumed"] == 0


@pytest.mark.clause("PROTOCOL")
def test_random_frames_end_no_host(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(100 * KIB, deadline)
    good = host.connect_native(deadline)
    choose = random.Random(int(os.environ.get("SC_SEED", "4")))
    for _ in range(150):
        client = host.connect_native(deadline, role=choose.choice(list(Role)), start=choose.choice(list(Start)))
        for _ in range(choose.randrange(1, 8)):
            frame_type = choose.choice([*CLIENT_TYPES, choose.randrange(256)])
            record = frames.RECORDS.get(frame_type, frames.RECORDS[Type.PING])
            size = record.fields_bytes + choose.randrange(0, record.rest_max + 1)
            if frame_type != Type.CLEAR:
                try:
                    client.send_bytes(encode_raw(frame_type, choose.randbytes(size)), deadline)
                except (BrokenPipeError, ConnectionResetError):
                    break
        client.close()
    good.ping(deadline)
    assert_counting(good.read_to(100 * KIB, deadline), 0, 100 * KIB)


# Requests


@pytest.mark.clause("PROTOCOL")
def test_answers_come_in_the_order_of_the_requests(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(200 * KIB, deadline)
    client = host.connect_native(deadline, start=Start.END)
    for value in range(20):
        client.send(Type.PING, deadline, value=value)
        client.send(Type.HISTORY, deadline, start=Start.LAST, value=50 * KIB, length=value)
        client.send(Type.STATUS_REQUEST, deadline)
        client.send(Type.MARK, deadline, text=b"%d" % value)

    for value in range(20):
        assert client.expect(Type.PONG, deadline)["value"] == value
        if value > 0:
            assert len(client.expect(Type.HISTORY_DATA, deadline)["bytes"]) == value
        client.expect(Type.HISTORY_END, deadline)
        client.expect(Type.STATUS, deadline)
        assert client.expect(Type.DONE, deadline).values == {"request": Type.MARK, "result": Result.OK}


@pytest.mark.clause("PROTOCOL")
def test_a_control_connection_is_answered_and_gets_no_stream(start_host, guest, deadline):
    host = start_host(guest)
    control = host.connect_native(deadline, role=Role.CONTROL)
    assert control.welcome["role"] == Role.CONTROL
    guest.print_counting(100, deadline)

    control.send(Type.PING, deadline, value=1)
    control.send(Type.MARK, deadline, text=b"x")
    control.send(Type.PING, deadline, value=2)
    assert [control.receive(deadline).type for _ in range(3)] == [Type.PONG, Type.DONE, Type.PONG]
    assert control.history(deadline).output == host.connect_raw(deadline).read_exactly(100, deadline)
    assert control.ask(Type.TAKE, deadline) == Result.NOT_ALLOWED


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize("role", [Role.CLIENT, Role.VIEWER])
def test_a_control_connection_may_attach_later(start_host, guest, deadline, role):
    host = start_host(guest)
    guest.print_counting(1000, deadline)
    client = host.connect_native(deadline, role=Role.CONTROL)
    assert client.status(deadline)["client_count"] == 0
    assert_counting(client.history(deadline, length=400).output, 0, 400)
    client.hello(deadline, role=Role.CONTROL)

    number = client.welcome["client"]
    client.hello(deadline, role=role, start=Start.OFFSET, value=400, instance=client.welcome["instance"])

    assert (client.welcome["answer"], client.welcome["role"]) == (Answer.OK, role)
    assert client.welcome["client"] == number
    guest.print_counting(1000, deadline)
    assert_counting(client.read_to(2000, deadline), 400, 2000)
    (shown,) = host.status(deadline)["clients"]
    assert (shown["id"], shown["role"]) == (number, role.name.lower())


@pytest.mark.clause("PROTOCOL")
def test_a_control_connection_attaches_only_where_a_client_may(start_host, guest, deadline):
    view = os.fspath(guest.path) + ".view"
    host = start_host(guest, "--max-clients", "1", "--view", view)
    viewer = host.connect_native(deadline, path=view + ".ctl", role=Role.CONTROL)
    assert viewer.hello(deadline, role=Role.CLIENT)["role"] == Role.VIEWER
    late = host.connect_native(deadline, role=Role.CONTROL)
    assert late.hello(deadline, start=Start.OFFSET, value=1)["answer"] == Answer.BEYOND_HEAD
    host.connect_native(deadline)

    late.send_bytes(hello_with(), deadline)

    (error,) = late.receive_to_end(deadline)
    assert error["code"] == Error.LIMIT


@pytest.mark.clause("PROTOCOL")
def test_a_client_that_asks_and_does_not_read_is_not_read_from(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(MIB, deadline)
    client = host.connect_native(deadline, start=Start.END)
    request = encode(Type.HISTORY, start=Start.BEGINNING, value=0, length=MIB)
    sent = 0
    while sent < 4 * MIB and (taken := client.send_some(request * 1000)):
        sent += taken
    assert sent < 4 * MIB

    assert host.status(deadline)["head"] == MIB


@pytest.mark.clause("PROTOCOL")
@pytest.mark.parametrize(
    ("start", "value", "length", "expected"),
    [
        (Start.BEGINNING, 0, 1 << 62, (0, 300 * KIB)),
        (Start.BEGINNING, 0, 10, (0, 10)),
        (Start.BEGINNING, 0, 0, (0, 0)),
        (Start.LAST, 1000, 1 << 62, (299 * KIB + 24, 300 * KIB)),
        (Start.END, 0, 100, (300 * KIB, 300 * KIB)),
        (Start.OFFSET, 1234, 5678, (1234, 6912)),
        (Start.OFFSET, 1 << 40, 10, (300 * KIB, 300 * KIB)),
        (Start.UNREAD, 0, (1 << 64) - 1, (0, 300 * KIB)),
        (Start.BOOT, 0, 1, (100 * KIB, 100 * KIB + 1)),
    ],
)
def test_history_reads_a_range_and_moves_nothing(start_host, guest, deadline, start, value, length, expected):
    host = start_host(guest)
    guest.print_counting(100 * KIB, deadline)
    guest.restart(deadline)
    guest.print_counting(200 * KIB, deadline)
    client = host.connect_native(deadline, start=Start.END)

    history = client.history(deadline, start=start, value=value, length=length)

    begin, end = expected
    assert_counting(history.output, begin, end)
    assert history.offset == end
    assert client.offset == 300 * KIB
    assert host.status(deadline)["consumed"] == 0


@pytest.mark.clause("PROTOCOL")
def test_history_has_its_gaps(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64K", "--keep-first", "10K")
    guest.print_counting(MIB, deadline)
    client = host.connect_native(deadline, role=Role.CONTROL)

    history = client.history(deadline)

    assert history.gaps == [Gap(10 * KIB, MIB - 64 * KIB, GapKind.OVERWRITTEN)]
    assert history.offset == MIB
    short = client.history(deadline, length=20 * KIB)
    assert short.gaps == [Gap(10 * KIB, 20 * KIB, GapKind.OVERWRITTEN)]


@pytest.mark.clause("PROTOCOL")
def test_histories_are_read_while_others_attach(start_host, guest, deadline):
    """lxc/incus#3974, #1255: reading the history while somebody attached corrupted it or failed."""
    host = start_host(guest, "--buffer", "256K")
    attaching = Background(attach_many, host, guest, deadline)
    reader = host.connect_native(deadline, start=Start.END)
    while attaching.is_alive():
        for piece in reader.history(deadline).pieces:
            assert_counting(piece.bytes, piece.start)
    attaching.finish()


def attach_many(host, guest, deadline):
    for number in range(60):
        guest.print_counting(20 * KIB, deadline)
        if number % 2:
            client = host.connect_raw(deadline)
            client.receive(deadline)
        else:
            client = host.connect_native(deadline, start=Start.BEGINNING)
        if number % 3:
            client.close()


@pytest.mark.clause("PROTOCOL")
def test_statuses_are_whole_while_others_attach(start_host, guest, deadline):
    """A status lists as many clients as it says, at whatever moment it is asked for."""
    host = start_host(guest)
    asking = host.connect_native(deadline)
    for _ in range(50):
        joining = [host.connect_control(deadline) for _ in range(8)]
        asking.send(Type.STATUS_REQUEST, deadline)
        for client in joining:
            client.send_bytes(hello_with(), deadline)
        status = status_frame.decode_status(asking.expect(Type.STATUS, deadline)["status"])
        assert len(status["clients"]) == status["client_count"]
        for client in joining:
            client.close()


@pytest.mark.clause("PROTOCOL")
def test_an_ending_host_says_so(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)
    host.process.terminate()

    frames_at_end = client.receive_to_end(deadline)
    assert host.wait_end(deadline) == 0
    assert frames_at_end[-1].type == Type.ERROR and frames_at_end[-1]["code"] == Error.ENDING
