"""The Say verb: voices, languages, and the marks in its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cxml.documents import only_verb, parsed, reasons
from roomtone.core.exchange import Utterance
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.parse import parse
from roomtone.cxml.speech import MAX_CHARACTERS, spoken_document
from roomtone.cxml.verbs import Gather, Say


def said(inner: str) -> Utterance:
    verb = only_verb(inner)
    assert isinstance(verb, Say)
    return verb.utterance


@pytest.mark.parametrize(
    ("attributes", "language", "gender"),
    [
        ("", "en-US", None),
        ('language="de-DE"', "de-DE", None),
        ('voice="woman" language="fr"', "fr", "female"),
        ('voice="Polly.Hans"', "de-DE", "male"),
        ('voice="Polly.Hans" language="it"', "it", "male"),
    ],
)
def test_who_speaks_which_language(attributes: str, language: str, gender: str | None) -> None:
    spoken = said(f"<Say {attributes}> Hello\n  there </Say>")
    assert (spoken.text, spoken.markup) == ("Hello there", "Hello there")
    assert (spoken.language, spoken.gender) == (language, gender)


@pytest.mark.parametrize(
    ("inner", "text", "markup"),
    [
        ("a<break/>b", "a b", 'a<break time="400ms"/>b'),
        ('a<break time="2s"/>b', "a b", 'a<break time="2000ms"/>b'),
        ('a<break time="1h"/>b', "a b", 'a<break time="400ms"/>b'),
        ('a<break time="999s"/>b', "a b", 'a<break time="10000ms"/>b'),
        (
            '<prosody rate="slow" pitch="+10%">x</prosody>',
            "x",
            '<prosody rate="slow" pitch="+10%">x</prosody>',
        ),
        ('<prosody volume="-6dB">x</prosody>', "x", '<prosody volume="soft">x</prosody>'),
        ('<prosody rate="&lt;a&gt;">x</prosody>', "x", "x"),
        ("<emphasis>x</emphasis>", "x", '<emphasis level="moderate">x</emphasis>'),
        ("<p><s>x</s>y</p>", "x y", "<p><s>x</s>y</p>"),
        ('<say-as interpret-as="digits">1 2-3</say-as>', "1, 2, 3", "1, 2, 3"),
        ('<say-as interpret-as="spell-out">ab</say-as>', "a, b", "a, b"),
        ('<say-as interpret-as="date">2.3.</say-as>', "2.3.", "2.3."),
        ('a<say-as interpret-as="bleep">b</say-as>', "a", 'a<break time="500ms"/>'),
        ('<sub alias="World Wide Web">WWW</sub>', "World Wide Web", "World Wide Web"),
        ('<lang xml:lang="de-DE">x</lang>', "x", '<voice xml:lang="de-DE">x</voice>'),
        ('<lang xml:lang="quite wrong">x</lang>', "x", "x"),
        ("<speak>a &amp; &lt;b/&gt;</speak>", "a & <b/>", "a &amp; &lt;b/&gt;"),
    ],
)
def test_marks_are_read(inner: str, text: str, markup: str) -> None:
    spoken = said(f"<Say>{inner}</Say>")
    assert (spoken.text, spoken.markup) == (text, markup)


@pytest.mark.parametrize(
    ("inner", "reason", "verbs"),
    [
        ("<Say/>", Oddity.SAY_TEXT_MISSING, 0),
        ("<Say> \n </Say>", Oddity.SAY_TEXT_MISSING, 0),
        ("<Say><shout>x</shout></Say>", Oddity.SAY_MARK_UNKNOWN, 1),
        ('<Say><say-as interpret-as="song">x</say-as></Say>', Oddity.SAY_MARK_UNKNOWN, 1),
        ('<Say voice="robot">x</Say>', Oddity.SAY_VOICE_INVALID, 1),
        ('<Say language="klingon">x</Say>', Oddity.SAY_LANGUAGE_INVALID, 1),
        ('<Say loop="many">x</Say>', Oddity.SAY_LOOP_INVALID, 1),
        (f"<Say>{'word ' * 5_000}</Say>", Oddity.SAY_TOO_LONG, 1),
    ],
)
def test_what_is_odd_is_told(inner: str, reason: Oddity, verbs: int) -> None:
    assert reasons(inner) == [reason]
    assert len(parsed(inner).verbs) == verbs


def test_a_long_text_is_cut() -> None:
    (verb,) = parsed(f"<Say>{'x' * 60_000}</Say>").verbs
    assert isinstance(verb, Say)
    assert len(verb.utterance.text) == MAX_CHARACTERS


def test_a_prompt_may_be_spoken() -> None:
    verb = only_verb("<Gather><Say loop='2'>press</Say></Gather>")
    assert isinstance(verb, Gather)
    assert [type(prompt) for prompt in verb.prompts] == [Say]


MARKS = st.recursive(
    st.text("ab <&1", max_size=6).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.tuples(
        st.sampled_from(
            ["p", "prosody rate='fast'", "emphasis", "say-as interpret-as='digits'", "x", "break"]
        ),
        st.lists(inner, max_size=3),
    ).map(lambda part: f"<{part[0]}>{''.join(part[1])}</{part[0].split()[0]}>"),
    max_leaves=12,
)


@given(MARKS)
def test_whatever_is_marked_the_outcome_is_well_formed(inner: str) -> None:
    for verb in parsed(f"<Say>{inner}</Say>").verbs:
        assert isinstance(verb, Say)
        allowed = {"speak", "break", "emphasis", "p", "prosody", "s", "voice"}
        spoken = etree.fromstring(f"<speak>{verb.utterance.markup}</speak>".encode())
        assert {str(one.tag) for one in spoken.iter()} <= allowed


@pytest.mark.parametrize("text", ["Hello & <goodbye>", "\x00\x1b\n", "é" * 60_000, ""])
def test_a_plain_text_becomes_a_document_that_speaks_it(text: str) -> None:
    document = parse(spoken_document(text), "https://app.example.com/")
    for verb in document.verbs:
        assert isinstance(verb, Say)
        assert verb.utterance.text in " ".join(text.split())
