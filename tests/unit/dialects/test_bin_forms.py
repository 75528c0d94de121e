from __future__ import annotations

import pytest

from roomtone.core.ids import BinId, ProjectId
from roomtone.core.listing import BinFilter
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import SIGNALWIRE
from roomtone.dialects.bin_forms import EMPTY

FORMS = SIGNALWIRE.forms


def test_a_document_without_contents_is_empty() -> None:
    for fields in ((("Name", "a"),), (("Name", "a"), ("Contents", ""))):
        bin_ = FORMS.create_bin(fields).create(BinId(1), ProjectId(2), 5)
        assert (bin_.name, bin_.contents, bin_.created_ms, bin_.requests) == ("a", EMPTY, 5, 0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((), Reason.PARAMETER_MISSING),
        ((("Name", ""),), Reason.PARAMETER_MISSING),
        ((("Name", "n" * 256),), Reason.PARAMETER_INVALID),
    ],
)
def test_a_name_is_required_by_both_forms(fields, reason: Reason) -> None:
    for form in (FORMS.create_bin, FORMS.update_bin):
        with pytest.raises(Refused) as caught:
            form(fields)
        assert caught.value.reason is reason


def test_an_update_changes_what_it_says() -> None:
    bin_ = FORMS.create_bin((("Name", "a"), ("Contents", "<Response><Hangup/></Response>"))).create(
        BinId(1), ProjectId(2), 5
    )
    renamed = FORMS.update_bin((("Name", "b"),)).apply(bin_, 9)
    assert (renamed.name, renamed.contents, renamed.updated_ms) == ("b", bin_.contents, 9)
    assert FORMS.update_bin((("Name", "a"),)).apply(bin_, 9) is bin_
    assert FORMS.update_bin((("Name", "a"), ("Contents", ""))).apply(bin_, 9).contents == EMPTY


def test_filter() -> None:
    assert FORMS.list_bins((("Name", "x"),)) == BinFilter("x")
    assert FORMS.list_bins((("Name", ""),)) == BinFilter()
