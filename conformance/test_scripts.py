"""connect in scripts: what each puts out, exactly, and what it ends with."""

import time

import pytest

from harness.filter import Exit
from harness.host import run_program
from harness.script import END_HOST, HANG_UP, Script, Typed

BOOT = b"booting\r\nlogin: "
LONG = b"x" * 40_000

SCRIPTS = {
    # --until
    "in the history": Script("$C --from start --until 'login: $' $S", BOOT, before=(BOOT,)),
    "in live output": Script("$C --until 'in: ' $S", b"login: ", then=(b"login: ",)),
    "not the stale prompt": Script(
        "$C --until 'login: ' $S", b"\r\nbooting\r\nlogin: ", before=(BOOT,), then=(b"\r\nbooting\r\n", b"login: ")
    ),
    "split over two reads": Script("$C --until 'login: ' $S", b"a\r\nlogin: ", then=(b"a\r\nlog", b"in: ")),
    "split at a line's end": Script("$C --until 'ready$' $S", b"ready\r\n", then=(b"re", b"ady\r\n")),
    "up to its line's end": Script("$C --from start --until one $S", b"one two\r\n", before=(b"one two\r\nthree\r\n",)),
    "with the rest of its line": Script("$C --until '^6' $S", b"6.1.0\r\n", then=(b"6.", b"1.0\r\n")),
    "the rest of its line fails": Script("$C --until 6 --fail bad $S", b"6 bad\n", Exit.FAILED,
                                         ("{S}: a line matches --fail bad",), then=(b"6", b" bad\n")),
    "found, and then the guest has gone": Script("$C --no-reconnect --until in $S", b"login", then=(b"login", HANG_UP)),
    "among NUL bytes": Script("$C --from start --until 'in: .' $S", b"a\0b login: x", before=(b"a\0b login: x",)),
    "behind CR LF": Script("$C --from start --until '^ok$' $S", b"not ok\r\nok\r\n", before=(b"not ok\r\nok\r\nok",)),
    "at a line's begin": Script("$C --from start --until ^login $S", b"a login\nlogin", before=(b"a login\nlogin",)),
    "not split at a line's begin": Script("$C --until ^in $S", b"login\nin\n", then=(b"log", b"in\n", b"in\n")),
    "in a long line": Script("$C --from start --until 'xneedle$' $S", LONG + b"needle\n", before=(LONG + b"needle\n.",)),
    "not where a long line is cut": Script(
        "$C --from start --until '^xx*$' $S", b"y" + LONG + b"\nx\n", before=(b"y" + LONG + b"\nx\n",)
    ),
    "with alternatives": Script(
        "$C --from start --until '(ogin|assword): ?$' $S", b"Password: ", before=(b"Password: ",)
    ),
    "no match": Script("$C --from start --until no --idle 200ms $S", BOOT, Exit.TIMED_OUT,
                       ("{S}: no output for 200ms",), before=(BOOT,)),
    # --fail
    "a failure": Script("$C --from start --fail panic --until login $S", b"a panic\n", Exit.FAILED,
                        ("{S}: a line matches --fail panic",), before=(b"a panic\nlogin\n",)),
    "a failure with its reason": Script("$C --fail panic $S", b"panic - no init\r\n", Exit.FAILED,
                                        ("{S}: a line matches --fail panic",), then=(b"panic", b" - no ", b"init\r\n")),
    "a failure alone": Script("$C --fail panic $S", b"panic", Exit.FAILED,
                              ("{S}: a line matches --fail panic",), then=(b"panic",)),
    "success before a failure": Script("$C --from start --fail panic --until login $S", b"login\n",
                                       before=(b"login\npanic\n",)),
    "both in one line": Script("$C --from start --fail panic --until login $S", b"login panic\n", Exit.FAILED,
                               ("{S}: a line matches --fail panic",), before=(b"login panic\n",)),
    # --timeout, --idle
    "timed out": Script("$C --timeout 200ms $S", BOOT, Exit.TIMED_OUT, ("{S}: timed out after 200ms",), before=(BOOT,)),
    "timed out waiting": Script("$C --wait --timeout 200ms $D/absent", b"", Exit.TIMED_OUT,
                                ("{D}/absent: nobody is there yet; waiting", "{D}/absent: timed out after 200ms")),
    "idle": Script("$C --idle 200ms $S", BOOT, Exit.TIMED_OUT, ("{S}: no output for 200ms",), before=(BOOT,)),
    # Ends
    "the guest has gone": Script("$C --no-reconnect $S", b"a\nlast words", Exit.GONE, ("{S}: the guest is gone",),
                                 then=(b"a\n", b"last words", HANG_UP)),
    "the guest had gone": Script("$C --no-reconnect $S", b"last words", Exit.GONE, ("{S}: the guest is gone",),
                                 before=(b"last words", HANG_UP)),
    "the guest has gone before it matched": Script("$C --no-reconnect --until login $S", b"boot", Exit.GONE,
                                                   ("{S}: the guest is gone",), then=(b"boot", HANG_UP)),
    "the host has gone": Script("$C --no-reconnect $S", b"last words", Exit.GONE, ("{S}: the connection has ended",),
                                then=(b"last words", END_HOST)),
    "nobody there": Script("$C $D/absent", b"", Exit.GONE, ("{D}/absent: no console is here; there are: {S}",)),
    "ended by a signal": Script("$C $S >$D/out & while ! [ -s $D/out ]; do :; done; kill $!; wait $!", b"", 128 + 15,
                                before=(BOOT,)),
    "a full disk": Script("$C $S >/dev/full", b"", Exit.FAILED, ("standard output: No space left on device",),
                          before=(BOOT,)),
    # Pipelines
    "into grep -m1": Script("$C $S | grep -m1 login", b"login: x\n", before=(b"boot\nlogin: x\nmore\n",)),
    "into head -c": Script("$C $S | head -c 4", b"boot", before=(BOOT,)),
    "into head, and its status": Script("{ $C $S; echo $? >$D/st; } | head -c 4; cat $D/st", b"boot0\n", before=(BOOT,)),
    "into a reader that has gone": Script("{ $C $S; echo $? >$D/st; } | :; cat $D/st", b"0\n", before=(BOOT,)),
    "through tee": Script("$C --from start --until login $S | tee $D/out | tail -c 7; cmp $D/out $D/out", b"login: ",
                          before=(BOOT,)),
    "from a file to a file": Script("printf 'ls\\r' >$D/in; $C --eof-quit --idle 200ms $S <$D/in >$D/out; cat $D/out",
                                    BOOT + b"ls\r\nfile\r\n", before=(BOOT,), then=(Typed(b"ls\r"), b"ls\r\nfile\r\n")),
    "a sequence of answers": Script("{ echo a; echo b; } | $C --until done $S", b"done", then=(Typed(b"a\nb\n"), b"done")),
    "the end of input is no end": Script("$C --until done $S </dev/null", b"done", then=(b"done",)),
    "without standard input": Script("$C --until done $S <&-", b"done", then=(b"done",)),
    "without standard input, ended": Script("$C $S <&- >$D/out & while ! [ -s $D/out ]; do :; done; kill $!; wait $!",
                                            b"", 128 + 15, before=(BOOT,)),
    "without standard output": Script("$C $S >&-", b"", Exit.FAILED, ("standard output: Bad file descriptor",),
                                      before=(BOOT,)),
    # --send
    "send": Script("$C --send uptime --until '^up ' $S", b"uptime\r\nup 3 days\r\n",
                   then=(Typed(b"uptime\r"), b"uptime\r\nup 3 days\r\n")),
    "send each escape": Script("$C --send 'a\\r\\n\\t\\\\\\x41\\xfF\\x00b\\c' --until ok $S", b"ok",
                               then=(Typed(b"a\r\n\t\\A\xff\0b"), b"ok")),
    "send nothing but CR": Script("$C --send '' --until ok $S", b"ok", then=(Typed(b"\r"), b"ok")),
    "send before standard input": Script("echo second | $C --send first --until ok $S", b"ok",
                                         then=(Typed(b"first\rsecond\n"), b"ok")),
    "send, and its echo is found": Script("$C --send hi --until hi $S", b"hi\r\n", before=(b"hi\r\n",),
                                          then=(Typed(b"hi\r"), b"hi\r\n")),
    # --eof-quit
    "eof-quit": Script("echo ls | $C --eof-quit --idle 200ms $S", b"file\n", then=(Typed(b"ls\n"), b"file\n")),
    "eof-quit without input": Script("$C --eof-quit --idle 200ms $S", BOOT, before=(BOOT,)),
    # --read-only
    "read-only": Script("echo ls | $C --read-only --eof-quit --idle 200ms $S", BOOT, before=(BOOT,)),
    "read-only leaves unread": Script("$C --read-only --from start --until login $S; $C --from unread --until login $S",
                                      BOOT + BOOT, before=(BOOT,)),
    # Names
    "a name": Script("SERIALCON_DIR=$D $C --from start --until login vm", BOOT, before=(BOOT,)),
    "a name that is none": Script("SERIALCON_DIR=$D $C vmm", b"", Exit.GONE, ("vmm: no console is here; there are: vm",)),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_puts_out_exactly_this_and_ends_so(check_script, name):
    check_script(SCRIPTS[name])


@pytest.mark.parametrize("option, end", (("--until", Exit.DONE), ("--fail", Exit.FAILED)))
def test_a_line_that_matched_and_never_ends_is_not_awaited(start_host, guest, connect, deadline, option, end):
    host = start_host(guest)
    client = connect(option, "login", host.path)
    host.wait_clients(1, deadline)
    guest.print(b"login", deadline)

    while client.process.poll() is None:
        guest.print(b".", deadline)
        time.sleep(0.02)

    assert client.process.returncode == end


def test_what_it_calls_itself_is_shown(start_host, guest, connect, deadline):
    host = start_host(guest)
    connect("--as", "nightly run 7", host.path)
    connect("--as", "x" * 64, "--read-only", host.path)
    status = host.wait_clients(2, deadline)

    shown = {client["label"]: client["role"] for client in status["clients"]}
    assert shown == {"nightly run 7": "client", "x" * 64: "viewer"}


def test_what_it_put_out_is_known_to_have_been_read(start_host, guest, connect, deadline):
    """Up to the match and no further."""
    host = start_host(guest)
    guest.print(b"one\ntwo\n", deadline)

    assert connect("--from", "unread", "--until", "one", host.path).wait_end(deadline) == Exit.DONE

    host.wait_status(lambda status: status["consumed"] == 4, "the first line has been read", deadline)


def test_a_reader_that_takes_nothing_holds_only_its_own_connect_up(start_host, guest, connect, deadline):
    """And what it has not taken is not known to have been read."""
    host = start_host(guest)
    client = connect(host.path)
    host.wait_clients(1, deadline)
    guest.print_counting(900_000, deadline)
    assert host.status(deadline)["consumed"] <= 400_000
    assert client.process.poll() is None


WRONG = {
    "--from x": "--from x: expected auto, unread, start, boot, end, an offset, last:SIZE or since:TIME",
    "--from last:x": "--from last:x: expected a size such as 4096, 64K, 1M or 1G",
    "--from since:x": "--from since:x: expected a time ago such as 10m, or a point in time such as ",
    "--from -1": "--from -1: expected auto, ",
    "--show x": "--show x: expected a size",
    "--escape ab": "--escape ab: expected one character, ^X for Ctrl-X, or none",
    "--escape a": "--escape a: expected one character, ",
    "--send \\q": "--send \\q: expected \\r, \\n, \\t, \\\\ or \\xHH behind a backslash, or \\c at the end",
    "--send \\x4": "--send \\x4: expected ",
    "--send a\\cb": "--send a\\cb: expected ",
    "--until (": "--until: (: Unmatched ( or ",
    "--fail *(": "--fail: *(: ",
    "--until": "--until: ",
    "--timeout 0": "--timeout 0: expected at least 1ms",
    "--idle 5": "--idle 5: expected a time such as 500ms, 2s, 10m, 1h or 1d",
    f"--as {'x' * 65}": "--as: longer than 64 bytes",
    "--read-only --send x": "--send: with --read-only nothing is typed",
    "--via true": "--via takes the place of SOCKET",
    "other": "other: one argument too many: ",
    "--nothing": "--nothing: unknown option",
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_value_is_named(folder, deadline, words):
    arguments = words.split(" ")
    place = ["console", *arguments] if arguments == ["other"] else [*arguments, "console"]
    answer = run_program(deadline, "connect", *(["console", "--until"] if words == "--until" else place))

    assert (answer.returncode, answer.stdout) == (Exit.USAGE, b"")
    assert WRONG[words] in answer.stderr.decode() and answer.stderr.startswith(b"serialcon: ")
    assert answer.stderr.count(b"\n") == 1


def test_a_wrong_escape_in_the_environment_is_named(connect, deadline, folder):
    client = connect(folder / "console", env={"SERIALCON_ESCAPE": "ab"})
    assert client.wait_end(deadline) == Exit.USAGE
    assert client.said.startswith(b"serialcon: SERIALCON_ESCAPE: ab: expected one character")
