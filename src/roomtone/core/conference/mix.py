"""Who hears whom.

Turns a conference into the picture the mixer should render. Pure: no audio, no time, no ids are made here.
Anything that changes what a participant hears or who hears them belongs in `mix_plan`, and nowhere else.

`mix_plan` is the whole truth and small enough to read; `same_picture` answers one question about two states of one
conference faster than comparing two whole plans, and is tested against exactly that comparison.

Sources: Twilio "Participant resource" (Hold, Muted, Coaching); SignalWire "Update a Participant".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from roomtone.core.conference.state import Announcement, Conference, Participant, Status, Topic
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.values import Music


class Towards(Enum):
    """To whom a seat talks, when it is not one single call."""

    ROOM = "room"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """Audio that plays to some seats in place of the room, or over it."""

    key: str
    """Stable name, ``"<purpose>:<call or conference hex>:<turn>"``; an unchanged key means keep playing."""

    music: Music
    """Where it comes from."""

    call: CallId | None
    """The call it is fetched for (its parameters go with the request); None: the conference's own."""

    once: bool
    """Whether its end matters (an announcement) or it just falls silent (wait and hold music)."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One participant, as the mixer sees them."""

    call: CallId
    talks_to: Towards | CallId
    """The room, nobody, or exactly one other call."""

    hears: str | None
    """None: the room; else the key of the one soundtrack they hear instead."""

    overlays: tuple[str, ...] = ()
    """Keys of soundtracks played over what they hear."""


@dataclass(frozen=True, slots=True)
class MixPlan:
    """The whole picture of one conference. Applying it twice, or after a restart, is harmless."""

    revision: int
    seats: tuple[Seat, ...] = ()
    """Ordered by call, so that equal pictures are equal values."""

    soundtracks: tuple[Soundtrack, ...] = ()
    """Ordered by key: those that some seat hears, and the announcement to everybody while everybody is on hold (it
    goes on unheard, so that its end still comes)."""

    speech: bool = False
    """Whether anybody asked to be told who speaks."""


def mix_plan(conference: Conference) -> MixPlan:
    """Draw the whole picture of a conference as it is now.

    Takes the revision from the conference; whoever changes the picture has counted it up already (`step` does).

    Args:
        conference: In any status; one that is completed has no seats.

    Returns:
        Seats for exactly those present, and what plays to them. O(participants · log participants).
    """
    coached = _coached(conference)
    return MixPlan(
        revision=conference.plan_revision,
        seats=tuple(_seat(one, conference, coached) for one in sorted(conference.participants, key=_by_call)),
        soundtracks=tuple(sorted(_soundtracks(conference), key=_by_key)),
        speech=wants_speech(conference),
    )


def hears(plan: MixPlan) -> dict[CallId, frozenset[CallId]]:
    """Say what a plan means: for each seat, whom they hear.

    A listener hears everybody who talks to the room, minus themselves, plus those who talk to them alone; one who
    hears a soundtrack hears no one. Soundtracks and overlays are not people and are not told.
    """
    room = frozenset(seat.call for seat in plan.seats if seat.talks_to is Towards.ROOM)
    private: dict[CallId, set[CallId]] = {}
    for seat in plan.seats:
        if isinstance(seat.talks_to, CallId):
            private.setdefault(seat.talks_to, set()).add(seat.call)
    return {
        seat.call: frozenset() if seat.hears else (room | private.get(seat.call, set())) - {seat.call}
        for seat in plan.seats
    }


def same_picture(before: Conference, after: Conference) -> bool:
    """Say whether two successive states of one conference look the same to the mixer.

    The same answer as comparing their plans (revisions apart), but only those participants that changed are looked at:
    a frozen participant that is the same object has the same seat as long as their surroundings are the same.
    """
    if _playing(before) != _playing(after) or wants_speech(before) != wants_speech(after):
        return False
    if [one.call for one in before.participants] != [one.call for one in after.participants]:
        return False
    same_status = before.status is after.status
    coached_before, coached_after = _coached(before), _coached(after)
    return all(
        (same_status and old is new)
        or (
            _seat(old, before, coached_before) == _seat(new, after, coached_after)
            and list(_own_soundtracks(old, before)) == list(_own_soundtracks(new, after))
        )
        for old, new in zip(before.participants, after.participants, strict=True)
    )


def announcement_key(target: CallId | ConferenceId, announcement: Announcement) -> str:
    """Name the soundtrack of an announcement to one call, or to everybody in a conference."""
    return f"announce:{target.hex}:{announcement.turn}"


def wants_speech(conference: Conference) -> bool:
    """Say whether the customer asked to be told who speaks."""
    return conference.callback is not None and Topic.SPEAKER in conference.callback.topics


def hears_room(participant: Participant, conference: Conference) -> bool:
    """Say whether this participant hears the room, rather than wait or hold music."""
    return conference.status is Status.IN_PROGRESS and not participant.held


def _by_call(participant: Participant) -> int:
    return participant.call.value


def _by_key(soundtrack: Soundtrack) -> str:
    return soundtrack.key


def _coached(conference: Conference) -> frozenset[CallId]:
    """Give those present whom somebody coaches."""
    wanted = {one.coached for one in conference.participants if one.coaching}
    return (
        frozenset(one.call for one in conference.participants if one.call in wanted)
        if wanted
        else frozenset()
    )


def _seat(participant: Participant, conference: Conference, coached: frozenset[CallId]) -> Seat:
    own, overlays = _hearing(participant, conference)
    return Seat(participant.call, _talking(participant, conference, coached), own, overlays)


def _talking(
    participant: Participant, conference: Conference, coached: frozenset[CallId]
) -> Towards | CallId:
    if participant.muted or not hears_room(participant, conference):
        return Towards.NOBODY
    if not participant.coaching:
        return Towards.ROOM
    # A coach whose coached left talks to nobody: a whisper must never turn public.
    target = participant.coached
    return target if target is not None and target in coached else Towards.NOBODY


def _hearing(participant: Participant, conference: Conference) -> tuple[str | None, tuple[str, ...]]:
    """Give what a participant hears instead of the room (None: the room), and what plays over it."""
    private = tuple(announcement_key(participant.call, one) for one in participant.announcements[:1])
    if participant.held:
        return (private[0] if private else _hold_key(participant)), ()
    if conference.status is Status.INIT:
        return _wait_key(participant), ()
    return None, private + _playing(conference)


def _playing(conference: Conference) -> tuple[str, ...]:
    return tuple(announcement_key(conference.id, one) for one in conference.announcements[:1])


def _hold_key(participant: Participant) -> str:
    return f"hold:{participant.call.hex}:{participant.hold_turn}"


def _wait_key(participant: Participant) -> str:
    return f"wait:{participant.call.hex}:{participant.wait_turn}"


def _soundtracks(conference: Conference) -> Iterator[Soundtrack]:
    for one in conference.announcements[:1]:
        yield Soundtrack(announcement_key(conference.id, one), one.document, None, once=True)
    for participant in conference.participants:
        yield from _own_soundtracks(participant, conference)


def _own_soundtracks(participant: Participant, conference: Conference) -> Iterator[Soundtrack]:
    call = participant.call
    for one in participant.announcements[:1]:
        yield Soundtrack(announcement_key(call, one), one.document, call, once=True)
    if participant.hold is not None:
        if not participant.announcements:
            yield Soundtrack(_hold_key(participant), participant.hold, call, once=False)
    elif conference.status is Status.INIT:
        yield Soundtrack(_wait_key(participant), participant.wait, call, once=False)
