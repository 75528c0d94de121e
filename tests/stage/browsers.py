"""Chromium as a phone: its microphone says a tone, and its own analyser tells what it hears."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import wave
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

from roomtone.testing.tones import tone
from stage.server import Credentials

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PITCH_HZ = 1_879.0
"""What its microphone says: none of the pitches of other callers, nor near one."""

HEARD_DB = -60.0
"""Level of a bin of its analyser from which a tone counts as heard; without one there are -120 and less."""

WITHIN_S = 30.0

_RATE_HZ = 48_000
_NAMED = re.compile(r"""require\(["']([^"']+)["']\)""")

_CALL = """async ({ url, authorization }) => {
  const line = new RTCPeerConnection();
  const wish = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const sound = await navigator.mediaDevices.getUserMedia({ audio: wish });
  sound.getTracks().forEach((track) => line.addTrack(track, sound));
  line.ontrack = ({ track }) => { listen(new MediaStream([track])); };
  await line.setLocalDescription(await line.createOffer());
  const asked = performance.now();
  const reply = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/sdp", Authorization: authorization },
    body: line.localDescription.sdp,
  });
  if (reply.status !== 201) throw new Error(`${reply.status}: ${await reply.text()}`);
  await line.setRemoteDescription({ type: "answer", sdp: await reply.text() });
  window.line = line;
  window.keys = line.getSenders()[0].dtmf;
  return { place: reply.headers.get("Location"), took_ms: performance.now() - asked };
}"""

EAR = """() => { window.listen = (stream) => {
  const player = new Audio();
  player.srcObject = stream; // without one Chromium decodes nothing
  player.muted = true;
  player.play();
  const context = new AudioContext();
  const ear = context.createAnalyser();
  ear.fftSize = 8192;
  ear.smoothingTimeConstant = 0;
  context.createMediaStreamSource(stream).connect(ear);
  window.kept = [player, context];
  window.level = (hz) => {
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    const at = Math.round((hz * ear.fftSize) / context.sampleRate);
    return Math.max(...bins.slice(at - 1, at + 2), -200);
  };
}; }"""
"""Makes ``listen`` and, once something is listened to, ``level``."""


def authorization(who: Credentials) -> str:
    """Give the header by which a page shows who it is."""
    return "Basic " + b64encode(f"{who.sid}:{who.token}".encode()).decode()


@asynccontextmanager
async def chromium(folder: Path, url: str, *options: str) -> AsyncIterator[Page]:
    """Start Chromium with a microphone that says `PITCH_HZ`, and open a page."""
    microphone = folder / "microphone.wav"
    with wave.open(str(microphone), "wb") as file:
        file.setparams((1, 2, _RATE_HZ, 0, "NONE", "not compressed"))
        file.writeframes(tone(PITCH_HZ, 5.0, rate_hz=_RATE_HZ).tobytes())
    arguments = [
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        "--autoplay-policy=no-user-gesture-required",
        "--allow-loopback-in-peer-connection",
        *options,
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        context = await browser.new_context(ignore_https_errors=True, permissions=["microphone"])
        page = await context.new_page()
        page.set_default_timeout(WITHIN_S * 1_000)
        try:
            await page.goto(url)
            await page.evaluate(EAR)
            yield page
        finally:
            await browser.close()


async def call(page: Page, url: str, who: Credentials) -> str:
    """Call by the page's own WebRTC; gives where the call can be hung up."""
    told = await page.evaluate(_CALL, {"url": url, "authorization": authorization(who)})
    place: str = told["place"]
    return place


_REQUIRE = """(files) => {
  const made = {};
  const take = (path) => {
    if (made[path]) return made[path].exports;
    const module = (made[path] = { exports: {} });
    const { text, means } = files[path];
    if (path.endsWith(".json")) return (module.exports = JSON.parse(text));
    const run = new Function("module", "exports", "require", "process", text);
    run(module, module.exports, (name) => take(means[name]), { env: {} });
    return module.exports;
  };
  window.JsSIP = take(Object.keys(files)[0]);
}"""
"""Loads what `_bundle` has gathered, in modules of Node's kind."""

_PHONE = """({ url, uri, ...proof }) => new Promise((resolve, reject) => {
  const phone = new JsSIP.UA({ uri, ...proof, sockets: [new JsSIP.WebSocketInterface(url)] });
  const wish = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  window.options = { mediaConstraints: { audio: wish, video: false }, pcConfig: { iceServers: [] } };
  phone.on("newRTCSession", ({ originator, session }) => {
    window.session = session;
    const hear = (line) => line.addEventListener("track", ({ track }) => listen(new MediaStream([track])));
    if (session.connection) hear(session.connection);
    session.on("peerconnection", ({ peerconnection }) => hear(peerconnection));
    if (originator === "remote") session.answer(window.options);
  });
  phone.on("registered", () => resolve());
  phone.on("registrationFailed", ({ cause }) => reject(new Error(cause)));
  window.phone = phone;
  phone.start();
})"""


def _found(modules: Path, name: str, source: str) -> Path:
    """Say which file a module means by a name, as Node does."""
    at = (Path(source).parent / name) if name.startswith(".") else modules / name
    if (package := at / "package.json").is_file():
        told = json.loads(package.read_text())
        main = told.get("browser", told.get("main", "index.js"))
        at = at / (main if isinstance(main, str) else told["main"])
    tried = (at, at.with_name(f"{at.name}.js"), at.with_name(f"{at.name}.json"), at / "index.js")
    return next(one for one in tried if one.is_file()).resolve()


def _bundle(modules: Path, name: str) -> dict[str, dict[str, object]]:
    """Gather a module and all it needs, by path, the module itself first: the text of each, and what its names mean."""
    files: dict[str, dict[str, object]] = {}
    waiting = [_found(modules, name, "")]
    while waiting:
        path = waiting.pop()
        if str(path) in files:
            continue
        text = path.read_text()
        named = () if path.suffix == ".json" else set(_NAMED.findall(text))
        means = {one: _found(modules, one, str(path)) for one in named}
        files[str(path)] = {"text": text, "means": {one: str(found) for one, found in means.items()}}
        waiting += means.values()
    return files


async def jssip(page: Page, modules: Path, **settings: str) -> None:
    """Make a page a JsSIP phone, as it is on npm, and wait until it is registered.

    Args:
        page: Becomes ``http://localhost/phone``, which is nobody's.
        modules: Where npm has put JsSIP.
        settings: ``url``, ``uri``, ``password`` or ``authorization_jwt``.
    """
    blank = "<!doctype html><title>phone</title>"
    await page.route(
        "http://localhost/phone", lambda route: route.fulfill(body=blank, content_type="text/html")
    )
    await page.goto("http://localhost/phone")
    await page.evaluate(EAR)
    await page.evaluate(_REQUIRE, _bundle(modules, "jssip"))
    async with asyncio.timeout(WITHIN_S):
        await page.evaluate(_PHONE, settings)


async def heard(page: Page, pitches_hz: Iterable[float]) -> set[float]:
    """Say which of these tones the page hears now."""
    script = "(hz) => (window.level ? window.level(hz) : -200)"
    return {hz for hz in pitches_hz if await page.evaluate(script, hz) >= HEARD_DB}


async def hears(page: Page, wanted: set[float], among: Iterable[float]) -> None:
    """Wait until the page hears just these of some tones, three times running."""
    among, right = tuple(among), 0
    async with asyncio.timeout(WITHIN_S):
        while right < 3:
            right = right + 1 if await heard(page, among) == wanted else 0
            await asyncio.sleep(0.2)  # between two looks at what is there
