"""Who hears whom.

Turns a conference into the picture the mixer should render. Pure: no audio, no time, no ids are made here.
Anything that changes what a participant hears or who hears them belongs in `mix_plan`, and nowhere else.

`mix_plan` is the whole truth and small enough to read; `same_picture` answers one question about two states of one
conference faster than comparing two whole plans, and is tested against exactly that comparison.

Sources: Twilio "Participant resource" (Hold, Muted, Coaching); SignalWire "Update a Participant".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from roomtone.core.conference.state import Announcement, Conference, Participant, Status, Topic
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.values import JitterBuffer, Music


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


class Seat(NamedTuple):
    """One participant, as the mixer sees them. A tuple, since a plan has hundreds and they are made at every change."""

    call: CallId
    talks_to: Towards | CallId
    """The room, nobody, or exactly one other call."""

    hears: str | None
    """None: the room; else the key of the one soundtrack they hear instead."""

    overlays: tuple[str, ...] = ()
    """Keys of soundtracks played over what they hear."""

    jitter_buffer: JitterBuffer = JitterBuffer.LARGE
    """How much of what they say may wait for the rest."""


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
    """Whether anybody asked to be told who speaks, or a recording is to tell it."""


def mix_plan(conference: Conference) -> MixPlan:
    """Draw the whole picture of a conference as it is now.

    Takes the revision from the conference; whoever changes the picture has counted it up already (`step` does).

    Args:
        conference: In any status; one that is completed has no seats.

    Returns:
        Seats for exactly those whose call is answered or who let the room hear what comes before, and what plays to them. O(participants · log participants).
    """
    scene = _scene(conference)
    views = [_view(one, scene) for one in sorted(_here(conference), key=_by_call)]
    soundtracks = [track for _, own in views for track in own]
    soundtracks += (
        Soundtrack(announcement_key(conference.id, one), one.document, None, once=True)
        for one in conference.announcements[:1]
    )
    return MixPlan(
        revision=conference.plan_revision,
        seats=tuple([seat for seat, _ in views]),
        soundtracks=tuple(sorted(soundtracks, key=_by_key)),
        speech=wants_speech(conference),
    )


def bridge_plan(one: CallId, other: CallId, revision: int) -> MixPlan:
    """Draw two calls that hear each other, and nothing else."""
    seats = tuple(
        Seat(call, Towards.ROOM, None) for call in sorted((one, other), key=lambda call: call.value)
    )
    return MixPlan(revision, seats)


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
    a frozen participant that is the same object has the same view of an unchanged scene.
    """
    old_scene, new_scene = _scene(before), _scene(after)
    if old_scene.overlays != new_scene.overlays or wants_speech(before) != wants_speech(after):
        return False
    were, are = _here(before), _here(after)
    if len(were) != len(are):
        return False
    same_status = before.status is after.status
    changed = [(old, new) for old, new in zip(were, are, strict=True) if old is not new or not same_status]
    return all(
        old.call == new.call and _view(old, old_scene) == _view(new, new_scene) for old, new in changed
    )


def _here(conference: Conference) -> list[Participant]:
    """List those who have a seat: whose call is answered, or sounds before."""
    return [one for one in conference.participants if one.here or one.sounds_early]


def announcement_key(target: CallId | ConferenceId, announcement: Announcement) -> str:
    """Name the soundtrack of an announcement to one call, or to everybody in a conference."""
    return f"announce:{target.hex}:{announcement.turn}"


def wants_speech(conference: Conference) -> bool:
    """Say whether the customer asked to be told who speaks, or a recording is to tell it."""
    if conference.record is not None:
        return True
    return conference.callback is not None and Topic.SPEAKER in conference.callback.topics


def hears_room(participant: Participant, conference: Conference) -> bool:
    """Say whether this participant hears the room, rather than wait or hold music."""
    return conference.status is Status.IN_PROGRESS and participant.here and not participant.held


def _by_call(participant: Participant) -> int:
    return participant.call.value


def _by_key(soundtrack: Soundtrack) -> str:
    return soundtrack.key


class _Scene(NamedTuple):
    """What a participant's view depends on besides themselves."""

    started: bool
    overlays: tuple[str, ...]
    """What plays over the room to everybody."""

    coached: frozenset[CallId]
    """Those here whom somebody coaches."""


def _scene(conference: Conference) -> _Scene:
    wanted = {
        one.coached.value
        for one in conference.participants
        if one.here and one.coaching and one.coached is not None
    }
    return _Scene(
        started=conference.status is Status.IN_PROGRESS or _is_called_out(conference),
        overlays=(
            *(announcement_key(conference.id, one) for one in conference.announcements[:1]),
            *conference.voices,
        ),
        coached=frozenset(
            one.call for one in conference.participants if one.here and one.call.value in wanted
        )
        if wanted
        else frozenset(),
    )


def _is_called_out(conference: Conference) -> bool:
    """Say whether somebody who may start the conference, and is alone in it as yet, can hear how another's call fares."""
    if conference.status is not Status.INIT:
        return False
    return any(one.sounds_early for one in conference.participants) and any(
        one.here and one.start_on_enter for one in conference.participants
    )


def _view(one: Participant, scene: _Scene) -> tuple[Seat, tuple[Soundtrack, ...]]:
    """Give a participant's seat, and the soundtracks that are theirs alone."""
    if not one.here:
        return _unanswered(one, scene), ()
    private = (_private(one, one.announcements[0]),) if one.announcements else ()
    if scene.started and one.hold is None:
        overlays = (*(track.key for track in private), *scene.overlays) if private else scene.overlays
        return Seat(one.call, _talking(one, scene), None, overlays, one.jitter_buffer), private
    alone = private or (_music(one),)
    return Seat(one.call, Towards.NOBODY, alone[0].key, (), one.jitter_buffer), alone


def _unanswered(one: Participant, scene: _Scene) -> Seat:
    """Seat a call that sounds before its answer: heard unless nobody, or one alone, is to hear them; hearing silence."""
    public = scene.started and not (one.muted or one.held or one.coaching)
    talks = Towards.ROOM if public else Towards.NOBODY
    return Seat(one.call, talks, f"early:{one.call.hex}", (), one.jitter_buffer)


def _talking(one: Participant, scene: _Scene) -> Towards | CallId:
    if one.muted:
        return Towards.NOBODY
    if not one.coaching:
        return Towards.ROOM
    # A coach whose coached left talks to nobody: a whisper must never turn public.
    return one.coached if one.coached is not None and one.coached in scene.coached else Towards.NOBODY


def _private(one: Participant, announcement: Announcement) -> Soundtrack:
    return Soundtrack(announcement_key(one.call, announcement), announcement.document, one.call, once=True)


def _music(one: Participant) -> Soundtrack:
    """Give what a participant hears who is on hold, or waits."""
    if one.hold is not None:
        return Soundtrack(f"hold:{one.call.hex}:{one.hold_turn}", one.hold, one.call, once=False)
    return Soundtrack(f"wait:{one.call.hex}:{one.wait_turn}", one.wait, one.call, once=False)
