"""The Dial verb: every attribute, and what it cannot dial."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.core.values import Method
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Conference, Dial
from roomtone.cxml.verbs.dial import ATTRIBUTES, NOUNS_TO_COME, action_parameters

PLAIN = Dial(Conference("Room"))


@pytest.mark.parametrize(
    ("attribute", "changed"),
    [
        ("", {}),
        ('action="done"', {"action": "https://app.example.com/done"}),
        ('action=""', {}),
        ('method="GET"', {"method": Method.GET}),
        ('timeLimit="60"', {"time_limit_s": 60}),
        ('hangupOnStar="true"', {"hangup_on_star": True}),
        ('timeout="5"', {"timeout_s": 5}),
        ('callerId="+15550100"', {"caller_id": "+15550100"}),
        ('callerName="Anna"', {"caller_name": "Anna"}),
        ('callReason="because"', {"call_reason": "because"}),
        ('answerOnBridge="true"', {"answer_on_bridge": True}),
        ('ringTone="de"', {"ring_tone": "de"}),
        ('record="record-from-ringing-dual"', {"record": "record-from-ringing-dual"}),
        ('recordingTrack="inbound"', {"recording_track": "inbound"}),
        ('trim="trim-silence"', {"trim": "trim-silence"}),
        ('recordingStatusCallback="r"', {"recording_callback": "https://app.example.com/r"}),
        ('recordingStatusCallbackMethod="GET"', {"recording_callback_method": Method.GET}),
        ('recordingStatusCallbackEvent="absent"', {"recording_callback_topics": ("absent",)}),
        ('recordingStorageUrl="s"', {"recording_storage_url": "https://app.example.com/s"}),
        ('recordingStorageUrlMethod="PUT"', {"recording_storage_method": "PUT"}),
        ('recordingConfigurationId="abc"', {"recording_configuration": "abc"}),
        ('referUrl="f"', {"refer_url": "https://app.example.com/f"}),
        ('referMethod="GET"', {"refer_method": Method.GET}),
        ('sequential="true"', {"sequential": True}),
    ],
)
def test_what_is_said_is_heeded(attribute: str, changed: dict[str, object]) -> None:
    found = only_verb(f"<Dial {attribute}><Conference>Room</Conference></Dial>")
    assert found == replace(PLAIN, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ('action="ftp://x/"', Oddity.URL_INVALID),
        ('method="PATCH"', Oddity.DIAL_METHOD_INVALID),
        ('timeLimit="0"', Oddity.DIAL_TIME_LIMIT_INVALID),
        ('hangupOnStar="*"', Oddity.DIAL_HANGUP_ON_STAR_INVALID),
        ('timeout="601"', Oddity.DIAL_TIMEOUT_INVALID),
        ('record="yes"', Oddity.ATTRIBUTE_INVALID),
        ('Action="x"', Oddity.ATTRIBUTE_UNKNOWN),
    ],
)
def test_what_is_no_good_is_told_and_the_default_taken(attribute: str, reason: Oddity) -> None:
    inner = f"<Dial {attribute}><Conference>Room</Conference></Dial>"
    assert reasons(inner) == [reason]
    assert parsed(inner).verbs == (PLAIN,)


def test_every_attribute_fills_a_field_of_its_own() -> None:
    filled = [row.field for row in ATTRIBUTES]
    assert sorted(filled) == sorted(field.name for field in fields(Dial) if field.name != "to")


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<Dial/>", Oddity.NOUN_MISSING),
        *((f"<Dial><{noun}>x</{noun}></Dial>", Oddity.NOUN_NOT_SUPPORTED) for noun in sorted(NOUNS_TO_COME)),
        ("<Dial><Fax>x</Fax></Dial>", Oddity.NOUN_UNKNOWN),
        ("<Dial><conference>x</conference></Dial>", Oddity.NOUN_UNKNOWN),
        ("<Dial><Conference>x</Conference><Number>1</Number></Dial>", Oddity.NOUNS_MIXED),
        ("<Dial><Conference>x</Conference><Conference>y</Conference></Dial>", Oddity.NOUNS_MIXED),
    ],
)
def test_what_cannot_be_dialled_is_skipped_with_a_clear_word(inner: str, reason: Oddity) -> None:
    document = parsed(inner + "<Hangup/>")
    assert len(document.verbs) == 1
    assert [warned.reason for warned in document.warnings] == [reason]
    assert document.warnings[0].detail.endswith("skipped")


def test_the_action_is_told_how_the_dial_ended() -> None:
    assert action_parameters("answered") == (("DialCallStatus", "answered"),)


@pytest.mark.parametrize(
    "inner",
    [
        "<Dial recordingStorageUrl='https://store.example/'>1</Dial>",
        "<Dial><Number machineDetection='Enable'>1</Number></Dial>",
    ],
)
def test_what_has_no_effect_yet_is_told(inner: str) -> None:
    assert reasons(inner) == [Oddity.WITHOUT_EFFECT]
    assert len(parsed(inner).verbs) == 1


def test_what_asks_for_nothing_is_not_told() -> None:
    assert reasons("<Dial record='do-not-record' ringTone=''>1</Dial>") == []
