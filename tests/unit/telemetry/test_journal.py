"""Lines of the log: events by their words, fields by their names, call and conference on each."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from roomtone.telemetry.journal import TEXT, _Lines, _Objects, about, event_of, fields_of


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO, logging.StreamHandler[io.StringIO]]]:
    stream = io.StringIO()
    way = logging.StreamHandler(stream)
    log = logging.getLogger("roomtone.test.journal")
    log.addHandler(way)
    log.setLevel("DEBUG")
    log.propagate = False
    yield log, stream, way
    log.removeHandler(way)
    log.propagate = True


Written = tuple[logging.Logger, io.StringIO, "logging.StreamHandler[io.StringIO]"]


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("template", "event"),
    [
        ("call=%s cannot go on: %s", "cannot go on"),
        ("order refused host=%s code=%s", "order refused"),
        ("callbacks given up, owed for more than %g s: %d", "callbacks given up, owed for more than s"),
        ("%s=%s sequence=%d given up: %s", "given up"),
        ("spoken characters=%d seconds=%.1f", "spoken"),
        ("engine lost", "engine lost"),
    ],
)
def test_an_event_is_the_words_of_its_template(template: str, event: str) -> None:
    assert event_of(template) == event


def test_fields_are_told_by_name_and_numbers_stay_numbers() -> None:
    assert fields_of("call=%s took ms=%d: %s", ("c1", 12, "text")) == {"call": "c1", "ms": 12}
    assert fields_of("%s=%s sequence=%d", ("conference", "c2", 3)) == {"conference": "c2", "sequence": 3}


def test_a_line_of_json_carries_call_and_conference_of_its_task(written: Written) -> None:
    log, stream, way = written
    way.setFormatter(_Objects())

    async def leg() -> None:
        about(call="c1", conference="f1")
        log.info("beep")
        await asyncio.create_task(below())

    async def below() -> None:
        log.warning("stream=%s lost %d ms of sound", "s1", 20)
        log.info("call=%s another", "c2")

    async def both() -> None:
        await asyncio.gather(leg(), asyncio.create_task(asyncio.sleep(0)))
        log.info("outside")

    asyncio.run(both())
    beep, lost, another, outside = lines(stream)
    assert (beep["call"], beep["conference"], beep["event"]) == ("c1", "f1", "beep")
    assert (lost["stream"], lost["call"], lost["event"]) == ("s1", "c1", "lost ms of sound")
    assert lost["message"] == "stream=s1 lost 20 ms of sound"
    assert (another["call"], another["conference"]) == ("c2", "f1")
    assert "call" in beep
    assert lines(stream)[0]["time"].endswith("+00:00")
    assert outside["logger"] == "roomtone.test.journal"


def test_what_a_stranger_wrote_is_no_field(written: Written) -> None:
    log, stream, way = written
    way.setFormatter(_Objects())
    log.info("call=%s refused: %s", "c1", 'level=none call=c9\n{"event": "x"}')
    (told,) = lines(stream)
    assert (told["call"], told["event"], told["level"]) == ("c1", "refused", "info")


def test_text_names_the_call_once(written: Written) -> None:
    log, stream, way = written
    way.setFormatter(_Lines(TEXT))

    async def leg() -> None:
        about(call="c1", conference="f1")
        log.info("call=%s ended", "c1")
        log.info("fetched")

    asyncio.run(leg())
    ended, fetched = stream.getvalue().splitlines()
    assert ended.endswith("call=c1 ended conference=f1")
    assert fetched.endswith("fetched call=c1 conference=f1")


def test_an_exception_is_one_line_of_json(written: Written) -> None:
    log, stream, way = written
    way.setFormatter(_Objects())
    try:
        int("no")
    except ValueError:
        log.exception("conference=%s bug", "f1")
    (told,) = lines(stream)
    assert told["exception"].endswith("base 10: 'no'")
    assert told["conference"] == "f1"
