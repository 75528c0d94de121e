"""What forms say of applications, queues and free numbers."""

from __future__ import annotations

import pytest

from roomtone.core.application import NOWHERE, Address, Application
from roomtone.core.ids import ApplicationId, ProjectId, QueueId
from roomtone.core.queueing import Queue
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import SIGNALWIRE, TWILIO, available_forms, queue_forms
from roomtone.dialects.fields import Fields, from_form

OWNER = ProjectId(1)


def form(text: str) -> Fields:
    return from_form(text.encode())


def test_an_application_is_made_and_changed() -> None:
    made = SIGNALWIRE.forms.create_application(
        form("FriendlyName=a&VoiceUrl=http://h/&SmsMethod=get")
    ).create(ApplicationId(2), OWNER, 5)
    assert made == Application(
        ApplicationId(2), OWNER, "a", 5, 5, voice=Address("http://h/"), sms=Address(None, Method.GET)
    )
    assert made.voice.document == Document("http://h/")
    assert NOWHERE.document is None
    same = SIGNALWIRE.forms.update_application(form("FriendlyName=a")).apply(made, 9)
    assert same is made, "nothing changed, so its date does not"
    changed = TWILIO.forms.update_application(form("VoiceUrl=&VoiceCallerIdLookup=true")).apply(made, 9)
    assert (changed.voice, changed.caller_id_lookup, changed.updated_ms) == (Address(None), True, 9)


def test_a_queue_is_made_and_changed() -> None:
    ours = TWILIO.forms.create_queue(form("FriendlyName=a b")).create(QueueId(2), OWNER, 5)
    theirs = SIGNALWIRE.forms.create_queue(form("FriendlyName=a_b")).create(QueueId(2), OWNER, 5)
    assert (ours.max_size, theirs.max_size) == (1_000, None)
    assert TWILIO.forms.update_queue(form("")).apply(ours, 9) is ours
    assert TWILIO.forms.update_queue(form("MaxSize=4")).apply(ours, 9) == Queue(
        QueueId(2), OWNER, "a b", 5, 9, 4
    )


def test_where_a_call_goes_from_its_queue() -> None:
    assert queue_forms.dequeue(form("Url=http://h/&Method=GET")) == Document("http://h/", Method.GET)
    for text, reason in (("", Reason.PARAMETER_MISSING), ("Url=x", Reason.URL_INVALID)):
        with pytest.raises(Refused) as caught:
            queue_forms.dequeue(form(text))
        assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("AreaCode=212", True),
        ("AreaCode=213", False),
        ("Contains=5550*00", True),
        ("Contains=%2B1212", True),
        ("Contains=JJJ0100", True),
        ("Contains=999", False),
        ("SmsEnabled=true", False),
        ("SmsEnabled=false", True),
        ("VoiceEnabled=false", False),
    ],
)
def test_free_numbers_are_sought(text: str, fits: bool) -> None:
    assert available_forms.search(form(text)).fits("+12125550100") is fits
