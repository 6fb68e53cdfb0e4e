"""serialcon connect in its simplest form: a filter that is exact both ways, and a console on a terminal."""

import os
import pty
import signal
import subprocess
import termios

import pytest

from harness import unix_path
from harness.endpoint import Endpoint
from harness.host import program
from harness.stream import assert_counting, counting

DONE, GONE = 0, 4


@pytest.fixture
def console(start_host, guest):
    return start_host(guest)


class Filter:
    """`connect` between two pipes."""

    def __init__(self, path, **options):
        self.process = subprocess.Popen(
            [program(), "connect", os.fspath(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
        self.end = self.process.stdout

    def read_exactly(self, count, deadline):
        data = b""
        while len(data) < count:
            deadline.wait_readable(self.end, f"byte {len(data)} of {count}")
            data += os.read(self.end.fileno(), count - len(data))
        return data

    def wait(self, deadline):
        return self.process.wait(deadline.left("connect ends"))


@pytest.mark.parametrize("kind", ["native", "raw"])
def test_as_a_filter_it_is_exact_both_ways(console, guest, deadline, kind, folder):
    path = folder / "plain"
    if kind == "raw":
        os.symlink(console.path, path)
    said = guest.print_counting(300_000, deadline)
    client = Filter(path if kind == "raw" else console.path)

    assert client.read_exactly(len(said), deadline) == said
    typed = bytes(range(256)) * 64
    client.process.stdin.write(typed)
    client.process.stdin.close()
    assert guest.end.read_exactly(len(typed), deadline) == typed
    guest.print_counting(1000, deadline)  # the end of its input did not end it
    assert_counting(client.read_exactly(1000, deadline), 300_000)
    client.process.kill()


def test_a_closed_output_ends_it_quietly(console, guest, deadline):
    guest.print(b"login: ", deadline)
    client = Filter(console.path)
    assert client.read_exactly(7, deadline) == b"login: "

    client.process.stdout.close()

    assert client.wait(deadline) == DONE
    assert client.process.stderr.read() == b""


def test_it_says_when_the_host_has_gone(start_host, guest, deadline):
    host = start_host(guest)
    guest.print(b"last words", deadline)
    client = Filter(host.path)
    assert client.read_exactly(10, deadline) == b"last words"

    host.process.terminate()

    assert host.wait_end(deadline) == 0
    assert client.wait(deadline) == GONE
    assert client.process.stderr.read().startswith(f"serialcon: {host.path}: ".encode())


def test_nobody_there_is_an_error_that_names_the_path(folder, deadline):
    client = Filter(folder / "absent")

    assert client.wait(deadline) == GONE
    assert client.process.stderr.read() == f"serialcon: {folder}/absent: No such file or directory\n".encode()


def test_a_foreign_socket_is_spoken_to_plainly(folder, deadline):
    with unix_path.listen(folder / "vmm") as listener:
        client = Filter(folder / "vmm")
        deadline.wait_readable(listener, "connect comes")
        end = Endpoint(listener.accept()[0], name="the VMM's side")
        data = counting(0, 100_000)
        end.send(data, deadline)
        assert client.read_exactly(len(data), deadline) == data
        client.process.stdin.write(b"x\r")
        client.process.stdin.flush()
        assert end.read_exactly(2, deadline) == b"x\r"
        end.close()
        assert client.wait(deadline) == GONE


class Terminal:
    """`connect` on a terminal of its own."""

    def __init__(self, path):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [program(), "connect", path],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
        )
        self.screen = b""

    def wait_screen(self, text, deadline):
        while text not in self.screen:
            deadline.wait_readable(self.master, f"{text!r} on the screen after {self.screen[-200:]!r}")
            self.screen += os.read(self.master, 4096)

    def type(self, keys):
        os.write(self.master, keys)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(console, guest, deadline):
    guest.print(b"login: ", deadline)
    opened = Terminal(console.path)
    opened.wait_screen(b"login: ", deadline)
    yield opened
    opened.close()


def end_by_escape(terminal):
    terminal.type(b"\x1d.")
    return DONE


def end_by(number):
    def send(terminal):
        terminal.process.send_signal(number)
        return 128 + number

    return send


@pytest.mark.parametrize(
    "end",
    [end_by_escape, *map(end_by, [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])],
    ids=["escape", "TERM", "INT", "HUP", "QUIT"],
)
def test_the_terminal_is_as_before_after_each_way_out(terminal, deadline, end):
    assert termios.tcgetattr(terminal.slave) != terminal.before

    expected = end(terminal)

    assert terminal.process.wait(deadline.left("connect ends")) == expected
    assert termios.tcgetattr(terminal.slave) == terminal.before


def test_the_terminal_is_as_before_when_the_host_has_gone(console, terminal, deadline):
    console.process.terminate()
    assert console.wait_end(deadline) == 0

    assert terminal.process.wait(deadline.left("connect ends")) == GONE
    assert termios.tcgetattr(terminal.slave) == terminal.before


def test_keys_go_to_the_guest_as_they_are(terminal, guest, deadline):
    keys = b"\x01c\x03\x04\x11\x13\x1a\x1c\r\n\x7f\x1b[A"
    terminal.type(keys)

    assert guest.end.read_exactly(len(keys), deadline) == keys


def test_the_escape_character_helps_and_sends_itself(terminal, guest, deadline):
    terminal.type(b"a\x1d")
    terminal.type(b"?")
    terminal.wait_screen(b"[serialcon: ", deadline)
    terminal.type(b"b\x1d\x1dc")

    assert guest.end.read_exactly(4, deadline) == b"ab\x1dc"
