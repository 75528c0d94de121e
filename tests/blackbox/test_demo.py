"""The demonstration, as the README tells people to run it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from stage.server import wait_until_gone

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def run(program: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, "demo", *options], capture_output=True, text=True, timeout=100, check=False
    )


def test_people_see_tables_and_a_count_of_cells_that_are_all_as_expected(program: Path) -> None:
    done = run(program)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    assert done.stdout.count("measured at") == 11
    assert sum(line.startswith("curl ") for line in done.stdout.splitlines()) == 11
    assert "cells as expected" in done.stdout.splitlines()[-1]


def test_keep_leaves_everything_up_and_its_curl_lines_work(program: Path) -> None:
    done = run(program, "--keep", "--json")
    told = json.loads(done.stdout)
    try:
        assert done.returncode == 0
        assert told["ok"] is True
        assert told["console"].endswith(f"/console#/sign-in/{told['sid']}/{told['token']}")
        assert [step["title"] for step in told["steps"] if step["measured"] != step["expected"]] == []
        for step in told["steps"][:2]:
            again = subprocess.run(
                ["bash", "-c", f"{step['curl']} -s"], capture_output=True, timeout=10, check=True
            )
            assert json.loads(again.stdout)
    finally:
        for pid in reversed(told["pids"]):
            os.kill(pid, 15)
        for pid in told["pids"]:
            wait_until_gone(pid)
        wait_until_gone(told["ready"]["engine_pid"])
