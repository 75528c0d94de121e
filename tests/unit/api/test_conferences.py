from __future__ import annotations

import pytest

from doors import Doors, Speaker
from roomtone.core.conference.messages import End
from roomtone.core.values import Document


async def test_list_newest_first_with_filters(doors: Doors, customer: Speaker) -> None:
    first = await doors.open(customer.project, "Room", 1, id_=1)
    await doors.switchboard.take(first, End())
    doors.clock.advance(86_400)
    await doors.open(customer.project, "Room", 2, id_=2)
    await doors.open(customer.project, "Other", 3, id_=3)

    async def found(**query: str) -> list[str]:
        reply = await customer.get("Conferences", **query)
        assert reply.status == 200
        return [f"{one['friendly_name']} {one['status']}" for one in reply.json["conferences"]]

    assert await found() == ["Other init", "Room init", "Room completed"]
    assert await found(FriendlyName="Room", Status="init") == ["Room init"]
    assert await found(FriendlyName="room") == []
    assert await found(**{"DateCreated>": "2023-11-15"}) == ["Other init", "Room init"]
    assert await found(**{"DateCreated<": "2023-11-14"}) == ["Room completed"]
    assert await found(DateCreated="2023-11-14") == ["Room completed"]


async def test_a_list_is_ones_own(doors: Doors, signalwire: Speaker, twilio: Speaker) -> None:
    await doors.open(twilio.project, "Room", 1)
    assert (await signalwire.get("Conferences")).json["conferences"] == []


@pytest.mark.parametrize(
    "query", [{"Status": "x"}, {"DateCreated": "2023-11-14T00:00:00Z"}, {"PageSize": "0"}]
)
async def test_refused_filters(signalwire: Speaker, twilio: Speaker, query: dict[str, str]) -> None:
    assert (await signalwire.get("Conferences", **query)).status == 422
    assert (await twilio.get("Conferences", **query)).status == 400


async def test_fetch(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    reply = await customer.get(f"Conferences/{customer.show(room.id)}.json")
    assert (reply.json["friendly_name"], reply.json["status"]) == ("Room", "in-progress")
    people = await customer.get(reply.json["subresource_uris"]["participants"])
    assert len(people.json["participants"]) == 2


async def test_ending(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    path = f"Conferences/{customer.show(room.id)}"
    reply = await customer.post(path, Status="completed")
    assert (reply.status, reply.json["status"]) == (200, "completed")
    assert (await customer.get(path)).json == reply.json


async def test_ending_again(doors: Doors, signalwire: Speaker, twilio: Speaker) -> None:
    for speaker, code in ((signalwire, 10000), (twilio, 16022)):
        room = await doors.open(speaker.project, "Room", 1, id_=speaker.project.id.value)
        await doors.switchboard.take(room, End())
        reply = await speaker.post(f"Conferences/{speaker.show(room.id)}", Status="completed")
        assert (reply.status, reply.json["code"]) == (400, code)


async def test_a_status_other_than_completed(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    reply = await customer.post(f"Conferences/{customer.show(room.id)}", Status="in-progress")
    assert reply.json["code"] == 21475


async def test_announcing_to_everybody(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    path = f"Conferences/{customer.show(room.id)}"
    reply = await customer.post(path, AnnounceUrl="http://h/song")
    assert reply.status == 200
    stored = await doors.store.conference(room.id)
    assert stored is not None
    assert [one.document for one in stored.announcements] == [Document("http://h/song")]


async def test_an_update_of_nothing(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    path = f"Conferences/{customer.show(room.id)}"
    assert (await customer.ask("POST", path)).json == (await customer.get(path)).json


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
async def test_conferences_are_not_made_or_unmade_here(doors: Doors, customer: Speaker, method: str) -> None:
    room = await doors.open(customer.project, "Room", 1)
    path = "Conferences" if method == "POST" else f"Conferences/{customer.show(room.id)}"
    reply = await customer.ask(method, path)
    assert (reply.status, reply.json["code"]) == (405, 20004)
    assert "GET" in reply.headers["allow"]


async def test_who_hears_whom(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    people = (await customer.get(f"Conferences/{customer.show(room.id)}/Participants")).json["participants"]
    one, two = sorted(each["call_sid"] for each in people)
    await customer.post(f"Conferences/{customer.show(room.id)}/Participants/{one}", Muted="true")

    mix = (await customer.get(f"Conferences/{customer.show(room.id)}/Mix.json")).json

    views = {each["call_sid"]: each for each in mix["participants"]}
    assert (mix["conference_sid"], mix["status"]) == (customer.show(room.id), "in-progress")
    assert views[two]["others"] == [{"call_sid": one, "heard": False, "why": "muted"}]
    assert views[one]["others"] == [{"call_sid": two, "heard": True, "why": "room"}]
    assert (views[one]["talks_to"], views[two]["talks_to"]) == ("nobody", "room")


async def test_nobody_hears_anybody_when_it_is_over(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    await doors.switchboard.take(room, End())
    assert (await customer.get(f"Conferences/{customer.show(room.id)}/Mix")).json["participants"] == []
