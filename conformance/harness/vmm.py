"""Consoles of VMMs themselves, with no host in front and no protocol: what a raw client meets there."""

import os
import socket
import threading

from harness import unix_path
from harness.background import Background
from harness.endpoint import Endpoint


class Vmm:
    """Listens on `path`. `accepted` counts the clients that came, `end` is the endpoint of the one that has the console."""

    def __init__(self, path):
        self.path = os.fspath(path)
        self.accepted = 0
        self.end = None
        self._lock = threading.Lock()
        self.listen()

    def listen(self):
        self._listener = unix_path.listen(self.path)
        self._server = Background(self._serve, self._listener)

    def _serve(self, listener):
        while client := self._accept(listener):
            with self._lock:
                self._welcome(client)
                self.accepted += 1

    @staticmethod
    def _accept(listener):
        try:
            return listener.accept()[0]
        except OSError:  # it listens no more
            return None

    def _welcome(self, client):
        self.end = Endpoint(client, name="the VMM's side")

    def wait_accepted(self, count, deadline):
        deadline.poll(lambda: self.accepted >= count, f"{count} clients have come to {self.path}")

    def print(self, data, deadline):
        self.end.send(data, deadline)

    def drop_client(self):
        """As at a reboot: the client's connection ends, and the VMM goes on listening."""
        with self._lock:
            if self.end:
                self.end.close()
            self.end = None

    def stop_listening(self):
        if self._listener:
            os.unlink(self.path)
            self._listener.shutdown(socket.SHUT_RDWR)
            self._server.finish()
            self._listener.close()
            self._listener = None

    def close(self):
        self.stop_listening()
        self.drop_client()


class KickingVmm(Vmm):
    """As Cloud Hypervisor: the newest client has the console, and the one before it is closed."""

    def _welcome(self, client):
        if self.end:
            self.end.close()
        super()._welcome(client)


class QueueingVmm(Vmm):
    """As QEMU: one client has the console, and the next one is connected and waits."""

    def _serve(self, listener):
        if client := self._accept(listener):
            self._welcome(client)
            self.accepted += 1


class ClosingVmm(Vmm):
    """Closes each client at once, behind `said`."""

    def __init__(self, path, said=b""):
        self.said = said
        super().__init__(path)

    def _welcome(self, client):
        with client:
            client.sendall(self.said)
