"""What a guest or a client wrote reaches a terminal only made harmless, in every command that shows it; a pipe or file
gets it as it is. kubernetes/kubernetes#101695 (CVE-2021-25743): lists and logs printed hostile bytes on the operator's
terminal."""

import pytest

from harness import unix_path
from harness.background import Background
from harness.command import control_characters, run_on_terminal
from harness.frames import LABEL_BYTES_MAX, Error, Type, encode
from harness.host import run_program
from harness.hostile import BIDI, HOSTILE

DONE, GONE = 0, 4
BEGIN, END = "begin\r\n\tä€😀".encode(), b"the end"
LABELS = [HOSTILE[at : at + LABEL_BYTES_MAX] for at in range(0, len(HOSTILE), 40 * LABEL_BYTES_MAX)] + [BIDI]


@pytest.fixture
def console(start_host, guest, deadline):
    """A host whose guest and clients say all that is hostile."""
    host = start_host(guest)
    guest.print(BEGIN + HOSTILE + END, deadline)
    for label in LABELS:
        host.connect_native(deadline, label=label)
    return host


@pytest.mark.parametrize(
    "options", [["log"], ["log", "-t"], ["log", "-n", "1"], ["list"], ["status"], ["status", "--json"]], ids=" ".join
)
def test_on_a_terminal_nothing_is_obeyed(console, deadline, options):
    status, shown = run_on_terminal(deadline, *options, console.path, columns=5000)

    assert status == DONE
    assert control_characters(shown) == []
    if options[0] != "status":
        assert END in shown


def test_a_table_has_nothing_that_turns_or_breaks_its_lines(console, guest, deadline):
    guest.print(b"\n" + BIDI + b"last line\n", deadline)
    for command in "list", "status":
        shown = run_program(deadline, command, console.path).stdout.decode()
        assert not set(shown) & set(BIDI.decode())
    assert len(run_program(deadline, "list", console.path).stdout.splitlines()) == 2


def test_what_is_harmless_is_left(console, deadline):
    _, shown = run_on_terminal(deadline, "log", console.path)
    assert shown.startswith(BEGIN) and shown.endswith(END)


def test_into_a_pipe_the_log_is_exact(console, deadline):
    assert run_program(deadline, "log", console.path).stdout == BEGIN + HOSTILE + END


@pytest.mark.parametrize("options", [["log"], ["status"], ["mark", "x"], ["clear"]], ids=lambda options: options[0])
def test_what_a_stranger_says_instead_of_a_host(folder, deadline, options):
    with unix_path.listen(folder / "console.ctl") as listener:

        def answer():
            end, _ = listener.accept()
            end.recv(1 << 16)
            end.sendall(encode(Type.ERROR, code=Error.VERSION, text=b"\x1b[6n\x9b6n\r\n\xc2\x9b6n" + BIDI[:9]))
            end.close()

        job = Background(answer)
        command, *rest = options
        status, shown = run_on_terminal(deadline, command, folder / "console", *rest, columns=5000)
        job.finish()
    said = "the host has ended the connection: ?[6n?6n???6n???"
    assert (status, shown.decode()) == (GONE, f"serialcon: {folder}/console: {said}\n")
