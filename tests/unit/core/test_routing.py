"""Where calls of ours may go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.call.messages import EndedBy
from roomtone.core.endpoint import Binding
from roomtone.core.ids import EndpointId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import (
    Phone,
    Target,
    Trunk,
    Way,
    e164,
    is_this_machine,
    leads_on,
    phone_meant,
    read_trunks,
    way_to,
    way_to_phone,
    ways_to,
    with_logins,
)

WORLD = Trunk("sip:world.example", ("+",))
OVER_WORLD = Way("sip:+15550100@world.example", trunk="sip:world.example", address="sip:world.example")
GERMANY = Trunk("sip:de.example:5062;transport=tcp", ("+49", "+4930"), "roomtone", "secret")


@pytest.mark.parametrize(
    ("to", "trunks", "way"),
    [
        ("+15550100", (WORLD,), OVER_WORLD),
        ("+1 (555) 01-00", (WORLD,), OVER_WORLD),
        (
            "+4930123",
            (WORLD, GERMANY),
            Way(
                "sip:+4930123@de.example:5062;transport=tcp",
                "roomtone",
                "secret",
                trunk=GERMANY.uri,
                address=GERMANY.uri,
            ),
        ),
        ("sip:bob@127.0.0.1:5070", (), Way("sip:bob@127.0.0.1:5070")),
        ("sip:bob@localhost;transport=tcp", (), Way("sip:bob@localhost;transport=tcp")),
        ("sip:bob@[::1]:5070", (), Way("sip:bob@[::1]:5070")),
        (
            "sip:bob@de.example",
            (GERMANY,),
            Way("sip:bob@de.example", "roomtone", "secret", trunk=GERMANY.uri, address=GERMANY.uri),
        ),
        (
            "sip:bob@127.0.0.1?X-Ticket=7%208&From=evil&x-y=",
            (),
            Way("sip:bob@127.0.0.1", headers=(("X-Ticket", "7 8"), ("x-y", ""))),
        ),
    ],
)
def test_what_leads_somewhere(to: str, trunks: tuple[Trunk, ...], way: Way) -> None:
    assert way_to(to, trunks) == way


@pytest.mark.parametrize(
    "to",
    [
        "+15550100", "sip:bob@elsewhere.example", "sip:bob@10.0.0.1", "client:bob", "sip:bob@127.0.0.1.evil.example",
        "sip:127.0.0.1@evil.example", "sips:bob@evil.example",
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_refused(to: str) -> None:
    with pytest.raises(Refused) as refused:
        way_to(to, (GERMANY,))
    assert refused.value.reason is Reason.DESTINATION_NOT_ALLOWED


@pytest.mark.parametrize(
    "to",
    [
        "",
        "x",
        "mailto:a@b",
        "sip:",
        "sip:a b@127.0.0.1",
        'sip:"a"@127.0.0.1',
        "sip:a@127.0.0.1>;x",
        "+1\r\n2",
    ],
)
def test_what_names_nobody_is_refused(to: str) -> None:
    with pytest.raises(Refused) as refused:
        way_to(to, (WORLD,))
    assert refused.value.reason is Reason.DESTINATION_INVALID


@given(st.text(max_size=60))
def test_without_trunks_no_text_leads_off_this_machine(text: str) -> None:
    for to in (text, f"sip:{text}", f"sip:a@{text}", f"sip:{text}@127.0.0.1"):
        try:
            way = way_to(to, ())
        except Refused:
            continue
        host = way.target_uri.partition(":")[2].rpartition("@")[2].partition(";")[0]
        assert is_this_machine(host.rsplit(":", 1)[0].strip("[]") if not host.endswith("]") else host[1:-1])


def test_a_number_is_written_with_its_plus_sign() -> None:
    assert e164("1 555 0100") == e164("+1-555.0100") == "+15550100"


def test_trunks_are_read_as_they_are_set() -> None:
    read = read_trunks("+=sip:world.example +49,+4930=sip:de.example:5062;transport=tcp")
    assert read == (WORLD, Trunk(GERMANY.uri, GERMANY.prefixes))
    assert with_logins(read, "\nDE.example roomtone secret\nother.example a b\n") == (WORLD, GERMANY)
    assert read_trunks("") == ()


@pytest.mark.parametrize("text", ["sip:x", "+1=", "1=sip:x", "+1=tel:+1", "+x=sip:y", "=sip:y"])
def test_what_is_no_trunk_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="PREFIX"):
        read_trunks(text)


def test_a_login_of_another_shape_is_said() -> None:
    with pytest.raises(ValueError, match="host username password"):
        with_logins((), "host user")


def test_a_number_has_ways_by_prefix_and_order_and_all_addresses_of_a_trunk() -> None:
    carrier = Trunk(
        "sip:a.example", ("+",), "u", "p", name="carrier", others=("sip:b.example:5070",), codecs=("PCMA",)
    )
    ways = ways_to("+4930123", (WORLD, carrier, GERMANY))
    assert [one.target_uri for one in ways] == [
        "sip:+4930123@de.example:5062;transport=tcp",
        "sip:+4930123@world.example",
        "sip:+4930123@a.example",
        "sip:+4930123@b.example:5070",
    ]
    assert [one.trunk for one in ways] == [GERMANY.uri, WORLD.uri, "carrier", "carrier"]
    assert (ways[3].address, ways[3].codecs, ways[3].username) == ("sip:b.example:5070", ("PCMA",), "u")
    assert ways_to("sip:bob@b.example", (carrier,))[0].trunk == "carrier"


@pytest.mark.parametrize(
    ("by", "status", "answered", "goes_on"),
    [
        (EndedBy.TRANSPORT, 503, False, True),
        (EndedBy.REMOTE, 503, False, True),
        (EndedBy.REMOTE, 408, False, True),
        (EndedBy.REMOTE, 486, False, False),
        (EndedBy.REMOTE, 603, False, False),
        (EndedBy.TIMEOUT, 408, False, False),
        (EndedBy.LOCAL, 487, False, False),
        (EndedBy.REMOTE, 503, True, False),
    ],
)
def test_another_way_is_tried_where_nobody_was_there(
    by: EndedBy, status: int, *, answered: bool, goes_on: bool
) -> None:
    assert leads_on(by, status, answered=answered) is goes_on


@pytest.mark.parametrize(
    ("to", "phone"),
    [
        ("client:alice", Phone("alice", None)),
        ("Client:alice?x-a=1&b=2", Phone("alice", None, (("x-a", "1"),))),
        ("sip:alice@pbx.example?X-Foo=a%20b", Phone("alice", "pbx.example", (("X-Foo", "a b"),))),
        ("sip:alice@127.0.0.1", Phone("alice", "127.0.0.1")),
        ("sip:alice@127.0.0.1:5070", None),
        ("+15550100", None),
        ("sip:127.0.0.1", None),
    ],
)
def test_an_address_may_mean_a_phone(to: str, phone: Phone | None) -> None:
    assert phone_meant(to) == phone


def test_a_phone_is_called_wherever_it_is_and_behind_a_nat_where_it_came_from() -> None:
    def place(uri: str, host: str, transport: str = "udp") -> Binding:
        return Binding(EndpointId(1), uri, host, 4711, transport, "c", 1, 1)

    places = [
        place("sip:a@192.0.2.1:5070", "192.0.2.1"),
        place("sip:a@192.168.0.9", "203.0.113.5"),
        place("sip:a@h", "2001:db8::1", "tcp"),
    ]
    way = way_to_phone(Phone("a", None, (("X-A", "1"),)), places)
    assert (way.target_uri, way.hop_uri, way.headers) == ("sip:a@192.0.2.1:5070", None, (("X-A", "1"),))
    assert way.also == (
        Target("sip:a@192.168.0.9", "sip:203.0.113.5:4711;transport=udp"),
        Target("sip:a@h", "sip:[2001:db8::1]:4711;transport=tcp"),
    )
    with pytest.raises(Refused) as refused:
        way_to_phone(Phone("a", None), [])
    assert refused.value.reason is Reason.DESTINATION_NOT_ALLOWED


@pytest.mark.parametrize(
    "user", ["+4930123", "4930123", "%2B4930123", "+49-30.(123)", "+4930123;phone-context=x", "bob", "4b"]
)
def test_a_number_at_a_trunks_own_address_is_taken_by_its_prefixes(user: str) -> None:
    trunk = Trunk("sip:carrier.example", ("+49",))
    assert ways_to(f"sip:{user}@carrier.example", (trunk,))[0].trunk == trunk.key


@pytest.mark.parametrize(
    "user",
    [
        "+19005551234",
        "0019005551234",
        "%2b1900",
        "1-900",
        "900",
        "9,1900",
        "*67#1900",
        "%30%301900;a=b",
        "+19005551234:x",
        "+1900555%3Ax",
        "+19005551234_",
    ],
)
def test_a_number_that_no_trunk_takes_is_not_called_by_the_trunks_address_either(user: str) -> None:
    """Else whoever may call abroad by no number would do so by ``sip:number@carrier``."""
    for prefixes in (("+49",), ()):
        trunk = Trunk("sip:carrier.example", prefixes)
        with pytest.raises(Refused) as no:
            ways_to(f"sip:{user}@carrier.example", (trunk,))
        assert no.value.reason is Reason.DESTINATION_NOT_ALLOWED
    other = Trunk("sip:carrier.example:5070", ("+",), name="world")
    assert ways_to(f"sip:{user}@carrier.example", (trunk, other))[0].trunk == "world"


def test_passwords_are_in_no_description() -> None:
    trunk = Trunk("sip:carrier.example", ("+",), "name", "s3cret")
    assert "s3cret" not in repr(trunk)
    assert "s3cret" not in repr(ways_to("+4930123", (trunk,)))


@pytest.mark.parametrize("host", ["127.0.0.1:5070", "localhost:5070", "127.0.0.2:5070;transport=tcp"])
def test_a_trunk_on_this_machine_is_held_to_its_prefixes_too(host: str) -> None:
    trunk = Trunk("sip:127.0.0.1:5070", ("+49",), "roomtone", "secret")
    assert ways_to(f"sip:+4930123@{host}", (trunk,))[0].trunk == trunk.key
    with pytest.raises(Refused):
        ways_to(f"sip:+15550100@{host}", (trunk,))
    assert ways_to("sip:+15550100@127.0.0.1:5080", (trunk,))[0].trunk == "", "a phone beside it is no trunk"
