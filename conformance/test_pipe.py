"""serialcon pipe: a relay between standard input and output and a host's .ctl."""

import fcntl
import os
import pty
import select
import socket
import subprocess
import tty

import pytest

from harness import unix_path
from harness.background import Background
from harness.command import Command
from harness.endpoint import Endpoint
from harness.frames import ANY_INSTANCE, HEADER_BYTES, MAGIC, VERSION, Role, Start, Type, decode, decode_header, encode
from harness.host import assert_one_message, program, run_program
from harness.stream import KIB, MIB, assert_counting, counting

DONE, GONE = 0, 4
QUIET_SECONDS = 0.2  # nobody takes anything for so long: it is full


@pytest.fixture
def far(folder):
    """Who listens on the .ctl, in place of a host."""
    with unix_path.listen(folder / "console.ctl") as listener:
        yield listener


@pytest.fixture
def relay(folder, far, deadline):
    """A relay, and the two ends of what it connects."""
    command = Command(folder, "pipe", folder / "console")
    deadline.wait_readable(far, "the relay connects")
    peer = Endpoint(far.accept()[0], name="the host's side")
    yield command, peer
    peer.close()
    command.kill()


def receive(command, deadline):
    length, number = decode_header(command.end.read_exactly(HEADER_BYTES, deadline))
    return decode(number, command.end.read_exactly(length, deadline))


def greet(command, deadline):
    """Says hello through the relay; returns the welcome."""
    hello = {"magic": MAGIC, "version": VERSION, "role": Role.CLIENT, "start": Start.BEGINNING}
    command.end.send(encode(Type.HELLO, instance=ANY_INSTANCE, **hello), deadline)
    return receive(command, deadline)


def test_it_carries_the_native_protocol(start_host, guest, deadline, folder):
    host = start_host(guest)
    guest.print(b"login: ", deadline)
    command = Command(folder, "pipe", host.path)

    welcome = greet(command, deadline)
    while (frame := receive(command, deadline)).type != Type.DATA:
        pass
    assert frame["bytes"] == b"login: "
    command.end.send(encode(Type.INPUT, guest_number=welcome["guest_number"], bytes=b"root\r"), deadline)

    assert guest.end.read_exactly(5, deadline) == b"root\r"
    command.kill()


def test_it_is_exact_both_ways(relay, deadline):
    command, peer = relay
    jobs = [
        Background(command.end.send, counting(0, 4 * MIB), deadline),
        Background(peer.send, counting(MIB, 5 * MIB), deadline),
        Background(command.end.read_exactly, 4 * MIB, deadline),
    ]
    assert_counting(peer.read_exactly(4 * MIB, deadline), 0)
    assert_counting([job.finish() for job in jobs][-1], MIB, 5 * MIB)


def fill(end):
    """Writes the counting stream until nothing more is taken; returns how much that was."""
    sent = 0
    while select.select([], [end.write_fileno()], [], QUIET_SECONDS)[1]:
        sent += end.send_some(counting(sent, sent + 64 * KIB))
    return sent


@pytest.mark.parametrize("stalled", ["down", "up"])
def test_no_direction_stalls_the_other(relay, deadline, stalled):
    command, peer = relay
    near, far = (command.end, peer) if stalled == "down" else (peer, command.end)
    stuck = fill(far)  # which nobody reads
    assert stuck < MIB  # bounded: the kernel's buffers, and one of the relay's
    assert_counting(near.read_exactly(10 * KIB, deadline), 0)  # room for some of what waits, not for all

    job = Background(near.send, counting(0, 2 * MIB), deadline)
    assert_counting(far.read_exactly(2 * MIB, deadline), 0)
    job.finish()

    assert_counting(near.read_exactly(stuck - 10 * KIB, deadline), 10 * KIB)


def test_end_of_input_closes_the_sending_half_alone(relay, deadline):
    command, peer = relay
    command.end.send(b"the last request", deadline)
    command.close_input()
    assert peer.read_to_end(deadline) == b"the last request"

    job = Background(peer.send, counting(0, 300 * KIB), deadline)
    assert_counting(command.end.read_exactly(300 * KIB, deadline), 0)
    job.finish()
    assert command.process.poll() is None


def test_it_ends_when_the_socket_has_and_all_is_written(relay, deadline):
    command, peer = relay
    sent = fill(peer)
    peer.close()
    assert_counting(command.end.read_to_end(deadline), 0, sent)
    assert (command.wait(deadline), command.messages()) == (DONE, "")


def test_it_ends_when_nobody_reads_any_more(relay, deadline):
    command, peer = relay
    command.close_output()
    assert (command.wait(deadline), command.messages()) == (DONE, "")


def test_a_host_that_dies_ends_it(start_host, guest, deadline, folder):
    host = start_host(guest)
    command = Command(folder, "pipe", host.path)
    greet(command, deadline)
    host.kill()
    command.end.read_to_end(deadline)
    assert (command.wait(deadline), command.messages()) == (DONE, "")


def test_without_a_host_it_says_so(folder, deadline):
    answer = run_program(deadline, "pipe", folder / "absent")
    assert answer.returncode == GONE
    assert_one_message(answer)


@pytest.mark.parametrize("kind", ["pipe", "socket", "terminal"])
def test_descriptors_that_were_given_stay_as_they_were(folder, far, deadline, kind):
    """Others hold them too: O_NONBLOCK set here would be set there."""
    if kind == "pipe":
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
    elif kind == "socket":
        ours, theirs = socket.socketpair()
        ours_in = ours_out = ours.detach()
        theirs_in = theirs_out = theirs.detach()
    else:
        ours_in, theirs_in = pty.openpty()
        tty.setraw(theirs_in)
        ours_out, theirs_out = ours_in, theirs_in
    end = Endpoint(ours_in, ours_out, name="the relay's output")
    process = subprocess.Popen([program(), "pipe", folder / "console"], stdin=theirs_in, stdout=theirs_out)
    try:
        deadline.wait_readable(far, "the relay connects")
        peer = Endpoint(far.accept()[0], name="the host's side")
        job = Background(peer.send, counting(0, 256 * KIB), deadline)
        assert_counting(end.read_exactly(256 * KIB, deadline), 0)
        job.finish()
        job = Background(end.send, counting(0, 256 * KIB), deadline)
        assert_counting(peer.read_exactly(256 * KIB, deadline), 0)
        job.finish()
        stuck = fill(peer)  # nobody reads it, and nothing else waits for that
        end.send(counting(0, 1000), deadline)
        assert_counting(peer.read_exactly(1000, deadline), 0)
        assert_counting(end.read_exactly(stuck, deadline), 0)
        for fd in theirs_in, theirs_out:
            assert not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK
        peer.close()
        assert process.wait(deadline.left("the relay ends")) == DONE
    finally:
        process.kill()
        process.wait(10)
        end.close()
        for fd in {theirs_in, theirs_out}:
            os.close(fd)
