"""The counting stream: bytes that tell where in the stream they stand.

Cell k, eight bytes at offset 8k, is k + 1 times an odd constant, modulo 2**64. That looks random and holds every
byte value, and since the constant has an inverse any slice of 15 bytes or more says its own offset.
"""

import array
import functools
import sys

KIB = 1024
MIB = 1024 * 1024
CELL_BYTES = 8
CHUNK_BYTES = MIB
LOCATE_BYTES = 64
MODULUS = 1 << 64
MULTIPLIER = 0x9E3779B97F4A7C15
INVERSE = pow(MULTIPLIER, -1, MODULUS)
OFFSET_MAX = 1 << 48


@functools.lru_cache(maxsize=72)
def _chunk(number):
    first = number * CHUNK_BYTES // CELL_BYTES + 1
    cells = range(first * MULTIPLIER, (first + CHUNK_BYTES // CELL_BYTES) * MULTIPLIER, MULTIPLIER)
    values = array.array("Q", [cell % MODULUS for cell in cells])
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def counting(start, end):
    """The stream's bytes [start, end)."""
    first = start // CHUNK_BYTES
    last = (end + CHUNK_BYTES - 1) // CHUNK_BYTES
    base = first * CHUNK_BYTES
    if last - first == 1:
        return _chunk(first)[start - base : end - base]
    return b"".join(_chunk(number) for number in range(first, last))[start - base : end - base]


def locate(piece):
    """The offset of a slice of the stream, or None where its beginning is none."""
    piece = bytes(piece[:LOCATE_BYTES])
    for shift in range(CELL_BYTES):
        cell = piece[shift : shift + CELL_BYTES]
        if len(cell) < CELL_BYTES:
            break
        index = int.from_bytes(cell, "little") * INVERSE % MODULUS - 1
        offset = index * CELL_BYTES - shift
        if 0 <= offset < OFFSET_MAX and counting(offset, offset + len(piece)) == piece:
            return offset
    return None


def match_length(data, start):
    """How many of the first bytes of `data` are the stream's bytes from `start` on."""
    expected = counting(start, start + len(data))
    if data == expected:
        return len(data)
    low, high = 0, len(data)  # a difference lies in [low, high)
    while high - low > 1:
        middle = (low + high) // 2
        if data[low:middle] == expected[low:middle]:
            low = middle
        else:
            high = middle
    return low


def assert_counting(data, start, end=None):
    """`data` is the stream from `start` on, to `end` where that is given."""
    data = bytes(data)
    matched = match_length(data, start)
    if matched < len(data):
        found = locate(data[matched : matched + LOCATE_BYTES])
        where = "bytes that are not the stream's" if found is None else f"the stream's byte {found}"
        raise AssertionError(f"byte {matched} of {len(data)}: expected stream offset {start + matched}, got {where}")
    if end is not None and start + len(data) != end:
        raise AssertionError(f"the stream [{start}, {start + len(data)}) came, expected it to end at {end}")


def ranges(data):
    """The parts of the stream that `data` is made of, in order, as (from, to). A byte that happens to be equal on
    both sides of a hole counts to the part before it."""
    data = bytes(data)
    parts = []
    position = 0
    while position < len(data):
        start = locate(data[position : position + LOCATE_BYTES])
        if start is None:
            # A hole within the next bytes leaves too little before it to be looked up as a whole.
            start = locate(data[position : position + 2 * CELL_BYTES - 1])
        assert start is not None, f"byte {position} of {len(data)} is not the stream's"
        matched = match_length(data[position:], start)
        parts.append((start, start + matched))
        position += matched
    return parts
