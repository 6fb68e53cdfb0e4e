"""The guest reboots, or its QEMU dies and returns: clients stay, and nothing that was said is forgotten (BF-12)."""

import re

import pytest

from expect import BOOT_SECONDS, PROMPT
from rig import WAYS

ANSWER = re.compile(rb"\n42\r\n")


@pytest.mark.parametrize("way", WAYS)
def test_reboot_disconnects_nobody(boot, way):
    rig = boot(way)

    with rig.host.connect() as client:
        client.expect(PROMPT)
        client.send(b"reboot -f\r")
        client.expect(re.compile(rb"reboot: machine restart"))
        client.expect(PROMPT, BOOT_SECONDS)
        client.ask(b"echo $((6 * 7))", ANSWER)
        client.expect_same(rig)

        with rig.host.connect() as late:
            late.expect_same(rig)
            assert late.received.count(b"] Linux version ") == 2


@pytest.mark.parametrize("way", ["unix", "listen"])
def test_client_goes_on_when_qemu_was_killed_and_restarted(boot, way):
    rig = boot(way)

    with rig.host.connect() as client:
        client.expect(PROMPT)
        client.expect_same(rig)
        rig.kill_qemu()
        rig.start()
        client.expect(PROMPT, BOOT_SECONDS)
        client.ask(b"echo $((6 * 7))", ANSWER)
        client.expect_same(rig)

        with rig.host.connect() as late:
            late.expect_same(rig)
            assert late.received.count(b"] Linux version ") == 2
