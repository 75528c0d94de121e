from __future__ import annotations

import pytest

from roomtone.core.pool import FICTIONAL, NumberKind, NumberRange, kind_range, read_pool


def test_ranges_and_kinds() -> None:
    pool = read_pool("+12125550100-+12125550102, +18005550199,mobile:+447700900000 , toll-free:+442080000000")
    assert [(one.first, one.last, one.kind) for one in pool] == [
        ("+12125550100", "+12125550102", NumberKind.LOCAL),
        ("+18005550199", "+18005550199", NumberKind.TOLL_FREE),
        ("+447700900000", "+447700900000", NumberKind.MOBILE),
        ("+442080000000", "+442080000000", NumberKind.TOLL_FREE),
    ]
    assert list(pool[0]) == ["+12125550100", "+12125550101", "+12125550102"]
    assert pool[0].size == 3


def test_the_default_is_what_its_text_reads_as() -> None:
    assert read_pool("+12125550100-+12125550199,+18005550199") == FICTIONAL
    assert read_pool(" ") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("12125550100", "E.164"),
        ("+1", "E.164"),
        ("+12125550199-+12125550100", "E.164"),
        ("+12125550100-+1212555010", "E.164"),
        ("landline:+12125550100", "no kind"),
        ("+10000000000-+10000100000", "at most"),
    ],
)
def test_what_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_pool(text)


def test_a_range_keeps_leading_zeros() -> None:
    assert list(NumberRange("+00001", "+00002")) == ["+00001", "+00002"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+12125550100", NumberKind.LOCAL),
        ("+18885550100", NumberKind.TOLL_FREE),
        ("+447700900000", NumberKind.MOBILE),
        ("+4477009000000", NumberKind.LOCAL),
        ("+442080000000", NumberKind.TOLL_FREE),
        ("+493012345678", NumberKind.LOCAL),
    ],
)
def test_a_number_is_of_one_kind(number: str, kind: NumberKind) -> None:
    pool = read_pool("mobile:+447700900000,toll-free:+442080000000")
    assert [one for one in NumberKind if kind_range(one, pool).holds(number)] == [kind]
