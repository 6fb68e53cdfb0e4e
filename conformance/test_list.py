"""serialcon list: one line for each console of a folder, however many of them are dead or hang."""

import os
import re
import resource
import signal
import socket
import time

import pytest

from harness.background import Background
from harness.command import control_characters, run_on_terminal
from harness.frames import Start
from harness.guest import CommandGuest, DescriptorGuest, UnixGuest
from harness.host import assert_one_message, run_program

DONE, USAGE, GONE = 0, 2, 4
TITLES = ["console", "guest", "unread", "clients", "last output", "last line"]
ANSWER_SECONDS = 2


def list_consoles(deadline, *arguments, status=DONE):
    """Its rows: cells by title."""
    answer = run_program(deadline, "list", *map(os.fspath, arguments))
    assert (answer.returncode, answer.stderr) == (status, b"")
    return rows_of(answer.stdout.decode())


def rows_of(table):
    header, *lines = table.splitlines()
    assert re.split(r"  +", header) == TITLES
    return [cells_of(header, line) for line in lines]


def cells_of(header, line):
    """By the columns: text begins where its title does, a number ends there. No guest's state ends in a number."""
    guest, last = header.index("guest"), header.index("last line")
    unread, clients, output = (header.index(title) + len(title) for title in ("unread", "clients", "last output"))
    state, number = re.fullmatch(r"(.*?) *(\d*)", line[guest:unread]).groups()
    cells = [line[:guest], state, number, line[unread:clients], line[clients:output]]
    return dict(zip(TITLES, [cell.strip() for cell in cells] + [line[last:]]))


def a_socket(path, listen=None):
    """A socket's name, with somebody behind it where `listen` says how many may wait."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.bind(os.fspath(path))
    if listen is not None:
        end.listen(listen)
    return end


def dead_console(path):
    a_socket(path).close()
    a_socket(f"{path}.ctl").close()


# What it shows


def test_each_console_is_a_line(start_host, folder, deadline):
    guests = [UnixGuest(folder / f"guest{i}") for i in range(3)]
    hosts = [start_host(guest, path=folder / name) for guest, name in zip(guests, ("web", "mail", "db"))]
    client = hosts[0].connect_native(deadline, start=Start.BEGINNING)
    hosts[0].connect_raw(deadline)
    guests[0].print(b"boot\r\n\r\nweb login: ", deadline)
    client.read_to(19, deadline)
    client.acknowledge(deadline, 8)
    client.ping(deadline)
    guests[1].print(b"Kernel panic\r\n \r\n\r\n", deadline)
    guests[1].vanish()
    hosts[1].wait_status(lambda status: status["guest"]["state"] == "down", "the guest has gone", deadline)

    db, mail, web = list_consoles(deadline, folder)

    assert db == dict(zip(TITLES, [f"{folder}/db", "up", "0", "0", "", ""]))
    assert mail == dict(zip(TITLES, [f"{folder}/mail", "down", "19", "0", "0 s ago", "Kernel panic"]))
    assert web | {"last output": ""} == dict(zip(TITLES, [f"{folder}/web", "up", "11", "2", "", "web login: "]))
    for guest in guests:
        guest.close()


def test_a_guest_that_has_not_come_or_has_ended(start_host, folder, deadline):
    start_host(UnixGuest(folder / "guest", listening=False), path=folder / "awaited", attach=False)
    ended = start_host(
        CommandGuest(), "--linger", "forever", path=folder / "ended", command=["sh", "-c", "echo last words"]
    )
    ended.wait_status(lambda status: status["guest"]["note"] == "ended", "COMMAND has ended", deadline)

    rows = list_consoles(deadline, folder)

    assert [(row["guest"], row["last line"]) for row in rows] == [("awaited", ""), ("down (ended)", "last words")]
    ended.kill()


def test_the_last_line_is_cut_to_the_width(start_host, guest, folder, deadline):
    start_host(guest, path=folder / "x")
    guest.print("begin ä€ 漢字😀 ".encode() * 40, deadline)

    answer = run_program(deadline, "list", folder)
    line = rows_of(answer.stdout.decode())[0]["last line"]
    assert 79 <= sum(2 if ord(c) >= 0x2E80 else 1 for c in line) <= 80
    for columns in (70, 120):
        status, shown = run_on_terminal(deadline, "list", folder, columns=columns)
        line = shown.decode().splitlines()[1]
        assert columns - 4 <= sum(2 if ord(c) >= 0x2E80 else 1 for c in line) <= columns


def test_what_the_guest_or_a_name_says_is_harmless(start_host, guest, folder, deadline):
    path = folder / "\x1b]0;x\x07"
    start_host(guest, path=path)
    guest.print(b"a\x1b[6n\x9b6n\xc2\x9b6n\x1b]52;c;aGk=\x07\tz\xe2\x80\xae", deadline)

    status, shown = run_on_terminal(deadline, "list", folder, columns=200)

    assert status == DONE
    assert control_characters(shown) == []
    assert b"/?]0;x? " in shown and shown.endswith(b"a?[6n?6n?6n?]52;c;aGk=??z?\n")


# What it asks


def test_only_consoles_are_touched(folder, deadline):
    """To probe a VMM's own socket would throw its client out."""
    vmm = a_socket(folder / "vmm", listen=8)
    beside_a_file = a_socket(folder / "beside-a-file", listen=8)
    (folder / "beside-a-file.ctl").touch()
    console = a_socket(folder / "console", listen=8)
    control = a_socket(folder / "console.ctl", listen=8)
    lone_control = a_socket(folder / "lone.ctl", listen=8)
    (folder / "file").touch()

    (row,) = list_consoles(deadline, folder)

    assert (row["console"], row["guest"]) == (f"{folder}/console", "does not answer")
    assert control.accept()
    for listener in (vmm, beside_a_file, console, lone_control):
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
        listener.close()
    control.close()


def test_a_view_is_no_console_of_its_own(start_host, guest, folder, deadline):
    start_host(guest, "--view", folder / "view", path=folder / "console")
    assert [row["console"] for row in list_consoles(deadline, folder)] == [f"{folder}/console"]
    (row,) = list_consoles(deadline, folder / "view")
    assert (row["console"], row["guest"], row["clients"]) == (f"{folder}/view", "up", "")


def test_a_stranger_is_told_from_a_host(folder, deadline):
    for name, said in (("web", b"HTTP/1.1 400 Bad Request\r\n\r\n"), ("mute", b"")):
        a_socket(folder / name).close()
        listener = a_socket(folder / f"{name}.ctl", listen=1)

        def answer(listener=listener, said=said):
            end, _ = listener.accept()
            end.recv(1)
            end.sendall(said)
            end.close()

        Background(answer)
    rows = list_consoles(deadline, folder)
    assert [row["guest"] for row in rows] == ["does not answer", "no serialcon host"]


def a_hanging_console(path, kind):
    """Accepts and says nothing, or has a queue that is full."""
    a_socket(path).close()
    listener = a_socket(f"{path}.ctl", listen=8 if kind == "silent" else 0)
    held = [listener]
    while kind == "full":
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        end.setblocking(False)
        held.append(end)
        try:
            end.connect(f"{path}.ctl")
        except BlockingIOError:
            break
    return held


@pytest.mark.measures
def test_a_hundred_of_them_some_dead_some_hung(start_host, folder, deadline):
    held, stopped = [], []
    for number in range(40):
        start_host(DescriptorGuest(), path=folder / f"well-{number:02}", attach=False)
    for number in range(30):
        dead_console(folder / f"dead-{number:02}")
    for number in range(10):
        held.append(a_hanging_console(folder / f"full-{number:02}", "full"))
        held.append(a_hanging_console(folder / f"silent-{number:02}", "silent"))
        stopped.append(start_host(DescriptorGuest(), path=folder / f"stopped-{number:02}", attach=False))
        stopped[-1].process.send_signal(signal.SIGSTOP)

    begun = time.monotonic()
    rows = list_consoles(deadline, folder)
    took = time.monotonic() - begun

    for host in stopped:
        host.process.send_signal(signal.SIGCONT)
    assert took < ANSWER_SECONDS
    names = [row["console"] for row in rows]
    assert len(names) == 100 and names == sorted(names)
    said = {"well": "up", "dead": "no host", "full": "does not answer", "silent": "does not answer"}
    said["stopped"] = "does not answer"
    for row in rows:
        assert row["guest"] == said[os.path.basename(row["console"]).split("-")[0]], row


@pytest.mark.slow
def test_thousands_of_files_need_few_descriptors(start_host, guest, folder, deadline):
    start_host(guest, path=folder / "well")
    for number in range(2000):
        (folder / f"file-{number}").touch()
    held = [a_hanging_console(folder / f"silent-{number:02}", "silent") for number in range(100)]
    for number in range(500):
        dead_console(folder / f"dead-{number:03}")

    few = resource.RLIMIT_NOFILE, (64, 64)
    answer = run_program(deadline, "list", folder, preexec_fn=lambda: resource.setrlimit(*few))

    assert (answer.returncode, answer.stderr) == (DONE, b"")
    rows = rows_of(answer.stdout.decode())
    counts = {}
    for row in rows:
        counts[row["guest"]] = counts.get(row["guest"], 0) + 1
    assert counts == {"up": 1, "no host": 500, "does not answer": 100}
    del held


# What it is asked for


def test_a_socket_that_is_named_must_answer(start_host, guest, folder, deadline):
    start_host(guest, path=folder / "well")
    dead_console(folder / "dead")
    assert len(list_consoles(deadline, folder / "well")) == 1
    assert len(list_consoles(deadline, folder)) == 2
    rows = list_consoles(deadline, folder / "well", folder / "dead", status=GONE)
    assert [(row["console"], row["guest"]) for row in rows] == [
        (f"{folder}/dead", "no host"),
        (f"{folder}/well", "up"),
    ]


@pytest.mark.parametrize("what", ["absent", "file", "vmm"])
def test_what_is_neither_a_folder_nor_a_console_is_refused(folder, deadline, what):
    (folder / "file").touch()
    a_socket(folder / "vmm").close()
    answer = run_program(deadline, "list", folder, folder / what)
    assert answer.returncode == USAGE
    assert_one_message(answer)
    assert answer.stderr.decode() == f"serialcon: {folder}/{what}: neither a folder nor a console\n"


def test_an_empty_folder_is_an_empty_table(folder, deadline):
    assert list_consoles(deadline, folder) == []
    assert list_consoles(deadline, folder, f"{folder}/.", folder) == []


def test_without_arguments_it_looks_here_and_where_names_are(start_host, guest, folder, deadline):
    here, named, runtime = folder / "here", folder / "named", folder / "runtime"
    for path in (here, named, runtime, runtime / "serialcon"):
        path.mkdir()
    dead_console(here / "mine")
    start_host(guest, path=named / "vm.sock")
    dead_console(named / "unusual")
    dead_console(runtime / "serialcon" / "other.sock")
    environment = {**os.environ, "SERIALCON_DIR": str(named), "XDG_RUNTIME_DIR": str(runtime)}

    def run(*arguments):
        return run_program(deadline, *arguments, cwd=here, env=environment)

    answer = run("list")

    rows = rows_of(answer.stdout.decode())
    names = [row["console"] for row in rows if not row["console"].startswith("/run/serialcon")]
    assert set(names) >= {"mine", "other", f"{named}/unusual", "vm"}
    assert run("status", "vm").returncode == DONE
    assert run("log", "vm").returncode == DONE
    assert run("list", "vm").returncode == DONE
    answer = run("log", "vn")
    assert answer.returncode == GONE
    assert answer.stderr.startswith(b"serialcon: vn: no console of this name; there are ")
    assert b"other, vm" in answer.stderr
