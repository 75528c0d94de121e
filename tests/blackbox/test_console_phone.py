"""The console's softphone in Chromium: an operator joins by it, coaches, listens and presses keys; phones tell what is heard."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from stage.browsers import WITHIN_S
from stage.console import NODE_MODULES, WITHIN_MS
from stage.desk import Desk
from stage.scene import Scene

pytestmark = pytest.mark.timeout(180)
AXE = NODE_MODULES / "axe-core" / "axe.min.js"


async def test_an_operator_joins_is_heard_mutes_the_microphone_and_hangs_up(desk: Desk, scene: Scene) -> None:
    await scene.enter("ann", await scene.open_line("joined by console"))
    page = desk.page
    await desk.open_conference()
    await desk.join()
    await desk.done("Join with this browser")
    await expect(page.locator("#log li").first).to_contain_text("Sdp@offer.sdp")
    await scene.expect({"ann": {"operator"}}, within_s=WITHIN_S)
    await desk.hears_names("ann")

    mute = page.get_by_role("button", name="Mute my microphone")
    await mute.click()
    await expect(mute).to_have_attribute("aria-pressed", "true")
    await scene.expect({"ann": set()}, within_s=WITHIN_S)
    await mute.click()
    await scene.expect({"ann": {"operator"}}, within_s=WITHIN_S)

    await desk.go("numbers")  # the call goes on while pages change
    await scene.expect({"ann": {"operator"}}, within_s=WITHIN_S)
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if AXE.exists():
        await page.evaluate(AXE.read_text())
        found = await page.evaluate("axe.run('#phone', { preload: false }).then((told) => told.violations)")
        assert found == []

    await page.get_by_role("button", name="Hang up", exact=True).click()
    await desk.phone_says("ended: conference:joined by console")
    await scene.expect({"ann": set()}, within_s=WITHIN_S)
    await desk.go(f"conferences/{scene.conference}")
    await expect(page.locator(".people li")).to_have_count(1, timeout=WITHIN_MS)


async def test_a_coach_at_the_console_is_heard_by_the_coached_alone(desk: Desk, scene: Scene) -> None:
    _, bob, _ = await scene.gather(3, "coached by console")
    await desk.open_conference()
    await desk.says("ann", "bob", "hears")
    await desk.join(bob.call_sid)
    others = {"ann": {"bob", "cat"}, "cat": {"ann", "bob"}}
    await scene.expect({**others, "bob": {"ann", "cat", "operator"}}, within_s=WITHIN_S)
    await desk.hears_names("ann", "bob", "cat")
    card = desk.page.locator(".people li").filter(has_text="client:console")
    await expect(card.locator(".states")).to_contain_text("coaches", timeout=WITHIN_MS)
    await card.locator("button[data-do='barge']").click()
    everybody = {name: {"operator", *heard} for name, heard in others.items()}
    await scene.expect({**everybody, "bob": {"ann", "cat", "operator"}}, within_s=WITHIN_S)
    await desk.page.get_by_role("button", name="Sign out").click()
    await scene.expect({**others, "bob": {"ann", "cat"}}, "who signs out hangs up", within_s=WITHIN_S)


async def test_who_only_listens_is_heard_by_nobody_and_learns_of_the_end(desk: Desk, scene: Scene) -> None:
    await scene.gather(2, "listened to")
    page = desk.page
    await desk.open_conference()
    await desk.says("ann", "bob", "hears")
    await page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }; }"
    )
    await desk.open_drawer()
    await desk.press("join")
    await desk.phone_says("there is no microphone")
    await page.get_by_label("Join with this browser").select_option("muted")
    await desk.press("join")
    await desk.phone_says("connected: conference:listened to")
    await desk.listen()
    await desk.hears_names("ann", "bob")
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}}, within_s=WITHIN_S)
    card = page.locator(".people li").filter(has_text="client:console")
    await card.locator("button[data-do='remove']").click()
    await desk.phone_says("ended: conference:listened to")


async def test_keys_of_the_softphone_reach_a_menu(desk: Desk, scene: Scene) -> None:
    scene.customer.host("/chosen", "<Response><Hangup/></Response>")
    menu = "<Response><Gather action='/chosen' timeout='60'/></Response>"
    number = await scene.claim(scene.customer.host("/voice/keys", menu))
    page = desk.page
    await desk.sign_in()
    await desk.loaded()
    await page.locator("#phone summary").click()
    await page.get_by_label("Call", exact=True).fill("nobody")
    await page.get_by_label("as", exact=True).fill("dora")
    await page.locator("#phone form button").click()
    await desk.phone_says("not connected")
    await page.get_by_label("Call", exact=True).fill(number)
    await page.locator("#phone form button").click()
    await desk.phone_says(f"connected: {number}")
    for key in ("4", "2"):
        await page.get_by_role("button", name=key, exact=True).click()
    await page.get_by_role("button", name="2", exact=True).focus()
    await page.keyboard.press("#")
    chosen = await scene.customer.wait(lambda visit: visit.path == "/chosen", WITHIN_S)
    assert (chosen.parameters["Digits"], chosen.parameters["From"]) == ("42", "client:dora")
    await desk.phone_says(f"ended: {number}")
