"""What a guest says, awaited: with a deadline, a pattern of success, and one of failure beside it."""

import re
import socket
import time
from itertools import groupby

BOOT_SECONDS = 90  # for a boot on a busy machine: 2 s on an idle one
ANSWER_SECONDS = 30

# busybox asks the terminal for the cursor after each prompt; until then it is not reading yet.
PROMPT = re.compile(rb"guest# \x1b\[6n")
FAILURE = re.compile(rb"Kernel panic|BUG: |Oops: ")

# What stands before it is the firmware's.
FIRST_KERNEL_LINE = re.compile(rb"\[ +0\.000000\] Linux version ")


def poll_until(condition, seconds, describe):
    """Waits for what has no descriptor to wait on: a file that grows, an answer of `serialcon status`."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {describe()}"
        time.sleep(0.02)
    return result


def search(pattern, said, start=0):
    """The match of `pattern` in what was said after `start`. A guest that failed says so here."""
    match = pattern.search(said, start)
    if match is None and (failure := FAILURE.search(said, start)):
        raise AssertionError(f"the guest failed: {bytes(said[failure.start():])!r}")
    return match


def from_match(pattern, said):
    match = pattern.search(said)
    return bytes(said[match.start():]) if match else b""


def runs(said):
    return [(byte, len(list(run))) for byte, run in groupby(said)]


def same(got, logged, log_repeats):
    """With `log_repeats`, a byte may stand in the log more often in a row than it was received, and that is all."""
    if not log_repeats or got == logged:
        return got == logged
    ours, theirs = runs(got), runs(logged)
    return len(ours) == len(theirs) and all(a == b and n <= m for (a, n), (b, m) in zip(ours, theirs))


def difference(got, logged):
    at = next((i for i, (a, b) in enumerate(zip(got, logged)) if a != b), min(len(got), len(logged)))
    around = slice(max(at - 40, 0), at + 40)
    return f"{len(got)} bytes received, {len(logged)} logged, from {at} on: {got[around]!r} is not {logged[around]!r}"


def tail(said):
    return bytes(said[-300:])


class Log:
    """QEMU's own record (`logfile=`) of what the guest said, also while nobody is connected."""

    def __init__(self, path):
        self.path = path

    def read(self):
        return self.path.read_bytes() if self.path.exists() else b""


class Client:
    """A raw client of a console's socket. Keeps all that it received; what was awaited is not matched again."""

    def __init__(self, path):
        self.received = bytearray()
        self.matched = 0
        self.ended = False
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(ANSWER_SECONDS)
        self.socket.connect(str(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receive(self, seconds):
        """One read. False at its end or after `seconds`."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            return False
        self.ended = not data
        self.received += data
        return bool(data)

    def send(self, data):
        self.socket.settimeout(ANSWER_SECONDS)
        self.socket.sendall(data)

    def expect(self, pattern, seconds=ANSWER_SECONDS):
        """Waits until `pattern` has been received and returns its match."""
        deadline = time.monotonic() + seconds
        while not (match := search(pattern, self.received, self.matched)):
            more = self.receive(deadline - time.monotonic())
            assert more, f"{'end' if self.ended else 'nothing more'} after {tail(self.received)!r}, not {pattern.pattern!r}"
        self.matched = match.end()
        return match

    def ask(self, command, answer):
        """Types `command` at the guest's shell and waits for `answer`, then for the next prompt."""
        self.send(command + b"\r")
        match = self.expect(answer)
        self.expect(PROMPT)
        return match

    def expect_same(self, rig, since=FIRST_KERNEL_LINE, seconds=ANSWER_SECONDS):
        """Waits until this client has exactly what QEMU recorded of the guest, from `since` on."""
        deadline = time.monotonic() + seconds
        while True:
            logged = from_match(since, rig.said())
            got = from_match(since, self.received)
            if got and same(got, logged, rig.log_repeats):
                return
            left = deadline - time.monotonic()
            assert left > 0, difference(got, logged)
            self.receive(min(left, 0.1))

    def expect_end(self, seconds=ANSWER_SECONDS):
        deadline = time.monotonic() + seconds
        while self.receive(deadline - time.monotonic()):
            pass
        assert self.ended, f"still connected after {seconds} s"
