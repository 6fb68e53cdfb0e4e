"""connect --via: a command carries the bytes, fails, says things, asks its user, and leaves nothing behind."""

import os
import shlex
import signal
import subprocess

import pytest

from harness.background import Background
from harness.filter import Exit
from harness.host import program
from harness.pace import print_within
from harness.process import children, is_there
from harness.strace import killed_at
from harness.stream import KIB, MIB, assert_counting

TOTAL = 6 * MIB
REACH = 512 * KIB
KILLS = int(os.environ.get("SC_TESTS_KILLS", "12"))
LOST = "the connection is lost; connecting again"
RESUMED = "connected again, nothing lost"


@pytest.fixture
def pipe(console):
    """The command that carries: what the shell becomes."""
    return f"exec {shlex.quote(program())} pipe {console.path}"


class Carrier:
    """A command that notes its process before it carries, and is killed by it."""

    def __init__(self, folder, pipe):
        self._path = folder / "carrier"
        self.command = f"echo $$ >{self._path}.new; mv {self._path}.new {self._path}; {pipe}"

    def pid(self, deadline, but=None):
        """Of the one that carries now, once that is another than `but`."""

        def read():
            pid = int(self._path.read_text()) if self._path.exists() else None
            return pid if pid != but else None

        return deadline.poll(read, "the command has been started")

    def kill(self, deadline):
        """Returns when another one has taken its place."""
        pid = self.pid(deadline)
        os.kill(pid, signal.SIGKILL)
        self.pid(deadline, but=pid)


@pytest.fixture
def carrier(folder, pipe):
    return Carrier(folder, pipe)


def test_it_is_exact_both_ways(pipe, guest, connect, deadline):
    said = guest.print_counting(300_000, deadline)
    client = connect("--via", pipe)
    assert client.read_exactly(len(said), deadline) == said
    typed = bytes(range(256)) * 256
    typing = Background(client.type, typed)
    assert guest.end.read_exactly(len(typed), deadline) == typed
    typing.finish()


def test_what_it_put_out_last_is_known_to_have_been_read(pipe, console, guest, connect, deadline):
    guest.print(b"one\ntwo\n", deadline)
    client = connect("--from", "start", "--until", "one", "--via", pipe)
    assert client.wait_end(deadline) == Exit.DONE
    console.wait_status(lambda status: status["consumed"] == 4, "the first line has been read", deadline)


def test_what_was_typed_last_arrives(pipe, guest, open_terminal, deadline):
    guest.print(b"login: ", deadline)
    terminal = open_terminal("--via", pipe)
    terminal.wait_screen(b"login: ", deadline)
    terminal.type(b"logout\r\x1d.")
    assert terminal.wait_end(deadline) == Exit.DONE
    assert guest.end.read_exactly(7, deadline) == b"logout\r"


# A carrier that is killed


def test_killed_again_and_again_one_call_misses_nothing(carrier, console, guest, connect, deadline):
    client = connect("--via", carrier.command)
    printer = print_within(guest, TOTAL, REACH, lambda: len(client.output), deadline)
    for kill in range(1, 4):  # each comes after twice the time of the one before
        client.wait(lambda: len(client.output) > kill * TOTAL // 4, "a quarter more", deadline)
        os.kill(carrier.pid(deadline), signal.SIGKILL)
        client.wait_said(RESUMED.encode(), deadline, times=kill)
    client.wait(lambda: len(client.output) == TOTAL, "everything is put out", deadline)

    printer.finish()
    assert_counting(client.output, 0, TOTAL)
    assert client.notices(carrier.command) == [LOST, RESUMED] * 3


def test_with_a_state_file_the_file_is_the_stream(carrier, console, guest, connect, deadline, folder):
    """Two carriers killed, then the client itself, and so on."""
    out = folder / "out"
    out.touch()
    printer = print_within(guest, TOTAL, REACH, lambda: os.stat(out).st_size, deadline)

    def start():
        with open(out, "ab") as file:
            return connect(
                "--wait", "--via", carrier.command, "--state", folder / "state", stdin=subprocess.DEVNULL, stdout=file
            )

    client = start()
    for kill in range(KILLS):
        deadline.poll(lambda: os.stat(out).st_size >= kill * TOTAL // KILLS, "a part more is in the file")
        if kill % 3 < 2:
            carrier.kill(deadline)
        else:
            client.kill()
            client = start()
    deadline.poll(lambda: os.stat(out).st_size >= TOTAL, "everything is in the file")
    client.stop(deadline)

    printer.finish()
    assert_counting(out.read_bytes(), 0, TOTAL)


def test_a_kill_without_reconnect_ends_it_and_restores_the_terminal(carrier, guest, open_terminal, deadline):
    guest.print(b"login: ", deadline)
    terminal = open_terminal("--no-reconnect", "--via", carrier.command)
    terminal.wait_screen(b"login: ", deadline)
    assert terminal.is_raw

    os.kill(carrier.pid(deadline), signal.SIGKILL)

    assert terminal.wait_end(deadline) == Exit.GONE
    assert terminal.settings() == terminal.before


# Nothing is left


WAYS_OUT = {
    "TERM": lambda client: client.process.terminate(),
    "KILL": lambda client: client.process.kill(),
    "closed output": lambda client: client.process.stdout.close(),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_when_it_ends_so_does_the_command(carrier, guest, connect, deadline, way):
    guest.print(b"text", deadline)
    client = connect("--via", carrier.command)
    client.read_exactly(4, deadline)
    pid = carrier.pid(deadline)

    WAYS_OUT[way](client)

    client.process.wait(deadline.left("connect ends"))
    deadline.poll(lambda: not is_there(pid), "the command has ended")


def test_a_command_that_clings_to_life_is_ended(console, guest, connect, deadline, folder, pipe):
    """It lets SIGTERM pass, and does not read: SIGKILL comes after two seconds."""
    guest.print(b"text", deadline)
    command = f"trap '' TERM; echo $$ >{folder}/pid; {pipe[5:]}; exec sleep 1000"
    client = connect("--via", command)
    client.read_exactly(4, deadline)
    client.process.terminate()

    assert client.wait_end(deadline) == 128 + signal.SIGTERM
    pid = int((folder / "pid").read_text())
    deadline.poll(lambda: not is_there(pid), "the command has been killed")


def test_a_command_that_comes_and_goes_is_waited_for(carrier, console, guest, connect, deadline):
    client = connect("--via", carrier.command)
    guest.print(b"login: ", deadline)
    client.wait_output(b"login: ", deadline)
    carrier.kill(deadline)
    client.wait_said(RESUMED.encode(), deadline)
    assert children(client.pid) == [carrier.pid(deadline)]


def test_one_that_never_stops_talking_holds_nobody_up(pipe, guest, connect, deadline):
    guest.print(b"login: ", deadline)
    client = connect("--via", f"{{ exec yes >&2; }} & {pipe}")
    client.wait_output(b"login: ", deadline)
    assert client.stop(deadline) == 128 + signal.SIGTERM


# A command that brings no console


@pytest.mark.parametrize("command, said", [
    ("false", []),
    ("echo ssh: no such host >&2; exit 255", ["ssh: no such host"]),
    ("exec /no/such/program 2>/dev/null", []),
])
def test_the_first_that_brings_nothing_ends_it(connect, deadline, command, said):
    client = connect("--via", command)

    assert client.wait_end(deadline) == Exit.GONE
    assert client.said.decode() == "".join(f"{line}\n" for line in said) + (
        f"serialcon: {command}: the command has brought no console\n"
    )


def test_with_wait_it_is_run_again_until_it_brings_one(connect, guest, pipe, deadline, folder):
    guest.print(b"login: ", deadline)
    command = f"[ -e {folder}/ready ] || exit 1; {pipe}"
    client = connect("--wait", "--via", command)
    client.wait_said(b"nobody is there yet; waiting\n", deadline)
    (folder / "ready").touch()

    client.wait_output(b"login: ", deadline)
    assert client.notices(command) == ["nobody is there yet; waiting"]


def test_what_is_no_host_is_said_so(connect, deadline):
    client = connect("--via", "echo Welcome to node7")
    assert client.wait_end(deadline) == Exit.FAILED
    assert client.notices("echo Welcome to node7") == ["who answers here is no serialcon host"]


# What it says


def test_what_it_says_before_the_host_answers_is_passed_on_harmless(pipe, guest, connect, deadline):
    guest.print(b"login: ", deadline)
    client = connect("--via", rf"printf 'a\033[2J\033]0;x\007 \303\251\r\nb? ' >&2; {pipe}")
    client.wait_output(b"login: ", deadline)
    assert client.said.decode() == "a[2J]0;x é\r\nb? "


def test_what_it_says_later_is_a_notice_by_lines(pipe, guest, connect, deadline, folder):
    os.mkfifo(folder / "more")
    command = rf"{{ cat {folder}/more >&2; }} & {pipe}"
    guest.print(b"login: ", deadline)
    client = connect("--via", command)
    client.wait_output(b"login: ", deadline)
    (folder / "more").write_bytes(b"a\033[2J\033]0;x\007 \xc3\xa9\xff\r\nsecond line\n" + b"x" * 1000 + b"\n")
    client.wait_said(b"x\n", deadline, times=3)

    notices = client.notices(command)
    assert notices[:2] == ["a?[2J?]0;x? é?", "second line"]
    assert "".join(notices[2:]) == "x" * 1000


def test_what_it_says_last_is_a_notice_too(console, guest, connect, deadline, folder):
    command = f"{program()} pipe {console.path}; printf 'client_loop: send disconnect' >&2; sleep 0.05; exit 255"
    guest.print(b"login: ", deadline)
    client = connect("--no-reconnect", "--via", command)
    client.wait_output(b"login: ", deadline)
    console.kill()

    assert client.wait_end(deadline) == Exit.GONE
    assert client.notices(command)[-2:] == ["client_loop: send disconnect", "the connection has ended"]


def test_on_a_terminal_it_is_a_notice_on_a_line_of_its_own(pipe, guest, open_terminal, deadline, folder):
    os.mkfifo(folder / "more")
    guest.print(b"login: ", deadline)
    terminal = open_terminal("--via", rf"{{ cat {folder}/more >&2; }} & {pipe}")
    terminal.wait_screen(b"login: ", deadline)
    (folder / "more").write_bytes(b"Warning: \033[2Jold key\n")

    terminal.wait_notice(b"Warning: ?[2Jold key", deadline)


# What it asks

ASK = (
    "printf 'Password: ' >/dev/tty; stty -echo </dev/tty; read -r word </dev/tty; stty echo </dev/tty; echo >/dev/tty; "
    "echo $word >>{got}; "
)


def answer(terminal, word, times, deadline):
    terminal.wait_screen(b"Password: ", deadline, times)
    deadline.poll(lambda: not terminal.echoes and not terminal.is_raw, "the question is asked without an echo")
    terminal.type(word)


def test_its_question_can_be_answered_and_again_at_a_reconnect(carrier, guest, open_terminal, deadline, folder):
    guest.print(b"login: ", deadline)
    got = folder / "got"
    got.touch()
    terminal = open_terminal("--via", ASK.format(got=got) + carrier.command)
    answer(terminal, b"secret\n", 1, deadline)
    terminal.wait_screen(b"login: ", deadline)
    assert got.read_text() == "secret\n" and terminal.is_raw
    os.kill(carrier.pid(deadline), signal.SIGKILL)
    answer(terminal, b"again\n", 2, deadline)
    terminal.wait_notice(RESUMED.encode(), deadline)
    assert got.read_text() == "secret\nagain\n" and terminal.is_raw
    assert b"secret" not in terminal.screen and b"again\r\n" not in terminal.screen

    terminal.type(b"x\x1d.")

    assert guest.end.read_exactly(1, deadline) == b"x"  # and nothing of the passwords
    assert terminal.wait_end(deadline) == Exit.DONE
    assert terminal.settings() == terminal.before


def test_the_question_can_be_interrupted(open_terminal, deadline, folder):
    terminal = open_terminal("--via", ASK.format(got=folder / "got"))
    answer(terminal, b"\x03", 1, deadline)

    assert terminal.wait_end(deadline) == 128 + signal.SIGINT


@pytest.mark.parametrize("note", [1, 2, 3, 4, 5])
def test_what_the_command_says_into_the_output_file_is_not_taken_for_output(
    pipe, guest, deadline, folder, note
):
    """`>>out 2>&1`, and killed where the state file is about to be written: behind a line of the command's, or before."""
    out = folder / "out"
    speaks = f"echo a line of its own >&2; {pipe}"

    def call(until, **options):
        with open(out, "ab") as file:
            command = [*options.pop("under", []), program(), "connect", "--via", speaks, "--state", folder / "state"]
            process = subprocess.Popen(
                [*command, "--timeout", "10s", "--until", until], stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        return process.wait(deadline.left("it ends"))

    guest.print(b"one\n", deadline)
    assert call("one") == Exit.DONE
    guest.print(b"two\nthree\n", deadline)
    call("two", under=killed_at("pwrite64", note))
    assert call("three") == Exit.DONE

    lines = out.read_bytes().splitlines(keepends=True)
    assert [line for line in lines if b"its own" not in line] == [b"one\n", b"two\n", b"three\n"]
