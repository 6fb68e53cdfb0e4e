"""The guests, the machines that run them, and a line at the end that says which ones ran."""

import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # pytest's import mode gives a test no neighbours

from machine import QEMU, linux  # noqa: E402
from rig import make_rig  # noqa: E402
from service import BINARY  # noqa: E402

RAN = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[RAN] = []


def pytest_terminal_summary(terminalreporter, config):
    for line in dict.fromkeys(config.stash[RAN]):
        terminalreporter.write_line(f"guest: {line}")


@pytest.fixture
def ran(request):
    """Call it with a line about the guest that ran."""
    return request.config.stash[RAN].append


@pytest.fixture(scope="session")
def assets():
    """Kernel, initrd and boot sector; downloaded and built if they are not there yet."""
    if platform.machine() != "x86_64":
        pytest.skip("the guests are amd64 only")
    if shutil.which(QEMU) is None:
        pytest.skip(f"{QEMU} is not installed (make setup)")
    if not BINARY.exists():
        pytest.fail(f"{BINARY} is not there (make)")
    folder = HERE.parent / "build" / "guest"
    subprocess.run([HERE / "guests" / "build-linux", folder], check=True)
    return folder


@pytest.fixture
def folder():
    """A folder with a name short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="serialcon-") as path:
        yield Path(path)


@pytest.fixture
def rigs():
    """Whoever makes a rig appends it, and it is stopped."""
    made = []
    yield made
    for rig in made:
        rig.stop()


@pytest.fixture
def boot(assets, folder, rigs, ran):
    """boot(way) gives a Linux guest at its prompt, with nobody connected."""

    def booted(way):
        rig = make_rig(way, folder, linux(assets))
        rigs.append(rig)
        rig.boot()
        ran("Linux under TCG, connected to late")
        return rig

    return booted
