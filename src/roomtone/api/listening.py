"""Where HTTP comes in: sockets bound first, then served by uvicorn, so that a free port is known before anything runs.

Source: uvicorn "Settings"; its own signal traps are left out, since the house drains in its own order.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from roomtone.api.wire import Wire, protocol, refusals
from roomtone.trust import harden

KEEP_ALIVE_S = 75
"""How long an idle connection is kept: longer than any client's pool keeps one."""

BACKLOG = 1024
"""Connections that may wait to be accepted."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a TLS certificate."""

    chain: Path
    key: Path


def bind(host: str, port: int) -> socket.socket:
    """Bind a listening socket; port 0 takes a free one.

    Raises:
        OSError: The address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
        bound.settimeout(0)
    except BaseException:
        bound.close()
        raise
    return bound


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Trap nothing: whoever runs the house traps signals."""
        yield


class Listening:
    """One address on which the API is served."""

    def __init__(
        self,
        app: ASGIApp,
        bound: socket.socket,
        certificate: Certificate | None = None,
        wire: type[Wire] | None = None,
    ) -> None:
        self._bound = bound
        self._server = _Server(_config(app, certificate, wire or protocol(refusals(""))))
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is served."""
        return int(self._bound.getsockname()[1])

    def start(self) -> None:
        """Begin to answer."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._bound]), name=f"http {self.port}")

    async def stop(self, within_s: float = 3.0) -> None:
        """Answer what is being asked, at most for so long, then close."""
        self._server.should_exit = True
        if self._task is not None:
            _, late = await asyncio.wait({self._task}, timeout=within_s)
            for task in late:
                task.cancel()
        self._bound.close()


def _config(app: ASGIApp, certificate: Certificate | None, wire: type[Wire]) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=wire,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=2,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    config.load()
    if config.ssl is not None:
        harden(config.ssl)
    return config
