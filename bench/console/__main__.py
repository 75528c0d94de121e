"""Measure what the console's live view of a large conference costs: ``python -m bench.console``.

A server, so many callers of SIPp's with sound in one conference, and Debian's Chromium with the conference's page open in
front, signed in as an operator. Somebody is muted or unmuted every two seconds. Processor time is read from ``/proc``: of
all the browser's processes together, and of the server's brain with the page open and without. Prints a line of JSON; the
aims are 15 % of one core for the browser and 3 % for the server. Options: ``--people N`` (200), ``--seconds N`` (20).

On a machine that does other work the figures say little.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from stage.console import WITHIN_MS, chromium
from stage.crowd import Crowd
from stage.rest import Rest
from stage.server import Server

BROWSER_AIM, SERVER_AIM = 15.0, 3.0
MUTED_EVERY_S = 2.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
ROOM = '<Response><Dial><Conference maxParticipants="250" beep="false" waitUrl="">Hall</Conference></Dial></Response>'


def processor_s(pid: int) -> float:
    """User and system time of a process so far; 0: it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def browser_pids() -> list[int]:
    """All processes of the browser below this one."""
    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            names[int(entry.name)] = stat.partition("(")[2].rpartition(")")[0]
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])

    def is_ours(pid: int) -> bool:
        while pid > 1:
            pid = parents.get(pid, 0)
            if pid == os.getpid():
                return True
        return False

    return [pid for pid, name in names.items() if "chrom" in name and is_ours(pid)]


async def share(pids: list[int], seconds: float) -> float:
    """Per cent of one core that some processes take together in a while."""
    began, before = time.monotonic(), {pid: processor_s(pid) for pid in pids}
    await asyncio.sleep(seconds)
    took = sum(max(0.0, processor_s(pid) - before[pid]) for pid in pids)
    return round(100 * took / (time.monotonic() - began), 2)


async def fidget(rest: Rest, conference: str, call: str) -> None:
    """Mute and unmute somebody until cancelled."""
    muted = False
    while True:
        muted = not muted
        await rest.made(f"Conferences/{conference}/Participants/{call}", {"Muted": str(muted).lower()})
        await asyncio.sleep(MUTED_EVERY_S)


async def hall(rest: Rest, server: Server, folder: Path, people: int) -> tuple[Crowd, str, str]:
    """Fill a conference; gives the crowd, the conference's sid and a call's."""
    kept = await rest.made("LamlBins", {"Name": "hall", "Contents": ROOM})
    number = "+15550001234"
    await rest.made("IncomingPhoneNumbers", {"PhoneNumber": number, "VoiceUrl": kept["request_url"]})
    crowd = await Crowd.call([number] * people, server.sip_address, folder)
    conference = (await rest.get("Conferences?Status=in-progress")).body["conferences"][0]["sid"]
    while True:
        reply = await rest.get(f"Conferences/{conference}/Participants?PageSize=1000")
        if len(reply.body["participants"]) == people:
            return crowd, conference, reply.body["participants"][0]["call_sid"]
        await asyncio.sleep(0.5)


async def measure(server: Server, folder: Path, people: int, seconds: float) -> dict[str, Any]:
    who = server.create_project()
    async with aiohttp.ClientSession() as session, chromium() as browser:
        rest = Rest(session, server.ready["http"], who)
        crowd, conference, call = await hall(rest, server, folder, people)
        fidgeting = asyncio.create_task(fidget(rest, conference, call))
        try:
            without = await share([server.ready["pid"]], seconds)
            page = await browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(WITHIN_MS)
            await page.goto(f"{server.ready['http']}/console#/conferences/{conference}")
            await page.get_by_label("Project (sid)").fill(who.sid)
            await page.get_by_label("Token").fill(who.token)
            await page.get_by_role("button", name="Sign in").click()
            await page.locator(".people li").nth(people - 1).wait_for(state="attached")
            await page.locator(".figures").filter(has_text="MOS").first.wait_for(state="attached")
            shares = await asyncio.gather(
                share([server.ready["pid"]], seconds), share(browser_pids(), seconds)
            )
        finally:
            fidgeting.cancel()
            await crowd.close()
    return {
        "people": people,
        "browser_percent": shares[1],
        "browser_aim": BROWSER_AIM,
        "server_percent": round(shares[0] - without, 2),
        "server_aim": SERVER_AIM,
        "server_without_page_percent": without,
        "load_average": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.console")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(folder / "data", ("--drain-s", "0"))
        server.start()
        try:
            found = asyncio.run(measure(server, folder, options.people, options.seconds))
        finally:
            server.stop()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
