"""The document machine of a soundtrack: one test for each rule, then a world that answers at random."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.core.values import Document, Method
from roomtone.cxml.messages import (
    AudioArrived,
    DocumentArrived,
    DocumentFailed,
    EndSoundtrack,
    FailSoundtrack,
    FetchAudio,
    FetchDocument,
    FetchSpeech,
    PauseEnded,
    PlayAudio,
    PlaybackEnded,
    SoundtrackMessage,
    SoundtrackOrder,
    Started,
    Wait,
    Warn,
)
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.problems import Problem
from roomtone.cxml.soundtrack import MAX_UNHEARD, Soundtrack, Stage, begin, step

HOLD = Document("https://app.example.com/hold", Method.GET)
AUDIO = "https://app.example.com/a.mp3"
PLAY = "<Play>a.mp3</Play>"


@dataclass
class Walk:
    """Takes a soundtrack along and keeps what it ordered last."""

    soundtrack: Soundtrack
    orders: tuple[SoundtrackOrder, ...] = ()

    def tell(self, *messages: SoundtrackMessage) -> Walk:
        for message in messages:
            result = step(self.soundtrack, message)
            self.soundtrack, self.orders = result.soundtrack, result.orders
        return self

    def document(self, inner: str) -> Walk:
        return self.tell(DocumentArrived(f"<Response>{inner}</Response>", HOLD.url))

    def played(self, seconds: float) -> Walk:
        return self.tell(AudioArrived(AUDIO, seconds), PlaybackEnded())


def started(inner: str | None = None, *, loop_audio: bool = False) -> Walk:
    walk = Walk(begin(HOLD, loop_audio=loop_audio)).tell(Started())
    return walk if inner is None else walk.document(inner)


def test_it_starts_by_asking_its_url() -> None:
    assert started().orders == (FetchDocument(HOLD.url, Method.GET),)


@pytest.mark.parametrize(("loop_audio", "loops"), [(False, 1), (True, 0)])
def test_audio_itself_is_played_once_or_for_ever(loop_audio: bool, loops: int) -> None:
    walk = started(loop_audio=loop_audio).tell(AudioArrived(HOLD.url, 3.0))
    assert walk.orders == (PlayAudio(HOLD.url, loops),)
    assert walk.tell(PlaybackEnded()).orders == (EndSoundtrack(),)


def test_it_walks_from_verb_to_verb_and_falls_silent_at_the_end() -> None:
    walk = started("<Play loop='3'>a.mp3</Play><Pause length='2'/>")
    assert walk.orders == (FetchAudio(AUDIO),)
    assert walk.tell(AudioArrived(AUDIO, 1.0)).orders == (PlayAudio(AUDIO, 3),)
    assert walk.tell(PlaybackEnded()).orders == (Wait(2),)
    assert walk.tell(PauseEnded()).orders == (EndSoundtrack(),)


@pytest.mark.parametrize("verb", ["<Dial><Conference>x</Conference></Dial>", "<Hangup/>", "<Reject/>"])
def test_a_verb_that_is_not_allowed_here_is_skipped_and_told(verb: str) -> None:
    walk = started(verb + PLAY)
    assert isinstance(walk.orders[0], Warn)
    assert walk.orders[0].warned.reason is Oddity.VERB_NOT_ALLOWED
    assert walk.orders[1:] == (FetchAudio(AUDIO),)


def test_a_verb_that_is_still_to_come_is_told_as_that() -> None:
    walk = started(f"<Denoise/>{PLAY}")
    assert [order.warned.reason for order in walk.orders if isinstance(order, Warn)] == [
        Oddity.VERB_NOT_SUPPORTED
    ]
    assert walk.orders[-1] == FetchAudio(AUDIO)


def test_an_empty_redirect_loops() -> None:
    walk = started(PLAY + "<Redirect method='GET'/>").played(5.0)
    assert walk.orders == (FetchDocument(HOLD.url, Method.GET),)


@pytest.mark.parametrize(
    ("inner", "rest_s"), [("<Redirect>b</Redirect>", 1.0), (PLAY + "<Redirect>b</Redirect>", 0.75)]
)
def test_a_round_that_was_too_short_rests_before_the_next(inner: str, rest_s: float) -> None:
    walk = started(inner)
    if isinstance(walk.orders[-1], FetchAudio):
        walk.played(0.25)
    assert walk.orders == (Wait(rest_s),)
    assert walk.tell(PauseEnded()).orders == (FetchDocument("https://app.example.com/b", Method.POST),)


def test_documents_that_only_redirect_fail_after_a_while() -> None:
    walk, fetches, waited_s = started(), 0, 0.0
    while walk.soundtrack.stage is not Stage.OVER:
        match walk.orders[-1]:
            case FetchDocument():
                fetches += 1
                walk.document("<Redirect/>")
            case Wait(seconds):
                waited_s += seconds
                walk.tell(PauseEnded())
    assert fetches == MAX_UNHEARD
    assert waited_s == MAX_UNHEARD * 1.0
    assert isinstance(walk.orders[-1], FailSoundtrack)
    assert walk.orders[-1].code == Problem.TOO_MANY_REDIRECTS


@pytest.mark.parametrize("inner", [PLAY + "<Redirect/>", "<Pause/><Redirect/>"])
def test_a_loop_with_something_in_it_goes_on_for_ever(inner: str) -> None:
    walk = started()
    for _ in range(3 * MAX_UNHEARD):
        walk.document(inner)
        if isinstance(walk.orders[-1], FetchAudio):
            walk.played(2.0)
        else:
            walk.tell(PauseEnded())
    assert isinstance(walk.orders[-1], FetchDocument)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (DocumentFailed(11200, "timed out", HOLD.url), 11200),
        (DocumentArrived("no XML", HOLD.url), 12100),
        (DocumentArrived("<html/>", HOLD.url), 12102),
    ],
)
def test_a_document_that_is_of_no_use_fails_it(message: SoundtrackMessage, code: int) -> None:
    walk = started().tell(message)
    assert isinstance(walk.orders[-1], FailSoundtrack)
    assert walk.orders[-1].code == code
    assert HOLD.url in walk.orders[-1].problem


def test_one_file_that_cannot_be_had_is_skipped() -> None:
    walk = started(PLAY + PLAY).tell(DocumentFailed(13420, "no audio", AUDIO))
    assert isinstance(walk.orders[0], Warn)
    assert walk.played(1.0).orders == (EndSoundtrack(),)


def test_if_no_file_can_be_had_it_has_failed() -> None:
    walk = started(PLAY + "<Pause/>").tell(DocumentFailed(13420, "no audio", AUDIO), PauseEnded())
    assert walk.orders == (FailSoundtrack(13420, f"no audio ({AUDIO})"),)


def test_an_empty_document_is_silence_not_a_failure() -> None:
    assert started("").orders == (EndSoundtrack(),)


VERBS = st.sampled_from(
    [
        PLAY,
        "<Play loop='0'>a</Play>",
        "<Pause/>",
        "<Pause length='0'/>",
        "<Redirect/>",
        "<Hangup/>",
        "<Say/>",
        "<Say loop='2'>x</Say>",
        "<x/>",
    ]
)
DOCUMENTS = st.builds(
    DocumentArrived,
    st.one_of(
        st.lists(VERBS, max_size=4).map(lambda verbs: f"<Response>{''.join(verbs)}</Response>"),
        st.just("<no"),
    ),
    st.just(HOLD.url),
)
AUDIOS = st.builds(AudioArrived, st.just(AUDIO), st.sampled_from([0.0, 0.02, 0.5, 60.0]))
FAILURES = st.builds(DocumentFailed, st.just(11200), st.just("no"), st.just(HOLD.url))
ANY = st.one_of(DOCUMENTS, AUDIOS, FAILURES, st.sampled_from([Started(), PlaybackEnded(), PauseEnded()]))


@settings(deadline=None)
@given(st.lists(ANY, max_size=30))
def test_any_messages_in_any_order_are_taken(messages: list[SoundtrackMessage]) -> None:
    walk = Walk(begin(HOLD))
    for message in messages:
        walk.tell(message)


@settings(deadline=None)
@given(st.data())
def test_in_any_world_it_never_asks_faster_than_once_a_second(draw: st.DataObject) -> None:
    """Time is counted as the orders say it passes; fetching is taken to need none."""
    walk, clock_s, asked_s = started(), 0.0, -1.0
    duration_s = 0.0
    for _ in range(60):
        match walk.orders[-1] if walk.orders else None:
            case FetchDocument():
                assert clock_s - asked_s >= 1.0 - 1e-9
                asked_s = clock_s
                walk.tell(draw.draw(st.one_of(DOCUMENTS, AUDIOS, FAILURES)))
            case FetchAudio() | FetchSpeech():
                message = draw.draw(st.one_of(AUDIOS, FAILURES))
                duration_s = message.duration_s if isinstance(message, AudioArrived) else 0.0
                walk.tell(message)
            case PlayAudio(_, loops):
                clock_s += duration_s * loops
                walk.tell(PlaybackEnded())
            case Wait(seconds):
                clock_s += seconds
                walk.tell(PauseEnded())
            case _:
                assert walk.soundtrack.stage is Stage.OVER
                break


def test_a_text_is_spoken_and_loops_with_a_redirect() -> None:
    walk = started("<Say>hold on</Say><Redirect/>")
    assert [type(order) for order in walk.orders] == [FetchSpeech]
    assert walk.tell(AudioArrived("<Say>", 2.0)).orders == (PlayAudio("<Say>", 1),)
    assert walk.tell(PlaybackEnded()).orders == (FetchDocument(HOLD.url, Method.POST),)
