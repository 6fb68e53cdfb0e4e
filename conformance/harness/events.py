"""A host's event log (--events FILE), as a JSON parser reads it."""

import json
import os


class Events:
    def __init__(self, path):
        self.path = os.fspath(path)

    def read(self):
        """All lines; the last one may be on its way."""
        with open(self.path, encoding="utf-8") as file:
            return [parse(line) for line in file if line.endswith("\n")]

    def of(self, event, **fields):
        """Those of that name which have these values."""
        return [entry for entry in self.read() if is_one(entry, event, fields)]

    def wait(self, event, deadline, count=1, **fields):
        """Until so many are there; returns them, of which there are no more."""
        deadline.poll(
            lambda: len(self.of(event, **fields)) >= count, f"the events have {count} of {event} with {fields}"
        )
        found = self.of(event, **fields)
        assert len(found) == count, found
        return found


def parse(line):
    """One object, and no key in it twice."""

    def unique(pairs):
        assert len(dict(pairs)) == len(pairs), line
        return dict(pairs)

    return json.loads(line, object_pairs_hook=unique)


def is_one(entry, event, fields):
    return entry["event"] == event and all(entry.get(name) == value for name, value in fields.items())
