"""Where the output of connect begins: --from, --state, and what is taken without them."""

import pytest

from harness.filter import Exit
from harness.guest import CommandGuest, UnixGuest
from harness.script import HANG_UP, RESTART, Script

IDLE = ("{S}: no output for 200ms",)
FIRST, SECOND = b"first boot\r\nlogin: ", b"second boot\r\nlogin: "
TWO_BOOTS = (FIRST, RESTART, SECOND)


def start(option, output, before=TWO_BOOTS, then=(), run="$C {} --idle {idle} $S"):
    idle = "2s" if then else "200ms"  # on a busy machine it is a while before the guest goes on
    says = (f"{{S}}: no output for {idle}",)
    return Script(run.format(option, idle=idle), output, Exit.TIMED_OUT, says, before=before, then=then)


STARTS = {
    "without": start("", FIRST + SECOND),
    "start": start("--from start", FIRST + SECOND),
    "auto": start("--from auto", FIRST + SECOND),
    "unread, nothing read": start("--from unread", FIRST + SECOND),
    "unread, some read": start(
        "--from unread", b"second\r\n", before=(b"first\r\nsecond\r\n",),
        run="$C --from start --until first $S >/dev/null; $C {} --idle {idle} $S",
    ),
    "boot": start("--from boot", SECOND),
    "boot, the first": start("--from boot", FIRST, before=(FIRST,)),
    "boot, after its end": start("--from boot", SECOND, before=(*TWO_BOOTS, HANG_UP)),
    "end": start("--from end", b"new\r\n", then=(b"new\r\n",)),
    "an offset": start("--from 6", FIRST[6:] + SECOND),
    "the offset that comes next": start("--from 19", b"new", before=(FIRST,), then=(b"new",)),
    "last": start("--from last:7", b"login: "),
    "last, more than there is": start("--from last:1M", FIRST + SECOND),
    "last, as two words": start("--from 'last 7B'", b"login: "),
    "since a time ago": start("--from since:1h", FIRST + SECOND),
    "since a point in time": start("--from since:2020-05-04T12:30:00Z", FIRST + SECOND),
    "since a point in time to come": start("--from since:2099-05-04T12:30:00+02:00", b""),
    "search": start("--until nothing", b"new\r\n", then=(b"new\r\n",)),
    "search, auto": start("--from auto --until nothing", b"new\r\n", then=(b"new\r\n",)),
    "search from unread": Script("$C --from unread --until login: $S", FIRST, before=TWO_BOOTS[:1]),
    "an offset beyond": Script("$C --from 1000 $S", b"", Exit.FAILED, ("{S}: the output has not come to that offset",),
                               before=(FIRST,)),
}


@pytest.mark.parametrize("name", STARTS)
def test_it_begins_where_it_is_told(check_script, name):
    check_script(STARTS[name])


def test_what_was_overwritten_is_told_and_then_comes_the_rest(check_script):
    said = b"0123456789abcdef" * 512
    says = ("{S}: 4096 bytes are missing here: overwritten before they were read", *IDLE)
    check_script(Script("$C --from 0 --idle 200ms $S", said[4096:], Exit.TIMED_OUT, says, before=(said,)), "--buffer", "4K")


def test_an_operators_clear_is_told_as_such(check_script):
    run = "${C%connect} clear $S; $C --idle 200ms $S"
    says = ("{S}: %d bytes are missing here: cleared by an operator" % len(FIRST), *IDLE)
    check_script(Script(run, b"19 bytes forgotten\n", Exit.TIMED_OUT, says, before=(FIRST,)))


STATES = {
    "what came behind the match": Script(
        "$C --state $D/st --until one $S; echo =; $C --state $D/st --until two $S",
        b"one\n=\ntwo\n", before=(b"one\ntwo\nthree\n",),
    ),
    "the next call goes on": Script(
        "$C --state $D/st --until one $S; echo =; $C --state $D/st --idle 200ms $S",
        b"one\n=\ntwo\nthree\n", Exit.TIMED_OUT, IDLE, before=(b"one\ntwo\nthree\n",),
    ),
    "from the end, the first time": Script(
        "$C --state $D/st --from end --until one $S; echo =; $C --state $D/st --from end --until two $S",
        b"one\n=\ntwo\n", before=(b"one\nstale\n",), then=(b"one\n", b"two\n"),
    ),
    "a place beside --from": Script(
        "$C --state $D/st --until one $S; $C --state $D/st --from start --until two $S",
        b"one\ntwo\n", before=(b"one\ntwo\n",),
    ),
    "once behind all that was said": Script(
        "$C --state $D/st --until two $S; $C --state $D/st --idle 200ms $S",
        b"one\ntwo\n", Exit.TIMED_OUT, IDLE, before=(b"one\ntwo\n",),
    ),
    "a failure is passed once": Script(
        "$C --state $D/st --fail panic $S; echo =; $C --state $D/st --fail panic --until up $S",
        b"panic\n=\nup\n", 0, ("{S}: a line matches --fail panic",), before=(b"panic\nup\n",),
    ),
    "two state files": Script(
        "$C --state $D/a --until one $S; $C --state $D/b --until one $S", b"one\none\n", before=(b"one\n",),
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_with_a_state_file_nothing_is_missed_between_two_calls(check_script, name):
    check_script(STATES[name])


def test_from_boot_started_before_the_guest(start_host, connect, deadline, folder):
    guest = UnixGuest(folder / "vmm", listening=False)
    host = start_host(guest, attach=False)
    client = connect("--from", "boot", "--until", "login: ", host.path)
    host.wait_clients(1, deadline)
    guest.listen()
    guest.attach(deadline)
    guest.print(FIRST, deadline)

    assert client.wait_end(deadline) == Exit.DONE
    assert client.output == FIRST
    guest.close()


def test_from_boot_waiting_for_host_and_guest(start_host, guest, connect, deadline, folder):
    client = connect("--wait", "--from", "boot", "--until", "login: ", folder / "console")
    client.wait_said(b"waiting\n", deadline)
    start_host(guest)
    guest.print(FIRST, deadline)

    assert client.wait_end(deadline) == Exit.DONE
    assert client.output == FIRST


# A guest that is a command


def command_host(start_host, folder, script):
    return start_host(CommandGuest(), path=folder / "vm.sock", command=["sh", "-c", script])


def test_a_command_that_has_ended_ends_it_behind_the_last_byte(start_host, connect, deadline, folder):
    host = command_host(start_host, folder, "head -c 300000 /dev/zero; echo bye; exit 7")
    client = connect(host.path)

    assert client.wait_end(deadline) == Exit.GONE
    assert bytes(client.output) == bytes(300_000) + b"bye\n"
    assert client.notices(host.path) == ["the guest has ended"]
    assert host.wait_end(deadline) == 7


def test_a_command_that_ends_meanwhile_ends_it_behind_the_last_byte(start_host, connect, deadline, folder):
    host = command_host(start_host, folder, "echo ready; read word; echo got $word; exit 0")
    client = connect(host.path)
    client.wait_output(b"ready\n", deadline)
    client.type(b"it\n")

    assert client.wait_end(deadline) == Exit.GONE
    assert client.output == b"ready\ngot it\n"
    assert host.wait_end(deadline) == 0


def test_a_match_in_the_last_words_counts(start_host, connect, deadline, folder):
    host = command_host(start_host, folder, "echo ready; read word; echo done")
    client = connect("--from", "start", "--until", "^done$", host.path)
    client.wait_output(b"ready\n", deadline)
    client.type(b"\n")

    assert client.wait_end(deadline) == Exit.DONE
    assert client.output == b"ready\ndone\n"
    host.wait_end(deadline)
