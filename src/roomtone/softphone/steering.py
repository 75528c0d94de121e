"""What each key of the terminal does. Pure, but for the phone that it is done to."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from roomtone.softphone.account import PhoneProblem
from roomtone.softphone.screen import View
from roomtone.testing.rtp import DIGITS

ENTER, BACKSPACE, ESCAPE = "\r\n", "\x7f\b", "\x1b"
LETTERS = "abcdABCD"
"""Keys that also mean something else: they are pressed by script only."""

Begin = Callable[[Coroutine[Any, Any, object]], None]


class Steering:
    """Carries out keys."""

    def __init__(self, view: View, begin: Begin, leave: Callable[[], None]) -> None:
        self._view, self._begin, self._leave = view, begin, leave

    def take(self, key: str) -> None:
        """Do what a key says."""
        view = self._view
        if view.typed is not None:
            self._type(view.typed, key)
        elif key in DIGITS and key not in LETTERS:
            self._press(key)
        else:
            self._command(key.lower())

    def _command(self, key: str) -> None:
        phone, state = self._view.phone, self._view.state()
        match key:
            case "q":
                self._leave()
            case "c" if state == "idle":
                self._view.typed = ""
            case "a":
                phone.answer()
            case "h" if phone.call is not None:
                self._begin(phone.call.hang_up())
            case "m" if phone.call is not None:
                phone.call.sound.muted = not phone.call.sound.muted
            case _:
                pass

    def _press(self, key: str) -> None:
        call = self._view.phone.call
        if call is not None and self._view.state() == "up":
            call.sound.press(key)
            self._view.pressed += key

    def _type(self, typed: str, key: str) -> None:
        if key in ENTER:
            self._view.typed = None
            if typed:
                self._begin(self._dial(typed))
        elif key == ESCAPE:
            self._view.typed = None
        elif key in BACKSPACE:
            self._view.typed = typed[:-1]
        elif key.isprintable():
            self._view.typed = typed + key

    async def _dial(self, typed: str) -> None:
        try:
            await self._view.phone.dial(typed)
            self._view.pressed = ""
        except PhoneProblem as why:
            self._view.news = str(why)
