"""The container file does what this repository has, as far as that can be seen without a container."""

from __future__ import annotations

import json
import re
from pathlib import Path

from roomtone.cli import SERVE_OPTIONS

ROOT = Path(__file__).parents[2]
STEPS = [
    (line.split()[0], line.partition(" ")[2])
    for line in re.sub(r"\\\n", "", (ROOT / "packaging" / "Containerfile").read_text()).splitlines()
    if line and not line.startswith("#")
]


def test_what_is_copied_is_there() -> None:
    sources = [words.split()[0] for step, words in STEPS if step == "COPY" and "--from" not in words]
    assert sources
    assert [one for one in sources if not (ROOT / one).exists()] == []


def test_it_runs_as_nobody_and_serves() -> None:
    last = dict(STEPS)
    assert last["USER"] == "10001:10001"
    program, command, *options = json.loads(last["ENTRYPOINT"])
    assert (program, command) == ("roomtone", "serve")
    known = {"--" + name.replace("_", "-") for name, _, _ in SERVE_OPTIONS}
    assert {one for one in options if one.startswith("--")} <= known
    assert last["STOPSIGNAL"] == "SIGTERM"


def test_what_builds_the_engine_is_installed_first() -> None:
    run = [words for step, words in STEPS if step == "RUN"]
    assert "cmake" in run[0]
    assert "maturin build --release" in run[1]
    assert "--require-hashes" in run[-1]


def test_what_builds_is_the_version_that_is_locked() -> None:
    locked = re.search(r"^maturin==(\S+)", (ROOT / "requirements" / "dev.txt").read_text(), re.MULTILINE)
    assert locked is not None
    assert any(f"maturin=={locked[1]} " in words for step, words in STEPS if step == "RUN"), locked[1]


def test_every_lock_is_audited() -> None:
    """Whoever adds a lock need not think of it: all are asked about, what runs in production first."""
    script = (ROOT / "scripts" / "audit.sh").read_text()
    assert "for lock in requirements/run.txt $(ls requirements/*.txt" in script
    assert (ROOT / "requirements" / "run.txt").exists()
    assert (ROOT / "engine" / "deny.toml").exists()
