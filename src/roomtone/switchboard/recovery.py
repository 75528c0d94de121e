"""A brain that has just come back: what the engine holds is compared with the store, and what both know is adopted.

Strangers are hung up: calls the store does not know, streams and plans of nobody. Calls the engine does not know any more
have ended, and their conferences are told so. Plans are applied again by revision, which changes nothing where nothing
has changed.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from collections.abc import Set as AbstractSet

from roomtone.core.call import step as life
from roomtone.core.call.messages import (
    CallEnded,
    EndedBy,
    EngineReplaced,
    IncomingCall,
    RecordingOver,
    SourceEnded,
)
from roomtone.core.call.state import Call
from roomtone.core.conference.messages import CallStatus, LegEnded, VoiceClosed
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.exchange import EngineView
from roomtone.core.ids import CallId, RecordingId
from roomtone.cxml import script as machine
from roomtone.switchboard.line import UNDECIDED, Offered
from roomtone.switchboard.ports import Clock, Media, Signalling, Store
from roomtone.switchboard.room import Room
from roomtone.switchboard.switchboard import Switchboard

log = logging.getLogger(__name__)

POISON_TIMES, POISON_S = 3, 60.0
"""So many engines that die within so many seconds die of what is handed over to each: then no more is."""


class Recovery:
    """Brings switchboard, store and engine to one picture."""

    def __init__(
        self, switchboard: Switchboard, store: Store, signalling: Signalling, media: Media, clock: Clock
    ) -> None:
        self._switchboard = switchboard
        self._store = store
        self._signalling = signalling
        self._media = media
        self._clock = clock
        self._replaced_s: list[float] = []
        """When engines were replaced lately, in monotonic seconds."""

    async def start(self) -> None:
        """Adopt what an earlier brain left, then begin to take signals.

        Raises:
            EngineUnavailable: The engine does not say what it holds.
        """
        await self._media.view()  # lets facts flow that have waited for a brain
        view = await self._media.view()  # what was over before this answer has been told before it, too
        self._signalling.remember(view.dialogs)
        self._signalling.know(view.browsers)
        calls = {call.id: call for call in await self._store.live_calls()}
        conferences = await self._store.live_conferences()
        await self._end_strangers(view, known=calls.keys())
        rooms = [room for one in conferences if (room := await self._adopt_conference(one, view))]
        connected = _connected(calls, view)
        await self._switchboard.streams.resume()
        for call in calls.values():
            if call.id in view.answered and call.status is CallStatus.IN_PROGRESS:
                parted = _had_company(call, calls) if call.id not in connected else None
                await self._adopt_call(call, rooms, parted)
            else:
                await self._bury(call, rooms, view)
        self._reconnect(calls, connected)
        self._end_ghosts(rooms, view)
        await self._adopt_recordings(rooms, view)
        self._drop_plans(view, rooms, calls)
        self._hush(rooms)
        await self._switchboard.phones.compare()
        log.info("adopted calls=%d conferences=%d", len(self._switchboard.legs), len(rooms))
        self._switchboard.open()

    async def again(self, *, same: bool) -> None:
        """Take up with an engine that is there again while we never went away.

        Args:
            same: It is the one we knew, which went on meanwhile; else a new one, which goes on with the calls that were
                answered, as far as it can.

        Raises:
            EngineUnavailable: It is gone again.
        """
        self._switchboard.hold_back()
        try:
            begun = self._switchboard.recordings.begun()
            view = await self._media.view()
            if same:
                for room in self._switchboard.directory.rooms:
                    room.adopt(view.sources)
                self._end_lost(view)
                for call in view.answered & self._over():
                    await self._signalling.hang_up(call)
            else:
                await self._hand_over(view)
                await self._switchboard.phones.compare()
            self._compare_recordings(view, begun if same else None)
            await self._switchboard.streams.again()
        finally:
            self._switchboard.open()

    async def _hand_over(self, view: EngineView) -> None:
        """Have a new engine go on with what the old one held, unless engines die of just that."""
        now_s = self._clock.now().mono_ns / 1e9
        self._replaced_s = [one for one in self._replaced_s if now_s - one < POISON_S] + [now_s]
        if len(self._replaced_s) > POISON_TIMES:
            log.error("engines die one after the other; their calls end")
            self._end_lost(view)
            return
        over = self._over() - view.legs
        kept = view.legs | self._unseen()
        for leg in (
            self._switchboard.legs
        ):  # before anything is awaited: who is dialled from now on is dialled by the new engine
            if leg.call.id not in kept and not leg.is_to_come:
                leg.tell(EngineReplaced(leg.call.id))
        self._switchboard.sources.lost_but(await self._media.renew())
        for call in over:
            await self._part(call)

    def _over(self) -> AbstractSet[CallId]:
        """Find calls that have ended here, of whose end no engine has told."""
        living = {leg.call.id for leg in self._switchboard.legs if not leg.call.over}
        return self._signalling.restorable - living

    async def _part(self, call: CallId) -> None:
        """Have the phone of a call told that it is over, which ended while no engine was there to tell it."""
        if await self._signalling.restore(call):
            log.info("call=%s ended while no engine was there; hung up", call)
            await self._signalling.hang_up(call)

    async def _adopt_recordings(self, rooms: list[Room], view: EngineView) -> None:
        """Take up recordings, and forget what nobody knows."""
        recordings = self._switchboard.recordings
        calls = {leg.call.id for leg in self._switchboard.legs}
        running = await self._store.running_recordings()
        recordings.adopt(running, calls | {room.conference.id for room in rooms})
        self._compare_recordings(view, {one.id for one in running})
        await recordings.sweep()

    def _compare_recordings(self, view: EngineView, among: Collection[RecordingId] | None) -> None:
        told = {one.recording for one in self._switchboard.kept if isinstance(one, RecordingOver)}
        self._switchboard.recordings.compare(view.recordings, told, among)

    def _hush(self, rooms: list[Room]) -> None:
        """End streams of what is over, and tell rooms of servers that speak into them no more."""
        legs = {leg.call.id for leg in self._switchboard.legs}
        self._switchboard.streams.keep_only(legs | {room.conference.id for room in rooms})
        for room in rooms:
            known = {stream.source for stream in self._switchboard.streams.of(room.conference.id)}
            for source in set(room.conference.voices) - known:
                room.tell(VoiceClosed(source))

    def _unseen(self) -> AbstractSet[CallId]:
        """Find browsers that wait for their answer, and of whom no engine knows yet: any will do."""
        return frozenset(call for call in self._signalling.waiting if not self._media.has_stream(call))

    def _end_lost(self, view: EngineView) -> None:
        kept = view.legs | self._unseen()
        self._signalling.forget(kept)
        for leg in self._switchboard.legs:
            if leg.call.id not in kept:
                leg.tell(CallEnded(leg.call.id, EndedBy.INTERNAL, 500, "lost with the engine", answered=True))

    async def _end_strangers(self, view: EngineView, known: AbstractSet[CallId]) -> None:
        """End calls that the store does not know, but for those whose coming is among the news that wait for us."""
        coming = {one.call for one in self._switchboard.kept if isinstance(one, IncomingCall)}
        for call in view.legs - known - coming:
            if call in view.answered:
                log.warning("call=%s is a stranger in the engine; hung up", call)
                await self._signalling.hang_up(call)
            else:
                log.warning("call=%s came to a brain that kept no record of it; refused", call)
                await self._signalling.refuse(call, 503, "Interrupted")
                await self._signalling.hang_up(call)  # if it was we who called
        for call in (view.streams - view.legs) | (view.browsers - known):
            await self._media.close_stream(call)

    async def _adopt_conference(self, conference: Conference, view: EngineView) -> Room | None:
        project = await self._store.project(conference.project)
        if project is None:
            log.error("conference=%s is of a project that is gone", conference.id)
            return None
        room = self._switchboard.directory.adopt(conference, project)
        # What has ended while no brain was there is waited for like what plays: its end is told once we begin to listen.
        ended = {one.key: one.turn for one in self._switchboard.kept if isinstance(one, SourceEnded)}
        room.adopt(frozenset({**ended, **dict(view.sources)}.items()))
        return room

    async def _adopt_call(self, call: Call, rooms: list[Room], parted: bool | None) -> None:  # noqa: FBT001
        """Take up a call.

        Args:
            call: As it is stored.
            rooms: The live conferences.
            parted: Whether whom it dialled was connected with it and is no more; None: they still are.
        """
        project = await self._store.project(call.project)
        if project is None or call.script is None:
            await self._signalling.hang_up(call.id)
            return
        room, participant = _place(call.id, rooms)
        script = machine.load(call.script)
        line = self._switchboard.line(call.id, Offered(None, UNDECIDED))
        leg = self._switchboard.adopt(call, project, script, line)
        if parted is not None:
            leg.resume(room, self._time_left_s(script, participant), was_connected=parted)

    def _reconnect(self, calls: dict[CallId, Call], connected: AbstractSet[CallId]) -> None:
        """Let those who are connected by a dial stay so; nobody noticed anything."""
        legs = {leg.call.id: leg for leg in self._switchboard.legs}
        for callee in (call for call in calls.values() if call.id in connected and call.caller.parent):
            parent = CallId.from_hex(callee.caller.parent or "")
            if parent in connected and parent in legs and callee.id in legs:
                legs[parent].resume_with(legs[callee.id])

    def _time_left_s(self, script: machine.Script, participant: Participant | None) -> float:
        if participant is None:
            return 0.0
        spent_s = (self._clock.now().wall_ms - participant.created_ms) / 1_000
        return max(0.0, machine.time_limit_s(script) - spent_s)

    async def _bury(self, call: Call, rooms: list[Room], view: EngineView) -> None:
        """Note the end of a call that the engine no longer has, or that nobody has answered."""
        signal = CallEnded(call.id, EndedBy.INTERNAL, 0, "ended while the brain was away", answered=False)
        over = await self._switchboard.records.keep(call, life.ended(call, signal, self._clock.now()))
        if call.id in view.legs:
            await self._signalling.refuse(call.id, 503, "Interrupted")
            await self._signalling.hang_up(call.id)  # if it was we who called
        room, _ = _place(call.id, rooms)
        if room is not None:
            room.tell(LegEnded(call.id, over.status))

    def _end_ghosts(self, rooms: list[Room], view: EngineView) -> None:
        """Tell rooms of participants whose call the engine does not have, whatever the store thinks of that call."""
        for room in rooms:
            for participant in room.conference.participants:
                if participant.call not in view.answered:
                    room.tell(LegEnded(participant.call, CallStatus.COMPLETED))

    def _drop_plans(self, view: EngineView, rooms: list[Room], calls: dict[CallId, Call]) -> None:
        kept = {room.conference.id.hex for room in rooms} | {call.hex for call in calls}
        for plan in view.plans - kept:
            self._media.drop(CallId.from_hex(plan))


def _connected(calls: dict[CallId, Call], view: EngineView) -> frozenset[CallId]:
    """Find those whom a dial has connected: the engine has both, and the plan of the one who dialled."""
    found: set[CallId] = set()
    for callee in calls.values():
        parent = calls.get(CallId.from_hex(callee.caller.parent)) if callee.caller.parent else None
        if parent is None or parent.script is None or callee.script is None or parent.id in found:
            continue
        dials = machine.dial_of(machine.load(parent.script)) is not None
        waits = machine.load(callee.script).stage is machine.Stage.CONNECTED
        if dials and waits and {parent.id, callee.id} <= view.answered and parent.id.hex in view.plans:
            found |= {parent.id, callee.id}
    return frozenset(found)


def _had_company(call: Call, calls: dict[CallId, Call]) -> bool:
    """Whether somebody whom a call dialled had been connected with it."""
    return any(
        one.script is not None and machine.load(one.script).stage is machine.Stage.CONNECTED
        for one in calls.values()
        if one.caller.parent == call.id.hex
    )


def _place(call: CallId, rooms: list[Room]) -> tuple[Room | None, Participant | None]:
    """Find where a call sits."""
    for room in rooms:
        if (participant := room.conference.find(call)) is not None:
            return room, participant
    return None, None
