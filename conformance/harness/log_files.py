"""A log and the files that it was rotated into."""

import os


class LogFiles:
    def __init__(self, path, keep=8):
        self.path = os.fspath(path)
        self._names = [self.path, *(f"{self.path}.{number}" for number in range(1, keep))]

    def sizes(self):
        """Of those that are there, the newest first."""
        sizes = []
        for name in self._names:
            try:
                sizes.append(os.path.getsize(name))
            except FileNotFoundError:
                continue
        return sizes

    def size(self):
        return sum(self.sizes())

    def content(self):
        """All that is kept, the oldest first, as it is while nothing is written."""
        pieces = []
        for name in reversed(self._names):
            if os.path.isfile(name):
                with open(name, "rb") as file:
                    pieces.append(file.read())
        return b"".join(pieces)

    def wait_size(self, size, deadline):
        deadline.poll(lambda: self.size() == size, f"{self.path} has {size} bytes (it has {self.size()})")

    def wait_content(self, content, deadline):
        self.wait_size(len(content), deadline)
        assert self.content() == content
