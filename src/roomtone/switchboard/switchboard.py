"""The switchboard: every call and conference of this brain, and who is told what.

Signals from the engine go to the call they are about; commands from the doors go to the conference they name. It
decides nothing: which number a call is for stands in the store, what becomes of it in its document.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence

from roomtone.core.browsing import LONGEST_WAIT_S, BrowserWish
from roomtone.core.call.messages import (
    CallEnded,
    CallSignal,
    EndedBy,
    FlowClosed,
    IncomingCall,
    PeerAsked,
    PeerLeft,
    PeerReplied,
    RecordingOver,
    SourceEnded,
    StreamFigures,
    StreamWentSilent,
)
from roomtone.core.call.state import Call
from roomtone.core.call.state import CallStatus as LifeStatus
from roomtone.core.call.wishes import Instructions, Invitation, Wish, too_late
from roomtone.core.conference.messages import (
    CallStatus,
    Command,
    End,
    Event,
    Seating,
    StartRecording,
    VoiceClosed,
    VoiceOpened,
)
from roomtone.core.conference.state import Conference
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.pressure import RETRY_S
from roomtone.core.project import Project
from roomtone.core.queueing import Member, Queue
from roomtone.core.recording.messages import Command as RecordingCommand
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.recording.taking import runs
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused
from roomtone.core.streaming import Stream, StreamWish, Subject
from roomtone.core.values import Document
from roomtone.cxml import messages as cxml
from roomtone.cxml import script as machine
from roomtone.switchboard import browsers
from roomtone.switchboard.adapters import Ports
from roomtone.switchboard.arrivals import Arrivals, Reception
from roomtone.switchboard.attempt import Attempt
from roomtone.switchboard.calling import Calling, Placed
from roomtone.switchboard.dialogue import Dialogue
from roomtone.switchboard.directory import Directory
from roomtone.switchboard.entry import Entry
from roomtone.switchboard.farewells import Farewells
from roomtone.switchboard.leg import Leg
from roomtone.switchboard.line import UNDECIDED, Line, Offered
from roomtone.switchboard.notifier import Notifier
from roomtone.switchboard.phones import Phones
from roomtone.switchboard.placing import Placing, Site
from roomtone.switchboard.queues import Queues
from roomtone.switchboard.recorder import Recorder, Studio
from roomtone.switchboard.recordings import Recordings
from roomtone.switchboard.records import Records
from roomtone.switchboard.room import Desk
from roomtone.switchboard.sealing import Sealing
from roomtone.switchboard.soundtracks import Shelf
from roomtone.switchboard.sources import Sources
from roomtone.switchboard.streams import Booth, Streams
from roomtone.switchboard.tools import Tools
from roomtone.switchboard.transfers import Means, Transfers
from roomtone.switchboard.trunks import Trunks

log = logging.getLogger(__name__)


class Switchboard:
    """Runs the machines."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._legs: dict[CallId, Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._early: list[CallSignal] | None = []
        self._draining = False
        self.sources = Sources(ports.media, ports.clock)
        self.records = Records(ports.store, ports.clock, ports.committed, ports.call_kept)
        studio = Studio(
            ports.clock, ports.store, ports.media, ports.archive, ports.committed, ports.transcribe
        )
        self.recordings = Recordings(studio, ports.dice, ports.recording)
        self.notifier = Notifier(ports.store, ports.dice, ports.clock)
        self.farewells = Farewells(ports.documents)
        self.streams = Streams(self._booth())
        shelf = Shelf(ports.documents, self.sources, self.notifier)
        self.directory = Directory(self._desk(), shelf, ports.dice, self._hang_up)
        self.queues = Queues(ports.store, ports.dice, ports.clock)
        self.phones = Phones(
            ports.store,
            ports.signalling,
            ports.clock,
            ports.dice,
            algorithms=ports.algorithms,
            trusts=ports.entrance.trusts,
        )
        self.trunks = Trunks(
            ports.outward.trunks, ports.store, ports.signalling, ports.clock, ports.dice, ports.entrance
        )
        calling = Calling(ports.outward, self.phones, self.trunks)
        self._placing = Placing(self._site(calling))
        self._dialogue = Dialogue(ports.signalling, ports.dice)
        self._tools = self._set_of_tools()
        self.transfers = Transfers(self._means(calling))
        self._entry = Entry(ports.store, self.phones, ports.entrance)
        self._arrivals = Arrivals(self._reception())

    # What the parts are given ----------------------------------------------------------------------------------------

    def _desk(self) -> Desk:
        ports = self._ports
        return Desk(
            ports.clock,
            ports.store,
            ports.media,
            self._release,
            ports.committed,
            self._follow,
            self._conference_ended,
        )

    def _booth(self) -> Booth:
        ports = self._ports
        return Booth(
            ports.clock,
            ports.dice,
            ports.store,
            ports.relays,
            ports.sockets,
            ports.committed,
            self._voice,
            ports.media.press,
        )

    def _site(self, calling: Calling) -> Site:
        ports = self._ports
        return Site(
            ports.clock,
            ports.dice,
            ports.media,
            calling,
            self.directory,
            self._leg,
            self._house,
            lambda: self._draining,
            ports.is_busy,
        )

    def _set_of_tools(self) -> Tools:
        ports = self._ports
        return Tools(
            ports.clock,
            ports.dice,
            self.records,
            ports.media,
            ports.documents,
            self.sources,
            self.directory,
            self.queues,
            self.notifier,
            self.farewells,
            self._placing.ring_party,
            self._dialogue,
            self._start,
            self.recordings,
            self.streams,
            ports.house,
            ports.silent_hang_up_s,
        )

    def _means(self, calling: Calling) -> Means:
        ports = self._ports
        return Means(
            ports.store,
            ports.signalling,
            self._dialogue,
            calling,
            self._placing.ring_party,
            self._legs.get,
            self._leg_of_dialog,
            ports.media,
            ports.clock,
        )

    def _reception(self) -> Reception:
        ports = self._ports
        return Reception(
            ports.clock,
            ports.signalling,
            ports.media,
            self._entry,
            self.trunks,
            self.transfers,
            self._legs.get,
            self.adopt,
            self.line,
            self._sealing,
            lambda: self._draining,
            ports.is_busy,
        )

    # Doors -----------------------------------------------------------------------------------------------------------

    async def ask(self, conference: ConferenceId, commands: tuple[Command, ...]) -> Conference:
        """Let a conference obey all commands or none, and give its state after the commit.

        Raises:
            Refused: One command is refused (nothing is changed), the conference is completed, or there is none.
        """
        room = self.directory.find(conference)
        if room is not None:
            return await room.ask(*commands) if commands else room.conference
        if await self._ports.store.conference(conference) is None:
            raise Refused(Reason.NOT_FOUND, conference=conference.hex)
        raise Refused(Reason.CONFERENCE_COMPLETED, conference=conference.hex)

    async def record_conference(self, conference: ConferenceId, wish: RecordingWish) -> Recording:
        """Begin to record a conference that is in progress.

        Raises:
            Refused: RECORDING_RUNNING, CONFERENCE_NOT_STARTED, CONFERENCE_COMPLETED, NOT_FOUND, UNAVAILABLE.
        """
        if any(runs(one.recording) for one in self.recordings.of_conference(conference)):
            raise Refused(Reason.RECORDING_RUNNING)
        state = await self.ask(conference, (StartRecording(wish),))
        source = RecordingSource.CONFERENCE_STARTED
        return await _begun(self.recordings.record_conference(state, wish, source))

    async def record_call(self, call: CallId, wish: RecordingWish) -> Recording:
        """Begin to record a call that is up.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS, RECORDING_RUNNING, UNAVAILABLE.
        """
        leg = self._legs.get(call)
        if leg is None or leg.call.status is not CallStatus.IN_PROGRESS:
            raise Refused(Reason.CALL_NOT_IN_PROGRESS, call=call.hex)
        return await _begun(self.recordings.record_call(leg.call, wish, RecordingSource.CALL_STARTED))

    async def steer_recording(self, recording: Recording, command: RecordingCommand) -> Recording:
        """Pause, resume or stop a recording, and give it as it is after the commit.

        Raises:
            Refused: RECORDING_NOT_RUNNING, UNAVAILABLE.
        """
        return await self.recordings.ask(recording, command)

    async def remove_recording(self, recording: Recording) -> bool:
        """Remove a recording that is over, with its sound; False: there is none.

        Raises:
            Refused: RECORDING_NOT_OVER.
        """
        return await self.recordings.remove(recording)

    def members(self, queue: Queue) -> tuple[Member, ...]:
        """List those who wait in a queue, the front first."""
        return self.queues.members(queue)

    def dequeue(self, queue: Queue, call: CallId, document: Document) -> bool:
        """Take a call out of a queue and send it to a document; False: it does not wait there."""
        return self.queues.redirect(queue, call, document)

    async def call(self, project: Project, invitation: Invitation, instructions: Instructions) -> Call:
        """Call somebody, and give the call's record: kept, and waiting for its turn.

        Raises:
            Refused: Nothing leads there, or the house is closing or cannot keep the record.
        """
        return await self._placing.call(project, invitation, instructions)

    async def invite(
        self, project: Project, where: Conference | str, invitation: Invitation, join: Seating
    ) -> tuple[Conference, Call]:
        """Call somebody into a conference, given or by its name; they are expected there from now on.

        Raises:
            Refused: The conference does not want them, nothing leads there, or the house is closing.
        """
        return await self._placing.invite(project, where, invitation, join)

    async def steer(self, call: CallId, wish: Wish) -> Call:
        """Let a call do what a customer wishes, and give it as it is after the commit.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS, CALL_OVER, CALL_STATUS_INVALID.
        """
        leg = self._legs.get(call)
        if leg is None:
            raise too_late(call, wish)
        return await leg.ask(wish)

    async def browse(self, project: Project, wish: BrowserWish) -> tuple[CallId, str]:
        """Take a browser's call as any that comes in, and give our answer to its offer.

        Raises:
            Refused: PARAMETER_INVALID: we cannot do what it offers; DESTINATION_INVALID, APPLICATION_INVALID; UNAVAILABLE:
                nothing answers, or not in time; BROWSER_REFUSED: what it reaches has refused it.
        """
        if self._draining:
            raise Refused(Reason.UNAVAILABLE)
        if self._ports.is_busy():
            raise Refused(Reason.UNAVAILABLE, problem="too much to do", retry_s=RETRY_S)
        sealing = self._sealing(secure=True)
        offered = browsers.offered(wish, self._ports.media.codecs, sealing.demand)
        entered = await browsers.admit(project, wish, self._entry, self._ports.store)
        signal = browsers.signal_of(CallId(self._ports.dice.bits128()), wish)
        answer, verdict = self._ports.signalling.expect(signal.call), None
        try:
            await self._arrivals.welcome(signal, entered, self.line(signal.call, offered, sealing))
            async with asyncio.timeout(LONGEST_WAIT_S):
                verdict = await answer
        except TimeoutError:
            raise Refused(Reason.UNAVAILABLE) from None
        finally:
            if verdict is None:
                self._ports.signalling.leave(signal.call)  # nobody listens any more
        if verdict.status != 200:
            raise Refused(Reason.BROWSER_REFUSED, status=verdict.status, problem=verdict.text)
        return signal.call, verdict.text

    def leave(self, call: CallId) -> None:
        """Let a browser hang up; a call that is over, or no browser's, stays as it is."""
        self._ports.signalling.leave(call)

    async def carry(self, project: Project, subject: Subject, wish: StreamWish) -> Stream:
        """Carry a call's or a conference's sound to a server, and give the stream.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS, CONFERENCE_COMPLETED.
        """
        if isinstance(subject, CallId):
            leg = self._legs.get(subject)
            if leg is None or leg.call.status is not LifeStatus.IN_PROGRESS:
                raise Refused(Reason.CALL_NOT_IN_PROGRESS, call=subject.hex)
        elif self.directory.find(subject) is None:
            raise Refused(Reason.CONFERENCE_COMPLETED, conference=subject.hex)
        return await self.streams.start(project, subject, wish)

    async def carry_no_more(self, stream: Stream) -> Stream:
        """Stop a stream, and give it as it is then; one that is over stays as it is."""
        return await self.streams.stop(stream)

    # Signals ---------------------------------------------------------------------------------------------------------

    def take(self, signal: CallSignal) -> None:
        """Take the engine's word; never waits. What comes before `open` is kept until then."""
        if self._early is not None:
            self._early.append(signal)
            return
        match signal:
            case IncomingCall():
                self._start(self._arrivals.take(signal), f"incoming {signal.call}")
            case SourceEnded():
                self.sources.ended(signal)
            case RecordingOver():
                self.recordings.take(signal)
            case PeerAsked() | FlowClosed():
                self._take_request(signal)
            case PeerReplied():
                self.trunks.replied(signal)
                self._dialogue.replied(signal)
            case PeerLeft():
                self._miss(signal)
            case _ if (leg := self._legs.get(signal.call)) is not None:
                if isinstance(signal, StreamWentSilent):
                    log.info("call=%s no audio for %d ms", signal.call, signal.silent_ms)
                leg.tell(signal)
            case _:
                log.debug("call=%s is gone: %s", signal.call, type(signal).__name__)

    def _miss(self, left: PeerLeft) -> None:
        log.info("call=%s its browser is gone: %s", left.call, left.why)
        if left.call in self._legs:
            self._hang_up(left.call)
        else:  # it ended here already, and its stream did not
            self._start(self._ports.media.close_stream(left.call), f"stream of {left.call}")

    def _take_request(self, asked: PeerAsked | FlowClosed) -> None:
        if isinstance(asked, FlowClosed):
            self._start(self.phones.gone(asked), "closed connection")
            return
        leg = self._legs.get(asked.call) if asked.call is not None else None
        match asked.method:
            case "REGISTER":
                self._start(self.phones.take(asked), "registration")
            case "REFER":
                self._start(self.transfers.take(asked), f"REFER of {asked.call}")
            case "NOTIFY" if leg is not None:
                leg.tell(asked)  # before the end of the call, which may come with the same breath
                self._start(self._arrivals.decline(asked), f"NOTIFY of {asked.call}")
            case _:
                self._start(self._arrivals.decline(asked), f"{asked.method} of {asked.source_host}")

    def open(self) -> None:
        """Begin to take signals, those first that came while calls of an earlier brain were adopted."""
        early, self._early = self._early or [], None
        if not any(task.get_name() == "trunks" for task in self._tasks):
            self._start(self.trunks.run(), "trunks")
        for signal in early:
            self.take(signal)

    def hold_back(self) -> None:
        """Keep signals until `open`: the engine is being asked what it holds."""
        if self._early is None:
            self._early = []

    @property
    def takes_signals(self) -> bool:
        """Whether the engine's word is taken now, and not kept for later."""
        return self._early is None

    @property
    def kept(self) -> tuple[CallSignal, ...]:
        """What has come and is kept until `open`."""
        return tuple(self._early or ())

    # Calls -----------------------------------------------------------------------------------------------------------

    async def figures(self, call: CallId) -> StreamFigures | None:
        """Give the counters of a call's audio, a second old at most; None: it is not up, or nothing was counted yet."""
        leg = self._legs.get(call)
        if leg is None:
            return None
        # An engine that cannot be asked has told by itself, or is away.
        return await self._ports.media.figures(call) or leg.figures

    async def figures_of_all(self, calls: Sequence[CallId]) -> Mapping[CallId, StreamFigures]:
        """Give the counters of several calls' audio, asked for at once; see `figures`. Who has none is left out."""
        legs = {call: leg for call in calls if (leg := self._legs.get(call)) is not None}
        told = await self._ports.media.figures_of_all(tuple(legs))
        known = {call: told.get(call) or leg.figures for call, leg in legs.items()}
        return {call: figures for call, figures in known.items() if figures is not None}

    @property
    def legs(self) -> tuple[Leg, ...]:
        """All calls now."""
        return tuple(self._legs.values())

    def _leg_of_dialog(self, sip_call_id: str) -> Leg | None:
        """Find a call by the Call-ID of its dialog: seldom, in transfers, and so without a table of them."""
        return next((leg for leg in self.legs if sip_call_id and leg.sip_call_id == sip_call_id), None)

    def line(self, call: CallId, offered: Offered, sealing: Sealing | None = None) -> Line:
        """Give the phone line of a call; how it is sealed may not be known yet."""
        ports = self._ports
        return Line(
            call, offered, ports.clock, ports.signalling, ports.media, sealing=sealing or self._sealing()
        )

    def _sealing(self, secure: bool | None = None) -> Sealing:  # noqa: FBT001 - None: not known yet
        return Sealing(self._ports.srtp, self._ports.media, self._ports.dice, secure=secure)

    def _leg(self, placed: Placed, project: Project, attempt: Attempt | None) -> Leg:
        """Make the leg of a call of ours."""
        line = self.line(placed.call.id, Offered(None, UNDECIDED))
        return Leg(placed.call, project, placed.script, line, self._tools, attempt=attempt)

    def adopt(self, call: Call, project: Project, script: machine.Script, line: Line) -> Leg:
        """Take up a call, new or of an earlier brain; its task waits for the first message."""
        leg = Leg(call, project, script, line, self._tools)
        self._house(leg)
        return leg

    def _house(self, leg: Leg) -> None:
        self._legs[leg.call.id] = leg
        self._start(self._run(leg), f"call {leg.call.id}")

    async def _run(self, leg: Leg) -> None:
        try:
            await leg.run()
        except Exception:
            log.exception("call=%s ends because of a bug of ours", leg.call.id)
            self.recordings.call_over(leg.call.id)
        finally:
            if leg.call.over:
                self.recordings.call_over(leg.call.id)
            self._legs.pop(leg.call.id, None)
            self.trunks.ended(leg.call.id)

    # Between rooms and legs ------------------------------------------------------------------------------------------

    def _release(self, call: CallId) -> None:
        if (leg := self._legs.get(call)) is not None:
            leg.tell(cxml.DialEnded())

    def _hang_up(self, call: CallId) -> None:
        self._start(self._hang_up_quietly(call), f"hang up {call}")

    async def _hang_up_quietly(self, call: CallId) -> None:
        try:
            await self._ports.signalling.hang_up(call)
        except EngineUnavailable as fault:
            log.info("call=%s gone with the engine: %s", call, fault)

    # The end ---------------------------------------------------------------------------------------------------------

    async def drain(self, within_s: float) -> None:
        """Take no new calls, give those that are up a while to end by themselves, then end them."""
        self._draining = True
        await self._until_empty(within_s)
        for room in self.directory.rooms:
            try:
                await room.ask(End())
            except Refused as refused:
                log.debug("conference=%s already over: %s", room.conference.id, refused)
        for leg in self.legs:
            await self._hang_up_quietly(leg.call.id)
        await self._until_empty(5.0)
        for leg in self.legs:
            leg.tell(CallEnded(leg.call.id, EndedBy.INTERNAL, 503, "shut down", answered=False))
        await self._until_empty(1.0)
        await self.recordings.drain(5.0)

    async def _until_empty(self, within_s: float) -> None:
        waiting = {task for task in self._tasks if task.get_name().startswith("call ")}
        if waiting:
            await asyncio.wait(waiting, timeout=within_s)

    async def stop(self) -> None:
        """Stop where everything is, without ending anything."""
        self.streams.leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._placing.stop()
        await self.farewells.close()
        await self.directory.stop()
        await self.recordings.stop()
        await self.streams.close()

    def _follow(self, before: Conference, after: Conference, events: Sequence[Event]) -> None:
        self.recordings.follow(before, after, events)
        if self._ports.conference_kept is not None:
            self._ports.conference_kept(after, events)

    def _conference_ended(self, conference: ConferenceId) -> None:
        self.streams.ended(conference)

    def _voice(self, conference: ConferenceId, source: str, speaks: bool) -> None:  # noqa: FBT001
        room = self.directory.find(conference)
        if room is not None:
            room.tell(VoiceOpened(source) if speaks else VoiceClosed(source))

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _begun(recorder: Recorder) -> Recording:
    """Wait until it is known whether a recording runs.

    Raises:
        Refused: UNAVAILABLE: it does not.
    """
    recording = await recorder.begun()
    if recording.revision == 0 or recording.status is RecordingStatus.FAILED:
        raise Refused(Reason.UNAVAILABLE, what="recording")
    return recording
