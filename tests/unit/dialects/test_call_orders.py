"""What a form wishes of calls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roomtone.core.call.state import CallCallback, CallTopic
from roomtone.core.call.wishes import LONGEST_S, RING_S, Change, Finish, Instructions, Terms
from roomtone.core.ids import ApplicationId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import call_orders

TO = (("To", "+15550100"), ("From", "+15550199"))


def test_a_url_is_preferred_to_a_text() -> None:
    order = call_orders.create((*TO, ("Url", "https://a/x"), ("Method", "GET"), ("Twiml", "<Response/>")))
    assert order.instructions == Instructions(Document("https://a/x", Method.GET))
    assert (order.invitation.to, order.invitation.from_) == ("+15550100", "+15550199")
    assert (order.invitation.timeout_s, order.invitation.time_limit_s) == (RING_S, LONGEST_S)


@pytest.mark.parametrize("name", ["Twiml", "Laml"])
def test_a_text_will_do(name: str) -> None:
    order = call_orders.create((*TO, (name, "<Response/>"), ("FallbackUrl", "https://a/f")))
    assert order.instructions == Instructions(text="<Response/>", fallback=Document("https://a/f"))


def test_an_application_stands_for_urls() -> None:
    order = call_orders.create((*TO, ("ApplicationSid", f"AP{7:032x}"), ("Url", "https://a/x")))
    assert (order.application, order.instructions) == (ApplicationId(7), None)


def test_what_may_be_said_of_a_call() -> None:
    order = call_orders.create(
        (
            *TO, ("Url", "https://a/x"), ("Timeout", "5"), ("TimeLimit", "60"), ("CallerId", "+15550123"),
            ("SipAuthUsername", "u"), ("SipAuthPassword", "p"), ("CallerDisplayName", "The Office"),
        )
    )  # fmt: skip
    wish = order.invitation
    assert (wish.timeout_s, wish.time_limit_s, wish.caller_id) == (5, 60, "+15550123")
    assert (wish.username, wish.password, wish.display_name) == ("u", "p", "The Office")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((), Reason.DESTINATION_MISSING),
        ((("From", "+1555"),), Reason.DESTINATION_MISSING),
        ((("To", "+1555"), ("From", " ")), Reason.CALLER_MISSING),
        ((("To", "+1555"), ("From", "<a>"), ("Url", "https://a")), Reason.CALLER_INVALID),
        (TO, Reason.INSTRUCTIONS_MISSING),
        ((*TO, ("Url", "")), Reason.INSTRUCTIONS_MISSING),
        ((*TO, ("Url", "ftp://a")), Reason.URL_INVALID),
        ((*TO, ("Url", "https://a"), ("Method", "PUT")), Reason.METHOD_INVALID),
        ((*TO, ("Url", "https://a"), ("Timeout", "0")), Reason.RING_TIME_INVALID),
        ((*TO, ("Url", "https://a"), ("Timeout", "601")), Reason.RING_TIME_INVALID),
        ((*TO, ("Twiml", "x" * 4_001)), Reason.PARAMETER_INVALID),
        ((*TO, ("Url", "https://a"), ("TimeLimit", "0")), Reason.PARAMETER_INVALID),
        ((*TO, ("Url", "https://a"), ("SendDigits", "12e")), Reason.KEYS_INVALID),
        ((*TO, ("ApplicationSid", "nonsense")), Reason.APPLICATION_INVALID),
        ((*TO, ("MachineDetection", "Perhaps")), Reason.PARAMETER_INVALID),
        ((*TO, ("MachineDetectionTimeout", "500")), Reason.PARAMETER_INVALID),
        ((*TO, ("MachineWordsThreshold", "0")), Reason.PARAMETER_INVALID),
        ((*TO, ("AsyncAmd", "later")), Reason.PARAMETER_INVALID),
        ((*TO, ("AsyncAmdStatusCallback", "nowhere")), Reason.URL_INVALID),
        ((*TO, ("AsyncAmdStatusCallbackMethod", "PUT")), Reason.METHOD_INVALID),
        ((*TO, ("MaxPricePerMinute", "0.12345")), Reason.PRICE_INVALID),
    ],
)
def test_what_is_wrong_is_said(fields: tuple[tuple[str, str], ...], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        call_orders.create(fields)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ((), {"completed"}),
        (("initiated", "ANSWERED"), {"initiated", "answered"}),
        (("ringing completed",), {"ringing", "completed"}),
        (("ringing_queued",), set()),
    ],
)
def test_progress_is_told_as_it_is_asked_for(events: tuple[str, ...], told: set[str]) -> None:
    asked = tuple(("StatusCallbackEvent", event) for event in events)
    order = call_orders.create((*TO, ("Url", "https://a"), ("StatusCallback", "https://a/s"), *asked))
    callback = order.invitation.callback
    assert callback is not None
    assert (callback.url, set(callback.events)) == ("https://a/s", told)


def test_an_event_that_is_none_is_refused() -> None:
    with pytest.raises(Refused):
        call_orders.create(
            (*TO, ("Url", "https://a"), ("StatusCallback", "https://a/s"), ("StatusCallbackEvent", "sneezed"))
        )


@pytest.mark.parametrize("word", ["Enable", "DetectMessageEnd", "none", "", "off"])
def test_what_has_no_effect_is_taken_as_the_vendors_take_it(word: str) -> None:
    given = (("MachineDetection", word), ("MachineDetectionTimeout", "30"), ("MaxPricePerMinute", "0.0125"))
    order = call_orders.create((*TO, ("Url", "https://a"), *given))
    assert ("MachineDetection" in order.ignored) == (word in {"Enable", "DetectMessageEnd"})


def test_what_has_no_effect_is_named_once() -> None:
    given = (("MachineDetection", "Enable"), ("MachineDetectionTimeout", "30"), ("Record", "false"))
    assert call_orders.ignored(given) == ("MachineDetection",)
    assert call_orders.ignored((*given, ("Byoc", "BY1"))) == ("Byoc", "MachineDetection")
    assert call_orders.ignored((("CallReason", "x"), ("Byoc", ""))) == ("CallReason",)
    assert call_orders.ignored(()) == ()


@pytest.mark.parametrize(
    ("fields", "wish"),
    [
        ((), None),
        ((("Status", "Completed"),), Finish.COMPLETED),
        ((("Status", "canceled"), ("Url", "https://a")), Finish.CANCELED),
        ((("Url", "https://a"),), Instructions(Document("https://a"))),
        ((("Twiml", "<Response/>"),), Instructions(text="<Response/>")),
        ((("StatusCallback", "https://a"),), Change(Terms("https://a"))),
        ((("StatusCallback", ""),), Change(Terms(""))),
        ((("StatusCallbackMethod", "get"), ("TimeLimit", "60")), Change(Terms(None, Method.GET, 60))),
        ((("Status", "completed"), ("TimeLimit", "60")), Change(Terms(time_limit_s=60), Finish.COMPLETED)),
    ],
)
def test_what_becomes_of_a_call(fields: tuple[tuple[str, str], ...], wish: object) -> None:
    assert call_orders.update(fields) == wish


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (("Status", "ringing"), Reason.PARAMETER_INVALID),
        (("TimeLimit", "soon"), Reason.PARAMETER_INVALID),
        (("StatusCallback", "nowhere"), Reason.URL_INVALID),
        (("StatusCallbackMethod", "PUT"), Reason.METHOD_INVALID),
    ],
)
def test_no_other_change_can_be_wished(field: tuple[str, str], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        call_orders.update((field,))
    assert refused.value.reason is reason


STORED = CallCallback("https://a/s", Method.GET, frozenset({CallTopic.RINGING}))


@pytest.mark.parametrize(
    ("terms", "before", "after"),
    [
        (Terms(time_limit_s=60), STORED, STORED),
        (Terms("https://a/t"), STORED, replace(STORED, url="https://a/t")),
        (Terms(callback_method=Method.POST), STORED, replace(STORED, method=Method.POST)),
        (Terms(""), STORED, None),
        (Terms("https://a/t"), None, CallCallback("https://a/t")),
        (Terms(callback_method=Method.GET), None, None),
    ],
)
def test_where_a_call_is_told_may_change_and_of_what_stays(
    terms: Terms, before: CallCallback | None, after: CallCallback | None
) -> None:
    assert terms.callback(before) == after
