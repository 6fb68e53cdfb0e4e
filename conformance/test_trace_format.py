"""TRACE.md: its tables, and a reader that keeps to them."""

import codecs
import json
import random
import re
import socket

import pytest

from harness import trace
from harness.host import run_program
from harness.replay import check, replay
from harness.trace import INSTANCE_BYTES, MAGIC, TYPES, UNKNOWN, Record, config, encode, xxh64


def name_of(value):
    """In a case's name, instead of a trace's bytes."""
    return f"{len(value)}-bytes" if isinstance(value, bytes) else None


LIMITS = {
    what: int(limit.replace(",", ""))
    for what, limit in re.findall(
        r"^\| ([a-z ]+) \| ([0-9,]+) bytes \|$", trace.DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )
}
NO_STOP = "serialcon: standard input: it does not say how it ended\n"


def dump(records):
    """What the dump says of each record."""
    result = replay(records, "--dump", "--json", "--utc")
    assert (result.returncode, result.stderr.decode()) == (0, "" if records[-1].name == "stop" else NO_STOP)
    return [json.loads(line) for line in result.stdout.splitlines()]


def bytes_max(record_type):
    if record_type.name == "config":
        return INSTANCE_BYTES + LIMITS["program in a config"]
    if record_type.name == "start":
        return INSTANCE_BYTES + LIMITS["label in a start"]
    if record_type.name == "boundary":
        return LIMITS["text of a mark"]
    return LIMITS["output or input in one record"] if record_type.bytes else 0


def bytes_min(record_type):
    return INSTANCE_BYTES if record_type.has_instance else int("at least one byte" in record_type.bytes)


def random_record(record_type, source):
    """One of every field's values, and bytes of any value."""
    fields = {}
    for field in record_type.fields:
        if field.values:
            fields[field.name] = source.choice(list(field.values))
        elif field.is_flag:
            fields[field.name] = source.randrange(2)
        else:
            fields[field.name] = source.choice([0, 1, source.getrandbits(64), UNKNOWN])
    if record_type.name == "config":
        fields["version"] = 1
        fields["wall_offset"] = source.randrange(-(10**18), 10**18)
    data = source.randbytes(source.randint(bytes_min(record_type), min(bytes_max(record_type), 2000)))
    return Record(record_type.name, source.randrange(10**18), data, **fields)


codecs.register_error("replace each", lambda error: ("\ufffd", error.start + 1))


def expected(record):
    """As the dump has it, but for the record's number, place and time of day."""
    said = {"time_ns": record.time, "type": record.name}
    for field in record.type.fields:
        number = record.values[field.name]
        if field.values:
            said[field.name] = record.value(field.name)
        elif field.is_flag:
            said[field.name] = bool(number)
        elif field.is_signed:
            said[field.name] = number
        else:
            said[field.name] = None if number == UNKNOWN else number
    data = record.data
    if record.type.has_instance:
        said["instance"] = data[:INSTANCE_BYTES].hex()
        data = data[INSTANCE_BYTES:]
    if record.type.bytes:
        if record.type.is_text:
            said["text"] = data.decode("utf-8", errors="replace each")
        else:
            said["bytes"] = data.decode("latin-1")
    return said


def test_the_check_sum_is_xxh64():
    """Of the library's own test vectors."""
    assert xxh64(b"") == 0xEF46DB3751D8E999
    assert xxh64(b"", 0x9E3779B1) == 0xAC75FDA2929B17EF
    assert xxh64(b"abc") == 0x44BC2CF5AD770999


def observers_example():
    """The document's least trace of an observer, from its table."""
    text = trace.DOCUMENT.read_text(encoding="utf-8").split("The least that says something")[1].split("##")[0]
    records = []
    for name, said in re.findall(r"^\| `([a-z]+)` \| (.*) \|$", text, re.MULTILINE):
        data = b"ok\n" if "`ok\\n`" in said else bytes(INSTANCE_BYTES) if "16 zero bytes" in said else b""
        fields = {field: word or int(number) for field, word, number in re.findall(r"([a-z]+) (?:`([a-z]+)`|(\d+))", said)}
        if "offset and head unknown" in said:
            fields["head"] = UNKNOWN
        if "unknown" in said:
            fields["offset"] = UNKNOWN
        records.append(Record(name, 1_000_000, data, **fields))
    return text, records


def test_the_documents_example_is_what_it_says():
    text, records = observers_example()
    received = next(record for record in records if record.name == "received").encode()
    lines = re.findall(r"^    ([0-9a-f ]+)$", text, re.MULTILINE)
    assert bytes.fromhex("".join(lines)) == received
    assert re.findall(r"0x([0-9a-f]{16})", text) == [
        f"{xxh64(received[:40]):016x}",
        f"{int.from_bytes(received[-8:], 'little'):016x}",
    ]
    assert check(records, "--strict").returncode == 0
    records[5].data = b"oh\n"
    assert check(records).returncode == 1


def test_the_document_names_every_type_once():
    assert len(TYPES) == len({record_type.code for record_type in TYPES.values()}) > 25
    assert TYPES["config"].code == 1
    assert len(LIMITS) == 4


@pytest.mark.parametrize("name", TYPES)
def test_each_type_is_read_as_its_table_says(name):
    source = random.Random(name)
    records = [config(), *(random_record(TYPES[name], source) for _ in range(20))]
    if name == "config":
        for record in records[1:]:
            assert_dumped([record])
        return
    if name == "stop":
        records = records[:2]
    assert_dumped(records)


def assert_dumped(records):
    said = dump(records)
    position = len(MAGIC)

    assert len(said) == len(records)
    for number, (line, record) in enumerate(zip(said, records, strict=True), 1):
        assert (line.pop("record"), line.pop("position")) == (number, position)
        line.pop("time")
        assert list(line.items()) == list(expected(record).items())
        position += len(record.encode())


@pytest.mark.parametrize("name", [name for name, record_type in TYPES.items() if record_type.bytes])
def test_each_type_has_its_longest_bytes(name):
    record_type = TYPES[name]
    longest, shortest = bytes_max(record_type), bytes_min(record_type)
    first = [] if name == "config" else [config()]

    for length in {shortest, longest}:
        record = random_record(record_type, random.Random(length))
        record.data = bytes(length)
        assert replay([*first, record], "--dump").returncode == 0
    for length in {longest + 1, max(shortest - 1, 0)} - {shortest}:
        record = random_record(record_type, random.Random(length))
        record.data = bytes(length)
        assert replay([*first, record], "--dump").returncode == 2


@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field.name) for name, record_type in TYPES.items() for field in record_type.fields if field.values or field.is_flag],
)
def test_a_value_that_no_table_lists_is_refused(name, field):
    record = random_record(TYPES[name], random.Random(field))
    if name == "config":
        record.set(version=1)
    values = next(known for known in record.type.fields if known.name == field).values
    record.set(**{field: max(values.values(), default=1) + 1})
    result = replay([record] if name == "config" else [config(), record], "--dump")

    assert result.returncode == 2
    assert b"its length or a field of it is none of its type's" in result.stderr


def test_times_are_those_of_the_wall_clock():
    start = Record("boundary", 1_500_000_000, number=1, kind="up")
    said = dump([config(wall_offset=1_000_000_000_000_000_000), start])
    assert said[1]["time"] == "2001-09-09T01:46:41.500+00:00"


def test_the_text_is_harmless_and_has_all_fields():
    records = [config(), Record("output", 1, b'a\x1b[6n"\\\r\n\x9b\xff', offset=7)]
    result = replay(records, "--dump", "--utc")
    assert result.stdout.splitlines()[1] == rb'2 1970-01-01T00:00:00.000+00:00 output offset=7 "a\x1b[6n\"\\\r\n\x9b\xff"'


# What is no trace, or no whole one

GOOD = [config(), Record("output", 5, b"hello", offset=0), Record("stop", 9, why="ended")]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"SCTRACE", "it does not begin with SCTRACE1"),
        (b"SCTRACE2" + bytes(100), "it does not begin with SCTRACE1"),
        (b"\x7fELF" + bytes(100), "it does not begin with SCTRACE1"),
        (MAGIC, "it ends before its config does"),
        (encode(GOOD[:1])[:-1], "it ends before its config does"),
        (encode(GOOD[1:]), "its first record is no config"),
        (encode([config(version=2)]), "it is of another version"),
        (encode(GOOD[:1])[:-1] + b"x", "its check sum is wrong"),
    ],
    ids=name_of,
)
@pytest.mark.parametrize("way", ["--dump", "--check", "--speed=max"])
def test_what_is_no_trace_is_said_so(data, why, way):
    result = replay(data, way)
    said = f"serialcon: standard input: not a trace: {why}\n"
    assert (result.returncode, result.stdout, result.stderr.decode()) == (2, b"", said)


def changed(data, position, value):
    return data[:position] + bytes([value]) + data[position + 1 :]


OUTPUT_AT = len(encode(GOOD[:1]))


@pytest.mark.parametrize(
    ("data", "record", "position", "why"),
    [
        (changed(encode(GOOD), OUTPUT_AT + 24, ord("j")), 2, OUTPUT_AT, "its check sum is wrong"),
        (changed(encode(GOOD), OUTPUT_AT + 4, 0x7F), 2, OUTPUT_AT, "its type is none of this version"),
        (changed(encode(GOOD), OUTPUT_AT + 5, 1), 2, OUTPUT_AT, "its length or a field of it is none of its type's"),
        (changed(encode(GOOD), OUTPUT_AT + 2, 9), 2, OUTPUT_AT, "its length or a field of it is none of its type's"),
        (encode([*GOOD, GOOD[1]]), 4, len(encode(GOOD)), "it follows a stop"),
        (encode([GOOD[0], GOOD[0]]), 2, OUTPUT_AT, "it is a second config"),
    ],
    ids=name_of,
)
@pytest.mark.parametrize("way", ["--dump", "--check", "--speed=max"])
def test_a_damaged_record_is_named_and_what_came_before_is_read(data, record, position, why, way):
    result = replay(data, way)
    assert result.returncode == 2
    assert result.stderr.decode() == f"serialcon: standard input: record {record}, at byte {position}: {why}\n"
    if way == "--dump":
        assert len(result.stdout.splitlines()) == record - 1


@pytest.mark.parametrize("way", ["--dump", "--speed=max"])
def test_a_trace_that_is_cut_off_anywhere_is_read_up_to_there(way):
    data = encode(GOOD)
    ends = [len(encode(GOOD[: count + 1])) for count in range(len(GOOD))]

    for length in range(ends[0], len(data) + 1):
        result = replay(data[:length], way)
        whole = sum(end <= length for end in ends)
        said = f"serialcon: standard input: it is cut off within record {whole + 1}, at byte {ends[whole - 1]}\n"
        assert result.returncode == 0
        assert result.stderr.decode() == ("" if length == len(data) else NO_STOP if length in ends else said)
        if way == "--dump":
            assert len(result.stdout.splitlines()) == whole
        else:
            assert result.stdout == (b"hello" if whole > 1 else b"")


def test_records_are_whole_at_every_split(deadline):
    """A socket of packets gives each of the two to a read of its own."""
    data = encode(GOOD)
    whole = replay(data, "--dump").stdout
    for cut in range(1, len(data)):
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, its:
            ours.send(data[:cut])
            ours.send(data[cut:])
            ours.shutdown(socket.SHUT_WR)
            result = run_program(deadline, "replay", "--dump", "-", stdin=its)
        assert (result.returncode, result.stdout, result.stderr) == (0, whole, b"")


def test_records_are_whole_wherever_they_lie():
    """Of each size up to the largest, more of them than the reader's buffer holds."""
    source = random.Random(7)
    lengths = [1, 2, 7, 60, 4000, 70_000, 200_000, LIMITS["output or input in one record"]]
    pieces = [source.randbytes(source.choice(lengths)) for _ in range(40)]
    records, offset = [config()], 0
    for piece in pieces:
        records.append(Record("output", 1, piece, offset=offset))
        offset += len(piece)
    result = replay(records)
    assert (result.returncode, result.stdout) == (0, b"".join(pieces))
