from __future__ import annotations

import pytest

from doors import FORM, Doors, Speaker, join
from roomtone.core.conference.messages import End, LegEnded, Mute
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, HouseMusic, Method
from roomtone.dialects import SIGNALWIRE, TWILIO

A, B, C = CallId(1), CallId(2), CallId(3)
NOBODY = CallId(99)
SONG = "http://www.your-application.com/hold"


async def test_list_is_newest_first_and_shows_everybody(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2, 3)
    reply = await customer.get(customer.people(room))
    assert reply.status == 200
    assert [one["call_sid"] for one in reply.json["participants"]] == [
        customer.show(one) for one in (C, B, A)
    ]


async def test_filters(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, join(2, muted=True), 3)
    await customer.post(customer.people(room, C), Hold="true")

    async def found(**query: str) -> list[str]:
        reply = await customer.get(customer.people(room), **query)
        return [one["call_sid"] for one in reply.json["participants"]]

    assert await found(Muted="True") == [customer.show(B)]
    assert await found(Muted="false", Hold="false") == [customer.show(A)]
    assert await found(Hold="1") == [customer.show(C)]
    assert await found(Coaching="true") == []
    assert (await customer.get(customer.people(room), Muted="maybe")).status in {400, 422}


async def test_fetch_by_call_in_either_spelling_and_with_json_or_without(
    doors: Doors, customer: Speaker
) -> None:
    room = await doors.open(customer.project, "Room", 1)
    expected = (await customer.get(customer.people(room, A))).json
    assert expected["call_sid"] == customer.show(A)
    for dialect in (SIGNALWIRE, TWILIO):
        for suffix in ("", ".json"):
            assert (await customer.get(customer.people(room, dialect.sids.show(A)) + suffix)).json == expected


async def test_an_items_uri_leads_to_it(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", join(1, label="cust omer"))
    shown = (await customer.get(customer.people(room, A))).json
    assert (await customer.get(shown["uri"])).json == shown


async def test_fetch_by_label(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", join(1, label="cust omer é+%"))
    reply = await customer.get(customer.people(room, "cust%20omer%20%C3%A9+%25.json"))
    assert reply.json["call_sid"] == customer.show(A)
    assert (await customer.get(customer.people(room, "cust%2520omer"))).status == 404


async def test_a_label_may_end_like_a_file(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", join(1, label="a.json"), join(2, label="b.xml"))
    assert (await customer.get(customer.people(room, "a.json.json"))).json["call_sid"] == customer.show(A)
    assert (await customer.get(customer.people(room, "b.xml.json"))).json["call_sid"] == customer.show(B)


@pytest.mark.parametrize("who", [NOBODY, "customer", "X", "%2F", "CA1"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_nobody_of_that_name(doors: Doors, customer: Speaker, method: str, who) -> None:
    room = await doors.open(customer.project, "Room", 1)
    reply = await customer.ask(method, customer.people(room, who), b"Muted=x", (("content-type", FORM),))
    assert (reply.status, reply.json["code"]) == (404, 20404)


@pytest.mark.parametrize(
    "segment", ["X", "b3877c40-da60-4998-90ad-b792e98472co", "CF" + "0" * 31, "CF" + "0" * 32]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_no_such_conference(customer: Speaker, method: str, segment: str) -> None:
    path = f"Conferences/{segment}/Participants/{customer.show(A)}"
    assert (await customer.ask(method, path)).status == 404


async def test_another_projects_conference_is_not_there(
    doors: Doors, signalwire: Speaker, twilio: Speaker
) -> None:
    room = await doors.open(twilio.project, "Room", 1)
    for method in ("GET", "POST", "DELETE"):
        there = await signalwire.ask(method, signalwire.people(room, A))
        nowhere = await signalwire.ask(method, f"Conferences/{SIGNALWIRE.sids.show(NOBODY)}/Participants/x")
        assert (there.status, there.json["code"]) == (nowhere.status, nowhere.json["code"]) == (404, 20404)
    assert (await signalwire.get(signalwire.people(room))).status == 404
    assert (await twilio.get(twilio.people(room, A))).json["muted"] is False


async def test_an_update_of_nothing_changes_nothing(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    before = (await customer.get(customer.people(room, A))).json
    path = customer.people(room, A)
    doors.clock.advance(5)
    replies = [
        await customer.ask("POST", path),
        await customer.post(path),
        await customer.post_json(path, {}),
        await customer.ask("POST", path, b"", (("content-type", "application/json"),)),
        await customer.post(path, Beep="false", nonsense="1"),
    ]
    assert [(reply.status, reply.json) for reply in replies] == [(200, before)] * len(replies)
    assert doors.switchboard.asked == []


async def test_an_update_answers_with_the_new_state_and_a_fetch_agrees(
    doors: Doors, customer: Speaker
) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    doors.clock.advance(5)
    reply = await customer.post(
        customer.people(room, A), Muted="true", Coaching="true", CallSidToCoach=customer.show(B)
    )
    assert (reply.status, reply.json["muted"], reply.json["coaching"]) == (200, True, True)
    assert reply.json["call_sid_to_coach"] == customer.show(B)
    assert reply.json["date_updated"] != reply.json["date_created"]
    assert (await customer.get(customer.people(room, A))).json == reply.json


async def test_json_does_what_a_form_does(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    reply = await customer.post_json(customer.people(room, A), {"Muted": True, "Hold": True, "HoldUrl": SONG})
    assert (reply.json["muted"], reply.json["hold"]) == (True, True)
    stored = await doors.store.conference(room.id)
    assert stored is not None
    assert stored.participants[0].hold == Document(SONG, Method.GET)


async def test_hold_without_a_url_is_the_houses_music(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    await customer.post(customer.people(room, A), Hold="True")
    stored = await doors.store.conference(room.id)
    assert stored is not None
    assert stored.participants[0].hold == HouseMusic()


async def test_a_refusal_leaves_nothing_half_done(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    reply = await customer.post(customer.people(room, A), Muted="true", Coaching="true")
    assert reply.json["code"] == 16002
    assert (await customer.get(customer.people(room, A))).json["muted"] is False


async def test_refusals_of_coaching_have_each_vendors_numbers(
    doors: Doors, signalwire: Speaker, twilio: Speaker
) -> None:
    for speaker, expected in ((signalwire, [16002, 16002, 16002]), (twilio, [16002, 16028, 16027])):
        room = await doors.open(speaker.project, "Room", 1, 2, id_=speaker.project.id.value)
        await speaker.post(speaker.people(room, B), Hold="true")
        codes = [
            (await speaker.post(speaker.people(room, A), Coaching="true", **more)).json["code"]
            for more in ({}, {"CallSidToCoach": speaker.show(NOBODY)}, {"CallSidToCoach": speaker.show(B)})
        ]
        assert codes == expected


async def test_a_bad_parameter_is_422_to_signalwire_and_400_to_twilio(
    doors: Doors, signalwire: Speaker, twilio: Speaker
) -> None:
    for speaker, status in ((signalwire, 422), (twilio, 400)):
        room = await doors.open(speaker.project, "Room", 1, id_=speaker.project.id.value)
        for bad in ({"HoldUrl": "x"}, {"HoldMethod": "x"}, {"Hold": "x"}):
            assert (await speaker.post(speaker.people(room, A), bad)).status == status


async def test_removal_is_204_and_then_404(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    first = await customer.delete(customer.people(room, A))
    assert (first.status, first.content) == (204, b"")
    assert "content-type" not in first.headers
    assert (await customer.delete(customer.people(room, A))).status == 404
    assert (await customer.get(customer.people(room, A))).status == 404
    listed = (await customer.get(customer.people(room))).json["participants"]
    assert [one["call_sid"] for one in listed] == [customer.show(B)]


async def test_removing_the_last_one_completes_the_conference(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    await customer.delete(customer.people(room, A))
    assert (await customer.get(f"Conferences/{customer.show(room.id)}")).json["status"] == "completed"
    assert (await customer.get(customer.people(room))).json["participants"] == []


async def test_signalwire_tells_completed_from_unknown_and_twilio_does_not(
    doors: Doors, signalwire: Speaker, twilio: Speaker
) -> None:
    for speaker, expected in ((signalwire, (400, 10000)), (twilio, (404, 20404))):
        room = await doors.open(speaker.project, "Room", 1, id_=speaker.project.id.value)
        await doors.switchboard.take(room, End())
        assert (await speaker.get(speaker.people(room, A))).status == 404
        for reply in (
            await speaker.post(speaker.people(room, A), Muted="nonsense"),
            await speaker.delete(speaker.people(room, A)),
        ):
            assert (reply.status, reply.json["code"]) == expected


async def test_a_conference_that_ends_under_the_request_is_told_as_ended(
    doors: Doors, signalwire: Speaker, twilio: Speaker
) -> None:
    doors.switchboard.fault = Refused(Reason.CONFERENCE_COMPLETED)
    for speaker, expected in ((signalwire, (400, 10000)), (twilio, (404, 20404))):
        room = await doors.open(speaker.project, "Room", 1, id_=speaker.project.id.value)
        reply = await speaker.post(speaker.people(room, A), Muted="true")
        assert (reply.status, reply.json["code"]) == expected


async def test_one_who_hangs_up_is_gone(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    await doors.switchboard.take(room, LegEnded(A))
    reply = await customer.post(customer.people(room, A), Muted="true")
    assert reply.status == 404
    assert customer.show(A) in reply.json["message"]


async def test_commands_go_to_the_call_even_if_the_path_said_a_label(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", join(1, label="customer"))
    await customer.post(customer.people(room, "customer"), Muted="true")
    assert doors.switchboard.asked == [(Mute(A),)]


@pytest.mark.parametrize("fault", [EngineUnavailable("no engine"), OSError("no store")])
async def test_without_an_engine_or_a_store_it_is_503_and_worth_another_try(
    doors: Doors, customer: Speaker, fault: Exception
) -> None:
    room = await doors.open(customer.project, "Room", 1)
    doors.switchboard.fault = fault
    reply = await customer.post(customer.people(room, A), Muted="true")
    assert (reply.status, reply.json["code"]) == (503, 20503)
    assert reply.headers["retry-after"] == "1"


async def test_who_is_called_in_is_expected(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    reply = await customer.post(customer.people(room), From="+15551230000", To="+15551230001", Label="new")
    assert reply.status == 201
    assert (reply.json.get("label", "new"), reply.json.get("queue_time", "0")) == ("new", "0")
    listed = (await customer.get(customer.people(room))).json["participants"]
    assert reply.json["call_sid"] in {one["call_sid"] for one in listed}
    assert [one.to for one, _ in doors.switchboard.placed] == ["+15551230001"]


async def test_a_wish_to_call_somebody_in_is_checked(customer: Speaker) -> None:
    people = "Conferences/Room/Participants"
    good = {
        "From": "+15551230000",
        "To": "sip:bob@127.0.0.1",
        "Label": "customer",
        "Timeout": "30",
        "Beep": "onEnter",
    }
    assert (await customer.post(people, good)).status == 201
    for bad, name in (
        ({"To": ""}, "To"),
        ({"From": ""}, "From"),
        ({"To": "nobody in particular"}, "To"),
        ({"Timeout": "3"}, "Timeout"),
        ({"MaxParticipants": "251"}, "MaxParticipants"),
        ({"Beep": "loud"}, "Beep"),
        ({"Muted": "perhaps"}, "Muted"),
        ({"WaitUrl": "x"}, "WaitUrl"),
        ({"WaitMethod": "PUT"}, "WaitMethod"),
        ({"Label": "a/b"}, "Label"),
        ({"StatusCallbackEvent": "answered sung"}, "StatusCallbackEvent"),
        ({"Coaching": "true"}, "CallSidToCoach"),
        ({"CallSidToCoach": "x"}, "CallSidToCoach"),
    ):
        reply = await customer.post(people, {**good, **bad})
        assert reply.status in {400, 422}, bad
        assert name in reply.json["message"]


async def test_nobody_is_called_into_what_is_over_or_unknown(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    await doors.switchboard.take(room, End())
    wish = {"From": "+15551230000", "To": "+15551230001"}
    assert (await customer.post(customer.people(room), wish)).status == 400
    unknown = customer.show(ConferenceId(0xDEAD))
    assert (await customer.post(f"Conferences/{unknown}/Participants", wish)).status == 404
