"""Runs SIPp with one of our scenarios and reads back what it counted."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Outcome:
    """What SIPp counted."""

    made: int
    succeeded: int
    failed: int
    retransmissions: int
    first_ms: float
    """Mean time from INVITE (or OPTIONS) to 200, in ms."""
    messages: str
    """SIPp's own account of unexpected messages; empty when there was none."""


def available() -> bool:
    """Whether SIPp is installed."""
    return shutil.which("sipp") is not None


def command(scenario: str, target: tuple[str, int], directory: Path, *options: str) -> list[str]:
    """Spell the command line."""
    host, port = target
    return [
        "sipp", f"{host}:{port}", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-nostdin",
        "-trace_stat", "-stf", str(directory / f"{scenario}.csv"), "-fd", "1", "-trace_err",
        "-error_file", str(directory / f"{scenario}.errors"), "-s", "1234", *options,
    ]  # fmt: skip


def outcome(scenario: str, directory: Path) -> Outcome:
    """Read the last line of SIPp's statistics."""
    with (directory / f"{scenario}.csv").open() as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    errors = directory / f"{scenario}.errors"
    hours, minutes, seconds = (last.get("ResponseTime1(C)") or "0:0:0").split(":")[:3]
    micro = re.search(r":(\d+)$", last.get("ResponseTime1(C)") or "")
    ms = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + (
        int(micro[1]) / 1000 if micro else 0
    )
    return Outcome(
        int(last["TotalCallCreated"]),
        int(last["SuccessfulCall(C)"]),
        int(last["FailedCall(C)"]),
        int(last["Retransmissions(C)"]),
        ms,
        errors.read_text() if errors.exists() else "",
    )


def run(
    scenario: str, target: tuple[str, int], directory: Path, *options: str, within_s: float = 60
) -> Outcome:
    """Run SIPp to its end."""
    subprocess.run(
        command(scenario, target, directory, *options),
        cwd=directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=within_s,
        check=False,
    )
    return outcome(scenario, directory)
