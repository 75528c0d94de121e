"""SIP domains, lists of phones and of networks, and which list a domain has taken."""

from __future__ import annotations

import pytest

from doors import Doors, Speaker
from roomtone.core.ids import CredentialListId, EndpointId
from roomtone.sip.digest import Algorithm, ha1

PASSWORD = "Correct horse 4"


async def made(customer: Speaker, path: str, **form: str) -> dict[str, str]:
    reply = await customer.post(path, form)
    assert reply.status == 201, reply.content
    return dict(reply.json)


async def domain(customer: Speaker, name: str = "pbx.example.com", **form: str) -> dict[str, str]:
    return await made(customer, "SIP/Domains", DomainName=name, **form)


async def test_the_life_of_a_domain(doors: Doors, customer: Speaker) -> None:
    one = await domain(customer, "PBX.example.com", VoiceUrl="https://h/voice", VoiceMethod="GET")
    assert (one["domain_name"], one["friendly_name"], one["auth_type"]) == (
        "pbx.example.com",
        "pbx.example.com",
        "",
    )
    assert (one["voice_url"], one["voice_method"], one["sip_registration"]) == (
        "https://h/voice",
        "GET",
        False,
    )
    assert (await customer.get("SIP/Domains")).json["domains"] == [one]
    doors.clock.advance(3)
    changed = await customer.post(one["uri"], FriendlyName="PBX", SipRegistration="true", VoiceUrl="")
    assert (changed.json["friendly_name"], changed.json["sip_registration"]) == ("PBX", True)
    assert (changed.json["voice_url"], changed.json["voice_method"]) == (None, "GET")
    assert (await customer.get(one["uri"])).json == changed.json
    assert (await customer.delete(one["uri"])).status == 204
    for method in ("GET", "POST", "DELETE"):
        assert (await customer.ask(method, one["uri"])).status == 404
    await domain(customer)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"DomainName": "no name"},
        {"DomainName": "192.0.2.1"},
        {"DomainName": "localhost"},
        {"DomainName": "-x.example"},
        {"DomainName": "a.example", "Secure": "true"},
        {"DomainName": "a.example", "VoiceUrl": "nowhere"},
        {"DomainName": "a.example", "SipRegistration": "perhaps"},
        {"DomainName": "a.example", "FriendlyName": "a\r\nb"},
    ],
)
async def test_what_is_no_domain_is_refused(customer: Speaker, form: dict[str, str]) -> None:
    assert (await customer.post("SIP/Domains", form)).status in {400, 422}
    assert (await customer.get("SIP/Domains")).json["domains"] == []


async def test_a_domain_is_given_once_in_the_house(twilio: Speaker, signalwire: Speaker) -> None:
    await domain(twilio)
    taken = await signalwire.post("SIP/Domains", DomainName="pbx.example.COM")
    assert (taken.status, taken.json["code"]) == (422, 21232)
    other = await domain(signalwire, "other.example.com")
    assert (await signalwire.post(other["uri"], DomainName="pbx.example.com")).json["code"] == 21232


async def test_the_houses_own_name_is_nobodys_domain(customer: Speaker) -> None:
    """Under it everybody's phones register."""
    own = "room.example"
    reply = await customer.post("SIP/Domains", DomainName=own)
    assert reply.json["code"] == 21232
    one = await domain(customer)
    assert (await customer.post(one["uri"], DomainName=own)).status == reply.status
    assert (await customer.get(one["uri"])).json["domain_name"] == "pbx.example.com"


async def test_what_has_no_effect_is_named_in_a_warning(twilio: Speaker) -> None:
    reply = await twilio.post("SIP/Domains", DomainName="a.example", EmergencyCallingEnabled="true")
    assert (reply.status, reply.json["emergency_calling_enabled"]) == (201, False)
    assert "EmergencyCallingEnabled" in reply.headers["warning"]


async def test_a_phone_of_a_list_is_kept_without_its_password(doors: Doors, customer: Speaker) -> None:
    phones = await made(customer, "SIP/CredentialLists", FriendlyName="desks")
    path = f"SIP/CredentialLists/{phones['sid']}/Credentials"
    assert phones["subresource_uris"]["credentials"].removesuffix(".json").endswith(path)  # type: ignore[index]
    one = await made(customer, path, Username="Alice", Password=PASSWORD)
    assert PASSWORD not in str(one)
    id_ = customer.dialect.sids.parse(EndpointId, one["sid"])
    kept = doors.store.phones.kept[id_]  # type: ignore[index]
    assert (kept.name, kept.ha1_md5) == ("Alice", ha1(Algorithm.MD5, "Alice", PASSWORD))
    changed = await customer.post(one["uri"], Password="Another horse 5")
    assert changed.status == 200
    assert doors.store.phones.kept[id_].ha1_sha256 == ha1(Algorithm.SHA256, "Alice", "Another horse 5")  # type: ignore[index]
    assert (await customer.get(path)).json["credentials"] == [changed.json]
    assert (await customer.post(path, Username="alice", Password=PASSWORD)).status in {409, 422}
    assert (await customer.delete(one["uri"])).status == 204
    assert doors.store.phones.kept == {}


@pytest.mark.parametrize(
    "password", ["short", "all lower case 1", "ALL UPPER CASE 1", "No digit in here", ""]
)
async def test_a_password_that_is_easily_guessed_is_refused(customer: Speaker, password: str) -> None:
    phones = await made(customer, "SIP/CredentialLists", FriendlyName="desks")
    path = f"SIP/CredentialLists/{phones['sid']}/Credentials"
    assert (await customer.post(path, Username="bob", Password=password)).status in {400, 422}
    assert (await customer.post(path, Username="bob smith", Password=PASSWORD)).status in {400, 422}
    assert (await customer.post(path, Password=PASSWORD)).status in {400, 422}


async def test_a_thing_of_one_list_is_not_found_in_another(customer: Speaker) -> None:
    lists = [(await made(customer, "SIP/CredentialLists", FriendlyName="a"))["sid"] for _ in range(2)]
    first, second = (f"SIP/CredentialLists/{sid}/Credentials" for sid in lists)
    one = await made(customer, first, Username="bob", Password=PASSWORD)
    assert (await customer.get(f"{first}/{one['sid']}")).status == 200
    assert (await customer.get(f"{second}/{one['sid']}")).status == 404
    assert (await customer.get(second)).json["credentials"] == []


async def test_networks_of_a_list(customer: Speaker) -> None:
    office = await made(customer, "SIP/IpAccessControlLists", FriendlyName="office")
    path = f"SIP/IpAccessControlLists/{office['sid']}/IpAddresses"
    one = await made(customer, path, FriendlyName="door", IpAddress="192.0.2.1")
    six = await made(customer, path, FriendlyName="six", IpAddress="2001:DB8::1")
    assert (one["cidr_prefix_length"], six["cidr_prefix_length"]) == (32, 128)
    wider = await customer.post(one["uri"], CidrPrefixLength="24")
    assert (wider.json["ip_address"], wider.json["cidr_prefix_length"]) == ("192.0.2.1", 24)
    for form in ({"CidrPrefixLength": "33"}, {"IpAddress": "192.0.2.300"}, {"IpAddress": "fe80::1%eth0"}):
        assert (await customer.post(one["uri"], form)).status in {400, 422}
    assert (await customer.post(path, IpAddress="192.0.2.1")).status in {400, 422}
    assert {one["sid"] for one in (await customer.get(path)).json["ip_addresses"]} == {one["sid"], six["sid"]}
    assert (await customer.delete(one["uri"])).status == 204


MAPPINGS = [
    ("Auth/Calls/CredentialListMappings", "CredentialLists", "CredentialListSid", "contents"),
    ("Auth/Registrations/CredentialListMappings", "CredentialLists", "CredentialListSid", "contents"),
    ("CredentialListMappings", "CredentialLists", "CredentialListSid", "credential_list_mappings"),
    ("Auth/Calls/IpAccessControlListMappings", "IpAccessControlLists", "IpAccessControlListSid", "contents"),
    (
        "IpAccessControlListMappings",
        "IpAccessControlLists",
        "IpAccessControlListSid",
        "ip_access_control_list_mappings",
    ),
]


@pytest.mark.parametrize(("where", "kind", "name", "key"), MAPPINGS)
async def test_a_domain_takes_lists_and_gives_them_back(
    doors: Doors, customer: Speaker, where: str, kind: str, name: str, key: str
) -> None:
    one = await domain(customer)
    path = f"SIP/Domains/{one['sid']}/{where}"
    taken = []
    for number in range(3):
        doors.clock.advance(1)
        list_ = await made(customer, f"SIP/{kind}", FriendlyName=f"list {number}")
        taken.append(await made(customer, path, **{name: list_["sid"]}))
        assert taken[-1]["friendly_name"] == f"list {number}"
    again = await customer.post(path, {name: taken[0]["sid"]})
    assert (again.status, again.json) == (201, taken[0]), "once is enough"
    assert (await customer.get(f"{path}/{taken[1]['sid']}")).json == taken[1]
    first = (await customer.get(path, PageSize="2")).json
    assert first[key] == [taken[2], taken[1]]
    second = (await customer.get(first["next_page_uri"])).json
    assert second[key] == [taken[0]]
    assert (await customer.get(second["previous_page_uri"])).json[key] == [taken[2], taken[1]]
    list_path = f"SIP/{kind}/{taken[0]['sid']}"
    assert (await customer.delete(list_path)).status in {400, 422}, "a domain has it"
    assert (await customer.delete(f"{path}/{taken[0]['sid']}")).status == 204
    assert (await customer.get(f"{path}/{taken[0]['sid']}")).status == 404
    assert (await customer.delete(list_path)).status == 204
    nobodys = await customer.post(path, {name: taken[0]["sid"]})
    assert (nobodys.status in {400, 422}, nobodys.json["code"]) == (True, 21231)
    assert (await customer.post(path)).status in {400, 422}


async def test_what_is_mapped_is_told_by_the_domain(customer: Speaker) -> None:
    one = await domain(customer)
    phones = await made(customer, "SIP/CredentialLists", FriendlyName="a")
    office = await made(customer, "SIP/IpAccessControlLists", FriendlyName="b")
    path = f"SIP/Domains/{one['sid']}"
    await made(customer, f"{path}/CredentialListMappings", CredentialListSid=phones["sid"])
    mapped = (await customer.get(f"{path}/Auth/Calls/CredentialListMappings")).json["contents"]
    assert [each["sid"] for each in mapped] == [phones["sid"]], "the older path is that of calls"
    await made(customer, f"{path}/IpAccessControlListMappings", IpAccessControlListSid=office["sid"])
    assert (await customer.get(path)).json["auth_type"] == "IP_ACL,CREDENTIAL_LIST"


async def test_others_things_are_not_there(twilio: Speaker, signalwire: Speaker) -> None:
    one = await domain(twilio)
    theirs = await made(signalwire, "SIP/CredentialLists", FriendlyName="theirs")
    id_ = signalwire.dialect.sids.parse(CredentialListId, theirs["sid"])
    assert id_ is not None
    sid = twilio.dialect.sids.show(id_)
    assert (await twilio.get(f"SIP/CredentialLists/{sid}")).status == 404
    reply = await twilio.post(f"SIP/Domains/{one['sid']}/CredentialListMappings", CredentialListSid=sid)
    assert (reply.status, reply.json["code"]) == (400, 21231)
    assert (await signalwire.get(f"SIP/Domains/{one['sid']}")).status == 404
