"""One console host under test: started, asked, watched from /proc, stopped."""

import json
import os
import re
import signal
import socket
import subprocess

from harness import unix_path
from harness.client import NativeClient, RawClient
from harness.deadline import Deadline

STOP_SECONDS = 10


def program():
    return os.path.abspath(os.environ.get("SERIALCON", "build/serialcon"))


def run_program(deadline, *arguments, **options):
    """One call of the program to its end, what it said as bytes, unless the options of subprocess.run say otherwise."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([program(), *arguments], timeout=deadline.left(f"{arguments} ends"), **options)


def assert_one_message(answer):
    """It failed, and said why, in one line."""
    assert answer.returncode != 0 and answer.stdout == b""
    assert answer.stderr.startswith(b"serialcon: ") and answer.stderr.count(b"\n") == 1, answer.stderr
    assert answer.stderr[:-1].decode().isprintable()


class Host:
    def __init__(self, folder, guest, *options, path=None, command=(), under=(), stdout=None):
        """`under` is a program and its arguments that runs the host, such as strace; `stdout` is its standard output,
        where no guest side takes that."""
        self.path = os.fspath(path or os.path.join(folder, "console"))
        self.control_path = self.path + ".ctl"
        self.guest = guest
        self.message_path = os.path.join(folder, f"messages-{os.path.basename(self.path)}")
        self.was_ended_by_case = False
        self._clients = []
        arguments = [*under, program(), "host", *guest.arguments, *options, self.path]
        with open(self.message_path, "wb") as messages:
            self.process = subprocess.Popen(
                [*arguments, "--", *command] if command else arguments,
                stdin=getattr(guest, "host_stdin", subprocess.DEVNULL),
                stdout=getattr(guest, "host_stdout", subprocess.DEVNULL) if stdout is None else stdout,
                stderr=messages,
                pass_fds=guest.pass_fds,
            )

    @property
    def pid(self):
        return self.process.pid

    def wait_ready(self, deadline):
        deadline.poll(self._answers, f"the host answers on {self.control_path}")

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the host ended with {self.process.returncode}: {self.messages()}")
        probe = unix_path.try_connect(self.control_path, Deadline(1))
        if not probe:
            return False
        with probe:  # its end comes from the host's loop, and then SOCKET, which is made last, is there too
            probe.settimeout(STOP_SECONDS)
            probe.shutdown(socket.SHUT_WR)
            return probe.recv(1) == b""

    def messages(self):
        with open(self.message_path, "rb") as messages:
            return messages.read().decode(errors="replace")

    # Clients

    def connect_raw(self, deadline, path=None):
        return self._remember(RawClient(path or self.path, deadline))

    def connect_control(self, deadline, path=None):
        """A native connection that has not said hello."""
        return self._remember(NativeClient(path or self.control_path, deadline))

    def connect_native(self, deadline, path=None, **hello):
        """A native client that has been welcomed; `hello` as in NativeClient.hello."""
        client = self.connect_control(deadline, path)
        client.hello(deadline, **hello)
        return client

    def _remember(self, client):
        self._clients.append(client)
        return client

    def close_clients(self):
        for client in self._clients:
            client.close()
        self._clients.clear()

    # What it says of itself

    def status(self, deadline, path=None):
        answer = run_program(deadline, "status", "--json", path or self.path)
        assert answer.returncode == 0, f"status ended with {answer.returncode}: {answer.stderr}"
        return json.loads(answer.stdout)

    def wait_status(self, condition, what, deadline):
        """The first status for which `condition` holds."""

        def asked():
            status = self.status(deadline)
            return status if condition(status) else None

        return deadline.poll(asked, f"status shows that {what}")

    def wait_clients(self, count, deadline):
        """Until so many clients are attached; returns the status."""
        return self.wait_status(
            lambda status: len(status["clients"]) == count, f"{count} clients are attached", deadline
        )

    # What the system says of it

    def descriptors(self):
        return sorted(int(name) for name in os.listdir(f"/proc/{self.pid}/fd"))

    def memory(self, name):
        """A field of /proc/PID/status in bytes: VmRSS, or VmHWM for the most that VmRSS ever was."""
        return self._kilobytes("status", name) * 1024

    def own_memory(self):
        """What it shares with no other process."""
        return sum(self._kilobytes("smaps_rollup", name) for name in ("Private_Clean", "Private_Dirty")) * 1024

    def _kilobytes(self, file, name):
        with open(f"/proc/{self.pid}/{file}", encoding="ascii") as lines:
            return int(re.search(rf"^{name}:\s+(\d+) kB$", lines.read(), re.MULTILINE)[1])

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9

    # Its end

    def stop(self):
        """Ends it in order, as a service manager does. Nothing that a case did may have ended it before."""
        self.close_clients()
        early = self.process.poll()
        assert early is None, f"the host ended by itself with {early}: {self.messages()}"
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOP_SECONDS) == 0, self.messages()
        assert not os.path.lexists(self.path) and not os.path.lexists(self.control_path), "its sockets are left"

    def wait_end(self, deadline):
        """For a host that the case lets end; returns its exit status."""
        self.was_ended_by_case = True
        return self.process.wait(deadline.left("the host ends"))

    def end(self, deadline):
        """Ends it in order in the middle of a case, with its clients attached."""
        self.process.terminate()
        assert self.wait_end(deadline) == 0, self.messages()

    def kill(self):
        """kill -9, where it still runs."""
        self.was_ended_by_case = True
        self.close_clients()
        self.process.kill()
        self.process.wait(STOP_SECONDS)
