"""The machine inside a Gather: when it ends and with what, and that a key stops the prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.cxml.gathering import MOST_KEYS, Collected, Gathered, begin, step
from roomtone.cxml.messages import (
    AudioArrived,
    DigitPressed,
    DocumentFailed,
    FetchAudio,
    Message,
    PauseEnded,
    PlayAudio,
    PlaybackEnded,
    Started,
    Wait,
    Warn,
)
from roomtone.cxml.verbs import Gather, Pause, Play

AUDIO = "https://app.example.com/a"
PROMPTED = Gather((Play(AUDIO, 2), Pause(3)))


def run(verb: Gather, *messages: Message) -> Gathered | Collected:
    state = begin(verb)
    for message in messages:
        assert isinstance(state, Gathered), "it was over before"
        outcome = step(verb, state.gathering, message)
        if isinstance(outcome, Collected):
            return outcome
        state = outcome
    return state


def keys(text: str) -> list[Message]:
    return [DigitPressed(digit) for digit in text]


def test_prompts_come_one_after_the_other_and_then_the_wait() -> None:
    heard = AudioArrived(AUDIO, 1.0)
    assert begin(PROMPTED).orders == (FetchAudio(AUDIO),)
    assert run(PROMPTED, heard).orders == (PlayAudio(AUDIO, 2),)  # type: ignore[union-attr]
    assert run(PROMPTED, heard, PlaybackEnded()).orders == (Wait(3),)  # type: ignore[union-attr]
    assert run(PROMPTED, heard, PlaybackEnded(), PauseEnded()).orders == (Wait(5),)  # type: ignore[union-attr]
    assert run(PROMPTED, heard, PlaybackEnded(), PauseEnded(), PauseEnded()) == Collected("")


def test_a_prompt_that_cannot_be_had_is_told_and_skipped() -> None:
    outcome = run(PROMPTED, DocumentFailed(13420, "no audio", AUDIO))
    assert isinstance(outcome, Gathered)
    assert isinstance(outcome.orders[0], Warn)
    assert outcome.orders[1:] == (Wait(3),)


def test_a_key_stops_the_prompt_and_every_key_gives_new_patience() -> None:
    for pressed in ("1", "12"):
        outcome = run(PROMPTED, *keys(pressed))
        assert isinstance(outcome, Gathered)
        assert outcome.orders == (Wait(5),)
        assert outcome.gathering.digits == pressed
    assert run(PROMPTED, *keys("12"), PauseEnded()) == Collected("12")


@pytest.mark.parametrize(
    ("verb", "pressed", "collected"),
    [
        (Gather(), "12#", "12"),
        (Gather(), "#", ""),
        (Gather(finish_key="*"), "1#2*", "1#2"),
        (Gather(finish_key="", num_digits=3), "1#*", "1#*"),
        (Gather(num_digits=1), "7", "7"),
        (Gather(num_digits=4), "12#", "12"),
        (Gather(finish_key=""), "1" * MOST_KEYS, "1" * MOST_KEYS),
    ],
)
def test_what_ends_it(verb: Gather, pressed: str, collected: str) -> None:
    assert run(verb, *keys(pressed)) == Collected(collected)


def test_keys_do_not_count_where_only_speech_was_asked_for() -> None:
    verb = Gather((Play(AUDIO),), inputs=("speech",))
    assert run(verb, *keys("1#")).orders == ()  # type: ignore[union-attr]
    assert run(verb, AudioArrived(AUDIO, 1.0), PlaybackEnded(), PauseEnded()) == Collected("")


MESSAGES = st.one_of(
    st.sampled_from("0123456789*#").map(DigitPressed),
    st.sampled_from([Started(), PauseEnded(), PlaybackEnded(), AudioArrived(AUDIO, 1.0)]),
)


@given(
    st.builds(
        Gather,
        prompts=st.lists(st.sampled_from([Play(AUDIO), Pause(0)]), max_size=3).map(tuple),
        num_digits=st.one_of(st.none(), st.integers(1, 5)),
        finish_key=st.sampled_from(["", "#", "1"]),
    ),
    st.lists(MESSAGES, max_size=40),
)
def test_it_never_tells_more_than_was_pressed_or_asked_for(verb: Gather, messages: list[Message]) -> None:
    outcome = run(verb, *messages) if messages else begin(verb)
    digits = outcome.digits if isinstance(outcome, Collected) else outcome.gathering.digits
    pressed = "".join(one.digit for one in messages if isinstance(one, DigitPressed))
    assert pressed.startswith(digits)
    assert not verb.finish_key or verb.finish_key not in digits
    assert len(digits) <= (verb.num_digits or MOST_KEYS)
