"""The keys a caller presses, each told once however many ways it comes.

Some phones send a key as an event of RFC 4733, as a SIP INFO and as a tone, all at once. Whichever word of a press comes
first counts; the same key by another way within `ECHO_S` is the same press. The same key again by the same way is
another press, so that 5 5 stays two fives.

Pure: the time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.call.messages import DigitPressed, DigitWay
from roomtone.core.moment import Moment

ECHO_S = 1.0
"""How much later than the first the other ways of one press may come, in seconds."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A press that counted."""

    digit: str
    way: DigitWay
    at: Moment


Keypad = tuple[Heard, ...]
"""The presses that counted within the last `ECHO_S`."""


def press(keypad: Keypad, signal: DigitPressed, now: Moment) -> tuple[Keypad, bool]:
    """Take the word of a press.

    Returns:
        The keypad as it is next, and whether this is a press that nobody has told of yet.
    """
    recent = tuple(one for one in keypad if now.mono_ns - one.at.mono_ns <= ECHO_S * 1e9)
    if any(one.digit == signal.digit and one.way is not signal.way for one in recent):
        return recent, False
    return (*recent, Heard(signal.digit, signal.way, now)), True
