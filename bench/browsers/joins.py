"""How soon a browser is in a conference: from the click on *Join* in the console to sound, both ways, in Chromium."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
from playwright.async_api import Page, expect

from stage.browsers import PITCH_HZ, chromium
from stage.console import WITHIN_MS
from stage.ears import WINDOW_S, recording
from stage.rest import Rest
from stage.server import Server
from stage.sipp import SippCaller

NUMBER, PITCH_OF_CALLER_HZ = "+15550001234", 625.0
ROOM = '<Response><Dial><Conference beep="false" waitUrl="">Joined</Conference></Dial></Response>'
WITHIN_S = 30.0

WATCH = """() => {
  const context = new AudioContext();
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("button[data-do='join']")) Object.assign(window, { clicked: performance.now(), clickedAt: Date.now(), heard: null, ear: null });
  }, true);
  const samples = new Float32Array(256);
  setInterval(() => {
    const stream = document.querySelector("#phone audio")?.srcObject;
    if (!window.clicked || window.heard || !stream) return;
    if (!window.ear) {
      window.ear = context.createAnalyser();
      window.ear.fftSize = samples.length;
      context.createMediaStreamSource(stream).connect(window.ear);
    }
    window.ear.getFloatTimeDomainData(samples);
    if (samples.some((one) => Math.abs(one) > 0.01)) window.heard = performance.now();
  }, 2);
}"""
"""Notes when *Join* is clicked, and when what comes back is no silence any more."""


async def measure(server: Server, folder: Path, joins: int) -> tuple[list[float], list[float]]:
    """Join so often; gives after how many ms the browser heard the conference, and was heard there, each time."""
    who = server.create_project()
    async with aiohttp.ClientSession() as session:
        rest = Rest(session, server.ready["http"], who)
        kept = await rest.made("LamlBins", {"Name": "room", "Contents": ROOM})
        await rest.made("IncomingPhoneNumbers", {"PhoneNumber": NUMBER, "VoiceUrl": kept["request_url"]})
        caller = await SippCaller.dial("ann", NUMBER, server.sip_address, folder, pitch_hz=PITCH_OF_CALLER_HZ)
        try:
            await caller.answered()
            conference = await _conference(rest)
            async with chromium(folder, f"{server.ready['http']}/console#/conferences/{conference}") as page:
                await page.get_by_label("Project (sid)").fill(who.sid)
                await page.get_by_label("Token").fill(who.token)
                await page.get_by_role("button", name="Sign in").click()
                await page.locator("#phone summary").click()
                await page.get_by_label("Send my sound as it is").check()
                await page.evaluate(WATCH)
                told = [await _join(page, caller) for _ in range(joins)]
        finally:
            await caller.close()
    return [heard for heard, _ in told], [spoke for _, spoke in told]


async def _conference(rest: Rest) -> str:
    async with asyncio.timeout(WITHIN_S):
        while not (found := (await rest.get("Conferences")).body["conferences"]):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    sid: str = found[0]["sid"]
    return sid


async def _join(page: Page, caller: SippCaller) -> tuple[float, float]:
    """Join once, and hang up again."""
    await expect(page.locator(".people li")).to_have_count(1, timeout=WITHIN_MS)
    await page.locator("button[data-do='join']").click()
    async with asyncio.timeout(WITHIN_S):
        while not await page.evaluate("window.heard"):  # noqa: ASYNC110 - nothing would tell
            await asyncio.sleep(0.05)
        clicked_s: float = await page.evaluate("window.clickedAt / 1000")
        while not (spoken := _spoken(caller, clicked_s)):  # noqa: ASYNC110 - nothing would tell
            await asyncio.sleep(0.1)
    heard_ms: float = await page.evaluate("window.heard - window.clicked")
    await page.get_by_role("button", name="Hang up", exact=True).click()
    return heard_ms, (spoken[0] + WINDOW_S) * 1_000


def _spoken(caller: SippCaller, since_s: float) -> list[float]:
    """When the caller heard the browser, in seconds after a moment."""
    if time.time() < since_s + 0.2:
        return []
    return recording(caller.phone).frames_with(PITCH_HZ, since_s, time.time())
