"""Accounts, keys and tokens against the vendors' published specifications."""

from __future__ import annotations

import json

import pytest

from contract.test_dialects_openapi import FILES, operation_path, validate
from doors import Doors, Speaker, basic

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in FILES.values()), reason="the vendors' specifications are not there"
)


@pytest.fixture(params=list(FILES))
def customer(request: pytest.FixtureRequest) -> Speaker:
    return Doors().speaker(request.param)


def above(customer: Speaker, *segments: str) -> str:
    path = "/".join(("/Accounts", *segments))
    return f"/2010-04-01{path}.json" if customer.project.dialect == "twilio" else path


async def test_accounts(customer: Speaker) -> None:
    root = f"{customer.dialect.paths.prefix}/Accounts"
    made = await customer.post(f"{root}.json", FriendlyName="Sub")
    validate(customer, "post", above(customer), made)
    one = f"{root}/{made.json['sid']}.json"
    validate(customer, "get", above(customer, "{Sid}"), await customer.get(one))
    validate(customer, "post", above(customer, "{Sid}"), await customer.post(one, FriendlyName="Anew"))
    listed = await customer.get(f"{root}?PageSize=1")
    validate(customer, "get", above(customer), listed)
    validate(customer, "get", above(customer), await customer.get(listed.json["next_page_uri"]))


async def test_keys() -> None:
    twilio = Doors().speaker("twilio")
    made = await twilio.post("Keys.json", FriendlyName="laptop")
    validate(twilio, "post", operation_path(twilio, "Keys"), made)
    one = f"Keys/{made.json['sid']}.json"
    item = operation_path(twilio, "Keys", "{Sid}")
    validate(twilio, "get", item, await twilio.get(one))
    validate(twilio, "post", item, await twilio.post(one, FriendlyName="desk"))
    validate(twilio, "get", operation_path(twilio, "Keys"), await twilio.get("Keys.json"))
    validate(twilio, "delete", item, await twilio.delete(one))


async def test_tokens() -> None:
    signalwire = Doors().speaker("signalwire")
    every, item = operation_path(signalwire, "tokens"), operation_path(signalwire, "tokens", "{token_id}")
    made = await signalwire.post("tokens", {"name": "t", "permissions": "calling fax"})
    validate(signalwire, "post", every, made)
    validate(signalwire, "post", every, await signalwire.post("tokens", name="t"))
    one = f"tokens/{made.json['id']}"
    body = json.dumps({"permissions": ["numbers"]}).encode()
    changed = await signalwire.ask("PATCH", one, body, (("content-type", "application/json"),))
    validate(signalwire, "patch", item, changed)
    denied = await signalwire.doors.call(
        "GET", f"{signalwire.root}/Conferences", b"", (basic(signalwire.sid, made.json["token"]),)
    )
    validate(signalwire, "get", operation_path(signalwire, "Conferences"), denied)
    validate(signalwire, "delete", item, await signalwire.delete(one))
    validate(signalwire, "delete", item, await signalwire.delete(one))
