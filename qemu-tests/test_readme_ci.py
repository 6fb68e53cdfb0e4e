"""The README's script for CI, as it stands there: boots a guest, asks it something, gets QEMU's exit status."""

import os
import pathlib
import re
import subprocess

from harness.host import program

README = pathlib.Path(__file__).parent.parent / "README.md"
RUNS = int(os.environ.get("SC_TESTS_CI_RUNS", "2"))
RUN_SECONDS = 120  # 8 on an idle machine


def script():
    text = README.read_text()
    (found,) = re.findall(r"```sh\n(#!/bin/sh\n# CI:.*?)```", text, re.DOTALL)
    return found


def test_the_ci_script_of_the_readme(assets, folder, ran):
    (folder / "serialcon").symlink_to(program())
    for name in ("vmlinuz", "initrd"):
        (folder / name).symlink_to(assets / name)
    (folder / "ci.sh").write_text(script())
    environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}")
    busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]
    try:
        for number in range(RUNS):
            done = subprocess.run(
                ["sh", "ci.sh"], cwd=folder, env=environment, capture_output=True, timeout=RUN_SECONDS, text=True
            )
            assert done.returncode == 0, f"run {number}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr}"
            assert "result: 42" in (folder / "answer.log").read_text()
            assert "Linux version" in (folder / "boot.log").read_text()
    finally:
        for process in busy:
            process.kill()
            process.wait()
    ran("Linux under TCG, in the README's CI script, on busy cores")
