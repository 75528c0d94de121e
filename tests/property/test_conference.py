"""A conference under any sequence of requests and happenings."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from property.orders import departures, endings, joins, mixtures, news, requests, speech
from property.reference_mixer import listen
from rooms import NOW, empty
from roomtone.core.conference.advance import Advance, advance
from roomtone.core.conference.codec import (
    conference_from_json,
    conference_to_json,
    event_from_json,
    event_to_json,
)
from roomtone.core.conference.hearing import HEARD, hearing
from roomtone.core.conference.messages import (
    Announce,
    ApplyMix,
    CallRings,
    CallSounds,
    ConferenceEnded,
    End,
    Expect,
    LegEnded,
    LegLeft,
    ParticipantJoined,
    ParticipantLeft,
    ReleaseCall,
    SoundBeep,
)
from roomtone.core.conference.mix import MixPlan, hears, mix_plan, same_picture
from roomtone.core.conference.notices import TOPICS
from roomtone.core.conference.state import Early, Status
from roomtone.core.conference.step import fold
from roomtone.core.ids import CallId, ParticipantId
from roomtone.core.notices import notice_from_json, notice_to_json
from roomtone.core.refusals import Refused
from roomtone.core.values import Document

ORDER = list(Status)


def heard_by_rule(conference):
    """Who hears whom, straight from the rules for people and without any plan."""
    open_ = is_open(conference)

    def reaches(talker, listener):
        return (
            open_
            and listener.here
            and talker is not listener
            and not (talker.muted or talker.held or listener.held)
            and (not talker.coaching or (talker.here and talker.coached == listener.call))
        )

    people = seated(conference)
    return {one.call: {other.call for other in people if reaches(other, one)} for one in people}


def seated(conference):
    """Those who are here, and those whose calls sound before the answer, as they were to."""
    return [one for one in conference.participants if one.here or one.early is Early.SOUNDS]


def is_open(conference):
    """Whether people hear one another; or the one who may start it hears how calls fare."""
    if conference.status is Status.INIT:
        alone = any(one.here and one.start_on_enter for one in conference.participants)
        return alone and any(not one.here and one.early is Early.SOUNDS for one in conference.participants)
    return conference.status is Status.IN_PROGRESS


def played_by_rule(conference):
    """What music and announcements each hears, by document; straight from the rules."""

    def playing(one):
        if not one.here:
            return []
        private = [one.announcements[0].document] if one.announcements else []
        if one.held:
            return private or [one.hold]
        if not is_open(conference):
            return private or [one.wait]
        return private + [announcement.document for announcement in conference.announcements[:1]]

    return {one.call: Counter(playing(one)) for one in seated(conference)}


def inhabited(machine) -> bool:
    return bool(machine.conference.participants)


def coached(conference):
    """Calls of those present whom somebody coaches."""
    wanted = {one.coached for one in conference.participants if one.coaching}
    return [one.call for one in conference.participants if one.call in wanted]


def listening(conference):
    """Calls of those on hold, or with an announcement to them alone."""
    return [one.call for one in conference.participants if one.held or one.announcements]


class ConferenceMachine(RuleBasedStateMachine):
    """What must hold whatever is asked.

    Of the machine: a step does not mutate; the same input gives the same output; a refused request leaves nothing
    behind; a request counts one revision if anything came of it and none if nothing did; many messages in one request
    lead where they lead one by one; the status never goes backwards and a completed conference stays as it is.

    Of the mix: the plan applied last always equals the plan of the state; it is counted up exactly when the picture
    changes; seats are those present; nobody hears themselves; the muted, the held and those who wait are heard by
    nobody; the held and those who wait hear no one; a coach is heard by no one but the coached, and by nobody at all
    once that one has left; a reference mixer fed tones agrees with the plan's meaning, and both with the rules, for
    every listener, each at full level and no other sound among them.

    Of the news: joins minus leaves are the participants; notices are numbered without gaps and only of topics asked
    for; the end is told last and once, when the API, a flag or an empty room brings it; every call that did not leave of
    itself is released; a beep is heard by those who hear the room, and not by the one it is for.

    Of the store: state, events and notices come back from JSON exactly.
    """

    def __init__(self) -> None:
        super().__init__()
        self.moment = NOW
        self.minted = 0
        self.open()

    def open(self) -> None:
        self.conference = empty()
        self.applied = MixPlan(0)
        self.here: Counter[CallId] = Counter()
        self.sequence = 0
        self.ended = 0

    # What is asked ------------------------------------------------------------------------------------------------

    @initialize(data=st.data())
    def some_come_in(self, data):
        for _ in range(data.draw(st.integers(0, 4))):
            self.come_in(data)

    @rule(data=st.data())
    def come_in(self, data):
        self.take(data.draw(joins(self.conference, self.mint())))

    @rule(data=st.data())
    def call_in(self, data):
        self.take(Expect(data.draw(joins(self.conference, self.mint()))))

    @precondition(lambda self: any(not one.here for one in self.conference.participants))
    @rule(data=st.data())
    def a_call_fares(self, data):
        who = data.draw(st.sampled_from([one for one in self.conference.participants if not one.here]))
        answer = replace(data.draw(joins(self.conference, self.mint())), call=who.call)
        self.take(data.draw(st.sampled_from([CallRings(who.call), CallSounds(who.call), answer])))

    @precondition(inhabited)
    @rule(data=st.data())
    def update(self, data):
        self.take(*data.draw(requests(self.conference)))

    @precondition(inhabited)
    @rule(data=st.data())
    def update_another(self, data):
        """Asked as often again as anything else: it is what conferences are about."""
        self.update(data)

    @precondition(lambda self: len(self.conference.participants) > 2 or self.minted % 4 == 0)
    @rule(data=st.data())
    def go_out(self, data):
        self.take(data.draw(departures(self.conference)))

    @precondition(lambda self: coached(self.conference))
    @rule(data=st.data())
    def the_coached_goes_out(self, data):
        self.take(LegEnded(data.draw(st.sampled_from(coached(self.conference)))))

    @precondition(lambda self: listening(self.conference))
    @rule(data=st.data())
    def somebody_who_hears_something_is_told_more(self, data):
        self.take(Announce(data.draw(news), data.draw(st.sampled_from(listening(self.conference)))))

    @precondition(inhabited)
    @rule(data=st.data())
    def speak(self, data):
        self.take(data.draw(speech(self.conference)))

    @precondition(lambda self: inhabited(self) and not self.conference.announcements)
    @rule()
    def announce_to_everybody(self):
        self.take(Announce(Document("https://app.example/all")))

    @precondition(lambda self: self.applied.soundtracks)
    @rule(data=st.data())
    def play_to_the_end(self, data):
        self.take(data.draw(endings([track.key for track in self.applied.soundtracks])))

    @rule(data=st.data())
    def anything_at_once(self, data):
        self.take(*data.draw(mixtures(self.conference, self.mint())))

    @precondition(lambda self: inhabited(self) and self.minted % 8 == 0)
    @rule()
    def end(self):
        self.take(End())

    @precondition(lambda self: self.conference.status is Status.COMPLETED)
    @rule(data=st.data())
    def meet_again(self, data):
        self.open()
        self.some_come_in(data)

    def mint(self) -> ParticipantId:
        self.minted += 1
        return ParticipantId(self.minted)

    # What comes of it ---------------------------------------------------------------------------------------------

    def take(self, *messages) -> None:
        before, spelled = self.conference, conference_to_json(self.conference)
        self.moment = self.moment.after(0.02)
        try:
            result = advance(before, messages, self.moment)
        except Refused as no:
            self.refused_again(messages, no)
        else:
            assert advance(before, messages, self.moment) == result
            self.check_machine(before, messages, result)
            self.check_mix(before, result)
            self.check_news(before, result)
            if len(messages) == 1:
                self.check_leaving(before, messages[0], result)
                self.check_beeps(before, messages[0], result)
            self.conference = result.state
        assert conference_to_json(before) == spelled

    def refused_again(self, messages, no) -> None:
        with pytest.raises(Refused) as again:
            advance(self.conference, messages, self.moment)
        assert (again.value.reason, again.value.facts) == (no.reason, no.facts)

    def check_machine(self, before, messages, result: Advance) -> None:
        came_of_it = bool(result.events) or result.state != before
        assert result.state.revision == before.revision + came_of_it
        assert came_of_it or (result.state is before and not result.effects)
        assert ORDER.index(result.state.status) >= ORDER.index(before.status)
        assert before.status is not Status.COMPLETED or result.state is before
        alone = before
        for message in messages:
            alone = fold(alone, (message,), self.moment).state
        counted = {"revision": 0, "plan_revision": 0, "last_sequence": 0}
        assert replace(alone, **counted) == replace(result.state, **counted)

    def check_mix(self, before, result: Advance) -> None:
        applied = [effect.plan for effect in result.effects if isinstance(effect, ApplyMix)]
        old, new = replace(mix_plan(before), revision=0), replace(mix_plan(result.state), revision=0)
        assert same_picture(before, result.state) == (old == new)
        assert len(applied) == result.state.plan_revision - before.plan_revision == (old != new)
        assert not applied or isinstance(result.effects[0], ApplyMix)
        self.applied = applied[0] if applied else self.applied

    def check_news(self, before, result: Advance) -> None:
        for event in result.events:
            if isinstance(event, ParticipantJoined):
                self.here[event.call] += 1
            if isinstance(event, ParticipantLeft) and self.here[event.call]:  # else they never came
                self.here[event.call] -= 1
        ends = [isinstance(event, ConferenceEnded) for event in result.events]
        self.ended += sum(ends)
        assert not any(ends) or ends.index(True) == len(ends) - 1
        callback = result.state.callback
        topics = callback.topics if callback else ()
        assert [notice.event for notice in result.notices] == [
            event for event in result.events if TOPICS[type(event)] in topics
        ]
        for notice in result.notices:
            self.sequence += 1
            assert notice.sequence == self.sequence
            assert notice_from_json(notice_to_json(notice)) == notice
        for event in result.events:
            assert event_from_json(event_to_json(event)) == event

    def check_leaving(self, before, message, result: Advance) -> None:
        """Of a single message, since in a longer request flags may change before somebody leaves."""
        left = [event.call for event in result.events if isinstance(event, ParticipantLeft)]
        over = result.state.status is Status.COMPLETED and before.status is not Status.COMPLETED
        first = before.find(left[0]) if left and not isinstance(message, End) else None
        flagged = first is not None and first.end_on_exit and first.here
        emptied = bool(left) and len(before.participants) == 1
        assert over == (isinstance(message, End) or flagged or emptied)
        assert sorted(left) == sorted({one.call for one in before.participants if over} | set(left[:1]))
        of_themselves = left[:1] if isinstance(message, LegEnded | LegLeft) else []
        released = [effect.call for effect in result.effects if isinstance(effect, ReleaseCall)]
        assert released == left[len(of_themselves) :]

    def check_beeps(self, before, message, result: Advance) -> None:
        beeps = [effect for effect in result.effects if isinstance(effect, SoundBeep)]
        in_room = [one for one in result.state.participants if one.here and not one.held]
        expected = []
        if result.state.status is Status.IN_PROGRESS:
            for event in result.events:
                came = result.state.find(event.call) if isinstance(event, ParticipantJoined) else None
                if came is not None and came.beep.on_enter:
                    expected = [(True, [one.call for one in in_room if one.call != event.call])]
                left = before.find(event.call) if isinstance(event, ParticipantLeft) else None
                if left is not None and left.here and left.beep.on_exit:
                    expected = [(False, [one.call for one in in_room])]
        assert [(beep.entering, list(beep.calls)) for beep in beeps] == [row for row in expected if row[1]]

    # What always holds --------------------------------------------------------------------------------------------

    @invariant()
    def the_applied_plan_is_the_plan_of_the_state(self):
        assert self.applied == mix_plan(self.conference)

    @invariant()
    def seats_and_soundtracks_fit(self):
        placed = [seat.call for seat in self.applied.seats]
        assert placed == sorted(one.call for one in seated(self.conference))
        keys = [track.key for track in self.applied.soundtracks]
        assert keys == sorted(set(keys))
        played = {key for seat in self.applied.seats for key in (seat.hears, *seat.overlays) if key}
        to_all = {track.key for track in self.applied.soundtracks if track.call is None}
        quiet = {f"early:{one.call.hex}" for one in seated(self.conference) if not one.here}
        assert played - quiet | to_all == set(keys)

    @invariant()
    def everybody_hears_whom_they_should(self):
        expected = heard_by_rule(self.conference)
        assert hears(self.applied) == expected
        assert all(call not in heard for call, heard in expected.items())

    @invariant()
    def what_is_explained_is_what_is_heard(self):
        views = {one.participant.call: one for one in hearing(self.conference)}
        heard = {call: {other for other, why in view.others if why in HEARD} for call, view in views.items()}
        assert {call: people for call, people in heard.items() if people} == {
            call: people for call, people in heard_by_rule(self.conference).items() if people
        }
        assert all(len(view.others) == len(views) - 1 for view in views.values())
        music = played_by_rule(self.conference)
        for call, view in views.items():
            playing = [one.soundtrack.music for one in view.plays if one.soundtrack is not None]
            assert Counter(playing) == music.get(call, Counter())

    @invariant()
    def a_mixer_fed_tones_agrees(self):
        people, music = heard_by_rule(self.conference), played_by_rule(self.conference)
        tracks = {track.key: track.music for track in self.applied.soundtracks}
        for call, heard in listen(self.applied).items():
            assert set(heard.values()) <= {1.0}
            assert {name for name in heard if isinstance(name, CallId)} == people[call]
            assert Counter(tracks[name] for name in heard if isinstance(name, str)) == music[call]

    @invariant()
    def joins_minus_leaves_are_the_participants(self):
        assert +self.here == Counter(one.call for one in self.conference.participants if one.here)
        assert min(self.here.values(), default=0) >= 0

    @invariant()
    def the_conference_is_whole(self):
        people = self.conference.participants
        labels = [one.label for one in people if one.label is not None]
        assert len(labels) == len(set(labels))
        over = self.conference.status is Status.COMPLETED
        assert over == bool(self.ended) == (self.conference.end_reason is not None)
        assert not (over and (people or self.conference.announcements))
        here = [one for one in people if one.here]
        startable = len(here) > 1 and any(one.start_on_enter for one in here)
        assert not (startable and self.conference.status is Status.INIT)
        assert conference_from_json(conference_to_json(self.conference)) == self.conference


TestConference = ConferenceMachine.TestCase
TestConference.pytestmark = [pytest.mark.timeout(300)]  # a failing example takes minutes to be made small
TestConference.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
