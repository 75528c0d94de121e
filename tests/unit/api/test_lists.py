"""Pages: walked as the SDKs walk them, by the addresses in the bodies."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from doors import Doors, Speaker, join
from roomtone.core.conference.messages import LegEnded
from roomtone.core.ids import CallId


async def walk(customer: Speaker, uri: str, key: str, address: str = "next_page_uri") -> list[list[str]]:
    """Give the pages from an address on, each as the names of its records."""
    pages = []
    next_uri: str | None = uri
    while next_uri is not None:
        reply = await customer.get(next_uri)
        assert reply.status == 200
        pages.append([one.get("call_sid") or one["sid"] for one in reply.json[key]])
        next_uri = reply.json[address]
    return pages


async def test_forward_to_the_end_and_back_to_the_head(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", *range(1, 8))
    names = [customer.show(CallId(number)) for number in range(7, 0, -1)]
    forward = await walk(customer, f"{customer.people(room)}?PageSize=3", "participants")
    assert forward == [names[:3], names[3:6], names[6:]]
    second = (await customer.get(customer.people(room), PageSize="3")).json["next_page_uri"]
    last = (await customer.get(second)).json["next_page_uri"]
    assert await walk(customer, last, "participants", "previous_page_uri") == [
        names[6:],
        names[3:6],
        names[:3],
    ]


@pytest.mark.parametrize("resource", ["IncomingPhoneNumbers", "LamlBins", "Conferences"])
async def test_every_list_is_walked_once_through(doors: Doors, customer: Speaker, resource: str) -> None:
    for number in range(5):
        if resource == "Conferences":
            await doors.open(customer.project, f"Room {number}", 1 + number, id_=1 + number)
        else:
            form = {"PhoneNumber": f"+155500000{number}", "Name": "x"}
            await customer.post(resource, form)
    key = {
        "IncomingPhoneNumbers": "incoming_phone_numbers",
        "LamlBins": "laml_bins",
        "Conferences": "conferences",
    }
    pages = await walk(customer, f"{resource}?PageSize=2", key[resource])
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({name for page in pages for name in page}) == 5


async def test_filters_and_size_are_repeated_in_every_address(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", *(join(number, muted=True) for number in (1, 2, 3)))
    first = (await customer.get(customer.people(room), PageSize="1", Muted="true", nonsense="1")).json
    second = (await customer.get(first["next_page_uri"])).json
    for uri in (first["uri"], first["first_page_uri"], first["next_page_uri"], second["previous_page_uri"]):
        query = parse_qs(urlsplit(uri).query)
        assert (query["Muted"], query["PageSize"], "nonsense" in query) == (["true"], ["1"], False)
    assert (await customer.get(first["uri"])).json == first


async def test_a_token_of_one_who_left_still_opens_its_page(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2, 3, 4)
    first = (await customer.get(customer.people(room), PageSize="2")).json
    stored = await doors.store.conference(room.id)
    assert stored is not None
    await doors.switchboard.take(stored, LegEnded(CallId(3)))
    second = (await customer.get(first["next_page_uri"])).json
    assert [one["call_sid"] for one in second["participants"]] == [
        customer.show(CallId(2)),
        customer.show(CallId(1)),
    ]


@pytest.mark.parametrize("resource", ["IncomingPhoneNumbers", "LamlBins"])
async def test_deleting_page_by_page_meets_everything(customer: Speaker, resource: str) -> None:
    for number in range(5):
        await customer.post(resource, {"PhoneNumber": f"+155500000{number}", "Name": "x"})
    key = {"IncomingPhoneNumbers": "incoming_phone_numbers", "LamlBins": "laml_bins"}[resource]
    uri: str | None = f"{resource}?PageSize=2"
    while uri is not None:
        page = (await customer.get(uri)).json
        for one in page[key]:
            assert (await customer.delete(one["uri"])).status == 204
        uri = page["next_page_uri"]
    assert (await customer.get(resource)).json[key] == []


async def test_a_page_past_the_end_is_empty(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    stored = room.participants[0]
    token = "PA" + customer.dialect.sids.show(stored.id)
    page = (await customer.get(customer.people(room), Page="1", PageToken=token)).json
    assert (page["participants"], page["next_page_uri"], page["previous_page_uri"]) == ([], None, None)


async def test_nothing_lies_before_the_first(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    token = "PB" + customer.dialect.sids.show(room.participants[-1].id)
    page = (await customer.get(customer.people(room), Page="1", PageToken=token)).json
    assert (page["participants"], page["next_page_uri"]) == ([], None)


async def test_tokens_of_other_lists_are_refused(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    other = await doors.open(customer.project, "Other", 2, id_=0xC1)
    show = customer.dialect.sids.show
    for token in (f"PA{show(other.participants[0].id)}", f"PA{show(CallId(1))}", "PA1234", "PAPA", "PB"):
        reply = await customer.get(customer.people(room), Page="1", PageToken=token)
        assert (reply.status, reply.json["code"]) in {(422, 21481), (400, 21481)}


async def test_anothers_token_is_refused(doors: Doors, signalwire: Speaker, twilio: Speaker) -> None:
    room = await doors.open(twilio.project, "Room", 1)
    reply = await signalwire.get("Conferences", Page="1", PageToken="PA" + signalwire.show(room.id))
    assert reply.json["code"] == 21481


async def test_page_numbers_and_sizes(doors: Doors, signalwire: Speaker, twilio: Speaker) -> None:
    cases = [
        ({"Page": "1"}, 54453, 21481),
        ({"PageSize": "0"}, 54454, 20007),
        ({"PageSize": "x"}, 54454, 20007),
    ]
    for query, theirs, ours in cases:
        assert (await signalwire.get("Conferences", **query)).json["code"] == theirs
        assert (await twilio.get("Conferences", **query)).json["code"] == ours
    for speaker in (signalwire, twilio):
        assert (await speaker.get("Conferences", PageSize="5000")).json["page_size"] == 1000


async def test_people_who_came_in_the_same_millisecond_are_told_apart(
    doors: Doors, customer: Speaker
) -> None:
    room = await doors.open(customer.project, "Room")
    for number in range(1, 6):
        room = await doors.switchboard.take(room, join(number))
    pages = await walk(customer, f"{customer.people(room)}?PageSize=2", "participants")
    assert sorted(name for page in pages for name in page) == [customer.show(CallId(n)) for n in range(1, 6)]


async def test_exactly_one_key_beside_the_vendors_own(doors: Doors, customer: Speaker) -> None:
    meta = {
        "end", "first_page_uri", "last_page_uri", "next_page_uri", "num_pages", "page", "page_size",
        "previous_page_uri", "start", "total", "uri",
    }  # fmt: skip
    room = await doors.open(customer.project, "Room", 1)
    for path in ("Conferences", customer.people(room), "IncomingPhoneNumbers", "LamlBins"):
        assert len(set((await customer.get(path)).json) - meta) == 1
