"""Whom a Dial rings: numbers, SIP URIs, clients, a queue; and what may not get into a SIP message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.core.values import Document, Method
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Client, Conference, Dial, Number, Party, Sip, Waiting
from roomtone.cxml.verbs.parties import MAX_PARTIES, Ringing

HOME = "https://app.example.com"
RINGING = Ringing(f"{HOME}/whisper", Method.GET, f"{HOME}/status", Method.GET, ("ringing", "answered"))
COMMON = (
    'url="whisper" method="GET" statusCallback="status" statusCallbackMethod="GET" '
    'statusCallbackEvent="answered ringing"'
)


def dialled(inner: str) -> object:
    verb = only_verb(f"<Dial>{inner}</Dial>")
    assert isinstance(verb, Dial)
    return verb.to


@pytest.mark.parametrize(
    ("inner", "party"),
    [
        ("+1 (555) 010-0", Number("+15550100")),
        ("<Number>+15550100</Number>", Number("+15550100")),
        (f"<Number {COMMON}>1</Number>", Number("1", RINGING)),
        ('<Number sendDigits="wwww1#">1</Number>', Number("1", send_digits="wwww1#")),
        ('<Number byoc="BY1">1</Number>', Number("1", byoc="BY1")),
        ('<Number machineDetectionTimeout="3">1</Number>', Number("1")),
        ("<Sip>sip:bob@example.com</Sip>", Sip("sip:bob@example.com")),
        ("<Sip>sips:bob@[::1]:5061;transport=tls</Sip>", Sip("sips:bob@[::1]:5061;transport=tls")),
        (
            '<Sip username="u" password="p">sip:b@h?X-Colour=blue%20sky&amp;x-y=</Sip>',
            Sip("sip:b@h", username="u", password="p", headers=(("X-Colour", "blue sky"), ("x-y", ""))),
        ),
        (
            '<Sip codecs="PCMU" sessionTimeout="900">sip:b@h</Sip>',
            Sip("sip:b@h", codecs=("PCMU",), session_timeout_s=900),
        ),
        ('<Sip codecs="opus, G729,PCMA@8000h">sip:b@h</Sip>', Sip("sip:b@h", codecs=("OPUS", "PCMA"))),
        (f"<Sip {COMMON}>sip:b@h</Sip>", Sip("sip:b@h", RINGING)),
        ("<Client>alice</Client>", Client("alice")),
        (
            "<Client><Identity>bob</Identity><Parameter name='a' value='b'/></Client>",
            Client("bob", parameters=(("a", "b"),)),
        ),
        (f"<Client {COMMON}>alice</Client>", Client("alice", RINGING)),
    ],
)
def test_a_party_is_read(inner: str, party: Party) -> None:
    assert dialled(inner) == (party,)


def test_several_are_rung() -> None:
    inner = "<Number>1</Number><Sip>sip:a@h</Sip><Client>c</Client>"
    assert dialled(inner) == (Number("1"), Sip("sip:a@h"), Client("c"))


def test_too_many_are_left_out() -> None:
    document = parsed(f"<Dial>{'<Number>1</Number>' * 12}</Dial>")
    assert [warned.reason for warned in document.warnings] == [Oddity.TOO_MANY_NOUNS]
    assert document.verbs == (Dial((Number("1"),) * MAX_PARTIES),)


def test_a_queue_stands_alone() -> None:
    assert dialled('<Queue url="u">support</Queue>') == Waiting("support", f"{HOME}/u")
    assert Waiting("q", f"{HOME}/u").document == Document(f"{HOME}/u", Method.POST)
    assert reasons("<Dial><Queue>a</Queue><Number>1</Number></Dial>") == [Oddity.NOUNS_MIXED]
    assert reasons("<Dial><Queue/></Dial>") == [Oddity.QUEUE_NAME_INVALID]


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("hello", Oddity.NUMBER_INVALID),
        ("<Number/>", Oddity.NUMBER_INVALID),
        ("<Number>+1555x</Number>", Oddity.NUMBER_INVALID),
        (f"<Number>{'1' * 30}</Number>", Oddity.NUMBER_INVALID),
        ("<Sip>bob@example.com</Sip>", Oddity.SIP_URI_INVALID),
        ("<Sip>sip:bob</Sip>", Oddity.SIP_URI_INVALID),
        ("<Sip>sip:a@h&#10;Via: x</Sip>", Oddity.SIP_URI_INVALID),
        ("<Sip>sip:a b@h</Sip>", Oddity.SIP_URI_INVALID),
        ("<Sip>sip:a@h&gt;,&lt;sip:x@y</Sip>", Oddity.SIP_URI_INVALID),
        (f"<Sip>sip:{'a' * 300}@h</Sip>", Oddity.SIP_URI_INVALID),
        ("<Sip>sip:a@h?From=spoofed</Sip>", Oddity.SIP_URI_INVALID),
        ("<Sip>sip:a@h?X-A=b%0D%0AVia:%20x</Sip>", Oddity.SIP_URI_INVALID),
        (f"<Sip>sip:a@h?X-A={'b' * 1100}</Sip>", Oddity.SIP_URI_INVALID),
        ("<Client>no spaces</Client>", Oddity.CLIENT_INVALID),
        (f"<Client>{'c' * 257}</Client>", Oddity.CLIENT_INVALID),
    ],
)
def test_one_who_cannot_be_called_is_told_and_the_dial_fails(inner: str, reason: Oddity) -> None:
    document = parsed(f"<Dial>{inner}</Dial>")
    assert [warned.reason for warned in document.warnings] == [reason]
    assert document.verbs == (Dial(()),)


def test_what_a_party_is_told_by_default() -> None:
    assert Ringing().document is None
    assert Ringing().callback_topics == ("completed",)
    assert replace(RINGING, url=None).document is None


def test_a_conference_is_asked_for_where_there_is_one() -> None:
    assert Dial(Conference("a")).conference == Conference("a")
    with pytest.raises(AssertionError):
        _ = Dial((Number("1"),)).conference


@pytest.mark.parametrize(
    "parameter", ["name='a b' value='1'", "name='a' value='1&#10;X-Evil: 2'", "value='1'"]
)
def test_a_parameter_that_no_header_can_carry_is_passed_over(parameter: str) -> None:
    document = parsed(f"<Dial><Client><Identity>bob</Identity><Parameter {parameter}/></Client></Dial>")
    assert document.verbs == (Dial((Client("bob"),)),)
    assert [warned.reason for warned in document.warnings] == [Oddity.CLIENT_INVALID]
