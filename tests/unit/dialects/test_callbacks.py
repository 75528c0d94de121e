"""Every event, in both spellings, as a customer's server gets it."""

from __future__ import annotations

from typing import get_args

import pytest

from roomtone.core.conference.messages import (
    AnnouncementEnded,
    AnnouncementFailed,
    CallStatus,
    ConferenceEnded,
    ConferenceStarted,
    Event,
    ParticipantHeld,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantModified,
    ParticipantMuted,
    ParticipantSpeechStarted,
    ParticipantSpeechStopped,
    ParticipantUnheld,
    ParticipantUnmuted,
)
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.conference.state import EndReason, LeaveReason, Participant
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.values import Caller, Direction, HouseMusic, Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO
from roomtone.dialects.conference_events import END_TEXTS, NAMES

CALL = CallId(0xCA11)
UUID = "00000000-0000-0000-0000-00000000ca11"
WHO = Participant(
    ParticipantId(1),
    CALL,
    Caller("+1555", "+1666", Direction.OUTBOUND_DIAL, f"{9:032x}"),
    0,
    0,
    label="customer",
    muted=True,
    hold=HouseMusic(),
    end_on_exit=True,
)
ABOUT_ONE: list[Event] = [
    ParticipantJoined(CALL),
    ParticipantMuted(CALL),
    ParticipantUnmuted(CALL),
    ParticipantHeld(CALL),
    ParticipantUnheld(CALL),
    ParticipantModified(CALL),
    ParticipantSpeechStarted(CALL),
    ParticipantSpeechStopped(CALL),
]
EVENTS: list[Event] = [
    *ABOUT_ONE,
    ConferenceStarted(),
    ConferenceEnded(EndReason.VIA_API, None),
    ParticipantLeft(CALL, LeaveReason.HUNG_UP, CallStatus.COMPLETED),
    AnnouncementEnded("https://h/a", CALL),
    AnnouncementFailed("https://h/a", None, "not audio"),
]


def told(
    dialect, event: Event, participant: Participant | None = WHO, label: str | None = None
) -> dict[str, str]:
    notice = ConferenceNotice(
        ConferenceId(0xCF), ProjectId(0xAC), "Room", 7, 1_537_822_800_000, "https://h/", Method.POST, event,
        participant, label,
    )  # fmt: skip
    parameters = dialect.callbacks.conference_parameters(notice)
    assert len(dict(parameters)) == len(parameters), "no name twice"
    return dict(parameters)


def test_every_event_is_named_and_tried_here() -> None:
    assert set(NAMES) == set(get_args(Event))
    assert {type(event) for event in EVENTS} == set(get_args(Event))


def test_every_way_to_end_has_a_sentence() -> None:
    assert set(END_TEXTS) == set(EndReason)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: NAMES[type(event)])
def test_what_twilio_sends_on_every_event(event: Event) -> None:
    parameters = told(TWILIO, event)
    assert list(parameters)[:6] == [
        "ConferenceSid", "FriendlyName", "AccountSid", "SequenceNumber", "Timestamp", "StatusCallbackEvent",
    ]  # fmt: skip
    assert parameters["StatusCallbackEvent"] == NAMES[type(event)]
    assert parameters["SequenceNumber"] == "7"
    assert parameters["Timestamp"] == "Mon, 24 Sep 2018 21:00:00 +0000"
    assert not {"EventName", "CallStatus", "From", "ApiVersion"} & set(parameters)


@pytest.mark.parametrize("event", ABOUT_ONE, ids=lambda event: NAMES[type(event)])
def test_what_twilio_says_of_a_participant(event: Event) -> None:
    assert (
        told(TWILIO, event).items()
        >= {
            "CallSid": f"CA{CALL.hex}",
            "Muted": "true",
            "Hold": "true",
            "Coaching": "false",
            "EndConferenceOnExit": "true",
            "StartConferenceOnEnter": "true",
            "ParticipantLabel": "customer",
        }.items()
    )


def test_what_twilio_says_of_a_leave() -> None:
    event = ParticipantLeft(CALL, LeaveReason.UPDATED_VIA_API, CallStatus.IN_PROGRESS)
    parameters = told(TWILIO, event)
    assert parameters["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert parameters["ParticipantCallStatus"] == "in-progress"


def test_what_twilio_says_of_an_end() -> None:
    via_api = told(TWILIO, ConferenceEnded(EndReason.VIA_API, None), None)
    assert via_api["ReasonConferenceEnded"] == "conference-ended-via-api"
    assert not {"CallSid", "CallSidEndingConference", "ParticipantLabelEndingConference"} & set(via_api)
    left = told(TWILIO, ConferenceEnded(EndReason.LAST_LEFT, CALL), None, "customer")
    assert left["CallSidEndingConference"] == f"CA{CALL.hex}"
    assert left["ParticipantLabelEndingConference"] == "customer"
    assert left["Reason"] == f"Last participant CA{CALL.hex} left the conference"


def test_what_twilio_says_of_announcements() -> None:
    ended = told(TWILIO, AnnouncementEnded("https://h/a", CALL))
    assert (ended["AnnounceUrl"], ended["CallSid"]) == ("https://h/a", f"CA{CALL.hex}")
    failed = told(TWILIO, AnnouncementFailed("https://h/a", None, "not audio"), None)
    assert failed["ReasonAnnouncementFailed"] == "not audio"
    assert "CallSid" not in failed


def test_an_unlabelled_participant_has_no_label_parameter() -> None:
    nameless = Participant(ParticipantId(1), CALL, Caller("a", "b"), 0, 0)
    assert "ParticipantLabel" not in told(TWILIO, ParticipantJoined(CALL), nameless)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: NAMES[type(event)])
def test_what_signalwire_sends_on_every_event(event: Event) -> None:
    parameters = told(SIGNALWIRE, event)
    assert parameters["EventName"] == parameters["StatusCallbackEvent"] == NAMES[type(event)]
    assert parameters["ConferenceSid"] == "00000000-0000-0000-0000-0000000000cf"
    assert parameters["AccountSid"] == "00000000-0000-0000-0000-0000000000ac"
    assert parameters["ApiVersion"] == "2010-04-01"
    assert parameters["SequenceNumber"] == "7"
    assert parameters["FriendlyName"] == "Room"


@pytest.mark.parametrize("event", ABOUT_ONE, ids=lambda event: NAMES[type(event)])
def test_signalwire_begins_with_the_standard_parameters(event: Event) -> None:
    assert (
        told(SIGNALWIRE, event).items()
        >= {
            "CallSid": UUID,
            "CallStatus": "in-progress",
            "Direction": "outbound-dial",
            "From": "+1555",
            "To": "+1666",
            "ParentCallSid": "00000000-0000-0000-0000-000000000009",
            "Muted": "true",
            "Hold": "true",
            "Coaching": "false",
            "EndConferenceOnExit": "true",
            "StartConferenceOnEnter": "true",
        }.items()
    )


def test_what_signalwire_adds_of_leave_and_end() -> None:
    left = told(SIGNALWIRE, ParticipantLeft(CALL, LeaveReason.HUNG_UP, CallStatus.COMPLETED))
    assert left["CallStatus"] == left["ParticipantCallStatus"] == "completed"
    assert left["ReasonParticipantLeft"] == "participant_hung_up"
    ended = told(SIGNALWIRE, ConferenceEnded(EndReason.LAST_KICKED, CALL), None)
    assert ended["ReasonConferenceEnded"] == "last-participant-kicked"
    assert ended["CallSidEndingConference"] == UUID
    assert "CallSid" not in ended


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_a_conference_starts_without_anybody_in_particular(dialect) -> None:
    assert "CallSid" not in told(dialect, ConferenceStarted(), None)
