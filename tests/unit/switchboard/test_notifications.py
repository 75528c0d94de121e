"""What is odd about a document can be read afterwards, with the vendor's number."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from roomtone.core.ids import CallId
from roomtone.core.listing import NotificationFilter, Window
from roomtone.core.notification import MOST_OF_A_CALL, Notification

from .conftest import PROJECT, VOICE, Board, until


async def kept(board: Board, wanted: NotificationFilter | None = None) -> list[Notification]:
    await until(lambda: not board.switchboard.legs)
    await board.switchboard.notifier.settle()
    found = await board.store.notifications(PROJECT.id, wanted or NotificationFilter(), Window(1_000))
    return list(found)


async def test_a_warning_is_kept_with_its_call(board: Board) -> None:
    board.says("<Gather numDigits='x'/><Foo/><Reject/>")
    board.ring(1)
    await until(lambda: bool(board.documents.asked))
    everything = NotificationFilter(), Window(1_000)
    for _ in range(200):  # the document is being read
        if len(await board.store.notifications(PROJECT.id, *everything)) > 1:
            break
        await asyncio.sleep(0.01)
    board.hangs_up(CallId(1))
    found = await kept(board)
    assert sorted(one.number for one in found) == [12200, 13314]
    assert {(one.call, one.url, one.failed) for one in found} == {(CallId(1), VOICE, False)}


async def test_a_document_that_cannot_be_had_is_a_failure(board: Board) -> None:
    board.ring(1)
    await until(lambda: bool(board.documents.asked))
    found = await kept(board, NotificationFilter(failed=True))
    assert [(one.number, one.failed) for one in found] == [(11200, True)]


async def test_a_call_is_bounded(board: Board) -> None:
    board.says("<Foo/>" * (MOST_OF_A_CALL + 50) + "<Reject/>")
    board.ring(1)
    await until(lambda: bool(board.documents.asked))
    assert len(await kept(board)) == MOST_OF_A_CALL


@pytest.mark.parametrize(("dialect", "number"), [("twilio", 12200), ("signalwire", 13750)])
async def test_an_unknown_verb_has_the_vendors_own_number(board: Board, dialect: str, number: int) -> None:
    from roomtone.core.values import Document
    from roomtone.cxml.oddities import Oddity, Warned

    project = replace(PROJECT, dialect=dialect)
    board.switchboard.notifier.warn(project, None, Warned(Oddity.VERB_UNKNOWN, "x"), Document(VOICE))
    assert [one.number for one in await kept(board)] == [number]
