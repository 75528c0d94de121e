"""What must be in order before the house is made: its data folder, its log, its engine's settings."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import secrets
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roomtone.config import PortRange, Settings
from roomtone.core.exchange import Clip
from roomtone.documents.own_sounds import sound_in
from roomtone.link import EngineSettings
from roomtone.media import Settings as MediaSettings
from roomtone.traces import Wiring, wire_up
from roomtone.trust import Trust

log = logging.getLogger(__name__)

SERVER_NOTE = "server.json"
"""File of the data folder that says where the server that runs there listens: its ready line."""

FREE_RANGE = 2_000
"""How many ports a free range has."""

WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to be recognised, not bound


class ServerProblem(Exception):  # noqa: N818 - it is the operator's to mend
    """The server cannot start; the text says why and what to do."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make the data folder, and keep a second server out of it for as long as this one runs.

    Raises:
        ServerProblem: Another server runs there, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "brain.lock").open("w")
    except OSError as fault:
        raise ServerProblem(f"data: {folder}: {fault.strerror}") from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise ServerProblem(f"data: another roomtone serve runs on {folder}; stop it first") from taken
        yield


def nobody_serves(folder: Path) -> None:
    """See that no server runs on a data folder whose database is about to be changed beyond an earlier version's grasp.

    Raises:
        ServerProblem: One does.
    """
    try:
        lock = (folder / "brain.lock").open()
    except FileNotFoundError:
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as taken:
            raise ServerProblem(
                f"data: the server on {folder} is of an earlier version: upgrade it first (docs/howto/upgrade.md)"
            ) from taken


def keep_files_to_ourselves() -> None:
    """Have everything that is written from now on be readable by our user alone, unless it says otherwise."""
    os.umask(0o077)


def rtp_host(settings: Settings) -> str:
    """Give the address callers send their audio to."""
    return settings.rtp_host or ("127.0.0.1" if settings.sip.host in WILDCARDS else settings.sip.host)


def engine_settings(settings: Settings, trust: Trust) -> EngineSettings:
    """Say which engine is wanted."""
    ports = settings.rtp_ports
    if (ports.first, ports.last) == (0, 0):
        ports = _noted_ports(settings.data) or _free_ports()
    return EngineSettings(
        folder=settings.data,
        sip_host=settings.sip.host,
        sip_port=settings.sip.port,
        sips=None if settings.sips is None else (settings.sips.host, settings.sips.port),
        tls=_identity(settings, trust),
        tls_trust=(trust.ca,) if settings.tls_trust is None else (trust.ca, settings.tls_trust),
        tls_clients=settings.tls_clients,
        dns=tuple((one.host, one.port) for one in settings.dns_servers),
        rtp_host=rtp_host(settings),
        rtp_first=ports.first,
        rtp_last=ports.last,
        rtp_trunk_port=settings.rtp_trunk_port,
        sip_connections=settings.sip_connections,
        media_threads=settings.media_threads or 0,
        noise_floor=-settings.noise_floor_db,
        automatic_gain=settings.automatic_gain,
        busy_at=settings.busy_at,
        orphan_s=settings.orphan_s,
        log_level={"warning": "warn"}.get(settings.log_level, settings.log_level),
    )


def media_settings(settings: Settings) -> MediaSettings:
    """Say how sound is carried.

    Raises:
        ServerProblem: A sound of the house is none; the text names setting and file.
    """
    return MediaSettings(
        rtp_host(settings),
        leave_out_silence=settings.leave_out_silence,
        entry=_sound("entry_sound", settings.entry_sound),
        exit=_sound("exit_sound", settings.exit_sound),
    )


def begin_traces(settings: Settings) -> Wiring:
    """Begin to trace, if that is wanted.

    Raises:
        ServerProblem: It is, and cannot be.
    """
    try:
        return wire_up(settings.traces, settings.traces_share)
    except ImportError as absent:
        raise ServerProblem(
            "traces: the packages for it are not installed: pip install 'roomtone[traces]'"
        ) from absent


def _sound(setting: str, file: Path | None) -> Clip | None:
    try:
        return None if file is None else sound_in(file)
    except ValueError as problem:
        raise ServerProblem(f"{setting}: {problem}") from problem


def _identity(settings: Settings, trust: Trust) -> tuple[Path, Path]:
    """Give the certificate that phones and trunks are shown, and its key."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return trust.certificate, trust.key
    return settings.tls_certificate, settings.tls_key


def _noted_ports(folder: Path) -> PortRange | None:
    """Give the range of the engine that was started here last: it may still run."""
    try:
        first, _, last = json.loads((folder / "engine.json").read_text())["--rtp-ports"].partition("-")
        return PortRange(int(first), int(last))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _free_ports() -> PortRange:
    """Pick a range at random; the engine passes over ports that somebody else has."""
    first = 20_000 + 2 * secrets.randbelow((60_000 - 20_000 - FREE_RANGE) // 2)
    return PortRange(first, first + FREE_RANGE - 1)


def begin(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Begin what goes on beside the server until it is cancelled; a fault that ends it is logged when it happens."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell_of_fault)
    return task


def _tell_of_fault(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.error("%s has ended: %s", task.get_name(), fault, exc_info=fault)
