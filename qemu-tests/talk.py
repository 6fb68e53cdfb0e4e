"""What a guest says, awaited with a pattern of success and one of failure, and compared with QEMU's own record."""

import re
import select
from itertools import groupby

from harness.deadline import DeadlinePassed

# busybox asks the terminal where the cursor is after each prompt; only then does it read.
PROMPT = re.compile(rb"guest# \x1b\[6n")
FAILURE = re.compile(rb"Kernel panic|BUG: |Oops: ")

# What stands before it is the firmware's.
FIRST_KERNEL_LINE = re.compile(rb"\[ +0\.000000\] Linux version ")


def search(pattern, said, start=0):
    """The match of `pattern` in what was said from `start` on. A guest that failed instead says so here."""
    match = pattern.search(said, start)
    if match is None and (failure := FAILURE.search(said, start)):
        raise AssertionError(f"the guest failed: {bytes(said[failure.start():])!r}")
    return match


def tail(said):
    return bytes(said[-300:])


class Talk:
    """What a raw client hears and says. All that it heard is kept; what was awaited is not matched again."""

    def __init__(self, client, deadline):
        self._client = client
        self._deadline = deadline
        self._matched = 0
        self.heard = bytearray()
        self.ended = False

    def _receive(self):
        data = self._client.receive(self._deadline)
        self.heard += data
        self.ended = not data

    def _receive_what_is_there(self):
        while not self.ended and select.select([self._client], [], [], 0)[0]:
            self._receive()

    def say(self, data):
        self._client.send(data, self._deadline)

    def expect(self, pattern):
        """Waits until `pattern` was heard; returns its match."""
        while not (match := search(pattern, self.heard, self._matched)):
            try:
                self._receive()
            except DeadlinePassed as late:
                raise AssertionError(f"{pattern.pattern!r} after {tail(self.heard)!r}: {late}") from late
            assert not self.ended, f"the end after {tail(self.heard)!r}, before {pattern.pattern!r}"
        self._matched = match.end()
        return match

    def ask(self, command, answer):
        """Types `command` at the guest's shell, waits for `answer` and then for the next prompt."""
        self.say(command + b"\r")
        self.expect(answer)
        self.expect(PROMPT)

    def expect_all(self, rig, since=FIRST_KERNEL_LINE):
        """Waits until this client has heard exactly what QEMU recorded of the guest, from `since` on."""

        def has_all():
            self._receive_what_is_there()
            heard = from_match(since, self.heard)
            return heard and same(heard, from_match(since, rig.recorded()), rig.record_repeats)

        try:
            self._deadline.poll(has_all, "the client has what QEMU recorded")
        except DeadlinePassed as late:
            raise AssertionError(difference(self.heard, rig.recorded())) from late

    def expect_same(self, other):
        """Waits until this client has heard what the other one has."""

        def has_the_same():
            self._receive_what_is_there()
            return self.heard == other.heard

        self._deadline.poll(has_the_same, "both clients have the same")

    def expect_end(self):
        while not self.ended:
            self._receive()


def from_match(pattern, said):
    match = pattern.search(said)
    return bytes(said[match.start():]) if match else b""


def same(heard, record, record_repeats):
    """With `record_repeats` a byte may stand in the record more often in a row than it was heard, and that is all."""
    if not record_repeats or heard == record:
        return heard == record
    ours, theirs = runs(heard), runs(record)
    return len(ours) == len(theirs) and all(a == b and n <= m for (a, n), (b, m) in zip(ours, theirs))


def runs(said):
    return [(byte, len(list(run))) for byte, run in groupby(said)]


def difference(heard, record):
    at = next((i for i, (a, b) in enumerate(zip(heard, record)) if a != b), min(len(heard), len(record)))
    around = slice(max(at - 40, 0), at + 40)
    return (
        f"{len(heard)} bytes heard, {len(record)} recorded, from {at} on: "
        f"{bytes(heard[around])!r} is not {bytes(record[around])!r}"
    )
