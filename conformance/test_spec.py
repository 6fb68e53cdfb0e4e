"""SPEC.md and the cases name each other."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
SPEC = (FOLDER / "SPEC.md").read_text(encoding="utf-8")
REQUIREMENT = re.compile(
    r"^- \*\*([A-Z]+-[0-9.]+)\*\* (MUST NOT|MUST|SHOULD|MAY)\b(.*?)(?=^- |^#|\Z)", re.MULTILINE | re.DOTALL
)
CASE = re.compile(r"^@pytest\.mark\.clause\((.*?)\)\n(?:(?!^def ).*\n)*?^def (test_\w+)", re.MULTILINE)


def cases_by_clause():
    """clause: the cases that name it."""
    cases = {}
    for path in sorted(FOLDER.glob("test_*.py")):
        for clauses, name in CASE.findall(path.read_text(encoding="utf-8")):
            for clause in re.findall(r'"([^"]+)"', clauses):
                cases.setdefault(clause, set()).add(name)
    return cases


def cases_in_specification():
    """requirement: the cases that it names."""
    return {number: set(re.findall(r"`(test_\w+)`", text)) for number, _, text in REQUIREMENT.findall(SPEC)}


def test_each_requirement_names_its_cases():
    named = cases_in_specification()
    marked = cases_by_clause()
    del marked["PROTOCOL"]

    assert len(named) > 80
    assert named == marked
    assert all(named.values())


@pytest.mark.parametrize("section", range(1, 16))
def test_the_sections_are_numbered_without_a_hole(section):
    numbers = [number for number, _, _ in REQUIREMENT.findall(SPEC) if number.startswith(f"BF-{section}.")]
    assert numbers == [f"BF-{section}.{count + 1}" for count in range(len(numbers))]
    assert numbers
