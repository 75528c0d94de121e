"""The Redirect verb."""

from __future__ import annotations

import pytest

from cxml.documents import URL, only_verb, parsed, reasons
from roomtone.core.values import Method
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Redirect


@pytest.mark.parametrize(
    ("inner", "redirect"),
    [
        ("<Redirect/>", Redirect(URL)),
        ("<Redirect>  </Redirect>", Redirect(URL)),
        (
            '<Redirect method="GET">next?a=1&amp;b=2</Redirect>',
            Redirect("https://app.example.com/next?a=1&b=2", Method.GET),
        ),
    ],
)
def test_where_to(inner: str, redirect: Redirect) -> None:
    assert only_verb(inner) == redirect


def test_what_is_no_good_is_told() -> None:
    assert reasons("<Redirect>gopher://x</Redirect>") == [Oddity.REDIRECT_URL_INVALID]
    assert parsed("<Redirect>gopher://x</Redirect>").verbs == ()
    assert reasons('<Redirect method="x">a</Redirect>') == [Oddity.REDIRECT_METHOD_INVALID]
