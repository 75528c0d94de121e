"""Twilio's Tokens: the operator's servers, and passes that a TURN server can check without asking us.

Source: draft-uberti-behave-turn-rest-00 (coturn's ``use-auth-secret``).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import replace

from doors import Doors, Speaker
from roomtone.api import FrontDesk, create_app
from roomtone.core.ice import IceServers

URLS = ("stun:ice.example:3478", "turn:ice.example:3478?transport=udp")


def with_servers(doors: Doors) -> None:
    desk = FrontDesk(doors.switchboard, doors.store, doors.clock, doors.dice, "https://room.example:8443")
    doors.app = create_app(replace(desk, ice=IceServers(URLS, "between us")))


async def test_a_pass_opens_the_turn_servers(doors: Doors, customer: Speaker) -> None:
    with_servers(doors)
    made = await customer.post("Tokens", Ttl="60")
    assert made.status == 201
    until = doors.clock.now().wall_ms // 1000 + 60
    name, password = made.json["username"], made.json["password"]
    assert name == f"{until}:{customer.project.id.hex}"
    assert password == b64encode(hmac.new(b"between us", name.encode(), "sha1").digest()).decode()
    stun, turn = made.json["ice_servers"]
    assert stun == {"url": URLS[0], "urls": URLS[0]}
    assert turn == {"url": URLS[1], "urls": URLS[1], "username": name, "credential": password}
    assert (made.json["ttl"], made.json["account_sid"]) == ("60", customer.sid)


async def test_a_pass_is_good_for_a_day_unless_told_otherwise(customer: Speaker) -> None:
    made = await customer.post("Tokens")
    assert (made.json["ttl"], made.json["ice_servers"]) == ("86400", [])
    for ttl in ("0", "86401", "x"):
        assert (await customer.post("Tokens", Ttl=ttl)).status in {400, 422}
