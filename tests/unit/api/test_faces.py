from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as ET

from doors import Doors, Reply, Speaker
from roomtone.core.ids import CallId


def tree(reply: Reply) -> ET.Element:
    assert reply.headers["content-type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(reply.content)
    assert root.tag == "TwilioResponse"
    return root[0]


async def test_one_resource_in_xml(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "A & <B>", 1)
    path = f"Conferences/{customer.show(room.id)}"
    as_json = (await customer.get(path)).json
    found = tree(await customer.get(f"{path}.xml"))
    assert found.tag == "Conference"
    assert found.findtext("FriendlyName") == "A & <B>"
    assert found.findtext("Sid") == as_json["sid"]
    assert found.findtext("Uri") == as_json["uri"].removesuffix(".json") + ".xml"
    assert (await customer.get(found.findtext("Uri"))).status == 200
    people = found.find("SubresourceUris").findtext("Participants")
    assert tree(await customer.get(people)).tag == "Participants"


async def test_booleans_and_nulls_in_xml(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    found = tree(await customer.get(f"{customer.people(room, CallId(1))}.xml"))
    assert (found.tag, found.findtext("Muted"), found.findtext("CallSidToCoach")) == (
        "Participant",
        "false",
        "",
    )
    changed = tree(await customer.ask("POST", f"{customer.people(room, CallId(1))}.xml", b"Muted=true", ()))
    assert changed.findtext("Muted") == "true"


async def test_a_list_in_xml_leads_on_in_xml(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2, 3)
    page = tree(await customer.get(f"{customer.people(room)}.xml", PageSize="2"))
    assert (page.tag, page.get("page"), page.get("pagesize")) == ("Participants", "0", "2")
    assert page.get("previouspageuri") == ""
    assert [one.tag for one in page] == ["Participant", "Participant"]
    rest = tree(await customer.get(page.get("nextpageuri")))
    assert [one.findtext("CallSid") for one in rest] == [customer.show(CallId(1))]
    assert tree(await customer.get("Queues.xml")).tag == "Queues"


async def test_what_xml_cannot_hold_is_replaced(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "a\x07b\ufffec", 1)
    found = tree(await customer.get(f"Conferences/{customer.show(room.id)}.xml"))
    assert found.findtext("FriendlyName") == "a\ufffdb\ufffdc"


async def test_a_refusal_in_xml(customer: Speaker) -> None:
    for path in ("Conferences/nonsense.xml", "Nonsense.xml", "Conferences.xml?PageSize=0"):
        reply = await customer.get(path)
        error = tree(reply)
        assert error.tag == "RestException"
        assert [one.tag for one in error] == ["Status", "Message", "Code", "MoreInfo"]
        assert int(error.findtext("Status")) == reply.status
        assert error.findtext("MoreInfo").endswith(error.findtext("Code"))


async def test_a_list_in_csv(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, 'A "room", with\nlines', 1)
    reply = await customer.get("Conferences.csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(reply.content.decode(), newline=""))
    assert (row["Sid"], row["FriendlyName"]) == (customer.show(room.id), 'A "room", with\nlines')
    assert set(json.loads(row["SubresourceUris"])) == {"participants", "recordings"}
    assert row["Uri"].endswith(".csv")
    one = await customer.get(row["Uri"])
    assert one.content == reply.content
    assert (await customer.get("Queues.csv")).content == b""
    refused = await customer.get("Conferences/nonsense.csv")
    assert refused.json["code"] == 20404
