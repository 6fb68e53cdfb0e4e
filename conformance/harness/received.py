"""A stretch of output as a native client received it, held to the order that BF-3 promises."""

import dataclasses

from harness.frames import BoundaryKind, ProtocolViolation, Type


@dataclasses.dataclass(frozen=True)
class Piece:
    """Output of one frame; the time is in nanoseconds of the host's boot-time clock."""

    start: int
    time: int
    bytes: bytes

    @property
    def end(self):
        return self.start + len(self.bytes)


@dataclasses.dataclass(frozen=True)
class Gap:
    start: int
    end: int
    kind: int


@dataclasses.dataclass(frozen=True)
class Boundary:
    number: int
    offset: int
    time: int
    kind: BoundaryKind
    text: bytes


class Received:
    def __init__(self, start=None):
        self.offset = start  # up to which it is accounted for; None: the first frame says where it begins
        self.parts = []  # pieces and gaps in their order
        self.boundaries = []

    @property
    def pieces(self):
        return [part for part in self.parts if isinstance(part, Piece)]

    @property
    def gaps(self):
        return [part for part in self.parts if isinstance(part, Gap)]

    @property
    def output(self):
        return b"".join(piece.bytes for piece in self.pieces)

    def file(self, frame):
        """Files a frame of output, gap or boundary; returns whether it is one."""
        if frame.type in (Type.DATA, Type.HISTORY_DATA):
            self._file_part(Piece(frame["offset"], frame["time"], frame["bytes"]))
        elif frame.type in (Type.GAP, Type.HISTORY_GAP):
            self._file_part(Gap(frame["from"], frame["to"], frame["kind"]))
        elif frame.type == Type.BOUNDARY:
            self._file_boundary(frame)
        else:
            return False
        return True

    def _file_part(self, part):
        if self.offset is None:
            self.offset = part.start
        if part.start != self.offset or part.end <= part.start:
            raise ProtocolViolation(f"[{part.start}, {part.end}) follows, the stream is at {self.offset}")
        pieces = self.parts[-1:]
        if isinstance(part, Piece) and pieces and isinstance(pieces[0], Piece) and part.time < pieces[0].time:
            raise ProtocolViolation(f"output at {part.start} is older than the output before it")
        self.parts.append(part)
        self.offset = part.end

    def _file_boundary(self, frame):
        boundary = Boundary(
            frame["number"], frame["offset"], frame["time"], BoundaryKind(frame["kind"]), frame["text"]
        )
        if self.boundaries and boundary.number <= self.boundaries[-1].number:
            raise ProtocolViolation(f"{boundary} after number {self.boundaries[-1].number}")
        if not self._earliest_place() <= boundary.offset <= self.offset:
            raise ProtocolViolation(f"{boundary} out of place, the stream is at {self.offset}")
        self.boundaries.append(boundary)

    def _earliest_place(self):
        """Before the first output come all boundaries up to there, after a gap those within it; else the boundary of
        this very offset."""
        if not self.parts:
            return 0
        last = self.parts[-1]
        return last.start if isinstance(last, Gap) else self.offset
