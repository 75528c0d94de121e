"""The demo's script: each step one request, and who should hear whom after it.

Sources: SignalWire "Update a Participant" (its examples mute, hold, monitor, coach, barge); Twilio "Participant resource".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roomtone.demo.api import Order
from roomtone.demo.ears import ANNOUNCEMENT, HOLD, Hearing

CUSTOMER, AGENT, SUPERVISOR = "ann", "ben", "cleo"
EVERYBODY = (CUSTOMER, AGENT, SUPERVISOR)
"""The callers, in the order they call."""

PITCHES_HZ = {CUSTOMER: 397.0, AGENT: 683.0, SUPERVISOR: 977.0}


@dataclass(frozen=True, slots=True)
class Cast:
    """The names that a request needs."""

    conference: str
    calls: dict[str, str]
    """Call sids by caller."""

    music: str
    """Base URL of the customer's audio files."""

    def participant(self, name: str) -> str:
        """Path of a caller's participant."""
        return f"Conferences/{self.conference}/Participants/{self.calls[name]}"


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One step."""

    title: str
    story: str
    """One sentence: what should be heard."""

    order: Callable[[Cast], Order]
    status: int
    """HTTP status of success."""

    hearing: Hearing


def _hearing(**heard: str | None) -> Hearing:
    """Spell a table: each caller's word list, blank separated; ``None``: the call is over."""
    names = {"hold": HOLD, "announcement": ANNOUNCEMENT}
    return {
        listener: None if words is None else frozenset(names.get(word, word) for word in words.split())
        for listener, words in heard.items()
    }


def _update(name: str, *form: tuple[str, str]) -> Callable[[Cast], Order]:
    def order(cast: Cast) -> Order:
        spelt = tuple((key, value.format(music=cast.music, **cast.calls)) for key, value in form)
        return Order("POST", cast.participant(name), spelt)

    return order


_ALL = _hearing(ann="ben cleo", ben="ann cleo", cleo="ann ben")

STEPS: tuple[DemoStep, ...] = (
    DemoStep(
        "list the participants", "three callers, and everybody hears the others",
        lambda cast: Order("GET", f"Conferences/{cast.conference}/Participants"), 200, _ALL,
    ),
    DemoStep(
        "mute ben", "ben hears everybody and is heard by nobody",
        _update(AGENT, ("Muted", "true")), 200,
        _hearing(ann="cleo", ben="ann cleo", cleo="ann"),
    ),
    DemoStep("unmute ben", "as before", _update(AGENT, ("Muted", "false")), 200, _ALL),
    DemoStep(
        "hold ann, with a HoldUrl", "ann hears the customer's own hold music and nothing else; nobody hears ann",
        _update(CUSTOMER, ("Hold", "true"), ("HoldUrl", "{music}/hold.wav")), 200,
        _hearing(ann="hold", ben="cleo", cleo="ben"),
    ),
    DemoStep("unhold ann", "as before", _update(CUSTOMER, ("Hold", "false")), 200, _ALL),
    DemoStep(
        "monitor: cleo listens in", "cleo hears everybody and is heard by nobody",
        _update(SUPERVISOR, ("Muted", "true"), ("Coaching", "true"), ("CallSidToCoach", "{ben}")), 200,
        _hearing(ann="ben", ben="ann", cleo="ann ben"),
    ),
    DemoStep(
        "whisper: cleo coaches ben", "only ben hears cleo",
        _update(SUPERVISOR, ("Muted", "false"), ("Coaching", "true"), ("CallSidToCoach", "{ben}")), 200,
        _hearing(ann="ben", ben="ann cleo", cleo="ann ben"),
    ),
    DemoStep(
        "barge: cleo speaks to all", "everybody hears cleo",
        _update(SUPERVISOR, ("Muted", "false"), ("Coaching", "false"), ("CallSidToCoach", "")), 200, _ALL,
    ),
    DemoStep(
        "announce to ann", "ann hears the announcement over the room; nobody else does",
        _update(CUSTOMER, ("AnnounceUrl", "{music}/announcement.wav"), ("AnnounceMethod", "GET")), 200,
        _hearing(ann="ben cleo announcement", ben="ann cleo", cleo="ann ben"),
    ),
    DemoStep(
        "remove cleo", "cleo's call is over; ann and ben go on",
        lambda cast: Order("DELETE", cast.participant(SUPERVISOR)), 204,
        _hearing(ann="ben", ben="ann", cleo=None),
    ),
    DemoStep(
        "end the conference", "all calls are over",
        lambda cast: Order("POST", f"Conferences/{cast.conference}", (("Status", "completed"),)), 200,
        _hearing(ann=None, ben=None, cleo=None),
    ),
)  # fmt: skip
"""In order. With ``--keep`` the last two are left out, so that there is something to keep."""

ENDING = 2
"""How many steps take callers away."""
