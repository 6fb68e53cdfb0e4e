"""The status frame's payload, as PROTOCOL.md has it."""

import enum

from harness.frames import LABEL_BYTES_MAX, Record


class HistoryPolicy(enum.IntEnum):
    ALL = 0
    BOOT = 1
    UNREAD = 2
    NONE = 3
    LAST = 4


class WritersPolicy(enum.IntEnum):
    ALL = 0
    ONE = 1


class LogKind(enum.IntEnum):
    NONE = 0
    FILE = 1
    OUTPUT = 2


class ClientFlag(enum.IntFlag):
    NATIVE = 0x01
    MAY_TYPE = 0x02
    ANSWERS = 0x04
    VIEW = 0x08
    HALF_CLOSED = 0x10


HOST = Record(
    "status_version:H guest_state:B guest_note:B history:B writers:B for_viewer:B log:B instance:16s now:Q "
    "wall_offset:q capacity:Q keep_first:Q first_from:Q first_to:Q tail:Q head:Q consumed:Q overwritten_bytes:Q "
    "lost_bytes:Q cleared_bytes:Q resolution:Q last_output:Q guest_since:Q guest_number:Q input_waiting_bytes:Q "
    "input_bytes:Q input_written_bytes:Q dropped_no_guest:Q dropped_old_guest:Q dropped_not_writer:Q "
    "dropped_viewer:Q breaks:Q connections:Q over_limit:Q malformed:Q silent:Q kicked:Q holds:Q hold_time:Q "
    "guest_refused:Q log_lost_bytes:Q log_lost_lines:Q events_lost:Q trace_lost:Q boundary_count:H client_count:H "
    "traced:B zero:3x"
)
BOUNDARY = Record("number:Q offset:Q time:Q kind:B")
CLIENT = Record(
    "id:Q connected:Q offset:Q gap_bytes:Q cleared_bytes:Q gaps:I pid:I uid:I role:B flags:B label_length:B zero:x",
    rest="label",
    rest_max=LABEL_BYTES_MAX,
)


def decode_status(payload):
    """The host's fields, with "boundaries" and "clients" as lists."""
    status = HOST.unpack(payload)
    position = HOST.fields_bytes

    status["boundaries"] = []
    for _ in range(status["boundary_count"]):
        status["boundaries"].append(BOUNDARY.unpack(payload, position))
        position += BOUNDARY.fields_bytes

    status["clients"] = []
    for _ in range(status["client_count"]):
        client = CLIENT.unpack(payload, position)
        position += CLIENT.fields_bytes
        client["label"] = payload[position : position + client["label_length"]]
        position += client["label_length"]
        status["clients"].append(client)

    assert position == len(payload), f"{len(payload) - position} bytes behind the last client"
    return status
