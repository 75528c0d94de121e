"""Calls of browsers: said to the switchboard as any, and never to the engine."""

from __future__ import annotations

import pytest

from roomtone.core.browsing import Verdict
from roomtone.core.call.messages import CallConfirmed, CallEnded, CallSignal, EndedBy
from roomtone.core.ids import CallId
from roomtone.link import Link
from roomtone.signalling import Signalling

CALL = CallId(7)


@pytest.fixture
def told() -> list[CallSignal]:
    return []


@pytest.fixture
def signalling(told: list[CallSignal], tmp_path_factory: pytest.TempPathFactory) -> Signalling:
    """Behind a link to nobody: what goes to the engine fails."""
    return Signalling(Link(tmp_path_factory.mktemp("link") / "none.sock"), told.append)


async def test_an_answer_is_given_once_and_counts_as_acknowledged(
    signalling: Signalling, told: list[CallSignal]
) -> None:
    verdict = signalling.expect(CALL)
    await signalling.ring(CALL)
    await signalling.answer(CALL, "v=0")
    await signalling.answer(CALL, "v=0 again")
    assert await verdict == Verdict(200, "v=0")
    assert told == [CallConfirmed(CALL)]


async def test_a_refusal_ends_the_call(signalling: Signalling, told: list[CallSignal]) -> None:
    verdict = signalling.expect(CALL)
    await signalling.refuse(CALL, 486, "Busy Here")
    assert await verdict == Verdict(486, "Busy Here")
    assert told == [CallEnded(CALL, EndedBy.LOCAL, 486, "Busy Here", answered=False)]
    assert not signalling.leave(CALL), "it is over"


@pytest.mark.parametrize("by", [EndedBy.LOCAL, EndedBy.REMOTE])
async def test_either_side_ends_an_answered_call_once(
    signalling: Signalling, told: list[CallSignal], by: EndedBy
) -> None:
    signalling.know({CALL})  # of an earlier brain
    if by is EndedBy.LOCAL:
        await signalling.hang_up(CALL)
    else:
        assert signalling.leave(CALL)
    assert told == [CallEnded(CALL, by, 0, "", answered=True)]
    assert not signalling.leave(CALL)


async def test_what_the_engine_has_lost_is_forgotten_and_who_waits_for_it_is_told(
    signalling: Signalling, told: list[CallSignal]
) -> None:
    kept, waits = CallId(8), CallId(9)
    signalling.know({CALL, kept})
    verdict = signalling.expect(waits)
    assert signalling.waiting == {waits}
    signalling.forget({kept, waits})
    assert signalling.waiting == {waits}
    signalling.forget({kept})
    assert (await verdict).status == 503
    assert told == [], "who orders it tells of it"
    assert [signalling.leave(call) for call in (CALL, waits, kept)] == [False, False, True]


async def test_a_browser_that_goes_before_the_answer_has_cancelled(
    signalling: Signalling, told: list[CallSignal]
) -> None:
    verdict = signalling.expect(CALL)
    assert signalling.leave(CALL)
    assert (await verdict).status == 487
    assert told == [CallEnded(CALL, EndedBy.REMOTE, 487, "", answered=False)]
