"""One stream of the reference engine, without a socket and in a time of its own."""

from __future__ import annotations

import numpy as np
import pytest

from roomtone.link import messages as m
from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import encode
from roomtone.testing.reference_stream import LATCH_S, SILENT_S, ReferenceStream
from roomtone.testing.rtp import DigitEvent, Packet, parse
from roomtone.testing.tones import tone

PCMU = m.Format(codec=m.Codec.PCMU, payload_type=0, digit_payload_type=101, ptime_ms=20)
HERE, THERE = ("127.0.0.1", 4_000), ("127.0.0.1", 5_000)
SOUND = encode(Codec.PCMU, tone(440.0, 0.02))


def stream(
    flow: m.Flow = m.Flow.SENDRECV, remote: tuple[str, int] = HERE, form: m.Format = PCMU
) -> ReferenceStream:
    host, port = remote
    order = m.OpenStream(n=1, call="c", format=form, remote_host=host, remote_port=port, flow=flow)
    return ReferenceStream(order, 6_000, 0.0)


def packet(seq: int, *, payload: bytes = SOUND, kind: int = 0, ssrc: int = 1, ts: int | None = None) -> bytes:
    return Packet(kind, seq, 160 * seq if ts is None else ts, ssrc, payload).pack()


def facts(one: ReferenceStream, kind: type) -> list:
    return [fact for fact in one.facts if isinstance(fact, kind)]


def test_books_are_kept() -> None:
    one = stream()
    for seq in (1, 2, 4, 3, 3, 7):
        one.take(packet(seq), HERE, 0.02 * seq)
    one.take(b"garbage", HERE, 0.2)
    told = one.last_statistics()
    assert (told.packets_received, told.packets_duplicate, told.packets_lost) == (5, 1, 2)
    assert told.packets_refused == 1
    assert told.last
    assert told.jitter_ms == pytest.approx(0, abs=0.1)


def test_a_packet_that_came_too_late_is_counted() -> None:
    one = stream()
    for seq in (1, 3, 4):
        one.take(packet(seq), HERE, 0.0)
    for _ in range(3):
        one.voice(0.1)
    one.take(packet(2), HERE, 0.1)
    assert one.figures().packets_late == 1


def test_jitter_grows_with_uneven_arrival() -> None:
    one = stream()
    for seq in range(1, 50):
        one.take(packet(seq), HERE, 0.02 * seq + (0.01 if seq % 2 else 0.0))
    assert one.figures().jitter_ms == pytest.approx(10, abs=2)


def test_the_announced_address_is_settled_at_once() -> None:
    one = stream()
    one.take(packet(1), HERE, 0.0)
    one.take(packet(2), THERE, 0.1)
    assert one.remote == HERE
    assert one.counters.refused == 1


def test_others_are_followed_for_the_first_seconds() -> None:
    one, third = stream(), ("127.0.0.1", 7_000)
    one.take(packet(1), THERE, 0.0)
    assert one.remote == THERE
    one.take(packet(2), third, LATCH_S / 2)
    assert one.remote == third
    one.take(packet(3), THERE, LATCH_S + 0.1)
    assert one.remote == third
    one.take(packet(4), HERE, LATCH_S + 0.2)
    assert one.remote == HERE, "signalling named it: believed at any time"


def test_a_change_opens_the_latch() -> None:
    one = stream()
    one.take(packet(1), HERE, 0.0)
    change = m.ChangeStream(
        n=1, call="c", format=PCMU, remote_host="127.0.0.1", remote_port=8_000, flow=m.Flow.SENDRECV
    )
    one.change(change)
    assert one.remote == ("127.0.0.1", 8_000)
    one.take(packet(2), THERE, 60.0)
    assert one.remote == THERE


def test_silence_is_told_once_and_its_end() -> None:
    one = stream()
    one.voice(SILENT_S + 0.1)
    one.voice(SILENT_S + 0.2)
    assert [fact.silent_ms for fact in facts(one, m.StreamSilent)] == [5_100]
    one.take(packet(1), HERE, SILENT_S + 1)
    one.take(packet(2), HERE, SILENT_S + 1.02)
    assert len(facts(one, m.StreamHeard)) == 1
    one.voice(2 * SILENT_S + 2)
    assert len(facts(one, m.StreamSilent)) == 2


def test_a_stream_that_only_sends_is_never_silent() -> None:
    one = stream(m.Flow.SENDONLY)
    assert one.voice(100.0) is None
    assert not one.facts


def test_a_key_is_told_after_forty_milliseconds_or_at_its_end() -> None:
    one = stream()

    def press(seq: int, ts: int, duration_ms: int, *, end: bool = False) -> None:
        event = DigitEvent("5", duration_ms * 8, end)
        one.take(packet(seq, payload=event.pack(), kind=101, ts=ts), HERE, 0.0)

    press(1, 1_000, 20)
    assert not facts(one, m.Digit)
    press(2, 1_000, 40)
    press(3, 1_000, 60, end=True)
    press(4, 1_000, 60, end=True)
    assert [fact.duration_ms for fact in facts(one, m.Digit)] == [40]
    press(5, 2_000, 20, end=True)
    press(6, 2_000, 20, end=True)
    assert [fact.duration_ms for fact in facts(one, m.Digit)] == [40, 20]


def test_a_new_source_of_packets_begins_anew() -> None:
    one = stream()
    for seq in (1, 2, 3):
        one.take(packet(seq), HERE, 0.0)
    one.take(packet(50_000, ssrc=2, ts=9), HERE, 0.1)
    assert one.counters.lost == 0
    assert one.voice(0.1) is None, "what was gathered of the old one is gone"


def test_speech_begins_after_three_frames_and_ends_after_half_a_second() -> None:
    one, said = stream(), []
    quiet = encode(Codec.PCMU, np.zeros(160, np.int16))
    for seq, payload in enumerate([SOUND] * 10 + [quiet] * 40, start=1):
        one.take(packet(seq, payload=payload), HERE, 0.02 * seq)
        one.voice(0.02 * seq)
        said.append(one.speaking)
    assert said.index(True) == 3, "one frame is gathered, three are listened to"
    assert sum(said) == 8 + 24, "from the third loud frame to the 25th quiet one"


@pytest.mark.parametrize(
    ("flow", "sends"), [("sendrecv", True), ("sendonly", True), ("recvonly", False), ("inactive", False)]
)
def test_packets_go_out_where_they_may_and_time_goes_on_where_not(flow: str, sends: bool) -> None:
    one, silence = stream(m.Flow(flow)), np.zeros(160, np.int16)
    first = one.packets(silence)
    assert bool(first) is sends
    one.packets(silence)
    one.flow = m.Flow.SENDRECV
    third = parse(one.packets(silence)[0])
    if sends:
        begin = parse(first[0])
        assert (third.seq - begin.seq) % 2**16 == 2
        assert (third.ts - begin.ts) % 2**32 == 320
        assert begin.marker
        assert not third.marker
    else:
        assert third.marker, "the first after a pause"


def test_nothing_is_sent_to_nowhere() -> None:
    one = stream(remote=("127.0.0.1", 0))
    assert one.packets(np.zeros(160, np.int16)) == []


@pytest.mark.parametrize(
    ("ptime_ms", "counts"), [(10, [2, 2, 2]), (20, [1, 1, 1]), (30, [0, 1, 1]), (60, [0, 0, 1])]
)
def test_packets_have_the_length_that_was_agreed(ptime_ms: int, counts: list[int]) -> None:
    form = m.Format(codec=m.Codec.PCMA, payload_type=8, digit_payload_type=None, ptime_ms=ptime_ms)
    one = stream(form=form)
    sent = [one.packets(np.zeros(160, np.int16)) for _ in counts]
    assert [len(packets) for packets in sent] == counts
    assert {len(parse(packet).payload) for packets in sent for packet in packets} == {8 * ptime_ms}


def test_the_state_is_what_a_snapshot_says() -> None:
    state = stream().state("room")
    assert (state.call, state.port, state.remote_port, state.conference) == ("c", 6_000, 4_000, "room")
