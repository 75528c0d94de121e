"""What goes on beside the server: a fault that ends it does not stay unsaid."""

from __future__ import annotations

import asyncio

import pytest

from roomtone.starting import begin


async def _fall() -> None:
    raise LookupError("no such thing")


async def test_what_ends_by_a_fault_is_told_of_at_once(caplog: pytest.LogCaptureFixture) -> None:
    task = begin(_fall(), "sweeping")
    await asyncio.wait([task])
    await asyncio.sleep(0)
    (told,) = [one for one in caplog.records if one.name == "roomtone.starting"]
    assert told.levelname == "ERROR"
    assert told.getMessage() == "sweeping has ended: no such thing"
    assert told.exc_info is not None


async def test_what_is_cancelled_is_not(caplog: pytest.LogCaptureFixture) -> None:
    task = begin(asyncio.sleep(600), "sweeping")
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert not caplog.records
