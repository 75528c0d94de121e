"""The console's other pages: history, callbacks told again, documents, numbers, phones, trunks, keys; and whether all can use them."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from engine.phone import Phone
from stage.console import NODE_MODULES, WITHIN_MS, Console
from stage.rest import basic
from stage.scene import Scene
from stage.server import Credentials, Server, serving

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("ROOMTONE_SHOTS", "")
"""A folder for pictures of all pages, for people; none are made without it."""

OPERATOR = "0000c0de-0000-4000-8000-00000000c0de"

_turn = itertools.count(1)
"""For names of its own each time a test is run: what was made under them stays."""


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a trunk in its settings, whose operator is the project of the scene."""
    options = ("--drain-s", "0", "--operator", OPERATOR, "--trunks", "+99=sip:settled.invalid")
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


@pytest.fixture(scope="module")
def signalwire_project(server: Server) -> Credentials:
    """The operator's project."""
    return server.create_project("signalwire", sid=OPERATOR)


async def test_the_history_of_a_conference_that_is_over(console: Console, scene: Scene) -> None:
    await scene.gather(2, "remembered")
    page = console.page
    await console.open_conference()
    await console.press("record")
    await page.locator("button[data-do='record-stop']").wait_for()
    await console.press("mute", "ann")
    await console.says("bob", "ann", "muted")
    await console.press("record-stop")
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await console.press("end")
    await page.get_by_text("It is over: nobody hears anybody.").wait_for()

    await page.get_by_role("link", name="History").click()
    await expect(page.locator(".events li").last).to_contain_text("conference ended", timeout=WITHIN_MS)
    for kind in (".here", ".muted", ".told"):
        await expect(page.locator(f".lanes {kind}").first).to_be_attached(timeout=WITHIN_MS)
    moment = page.locator(".events li").filter(has_text="participant muted").locator("button")
    await moment.click()
    await console.says("bob", "ann", "muted")

    play = page.get_by_role("button", name="Play the recording")
    async with asyncio.timeout(WITHIN_MS / 1_000):
        while await play.count() == 0:  # until it is ready
            await page.reload()
            await console.loaded()
    await play.click()
    await console.until("document.querySelector('main audio')?.currentTime > 0.2")
    await expect(page.locator("#playhead")).to_have_attribute("visibility", "visible", timeout=WITHIN_MS)


async def test_a_callback_is_told_again(console: Console, scene: Scene) -> None:
    await scene.gather(2, "told")
    await console.sign_in()
    await console.go(f"conferences/{scene.conference}/callbacks")
    line = console.page.locator(".log li").filter(has_text="conference-started")
    await expect(line).to_have_count(1, timeout=WITHIN_MS)
    await line.locator("summary").click()
    await expect(line).to_contain_text("StatusCallbackEvent")
    await line.locator("button").click()
    await console.done("Tell again")
    await expect(line).to_have_count(2, timeout=WITHIN_MS)


async def test_documents_numbers_phones_and_keys(console: Console, scene: Scene) -> None:
    page, turn = console.page, next(_turn)
    await console.sign_in()
    await console.go("documents")
    await page.locator("#bin-name").fill("greeting")
    await page.locator("#bin-text").fill("<Response><Say>Hello</Say><Sing/></Response>")
    await expect(page.locator("[data-key=report]")).to_contain_text("Sing", timeout=WITHIN_MS)
    await expect(page.locator(".does")).to_contain_text("Say Hello")
    await page.locator("#bin-text").fill("<Response>")
    await expect(page.locator("[data-key=report]")).to_contain_text("12100", timeout=WITHIN_MS)
    await page.locator("#bin-text").fill("<Response><Say>Hello</Say></Response>")
    await console.press("create")
    await expect(page.get_by_role("heading", name="greeting")).to_be_visible(timeout=WITHIN_MS)
    address = await page.locator("#view code").inner_text()

    await console.go("numbers")
    number = f"+1555777{turn:04d}"
    await page.get_by_label("Number", exact=True).fill(number)
    await page.locator("#claim-url").fill(address)
    await console.press("claim")
    await expect(page.locator(".rows li").filter(has_text=number)).to_be_visible(timeout=WITHIN_MS)

    await console.go("phones")
    desk, alice = f"desk phones {turn}", f"alice{turn}"
    await page.locator("#list-name").fill(desk)
    await console.press("new-list")
    await page.get_by_label(desk, exact=True).locator("button[data-do=add]").click()
    await page.get_by_label("Name", exact=True).last.fill(alice)
    await page.get_by_label("Password").fill("Long enough 4 it")
    await page.get_by_role("dialog").get_by_role("button", name="Add").click()
    await expect(page.locator(".rows li").filter(has_text=alice)).to_be_visible(timeout=WITHIN_MS)

    await console.go("keys")
    await page.locator("#key-name").fill(f"night shift {turn}")
    await console.press("make")
    await page.locator(".secret code").wait_for()
    await expect(page.locator(".rows li").filter(has_text=f"night shift {turn}")).to_be_visible(
        timeout=WITHIN_MS
    )


@pytest.fixture
async def trunk(scene: Scene) -> AsyncIterator[str]:
    """A name for a trunk, which is gone afterwards, whatever has failed."""
    name = f"carrier-{next(_turn)}"
    yield name
    await scene.rest.delete(f"Trunks/{name}.json")


@pytest.fixture
async def carrier(scene: Scene) -> AsyncIterator[Phone]:
    """Whom a trunk leads to."""
    phone = await Phone(scene.server.sip_address).open()
    yield phone
    await phone.close()


async def test_trunks_are_made_changed_and_removed(
    console: Console, scene: Scene, trunk: str, carrier: Phone
) -> None:
    page, name = console.page, trunk
    first, other = f"sip:127.0.0.1:{carrier.address[1]}", "sip:127.0.0.1:9;transport=tcp"
    await console.sign_in()
    await page.get_by_role("link", name="Trunks", exact=True).click()
    await console.loaded()
    settled = page.locator(".rows li").filter(has_text="sip:settled.invalid")
    await expect(settled).to_contain_text("stands in the settings")
    await expect(settled.locator("button")).to_have_count(0)

    for label, text in (
        ("Name", name), ("Addresses, in the order in which they are tried", f"{first} {other}"),
        ("Numbers it takes begin with", "+1 +44"), ("Username for its challenges", "acme"), ("Password", "s3cret-of-acme"),
    ):  # fmt: skip
        await page.get_by_label(label, exact=True).fill(text)
    await page.keyboard.press("Tab")
    await page.locator("button[data-do=add]").focus()
    line = page.locator("#preview")
    await expect(line).to_contain_text(f"--data-urlencode 'Uri={other}'", timeout=WITHIN_MS)
    await expect(line).not_to_contain_text("s3cret")
    await page.keyboard.press("Enter")
    await console.done("Add a trunk")
    row = page.locator(".rows li").filter(has_text=name)
    await expect(row).to_contain_text("takes +1, +44", timeout=WITHIN_MS)
    await expect(page.get_by_label("Password")).to_have_value("")
    (kept,) = [one for one in (await scene.rest.get("Trunks.json")).body["trunks"] if one["name"] == name]
    assert (kept["uris"], kept["password_set"]) == (
        [first, other],
        True,
    )

    await page.get_by_role("button", name=f"Change {name}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Numbers it takes").fill("")
    await dialog.get_by_label("Seconds between questions").fill("3600")
    await dialog.get_by_role("button", name="Change", exact=True).click()
    await console.done("Change a trunk")
    await expect(row).to_contain_text("takes no numbers", timeout=WITHIN_MS)
    kept = (await scene.rest.get(f"Trunks/{name}.json")).body
    assert (kept["prefixes"], kept["options_s"], kept["password_set"]) == ([], 3600.0, True)
    assert kept["uris"] == [first, other]
    carrier.respond(await carrier.asked("OPTIONS", within_s=30))
    await expect(row.locator("[data-status=up]")).to_contain_text(first, timeout=WITHIN_MS)

    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.get_by_role("button", name=f"Remove {name}").click()
    await console.done("Remove a trunk")
    await expect(row).to_have_count(0, timeout=WITHIN_MS)


async def test_a_project_that_is_not_the_operators_is_told_what_to_set(
    console: Console, server: Server
) -> None:
    other = server.create_project("twilio")
    await console.page.get_by_label("Project (sid)").fill(other.sid)
    await console.page.get_by_label("Token").fill(other.token)
    await console.page.get_by_role("button", name="Sign in").click()
    await console.go("trunks")
    await expect(console.page.locator("#view")).to_contain_text("--operator", timeout=WITHIN_MS)
    await expect(console.page.locator("#view button")).to_have_count(0)


async def test_the_permissions_of_a_key_are_changed(console: Console, scene: Scene) -> None:
    page, called = console.page, f"desk {next(_turn)}"
    made = await scene.rest.made("Keys.json", {"FriendlyName": called, "Permissions": "numbers fax"})
    key = basic(made["sid"], made["secret"])
    assert (await scene.rest.get("Conferences.json", headers=key)).status == 401
    await console.sign_in()
    await console.go("keys")
    line = page.locator(f".rows li[data-key='{made['sid']}']")
    await expect(line).to_contain_text("opens fax, numbers", timeout=WITHIN_MS)

    await line.locator("button[data-do=change]").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Name")).to_have_value(called)
    for word in ("fax", "numbers"):
        await dialog.get_by_label(f"{word}:").uncheck()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_visible()  # a key that opens nothing is none
    await dialog.get_by_label("calling:").check()
    await dialog.get_by_label("Name").fill(f"{called} <b>at night</b>")
    await dialog.get_by_role("button", name="Save").click()
    await console.done("Change a key")
    await expect(line.locator("bdi")).to_have_text(f"{called} <b>at night</b>", timeout=WITHIN_MS)
    await expect(line).to_contain_text("opens calling", timeout=WITHIN_MS)
    assert (await scene.rest.get("Conferences.json", headers=key)).status == 200
    assert (await scene.rest.get("IncomingPhoneNumbers.json", headers=key)).status == 401


async def test_who_manages_keys_alone_widens_none_in_the_console(console: Console, scene: Scene) -> None:
    page, called = console.page, f"manager {next(_turn)}"
    form = {"FriendlyName": called, "Permissions": "management calling"}
    made = await scene.rest.made("Keys.json", form)
    await console.sign_in(made["secret"])
    await console.go("keys")
    line = page.locator(f".rows li[data-key='{made['sid']}']")
    await line.locator("button[data-do=change]").click()
    await page.get_by_role("dialog").get_by_label("numbers:").check()
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.locator("#notice")).to_contain_text("does not have: numbers", timeout=WITHIN_MS)
    await expect(line).to_contain_text("opens calling, management")  # who was refused is not signed out


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make setup, npm")
async def test_everybody_can_use_every_page(console: Console, scene: Scene, trunk: str) -> None:
    await scene.gather(3, "for all")
    form = {"Name": trunk, "Uri": "sip:127.0.0.1:9", "Prefix": "+98", "OptionsS": "3600"}
    await scene.rest.made("Trunks.json", form)
    page = console.page
    await page.evaluate(AXE.read_text())
    found = await broken(console, "sign-in")
    await console.open_conference()
    await console.says("ann", "bob", "hears")
    await scene.update(scene.callers["ann"], Muted="true")
    at = f"conferences/{scene.conference}"
    for where in (
        "", at, f"{at}/history", f"{at}/callbacks", f"calls/{scene.callers['ann'].call_sid}",
        "callbacks", "numbers", "documents", "audio", "phones", "trunks", "keys",
    ):  # fmt: skip
        await console.go(where)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            found += await broken(console, f"{where} {scheme}")
        await page.set_viewport_size({"width": 360, "height": 740})
        if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"{where} is wider than a phone")
        await shot(console, f"{where} phone")
        await page.set_viewport_size({"width": 1280, "height": 900})
    assert found == [], "\n".join(found)


async def broken(console: Console, where: str) -> list[str]:
    """What axe finds wrong with a page."""
    await shot(console, where)
    told = await console.page.evaluate(
        "async () => (await axe.run(document, { preload: false, resultTypes: ['violations'] }))"
        ".violations.map((one) => [one.id, one.help, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary])"
    )
    return [f"{where}: {one}" for one in told]


async def shot(console: Console, where: str) -> None:
    """Keep a picture for people, if they asked for it."""
    if SHOTS:
        name = where.replace("/", "-").replace(console.scene.conference, "C")
        await console.page.screenshot(path=f"{SHOTS}/{name or 'live'}.png", full_page=True)
