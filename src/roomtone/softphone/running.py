"""Runs the phone: by hand, with a screen and keys, or by script, with a line for each thing that happens."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from roomtone.sdp.agreement import Codec
from roomtone.softphone import keying
from roomtone.softphone.account import Account, PhoneProblem, target
from roomtone.softphone.audio import Both, FileMicrophone, Silence, WavSpeaker, devices
from roomtone.softphone.call import Call
from roomtone.softphone.keys import Keyboard
from roomtone.softphone.phone import CODECS, Phone, Wishes
from roomtone.softphone.screen import Screen, View
from roomtone.softphone.steering import Steering
from roomtone.softphone.telling import line, words
from roomtone.testing.sip_text import Headers


@dataclass(frozen=True)
class Orders:
    """What the command line says."""

    account: Account
    call: str | None = None
    """Whom to call."""

    answer: bool = False
    digits: str = ""
    """Pressed once the call is up."""

    for_s: float | None = None
    """How long a call stays up; None: until the other side ends it."""

    wait_s: float | None = None
    """How long it waits for a call, or for an answer; None: as long as it takes."""

    stay: bool = False
    """Take one call after the other, instead of leaving after the first."""

    play: Path | None = None
    repeat: bool = False
    record: Path | None = None
    silent: bool = False
    codec: str | None = None
    headers: Headers = ()
    as_json: bool = False
    levels: bool = False
    """Tell of both levels every second."""

    by_hand: bool = False
    """With a screen and keys."""

    @property
    def reach(self) -> str | None:
        """Whom a phone without a server will speak to."""
        return target(self.call, self.account.server) if self.call else None


async def run(orders: Orders) -> int:
    """Run the phone to its end; give the exit code: 1 if a script's call was not answered.

    Raises:
        PhoneProblem: It cannot do what it was told.
    """
    keying.frames(orders.digits)  # before anything begins
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, task.cancel)
    try:
        return await (_by_hand(orders) if orders.by_hand else _by_script(orders))
    except asyncio.CancelledError:
        return 0
    finally:
        for which in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(which)


@contextlib.asynccontextmanager
async def _opened(orders: Orders, tell: Any) -> AsyncIterator[Phone]:
    """Open microphone, speaker and phone; close all of them whatever happens."""
    with contextlib.ExitStack() as ending:
        microphone, speaker = _sound(orders, ending)
        codecs = frozenset({Codec(orders.codec)}) if orders.codec else CODECS
        wishes = Wishes(microphone, speaker, codecs, orders.answer, orders.headers)
        phone = Phone(orders.account, wishes, tell)
        try:
            yield await phone.open(orders.reach)
        finally:
            await asyncio.shield(phone.close())


def _sound(orders: Orders, ending: contextlib.ExitStack) -> tuple[Any, Any]:
    """Choose what it speaks with and listens by: files where they are named, else devices, else nothing."""
    files = orders.play is not None or orders.record is not None
    microphone: Any
    speaker: Any
    microphone, speaker = (Silence(), Silence()) if files or orders.silent else devices()
    if orders.play is not None:
        microphone = FileMicrophone(orders.play, repeat=orders.repeat)
    if orders.record is not None:
        speaker = Both(speaker, WavSpeaker(orders.record))
    ending.callback(microphone.close)
    ending.callback(speaker.close)
    return microphone, speaker


# By script -------------------------------------------------------------------------------------------------------------


async def _by_script(orders: Orders) -> int:
    def tell(kind: str, **told: Any) -> None:
        print(line(kind, told, as_json=orders.as_json), flush=True)  # noqa: T201 - what the program is for

    async with _opened(orders, tell) as phone:
        while True:
            call = await _next_call(phone, orders)
            if call is None:
                return 1
            done = await _see_through(call, orders, tell)
            if not orders.stay:
                return done


async def _next_call(phone: Phone, orders: Orders) -> Call | None:
    """Make the call, or wait for one; None: none came in time."""
    if orders.call is not None:
        return await phone.dial(orders.call)
    try:
        async with asyncio.timeout(orders.wait_s):
            await phone.called.wait()
    except TimeoutError:
        return None
    phone.called.clear()
    return phone.call


async def _see_through(call: Call, orders: Orders, tell: Any) -> int:
    """Wait for the answer, do what is to be done, and wait for the end; give the exit code."""
    if not await _first(call, orders.wait_s):
        await call.close()
        return 1
    if orders.digits:
        call.sound.press(orders.digits)
        tell("pressed", keys=orders.digits)
    listening = asyncio.create_task(_listen(call, orders, tell))
    try:
        async with asyncio.timeout(orders.for_s):
            await call.over.wait()
    except TimeoutError:
        await call.hang_up()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return 0


async def _first(call: Call, within_s: float | None) -> bool:
    """Wait for the answer; False: there was none."""
    waits = [asyncio.create_task(event.wait()) for event in (call.up, call.over)]
    try:
        await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return call.answered_s is not None


async def _listen(call: Call, orders: Orders, tell: Any) -> None:
    """Tell of keys that they press, and of levels if that is wished."""
    turn = 0
    while True:
        await asyncio.sleep(0.1)
        while call.sound.keys_heard:
            tell("key", key=call.sound.keys_heard.popleft())
        turn += 1
        if orders.levels and turn % 10 == 0:
            figures = call.sound.figures
            tell("level", spoken_db=round(figures.spoken_db, 1), heard_db=round(figures.heard_db, 1))


# By hand ---------------------------------------------------------------------------------------------------------------


async def _by_hand(orders: Orders) -> int:
    console = Console(highlight=False)
    leaving, begun = asyncio.Event(), set[asyncio.Task[object]]()
    views: list[View] = []

    def tell(kind: str, **told: Any) -> None:
        for view in views:
            view.news = words(kind, told)
        if kind == "incoming":
            console.bell()

    def begin(work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        begun.add(task)
        task.add_done_callback(begun.discard)

    async with _opened(orders, tell) as phone:
        view = View(phone, f"registered as {orders.account.uri}" if orders.account.server else "")
        views.append(view)
        if orders.call is not None:
            begin(_see_through(await phone.dial(orders.call), orders, tell))
        with Screen(view, console) as screen, Keyboard(Steering(view, begin, leaving.set).take):
            while not leaving.is_set():
                screen.refresh()
                await asyncio.sleep(Screen.EVERY_S)
    return 0


def has_terminal() -> bool:
    """Say whether somebody sits there who can see and type."""
    return sys.stdin.isatty() and sys.stdout.isatty()


__all__ = ["Orders", "PhoneProblem", "has_terminal", "run"]
