"""`serialcon replay`: what it plays, to a file and on a terminal, and what it makes of it for other programs."""

import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import termios
import time

import pytest

from harness.filter import Exit, Piped
from harness.host import program
from harness.terminal import Terminal
from harness.trace import INSTANCE_BYTES, UNKNOWN, Record, encode

MS = 1_000_000
SECOND = 1000 * MS
WALL = 1_700_000_000 * SECOND


def config(**fields):
    fields = {"version": 1, "kind": "host", "capacity": 4096, "wall_offset": WALL, **fields}
    return Record("config", 0, bytes(INSTANCE_BYTES), **fields)


def trace_of(pieces, **fields):
    """A host's trace in which the guest says each of `pieces`, (nanoseconds, bytes)."""
    records, offset, last = [config(**fields)], 0, 0
    for last, data in pieces:
        records.append(Record("output", last, data, offset=offset))
        offset += len(data)
    return encode([*records, Record("stop", last, why="ended")])


SESSION = [
    (5 * SECOND, b"hello \xe2\x82"),
    (5 * SECOND + 250 * MS, b"\xac \xff\xc3\r\n"),
    (6 * SECOND, b"\x1b[31mred\x1b[0m \x1b[6n\x1b]52;c;cm0=\x07"),
    (6 * SECOND + 500 * MS, b'"q\\uote"\r\n'),
]
SAID = b"".join(data for _, data in SESSION)


@pytest.fixture
def path(folder):
    file = folder / "trace"
    file.write_bytes(trace_of(SESSION))
    return file


def replay(*arguments, **options):
    return subprocess.run(
        [program(), "replay", *map(os.fspath, arguments)], capture_output=True, timeout=20, check=False, **options
    )


def assert_played(result, output, said=b""):
    assert (result.returncode, result.stdout, result.stderr) == (0, output, said)


# To a pipe or a file


def test_a_pipe_gets_each_byte_at_once(folder):
    (folder / "trace").write_bytes(trace_of([(0, b"a"), (3600 * SECOND, b"b")]))
    assert_played(replay(folder / "trace"), b"ab")


def test_a_large_trace_is_byte_for_byte(folder):
    source = random.Random(1)
    pieces = [(n * MS, source.randbytes(source.choice([1, 100, 5000, 1 << 16]))) for n in range(60)]
    (folder / "trace").write_bytes(trace_of(pieces))
    assert_played(replay(folder / "trace"), b"".join(data for _, data in pieces))


def test_standard_input_is_played_while_it_grows(path, deadline):
    data = path.read_bytes()
    cut = data.index(SESSION[2][1])
    command = Piped([program(), "replay", "-"])
    command.type(data[:cut])
    command.wait_output(b"\xff\xc3\r\n", deadline)
    command.type(data[cut:])
    command.close_input()

    assert command.wait_end(deadline) == Exit.DONE
    assert bytes(command.output) == SAID
    command.kill()


def test_a_speed_holds_for_a_pipe_too(folder):
    """Ten minutes: without the speed it would be ended long before."""
    (folder / "trace").write_bytes(trace_of([(0, b"a"), (600 * SECOND, b"b")]))
    before = time.monotonic()
    assert_played(replay("--speed=1000", folder / "trace"), b"ab")
    assert time.monotonic() - before > 0.5


def test_no_pause_is_longer_than_asked_for(folder):
    (folder / "trace").write_bytes(trace_of([(0, b"a"), (100 * SECOND, b"b"), (3000 * SECOND, b"c")]))
    before = time.monotonic()
    assert_played(replay("--speed=1", "--max-pause=100ms", folder / "trace"), b"abc")
    assert time.monotonic() - before > 0.15


def test_times_that_run_backwards_or_beyond_all_bounds_are_played(folder):
    (folder / "trace").write_bytes(trace_of([(9 * SECOND, b"a"), (0, b"b"), ((1 << 64) - 1, b"c")]))
    assert_played(replay("--speed=1", "--max-pause=1ms", folder / "trace"), b"abc")


def test_a_closed_output_ends_it_quietly(path, folder, deadline):
    (folder / "long").write_bytes(trace_of([(0, bytes(1 << 18))] * 20 + [(3600 * SECOND, b"late")]))
    for arguments in (["--speed=1"], ["--dump"], ["--dump", "--json"], ["--export=asciicast"]):
        command = Piped([program(), "replay", *arguments, str(folder / "long")])
        command.read_exactly(1, deadline)
        command.close_output()
        assert command.wait_end(deadline) == Exit.DONE
        assert bytes(command.said) == b""
        command.kill()


def test_an_output_that_closes_during_a_pause_ends_it(folder, deadline):
    (folder / "trace").write_bytes(trace_of([(0, b"a"), (3600 * SECOND, b"late")]))
    command = Piped([program(), "replay", "--speed=1", str(folder / "trace")])
    command.read_exactly(1, deadline)
    command.close_output()
    assert command.wait_end(deadline) == Exit.DONE
    command.kill()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--dump"],
        ["--dump", "--json"],
        ["--export=asciicast"],
        ["--export=typescript", "--timing=/dev/null"],
        ["--check"],
        ["--check", "--json"],
    ],
)
def test_an_output_that_is_full_is_said_so(path, arguments):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [program(), "replay", *arguments, path], stdout=full, stderr=subprocess.PIPE, timeout=20, check=False
        )
    assert (result.returncode, result.stderr) == (1, b"serialcon: standard output: No space left on device\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_quietly(folder, deadline, number):
    (folder / "trace").write_bytes(trace_of([(0, b"a"), (3600 * SECOND, b"late")]))
    command = Piped([program(), "replay", "--speed=1", str(folder / "trace")])
    command.read_exactly(1, deadline)
    command.process.send_signal(number)
    assert command.wait_end(deadline) == 128 + number
    assert bytes(command.said) == b""
    command.kill()


def test_a_signal_ends_one_that_waits_for_more_of_the_trace(path, deadline):
    command = Piped([program(), "replay", "-"])
    command.type(path.read_bytes()[:-10])
    command.wait_output(SAID, deadline)
    command.process.send_signal(signal.SIGINT)
    assert command.wait_end(deadline) == 128 + signal.SIGINT
    command.kill()


def test_what_is_missing_is_told_at_the_end(folder):
    records = [
        config(),
        Record("output", 1, b"abc", offset=0),
        Record("missing", 2, records=7, output_bytes=2),
        Record("output", 3, b"fg", offset=5),
    ]
    (folder / "trace").write_bytes(encode(records))
    lead = f"serialcon: {folder}/trace: "
    said = [
        lead + "2 bytes are missing in 1 place",
        lead + "7 records with 2 bytes of output were left out of the trace",
        lead + "it does not say how it ended",
    ]
    assert_played(replay(folder / "trace"), b"abcfg", "".join(line + "\n" for line in said).encode())


def test_what_cannot_be_read_is_named(folder):
    for path, why in ((folder / "none", "No such file or directory"), (folder, "Is a directory")):
        for way in ("--check", "--dump", "--speed=1"):
            result = replay(way, path)
            assert (result.returncode, result.stdout) == (2, b"")
            assert result.stderr.decode() == f"serialcon: {path}: {why}\n"


# What one client saw


def client_records():
    return [
        config(capacity=8, keep_first=2),
        Record("connect", 1, client=1, listener="raw"),
        Record("connect", 1, client=2, listener="raw"),
        Record("output", 2, b"abcdefgh", offset=0),
        Record("sent", 3, client=1, offset=0, length=8),
        Record("sent", 3, client=2, offset=0, length=1),
        Record("output", 4, b"ijkl", offset=8),
        Record("overwritten", 4, **{"from": 0, "to": 4}, lost=2),
        Record("sent", 5, client=1, offset=8, length=4),
        Record("sent", 6, client=2, offset=1, length=1),
        Record("gap", 6, client=2, **{"from": 2, "to": 4}, kind="overwritten"),
        Record("sent", 6, client=2, offset=4, length=8),
        Record("connect", 7, client=3, listener="raw"),
        Record("stop", 8, why="ended"),
    ]


def test_a_clients_view_is_what_was_sent_to_it(folder):
    trace = folder / "trace"
    trace.write_bytes(encode(client_records()))
    assert_played(replay(trace), b"abcdefghijkl")
    assert_played(replay("--client=1", trace), b"abcdefghijkl")
    gap = f"serialcon: {trace}: 2 bytes are missing in 1 place\n".encode()
    assert_played(replay("--client=2", trace), b"abefghijkl", gap)
    assert_played(replay("--client=3", trace), b"")
    result = replay("--client=4", trace)
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.decode() == f"serialcon: {trace}: there is no client 4 in it; there is 1, 2, 3\n"


def test_who_was_there_is_told_within_bounds(folder):
    trace = folder / "trace"
    for count, said in (
        (0, "there is no client in it"),
        (16, "there is no client 99 in it; there is " + ", ".join(map(str, range(1, 17)))),
        (17, "there is no client 99 in it; there is " + ", ".join(map(str, range(1, 17))) + " and more"),
    ):
        received = [Record("received", 1, b"x", client=1 + n % count, offset=UNKNOWN) for n in range(2 * count)]
        trace.write_bytes(encode([config(kind="client"), *received, Record("stop", 2, why="ended")]))
        result = replay("--client=99", trace)
        assert (result.returncode, result.stdout, result.stderr.decode()) == (1, b"", f"serialcon: {trace}: {said}\n")
        if count:
            assert_played(replay("--client=1", trace), b"xx")


def test_an_observers_trace_has_each_clients_bytes(folder):
    trace = folder / "trace"
    records = [
        config(kind="observer"),
        Record("connect", 1, client=1, listener="raw"),
        Record("output", 1, b"abc", offset=0),
        Record("received", 2, b"bc", client=1, offset=(1 << 64) - 1),
        Record("stop", 2, why="ended"),
    ]
    trace.write_bytes(encode(records))
    assert_played(replay(trace), b"abc")
    assert_played(replay("--client=1", trace), b"bc")


# On a terminal


def on_terminal(*arguments, **options):
    return Terminal(command=[program(), "replay", *map(os.fspath, arguments)], **options)


def test_a_terminal_gets_what_paints_with_its_pauses(path, deadline):
    before = time.monotonic()
    terminal = on_terminal(path)
    try:
        assert terminal.wait_end(deadline) == Exit.DONE
        assert time.monotonic() - before > 1.4
        assert terminal.screen == b'hello \xe2\x82\xac \r\r\n\x1b[31mred\x1b[0m "q\\uote"\r\r\n'
        assert terminal.settings() == terminal.before
    finally:
        terminal.close()


def test_ctrl_c_puts_the_terminal_back(folder, deadline):
    on = b"\x1b[?1049h\x1b[?25l\x1b[1mx"
    (folder / "trace").write_bytes(trace_of([(0, on), (3600 * SECOND, b"late")]))
    terminal = on_terminal(folder / "trace")
    try:
        terminal.wait_screen(on, deadline)
        terminal.type(b"\x03")
        assert terminal.wait_end(deadline) == 128 + signal.SIGINT
        after = terminal.screen.partition(on)[2]
        assert all(off in after for off in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[0m"))
        assert after.endswith(b"\r\n") and b"late" not in after
        assert terminal.settings() == terminal.before
    finally:
        terminal.close()


ENDLESS = [(0, b"\x1b[?1049h\x1b[?25lx"), (3600 * SECOND, b"late")]


@pytest.fixture
def endless(folder, deadline):
    """A replay on a terminal that has painted the first of two pieces."""
    (folder / "trace").write_bytes(trace_of(ENDLESS))
    terminal = on_terminal(folder / "trace")
    terminal.wait_screen(ENDLESS[0][1], deadline)
    yield terminal
    terminal.close()


def test_ctrl_z_puts_the_terminal_back_until_it_goes_on(endless, deadline):
    for times in (1, 2):
        endless.type(b"\x1a")
        endless.wait_stopped(deadline)
        endless.wait_screen(b"\x1b[?1049l\x1b[?25h", deadline, times)
        assert endless.settings() == endless.before
        endless.process.send_signal(signal.SIGCONT)
        endless.wait_screen(b"\x1b[?1049h\x1b[?25l", deadline, times + 1)
        assert not endless.echoes and endless.is_raw
    endless.type(b"q")
    assert endless.wait_end(deadline) == Exit.DONE
    assert endless.settings() == endless.before and b"late" not in endless.screen


def test_one_that_somebody_stopped_sets_the_terminal_again(endless, deadline):
    endless.process.send_signal(signal.SIGSTOP)
    endless.wait_stopped(deadline)
    termios.tcsetattr(endless.slave, termios.TCSANOW, endless.before)
    endless.process.send_signal(signal.SIGCONT)
    deadline.poll(lambda: not endless.echoes, "the terminal is quiet again")
    endless.type(b"\x03")
    assert endless.wait_end(deadline) == 128 + signal.SIGINT
    assert endless.settings() == endless.before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_signal_puts_the_terminal_back(endless, deadline, number):
    endless.process.send_signal(number)
    assert endless.wait_end(deadline) == 128 + number
    assert endless.settings() == endless.before and b"\x1b[?1049l\x1b[?25h" in endless.screen


def test_keys_are_neither_shown_nor_left_for_the_shell(endless, deadline):
    endless.type(b"rm -rf important\r")
    endless.type(b"q!")
    assert endless.wait_end(deadline) == Exit.DONE
    assert b"important" not in endless.screen and endless.typed_bytes == 0


def test_a_blank_pauses_it(folder, deadline):
    (folder / "trace").write_bytes(trace_of([(0, b"a"), (SECOND // 2, b"b")]))
    terminal = on_terminal(folder / "trace")
    try:
        terminal.wait_screen(b"a", deadline)
        terminal.type(b" ")
        paused = time.monotonic()
        deadline.poll(lambda: time.monotonic() > paused + 1, "twice its time has gone by")
        assert terminal.process.poll() is None
        terminal.type(b" ")
        assert terminal.wait_end(deadline) == Exit.DONE
        assert terminal.screen == b"ab\r\r\n"
    finally:
        terminal.close()


def test_keys_are_left_alone_where_the_trace_is_standard_input(folder, deadline):
    (folder / "trace").write_bytes(trace_of(ENDLESS))
    with open(folder / "trace", "rb") as trace:
        terminal = on_terminal("-", stdin=trace)
    try:
        terminal.wait_screen(ENDLESS[0][1], deadline)
        assert terminal.settings() == terminal.before
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.wait_stopped(deadline)
        terminal.wait_screen(b"\x1b[?1049l\x1b[?25h", deadline)
    finally:
        terminal.close()


def test_the_dump_on_a_terminal_is_harmless(path, deadline):
    terminal = on_terminal("--dump", path)
    try:
        assert terminal.wait_end(deadline) == Exit.DONE
        assert set(terminal.screen) <= set(range(0x20, 0x7F)) | set(b"\r\n")
    finally:
        terminal.close()


def test_progress_is_shown_where_it_is_in_nobodys_way(path, folder, deadline):
    with open(folder / "out", "wb") as output:
        terminal = on_terminal("--speed=2", path, stdout=output)
        try:
            assert terminal.wait_end(deadline) == Exit.DONE
            assert re.fullmatch(rb"(\r0:0[01] of 0:01\x1b\[K)+\r\x1b\[K", terminal.screen)
            assert (folder / "out").read_bytes() == SAID
        finally:
            terminal.close()


def test_no_progress_comes_between_what_a_pipe_may_put_there(path, deadline):
    ours, output = os.pipe()
    terminal = on_terminal("--speed=2", path, stdout=output)
    os.close(output)
    try:
        assert terminal.wait_end(deadline) == Exit.DONE
        assert terminal.screen == b""
    finally:
        terminal.close()
        os.close(ours)


# For other programs


def events_of(cast):
    header, *events = [json.loads(line) for line in cast.decode("utf-8").splitlines()]
    return header, events


def test_an_asciicast_has_all_that_was_said(path):
    header, events = events_of(replay("--export=asciicast", "--width=132", "--height=43", path).stdout)
    assert header == {"version": 2, "width": 132, "height": 43, "timestamp": WALL // SECOND}
    assert [event[:2] for event in events] == [[0.0, "o"], [0.25, "o"], [1.0, "o"], [1.5, "o"]]
    assert "".join(event[2] for event in events) == SAID.decode("utf-8", errors="replace")


def test_an_exports_pauses_are_those_that_are_asked_for(path):
    cast = replay("--export=asciicast", "--speed=0.5", "--max-pause=1s", path).stdout
    assert [event[0] for event in events_of(cast)[1]] == [0.0, 0.5, 1.5, 2.5]


def test_what_one_client_saw_is_exported(folder):
    (folder / "trace").write_bytes(encode(client_records()))
    cast = replay("--export=asciicast", "--client=2", folder / "trace").stdout
    assert "".join(event[2] for event in events_of(cast)[1] if event[1] == "o") == "abefghijkl"


def told_records():
    """The guest comes, goes and is marked, and two bytes are missing."""
    return [
        config(),
        Record("boundary", 1 * SECOND, number=1, offset=0, kind="up"),
        Record("output", 5 * SECOND, b"ab", offset=0),
        Record("boundary", 6 * SECOND, b'the "\x1bupdate"', number=2, offset=2, kind="mark"),
        Record("missing", 7 * SECOND, records=1, output_bytes=2),
        Record("output", 8 * SECOND, b"ef", offset=4),
        Record("boundary", 9 * SECOND, number=3, offset=6, kind="ended"),
        Record("stop", 9 * SECOND, why="ended"),
    ]


def test_an_asciicast_marks_what_a_screen_does_not_show(folder):
    (folder / "trace").write_bytes(encode(told_records()))
    cast = replay("--export=asciicast", "--max-pause=1500ms", folder / "trace").stdout
    assert events_of(cast)[1] == [
        [0.0, "m", "guest up"],
        [0.0, "o", "ab"],
        [1.0, "m", 'mark: the "\x1bupdate"'],
        [1.5, "m", "2 bytes are missing"],
        [1.5, "o", "ef"],
        [2.5, "m", "guest ended"],
    ]


@pytest.mark.skipif(not shutil.which("asciinema"), reason="asciinema is not installed")
@pytest.mark.parametrize("command", [["cat"], ["play", "--speed", "50"]])
def test_asciinema_is_not_disturbed_by_a_marker(folder, deadline, command):
    (folder / "trace").write_bytes(encode(told_records()))
    cast = folder / "session.cast"
    cast.write_bytes(replay("--export=asciicast", folder / "trace").stdout)
    home = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    terminal = Terminal(command=["asciinema", *command, str(cast)], env=home)
    try:
        assert terminal.wait_end(deadline) == 0
        assert b"abef" in terminal.screen
    finally:
        terminal.close()


@pytest.mark.skipif(not shutil.which("asciinema"), reason="asciinema is not installed")
@pytest.mark.parametrize("command", [["cat"], ["play", "--speed", "10"]])
def test_asciinema_plays_an_asciicast(path, folder, deadline, command):
    cast = folder / "session.cast"
    cast.write_bytes(replay("--export=asciicast", path).stdout)
    home = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    terminal = Terminal(command=["asciinema", *command, str(cast)], env=home)
    try:
        assert terminal.wait_end(deadline) == 0
        played = terminal.screen.replace(b"\r\r\n", b"\r\n")
        assert SAID.decode("utf-8", errors="replace").encode() in played
    finally:
        terminal.close()


def typescript(folder, trace, *options):
    """The two files."""
    result = replay("--export=typescript", "--timing", folder / "timing", *options, trace)
    assert (result.returncode, result.stderr) == (0, b"")
    (folder / "typescript").write_bytes(result.stdout)
    return folder / "typescript", folder / "timing"


def test_a_typescript_has_its_times_beside_it(path, folder):
    script, timing = typescript(folder, path)
    first, _, rest = script.read_bytes().partition(b"\n")
    assert first.startswith(b"Script started on 20") and rest == SAID
    lengths = [len(data) for _, data in SESSION]
    pauses = ["0.000000", "0.250000", "0.750000", "0.500000"]
    assert timing.read_text().splitlines() == [f"{pause} {length}" for pause, length in zip(pauses, lengths, strict=True)]


@pytest.mark.skipif(not shutil.which("scriptreplay"), reason="scriptreplay is not installed")
def test_scriptreplay_plays_a_typescript(path, folder):
    script, timing = typescript(folder, path)
    before = time.monotonic()
    played = subprocess.run(
        ["scriptreplay", "--timing", timing, "--typescript", script, "--divisor", "5"],
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (played.returncode, played.stderr) == (0, b"")
    assert played.stdout.rstrip(b"\n") == SAID.rstrip(b"\n")
    assert time.monotonic() - before > 0.25


def test_a_typescript_does_not_go_to_a_terminal(path, folder):
    master, slave = pty.openpty()
    result = subprocess.run(
        [program(), "replay", "--export=typescript", "--timing", folder / "t", path],
        stdout=slave,
        stderr=subprocess.PIPE,
        timeout=20,
        check=False,
    )
    os.close(master)
    os.close(slave)
    assert result.returncode == 2
    assert result.stderr == b"serialcon: --export typescript: standard output is a terminal; redirect it to a file\n"
    assert not (folder / "t").exists()


def test_the_trace_is_not_overwritten_by_its_times(path):
    held = path.read_bytes()
    result = replay("--export=typescript", "--timing", path, path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode() == f"serialcon: --timing: {path}: this is the trace itself\n"
    assert path.read_bytes() == held


def test_times_do_not_go_where_the_typescript_goes(path):
    result = replay("--export=typescript", "--timing=/dev/stdout", path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr == b"serialcon: --timing: /dev/stdout: this is the typescript itself\n"


def test_times_and_typescript_may_both_be_thrown_away(path):
    with open("/dev/null", "wb") as nothing:
        subprocess.run(
            [program(), "replay", "--export=typescript", "--timing=/dev/null", path],
            stdout=nothing,
            timeout=20,
            check=True,
        )


def test_a_full_disk_under_the_times_is_said_so(path):
    result = replay("--export=typescript", "--timing=/dev/full", path)
    assert (result.returncode, result.stderr) == (1, b"serialcon: /dev/full: No space left on device\n")


def test_times_and_typescript_are_two_files(path, folder):
    script = folder / "script"
    with script.open("wb") as output:
        result = subprocess.run(
            [program(), "replay", "--export=typescript", "--timing", script, path],
            stdout=output,
            stderr=subprocess.PIPE,
            timeout=20,
            check=False,
        )
    assert (result.returncode, script.read_bytes()) == (2, b"")
    assert result.stderr.decode() == f"serialcon: --timing: {script}: this is the typescript itself\n"
