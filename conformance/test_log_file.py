"""The host's log of what the guest says, in files: --log FILE (SPEC.md, The log)."""

import datetime
import os
import re
import resource
import shutil
import signal
import time

import pytest

from harness.background import Background
from harness.frames import Result, Role, Type
from harness.guest import CommandGuest, UnixGuest
from harness.host import Host, run_program
from harness.log_files import LogFiles
from harness.memory import pieces_in_memory
from harness.stream import KIB, MIB, assert_counting, counting, ranges

MUCH = 100 * MIB
STAMP = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d "


@pytest.fixture
def log(folder):
    return LogFiles(folder / "log")


def lost(host, deadline):
    return host.status(deadline)["log"]["lost_bytes"]


def wait_accounted(host, log, said, deadline):
    """Until what is kept and what is counted as lost are together what was said. Returns how much was lost."""
    deadline.poll(lambda: log.size() + lost(host, deadline) == said, f"the log accounts for {said} bytes")
    return lost(host, deadline)


def assert_said_once(host, path, why, deadline):
    deadline.poll(lambda: path in host.messages(), "the host says so")
    lines = [line for line in host.messages().splitlines() if path in line]
    assert len(lines) == 1 and why in lines[0], host.messages()


# Files


@pytest.mark.clause("L-1")
def test_the_log_is_what_the_guest_said(start_host, guest, log, deadline):
    os.umask(0)
    host = start_host(guest, "--log", log.path)

    said = guest.print_counting(300 * KIB, deadline)

    log.wait_content(said, deadline)
    assert os.stat(log.path).st_mode & 0o7777 == 0o600
    assert host.status(deadline)["log"] == {"kind": "file", "lost_bytes": 0, "lost_lines": 0}


@pytest.mark.clause("L-1")
def test_a_log_is_appended_to(start_host, folder, log, deadline):
    with open(log.path, "wb") as file:
        file.write(b"from before\n")
    guest = UnixGuest(folder / "guest")
    host = start_host(guest, "--log", log.path)
    guest.print(b"first\n", deadline)
    guest.restart(deadline)
    guest.print(b"second\n", deadline)
    host.end(deadline)  # and nothing that was said is missing behind it
    guest.close()

    assert log.content() == b"from before\nfirst\nsecond\n"


@pytest.mark.clause("L-1")
def test_a_link_is_not_followed(folder, guest, log, deadline):
    os.symlink(folder / "elsewhere", log.path)
    host = Host(folder, guest, "--log", log.path)

    assert host.wait_end(deadline) == 1
    assert host.messages() == f"serialcon: {log.path}: a symbolic link, which is not followed\n"
    assert not os.path.lexists(folder / "elsewhere") and not os.path.lexists(host.path)


@pytest.mark.clause("L-2")
def test_the_files_never_grow_beyond_what_was_asked_for(start_host, guest, log, deadline):
    start_host(guest, "--log", f"{log.path},max=64K,keep=3")
    printing = Background(guest.print_in_pieces, 3 * MIB, 20 * KIB, deadline)  # no more than may wait
    while printing.is_alive():
        sizes = log.sizes()
        assert max(sizes, default=0) <= 64 * KIB and sum(sizes) <= 3 * 64 * KIB
    printing.finish()
    end = guest.printed

    deadline.poll(lambda: log.content().endswith(counting(end - 1000, end)), "all was written")
    kept = log.content()
    assert_counting(kept, end - len(kept), end)
    assert 64 * KIB < len(kept) <= 3 * 64 * KIB
    assert not os.path.exists(log.path + ".3")


@pytest.mark.clause("L-2")
def test_one_file_begins_anew(start_host, guest, log, deadline):
    start_host(guest, "--log", f"{log.path},max=4K,keep=1")
    for letter in b"abc":
        guest.print(bytes([letter]) * 3999 + b"\n", deadline)
        deadline.poll(lambda: log.content() == bytes([letter]) * 3999 + b"\n", "the newest alone is kept")
    assert not os.path.exists(log.path + ".1")


@pytest.mark.clause("L-2")
def test_no_line_is_cut_between_two_files(start_host, guest, log, deadline):
    start_host(guest, "--log", f"{log.path},max=4K,keep=20")
    said = b"".join(b"line %d of many\r\n" % number for number in range(2000))
    guest.print(said, deadline)
    whole = LogFiles(log.path, keep=20)

    whole.wait_content(said, deadline)
    for number in range(1, 5):
        with open(f"{log.path}.{number}", "rb") as file:
            assert file.read().endswith(b"\r\n")


@pytest.mark.clause("L-3")
@pytest.mark.measures
@pytest.mark.slow
def test_a_full_disk_costs_counted_bytes(start_host, guest, log, deadline):
    """The file may not grow: what a disk that is full says, too. Then there is room again."""
    host = start_host(guest, "--log", f"{log.path},max=1G")
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (8 * MIB, resource.RLIM_INFINITY))

    guest.print_counting(MUCH, deadline)

    deadline.poll(lambda: log.path in host.messages(), "the host says so")
    assert log.size() == 8 * MIB
    assert_said_once(host, log.path, "File too large", deadline)
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    missing = wait_accounted(host, log, MUCH, deadline)
    assert 0 < missing < MUCH - 8 * MIB
    guest.print_counting(1000, deadline)
    assert wait_accounted(host, log, MUCH + 1000, deadline) == missing
    kept = ranges(log.content())
    assert kept[0][0] == 0 and kept[-1][1] == MUCH + 1000
    assert sum(end - start for start, end in kept) == MUCH + 1000 - missing


@pytest.mark.clause("L-3")
def test_a_disk_that_is_always_full_ends_no_host(start_host, guest, deadline):
    host = start_host(guest, "--log", "/dev/full")
    client = host.connect_raw(deadline)
    for _ in range(20):
        printed = guest.print_counting(MIB, deadline)
        assert client.read_exactly(MIB, deadline) == printed

    assert_said_once(host, "/dev/full", "No space left on device; it is tried again, and what is missing is counted", deadline)
    assert lost(host, deadline) >= 20 * MIB - 8 * MIB


@pytest.mark.clause("L-3")
@pytest.mark.slow
def test_a_removed_folder_costs_counted_bytes(start_host, guest, folder, deadline):
    log = LogFiles(folder / "logs" / "log")
    os.mkdir(folder / "logs")
    host = start_host(guest, "--log", f"{log.path},max=1G")
    guest.print_counting(100 * KIB, deadline)
    log.wait_size(100 * KIB, deadline)
    shutil.rmtree(folder / "logs")

    guest.print_counting(20 * MIB, deadline)

    deadline.poll(lambda: "No such file" in host.messages(), "the host says so")
    os.mkdir(folder / "logs")
    assert 0 < wait_accounted(host, log, 20 * MIB, deadline) < 20 * MIB
    assert_said_once(host, log.path, "No such file or directory", deadline)


@pytest.mark.clause("L-3")
@pytest.mark.slow
def test_a_file_that_cannot_be_moved_is_not_written_beyond_its_size(start_host, guest, log, deadline):
    """As in a folder that has become read-only, which binds no root."""
    host = start_host(guest, "--log", f"{log.path},max=1M,keep=2")
    guest.print_counting(MIB, deadline)
    log.wait_size(MIB, deadline)
    os.makedirs(log.path + ".1/in the way")

    guest.print_counting(10 * MIB, deadline)
    deadline.poll(lambda: log.path in host.messages(), "the host says so")
    assert os.path.getsize(log.path) == MIB

    missing = lost(host, deadline)
    shutil.rmtree(log.path + ".1")
    deadline.poll(lambda: os.path.isfile(log.path + ".1"), "it is moved")
    guest.print_counting(1000, deadline)
    end = guest.printed
    deadline.poll(lambda: log.content().endswith(counting(end - 1000, end)), "all was written")
    assert max(log.sizes()) <= MIB and 0 < missing == lost(host, deadline)
    assert_said_once(host, log.path, "", deadline)


@pytest.mark.clause("L-3")
@pytest.mark.measures
def test_the_guest_is_not_slowed(start_host, folder, log, deadline):
    seconds = {}
    guests = [UnixGuest(folder / name) for name in ("without", "with")]
    start_host(guests[0], path=folder / "without.sock")
    host = start_host(guests[1], "--log", log.path, path=folder / "with.sock")
    data = counting(0, MIB)
    for _ in range(5):
        for name, guest in zip(("without", "with"), guests):
            begin = time.monotonic()
            for _ in range(MUCH // MIB):
                guest.print_some(data, deadline)
            guest.end.wait_taken(deadline)
            seconds.setdefault(name, []).append(time.monotonic() - begin)
    for guest in guests:
        guest.close()
    ratio = min(seconds["with"]) / min(seconds["without"])
    missing = lost(host, deadline)
    print(f"100 MiB of output take {ratio:.2f} times as long with a log, of which {missing} bytes are missing")
    assert ratio < 5  # it never waits for the disk, but shares two processors with who writes


@pytest.mark.clause("L-4")
def test_a_truncated_log_has_no_hole(start_host, guest, log, deadline):
    """kernel/hypeman#209: a log that was truncated under load began with NULs."""
    start_host(guest, "--log", f"{log.path},max=1G")
    line = b"all the same\n"
    printing = Background(print_lines, guest, line, 500, deadline)
    truncated = 0
    while printing.is_alive():
        os.truncate(log.path, 0)
        truncated += 1
    printing.finish()
    guest.print(b"the end\n", deadline)

    deadline.poll(lambda: log.content().endswith(b"the end\n"), "all was written")
    assert truncated > 1 and b"\0" not in log.content()


def print_lines(guest, line, count, deadline):
    for _ in range(count):
        guest.print(line * 100, deadline)


@pytest.mark.clause("L-4")
def test_a_removed_log_is_made_anew(start_host, guest, log, deadline):
    start_host(guest, "--log", log.path)
    guest.print(b"before\n", deadline)
    log.wait_content(b"before\n", deadline)
    os.unlink(log.path)

    guest.print(b"behind\n", deadline)

    log.wait_content(b"behind\n", deadline)


@pytest.mark.clause("L-4")
def test_a_log_that_was_moved_away_is_opened_anew_at_sighup(start_host, guest, log, folder, deadline):
    host = start_host(guest, "--log", log.path)
    guest.print(b"before\n", deadline)
    log.wait_content(b"before\n", deadline)
    os.rename(log.path, folder / "moved")
    host.process.send_signal(signal.SIGHUP)
    deadline.poll(lambda: os.path.exists(log.path), "the log is there anew")

    guest.print(b"behind\n", deadline)

    log.wait_content(b"behind\n", deadline)
    assert (folder / "moved").read_bytes() == b"before\n"


@pytest.mark.clause("L-4")
def test_sighup_ends_a_host_without_a_file(start_host, guest, deadline):
    host = start_host(guest, "--log", "-")
    host.process.send_signal(signal.SIGHUP)
    assert host.wait_end(deadline) == 0


@pytest.mark.clause("L-5")
def test_each_line_is_led_by_its_time(start_host, guest, log, deadline):
    """However the host happens to read them: each print is taken before the next."""
    start_host(guest, "--log", f"{log.path},timestamps")
    said = b"one\r\ntwo\nthree\rfour\r\n\n"
    begin = datetime.datetime.now(datetime.timezone.utc)
    for cut in range(1, len(said)):
        guest.print(said[:cut], deadline)
        guest.print(said[cut:], deadline)
    times = len(said) - 1
    end = datetime.datetime.now(datetime.timezone.utc)

    log.wait_size(times * (len(said) + 5 * len("2026-05-04T12:30:00.000+00:00 ")), deadline)
    content = log.content()
    assert re.sub(STAMP, b"", content) == said * times
    stamps = re.findall(rb"(?:^|(?<=\n)|(?<=\r)(?!\n))" + STAMP, content)
    assert len(stamps) == 5 * times
    moments = [datetime.datetime.fromisoformat(stamp.decode().strip()) for stamp in stamps]
    slack = datetime.timedelta(milliseconds=20)
    assert begin - slack <= moments[0] and moments == sorted(moments) and moments[-1] <= end + slack


@pytest.mark.clause("L-9")
@pytest.mark.measures
@pytest.mark.slow
def test_logged_bytes_are_not_left_in_memory(start_host, guest, log, deadline):
    host = start_host(guest, "--log", f"{log.path},timestamps")
    operator = host.connect_native(deadline, role=Role.CONTROL)
    secret = os.urandom(24).replace(b"\n", b"x").replace(b"\r", b"x")
    guest.print(secret * 10_000 + b"\n", deadline)
    deadline.poll(lambda: log.content().endswith(secret + b"\n"), "all was written")
    assert pieces_in_memory(host.pid, secret)

    assert operator.ask(Type.CLEAR, deadline) == Result.OK

    deadline.poll(lambda: pieces_in_memory(host.pid, secret) == [], "none of it is left")


@pytest.mark.clause("L-9")
def test_who_clears_is_told_where_it_still_is(start_host, guest, log, deadline):
    host = start_host(guest, "--log", log.path)
    guest.print(b"a password", deadline)

    said = run_program(deadline, "clear", host.path).stdout

    assert said == b"10 bytes forgotten; the files of the host's --log still hold what is in them\n"
    log.wait_content(b"a password", deadline)


# The end of COMMAND


@pytest.mark.clause("L-8")
def test_nobody_is_waited_for_where_the_log_has_the_last_words(start_host, log, deadline):
    host = start_host(CommandGuest(), "--log", log.path, command=["sh", "-c", "read line; echo the last words; exit 3"])
    host.connect_raw(deadline).send(b"go\n", deadline)
    host.close_clients()

    assert host.wait_end(deadline) == 3
    assert log.content() == b"the last words\n"


@pytest.mark.clause("L-8")
def test_a_client_that_is_there_still_gets_the_last_words(start_host, log, deadline):
    host = start_host(CommandGuest(), "--log", log.path, command=["sh", "-c", "read line; printf %0900000d 7; exit 3"])
    client = host.connect_raw(deadline)
    client.send(b"go\n", deadline)
    log.wait_size(900_000, deadline)

    assert client.read_to_end(deadline) == log.content()
    assert host.wait_end(deadline) == 3


@pytest.mark.clause("L-8")
def test_a_log_that_lacks_the_last_words_does_not_suffice(start_host, deadline):
    host = start_host(CommandGuest(), "--log", "/dev/full", command=["sh", "-c", "echo the last words; exit 3"])
    host.wait_status(lambda status: status["guest"]["note"] == "ended", "COMMAND has ended", deadline)

    assert host.connect_raw(deadline).read_to_end(deadline) == b"the last words\n"
    assert host.wait_end(deadline) == 3
