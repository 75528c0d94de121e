"""Hundreds of short calls leave nothing: neither leg nor port, neither task nor object, and no row that is not over.

The same with ten thousand calls, and a look at the memory: ``python -m bench.calls --leaks``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from roomtone.testing.leaks import Held, look
from stage.scene import Scene, now_s
from stage.server import Server, in_thread
from stage.sipp import free_port

CALLER = Path(__file__).parents[2] / "bench" / "calls" / "caller.xml"
CALLS, PER_S = 300, 40
DOCUMENTS = (
    "<Gather timeout='100' numDigits='1'/>",
    "<Dial><Conference>leaves</Conference></Dial>",
    "<Dial><Conference waitUrl=''>leaves in silence</Conference></Dial>",
    "<Enqueue waitUrl=''>leaves a queue</Enqueue>",
    "<Play digits='1w2w3w4w5w6'/>",
    "<Dial timeout='20'><Sip>sip:nobody@127.0.0.1:9</Sip></Dial>",
    "<Record timeout='20'/>",
)


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that says what it holds."""
    folder = tmp_path_factory.mktemp("server")
    watched = (sys.executable, "-m", "roomtone.testing.watched", str(folder / "holdings.json"))
    one = Server(folder / "data", ("--drain-s", "0", "--calls-per-s", "0"), program=watched)
    one.start()
    try:
        yield one
    finally:
        one.stop()


async def call(scene: Scene, numbers: list[str], count: int) -> None:
    """Call so often, and hang up after 200 ms each time."""
    (scene.folder / "caller.xml").write_text(CALLER.read_text().replace("[stay_ms]", "200"))
    (scene.folder / "numbers.csv").write_text("SEQUENTIAL\n" + "".join(f"{one}\n" for one in numbers))
    host, port = scene.server.sip_address
    process = await asyncio.create_subprocess_exec(
        "sipp", f"{host}:{port}", "-sf", "caller.xml", "-inf", "numbers.csv", "-i", host, "-p", str(free_port()),
        "-r", str(PER_S), "-m", str(count), "-nostdin", "-recv_timeout", "30000", cwd=scene.folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(90):
        assert await process.wait() == 0, "a call failed"


async def held(scene: Scene, before: Held | None = None, within_s: float = 30.0) -> Held:
    """Look, again and again until nothing is there that was not before."""
    server = scene.server
    holdings = server.data.with_name("holdings.json")
    deadline_s = now_s() + within_s
    while True:
        found: Held = await in_thread(
            look, server.ready["pid"], server.ready["engine_pid"], holdings, server.data
        )
        over = not found.rows.total() if before is None else not found.beyond(before)
        if over or now_s() > deadline_s:
            return found
        await asyncio.sleep(0.2)


@pytest.mark.slow
async def test_hundreds_of_short_calls_leave_nothing(scene: Scene) -> None:
    numbers = [
        await scene.claim(scene.customer.host(f"/voice/short/{index}", f"<Response>{document}</Response>"))
        for index, document in enumerate(DOCUMENTS)
    ]
    await call(scene, numbers, 2 * len(numbers))
    before = await held(scene)
    await call(scene, numbers, CALLS)
    after = await held(scene, before)
    assert after.beyond(before) == {}
    assert after.grown(before, CALLS) == {}
