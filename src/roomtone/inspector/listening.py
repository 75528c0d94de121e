"""What `roomtone listen` does: forwards, and tells of it."""

from __future__ import annotations

import asyncio
import json

import click

from roomtone.config import Settings
from roomtone.dialects.delivery_resources import gist
from roomtone.inspector.forwarding import Forwarder, Passed
from roomtone.inspector.reading import Wanted, tail
from roomtone.inspector.telling import printable
from roomtone.starting import ServerProblem

READY = "roomtone listen ready "
"""Begins the line that says where it listens, for programs."""


async def run(
    settings: Settings, target: str, address: tuple[str, int], sid: str | None, *, as_json: bool
) -> None:
    """Forward until cancelled.

    Raises:
        ServerProblem: It cannot listen there, or there is no such project.
    """

    def tell(passed: Passed) -> None:
        click.echo(_object(passed) if as_json else _line(passed))

    async with Forwarder(target, tell) as forwarder:
        try:
            await forwarder.listen(*address)
        except OSError as fault:
            host, port = address
            raise ServerProblem(f"--on: {host}:{port} cannot be listened on: {fault.strerror}") from fault
        _announce(forwarder.address, target, as_json=as_json)
        if sid is None:
            await asyncio.Event().wait()
        own = "{}:{}".format(*forwarder.address)
        async for line in tail(settings, Wanted(sid=sid, callbacks=True), 0, follow=True):
            if f"//{own}/" not in line.logged.said.url:  # what comes here itself needs no copy
                await forwarder.copy(line.logged.said)


def _announce(address: tuple[str, int], target: str, *, as_json: bool) -> None:
    host, port = address
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if as_json:
        click.echo(READY + json.dumps({"url": url, "forward": target}))
    else:
        click.echo(
            f"{url}/… is forwarded to {target}/…; point VoiceUrl and StatusCallback there. Ctrl-C ends it."
        )


def _line(passed: Passed) -> str:
    told = passed.problem or str(passed.status)
    good = passed.status is not None and 200 <= passed.status < 300
    outcome = click.style(f"{told} in {passed.latency_ms} ms", fg="green" if good else "red")
    copied = " (copy)" if passed.copied else ""
    return f"{printable(gist(passed.parameters)):<26} {passed.method} {printable(passed.path.partition('?')[0])}{copied}  {outcome}"


def _object(passed: Passed) -> str:
    return json.dumps(
        {
            "method": passed.method,
            "path": passed.path,
            "parameters": dict(passed.parameters),
            "status": passed.status,
            "problem": passed.problem,
            "latency_ms": passed.latency_ms,
            "copied": passed.copied,
        }
    )
