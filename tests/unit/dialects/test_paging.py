from __future__ import annotations

import pytest

from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, fields, paging
from roomtone.dialects.paging import Page, PageRequest, Side


def ask(query: str, dialect=SIGNALWIRE) -> PageRequest:
    return dialect.forms.page(fields.from_form(query.encode()))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", PageRequest(0, 50, None)),
        ("Page=&PageSize=&PageToken=", PageRequest(0, 50, None)),
        ("Page=0&PageSize=1", PageRequest(0, 1, None)),
        ("PageSize=5000", PageRequest(0, 1000, None)),
        ("Page=3&PageToken=PAx", PageRequest(3, 50, "PAx")),
        ("PageToken=PBx", PageRequest(0, 50, "PBx")),
    ],
)
def test_requests(query: str, expected: PageRequest) -> None:
    assert ask(query) == expected


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("PageSize=0", Reason.PAGE_SIZE_INVALID),
        ("PageSize=-1", Reason.PAGE_SIZE_INVALID),
        ("PageSize=ten", Reason.PAGE_SIZE_INVALID),
        ("PageSize=1.5", Reason.PAGE_SIZE_INVALID),
        ("PageSize=%C2%B2", Reason.PAGE_SIZE_INVALID),
        ("PageSize=" + "9" * 5000, Reason.PAGE_SIZE_INVALID),
        ("Page=-1", Reason.PAGE_INVALID),
        ("Page=x", Reason.PAGE_INVALID),
        (f"Page={2**31}", Reason.PAGE_INVALID),
        ("Page=1", Reason.PAGE_TOKEN_MISSING),
        ("Page=1&PageToken=XX1", Reason.PAGE_TOKEN_INVALID),
    ],
)
def test_refused(query: str, reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        ask(query)
    assert caught.value.reason is reason


def test_tokens_have_the_vendors_shapes() -> None:
    one = ParticipantId(0xAB)
    assert paging.token(TWILIO.sids, Side.AFTER, one) == "PACP000000000000000000000000000000ab"
    assert paging.token(SIGNALWIRE.sids, Side.BEFORE, one) == "PB00000000-0000-0000-0000-0000000000ab"
    assert paging.token(TWILIO.sids, Side.AFTER, ConferenceId(1)).startswith("PACF")


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_tokens_are_read_back(dialect, side: Side) -> None:
    token = paging.token(dialect.sids, side, ParticipantId(7))
    assert paging.read_token(dialect.sids, ParticipantId, token) == (side, ParticipantId(7))


@pytest.mark.parametrize("text", ["PA", "PA1234", "PACA" + "0" * 32, "CA" + "0" * 32, "P"])
def test_no_tokens(text: str) -> None:
    with pytest.raises(Refused) as caught:
        paging.read_token(TWILIO.sids, ParticipantId, text)
    assert caught.value.reason is Reason.PAGE_TOKEN_INVALID


def page(number: int, *, items: int = 2, token: str | None = None) -> Page:
    return Page(
        key="calls",
        project=ProjectId(1),
        path=("Calls",),
        filters=(("DateCreated>", "2018-11-12"),),
        request=PageRequest(number, 2, token),
        items=[{"sid": TWILIO.sids.show(CallId(one))} for one in range(items)],
        newer="PBn",
        older="PAo",
    )


def test_twilio_envelope() -> None:
    root = f"/2010-04-01/Accounts/AC{1:032x}/Calls.json?DateCreated%3E=2018-11-12&PageSize=2"
    written = TWILIO.resources.page(page(1, token="PAt"))
    assert written == {
        "end": 3,
        "first_page_uri": f"{root}&Page=0",
        "next_page_uri": f"{root}&Page=2&PageToken=PAo",
        "calls": [{"sid": f"CA{0:032x}"}, {"sid": f"CA{1:032x}"}],
        "page": 1,
        "page_size": 2,
        "previous_page_uri": f"{root}&Page=0&PageToken=PBn",
        "start": 2,
        "uri": f"{root}&Page=1&PageToken=PAt",
    }


def test_signalwire_envelope() -> None:
    root = "/api/laml/2010-04-01/Accounts/00000000-0000-0000-0000-000000000001/Calls"
    written = SIGNALWIRE.resources.page(page(1, token="PAt"))
    assert list(written) == [
        "uri", "first_page_uri", "next_page_uri", "previous_page_uri", "page", "page_size", "calls",
    ]  # fmt: skip
    assert written["uri"] == f"{root}?Page=1&PageSize=2&DateCreated%3E=2018-11-12&PageToken=PAt"
    assert written["next_page_uri"] == f"{root}?Page=2&PageSize=2&DateCreated%3E=2018-11-12&PageToken=PAo"


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_page_zero_has_no_page_before_and_no_token_even_after_a_step_back(dialect) -> None:
    written = dialect.resources.page(page(0, token="PBt"))
    assert written["previous_page_uri"] is None
    assert "PageToken" not in written["uri"]


def test_an_empty_list_starts_and_ends_at_nought() -> None:
    written = TWILIO.resources.page(page(3, items=0, token="PAt"))
    assert (written["start"], written["end"]) == (0, 0)
