"""Clients: a raw one, and a native one that holds the host to PROTOCOL.md with every frame it gets."""

import os
import signal

from harness import unix_path
from harness.endpoint import Endpoint, EndOfStream
from harness.frames import (
    ANY_INSTANCE,
    HEADER_BYTES,
    MAGIC,
    VERSION,
    Answer,
    BoundaryKind,
    Error,
    Frame,
    ProtocolViolation,
    Result,
    Role,
    Start,
    Type,
    decode,
    decode_header,
    encode,
)
from harness.received import Received
from harness.status_frame import decode_status

EVERYTHING = 1 << 62


class RawClient(Endpoint):
    def __init__(self, path, deadline):
        super().__init__(unix_path.connect(path, deadline), name="the raw client's stream")


class DoomedClient:
    """A raw client in a process of its own, which reads `count` bytes and is then there to be killed."""

    def __init__(self, path, count, deadline):
        client = RawClient(path, deadline)
        read_end, write_end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._live(client, count, write_end, deadline)
        client.close()
        os.close(write_end)
        deadline.wait_readable(read_end, f"the client that will be killed reads {count} bytes")
        assert os.read(read_end, 1) == b"."
        os.close(read_end)

    @staticmethod
    def _live(client, count, write_end, deadline):
        try:
            client.read_exactly(count, deadline)
            os.write(write_end, b".")
            signal.pause()
        finally:
            os._exit(1)

    def kill(self):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


class NativeClient:
    """Its stream since the welcome is in `received`, what the host last said of its role in `role`, and what it said of
    dropped input in `refusals`."""

    def __init__(self, path, deadline):
        self._end = Endpoint(unix_path.connect(path, deadline), name="the native client's stream")
        self._forget_stream()

    def _forget_stream(self):
        self.welcome = None
        self.received = Received()
        self.role = {"may_type": None, "answers": None, "writer": None}
        self.refusals = []

    # Frames

    def send(self, frame_type, deadline, **values):
        self._end.send(encode(frame_type, **values), deadline)

    def send_bytes(self, data, deadline):
        self._end.send(data, deadline)

    def send_some(self, data):
        """What the host takes without a wait, in bytes."""
        return self._end.send_some(data)

    def receive(self, deadline) -> Frame:
        """The next frame. Those of the stream are also filed."""
        length, type_number = decode_header(self._end.read_exactly(HEADER_BYTES, deadline))
        frame = decode(type_number, self._end.read_exactly(length, deadline))
        if frame.type in (Type.DATA, Type.GAP, Type.BOUNDARY):
            self.received.file(frame)
        elif frame.type == Type.ROLE:
            self.role = frame.values
        elif frame.type == Type.REFUSED:
            self.refusals.append(frame)
        elif frame.type == Type.WELCOME:
            self._begin_stream(frame)
        return frame

    def _begin_stream(self, welcome):
        self.welcome = welcome
        attached = Answer(welcome["answer"]).attached and welcome["role"] != Role.CONTROL
        self.received = Received(welcome["start"] if attached else None)

    def expect(self, frame_type, deadline) -> Frame:
        """The next frame of that type. Frames that need no request may come before it."""
        while (frame := self.receive(deadline)).type != frame_type:
            if frame.type == Type.ERROR:
                raise EndOfStream(f"expected {frame_type.name}, got {Error(frame['code']).name}: {frame['text']}")
            if frame.type not in (Type.DATA, Type.GAP, Type.BOUNDARY, Type.ROLE, Type.REFUSED):
                raise ProtocolViolation(f"expected {frame_type.name}, got {frame.type.name}")
        return frame

    def receive_to_end(self, deadline):
        """All frames until the host closes the connection."""
        frames = []
        while not self._end.at_end(deadline):
            frames.append(self.receive(deadline))
        return frames

    # The stream

    def hello(
        self, deadline, role=Role.CLIENT, start=Start.UNREAD, value=0, instance=ANY_INSTANCE, flags=0, label=b""
    ):
        """Says hello; returns the welcome."""
        self._forget_stream()
        self.send(
            Type.HELLO,
            deadline,
            magic=MAGIC,
            version=VERSION,
            role=role,
            start=start,
            flags=flags,
            label_length=len(label),
            instance=instance,
            value=value,
            label=label,
        )
        return self.expect(Type.WELCOME, deadline)

    @property
    def offset(self):
        """Up to which the stream is accounted for."""
        return self.received.offset

    def read_to(self, offset, deadline):
        """Reads until the stream has come to `offset`; returns all output since the welcome."""
        self.wait(lambda: self.offset >= offset, deadline)
        return self.received.output

    def wait(self, condition, deadline):
        """Receives frames until `condition` holds."""
        while not condition():
            frame = self.receive(deadline)
            if frame.type == Type.ERROR:
                raise EndOfStream(f"{Error(frame['code']).name}: {frame['text']}")

    def acknowledge(self, deadline, offset=None):
        self.send(Type.ACKNOWLEDGE, deadline, offset=self.offset if offset is None else offset)

    # Input

    @property
    def guest_number(self):
        """The last guest boundary that this client has been told of."""
        told = [boundary.number for boundary in self.received.boundaries if boundary.kind != BoundaryKind.MARK]
        return max([self.welcome["guest_number"], *told])

    def type(self, data, deadline, guest_number=None):
        """One input frame, for the guest that this client last heard of unless another is named."""
        number = self.guest_number if guest_number is None else guest_number
        self.send(Type.INPUT, deadline, guest_number=number, bytes=data)

    # Requests

    def ask(self, frame_type, deadline, **values):
        """One of take, kick, clear, mark, break; returns its result."""
        self.send(frame_type, deadline, **values)
        done = self.expect(Type.DONE, deadline)
        if done["request"] != frame_type:
            raise ProtocolViolation(f"{frame_type.name} was answered by the result of {Type(done['request']).name}")
        return Result(done["result"])

    def ping(self, deadline, value=0):
        """Returns the pong. What was sent before has then been dealt with."""
        self.send(Type.PING, deadline, value=value)
        pong = self.expect(Type.PONG, deadline)
        if pong["value"] != value:
            raise ProtocolViolation(f"pong {pong['value']} for ping {value}")
        return pong

    def status(self, deadline):
        self.send(Type.STATUS_REQUEST, deadline)
        return decode_status(self.expect(Type.STATUS, deadline)["status"])

    def history(self, deadline, start=Start.BEGINNING, value=0, length=EVERYTHING):
        """A read of the retained range, as another Received. Frames of the stream may come in between."""
        self.send(Type.HISTORY, deadline, start=start, value=value, length=length)
        history = Received()
        while (frame := self.receive(deadline)).type != Type.HISTORY_END:
            if frame.type in (Type.HISTORY_DATA, Type.HISTORY_GAP):
                history.file(frame)
            elif frame.type == Type.ERROR:
                raise EndOfStream(f"history was answered by {Error(frame['code']).name}: {frame['text']}")
        if history.offset not in (None, frame["offset"]):
            raise ProtocolViolation(f"history ends at {frame['offset']}, it had come to {history.offset}")
        history.offset = frame["offset"]
        return history

    # Ends

    def half_close(self):
        self._end.half_close()

    def close(self):
        self._end.close()
