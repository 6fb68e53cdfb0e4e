"""Guests to connect to late, or a skip that says why there are none, and at the end a line for each that ran."""

import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import pytest

from harness.deadline import Deadline

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))  # the import mode gives a test no neighbours

from machine import QEMU, linux  # noqa: E402
from rig import make_rig  # noqa: E402

CASE_SECONDS = 120  # most take 3 on an idle machine

RAN = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[RAN] = []


def pytest_terminal_summary(terminalreporter, config):
    for line in dict.fromkeys(config.stash[RAN]):
        terminalreporter.write_line(f"real guest: {line}")


@pytest.fixture
def ran(request):
    """To be called with a line about the guest that ran."""
    return request.config.stash[RAN].append


@pytest.fixture
def deadline():
    return Deadline(CASE_SECONDS)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="sc-") as path:
        yield pathlib.Path(path)


@pytest.fixture(scope="session")
def assets():
    """The folder of kernel, initrd and boot sector, made if they are not there yet."""
    if platform.machine() != "x86_64":
        pytest.skip("the guests are for x86_64")
    if shutil.which(QEMU) is None:
        pytest.skip(f"there is no {QEMU}")
    folder = HERE.parent / "build" / "guest"
    subprocess.run([HERE / "guests" / "build-linux", folder], check=True)
    return folder


@pytest.fixture
def rigs():
    """Takes rigs, and stops them at the end."""
    made = []
    yield made
    for rig in made:
        rig.stop()


@pytest.fixture
def boot(assets, folder, rigs, deadline, ran):
    """boot(WAY, HOST OPTION...): a Linux guest at its prompt, with nobody connected."""

    def booted(way, *options):
        rig = make_rig(way, folder, linux(assets), deadline, *options)
        rigs.append(rig)
        rig.boot()
        ran("Linux under TCG, connected to late and answered")
        return rig

    return booted
