"""Traces, as TRACE.md has them: its tables are read, and nothing else says here what a record looks like."""

import re
import struct
from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).parents[1] / "TRACE.md"
MAGIC = b"SCTRACE1"
UNKNOWN = (1 << 64) - 1
INSTANCE_BYTES = 16
HEADER = struct.Struct("<IB3xQ")
MASK = (1 << 64) - 1


# The check sum

PRIMES = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def _rotated(value, bits):
    return (value << bits | value >> (64 - bits)) & MASK


def _round(lane, value):
    return _rotated((lane + value * PRIMES[1]) & MASK, 31) * PRIMES[0] & MASK


def xxh64(data, seed=0):
    """XXH64, as https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md has it."""
    one, two, three, four, five = PRIMES
    whole = len(data) // 32 * 32
    if whole:
        lanes = [(seed + one + two) & MASK, (seed + two) & MASK, seed, (seed - one) & MASK]
        for values in struct.iter_unpack("<4Q", data[:whole]):
            lanes = [_round(lane, value) for lane, value in zip(lanes, values, strict=True)]
        total = sum(_rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
        for lane in lanes:
            total = ((total ^ _round(0, lane)) * one + four) & MASK
    else:
        total = (seed + five) & MASK
    total = (total + len(data)) & MASK

    at = whole
    for at in range(whole, len(data) - 7, 8):
        total = (_rotated(total ^ _round(0, int.from_bytes(data[at : at + 8], "little")), 27) * one + four) & MASK
    at = whole + (len(data) - whole) // 8 * 8
    if len(data) - at >= 4:
        value = int.from_bytes(data[at : at + 4], "little")
        total = (_rotated(total ^ (value * one & MASK), 23) * two + three) & MASK
        at += 4
    for byte in data[at:]:
        total = _rotated(total ^ (byte * five & MASK), 11) * one & MASK

    total = (total ^ total >> 33) * two & MASK
    total = (total ^ total >> 29) * three & MASK
    return total ^ total >> 32


# The tables


class Field(NamedTuple):
    name: str
    meaning: str
    values: dict  # name: number; empty where it is a number

    @property
    def is_flag(self):
        return re.search(r"(^|\. )1: ", self.meaning) is not None

    @property
    def is_signed(self):
        return "a signed number" in self.meaning


class Type(NamedTuple):
    name: str
    code: int
    fields: list
    bytes: str  # what stands behind the fields; empty: nothing

    @property
    def has_instance(self):
        return "instance" in self.bytes

    @property
    def is_text(self):
        return bool(self.bytes) and self.name in ("config", "start", "boundary")


def _rows(text):
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ", 1)]
        if line.startswith("| ") and cells[0] != "field" and len(cells) == 2:
            yield cells[0], cells[1].removesuffix(" |").strip()
        elif line.startswith("| ") and cells[0].endswith(" |"):  # a meaning that is empty
            yield cells[0].removesuffix(" |").strip(), ""


def read_types(document):
    """The types that the document's tables say, by name."""
    types = {}
    for name, code, text in re.findall(r"^### `([a-z-]+)` 0x([0-9a-f]+)\n(.*?)(?=^#|\Z)", document, re.M | re.S):
        fields = []
        for field, meaning in _rows(text):
            values = {word: int(number) for number, word in re.findall(r"(\d+) `([a-z-]+)`", meaning)}
            same = re.fullmatch(r"as in `([a-z-]+)`", meaning)
            if same:
                values = next(other.values for other in types[same[1]].fields if other.name == field)
            fields.append(Field(field, meaning, values))
        behind = re.search(r"^Bytes: (.*?)(?=\n\n|\Z)", text, re.M | re.S)
        types[name] = Type(name, int(code, 16), fields, behind[1].strip() if behind else "")
    return types


TYPES = read_types(DOCUMENT.read_text(encoding="utf-8"))
BY_CODE = {record_type.code: record_type for record_type in TYPES.values()}


# Records


class Record:
    """One record: a type's name, a time, the fields as attributes, and the bytes behind them. A field may be given by its
    value's name; one that is left out is 0."""

    def __init__(self, name, time=0, data=b"", **fields):
        self.type = TYPES[name]
        self.time = time
        self.data = bytes(data)
        self.values = {field.name: 0 for field in self.type.fields}
        self.set(**fields)

    def set(self, **fields):
        for name, value in fields.items():
            field = next((field for field in self.type.fields if field.name == name), None)
            assert field, f"{self.type.name} has no field {name}"
            self.values[name] = field.values[value] if isinstance(value, str) else int(value)
        return self

    def __getattr__(self, name):
        values = self.__dict__.get("values", {})
        if name not in values:
            raise AttributeError(name)
        return values[name]

    @property
    def name(self):
        return self.type.name

    def value(self, name):
        """A field's value by its name, where it has one."""
        field = next(field for field in self.type.fields if field.name == name)
        number = self.values[name]
        return next((word for word, value in field.values.items() if value == number), number)

    def copy(self, **fields):
        other = Record(self.name, self.time, self.data, **self.values)
        return other.set(**fields)

    def encode(self):
        values = [self.values[field.name] & MASK for field in self.type.fields]
        payload = struct.pack(f"<{len(values)}Q", *values)
        head = HEADER.pack(len(payload) + len(self.data), self.type.code, self.time) + payload
        return head + self.data + xxh64(self.data, xxh64(head)).to_bytes(8, "little")

    def __repr__(self):
        fields = ", ".join(f"{name}={self.value(name)}" for name in self.values)
        return f"<{self.name} @{self.time} {fields}{f' {self.data[:40]!r}' if self.data else ''}>"


def config(**fields):
    """The first record: of a host with a ring of 4 KiB, where `fields` do not say otherwise."""
    fields = {"version": 1, "kind": "host", "capacity": 4096, **fields}
    return Record("config", 0, bytes(INSTANCE_BYTES), **fields)


def encode(records):
    """A whole trace."""
    return MAGIC + b"".join(record.encode() for record in records)


def decode(trace):
    """The records of a trace, and the bytes of one that is cut off at its end."""
    assert trace[: len(MAGIC)] == MAGIC, f"it begins with {trace[:8]!r}"
    records, at = [], len(MAGIC)
    while at + HEADER.size <= len(trace):
        length, code, time = HEADER.unpack_from(trace, at)
        end = at + HEADER.size + length + 8
        if end > len(trace):
            break
        record_type = BY_CODE[code]
        count = len(record_type.fields)
        values = struct.unpack_from(f"<{count}Q", trace, at + HEADER.size)
        data_at = at + HEADER.size + 8 * count
        data = trace[data_at : end - 8]
        assert xxh64(data, xxh64(trace[at:data_at])) == int.from_bytes(trace[end - 8 : end], "little"), "check sum"
        names = (field.name for field in record_type.fields)
        records.append(Record(record_type.name, time, data, **dict(zip(names, values, strict=True))))
        at = end
    return records, trace[at:]
