"""Reading documents: what is refused as a whole, what is skipped, and that nothing else is ever raised."""

from __future__ import annotations

from contextlib import suppress
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxml.documents import URL, parsed, reasons
from roomtone.cxml.elements import VERBS_TO_COME
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.parse import MAX_BYTES, Parsed, parse
from roomtone.cxml.problems import Problem, Unreadable
from roomtone.cxml.verbs import Hangup, Pause, Play

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
BOMB = (
    '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Response><Play>&b;</Play></Response>'
)


@pytest.mark.parametrize(
    "text",
    [
        "<Response/>",
        f"{DECLARED}<Response></Response>",
        f"\ufeff{DECLARED}\n<Response/>",
        '<?xml version="1.0" encoding="utf-16"?><Response/>',
        "<!-- a comment --><?target?><Response><!-- --></Response>",
        '<Response xmlns:xsi="urn:x" xsi:schema="y"/>',
    ],
)
def test_an_empty_document_is_a_good_one(text: str) -> None:
    assert parse(text, URL) == Parsed(())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.NOT_XML),
        ("hello", Problem.NOT_XML),
        ("<Response>", Problem.NOT_XML),
        ("<Response/><Response/>", Problem.NOT_XML),
        ("<Response>\x00</Response>", Problem.NOT_XML),
        ("<Response>\ud800</Response><", Problem.NOT_XML),
        ("<Response>&nbsp;</Response>", Problem.NOT_XML),
        ("<Response>" + "<a>" * 300 + "</a>" * 300 + "</Response>", Problem.NOT_XML),
        ("<response/>", Problem.ROOT_INVALID),
        ("<html><Response/></html>", Problem.ROOT_INVALID),
        ('<Response xmlns="urn:x"/>', Problem.ROOT_INVALID),
        ("<Response>" + " " * MAX_BYTES + "</Response>", Problem.TOO_LARGE),
        ("<Response>" + "\u20ac" * (MAX_BYTES // 3) + "</Response>", Problem.TOO_LARGE),
    ],
)
def test_what_is_no_document_is_refused_as_a_whole(text: str, problem: Problem) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text, URL)
    assert refused.value.problem is problem
    assert refused.value.detail


@pytest.mark.parametrize("prolog", ["", DECLARED, "<!-- x --> <?y?>", "\ufeff"])
@pytest.mark.parametrize("text", [BOMB, "<!DOCTYPE Response SYSTEM 'http://127.0.0.1:9/x.dtd'><Response/>"])
def test_a_document_type_is_refused_so_that_no_entity_is_ever_expanded_or_fetched(
    prolog: str, text: str
) -> None:
    with pytest.raises(Unreadable, match="DOCTYPE"):
        parse(prolog + text, URL)


def test_the_largest_document_is_read() -> None:
    filled = "<Response><Hangup/>" + " " * (MAX_BYTES - len("<Response><Hangup/></Response>")) + "</Response>"
    assert parse(filled, URL).verbs == (Hangup(),)


def test_verbs_are_read_in_order_and_know_their_place() -> None:
    document = parsed("<Pause/><Denoise/><Play>a</Play><!-- x --><Hangup/>")
    expected = (Pause(), Play("https://app.example.com/a"), Hangup())
    assert (document.verbs, document.places) == (expected, (0, 2, 3))
    assert document.next_verb(0) == (0, Pause())
    assert document.next_verb(1) == (2, expected[1])
    assert document.next_verb(4) is None


@pytest.mark.parametrize("verb", sorted(VERBS_TO_COME))
def test_a_verb_that_is_still_to_come_is_skipped_with_a_clear_word(verb: str) -> None:
    document = parsed(f"<{verb}>x</{verb}><Hangup/>")
    assert document.verbs == (Hangup(),)
    (warned,) = document.warnings
    assert warned.reason is Oddity.VERB_NOT_SUPPORTED
    assert "not supported yet" in warned.detail


@pytest.mark.parametrize("verb", ["hangup", "Speak", "Conference", "Response"])
def test_a_verb_nobody_knows_is_skipped(verb: str) -> None:
    assert parsed(f"<{verb}/>").verbs == ()
    assert reasons(f"<{verb}/>") == [Oddity.VERB_UNKNOWN]


def test_loose_text_is_told() -> None:
    assert reasons("hello <Hangup/> there") == [Oddity.TEXT_IGNORED]


TAGS = [
    "Response",
    "Dial",
    "Conference",
    "Play",
    "Pause",
    "Redirect",
    "Hangup",
    "Reject",
    "Say",
    "Number",
    "x",
]
NAMES = [
    "loop",
    "length",
    "method",
    "action",
    "beep",
    "waitUrl",
    "maxParticipants",
    "statusCallbackEvent",
    "y",
]
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    st.sampled_from(["true", "0", "http://[", "//", "?", "http://a:b/", "\u0662", "..", "http://h/%zz"]),
)


def elements(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attributes = st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=4)

    def write(tag: str, said: dict[str, str], inner: list[str]) -> str:
        written = "".join(f" {name}={quoteattr(value)}" for name, value in said.items())
        return f"<{tag}{written}>{''.join(inner)}</{tag}>"

    return st.builds(write, st.sampled_from(TAGS), attributes, st.lists(children, max_size=4))


TREES = st.recursive(TEXTS.map(escape), elements, max_leaves=12)


@settings(deadline=None)
@given(st.lists(TREES, max_size=4))
def test_any_tree_is_read_with_each_child_of_the_root_accounted_for(trees: list[str]) -> None:
    with suppress(Unreadable):
        document = parsed("".join(trees))
        assert len(document.verbs) == len(document.places)
        assert list(document.places) == sorted(set(document.places))


@settings(deadline=None)
@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(["<", ">", "/", "!", "[", "]", "-", "?", "&", "Response", "a"])).map(
            "".join
        ),
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"<Response>{text}</Response>", f"<Response><Dial><Conference>{text}"):
        with suppress(Unreadable):
            parse(whole, URL)
