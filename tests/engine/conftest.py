"""Fixtures: an engine of its own for each test, a brain attached to it, phones that are closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.brain import Brain
from engine.phone import Phone
from engine.running import Running, binary, running

NewPhone = Callable[..., Coroutine[Any, Any, Phone]]


def pytest_report_header() -> str:
    try:
        return f"engine: {binary()}"
    except FileNotFoundError as missing:
        return f"engine: {missing}"


@pytest.fixture
def engine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    """Run an engine; options may be given by indirect parametrisation."""
    with running(tmp_path, *getattr(request, "param", ())) as one:
        yield one


@pytest.fixture
async def brain(engine: Running) -> AsyncIterator[Brain]:
    one = await Brain.attach(engine.socket)
    yield one
    await one.close()


@pytest.fixture
async def new_phone(engine: Running) -> AsyncIterator[NewPhone]:
    phones: list[Phone] = []

    async def make(transport: str = "UDP", **more: Any) -> Phone:
        phones.append(await Phone(engine.sip, transport, **more).open())
        return phones[-1]

    yield make
    for phone in phones:
        await phone.close()
