from __future__ import annotations

from roomtone.core.values import Caller, Direction
from roomtone.dialects.callers import joined, standing
from roomtone.dialects.sids import prefixed


def test_who_calls_whom_and_whose_child_the_call_is() -> None:
    caller = Caller("a", "b", Direction.OUTBOUND_API)
    assert standing(caller, prefixed) == (("Direction", "outbound-api"), ("From", "a"), ("To", "b"))
    child = Caller("a", "b", parent=f"{5:032x}")
    assert standing(child, prefixed)[-1] == ("ParentCallSid", f"CA{5:032x}")


def test_of_a_name_given_twice_the_first_stays_in_its_place() -> None:
    assert joined((("a", "1"), ("b", "2")), (("a", "3"), ("c", "4"))) == (("a", "1"), ("b", "2"), ("c", "4"))
