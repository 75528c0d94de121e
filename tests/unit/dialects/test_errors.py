"""The tables are read back: every reason in each, every number five digits, no sentence with a hole in it."""

from __future__ import annotations

import re

import pytest

from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO
from roomtone.dialects.error_pages import meanings
from roomtone.dialects.errors import UNNAMED, Errors, placeholders
from roomtone.dialects.hints import HINTS, OF_A_BUG

BOTH = pytest.mark.parametrize("errors", [one.errors for one in DIALECTS.values()], ids=DIALECTS)
HOUSE = "https://room.example"
CALL = 0xB3877C40DA60499890ADB792E98472CA


@BOTH
def test_every_reason_has_a_row(errors: Errors) -> None:
    assert set(errors.rows) == set(Reason)


@BOTH
@pytest.mark.parametrize("reason", Reason)
def test_every_row_is_well_formed(errors: Errors, reason: Reason) -> None:
    row = errors.rows[reason]
    assert re.fullmatch(r"\d{5}", str(row.code))
    assert 400 <= row.status < 600
    assert placeholders(row.message) <= set(UNNAMED)


@BOTH
@pytest.mark.parametrize("reason", Reason)
def test_no_sentence_has_a_hole_with_facts_or_without(errors: Errors, reason: Reason) -> None:
    facts = dict.fromkeys(placeholders(errors.rows[reason].message), "fact")
    for refused in (Refused(reason), Refused(reason, **facts), Refused(reason, unheard="of")):
        told = errors.tell(refused, HOUSE)
        assert list(told.body) == ["code", "message", "more_info", "status"]
        assert told.status == told.body["status"]
        assert "{" not in str(told.body["message"])
        assert told.body["more_info"] == f"{HOUSE}/errors/{told.body['code']}"


@BOTH
def test_a_brace_in_a_fact_is_only_a_brace(errors: Errors) -> None:
    told = errors.tell(Refused(Reason.PARAMETER_INVALID, name="{code} {0}"), HOUSE)
    assert "{code} {0}" in str(told.body["message"])


def test_no_word_for_the_unnamed_is_idle() -> None:
    rows = [row for dialect in DIALECTS.values() for row in dialect.errors.rows.values()]
    assert {name for row in rows for name in placeholders(row.message)} == set(UNNAMED)


def test_ids_are_named_in_the_dialects_spelling() -> None:
    refused = Refused(Reason.PARTICIPANT_NOT_FOUND, participant=f"{CALL:032x}", conference=f"{1:032x}")
    assert f"CA{CALL:032x}" in str(TWILIO.errors.tell(refused, HOUSE).body["message"])
    assert f"CF{1:032x}" in str(TWILIO.errors.tell(refused, HOUSE).body["message"])
    assert "b3877c40-da60-4998-90ad-b792e98472ca" in str(
        SIGNALWIRE.errors.tell(refused, HOUSE).body["message"]
    )


def test_a_label_is_named_as_it_is() -> None:
    told = TWILIO.errors.tell(Refused(Reason.PARTICIPANT_NOT_FOUND, participant="cust omer"), HOUSE)
    assert "cust omer" in str(told.body["message"])


def test_numbers_that_applications_match_on() -> None:
    def told(reason: Reason) -> list[tuple[int, int]]:
        return [
            (one.errors.rows[reason].status, one.errors.rows[reason].code) for one in (SIGNALWIRE, TWILIO)
        ]

    assert told(Reason.NOT_AUTHENTICATED) == [(401, 20003), (401, 20003)]
    assert told(Reason.NOT_FOUND) == [(404, 20404), (404, 20404)]
    assert told(Reason.CONFERENCE_COMPLETED) == [(400, 10000), (400, 16022)]
    assert told(Reason.COACH_TARGET_MISSING) == [(422, 16002), (400, 16002)]
    assert told(Reason.COACH_TARGET_NOT_PRESENT) == [(400, 16002), (400, 16028)]
    assert told(Reason.COACH_TARGET_ON_HOLD) == [(400, 16002), (400, 16027)]
    assert told(Reason.CONFERENCE_STATUS_INVALID) == [(422, 21475), (400, 21475)]
    assert told(Reason.PAGE_TOKEN_MISSING) == [(422, 54453), (400, 21481)]
    assert told(Reason.PAGE_SIZE_INVALID) == [(422, 54454), (400, 20007)]
    for dialect in DIALECTS.values():
        body = dialect.errors.tell(Refused(Reason.CALL_NOT_IN_PROGRESS), HOUSE).body
        assert (body["status"], body["code"]) == (400, 21220)
        assert body["message"] == "Call is not in-progress. Cannot redirect."


def test_twilio_has_no_422() -> None:
    assert 422 not in {row.status for row in TWILIO.errors.rows.values()}


@BOTH
def test_a_bug_tells_nothing_of_itself(errors: Errors) -> None:
    assert (errors.tell_bug(HOUSE).status, errors.tell_bug(HOUSE).body["code"]) == (500, 20500)


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_says_what_to_do_in_what_a_header_can_hold(reason: Reason) -> None:
    for hint in (HINTS[reason], OF_A_BUG):
        assert hint.isascii()
        assert hint.isprintable()
        assert hint[0].isupper()
        assert not hint.endswith(".")


def test_every_number_has_its_meanings() -> None:
    pages = meanings(tuple(DIALECTS.values()))
    told = {row.code for one in DIALECTS.values() for row in (*one.errors.rows.values(), one.errors.bug)}
    assert set(pages) == told
    assert {one.dialect for one in pages[20404]} == set(DIALECTS)
    assert "[path]" in pages[20404][0].message
