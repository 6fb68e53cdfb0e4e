"""BF-10: input reaches the guest unchanged, in order and whole, and only the guest that it was meant for."""

import hashlib
import random

import pytest

from harness.background import Background
from harness.deadline import Deadline
from harness.frames import INPUT_BYTES_MAX, Error, Refusal, Result, Type
from harness.guest import PtyGuest, UnixGuest
from harness.stream import KIB, MIB, assert_counting, counting

QUEUE_BYTES = 64 * KIB
PASTE_RSS_MAX = 8 * MIB
BLOCKED_SECONDS = 0.2


@pytest.mark.clause("BF-10.1")
@pytest.mark.parametrize(
    "text", [b"\n", b"\n\n", b"a\n", b"\r", b"\r\n", b"\x1d\x03\x04\x1b[A\0\xff", bytes(range(256))]
)
@pytest.mark.parametrize("kind", ["raw", "native"])
def test_input_arrives_as_it_was_sent(start_host, guest, deadline, kind, text):
    """cloud-hypervisor #1770, #1771: a lone LF became CR."""
    host = start_host(guest)
    if kind == "raw":
        host.connect_raw(deadline).send(text, deadline)
    else:
        host.connect_native(deadline).type(text, deadline)

    assert guest.end.read_exactly(len(text), deadline) == text


@pytest.mark.clause("BF-10.2")
@pytest.mark.measures
def test_a_large_paste_is_whole_and_takes_no_memory(start_host, guest, deadline):
    """ser2net#59 (> 6000 bytes), azserialconsole#14, linuxppc#409: pastes lost bytes."""
    paste = random.Random(10).randbytes(16 * MIB)
    host = start_host(guest)
    client = host.connect_raw(deadline)
    pasting = Background(client.send, paste, deadline)

    digest, taken = hashlib.sha256(), 0
    while taken < len(paste):
        piece = guest.end.read_exactly(min(50_000, len(paste) - taken), deadline)
        digest.update(piece)
        taken += len(piece)
        guest.print_some(b"got %d\r\n" % taken, deadline)
    pasting.finish()

    assert digest.digest() == hashlib.sha256(paste).digest()
    assert host.memory("VmHWM") < PASTE_RSS_MAX
    status = host.status(deadline)["input"]
    assert (status["bytes"], status["written_bytes"], status["waiting_bytes"]) == (len(paste), len(paste), 0)


@pytest.mark.clause("BF-10.2")
def test_a_native_paste_is_whole(start_host, guest, deadline):
    paste = counting(0, MIB)
    host = start_host(guest)
    client = host.connect_native(deadline)
    sizes = random.Random(10)

    def send_all():
        position = 0
        while position < len(paste):
            size = sizes.randint(1, INPUT_BYTES_MAX)
            client.type(paste[position : position + size], deadline)
            position += size

    pasting = Background(send_all)
    assert_counting(guest.end.read_exactly(len(paste), deadline), 0)
    pasting.finish()


@pytest.mark.clause("BF-10.3")
@pytest.mark.measures
def test_input_that_the_guest_does_not_take_takes_no_memory(start_host, guest, deadline):
    """firecracker#2177: unbounded input memory."""
    host = start_host(guest)
    client = host.connect_raw(deadline)
    before = host.memory("VmRSS")

    sent = send_until_blocked(client, 64 * MIB)

    assert sent < 4 * MIB
    assert host.memory("VmRSS") - before < 128 * KIB
    status = host.status(deadline)["input"]
    assert status["waiting_bytes"] == QUEUE_BYTES
    assert_counting(guest.end.read_exactly(sent, deadline), 0)


def send_until_blocked(client, at_most):
    """Sends the counting stream until the client's socket stays full; returns how much that was."""
    sent = 0
    while sent < at_most:
        taken = client.send_some(counting(sent, sent + 64 * KIB))
        sent += taken
        if not taken:
            try:
                Deadline(BLOCKED_SECONDS).wait_writable(client, "room")
            except AssertionError:
                return sent
    return sent


@pytest.mark.clause("BF-10.3")
def test_another_client_may_type_after_one_that_the_guest_did_not_read(start_host, guest, deadline):
    host = start_host(guest)
    pasting = host.connect_raw(deadline)
    sent = send_until_blocked(pasting, 64 * MIB)
    native = host.connect_native(deadline)
    native.type(b"native", deadline)
    native.send(Type.PING, deadline, value=1)  # answered once the input before it was taken
    assert host.status(deadline)["input"]["waiting_bytes"] == QUEUE_BYTES

    received = bytearray()
    while len(received) < sent + len(b"native"):
        received += guest.end.receive(deadline)

    at = received.index(b"native")
    assert_counting(received[:at] + received[at + len(b"native") :], 0, sent)
    assert native.expect(Type.PONG, deadline)["value"] == 1


@pytest.mark.clause("BF-10.4")
@pytest.mark.parametrize("kind", ["raw", "native"])
def test_input_before_the_first_guest_waits_for_it(start_host, folder, deadline, kind):
    guest = UnixGuest(folder / "guest", listening=False)
    host = start_host(guest, attach=False)
    if kind == "raw":
        client = host.connect_raw(deadline)
        client.send(b"first\r", deadline)
        client.wait_taken(deadline)
    else:
        host.connect_native(deadline).type(b"first\r", deadline)
    host.wait_status(lambda status: status["input"]["waiting_bytes"] == 6, "6 bytes wait", deadline)

    guest.listen()
    guest.attach(deadline)

    assert guest.end.read_exactly(6, deadline) == b"first\r"
    guest.close()


@pytest.mark.clause("BF-10.5")
def test_input_while_the_guest_is_away_is_dropped_and_counted(start_host, guest, deadline):
    """stablyai/orca#11463, Cotal-AI/Cotal#594, manaflow-ai/cmux#10414: it ran later, elsewhere."""
    host = start_host(guest)
    raw = host.connect_raw(deadline)
    native = host.connect_native(deadline)
    guest.vanish()
    host.wait_status(lambda status: status["guest"]["state"] == "down", "the guest is down", deadline)

    raw.send(b"rm -rf /\r", deadline)
    native.type(b"halt\r", deadline)
    native.wait(lambda: native.refusals, deadline)
    assert (native.refusals[0]["reason"], native.refusals[0]["bytes"]) == (Refusal.NO_GUEST, 5)
    host.wait_status(lambda status: status["input"]["dropped"]["no_guest"] == 14, "14 bytes are dropped", deadline)

    guest.listen()
    guest.attach(deadline)
    wait_up(host, deadline)
    raw.send(b"id\r", deadline)
    assert guest.end.read_exactly(3, deadline) == b"id\r"


@pytest.mark.clause("BF-10.5")
def test_what_lay_in_a_socket_when_the_guest_went_is_dropped_and_counted(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_raw(deadline)
    sent = send_until_blocked(client, 64 * MIB)
    status = host.status(deadline)["input"]
    unread = sent - status["written_bytes"]
    assert unread > QUEUE_BYTES

    guest.restart(deadline)
    status = host.wait_status(
        lambda status: status["input"]["dropped"]["no_guest"] == unread, f"{unread} bytes are dropped", deadline
    )
    wait_up(host, deadline)
    client.send(b"fresh\r", deadline)

    assert guest.end.read_exactly(6, deadline) == b"fresh\r"


@pytest.mark.clause("BF-10.5")
def test_what_a_client_that_left_had_sent_does_not_reach_the_next_guest(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_raw(deadline)
    sent = send_until_blocked(client, 64 * MIB)
    client.close()

    guest.restart(deadline)

    host.wait_status(
        lambda status: status["input"]["written_bytes"] + status["input"]["dropped"]["no_guest"] == sent,
        "everything is accounted for",
        deadline,
    )
    wait_up(host, deadline)
    host.connect_raw(deadline).send(b"fresh\r", deadline)
    assert guest.end.read_exactly(6, deadline) == b"fresh\r"


def wait_up(host, deadline):
    host.wait_status(lambda status: status["guest"]["state"] == "up", "a guest is up", deadline)


@pytest.mark.clause("BF-10.6")
def test_a_native_frame_for_an_earlier_guest_is_refused(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)
    first = client.guest_number
    client.type(b"one", deadline, guest_number=first)
    assert guest.end.read_exactly(3, deadline) == b"one"

    guest.restart(deadline)
    wait_up(host, deadline)
    client.type(b"half a comm", deadline, guest_number=first)
    client.wait(lambda: client.refusals, deadline)
    assert (client.refusals[0]["reason"], client.refusals[0]["bytes"]) == (Refusal.OLD_GUEST, 11)
    assert host.status(deadline)["input"]["dropped"]["old_guest"] == 11

    client.type(b"two", deadline)
    assert guest.end.read_exactly(3, deadline) == b"two"


@pytest.mark.clause("BF-10.6")
def test_during_the_first_guest_any_number_will_do(start_host, folder, deadline):
    guest = UnixGuest(folder / "guest", listening=False)
    host = start_host(guest, attach=False)
    client = host.connect_native(deadline)
    assert client.welcome["guest_number"] == 0
    guest.listen()
    guest.attach(deadline)

    client.type(b"early", deadline, guest_number=0)

    assert guest.end.read_exactly(5, deadline) == b"early"
    guest.close()


@pytest.mark.clause("BF-10.7")
def test_a_half_closed_client_goes_on_receiving(start_host, guest, deadline):
    """cloud-hypervisor, obmc-console: `printf cmd | nc -N -U` got no answer."""
    host = start_host(guest)
    client = host.connect_raw(deadline)
    client.send(b"uname\r", deadline)
    client.half_close()
    assert guest.end.read_exactly(6, deadline) == b"uname\r"

    guest.print_counting(MIB, deadline)

    assert_counting(client.read_exactly(MIB, deadline), 0)
    assert host.status(deadline)["clients"][0]["half_closed"]


@pytest.mark.clause("BF-10.7")
def test_a_half_closed_native_client_goes_on_receiving(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)
    client.type(b"uname\r", deadline)
    client.half_close()
    assert guest.end.read_exactly(6, deadline) == b"uname\r"

    guest.print_counting(MIB, deadline)

    assert_counting(client.read_to(MIB, deadline), 0, MIB)


@pytest.mark.clause("BF-10.8")
@pytest.mark.parametrize("count", [1, 1000, 150_000])
def test_a_client_that_sends_and_closes_is_heard(start_host, guest, deadline, count):
    host = start_host(guest)
    guest.print_counting(100 * KIB, deadline)  # which it leaves unread
    client = host.connect_raw(deadline)
    client.send(counting(0, count), deadline)
    client.close()

    assert_counting(guest.end.read_exactly(count, deadline), 0)


@pytest.mark.clause("BF-10.8")
def test_a_native_client_that_sends_and_closes_is_heard(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)
    for position in range(0, 40 * INPUT_BYTES_MAX, INPUT_BYTES_MAX):
        client.type(counting(position, position + INPUT_BYTES_MAX), deadline)
    client.close()

    assert_counting(guest.end.read_exactly(40 * INPUT_BYTES_MAX, deadline), 0)


@pytest.mark.clause("BF-10.9")
def test_a_break_where_it_cannot_be_carried_is_refused(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)

    assert client.ask(Type.BREAK, deadline, guest_number=client.guest_number) == Result.NOT_CARRIED
    assert host.status(deadline)["input"]["breaks"] == 0


@pytest.mark.clause("BF-10.9")
def test_a_break_is_sent_where_it_can_be(start_host, deadline):
    guest = PtyGuest()
    guest.arguments = ["--guest", f"tty:{guest.path}"]
    host = start_host(guest)
    client = host.connect_native(deadline)
    client.wait(lambda: client.received.boundaries, deadline)

    client.type(b"before", deadline)
    assert client.ask(Type.BREAK, deadline, guest_number=client.guest_number) == Result.OK
    client.type(b"behind", deadline)

    assert guest.end.read_exactly(12, deadline) == b"beforebehind"
    host.wait_status(lambda status: status["input"]["breaks"] == 1, "a BREAK was sent", deadline)
    guest.close()


@pytest.mark.clause("BF-10.9")
def test_a_break_without_its_guest_is_refused(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)
    guest.vanish()
    host.wait_status(lambda status: status["guest"]["state"] == "down", "the guest is down", deadline)

    assert client.ask(Type.BREAK, deadline, guest_number=client.guest_number) == Result.NO_GUEST


@pytest.mark.clause("BF-10.3")
def test_input_frames_beyond_the_limit_are_an_error(start_host, guest, deadline):
    host = start_host(guest)
    client = host.connect_native(deadline)
    client.type(bytes(INPUT_BYTES_MAX + 1), deadline)

    assert client.receive_to_end(deadline)[-1]["code"] == Error.MALFORMED
    assert host.status(deadline)["counters"]["malformed"] == 1
