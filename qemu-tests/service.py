"""`serialcon host`: started, asked, stopped."""

import json
import os
import signal
import subprocess
from pathlib import Path

from expect import ANSWER_SECONDS, Client, poll_until

BINARY = Path(os.environ.get("SERIALCON", Path(__file__).parent.parent / "build" / "serialcon")).resolve()


class Host:
    def __init__(self, folder, *arguments, command=()):
        self.socket = folder / "console.sock"
        self.stderr_path = folder / "host.stderr"
        argv = [BINARY, "host", *arguments, self.socket, *(["--", *command] if command else [])]
        with self.stderr_path.open("wb") as stderr:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=stderr)
        poll_until(self.answers, ANSWER_SECONDS, self.stderr)

    def answers(self):
        assert self.process.poll() is None, f"the host ended: {self.stderr()}"
        return self.ask_status().returncode == 0

    def ask_status(self):
        return subprocess.run([BINARY, "status", "--json", self.socket], capture_output=True, timeout=ANSWER_SECONDS)

    def status(self):
        answer = self.ask_status()
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def wait_guest(self, up):
        """Waits until the guest side is there, or is gone."""
        poll_until(lambda: (self.status()["guest"]["state"] == "up") == up, ANSWER_SECONDS, self.status)

    def connect(self):
        return Client(self.socket)

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def wait_end(self):
        return self.process.wait(ANSWER_SECONDS)

    def stop(self):
        """Ends the host in order. One that crashed or does not end is a failure of the test it served."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.wait_end()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert status in (0, 128 + signal.SIGTERM), f"the host ended with {status}: {self.stderr()}"
        assert not self.socket.exists()
