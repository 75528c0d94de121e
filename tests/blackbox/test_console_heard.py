"""What an operator does in the console, heard by the callers: announcements from a file and of typed words, music on hold."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
from playwright.async_api import expect

from stage.console import WITHIN_MS, Console
from stage.scene import ANNOUNCE_HZ, HOLD_HZ, Scene, everybody_hears_the_others
from unit.documents.audio import tone_file

LONG_S = 90.0
"""Seconds of a tone that outlasts its test."""

LOUD = 1_000
"""An amplitude that silence and the noise of a codec never have."""


async def test_a_file_that_was_picked_is_announced_to_one_and_to_all(
    console: Console, scene: Scene, tmp_path: Path
) -> None:
    for kept in (await scene.rest.get("AudioFiles.json")).body["audio_files"]:
        await scene.rest.delete(f"AudioFiles/{kept['sid']}.json")
    await scene.gather(3, "from a file")
    page = console.page
    sound, other, none = tmp_path / "it's a gong.mp3", tmp_path / "other.wav", tmp_path / "letter.wav"
    sound.write_bytes(tone_file("mp3", hz=HOLD_HZ, seconds=LONG_S, rate_hz=16_000))
    other.write_bytes(tone_file(hz=ANNOUNCE_HZ, seconds=LONG_S))
    none.write_bytes(b"Dear Sir or Madam, this is no sound at all. " * 100)
    await console.open_conference()
    await console.says("ann", "bob", "hears")

    await page.locator("#audio-file").set_input_files(none)
    await console.press("announce-all")
    await expect(page.locator("#notice")).to_contain_text("must be an audio file", timeout=WITHIN_MS)
    await scene.expect(everybody_hears_the_others(["ann", "bob", "cat"]))

    await page.locator("#audio-file").set_input_files(sound)
    await console.card("bob").locator("button[data-do='announce']").focus()
    await expect(page.locator("#preview")).to_contain_text(
        "--data-binary '@it'\\''s a gong.mp3'", timeout=WITHIN_MS
    )
    await console.press("announce", "bob")
    await console.done("Announce")
    await expect(console.card("bob").locator(".states")).to_contain_text("announcement", timeout=WITHIN_MS)
    await scene.expect({"ann": {"bob", "cat"}, "bob": {"ann", "cat", "hold"}, "cat": {"ann", "bob"}})

    await page.locator("#audio-file").set_input_files(other)
    await console.press("announce-all")
    await console.done("Announce to all")
    await console.press("remove", "bob")
    await scene.callers["bob"].over(WITHIN_MS / 1_000)
    await scene.expect({"ann": {"cat", "announcement"}, "cat": {"ann", "announcement"}})

    await console.go("audio")
    await expect(page.locator(".rows li")).to_have_count(2, timeout=WITHIN_MS)
    line = page.locator(".rows li").filter(has_text="it's a gong.mp3")
    await line.locator("audio").evaluate("(one) => { one.muted = true; one.play(); }")
    await console.until("[...document.querySelectorAll('audio')].some((one) => one.currentTime > 0.2)")
    page.on("dialog", lambda dialog: dialog.accept())
    await line.get_by_role("button").click()
    await expect(page.locator(".rows li")).to_have_count(1, timeout=WITHIN_MS)


async def test_words_give_way_to_a_file_and_a_file_to_words(
    console: Console, scene: Scene, tmp_path: Path
) -> None:
    await scene.gather(2, "one or the other")
    page, sound = console.page, tmp_path / "gong.wav"
    sound.write_bytes(tone_file())
    await console.open_conference()
    await page.locator("#announcement").fill("Good evening")
    await page.locator("#audio-file").set_input_files(sound)
    await expect(page.locator("#announcement")).to_have_value("", timeout=WITHIN_MS)
    await page.locator("#announcement").fill("Good evening")
    await console.until("document.querySelector('#audio-file').files.length === 0")


async def test_hold_with_music_by_a_button_and_off_again(console: Console, scene: Scene) -> None:
    await scene.gather(3, "on hold by hand")
    page = console.page
    await console.open_conference()
    await console.press("hold-with", "ann")
    await page.get_by_label("Music").fill(scene.customer.host_tone("/music.wav", HOLD_HZ))
    await page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    await console.says("bob", "ann", "on hold")
    await scene.expect({"ann": {"hold"}, "bob": {"cat"}, "cat": {"bob"}})
    await console.press("unhold", "ann")
    await scene.expect(everybody_hears_the_others(["ann", "bob", "cat"]))


async def test_typed_words_are_spoken_to_those_who_hear_nothing_else(console: Console, scene: Scene) -> None:
    ann, bob = await scene.gather(2, "spoken")
    for caller in (ann, bob):
        await scene.update(caller, Muted="true")
    await scene.expect({"ann": set(), "bob": set()})
    page = console.page
    await console.open_conference()
    words = "This is said to everybody. " * 12
    await page.locator("#announcement").fill(words)
    await console.press("announce-all")
    await console.done("Announce to all")
    async with asyncio.timeout(WITHIN_MS / 1_000):
        for caller in (ann, bob):
            while np.abs(caller.phone.pcm(500).astype(int)).max() < LOUD:
                await caller.phone.wait_for_packets(5)
