"""How long recordings are kept. A plain value."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.ids import ProjectId

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that recordings are kept after they began; 0: for ever."""

    days: float = 0.0
    of: tuple[tuple[ProjectId, float], ...] = ()
    """Projects that have days of their own."""

    def days_of(self, project: ProjectId) -> float:
        """Give the days of a project's recordings."""
        return dict(self.of).get(project, self.days)

    def expired_ms(self, project: ProjectId, now_ms: int) -> int | None:
        """Give the moment before which recordings have begun that are kept no longer; None: there is none."""
        days = self.days_of(project)
        return now_ms - int(days * DAY_MS) if days else None

    @property
    def for_ever(self) -> bool:
        """Whether nothing is ever removed."""
        return not self.days and not any(days for _, days in self.of)
