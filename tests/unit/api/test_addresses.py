from __future__ import annotations

import pytest

from roomtone.api import addresses
from roomtone.api.addresses import Address
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import SIGNALWIRE, TWILIO

AC = "AC" + "0" * 32
UUID = "b3877c40-da60-4998-90ad-b792e98472af"


@pytest.mark.parametrize("prefix", ["", "/api/laml", "/api/laml/api/laml"])
@pytest.mark.parametrize("suffix", ["", ".json"])
def test_both_prefixes_repeated_or_not_with_json_or_not(prefix: str, suffix: str) -> None:
    read = addresses.read(f"{prefix}/2010-04-01/Accounts/{UUID}/Calls/x{suffix}".encode())
    assert read == Address(UUID, ("Calls", "x"), suffix, prefix)


@pytest.mark.parametrize(
    ("raw", "segments", "suffix"),
    [
        ("/a.json.json", ("a.json",), ".json"),
        ("/a.xml", ("a",), ".xml"),
        ("/a.csv", ("a",), ".csv"),
        ("/cust%20omer.json", ("cust omer",), ".json"),
        ("/a%2Fb", ("a/b",), ""),
        ("/a/b", ("a", "b"), ""),
        ("/a+b;c:d@e,f", ("a+b;c:d@e,f",), ""),
        ("/%C3%A9", ("é",), ""),
        ("/%2520", ("%20",), ""),
        ("/a/", ("a", ""), ""),
        ("//a", ("", "a"), ""),
        ("/.json", ("",), ".json"),
        ("", (), ""),
    ],
)
def test_segments_are_decoded_once(raw: str, segments: tuple[str, ...], suffix: str) -> None:
    assert addresses.read(f"/2010-04-01/Accounts/{AC}{raw}".encode()) == Address(AC, segments, suffix)


@pytest.mark.parametrize(
    "raw", ["/", "/2010-04-01", "/2010-04-01/Account", "/v1/Accounts", "/x/2010-04-01/Accounts/a"]
)
def test_no_resource(raw: str) -> None:
    assert addresses.read(raw.encode()) is None


def test_the_list_of_accounts_names_none() -> None:
    assert addresses.read(b"/2010-04-01/Accounts.json") == Address(None, (), ".json")
    assert addresses.read(b"/2010-04-01/Accounts") == Address(None, (), "")


@pytest.mark.parametrize("segment", [b"%", b"%zz", b"%4", b"%ff", b"\xff", b"%C3"])
def test_a_path_that_cannot_be_decoded(segment: bytes) -> None:
    with pytest.raises(Refused) as caught:
        addresses.read(b"/2010-04-01/Accounts/a/" + segment)
    assert caught.value.reason is Reason.BODY_UNREADABLE


@pytest.mark.parametrize(
    ("raw", "dialect"),
    [
        (f"/2010-04-01/Accounts/{AC}/Calls", TWILIO),
        (f"/api/laml/2010-04-01/Accounts/{AC}/Calls", TWILIO),
        (f"/2010-04-01/Accounts/{UUID}/Calls.json", SIGNALWIRE),
        (f"/2010-04-01/Accounts/{UUID}.json", SIGNALWIRE),
        (f"/2010-04-01/Accounts/{AC}.json", TWILIO),
        ("/2010-04-01/Accounts/x", TWILIO),
        ("/api/laml/2010-04-01/Accounts/x", SIGNALWIRE),
        ("/api/laml/nonsense", SIGNALWIRE),
        ("/laml-bins/x", SIGNALWIRE),
        ("/", TWILIO),
    ],
)
def test_the_dialect_of_a_stranger_is_guessed_by_the_account_first(raw: str, dialect) -> None:
    assert addresses.guess(raw.encode()) is dialect


def test_a_guess_is_made_of_anything() -> None:
    assert addresses.guess(b"/2010-04-01/Accounts/%ff\xff") is TWILIO


def test_a_path_is_shown_in_ascii_and_not_endlessly() -> None:
    assert addresses.shown(b"/a\xff") == "/a\\xff"
    assert len(addresses.shown(b"/" * 9999)) < 400
