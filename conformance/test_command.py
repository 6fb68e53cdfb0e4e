"""A guest side that the host starts itself: -- COMMAND (SPEC.md, Guest sides)."""

import os
import signal

import pytest

from harness.client import RawClient
from harness.guest import CommandGuest
from harness.host import Host
from harness.stream import assert_counting, counting

CLASSIC_SIGNALS = 0x7FFFFFFF  # 1 to 31; the C library has two behind them for itself
ECHO = ["sh", "-c", "echo ready; exec cat"]


@pytest.fixture
def start_command(start_host):
    """Starts a host with COMMAND: start_command(COMMAND, OPTION...)."""

    def start(command, *options, **arguments):
        return start_host(CommandGuest(), *options, command=command, **arguments)

    return start


@pytest.mark.clause("G-1")
def test_a_command_is_a_guest_side(start_command, deadline):
    host = start_command(ECHO)
    client = host.connect_raw(deadline)
    assert client.read_exactly(6, deadline) == b"ready\n"

    client.send(counting(0, 50_000), deadline)

    assert_counting(client.read_exactly(50_000, deadline), 0)
    end(host, deadline)


def end(host, deadline):
    host.process.send_signal(signal.SIGTERM)
    return host.wait_end(deadline)


@pytest.mark.clause("G-2")
@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 128 + 9), ("kill -TERM $$", 128 + 15)]
)
def test_the_host_ends_with_the_commands_status(start_command, deadline, script, status):
    host = start_command(["sh", "-c", f"read line; {script}"], "--linger", "0")
    host.connect_raw(deadline).send(b"go\n", deadline)

    assert host.wait_end(deadline) == status
    assert not os.path.lexists(host.path)


@pytest.mark.clause("G-2")
@pytest.mark.parametrize(("command", "status"), [("/nonexistent/vmm", 127), ("/dev/null", 126)])
def test_a_command_that_cannot_run_is_said_so(folder, deadline, command, status):
    host = Host(folder, CommandGuest(), "--linger", "0", command=[command])

    assert host.wait_end(deadline) == status
    assert host.messages().startswith("serialcon: ") and command in host.messages()


@pytest.mark.clause("G-3")
def test_the_host_stays_until_the_last_words_are_read(start_command, deadline):
    host = start_command(["sh", "-c", "echo the last words; exit 3"], "--linger", "forever")
    status = host.wait_status(lambda status: status["guest"]["note"] == "ended", "COMMAND has ended", deadline)
    assert status["guest"]["state"] == "down"

    client = host.connect_raw(deadline)

    assert client.read_exactly(15, deadline) == b"the last words\n"
    assert client.read_to_end(deadline) == b""
    assert host.wait_end(deadline) == 3


@pytest.mark.clause("G-3")
def test_the_host_stays_no_longer_than_it_lingers(start_command, deadline):
    host = start_command(["sh", "-c", "read line; echo nobody reads this"], "--linger", "200ms")
    host.connect_raw(deadline).send(b"\n", deadline)
    host.close_clients()

    assert host.wait_end(deadline) == 0


@pytest.mark.clause("G-4")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on(start_command, deadline, number):
    script = "trap 'echo bye; exit 5' TERM INT; echo ready; while :; do sleep 0.02; done"
    host = start_command(["sh", "-c", script])
    client = host.connect_raw(deadline)
    assert client.read_exactly(6, deadline) == b"ready\n"

    host.process.send_signal(number)

    assert client.read_to_end(deadline) == b"bye\n"
    assert host.wait_end(deadline) == 5


@pytest.mark.clause("G-4")
def test_a_signal_ends_a_host_that_stayed(start_command, deadline):
    host = start_command(["sh", "-c", "echo unread; exit 3"], "--linger", "forever")
    host.wait_status(lambda status: status["guest"]["note"] == "ended", "COMMAND has ended", deadline)

    assert end(host, deadline) == 3
    assert not os.path.lexists(host.path)


@pytest.mark.clause("G-5")
def test_wait_starts_it_for_the_first_client(start_command, folder, deadline):
    started = folder / "started"
    host = start_command(["sh", "-c", f"touch {started}; echo ready; exec cat"], "--wait")
    for _ in range(3):
        assert host.status(deadline)["guest"]["state"] == "awaited"
    assert not started.exists()

    assert RawClient(host.path, deadline).read_exactly(6, deadline) == b"ready\n"
    end(host, deadline)


@pytest.mark.clause("G-6")
def test_it_gets_two_pipes_and_nothing_else(start_command, deadline):
    host = start_command(["sh", "-c", "ls /proc/$$/fd; tty; echo ready; exec cat"])

    said = host.connect_raw(deadline).read_until(b"ready\n", deadline)

    assert said.split() == [b"0", b"1", b"2", b"not", b"a", b"tty", b"ready"]
    end(host, deadline)


@pytest.mark.clause("G-6")
def test_it_gets_default_signals(start_command, deadline):
    host = start_command(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"], "--linger", "forever")

    said = host.connect_raw(deadline).read_to_end(deadline)

    blocked, ignored = (int(mask, 16) for mask in said.split()[1::2])
    assert blocked & CLASSIC_SIGNALS == ignored & CLASSIC_SIGNALS == 0
    assert host.wait_end(deadline) == 0


@pytest.mark.clause("G-6")
def test_its_standard_error_is_the_hosts(start_command, deadline):
    host = start_command(["sh", "-c", "echo 'no such disk' >&2; echo ready; exec cat"])
    assert host.connect_raw(deadline).read_exactly(6, deadline) == b"ready\n"

    assert host.messages() == "no such disk\n"
    end(host, deadline)


@pytest.mark.clause("G-6")
def test_a_command_that_closes_its_input_is_still_heard(start_command, deadline):
    host = start_command(["sh", "-c", "exec <&-; echo ready; sleep 0.1; echo more; exec sleep 5"])
    client = host.connect_raw(deadline)
    assert client.read_exactly(6, deadline) == b"ready\n"

    client.send(b"unheard", deadline)

    assert client.read_exactly(5, deadline) == b"more\n"
    end(host, deadline)
