"""The console and those who mean ill: names that are markup, pages of other sites, tokens taken away in the middle."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import unquote

from playwright.async_api import Browser, expect

from stage.console import WITHIN_MS, Console
from stage.rest import basic
from stage.scene import Scene
from unit.documents.audio import tone_file

HOSTILE = "<img src=x onerror=document.title='broken'>\u202e'\"&$(id)"
EVERYWHERE = ("", "callbacks", "numbers", "documents", "audio", "phones", "keys")


async def test_hostile_names_are_text_on_every_page(console: Console, scene: Scene) -> None:
    number = await scene.open_line(HOSTILE, participantLabel=HOSTILE)
    ann = await scene.enter("ann", number)
    for path, form in (
        ("LamlBins.json", {"Name": HOSTILE, "Contents": "<Response><Say>&lt;img src=x&gt;</Say></Response>"}),
        ("Keys.json", {"FriendlyName": HOSTILE}),
        ("SIP/CredentialLists.json", {"FriendlyName": HOSTILE}),
        ("AudioFiles.json", {"FriendlyName": HOSTILE, "Content": b64encode(tone_file()).decode()}),
    ):
        await scene.rest.made(path, form)
    await console.open_conference()
    await expect(console.card("ann").locator("h3 bdi").first).to_have_text(HOSTILE, timeout=WITHIN_MS)
    at = f"conferences/{scene.conference}"
    for where in (*EVERYWHERE, at, f"{at}/history", f"{at}/callbacks", f"calls/{ann.call_sid}"):
        await console.go(where)
        if where in {"documents", "audio", "phones", "keys", at}:
            await expect(console.page.locator("main bdi").filter(has_text=HOSTILE).first).to_be_visible(
                timeout=WITHIN_MS
            )
        assert await console.page.locator("main img").count() == 0
        assert not (await console.page.title()).startswith("broken")


async def test_a_sip_address_is_shown_short_whole_in_its_title_and_as_text(
    console: Console, scene: Scene
) -> None:
    page, hostile = console.page, "%3Cimg%20src=x%20onerror=document.title='broken'%3E"
    number = await scene.open_line("short names")
    for name in ("ann", hostile):
        await scene.enter(name, number)
    await console.open_conference()
    at = f"conferences/{scene.conference}"
    for where in ("", "callbacks", f"{at}/history", at):
        await console.go(where)
        for name, shown in (("ann", "ann"), (hostile, unquote(hostile))):
            one = page.locator(f'main bdi[title^="sip:{name}@127.0.0.1"]').first
            await expect(one).to_have_text(shown, timeout=WITHIN_MS)
        assert await page.locator("main img").count() == 0
        assert not (await page.title()).startswith("broken")
    await console.press("coach", hostile)
    choices = page.get_by_label("Heard by this one alone").locator("option")
    await expect(choices).to_have_text(["ann"], timeout=WITHIN_MS)


async def test_nobody_passes_for_one_with_a_label(console: Console, scene: Scene) -> None:
    await scene.enter("ann", await scene.open_line("labels", participantLabel="bob"))
    await scene.enter("bob", await scene.open_line("labels"))
    await console.open_conference()
    at = f"conferences/{scene.conference}"
    for where in (f"{at}/history", at):
        await console.go(where)
        main = console.page.locator("main")
        labelled = main.locator('bdi[title^="sip:ann@127.0.0.1"]').first
        await expect(labelled).to_have_text("bob", timeout=WITHIN_MS)
        await expect(main.locator("bdi").filter(has_text="sip:bob@127.0.0.1").first).to_be_visible()
        await expect(main.locator('bdi[title^="sip:bob@127.0.0.1"]')).to_have_count(0)


async def test_who_signs_in_again_is_where_they_were(console: Console, scene: Scene) -> None:
    page = console.page
    key = await scene.rest.made("Keys.json", {"FriendlyName": "console"})
    await scene.gather(2, "taken away")
    await console.open_conference(key["secret"])
    await console.says("ann", "bob", "hears")
    assert (await scene.rest.delete(f"Keys/{key['sid']}.json")).status == 204
    await expect(page.get_by_role("alert").first).to_contain_text("not valid any more", timeout=WITHIN_MS)
    await expect(page.get_by_label("Project (sid)")).to_have_value(scene.rest.who.sid, timeout=WITHIN_MS)
    await page.get_by_label("Token").fill(scene.rest.who.token)
    await page.get_by_role("button", name="Sign in").click()
    await console.says("ann", "bob", "hears")


async def test_a_link_fills_in_who_signs_in_and_does_not_stay_in_the_address(
    console: Console, scene: Scene
) -> None:
    page, who = console.page, scene.rest.who
    await scene.gather(2, "by a link")
    await page.goto(f"{scene.server.ready['http']}/console#/sign-in/{who.sid}/{who.token}")
    await expect(page.get_by_label("Token")).to_have_value(who.token, timeout=WITHIN_MS)
    assert who.token not in await page.evaluate("location.href")
    await page.get_by_role("button", name="Sign in").click()
    await expect(console.link()).to_be_visible(timeout=WITHIN_MS)


async def test_a_page_of_another_site_frames_nothing_and_changes_nothing(
    browser: Browser, scene: Scene
) -> None:
    ann, _ = await scene.gather(2, "elsewhere")
    who, home = scene.rest.who, scene.server.ready["http"]
    target = f"{home}{scene.rest.account}/{scene.path(ann)}"
    evil = scene.customer.host(
        "/evil",
        f"<iframe id=framed src='{home}/console'></iframe>"
        f"<form method=post action='{target}' target=told><input name=Muted value=true><button>win</button></form>"
        "<iframe name=told></iframe>",
        "text/html",
    ).replace("127.0.0.1", "localhost")
    context = await browser.new_context()
    page = await context.new_page()
    shown = await page.goto(target)
    assert shown is not None
    assert (shown.status, await shown.header_value("WWW-Authenticate")) == (401, None), "no login to be kept"
    await context.set_extra_http_headers(basic(who.sid, who.token))  # as if one were kept all the same
    shown = await page.goto(target)
    assert shown is not None
    assert shown.status == 200
    await page.goto(evil)
    framed = page.frame_locator("#framed")
    await expect(page.locator("#framed")).to_be_attached()
    assert await framed.locator("#sign-in").count() == 0
    async with page.expect_response(lambda one: one.request.method == "POST") as answered:
        await page.get_by_role("button", name="win").click()
    refused = await answered.value
    assert refused.status == 401
    assert "authorization" in await refused.request.all_headers(), "it is not refused for want of a login"
    assert not any(one["muted"] for one in await scene.participants())
    await scene.update(ann, Muted="true")  # which a program may
    await context.close()


async def test_nothing_inline_runs_and_no_text_becomes_markup(browser: Browser, scene: Scene) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{scene.server.ready['http']}/console")
    for means in (
        "document.body.innerHTML = '<b>no</b>'",
        "document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))",
        "document.body.setAttribute('onclick', 'window.ran = 1'); document.body.click()",
    ):
        await page.evaluate(f"() => {{ try {{ {means} }} catch {{ }} }}")
    assert await page.evaluate("window.ran ?? document.querySelector('b')") is None
    await context.close()
