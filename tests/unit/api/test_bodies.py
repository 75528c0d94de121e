from __future__ import annotations

import asyncio

import pytest
from starlette.datastructures import Headers

from roomtone.api import bodies
from roomtone.core.refusals import Reason, Refused


def receiver(*pieces: bytes):
    waiting = list(pieces)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    return receive, waiting


async def test_a_body_in_pieces() -> None:
    receive, _ = receiver(b"ab", b"", b"c")
    assert await bodies.read(Headers(), receive, 3) == b"abc"


async def test_a_large_body_is_read_away_so_that_its_sender_sees_the_refusal() -> None:
    for headers in (Headers(), Headers({"content-length": "6"})):
        receive, waiting = receiver(b"ab", b"cd", b"ef")
        with pytest.raises(Refused) as caught:
            await bodies.read(headers, receive, 3)
        assert (caught.value.reason, caught.value.facts["limit"]) == (Reason.BODY_TOO_LARGE, 3)
        assert waiting == []


async def test_no_more_is_read_away_than_is_bearable() -> None:
    receive, waiting = receiver(b"a" * bodies.READ_AWAY, b"b", b"c")
    with pytest.raises(Refused):
        await bodies.read(Headers(), receive, 3)
    assert waiting == [b"c"]


@pytest.mark.parametrize("length", [str(bodies.READ_AWAY + 1), "9" * 40])
async def test_a_body_announced_beyond_bearing_is_not_read_at_all(length: str) -> None:
    receive, waiting = receiver(b"a")
    with pytest.raises(Refused):
        await bodies.read(Headers({"content-length": length}), receive, 3)
    assert waiting == [b"a"]


async def test_an_odd_length_is_not_believed() -> None:
    receive, _ = receiver(b"a")
    assert await bodies.read(Headers({"content-length": "-5x"}), receive, 3) == b"a"


def test_an_empty_body_has_no_fields_whatever_its_type() -> None:
    for type_ in ("application/json", "text/plain", ""):
        assert bodies.parse(Headers({"content-type": type_}), b" \r\n") == ()


async def test_a_body_that_stops_coming_is_refused() -> None:
    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError("nothing ever comes")

    with pytest.raises(Refused) as refused:
        await bodies.read(Headers({"content-length": "3"}), receive, 3, patience_s=0.01)
    assert refused.value.reason is Reason.BODY_UNREADABLE
