"""What clients really send for an update, and what the core is told; and which update is refused."""

from __future__ import annotations

import pytest

from roomtone.core.conference.messages import (
    Announce,
    ChangeHoldMusic,
    ChangeWait,
    Coach,
    Hold,
    Mute,
    SetBeepOnExit,
    SetEndOnExit,
    StopCoaching,
    Unhold,
    Unmute,
)
from roomtone.core.ids import CallId
from roomtone.core.listing import ParticipantFilter
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, HouseMusic, Method, Silence
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, fields

WHO = CallId(1)
X = CallId(0xB3877C40DA60499890ADB792E98472CA)
UUID = "b3877c40-da60-4998-90ad-b792e98472ca"
SONG = "http://www.your-application.com/hold"


def read(form: str, dialect=SIGNALWIRE):
    return dialect.forms.update_participant(fields.from_form(form.encode()), WHO)


def refused(form: str, dialect=SIGNALWIRE) -> Reason:
    with pytest.raises(Refused) as caught:
        read(form, dialect)
    return caught.value.reason


@pytest.mark.parametrize(
    ("form", "commands"),
    [
        pytest.param("", (), id="update()"),
        pytest.param(
            f"Muted=true&Coaching=true&CallSidToCoach={UUID}", (Mute(WHO), Coach(WHO, X)), id="monitor"
        ),
        pytest.param(
            f"Muted=false&Coaching=true&Beep=false&CallSidToCoach={UUID}",
            (Unmute(WHO), Coach(WHO, X)),
            id="coach",
        ),
        pytest.param(
            "Muted=false&Coaching=false&CallSidToCoach=", (Unmute(WHO), StopCoaching(WHO)), id="barge"
        ),
        pytest.param("Muted=true", (Mute(WHO),), id="mute"),
        pytest.param(
            "Hold=true&HoldUrl=http%3A%2F%2Fwww.your-application.com%2Fhold",
            (Hold(WHO, Document(SONG, Method.GET)),),
            id="hold",
        ),
        pytest.param("Muted=", (), id="null in JavaScript"),
        pytest.param("Muted=True", (Mute(WHO),), id="Python"),
        pytest.param("Muted=1", (Mute(WHO),), id="a number"),
        pytest.param("Muted=false&Muted=true", (Mute(WHO),), id="said twice"),
        pytest.param("muted=true&hold=true", (), id="keys are case-sensitive"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_the_sdks_send(form: str, commands, dialect) -> None:
    assert read(form, dialect) == commands


@pytest.mark.parametrize(
    ("form", "commands"),
    [
        ("Hold=true", (Hold(WHO, HouseMusic()),)),
        ("Hold=true&HoldUrl=", (Hold(WHO, HouseMusic()),)),
        (f"Hold=true&HoldUrl={SONG}&HoldMethod=post", (Hold(WHO, Document(SONG, Method.POST)),)),
        (f"Hold=false&HoldUrl={SONG}", (Unhold(WHO),)),
        (f"HoldUrl={SONG}", (ChangeHoldMusic(WHO, Document(SONG, Method.GET)),)),
        ("HoldUrl=", (ChangeHoldMusic(WHO, HouseMusic()),)),
        ("HoldMethod=GET&WaitMethod=POST&AnnounceMethod=GET", ()),
        (f"WaitUrl={SONG}", (ChangeWait(WHO, Document(SONG, Method.POST)),)),
        ("WaitUrl=", (ChangeWait(WHO, Silence()),)),
        (f"AnnounceUrl={SONG}", (Announce(Document(SONG, Method.POST), WHO),)),
        (f"AnnounceUrl={SONG}&AnnounceMethod=GET", (Announce(Document(SONG, Method.GET), WHO),)),
        ("AnnounceUrl=", ()),
        ("BeepOnExit=false", (SetBeepOnExit(WHO, False),)),
        ("EndConferenceOnExit=true", (SetEndOnExit(WHO, True),)),
        ("Beep=false", ()),
    ],
)
def test_hold_wait_announce_and_exit(form: str, commands) -> None:
    assert read(form) == commands


@pytest.mark.parametrize(
    ("form", "commands"),
    [
        ("Coaching=true", (Coach(WHO, None),)),
        (f"CallSidToCoach={UUID}", (Coach(WHO, X),)),
        ("CallSidToCoach=CA" + UUID.replace("-", ""), (Coach(WHO, X),)),
        ("CallSidToCoach=", (StopCoaching(WHO),)),
        ("Coaching=false", (StopCoaching(WHO),)),
        (f"Coaching=false&CallSidToCoach={UUID}", (StopCoaching(WHO),)),
    ],
)
def test_coaching(form: str, commands) -> None:
    assert read(form) == commands


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("Hold=maybe", Reason.PARAMETER_INVALID),
        ("Coaching=2", Reason.PARAMETER_INVALID),
        ("BeepOnExit=x", Reason.PARAMETER_INVALID),
        ("EndConferenceOnExit=x", Reason.PARAMETER_INVALID),
        ("HoldMethod=PUT", Reason.METHOD_INVALID),
        ("WaitMethod=x", Reason.METHOD_INVALID),
        ("AnnounceMethod=x", Reason.METHOD_INVALID),
        ("HoldUrl=nonsense", Reason.URL_INVALID),
        ("Hold=false&HoldUrl=nonsense", Reason.URL_INVALID),
        ("WaitUrl=/relative", Reason.URL_INVALID),
        ("AnnounceUrl=ftp://h/", Reason.URL_INVALID),
        ("Coaching=true&CallSidToCoach=", Reason.COACH_TARGET_MISSING),
        ("Coaching=true&CallSidToCoach=X", Reason.COACH_TARGET_NOT_PRESENT),
        ("CallSidToCoach=b3877c40-da60-4998-90ad-b792e98472co", Reason.COACH_TARGET_NOT_PRESENT),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_refused(form: str, reason: Reason, dialect) -> None:
    assert refused(form, dialect) is reason


def test_an_odd_muted_reads_as_false_to_twilio_and_is_refused_by_signalwire() -> None:
    assert read("Muted=yes", TWILIO) == (Unmute(WHO),)
    assert refused("Muted=yes") is Reason.PARAMETER_INVALID


def test_a_bad_parameter_is_refused_however_good_the_others() -> None:
    assert refused("Muted=true&Hold=true&WaitUrl=x") is Reason.URL_INVALID


def test_filters() -> None:
    wanted = SIGNALWIRE.forms.list_participants(fields.from_form(b"Muted=True&Hold=false&Coaching=&Page=0"))
    assert wanted == ParticipantFilter(muted=True, held=False, coaching=None)


def test_an_odd_filter_is_refused_in_both() -> None:
    for dialect in DIALECTS.values():
        with pytest.raises(Refused) as caught:
            dialect.forms.list_participants((("Muted", "yes"),))
        assert caught.value.reason is Reason.PARAMETER_INVALID
