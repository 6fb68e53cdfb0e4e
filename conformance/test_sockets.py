"""The sockets: made with their modes, under any path, taken over by exactly one host (SPEC.md, Sockets)."""

import fcntl
import grp
import os
import shutil
import signal
import stat
import subprocess
import threading

import pytest

from harness import unix_path
from harness.background import Background
from harness.expect import assert_at_head
from harness.frames import Start
from harness.guest import CommandGuest, ConnectingGuest, UnixGuest
from harness.host import Host, assert_one_message, program, run_program
from harness.stream import assert_counting

TAKERS = 50
NOBODY_GROUP = 65534


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def deep_folder(folder, path_bytes):
    """A new folder whose path has so many bytes."""
    path = folder
    while (left := path_bytes - len(os.fsencode(path))) > 0:
        path = path / ("d" * min(left - 1, 100 if left != 102 else 99))
    path.mkdir(parents=True)
    assert len(os.fsencode(path)) == path_bytes
    return path


# Modes


class ModeWatch:
    """Looks at the modes of paths, from a thread, from before they are there."""

    def __init__(self, paths):
        self._paths = [os.fspath(path) for path in paths]
        self.seen = {path: set() for path in self._paths}
        self._stop = threading.Event()
        self._watching = None

    def _watch(self):
        while not self._stop.is_set():
            for path in self._paths:
                try:
                    self.seen[path].add(mode_of(path))
                except FileNotFoundError:
                    pass

    def __enter__(self):
        self._watching = Background(self._watch)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._watching.finish()


@pytest.fixture
def no_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.clause("S-1")
@pytest.mark.parametrize("where", ["short", "long"])
def test_no_socket_is_ever_more_open_than_asked_for(start_host, folder, no_umask, deadline, where):
    base = folder if where == "short" else deep_folder(folder, 150)
    for attempt in range(10):
        guest = ConnectingGuest(base / f"guest{attempt}", ",mode=0620")
        path, view = base / f"c{attempt}", base / f"v{attempt}"
        expected = {
            path: 0o600,
            f"{path}.ctl": 0o600,
            f"{path}.lock": 0o600,
            view: 0o664,
            f"{view}.ctl": 0o664,
            f"{view}.lock": 0o600,
            guest.path: 0o620,
        }
        with ModeWatch(expected) as watch:
            host = start_host(guest, "--view", str(view), "--view-mode", "0664", path=path)

        for name, mode in expected.items():
            assert mode_of(name) == mode, name
            assert all(seen & ~mode == 0 for seen in watch.seen[os.fspath(name)]), name
        host.kill()
        guest.close()


@pytest.mark.clause("S-1")
@pytest.mark.skipif(os.getuid() != 0, reason="only root may give a socket to any group")
def test_sockets_get_their_group(start_host, guest, folder):
    name = grp.getgrgid(NOBODY_GROUP).gr_name
    view = folder / "view"
    host = start_host(
        guest, "--mode", "0660", "--group", name, "--view", str(view), "--view-mode", "0640", "--view-group", "0"
    )

    for path, mode, group in [
        (host.path, 0o660, NOBODY_GROUP),
        (host.control_path, 0o660, NOBODY_GROUP),
        (view, 0o640, 0),
        (f"{view}.ctl", 0o640, 0),
    ]:
        assert (mode_of(path), os.stat(path).st_gid) == (mode, group)


# Paths


@pytest.mark.clause("S-2")
@pytest.mark.parametrize("path_bytes", [103, 104, 107, 108, 109, 150, 300])
def test_a_path_may_be_longer_than_an_address(start_host, folder, deadline, path_bytes):
    """tio cut it without a word, kernel/hypeman#210 worked around it, containers/podman#11391 and
    kata-containers/runtime#290 have such paths."""
    base = deep_folder(folder, path_bytes - len("/console"))
    guest = UnixGuest(base / "vmmsock")
    host = start_host(guest, path=base / "console")
    assert len(os.fsencode(host.path)) == path_bytes
    guest.print_counting(1000, deadline)

    assert_counting(host.connect_raw(deadline).read_exactly(1000, deadline), 0)
    native = host.connect_native(deadline, start=Start.BEGINNING)
    assert_counting(native.read_to(1000, deadline), 0, 1000)
    assert host.status(deadline)["head"] == 1000
    with subprocess.Popen([program(), "connect", host.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as connect:
        assert_counting(connect.stdout.read(1000), 0)
        connect.kill()
    guest.close()


@pytest.mark.clause("S-2")
def test_a_relative_path_is_used_as_it_is(folder, guest, deadline):
    process = subprocess.Popen([program(), "host", *guest.arguments, "console"], cwd=folder)
    deadline.poll((folder / "console.ctl").exists, "the socket appears")
    unix_path.connect(folder / "console", deadline).close()
    process.terminate()
    assert process.wait(deadline.left("the host ends")) == 0


# Ends and takeover


@pytest.mark.clause("S-3")
def test_sockets_are_removed_at_the_end_and_the_lock_stays(start_host, guest, folder):
    view = folder / "view"
    host = start_host(guest, "--view", str(view))
    host.stop()
    host.was_ended_by_case = True

    left = {path.name for path in folder.iterdir()}
    assert not left & {"console", "console.ctl", "view", "view.ctl"}
    assert "console.lock" in left


@pytest.mark.clause("S-3")
def test_only_its_own_socket_is_removed(start_host, guest, folder, deadline):
    host = start_host(guest)
    os.rename(host.path, folder / "moved")
    foreign = unix_path.listen(host.path)

    host.end(deadline)

    assert stat.S_ISSOCK(os.lstat(host.path).st_mode)
    foreign.close()


@pytest.mark.clause("S-4")
def test_a_second_host_fails_and_leaves_the_first_alone(start_host, guest, folder, deadline):
    host = start_host(guest)
    client = host.connect_raw(deadline)

    second = run_program(deadline, "host", "--guest", f"unix:{folder}/other", host.path)

    assert second.returncode == 1
    assert_one_message(second)
    assert_at_head(guest, client, deadline)


@pytest.mark.clause("S-4")
def test_a_socket_that_somebody_else_serves_is_left_alone(guest, folder, deadline):
    path = folder / "console"
    foreign = unix_path.listen(path)

    refused = run_program(deadline, "host", *guest.arguments, path)

    assert refused.returncode == 1
    assert_one_message(refused)
    assert stat.S_ISSOCK(os.lstat(path).st_mode)
    assert accepts(path, deadline)
    foreign.close()


@pytest.mark.clause("S-4")
def test_a_stale_socket_is_taken_over_by_exactly_one(start_host, folder, guest, deadline):
    """cloud-hypervisor #8733, tio: probe and unlink let two take over."""
    start_host(guest).kill()
    path = folder / "console"
    assert stat.S_ISSOCK(os.lstat(path).st_mode)
    absent = UnixGuest(folder / "absent", listening=False)

    takers = [
        subprocess.Popen([program(), "host", *absent.arguments, path], stderr=subprocess.DEVNULL)
        for _ in range(TAKERS)
    ]
    deadline.poll(lambda: sum(taker.poll() is None for taker in takers) == 1, "one host is left")
    (winner,) = [taker for taker in takers if taker.poll() is None]
    statuses = {taker.poll() for taker in takers} - {None}
    try:
        deadline.poll(lambda: accepts(path, deadline), "the one that is left serves the socket")
        assert statuses == {1}
        assert winner.poll() is None
    finally:
        winner.terminate()
        assert winner.wait(deadline.left("the host ends")) == 0


@pytest.mark.clause("S-4")
@pytest.mark.parametrize("suffix", ["", ".ctl"])
def test_who_holds_the_lock_is_left_alone(start_host, folder, guest, deadline, suffix):
    """A host that does not listen yet: its socket looks stale. Even a shared lock would be somebody's."""
    start_host(guest).kill()
    path = folder / "console"
    inode = os.lstat(f"{path}{suffix}").st_ino

    with open(f"{path}{suffix}.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        refused = run_program(deadline, "host", *guest.arguments, path)

    assert refused.returncode == 1
    assert_one_message(refused)
    assert os.lstat(f"{path}{suffix}").st_ino == inode


def accepts(path, deadline):
    probe = unix_path.try_connect(path, deadline)
    if probe:
        probe.close()
    return probe


@pytest.mark.clause("S-4")
def test_a_command_does_not_hold_the_lock(start_host, folder, guest, deadline):
    """Killed with kill -9, a host leaves its COMMAND behind, which must hold nothing of the host's."""
    host = start_host(CommandGuest(), command=["sh", "-c", "echo $$; exec cat"])
    client = host.connect_raw(deadline)
    pid = int(client.read_until(b"\n", deadline))
    client.send(b"cat?\n", deadline)
    assert client.read_until(b"\n", deadline) == b"cat?\n"

    assert sorted(os.listdir(f"/proc/{pid}/fd")) == ["0", "1", "2"]
    os.kill(pid, signal.SIGSTOP)
    host.kill()
    start_host(guest)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.clause("S-5")
@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (suffix, kind)
        for suffix in ("", ".ctl", ".lock")
        for kind in ("file", "link", "dangling-link", "folder", "fifo")
        if (suffix, kind) != (".lock", "file")  # which is what a lock is
    ],
)
def test_what_is_no_socket_is_never_touched(folder, guest, deadline, kind, suffix):
    path = folder / f"console{suffix}"
    elsewhere = folder / "elsewhere"
    if kind == "file":
        path.write_text("precious", encoding="ascii")
    elif kind == "link":
        elsewhere.write_text("precious", encoding="ascii")
        path.symlink_to(elsewhere)
    elif kind == "dangling-link":
        path.symlink_to(elsewhere)
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    before = os.lstat(path)

    refused = run_program(deadline, "host", *guest.arguments, folder / "console")

    assert refused.returncode in (1, 2)
    assert_one_message(refused)
    after = os.lstat(path)
    assert (after.st_ino, after.st_mode, after.st_size) == (before.st_ino, before.st_mode, before.st_size)
    assert elsewhere.exists() == (kind == "link")
    if kind == "link":
        assert elsewhere.read_text(encoding="ascii") == "precious"


@pytest.mark.clause("S-4")
def test_the_lock_is_never_removed_and_may_be_there(start_host, folder, guest, deadline):
    lock = folder / "console.lock"
    lock.touch(mode=0o600)
    inode = lock.stat().st_ino
    host = start_host(guest)
    host.stop()
    host.was_ended_by_case = True

    assert lock.stat().st_ino == inode
    again = Host(folder, guest)
    again.wait_ready(deadline)
    again.stop()


@pytest.mark.clause("S-6")
def test_a_reboot_needs_no_rights_to_the_folder(start_host, folder, guest, deadline):
    """cloud-hypervisor #8793: the socket could not be made anew under a sandbox."""
    if os.geteuid() != 0 and isinstance(guest, UnixGuest):
        pytest.skip("the guest itself could not make its socket anew: root alone can")
    host = start_host(guest, under=without_capabilities())
    client = host.connect_raw(deadline)
    os.chmod(folder, 0o500)
    try:
        guest.restart(deadline)
        assert_at_head(guest, client, deadline)
        assert_at_head(guest, host.connect_raw(deadline), deadline)
    finally:
        os.chmod(folder, 0o700)


def without_capabilities():
    """Root writes to any folder, unless it is without its capabilities."""
    if os.getuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
