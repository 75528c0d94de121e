"""The official SDK, unmodified, makes a SIP domain and who may use it; a phone that is not ours then registers and calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from roomtone.testing.sip_caller import CallerSettings, CallFailed, SipCaller
from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.customer import Customer
from stage.server import Credentials, Server

PASSWORD = "CorrectHorse4"
NAME = "interop.sip.test"


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    one = await Customer().open()
    yield one
    await one.close()


@pytest.fixture
def client(server: Server, twilio_project: Credentials) -> Client:
    one = Client(twilio_project.sid, twilio_project.token)
    one.api.base_url = server.ready["http"].rstrip("/")
    return one


def furnish(client: Client, url: str) -> tuple[Any, Any]:
    """Make a domain and a list with one phone, each mapped for calls and registrations."""
    phones = client.sip.credential_lists.create(friendly_name="desks")
    phones_of = client.sip.credential_lists(phones.sid).credentials
    assert phones_of.create(username="alice", password=PASSWORD).username == "alice"
    domain = client.sip.domains.create(domain_name=NAME, voice_url=url, sip_registration=True)
    auth = client.sip.domains(domain.sid).auth
    auth.registrations.credential_list_mappings.create(credential_list_sid=phones.sid)
    auth.calls.credential_list_mappings.create(credential_list_sid=phones.sid)
    return domain, phones


def clear(client: Client) -> None:
    for domain in client.sip.domains.list():
        assert domain.delete()
    for phones in client.sip.credential_lists.list():
        assert phones.delete()
    for networks in client.sip.ip_access_control_lists.list():
        assert networks.delete()


@pytest.mark.usefixtures("baresip")
async def test_a_phone_registers_and_calls_with_a_credential_of_the_sdk(
    server: Server, client: Client, customer: Customer, tmp_path: Path
) -> None:
    tone = customer.host_tone("/tone", PITCHES_HZ[2], 60.0)
    url = customer.host("/voice", f"<Response><Play>{tone}</Play></Response>")
    domain, phones = await asyncio.to_thread(furnish, client, url)
    host, port = server.sip_address
    try:
        phone = await BaresipCaller.register(
            "alice", PASSWORD, (host, port), tmp_path / "alice", pitch_hz=PITCHES_HZ[0], dials=f"sip:desk@{host}:{port}"
        )  # fmt: skip
        try:
            await phone.wait_for_samples(8_000, 40)
            assert phone.levels((PITCHES_HZ[2],))[PITCHES_HZ[2]] > HEARD_DB
        finally:
            await phone.close()
        assert (await asyncio.to_thread(client.sip.domains(domain.sid).fetch)).auth_type == "CREDENTIAL_LIST"
        stranger = SipCaller((host, port), "desk", settings=CallerSettings(user="alice"))
        with pytest.raises(CallFailed) as failed:
            async with stranger:
                await stranger.answered()
        assert failed.value.over.status == 407
        auth = client.sip.domains(domain.sid).auth
        mapping = auth.registrations.credential_list_mappings(phones.sid)
        assert await asyncio.to_thread(mapping.delete)
        refused = await BaresipCaller.register(
            "alice", PASSWORD, (host, port), tmp_path / "again", pitch_hz=PITCHES_HZ[0]
        )
        try:
            await refused.says("403")
        finally:
            await refused.close()
    finally:
        await asyncio.to_thread(clear, client)


def test_everything_is_listed_fetched_updated_and_deleted(client: Client) -> None:
    domain, phones = furnish(client, "https://app.example/voice")
    client.sip.domains(domain.sid).update(friendly_name="Desk", voice_method="GET")
    fetched = client.sip.domains(domain.sid).fetch()
    assert (fetched.friendly_name, fetched.voice_method, fetched.sip_registration) == ("Desk", "GET", True)
    office = client.sip.ip_access_control_lists.create(friendly_name="office")
    addresses = client.sip.ip_access_control_lists(office.sid).ip_addresses
    door = addresses.create(friendly_name="door", ip_address="192.0.2.1", cidr_prefix_length=24)
    assert addresses(door.sid).update(cidr_prefix_length=32).cidr_prefix_length == 32
    assert [one.sid for one in addresses.list()] == [door.sid]
    calls = client.sip.domains(domain.sid).auth.calls
    calls.ip_access_control_list_mappings.create(ip_access_control_list_sid=office.sid)
    old = client.sip.domains(domain.sid).ip_access_control_list_mappings
    assert [one.domain_sid for one in old.list()] == [domain.sid]
    with pytest.raises(TwilioRestException) as no:
        client.sip.ip_access_control_lists(office.sid).delete()
    assert (no.value.status, no.value.code) == (400, 20409)
    assert old(office.sid).delete()
    credentials = client.sip.credential_lists(phones.sid).credentials
    (alice,) = credentials.list()
    assert credentials(alice.sid).update(password="Another horse 5").sid == alice.sid
    with pytest.raises(TwilioRestException) as no:
        credentials.create(username="bob", password="short")
    assert no.value.status == 400
    assert credentials(alice.sid).delete()
    assert client.sip.credential_lists(phones.sid).update(friendly_name="b").friendly_name == "b"
    clear(client)
    assert client.sip.domains.list() == []
