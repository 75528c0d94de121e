"""SIPp as the carrier: so many calls a second, and how soon each was answered."""

from __future__ import annotations

import csv
import math
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.calls.house import CLIENT_CORE, House

SCENARIO = Path(__file__).with_name("caller.xml")


@dataclass(frozen=True)
class Load:
    """What SIPp does."""

    per_s: int
    calls: int
    stay_ms: int
    at_once: int = 100_000
    quiet: bool = False
    """Whether the callers agree to comfort noise (RFC 3389): whoever waits is then sent a packet a second, not fifty."""


@dataclass(frozen=True)
class Calls:
    """What came of it."""

    answered: int
    failed: int
    answer_ms: Sequence[float]
    """Sorted: INVITE to 200."""

    def percentile_ms(self, share: float) -> float:
        """Give the time within which this share of the calls was answered."""
        return self.answer_ms[min(len(self.answer_ms) - 1, math.ceil(share * len(self.answer_ms)) - 1)]


class Carrier:
    """One SIPp process."""

    def __init__(self, house: House, numbers: Sequence[str], load: Load, folder: Path) -> None:
        folder.mkdir(parents=True)
        scenario = SCENARIO.read_text().replace("[stay_ms]", str(load.stay_ms))  # SIPp expands no key there
        if load.quiet:
            scenario = scenario.replace("RTP/AVP 0 101", "RTP/AVP 0 13 101").replace(
                "a=rtpmap:101", "a=rtpmap:13 CN/8000\n    a=rtpmap:101"
            )
        (folder / "caller.xml").write_text(scenario)
        (folder / "numbers.csv").write_text("SEQUENTIAL\n" + "".join(f"{one}\n" for one in numbers))
        self._folder = folder
        host, port = house.sip
        self._process = subprocess.Popen(
            [
                "taskset", "-c", str(CLIENT_CORE), "sipp", f"{host}:{port}", "-sf", "caller.xml", "-inf", "numbers.csv",
                "-i", host, "-r", str(load.per_s), "-m", str(load.calls), "-l", str(load.at_once),
                "-nostdin", "-trace_rtt", "-rtt_freq", "1", "-trace_stat",
                "-stf", "stat.csv", "-fd", "1", "-recv_timeout", "30000", "-buff_size", "4000000",
            ],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def goes_on(self) -> bool:
        return self._process.poll() is None

    def now(self, column: str) -> int:
        """Give a counter of SIPp's, as of the last second."""
        rows = self._rows()
        return int(rows[-1][column]) if rows else 0

    def wait(self, within_s: float) -> Calls:
        """Wait until all calls are over."""
        self._process.wait(within_s)
        last = self._rows()[-1]
        return Calls(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), self._answers_ms())

    def _rows(self) -> list[dict[str, str]]:
        path = self._folder / "stat.csv"
        if not path.exists():
            return []
        with path.open() as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        return [row for row in rows if row.get("FailedCall(C)")]

    def _answers_ms(self) -> list[float]:
        found = []
        for path in self._folder.glob("caller_*_rtt.csv"):
            for line in path.read_text().splitlines()[1:]:
                parts = line.split(";")
                if len(parts) >= 3:
                    found.append(float(parts[1]))
        return sorted(found)
