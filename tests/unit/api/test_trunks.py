"""Trunks by requests: of the operator's project alone, never with a secret, by the rules of the command line."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from doors import FORM, PROJECTS, Doors, Reply, Speaker, basic
from roomtone.core.access import ALL_BUT_MANAGEMENT, Key
from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.project import Project
from roomtone.core.routing import Trunk
from roomtone.dialects import DIALECTS

LEAST = {"Name": "carrier", "Uri": "sip:sbc.example"}
FULL = (
    ("Name", "carrier"), ("Uri", "sip:sbc1.example"), ("Uri", "sip:sbc2.example;transport=tcp"), ("Prefix", "+1"),
    ("Prefix", "+44"), ("Username", "acme"), ("Password", "s3cret-of-acme"), ("Codec", "pcma"), ("Calls", "30"),
    ("CallsPerS", "2.5"), ("Allow", "198.51.100.0/24"), ("OptionsS", "30"),
)  # fmt: skip


@pytest.fixture(params=list(DIALECTS))
def operator(request: pytest.FixtureRequest) -> Speaker:
    """The customer whom the setting names."""
    return Doors(operator=PROJECTS[request.param].id).speaker(request.param)


async def sent(speaker: Speaker, path: str, *pairs: tuple[str, str]) -> Reply:
    return await speaker.ask("POST", path, urlencode(pairs).encode(), (("content-type", FORM),))


async def test_the_life_of_a_trunk(operator: Speaker) -> None:
    doors = operator.doors
    made = await sent(operator, "Trunks.json", *FULL)
    assert made.status == 201, made.content
    assert made.json == {
        "name": "carrier",
        "account_sid": operator.sid,
        "source": "database",
        "uris": ["sip:sbc1.example", "sip:sbc2.example;transport=tcp"],
        "prefixes": ["+1", "+44"],
        "username": "acme",
        "password_set": True,
        "codecs": ["PCMA"],
        "calls": 30,
        "calls_per_s": 2.5,
        "allow": ["198.51.100.0/24"],
        "options_s": 30.0,
        "calls_now": 0,
        "addresses": [
            {"uri": "sip:sbc1.example", "status": "unknown"},
            {"uri": "sip:sbc2.example;transport=tcp", "status": "unknown"},
        ],
    }
    (kept,) = await doors.store.trunks()
    assert (kept.password, kept.codecs, doors.switchboard.trunks.heeded) == ("s3cret-of-acme", ("PCMA",), 1)
    doors.switchboard.trunks.there = {"sip:sbc1.example": True, "sip:sbc2.example;transport=tcp": False}
    fetched = (await operator.get("Trunks/carrier")).json
    assert [one["status"] for one in fetched["addresses"]] == ["up", "down"]
    assert (await operator.get("Trunks.json")).json["trunks"] == [fetched]
    assert (await operator.delete("Trunks/carrier.json")).status == 204
    assert (await doors.store.trunks(), doors.switchboard.trunks.heeded) == ([], 2)
    for method in ("GET", "POST", "DELETE"):
        assert (await operator.ask(method, "Trunks/carrier")).status == 404


async def test_a_change_leaves_what_it_does_not_name(operator: Speaker) -> None:
    await sent(operator, "Trunks", *FULL)
    changed = await sent(
        operator, "Trunks/carrier", ("Uri", "sip:other.example"), ("Codec", ""), ("Calls", "0"), ("Name", "x")
    )
    assert changed.status == 200
    (kept,) = await operator.doors.store.trunks()
    assert (kept.name, kept.uris, kept.codecs, kept.calls) == ("carrier", ("sip:other.example",), (), 0)
    assert (kept.prefixes, kept.username, kept.password, kept.options_s) == (
        ("+1", "+44"),
        "acme",
        "s3cret-of-acme",
        30.0,
    )
    gone = await sent(operator, "Trunks/carrier", ("Username", ""), ("Password", ""))
    assert (gone.json["username"], gone.json["password_set"]) == (None, False)
    assert operator.doors.switchboard.trunks.heeded == 3


async def test_lists_come_as_arrays_of_json_too(operator: Speaker) -> None:
    wish = {"Name": "pbx", "Uri": ["sip:a.example", "sip:b.example"], "Prefix": ["+1"], "OptionsS": 1.5}
    made = await operator.post_json("Trunks.json", wish)
    assert (made.status, made.json["uris"], made.json["options_s"]) == (
        201,
        ["sip:a.example", "sip:b.example"],
        1.5,
    )


async def test_no_answer_has_a_password(operator: Speaker) -> None:
    hidden = Trunk("sip:acme:s3cret-of-acme@old.example", ("+",), "u", "s3cret-of-acme")
    operator.doors.switchboard.trunks.settled = (hidden,)
    answers = [
        await sent(operator, "Trunks", *FULL),
        await sent(operator, "Trunks", *FULL),
        await sent(operator, "Trunks/carrier", ("Password", "s3cret-of-acme")),
        await sent(operator, "Trunks/carrier", ("Uri", "sip:acme:s3cret-of-acme@sbc.example")),
        await operator.get("Trunks"),
        await operator.get("Trunks.xml"),
        await operator.get("Trunks.csv"),
        await operator.get("Trunks/carrier"),
        await operator.get("Trunks/sip%3Aacme%40old.example"),
    ]
    assert [one.status for one in answers][4:] == [200] * 5
    assert not any(b"s3cret" in one.content for one in answers)


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({}, "Name"),
        ({"Uri": ""}, "Uri"),
        ({**LEAST, "Name": ".."}, "Name"),
        ({**LEAST, "Uri": "http://sbc.example"}, "Uri"),
        ({**LEAST, "Uri": "sip:u:p@sbc.example"}, "Uri"),
        ({**LEAST, "Prefix": "49"}, "Prefix"),
        ({**LEAST, "Codec": "mp3"}, "Codec"),
        ({**LEAST, "Username": "a\r\nb"}, "Username"),
        ({**LEAST, "Calls": "many"}, "Calls"),
        ({**LEAST, "CallsPerS": "-1"}, "CallsPerS"),
        ({**LEAST, "CallsPerS": "nan"}, "CallsPerS"),
        ({**LEAST, "OptionsS": "1e999"}, "OptionsS"),
        ({**LEAST, "Allow": "198.51.100.1/24"}, "Allow"),
    ],
)
async def test_what_is_unfit_is_refused_by_its_name_and_nothing_is_kept(
    operator: Speaker, form: dict[str, str], named: str
) -> None:
    reply = await operator.post("Trunks", {"Name": "carrier", **form} if form else {})
    assert reply.status in {400, 422}
    assert reply.json["message"].startswith(f"{named} "), reply.json
    assert await operator.doors.store.trunks() == []
    assert operator.doors.switchboard.trunks.heeded == 0


async def test_an_unfit_change_leaves_a_trunk_as_it_was(operator: Speaker) -> None:
    await sent(operator, "Trunks", *FULL)
    before = await operator.doors.store.trunks()
    refused = await sent(operator, "Trunks/carrier", ("Uri", ""))
    assert (refused.status in {400, 422}, refused.json["message"][:4]) == (True, "Uri ")
    assert await operator.doors.store.trunks() == before


async def test_a_name_is_given_once_in_the_settings_too(operator: Speaker) -> None:
    operator.doors.switchboard.trunks.settled = (Trunk("sip:a.example", ("+",), name="declared"),)
    assert (await operator.post("Trunks", LEAST)).status == 201
    for name in ("carrier", "declared"):
        refused = await operator.post("Trunks", {**LEAST, "Name": name})
        assert refused.status in {409, 422}
        assert refused.json["message"].startswith("Name is taken")


async def test_what_stands_in_the_settings_is_told_and_not_changed(operator: Speaker) -> None:
    settled = (
        Trunk("sip:a.example", ("+",), name="declared"),
        Trunk("sip:b.example;transport=tcp", ("+49",)),
    )
    operator.doors.switchboard.trunks.settled = settled
    await operator.post("Trunks", LEAST)
    listed = (await operator.get("Trunks")).json["trunks"]
    names = ["declared", "sip:b.example;transport=tcp", "carrier"]
    assert [(one["name"], one["source"]) for one in listed] == list(
        zip(names, ("settings", "settings", "database"), strict=True)
    )
    assert (await operator.get("Trunks/sip%3Ab.example%3Btransport%3Dtcp")).json == listed[1]
    for method in ("POST", "DELETE"):
        refused = await operator.ask(method, "Trunks/declared")
        assert refused.status in {409, 422}
        assert "--" not in refused.headers["hint"]
        assert "settings" in refused.json["message"]


@pytest.mark.parametrize("named", ["signalwire", None])
async def test_trunks_are_open_to_the_operators_project_alone(named: str | None) -> None:
    doors = Doors(operator=None if named is None else PROJECTS[named].id)
    await doors.store.add_trunk(Trunk("sip:a.example", ("+",), name="carrier"), 1)
    other = doors.speaker("twilio")
    for method, path in (
        ("GET", "Trunks"), ("POST", "Trunks"), ("GET", "Trunks/carrier"), ("POST", "Trunks/carrier"),
        ("DELETE", "Trunks/carrier"), ("GET", "Trunks/nobody"),
    ):  # fmt: skip
        refused = await other.ask(method, path)
        assert (refused.status, refused.json["code"]) == (403, 20403)
        assert "--operator SID" in refused.headers["hint"]
    assert len(await doors.store.trunks()) == 1


async def test_projects_below_the_operators_may_not(operator: Speaker) -> None:
    below = Project(ProjectId(0xBE), "below", operator.project.dialect, "key", 1, parent=operator.project.id)
    await operator.doors.store.add_project(below, "t")
    root = operator.root.replace(operator.sid, operator.dialect.sids.show(below.id))
    assert (await operator.get(f"{root}/Trunks")).status == 403


async def test_a_key_without_management_may_not(operator: Speaker) -> None:
    key = Key(KeyId(9), operator.project.id, "desk", ALL_BUT_MANAGEMENT, 1, 1)
    await operator.doors.store.add_key(key, "secret")
    shown = basic(operator.dialect.sids.show(key.id), "secret")
    reply = await operator.doors.call("GET", f"{operator.root}/Trunks", b"", (shown,))
    assert reply.status == 401
