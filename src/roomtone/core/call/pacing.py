"""When each call of a project has its turn: both vendors begin one call a second and let the others wait.

Source: Twilio "Call resource" (calls per second, ``queue_time``); SignalWire "Create a Call" (rate).
"""

from __future__ import annotations

from roomtone.core.ids import ProjectId
from roomtone.core.moment import Moment


class Pace:
    """The turns of all projects. Keeps one moment for each that has called; those long past are forgotten."""

    def __init__(self, calls_per_s: float) -> None:
        """Begin with nobody waiting.

        Args:
            calls_per_s: Turns a second for each project; 0: everybody at once.
        """
        self._gap_ns = round(1_000_000_000 / calls_per_s) if calls_per_s else 0
        self._next_ns: dict[ProjectId, int] = {}

    def wait_s(self, project: ProjectId, now: Moment) -> float:
        """Take the next turn of a project and say how long it is until then, in seconds."""
        if not self._gap_ns:
            return 0.0
        now_ns = now.mono_ns
        turn_ns = max(now_ns, self._next_ns.get(project, now_ns))
        self._next_ns = {one: at for one, at in self._next_ns.items() if at > now_ns}
        self._next_ns[project] = turn_ns + self._gap_ns
        return (turn_ns - now_ns) / 1_000_000_000
