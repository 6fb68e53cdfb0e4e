"""connect on a terminal: the keys, and what is behind the escape character."""

import os

import pytest

from harness.filter import Exit
from harness.guest import PtyGuest

ESCAPE = b"\x1d"
HELP = b"then: . or q quit"


@pytest.fixture
def terminal(open_attached):
    return open_attached()


def assert_arrives(guest, deadline, expected):
    """These keys reach the guest, and none before them."""
    assert guest.end.read_exactly(len(expected), deadline) == expected


def assert_quits(terminal, deadline):
    assert terminal.wait_end(deadline) == Exit.DONE


def test_keys_go_to_the_guest_as_they_are(terminal, guest, deadline):
    keys = b"\x01c\x03\x04\x11\x13\x1a\x1c\r\n\x7f\x1b[A\x1bOP\x1b[200~x\x1b[201~" + "é".encode()
    terminal.type(keys)
    assert_arrives(guest, deadline, keys)


def test_a_lone_escape_key_arrives_without_another_key(terminal, guest, deadline):
    """It might begin a sequence; it is not held back for long."""
    terminal.type(b"\x1b")
    assert_arrives(guest, deadline, b"\x1b")


def test_what_was_typed_before_the_escape_arrives(terminal, guest, deadline):
    terminal.type(b"logout\r" + ESCAPE + b".")
    assert_arrives(guest, deadline, b"logout\r")
    assert_quits(terminal, deadline)


@pytest.mark.parametrize("key", [b".", b"q"])
def test_the_escape_and_a_key_quit(terminal, deadline, key):
    terminal.type(ESCAPE + key)
    assert_quits(terminal, deadline)


def test_the_escape_quits_with_the_keys_one_by_one(terminal, guest, deadline):
    terminal.type(ESCAPE)
    terminal.wait_screen(HELP, deadline)  # what comes a second later
    terminal.type(b".")
    assert_quits(terminal, deadline)


def test_one_second_behind_a_lone_escape_the_keys_are_listed_once(terminal, guest, deadline):
    terminal.type(b"a" + ESCAPE)
    terminal.wait_screen(HELP, deadline)
    terminal.type(ESCAPE + b"b")

    assert_arrives(guest, deadline, b"a\x1db")
    assert terminal.screen.count(HELP) == 1


def test_the_question_mark_lists_the_keys_at_once(terminal, guest, deadline):
    terminal.type(b"a" + ESCAPE + b"?b")
    terminal.wait_screen(HELP, deadline)

    assert_arrives(guest, deadline, b"ab")
    said = terminal.notices()[-1]
    for word in ("Ctrl-] then", "? this help", "b BREAK", "B KEY", "w type here", "r tell", "Ctrl-Z suspend"):
        assert word in said


def test_an_unknown_key_lists_them_and_goes_nowhere(terminal, guest, deadline):
    terminal.type(ESCAPE + b"x" + b"after")
    terminal.wait_screen(HELP, deadline)
    assert_arrives(guest, deadline, b"after")


def test_the_escape_twice_sends_it(terminal, guest, deadline):
    terminal.type(b"a" + ESCAPE + ESCAPE + b".b")
    assert_arrives(guest, deadline, b"a\x1d.b")


# BREAK


@pytest.fixture
def line(start_host, open_terminal, deadline, folder):
    """A terminal on a host whose guest side can carry a BREAK; guest and host are with it."""
    guest = PtyGuest()
    guest.arguments = ["--guest", f"tty:{guest.path}"]
    host = start_host(guest, path=folder / "line")
    guest.print(b"login: ", deadline)
    terminal = open_terminal(host.path)
    terminal.wait_screen(b"login: ", deadline)
    terminal.guest, terminal.host = guest, host
    yield terminal
    guest.close()


def wait_breaks(line, count, deadline):
    line.host.wait_status(lambda status: status["input"]["breaks"] == count, f"{count} BREAKs", deadline)


def test_b_sends_a_break_between_the_keys_around_it(line, deadline):
    line.type(b"before" + ESCAPE + b"b" + b"behind")

    assert_arrives(line.guest, deadline, b"beforebehind")
    wait_breaks(line, 1, deadline)
    line.wait_notice(b"BREAK sent", deadline)


def test_capital_b_sends_a_break_and_the_key(line, deadline):
    line.type(ESCAPE + b"Bh")

    assert_arrives(line.guest, deadline, b"h")
    wait_breaks(line, 1, deadline)


def test_a_break_that_cannot_be_carried_is_told(terminal, guest, deadline):
    terminal.type(ESCAPE + b"bx")
    terminal.wait_notice(b"no BREAK: this guest side cannot carry one", deadline)
    assert_arrives(guest, deadline, b"x")


def test_a_break_without_a_guest_is_not_kept(terminal, guest, deadline):
    guest.vanish()
    terminal.wait_notice(b"the guest is gone; waiting for it", deadline)
    terminal.type(ESCAPE + b"b")
    terminal.wait_notice(b"there is no guest: keys are not kept", deadline)
    guest.listen()
    guest.attach(deadline)
    terminal.wait_notice(b"the guest is up", deadline)
    terminal.type(b"x")
    assert guest.end.read_exactly(1, deadline) == b"x"  # a kept BREAK would have come before, and been answered
    terminal.type(ESCAPE + b"?")
    terminal.wait_screen(b"? this help", deadline)
    assert not [notice for notice in terminal.notices() if "BREAK sent" in notice or "no BREAK" in notice]


# The writer's role


def test_w_takes_the_writers_role(start_host, guest, open_terminal, deadline):
    host = start_host(guest, "--writers", "one")
    guest.print(b"login: ", deadline)
    first = open_terminal(host.path)
    first.wait_screen(b"login: ", deadline)
    second = open_terminal(host.path)
    second.wait_screen(b"login: ", deadline)
    writer = host.status(deadline)["clients"][0]["id"]
    other = host.status(deadline)["clients"][1]["id"]
    assert f"client {writer} types)" in second.notices()[0]
    second.wait_notice(b"client %d types; what is typed here is dropped" % writer, deadline)
    second.type(b"lost")
    second.wait_screen(b" bytes of input were dropped: another client types]", deadline)

    second.type(ESCAPE + b"w")
    second.wait_notice(b"this client types now", deadline)
    first.wait_notice(b"client %d types; what is typed here is dropped" % other, deadline)
    second.type(b"mine")

    assert_arrives(guest, deadline, b"mine")


def test_w_is_told_once_where_all_may_type(terminal, deadline):
    terminal.type(ESCAPE + b"w")
    terminal.wait_notice(b"this client types now", deadline)
    terminal.type(ESCAPE + b"?")
    terminal.wait_screen(b"? this help", deadline)
    assert terminal.notices().count("this client types now") == 1


def test_read_only_says_where_keys_go(open_attached, console, guest, deadline):
    terminal = open_attached("--read-only")
    terminal.type(b"typed")
    terminal.wait_notice(b"this client only reads: keys go nowhere", deadline)
    terminal.type(ESCAPE + b"q")
    assert_quits(terminal, deadline)
    status = console.status(deadline)
    assert status["input"]["bytes"] == 0 and status["consumed"] == 0


# The size


def test_r_types_the_windows_size(open_attached, guest, deadline):
    terminal = open_attached(rows=50, columns=132)
    terminal.type(ESCAPE + b"r")
    assert_arrives(guest, deadline, b"stty rows 50 cols 132\r")


def test_r_on_a_terminal_without_a_size_says_so(open_attached, guest, deadline):
    terminal = open_attached(rows=0, columns=0)
    terminal.type(ESCAPE + b"rx")
    terminal.wait_notice(b"this terminal has no size", deadline)
    assert_arrives(guest, deadline, b"x")


# Another escape character


def test_a_printable_escape_counts_at_the_beginning_of_a_line(open_attached, guest, deadline):
    terminal = open_attached("--escape", "~")
    terminal.type(b"cd ~.\r~/x\r~~y\r")
    assert_arrives(guest, deadline, b"cd ~.\r~/x\r~y\r")
    terminal.type(b"~.")
    assert_quits(terminal, deadline)


def test_without_an_escape_all_keys_arrive(open_attached, guest, deadline):
    terminal = open_attached("--escape", "none")
    terminal.type(ESCAPE + b"." + ESCAPE + b"?")
    assert_arrives(guest, deadline, b"\x1d.\x1d?")
    assert "quits" not in terminal.notices()[0]


@pytest.mark.parametrize("variable, options, escape, name", [
    ("^A", [], b"\x01", "Ctrl-A"),
    ("^a", [], b"\x01", "Ctrl-A"),
    ("^A", ["--escape", "^B"], b"\x02", "Ctrl-B"),
    ("", [], b"\x1d", "Ctrl-]"),
    ("^A", ["--escape", "%"], b"%", "%"),
])
def test_the_environment_names_it_unless_the_option_does(open_attached, guest, deadline, variable, options, escape, name):
    terminal = open_attached(*options, env={**os.environ, "SERIALCON_ESCAPE": variable})
    assert f"; {name} then . quits" in terminal.notices()[0]
    terminal.type(escape + b".")
    assert_quits(terminal, deadline)


# Terminals that send keys as sequences

CTRL = 5  # modifiers are sent plus one
LOCKS = 64 + 128
AS_SEQUENCES = {
    "CSI u": (b"\x1b[93;5u", b"\x1b[46u"),
    "CSI u, plain dot": (b"\x1b[93;5u", b"."),
    "CSI u, locks": (b"\x1b[93;%du" % (CTRL + LOCKS), b"\x1b[46;%du" % (1 + LOCKS)),
    "CSI u, Ctrl-5": (b"\x1b[53;5u", b"q"),
    "CSI u, alternates": (b"\x1b[93:125:93;5:1u", b"\x1b[46::46;1:1u"),
    "CSI u, press and release": (b"\x1b[57442;5:1u\x1b[93;5:1u\x1b[93;5:3u\x1b[57442;1:3u", b"\x1b[46;1:1u"),
    "modifyOtherKeys": (b"\x1b[27;5;93~", b"."),
    "modifyOtherKeys, locks": (b"\x1b[27;%d;93~" % (CTRL + LOCKS), b"q"),
}


@pytest.mark.parametrize("form", AS_SEQUENCES)
def test_the_escape_is_known_in_each_form(terminal, deadline, form):
    for sequence in AS_SEQUENCES[form]:
        terminal.type(sequence)
    assert_quits(terminal, deadline)


def test_other_keys_in_that_form_reach_the_guest(terminal, guest, deadline):
    keys = b"\x1b[97;5u\x1b[27;5;97~\x1b[93u\x1b[13;2u\x1b[1;5A\x1b[93;3u"
    terminal.type(keys)
    assert_arrives(guest, deadline, keys)
