"""The engine as a process: find a running one, start one, watch it.

The engine is started detached, in its own session, so that it outlives the brain: a brain that comes back finds it
by its socket. This room never stops a healthy engine except when told to.

Errors::

    EngineUnavailable (roomtone.core.exchange)
    └── EngineFailed        no binary, it does not start, or the one that runs is not the one that is wanted
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from roomtone.core.exchange import EngineUnavailable
from roomtone.link import messages
from roomtone.link.client import Link
from roomtone.link.connection import VersionRefused

log = logging.getLogger(__name__)

BINARY = "roomtone-engine"
SOCKET_PATH_LIMIT = 107
"""Bytes a Unix socket's path may have: `sockaddr_un` holds 108 with the final zero (unix(7))."""


BUSY_AT = 85.0
"""Hundredths of its time that a real-time thread may use, if the engine is told nothing."""

HANDING_OVER_MS = 10_000
"""For so long a new engine lets peers wait whose calls another one held and that are not handed over yet."""


class EngineFailed(EngineUnavailable):
    """No usable engine can be had; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Which engine to run, and where."""

    folder: Path
    """Data folder: ``engine.sock``, ``engine.log`` and ``engine.json`` live in it."""

    sip_host: str = "127.0.0.1"
    """IP address the engine takes calls on (UDP and TCP)."""

    sip_port: int = 5060
    """Port of the same; 0: any free one (read it from `Welcome.listeners`)."""

    sips: tuple[str, int] | None = None
    """IP address and port of the engine for calls by TLS; port 0: any free one; None: it takes none."""

    tls: tuple[Path, Path] | None = None
    """Our certificate and its key, PEM."""

    tls_trust: tuple[Path, ...] = ()
    """CAs to believe, besides the system's, when we call by TLS, PEM."""

    tls_clients: Path | None = None
    """CAs of which everybody who calls by TLS must have a certificate, PEM."""

    dns: tuple[tuple[str, int], ...] = ()
    """DNS servers, IP address and port, to ask where calls go; none: the system's."""

    rtp_host: str = "127.0.0.1"
    """IP address callers send their audio to."""

    rtp_first: int = 20_000
    """First UDP port for audio; each call takes one."""

    rtp_last: int = 29_999
    """Last UDP port for audio."""

    rtp_trunk_port: int = 0
    """UDP port that calls of trunks share, even; 0: each has its own."""

    media_threads: int = 0
    """Real-time threads that mix; 0: one less than there are processors, at least one."""

    noise_floor: int = 0
    """What silence in a conference is filled with, in -dBov, 0 to 127; 0: nothing."""

    automatic_gain: bool = False
    """Whether who speaks faintly and who speaks loudly are brought nearer to one another."""

    busy_at: float = BUSY_AT
    """Hundredths of its time that a real-time thread may use before new calls are refused; 0: as much as it likes."""

    sip_connections: int = 0
    """TCP, TLS and WebSocket connections that one address may have; 0: a quarter of all, and our own machine all of them."""

    orphan_s: int = 300
    """Seconds the engine goes on without a brain before it ends all calls and itself."""

    log_level: str = "info"
    """How much the engine writes to ``engine.log``: error, warn, info, debug or trace."""

    ready_within_s: float = 10.0
    """Seconds a new engine may take to answer."""

    command: tuple[str, ...] | None = None
    """Program and leading arguments to run in place of the found binary (the reference engine, say)."""

    @property
    def socket(self) -> Path:
        """Where the engine answers."""
        return self.folder / "engine.sock"

    @property
    def log_file(self) -> Path:
        """Where the engine writes what it has to say."""
        return self.folder / "engine.log"

    @property
    def arguments(self) -> dict[str, str]:
        """The engine's command line, option by option."""
        return {
            "--socket": str(self.socket),
            "--sip": f"{_bracketed(self.sip_host)}:{self.sip_port}",
            "--rtp-host": self.rtp_host,
            "--rtp-ports": f"{self.rtp_first}-{self.rtp_last}",
            "--rtp-trunk-port": str(self.rtp_trunk_port),
            "--media-threads": str(self.media_threads),
            "--noise-floor": str(self.noise_floor),
            "--automatic-gain": str(self.automatic_gain).lower(),
            "--orphan-seconds": str(self.orphan_s),
            "--log": self.log_level,
            # The engine's own default is left unsaid: a program that is older than the option starts, too.
            **({} if self.busy_at == BUSY_AT else {"--busy-at": f"{self.busy_at:g}"}),
            **({"--sip-streams": str(self.sip_connections)} if self.sip_connections else {}),
        }

    @property
    def tls_arguments(self) -> tuple[str, ...]:
        """The engine's command line as far as it is about TLS."""
        words: list[str] = []
        if self.sips is not None:
            words += ["--sips", f"{_bracketed(self.sips[0])}:{self.sips[1]}"]
        if self.tls is not None:
            words += ["--tls-certificate", str(self.tls[0]), "--tls-key", str(self.tls[1])]
        for file in self.tls_trust:
            words += ["--tls-trust", str(file)]
        if self.tls_clients is not None:
            words += ["--tls-clients", str(self.tls_clients)]
        return tuple(words)

    @property
    def dns_arguments(self) -> tuple[str, ...]:
        """The engine's command line as far as it is about DNS."""
        return tuple(word for host, port in self.dns for word in ("--dns", f"{_bracketed(host)}:{port}"))


def find_binary(environment: Mapping[str, str]) -> Path:
    """Find the engine: ``ROOMTONE_ENGINE_BINARY``, else beside this Python, else on the PATH.

    Raises:
        EngineFailed: It is in none of these places.
    """
    named = environment.get("ROOMTONE_ENGINE_BINARY")
    if named:
        if os.access(named, os.X_OK):
            return Path(named)
        raise EngineFailed(f"ROOMTONE_ENGINE_BINARY names {named}, which cannot be run")
    beside = Path(sys.executable).parent / BINARY
    if os.access(beside, os.X_OK):
        return beside
    on_path = shutil.which(BINARY, path=environment.get("PATH"))
    if on_path is None:
        raise EngineFailed(f"no {BINARY} beside {sys.executable} nor on the PATH; is the package installed?")
    return Path(on_path)


class EngineProcess:
    """Sees to it that an engine runs, and keeps a link to it."""

    def __init__(self, settings: EngineSettings, link: Link) -> None:
        self._settings = settings
        self._link = link
        self._child: int | None = None
        self._instance = ""
        self._leaving = False
        self._watching: asyncio.Task[None] | None = None
        self._new_listeners: list[Callable[[messages.Welcome], None]] = []
        self._same_listeners: list[Callable[[messages.Welcome], None]] = []
        link.on_lost(self._start_watching)
        link.on_back(self._take_back)

    def on_engine_new(self, listener: Callable[[messages.Welcome], None]) -> None:
        """Have it told when another engine has taken the place of one that died: it holds nothing yet."""
        self._new_listeners.append(listener)

    def on_engine_back(self, listener: Callable[[messages.Welcome], None]) -> None:
        """Have it told when the same engine answers again: it has gone on meanwhile."""
        self._same_listeners.append(listener)

    async def start(self) -> messages.Welcome:
        """Link to the running engine, or start one if nobody answers.

        Raises:
            EngineFailed: None can be started, or the one that runs has other addresses than are wanted.
            VersionRefused: The one that runs speaks an unusable protocol.
        """
        welcome = await self._meet()
        try:
            self._check(welcome)
        except EngineFailed:
            await self._link.stop()
            raise
        self._instance = welcome.instance
        if welcome.listeners:
            # If any free port was asked for: a successor shall be found where this one was.
            self._settings = replace(self._settings, sip_port=welcome.listeners[0].port)
        secure = next((one for one in welcome.listeners if one.transport == "tls"), None)
        if secure is not None and self._settings.sips is not None:
            self._settings = replace(self._settings, sips=(self._settings.sips[0], secure.port))
        return welcome

    async def stop(self) -> None:
        """Let go: the engine and its calls go on without us."""
        await self._stop_watching()
        await self._link.stop()

    async def shut_down(self, within_s: float) -> None:
        """End all calls and the engine, and wait for its end at most a little longer than `within_s`."""
        await self._stop_watching()
        with contextlib.suppress(EngineUnavailable):
            await self._link.ask(messages.Shutdown(n=0, within_ms=round(within_s * 1_000)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s + 2.0):
                while await _answers(self._settings.socket) or self._alive():  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.02)
        await self._link.stop()

    # Watching --------------------------------------------------------------------------------------------------------

    def _start_watching(self) -> None:
        if not self._leaving and (self._watching is None or self._watching.done()):
            self._watching = asyncio.create_task(self._replace(), name="engine watch")

    async def _stop_watching(self) -> None:
        self._leaving = True
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None

    async def _replace(self) -> None:
        """Start engines until one answers; the link finds it by itself."""
        # The socket of a child that dies closes a moment before the process is seen to be gone.
        pause_s = 0.02 if self._alive() else 0.1
        while self._link.welcome is None:
            if not self._alive() and not await _answers(self._settings.socket):
                log.warning("engine gone, starting another%s", self._last_words())
                try:
                    self._spawn(replaces=True)
                except EngineFailed as fault:
                    log.error("engine cannot be started problem=%r", str(fault))  # noqa: TRY400 - says it all
            await asyncio.sleep(pause_s)
            pause_s = min(1.5 * pause_s, 5.0)

    def _take_back(self, welcome: messages.Welcome) -> None:
        same = welcome.instance == self._instance
        self._instance = welcome.instance
        for listener in self._same_listeners if same else self._new_listeners:
            listener(welcome)

    # Starting --------------------------------------------------------------------------------------------------------

    async def _meet(self) -> messages.Welcome:
        """Link to whoever answers, or to the one we start."""
        settings, started = self._settings, False
        if len(os.fsencode(settings.socket)) > SOCKET_PATH_LIMIT:
            limit = f"the {SOCKET_PATH_LIMIT} bytes a socket's path may have"
            raise EngineFailed(f"{settings.socket} is longer than {limit}")
        try:
            async with asyncio.timeout(settings.ready_within_s):
                while True:
                    try:
                        return await self._link.start()
                    except VersionRefused:
                        raise
                    except EngineUnavailable:
                        if started and not self._alive():
                            raise EngineFailed(f"the engine has ended at once{self._last_words()}") from None
                    if not started:
                        self._spawn()
                        started = True
                    await asyncio.sleep(0.02)
        except TimeoutError:
            patience = f"{settings.ready_within_s} s"
            raise EngineFailed(f"the engine does not answer after {patience}{self._last_words()}") from None

    def _spawn(self, *, replaces: bool = False) -> None:
        settings = self._settings
        command = list(settings.command or (str(find_binary(os.environ)),))
        command += [word for option in settings.arguments.items() for word in option]
        command += (*settings.tls_arguments, *settings.dns_arguments)
        if replaces:
            command += ("--handing-over", str(HANDING_OVER_MS))
        note = settings.folder / "engine.json"
        note.write_text(json.dumps(settings.arguments, indent=2) + "\n")
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, settings.log_file, append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        # Not subprocess: its objects insist on outliving the child, while this child is to outlive us.
        try:
            self._child = os.posix_spawn(command[0], command, os.environ, file_actions=actions, setsid=True)
        except OSError as fault:
            raise EngineFailed(f"{command[0]} cannot be run: {fault.strerror}") from fault
        log.info("engine started pid=%d program=%s", self._child, command[0])

    def _alive(self) -> bool:
        """Say whether the engine we started still runs, and bury it if not."""
        if self._child is None:
            return False
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(self._child, os.WNOHANG)[0] == 0:
                return True
        self._child = None
        return False

    def _last_words(self) -> str:
        try:
            lines = self._settings.log_file.read_text(errors="replace").splitlines()[-10:]
        except OSError:
            return ""
        return f"; the end of {self._settings.log_file}:\n" + "\n".join(lines)

    def _check(self, welcome: messages.Welcome) -> None:
        """Refuse an engine that was started with other addresses than are wanted now."""
        wanted = self._settings
        problems = []
        plain = [one for one in welcome.listeners if one.transport != "tls"]
        secure = [one for one in welcome.listeners if one.transport == "tls"]
        if welcome.listeners and (
            bool(secure) != (wanted.sips is not None)
            or (wanted.sips is not None and not _same_listener(secure, *wanted.sips))
        ):
            problems.append(f"takes calls by TLS on {_places(secure)}, wanted is {_spelled(wanted.sips)}")
        if not _same_listener(plain, wanted.sip_host, wanted.sip_port):
            problems.append(f"takes calls on {_places(plain)}, wanted is {wanted.arguments['--sip']}")
        if (welcome.rtp_first, welcome.rtp_last) != (wanted.rtp_first, wanted.rtp_last):
            there = f"{welcome.rtp_first}-{welcome.rtp_last}"
            problems.append(f"has audio ports {there}, wanted are {wanted.rtp_first}-{wanted.rtp_last}")
        host = self._noted_rtp_host()
        if host not in {None, wanted.rtp_host}:
            problems.append(f"takes audio on {host}, wanted is {wanted.rtp_host}")
        if problems:
            text = "; ".join(problems)
            raise EngineFailed(
                f"the engine running in {wanted.folder} {text}. End it, or ask for its addresses."
            )

    def _noted_rtp_host(self) -> str | None:
        try:
            noted = json.loads((self._settings.folder / "engine.json").read_text())
            return str(noted["--rtp-host"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not started by us; its word in Welcome has to do


async def _answers(socket: Path) -> bool:
    """Say whether anybody takes connections at `socket`."""
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _places(listeners: list[messages.Listener]) -> str:
    return ", ".join(sorted({_spelled((one.host, one.port)) for one in listeners})) or "nothing"


def _spelled(place: tuple[str, int] | None) -> str:
    return "nothing" if place is None else f"{_bracketed(place[0])}:{place[1]}"


def _same_listener(found: list[messages.Listener], host: str, port: int) -> bool:
    """Say whether an engine listens where it should; one that takes no calls at all (the reference engine) does."""
    try:
        wanted = ipaddress.ip_address(host)
    except ValueError:
        wanted = None  # a name: only the port can be compared
    return not found or any(
        port in {0, one.port} and wanted in {None, ipaddress.ip_address(one.host)} for one in found
    )
