"""The house as `roomtone serve` makes it, with a thousand participants let in by the front of the switchboard.

They are real to the brain and to its store: each came in by a `Join` of its own, committed, and every change of theirs is
planned and posted to the native engine, which runs beside. What they lack is a phone: no SIP, no RTP. Prints one line of
JSON when it is ready, and serves until it is told to stop.

Usage: ``python -m bench.rest.house FOLDER PARTICIPANTS CONFERENCES``
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop

from roomtone import server
from roomtone.api import FrontDesk, create_app
from roomtone.api.listening import Listening, bind
from roomtone.config import Address, PortRange, Settings
from roomtone.core.conference.messages import Join
from roomtone.core.ids import CallId, ParticipantId, ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Caller
from roomtone.declared import Declared
from roomtone.dialects import by_name
from roomtone.starting import log_to_stderr
from roomtone.switchboard.clock import SystemClock, SystemDice
from roomtone.tidying import keep_tidy
from roomtone.trust import open_trust

TOKEN = "bench"


def settings(folder: Path) -> Settings:
    return Settings(
        data=folder,
        http=Address("127.0.0.1", 0),
        https=None,
        sip=Address("127.0.0.1", 0),
        rtp_ports=PortRange(0, 0),
        allow_networks=(ipaddress.IPv4Network("127.0.0.0/8"),),
        log_level="warning",
    )


async def gather(
    house: server.House, project: Project, participants: int, rooms: int
) -> list[tuple[str, str]]:
    """Let everybody in, half of them into a tenth of the rooms; gives each one's conference and call as the project spells them."""
    show, dice = by_name(project.dialect).sids.show, SystemDice()
    came = []
    for number in range(participants):
        join = Join(
            ParticipantId(dice.bits128()),
            CallId(dice.bits128()),
            Caller(f"+1555{number:07d}", "+15550000000"),
        )
        large = number < participants // 2
        name = number % (rooms // 10) if large else rooms // 10 + number % (rooms - rooms // 10)
        room = await house.switchboard.directory.join(project, f"room {name}", join)
        came.append((show(room.conference.id), show(join.call)))
    return came


async def main(folder: Path, participants: int, rooms: int) -> None:
    wanted = settings(folder)
    log_to_stderr(wanted.log_level)
    async with AsyncExitStack() as stack:
        bound = bind("127.0.0.1", 0)
        stack.callback(bound.close)
        house = await server._build(wanted, Declared(), open_trust(folder, [], SystemClock().now()), stack)  # noqa: SLF001
        await house.engine.start()
        await house.recovery.start()
        project = Project(ProjectId(0xBE), "bench", "twilio", TOKEN, SystemClock().now().wall_ms)
        await house.store.add_project(project, TOKEN)
        came = await gather(house, project, participants, rooms)
        desk = FrontDesk(
            house.switchboard,
            house.store,
            SystemClock(),
            SystemDice(),
            f"http://127.0.0.1:{bound.getsockname()[1]}",
        )
        door = Listening(create_app(desk), bound)
        door.start()
        ready = {
            "port": door.port, "pid": os.getpid(), "engine_pid": house.link.engine_pid, "came": came,
            "user": by_name("twilio").sids.show(project.id), "token": TOKEN,
        }  # fmt: skip
        print(json.dumps(ready), flush=True)
        tidying = asyncio.create_task(keep_tidy(asyncio.sleep(0)))
        await server._told_to_stop()  # noqa: SLF001
        tidying.cancel()
        await door.stop()
        await house.engine.shut_down(2.0)
        await house.switchboard.stop()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
