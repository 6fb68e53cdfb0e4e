"""connect as a filter: exact both ways, and a good guest of the descriptors that it is given."""

import contextlib
import fcntl
import os
import pty
import signal
import socket
import subprocess
import tty

import pytest

from harness.endpoint import Endpoint
from harness.filter import Exit
from harness.host import program
from harness.stream import assert_counting


@pytest.mark.parametrize("kind", ["native", "raw"])
def test_it_is_exact_both_ways(console, guest, connect, deadline, kind, folder):
    path = folder / "plain"
    if kind == "raw":
        os.symlink(console.path, path)
    said = guest.print_counting(300_000, deadline)
    client = connect(path if kind == "raw" else console.path)

    assert client.read_exactly(len(said), deadline) == said
    typed = bytes(range(256)) * 64
    client.type(typed)
    client.close_input()
    assert guest.end.read_exactly(len(typed), deadline) == typed
    guest.print_counting(1000, deadline)  # the end of its input did not end it
    assert_counting(client.read_exactly(1000, deadline), 300_000)


def test_a_closed_output_ends_it_quietly_though_the_guest_is_silent(console, guest, connect, deadline):
    guest.print(b"login: ", deadline)
    client = connect(console.path)
    assert client.read_exactly(7, deadline) == b"login: "

    client.close_output()

    assert client.wait_end(deadline) == Exit.DONE
    assert client.said == b""


def pipe_end():
    read_fd, write_fd = os.pipe()
    return read_fd, write_fd


def socket_end():
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def terminal_end():
    master, slave = pty.openpty()
    tty.setraw(slave)
    return master, slave


@pytest.mark.parametrize("make", [pipe_end, socket_end, terminal_end])
def test_its_output_may_be_anything_and_stays_as_it_was(console, guest, connect, deadline, make):
    """Others may hold it, too: a flag of its description would be theirs as well."""
    ours, theirs = make()
    before = fcntl.fcntl(theirs, fcntl.F_GETFL)
    client = connect(console.path, stdin=subprocess.DEVNULL, stdout=theirs)
    said = guest.print_counting(50_000, deadline)

    end = Endpoint(ours, name="what connect puts out")
    assert end.read_exactly(len(said), deadline) == said
    assert fcntl.fcntl(theirs, fcntl.F_GETFL) == before
    client.stop(deadline)
    assert fcntl.fcntl(theirs, fcntl.F_GETFL) == before
    end.close()
    os.close(theirs)


@pytest.mark.parametrize("make", [pipe_end, socket_end, terminal_end])
def test_its_input_may_be_anything_and_stays_as_it_was(console, guest, connect, deadline, make):
    theirs, ours = make() if make is pipe_end else reversed(make())
    before = fcntl.fcntl(theirs, fcntl.F_GETFL)
    client = connect(console.path, stdin=theirs)
    os.write(ours, b"uptime\r")

    assert guest.end.read_exactly(7, deadline) == b"uptime\r"
    assert fcntl.fcntl(theirs, fcntl.F_GETFL) == before
    assert client.process.poll() is None
    os.close(ours)
    os.close(theirs)


def test_a_reader_that_takes_nothing_is_waited_for_and_gets_everything(console, guest, connect, deadline):
    read_fd, write_fd = os.pipe()
    connect(console.path, stdout=write_fd)
    os.close(write_fd)
    console.wait_clients(1, deadline)
    said = guest.print_counting(900_000, deadline)  # returns: it holds nobody up

    end = Endpoint(read_fd, name="what connect puts out")
    assert end.read_exactly(len(said), deadline) == said
    end.close()


def test_without_a_terminal_the_escape_is_a_byte_like_any_other(console, guest, connect, deadline):
    client = connect(console.path)
    client.type(b"a\x1d.\x1d?b")
    assert guest.end.read_exactly(6, deadline) == b"a\x1d.\x1d?b"


def test_messages_that_nobody_reads_keep_it_from_nothing(console, guest, connect, deadline):
    """Standard error is a full pipe: --timeout holds, and so does SIGTERM."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write_end, b"x" * 4096)
    os.set_blocking(write_end, True)
    command = [program(), "connect", "--wait", "--timeout", "100ms", console.path + "-absent"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=write_end)
    assert process.wait(deadline.left("it ends")) == Exit.TIMED_OUT

    process = subprocess.Popen(command[:3] + command[5:], stdin=subprocess.DEVNULL, stderr=write_end)
    process.terminate()
    assert process.wait(deadline.left("it ends")) == 128 + signal.SIGTERM or process.returncode == -signal.SIGTERM
    os.close(read_end)
    os.close(write_end)


def test_a_name_steers_no_terminal(folder, connect, deadline):
    name = folder / "a\x1b]0;b\x07\nc"
    client = connect("--wait", "--timeout", "50ms", name)
    assert client.wait_end(deadline) == Exit.TIMED_OUT
    assert client.said.count(b"\n") == 2 and b"\x1b" not in client.said and b"\x07" not in client.said


def test_a_path_that_leads_round_in_a_circle_is_said_so(folder, connect, deadline):
    """A link to a socket is followed; only one in the place of its own files is not."""
    path = folder / "loop"
    path.symlink_to(path)
    client = connect(path)
    assert client.wait_end(deadline) == Exit.FAILED
    assert client.notices(path) == ["Too many levels of symbolic links"]


def test_a_script_that_may_not_type_is_told_at_once(start_host, guest, connect, deadline):
    host = start_host(guest, "--writers", "one")
    with contextlib.closing(host.connect_raw(deadline)):
        host.wait_clients(1, deadline)
        client = connect("--send", "uname", "--until", "Linux", host.path)
        assert client.wait_end(deadline) == Exit.REFUSED
