"""Posts plans and sources down the link and brings facts about streams back up.

Fits `roomtone.switchboard.ports.Media`. Restarts nothing by itself: after another engine has taken over, the
switchboard says what shall be; here only the record of loaded clips is emptied.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as replace_fields

from roomtone.core.call.messages import (
    CallSignal,
    DigitPressed,
    DigitWay,
    PeerLeft,
    RecordingOver,
    SourceEnded,
    StreamFigures,
    StreamWasHeard,
    StreamWentSilent,
)
from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.conference.mix import MixPlan
from roomtone.core.exchange import (
    Clip,
    EngineUnavailable,
    EngineView,
    OnSignal,
    PlayClip,
    Reopened,
    Room,
    Sound,
)
from roomtone.core.ids import CallId, ConferenceId, RecordingId
from roomtone.core.recording.taking import NotTaken, RecordingOrder, Taken
from roomtone.link import Link, OrderRefused, messages
from roomtone.link.frames import FrameTooLarge
from roomtone.media.clips import LoadedClips
from roomtone.media.orders import (
    ENTRY_TONE,
    EXIT_TONE,
    content_of,
    door_of,
    format_of,
    plan_order,
    record_order,
    security_of,
    suites_of,
    view_of,
)
from roomtone.media.picture import Picture, Playing
from roomtone.sdp.agreement import Agreement, Codec
from roomtone.sdp.codecs import ABILITIES, PLAIN
from roomtone.sdp.crypto import Suite

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the media adapter."""

    address: str = "127.0.0.1"
    """IP address to write into SDP: where callers send their audio."""

    leave_out_silence: bool = True
    """Whether silence is not sent to phones that agree to comfort noise."""

    entry: Clip | None = None
    """What a conference hears when somebody comes; None: a tone."""

    exit: Clip | None = None
    """What it hears when somebody goes."""

    clips_limit_bytes: int = 256 << 20
    """Decoded audio the engine keeps at most; the longest unused goes first."""


class EngineMedia:
    """Media by the engine behind a link."""

    def __init__(self, link: Link, on_signal: OnSignal, settings: Settings | None = None) -> None:
        self._link = link
        self._on_signal = on_signal
        self._settings = settings or Settings()
        self._clips = LoadedClips(self._settings.clips_limit_bytes)
        self._instance = ""
        self._picture = Picture()
        link.on_fact(self._take)

    @property
    def address(self) -> str:
        """IP address to write into SDP: where callers send their audio."""
        return self._settings.address

    @property
    def codecs(self) -> frozenset[Codec]:
        """What the engine can mix, as it said when it was met."""
        told = self._link.welcome.codecs if self._link.welcome else None
        return frozenset(Codec(codec.value) for codec in told) & ABILITIES if told else PLAIN

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the certificate that browsers are shown, as the engine said; None: it has no doors for them."""
        return self._link.welcome.fingerprint if self._link.welcome else None

    @property
    def addresses(self) -> tuple[str, ...]:
        """IP addresses at which browsers find our ports, the best first."""
        return (self._settings.address,)

    @property
    def suites(self) -> frozenset[Suite]:
        """How the engine can seal sound, as it said when it was met."""
        return suites_of(self._link.welcome.suites if self._link.welcome else None)

    async def open_stream(self, call: CallId, agreement: Agreement, *, shared: bool = False) -> int:
        """Open a port for a call and give its number. Idempotent.

        Args:
            call: Whose.
            agreement: What both sides do.
            shared: Whether it may come to the port that many share, if the engine has one: its packets come from the
                address that it named, and from no other.

        Raises:
            EngineUnavailable: No engine answers, or it has no port left.
        """
        order = messages.OpenStream(
            n=0,
            call=call.hex,
            format=self._format(agreement),
            remote_host=agreement.remote_host,
            remote_port=agreement.remote_port,
            flow=messages.Flow(agreement.flow.value),
            security=security_of(agreement),
            shared=shared or None,
            door=door_of(agreement),
        )
        try:
            port = (await self._link.ask(order, messages.Opened)).port
        except OrderRefused as no:
            raise EngineUnavailable(f"the engine opens no stream: {no}") from no
        self._picture.streams.setdefault(call.hex, replace_fields(order, port=port))
        return port

    def has_stream(self, call: CallId) -> bool:
        """Whether a stream was opened for a call and not closed, by this engine or one before it."""
        return call.hex in self._picture.streams

    async def change_stream(self, call: CallId, agreement: Agreement) -> bool:
        """Follow a re-INVITE; the port stays. Does nothing for a stream that is gone.

        Returns:
            False: the engine cannot, and the stream is as it was: a door is there from the beginning, or never.

        Raises:
            EngineUnavailable: No engine answers.
        """
        order = messages.ChangeStream(
            n=0,
            call=call.hex,
            format=self._format(agreement),
            remote_host=agreement.remote_host,
            remote_port=agreement.remote_port,
            flow=messages.Flow(agreement.flow.value),
            security=security_of(agreement),
            door=door_of(agreement),
        )
        try:
            await self._link.ask(order)
        except OrderRefused as no:
            log.info("stream not changed call=%s code=%s", call, no.code)
            return no.code == "unknown-stream"
        self._picture.changed(order)
        return True

    async def reopen(self, call: CallId) -> Reopened | None:
        """Open a stream that went with another engine as it was, at its port if that is free; None: it is not known.

        Raises:
            EngineUnavailable: No engine answers, or it has no port left.
        """
        wanted = self._picture.streams.get(call.hex)
        if wanted is None or wanted.door is not None:
            return None  # what a browser has agreed on with one engine it has not with another
        try:
            port = (await self._link.ask(wanted, messages.Opened)).port
        except OrderRefused as no:
            raise EngineUnavailable(f"the engine opens no stream: {no}") from no
        self._picture.streams[call.hex] = replace_fields(wanted, port=port)
        same, codec = port == wanted.port, wanted.format.codec.value
        return Reopened(same, port, codec, sealed=wanted.security is not None)

    async def renew(self) -> frozenset[tuple[str, int]]:
        """Say plans and what plays again, to an engine that took another's place; give what plays, by key and turn.

        Plans go first. Clips go one after the other: all at once may be more than the link holds unsent.

        Raises:
            EngineUnavailable: No engine answers.
        """
        for plan in self._picture.plans.values():
            self._link.post(plan)
        for key, playing in list(self._picture.sources.items()):
            if playing.clip is not None and not await self._load(playing.clip):
                self._picture.ended(key, playing.order.turn)
            if self._picture.sources.get(key) is playing:  # nothing else plays there meanwhile
                self._link.post(playing.order)
        return frozenset((key, one.order.turn) for key, one in self._picture.sources.items())

    def _format(self, agreement: Agreement) -> messages.Format:
        told = format_of(agreement)
        return told if self._settings.leave_out_silence else replace(told, noise_payload_type=None)

    async def close_stream(self, call: CallId) -> None:
        """Close a call's port. Idempotent.

        Raises:
            EngineUnavailable: No engine answers.
        """
        self._picture.streams.pop(call.hex, None)
        await self._link.ask(messages.CloseStream(n=0, call=call.hex))

    def apply(self, room: Room, plan: MixPlan) -> None:
        """Post a plan; takes effect at the engine's next tick. Dropped while no engine answers."""
        order = plan_order(room, plan)
        self._picture.plan(order)
        self._link.post(order)

    def drop(self, room: Room) -> None:
        """Forget a room's plan."""
        self._picture.plans.pop(room.hex, None)
        self._link.post(messages.DropConference(n=0, conference=room.hex))

    async def play(self, key: str, turn: int, sound: Sound) -> None:
        """Start, or replace, what a source plays; `SourceEnded(key, turn)` follows when it ends.

        What the engine will not play has ended at once.

        Raises:
            EngineUnavailable: No engine answers.
        """
        try:
            await self._start(key, turn, sound)
        except (OrderRefused, FrameTooLarge) as no:
            log.warning("source not played source=%s turn=%d problem=%r", key, turn, str(no))
            asyncio.get_running_loop().call_soon(self._on_signal, SourceEnded(key, turn))

    def stop(self, key: str) -> None:
        """End a source without a signal."""
        self._picture.sources.pop(key, None)
        self._link.post(messages.StopSource(n=0, source=key))

    def beep(self, room: ConferenceId, *, entering: bool, calls: Sequence[CallId]) -> None:
        """Play the entry or exit sound to these calls, over what they hear."""
        if not calls:
            return
        sound, tone = (self._settings.entry, ENTRY_TONE) if entering else (self._settings.exit, EXIT_TONE)
        if sound is not None:
            self._hand_over(sound)
            tone = content_of(PlayClip(sound, 1))
        ears = [call.hex for call in calls]
        self._link.post(messages.PlayOnce(n=0, conference=room.hex, content=tone, calls=ears))

    async def press(self, call: CallId, keys: str) -> bool:
        """Send keys to a call's phone as events beside the sound; False: it takes none, or there is no engine."""
        try:
            await self._link.ask(messages.PressKeys(n=0, call=call.hex, keys=keys))
        except (OrderRefused, EngineUnavailable) as no:
            log.info("keys not sent call=%s problem=%r", call, str(no))
            return False
        return True

    async def figures(self, call: CallId) -> StreamFigures | None:
        """Ask for the counters of a call's stream, a second old at most; None: none, or no engine that can be asked."""
        return (await self.figures_of_all((call,))).get(call)

    async def figures_of_all(self, calls: Sequence[CallId]) -> Mapping[CallId, StreamFigures]:
        """Ask at once for the counters of several calls' streams; those of whom none are known are left out."""
        if not calls:
            return {}
        order = messages.TakeStatistics(n=0, calls=[call.hex for call in calls])
        try:
            told = (await self._link.ask(order, messages.Statistics)).streams
        except (OrderRefused, EngineUnavailable) as no:
            log.info("no figures calls=%d problem=%r", len(calls), str(no))
            return {}
        return {figures.call: figures for figures in map(figures_of, told)}

    async def record(self, order: RecordingOrder, folder: str) -> Taken | NotTaken:
        """Have a recording be just this, its tracks written to a folder; `RecordingOver` follows in the end.

        Args:
            order: All of it; may be given again.
            folder: Absolute path; it is there already.
        """
        try:
            told = await self._link.ask(record_order(order, folder), messages.Recording)
        except (OrderRefused, EngineUnavailable) as no:
            log.warning("recording=%s is not taken: %s", order.recording, no)
            return NotTaken(str(no))
        return Taken(told.began_unix_ms, told.samples)

    def end_recording(self, recording: RecordingId) -> None:
        """Have the last of a recording written; `RecordingOver` follows. Idempotent."""
        self._link.post(messages.EndRecording(n=0, recording=recording.hex))

    async def view(self) -> EngineView:
        """Ask the engine what it holds.

        Raises:
            EngineUnavailable: No engine answers.
        """
        snapshot = await self._link.ask(messages.TakeSnapshot(n=0), messages.Snapshot)
        self._clips.keep_only(frozenset(snapshot.clips))
        self._picture.learn(snapshot.streams)
        return view_of(snapshot)

    async def _start(self, key: str, turn: int, sound: Sound) -> None:
        order = messages.StartSource(n=0, source=key, turn=turn, content=content_of(sound))
        clip = sound.clip if isinstance(sound, PlayClip) else None
        self._picture.sources[key] = Playing(order, clip)
        try:
            await self._start_with(order, sound)
        except BaseException:
            self._picture.ended(key, turn)
            raise

    async def _start_with(self, order: messages.StartSource, sound: Sound) -> None:
        if not isinstance(sound, PlayClip):
            await self._link.ask(order)
            return
        known = self._hand_over(sound.clip)
        try:
            await self._link.ask(order)
        except OrderRefused:
            self._clips.forget(sound.clip.name)
            if not known:
                raise
            # The record was wrong (the hand-over was cut off, say): once more, with the clip.
            self._hand_over(sound.clip)
            await self._link.ask(order)

    def _hand_over(self, clip: Clip) -> bool:
        """Post a clip unless the engine has it, dropping others to make room; say whether it had it."""
        known = self._has(clip)
        if not known:
            self._link.post(messages.LoadClip(n=0, clip=clip.name, rate_hz=clip.rate_hz, pcm=clip.pcm))
        self._use(clip)
        return known

    async def _load(self, clip: Clip) -> bool:
        """Hand a clip over unless the engine has it, and wait until it does; False: it does not take it.

        Raises:
            EngineUnavailable: No engine answers.
        """
        if self._has(clip):
            return True
        try:
            await self._link.ask(messages.LoadClip(n=0, clip=clip.name, rate_hz=clip.rate_hz, pcm=clip.pcm))
        except OrderRefused as no:
            log.warning("clip not taken clip=%s code=%s", clip.name, no.code)
            return False
        self._use(clip)
        return True

    def _has(self, clip: Clip) -> bool:
        instance = self._link.welcome.instance if self._link.welcome else ""
        if instance != self._instance:
            self._clips.clear()
            self._instance = instance
        return clip.name in self._clips

    def _use(self, clip: Clip) -> None:
        for name in self._clips.use(clip):
            self._link.post(messages.DropClip(n=0, clip=name))

    def _take(self, fact: messages.Fact) -> None:
        signal = signal_of(fact)
        if isinstance(signal, SourceEnded):
            self._picture.ended(signal.key, signal.turn)
        if signal is not None:
            self._on_signal(signal)
        elif isinstance(fact, messages.TickStatistics):
            level = logging.WARNING if fact.skipped else logging.DEBUG
            log.log(level, "engine ticks thread=%d skipped=%d %s", fact.thread, fact.skipped, fact)
        elif isinstance(fact, messages.FactsDropped):
            log.error("engine lost facts count=%d", fact.count)


def signal_of(fact: messages.Fact) -> CallSignal | None:
    """Say a fact about a stream or a source in the house's words; None if it is about neither."""
    match fact:
        case messages.Digit(call=call, digit=digit, duration_ms=duration_ms, source=source):
            way = DigitWay.RTP if source is None else DigitWay(source.value)
            return DigitPressed(CallId.from_hex(call), digit, duration_ms, way)
        case messages.SpeechStarted(call=call):
            return SpeechStarted(CallId.from_hex(call))
        case messages.SpeechStopped(call=call):
            return SpeechStopped(CallId.from_hex(call))
        case messages.SourceEnded(source=source, turn=turn):
            return SourceEnded(source, turn)
        case messages.RecordingEnded():
            return RecordingOver(
                RecordingId.from_hex(fact.recording), fact.samples, fact.lost_samples, fact.fault
            )
        case messages.StreamSilent(call=call, silent_ms=silent_ms):
            return StreamWentSilent(CallId.from_hex(call), silent_ms)
        case messages.PeerLeft(call=call, why=why):
            return PeerLeft(CallId.from_hex(call), why)
        case messages.StreamHeard(call=call):
            return StreamWasHeard(CallId.from_hex(call))
        case messages.StreamStatistics():
            return figures_of(fact)
        case _:
            return None


def figures_of(fact: messages.StreamStatistics | messages.StreamFigures) -> StreamFigures:
    """Say a stream's counters in the house's words."""
    return StreamFigures(
        call=CallId.from_hex(fact.call),
        packets_received=fact.packets_received,
        packets_sent=fact.packets_sent,
        packets_lost=fact.packets_lost,
        packets_late=fact.packets_late,
        packets_duplicate=fact.packets_duplicate,
        packets_refused=fact.packets_refused,
        jitter_ms=fact.jitter_ms,
        depth_ms=fact.depth_ms,
        round_trip_ms=fact.round_trip_ms,
        codec=None if fact.codec is None else fact.codec.value,
        mix_delay_ms=fact.mix_delay_ms,
        depths_ms=tuple(fact.depths_ms or ()),
        level_db=fact.level_db,
    )
