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

from harness import trace
from harness.filter import Exit
from harness.host import program
from harness.replay import replay
from harness.trace import UNKNOWN, Record, encode

MS = 1_000_000
SECOND = 1000 * MS
WALL = 1_700_000_000 * SECOND


def config(**fields):
    return trace.config(**{"wall_offset": WALL, **fields})


def saying(pieces):
    """The records of a host's trace in which the guest says each of `pieces`, (nanoseconds, bytes)."""
    records, offset, last = [config()], 0, 0
    for last, data in pieces:
        records.append(Record("output", last, data, offset=offset))
        offset += len(data)
    return [*records, Record("stop", last, why="ended")]


SESSION = [
    (5 * SECOND, b"hello \xe2\x82"),
    (5 * SECOND + 250 * MS, b"\xac \xff\xc3\r\n"),
    (6 * SECOND, b"\x1b[31mred\x1b[0m \x1b[6n\x1b]52;c;cm0=\x07"),
    (6 * SECOND + 500 * MS, b'"q\\uote"\r\n'),
]
SAID = b"".join(data for _, data in SESSION)


LATE = (3600 * SECOND, b"late")


@pytest.fixture
def keep(folder):
    """keep(RECORDS): writes a trace of them; returns its path."""

    def kept(records):
        path = folder / "trace"
        path.write_bytes(encode(records))
        return path

    return kept


@pytest.fixture
def path(keep):
    return keep(saying(SESSION))


@pytest.fixture
def start_replay(start_piped):
    """Starts a replay between pipes: start_replay(ARGUMENT...)."""
    return lambda *arguments: start_piped([program(), "replay", *map(os.fspath, arguments)])


@pytest.fixture
def open_replay(open_terminal):
    """Starts a replay on a terminal: open_replay(ARGUMENT...)."""

    def start(*arguments, **options):
        return open_terminal(command=[program(), "replay", *map(os.fspath, arguments)], **options)

    return start


def assert_played(result, output, said=b""):
    assert (result.returncode, result.stdout, result.stderr) == (0, output, said)


# To a pipe or a file


def test_a_pipe_gets_each_byte_at_once(keep):
    path = keep(saying([(0, b"a"), (3600 * SECOND, b"b")]))
    assert_played(replay(path), b"ab")


def test_a_large_trace_is_byte_for_byte(keep):
    source = random.Random(1)
    pieces = [(n * MS, source.randbytes(source.choice([1, 100, 5000, 1 << 16]))) for n in range(60)]
    path = keep(saying(pieces))
    assert_played(replay(path), b"".join(data for _, data in pieces))


def test_standard_input_is_played_while_it_grows(start_replay, deadline):
    data = encode(saying(SESSION))
    cut = data.index(SESSION[2][1])
    command = start_replay("-")
    command.type(data[:cut])
    command.wait_output(b"\xff\xc3\r\n", deadline)
    command.type(data[cut:])
    command.close_input()

    assert command.wait_end(deadline) == Exit.DONE
    assert bytes(command.output) == SAID


def test_a_speed_holds_for_a_pipe_too(keep):
    """Ten minutes: without the speed it would be ended long before."""
    path = keep(saying([(0, b"a"), (600 * SECOND, b"b")]))
    before = time.monotonic()
    assert_played(replay(path, "--speed=1000"), b"ab")
    assert time.monotonic() - before > 0.5


def test_no_pause_is_longer_than_asked_for(keep):
    path = keep(saying([(0, b"a"), (100 * SECOND, b"b"), (3000 * SECOND, b"c")]))
    before = time.monotonic()
    assert_played(replay(path, "--speed=1", "--max-pause=100ms"), b"abc")
    assert time.monotonic() - before > 0.15


def test_times_that_run_backwards_or_beyond_all_bounds_are_played(keep):
    path = keep(saying([(9 * SECOND, b"a"), (0, b"b"), ((1 << 64) - 1, b"c")]))
    assert_played(replay(path, "--speed=1", "--max-pause=1ms"), b"abc")


@pytest.mark.parametrize("arguments", [["--speed=1"], ["--dump"], ["--dump", "--json"], ["--export=asciicast"]])
def test_a_closed_output_ends_it_quietly(keep, start_replay, deadline, arguments):
    command = start_replay(*arguments, keep(saying([(0, bytes(1 << 18))] * 20 + [LATE])))
    command.read_exactly(1, deadline)
    command.close_output()
    assert command.wait_end(deadline) == Exit.DONE
    assert bytes(command.said) == b""


def test_an_output_that_closes_during_a_pause_ends_it(keep, start_replay, deadline):
    command = start_replay("--speed=1", keep(saying([(0, b"a"), LATE])))
    command.read_exactly(1, deadline)
    command.close_output()
    assert command.wait_end(deadline) == Exit.DONE


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
        result = replay(path, *arguments, stdout=full)
    assert (result.returncode, result.stderr) == (1, b"serialcon: standard output: No space left on device\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_quietly(keep, start_replay, deadline, number):
    command = start_replay("--speed=1", keep(saying([(0, b"a"), LATE])))
    command.read_exactly(1, deadline)
    command.process.send_signal(number)
    assert command.wait_end(deadline) == 128 + number
    assert bytes(command.said) == b""


def test_a_signal_ends_one_that_waits_for_more_of_the_trace(start_replay, deadline):
    command = start_replay("-")
    command.type(encode(saying(SESSION))[:-10])
    command.wait_output(SAID, deadline)
    command.process.send_signal(signal.SIGINT)
    assert command.wait_end(deadline) == 128 + signal.SIGINT


def test_what_is_missing_is_told_at_the_end(keep):
    records = [
        config(),
        Record("output", 1, b"abc", offset=0),
        Record("missing", 2, records=7, output_bytes=2),
        Record("output", 3, b"fg", offset=5),
    ]
    path = keep(records)
    lead = f"serialcon: {path}: "
    said = [
        lead + "2 bytes are missing in 1 place",
        lead + "7 records with 2 bytes of output were left out of the trace",
        lead + "it does not say how it ended",
    ]
    assert_played(replay(path), b"abcfg", "".join(line + "\n" for line in said).encode())


def test_what_cannot_be_read_is_named(folder):
    for path, why in ((folder / "none", "No such file or directory"), (folder, "Is a directory")):
        for way in ("--check", "--dump", "--speed=1"):
            result = replay(path, way)
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


def test_a_clients_view_is_what_was_sent_to_it(keep):
    path = keep(client_records())
    assert_played(replay(path), b"abcdefghijkl")
    assert_played(replay(path, "--client=1"), b"abcdefghijkl")
    gap = f"serialcon: {path}: 2 bytes are missing in 1 place\n".encode()
    assert_played(replay(path, "--client=2"), b"abefghijkl", gap)
    assert_played(replay(path, "--client=3"), b"")
    result = replay(path, "--client=4")
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.decode() == f"serialcon: {path}: there is no client 4 in it; there is 1, 2, 3\n"


def test_who_was_there_is_told_within_bounds(keep):
    for count, said in (
        (0, "there is no client in it"),
        (16, "there is no client 99 in it; there is " + ", ".join(map(str, range(1, 17)))),
        (17, "there is no client 99 in it; there is " + ", ".join(map(str, range(1, 17))) + " and more"),
    ):
        received = [Record("received", 1, b"x", client=1 + n % count, offset=UNKNOWN) for n in range(2 * count)]
        path = keep([config(kind="client"), *received, Record("stop", 2, why="ended")])
        result = replay(path, "--client=99")
        assert (result.returncode, result.stdout, result.stderr.decode()) == (1, b"", f"serialcon: {path}: {said}\n")
        if count:
            assert_played(replay(path, "--client=1"), b"xx")


def test_an_observers_trace_has_each_clients_bytes(keep):
    records = [
        config(kind="observer"),
        Record("connect", 1, client=1, listener="raw"),
        Record("output", 1, b"abc", offset=0),
        Record("received", 2, b"bc", client=1, offset=(1 << 64) - 1),
        Record("stop", 2, why="ended"),
    ]
    path = keep(records)
    assert_played(replay(path), b"abc")
    assert_played(replay(path, "--client=1"), b"bc")


# On a terminal


def test_a_terminal_gets_what_paints_with_its_pauses(path, open_replay, deadline):
    before = time.monotonic()
    terminal = open_replay(path)
    assert terminal.wait_end(deadline) == Exit.DONE
    assert time.monotonic() - before > 1.4
    assert terminal.screen == b'hello \xe2\x82\xac \r\r\n\x1b[31mred\x1b[0m "q\\uote"\r\r\n'
    assert terminal.settings() == terminal.before


def test_ctrl_c_puts_the_terminal_back(keep, open_replay, deadline):
    on = b"\x1b[?1049h\x1b[?25l\x1b[1mx"
    terminal = open_replay(keep(saying([(0, on), LATE])))
    terminal.wait_screen(on, deadline)
    terminal.type(b"\x03")
    assert terminal.wait_end(deadline) == 128 + signal.SIGINT
    after = terminal.screen.partition(on)[2]
    assert all(off in after for off in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[0m"))
    assert after.endswith(b"\r\n") and b"late" not in after
    assert terminal.settings() == terminal.before


PAINTED = b"\x1b[?1049h\x1b[?25lx"
ENDLESS = saying([(0, PAINTED), LATE])


@pytest.fixture
def endless(keep, open_replay, deadline):
    """A replay on a terminal that has painted the first of two pieces."""
    terminal = open_replay(keep(ENDLESS))
    terminal.wait_screen(PAINTED, deadline)
    return terminal


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


def test_a_blank_pauses_it(keep, open_replay, deadline):
    pieces = [(10 * number * MS, b"%05d " % number) for number in range(3000)]
    terminal = open_replay(keep(saying(pieces)))
    terminal.wait_screen(b"00000 ", deadline)
    terminal.type(b" ")
    terminal.wait_silence(0.5, deadline)
    paused = len(terminal.screen)
    terminal.type(b" ")
    terminal.read_some(deadline, "it goes on")
    terminal.type(b"q")
    assert terminal.wait_end(deadline) == Exit.DONE
    played = b"".join(data for _, data in pieces)
    assert paused < len(terminal.screen) < len(played) and played.startswith(terminal.screen.removesuffix(b"\r\r\n"))


def test_keys_are_left_alone_where_the_trace_is_standard_input(keep, open_replay, deadline):
    with keep(ENDLESS).open("rb") as trace_file:
        terminal = open_replay("-", stdin=trace_file)
    terminal.wait_screen(PAINTED, deadline)
    assert terminal.settings() == terminal.before
    terminal.process.send_signal(signal.SIGTSTP)
    terminal.wait_stopped(deadline)
    terminal.wait_screen(b"\x1b[?1049l\x1b[?25h", deadline)


def test_the_dump_on_a_terminal_is_harmless(path, open_replay, deadline):
    terminal = open_replay("--dump", path)
    assert terminal.wait_end(deadline) == Exit.DONE
    assert set(terminal.screen) <= set(range(0x20, 0x7F)) | set(b"\r\n")


def test_progress_is_shown_where_it_is_in_nobodys_way(path, open_replay, folder, deadline):
    with open(folder / "out", "wb") as output:
        terminal = open_replay("--speed=2", path, stdout=output)
    assert terminal.wait_end(deadline) == Exit.DONE
    assert re.fullmatch(rb"(\r0:0[01] of 0:01\x1b\[K)+\r\x1b\[K", terminal.screen)
    assert (folder / "out").read_bytes() == SAID


def test_no_progress_comes_between_what_a_pipe_may_put_there(path, open_replay, deadline):
    ours, output = os.pipe()
    terminal = open_replay("--speed=2", path, stdout=output)
    os.close(output)
    assert terminal.wait_end(deadline) == Exit.DONE
    assert terminal.screen == b""
    os.close(ours)


# For other programs


def events_of(cast):
    header, *events = [json.loads(line) for line in cast.decode("utf-8").splitlines()]
    return header, events


def test_an_asciicast_has_all_that_was_said(path):
    header, events = events_of(replay(path, "--export=asciicast", "--width=132", "--height=43").stdout)
    assert header == {"version": 2, "width": 132, "height": 43, "timestamp": WALL // SECOND}
    assert [event[:2] for event in events] == [[0.0, "o"], [0.25, "o"], [1.0, "o"], [1.5, "o"]]
    assert "".join(event[2] for event in events) == SAID.decode("utf-8", errors="replace")


def test_an_exports_pauses_are_those_that_are_asked_for(path):
    cast = replay(path, "--export=asciicast", "--speed=0.5", "--max-pause=1s").stdout
    assert [event[0] for event in events_of(cast)[1]] == [0.0, 0.5, 1.5, 2.5]


def test_what_one_client_saw_is_exported(keep):
    cast = replay(keep(client_records()), "--export=asciicast", "--client=2").stdout
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


def test_an_asciicast_marks_what_a_screen_does_not_show(keep):
    cast = replay(keep(told_records()), "--export=asciicast", "--max-pause=1500ms").stdout
    assert events_of(cast)[1] == [
        [0.0, "m", "guest up"],
        [0.0, "o", "ab"],
        [1.0, "m", 'mark: the "\x1bupdate"'],
        [1.5, "m", "2 bytes are missing"],
        [1.5, "o", "ef"],
        [2.5, "m", "guest ended"],
    ]


@pytest.fixture
def asciinema(folder, open_terminal, deadline):
    """asciinema(ARGUMENTS, TRACE): what it plays of the trace's cast, on a terminal."""
    if not shutil.which("asciinema"):
        pytest.skip("asciinema is not installed")
    home = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}

    def played(arguments, path):
        cast = folder / "session.cast"
        cast.write_bytes(replay(path, "--export=asciicast").stdout)
        terminal = open_terminal(command=["asciinema", *arguments, cast], env=home)
        assert terminal.wait_end(deadline) == 0
        return terminal.screen.replace(b"\r\r\n", b"\r\n")

    return played


@pytest.mark.parametrize("arguments", [["cat"], ["play", "--speed", "50"]])
def test_asciinema_is_not_disturbed_by_a_marker(asciinema, keep, arguments):
    assert b"abef" in asciinema(arguments, keep(told_records()))


@pytest.mark.parametrize("arguments", [["cat"], ["play", "--speed", "10"]])
def test_asciinema_plays_an_asciicast(asciinema, path, arguments):
    assert SAID.decode("utf-8", errors="replace").encode() in asciinema(arguments, path)


def typescript(folder, path):
    """The two files."""
    result = replay(path, "--export=typescript", "--timing", folder / "timing")
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
def test_scriptreplay_plays_a_typescript(path, folder, deadline):
    script, timing = typescript(folder, path)
    before = time.monotonic()
    played = subprocess.run(
        ["scriptreplay", "--timing", timing, "--typescript", script, "--divisor", "5"],
        capture_output=True,
        timeout=deadline.left("scriptreplay ends"),
        check=False,
    )
    assert (played.returncode, played.stderr) == (0, b"")
    assert played.stdout.rstrip(b"\n") == SAID.rstrip(b"\n")
    assert time.monotonic() - before > 0.25


def test_a_typescript_does_not_go_to_a_terminal(path, folder):
    master, slave = pty.openpty()
    result = replay(path, "--export=typescript", "--timing", folder / "t", stdout=slave)
    os.close(master)
    os.close(slave)
    assert result.returncode == 2
    assert result.stderr == b"serialcon: --export typescript: standard output is a terminal; redirect it to a file\n"
    assert not (folder / "t").exists()


def test_the_trace_is_not_overwritten_by_its_times(path):
    held = path.read_bytes()
    result = replay(path, "--export=typescript", "--timing", path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode() == f"serialcon: --timing: {path}: this is the trace itself\n"
    assert path.read_bytes() == held


def test_times_do_not_go_where_the_typescript_goes(path):
    result = replay(path, "--export=typescript", "--timing=/dev/stdout")
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr == b"serialcon: --timing: /dev/stdout: this is the typescript itself\n"


def test_times_and_typescript_may_both_be_thrown_away(path):
    with open("/dev/null", "wb") as nothing:
        result = replay(path, "--export=typescript", "--timing=/dev/null", stdout=nothing)
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_full_disk_under_the_times_is_said_so(path):
    result = replay(path, "--export=typescript", "--timing=/dev/full")
    assert (result.returncode, result.stderr) == (1, b"serialcon: /dev/full: No space left on device\n")


def test_times_and_typescript_are_two_files(path, folder):
    script = folder / "script"
    with script.open("wb") as output:
        result = replay(path, "--export=typescript", "--timing", script, stdout=output)
    assert (result.returncode, script.read_bytes()) == (2, b"")
    assert result.stderr.decode() == f"serialcon: --timing: {script}: this is the typescript itself\n"
