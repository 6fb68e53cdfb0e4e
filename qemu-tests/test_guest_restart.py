"""The guest reboots, or its QEMU dies and another comes: clients stay, and nothing is forgotten."""

import re

import pytest

from rig import WAYS
from talk import PROMPT

pytestmark = pytest.mark.clause("BF-12")

ANSWER = re.compile(rb"\n42\r\n")
QUESTION = b"echo $((6 * 7))"


@pytest.mark.parametrize("way", WAYS)
def test_a_reboot_disconnects_nobody(boot, way):
    rig = boot(way)
    client = rig.connect()
    client.expect(PROMPT)

    client.say(b"reboot -f\r")
    client.expect(re.compile(rb"reboot: machine restart"))
    client.expect(PROMPT)

    assert_at_second_boot(client, rig)


@pytest.mark.parametrize("way", ["unix", "listen"])
def test_a_client_goes_on_with_the_next_qemu(boot, way):
    rig = boot(way)
    client = rig.connect()
    client.expect(PROMPT)
    client.expect_all(rig)

    rig.kill_qemu()
    rig.start()
    client.expect(PROMPT)

    assert_at_second_boot(client, rig)


def assert_at_second_boot(client, rig):
    client.ask(QUESTION, ANSWER)
    client.expect_all(rig)
    late = rig.connect()
    late.expect_same(client)
    assert late.heard.count(b"] Linux version ") == 2
