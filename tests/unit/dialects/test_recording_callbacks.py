"""How the news of recordings is told, and how it is asked for: names and values of both vendors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call, CallStatus, CallTopic
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId, RecordingId
from roomtone.core.project import Project
from roomtone.core.recording.messages import Pause, Resume, Stop
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording, RecordingFault, RecordingSource, RecordingStatus
from roomtone.core.recording.wishes import RecordingCallback, RecordingTopic, RecordingWish, Side
from roomtone.core.refusals import Refused
from roomtone.core.values import Caller, Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO
from roomtone.webhooks import spell

ME, OWN, CALL, ROOM = RecordingId(1), ProjectId(2), CallId(3), ConferenceId(4)
DONE = Recording(
    ME, OWN, 0, 9_000, RecordingSource.CONFERENCE, RecordingStatus.COMPLETED, CALL, ROOM, started_ms=1_000,
    ended_ms=8_500, duration_ms=7_400, track="both",
)  # fmt: skip
OF_CALL = replace(DONE, source=RecordingSource.CALL_STARTED, conference=None, channels=2)
HOUSE = "https://house.example"


def notice(topic: RecordingTopic, state: Recording) -> RecordingNotice:
    return RecordingNotice(ME, OWN, state, topic, 1, 9_000, "https://app/r", Method.POST)


def test_twilio_tells_of_a_conference() -> None:
    told = dict(TWILIO.callbacks.recording_parameters(notice(RecordingTopic.COMPLETED, DONE), HOUSE))
    account, me = f"AC{OWN.hex}", f"RE{ME.hex}"
    assert told == {
        "AccountSid": account,
        "ConferenceSid": f"CF{ROOM.hex}",
        "RecordingSid": me,
        "RecordingUrl": f"{HOUSE}/2010-04-01/Accounts/{account}/Recordings/{me}",
        "RecordingStatus": "completed",
        "RecordingDuration": "7",
        "RecordingChannels": "1",
        "RecordingSource": "Conference",
        "RecordingStartTime": "Thu, 01 Jan 1970 00:00:01 +0000",
    }


def test_twilio_tells_of_a_call() -> None:
    told = dict(TWILIO.callbacks.recording_parameters(notice(RecordingTopic.COMPLETED, OF_CALL), HOUSE))
    assert told["CallSid"] == f"CA{CALL.hex}"
    assert (told["RecordingTrack"], told["RecordingChannels"]) == ("both", "2")
    assert told["RecordingSource"] == "StartCallRecordingAPI"
    assert "ConferenceSid" not in told


def test_signalwire_tells_of_a_call() -> None:
    told = dict(SIGNALWIRE.callbacks.recording_parameters(notice(RecordingTopic.COMPLETED, OF_CALL), HOUSE))
    assert list(told) == [
        "AccountSid", "CallSid", "RecordingSid", "RecordingUrl", "RecordingStatus", "RecordingDuration",
        "RecordingChannels", "RecordingSource",
    ]  # fmt: skip
    assert told["RecordingUrl"].startswith(f"{HOUSE}/api/laml/2010-04-01/Accounts/")
    assert told["RecordingSource"] == "StartCallRecordingApi"


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("topic", RecordingTopic)
def test_every_topic_has_its_words_and_no_name_twice(dialect, topic) -> None:
    failed = replace(DONE, status=RecordingStatus.FAILED, fault=RecordingFault.DISK_FULL)
    pairs = dialect.callbacks.recording_parameters(notice(topic, failed), HOUSE)
    assert len({name for name, _ in pairs}) == len(pairs)
    assert dict(pairs)["RecordingStatus"] == {"resumed": "in-progress"}.get(topic.value, topic.value)
    assert dict(pairs)["ErrorCode"].isdigit()
    assert dialect.resources.recording(failed)["status"] == "absent"


def test_a_notice_goes_out_with_the_house_s_address() -> None:
    project = Project(OWN, "p", "twilio", "key", 1)
    question = spell(notice(RecordingTopic.COMPLETED, DONE), project, HOUSE)
    assert dict(question.form)["RecordingUrl"].startswith(HOUSE)


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        ((("Status", "paused"),), Pause()),
        ((("Status", "paused"), ("PauseBehavior", "silence")), Pause()),
        ((("Status", "paused"), ("PauseBehavior", "skip")), Pause(standing=True)),
        ((("Status", "in-progress"),), Resume()),
        ((("Status", "stopped"),), Stop()),
    ],
)
def test_how_it_is_steered(fields, command) -> None:
    assert TWILIO.forms.update_recording(fields) == command


def test_how_a_call_is_recorded_unless_it_is_said() -> None:
    assert TWILIO.forms.record_call(()) == RecordingWish()
    spelled = (
        ("RecordingChannels", "dual"), ("RecordingTrack", "outbound"), ("Trim", "trim-silence"),
        ("RecordingStatusCallback", "https://app/r"), ("RecordingStatusCallbackMethod", "get"),
        ("RecordingStatusCallbackEvent", "started absent"), ("RecordingStatusCallbackEvent", "failed"),
    )  # fmt: skip
    topics = frozenset({RecordingTopic.IN_PROGRESS, RecordingTopic.ABSENT, RecordingTopic.FAILED})
    told = RecordingCallback("https://app/r", Method.GET, topics)
    assert TWILIO.forms.record_call(spelled) == RecordingWish(2, Side.OUTBOUND, trimmed=True, callback=told)


@pytest.mark.parametrize(
    "wrong", [("RecordingChannels", "3"), ("Trim", "x"), ("RecordingStatusCallbackEvent", "x")]
)
def test_what_is_no_wish(wrong) -> None:
    with pytest.raises(Refused):
        TWILIO.forms.record_call((wrong,))


@pytest.mark.parametrize(
    ("dialect", "topics"),
    [(TWILIO, {"completed"}), (SIGNALWIRE, {"completed", "failed"})],
    ids=["twilio", "signalwire"],
)
def test_what_a_conference_s_recording_tells_unless_it_is_said(dialect, topics) -> None:
    fields = (
        ("From", "+15550001"), ("To", "+15550002"), ("ConferenceRecord", "true"),
        ("ConferenceRecordingStatusCallback", "https://app/r"),
    )  # fmt: skip
    order = dialect.forms.create_participant(fields)
    seat = order.join(ParticipantId(1), CallId(1), Caller("+1", "+2"))
    assert seat.record is not None
    assert seat.record.trimmed
    assert seat.record.callback is not None
    assert seat.record.callback.topics == topics
    assert order.invitation.record is None
    recorded = dialect.forms.create_participant((*fields, ("Record", "true"), ("RecordingChannels", "dual")))
    assert recorded.invitation.record == RecordingWish(channels=2, trimmed=True)
    quiet = dialect.forms.create_participant((*fields, ("ConferenceRecord", "do-not-record")))
    assert quiet.join(ParticipantId(1), CallId(1), Caller("+1", "+2")).record is None


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda one: one.name)
def test_the_end_of_a_call_that_was_made_to_be_recorded_tells_where(dialect) -> None:
    over = Call(CALL, OWN, Caller("+1", "+2"), 0, 9, CallStatus.COMPLETED, 1_000, 9_999, recording=ME)
    told = dict(
        dialect.callbacks.call_parameters(
            CallNotice(CALL, OWN, over, CallTopic.COMPLETED, 0, 9, "https://app/r", Method.POST), HOUSE
        )
    )
    assert told["RecordingUrl"] == dialect.callbacks.recording_url(DONE, HOUSE)
    assert (told["RecordingSid"], told["RecordingDuration"]) == (dialect.sids.show(ME), "8")
    rung = CallNotice(CALL, OWN, over, CallTopic.RINGING, 0, 9, "https://app/r", Method.POST)
    assert "RecordingUrl" not in dict(dialect.callbacks.call_parameters(rung, HOUSE))
