"""The host's log as lines on its standard output, for journald and kubectl logs: --log - (SPEC.md, The log)."""

import os
import re
import subprocess
import time

import pytest

from harness.background import Background
from harness.command import control_characters
from harness.endpoint import Endpoint
from harness.hostile import HOSTILE

STAMP = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d "
TEXT = "gr\u00fc\u00df \\ \u20ac\t!"


@pytest.fixture
def start_logging(start_host, guest):
    """Starts a host whose log is read here: start_logging(OPTION...) gives the host and the reader's end."""
    readers = []

    def start(*options, log="-"):
        ours, output = os.pipe()
        host = start_host(guest, "--log", log, *options, stdout=output)
        os.close(output)
        readers.append(Endpoint(ours, name="the log"))
        return host, readers[-1]

    yield start

    for one in readers:
        one.close()


def unescaped(text):
    return re.sub(rb"\\(\\|x([0-9a-f]{2}))", lambda m: bytes.fromhex(m[2].decode()) if m[2] else b"\\", text)


@pytest.mark.clause("L-6")
def test_lines_on_standard_output_are_whole_and_harmless(start_logging, guest, deadline):
    _, reader = start_logging()
    said = HOSTILE + TEXT.encode() + b"\r\none\rlast\n"
    guest.print(said, deadline)

    shown = reader.read_until(b"last\n", deadline)

    assert control_characters(shown) == [] and b"\r" not in shown
    assert TEXT.replace("\\", "\\\\").encode() + b"\none\n" in shown
    assert unescaped(shown).replace(b"\n", b"") == said.replace(b"\r\n", b"").replace(b"\r", b"").replace(b"\n", b"")


@pytest.mark.clause("L-6")
def test_an_unfinished_line_comes_after_a_second(start_logging, guest, deadline):
    _, reader = start_logging()
    begin = time.monotonic()
    guest.print(b"boot\r\nlogin: ", deadline)
    assert reader.read_exactly(5, deadline) == b"boot\n"

    assert reader.read_until(b"\n", deadline) == b"login: \n"

    assert time.monotonic() - begin >= 1
    guest.print(b"root\r\n", deadline)
    assert reader.read_until(b"\n", deadline) == b"root\n"


@pytest.mark.clause("L-6")
def test_lines_on_standard_output_may_have_times(start_logging, guest, deadline):
    host, reader = start_logging(log="-,timestamps")
    guest.print(b"one\ntwo", deadline)
    host.process.terminate()

    assert host.wait_end(deadline) == 0
    assert re.fullmatch(STAMP + b"one\n" + STAMP + b"two\n", reader.read_to_end(deadline))


@pytest.mark.clause("L-7")
def test_a_reader_that_stops_costs_counted_lines(start_logging, guest, deadline):
    host, reader = start_logging()
    client = host.connect_raw(deadline)
    said = 0
    while lost_lines(host, deadline) == 0:
        block = b"".join(b"%07d of many lines that nobody reads for now\n" % n for n in range(said, said + 10_000))
        said += 10_000
        guest.print(block, deadline)
        assert client.read_exactly(len(block), deadline) == block

    reading = Background(reader.read_until, b"the end\n", deadline)
    while is_lost(host, guest, b"more\n", deadline):
        said += 1
    guest.print(b"the end\n", deadline)
    shown = reading.finish().splitlines()

    numbers = [int(line[:7]) for line in shown if line[:1].isdigit()]
    gaps = [int(match[1]) for match in map(re.compile(rb"\[serialcon: (\d+) lines are missing here\]").fullmatch, shown) if match]
    assert numbers == sorted(set(numbers)) and shown[-2:] == [b"more", b"the end"]
    assert sum(gaps) == lost_lines(host, deadline) == said - len(numbers) > 0


def lost_lines(host, deadline):
    return host.status(deadline)["log"]["lost_lines"]


def is_lost(host, guest, line, deadline):
    before = lost_lines(host, deadline)
    guest.print(line, deadline)
    return lost_lines(host, deadline) > before


@pytest.mark.clause("L-7")
def test_a_reader_that_goes_ends_no_host(start_host, guest, deadline):
    with subprocess.Popen(["head", "-n", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as head:
        host = start_host(guest, "--log", "-", stdout=head.stdin)
        head.stdin.close()
        guest.print(b"first\n", deadline)
        assert head.stdout.read() == b"first\n"
    client = host.connect_raw(deadline)

    guest.print(b"second\n", deadline)
    deadline.poll(lambda: "Broken pipe" in host.messages(), "the host says so")
    guest.print(b"third\n", deadline)

    assert client.read_exactly(19, deadline) == b"first\nsecond\nthird\n"
    assert lost_lines(host, deadline) == 1
    assert host.messages() == "serialcon: standard output: Broken pipe; nothing more is written to it\n"


@pytest.mark.clause("L-7")
def test_a_standard_output_that_is_closed_ends_no_host(start_host, guest, deadline):
    host = start_host(guest, "--log", "-", under=["sh", "-c", 'exec "$@" >&-', "sh"])
    guest.print(b"one\n", deadline)

    deadline.poll(lambda: "standard output" in host.messages(), "the host says so")
    assert host.connect_raw(deadline).read_exactly(4, deadline) == b"one\n"
