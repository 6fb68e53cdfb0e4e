"""Nobody is connected while the guest boots. Who comes later has the whole boot log, and the guest's shell."""

import re
import subprocess

import pytest

from harness.host import program
from rig import WAYS
from talk import PROMPT

ANSWER = re.compile(rb"\n42 is the answer\r\n")
QUESTION = b"echo $((6 * 7)) is the answer"


@pytest.mark.clause("BF-1", "BF-2", "BF-7", "BF-11")
@pytest.mark.parametrize("way", WAYS)
def test_late_clients_have_the_boot_log_and_get_answers(boot, deadline, way):
    rig = boot(way)

    first = rig.connect()
    first.expect(PROMPT)
    first.expect_all(rig)
    first.ask(QUESTION, ANSWER)
    first.expect_all(rig)

    second = rig.connect()
    second.expect_all(rig)
    second.ask(b"uname -s", re.compile(rb"\nLinux\r\n"))
    first.expect_same(second)
    rig.host.wait_clients(2, deadline)


@pytest.mark.clause("BF-7")
def test_the_next_client_after_one_that_left_has_it_all_again(boot, deadline):
    rig = boot("unix")

    for _ in range(2):
        rig.connect().expect_all(rig)
        rig.host.close_clients()
        rig.host.wait_clients(0, deadline)


@pytest.mark.clause("BF-2", "section 5")
def test_late_connect_as_a_filter_is_exact(boot, folder, deadline):
    rig = boot("listen")
    raw = rig.connect()
    output = folder / "output"

    with output.open("wb") as stdout:
        connect = subprocess.Popen([program(), "connect", rig.host.path], stdin=subprocess.PIPE, stdout=stdout)
    try:
        connect.stdin.write(QUESTION + b"\r")
        connect.stdin.flush()
        raw.expect(ANSWER)
        raw.expect(PROMPT)
        deadline.poll(lambda: output.read_bytes() == raw.heard, "connect puts out what a raw client hears")
        raw.expect_all(rig)
    finally:
        connect.kill()
        connect.communicate()


@pytest.mark.clause("BF-12")
@pytest.mark.parametrize("way", ["unix", "listen"])
def test_last_words_of_a_guest_that_powers_off(boot, way):
    rig = boot(way)
    client = rig.connect()

    power_off(client)
    rig.wait_guest_side(is_up=False)

    client.expect_all(rig)
    assert not client.ended
    rig.connect().expect_all(rig)


@pytest.mark.clause("BF-12", "G-3")
def test_last_words_of_a_guest_that_was_the_hosts_command(boot, deadline):
    rig = boot("command")
    client = rig.connect()

    power_off(client)

    client.expect_end()
    client.expect_all(rig)
    assert rig.host.wait_end(deadline) == 0


def power_off(client):
    client.expect(PROMPT)
    client.say(b"poweroff -f\r")
    client.expect(re.compile(rb"reboot: Power down\r\n"))
