from __future__ import annotations

from roomtone.dialects import SIGNALWIRE, TWILIO


def test_what_goes_with_json_and_what_without() -> None:
    assert SIGNALWIRE.paths.item("A", "Calls", "B") == "/api/laml/2010-04-01/Accounts/A/Calls/B.json"
    assert SIGNALWIRE.paths.bin("A", "LamlBins", "B") == "/api/laml/2010-04-01/Accounts/A/LamlBins/B"
    assert (
        SIGNALWIRE.paths.page(("A", "Calls"), (("Page", "0"),))
        == "/api/laml/2010-04-01/Accounts/A/Calls?Page=0"
    )
    assert TWILIO.paths.item("A", "Calls", "B") == "/2010-04-01/Accounts/A/Calls/B.json"
    assert TWILIO.paths.bin("A", "LamlBins", "B") == "/2010-04-01/Accounts/A/LamlBins/B.json"
    assert (
        TWILIO.paths.page(("A", "Calls"), (("a>", "é"),)) == "/2010-04-01/Accounts/A/Calls.json?a%3E=%C3%A9"
    )


def test_a_segment_stays_one_segment() -> None:
    assert TWILIO.paths.item("A", "a/b c") == "/2010-04-01/Accounts/A/a%2Fb%20c.json"
