"""One call a second, and the others wait."""

from __future__ import annotations

from roomtone.core.call.pacing import Pace
from roomtone.core.ids import ProjectId
from roomtone.core.moment import Moment

ONE, OTHER = ProjectId(1), ProjectId(2)
BEGIN = Moment(0, 5_000_000_000)


def test_each_call_of_a_project_waits_for_the_one_before() -> None:
    pace = Pace(1.0)
    assert [pace.wait_s(ONE, BEGIN) for _ in range(3)] == [0.0, 1.0, 2.0]
    assert pace.wait_s(OTHER, BEGIN) == 0.0
    assert pace.wait_s(ONE, BEGIN.after(2.5)) == 0.5


def test_who_has_not_called_for_long_goes_at_once() -> None:
    pace = Pace(0.5)
    assert pace.wait_s(ONE, BEGIN) == 0.0
    assert pace.wait_s(ONE, BEGIN.after(2.0)) == 0.0


def test_there_may_be_no_pace_at_all() -> None:
    pace = Pace(0.0)
    assert [pace.wait_s(ONE, BEGIN) for _ in range(3)] == [0.0] * 3
