"""Nobody is connected while the guest boots; whoever comes later has the whole boot log and the guest's shell."""

import re
import subprocess

import pytest

from expect import ANSWER_SECONDS, PROMPT, difference, poll_until
from rig import WAYS
from service import BINARY


@pytest.mark.parametrize("way", WAYS)
def test_late_client_gets_the_boot_log_and_an_answer(boot, way):
    rig = boot(way)

    with rig.host.connect() as first:
        first.expect(PROMPT)
        first.expect_same(rig)
        first.ask(b"echo $((6 * 7)) is the answer", re.compile(rb"\n42 is the answer\r\n"))
        first.expect_same(rig)

        with rig.host.connect() as second:  # a colleague, beside the first one
            second.expect_same(rig)
            second.ask(b"uname -s", re.compile(rb"\nLinux\r\n"))
            first.expect_same(rig)
            assert second.received == first.received
            assert len(rig.host.status()["clients"]) == 2


def test_the_next_client_after_one_that_left_gets_it_all_again(boot):
    rig = boot("unix")
    for _ in range(2):
        with rig.host.connect() as client:
            client.expect_same(rig)


def test_late_connect_as_a_filter_is_exact(boot, folder):
    rig = boot("listen")
    output = folder / "output"
    with output.open("wb") as stdout:
        client = subprocess.Popen([BINARY, "connect", rig.host.socket], stdin=subprocess.PIPE, stdout=stdout)
    try:
        client.stdin.write(b"echo $((6 * 7)) is the answer\r")
        client.stdin.flush()
        with rig.host.connect() as raw:
            raw.expect(re.compile(rb"\n42 is the answer\r\n"))
            raw.expect(PROMPT)
            raw.expect_same(rig)
            poll_until(
                lambda: output.read_bytes() == raw.received,
                ANSWER_SECONDS,
                lambda: difference(output.read_bytes(), raw.received),
            )
    finally:
        client.terminate()
        client.communicate(timeout=ANSWER_SECONDS)


@pytest.mark.parametrize("way", WAYS)
def test_a_guest_that_powers_off_leaves_its_last_words(boot, way):
    rig = boot(way)

    with rig.host.connect() as client:
        client.expect(PROMPT)
        client.send(b"poweroff -f\r")
        client.expect(re.compile(rb"reboot: Power down\r\n"))
        poll_until(lambda: not rig.alive(), ANSWER_SECONDS, lambda: "QEMU is still there")
        client.expect_same(rig)

        if way != "command":
            assert not client.ended
    with rig.host.connect() as late:
        late.expect_same(rig)
