"""The system calls of a running process."""

import contextlib
import os
import re
import shutil
import signal
import subprocess

import pytest

WRITE_CALLS = "write,writev,sendto,sendmsg,splice,sendfile"


@contextlib.contextmanager
def traced(pid, calls, folder, deadline):
    """Gives a list, which holds the lines of strace once the block is left."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    trace = folder / "strace"
    strace = subprocess.Popen(
        ["strace", "-f", "-o", trace, "-e", f"trace={calls}", "-p", str(pid)], stderr=subprocess.PIPE, text=True
    )
    lines = []
    try:
        deadline.wait_readable(strace.stderr, "strace attaches")
        message = strace.stderr.readline()
        if "attached" not in message:
            pytest.skip(f"strace cannot attach here: {message.strip()}")
        yield lines
    finally:
        strace.send_signal(signal.SIGINT)
        strace.communicate()
    lines += trace.read_text(encoding="ascii", errors="replace").splitlines()


def _under(*options):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    # A sanitizer's search for leaks does not work under strace.
    sanitizer = f"ASAN_OPTIONS={os.environ.get('ASAN_OPTIONS', '')}:detect_leaks=0"
    return ["strace", "-qq", "-o", "/dev/null", "-E", sanitizer, *options]


def killed_at(call, count):
    """What runs a program under strace (see Filter's `under`) that is killed where it makes the call that often."""
    return _under("-e", f"inject={call}:signal=KILL:when={count}")


def delayed_at(call, path, seconds):
    """What runs a program under strace that stops for a while behind each such call on `path`. The process is the
    program's own."""
    return _under("-D", "-P", path, "-e", f"inject={call}:delay_exit={round(seconds * 1e6)}")


@contextlib.contextmanager
def writes_of(pid, folder, deadline):
    """Gives a list, which holds (descriptor, bytes taken) of each write once the block is left, but for failed ones."""
    writes = []
    with traced(pid, WRITE_CALLS, folder, deadline) as lines:
        yield writes
    for line in lines:
        if found := re.search(r"\w+\((\d+), .*\) += (\d+)$", line):
            writes.append((int(found[1]), int(found[2])))
