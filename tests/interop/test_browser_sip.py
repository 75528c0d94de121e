"""JsSIP from npm in Chromium, over wss: it calls and is called, with sound both ways."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Error, Page

from stage.browsers import CHROMIUM, PITCH_HZ, WITHIN_S, chromium, hears, jssip
from stage.scene import Scene
from stage.server import Server, serving

MODULES = Path(__file__).parent / "js" / "node_modules"
PASSWORD = "wonderland-7"
FREE = ("--ignore-certificate-errors", "--disable-features=LocalNetworkAccessChecks")
"""Our certificate is our own, and a page that no server has given may not speak to this machine."""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
    pytest.mark.skipif(not (MODULES / "jssip").is_dir(), reason="JsSIP is not installed: run make test"),
]


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that listens for TLS, too."""
    options = ("--drain-s", "0", "--sips", "127.0.0.1:0", "--calls-per-s", "0")
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


@pytest.fixture
async def page(twilio_scene: Scene, tmp_path: Path) -> AsyncIterator[Page]:
    """A registered phone, alice's."""
    server, sid = twilio_scene.server, twilio_scene.rest.who.sid
    command = [*server.program, "endpoint", "add", "--data", str(server.data), "--sid", sid]
    name = f"alice{len(list(tmp_path.parent.iterdir()))}"
    command += ["--name", name, "--password", PASSWORD]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    host, port = server.sips_address
    async with chromium(tmp_path, "about:blank", *FREE) as one:
        uri, url = f"sip:{name}@127.0.0.1", f"wss://{host}:{port}"
        await jssip(one, MODULES, url=url, uri=uri, password=PASSWORD)
        twilio_scene.others[name] = PITCH_HZ
        yield one


async def both_hear(page: Page, scene: Scene, name: str) -> None:
    await scene.expect({"ann": {name}}, within_s=WITHIN_S)
    await hears(page, {scene.pitches_hz["ann"]}, scene.pitches_hz.values())


async def test_it_calls_a_number_and_is_heard(page: Page, twilio_scene: Scene) -> None:
    name = next(iter(twilio_scene.others))
    number = await twilio_scene.open_line("by websocket")
    await twilio_scene.enter("ann", number)
    await page.evaluate("(to) => { phone.call(to, options); }", f"sip:{number}@127.0.0.1")
    await both_hear(page, twilio_scene, name)
    await page.evaluate("() => { session.terminate(); }")
    await twilio_scene.expect({"ann": set()}, within_s=WITHIN_S)


async def test_it_is_called_and_is_heard(page: Page, twilio_scene: Scene) -> None:
    name = next(iter(twilio_scene.others))
    number = await twilio_scene.open_line(f"{name} is called")
    await twilio_scene.enter("ann", number)
    document = f"<Response><Dial><Conference>{twilio_scene.room}</Conference></Dial></Response>"
    form = {"To": f"client:{name}", "From": "+15550199", "Twiml": document}
    made = await twilio_scene.rest.made("Calls.json", form)
    await both_hear(page, twilio_scene, name)
    await twilio_scene.rest.made(f"Calls/{made['sid']}.json", {"Status": "completed"})
    await page.wait_for_function("() => session.isEnded()")


async def test_it_registers_with_a_pass_in_place_of_the_password(twilio_scene: Scene, tmp_path: Path) -> None:
    server, sid = twilio_scene.server, twilio_scene.rest.who.sid
    command = [*server.program, "endpoint", "add", "--data", str(server.data), "--sid", sid]
    command += ["--name", "passed", "--password", PASSWORD]
    await asyncio.to_thread(
        subprocess.run, command, check=False, capture_output=True
    )  # there already, if it is run again
    host, port = server.sips_address
    where = {"uri": "sip:passed@127.0.0.1", "url": f"wss://{host}:{port}"}
    made = await twilio_scene.rest.made("JoinTokens.json", {"Identity": "passed", "Incoming": "true"})
    async with chromium(tmp_path, "about:blank", *FREE) as one:
        with pytest.raises(Error, match=r"Authentication Error|Rejected"):
            await jssip(one, MODULES, **where, authorization_jwt=f"Bearer {made['token']}x")
        await jssip(one, MODULES, **where, authorization_jwt=f"Bearer {made['token']}")
