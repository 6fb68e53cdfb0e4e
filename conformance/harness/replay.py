"""`serialcon replay`, of traces in files or made by the case, and what its check says of them."""

import json
import os

from harness.deadline import Deadline
from harness.host import run_program
from harness.trace import encode

SECONDS = 20


def replay(trace, *options, **how):
    """One call to its end. What is no path, records or the bytes of a trace, comes on standard input."""
    deadline = Deadline(SECONDS)
    if isinstance(trace, os.PathLike):
        return run_program(deadline, "replay", *options, trace, **how)
    data = encode(trace) if isinstance(trace, list) else trace
    return run_program(deadline, "replay", *options, "-", input=data, **how)


def check(trace, *options):
    return replay(trace, "--check", *options)


def judged(trace, *options):
    """The exit status of its check, the violations and the summary."""
    result = check(trace, "--json", *options)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["violation"] * (len(lines) - 1) + ["summary"], result.stderr
    assert lines[-1]["violations"] == len(lines) - 1
    return result.returncode, lines[:-1], lines[-1]
