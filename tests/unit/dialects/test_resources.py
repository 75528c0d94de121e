"""Keys, order and values of each resource; whether they fit the vendors' schemas is the contract suite's to say."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.conference.state import Conference, EndReason, Participant, Status
from roomtone.core.ids import BinId, CallId, ConferenceId, NumberId, ParticipantId, ProjectId
from roomtone.core.project import Bin, Number
from roomtone.core.values import Caller, Document, HouseMusic, Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO

AT = 1_537_822_800_000
ROOM = Conference(ConferenceId(0xCF), ProjectId(0xAC), "Room", AT, AT)
WHO = Participant(ParticipantId(1), CallId(0xCA), Caller("a", "b"), AT, AT + 1000, label="customer")
SIGNALWIRE_KEYS = [
    "account_sid", "call_sid", "call_sid_to_coach", "coaching", "conference_sid", "date_created", "status",
    "date_updated", "end_conference_on_exit", "muted", "hold", "start_conference_on_enter", "uri",
]  # fmt: skip
TWILIO_KEYS = [
    "account_sid", "call_sid", "label", "conference_sid", "date_created", "date_updated", "end_conference_on_exit",
    "muted", "hold", "status", "start_conference_on_enter", "coaching", "call_sid_to_coach", "queue_time", "uri",
]  # fmt: skip


def test_a_participant_has_exactly_the_vendors_keys_in_order() -> None:
    assert list(SIGNALWIRE.resources.participant(ROOM, WHO)) == SIGNALWIRE_KEYS
    assert list(TWILIO.resources.participant(ROOM, WHO)) == TWILIO_KEYS


def test_a_participants_values() -> None:
    ours = TWILIO.resources.participant(ROOM, replace(WHO, muted=True, hold=HouseMusic(), end_on_exit=True))
    assert (ours["status"], ours["label"], ours["queue_time"]) == ("connected", "customer", None)
    assert (ours["muted"], ours["hold"], ours["end_conference_on_exit"]) == (True, True, True)
    assert ours["date_updated"] == "Mon, 24 Sep 2018 21:00:01 +0000"
    assert ours["uri"] == (
        f"/2010-04-01/Accounts/AC{0xAC:032x}/Conferences/CF{0xCF:032x}/Participants/CA{0xCA:032x}.json"
    )
    theirs = SIGNALWIRE.resources.participant(ROOM, WHO)
    assert theirs["status"] == "in-progress"
    assert str(theirs["uri"]).startswith("/api/laml/2010-04-01/Accounts/00000000-")
    assert str(theirs["uri"]).endswith("ca.json")


def test_whom_a_coach_coaches_is_shown_while_they_coach() -> None:
    coach = replace(WHO, coaching=True, coached=CallId(7))
    for dialect in DIALECTS.values():
        assert dialect.resources.participant(ROOM, coach)["call_sid_to_coach"] == dialect.sids.show(CallId(7))
        former = dialect.resources.participant(ROOM, replace(coach, coaching=False))
        assert (former["coaching"], former["call_sid_to_coach"]) == (False, None)


def test_a_conference() -> None:
    over = replace(ROOM, status=Status.COMPLETED, end_reason=EndReason.LAST_LEFT, ended_by=CallId(3))
    ours = TWILIO.resources.conference(over)
    assert (ours["status"], ours["reason_conference_ended"]) == ("completed", "last-participant-left")
    assert ours["call_sid_ending_conference"] == f"CA{3:032x}"
    assert TWILIO.resources.conference(ROOM)["reason_conference_ended"] is None
    theirs = SIGNALWIRE.resources.conference(over)
    assert "reason_conference_ended" not in theirs
    assert "call_sid_ending_conference" not in theirs
    assert set(theirs["subresource_uris"]) == {"participants", "recordings"}


def test_a_number() -> None:
    number = Number(
        NumberId(5), ProjectId(0xAC), "+15551234567", "Desk", AT, AT, voice=Document("http://h/", Method.GET),
        voice_method=Method.GET,
    )  # fmt: skip
    for dialect in DIALECTS.values():
        shown = dialect.resources.number(number)
        assert (shown["phone_number"], shown["friendly_name"]) == ("+15551234567", "Desk")
        assert (shown["voice_url"], shown["voice_method"]) == ("http://h/", "GET")
        assert (shown["voice_fallback_url"], shown["voice_fallback_method"]) == (None, "POST")
        assert shown["sid"] == dialect.sids.show(number.id)
    assert SIGNALWIRE.resources.number(number)["account_id"] == SIGNALWIRE.sids.show(ProjectId(0xAC))
    assert SIGNALWIRE.resources.number(number)["country_code"] == "US"
    assert "voice_receive_mode" not in SIGNALWIRE.resources.number(number)


def test_a_hosted_document() -> None:
    bin_ = Bin(BinId(6), ProjectId(0xAC), "hello", "<Response/>", AT, AT, AT + 1000, 4)
    shown = SIGNALWIRE.resources.bin(bin_, "https://room.example:8443")
    assert (shown["date_created"], shown["date_last_accessed"]) == (
        "2018-09-24T21:00:00Z",
        "2018-09-24T21:00:01Z",
    )
    assert shown["request_url"] == "https://room.example:8443/laml-bins/00000000-0000-0000-0000-000000000006"
    assert shown["num_requests"] == 4
    assert str(shown["uri"]).endswith("/LamlBins/00000000-0000-0000-0000-000000000006")
    assert TWILIO.resources.bin(replace(bin_, accessed_ms=None), "x")["date_last_accessed"] is None
    assert str(TWILIO.resources.bin(bin_, "x")["uri"]).endswith(".json")
