"""The command line from outside: every wrong one ends with status 2 and one line that names what is wrong."""

import os
import subprocess
from pathlib import Path

import pytest

BINARY = os.environ.get("SERIALCON", str(Path(__file__).parents[2] / "build/serialcon"))
SECONDS = 10
COMMANDS = ("host", "connect", "status", "log", "list", "kick", "clear", "mark", "break", "pipe", "replay")
SECOND_OPERANDS = {"kick": ["7"], "mark": ["text"]}
FIRST_OPERAND = {"list": "DIR|SOCKET", "replay": "TRACE"}


def serialcon(*arguments, cwd=None, **options):
    return subprocess.run(
        [BINARY, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=cwd,
        **options,
    )


def assert_usage_error(folder, arguments, said):
    result = serialcon(*arguments, cwd=folder)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"serialcon: {said}\n")
    assert list(folder.iterdir()) == []


HOST_USAGE = "serialcon host [OPTIONS] SOCKET [-- COMMAND ARG...]"
GUESTS = "expected unix:PATH, listen:PATH[,mode=OCTAL][,group=NAME], pty:PATH, tty:PATH[,BAUD], stdio or fd:N"
LOG_SETTINGS = "expected max=SIZE, keep=N or timestamps behind the comma"
TRACE_SETTINGS = "expected max=SIZE, keep=N or input behind the comma"
EVENT_SETTINGS = "expected max=SIZE or keep=N behind the comma"
LOG_USAGE = "serialcon log [OPTIONS] SOCKET"
MOMENTS = "expected a time ago such as 10m, or a point in time such as 2026-05-04T12:30:00 or ...00+02:00"
SPEEDS = "expected a speed from 0.001 to 1000, such as 2 or 0.5, or max"
LONG = "x" * 300


@pytest.mark.parametrize(
    "line, said",
    [
        ("", "no command: serialcon --help lists them"),
        ("--", "no command: serialcon --help lists them"),
        ("hots", "hots: unknown command; did you mean host?"),
        ("frobnicate", "frobnicate: unknown command; serialcon --help lists them"),
        ("--frob", "--frob: unknown option"),
        ("--hlep", "--hlep: unknown option; did you mean --help?"),
        ("host", f"host: SOCKET is missing: {HOST_USAGE}"),
        ("host -- qemu", f"host: SOCKET is missing: {HOST_USAGE}"),
        ("host a b --guest stdio", f"b: one argument too many: {HOST_USAGE}"),
        ("host a --", "host: COMMAND is missing behind --"),
        ("host a", "host: no guest side: give --guest GUEST or -- COMMAND"),
        ("host a --guest stdio -- qemu", "host: two guest sides: give --guest GUEST or -- COMMAND, not both"),
        ("host a --guest unix:x --guest stdio", "--guest stdio: given twice"),
        ("host a --guest demo", f"--guest demo: {GUESTS}"),
        ("host a --guest vfio-user:x", f"--guest vfio-user:x: {GUESTS}"),
        ("host a --guest fd:99", "--guest fd:99: this descriptor is not open"),
        ("host a --guest unix:a", "--guest unix:a: it would take a name of SOCKET (a)"),
        ("host a --guest listen:a.ctl", "--guest listen:a.ctl: it would take a name of SOCKET (a)"),
        ("host a --guest listen:b --view b.lock", "--guest listen:b: it would take a name of --view (b.lock)"),
        ("host a --guest listen:b,mode=888", "--guest listen:b,mode=888: expected an octal mode from 0 to 0777"),
        ("host a --guest listen:no/b", "--guest listen:no/b: its folder: No such file or directory"),
        ("host a --guest tty:x,fast", "--guest tty:x,fast: expected a speed from 1 to 4000000 baud behind the comma"),
        ("host a --guest stdio --view a", "--view a: it would take a name of SOCKET (a)"),
        ("host a.ctl --guest stdio --view a", "--view a: it would take a name of SOCKET (a.ctl)"),
        ("host a --guest stdio --view no/v", "--view no/v: its folder: No such file or directory"),
        ("host no/a --guest stdio", "no/a: its folder: No such file or directory"),
        (r"connect --until (a)\1 vm.sock", r"--until: (a)\1: back-references are not supported"),
        ("host /dev/null/a --guest stdio", "/dev/null/a: its folder: Not a directory"),
        ("host ./ --guest stdio", "./: this is a folder, not the name of a socket"),
        ("host .. --guest stdio", "..: this is a folder, not the name of a socket"),
        (f"host {LONG} --guest stdio", f"{LONG}: the path is too long"),
        ("host a --guest stdio --buffr 1M", "--buffr: unknown option; did you mean --buffer?"),
        ("host a --guest stdio --buffer 4095", "--buffer 4095: expected 4K to 1G"),
        ("host a --guest stdio --buffer 2G", "--buffer 2G: expected 4K to 1G"),
        ("host a --guest stdio --buffer", "--buffer: its value is missing"),
        ("host a --guest stdio --keep-first -1", "--keep-first -1: expected a size such as 4096, 64K, 1M or 1G"),
        ("host a --guest stdio --history x", "--history x: expected all, boot, unread, none or a size such as 64K"),
        ("host a --guest stdio --hold 2", "--hold 2: expected a time such as 500ms, 2s, 10m, 1h or 1d"),
        ("host a --guest stdio --hold 61m", "--hold 61m: expected 0 to 1h"),
        ("host a --guest stdio --writers two", "--writers two: expected all or one"),
        ("host a --guest stdio --mode 0888", "--mode 0888: expected an octal mode from 0 to 0777"),
        ("host a --guest stdio --mode 1777", "--mode 1777: expected an octal mode from 0 to 0777"),
        ("host a --guest stdio --group no-such", "--group no-such: no such group"),
        ("host a --guest stdio --view v --view-group no-such", "--view-group no-such: no such group"),
        ("host a --guest stdio --view-mode 660", "--view-mode: it needs --view"),
        (f"host a --guest stdio --view-group {os.getgid()}", "--view-group: it needs --view"),
        ("host a --guest stdio --max-clients 0", "--max-clients 0: expected 1 to 256"),
        ("host a --guest stdio --max-clients 257", "--max-clients 257: expected 1 to 256"),
        ("host a --guest stdio --wait", "--wait: it needs -- COMMAND"),
        ("host a --guest stdio --linger 1s", "--linger: it needs -- COMMAND"),
        ("host a --linger ever -- qemu", "--linger ever: expected a time such as 500ms, 2s, 10m, 1h or 1d"),
        ("host a --wait=yes -- qemu", "--wait yes: it takes no value"),
        ("host a --guest stdio --log ,max=1M", "--log ,max=1M: the path is missing"),
        ("host a --guest unix:g --log l,max=1", "--log l,max=1: expected max=4K or more"),
        ("host a --guest unix:g --log l,max=x", "--log l,max=x: expected a size such as 4096, 64K, 1M or 1G"),
        ("host a --guest unix:g --log l,keep=0", "--log l,keep=0: expected keep=1 to keep=1000"),
        ("host a --guest unix:g --log l,keep=1001", "--log l,keep=1001: expected keep=1 to keep=1000"),
        ("host a --guest unix:g --log l,", f"--log l,: {LOG_SETTINGS}"),
        ("host a --guest unix:g --log l,times", f"--log l,times: {LOG_SETTINGS}"),
        ("host a --guest unix:g --log -,max=1M", "--log -,max=1M: expected timestamps behind the comma"),
        ("host a --guest unix:g --log l --log m", "--log m: given twice"),
        ("host a --guest unix:g --log no/l", "--log no/l: its folder: No such file or directory"),
        ("host a --guest unix:g --log a.ctl", "--log a.ctl: a socket takes this name"),
        ("host a --guest unix:g --view v --log v.lock", "--log v.lock: a socket takes this name"),
        ("host a --guest listen:g --log g", "--log g: a socket takes this name"),
        ("host a --guest stdio --log -", "--log -: standard output is the guest's input"),
        ("host a --guest fd:1 --log -", "--log -: standard output is the guest's input"),
        ("host a --guest unix:g --events e,timestamps", f"--events e,timestamps: {EVENT_SETTINGS}"),
        ("host a --guest unix:g --events -,keep=1", "--events -,keep=1: expected nothing behind -"),
        ("host a --guest unix:g --events no/e", "--events no/e: its folder: No such file or directory"),
        ("host a --guest unix:g --events a.lock", "--events a.lock: a socket takes this name"),
        ("host a --guest stdio --events -", "--events -: standard output is the guest's input"),
        ("host a --guest unix:g --log - --events -", "--events -: --log has standard output"),
        ("host a --guest unix:g --log x,keep=3 --events x", "--events: --log has this file: x"),
        ("host a --guest unix:g --trace t,max=1", "--trace t,max=1: expected max=4K or more"),
        ("host a --guest unix:g --trace t,timestamps", f"--trace t,timestamps: {TRACE_SETTINGS}"),
        ("host a --guest unix:g --trace no/t", "--trace no/t: its folder: No such file or directory"),
        ("host a --guest unix:g --trace /", "--trace /: Is a directory"),
        ("host a --guest unix:g --log .", "--log .: Is a directory"),
        ("connect a --trace /", "--trace /: Is a directory"),
        ("host a --guest unix:g --log x --trace ./x", "--trace: --log has this file: x"),
        ("host a --guest unix:g --events .//x.1 --log x", "--events: --log has this file: x"),
        ("host a --guest unix:g --trace ./a.ctl", "--trace ./a.ctl: a socket takes this name"),
        ("connect a --trace s --state s", "--trace: --state has this file: s"),
        ("connect a --trace s --state s.2", "--trace: --state has this file: s.2"),
        ("connect a --trace no/t", "--trace no/t: its folder: No such file or directory"),
        ("host a --guest unix:g --trace a.ctl", "--trace a.ctl: a socket takes this name"),
        ("host a --guest unix:g --trace a.ctl.lock", "--trace a.ctl.lock: a socket takes this name"),
        ("host x.1 --guest unix:g --trace x", "--trace x: a socket takes this name"),
        ("host a --guest unix:x.1 --trace x", "--trace x: a socket takes this name"),
        ("host a --guest unix:g --view x.12 --log x", "--log x: a socket takes this name"),
        ("host a --guest unix:g --log x.1 --trace x", "--trace: --log has this file: x.1"),
        ("host a --guest unix:g --log x --events x.2", "--events: --log has this file: x"),
        ("host a --guest stdio --trace -", "--trace -: standard output is the guest's input"),
        ("host a --guest unix:g --log - --trace -", "--trace -: --log has standard output"),
        ("host a --guest unix:g --events - --trace -", "--trace -: --events has standard output"),
        ("host a --guest unix:g --events x --trace x,input", "--trace: --events has this file: x"),
        ("status", "status: SOCKET is missing: serialcon status [OPTIONS] SOCKET"),
        ("status a b", "b: one argument too many: serialcon status [OPTIONS] SOCKET"),
        ("log", f"log: SOCKET is missing: {LOG_USAGE}"),
        ("log a b", f"b: one argument too many: {LOG_USAGE}"),
        ("log a -n", "--lines: its value is missing"),
        ("log a -n many", "--lines many: expected a number"),
        ("log a -n 4294967295", "--lines 4294967295: expected 0 to 4294967294"),
        ("log a --last 100", "--last 100: expected a size with its unit, such as 512B, 64K, 1M or 1G"),
        ("log a --last x", "--last x: expected a size such as 4096, 64K, 1M or 1G"),
        ("log a --since yesterday", f"--since yesterday: {MOMENTS}"),
        ("log a --since 2026-02-30T10:00:00", f"--since 2026-02-30T10:00:00: {MOMENTS}"),
        ("log a --boot=1", "--boot 1: expected -N, such as -1"),
        ("log a --boot=-x", "--boot -x: expected -N, such as -1"),
        ("log a -n 1 --last 1K", "--last: not together with --lines"),
        ("log a -b -n 1", "--boot: not together with --lines"),
        ("log a --since 1h -b -1", "--boot: not together with --since"),
        ("log a --since 1h --last 1K", "--since: not together with --last"),
        ("log a -f -b -1", "--follow: not together with a boot that has ended"),
        ("list a b", "a: neither a folder nor a console"),
        ("list . a/", "a/: neither a folder nor a console"),
        ("kick", "kick: SOCKET is missing: serialcon kick SOCKET CLIENT"),
        ("kick a", "kick: CLIENT is missing: serialcon kick SOCKET CLIENT"),
        ("kick a 1 2", "2: one argument too many: serialcon kick SOCKET CLIENT"),
        ("kick a b", "b: expected the number of a client, as status shows it"),
        ("kick a -- -1", "-1: expected the number of a client, as status shows it"),
        ("kick a -1", "-1: unknown option"),
        ("clear", "clear: SOCKET is missing: serialcon clear SOCKET"),
        ("clear a b", "b: one argument too many: serialcon clear SOCKET"),
        ("mark a", "mark: TEXT is missing: serialcon mark SOCKET TEXT"),
        ("mark a two words", "words: one argument too many: serialcon mark SOCKET TEXT"),
        ("break", "break: SOCKET is missing: serialcon break SOCKET"),
        ("pipe", "pipe: SOCKET is missing: serialcon pipe SOCKET"),
        ("pipe a b", "b: one argument too many: serialcon pipe SOCKET"),
        ("replay", "replay: TRACE is missing: serialcon replay [OPTIONS] TRACE"),
        ("replay a b", "b: one argument too many: serialcon replay [OPTIONS] TRACE"),
        ("replay no/a", "no/a: No such file or directory"),
        ("replay a --speed fast", f"--speed fast: {SPEEDS}"),
        ("replay a --speed 0", f"--speed 0: {SPEEDS}"),
        ("replay a --max-pause 2", "--max-pause 2: expected a time such as 500ms, 2s, 10m, 1h or 1d"),
        ("replay a --client 0", "--client 0: expected 1 to 4294967295"),
        ("replay a --check --dump", "--dump: not together with --check"),
        ("replay a --dump --export asciicast", "--export: not together with --dump"),
        ("replay a --export gif", "--export gif: expected asciicast or typescript"),
        ("replay a --export typescript", "--export typescript: it needs --timing FILE"),
        ("replay a --export asciicast --timing t", "--timing: an asciicast has its times in itself"),
        ("replay a --export typescript --timing -", "--timing -: it is a file; standard output has the typescript"),
        ("replay a --utc", "--utc: it needs --check, --dump or --export typescript"),
        ("replay a --export asciicast --utc", "--utc: it needs --check, --dump or --export typescript"),
        ("replay a --timing t", "--timing: it needs --export"),
        ("replay a --width 132", "--width: it needs --export"),
        ("replay a --export asciicast --height 0", "--height 0: expected 1 to 10000"),
        ("replay a --export typescript --timing t --height 9", "--height: a typescript has no size"),
        ("replay a --strict", "--strict: it needs --check"),
        ("replay a --json", "--json: it needs --check or --dump"),
        ("replay a --dump --client 1", "--client: not together with --check or --dump"),
        ("replay a --check --speed 2", "--speed: not together with --check or --dump"),
        ("replay a --check --max-pause 2s", "--max-pause: not together with --check or --dump"),
    ],
)
def test_wrong_command_line_is_named(tmp_path, line, said):
    assert_usage_error(tmp_path, line.split(), said)


@pytest.mark.parametrize("command", COMMANDS)
def test_empty_socket_is_named(tmp_path, command):
    more = SECOND_OPERANDS.get(command, [])
    assert_usage_error(tmp_path, [command, "", *more], f"{command}: {FIRST_OPERAND.get(command, 'SOCKET')} is empty")


def test_empty_second_operand_is_named(tmp_path):
    assert_usage_error(tmp_path, ["kick", "a", ""], "kick: CLIENT is empty")
    assert_usage_error(tmp_path, ["mark", "a", ""], "mark: TEXT is empty")


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_option_of_each_command_is_named(tmp_path, command):
    assert_usage_error(tmp_path, [command, "x", "--frobnicate"], "--frobnicate: unknown option")


def test_control_characters_reach_no_terminal(tmp_path):
    assert_usage_error(
        tmp_path, ["\x1b]0;title\x07"], "?]0;title?: unknown command; serialcon --help lists them"
    )


def become_nobody():
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def test_group_that_cannot_be_reached_is_named(tmp_path):
    arguments = ["host", "a", "--guest", "stdio", "--group", "0"]
    if os.geteuid() != 0:
        if 0 in (os.getegid(), *os.getgroups()):
            pytest.skip("this user is in group 0")
        assert_usage_error(tmp_path, arguments, "--group 0: this process is not a member of that group")
        return
    try:
        result = serialcon(*arguments, cwd="/", preexec_fn=become_nobody)
    except PermissionError:
        pytest.skip("nobody cannot reach the binary here")
    assert (result.returncode, result.stderr) == (
        2,
        "serialcon: --group 0: this process is not a member of that group\n",
    )


@pytest.mark.parametrize("command", [(), *((command,) for command in COMMANDS)])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_goes_to_standard_output_in_80_columns(command, flag):
    result = serialcon(*command, flag)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(" ".join(["Usage: serialcon", *command]))
    assert "--help" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("command", [(), *((command,) for command in COMMANDS)])
@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_version(command, flag):
    result = serialcon(*command, flag)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("serialcon ")
    assert result.stdout.count("\n") == 1


def test_output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "w") as full:
        result = subprocess.run([BINARY, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=SECONDS)

    assert (result.returncode, result.stderr) == (1, "serialcon: standard output: No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_descriptors_are_taken_by_nothing_else(tmp_path, closed):
    """A socket that became standard output would be sent our messages."""
    command = ["sh", "-c", f'exec strace -qq -e trace=socket -o "$2" "$0" status "$1" {closed}']
    trace = tmp_path / "trace"
    (tmp_path / "vm.sock.ctl").touch()

    no_leaks = f"{os.environ.get('ASAN_OPTIONS', '')}:detect_leaks=0"  # which cannot be looked for under strace
    environment = dict(os.environ, ASAN_OPTIONS=no_leaks)
    arguments = [BINARY, tmp_path / "vm.sock", trace]

    subprocess.run([*command, *arguments], stdin=subprocess.DEVNULL, env=environment, timeout=SECONDS)

    descriptors = [int(line.rsplit("=", 1)[1]) for line in trace.read_text().splitlines() if "socket(" in line]
    assert descriptors and min(descriptors) > 2
