"""Limits: how many may connect, what silence and rubbish cost, and that nothing is left of those that went."""

import os
import random
import shutil
import time

import pytest

from harness.deadline import Deadline
from harness.expect import assert_at_head
from harness.frames import Error, Role, Start, Type, encode_raw
from harness.guest import UnixGuest
from harness.host import Host
from harness.stream import KIB, MIB, assert_counting

CONTROLS_MAX = 16
SILENCE_SECONDS = 10
CONNECTS = 1500
DESCRIPTORS = 40
EMFILE_SECONDS = 0.5
ASLEEP_SECONDS = 1


@pytest.mark.clause("S-7")
def test_a_raw_client_beyond_the_limit_is_closed_and_counted(start_host, guest, deadline):
    host = start_host(guest, "--max-clients", "2")
    first, second = host.connect_raw(deadline), host.connect_native(deadline)
    host.wait_clients(2, deadline)

    assert host.connect_raw(deadline).read_to_end(deadline) == b""
    assert host.status(deadline)["counters"]["over_limit"] == 1
    assert_at_head(guest, first, deadline)

    second.close()
    host.wait_clients(1, deadline)
    guest.print_counting(100, deadline)
    host.connect_raw(deadline).read_exactly(106, deadline)


@pytest.mark.clause("S-7")
def test_a_native_client_beyond_the_limit_is_told_why(start_host, guest, deadline):
    host = start_host(guest, "--max-clients", "1")
    host.connect_raw(deadline)
    host.wait_clients(1, deadline)

    refused = host.connect_control(deadline)
    with pytest.raises(AssertionError, match="LIMIT"):
        refused.hello(deadline)
    assert refused.receive_to_end(deadline) == []
    assert host.status(deadline)["counters"]["over_limit"] == 1


@pytest.mark.clause("S-7")
def test_the_view_has_a_limit_of_its_own(start_host, guest, deadline, folder):
    host = start_host(guest, "--max-clients", "1", "--view", str(folder / "view"))
    host.connect_raw(deadline)
    viewer = host.connect_raw(deadline, path=folder / "view")
    host.wait_clients(2, deadline)

    assert host.connect_raw(deadline, path=folder / "view").read_to_end(deadline) == b""
    assert_at_head(guest, viewer, deadline)


@pytest.mark.clause("S-8")
def test_silent_connections_lock_nobody_out(start_host, guest, deadline):
    host = start_host(guest)
    for _ in range(64):
        host.connect_control(deadline)

    for _ in range(20):
        assert host.status(Deadline(1))["head"] == 0
    host.connect_native(deadline, start=Start.END)
    assert host.status(deadline)["counters"]["over_limit"] >= 64 - CONTROLS_MAX


@pytest.mark.clause("S-8")
def test_the_one_that_is_silent_for_longest_makes_room(start_host, guest, deadline):
    host = start_host(guest)
    controls = [host.connect_native(deadline, role=Role.CONTROL) for _ in range(CONTROLS_MAX)]
    controls[0].ping(deadline)

    host.connect_native(deadline, role=Role.CONTROL)

    assert controls[1].receive_to_end(deadline) == []
    for control in (controls[0], *controls[2:]):
        control.ping(deadline)


@pytest.mark.slow
@pytest.mark.clause("S-8", "S-9")
def test_silence_is_closed_and_counted(start_host, guest, folder, deadline):
    host = start_host(guest, "--view", str(folder / "view"))
    begun = time.monotonic()
    silent = host.connect_control(deadline)
    on_view = host.connect_control(deadline, path=folder / "view.ctl")
    control = host.connect_native(deadline, role=Role.CONTROL)
    attached = host.connect_native(deadline)
    raw = host.connect_raw(deadline)

    for connection in (silent, on_view, control):
        (error,) = connection.receive_to_end(deadline)
        assert error["code"] == Error.SILENT
    assert SILENCE_SECONDS - 0.1 <= time.monotonic() - begun < SILENCE_SECONDS + 2

    assert host.status(deadline)["counters"]["silent"] == 3
    attached.ping(deadline)
    assert_at_head(guest, raw, deadline)


@pytest.mark.clause("S-9")
@pytest.mark.parametrize(
    "rubbish",
    [
        b"GET / HTTP/1.1\r\nHost: console\r\n\r\n",
        b"\n",
        b"\xff" * 8,
        bytes(8),
        bytes(100),
        encode_raw(0xEE),
        encode_raw(Type.HELLO, length=0xFFFFFFFF),
        encode_raw(Type.PING, bytes(8)),
        os.urandom(300),
    ],
)
def test_rubbish_costs_its_sender_alone(start_host, guest, deadline, rubbish):
    host = start_host(guest)
    good = host.connect_native(deadline)
    bad = host.connect_control(deadline)
    bad.send_bytes(rubbish, deadline)
    if len(rubbish) < 8:
        bad.half_close()

    frames = bad.receive_to_end(deadline)
    assert [frame["code"] for frame in frames] in ([], [Error.NOT_HELLO])
    guest.print_counting(100, deadline)
    assert_counting(good.read_to(100, deadline), 0, 100)
    assert host.status(deadline)["counters"]["malformed"] == (0 if len(rubbish) < 8 else 1)


@pytest.mark.clause("S-10")
def test_accept_does_not_spin_without_descriptors(start_host, guest, folder, deadline):
    if not shutil.which("prlimit"):
        pytest.skip("prlimit is not installed")
    host = start_host(guest, under=["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"])
    waiting = [host.connect_raw(deadline) for _ in range(40)]
    guest.print_counting(100, deadline)
    assert_counting(waiting[0].read_exactly(100, deadline), 0)

    before = host.cpu_seconds()
    time.sleep(EMFILE_SECONDS)
    assert host.cpu_seconds() - before < EMFILE_SECONDS / 10

    for client in waiting[:30]:
        client.close()
    for client in waiting[30:]:
        assert_counting(client.read_exactly(100, deadline), 0)
    assert host.status(deadline)["head"] == 100


@pytest.mark.clause("S-11")
@pytest.mark.measures
def test_nothing_is_left_of_those_that_came_and_went(start_host, guest, folder, deadline):
    """cloud-hypervisor commit ac5fc69b2: a descriptor was leaked for each connection."""
    host = start_host(guest, "--view", str(folder / "view"))
    guest.print_counting(2 * MIB, deadline)
    choose = random.Random(11)
    come_and_go(host, guest, folder, choose, 200, deadline)  # what is used once stays mapped
    host.wait_clients(0, deadline)
    descriptors, memory = host.descriptors(), host.memory("VmRSS")

    come_and_go(host, guest, folder, choose, CONNECTS, deadline)

    host.wait_clients(0, deadline)
    # The first count may have one that the host was about to close: the connection of who asked for its status.
    deadline.poll(lambda: len(host.descriptors()) <= len(descriptors), "no descriptor is left")
    assert host.memory("VmRSS") - memory < 128 * KIB
    assert_counting(host.connect_raw(deadline).read_exactly(MIB, deadline)[:KIB], guest.printed - MIB)


def come_and_go(host, guest, folder, choose, count, deadline):
    for _ in range(count):
        path = host.path if choose.random() < 0.8 else str(folder / "view")
        kind = choose.randrange(6)
        if kind == 0:  # closes at once
            host.connect_raw(deadline, path=path).close()
        elif kind == 1:  # dies with unread data
            client = host.connect_raw(deadline, path=path)
            client.read_exactly(choose.randrange(1, 1000), deadline)
            client.close()
        elif kind == 2:  # sends, half-closes, goes
            client = host.connect_raw(deadline, path=path)
            client.send(b"x", deadline)
            client.half_close()
            client.close()
        elif kind == 3:  # rubbish
            client = host.connect_control(deadline, path=path + ".ctl")
            client.send_bytes(choose.randbytes(20), deadline)
            client.close()
        elif kind == 4:  # says nothing
            host.connect_control(deadline, path=path + ".ctl").close()
        else:  # a native one that dies with unread data
            client = host.connect_native(deadline, path=path + ".ctl", start=Start.BEGINNING)
            client.read_to(guest.printed - MIB + 1, deadline)
            client.close()
        if choose.random() < 0.05:
            guest.print_counting(1000, deadline)


def sleep_through(hosts):
    """Whether none of them runs for a while."""
    before = [host.cpu_seconds() for host in hosts]
    time.sleep(ASLEEP_SECONDS)
    return [host.cpu_seconds() for host in hosts] == before


@pytest.mark.clause("S-11")
@pytest.mark.measures
def test_many_hosts_are_small_and_asleep(folder, deadline):
    """A few of the thousand that one machine may have: each under 200 KiB of its own, none woken by nothing."""
    own = folder / "run"  # what happens beside it, as other cases come and go, is looked at
    own.mkdir()
    hosts = []
    try:
        for number in range(20):
            guest = UnixGuest(own / f"absent{number}", listening=False)
            hosts.append(Host(own, guest, path=own / f"console{number}"))
        for host in hosts:
            host.wait_ready(deadline)
        deadline.poll(lambda: sleep_through(hosts), "nothing wakes a host")
        assert max(host.own_memory() for host in hosts) < 200 * KIB
    finally:
        for host in hosts:
            host.kill()
