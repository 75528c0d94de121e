"""The Refer verb."""

from __future__ import annotations

import pytest

from cxml.documents import parsed, reasons
from roomtone.core.values import Method
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Refer
from roomtone.cxml.verbs.refer import action_parameters


def test_whom_the_phone_is_to_call_and_what_is_asked_afterwards() -> None:
    inner = "<Refer action='/done' method='GET'><Sip>\n sip:bob@h.example:5070?X-Account=1&amp;User-to-User=a%3Bb </Sip></Refer>"
    (found,) = parsed(inner).verbs
    target = "sip:bob@h.example:5070?X-Account=1&User-to-User=a%3Bb"
    assert found == Refer(target, "https://app.example.com/done", Method.GET)
    assert reasons(inner) == []


@pytest.mark.parametrize(
    ("inner", "oddity"),
    [
        ("<Refer/>", Oddity.NOUN_MISSING),
        ("<Refer>sip:bob@h</Refer>", Oddity.NOUN_MISSING),
        ("<Refer><Number>1</Number></Refer>", Oddity.NOUN_MISSING),
        ("<Refer><Sip>sip:a@h</Sip><Sip>sip:b@h</Sip></Refer>", Oddity.NOUN_MISSING),
        ("<Refer><Sip>bob</Sip></Refer>", Oddity.SIP_URI_INVALID),
        ("<Refer><Sip>sip:bob@h?X=a&#10;b</Sip></Refer>", Oddity.SIP_URI_INVALID),
        ("<Refer><Sip>sip:bob@h?X=a&gt;,b</Sip></Refer>", Oddity.SIP_URI_INVALID),
    ],
)
def test_one_that_names_nobody_is_skipped(inner: str, oddity: Oddity) -> None:
    assert parsed(inner).verbs == ()
    assert reasons(inner) == [oddity]


@pytest.mark.parametrize(
    ("answered", "notified", "hung_up", "told"),
    [
        (202, 200, False, {"ReferCallStatus": "in-progress", "ReferSipResponseCode": "202", "NotifySipResponseCode": "200"}),
        (202, 486, False, {"ReferCallStatus": "busy", "ReferSipResponseCode": "202", "NotifySipResponseCode": "486"}),
        (202, 600, False, {"ReferCallStatus": "busy", "ReferSipResponseCode": "202", "NotifySipResponseCode": "600"}),
        (202, 487, False, {"ReferCallStatus": "no-answer", "ReferSipResponseCode": "202", "NotifySipResponseCode": "487"}),
        (202, 404, False, {"ReferCallStatus": "failed", "ReferSipResponseCode": "202", "NotifySipResponseCode": "404"}),
        (202, 180, False, {"ReferCallStatus": "failed", "ReferSipResponseCode": "202", "NotifySipResponseCode": "180"}),
        (202, None, False, {"ReferSipResponseCode": "202"}),
        (405, None, False, {"ReferCallStatus": "failed", "ReferSipResponseCode": "405"}),
        (202, 180, True, {"ReferCallStatus": "canceled", "ReferSipResponseCode": "202", "NotifySipResponseCode": "180"}),
        (None, None, True, {"ReferCallStatus": "canceled"}),
    ],
)  # fmt: skip
def test_what_the_action_is_told(
    answered: int | None, notified: int | None, *, hung_up: bool, told: dict[str, str]
) -> None:
    assert dict(action_parameters(answered, notified, hung_up=hung_up)) == told
