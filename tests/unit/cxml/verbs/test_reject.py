"""The Reject verb."""

from __future__ import annotations

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Reject, RejectReason


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<Reject/>", RejectReason.REJECTED),
        ('<Reject reason="rejected"/>', RejectReason.REJECTED),
        ('<Reject reason="busy"/>', RejectReason.BUSY),
    ],
)
def test_its_reason(inner: str, reason: RejectReason) -> None:
    assert only_verb(inner) == Reject(reason)


def test_another_reason_is_told() -> None:
    assert reasons('<Reject reason="Busy"/>') == [Oddity.REJECT_REASON_INVALID]
    assert parsed('<Reject reason="Busy"/>').verbs == (Reject(),)
