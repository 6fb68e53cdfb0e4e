"""Every wait of the suite counts down to a Deadline: a case that would hang fails, and says for what it waited."""

import select
import time

POLL_INTERVAL_S = 0.002


class DeadlinePassed(AssertionError):
    pass


class Deadline:
    def __init__(self, seconds):
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self, what):
        """Seconds until the deadline, which has not passed."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlinePassed(f"{what}: not within {self.seconds} s")
        return left

    def wait_readable(self, fd, what):
        self.wait_event(fd, select.POLLIN, what)

    def wait_writable(self, fd, what):
        self.wait_event(fd, select.POLLOUT, what)

    def wait_event(self, fd, events, what):
        poller = select.poll()
        poller.register(fd, events)
        while not poller.poll(self.left(what) * 1000):
            pass

    def poll(self, condition, what):
        """For a state that announces itself by no event: asks until `condition` gives something true."""
        while not (result := condition()):
            time.sleep(min(POLL_INTERVAL_S, self.left(what)))
        return result
