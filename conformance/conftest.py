"""What every case has: a deadline, a folder whose path leaves room in sun_path, a guest, and hosts that it starts."""

import pathlib
import signal
import tempfile

import pytest

from harness.deadline import Deadline
from harness.filter import Filter, Piped
from harness.guest import UnixGuest
from harness.host import Host
from harness.host_trace import HostTrace
from harness.script import Runner
from harness.terminal import Terminal

CASE_SECONDS = 30
START_SECONDS = 10


def pytest_configure():
    """What is started in the background of a shell ignores these, and so would everything that it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def pytest_addoption(parser):
    parser.addoption("--clause", help="run only the cases of this clause of SPEC.md, such as BF-8 or BF-8.2")


def pytest_collection_modifyitems(config, items):
    wanted = config.getoption("--clause")
    if wanted:
        items[:] = [item for item in items if any(is_within(clause, wanted) for clause in clauses(item))]


def clauses(item):
    return [clause for mark in item.iter_markers("clause") for clause in mark.args]


def is_within(clause, wanted):
    return clause == wanted or clause.startswith(wanted + ".")


@pytest.fixture
def deadline():
    return Deadline(CASE_SECONDS)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="sc-") as path:
        yield pathlib.Path(path)


@pytest.fixture
def guest(folder):
    guest = UnixGuest(folder / "guest")
    yield guest
    guest.close()


@pytest.fixture
def start_host(folder):
    """Starts hosts: start_host(guest, OPTION...). Each must still be there at the end of the case and end in order,
    unless the case took it down itself."""
    hosts = []

    def start(guest, *options, attach=True, **arguments):
        ready = Deadline(START_SECONDS)
        host = Host(folder, guest, *options, **arguments)
        hosts.append(host)
        host.wait_ready(ready)
        if attach:
            guest.attach(ready)
        return host

    yield start

    running = [host for host in hosts if not host.was_ended_by_case]
    try:
        for host in running:
            host.stop()
    finally:
        for host in hosts:
            host.kill()


@pytest.fixture
def console(start_host, guest):
    return start_host(guest)


@pytest.fixture
def trace(folder):
    """Where a host or a client writes one, when it is told to."""
    return HostTrace(folder / "trace")


def starting(kind, end):
    """For a fixture: starts what the case asks for, and ends each at the end of the case."""
    started = []

    def start(*arguments, **options):
        started.append(kind(*arguments, **options))
        return started[-1]

    yield start

    for one in started:
        end(one)


@pytest.fixture
def connect():
    """Starts `connect`s as filters: connect(ARGUMENT...)."""
    yield from starting(Filter, Filter.kill)


@pytest.fixture
def start_piped():
    """Starts commands between pipes: start_piped(COMMAND)."""
    yield from starting(Piped, Piped.kill)


@pytest.fixture
def open_terminal():
    """Starts `connect`s, or commands, on terminals of their own: open_terminal(ARGUMENT..., command=COMMAND)."""
    yield from starting(Terminal, Terminal.close)


@pytest.fixture
def open_attached(console, guest, open_terminal, deadline):
    """open_attached(OPTION...): a terminal that shows a prompt."""
    guest.print(b"login: ", deadline)

    def start(*options, **arguments):
        terminal = open_terminal(*options, console.path, **arguments)
        terminal.wait_screen(b"login: ", deadline)
        assert terminal.is_raw
        return terminal

    return start


@pytest.fixture
def check_script(start_host, guest, folder, deadline):
    """Holds a Script to what it says of itself: check_script(SCRIPT, HOST OPTION...)."""
    runners = []

    def check(script, *options):
        runners.append(Runner(start_host(guest, *options, path=folder / "vm.sock"), guest, folder))
        runners[-1].check(script, deadline)

    yield check

    for one in runners:
        one.close()
