"""A real guest under KVM, connected to late and answered: the most real one that this machine's KVM boots.

Some machines have a /dev/kvm, nested and paravirtual, under which a stock kernel says nothing, while firmware and
real-mode code run. So it is found out by running, and judged by QEMU's own record, not by what serialcon says."""

import os
import re

import pytest

from expect import PROMPT
from machine import boot_menu, linux
from rig import make_rig

BOOT_SECONDS = 20
FIRST_WORD_SECONDS = 10  # a kernel that boots speaks within one

ANYTHING = re.compile(rb"(?s).")
MENU_KEY = re.compile(rb"Press ESC for boot menu\.\r\n")
MENU = re.compile(rb"Select boot device:\r\n.*\n1\. [^\n]*\r\n", re.DOTALL)
BANNER = re.compile(rb"serialcon boot sector: echoing\r\n")


@pytest.fixture
def run_under_kvm(folder, rigs):
    """run_under_kvm(guest, pattern) gives a rig whose guest said `pattern`, or why there is none."""

    def run(name, guest, pattern):
        place = folder / name
        place.mkdir()
        rig = make_rig("unix", place, guest, accel="kvm")
        rigs.append(rig)
        try:
            rig.start()
            rig.wait_said(ANYTHING, FIRST_WORD_SECONDS)
            rig.wait_said(pattern, BOOT_SECONDS)
        except AssertionError as error:
            rig.vm.kill()
            return None, str(error)
        return rig, None

    return run


def test_a_guest_under_kvm_is_connected_to_late_and_answers(assets, run_under_kvm, ran):
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        pytest.skip("/dev/kvm is not there, or not ours to open")

    rig, why_no_linux = run_under_kvm("linux", linux(assets), PROMPT)
    if rig:
        late_linux(rig)
        ran("Linux under KVM, connected to late")
        return

    rig, why_no_menu = run_under_kvm("menu", boot_menu(assets), MENU_KEY)
    if rig is None:
        pytest.skip(f"nothing boots under this KVM: Linux: {why_no_linux}; SeaBIOS: {why_no_menu}")
    late_boot_menu(rig)
    ran(f"SeaBIOS's boot menu and a boot sector under KVM, connected to late (Linux does not boot: {why_no_linux})")


def late_linux(rig):
    assert rig.host.status()["clients"] == []
    with rig.host.connect() as client:
        client.expect_same(rig)
        client.expect(PROMPT)
        client.ask(b"echo $((6 * 7))", re.compile(rb"\n42\r\n"))
        client.expect_same(rig)


def late_boot_menu(rig):
    assert rig.host.status()["clients"] == []
    with rig.host.connect() as client:
        client.expect(MENU_KEY)
        client.send(b"\x1b")
        client.expect(MENU)
        client.send(b"1")
        client.expect(BANNER)
        client.send(b"is anybody there?\r")
        client.expect(re.compile(rb"is anybody there\?\r\n"))
        client.expect_same(rig, since=ANYTHING)

        with rig.host.connect() as second:
            second.expect_same(rig, since=ANYTHING)
