"""The Gather verb: every attribute, what may be nested, and what is told."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.core.values import Method
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Gather, Pause, Play
from roomtone.cxml.verbs.gather import ATTRIBUTES, action_parameters


@pytest.mark.parametrize(
    ("attribute", "changed"),
    [
        ("", {}),
        ('action="next"', {"action": "https://app.example.com/next"}),
        ('action=""', {}),
        ('method="get"', {"method": Method.GET}),
        ('input="dtmf"', {}),
        ('timeout="0"', {"timeout_s": 0}),
        ('finishOnKey=""', {"finish_key": ""}),
        ('finishOnKey="*"', {"finish_key": "*"}),
        ('numDigits="4"', {"num_digits": 4}),
        ('actionOnEmptyResult="true"', {"action_on_empty": True}),
        ('bargeIn="false"', {"barge_in": False}),
        ('speechTimeout="auto"', {"speech_timeout": "auto"}),
        ('hints="yes, no"', {"hints": "yes, no"}),
        ('language="de-DE"', {"language": "de-DE"}),
        ('speechModel="phone_call"', {"speech_model": "phone_call"}),
        ('enhanced="true"', {"enhanced": True}),
        ('profanityFilter="false"', {"profanity_filter": False}),
        ('partialResultCallback="p"', {"partial_callback": "https://app.example.com/p"}),
        ('partialResultCallbackMethod="GET"', {"partial_callback_method": Method.GET}),
    ],
)
def test_what_is_said_is_heeded(attribute: str, changed: dict[str, object]) -> None:
    assert only_verb(f"<Gather {attribute}/>") == replace(Gather(), **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ('finishOnKey="##"', Oddity.GATHER_FINISH_ON_KEY_INVALID),
        ('finishOnKey="x"', Oddity.GATHER_FINISH_ON_KEY_INVALID),
        ('numDigits="0"', Oddity.GATHER_NUM_DIGITS_INVALID),
        ('numDigits="-1"', Oddity.GATHER_NUM_DIGITS_INVALID),
        ('timeout="soon"', Oddity.GATHER_TIMEOUT_INVALID),
        ('method="PUT"', Oddity.GATHER_METHOD_INVALID),
        ('speechTimeout="0"', Oddity.GATHER_SPEECH_TIMEOUT_INVALID),
        ('input="telepathy"', Oddity.ATTRIBUTE_INVALID),
        ('input=""', Oddity.ATTRIBUTE_INVALID),
        ('Action="x"', Oddity.ATTRIBUTE_UNKNOWN),
    ],
)
def test_what_is_no_good_is_told_and_the_default_taken(attribute: str, reason: Oddity) -> None:
    inner = f"<Gather {attribute}/>"
    assert reasons(inner) == [reason]
    assert parsed(inner).verbs == (Gather(),)


@pytest.mark.parametrize(
    ("inputs", "keys"), [("speech", False), ("dtmf speech", True), ("speech dtmf", True)]
)
def test_speech_is_told_to_be_unsupported(inputs: str, keys: bool) -> None:
    document = parsed(f'<Gather input="{inputs}"/>')
    assert [warned.reason for warned in document.warnings] == [Oddity.SPEECH_NOT_SUPPORTED]
    (verb,) = document.verbs
    assert isinstance(verb, Gather)
    assert verb.collects_keys is keys


def test_prompts_are_read_in_order_and_nothing_else_may_be_nested() -> None:
    document = parsed("<Gather><Pause length='2'/><Play loop='0'>a</Play><Dial>1</Dial><Play/></Gather>")
    assert document.verbs == (Gather((Pause(2), Play("https://app.example.com/a", 0))),)
    assert [warned.reason for warned in document.warnings] == [
        Oddity.GATHER_NESTING_INVALID,
        Oddity.PLAY_URL_INVALID,
    ]


def test_every_attribute_fills_a_field_of_its_own() -> None:
    filled = [row.field for row in ATTRIBUTES]
    assert sorted(filled) == sorted(field.name for field in fields(Gather) if field.name != "prompts")


def test_the_action_is_told_the_keys() -> None:
    assert action_parameters("12") == (("Digits", "12"),)
