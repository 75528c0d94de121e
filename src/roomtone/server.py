"""The only place where adapters meet ports: makes the house from its settings, runs it, and takes it down in order."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from socket import socket

import uvloop

from roomtone import __version__, dialects
from roomtone.api import HOSTED, FrontDesk, bins, create_app
from roomtone.api.limits import Limits
from roomtone.api.listening import Certificate, Listening, bind
from roomtone.api.wire import protocol, refusals
from roomtone.archive import Archive
from roomtone.config import Settings, archive, ice, trunks
from roomtone.core.call.messages import CallSignal
from roomtone.core.entrance import Entrance
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.streaming import RelaySignal
from roomtone.declared import Declared, put_in_place
from roomtone.documents.fetcher import Fetcher
from roomtone.documents.speech import Speaker, engine_of
from roomtone.link import EngineProcess, Link
from roomtone.link.messages import Welcome
from roomtone.media import EngineMedia
from roomtone.media.relays import EngineRelays
from roomtone.net.client import Client
from roomtone.net.client import Settings as NetSettings
from roomtone.net.sockets import Sockets
from roomtone.retention import keep_no_longer
from roomtone.signalling import EngineSignalling
from roomtone.starting import (
    ServerProblem,
    alone_in,
    engine_settings,
    log_to_stderr,
    media_settings,
)
from roomtone.store import SchemaTooNew, Store, StoreUnavailable, open_store
from roomtone.switchboard.calling import Outward
from roomtone.switchboard.clock import SystemClock, SystemDice
from roomtone.switchboard.recordings import RecordingSettings
from roomtone.switchboard.recovery import Recovery
from roomtone.switchboard.switchboard import Ports, Switchboard
from roomtone.tidying import keep_tidy
from roomtone.trust import Trust, TrustProblem, open_trust
from roomtone.webhooks import Courier, Tools, spell

__all__ = ["ServerProblem", "serve_forever"]

log = logging.getLogger(__name__)


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
        """A new engine has taken the place of one that died: every call went with it."""
        log.error("engine replaced instance=%s; its calls are lost", welcome.instance)
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
    log_to_stderr(settings.log_level)
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
        desk = FrontDesk(
            house.switchboard,
            house.store,
            SystemClock(),
            SystemDice(),
            public_url,
            settings.number_pool,
            _limits(settings),
            ice(settings),
            house.archive,
            settings.recording_public,
        )
        app = create_app(desk)
        house.fetcher.host(f"{desk.public_url}{HOSTED}", partial(bins.read, desk=desk))
        certificate = Certificate(trust.certificate, trust.key)
        wire = protocol(refusals(desk.public_url))
        doors = {
            scheme: Listening(app, bound, certificate if scheme == "https" else None, wire)
            for scheme, bound in sockets.items()
        }
        welcome = await house.engine.start()
        await house.recovery.start()
        delivering = asyncio.create_task(house.courier.run(), name="courier")
        for door in doors.values():
            door.start()
        _announce(settings, house, welcome, doors)
        warming = asyncio.create_task(asyncio.to_thread(house.fetcher.warm), name="warming")
        housekeeping = [
            asyncio.create_task(keep_tidy(warming), name="tidying"),
            asyncio.create_task(house.archive.keep_carrying(), name="carrying"),
            asyncio.create_task(_no_longer(settings, house), name="retention"),
        ]
        await _told_to_stop()
        await asyncio.gather(warming, return_exceptions=True)
        for task in housekeeping:
            task.cancel()
        for door in doors.values():
            await door.stop()
        await house.switchboard.drain(settings.drain_s)
        await house.courier.drain(settings.drain_s)
        delivering.cancel()
        await asyncio.gather(delivering, *housekeeping, return_exceptions=True)
        await house.engine.shut_down(2.0)
        await house.switchboard.stop()


async def _build(
    settings: Settings, wanted: Declared, trust: Trust, house: str, stack: AsyncExitStack
) -> House:
    """Make every adapter and hand it to whoever needs it; `house` is our own address."""
    clock, dice = SystemClock(), SystemDice()
    store = await stack.enter_async_context(open_store(settings.data / "roomtone.db"))
    await put_in_place(wanted, store)
    client = await stack.enter_async_context(Client(NetSettings(settings.allow_networks, extra_ca=trust.ca)))
    speaker = Speaker(engine_of(settings.speech))
    stack.push_async_callback(speaker.close)
    fetcher = Fetcher(
        client,
        sign=dialects.sign,
        patience=dialects.document_patience,
        unfit_status=dialects.unfit_status,
        speaker=speaker,
    )
    stack.push_async_callback(fetcher.close)
    courier = Courier(Tools(store, client, partial(spell, house=house), clock))
    sounds = Archive(archive(settings))
    stack.push_async_callback(sounds.close)
    link = Link(settings.data / "engine.sock")
    engine = EngineProcess(engine_settings(settings, trust), link)

    def signal_up(signal: CallSignal) -> None:
        switchboard.take(signal)

    def relay_signal_up(signal: RelaySignal) -> None:
        switchboard.streams.take(signal)

    signalling = EngineSignalling(link, signal_up)
    media = EngineMedia(link, signal_up, media_settings(settings))
    switchboard = Switchboard(
        Ports(
            clock,
            dice,
            store,
            signalling,
            media,
            fetcher,
            sounds,
            courier.wake,
            Outward((*trunks(settings), *wanted.trunks), settings.calls_per_s),
            Entrance(settings.open_networks, settings.open_numbers),
            settings.sip_digests,
            settings.silent_hang_up_s,
            settings.srtp,
            RecordingSettings(settings.recording_rate_hz, settings.recording_tracks),
            house,
            relays=EngineRelays(link, relay_signal_up),
            sockets=Sockets(client),
        )
    )
    recovery = Recovery(switchboard, store, signalling, media, clock)
    again = Again(recovery)
    engine.on_engine_back(again.same_engine)
    engine.on_engine_new(again.other_engine)
    return House(switchboard, courier, engine, link, store, recovery, fetcher, sounds)


async def _no_longer(settings: Settings, house: House) -> None:
    """Remove recordings that have been kept long enough."""
    remove = house.switchboard.remove_recording
    await keep_no_longer(settings.recording_days, house.store, remove, SystemClock())


def _limits(settings: Settings) -> Limits:
    """Give what anybody may ask: nobody is counted where nobody but this machine's own programs can ask."""
    requests, wrong = (100.0, 30.0) if settings.reached_from_afar else (0.0, 0.0)
    return Limits(
        requests if settings.rate_limit is None else settings.rate_limit,
        wrong if settings.wrong_logins is None else settings.wrong_logins,
    )


def _bind(settings: Settings, stack: AsyncExitStack) -> dict[str, socket]:
    """Bind every HTTP address before anything else starts."""
    sockets = {}
    for scheme, address in (("http", settings.http), ("https", settings.https)):
        if address is None:
            continue
        try:
            sockets[scheme] = bind(address.host, address.port)
        except OSError as fault:
            raise ServerProblem(f"{scheme}: {address} cannot be listened on: {fault.strerror}") from fault
        stack.callback(sockets[scheme].close)
    if not sockets:
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
    hosts = {"http": settings.http, "https": settings.https}
    sip, sips = (
        next((f"{scheme}:{one.host}:{one.port}" for one in welcome.listeners if one.transport == by), None)
        for scheme, by in (("sip", "udp"), ("sips", "tls"))
    )
    ready = {
        "version": __version__,
        **{scheme: _url(scheme, hosts[scheme].host, door.port) for scheme, door in doors.items()},  # type: ignore[union-attr]
        "sip": sip,
        **({} if sips is None else {"sips": sips}),
        "rtp_ports": f"{welcome.rtp_first}-{welcome.rtp_last}",
        "data": str(settings.data),
        "pid": os.getpid(),
        "engine_pid": house.link.engine_pid,
    }
    print(f"roomtone ready {json.dumps(ready)}", flush=True)  # noqa: T201 - the line others wait for


async def _told_to_stop() -> None:
    """Wait for SIGTERM or SIGINT."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
    for number in (signal.SIGTERM, signal.SIGINT):  # a second one ends at once
        asyncio.get_running_loop().remove_signal_handler(number)
