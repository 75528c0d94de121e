"""Figures of a running server, as Prometheus asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from stage.scene import Scene
from stage.server import Server


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tells figures."""
    folder = tmp_path_factory.mktemp("metrics") / "data"
    one = Server(folder, ("--drain-s", "0", "--metrics", "127.0.0.1:0"))
    one.start()
    try:
        yield one
    finally:
        one.stop()


async def figures(session: aiohttp.ClientSession, server: Server) -> dict[str, float]:
    async with session.get(f"{server.ready['metrics']}/metrics") as answer:
        assert answer.status == 200
        lines = [line for line in (await answer.text()).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_a_conference_is_counted_while_it_is_there(
    scene: Scene, session: aiohttp.ClientSession, server: Server
) -> None:
    ann, _ = await scene.gather(2, "figures")
    assert (await scene.rest.post(scene.path(ann), {"Muted": "true"})).status == 200
    found = await figures(session, server)
    assert found['roomtone_calls{direction="inbound",status="in-progress"}'] == 2
    assert found['roomtone_conferences{status="in-progress"}'] == 1
    assert (found["roomtone_participants"], found["roomtone_participants_muted"]) == (2, 1)
    assert found["roomtone_engine_up"] == found["roomtone_ready"] == 1
    assert found['roomtone_calls_begun_total{direction="inbound"}'] == 2
    labels = 'method="POST",route="participants.update",status="200"'
    assert found[f"roomtone_api_requests_total{{{labels}}}"] == 1
    assert found['roomtone_callback_attempts_total{outcome="delivered"}'] > 0
    assert found["roomtone_store_commit_seconds_count"] > 0
    assert found["roomtone_engine_process_resident_memory_bytes"] > 0


async def test_the_api_itself_tells_no_figures(session: aiohttp.ClientSession, server: Server) -> None:
    async with session.get(f"{server.ready['http']}/metrics") as answer:
        assert answer.status == 404
