"""The only place where adapters meet ports: makes the house from its settings, runs it, and takes it down in order."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from socket import socket

import uvloop

from roomtone import __version__, dialects
from roomtone.api import HOSTED, FrontDesk, bins, create_app
from roomtone.api.changes import Changes
from roomtone.api.limits import Limits
from roomtone.api.listening import Certificate, Listening, bind
from roomtone.api.readiness import Readiness
from roomtone.api.wire import protocol, refusals
from roomtone.archive import Archive
from roomtone.config import Settings, archive, ice, trunks
from roomtone.console import beside
from roomtone.core.call.messages import CallSignal
from roomtone.core.entrance import Entrance
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.streaming import RelaySignal
from roomtone.declared import Declared, put_in_place
from roomtone.dialects.audio_file_resources import PATH as AUDIO_FILES
from roomtone.dialects.signatures import Signer
from roomtone.documents.audio_files import AudioFiles
from roomtone.documents.fetcher import Asks, Fetcher
from roomtone.documents.noting import Inspection
from roomtone.documents.speech import Speaker, engine_of
from roomtone.link import EngineProcess, Link
from roomtone.link.messages import Welcome
from roomtone.media import EngineMedia
from roomtone.media.relays import EngineRelays
from roomtone.metrics import Board, Live, create_metrics_app
from roomtone.net.client import Client
from roomtone.net.client import Settings as NetSettings
from roomtone.net.sockets import Sockets
from roomtone.overload import Watch
from roomtone.retention import keep_no_longer, shorten_log
from roomtone.signalling import Signalling
from roomtone.starting import (
    SERVER_NOTE,
    ServerProblem,
    alone_in,
    begin,
    begin_traces,
    engine_settings,
    keep_files_to_ourselves,
    media_settings,
)
from roomtone.store import SchemaTooNew, Store, StoreUnavailable, open_store
from roomtone.switchboard.adapters import Ports
from roomtone.switchboard.calling import Outward
from roomtone.switchboard.clock import SystemClock, SystemDice
from roomtone.switchboard.recordings import RecordingSettings
from roomtone.switchboard.recovery import Recovery
from roomtone.switchboard.switchboard import Switchboard
from roomtone.telemetry import begin_log
from roomtone.tidying import keep_tidy
from roomtone.traces import Wiring, both
from roomtone.transcripts import Scribe, transcriber_of
from roomtone.transcripts import Tools as ScribeTools
from roomtone.trust import Trust, TrustProblem, open_trust
from roomtone.webhooks import Courier, Keeping, Schedule, Tools, keep_up, spell

__all__ = ["ServerProblem", "serve_forever"]

log = logging.getLogger(__name__)

LEAVE = signal.SIGUSR1
"""Ends the server and nothing else: its engine and all calls go on, for the next server on the same data folder."""

ENDING = (signal.SIGTERM, signal.SIGINT, LEAVE)
VOICES = "transcribing"
"""The folder, in the data folder, of what is being transcribed."""

LEAVING_S = 1.0
"""How long a server that leaves still delivers callbacks; what is left is owed, and the next one delivers it."""


@dataclass(frozen=True, slots=True)
class House:
    """What runs."""

    switchboard: Switchboard
    courier: Courier
    engine: EngineProcess
    link: Link
    store: Store
    recovery: Recovery
    fetcher: Fetcher
    archive: Archive
    scribe: Scribe
    board: Board | None
    """Where figures are; None: nobody counts."""

    watch: Watch
    tracing: Wiring


class Again:
    """Takes up with the engine when it is there again, in a task of its own."""

    def __init__(self, recovery: Recovery) -> None:
        self._recovery = recovery
        self._task: asyncio.Task[None] | None = None

    def same_engine(self, welcome: Welcome) -> None:
        """The engine went on while the link was down."""
        log.info("engine back instance=%s", welcome.instance)
        self._task = asyncio.create_task(self._take_up(same=True), name="recovery")

    def other_engine(self, welcome: Welcome) -> None:
        """A new engine has taken the place of one that died."""
        log.error("engine replaced instance=%s", welcome.instance)
        self._task = asyncio.create_task(self._take_up(same=False), name="recovery")

    async def _take_up(self, *, same: bool) -> None:
        try:
            await self._recovery.again(same=same)
        except EngineUnavailable as fault:
            log.warning("the engine is gone again: %s", fault)


def serve_forever(settings: Settings, wanted: Declared = Declared()) -> None:  # noqa: B008 - frozen
    """Run the server until SIGTERM or SIGINT.

    Raises:
        ServerProblem: It cannot start; the text says why and what to do.
    """
    begin_log(settings.log_level, settings.log_format)
    keep_files_to_ourselves()
    try:
        with alone_in(settings.data):
            uvloop.run(_serve(settings, wanted))
    except (EngineUnavailable, TrustProblem, SchemaTooNew, StoreUnavailable) as problem:
        raise ServerProblem(str(problem)) from problem


async def _serve(settings: Settings, wanted: Declared) -> None:
    async with AsyncExitStack() as stack:
        sockets = _bind(settings, stack)
        trust = open_trust(
            settings.data,
            [one.host for one in (settings.https, settings.sips) if one is not None],
            SystemClock().now(),
        )
        public_url = _public_url(settings, sockets)
        house = await _build(settings, wanted, trust, public_url, stack)
        readiness = Readiness(
            {
                "engine": partial(_engine_there, house),
                "store": house.store.writable,
                "room": house.watch.at_ease,
            },
            opened=False,
        )
        desk = _front_desk(settings, house, public_url, readiness)
        doors = _doors(house, desk, Certificate(trust.certificate, trust.key), sockets)
        for door in doors.values():
            door.start()
            stack.push_async_callback(door.stop)
        welcome = await house.engine.start()
        await house.recovery.start()
        delivering = begin(house.courier.run(), "courier")
        readiness.open()
        _announce(settings, house, welcome, doors)
        warming = asyncio.create_task(asyncio.to_thread(house.fetcher.warm), name="warming")
        housekeeping = _housekeeping(settings, house, warming)
        leaving = await _told_to_stop() == LEAVE
        await asyncio.gather(warming, return_exceptions=True)
        for task in housekeeping:
            task.cancel()
        readiness.drain()
        if not leaving:
            await house.switchboard.drain(settings.drain_s)
        desk.changes.close()
        for door in doors.values():
            await door.stop()
        await house.courier.drain(LEAVING_S if leaving else settings.drain_s)
        delivering.cancel()
        await asyncio.gather(delivering, *housekeeping, return_exceptions=True)
        await (_leave(house) if leaving else _end(house))


def _front_desk(settings: Settings, house: House, public_url: str, readiness: Readiness) -> FrontDesk:
    """Make what the REST doors have at hand, and let documents of our own be read without a connection."""
    audio_files = AudioFiles(settings.data / "audio-files")
    desk = FrontDesk(
        house.switchboard,
        house.store,
        SystemClock(),
        SystemDice(),
        public_url,
        settings.number_pool,
        Limits(*settings.asked_at_most),
        ice(settings),
        house.archive,
        settings.recording_public,
        readiness,
        None if settings.transcriber == "off" else house.scribe.wake,
        both(None if house.board is None else house.board.served, house.tracing.served),
        Changes(SystemDice().bits128()),
        house.courier.wake,
        lambda: house.watch.is_swamped,
        audio_files,
        settings.operator,
    )
    house.store.tell_commits(desk.changes.tell)
    house.fetcher.host(f"{desk.public_url}{HOSTED}", partial(bins.read, desk=desk))
    house.fetcher.keep(f"{desk.public_url}{AUDIO_FILES}", audio_files.clip)
    return desk


def _doors(
    house: House, desk: FrontDesk, certificate: Certificate, sockets: Mapping[str, socket]
) -> dict[str, Listening]:
    """Make the doors, by their schemes; none is open yet."""
    app = house.tracing.door(beside(create_app(desk)))
    wire = protocol(refusals(desk.public_url))
    doors = {
        scheme: Listening(app, bound, certificate if scheme == "https" else None, wire)
        for scheme, bound in sockets.items()
        if scheme != "metrics"
    }
    if house.board is not None:
        live = _live(house, house.switchboard, desk.readiness)
        doors["metrics"] = Listening(create_metrics_app(house.board, live), sockets["metrics"])
    return doors


def _housekeeping(settings: Settings, house: House, warming: asyncio.Task[None]) -> list[asyncio.Task[None]]:
    """Begin what is done beside the calls for as long as the server runs."""
    return [
        begin(house.watch.run(), "looking at the load"),
        begin(keep_tidy(warming), "tidying"),
        begin(house.archive.keep_carrying(), "carrying"),
        begin(house.store.leave_no_trace(), "rewriting"),
        begin(_no_longer(settings, house), "retention"),
        begin(_keep_outbox(settings, house), "outbox"),
        begin(shorten_log(settings.callback_log_days, house.store, SystemClock()), "delivery log"),
        begin(house.scribe.run(), "transcribing"),
    ]


async def _end(house: House) -> None:
    """End what is left of the calls, and the engine."""
    await house.engine.shut_down(2.0)
    await house.switchboard.stop()


async def _leave(house: House) -> None:
    """Let go of the calls, which go on in the engine until the next brain takes them up."""
    await house.switchboard.stop()
    await house.engine.stop()
    log.info("left the engine and its calls to the next server on this data folder")


async def _build(
    settings: Settings, wanted: Declared, trust: Trust, house: str, stack: AsyncExitStack
) -> House:
    """Make every adapter and hand it to whoever needs it; `house` is our own address."""
    clock, dice = SystemClock(), SystemDice()
    store = await stack.enter_async_context(open_store(settings.data / "roomtone.db"))
    await put_in_place(wanted, store)
    client = await stack.enter_async_context(Client(NetSettings(settings.outward, extra_ca=trust.ca)))
    tracing = begin_traces(settings)
    stack.push_async_callback(tracing.close)
    note = store.note_exchange if settings.callback_log_days > 0 else None
    signer = dialects.signer(settings.sign_as, lambda: clock.now().wall_ms)
    inspection = Inspection(signer.sign_again, signer.text, store.project, note or (lambda _: None))
    fetcher = _fetcher(settings, tracing.fetching(client), signer, inspection, stack)
    sounds = Archive(archive(settings))
    stack.push_async_callback(sounds.close)
    board = None if settings.metrics is None else Board(lambda: link.engine_pid)
    watch = Watch(store.late_s) if board is None else Watch(store.late_s, board.looked)
    delivering = tracing.delivering(client)
    tools = Tools(store, delivering, partial(spell, house=house, signer=signer), clock, note=note)
    courier = _courier(settings, tools, board)
    scribe = Scribe(
        transcriber_of(settings.transcriber),
        ScribeTools(store, sounds, clock, dice, settings.data / VOICES, courier.wake),
    )
    link = Link(settings.data / "engine.sock")
    engine = EngineProcess(engine_settings(settings, trust), link)

    def signal_up(signal: CallSignal) -> None:
        switchboard.take(signal)

    def relay_signal_up(signal: RelaySignal) -> None:
        switchboard.streams.take(signal)

    signalling = Signalling(link, signal_up)
    media = EngineMedia(link, signal_up, media_settings(settings))
    ports = Ports(
        clock,
        dice,
        store,
        signalling,
        media,
        fetcher,
        sounds,
        courier.wake,
        house=house,
        relays=EngineRelays(link, relay_signal_up),
        sockets=Sockets(client),
        transcribe=scribe.wake,
        call_kept=both(None if board is None else board.call_kept, tracing.call_kept),
        conference_kept=tracing.conference_kept,
        is_busy=lambda: watch.is_busy,
    )
    switchboard = Switchboard(_as_set(ports, settings, wanted))
    recovery = Recovery(switchboard, store, signalling, media, clock)
    _listen_to_the_engine(engine, link, Again(recovery), watch)
    _count(board, engine, link, store)
    return House(
        switchboard, courier, engine, link, store, recovery, fetcher, sounds, scribe, board, watch, tracing
    )


def _fetcher(
    settings: Settings, client: Asks, signer: Signer, inspection: Inspection, stack: AsyncExitStack
) -> Fetcher:
    """Make what fetches documents and what is to be played."""
    speaker = Speaker(engine_of(settings.speech))
    stack.push_async_callback(speaker.close)
    fetcher = Fetcher(
        client,
        sign=signer.sign,
        patience=dialects.document_patience,
        unfit_status=dialects.unfit_status,
        speaker=speaker,
        inspection=inspection,
    )
    stack.push_async_callback(fetcher.close)
    return fetcher


def _courier(settings: Settings, tools: Tools, board: Board | None) -> Courier:
    """Make what delivers callbacks."""
    schedule = Schedule(attempts=settings.callback_attempts, give_up_s=settings.callback_give_up_s)
    return Courier(replace(tools, schedule=schedule, tried=tools.tried if board is None else board.tried))


def _as_set(ports: Ports, settings: Settings, wanted: Declared) -> Ports:
    """Add what is set and declared."""
    return replace(
        ports,
        outward=Outward((*trunks(settings), *wanted.trunks), settings.calls_per_s),
        entrance=Entrance(settings.open_networks, settings.open_numbers),
        algorithms=settings.sip_digests,
        silent_hang_up_s=settings.silent_hang_up_s,
        srtp=settings.srtp,
        recording=RecordingSettings(settings.recording_rate_hz, settings.recording_tracks),
    )


def _listen_to_the_engine(engine: EngineProcess, link: Link, again: Again, watch: Watch) -> None:
    engine.on_engine_back(again.same_engine)
    engine.on_engine_new(again.other_engine)
    link.on_fact(watch.fact)
    link.on_lost(watch.engine_lost)


def _count(board: Board | None, engine: EngineProcess, link: Link, store: Store) -> None:
    if board is None:
        return
    link.on_fact(board.fact)
    link.on_lost(board.engine_lost)
    engine.on_engine_new(board.engine_new)
    store.on_commit(board.committed)


def _live(house: House, switchboard: Switchboard, readiness: Readiness) -> Live:
    """Say where figures of what is there now are read."""
    return Live(
        lambda: [leg.call for leg in switchboard.legs],
        lambda: [room.conference for room in switchboard.directory.rooms],
        lambda: house.link.welcome,
        readiness.missing,
        house.store,
    )


async def _engine_there(house: House) -> bool:
    """Say whether an engine answers and what it holds is known."""
    return house.link.welcome is not None and house.switchboard.takes_signals


async def _no_longer(settings: Settings, house: House) -> None:
    """Remove recordings that have been kept long enough."""
    remove = house.switchboard.remove_recording
    await keep_no_longer(settings.recording_days, house.store, remove, SystemClock())


async def _keep_outbox(settings: Settings, house: House) -> None:
    """Give up callbacks that have been owed for too long, and forget those long over."""
    keeping = Keeping(settings.callback_give_up_s, settings.callback_days)
    await keep_up(house.store, SystemClock(), keeping, house.courier.wake)


def _bind(settings: Settings, stack: AsyncExitStack) -> dict[str, socket]:
    """Bind every HTTP address before anything else starts."""
    sockets = {}
    wanted = (("http", settings.http), ("https", settings.https), ("metrics", settings.metrics))
    for scheme, address in wanted:
        if address is None:
            continue
        try:
            sockets[scheme] = bind(address.host, address.port)
        except OSError as fault:
            raise ServerProblem(f"{scheme}: {address} cannot be listened on: {fault.strerror}") from fault
        stack.callback(sockets[scheme].close)
    if not sockets.keys() - {"metrics"}:
        raise ServerProblem("http and https are both off: there would be no way in")
    return sockets


def _url(scheme: str, host: str, port: int) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{scheme}://{name}:{port}"


def _public_url(settings: Settings, sockets: dict[str, socket]) -> str:
    if settings.public_url:
        return settings.public_url
    scheme, bound = next(iter(sockets.items()))
    address = settings.http if scheme == "http" else settings.https
    assert address is not None, "what is bound was asked for"
    return _url(scheme, address.host, bound.getsockname()[1])


def _announce(settings: Settings, house: House, welcome: Welcome, doors: dict[str, Listening]) -> None:
    """Print the one line that says everything listens, and where."""
    hosts = {"http": settings.http, "https": settings.https, "metrics": settings.metrics}
    sip, sips = (
        next((f"{scheme}:{one.host}:{one.port}" for one in welcome.listeners if one.transport == by), None)
        for scheme, by in (("sip", "udp"), ("sips", "tls"))
    )
    ready = {
        "version": __version__,
        **{
            scheme: _url(_SCHEMES.get(scheme, scheme), address.host, doors[scheme].port)
            for scheme, address in hosts.items()
            if address is not None
        },
        "sip": sip,
        **({} if sips is None else {"sips": sips}),
        "rtp_ports": f"{welcome.rtp_first}-{welcome.rtp_last}",
        "data": str(settings.data),
        "pid": os.getpid(),
        "engine_pid": house.link.engine_pid,
    }
    note = (
        settings.data / SERVER_NOTE
    )  # for commands of this machine, which may come as soon as the line is read
    note.write_text(json.dumps(ready) + "\n")
    print(f"roomtone ready {json.dumps(ready)}", flush=True)  # noqa: T201 - the line others wait for


_SCHEMES = {"metrics": "http"}
"""By what a door is asked, if it is not called so."""


async def _told_to_stop() -> signal.Signals:
    """Wait for a signal that ends the server, and give it."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()

    def take(number: signal.Signals) -> None:
        if not told.done():
            told.set_result(number)

    for number in ENDING:
        loop.add_signal_handler(number, take, number)
    came = await told
    for number in ENDING:  # a second one ends at once
        loop.remove_signal_handler(number)
    return came
