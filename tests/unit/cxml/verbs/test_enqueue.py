"""The Enqueue and Leave verbs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.core.values import Document, HouseMusic, Method, Silence
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Enqueue, Leave, QueueResult
from roomtone.cxml.verbs.enqueue import action_parameters, place_parameters, wait_parameters

HOME = "https://app.example.com"


@pytest.mark.parametrize(
    ("attribute", "changed"),
    [
        ("", {}),
        ('action="a" method="GET"', {"action": f"{HOME}/a", "method": Method.GET}),
        ('waitUrl="w" waitUrlMethod="GET"', {"wait_url": f"{HOME}/w", "wait_method": Method.GET}),
        ('waitUrl=""', {"wait_url": ""}),
    ],
)
def test_what_is_said_is_heeded(attribute: str, changed: dict[str, object]) -> None:
    found = only_verb(f"<Enqueue {attribute}> my\n queue </Enqueue>")
    assert found == replace(Enqueue("my queue"), **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inner", "reason", "verbs"),
    [
        ("<Enqueue/>", Oddity.QUEUE_NAME_INVALID, 0),
        (f"<Enqueue>{'q' * 65}</Enqueue>", Oddity.QUEUE_NAME_INVALID, 0),
        ("<Enqueue workflowSid='WW1'><Task>{}</Task></Enqueue>", Oddity.VERB_NOT_SUPPORTED, 0),
        ("<Enqueue method='PUT'>q</Enqueue>", Oddity.ENQUEUE_METHOD_INVALID, 1),
        ("<Enqueue waitUrl='ftp://x'>q</Enqueue>", Oddity.ENQUEUE_WAIT_URL_INVALID, 1),
    ],
)
def test_what_is_no_good_is_told(inner: str, reason: Oddity, verbs: int) -> None:
    assert reasons(inner) == [reason]
    assert len(parsed(inner).verbs) == verbs


def test_what_is_heard_meanwhile() -> None:
    assert Enqueue("q").wait == HouseMusic()
    assert Enqueue("q", wait_url="").wait == Silence()
    assert Enqueue("q", wait_url=HOME).wait == Document(HOME, Method.POST)


def test_leave_says_nothing_else() -> None:
    assert only_verb("<Leave/>") == Leave()


def test_what_customers_are_told() -> None:
    assert action_parameters(QueueResult.QUEUE_FULL) == (("QueueResult", "queue-full"),)
    assert place_parameters("QU1", 7) == (("QueueSid", "QU1"), ("QueueTime", "7"))
    told = dict(wait_parameters("QU1", 7, position=2, average_s=5, size=3, max_size=9))
    assert told == {
        "QueueSid": "QU1", "QueueTime": "7", "QueuePosition": "2", "AvgQueueTime": "5", "CurrentQueueSize": "3",
        "MaxQueueSize": "9",
    }  # fmt: skip
    assert "MaxQueueSize" not in dict(
        wait_parameters("QU1", 7, position=2, average_s=5, size=3, max_size=None)
    )
