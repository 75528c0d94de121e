"""The console in a real browser: signs in, watches phones come in, mutes one by its button, and the others do not hear it."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from stage.console import NODE_MODULES, SIGNALWIRE_PYTHON, TWILIO_PYTHON, WITHIN_MS, Console, opened
from stage.scene import HOLD_HZ, Scene, everybody_hears_the_others
from stage.server import in_thread

HOSTILE = "<img src=x onerror=\"document.title='broken in'\">\u202e'$(id)"
CUTTABLE = """
const real = window.fetch;
window.streams = [];
window.fetch = (address, about) => {
  if (!String(address).endsWith("/Changes")) return real(address, about);
  const cut = new AbortController();
  about.signal.addEventListener("abort", () => cut.abort());
  window.streams.push({ cut: () => cut.abort(), after: about.headers["Last-Event-ID"] ?? null });
  return real(address, { ...about, signal: cut.signal });
};
"""
"""Lets a test cut the stream of changes as a network would."""


async def test_an_operator_watches_mutes_and_hears_the_difference(console: Console, scene: Scene) -> None:
    number = await scene.open_line("supervised")
    for name in ("ann", "bob"):
        await scene.enter(name, number)
    await console.open_conference()
    await console.says("ann", "bob", "hears")
    await console.is_live()

    cat = await scene.enter("cat", number)
    await console.says("ann", "cat", "hears")
    await scene.expect(everybody_hears_the_others(["ann", "bob", "cat"]))
    await expect(console.card("cat").locator(".figures")).to_contain_text("PCM", timeout=WITHIN_MS)
    await expect(console.card("cat").locator(".sound")).to_have_attribute(
        "data-speaks", "", timeout=WITHIN_MS
    )

    await console.press("mute", "cat")
    await console.says("ann", "cat", "muted")
    await console.says("cat", "ann", "hears")
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}, "cat": {"ann", "bob"}})

    await scene.update(
        cat, Muted="false", Hold="true", HoldUrl=scene.customer.host_tone("/hold.wav", HOLD_HZ)
    )
    await console.says("cat", "ann", "listener on hold")
    await expect(console.page.locator(f"tr[data-key='{cat.call_sid}'] .plays")).to_have_text("hold music")


async def test_coaching_barging_recording_and_the_end_by_their_buttons(
    console: Console, scene: Scene
) -> None:
    _, bob, _ = await scene.gather(3, "coached")
    page = console.page
    await console.open_conference()
    await console.press("coach", "ann")
    await page.get_by_label("Heard by this one alone").select_option(bob.call_sid)
    await page.get_by_role("dialog").get_by_role("button", name="Coach").click()
    await console.says("bob", "ann", "whisper")
    await console.says("cat", "ann", "coaches another")
    await scene.expect({"ann": {"bob", "cat"}, "bob": {"ann", "cat"}, "cat": {"bob"}})
    await console.press("barge", "ann")
    await console.says("cat", "ann", "hears")

    for what in ("record", "record-pause", "record-resume", "record-stop"):
        await console.press(what)
    await page.locator("button[data-do='record']").wait_for()
    await page.locator("#announcement").fill(
        "This is said to everybody, and it takes a while until all is said."
    )
    await console.press("announce-all")
    await console.done("Announce to all")
    await page.locator("#invite-to").fill("+15550009999")
    await page.locator("#invite-from").fill("+15550001111")
    await console.press("invite")
    await expect(page.locator("#log li").first).to_contain_text("refused", timeout=WITHIN_MS)  # no trunk

    await console.press("remove", "cat")
    await expect(page.locator(".people li")).to_have_count(2, timeout=WITHIN_MS)
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await console.press("end")
    await page.get_by_text("It is over: nobody hears anybody.").wait_for()
    assert (await scene.conference_now())["status"] == "completed"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_line_that_is_shown_does_the_same(console: Console, scene: Scene) -> None:
    await scene.gather(2, "by hand")
    page = console.page
    await console.open_conference()
    await console.card("ann").locator("button[data-do='mute']").focus()
    line = await page.locator("#preview").inner_text()
    assert scene.rest.who.token not in line
    await run(line, scene)
    await console.says("bob", "ann", "muted")

    address = scene.customer.host_tone("/it's & more.wav", 700.0).replace(" ", "%20")
    await page.locator("#announcement").fill(address)
    await page.locator("button[data-do='announce-all']").focus()
    await run(await page.locator("#preview").inner_text(), scene)
    await scene.customer.wait(lambda visit: visit.path == "/it's & more.wav", within_s=20)


async def run(line: str, scene: Scene) -> None:
    """Let a shell do what stands on the page."""
    environment = {**os.environ, "TOKEN": scene.rest.who.token}
    shell = await asyncio.create_subprocess_exec(
        "sh", "-c", f"exec {line} -sSf -o {scene.folder}/answer", env=environment, stderr=asyncio.subprocess.PIPE
    )  # fmt: skip
    _, complaint = await shell.communicate()
    assert shell.returncode == 0, (line, complaint)


@pytest.mark.skipif(not NODE_MODULES.is_dir(), reason="the SDKs of npm are not installed")
@pytest.mark.skipif(not SIGNALWIRE_PYTHON.exists(), reason="the signalwire package is not installed")
async def test_the_lines_of_signalwire_s_sdks_do_the_same(console: Console, scene: Scene) -> None:
    await by_sdks(console, SIGNALWIRE_PYTHON)


@pytest.mark.skipif(not NODE_MODULES.is_dir(), reason="the SDKs of npm are not installed")
@pytest.mark.skipif(not TWILIO_PYTHON.exists(), reason="the twilio package is not installed")
async def test_the_lines_of_twilio_s_sdks_do_the_same(browser: Browser, twilio_scene: Scene) -> None:
    async with opened(browser, twilio_scene) as console:
        await by_sdks(console, TWILIO_PYTHON)


async def by_sdks(console: Console, python: Path) -> None:
    """Let the lines that are shown in each language do what they say."""
    await console.scene.gather(2, "in code")
    page = console.page
    await console.open_conference()
    programs = {"python": (str(python), "-c"), "node": ("node", "-e")}
    for language, what, shown in (("python", "mute", "muted"), ("node", "hold", "on hold")):
        await page.locator("#language").select_option(language)
        await console.card("ann").locator(f"button[data-do='{what}']").focus()
        text = await page.locator("#preview").inner_text()
        environment = {"TOKEN": console.scene.rest.who.token, "NODE_PATH": str(NODE_MODULES)}
        program = await asyncio.create_subprocess_exec(
            *programs[language],
            text,
            env={**os.environ, **environment},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, complaint = await program.communicate()
        assert program.returncode == 0, (text, complaint)
        await console.says("bob", "ann", shown)


async def test_a_hostile_name_is_shown_as_it_is(console: Console, scene: Scene) -> None:
    number = await scene.open_line(HOSTILE)
    await scene.enter("ann", number)
    await console.open_conference()
    for where in ("", "/history", "/callbacks"):
        await console.go(f"conferences/{scene.conference}{where}")
        if where != "/callbacks":
            await expect(console.page.locator(".about bdi")).to_have_text(HOSTILE, timeout=WITHIN_MS)
        assert await console.page.locator("main img").count() == 0
        assert not (await console.page.title()).startswith("broken in")


async def test_it_goes_on_by_itself_after_the_server_was_away(console: Console, scene: Scene) -> None:
    _, bob = await scene.gather(2, "away")
    await console.open_conference()
    await console.is_live()
    scene.server.kill_brain()
    try:
        await expect(console.page.locator("#state")).to_have_text("reconnecting", timeout=WITHIN_MS)
    finally:
        await in_thread(scene.server.start_again)
    await console.is_live()
    await scene.update(bob, Muted="true")
    await console.says("ann", "bob", "muted")


async def test_a_stream_that_is_cut_goes_on_where_it_was(console: Console, scene: Scene) -> None:
    _, bob = await scene.gather(2, "cut")
    page = console.page
    await page.add_init_script(CUTTABLE)
    await page.reload()
    await console.open_conference()
    await console.says("ann", "bob", "hears")
    await scene.update(bob, Muted="true")
    await console.says("ann", "bob", "muted")  # by an event, whose number is known from now on
    await page.evaluate("streams.at(-1).cut()")
    await scene.update(bob, Hold="true")
    await console.says("ann", "bob", "on hold")
    await console.until("streams.length >= 2 && streams.at(-1).after !== null")


async def test_two_operators_see_what_each_of_them_does(
    browser: Browser, console: Console, scene: Scene
) -> None:
    await scene.gather(2, "shared")
    async with opened(browser, scene) as other:
        for one in (console, other):
            await one.open_conference()
            await one.says("ann", "bob", "hears")
        await asyncio.gather(console.press("mute", "ann"), other.press("hold", "bob"))
        for one in (console, other):
            await one.says("bob", "ann", "listener on hold")
            await expect(one.card("ann").locator(".states")).to_contain_text("muted", timeout=WITHIN_MS)
        await console.press("remove", "bob")
        await expect(other.page.locator(".people li")).to_have_count(1, timeout=WITHIN_MS)


async def test_a_wrong_token_does_not_let_in_and_one_that_is_taken_away_lets_out(
    console: Console, scene: Scene
) -> None:
    page = console.page
    await console.sign_in("wrong")
    await expect(page.get_by_role("alert")).to_contain_text("does not know", timeout=WITHIN_MS)
    key = await scene.rest.made("Keys.json", {"FriendlyName": "console"})
    await scene.gather(2, "locked out")
    await console.open_conference(key["secret"])
    await console.is_live()
    await console.go("")  # where nothing asks by itself, but for an action
    button = page.locator(f"li[data-key='{scene.callers['ann'].call_sid}'] button[data-do='hang-up']")
    await button.wait_for()
    assert (await scene.rest.delete(f"Keys/{key['sid']}.json")).status == 204
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("not valid any more", timeout=WITHIN_MS)
    assert await page.evaluate("sessionStorage.length") == 0
    assert len(await scene.participants()) == 2


async def test_it_fits_a_phone_and_is_worked_by_keys(console: Console, scene: Scene) -> None:
    ann, _ = await scene.gather(2, "small")
    page = console.page
    await page.set_viewport_size({"width": 360, "height": 740})
    await console.open_conference()
    await console.says("bob", "ann", "hears")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await console.card("ann").locator("button[data-do='mute']").focus()
    await page.keyboard.press("Enter")
    await console.says("bob", "ann", "muted")
    assert await page.evaluate("document.activeElement.closest('li')?.dataset.key") == ann.call_sid
    await console.card("ann").locator("button[data-do='coach']").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").wait_for()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=WITHIN_MS)
