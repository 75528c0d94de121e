"""An operator's whole shift in one conference, from signing in to its history: what they press, the callers hear.

The one test of many steps: that each works after all the others, as an evening at the console has them, is its claim.
ann is the customer, bob the agent, cat somebody else.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Dialog, expect

from stage.browsers import WITHIN_S
from stage.console import WITHIN_MS
from stage.desk import Desk
from stage.scene import ANNOUNCE_HZ, HOLD_HZ, Scene, everybody_hears_the_others
from unit.documents.audio import tone_file

pytestmark = pytest.mark.timeout(180)

ALL = everybody_hears_the_others(["ann", "bob", "cat"])
LONG_S = 90.0
"""Seconds of a tone that outlasts its test."""

HAPPENED = {
    "conference started": 1,
    "participant joined": 4,
    "participant muted": 1,
    "participant unmuted": 1,
    "participant held": 1,
    "participant unheld": 1,
    "announcement ended": 1,
    "participant left": 4,
    "conference ended": 1,
}
"""What the history says, and how often."""

TOLD = {
    "conference-started": 1,
    "participant-joined": 4,
    "participant-muted": 1,
    "participant-unmuted": 1,
    "participant-held": 1,
    "participant-unheld": 1,
    "announcement-ended": 1,
    "participant-left": 4,
    "conference-ended": 1,
}
"""What the customer's server is told of it, and how often."""


@pytest.fixture
def scene(twilio_scene: Scene) -> Scene:
    """With Twilio's callbacks, which tell of announcements."""
    return twilio_scene


async def test_an_operator_s_whole_session(desk: Desk, scene: Scene, tmp_path: Path) -> None:
    await watches_them_come(desk, scene)
    await mutes_and_unmutes(desk, scene)
    await holds_with_music(desk, scene)
    await coaches(desk, scene)
    await announces_a_file(desk, scene, tmp_path)
    await removes_one_and_ends_it(desk, scene)
    await looks_back(desk)
    await reads_the_callbacks(desk)


async def watches_them_come(desk: Desk, scene: Scene) -> None:
    number = await scene.open_line("the whole session")
    await desk.sign_in()
    await desk.is_live()
    await scene.enter("ann", number)
    await desk.link().click()
    for name in ("bob", "cat"):
        await scene.enter(name, number)
        await desk.says("ann", name, "hears")
    await scene.expect(ALL)
    await desk.press("record")
    await expect(desk.page.locator(".about")).to_contain_text("recording: in-progress", timeout=WITHIN_MS)


async def mutes_and_unmutes(desk: Desk, scene: Scene) -> None:
    await desk.press("mute", "bob")
    await desk.says("ann", "bob", "muted")
    await desk.says("bob", "ann", "hears")
    await scene.expect({**ALL, "ann": {"cat"}, "cat": {"ann"}})
    await desk.press("unmute", "bob")
    await desk.says("ann", "bob", "hears")
    await scene.expect(ALL)


async def holds_with_music(desk: Desk, scene: Scene) -> None:
    page = desk.page
    await desk.press("hold-with", "ann")
    await page.get_by_label("Music").fill(scene.customer.host_tone("/music.wav", HOLD_HZ, LONG_S))
    await page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    await desk.says("bob", "ann", "on hold")
    plays = page.locator(f"tr[data-key='{scene.callers['ann'].call_sid}'] .plays")
    await expect(plays).to_have_text("hold music", timeout=WITHIN_MS)
    await scene.expect({"ann": {"hold"}, "bob": {"cat"}, "cat": {"bob"}})
    await desk.press("unhold", "ann")
    await scene.expect(ALL)


async def coaches(desk: Desk, scene: Scene) -> None:
    """From the browser's own phone: the agent hears the operator, the customer does not."""
    await desk.join(scene.callers["bob"].call_sid)
    await scene.expect({**ALL, "bob": {"ann", "cat", "operator"}}, "a whisper", within_s=WITHIN_S)
    await desk.hears_names("ann", "bob", "cat")
    card = desk.page.locator(".people li").filter(has_text="client:console")
    await expect(card.locator(".states")).to_contain_text("coaches", timeout=WITHIN_MS)
    await desk.page.get_by_role("button", name="Hang up", exact=True).click()
    await desk.phone_says("ended: conference:the whole session")
    await expect(desk.page.locator(".people li")).to_have_count(3, timeout=WITHIN_MS)
    await scene.expect(ALL)


async def announces_a_file(desk: Desk, scene: Scene, folder: Path) -> None:
    sound = folder / "gong.wav"
    sound.write_bytes(tone_file(hz=ANNOUNCE_HZ, seconds=LONG_S))
    await desk.page.locator("#audio-file").set_input_files(sound)
    await desk.press("announce-all")
    await desk.done("Announce to all")
    await scene.expect({name: {"announcement", *others} for name, others in ALL.items()}, within_s=WITHIN_S)


async def removes_one_and_ends_it(desk: Desk, scene: Scene) -> None:
    page = desk.page
    await desk.press("remove", "cat")
    await scene.callers["cat"].over(WITHIN_S)
    await expect(page.locator(".people li")).to_have_count(2, timeout=WITHIN_MS)
    await scene.expect({"ann": {"bob", "announcement"}, "bob": {"ann", "announcement"}})
    page.on("dialog", _accept)
    await desk.press("end")
    await page.get_by_text("It is over: nobody hears anybody.").wait_for()
    for name in ("ann", "bob"):
        await scene.callers[name].over(WITHIN_S)


async def looks_back(desk: Desk) -> None:
    """At the history, from the list of what is over; nothing has to be reloaded for the recording to be there."""
    page = desk.page
    await page.get_by_role("link", name="Live", exact=True).click()
    await desk.link().click()
    events = page.locator(".events li strong")
    await expect(events.last).to_have_text("conference ended", timeout=WITHIN_MS)
    for text, times in HAPPENED.items():
        await expect(events.get_by_text(text, exact=True), text).to_have_count(times)
    for kind in (".here", ".muted", ".held", ".tape", ".told"):
        await expect(page.locator(f".lanes {kind}").first, kind).to_be_attached(timeout=WITHIN_MS)
    await expect(page.locator(".lanes .untold")).to_have_count(0)

    moment = page.locator(".events li").filter(has_text="participant muted").locator("button")
    await moment.click()
    await desk.says("ann", "bob", "muted")
    await page.get_by_role("button", name="Play the recording").click()
    await desk.until("document.querySelector('main audio')?.currentTime > 0.2")


async def reads_the_callbacks(desk: Desk) -> None:
    page = desk.page
    await page.get_by_role("link", name="Callbacks", exact=True).last.click()
    for what, times in TOLD.items():
        lines = page.locator(".log li").filter(has=page.get_by_text(what, exact=True))
        await expect(lines.locator(".badge"), what).to_have_text(["204"] * times, timeout=WITHIN_MS)


async def _accept(dialog: Dialog) -> None:
    await dialog.accept()
