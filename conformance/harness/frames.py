"""The native protocol's frames and names, as PROTOCOL.md has them (test_protocol.py holds the two together)."""

import dataclasses
import enum
import struct

VERSION = 1
MAGIC = b"SCON"
HEADER_BYTES = 8
DATA_BYTES_MAX = 16 * 1024
INPUT_BYTES_MAX = 4096
LABEL_BYTES_MAX = 64
MARK_BYTES_MAX = 128
ERROR_BYTES_MAX = 128
PAYLOAD_BYTES_MAX = 64 * 1024
ANY_INSTANCE = bytes(16)
HELLO_CONTINUES = 0x01


class Type(enum.IntEnum):
    HELLO = 0x01
    INPUT = 0x02
    BREAK = 0x03
    ACKNOWLEDGE = 0x04
    HISTORY = 0x05
    TAKE = 0x06
    KICK = 0x07
    CLEAR = 0x08
    MARK = 0x09
    PING = 0x0A
    STATUS_REQUEST = 0x0B
    WELCOME = 0x41
    DATA = 0x42
    GAP = 0x43
    HISTORY_DATA = 0x44
    HISTORY_GAP = 0x45
    HISTORY_END = 0x46
    BOUNDARY = 0x47
    ROLE = 0x48
    REFUSED = 0x49
    DONE = 0x4A
    PONG = 0x4B
    STATUS = 0x4C
    ERROR = 0x4D

    @property
    def from_host(self):
        return self >= Type.WELCOME


class Role(enum.IntEnum):
    CLIENT = 1
    VIEWER = 2
    CONTROL = 3


class Start(enum.IntEnum):
    BEGINNING = 1
    UNREAD = 2
    END = 3
    OFFSET = 4
    LAST = 5
    SINCE = 6
    BOUNDARY = 7
    BOOT = 8


class Answer(enum.IntEnum):
    OK = 0
    OVERWRITTEN = 1
    BEYOND_HEAD = 2
    OTHER_INSTANCE = 3

    @property
    def attached(self):
        return self <= Answer.OVERWRITTEN


class GuestState(enum.IntEnum):
    AWAITED = 0
    UP = 1
    DOWN = 2


class GuestNote(enum.IntEnum):
    NONE = 0
    TAKEN = 1
    ENDED = 2
    UNUSABLE = 3


class BoundaryKind(enum.IntEnum):
    UP = 1
    DOWN = 2
    RESET = 3
    MARK = 4
    ENDED = 5


class GapKind(enum.IntEnum):
    OVERWRITTEN = 1
    CLEARED = 2


class Refusal(enum.IntEnum):
    NO_GUEST = 0
    OLD_GUEST = 1
    NOT_WRITER = 2
    VIEWER = 3


class Result(enum.IntEnum):
    OK = 0
    NOT_ALLOWED = 1
    NO_CLIENT = 2
    NOT_CARRIED = 3
    NO_GUEST = 4
    BUSY = 5
    MALFORMED = 6


class Error(enum.IntEnum):
    NOT_HELLO = 1
    VERSION = 2
    UNKNOWN_TYPE = 3
    MALFORMED = 4
    LIMIT = 5
    SILENT = 6
    KICKED = 7
    ENDING = 8


class Record:
    """A run of little-endian fields: "name:code" with the codes of `struct`; a name of "zero" is padding. `rest` is
    the name of the bytes behind the fields, where there are any."""

    def __init__(self, fields, rest=None, rest_max=0):
        pairs = [field.split(":") for field in fields.split()]
        self._struct = struct.Struct("<" + "".join(code for _, code in pairs))
        self.names = [name for name, _ in pairs if name != "zero"]
        self.fields_bytes = self._struct.size
        self.rest = rest
        self.rest_max = rest_max
        self.table = self._make_table(pairs)

    def _make_table(self, pairs):
        """(offset, size, name) of each field, as a table of PROTOCOL.md has them; a size of None is the rest."""
        rows, offset = [], 0
        for name, code in pairs:
            size = struct.calcsize("<" + code)
            rows.append((offset, size, name))
            offset += size
        return rows + ([(offset, None, self.rest)] if self.rest else [])

    def pack(self, values):
        unknown = set(values) - set(self.names) - {self.rest}
        assert not unknown, f"no such fields: {unknown}"
        return self._struct.pack(*(values.get(name, 0) for name in self.names)) + values.get(self.rest, b"")

    def unpack(self, data, offset=0):
        return dict(zip(self.names, self._struct.unpack_from(data, offset)))


_DATA = Record("offset:Q time:Q", rest="bytes", rest_max=DATA_BYTES_MAX)
_GAP = Record("from:Q to:Q kind:B zero:7x")
_NOTHING = Record("")

RECORDS = {
    Type.HELLO: Record(
        "magic:4s version:H role:B start:B flags:B label_length:B zero:2x instance:16s value:Q",
        rest="label",
        rest_max=LABEL_BYTES_MAX,
    ),
    Type.INPUT: Record("guest_number:Q", rest="bytes", rest_max=INPUT_BYTES_MAX),
    Type.BREAK: Record("guest_number:Q"),
    Type.ACKNOWLEDGE: Record("offset:Q"),
    Type.HISTORY: Record("start:B zero:7x value:Q length:Q"),
    Type.TAKE: _NOTHING,
    Type.KICK: Record("client:Q"),
    Type.CLEAR: _NOTHING,
    Type.MARK: Record("", rest="text", rest_max=MARK_BYTES_MAX),
    Type.PING: Record("value:Q"),
    Type.STATUS_REQUEST: _NOTHING,
    Type.WELCOME: Record(
        "version:H answer:B guest_state:B role:B guest_note:B zero:2x instance:16s client:Q capacity:Q first_from:Q first_to:Q "
        "tail:Q head:Q consumed:Q start:Q guest_number:Q guest_since:Q now:Q wall_offset:q resolution:Q"
    ),
    Type.DATA: _DATA,
    Type.GAP: _GAP,
    Type.HISTORY_DATA: _DATA,
    Type.HISTORY_GAP: _GAP,
    Type.HISTORY_END: Record("offset:Q"),
    Type.BOUNDARY: Record(
        "number:Q offset:Q time:Q kind:B text_length:B zero:6x", rest="text", rest_max=MARK_BYTES_MAX
    ),
    Type.ROLE: Record("may_type:B answers:B zero:6x writer:Q"),
    Type.REFUSED: Record("reason:B zero:7x bytes:Q"),
    Type.DONE: Record("request:B result:B zero:2x"),
    Type.PONG: Record("value:Q now:Q wall_offset:q"),
    Type.STATUS: Record("", rest="status", rest_max=PAYLOAD_BYTES_MAX),
    Type.ERROR: Record("code:H", rest="text", rest_max=ERROR_BYTES_MAX),
}


class ProtocolViolation(AssertionError):
    """The host sent what PROTOCOL.md does not allow."""


@dataclasses.dataclass(frozen=True)
class Frame:
    type: Type
    values: dict

    def __getitem__(self, name):
        return self.values[name]


def encode(frame_type, **values):
    payload = RECORDS[frame_type].pack(values)
    return encode_raw(frame_type, payload)


def encode_raw(type_number, payload=b"", length=None):
    """A frame of any type number, and of any length that it claims."""
    return struct.pack("<IB3x", len(payload) if length is None else length, type_number) + payload


def decode_header(data):
    """(payload length, type number) of the header at the start of `data`."""
    length, type_number, zero = struct.unpack_from("<IB3s", data)
    if zero != bytes(3):
        raise ProtocolViolation(f"header bytes that are not zero: {zero.hex()}")
    return length, type_number


def decode(type_number, payload):
    try:
        frame_type = Type(type_number)
    except ValueError:
        raise ProtocolViolation(f"a frame of unknown type {type_number:#04x}") from None
    record = RECORDS[frame_type]
    rest = payload[record.fields_bytes :]
    if len(payload) < record.fields_bytes or len(rest) > record.rest_max:
        raise ProtocolViolation(f"{frame_type.name} with a payload of {len(payload)} bytes")
    values = record.unpack(payload)
    if record.rest:
        values[record.rest] = bytes(rest)
    return Frame(frame_type, values)
