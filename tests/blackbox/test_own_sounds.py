"""A server with sounds of its own for who comes and who goes: the others in the conference hear them."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stage.scene import Scene
from stage.server import Server
from stage.sipp import SippCaller

ENTRY_HZ, EXIT_HZ, TONE_HZ = 1_900.0, 2_300.0, 660.0
RATE_HZ = 16_000


def ding(file: Path, hz: float) -> Path:
    """Write a tone of a second."""
    samples = 8_000 * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ)
    with wave.open(str(file), "wb") as opened:
        opened.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        opened.writeframes(samples.astype("<i2").tobytes())
    return file


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    sounds = {
        "--entry-sound": ding(folder / "in.wav", ENTRY_HZ),
        "--exit-sound": ding(folder / "out.wav", EXIT_HZ),
    }
    options = [word for option, file in sounds.items() for word in (option, str(file))]
    one = Server(folder / "data", ("--drain-s", "0", *options))
    one.start()
    try:
        yield one
    finally:
        one.stop()


async def hears(caller: SippCaller, hz: float) -> None:
    """Wait until a caller hears a tone."""
    async with asyncio.timeout(15):
        while True:
            if hz in caller.phone.heard((hz,), 300):
                return
            await asyncio.sleep(0.05)


async def test_who_is_there_hears_the_houses_sounds(scene: Scene) -> None:
    number = await scene.open_line("own sounds", beep="true")
    ann = await scene.enter("ann", number)
    await scene.enter("bob", number, pitch_hz=None)
    await scene.customer.wait_for_event("conference-start")
    cat = await scene.enter("cat", number, pitch_hz=None)
    await hears(ann, ENTRY_HZ)
    assert not ann.phone.heard((TONE_HZ,), 300)
    await cat.hang_up()
    await hears(ann, EXIT_HZ)
