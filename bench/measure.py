"""What the measuring scripts share: where the programs are, one run of bench/load, medians and ratios."""

import json
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def say(message):
    print(f"{Path(sys.argv[0]).name}: {message}", file=sys.stderr)


def add_program_options(parser):
    parser.add_argument("--serialcon", type=Path, default=ROOT / "build/serialcon", help="default: build/serialcon")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/bench", help="default: build/bench")


def require(*programs):
    """Ends with status 2 when one of `programs` cannot be run."""
    for program in programs:
        if not os.access(program, os.X_OK):
            say(f"{program}: not there; `make bench` builds it")
            sys.exit(2)


def end_on_signals():
    """Lets SIGTERM and SIGINT end a script as an exception does: what it started and made goes with it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def _on_cpus(cpus):
    return ["taskset", "-c", ",".join(map(str, cpus))]


def sockets(folder):
    """Where a relay finds the guest's socket and makes the clients', by the names that commands call them."""
    return {"guest": f"{folder}/guest", "client": f"{folder}/client"}


def load_command(programs, folder, mode, relay, options=(), placement="apart"):
    """The command line of bench/load that starts `relay` between the sockets of `folder` and measures it.

    placement: "apart", the relay on a CPU of its own; "together", it and what measures it on one; "free". Left to
    itself the scheduler does the one in this run and the other in the next, and they differ by a factor of three.
    """
    paths = [f"--{name}={path}" for name, path in sockets(folder).items()]
    load = [str(programs / "load"), mode, *paths, *options, "--"]
    cpus = sorted(os.sched_getaffinity(0))
    if placement == "free" or len(cpus) == 1:
        return load + relay
    relay_cpus = cpus[-1:]
    load_cpus = cpus[:-1] if placement == "apart" else relay_cpus
    return _on_cpus(load_cpus) + load + _on_cpus(relay_cpus) + relay


def run_load(*arguments, **keywords):
    """One run of bench/load: its result as a dictionary. Ends with status 1 when it could not measure."""
    command = load_command(*arguments, **keywords)
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    if finished.returncode != 0:
        say("not measured: " + " ".join(command))
        sys.exit(1)
    return json.loads(finished.stdout)


def ratio_quartiles(values, others):
    """Lower quartile, median and upper quartile of value / other, each of one round: neighbours in time, so that
    what slowed the machine slowed both."""
    ratios = [value / other for value, other in zip(values, others, strict=True)]
    return statistics.quantiles(ratios, n=4, method="inclusive")
