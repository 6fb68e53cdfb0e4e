"""`serialcon replay --check`: a host's own traces break no rule, and each broken one is found by its rule, at its record."""

import json
import re

import pytest

from harness.busy_day import HISTORY_UNREAD, WRITERS_ONE, busy_day, one_writer, trace_of_a_host
from harness.frames import Type
from harness.replay import check, judged
from harness.trace import Record, encode

MS = 1_000_000


class Trace:
    """A good trace's records, to be broken. Clients are named by what they are."""

    def __init__(self, records):
        self.records = [record.copy() for record in records]
        self.native = self._client("start", label=b"one")
        self.again = self._client("start", label=b"two")
        self.viewer = self._client("start", role="viewer")
        self.raw, self.doomed, *_ = [*self._numbers("connect", listener="raw"), None]
        _, self.late, self.behind, *_ = [*self._numbers("start", role="client", start="beginning"), *[None] * 3]

    def _numbers(self, name, **values):
        return [record.client for record in self.all(name, **values)]

    def _client(self, name, label=b"", **values):
        found = [record.client for record in self.all(name, **values) if record.data.endswith(label)]
        return found[0] if found else None

    def all(self, name, **values):
        return [
            record
            for record in self.records
            if record.name == name and all(value in (record.value(key), getattr(record, key)) for key, value in values.items())
        ]

    def find(self, name, which=0, **values):
        return self.all(name, **values)[which]

    def index(self, record):
        return next(index for index, other in enumerate(self.records) if other is record)

    def number(self, record):
        """As the check has it."""
        return self.index(record) + 1

    def before(self, record, name, **values):
        """The nearest record of this name before it."""
        return [other for other in self.all(name, **values) if self.index(other) < self.index(record)][-1]

    def after(self, record):
        return self.records[self.index(record) + 1]

    def last_of_wake_up(self, record):
        """What is found when a wake-up is over is found at its last record."""
        while self.after(record).time == record.time:
            record = self.after(record)
        return record

    def remove(self, record):
        """Returns what stands in its place."""
        index = self.index(record)
        del self.records[index]
        return self.records[index]

    def insert_after(self, record, name, data=b"", **fields):
        new = Record(name, record.time, data, **fields)
        self.records.insert(self.index(record) + 1, new)
        return new

    def replace(self, record, name, data=b"", **fields):
        new = Record(name, record.time, data, **fields)
        self.records[self.index(record)] = new
        return new

    def swap(self, one, other):
        i, j = self.index(one), self.index(other)
        self.records[i], self.records[j] = other, one
        one.time, other.time = other.time, one.time


@pytest.fixture(scope="module")
def days():
    return {
        "busy": trace_of_a_host(busy_day, *HISTORY_UNREAD),
        "one": trace_of_a_host(one_writer, *WRITERS_ONE),
    }


@pytest.mark.parametrize("name", ["busy", "one"])
def test_a_hosts_own_trace_breaks_no_rule(days, name):
    status, violations, summary = judged(days[name], "--strict")
    assert (status, violations) == (0, [])
    assert summary["records"] == len(days[name])
    assert summary["end"] == "stop" and not any(summary["unjudged"].values())


# Each takes a good trace, breaks it, and returns the record that is to be named.

BROKEN = []


def breaks(rule, day="busy"):
    def register(function):
        BROKEN.append(pytest.param(rule, day, function, id=f"BF-{rule}-{function.__name__}"))
        return function

    return register


@breaks(1)
def output_is_missing(t):
    output = t.find("output", -1)
    output.set(offset=output.offset + 1)
    return output


@breaks(1)
def output_is_there_twice(t):
    output = t.find("output", -1)
    return t.insert_after(output, "output", output.data, offset=output.offset)


@breaks(1)
def output_goes_while_nobody_is_there(t):
    first = t.find("output")
    return t.insert_after(first, "overwritten", **{"from": 0, "to": 100}, lost=0)


@breaks(1)
def output_is_forgotten_before_the_first_client(t):
    first = t.find("output")
    return t.insert_after(first, "overwritten", **{"from": 0, "to": first.offset + len(first.data)}, lost=0)


@breaks(2)
def a_client_waits_for_the_next_output(t):
    """Cloud Hypervisor #3058: the backlog comes when the guest prints again."""
    t.remove(t.find("accepted", client=t.raw))
    t.remove(t.find("sent", client=t.raw))
    return t.last_of_wake_up(t.find("start", client=t.raw))


@breaks(2)
def a_native_client_waits_for_the_next_output(t):
    start = t.find("start", client=t.late)
    following = t.after(start)
    while (following.time, getattr(following, "client", None)) == (start.time, t.late):  # what went, and that it did
        following = t.remove(following)
    return t.last_of_wake_up(start)


@breaks(3)
def a_byte_is_sent_twice(t):
    sent = t.find("sent", 2, client=t.native)
    sent.set(offset=sent.offset - 1)
    return sent


@breaks(3)
def a_byte_is_left_out(t):
    sent = t.find("sent", 2, client=t.native)
    sent.set(offset=sent.offset + 1, length=sent.length - 1)
    return sent


@breaks(3)
def two_pieces_are_swapped(t):
    first = t.find("sent", 1, client=t.native)
    second = t.after(first)
    assert second.name == "sent"
    t.swap(first, second)
    return second


@breaks(3)
def what_was_accepted_is_more_than_what_was_sent(t):
    sent = t.find("sent", 1, client=t.raw)
    sent.set(length=sent.length - 1)
    return t.after(sent)


@breaks(3)
def a_byte_is_sent_that_was_never_said(t):
    sent = t.find("sent", -1, client=t.again)
    sent.set(length=sent.length + 1)
    return sent


@breaks(3)
def a_gap_is_not_told(t):
    return t.remove(t.find("gap", client=t.late))


@breaks(4)
def an_overflow_is_not_told(t):
    return t.remove(t.find("overwritten"))


@breaks(4)
def more_is_overwritten_than_has_to_be(t):
    overwritten = t.find("overwritten")
    overwritten.set(to=overwritten.to + 1)
    return overwritten


@breaks(4)
def less_is_overwritten_than_has_to_be(t):
    overwritten = t.find("overwritten")
    overwritten.set(to=overwritten.to - 1)
    return overwritten


@breaks(4)
def other_bytes_than_the_oldest_are_overwritten(t):
    overwritten = t.find("overwritten", 1)
    overwritten.set(**{"from": overwritten.values["from"] + 1})
    return overwritten


@breaks(5)
def a_guest_is_paused_without_hold(t):
    return t.insert_after(t.find("output"), "hold", held=1)


@breaks(5)
def more_clients_are_attached_than_are_allowed(t):
    t.records[0].set(clients_max=3)
    return t.find("start", client=t.late)


@breaks(5, "one")
def a_pause_is_longer_than_hold(t):
    t.records[0].set(hold=1 * MS)
    held = t.find("hold", held=1)
    awake = t.after(held)
    following = t.after(awake)
    for late in awake, following:
        for record in t.records[t.index(late) :]:
            record.time += 2000 * MS
    return following


@breaks(5, "one")
def a_guest_is_paused_for_nobody(t):
    return t.insert_after(t.find("boundary"), "hold", held=1)


@breaks(6)
def a_gap_is_longer_than_what_is_gone(t):
    gap = t.find("gap", client=t.late)
    gap.set(to=gap.to + 1)
    return gap


@breaks(6)
def a_gap_is_where_the_client_is_not(t):
    gap = t.find("gap", client=t.late)
    gap.set(**{"from": gap.values["from"] + 1})
    return gap


@breaks(6)
def a_gap_is_not_counted(t):
    end = t.find("end", client=t.late)
    end.set(gap_bytes=end.gap_bytes - 1)
    return end


@breaks(6)
def a_client_that_has_room_gets_nothing_until_the_next_output(t):
    sent = t.find("sent", 1, client=t.raw)
    t.remove(t.before(sent, "accepted"))
    t.remove(sent)
    return t.last_of_wake_up(t.find("output", 1))


@breaks(7)
def a_raw_client_begins_elsewhere_than_the_policy_says(t):
    start = t.find("start", client=t.raw)
    start.set(offset=100)
    return start


@breaks(7)
def a_native_client_begins_elsewhere_than_it_asked_for(t):
    start = t.find("start", client=t.native)
    start.set(start="end")
    return start


@breaks(7)
def live_does_not_begin_at_head(t):
    start = t.find("start", client=t.viewer)
    start.set(head=start.head - 1)
    return start


@breaks(8)
def consumed_is_raised_without_proof(t):
    """Accepted by the kernel is not read."""
    doomed = t.find("sent", -1, client=t.doomed)
    return t.insert_after(doomed, "consumed", client=t.doomed, offset=doomed.offset + doomed.length)


@breaks(8)
def consumed_is_raised_by_nobody(t):
    consumed = t.find("consumed")
    consumed.set(client=0)
    return consumed


@breaks(8)
def a_raw_client_acknowledges(t):
    sent = t.find("sent", -1, client=t.doomed)
    return t.insert_after(sent, "acknowledged", client=t.doomed, offset=sent.offset + sent.length)


@breaks(8)
def consumed_falls(t):
    consumed = t.find("consumed", 2)
    consumed.set(offset=1)
    return consumed


@breaks(8)
def what_one_reads_who_says_that_it_only_looks_is_consumed(t):
    t.find("start", client=t.raw).set(role="viewer")
    return t.find("consumed", client=t.raw)


@breaks(8)
def what_a_viewer_reads_is_consumed(t):
    sent = t.find("sent", -1, client=t.viewer)
    return t.insert_after(sent, "consumed", client=t.viewer, offset=sent.offset + sent.length)


@breaks(8)
def what_is_acknowledged_is_not_consumed(t):
    acknowledged = t.find("acknowledged", client=t.native)
    t.remove(t.after(acknowledged))
    return t.last_of_wake_up(acknowledged)


@breaks(8)
def a_client_that_was_reset_is_said_to_have_read_all(t):
    end = t.find("end", client=t.doomed)
    end.set(read=end.accepted)
    return end


@breaks(8)
def more_is_acknowledged_than_was_sent(t):
    acknowledged = t.find("acknowledged", 1, client=t.native)
    acknowledged.set(offset=acknowledged.offset + 1)
    return acknowledged


@breaks(9)
def an_offset_beyond_head_is_taken_for_the_end(t):
    start = t.find("start", answer="beyond-head")
    start.set(answer="ok")
    return start


@breaks(9)
def an_offset_that_is_retained_is_said_to_be_overwritten(t):
    start = t.find("start", client=t.again)
    start.set(answer="overwritten")
    return start


@breaks(9)
def an_offset_of_another_instance_is_served(t):
    start = t.find("start", client=t.again)
    start.data = bytes(16 * [1]) + start.data[16:]
    return start


@breaks(10)
def a_byte_of_input_is_changed(t):
    given = t.find("guest-input")
    given.data = given.data.replace(b"\r", b"\n")
    return given


@breaks(10)
def a_byte_of_input_is_left_out(t):
    given = t.find("guest-input", 1)
    given.data = given.data[1:]
    given.set(length=given.length - 1)
    return given


@breaks(10)
def a_byte_of_input_is_added(t):
    given = t.find("guest-input", 1)
    given.data += b"\n"
    given.set(length=given.length + 1)
    return given


@breaks(10)
def input_for_an_earlier_guest_reaches_the_next(t):
    taken = t.find("input", -1)
    taken.set(guest=1)
    return taken


@breaks(10)
def input_is_taken_while_there_is_no_guest(t):
    down = t.find("boundary", kind="down")
    return t.insert_after(down, "input", b"x", client=t.native, guest=1, length=1)


@breaks(11)
def a_viewers_input_is_taken(t):
    dropped = t.find("dropped", client=t.viewer)
    return t.replace(dropped, "input", b"nothing", client=t.viewer, guest=1, length=7)


@breaks(11, "one")
def the_input_of_one_who_waits_is_taken(t):
    dropped = t.find("dropped", reason="not-writer")
    return t.replace(dropped, "input", b"not me", client=dropped.client, guest=1, length=6)


@breaks(11)
def a_viewer_kicks_somebody(t):
    request = t.find("request", frame=int(Type.KICK))
    request.set(client=t.viewer)
    return request


@breaks(11)
def a_client_ends_another_by_coming(t):
    start = t.find("start", client=t.native)
    return t.insert_after(start, "end", client=t.raw, why="none", accepted=500, read=500)


@breaks(12)
def a_boundary_is_told_out_of_its_place(t):
    told = t.find("told", client=t.late)
    t.swap(told, t.after(told))
    return t.before(told, "sent", client=t.late)


@breaks(12)
def a_boundary_is_not_told(t):
    return t.remove(t.find("told", client=t.late))


@breaks(12)
def a_guest_comes_while_one_is_there(t):
    following = t.find("boundary", 1, kind="up")
    t.remove(t.find("boundary", kind="down"))
    for record in t.all("told", number=3):
        t.remove(record)
    return following


@breaks(12)
def output_is_said_while_no_guest_is_there(t):
    up = t.find("boundary", kind="up")
    output = t.find("output")
    assert t.index(up) < t.index(output)
    t.remove(up)
    return output


@breaks(12)
def a_boundary_is_not_at_head(t):
    boundary = t.find("boundary", kind="down")
    boundary.set(offset=boundary.offset - 1)
    return boundary


@breaks(13)
def lost_bytes_are_not_counted(t):
    overwritten = t.find("overwritten", 1)
    overwritten.set(lost=overwritten.lost + 5)
    return overwritten


@breaks(13)
def a_counter_of_input_is_wrong(t):
    counters = t.find("counters", -1)
    counters.set(dropped_viewer=counters.dropped_viewer - 7)
    return counters


@breaks(13)
def what_was_overwritten_is_not_in_the_counters(t):
    counters = t.find("counters")
    counters.set(overwritten=counters.overwritten - 1)
    return counters


@breaks(13)
def a_kick_is_not_counted(t):
    counters = t.find("counters", -1)
    counters.set(kicked=0)
    return counters


@breaks(14)
def time_runs_backwards(t):
    record = t.find("output", 3)
    record.time = t.find("output", 2).time - 1
    return record


@breaks(14)
def a_client_is_told_another_time(t):
    sent = t.find("sent", -1, client=t.behind)
    sent.set(told=sent.told + 10_000 * MS)
    return sent


@breaks(14)
def the_time_of_the_beginning_is_that_of_the_end(t):
    sent = t.find("sent", client=t.late)
    sent.set(told=t.find("output", -1).time + 1000 * MS)
    return sent


@breaks(15)
def the_kept_beginning_is_a_gap(t):
    sent = t.find("sent", client=t.late)
    return t.replace(sent, "gap", client=t.late, **{"from": 0, "to": 1024}, kind="overwritten")


@breaks(15)
def what_was_cleared_is_called_overwritten(t):
    gap = t.find("gap", client=t.behind, kind="cleared")
    gap.set(kind="overwritten")
    return gap


@breaks(15)
def what_was_cleared_is_sent(t):
    gap = t.find("gap", client=t.behind, kind="cleared")
    return t.replace(gap, "sent", client=t.behind, offset=0, length=1024, told=gap.time)


@breaks(14)
def a_native_client_is_told_no_time(t):
    sent = t.find("sent", client=t.native)
    sent.set(told=0)
    return sent


@breaks(15)
def a_clear_leaves_something(t):
    cleared = t.find("cleared")
    cleared.set(bytes=cleared.bytes - 1)
    return cleared


@pytest.mark.parametrize(("rule", "day", "break_it"), BROKEN)
def test_a_broken_trace_is_found_by_its_rule(days, rule, day, break_it):
    broken = Trace(days[day])
    record = break_it(broken)
    status, violations, summary = judged(broken.records)

    assert status == 1
    first = violations[0]
    assert (first["rule"], first["record"]) == (f"BF-{rule}", broken.number(record)), violations[:4]
    assert first["time_ns"] == record.time
    assert summary["by_rule"][f"BF-{rule}"] >= 1
    assert first["what"] and first["title"]


def test_each_rule_is_broken_at_least_twice():
    rules = [one.values[0] for one in BROKEN]
    assert len(rules) >= 40
    assert all(rules.count(rule) >= 2 for rule in range(1, 16))


# What it says, and how it ends


def test_a_violation_is_a_line_and_a_summary_follows(days):
    broken = Trace(days["busy"])
    number = broken.number(a_byte_is_sent_twice(broken))
    result = check(broken.records, "--utc")
    first, *_, last = result.stdout.decode().splitlines()

    assert (result.returncode, result.stderr) == (1, b"")
    assert first.startswith(f"BF-3 order: record {number}, 20") and "a byte is sent twice" in first
    assert last.startswith("violations  ") and "BF-3: " in last


def test_what_could_not_be_judged_is_a_failure_with_strict(days):
    records = days["busy"][:-1]  # without its stop
    status, violations, summary = judged(records)
    assert (status, violations, summary["end"], summary["unjudged"]["cut"]) == (0, [], "no stop", 1)
    assert judged(records, "--strict")[0] == 1
    lines = check(records).stdout.decode().splitlines()
    assert "not judged  the trace does not say how it ended" in lines  # and no count
    assert re.fullmatch(r"records     \d+ over \d+\.\d{3} s", lines[0])


def test_one_that_is_cut_off_is_judged_up_to_there(days):
    data = encode(days["busy"])
    for length in range(len(data) - 1, len(data) - 400, -37):
        status, violations, summary = judged(data[:length])
        assert (status, violations) == (0, [])
        assert summary["end"] in ("cut", "no stop") and summary["unjudged"]["cut"] == 1
        assert (summary["damage"] is None) == (summary["end"] == "no stop")
        assert judged(data[:length], "--strict")[0] == 1


def test_what_stands_before_the_damage_is_judged(days):
    broken = Trace(days["busy"])
    a_byte_is_sent_twice(broken)
    data = bytearray(encode(broken.records))
    data[-40] ^= 1
    result = check(bytes(data), "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]

    assert result.returncode == 2
    assert lines[0]["rule"] == "BF-3" and lines[-1]["end"] == "damaged"
    damaged = len(broken.records) - 1  # the stop behind it is shorter than 40 bytes
    position = len(encode(broken.records[: damaged - 1]))
    assert lines[-1]["damage"] == {"record": damaged, "position": position, "why": "its check sum is wrong"}
    assert b"its check sum is wrong" in result.stderr


def test_a_trace_without_input_is_judged_by_its_length(days):
    records = [record.copy() for record in days["busy"]]
    records[0].set(input=0)
    for record in records:
        if record.name in ("input", "guest-input"):
            record.data = b""
    status, violations, summary = judged(records)
    assert (status, violations) == (0, [])
    assert summary["unjudged"]["input_bytes"] == sum(record.length for record in records if record.name == "guest-input")


def boundary_is_not_counted(t):
    boundary = t.find("boundary", -1)
    boundary.set(number=boundary.number + 1)
    return boundary


def counter_goes_wrong(t):
    counters = t.find("counters", -1)
    counters.set(connections=counters.connections + 1)
    return counters


@pytest.mark.parametrize(
    "rule, fault",
    [(1, output_is_missing), (1, output_is_there_twice), (12, boundary_is_not_counted), (13, counter_goes_wrong)],
)
def test_what_comes_behind_a_hole_is_judged_again(days, rule, fault):
    t = Trace(days["busy"])
    t.insert_after(t.find("boundary"), "missing", records=1, output_bytes=0)
    assert judged(t.records)[:2] == (0, [])
    broken = fault(t)

    status, violations, summary = judged(t.records)
    assert (status, summary["unjudged"]["missing"]) == (1, 1)
    assert (violations[0]["rule"], violations[0]["record"]) == (f"BF-{rule}", t.number(broken))
