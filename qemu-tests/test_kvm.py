"""A real guest under KVM, connected to late and answered.

Under the nested, paravirtual KVM of some machines a stock kernel says nothing, while firmware and real-mode code
run. So what boots is found by running it, and by QEMU's own record, whatever serialcon says."""

import os
import re

import pytest

from harness.deadline import Deadline, DeadlinePassed
from machine import QemuEnded, boot_menu, linux
from rig import make_rig
from talk import PROMPT

FIRST_WORD_SECONDS = 10  # a kernel that boots says something in its first second
BOOT_SECONDS = 20

ANYTHING = re.compile(rb".", re.DOTALL)
MENU_KEY = re.compile(rb"Press ESC for boot menu")
MENU = re.compile(rb"Select boot device:\r\n.*\n1\. [^\n]*\r\n", re.DOTALL)
BANNER = re.compile(rb"serialcon boot sector: echoing\r\n")


@pytest.fixture
def boot_under_kvm(folder, rigs, deadline):
    """boot_under_kvm(NAME, GUEST, PATTERN): a rig whose guest has said PATTERN, or None and why not."""

    def booted(name, guest, pattern):
        place = folder / name
        place.mkdir()
        rig = make_rig("unix", place, guest, deadline, accelerator="kvm")
        rigs.append(rig)
        try:
            rig.start()
        except QemuEnded as error:
            return None, str(error)
        why_not = why_it_does_not_say(pattern, rig)
        if why_not:
            rig.kill_qemu()
            return None, why_not
        return rig, None

    return booted


def why_it_does_not_say(pattern, rig):
    try:
        rig.wait_recorded(ANYTHING, Deadline(FIRST_WORD_SECONDS))
    except DeadlinePassed:
        return f"silent for {FIRST_WORD_SECONDS} s"
    except QemuEnded as error:
        return str(error)
    try:
        rig.wait_recorded(pattern, Deadline(BOOT_SECONDS))
    except AssertionError as error:
        return str(error)
    return None


@pytest.mark.clause("BF-1", "BF-2", "BF-10")
def test_a_guest_under_kvm(assets, boot_under_kvm, ran):
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        pytest.skip("/dev/kvm is not there, or not ours to open")

    rig, no_linux = boot_under_kvm("linux", linux(assets), PROMPT)
    if rig:
        talk_to_linux(rig)
        ran("Linux under KVM, connected to late and answered")
        return

    rig, no_menu = boot_under_kvm("menu", boot_menu(assets), MENU_KEY)
    if rig is None:
        pytest.skip(f"nothing boots under this KVM. Linux: {no_linux}. SeaBIOS: {no_menu}")
    talk_to_boot_menu(rig)
    ran(f"SeaBIOS's boot menu and a boot sector under KVM, connected to late and answered (Linux: {no_linux})")


def talk_to_linux(rig):
    client = rig.connect()
    client.expect_all(rig)
    client.expect(PROMPT)
    client.ask(b"echo $((6 * 7))", re.compile(rb"\n42\r\n"))
    client.expect_all(rig)


def talk_to_boot_menu(rig):
    client = rig.connect()
    client.expect(MENU_KEY)
    client.say(b"\x1b")
    client.expect(MENU)
    client.say(b"1")
    client.expect(BANNER)
    client.say(b"is anybody there?\r")
    client.expect(re.compile(rb"is anybody there\?\r\n"))
    client.expect_all(rig, since=ANYTHING)
    rig.connect().expect_all(rig, since=ANYTHING)
