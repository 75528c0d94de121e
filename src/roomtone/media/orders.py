"""The house's words for audio, spelled as orders. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import EngineView, PlayClip, PlaySilence, PlayTone, Room, Sound
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.recording.taking import RecordingOrder
from roomtone.link import messages
from roomtone.sdp.agreement import Agreement
from roomtone.sdp.crypto import Suite
from roomtone.sdp.doors import Setup
from roomtone.sdp.opus import OpusWishes

ENTRY_TONE = messages.Content(clip=None, loops=1, tone_hz=660.0, level_db=-16.0, duration_ms=200)
"""Heard when somebody comes: 660 Hz for 200 ms, loud enough to notice under speech."""

EXIT_TONE = messages.Content(clip=None, loops=1, tone_hz=330.0, level_db=-16.0, duration_ms=200)
"""Heard when somebody goes: an octave lower."""


def plan_order(room: Room, plan: MixPlan) -> messages.ApplyPlan:
    """Spell a plan. Keys of soundtracks go as they are, playing or not: a source nobody started is silence."""
    seats = [_seat(seat) for seat in plan.seats]
    return messages.ApplyPlan(
        n=0, conference=room.hex, revision=plan.revision, seats=seats, speech=plan.speech
    )


def _seat(seat: Seat) -> messages.SeatOrder:
    target = seat.talks_to.hex if isinstance(seat.talks_to, CallId) else None
    match seat.talks_to:
        case Towards.ROOM:
            talks = messages.Talks.ROOM
        case Towards.NOBODY:
            talks = messages.Talks.NOBODY
        case _:
            talks = messages.Talks.CALL
    return messages.SeatOrder(
        call=seat.call.hex,
        talks=talks,
        target=target,
        hears=messages.Hears.ROOM if seat.hears is None else messages.Hears.SOURCE,
        source=seat.hears,
        overlays=list(seat.overlays),
        jitter_buffer=messages.JitterBuffer(seat.jitter_buffer.value),
    )


def content_of(sound: Sound) -> messages.Content:
    """Spell what a source plays."""
    match sound:
        case PlayClip(clip=clip, loops=loops):
            return messages.Content(clip=clip.name, loops=loops, tone_hz=None, level_db=0.0, duration_ms=0)
        case PlayTone(hz=hz, level_db=level_db, duration_ms=duration_ms):
            return messages.Content(
                clip=None, loops=1, tone_hz=hz, level_db=level_db, duration_ms=duration_ms
            )
        case PlaySilence(duration_ms=duration_ms):
            return messages.Content(clip=None, loops=1, tone_hz=None, level_db=0.0, duration_ms=duration_ms)


def format_of(agreement: Agreement) -> messages.Format:
    """Spell a stream's format."""
    return messages.Format(
        codec=messages.Codec(agreement.codec.value),
        payload_type=agreement.payload_type,
        digit_payload_type=agreement.digit_payload_type,
        ptime_ms=agreement.ptime_ms,
        clock_rate_hz=agreement.clock_rate_hz,
        digit_clock_rate_hz=agreement.digit_clock_rate_hz,
        noise_payload_type=agreement.noise_payload_type,
        opus=None if agreement.opus is None else _opus_of(agreement.opus),
    )


_SUITES = {
    Suite.CM_80: messages.Suite.CM80,
    Suite.CM_32: messages.Suite.CM32,
    Suite.GCM_128: messages.Suite.GCM128,
    Suite.GCM_256: messages.Suite.GCM256,
}


def suites_of(told: Iterable[messages.Suite] | None) -> frozenset[Suite]:
    """Say which suites an engine can do; one that does not say can do none."""
    known = set(told or ())
    return frozenset(suite for suite, spelled in _SUITES.items() if spelled in known)


def security_of(agreement: Agreement) -> messages.Security | None:
    """Spell a stream's keys; None: it is plain."""
    if agreement.theirs is None:
        return None
    assert agreement.ours is not None, "an agreement that is carried out has both sides' keys"
    return messages.Security(
        suite=_SUITES[agreement.theirs.suite],
        send_key=agreement.ours.key,
        receive_key=agreement.theirs.key,
    )


def door_of(agreement: Agreement) -> messages.Door | None:
    """Spell how a browser comes; None: whoever comes is none."""
    ours, theirs = agreement.door, agreement.browser
    if ours is None:
        return None
    return messages.Door(
        username=ours.username,
        password=ours.password.encode(),
        fingerprint=None if theirs is None else theirs.fingerprint,
        active=ours.setup is Setup.ACTIVE,
    )


def _opus_of(wishes: OpusWishes) -> messages.OpusFormat:
    return messages.OpusFormat(
        fec=wishes.fec,
        dtx=wishes.dtx,
        bitrate_bps=wishes.bitrate_bps,
        max_playback_hz=wishes.max_playback_hz,
    )


def view_of(snapshot: messages.Snapshot) -> EngineView:
    """Say a snapshot in the house's words."""
    legs = frozenset(CallId.from_hex(leg.call) for leg in snapshot.legs)
    at_doors = frozenset(CallId.from_hex(one.call) for one in snapshot.streams if one.door is not None)
    browsers = at_doors - legs
    return EngineView(
        legs=legs | browsers,
        answered=frozenset(CallId.from_hex(leg.call) for leg in snapshot.legs if leg.answered) | browsers,
        browsers=browsers,
        streams=frozenset(CallId.from_hex(stream.call) for stream in snapshot.streams),
        plans=frozenset(plan.conference for plan in snapshot.plans),
        sources=frozenset((one.source, one.turn) for one in snapshot.sources if not one.ended),
        dialogs={CallId.from_hex(leg.call): leg.dialog for leg in snapshot.legs if leg.dialog is not None},
        recordings=frozenset(RecordingId.from_hex(one.recording) for one in snapshot.recordings or ()),
    )


def record_order(order: RecordingOrder, folder: str) -> messages.Record:
    """Spell what is to be recorded, and where to."""
    tracks = [
        messages.Track(
            name=track.name,
            heard=[
                messages.Heard(ear=messages.Ear(one.ear.value), subject=one.subject.hex)
                for one in track.heard
            ],
            sources=list(track.sources),
        )
        for track in order.tracks
    ]
    return messages.Record(
        n=0,
        recording=order.recording.hex,
        folder=folder,
        rate_hz=order.rate_hz,
        reel=messages.Reel(order.reel.value),
        tracks=tracks,
    )
