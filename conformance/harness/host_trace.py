"""A host's trace in a file, and what its records say together."""

import os

from harness.host import run_program
from harness.trace import decode


class HostTrace:
    def __init__(self, path):
        self.path = os.fspath(path)

    def size(self):
        return os.path.getsize(self.path) if os.path.exists(self.path) else 0

    def content(self):
        with open(self.path, "rb") as file:
            return file.read()

    def judged_records(self, deadline):
        """Those before the record in which it was cut off, if it was; none breaks a rule."""
        answer = run_program(deadline, "replay", "--check", self.path)
        assert answer.returncode == 0, (answer.stdout + answer.stderr).decode()
        return decode(self.content())[0]

    def records(self, deadline):
        """Of a trace that is whole."""
        records = self.judged_records(deadline)
        assert records[-1].name == "stop", f"{self.path} ends with {records[-1]}"
        return records


def named(records, name):
    return [record for record in records if record.name == name]


def account(records, said):
    """Holds the output in the records to what was said, and the holes in it to the records that tell of them. Returns how
    much was told of, be it there or missing, and how much is missing."""
    offset = missing = 0
    for record in records:
        if record.name == "missing":
            offset += record.output_bytes
            missing += record.output_bytes
        elif record.name == "output":
            assert record.offset == offset, f"{record} follows output up to {offset}"
            end = offset + len(record.data)
            assert record.data == said[offset:end], f"{record} is not what was said"
            offset = end
    return offset, missing
