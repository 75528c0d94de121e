"""What may be asked of a conference, at random: a handful of calls and labels, so that they meet."""

from __future__ import annotations

from hypothesis import strategies as st

from rooms import EVERYTHING, NEWS, OTHER_SONG, SONG
from roomtone.core.conference.messages import (
    Announce,
    CallStatus,
    ChangeHoldMusic,
    ChangeWait,
    Coach,
    End,
    Hold,
    Join,
    LegEnded,
    LegLeft,
    Message,
    Mute,
    Remove,
    SetBeepOnExit,
    SetEndOnExit,
    SoundtrackEnded,
    SoundtrackFailed,
    SpeechStarted,
    SpeechStopped,
    StopCoaching,
    Unhold,
    Unmute,
    Who,
)
from roomtone.core.conference.state import Callback, Conference, LeaveReason, Topic
from roomtone.core.ids import CallId, ParticipantId
from roomtone.core.values import Beep, Caller, HouseMusic, JitterBuffer, Method, Silence

CALLS = tuple(CallId(number) for number in range(1, 7))
LABELS = ("desk", "boss", "d'Artagnan")
BAD_LABELS = ("", "a/b", "CA" + "0" * 32)

music = st.sampled_from([HouseMusic(), Silence(), SONG, OTHER_SONG])
news = st.sampled_from([NEWS, SONG])
callbacks = (
    st.none()
    | st.just(EVERYTHING)
    | st.builds(
        Callback,
        st.just("https://app.example/some"),
        st.sampled_from(Method),
        st.frozensets(st.sampled_from(Topic)),
    )
)


def seldom(odds: int) -> st.SearchStrategy[bool]:
    """True about once in so many times."""
    return st.integers(1, odds).map(lambda dice: dice == odds)


def mostly(likely: st.SearchStrategy, odds: int, other: st.SearchStrategy):
    """The one, or once in so many times the other."""
    return seldom(odds).flatmap(lambda rare: other if rare else likely)


def calls(conference: Conference) -> st.SearchStrategy[CallId]:
    """A call that is present, if any is; seldom any other."""
    present = [one.call for one in conference.participants]
    return mostly(st.sampled_from(present or CALLS), 12, st.sampled_from(CALLS))


def whos(conference: Conference) -> st.SearchStrategy[Who]:
    """A participant, by call or by label; seldom one who is not there."""
    labels = [one.label for one in conference.participants if one.label]
    return mostly(calls(conference), 4, st.sampled_from(labels or LABELS))


def joins(conference: Conference, participant: ParticipantId) -> st.SearchStrategy[Join]:
    """The wish of a call to come in as this participant."""
    absent = [call for call in CALLS if conference.find(call) is None]
    taken = {one.label for one in conference.participants}
    free = [label for label in LABELS if label not in taken]
    return st.builds(
        Join,
        participant=st.just(participant),
        call=mostly(st.sampled_from(absent or CALLS), 12, st.sampled_from(CALLS)),
        caller=st.just(Caller("+1", "+2")),
        label=mostly(st.sampled_from([None, *free]), 12, st.sampled_from([*LABELS, *BAD_LABELS])),
        muted=seldom(4),
        start_on_enter=st.booleans(),
        end_on_exit=seldom(10),
        beep=st.builds(Beep, st.booleans(), st.booleans()),
        wait=music,
        coached=mostly(st.none(), 4, calls(conference)),
        max_participants=mostly(st.just(250), 10, st.just(3)),
        callback=callbacks,
        region=st.sampled_from([None, "ie1"]),
        jitter_buffer=st.sampled_from(JitterBuffer),
        early_sound=st.booleans(),
    )


def updates(conference: Conference, who: Who):
    """One order about this participant that leaves them in the room."""
    named = st.just(who)
    return st.one_of(
        st.builds(Hold, named, music),
        st.builds(ChangeHoldMusic, named, music),
        st.builds(Unhold, named),
        st.builds(Mute, named),
        st.builds(Unmute, named),
        st.builds(Coach, named, calls(conference)),
        st.builds(Coach, named),
        st.builds(StopCoaching, named),
        st.builds(ChangeWait, named, music),
        st.builds(SetBeepOnExit, named, st.booleans()),
        st.builds(SetEndOnExit, named, seldom(10)),
        st.builds(Announce, news, named),
    )


def requests(conference: Conference) -> st.SearchStrategy[tuple[Message, ...]]:
    """What one POST may ask of one participant; mostly one thing."""
    return whos(conference).flatmap(
        lambda who: mostly(
            updates(conference, who).map(lambda order: (order,)),
            3,
            st.lists(updates(conference, who), max_size=4).map(tuple),
        )
    )


def departures(conference: Conference):
    """Somebody is taken out, hangs up, or goes elsewhere."""
    return st.one_of(
        st.builds(Remove, whos(conference)),
        st.builds(LegEnded, calls(conference), st.sampled_from([CallStatus.COMPLETED, CallStatus.FAILED])),
        st.builds(
            LegLeft, calls(conference), st.sampled_from([LeaveReason.HUNG_UP, LeaveReason.UPDATED_VIA_API])
        ),
    )


def speech(conference: Conference):
    """Somebody begins or stops to speak."""
    return st.builds(SpeechStarted, calls(conference)) | st.builds(SpeechStopped, calls(conference))


def endings(keys: list[str]):
    """The end of one of these soundtracks, or of one that never was."""
    key = mostly(st.sampled_from(keys or [""]), 8, st.sampled_from(["announce:0:0", "hold:0:0", "nonsense"]))
    return st.builds(SoundtrackEnded, key) | st.builds(SoundtrackFailed, key, st.just("it is not audio"))


def mixtures(conference: Conference, participant: ParticipantId) -> st.SearchStrategy[tuple[Message, ...]]:
    """Requests that no door would make: anything together with anything."""
    anything = st.one_of(
        whos(conference).flatmap(lambda who: updates(conference, who)),
        departures(conference),
        speech(conference),
        st.builds(Announce, news),
        joins(conference, participant),
        mostly(st.builds(Announce, news), 6, st.just(End())),
    )
    return st.lists(anything, min_size=2, max_size=4).map(tuple)
