"""A real guest's boot in a trace: it breaks no rule, and is played as the guest said it."""

import re

import pytest

from harness.host import run_program
from rig import WAYS
from talk import PROMPT

ANSWER = re.compile(rb"\n42 is the answer\r\n")
QUESTION = b"echo $((6 * 7)) is the answer"


@pytest.mark.clause("T-1")
@pytest.mark.parametrize("way", WAYS)
def test_a_boot_is_checked_and_played_from_its_trace(boot, folder, deadline, way):
    trace = folder / "trace"
    rig = boot(way, "--trace", trace)
    first = rig.connect()
    first.expect(PROMPT)
    first.ask(QUESTION, ANSWER)
    rig.connect().expect(PROMPT)

    def is_played():
        return run_program(deadline, "replay", trace).stdout == run_program(deadline, "log", rig.host.path).stdout

    deadline.poll(is_played, "replay plays what the guest said")
    assert run_program(deadline, "replay", trace).stdout.startswith(first.heard)
    checked = run_program(deadline, "replay", "--check", trace)
    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()
