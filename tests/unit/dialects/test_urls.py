from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.values import Method
from roomtone.dialects import urls


@pytest.mark.parametrize(
    ("configured", "requested"),
    [
        ("https://h", "https://h/"),
        ("HTTPS://App.Example/Path", "https://app.example/Path"),
        ("https://h/p?", "https://h/p"),
        ("https://h/p#rt=500", "https://h/p"),
        ("https://user:pass@h/p", "https://h/p"),
        ("https://h:443/p?a=b&c=%20d", "https://h:443/p?a=b&c=%20d"),
        ("http://h:8080/?x", "http://h:8080/?x"),
        ("http://[::1]:8080/p", "http://[::1]:8080/p"),
        ("https://h/é ü?q=é", "https://h/%C3%A9%20%C3%BC?q=%C3%A9"),
        ("https://h/a/b/../c/./d?x=/../y", "https://h/a/c/d?x=/../y"),
        ("https://h/it's?a='b'", "https://h/it's?a=%27b%27"),
        ("https://h/../..", "https://h/"),
        ("https://h/a/..", "https://h/"),
        ("https://h/a/b/.", "https://h/a/b/"),
        ("https://h/a/%2E%2e/b/.c/..d/...", "https://h/b/.c/..d/..."),
        ("https://h/a%2Fb/%2F", "https://h/a%2Fb/%2F"),
        ("https://h//a//", "https://h//a//"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_one_form_for_asking_and_signing(configured: str, requested: str) -> None:
    assert urls.normal(configured) == requested
    assert urls.normal(requested) == requested


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/relative",
        "example.com/x",
        "ftp://h/x",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://h:0/",
        "http://h:99999/",
        "http://h:x/",
        "http://[::1",
        "http://a b/",
        "http://h/a b",
        "http://h/\n",
        "http://h/\x00",
        "http://h<x>/",
        "http://h/" + "a" * urls.LONGEST,
    ],
)
def test_not_accepted(text: str) -> None:
    assert not urls.acceptable(text)


@given(st.text())
def test_whatever_is_accepted_can_be_asked(text: str) -> None:
    for candidate in (text, f"http://{text}", f"http://h/{text}"):
        if urls.acceptable(candidate):
            assert urls.normal(urls.normal(candidate)) == urls.normal(candidate)
            assert urls.normal(candidate).isascii()


def test_a_get_carries_its_parameters_in_the_query() -> None:
    parameters = (("From", "+1 5"), ("Name", "é"))
    assert (
        urls.to_request("http://h/p?a=1#rt=1", parameters, Method.GET)
        == "http://h/p?a=1&From=%2B1+5&Name=%C3%A9"
    )
    assert urls.to_request("http://h", parameters, Method.GET) == "http://h/?From=%2B1+5&Name=%C3%A9"
    assert urls.to_request("http://h", (), Method.GET) == "http://h/"
    assert urls.to_request("http://h", parameters, Method.POST) == "http://h/"


def test_user_information_is_kept_apart() -> None:
    assert urls.user_information("http://a%40b:c%3Ad@h/") == ("a@b", "c:d")
    assert urls.user_information("http://a@h/") == ("a", "")
    assert urls.user_information("http://h/") is None
