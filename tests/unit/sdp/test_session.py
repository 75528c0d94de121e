"""Reading session descriptions: what is lenient, what is strict, and that nothing else is ever raised."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.sdp.agreement import Flow
from roomtone.sdp.session import MAX_CHARACTERS, Malformed, address_of, read_session

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\r\n\r\n",
        "o=- 1 1 IN IP4 192.0.2.1",
        "v=1\r\nm=audio 1 RTP/AVP 0",
        "hello",
        HEAD + "nonsense",
        HEAD + "mm=audio 1 RTP/AVP 0",
        HEAD + "m=audio",
        HEAD + "m=audio 1 RTP/AVP",
        HEAD + "m=audio 70000 RTP/AVP 0",
        HEAD + "m=audio -1 RTP/AVP 0",
        HEAD + "m=audio \u0664\u0664 RTP/AVP 0",
        HEAD + "c=IN IP5 192.0.2.1",
        HEAD + "c=192.0.2.1",
        "v=0\r\n" + "a=x\r\n" * MAX_CHARACTERS,
    ],
)
def test_what_is_no_description_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_session(text)


@pytest.mark.parametrize("text", ["", "phone.example.com", "1.2.3", "fe80::1%eth0", "300.1.1.1"])
def test_what_is_no_address_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        address_of(text)


def test_attributes_belong_to_the_stream_they_follow() -> None:
    session = read_session(
        HEAD
        + "a=recvonly\r\na=ptime:30\r\nm=audio 4 RTP/AVP 0\r\na=ptime:40\r\nm=audio 6 RTP/AVP 8\r\na=inactive\r\n"
    )
    first, second = session.media
    assert (session.flow, first.flow, second.flow) == (Flow.RECVONLY, None, Flow.INACTIVE)
    assert (first.ptime_ms, second.ptime_ms) == (40, None)


@pytest.mark.parametrize(
    "line", ["a=rtpmap:200 PCMU/8000", "a=rtpmap:0", "a=rtpmap:0 PCMU", "a=", "a=:", "b=AS:64"]
)
def test_an_attribute_that_means_nothing_changes_nothing(line: str) -> None:
    plain = HEAD + "m=audio 4 RTP/AVP 0\r\n"
    assert read_session(plain + line) == read_session(plain)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_malformed(text: str) -> None:
    with suppress(Malformed):
        read_session("v=0\r\n" + text)
