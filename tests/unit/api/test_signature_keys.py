"""Exchanging the key of signatures by request: both sign meanwhile, and neither is told to anybody but who makes it."""

from __future__ import annotations

import pytest

from doors import Doors, Speaker

OWN = "a key of our own making, by dice"
WORDS = [{"Key": "k" * 31}, {"Key": "k" * 129}, {"Key": "ümlaut" * 6}, {"Overlap": "soon"}, {"Overlap": "-1"}]


async def stored(doors: Doors, customer: Speaker) -> tuple[str, str | None, int]:
    project = await doors.store.project(customer.project.id)
    assert project is not None
    now_ms = doors.clock.now().wall_ms
    return project.signing_key, project.former_key(now_ms), project.previous_until_ms - now_ms


async def test_both_keys_sign_until_the_overlap_ends(doors: Doors, customer: Speaker) -> None:
    before = customer.project.signing_key
    reply = await customer.post("SignatureKey", Overlap="3600")
    assert reply.status == 201
    made = reply.json["signing_key"]
    assert made.startswith("PSK_")
    assert await stored(doors, customer) == (made, before, 3_600_000)
    told = (await customer.get("SignatureKey")).json
    assert told["signing_key"] is None
    assert told["previous_until"] == reply.json["previous_until"] is not None


async def test_a_key_of_ones_own_and_the_end_of_the_former(doors: Doors, customer: Speaker) -> None:
    reply = await customer.post("SignatureKey", Key=OWN)
    assert (reply.status, reply.json["signing_key"]) == (201, OWN)
    assert (await stored(doors, customer))[1:] == (customer.project.signing_key, 86_400_000)
    assert (await customer.delete("SignatureKey/Former")).status == 204
    assert (await stored(doors, customer))[:2] == (OWN, None)
    assert (await customer.delete("SignatureKey/Former")).status == 404
    assert (await customer.get("SignatureKey")).json["previous_until"] is None


@pytest.mark.parametrize("words", WORDS, ids=str)
async def test_what_is_no_key_changes_nothing(doors: Doors, customer: Speaker, words: dict[str, str]) -> None:
    before = await stored(doors, customer)
    assert (await customer.post("SignatureKey", **words)).status in {400, 422}
    assert (await stored(doors, customer))[:2] == before[:2]
