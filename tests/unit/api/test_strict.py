"""Strict projects: served as their vendor would, and nothing beyond; everybody else as kindly as ever."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from doors import FORM, Doors, Speaker, join
from roomtone.api.routes import OPEN, ROUTES, Route
from roomtone.core.ids import CallId, ConferenceId
from roomtone.dialects import DIALECTS


@pytest.fixture
def strict(doors: Doors, customer: Speaker) -> Speaker:
    """The customer, held to what the vendor takes."""
    held = replace(customer.project, strict=True)
    doors.store.put_project(held, "s3cret")
    return replace(customer, project=held)


def path_of(route: Route) -> str:
    return "/".join("x" if part == OPEN else part for part in route.pattern)


async def test_what_the_vendor_lacks_is_not_there(strict: Speaker) -> None:
    lacking = [one for one in ROUTES if one.vendors not in {"both", strict.project.dialect}]
    for route in lacking:
        reply = await strict.ask(route.method, f"{path_of(route)}.json")
        assert (reply.status, reply.json["code"]) in {(404, 20404), (405, 20004)}, route.name
    assert len(lacking) > 5


async def test_parameters_the_vendor_does_not_know_are_ignored(doors: Doors, strict: Speaker) -> None:
    room = await doors.open(strict.project, "Room", 1)
    told = await strict.post(
        strict.people(room, CallId(1)) + ".json", EndConferenceOnExit="true", Muted="true"
    )
    assert told.json["muted"] is True
    assert told.json["end_conference_on_exit"] is (strict.project.dialect == "twilio")


async def test_the_others_prefix_is_not_found_at_twilio(doors: Doors, strict: Speaker) -> None:
    for prefix in ("/api/laml/2010-04-01", "/2010-04-01"):
        path = f"{prefix}/Accounts/{strict.sid}/Conferences.json"
        status = (await doors.call("GET", path, b"", [strict.authorization])).status
        assert status == (404 if strict.project.dialect == "twilio" and "laml" in prefix else 200)


async def test_the_others_ids_are_not_read(doors: Doors, strict: Speaker) -> None:
    room = await doors.open(strict.project, "Room", 1, 2)
    (other,) = (one for one in DIALECTS.values() if one is not strict.dialect)
    show = other.sids.show
    assert (await strict.get(f"Conferences/{show(room.id)}.json")).status == 404
    assert (await strict.get(f"{strict.people(room, show(CallId(1)))}.json")).status == 404
    assert (
        await strict.get(f"{other.paths.prefix}/Accounts/{show(strict.project.id)}/Calls.json")
    ).status == 404
    path = f"{strict.people(room, CallId(1))}.json"
    told = await strict.post(path, Coaching="true", CallSidToCoach=show(CallId(2)))
    assert told.json["code"] == {"signalwire": 16002, "twilio": 16028}[strict.project.dialect]
    assert (await strict.post(path, Coaching="true", CallSidToCoach=strict.show(CallId(2)))).status == 200


async def test_a_label_stands_for_a_call_at_twilio_alone(doors: Doors, strict: Speaker) -> None:
    room = await doors.open(strict.project, "Room", 1, join(2, label="two"))
    reply = await strict.get(strict.people(room, "two") + ".json")
    assert reply.status == {"signalwire": 404, "twilio": 200}[strict.project.dialect]


async def test_no_suffix_is_xml_at_twilio(strict: Speaker) -> None:
    list_, refusal = await strict.get("Conferences"), await strict.get("Conferences/x")
    kind = {"signalwire": "application/json", "twilio": "application/xml"}[strict.project.dialect]
    assert list_.headers["content-type"].startswith(kind)
    assert refusal.headers["content-type"].startswith(kind)
    assert (list_.status, refusal.status) == (200, 404)
    assert (await strict.get("Conferences.json")).json["conferences"] == []


async def test_xml_and_csv_are_twilios(strict: Speaker) -> None:
    for suffix in (".xml", ".csv"):
        status = (await strict.get(f"Conferences{suffix}")).status
        assert status == {"signalwire": 404, "twilio": 200}[strict.project.dialect]


async def test_json_is_read_at_signalwire_alone(doors: Doors, strict: Speaker) -> None:
    room = await doors.open(strict.project, "Room", 1)
    path = f"{strict.people(room, CallId(1))}.json"
    reply = await strict.post_json(path, {"Muted": True})
    assert reply.status == {"signalwire": 200, "twilio": 400}[strict.project.dialect]
    empty = await strict.ask("POST", path, b"{}", [("content-type", "application/json")])
    assert empty.status == 200, "nothing was said in it"


async def test_a_page_is_at_most_a_thousand(strict: Speaker) -> None:
    assert (await strict.get("Calls.json", PageSize="1000")).status == 200
    reply = await strict.get("Calls.json", PageSize="1001")
    assert (reply.status, reply.json["code"]) == {"signalwire": (422, 54454), "twilio": (400, 20007)}[
        strict.project.dialect
    ]


async def test_digits_are_no_booleans(doors: Doors, strict: Speaker) -> None:
    room = await doors.open(strict.project, "Room", join(1, muted=True))
    path = f"{strict.people(room, CallId(1))}.json"
    assert (await strict.post(path, Hold="1")).status == {"signalwire": 422, "twilio": 400}[
        strict.project.dialect
    ]
    muted = await strict.post(path, Muted="1")
    if strict.project.dialect == "twilio":
        assert muted.json["muted"] is False, "anything but true is false"
    else:
        assert muted.status == 422


async def test_a_long_name_is_looked_for_at_twilio_alone(strict: Speaker) -> None:
    reply = await strict.get("Conferences.json", FriendlyName="x" * 65)
    assert reply.status == {"signalwire": 422, "twilio": 200}[strict.project.dialect]


async def test_an_account_is_made_strict_and_lenient_again(doors: Doors, customer: Speaker) -> None:
    bins = "LamlBins.json" if customer.project.dialect == "twilio" else "Keys.json"
    assert (await customer.get(bins)).status == 200
    assert (
        await customer.post(f"/2010-04-01/Accounts/{customer.sid}.json", Strict="true", FriendlyName="x")
    ).status == 200
    assert doors.store.projects[customer.project.id].strict
    doors.store.put_project(doors.store.projects[customer.project.id], "s3cret")
    assert (await customer.get(bins)).status == 404
    assert (
        await customer.post(f"/2010-04-01/Accounts/{customer.sid}.json", Strict="false", FriendlyName="x")
    ).status == 200
    assert not doors.store.projects[customer.project.id].strict


async def test_an_account_below_a_strict_one_is_strict(doors: Doors, strict: Speaker) -> None:
    made = await strict.post("/2010-04-01/Accounts.json", FriendlyName="below")
    below = next(one for one in doors.store.projects.values() if one.parent == strict.project.id)
    assert made.status == 201
    assert below.strict


async def test_what_strict_mode_would_not_take_is_noted(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    (other,) = (one for one in DIALECTS.values() if one is not customer.dialect)
    await customer.get(f"Conferences/{other.sids.show(room.id)}.json")
    await customer.get("Conferences.json", PageSize="5000")
    await customer.post(f"{customer.people(room, CallId(1))}.json", Hold="0")
    kept = await doors.store.uses(customer.project.id)
    assert {(one.feature, one.lacking) for one in kept} == {
        (feature, customer.project.dialect)
        for feature in (
            "ids in the other vendor's spelling",
            "PageSize over 1000",
            "1 and 0 for true and false",
        )
    }


async def test_a_strict_project_uses_nothing_that_its_vendor_lacks(doors: Doors, strict: Speaker) -> None:
    room = await doors.open(strict.project, "Room", 1)
    await strict.ask(
        "POST", f"{strict.people(room, CallId(1))}.json", b"Muted=true", [("content-type", FORM)]
    )
    await strict.get(f"Conferences/{strict.show(ConferenceId(0xC0))}.json")
    assert json.dumps(await doors.store.uses(strict.project.id)) == "[]"
