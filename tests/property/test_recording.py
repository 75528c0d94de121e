"""A recording under any order of what it can be told: what must hold of the machine, whatever happens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.ids import CallId, ConferenceId, ProjectId, RecordingId
from roomtone.core.moment import Moment
from roomtone.core.recording.finishing import Finished, FinishFailed, FinishFault, HappeningKind
from roomtone.core.recording.messages import (
    Ended,
    EndTaking,
    Finish,
    Happened,
    Lost,
    Message,
    Pause,
    RecordingAbsent,
    RecordingCompleted,
    RecordingFailed,
    Resume,
    SceneChanged,
    Stop,
    SubjectEnded,
    Take,
)
from roomtone.core.recording.state import RecordingSource, Reel
from roomtone.core.recording.step import begun, opened, resumed, step
from roomtone.core.recording.taking import NotTaken, Taken, order_of, runs
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Refused

ME = RecordingId(1)
calls = st.sampled_from([CallId(1), CallId(2), CallId(3)])
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Pause, st.booleans()),
    st.just(Resume()),
    st.just(Stop()),
    st.just(SubjectEnded()),
    st.builds(
        SceneChanged, st.lists(calls, unique=True).map(tuple), st.sampled_from([(), ("announce:1",)])
    ),
    st.builds(Happened, st.sampled_from(HappeningKind), st.none() | calls),
    st.builds(Taken, st.integers(0, 2**41), st.integers(0, 2**31)),
    st.just(NotTaken("no")),
    st.builds(Ended, st.integers(0, 2**31), st.integers(0, 9), st.sampled_from([None, "disk-full", "x"])),
    st.just(Lost()),
    st.builds(Finished, st.just(ME), st.just(1), st.integers(0, 9_999), st.just(9), st.just("ab"), heard=st.booleans()),
    st.builds(FinishFailed, st.just(ME), st.sampled_from(FinishFault), st.just("x")),
)  # fmt: skip
histories = st.lists(st.tuples(messages, st.integers(0, 5_000)), max_size=40)
LAST = (RecordingCompleted, RecordingAbsent, RecordingFailed)


@given(histories, st.booleans(), st.booleans())
def test_whatever_happens(history: list[tuple[Message, int]], of_room: bool, apart: bool) -> None:
    """The order in force is that of the state; it ends once; nothing changes after; time in it never goes back.

    The same input gives the same output, refusals leave nothing behind, and a revision counts each change.
    """
    now = Moment(1_700_000_000_000, 0)
    state = opened(
        begun(
            ME,
            ProjectId(1),
            RecordingSource.CONFERENCE,
            RecordingWish(),
            now,
            call=CallId(1),
            conference=ConferenceId(9) if of_room else None,
            apart=apart,
        )
    ).state
    ordered, ends, sample = order_of(state), 0, 0
    for message, passed_ms in history:
        now = now.after(passed_ms / 1_000)
        try:
            result = step(state, message, now)
        except Refused:
            assert not runs(state)
            continue
        assert result == step(state, message, now)
        assert not (state.over and result.state is not state)
        assert result.state.revision == state.revision + (result.state is not state)
        for effect in result.effects:
            assert not isinstance(effect, Take) or runs(result.state)
            assert not isinstance(effect, EndTaking) or (runs(state) and not runs(result.state))
            assert not isinstance(effect, Finish) or result.state.whole
            ordered = effect.order if isinstance(effect, Take) else ordered
        ends += sum(isinstance(event, LAST) for event in result.events)
        if state.started_ms is not None:
            later = result.state.sample_at(now.wall_ms)
            assert not runs(result.state) or later >= sample
            sample = later
        state = result.state
        if runs(state):
            assert ordered == order_of(state)
            assert (state.standing_since_ms is not None) == (state.reel is Reel.STANDING)
    assert ends == state.over
    assert state.over or resumed(state).effects
