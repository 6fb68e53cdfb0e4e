"""connect on a terminal: what it shows, and that the terminal is afterwards what it was before."""

import os
import signal

import pytest

from harness.deadline import Deadline
from harness.filter import Exit
from harness.frames import Type
from harness.guest import CommandGuest
from harness.stream import KIB
from harness.terminal import NOTICE

QUIT = b"\x1d."
SCREEN_BYTES = 24 * 80


# The ways out


def type_escape(terminal, console, guest, deadline):
    terminal.type(QUIT)


def send(number):
    def way(terminal, console, guest, deadline):
        terminal.process.send_signal(number)

    return way


def end_host(number):
    def way(terminal, console, guest, deadline):
        console.process.send_signal(number)
        console.wait_end(deadline)

    return way


def lose_guest(terminal, console, guest, deadline):
    guest.vanish()


def kick(terminal, console, guest, deadline):
    status = console.wait_clients(1, deadline)
    console.connect_native(deadline).ask(Type.KICK, deadline, client=status["clients"][0]["id"])


def print_word(terminal, console, guest, deadline):
    guest.print(b"word\r\n", deadline)


def only_wait(terminal, console, guest, deadline):
    pass


WAYS_OUT = {
    "escape": ([], type_escape, Exit.DONE),
    "TERM": ([], send(signal.SIGTERM), 128 + signal.SIGTERM),
    "INT": ([], send(signal.SIGINT), 128 + signal.SIGINT),
    "HUP": ([], send(signal.SIGHUP), 128 + signal.SIGHUP),
    "QUIT": ([], send(signal.SIGQUIT), 128 + signal.SIGQUIT),
    "host killed": (["--no-reconnect"], end_host(signal.SIGKILL), Exit.GONE),
    "host ended": (["--no-reconnect"], end_host(signal.SIGTERM), Exit.GONE),
    "guest gone": (["--no-reconnect"], lose_guest, Exit.GONE),
    "kicked": ([], kick, Exit.REFUSED),
    "timeout": (["--timeout", "300ms"], only_wait, Exit.TIMED_OUT),
    "idle": (["--idle", "300ms"], only_wait, Exit.TIMED_OUT),
    "until": (["--from", "start", "--until", "word"], print_word, Exit.DONE),
    "fail": (["--from", "start", "--fail", "word"], print_word, Exit.FAILED),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_the_terminal_is_as_before_after_each_way_out(open_attached, console, guest, deadline, way):
    options, leave, status = WAYS_OUT[way]
    terminal = open_attached(*options)

    leave(terminal, console, guest, deadline)

    assert terminal.wait_end(deadline) == status
    assert terminal.settings() == terminal.before


def test_the_terminal_is_as_before_when_command_has_ended(start_host, open_terminal, deadline, folder):
    os.mkfifo(folder / "go")
    script = f"echo ready; read word <{folder}/go; echo bye"
    host = start_host(CommandGuest(), command=["sh", "-c", script])
    terminal = open_terminal(host.path)
    terminal.wait_screen(b"ready", deadline)
    (folder / "go").write_text("go\n")

    assert terminal.wait_end(deadline) == Exit.GONE
    assert b"bye" in terminal.screen
    assert terminal.settings() == terminal.before
    assert host.wait_end(deadline) == 0


def test_a_terminal_that_hangs_up_ends_it(open_attached, deadline):
    terminal = open_attached()
    terminal.hang_up()
    terminal.process.wait(deadline.left("connect ends without its terminal"))


def type_suspend(terminal):
    terminal.type(b"\x1d\x1a")


STOPS = {
    "keys": type_suspend,
    "TSTP": lambda terminal: terminal.process.send_signal(signal.SIGTSTP),
    "STOP": lambda terminal: terminal.process.send_signal(signal.SIGSTOP),
}


@pytest.mark.parametrize("stop", STOPS)
def test_stopped_and_continued_it_goes_on_and_restores(open_attached, guest, deadline, stop):
    terminal = open_attached()
    for life in range(2):
        STOPS[stop](terminal)
        terminal.wait_stopped(deadline)
        if stop != "STOP":
            assert terminal.settings() == terminal.before
        guest.print(b"meanwhile %d\r\n" % life, deadline)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait_screen(b"meanwhile %d" % life, deadline)
        terminal.wait_raw(deadline)
    terminal.type(QUIT)

    assert terminal.wait_end(deadline) == Exit.DONE
    assert terminal.settings() == terminal.before


def test_under_a_shell_it_is_suspended_and_comes_back(console, guest, open_terminal, deadline):
    """With the shell's own settings of the terminal in between."""
    guest.print(b"login: ", deadline)
    environment = {**os.environ, "PS1": "ready> ", "TERM": "dumb", "HISTFILE": ""}
    terminal = open_terminal(command=["bash", "--norc", "--noprofile", "--noediting", "-i"], env=environment)
    terminal.wait_screen(b"ready> ", deadline)
    at_prompt = terminal.settings()
    terminal.run(f"connect {console.path}")
    terminal.wait_screen(b"login: ", deadline)
    terminal.type(b"\x1d\x1a")
    terminal.wait_screen(b"ready> ", deadline, times=2)
    assert terminal.settings() == at_prompt
    terminal.type(b"fg\n")
    terminal.wait_raw(deadline)
    guest.print(b"again", deadline)
    terminal.wait_screen(b"again", deadline)
    terminal.type(QUIT)

    terminal.wait_screen(b"ready> ", deadline, times=3)

    assert terminal.settings() == at_prompt
    terminal.type(b"exit\n")
    assert terminal.wait_end(deadline) == 0


# What it shows


def test_the_attach_line_says_what_one_wants_to_know(console, guest, open_terminal, deadline):
    guest.print(b"login: ", deadline)
    console.connect_raw(deadline)
    console.wait_clients(1, deadline)
    terminal = open_terminal(console.path)
    terminal.wait_screen(b"login: ", deadline)

    line = terminal.notices()[0]

    assert line.startswith("guest up for ")
    for part in (", last output ", " ago, 7 bytes unread", ", 1 other client", "Ctrl-] then . quits"):
        assert part in line
    assert terminal.screen.startswith(NOTICE)


def test_the_attach_line_of_a_silent_guest_that_has_gone(console, guest, open_terminal, deadline):
    guest.vanish()
    console.wait_status(lambda status: status["guest"]["state"] == "down", "the guest is gone", deadline)
    terminal = open_terminal(console.path)
    terminal.wait_screen(b"]\r\n", deadline)

    line = terminal.notices()[0]
    assert line.startswith("guest gone for ") and ", nothing said yet, 0 bytes unread, 0 other clients" in line


def lines(count):
    """So many lines of 64 bytes."""
    return b"".join(b"%062d\r\n" % number for number in range(count))


def shown(terminal):
    """The guest's lines on the screen."""
    return [line for line in terminal.screen.split(b"\r\n") if line.isdigit()]


@pytest.mark.parametrize("show, most", [([], 64 * KIB), (["--show", "1K"], KIB), (["--show", "1M"], 128 * KIB)])
def test_a_long_backlog_is_shown_from_a_line_near_its_end(
    console, guest, open_terminal, deadline, show, most
):
    said = lines(2048)
    guest.print(said, deadline)
    terminal = open_terminal(*show, console.path)
    terminal.wait_screen(b"%062d\r\n" % 2047, deadline)

    got = shown(terminal)
    count = len(got)
    assert got == [b"%062d" % number for number in range(2048 - count, 2048)]
    assert most - 64 <= count * 64 <= most
    above = len(said) - most
    expected = [f"{above} more bytes are kept above: serialcon log shows them"] if above else []
    assert terminal.notices()[1:] == expected


def test_what_was_read_is_shown_again_as_far_as_a_screen_goes(console, guest, open_terminal, deadline):
    guest.print(lines(2048), deadline)
    reader = console.connect_native(deadline)
    reader.read_to(2048 * 64, deadline)
    reader.acknowledge(deadline)
    reader.ping(deadline)
    terminal = open_terminal(console.path)
    terminal.wait_screen(b"%062d\r\n" % 2047, deadline)

    assert " 0 bytes unread" in terminal.notices()[0]
    assert SCREEN_BYTES - 64 <= len(shown(terminal)) * 64 <= SCREEN_BYTES


def test_what_was_not_read_is_shown_to_its_last_byte(console, guest, open_terminal, deadline):
    """Less than a line: nothing of it is taken for the rest of a line that is not shown."""
    guest.print(b"x" * 50 + b"\r\nlogin: ", deadline)
    terminal = open_terminal(console.path)
    terminal.wait_screen(b"login: ", deadline)
    assert b"x" * 50 + b"\r\nlogin: " in terminal.screen


def test_with_from_it_shows_what_was_asked_for(console, guest, open_terminal, deadline):
    guest.print(lines(2048), deadline)
    terminal = open_terminal("--from", "start", console.path)
    terminal.wait_screen(b"%062d\r\n" % 2047, deadline)
    assert len(shown(terminal)) == 2048


def test_a_notice_stands_on_a_line_of_its_own(open_attached, guest, deadline):
    terminal = open_attached()
    guest.vanish()
    terminal.wait_notice(b"the guest is gone; waiting for it", deadline)
    guest.listen()
    guest.attach(deadline)
    terminal.wait_notice(b"the guest is up", deadline)
    assert b"login: \r\n[serialcon: the guest is gone; waiting for it]\r\n[serialcon: the guest is up]\r\n" in terminal.screen


def test_notices_go_where_standard_error_goes(console, guest, open_terminal, deadline, folder):
    guest.print(b"login: ", deadline)
    with open(folder / "errors", "wb") as errors:
        terminal = open_terminal(console.path, stderr=errors)
    terminal.wait_screen(b"login: ", deadline)
    terminal.type(QUIT)
    assert terminal.wait_end(deadline) == Exit.DONE

    assert NOTICE not in terminal.screen
    assert (folder / "errors").read_bytes().startswith(f"serialcon: {console.path}: guest up for ".encode())


def test_a_mark_is_shown_harmless(open_attached, console, deadline):
    terminal = open_attached()
    operator = console.connect_native(deadline)
    operator.ask(Type.MARK, deadline, text="before the update é".encode())
    terminal.wait_notice("mark: before the update é".encode(), deadline)


def test_it_leaves_what_the_terminal_shows_alone(open_attached, deadline):
    """No control sequence of its own, at no end."""
    terminal = open_attached()
    terminal.type(QUIT)
    assert terminal.wait_end(deadline) == Exit.DONE
    assert b"\x1b" not in terminal.screen


def test_the_screen_shows_the_guests_bytes_as_they_are(open_attached, guest, deadline):
    terminal = open_attached()
    said = bytes(range(256)) * 4
    guest.print(said, deadline)
    terminal.wait_screen(said, deadline)


# A guest, or a terminal, that takes nothing


def test_the_escape_quits_though_much_was_pasted_to_a_guest_that_takes_nothing(open_attached, guest, deadline):
    terminal = open_attached()
    pasted = 0
    while pasted < 200_000:
        pasted += terminal.type_some(b"x" * 4000)
        deadline.left("connect reads what is pasted")
    deadline.poll(lambda: terminal.type_some(QUIT) == 2, "the terminal takes the escape")

    assert terminal.wait_end(deadline) == Exit.DONE
    assert terminal.settings() == terminal.before


def test_the_escape_quits_though_the_terminal_shows_nothing_more(open_attached, guest, deadline):
    """As after Ctrl-S, or a window that hangs: nobody takes what is written to the terminal."""
    terminal = open_attached()
    guest.print(b"x" * 500_000, deadline)
    terminal.type(QUIT)

    assert terminal.process.wait(Deadline(5).left("connect ends")) == Exit.DONE
    assert terminal.settings() == terminal.before


def test_what_was_asked_before_it_came_is_asked_no_more(console, guest, open_terminal, deadline):
    """MCSManager#2130, tab-rs#238: the terminal answered a replayed query, into whatever read the guest's input then."""
    guest.print(b"login: \x1b[6n\x1b[c\x1b]11;?\x07\x1b[1mname", deadline)
    terminal = open_terminal(console.path)
    terminal.wait_screen(b"login: \x1b[1mname", deadline)
    terminal.type(b"x")
    assert guest.end.read_exactly(1, deadline) == b"x"

    guest.print(b"\x1b[6n", deadline)  # a live one is the terminal's to answer

    terminal.wait_screen(b"\x1b[6n", deadline)
