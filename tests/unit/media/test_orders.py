"""The house's words for audio as orders, and a snapshot in the house's words."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from roomtone.core.conference.mix import MixPlan, Seat, Soundtrack, Towards
from roomtone.core.exchange import Clip, EngineView, PlayClip, PlaySilence, PlayTone
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.values import JitterBuffer, Silence
from roomtone.link import messages as m
from roomtone.media.orders import (
    ENTRY_TONE,
    EXIT_TONE,
    content_of,
    format_of,
    plan_order,
    security_of,
    suites_of,
    view_of,
)
from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.crypto import Crypto, Suite
from roomtone.sdp.opus import OpusWishes

A, B, C = (CallId(number) for number in (1, 2, 3))
ROOM = ConferenceId(9)


def test_a_plan_goes_over_seat_by_seat() -> None:
    held = Soundtrack("hold:1:1", Silence(), A, once=False)
    plan = MixPlan(
        7,
        (
            Seat(A, Towards.NOBODY, "hold:1:1"),
            Seat(B, C, None, ("announce:2:4",)),
            Seat(C, Towards.ROOM, None, (), JitterBuffer.OFF),
        ),
        (held,),
        speech=True,
    )
    order = plan_order(ROOM, plan)
    assert (order.conference, order.revision, order.speech) == (ROOM.hex, 7, True)
    large, off = m.JitterBuffer.LARGE, m.JitterBuffer.OFF
    assert order.seats == [
        m.SeatOrder(
            call=A.hex, talks=m.Talks.NOBODY, target=None, hears=m.Hears.SOURCE, source="hold:1:1", overlays=[],
            jitter_buffer=large,
        ),
        m.SeatOrder(
            call=B.hex, talks=m.Talks.CALL, target=C.hex, hears=m.Hears.ROOM, source=None, overlays=["announce:2:4"],
            jitter_buffer=large,
        ),
        m.SeatOrder(
            call=C.hex, talks=m.Talks.ROOM, target=None, hears=m.Hears.ROOM, source=None, overlays=[],
            jitter_buffer=off,
        ),
    ]  # fmt: skip


def test_a_private_plan_goes_by_the_calls_own_name() -> None:
    assert plan_order(A, MixPlan(1)).conference == A.hex


def test_sounds_become_contents() -> None:
    clip = Clip("name", 8_000, b"")
    assert content_of(PlayClip(clip, 3)) == m.Content(
        clip="name", loops=3, tone_hz=None, level_db=0.0, duration_ms=0
    )
    assert content_of(PlayTone(440.0, -10.0, 200)) == m.Content(
        clip=None, loops=1, tone_hz=440.0, level_db=-10.0, duration_ms=200
    )
    assert content_of(PlaySilence(500)) == m.Content(
        clip=None, loops=1, tone_hz=None, level_db=0.0, duration_ms=500
    )


def test_the_beeps_differ_and_have_an_end() -> None:
    assert ENTRY_TONE.tone_hz > EXIT_TONE.tone_hz
    assert 0 < ENTRY_TONE.duration_ms <= 500
    assert 0 < EXIT_TONE.duration_ms <= 500


def test_a_format_says_what_was_agreed() -> None:
    agreement = Agreement(Codec.PCMA, 8, 96, 30, "192.0.2.1", 4_000, Flow.SENDONLY)
    assert format_of(agreement) == m.Format(
        codec=m.Codec.PCMA, payload_type=8, digit_payload_type=96, ptime_ms=30, clock_rate_hz=8_000
    )


def test_a_format_says_what_the_peer_wishes_of_opus_and_when_digits_have_a_clock_of_their_own() -> None:
    wishes = OpusWishes(fec=True, dtx=True, bitrate_bps=24_000, max_playback_hz=16_000)
    agreement = Agreement(
        Codec.OPUS, 111, 101, 40, "192.0.2.1", 4_000, Flow.SENDRECV,
        clock_rate_hz=48_000, digit_clock_rate_hz=8_000, opus=wishes,
    )  # fmt: skip
    assert format_of(agreement) == m.Format(
        codec=m.Codec.OPUS, payload_type=111, digit_payload_type=101, ptime_ms=40,
        clock_rate_hz=48_000, digit_clock_rate_hz=8_000,
        opus=m.OpusFormat(fec=True, dtx=True, bitrate_bps=24_000, max_playback_hz=16_000),
    )  # fmt: skip


def test_a_format_from_an_engine_that_knows_no_clocks_is_understood() -> None:
    old = {"codec": "PCMU", "payload_type": 0, "digit_payload_type": None, "ptime_ms": 20}
    assert msgspec.convert(old, m.Format).clock_rate_hz is None


def test_a_snapshot_becomes_a_view_of_what_lives() -> None:
    pcmu = m.Format(codec=m.Codec.PCMU, payload_type=0, digit_payload_type=None, ptime_ms=20)
    leg = {"from_uri": "", "to_uri": "", "sip_call_id": ""}
    snapshot = m.Snapshot(
        n=1,
        legs=[m.LegState(call=A.hex, answered=True, **leg), m.LegState(call=B.hex, answered=False, **leg)],
        streams=[
            m.StreamState(
                call=A.hex, port=2, format=pcmu, remote_host="", remote_port=1, flow=m.Flow.SENDRECV, conference=None
            )
        ],
        plans=[m.PlanState(conference=ROOM.hex, revision=1)],
        sources=[
            m.SourceState(source="on", turn=1, ended=False),
            m.SourceState(source="over", turn=2, ended=True),
        ],
        clips=["c"],
    )  # fmt: skip
    assert view_of(snapshot) == EngineView(
        legs=frozenset({A, B}),
        answered=frozenset({A}),
        streams=frozenset({A}),
        plans=frozenset({ROOM.hex}),
        sources=frozenset({("on", 1)}),
    )


def test_both_sides_keys_go_to_the_engine_and_show_themselves_nowhere() -> None:
    theirs, ours = (Crypto(1, Suite.GCM_128, bytes([n]) * 28) for n in (7, 8))
    plain = Agreement(Codec.PCMU, 0, 101, 20, "192.0.2.1", 4_000, Flow.SENDRECV)
    assert security_of(plain) is None
    spelled = security_of(replace(plain, theirs=theirs, ours=ours))
    assert spelled == m.Security(suite=m.Suite.GCM128, send_key=ours.key, receive_key=theirs.key)
    assert "\\x07" not in repr(spelled)
    assert "\\x07" not in repr(theirs)


def test_an_engine_that_does_not_say_can_seal_nothing() -> None:
    assert suites_of(None) == frozenset()
    assert suites_of(m.Suite) == frozenset(Suite)
