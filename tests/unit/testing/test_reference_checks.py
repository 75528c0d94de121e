"""What the reference engine declines: codecs that it cannot code."""

from __future__ import annotations

import pytest

from roomtone.link import messages as m
from roomtone.testing.reference_checks import CODECS, OrderDeclined, check_terms


@pytest.mark.parametrize("codec", list(m.Codec))
def test_a_stream_of_a_codec_that_it_lacks_is_declined_by_name(codec: m.Codec) -> None:
    form = m.Format(codec=codec, payload_type=100, digit_payload_type=None, ptime_ms=20)
    order = m.OpenStream(
        n=1, call="0" * 32, format=form, remote_host="127.0.0.1", remote_port=4_000, flow=m.Flow.SENDRECV
    )
    if codec in CODECS:
        check_terms(order)
        return
    with pytest.raises(OrderDeclined) as declined:
        check_terms(order)
    assert declined.value.code == "unknown-codec"


def test_a_stream_that_should_be_sealed_is_never_opened_plain() -> None:
    form = m.Format(codec=m.Codec.PCMU, payload_type=0, digit_payload_type=None, ptime_ms=20)
    key = bytes(30)
    order = m.OpenStream(
        n=1, call="0" * 32, format=form, remote_host="127.0.0.1", remote_port=4_000, flow=m.Flow.SENDRECV,
        security=m.Security(suite=m.Suite.CM80, send_key=key, receive_key=key),
    )  # fmt: skip
    with pytest.raises(OrderDeclined) as declined:
        check_terms(order)
    assert declined.value.code == "unknown-suite"
