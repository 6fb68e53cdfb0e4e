"""What a host does in a short life in which everything happens once, as its trace has it."""

import os
import tempfile
import time

from harness.background import Background
from harness.deadline import Deadline
from harness.frames import HELLO_CONTINUES, Answer, Role, Start, Type
from harness.guest import UnixGuest
from harness.host import Host
from harness.trace import decode

SECONDS = 20
KIB = 1 << 10


def trace_of_a_host(play, *options):
    """The records of the trace of a host with `options`, once `play(host, guest, deadline)` has been played."""
    deadline = Deadline(SECONDS)
    with tempfile.TemporaryDirectory(prefix="sc-") as folder:
        path = os.path.join(folder, "trace")
        guest = UnixGuest(os.path.join(folder, "guest"))
        host = Host(folder, guest, *options, "--trace", path + ",input")
        try:
            host.wait_ready(deadline)
            guest.attach(deadline)
            play(host, guest, deadline)
            host.stop()
            with open(path, "rb") as file:
                records, rest = decode(file.read())
        finally:
            host.kill()
            guest.close()
    assert rest == b"" and records[-1].name == "stop"
    return records


HISTORY_UNREAD = ("--buffer", "4K", "--keep-first", "1K", "--history", "unread")


def busy_day(host, guest, deadline):
    """For HISTORY_UNREAD: raw and native clients and a viewer, an overflow, a restart, input of both kinds, a break that is
    refused, a mark, a kick, a clear, a client that resumes."""
    guest.print_counting(500, deadline)
    raw = host.connect_raw(deadline)
    raw.read_exactly(500, deadline)
    native = host.connect_native(deadline, start=Start.BEGINNING, label=b"one")
    native.read_to(500, deadline)
    viewer = host.connect_native(deadline, role=Role.VIEWER, start=Start.BEGINNING)
    viewer.read_to(500, deadline)

    for count in (700, 3000, 4000):  # the last two overflow
        guest.print_counting(count, deadline)
        raw.read_exactly(count, deadline)
        native.read_to(guest.printed, deadline)
        viewer.read_to(guest.printed, deadline)
        native.acknowledge(deadline)
        native.ping(deadline)
    late = host.connect_native(deadline, start=Start.BEGINNING)  # the beginning, a gap, the ring
    late.read_to(guest.printed, deadline)

    raw.send(b"raw\r", deadline)
    assert guest.end.read_exactly(4, deadline) == b"raw\r"
    native.type(b"native\r", deadline)
    assert guest.end.read_exactly(7, deadline) == b"native\r"
    viewer.type(b"nothing", deadline)
    viewer.ping(deadline)
    native.ask(Type.BREAK, deadline, guest_number=native.guest_number)
    native.ask(Type.MARK, deadline, text=b"before the restart")

    guest.restart(deadline)
    native.wait(lambda: len(native.received.boundaries) >= 4, deadline)
    native.type(b"stale\r", deadline, guest_number=1)
    native.ping(deadline)
    native.type(b"fresh\r", deadline)
    assert guest.end.read_exactly(6, deadline) == b"fresh\r"
    guest.print_counting(100, deadline)
    raw.read_exactly(100, deadline)
    native.read_to(guest.printed, deadline)
    native.acknowledge(deadline)
    native.ping(deadline)
    instance, offset = native.welcome["instance"], native.offset
    native.close()
    host.wait_clients(3, deadline)

    guest.print_counting(200, deadline)
    again = host.connect_native(
        deadline, start=Start.OFFSET, value=offset, instance=instance, flags=HELLO_CONTINUES, label=b"two"
    )
    again.read_to(guest.printed, deadline)
    again.ask(Type.KICK, deadline, client=late.welcome["client"])
    late.receive_to_end(deadline)
    again.ask(Type.CLEAR, deadline)
    guest.print_counting(300, deadline)
    again.read_to(guest.printed, deadline)
    raw.read_exactly(500, deadline)
    behind = host.connect_native(deadline, start=Start.BEGINNING)  # a gap of what was cleared
    behind.read_to(guest.printed, deadline)
    beyond = host.connect_native(deadline, start=Start.OFFSET, value=1 << 40, instance=instance)
    assert beyond.welcome["answer"] == Answer.BEYOND_HEAD
    beyond.close()
    again.acknowledge(deadline)
    again.ping(deadline)
    doomed = host.connect_raw(deadline)  # it reads nothing of this, and dies
    host.wait_clients(5, deadline)
    guest.print_counting(50, deadline)
    raw.read_exactly(50, deadline)
    host.wait_status(lambda status: status["clients"][-1]["offset"] == guest.printed, "all was sent", deadline)
    doomed.close()
    host.wait_clients(4, deadline)
    host.status(deadline)
    raw.close()
    host.wait_clients(3, deadline)


WRITERS_ONE = ("--buffer", "64K", "--writers", "one", "--hold", "2s")


def one_writer(host, guest, deadline):
    """For WRITERS_ONE: a writer and one who waits, who takes the role; a slow client that is held for."""
    first = host.connect_native(deadline)
    second = host.connect_native(deadline)
    raw = host.connect_raw(deadline)
    host.wait_clients(3, deadline)
    second.type(b"not me", deadline)
    second.ping(deadline)
    first.type(b"me\r", deadline)
    assert guest.end.read_exactly(3, deadline) == b"me\r"
    second.ask(Type.TAKE, deadline)
    second.type(b"now me\r", deadline)
    assert guest.end.read_exactly(7, deadline) == b"now me\r"
    first.type(b"no more", deadline)
    first.ping(deadline)
    guest.print_counting(16 * KIB, deadline)
    for client in (first, second):
        client.read_to(guest.printed, deadline)
    raw.read_exactly(guest.printed, deadline)
    second.close()
    host.wait_clients(2, deadline)
    first.ping(deadline)
    first.close()
    host.wait_clients(1, deadline)
    reading = Background(read_slowly, raw, deadline)
    guest.print_counting(1024 * KIB, deadline)
    guest.print(LAST, deadline)
    reading.finish()


LAST = b"<the last words>"


def read_slowly(client, deadline):
    """Who is kept from reading for as long as the host waits for it misses something, but not the end."""
    said = b""
    while not said.endswith(LAST):
        time.sleep(0.002)  # the reader's own pace
        piece = client.receive(deadline, 8 * KIB)
        assert piece, "it is over before the last words"
        said = said[-len(LAST) :] + piece
