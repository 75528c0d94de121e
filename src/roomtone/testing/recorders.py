"""Stand-ins for the adapters below the switchboard: they do what they are told and remember it.

For tests of the switchboard and of whatever is built on it: no engine, no network, no files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from roomtone.core.browsing import Verdict
from roomtone.core.call.messages import PeerAsked, StreamFigures
from roomtone.core.conference.mix import MixPlan
from roomtone.core.exchange import (
    Clip,
    EngineUnavailable,
    EngineView,
    Fetched,
    FetchedAudio,
    FetchFailed,
    FetchRequest,
    Reopened,
    Room,
    Sound,
    Summons,
    Utterance,
)
from roomtone.core.ids import CallId, ConferenceId, RecordingId
from roomtone.core.recording.finishing import Finished, FinishFailed, FinishFault, Finishing
from roomtone.core.recording.taking import NotTaken, RecordingOrder, Taken
from roomtone.sdp.agreement import Agreement, Codec
from roomtone.sdp.codecs import ABILITIES
from roomtone.sdp.crypto import Suite

EMPTY_ENGINE = EngineView(frozenset(), frozenset(), frozenset(), frozenset(), frozenset())
"""What an engine holds that has just been started."""


@dataclass
class RecordingSignalling:
    """Remembers what was ordered of each call."""

    orders: list[tuple[str, CallId]] = field(default_factory=list)
    refusals: dict[CallId, int] = field(default_factory=dict)
    told_headers: dict[CallId, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Of refusals."""

    summonses: dict[CallId, Summons] = field(default_factory=dict)

    async def invite(self, call: CallId, summons: Summons, sdp: str) -> None:
        """Remember, with whom is called and as whom."""
        assert sdp.startswith("v=0"), "an INVITE carries an offer"
        self.summonses[call] = summons
        self.orders.append(("invite", call))

    async def ring(self, call: CallId, sdp: str | None = None) -> None:
        """Remember, without the description."""
        self.orders.append(("ring" if sdp is None else "ring with sound", call))

    async def answer(self, call: CallId, sdp: str) -> None:
        """Remember, without the description."""
        assert sdp.startswith("v=0"), "an answer is a session description"
        self.orders.append(("answer", call))

    responses: list[tuple[PeerAsked, int, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    """What was answered to what peers asked."""

    probes: list[tuple[str, str]] = field(default_factory=list)
    """Who was asked whether it is there."""

    instance: str = "engine"
    """Of the engine."""

    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of hosts."""

    shunned: dict[str, float] = field(default_factory=dict)
    """For how many seconds, by address."""

    async def respond(
        self, asked: PeerAsked, status: int, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Remember, with the status."""
        assert reason, "an answer has words"
        self.responses.append((asked, status, tuple(headers)))

    async def probe(self, request: str, uri: str) -> None:
        """Remember."""
        self.probes.append((request, uri))

    asked: list[tuple[str, CallId, str, tuple[tuple[str, str], ...], tuple[str, str] | None]] = field(
        default_factory=list
    )
    """What was asked within calls: request, call, method, headers, content."""

    async def ask(
        self,
        request: str,
        call: CallId,
        method: str,
        headers: Sequence[tuple[str, str]],
        content: tuple[str, str] | None = None,
    ) -> None:
        """Remember."""
        self.asked.append((request, call, method, tuple(headers), content))

    async def locate(self, host: str) -> Sequence[str]:
        """Find what was put there."""
        return self.addresses.get(host, ())

    async def shun(self, host: str, for_s: float) -> None:
        """Remember."""
        self.shunned[host] = for_s

    async def refuse(
        self, call: CallId, status: int, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Remember, with the status and the headers."""
        self.told_headers[call] = tuple(headers)
        assert reason, "a refusal says why"
        self.refusals[call] = status
        self.orders.append(("refuse", call))

    restorable: set[CallId] = field(default_factory=set)
    """Calls that another engine can go on with."""

    offers: dict[CallId, str] = field(default_factory=dict)
    """The latest offer in a call that was up."""

    def remember(self, dialogs: Mapping[CallId, bytes]) -> None:
        """Remember which calls another engine can go on with."""
        self.restorable |= dialogs.keys()

    def forget(self, but: AbstractSet[CallId]) -> None:
        """Remember no others."""
        self.restorable &= but
        self.waiting &= but

    dying: int = 0
    """How many engines die from now on while they take a call up."""

    async def restore(self, call: CallId) -> bool:
        """Remember."""
        self.orders.append(("restore", call))
        if self.dying:
            self.dying -= 1
            raise EngineUnavailable("gone while it took a call up")
        return call in self.restorable

    async def reoffer(self, call: CallId, sdp: str) -> None:
        """Remember, with the offer."""
        self.offers[call] = sdp
        self.orders.append(("reoffer", call))

    async def hang_up(self, call: CallId) -> None:
        """Remember."""
        self.orders.append(("hang_up", call))

    def expect(self, call: CallId) -> asyncio.Future[Verdict]:
        """Remember; no browser is ever answered."""
        self.orders.append(("expect", call))
        self.waiting.add(call)
        return asyncio.get_running_loop().create_future()

    def know(self, browsers: AbstractSet[CallId]) -> None:
        """Remember."""
        self.orders += [("know", call) for call in browsers]

    waiting: set[CallId] = field(default_factory=set)
    """Calls of browsers that no answer was given to yet."""

    def leave(self, call: CallId) -> bool:
        """Remember."""
        self.orders.append(("leave", call))
        return False

    def told(self, call: CallId) -> list[str]:
        """Give what was ordered of one call, in order."""
        return [order for order, whom in self.orders if whom == call]


@dataclass
class RecordingMedia:
    """Remembers streams, plans and sources; plays nothing."""

    address: str = "127.0.0.1"
    codecs: frozenset[Codec] = ABILITIES
    suites: frozenset[Suite] = frozenset(Suite)
    fingerprint: str | None = None
    """Of the certificate that browsers would be shown."""

    addresses: tuple[str, ...] = ("127.0.0.1",)
    streams: dict[CallId, Agreement] = field(default_factory=dict)
    sharing: set[CallId] = field(default_factory=set)
    """Whose stream may come to a port that many share."""

    plans: dict[str, MixPlan] = field(default_factory=dict)
    """Plans in force, by the room's hex."""

    playing: dict[str, tuple[int, Sound]] = field(default_factory=dict)
    """Sources that play, by key."""

    beeps: list[tuple[ConferenceId, bool, tuple[CallId, ...]]] = field(default_factory=list)
    pressed: list[tuple[CallId, str]] = field(default_factory=list)
    takes_keys: bool = True
    """Whether phones take keys as events."""

    counted: dict[CallId, StreamFigures] = field(default_factory=dict)
    """What `figures` answers."""

    left_behind: EngineView = EMPTY_ENGINE
    """What `view` answers."""

    away: bool = False
    """Whether no engine is there to play anything."""

    plays: int = 0
    """How often something was to be played."""

    async def open_stream(self, call: CallId, agreement: Agreement, *, shared: bool = False) -> int:
        """Remember the stream; its port is made up."""
        self.streams.setdefault(call, agreement)
        if shared:
            self.sharing.add(call)
        return 20_000

    def has_stream(self, call: CallId) -> bool:
        """Look at what is remembered."""
        return call in self.streams

    async def change_stream(self, call: CallId, agreement: Agreement) -> bool:
        """Remember the new agreement; as an engine, give no stream a door, nor take it away."""
        before = self.streams.get(call)
        if before is not None and (before.door is None) != (agreement.door is None):
            return False
        self.streams[call] = agreement
        return True

    port_again: int = 20_000
    """Which port a stream has that is opened again; 20000 is the one it had."""

    renewed: int = 0
    """How often the whole picture was said to another engine."""

    async def reopen(self, call: CallId) -> Reopened | None:
        """Give what is known of the stream."""
        agreement = self.streams.get(call)
        if agreement is None:
            return None
        codec, sealed = agreement.codec.value.upper(), agreement.theirs is not None
        return Reopened(self.port_again == 20_000, self.port_again, codec, sealed=sealed)

    async def renew(self) -> frozenset[tuple[str, int]]:
        """Count it; what plays plays on."""
        self.renewed += 1
        return frozenset((key, turn) for key, (turn, _) in self.playing.items())

    async def close_stream(self, call: CallId) -> None:
        """Forget the stream."""
        self.streams.pop(call, None)

    def apply(self, room: Room, plan: MixPlan) -> None:
        """Remember the plan."""
        self.plans[room.hex] = plan

    def drop(self, room: Room) -> None:
        """Forget the plan."""
        self.plans.pop(room.hex, None)

    async def play(self, key: str, turn: int, sound: Sound) -> None:
        """Remember what plays; it never ends by itself."""
        self.plays += 1
        if self.away:
            raise EngineUnavailable("no engine answers just now")
        self.playing[key] = (turn, sound)

    def stop(self, key: str) -> None:
        """Forget what plays."""
        self.playing.pop(key, None)

    def beep(self, room: ConferenceId, *, entering: bool, calls: Sequence[CallId]) -> None:
        """Remember the beep."""
        self.beeps.append((room, entering, tuple(calls)))

    async def press(self, call: CallId, keys: str) -> bool:
        """Remember the keys."""
        self.pressed.append((call, keys))
        return self.takes_keys

    async def figures(self, call: CallId) -> StreamFigures | None:
        """Give what was put there."""
        return self.counted.get(call)

    async def figures_of_all(self, calls: Sequence[CallId]) -> Mapping[CallId, StreamFigures]:
        """Give what was put there."""
        return {call: self.counted[call] for call in calls if call in self.counted}

    taken: dict[RecordingId, RecordingOrder] = field(default_factory=dict)
    """What is recorded."""

    takes: list[RecordingOrder] = field(default_factory=list)
    """All orders to record, in order."""

    takes_ended: list[RecordingId] = field(default_factory=list)
    began_unix_ms: int = 1_700_000_000_000
    """What a recording is told of its beginning."""

    not_taken: str | None = None
    """Why nothing is recorded; None: it is."""

    async def record(self, order: RecordingOrder, folder: str) -> Taken | NotTaken:
        """Remember what is to be recorded."""
        assert folder, "a recording has a folder"
        if self.not_taken is not None:
            return NotTaken(self.not_taken)
        self.taken[order.recording] = order
        self.takes.append(order)
        return Taken(self.began_unix_ms, 0)

    def end_recording(self, recording: RecordingId) -> None:
        """Remember; a test tells `RecordingOver`."""
        if recording in self.taken:
            del self.taken[recording]
            self.takes_ended.append(recording)

    async def view(self) -> EngineView:
        """Give what was put there."""
        return self.left_behind


@dataclass
class MemoryArchive:
    """Remembers what it was asked; there is no sound."""

    finishings: list[Finishing] = field(default_factory=list)
    removed: list[RecordingId] = field(default_factory=list)
    begun: list[RecordingId] = field(default_factory=list)
    duration_ms: int = 4_200
    """Of whatever is finished."""

    heard: bool = True
    """Whether there is anything in whatever is finished."""

    fault: FinishFault | None = None
    """Why nothing can be finished; None: it can."""

    gate: asyncio.Event | None = None
    """If there is one, nothing is finished before it is set."""

    async def folder(self, recording: RecordingId) -> str | FinishFailed:
        """Give a path that is not there."""
        self.begun.append(recording)
        return f"/nowhere/recordings/{recording.hex}"

    async def finish(self, finishing: Finishing) -> Finished | FinishFailed:
        """Remember, and give what was decided."""
        if self.gate is not None:
            await self.gate.wait()
        self.finishings.append(finishing)
        if self.fault is not None:
            return FinishFailed(finishing.recording, self.fault, "it is so")
        return Finished(
            finishing.recording, finishing.channels, self.duration_ms, 1_000, "0" * 64, heard=self.heard
        )

    async def remove(self, recording: RecordingId) -> None:
        """Remember."""
        self.removed.append(recording)

    async def left_over(self) -> Sequence[RecordingId]:
        """List what was begun and neither finished nor removed."""
        done = {one.recording for one in self.finishings} | set(self.removed)
        return [one for one in dict.fromkeys(self.begun) if one not in done]


@dataclass
class ScriptedDocuments:
    """Answers questions from a table; what is not in it cannot be fetched."""

    answers: dict[str, Fetched] = field(default_factory=dict)
    asked: list[FetchRequest] = field(default_factory=list)
    spoken: list[Utterance] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """If there is one, nothing is answered before it is set."""

    async def fetch(self, request: FetchRequest) -> Fetched:
        """Give the answer of the table."""
        self.asked.append(request)
        if self.gate is not None:
            await self.gate.wait()
        return self.answers.get(request.url) or FetchFailed(11200, "there is nothing", request.url)

    async def speak(self, utterance: Utterance) -> Fetched:
        """Remember; a tenth of a second of silence is what it comes to."""
        self.spoken.append(utterance)
        return FetchedAudio(self.house_music(), "<Say>")

    def key_tones(self, keys: str) -> Clip:
        """Give silence under the keys' name."""
        return Clip(f"keys {keys}", 8_000, bytes(1_600))

    def ring_tone(self, country: str | None) -> Clip:
        """Give silence under the country's name."""
        return Clip(f"ring tone {country}", 8_000, bytes(1_600))

    def house_music(self) -> Clip:
        """Give a tenth of a second of silence."""
        return Clip("house music", 8_000, bytes(1_600))
