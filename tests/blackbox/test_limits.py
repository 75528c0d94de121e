"""What happens when something runs out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from stage.customer import Customer
from stage.rest import Rest
from stage.scene import Scene
from stage.server import Server
from stage.sipp import free_port


@pytest.fixture
def small_server(program: Path, tmp_path: Path) -> Iterator[Server]:
    """A server with ports for two calls."""
    one = Server(tmp_path / "data", ("--drain-s", "0"))
    first = free_port() & ~1
    one.start(rtp_ports=f"{first}-{first + 3}")
    yield one
    one.stop()


@pytest.fixture
async def small_scene(
    sipp: str, small_server: Server, session: aiohttp.ClientSession, customer: Customer, tmp_path: Path
) -> AsyncIterator[Scene]:
    rest = Rest(session, small_server.ready["http"], small_server.create_project())
    one = Scene(small_server, rest, customer, tmp_path)
    yield one
    await one.close()


async def test_a_call_for_which_no_port_is_left_is_refused_and_the_others_go_on(small_scene: Scene) -> None:
    scene = small_scene
    _, bob = await scene.gather(2, "no ports")
    number = await scene.open_line("no ports")
    cat = await scene.try_to_dial("cat", number, pitch_hz=None)
    assert (await cat.wait_for("refused")).startswith("refused 5")
    await cat.over()
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})
    await bob.hang_up()
    await scene.enter("dan", number)
