"""A browser is a participant as any: held, coached, recorded, removed; it outlives the brain, and ends with its engine."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page

from roomtone.testing.tones import level_db
from stage.browsers import CHROMIUM, PITCH_HZ, WITHIN_S, call, chromium, hears
from stage.ears import settle
from stage.rest import Rest, basic
from stage.scene import HOLD_HZ, Scene
from stage.server import in_thread

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
    pytest.mark.timeout(240),
]
HEARD_DB = -35.0


@pytest.fixture
async def page(scene: Scene, tmp_path: Path) -> AsyncIterator[Page]:
    scene.others["web"] = PITCH_HZ
    async with chromium(tmp_path, f"{scene.server.ready['http']}/console") as one:
        yield one


async def join(page: Page, scene: Scene) -> tuple[str, str]:
    """Let the browser into the scene's conference; gives its call's sid, and where it can hang up."""
    place = f"{scene.rest.account}/BrowserCalls.json?From=web&To=conference:{scene.room}"
    made = await call(page, f"{scene.rest.base}{place}", scene.rest.who)
    return made.rpartition("/")[2], made


async def update(scene: Scene, sid: str, **form: str) -> None:
    await scene.rest.made(f"Conferences/{scene.conference}/Participants/{sid}.json", form)


async def page_hears(page: Page, scene: Scene, *names: str) -> None:
    pitches = scene.pitches_hz
    await hears(page, {pitches[name] for name in names}, pitches.values())


async def gone(scene: Scene, sid: str) -> None:
    """Wait until the conference goes on without it, and its call is over."""
    async with asyncio.timeout(WITHIN_S):
        while sid in [one["call_sid"] for one in await scene.participants()]:  # noqa: ASYNC110 - asks over HTTP
            await asyncio.sleep(0.1)
        while (await scene.rest.get(f"Calls/{sid}.json")).body["status"] != "completed":  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_it_is_held_coaches_is_coached_and_is_removed(page: Page, scene: Scene) -> None:
    ann, bob = await scene.gather(2, "ordinary")
    web, _ = await join(page, scene)
    everybody = {"ann": {"bob", "web"}, "bob": {"ann", "web"}}
    await scene.expect(everybody, within_s=WITHIN_S)
    await page_hears(page, scene, "ann", "bob")

    await update(scene, web, Hold="true", HoldUrl=scene.customer.host_tone("/hold.wav", HOLD_HZ))
    await page_hears(page, scene, "hold")
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}}, within_s=WITHIN_S)
    await update(scene, web, Hold="false")
    await scene.expect(everybody, within_s=WITHIN_S)

    await scene.update(ann, Coaching="true", CallSidToCoach=web)
    await scene.expect({"ann": {"bob", "web"}, "bob": {"web"}}, within_s=WITHIN_S)
    await page_hears(page, scene, "ann", "bob")
    await scene.update(ann, Coaching="false")
    await update(scene, web, Coaching="true", CallSidToCoach=bob.call_sid)
    await scene.expect({"ann": {"bob"}, "bob": {"ann", "web"}}, within_s=WITHIN_S)

    gone_by_path = f"Conferences/{scene.conference}/Participants/{web}.json"
    assert (await scene.rest.delete(gone_by_path)).status == 204
    await gone(scene, web)
    await page.wait_for_function("() => line.getReceivers()[0].transport.state === 'closed'")


async def test_what_it_says_is_recorded(page: Page, scene: Scene) -> None:
    ann = await scene.enter("ann", await scene.open_line("taped"))
    await join(page, scene)
    await scene.expect({"ann": {"web"}}, within_s=WITHIN_S)
    tape = await scene.rest.made(f"Conferences/{scene.conference}/Recordings.json", {})
    await settle([ann.phone], 100)
    tapes = f"Conferences/{scene.conference}/Recordings/{tape['sid']}.json"
    await scene.rest.made(tapes, {"Status": "stopped"})
    async with asyncio.timeout(WITHIN_S):
        while (await scene.rest.get(f"Recordings/{tape['sid']}.json")).body["status"] != "completed":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    pcm, rate_hz = await fetched(scene.rest, tape["sid"])
    middle = pcm[len(pcm) // 4 : 3 * len(pcm) // 4]
    for name in ("ann", "web"):
        assert level_db(middle, scene.pitches_hz[name], rate_hz) > HEARD_DB, name


async def fetched(rest: Rest, sid: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.int16]], int]:
    """Fetch a recording's sound."""
    url = f"{rest.base}{rest.account}/Recordings/{sid}.wav"
    async with rest._session.get(url, headers=basic(rest.who.sid, rest.who.token)) as reply:
        assert reply.status == 200, await reply.text()
        content = await reply.read()
    with wave.open(io.BytesIO(content)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return pcm[:: file.getnchannels()].astype(np.int16), file.getframerate()


async def test_it_talks_on_while_the_brain_is_away_and_obeys_the_next_one(page: Page, scene: Scene) -> None:
    await scene.enter("ann", await scene.open_line("adopted"))
    web, place = await join(page, scene)
    await scene.expect({"ann": {"web"}}, within_s=WITHIN_S)
    scene.server.kill_brain()
    try:
        await scene.expect({"ann": {"web"}}, "nobody decides anything now", within_s=WITHIN_S)
        await page_hears(page, scene, "ann")
    finally:
        await in_thread(scene.server.start_again)
    await update(scene, web, Muted="true")
    await scene.expect({"ann": set()}, within_s=WITHIN_S)
    await update(scene, web, Muted="false")
    await scene.expect({"ann": {"web"}}, within_s=WITHIN_S)
    assert (await scene.rest.delete(place)).status == 204
    await gone(scene, web)


async def test_it_ends_with_its_engine_and_calls_again(page: Page, scene: Scene) -> None:
    await scene.enter("ann", await scene.open_line("crashed"))
    web, _ = await join(page, scene)
    await scene.expect({"ann": {"web"}}, within_s=WITHIN_S)
    await in_thread(scene.server.kill_engine)
    await gone(scene, web)
    again, _ = await join(page, scene)
    assert again != web
    await scene.expect({"ann": {"web"}}, within_s=WITHIN_S)
    await page_hears(page, scene, "ann")
