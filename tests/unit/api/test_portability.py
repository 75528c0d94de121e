from __future__ import annotations

import logging

import pytest

from doors import Doors, Speaker, join
from roomtone.core.ids import CallId
from roomtone.core.usage import Use


async def used(customer: Speaker) -> dict[str, str]:
    return {one.feature: one.lacking for one in await customer.doors.store.uses(customer.project.id)}


async def test_what_leans_on_one_vendor_is_noted_once(
    doors: Doors, customer: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    room = await doors.open(customer.project, "Room", 1, join(2, label="two"))
    with caplog.at_level(logging.INFO, "roomtone.api.portability"):
        for _ in range(2):
            await customer.post(
                customer.people(room, CallId(1)) + ".json", Muted="true", EndConferenceOnExit="true"
            )
            await customer.get(customer.people(room, "two") + ".json")
            await customer.get("LamlBins.json")
            await customer.get("Conferences.xml")
    assert await used(customer) == {
        "participants.update EndConferenceOnExit": "signalwire",
        "participants by label": "signalwire",
        "bins.list": "twilio",
        "answers in XML": "signalwire",
    }
    assert len([one for one in caplog.records if "not portable" in one.getMessage()]) == 4


async def test_what_both_have_is_not_noted(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    await customer.get(customer.people(room, CallId(1)) + ".json")
    await customer.post(customer.people(room, CallId(1)) + ".json", Muted="true", Hold="false")
    await customer.post("Applications.json", FriendlyName="a", VoiceUrl="https://h/")
    await customer.get("Calls.json", Status="busy", PageSize="2")
    assert await used(customer) == {}


async def test_what_was_refused_is_not_noted(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    await customer.post(customer.people(room, CallId(1)) + ".json", EndConferenceOnExit="perhaps")
    await customer.get(customer.people(room, "nobody") + ".json")
    assert await used(customer) == {}


async def test_a_store_that_cannot_note_refuses_nothing(doors: Doors, customer: Speaker) -> None:
    notes = doors.store.note_use
    broken: list[Use] = []

    async def fail(use: Use) -> None:
        broken.append(use)
        raise OSError("disk full")

    doors.store.note_use = fail
    assert (await customer.get("LamlBins.json")).status == 200
    assert len(broken) == 1
    doors.store.note_use = notes
    await customer.get("LamlBins.json")
    assert await used(customer) == {"bins.list": "twilio"}, "it is noted as soon as it can be"
