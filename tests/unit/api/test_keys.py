from __future__ import annotations

import json
from typing import Any

import pytest

from doors import Reply, Speaker, basic
from roomtone.api.routes import ROUTES
from roomtone.api.scopes import NEEDED
from roomtone.core.access import ALL_BUT_MANAGEMENT, Permission

RESOURCES = {route.name.partition(".")[0].rpartition("-")[2] for route in ROUTES}


async def token(customer: Speaker, *permissions: str, **more: str) -> dict[str, Any]:
    form = [("name", "t"), *(("permissions[]", one) for one in permissions), *more.items()]
    body = "&".join(f"{name}={value}" for name, value in form).encode()
    headers = (("content-type", "application/x-www-form-urlencoded"),)
    reply = await customer.ask("POST", "tokens", body, headers)
    assert reply.status == 200, reply
    told: dict[str, Any] = reply.json
    return told


async def with_(customer: Speaker, user: str, secret: str, path: str, method: str = "GET") -> Reply:
    return await customer.doors.call(method, f"{customer.root}/{path}", b"", (basic(user, secret),))


async def test_a_token_opens_what_its_permissions_say(signalwire: Speaker) -> None:
    made = await token(signalwire, "numbers")
    assert made["permissions"] == ["numbers"]
    assert made["token"].startswith("PT")
    assert (await with_(signalwire, signalwire.sid, made["token"], "IncomingPhoneNumbers")).status == 200
    denied = await with_(signalwire, signalwire.sid, made["token"], "Conferences")
    assert (denied.status, denied.json["code"]) == (401, 20003)
    assert "calling" in denied.json["message"]
    assert "www-authenticate" in denied.headers


@pytest.mark.parametrize(
    ("path", "opener"),
    [
        ("Conferences", "calling"),
        ("IncomingPhoneNumbers", "numbers"),
        ("LamlBins", "messaging"),
        ("LamlBins", "fax"),
        ("Keys", "management"),
    ],
)
async def test_every_scope_opens_its_own_and_no_other_does(customer: Speaker, path: str, opener: str) -> None:
    closed = {one.value for one in Permission} - {opener, "calling", "messaging", "fax"}
    for words, status in (((opener,), 200), (tuple(sorted(closed)), 401)):
        made = await token(customer, *words)
        assert (await with_(customer, customer.sid, made["token"], path)).status == status


async def test_a_token_is_changed_by_json_and_revoked(signalwire: Speaker) -> None:
    made = await token(signalwire, "numbers")
    change = json.dumps({"name": "anew", "permissions": ["calling", "fax"]}).encode()
    reply = await signalwire.ask(
        "PATCH", f"tokens/{made['id']}", change, (("content-type", "application/json"),)
    )
    assert reply.json == {
        "id": made["id"],
        "name": "anew",
        "permissions": ["calling", "fax"],
        "token": "redacted",
    }
    assert (await with_(signalwire, signalwire.sid, made["token"], "Conferences")).status == 200
    assert (await signalwire.delete(f"tokens/{made['id']}")).status == 204
    assert (await with_(signalwire, signalwire.sid, made["token"], "Conferences")).status == 401
    assert (await signalwire.delete(f"tokens/{made['id']}")).status == 404


async def test_keys_are_made_and_changed_with_permissions_of_ones_choice(customer: Speaker) -> None:
    made = (await customer.post("Keys", FriendlyName="desk", Permissions="calling numbers")).json
    standard = (await customer.post("Keys", FriendlyName="any")).json
    assert (await with_(customer, made["sid"], made["secret"], "Conferences")).status == 200
    assert (await with_(customer, made["sid"], made["secret"], "LamlBins")).status == 200
    changed = await customer.post(f"Keys/{made['sid']}", FriendlyName="desk 2", Permissions="numbers")
    assert (changed.status, changed.json["friendly_name"]) == (200, "desk 2")
    assert (await with_(customer, made["sid"], made["secret"], "Conferences")).status == 401, "at once"
    assert (await with_(customer, made["sid"], made["secret"], "IncomingPhoneNumbers")).status == 200
    renamed = await customer.post(f"SigningKeys/{made['sid']}", FriendlyName="desk 3")
    assert renamed.status == 200
    token_ = (await customer.get(f"tokens/{made['sid']}")).json
    assert token_ == {"id": made["sid"], "name": "desk 3", "permissions": ["numbers"], "token": "redacted"}
    listed = (await customer.get("tokens")).json["tokens"]
    assert [one["name"] for one in listed] == ["any", "desk 3"]
    assert listed[0]["permissions"] == sorted(ALL_BUT_MANAGEMENT)
    assert (await customer.get(f"tokens/{standard['sid']}")).json == listed[0]
    odd = await customer.post(f"Keys/{made['sid']}", Permissions="numbers flying")
    assert (odd.status, odd.json["code"]) == (
        (422, 10003) if customer.dialect.name == "signalwire" else (400, 20422)
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "Keys/{own}", b"Permissions=management+calling"),
        ("POST", "SigningKeys/{own}", b"Permissions=management&Permissions=fax"),
        ("PATCH", "tokens/{own}", b"permissions=calling"),
        ("POST", "Keys/{other}", b"Permissions=calling"),
        ("POST", "Keys", b"FriendlyName=x&Permissions=calling"),
        ("POST", "Keys", b"FriendlyName=x"),
        ("POST", "tokens", b"name=x&permissions=management+calling"),
        ("POST", "SignatureKey", b"Overlap=60"),
        ("POST", "SignatureKey", b"Key=a+key+of+our+own+making%2C+by+dice"),
    ],
)
async def test_nobody_gives_a_permission_they_do_not_have(
    customer: Speaker, method: str, path: str, body: bytes
) -> None:
    own, other = await token(customer, "management"), await token(customer, "fax")
    headers = (basic(customer.sid, own["token"]), ("content-type", "application/x-www-form-urlencoded"))
    place = f"{customer.root}/{path.format(own=own['id'], other=other['id'])}"
    reply = await customer.doors.call(method, place, body, headers)
    assert (reply.status, reply.json["code"]) == (
        401,
        20003 if customer.dialect.name == "signalwire" else 20006,
    )
    assert "does not have" in reply.json["message"]
    listed = (await customer.get("tokens")).json["tokens"]
    assert [one["permissions"] for one in listed] == [["fax"], ["management"]]


async def test_what_opens_an_account_is_told_only_to_who_may_open_it(customer: Speaker) -> None:
    root = f"{customer.dialect.paths.prefix}/Accounts"
    own, whole = await token(customer, "management"), await token(customer, *Permission)
    below = (await customer.post(root, FriendlyName="Sub")).json

    async def told(secret: str, path: str, body: bytes = b"") -> list[dict[str, Any]]:
        headers = (basic(customer.sid, secret), ("content-type", "application/x-www-form-urlencoded"))
        reply = await customer.doors.call("POST" if body else "GET", f"{root}{path}", body, headers)
        assert reply.status in {200, 201}, reply
        accounts: list[dict[str, Any]] = reply.json.get("accounts", [reply.json])
        return accounts

    places = [
        ("", b""),
        ("", b"FriendlyName=new"),
        *((f"/{sid}", body) for sid in (customer.sid, below["sid"]) for body in (b"", b"FriendlyName=x")),
    ]
    for path, body in places:
        for one in await told(own["token"], path, body):
            assert (one["auth_token"], one.get("signing_key")) == ("redacted", None)
        if customer.dialect.name == "twilio":
            assert all(one["auth_token"] != "redacted" for one in await told(whole["token"], path, body))
    made = await told(whole["token"], "", b"FriendlyName=new")
    assert customer.dialect.name == "twilio" or made[0]["signing_key"].startswith("PSK_")


async def test_who_manages_keys_narrows_others_renames_them_and_gives_what_they_have(
    customer: Speaker,
) -> None:
    own = await token(customer, "management", "fax")
    other = await token(customer, "calling", "numbers")
    headers = (basic(customer.sid, own["token"]), ("content-type", "application/x-www-form-urlencoded"))
    for body, left in (
        (b"FriendlyName=renamed", ["calling", "numbers"]),
        (b"Permissions=calling", ["calling"]),
        (b"Permissions=calling+fax", ["calling", "fax"]),
    ):
        place = f"{customer.root}/Keys/{other['id']}"
        assert (await customer.doors.call("POST", place, body, headers)).status == 200
        assert (await customer.get(f"tokens/{other['id']}")).json["permissions"] == left
    standard = await customer.doors.call("POST", f"{customer.root}/Keys", b"FriendlyName=x", headers)
    assert standard.status == 201
    assert (await customer.get(f"tokens/{standard.json['sid']}")).json["permissions"] == ["fax"]


async def test_two_tokens_are_valid_at_once(signalwire: Speaker) -> None:
    old, new = await token(signalwire, "calling"), await token(signalwire, "calling")
    for one in (old, new):
        assert (await with_(signalwire, signalwire.sid, one["token"], "Conferences")).status == 200
    await signalwire.delete(f"tokens/{old['id']}")
    assert (await with_(signalwire, signalwire.sid, new["token"], "Conferences")).status == 200


@pytest.mark.parametrize(
    ("form", "attribute", "code"),
    [
        ({"permissions": "calling"}, "name", "10000"),
        ({"name": "t"}, "permissions", "10000"),
        ({"name": "t", "permissions": "flying"}, "permissions", "10003"),
        ({"name": "t", "permissions": "fax", "subproject_id": "x"}, "subproject_id", "10004"),
        ({"name": "x" * 65, "permissions": "fax"}, "name", "10000"),
    ],
)
async def test_a_tokens_refusal_is_one_flat_object(
    signalwire: Speaker, form: dict[str, str], attribute: str, code: str
) -> None:
    reply = await signalwire.post("tokens", form)
    assert reply.status == 422
    assert list(reply.json) == ["type", "code", "message", "attribute", "url"]
    assert (reply.json["attribute"], reply.json["code"]) == (attribute, code)


async def test_a_parent_makes_tokens_for_its_subprojects_alone(signalwire: Speaker, twilio: Speaker) -> None:
    root = f"{signalwire.dialect.paths.prefix}/Accounts"
    sub = (await signalwire.post(root, FriendlyName="Sub")).json["sid"]
    made = await token(signalwire, "calling", subproject_id=sub)
    path = f"{root}/{sub}/Conferences"
    assert (await signalwire.doors.call("GET", path, b"", (basic(sub, made["token"]),))).status == 200
    assert (await with_(signalwire, sub, made["token"], "Conferences")).status == 401, "not the parent's"
    foreign = await signalwire.post("tokens", name="t", permissions="fax", subproject_id=twilio.sid)
    assert (foreign.status, foreign.json["code"]) == (422, "10004")
    assert (await signalwire.delete(f"tokens/{made['id']}")).status == 204


async def test_keys_are_listed_fetched_renamed_and_revoked(twilio: Speaker) -> None:
    made = await twilio.post("Keys.json", FriendlyName="laptop")
    assert made.status == 201
    sid, secret = made.json["sid"], made.json["secret"]
    assert sid.startswith("SK")
    assert (await with_(twilio, sid, secret, "Conferences.json")).status == 200
    assert (await with_(twilio, sid, secret + "x", "Conferences.json")).status == 401
    assert (await with_(twilio, sid, secret, "Keys.json")).json["code"] == 20006, (
        "no standard key manages keys"
    )
    listed = await twilio.get("Keys.json")
    assert [one["sid"] for one in listed.json["keys"]] == [sid], "the account's own token is no key"
    assert "secret" not in listed.json["keys"][0]
    renamed = await twilio.post(f"Keys/{sid}.json", FriendlyName="desk")
    assert renamed.json["friendly_name"] == "desk"
    assert (await twilio.get(f"Keys/{sid}.json")).json == renamed.json
    assert (await twilio.delete(f"Keys/{sid}.json")).status == 204
    assert (await with_(twilio, sid, secret, "Conferences.json")).status == 401
    assert (await twilio.get(f"Keys/{sid}.json")).status == 404


async def test_a_main_key_is_out_of_the_apis_reach(customer: Speaker) -> None:
    main = customer.dialect.sids.show(
        (await customer.doors.store.access(customer.project.id, "s3cret")).key.id  # type: ignore[union-attr]
    )
    assert (await customer.get(f"Keys/{main}")).status == 404
    assert (await customer.delete(f"Keys/{main}")).status == 404


async def test_keys_of_others_are_not_there(signalwire: Speaker, twilio: Speaker) -> None:
    made = (await twilio.post("Keys.json")).json["sid"]
    for method in ("GET", "DELETE"):
        assert (await signalwire.ask(method, f"Keys/{made}")).status == 404


def test_every_scope_is_of_a_resource_that_there_is() -> None:
    assert set(NEEDED) <= RESOURCES


def test_what_needs_calling_is_about_calls() -> None:
    assert RESOURCES - set(NEEDED) == {
        "addresses",
        "calls",
        "conferences",
        "credentials",
        "deliveries",
        "domains",
        "lists",
        "mappings",
        "files",
        "media",
        "members",
        "mix",
        "moments",
        "notifications",
        "participants",
        "queues",
        "recordings",
        "redactions",
        "replays",
        "segments",
        "servers",
        "statistics",
        "streams",
        "timeline",
        "tracks",
        "transcriptions",
    }


async def test_signing_keys_are_keys_by_another_name(twilio: Speaker) -> None:
    made = await twilio.post("SigningKeys.json", FriendlyName="browser")
    assert made.status == 201
    sid, secret = made.json["sid"], made.json["secret"]
    assert (await with_(twilio, sid, secret, "Conferences.json")).status == 200
    listed = await twilio.get("SigningKeys.json")
    assert [one["sid"] for one in listed.json["signing_keys"]] == [sid]
    assert "/SigningKeys.json?" in listed.json["uri"]
    renamed = await twilio.post(f"SigningKeys/{sid}.json", FriendlyName="phone")
    assert (await twilio.get(f"Keys/{sid}.json")).json == renamed.json
    assert (await twilio.delete(f"SigningKeys/{sid}.json")).status == 204
    assert (await twilio.get(f"SigningKeys/{sid}.json")).status == 404
