"""serialcon log: prints what is kept, exactly, and ends; nobody else notices."""

import datetime
import os
import re
import signal
import subprocess
import threading
import time

import pytest

from harness.background import Background
from harness.command import Command, run_on_terminal
from harness.deadline import Deadline
from harness.frames import Role
from harness.host import assert_one_message, program, run_program
from harness.stream import KIB, MIB, assert_counting, counting, ranges

DONE, FAILED, USAGE, GONE, REFUSED = 0, 1, 2, 4, 5
CONTROLS_MAX = 16
POINT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"


def log(host, deadline, *options):
    """What it prints, when there is nothing else to be said."""
    answer = run_program(deadline, "log", *options, host.path)
    assert (answer.returncode, answer.stderr) == (DONE, b"")
    return answer.stdout


def gap_message(host, count, kind="overwritten before they were read"):
    return f"serialcon: {host.path}: {count} bytes are missing here: {kind}\n"


# All that is kept


def test_an_empty_history_is_no_error(start_host, guest, deadline):
    """lxc/incus#1241."""
    host = start_host(guest)
    for options in ([], ["-n", "5"], ["-n", "0"], ["--last", "1K"], ["--since", "1h"], ["-b"], ["-t"]):
        assert log(host, deadline, *options) == b""


def test_before_the_first_guest_there_is_nothing(start_host, guest, deadline):
    host = start_host(guest, attach=False)
    for options in ([], ["-n", "5"], ["-b"]):
        assert log(host, deadline, *options) == b""
    guest.attach(deadline)


def test_into_a_pipe_it_is_exact(start_host, guest, deadline):
    host = start_host(guest)
    said = guest.print_counting(300 * KIB + 7, deadline)  # every byte value, and every control sequence by chance
    assert log(host, deadline) == said


def test_nothing_is_consumed_and_nobody_attaches(start_host, guest, deadline):
    host = start_host(guest, "--history", "unread", "--max-clients", "1")
    client = host.connect_native(deadline)
    guest.print_counting(100, deadline)

    for options in ([], ["-n", "1"], ["--last", "10B"], ["-b"]):
        log(host, deadline, *options)

    status = host.status(deadline)
    assert (status["consumed"], [shown["id"] for shown in status["clients"]]) == (0, [client.welcome["client"]])


def test_a_views_socket_shows_it_too(start_host, guest, deadline, folder):
    host = start_host(guest, "--view", folder / "view")
    guest.print(b"one\ntwo\n", deadline)
    command = Command(folder, "log", "-f", "-n", "1", folder / "view")
    assert command.end.read_exactly(4, deadline) == b"two\n"
    host.wait_clients(1, deadline)
    guest.print(b"three\n", deadline)
    assert command.end.read_exactly(6, deadline) == b"three\n"
    command.kill()


def test_a_gap_is_told_in_its_place(start_host, guest, deadline, folder):
    host = start_host(guest, "--buffer", "64K", "--keep-first", "1K")
    guest.print_counting(200 * KIB, deadline)

    with open(folder / "both", "w+b") as both:
        status = run_program(deadline, "log", host.path, stdout=both, stderr=both).returncode
        both.seek(0)
        said = both.read()

    message = gap_message(host, (200 - 64 - 1) * KIB).encode()
    assert status == DONE
    assert said == counting(0, KIB) + message + counting(136 * KIB, 200 * KIB)


def test_what_was_cleared_is_told_as_that(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(1000, deadline)
    assert run_program(deadline, "clear", host.path).returncode == DONE
    guest.print(b"later\n", deadline)

    answer = run_program(deadline, "log", host.path)

    assert (answer.returncode, answer.stdout) == (DONE, b"later\n")
    assert answer.stderr.decode() == gap_message(host, 1000, "cleared")


def test_output_that_comes_meanwhile_is_not_waited_for(start_host, guest, deadline, folder):
    """The log ends where the history ended when it began, however fast the guest prints."""
    host = start_host(guest)
    guest.print_counting(MIB, deadline)
    command = Command(folder, "log", host.path)
    got = command.end.read_exactly(1, deadline)  # it has begun, and goes on when it is read from
    guest.print_counting(4 * MIB, deadline)
    got += command.end.read_to_end(deadline)

    assert command.wait(deadline) == DONE
    assert ranges(got)[-1][1] <= MIB
    missing = sum(int(count) for count in re.findall(r" (\d+) bytes are missing", command.messages()))
    assert len(got) + missing == MIB


@pytest.mark.parametrize("length", [150 * KIB, MIB])
def test_a_pager_may_wait(start_host, guest, deadline, folder, length):
    """The host ends a control connection that is silent, first of all when others need its place: the log goes on,
    within the history and, where that was all in the socket already, behind it."""
    host = start_host(guest)
    said = guest.print_counting(length, deadline)
    command = Command(folder, "log", "-f", host.path)
    got = command.end.read_exactly(1, deadline)
    for _ in range(2 * CONTROLS_MAX):
        host.connect_native(deadline, role=Role.CONTROL)
    got += command.end.read_exactly(len(said) - 1, deadline)
    assert got == said

    guest.print_counting(1000, deadline)
    assert_counting(command.end.read_exactly(1000, deadline), length)
    command.kill()


# Where it begins


def line_starts(said):
    return [match.start() for match in re.finditer(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", said)]


LINES = [
    b"one\ntwo\nthree\n",
    b"one\r\ntwo\r\n\r\nthree",
    b"10%\r20%\r100%\r\nlogin: ",
    b"\n\n\n",
    b"\r\r\n\r",
    b"unfinished",
    b"x" * 70_000 + b"\r\n" + b"y" * 65_535 + b"\r" + b"z" * 65_535 + b"\n" + b"end",
    b"".join(b"%d%s" % (i, [b"\r\n", b"\n", b"\r"][i % 3]) for i in range(40_000)),
]


@pytest.mark.parametrize("said", LINES, ids=range(len(LINES)))
def test_the_last_lines(start_host, guest, deadline, said):
    host = start_host(guest)
    guest.print(said, deadline)
    starts = line_starts(said)
    counts = {0, 1, 2, 3, len(starts) // 2, len(starts) - 1, len(starts), len(starts) + 1, 10**9}

    for count in sorted(counts):
        expected = said[starts[-count] :] if 0 < count <= len(starts) else said if count else b""
        assert log(host, deadline, "-n", str(count)) == expected, count


def test_the_last_lines_at_every_place_of_the_block(start_host, guest, deadline):
    """A CR LF that lies across two of the blocks in which the search goes backwards is one line end."""
    host = start_host(guest)
    said = b""
    for rest in range(64 * KIB - 4, 64 * KIB + 1):
        more = b"A\r\n" + b"x" * rest
        guest.print(more, deadline)
        said += more
        starts = line_starts(said)
        assert log(host, deadline, "-n", "1") == said[starts[-1] :] == b"x" * rest
        assert log(host, deadline, "-n", "2") == said[starts[-2] :]


def test_missing_bytes_end_a_line(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "4K", "--keep-first", "100")
    lines = b"".join(b"line %04d\n" % number for number in range(1000))
    guest.print(lines, deadline)
    kept = lines[-4096:]  # begins within a line
    count = len(line_starts(kept))

    assert log(host, deadline, "-n", str(count)) == kept
    gap = gap_message(host, len(lines) - 4096 - 100).encode()
    for more in (1, 2, 10):
        answer = run_program(deadline, "log", "-n", str(count + more), host.path)
        assert (answer.stdout, answer.stderr) == (lines[100 - 10 * more : 100] + kept, gap)


def test_last_bytes(start_host, guest, deadline):
    host = start_host(guest)
    said = guest.print_counting(100 * KIB, deadline)
    for size, count in (("1B", 1), ("1K", KIB), ("100K", 100 * KIB), ("1M", 100 * KIB), ("0K", 0)):
        assert log(host, deadline, "--last", size) == said[len(said) - count :]


def test_since_a_point_in_time(start_host, guest, deadline):
    host = start_host(guest)
    guest.print(b"before\n", deadline)
    status = host.status(deadline)
    time.sleep(2 * status["resolution_ns"] / 1e9)  # what is told apart: two times
    between = datetime.datetime.now(datetime.timezone.utc)
    time.sleep(2 * status["resolution_ns"] / 1e9)
    guest.print(b"after\n", deadline)

    zone = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
    points = [
        between.isoformat(),
        between.isoformat().replace("+00:00", "Z"),
        between.astimezone(zone).isoformat(),
        between.astimezone().replace(tzinfo=None).isoformat(),
    ]
    for point in points:
        assert log(host, deadline, "--since", point) == b"after\n"
    assert log(host, deadline, "--since", "1h") == b"before\nafter\n"
    assert log(host, deadline, "--since", "100000d") == b"before\nafter\n"
    assert log(host, deadline, "--since", "2100-01-01T00:00:00Z") == b""


def test_boots_with_an_overflow_in_between(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64K")
    guest.print_counting(10 * KIB, deadline)  # the first boot, to be overwritten
    guest.restart(deadline)
    host.wait_status(lambda status: status["guest"]["number"] == 3, "the second guest has come", deadline)
    guest.print_counting(100 * KIB, deadline)  # the second, of which the end is kept
    assert run_program(deadline, "mark", host.path, "no boot").returncode == DONE
    guest.restart(deadline)
    host.wait_status(lambda status: status["guest"]["number"] == 6, "the third guest has come", deadline)
    guest.print_counting(20 * KIB, deadline)
    tail, second, third, head = 66 * KIB, 10 * KIB, 110 * KIB, 130 * KIB

    assert_counting(log(host, deadline, "-b"), third, head)
    assert_counting(log(host, deadline, "-b", "-0"), third, head)
    for options, begin, end in ((["-b", "-1"], second, third), (["--boot=-2"], 0, second), ([], 0, head)):
        answer = run_program(deadline, "log", *options, host.path)
        assert answer.returncode == DONE
        assert answer.stdout == counting(min(tail, end), end)
        assert answer.stderr.decode() == gap_message(host, min(tail, end) - begin)
    answer = run_program(deadline, "log", "-b", "-3", host.path)
    assert (answer.returncode, answer.stdout) == (FAILED, b"")
    assert answer.stderr.decode() == f"serialcon: {host.path}: there is no such boot: 3 are known\n"
    assert host.status(deadline)["consumed"] == 0


def test_this_boot_is_what_came_since_a_clear(start_host, guest, deadline):
    host = start_host(guest)
    guest.print(b"password: hunter2\n", deadline)
    run_program(deadline, "clear", host.path)
    guest.print(b"welcome\n", deadline)

    answer = run_program(deadline, "log", "-b", host.path)

    assert (answer.returncode, answer.stdout) == (DONE, b"welcome\n")
    assert answer.stderr.decode() == gap_message(host, 18, "cleared")


# Times


def test_each_line_is_led_by_its_time(start_host, guest, deadline):
    host = start_host(guest)
    pieces = [b"one\r", b"\ntwo\n", b"\r\n", b"10%\r20%\r", b"done", b" it is\n", b"login: "]
    before = time.time()
    for piece in pieces:
        guest.print(piece, deadline)

    said = log(host, deadline, "-t")

    lines = [b"one\r\n", b"two\n", b"\r\n", b"10%\r", b"20%\r", b"done it is\n", b"login: "]
    pattern = b"".join(rb"(%s) %s" % (POINT.encode(), re.escape(line)) for line in lines)
    found = re.fullmatch(pattern, said)
    assert found, said
    times = [datetime.datetime.fromisoformat(point.decode()).timestamp() for point in found.groups()]
    assert times == sorted(times)
    assert all(before - 0.1 < point < time.time() + 0.1 for point in times)
    assert re.sub(POINT.encode() + b" ", b"", said) == log(host, deadline)


def test_times_are_local_or_utc(start_host, guest, deadline):
    host = start_host(guest)
    guest.print(b"x", deadline)
    for command in (["log", "-t"], ["status"], ["status", "--json"]):
        points = []
        for options in ([], ["--utc"]):
            answer = run_program(deadline, *command, *options, host.path, env={**os.environ, "TZ": "XXX-5:30"})
            points.append(datetime.datetime.fromisoformat(re.findall(POINT, answer.stdout.decode())[-1]))
        local, utc = points
        assert local == utc
        assert (local.utcoffset(), utc.utcoffset()) == (datetime.timedelta(hours=5.5), datetime.timedelta(0))


def test_bytes_behind_a_gap_begin_a_line(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "4K", "--keep-first", "4")
    guest.print(b"abcd" + b"e" * 10_000, deadline)
    answer = run_program(deadline, "log", "-t", host.path)
    assert re.fullmatch(rb"%s abcd%s e{4096}" % (POINT.encode(), POINT.encode()), answer.stdout)


# Where it goes


def test_on_a_terminal_a_gap_has_a_line_of_its_own(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "4K", "--keep-first", "4")
    guest.print(b"abcd" + b"e" * 10_000, deadline)
    status, shown = run_on_terminal(deadline, "log", host.path)
    assert shown == b"abcd\n" + gap_message(host, 10_000 - 4096).encode() + b"e" * 4096


def test_a_closed_output_ends_it_quietly(start_host, guest, deadline, folder):
    host = start_host(guest)
    guest.print_counting(MIB, deadline)
    command = Command(folder, "log", host.path)
    command.end.read_exactly(1, deadline)
    command.close_output()
    assert (command.wait(deadline), command.messages()) == (DONE, "")


def test_a_folder_whose_path_is_longer_than_a_sockets(start_host, guest, folder, deadline):
    """containers/podman#11391, kata-containers/runtime#290: a pod's volume path."""
    long_folder = folder / ("x" * 150)
    long_folder.mkdir()
    host = start_host(guest, path=long_folder / "console")
    said = guest.print_counting(1000, deadline)
    assert log(host, deadline) == said
    for what in long_folder, host.path:
        answer = run_program(deadline, "list", what)
        assert (answer.returncode, answer.stdout.count(b"\n")) == (DONE, 2)
        assert b"/console  up " in answer.stdout


def test_a_full_disk_is_a_failure(start_host, guest, deadline):
    host = start_host(guest)
    guest.print_counting(MIB, deadline)
    with open("/dev/full", "wb") as full:
        answer = run_program(deadline, "log", host.path, stdout=full)
    assert (answer.returncode, answer.stderr) == (FAILED, b"serialcon: standard output: No space left on device\n")


def test_without_a_host_it_says_so(folder, deadline):
    answer = run_program(deadline, "log", folder / "absent")
    assert answer.returncode == GONE
    assert_one_message(answer)


# On and on


@pytest.fixture
def following(start_host, guest, deadline, folder):
    """A log that follows, has printed the history and is at head; and its host."""
    host = start_host(guest)
    guest.print(b"history\n", deadline)
    command = Command(folder, "log", "-f", host.path)
    assert command.end.read_exactly(8, deadline) == b"history\n"
    host.wait_clients(1, deadline)
    yield command, host
    command.kill()


def test_follow_goes_on(following, guest, deadline):
    command, host = following
    for count in range(3):
        guest.print(b"line %d\n" % count, deadline)
        assert command.end.read_exactly(7, deadline) == b"line %d\n" % count
    (shown,) = host.status(deadline)["clients"]
    assert (shown["role"], shown["may_type"]) == ("viewer", False)
    assert host.status(deadline)["consumed"] == 0


def test_follow_ends_when_the_host_goes(following, guest, deadline):
    command, host = following
    guest.print(b"last words", deadline)
    host.process.terminate()
    assert command.end.read_to_end(deadline) == b"last words"
    assert host.wait_end(deadline) == DONE
    assert command.wait(deadline) == GONE
    assert command.messages() == f"serialcon: {host.path}: the host has ended the connection: the host ends\n"


def test_follow_ends_when_the_host_dies(following, deadline):
    command, host = following
    host.kill()
    assert command.wait(deadline) == GONE
    assert command.messages() == f"serialcon: {host.path}: the host has closed the connection\n"


def test_follow_ends_when_it_is_kicked(following, deadline):
    command, host = following
    (shown,) = host.status(deadline)["clients"]
    run_program(deadline, "kick", host.path, str(shown["id"]))
    assert command.wait(deadline) == REFUSED


def test_follow_ends_quietly_when_nobody_reads(following, deadline):
    command, host = following
    command.close_output()
    assert (command.wait(deadline), command.messages()) == (DONE, "")


def test_follow_ends_by_a_signal(following, deadline):
    command, host = following
    command.process.send_signal(signal.SIGINT)
    assert command.wait(deadline) == -signal.SIGINT


def test_follow_tells_its_gaps(following, guest, deadline):
    command, host = following
    for _ in range(3):  # it is not read from
        guest.print_counting(MIB, deadline)
        run_program(deadline, "mark", host.path, "within the gap")
    host.wait_status(lambda status: status["clients"][0]["gaps"], "the follower has lost something", deadline)
    got = b""
    while not got.endswith(b"end of it"):
        if got.endswith(counting(guest.printed - 8, guest.printed)):
            guest.print(b"end of it", deadline)
        got += command.end.receive(deadline)
    (missing,) = re.findall(r" (\d+) bytes are missing", command.messages())
    assert len(got) + int(missing) == 3 * MIB + 9


@pytest.mark.parametrize(
    ("options", "history"), [(["-n", "1"], b"three\n"), (["-n", "0"], b""), (["-b"], b"one\ntwo\nthree\n")]
)
def test_follow_may_begin_anywhere(start_host, guest, deadline, folder, options, history):
    host = start_host(guest)
    guest.print(b"one\ntwo\nthree\n", deadline)
    command = Command(folder, "log", "-f", *options, host.path)
    host.wait_clients(1, deadline)
    guest.print(b"on\n", deadline)
    assert command.end.read_exactly(len(history) + 3, deadline) == history + b"on\n"
    command.kill()


# Many


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [int(os.environ.get("SC_TESTS_LOG_SECONDS", "3"))])
def test_logs_and_attaches_beside_each_other_are_whole(start_host, guest, seconds):
    """lxc/incus#3974, #1255: to read the history while somebody attaches failed, or was not whole."""
    deadline = Deadline(seconds + 30)
    host = start_host(guest)
    said = guest.print_counting(256 * KIB, deadline)
    end = time.monotonic() + seconds
    counts = {"logs": 0, "attaches": 0}
    lock = threading.Lock()

    def again_and_again(name, once):
        while time.monotonic() < end:
            assert once() == said
            with lock:
                counts[name] += 1

    def attach():
        client = host.connect_raw(deadline)
        data = client.read_exactly(len(said), deadline)
        client.close()
        return data

    jobs = [Background(again_and_again, "logs", lambda: log(host, deadline)) for _ in range(20)]
    jobs += [Background(again_and_again, "attaches", attach) for _ in range(20)]
    for job in jobs:
        job.finish()
    assert min(counts.values()) > 20
    print(counts)


@pytest.mark.measures
def test_a_large_history_costs_little_memory(start_host, guest, deadline):
    host = start_host(guest, "--buffer", "64M")
    line = b"x" * 1023 + b"\n"
    for _ in range(64):
        guest.print(line * 1024, deadline)
    for options, count in (([], 64 * MIB), (["-n", "65000"], 65000 * KIB)):
        with subprocess.Popen([program(), "log", *options, host.path], stdout=subprocess.PIPE) as process:
            deadline.wait_readable(process.stdout, "the log begins")
            peak = 0
            got = 0
            while piece := process.stdout.read1(MIB):
                got += len(piece)
                if got < count:
                    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                        peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]))
        assert got == count
        assert 0 < peak < 8 * KIB, f"{peak} kB"
