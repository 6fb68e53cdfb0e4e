"""An observer's trace, written by TRACE.md alone: what it shows is found by `serialcon replay --check`, and what it does not
show is said not to be judged."""

import random

import pytest

from harness import trace
from harness.replay import check, judged
from harness.trace import INSTANCE_BYTES, UNKNOWN, Record

CAPACITY = 4096
SAID = random.Random(5).randbytes(1000)


def config(**fields):
    return trace.config(**{"kind": "observer", "input": 1, "capacity": CAPACITY, **fields})


def came(client=1, listener="raw"):
    return [
        Record("connect", 1, client=client, listener=listener),
        Record("start", 1, bytes(INSTANCE_BYTES), client=client, role="client", offset=UNKNOWN, head=UNKNOWN),
    ]


def said(data=SAID, offset=0):
    return Record("output", 1, data, offset=offset)


def received(data=SAID, client=1, offset=UNKNOWN):
    return Record("received", 1, data, client=client, offset=offset)


def typed(data, client=1):
    return Record("input", 1, data, client=client, length=len(data))


def given(data):
    return Record("guest-input", 1, data, length=len(data))


UP = Record("boundary", 1, kind="up")
QUIET = Record("quiet", 1)
STOP = Record("stop", 2, why="ended")


def found(*records, **fields):
    """What is found, as (rule, record, what), and what was not judged."""
    status, violations, summary = judged([config(**fields), *records, STOP])
    assert status == (1 if violations else 0)
    unjudged = {name: count for name, count in summary["unjudged"].items() if count}
    return [(violation["rule"], violation["record"]) for violation in violations], unjudged


def altered(data, at, count=1):
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + count]) + data[at + count :]


def test_what_is_good_is_judged_in_full():
    assert found(UP, said(), *came(), received(), typed(b"ls\r"), given(b"ls\r"), QUIET) == ([], {})


@pytest.mark.parametrize("record", [received(client=7), typed(b"x", 7), Record("gap", 1, client=7, to=9, kind="overwritten"), Record("quiet", 1, client=7)])
def test_a_client_that_never_came_is_said_so(record):
    violations, _ = found(UP, said(), *came(), received(), QUIET, record)
    assert violations == [("BF-11", 8)]


def test_what_nobody_waited_for_is_not_judged():
    assert found(UP, said(), *came(), typed(b"ls\r")) == ([], {"unwaited": len(SAID) + 3})
    assert found(UP, said(), *came(), received(SAID[:900])) == ([], {"unwaited": 100})
    assert found(UP, said(), *came(), Record("end", 1, client=1)) == ([], {"unwaited": len(SAID)})
    assert judged([config(), UP, said(), *came(), STOP], "--strict")[0] == 1
    assert b"bytes of output or input that nobody waited for" in check([config(), UP, said(), *came(), STOP]).stdout


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
@pytest.mark.parametrize(
    "change",
    [
        lambda data: altered(data, 500),
        lambda data: altered(data, 500, 16),
        lambda data: data[:500] + data[501:],
        lambda data: data[:500] + data[540:],
        lambda data: data[:500] + data[499:],
        lambda data: data[:500] + data[400:],
        lambda data: altered(data, 999),
        lambda data: data[:-2] + data[-1:],
    ],
    ids=["altered", "several altered", "lost", "some lost", "doubled", "some doubled", "last altered", "last but one lost"],
)
def test_one_fault_is_found_once_and_the_rest_is_compared(size, change):
    got = change(SAID)
    pieces = [received(got[at : at + size]) for at in range(0, len(got), size)]
    more = random.Random(6).randbytes(1000)
    records = [UP, said(), *came(), *pieces, QUIET, said(more, 1000), received(altered(more, 300)), QUIET]
    status, violations, summary = judged([config(), *records, STOP])

    assert [violation["rule"] for violation in violations] == ["BF-3", "BF-3"], violations
    assert violations[1]["offset"] == 1300
    assert (violations[1]["expected"], violations[1]["found"]) == (more[300], more[300] ^ 0xFF)
    assert (status, sum(summary["unjudged"].values())) == (1, 0)


def test_an_altered_byte_is_shown_as_a_byte():
    text = check([config(), UP, said(b"a" * 100), *came(), received(b"a" * 50 + b"b" + b"a" * 49), QUIET, STOP], "--utc").stdout
    assert b"another byte is received than was said: expected 0x61, found 0x62\n" in text


def test_what_is_received_before_it_is_said_is_found_once():
    more = random.Random(6).randbytes(1000)
    records = [UP, said(), *came(), received(), QUIET]
    for at in range(0, 1000, 100):
        records += [received(more[at : at + 100]), said(more[at : at + 100], 1000 + at)]
    violations, unjudged = found(*records, QUIET)
    assert violations == [("BF-3", 8)]
    assert unjudged == {"output_bytes": 1000}

    last = random.Random(8).randbytes(300)
    violations, unjudged = found(*records, said(last, 2000), received(altered(last, 100)), QUIET)
    assert violations == [("BF-3", 8), ("BF-3", len(records) + 3)]


def test_bytes_before_the_first_that_may_not_be_owed_are_not_judged():
    for history in ("none", UNKNOWN):
        first = [UP, *came(), said()]
        assert found(*first, received(SAID[100:]), QUIET, history=history) == ([], {"before": 100})
        assert found(*first, QUIET, history=history) == ([], {"before": 1000})
        waited = [UP, *came(), QUIET, said()]
        assert found(*waited, received(), QUIET, history=history) == ([], {})
        assert found(*waited, received(SAID[100:]), QUIET, history=history)[0] == [("BF-7", 7)]
        assert found(*waited, QUIET, history=history)[0] == [("BF-2", 7)]


def test_a_ring_of_unknown_size_is_judged_as_far_as_it_goes():
    assert found(UP, *came(), QUIET, said(), received(), QUIET, capacity=UNKNOWN, history="none") == ([], {})
    assert found(UP, said(), *came(), received(SAID[100:]), QUIET, capacity=UNKNOWN) == ([], {"before": 100})
    skipped = received(SAID[:300] + SAID[400:])
    assert found(UP, said(), *came(), skipped, QUIET, capacity=UNKNOWN) == ([], {"output_bytes": 100})
    assert found(UP, said(), *came(), received(altered(SAID, 500)), QUIET, capacity=UNKNOWN)[0] == [("BF-3", 6)]
    assert found(UP, said(), *came(), received(SAID[:-1]), QUIET, capacity=UNKNOWN)[0] == [("BF-6", 7)]
    host = check([config(kind="host", capacity=UNKNOWN), STOP])
    assert (host.returncode, b"not a trace that can be judged" in host.stderr) == (2, True)


def native(client, start="offset", value=0, **fields):
    fields = {"role": "client", "start": start, "value": value, "offset": value, "head": len(SAID), **fields}
    return [
        Record("connect", 1, client=client, listener="control"),
        Record("start", 1, bytes(INSTANCE_BYTES), client=client, **fields),
    ]


def test_what_a_client_says_it_has_read_is_not_owed_to_the_next():
    records = [UP, said(), QUIET, *native(1, value=1000, continues=1), *came(2)]
    rest = random.Random(6).randbytes(400)
    assert found(*records, said(rest, 1000), received(rest, 1, 1000), received(rest, 2), QUIET, history="unread") == ([], {})


def test_who_may_type_while_the_writer_leaves_is_not_judged():
    leaves = [UP, *came(1), *came(2), QUIET, Record("end", 1, client=1), typed(b"abc", 2)]
    assert found(*leaves, QUIET, writers="one") == ([], {"input_order": 3})
    assert found(*leaves, QUIET, typed(b"ls", 2), given(b"ls"), QUIET, writers="one") == ([], {"input_order": 3})
    assert found(*leaves, QUIET, typed(b"ls", 2), QUIET, writers="one")[0] == [("BF-10", 12)]


def test_input_whose_order_is_not_known_does_not_hide_what_comes_later():
    mixed = [UP, *came(1), *came(2), QUIET, typed(b"ab", 1), typed(b"cd", 2), given(b"acb"), QUIET]
    violations, unjudged = found(*mixed, typed(b"xy", 1), given(b"ZZ"), QUIET)
    assert violations == [("BF-10", 13)]
    assert unjudged == {"input_order": 4}
