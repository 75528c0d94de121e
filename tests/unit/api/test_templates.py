from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from roomtone.api import templates
from roomtone.core.refusals import Reason, Refused


def test_what_is_missing_leaves_nothing() -> None:
    assert templates.render("<a>{{b}}</a>", {}) == "<a></a>"


def test_sections() -> None:
    assert templates.render("<a>{{#b}}yes{{/b}}{{^b}}no{{/b}}</a>", {"b": "1"}) == "<a>yes</a>"
    assert templates.render("<a>{{#b}}yes{{/b}}{{^b}}no{{/b}}</a>", {}) == "<a>no</a>"


def test_names_with_dashes() -> None:
    assert templates.render("<a>{{SipHeader_X-Foo}}</a>", {"SipHeader_X-Foo": "bar"}) == "<a>bar</a>"


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z"))))
def test_a_parameter_never_becomes_markup(text: str) -> None:
    rendered = templates.render("<a b=\"{{x}}\" c='{{x}}'>{{x}}</a>", {"x": text})
    element = etree.fromstring(rendered.encode())
    assert (len(element), element.text or "") == (0, text)
    assert element.get("b") == element.get("c")


def test_a_value_is_as_it_is_only_between_three_braces() -> None:
    assert templates.render("<a>{{{b}}}{{ b }}</a>", {"b": "<c/>"}) == "<a><c/>&lt;c/&gt;</a>"


def test_a_section_knows_what_it_is_about() -> None:
    assert templates.render("<a>{{#b}}{{.}}{{/b}}{{.}}</a>", {"b": "1", ".": "x"}) == "<a>1x</a>"


def test_sections_nest_and_comments_vanish() -> None:
    text = "{{#a}}1{{^b}}2{{#a}}3{{/a}}{{/b}}{{#b}}4{{/b}}{{! no {{/a}}{{/a}}{{^a}}5{{#a}}6{{/a}}{{/a}}"
    assert templates.render(text, {"a": "x"}) == "123"
    assert templates.render(text, {}) == "5"


def test_what_is_filled_in_is_not_read_again() -> None:
    assert templates.render("<a>{{b}}</a>", {"b": "{{c}}", "c": "x"}) == "<a>{{c}}</a>"


def test_a_result_is_never_larger_than_a_document() -> None:
    with pytest.raises(Refused):
        templates.render("{{a}}" * 1000, {"a": "x" * 60_000})


@pytest.mark.parametrize(
    "text", ["{{" * 32_000, "{{" + " " * 64_000, " " * 64_000, "{{#a}}" * 10_000, "{{{" * 20_000]
)
def test_no_template_takes_long(text: str) -> None:
    with contextlib.suppress(Refused):
        templates.render(text, {"a": "1"})


def test_deep_nesting_is_no_trouble() -> None:
    deep = "{{#a}}" * 5000 + "x" + "{{/a}}" * 5000
    assert templates.render(deep, {"a": "1"}) == "x"
    assert templates.render(deep, {}) == ""


@pytest.mark.parametrize(
    "contents",
    [
        "",
        "text",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&undefined;</a>",
        "<a>{{#b}}</a>",
        "<a>{{/b}}</a>",
        "<a>{{#b}}{{#c}}{{/b}}{{/c}}</a>",
        "<a>{{=x}}</a>",
        "<a>{{=<% %>=}}</a>",
        "<a>{{>partial}}</a>",
        "<a>{{}}</a>",
        "<a>{{b</a>",
        "<a>{{{b}}</a>",
        "<a>" + "x" * templates.LONGEST + "</a>",
    ],
)
def test_no_document(contents: str) -> None:
    with pytest.raises(Refused) as caught:
        templates.check(contents)
    assert caught.value.reason is Reason.DOCUMENT_INVALID


def test_entities_are_not_expanded_and_nothing_is_fetched() -> None:
    templates.check('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')


@given(st.text(st.sampled_from("{}#^/>&=!. ab<"), max_size=40))
def test_any_template_is_rendered_or_refused(text: str) -> None:
    contents = f"<a>{text}</a>"
    try:
        templates.check(contents)
    except Refused:
        return
    templates.render(contents, {"a": "1", "b": ""})
