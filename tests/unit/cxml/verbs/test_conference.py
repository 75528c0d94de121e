"""The Conference noun: every attribute, its default, its range."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.core.conference.state import Callback, Topic
from roomtone.core.values import Beep, Document, HouseMusic, JitterBuffer, Method, Silence
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Conference, Dial
from roomtone.cxml.verbs.conference import ATTRIBUTES


def noun(attributes: str, name: str = "Room") -> Conference:
    verb = only_verb(f"<Dial><Conference {attributes}>{name}</Conference></Dial>")
    assert isinstance(verb, Dial)
    return verb.conference


PLAIN = Conference("Room")


def test_what_is_not_said_has_the_vendors_defaults() -> None:
    assert noun("") == PLAIN
    assert (PLAIN.muted, PLAIN.beep, PLAIN.start_on_enter, PLAIN.end_on_exit) == (False, Beep(), True, False)
    assert (PLAIN.max_participants, PLAIN.wait_method, PLAIN.callback_method) == (
        250,
        Method.POST,
        Method.POST,
    )
    assert (PLAIN.record, PLAIN.trim, PLAIN.jitter_buffer) == (
        "do-not-record",
        "trim-silence",
        JitterBuffer.LARGE,
    )
    assert (PLAIN.wait, PLAIN.callback) == (HouseMusic(), None)


@pytest.mark.parametrize(
    ("attribute", "changed"),
    [
        ('muted="true"', {"muted": True}),
        ('beep="false"', {"beep": Beep(on_enter=False, on_exit=False)}),
        ('beep="onEnter"', {"beep": Beep(on_enter=True, on_exit=False)}),
        ('beep="onExit"', {"beep": Beep(on_enter=False, on_exit=True)}),
        ('beep="true"', {}),
        ('startConferenceOnEnter="false"', {"start_on_enter": False}),
        ('endConferenceOnExit="true"', {"end_on_exit": True}),
        ('participantLabel="agent 7"', {"label": "agent 7"}),
        ('jitterBufferSize="off"', {"jitter_buffer": JitterBuffer.OFF}),
        ('waitUrl="/wait"', {"wait_url": "https://app.example.com/wait"}),
        ('waitUrl=""', {"wait_url": ""}),
        ('waitMethod="GET"', {"wait_method": Method.GET}),
        ('maxParticipants="2"', {"max_participants": 2}),
        ('record="record-from-start"', {"record": "record-from-start"}),
        ('trim="do-not-trim"', {"trim": "do-not-trim"}),
        ('region="ie1"', {"region": "ie1"}),
        ('coach="CA0123"', {"coached": "CA0123"}),
        ('statusCallback="cb"', {"callback_url": "https://app.example.com/cb"}),
        ('statusCallbackMethod="GET"', {"callback_method": Method.GET}),
        ('statusCallbackEvent="leave join"', {"callback_topics": ("join", "leave")}),
        ('recordingStatusCallback="rec"', {"recording_callback": "https://app.example.com/rec"}),
        ('recordingStatusCallbackMethod="GET"', {"recording_callback_method": Method.GET}),
        ('recordingStatusCallbackEvent="completed"', {"recording_callback_topics": ("completed",)}),
        ('eventCallbackUrl="ev"', {"event_callback": "https://app.example.com/ev"}),
        ('streamUrl="wss://s.example.com/x"', {"stream_url": "wss://s.example.com/x"}),
        ('recordingConfigurationId="abc"', {"recording_configuration": "abc"}),
    ],
)
def test_what_is_said_is_heeded(attribute: str, changed: dict[str, object]) -> None:
    assert noun(attribute) == replace(PLAIN, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ('muted="maybe"', Oddity.MUTED_INVALID),
        ('endConferenceOnExit=""', Oddity.END_ON_EXIT_INVALID),
        ('startConferenceOnEnter="2"', Oddity.START_ON_ENTER_INVALID),
        ('waitUrl="ftp://x/"', Oddity.WAIT_URL_INVALID),
        ('waitMethod="PUT"', Oddity.WAIT_METHOD_INVALID),
        ('beep="onenter"', Oddity.BEEP_INVALID),
        ('trim="yes"', Oddity.CONFERENCE_TRIM_INVALID),
        ('maxParticipants="1"', Oddity.CONFERENCE_ATTRIBUTE_INVALID),
        ('maxParticipants="251"', Oddity.CONFERENCE_ATTRIBUTE_INVALID),
        ('jitterBufferSize="huge"', Oddity.CONFERENCE_ATTRIBUTE_INVALID),
        ('record="always"', Oddity.CONFERENCE_ATTRIBUTE_INVALID),
        ('statusCallback="mailto:x@y"', Oddity.URL_INVALID),
        ('statusCallbackMethod="HEAD"', Oddity.METHOD_INVALID),
        ('statusCallbackEvent="start middle"', Oddity.CONFERENCE_ATTRIBUTE_INVALID),
        ('colour="red"', Oddity.ATTRIBUTE_UNKNOWN),
    ],
)
def test_what_is_no_good_is_told_and_the_default_taken(attribute: str, reason: Oddity) -> None:
    inner = f"<Dial><Conference {attribute}>Room</Conference></Dial>"
    assert reasons(inner) == [reason]
    assert parsed(inner).verbs == (Dial(PLAIN),)


def test_every_attribute_fills_a_field_of_its_own() -> None:
    filled = [row.field for row in ATTRIBUTES]
    assert sorted(filled) == sorted(
        field.name for field in fields(Conference) if field.name not in {"name", "streams"}
    )


@pytest.mark.parametrize(
    "written", ["\n   Room 1234\n ", "Room\n 1234", "<![CDATA[Room 1234]]>", "Room &#49;234"]
)
def test_the_name_is_trimmed(written: str) -> None:
    assert noun("", written).name == "Room 1234"


@pytest.mark.parametrize("name", ["", "  \n ", "x" * 129])
def test_without_a_fit_name_there_is_no_dial(name: str) -> None:
    inner = f"<Dial><Conference>{name}</Conference></Dial>"
    assert parsed(inner).verbs == ()
    assert reasons(inner) == [Oddity.CONFERENCE_NAME_INVALID]


def test_waiting_is_music_silence_or_a_document() -> None:
    assert noun('waitUrl=""').wait == Silence()
    asked = noun('waitUrl="w.mp3" waitMethod="GET"').wait
    assert asked == Document("https://app.example.com/w.mp3", Method.GET)


def test_the_libraries_own_spelling_of_a_list_of_events_is_understood() -> None:
    callback = noun("""statusCallback="/cb" statusCallbackEvent="['start', 'end']" """).callback
    expected = frozenset({Topic.START, Topic.END})
    assert callback == Callback("https://app.example.com/cb", Method.POST, expected)


def test_without_a_url_there_is_no_callback_whatever_the_events() -> None:
    assert (
        noun('statusCallbackEvent="start end join leave mute hold speaker modify announcement"').callback
        is None
    )
