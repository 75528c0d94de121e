"""The document machine of a call: one test for each rule, then a world that answers at random."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.core.exchange import Utterance
from roomtone.core.values import Document, Method
from roomtone.cxml.messages import (
    Answer,
    AudioArrived,
    ConnectCaller,
    ConnectStream,
    DialBridged,
    DialEnded,
    DialParties,
    DialQueue,
    DialRefused,
    DialStatus,
    DigitPressed,
    DocumentArrived,
    DocumentFailed,
    EchoBack,
    Enqueued,
    EnqueueEnded,
    EnterQueue,
    FetchAudio,
    FetchDocument,
    FetchSpeech,
    HangUp,
    JoinConference,
    LeaveConference,
    LeaveQueue,
    Listen,
    Listened,
    Message,
    Order,
    PauseEnded,
    PlayAudio,
    PlaybackEnded,
    PlayHouseMusic,
    PlayKeys,
    QueueTaken,
    Redirected,
    ReferCaller,
    ReferEnded,
    RejectCall,
    Resumed,
    ResumeStream,
    Started,
    StopListening,
    StreamEnded,
    TimeLimitReached,
    Transferred,
    Wait,
    Warn,
)
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.parse import parse
from roomtone.cxml.problems import Problem
from roomtone.cxml.script import MAX_UNHEARD, Script, Stage, begin, begin_callee, dump, load, step
from roomtone.cxml.verbs import Conference, Dial, Enqueue, Number, QueueResult, RejectReason, Verb

HOME = Document("https://app.example.com/voice", Method.POST)
FALLBACK = Document("https://app.example.com/fallback", Method.GET)
AUDIO = "https://app.example.com/a.mp3"
PLAY = "<Play>a.mp3</Play>"
DIAL = "<Dial{}><Conference>Room</Conference></Dial>"


@dataclass
class Walk:
    """Takes a script along and keeps what it ordered last; each step also goes through the stored form."""

    script: Script
    orders: tuple[Order, ...] = ()

    def tell(self, *messages: Message) -> Walk:
        for message in messages:
            result = step(self.script, message)
            assert step(load(dump(self.script)), message) == result
            self.script, self.orders = result.script, result.orders
        return self

    def document(self, inner: str) -> Walk:
        return self.tell(DocumentArrived(f"<Response>{inner}</Response>", HOME.url))

    @property
    def warned(self) -> list[Oddity]:
        return [order.warned.reason for order in self.orders if isinstance(order, Warn)]

    @property
    def done(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if not isinstance(order, Warn))


def started(inner: str | None = None, fallback: Document | None = None, *, answered: bool = False) -> Walk:
    walk = Walk(begin(HOME, fallback, answered=answered)).tell(Started())
    return walk if inner is None else walk.document(inner)


def over(walk: Walk) -> bool:
    return walk.script.stage is Stage.OVER


# Answering -----------------------------------------------------------------------------------------------------------


def test_it_starts_by_asking_its_url() -> None:
    assert started().orders == (FetchDocument(HOME.url, Method.POST),)


@pytest.mark.parametrize(
    ("inner", "orders"),
    [
        (PLAY, (Answer(), FetchAudio(AUDIO))),
        (DIAL.format(""), (Answer(), JoinConference(Dial(Conference("Room"))))),
        ("<Hangup/>", (Answer(), HangUp())),
        ("", (Answer(), HangUp())),
        ("<Pause length='3'/>", (Wait(3),)),
        ("<Redirect>x</Redirect>", (FetchDocument("https://app.example.com/x", Method.POST),)),
        ("<Reject reason='busy'/>", (RejectCall(RejectReason.BUSY),)),
    ],
)
def test_the_first_verb_decides_whether_the_call_is_answered(inner: str, orders: tuple[Order, ...]) -> None:
    assert started(inner).orders == orders


def test_a_pause_before_anything_else_leaves_it_ringing() -> None:
    walk = started("<Pause/><Reject/>").tell(PauseEnded())
    assert walk.orders == (RejectCall(RejectReason.REJECTED),)
    assert over(walk)


def test_it_answers_only_once() -> None:
    walk = started(PLAY + PLAY).tell(AudioArrived(AUDIO, 2.0), PlaybackEnded())
    assert walk.orders == (FetchAudio(AUDIO),)
    assert started("", answered=True).orders == (HangUp(),)


def test_a_reject_that_comes_too_late_hangs_up_and_says_so() -> None:
    walk = started(PLAY + "<Reject/>").tell(AudioArrived(AUDIO, 2.0), PlaybackEnded())
    assert (walk.warned, walk.done) == ([Oddity.REJECT_TOO_LATE], (HangUp(),))


# Verbs ---------------------------------------------------------------------------------------------------------------


def test_it_walks_from_verb_to_verb_to_the_end() -> None:
    walk = started("<Play loop='2'>a.mp3</Play><Pause/>").tell(AudioArrived(AUDIO, 1.0))
    assert walk.orders == (PlayAudio(AUDIO, 2),)
    assert walk.tell(PlaybackEnded()).orders == (Wait(1),)
    assert walk.tell(PauseEnded()).orders == (HangUp(),)
    assert over(walk)


def test_what_is_odd_about_a_document_is_told_when_it_arrives() -> None:
    walk = started(f"<Denoise/><Foo/>{PLAY}")
    assert walk.warned == [Oddity.VERB_NOT_SUPPORTED, Oddity.VERB_UNKNOWN]
    assert walk.tell(AudioArrived(AUDIO, 1.0), PlaybackEnded()).orders == (HangUp(),)


def test_audio_that_cannot_be_had_is_skipped_and_told() -> None:
    walk = started(PLAY + "<Pause/>").tell(DocumentFailed(13420, "it is no audio", AUDIO))
    assert (walk.warned, walk.done) == ([Oddity.AUDIO_UNPLAYABLE], (Wait(1),))
    assert walk.orders[0] == Warn(replace(walk.orders[0].warned, code=13420))  # type: ignore[union-attr]


def test_a_url_that_answers_with_audio_is_played_and_then_the_call_ends() -> None:
    walk = started().tell(AudioArrived(HOME.url, 3.0))
    assert walk.orders == (Answer(), PlayAudio(HOME.url, 1))
    assert walk.tell(PlaybackEnded()).orders == (HangUp(),)


def test_a_redirect_runs_nothing_behind_it() -> None:
    walk = started(f"<Redirect method='GET'>x</Redirect>{PLAY}").document("")
    assert walk.orders == (Answer(), HangUp())


def test_an_empty_redirect_asks_the_same_document() -> None:
    assert started("<Pause/><Redirect/>").tell(PauseEnded()).orders == (FetchDocument(HOME.url, Method.POST),)


def test_relative_urls_follow_the_document_to_where_it_came_from() -> None:
    elsewhere = DocumentArrived(f"<Response>{PLAY}</Response>", "https://cdn.example.com/d/e")
    assert started().tell(elsewhere).orders == (Answer(), FetchAudio("https://cdn.example.com/d/a.mp3"))


def test_keys_are_played_and_then_it_goes_on() -> None:
    walk = started("<Play digits='1w2' loop='2'/><Pause/>")
    assert walk.orders == (Answer(), PlayKeys("1w2", 2))
    assert walk.tell(PlaybackEnded()).orders == (Wait(1),)


def test_a_text_is_spoken_as_audio_is_played() -> None:
    walk = started("<Say loop='3'>Hello</Say><Pause/>")
    assert walk.orders == (Answer(), FetchSpeech(Utterance("Hello", "Hello", "en-US")))
    assert walk.tell(AudioArrived("<Say>", 1.0)).orders == (PlayAudio("<Say>", 3),)
    assert walk.tell(PlaybackEnded()).orders == (Wait(1),)


# Gather --------------------------------------------------------------------------------------------------------------

GATHER = "<Gather{}><Play>a.mp3</Play></Gather>"


def test_a_gather_answers_prompts_and_asks_its_action_with_the_keys() -> None:
    walk = started(GATHER.format(" action='menu' numDigits='2'"))
    assert walk.orders == (Answer(), FetchAudio(AUDIO))
    assert walk.tell(AudioArrived(AUDIO, 2.0), DigitPressed("4")).orders == (Wait(5),)
    told = (("Digits", "42"),)
    assert walk.tell(DigitPressed("2")).orders == (
        FetchDocument("https://app.example.com/menu", Method.POST, told),
    )


def test_a_gather_without_an_action_asks_its_own_document() -> None:
    walk = started("<Gather method='GET'/>").tell(DigitPressed("4"), DigitPressed("#"))
    assert walk.orders == (FetchDocument(HOME.url, Method.GET, (("Digits", "4"),)),)


def test_a_gather_without_a_key_leads_to_the_next_verb_or_if_asked_to_the_action() -> None:
    assert started("<Gather/><Pause length='7'/>").tell(PauseEnded()).orders == (Wait(7),)
    walk = started("<Gather actionOnEmptyResult='true'/>").tell(PauseEnded())
    assert walk.orders == (FetchDocument(HOME.url, Method.POST, (("Digits", ""),)),)


def test_keys_before_a_gather_are_not_kept() -> None:
    walk = started("<Pause/><Gather numDigits='1'/>").tell(DigitPressed("1"), PauseEnded())
    assert walk.orders == (Answer(), Wait(5))


# Dial ----------------------------------------------------------------------------------------------------------------


def test_after_a_conference_the_next_verb_comes() -> None:
    assert started(DIAL.format("") + "<Pause/>").tell(DialEnded()).orders == (Wait(1),)


def test_after_a_conference_the_action_is_asked_and_nothing_behind_the_dial_runs() -> None:
    walk = started(DIAL.format(" action='done' method='GET'") + "<Pause/>")
    walk.tell(DialEnded(DialStatus.ANSWERED, (("DialBridged", "true"),)))
    told = (("DialCallStatus", "answered"), ("DialBridged", "true"))
    assert walk.orders == (FetchDocument("https://app.example.com/done", Method.GET, told),)


def test_a_dial_that_failed_tells_its_action_so() -> None:
    walk = started(DIAL.format(" action='done'")).tell(DialEnded(DialStatus.FAILED))
    told = (("DialCallStatus", "failed"),)
    assert walk.orders == (FetchDocument("https://app.example.com/done", Method.POST, told),)


def test_a_conference_that_does_not_let_it_in_leads_to_the_next_verb_not_the_action() -> None:
    walk = started(DIAL.format(" action='done'") + "<Pause/>").tell(DialRefused("it is full"))
    assert (walk.warned, walk.done) == ([Oddity.DIAL_REFUSED], (Wait(1),))


def test_a_coach_of_nobody_is_told_and_leads_to_the_action() -> None:
    refused = DialRefused("nobody", Oddity.COACHED_NOT_THERE)
    walk = started(DIAL.format(" action='done'") + "<Pause/>").tell(refused)
    told = (("DialCallStatus", "failed"),)
    assert walk.warned == [Oddity.COACHED_NOT_THERE]
    assert walk.orders[-1] == FetchDocument("https://app.example.com/done", Method.POST, told)


@pytest.mark.parametrize(
    ("attribute", "digit", "orders"),
    [(" hangupOnStar='true'", "*", (LeaveConference(),)), (" hangupOnStar='true'", "#", ()), ("", "*", ())],
)
def test_star_leaves_the_conference_if_the_dial_says_so(
    attribute: str, digit: str, orders: tuple[Order, ...]
) -> None:
    assert started(DIAL.format(attribute)).tell(DigitPressed(digit)).orders == orders


def test_the_time_limit_leaves_the_conference() -> None:
    walk = started(DIAL.format(" timeLimit='9'"))
    assert walk.orders[-1] == JoinConference(Dial(Conference("Room"), time_limit_s=9))
    assert walk.tell(TimeLimitReached()).orders == (LeaveConference(),)
    assert walk.tell(DialEnded()).orders == (HangUp(),)


PARTIES = "<Dial{}><Number>1</Number></Dial>"


def test_parties_are_rung_after_the_answer_or_before_it() -> None:
    assert [type(order) for order in started(PARTIES.format("")).orders] == [Answer, DialParties]
    walk = started(PARTIES.format(" answerOnBridge='true'"))
    assert [type(order) for order in walk.orders] == [DialParties]
    assert walk.tell(DialBridged()).orders == (Answer(),)
    assert walk.tell(DialBridged()).orders == ()
    assert walk.tell(DialEnded(DialStatus.COMPLETED)).orders == (HangUp(),)


def test_the_action_is_told_of_the_partys_call() -> None:
    walk = started(PARTIES.format(" action='done'")).tell(
        DialEnded(DialStatus.BUSY, (("DialCallSid", "CA1"),))
    )
    told = (("DialCallStatus", "busy"), ("DialCallSid", "CA1"))
    assert walk.orders == (FetchDocument("https://app.example.com/done", Method.POST, told),)


def test_a_caller_who_was_not_answered_can_still_be_refused() -> None:
    walk = started(PARTIES.format(" answerOnBridge='true'") + "<Reject reason='busy'/>")
    assert walk.tell(DialEnded(DialStatus.NO_ANSWER)).orders == (RejectCall(RejectReason.BUSY),)


def test_a_dial_to_nobody_who_can_be_called_fails() -> None:
    walk = started("<Dial action='done'>nobody</Dial>")
    told = (("DialCallStatus", "failed"),)
    assert walk.done == (FetchDocument("https://app.example.com/done", Method.POST, told),)


def test_whoever_waits_longest_in_a_queue_is_dialled() -> None:
    walk = started("<Dial hangupOnStar='true'><Queue>q</Queue></Dial>")
    assert [type(order) for order in walk.orders] == [Answer, DialQueue]
    assert walk.tell(DigitPressed("*")).orders == (LeaveConference(),)


# Enqueue -------------------------------------------------------------------------------------------------------------

ENQUEUE = "<Enqueue{}>q</Enqueue>"
WAIT = Document("https://app.example.com/wait", Method.POST)


def waiting(wait: str, attributes: str = "") -> Walk:
    walk = started(ENQUEUE.format(" waitUrl='wait'" + attributes) + "<Pause length='7'/>").tell(
        Enqueued(1_000)
    )
    assert walk.orders == (FetchDocument(WAIT.url, Method.POST),)
    return walk.tell(DocumentArrived(f"<Response>{wait}</Response>", WAIT.url))


def test_a_call_enters_a_queue_and_hears_the_houses_music() -> None:
    walk = started(ENQUEUE.format(""))
    assert walk.orders == (Answer(), EnterQueue(Enqueue("q")))
    assert walk.tell(Enqueued(1_000)).orders == (PlayHouseMusic(),)
    assert started(ENQUEUE.format(" waitUrl=''")).tell(Enqueued(1_000)).orders == ()


def test_a_wait_document_begins_again_at_its_end() -> None:
    walk = waiting(PLAY).tell(AudioArrived(AUDIO, 1.0), PlaybackEnded())
    assert walk.orders == (FetchDocument(WAIT.url, Method.POST),)


def test_a_wait_document_that_gives_nothing_rests_first() -> None:
    walk = waiting("")
    assert walk.orders == (Wait(1),)
    assert walk.tell(PauseEnded()).orders == (FetchDocument(WAIT.url, Method.POST),)


def test_a_wait_document_that_fails_gives_way_to_the_houses_music() -> None:
    walk = started(ENQUEUE.format(" waitUrl='wait'")).tell(Enqueued(1), DocumentFailed(11200, "no", WAIT.url))
    assert (walk.warned, walk.done) == ([Oddity.DOCUMENT_UNUSABLE], (PlayHouseMusic(),))


def test_keys_pressed_while_waiting_may_lead_out_of_the_queue() -> None:
    walk = waiting("<Gather numDigits='1' action='menu'/>").tell(DigitPressed("1"))
    assert walk.orders == (FetchDocument("https://app.example.com/menu", Method.POST, (("Digits", "1"),)),)
    walk.document("<Leave/>")
    assert walk.orders == (LeaveQueue(),)
    assert walk.tell(EnqueueEnded(QueueResult.LEAVE)).orders == (Wait(7),)


def test_a_hangup_while_waiting_ends_the_call() -> None:
    walk = waiting("<Hangup/>")
    assert walk.orders == (HangUp(),)
    assert over(walk)


def test_what_a_wait_document_may_not_do_is_skipped() -> None:
    walk = waiting(DIAL.format("") + ENQUEUE.format("") + "<Reject/><Pause length='3'/>")
    assert (walk.warned, walk.done) == ([Oddity.VERB_NOT_ALLOWED] * 3, (Wait(3),))


def test_the_action_is_told_how_the_wait_ended() -> None:
    walk = started(ENQUEUE.format(" action='done'"))
    walk.tell(EnqueueEnded(QueueResult.QUEUE_FULL, (("QueueSid", "QU1"),)))
    told = (("QueueResult", "queue-full"), ("QueueSid", "QU1"))
    assert walk.orders == (FetchDocument("https://app.example.com/done", Method.POST, told),)


def test_who_is_taken_is_connected_at_once_or_after_a_greeting() -> None:
    assert waiting(PLAY).tell(QueueTaken()).orders == (ConnectCaller(),)
    walk = waiting(PLAY).tell(QueueTaken(Document("https://app.example.com/hi", Method.GET)))
    assert walk.orders == (FetchDocument("https://app.example.com/hi", Method.GET),)
    walk.document("<Pause length='2'/>")
    assert walk.orders == (Wait(2),)
    assert walk.tell(PauseEnded()).orders == (ConnectCaller(),)
    assert walk.tell(EnqueueEnded(QueueResult.BRIDGED)).orders == (Wait(7),)


def test_a_greeting_that_fails_keeps_nobody_apart() -> None:
    walk = waiting(PLAY).tell(QueueTaken(WAIT), DocumentFailed(11200, "no", WAIT.url))
    assert walk.done == (ConnectCaller(),)


def test_a_brain_that_comes_back_keeps_the_place_in_the_queue() -> None:
    walk = waiting(PLAY)
    assert walk.tell(Resumed()).orders == (EnterQueue(Enqueue("q", wait_url=WAIT.url), 1_000),)
    assert started(ENQUEUE.format("")).tell(Resumed()).orders == (EnterQueue(Enqueue("q")),)


def test_leave_outside_a_queue_is_without_effect() -> None:
    walk = started("<Leave/><Pause/>")
    assert (walk.warned, walk.done) == ([Oddity.LEAVE_OUTSIDE_QUEUE], (Wait(1),))


def test_a_call_can_be_sent_elsewhere_whatever_it_does() -> None:
    for walk in (waiting(PLAY), started("<Pause/>"), started(GATHER.format(""))):
        assert walk.tell(Redirected(FALLBACK)).orders == (FetchDocument(FALLBACK.url, Method.GET),)
        assert walk.document("<Pause length='4'/>").orders == (Wait(4),)


# Failures ------------------------------------------------------------------------------------------------------------

FAILED = DocumentFailed(11200, "timed out", HOME.url)


def test_without_a_fallback_a_failure_ends_the_call_unanswered() -> None:
    walk = started().tell(FAILED)
    assert (walk.warned, walk.done) == ([Oddity.DOCUMENT_UNUSABLE], (HangUp(failed=True),))
    assert over(walk)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (FAILED, "11200"),
        (DocumentArrived("no XML", HOME.url), "12100"),
        (DocumentArrived("<html/>", HOME.url), "12102"),
        (DocumentArrived("x" * 70_000, HOME.url), "11750"),
    ],
)
def test_a_fallback_is_told_what_failed(message: Message, code: str) -> None:
    walk = started(fallback=FALLBACK).tell(message)
    told = (("ErrorCode", code), ("ErrorUrl", HOME.url))
    assert walk.done == (FetchDocument(FALLBACK.url, Method.GET, told),)
    assert walk.document("<Pause/>").orders == (Wait(1),)


def test_a_fallback_that_fails_too_ends_the_call() -> None:
    walk = started(fallback=FALLBACK).tell(FAILED, DocumentFailed(11205, "no connection", FALLBACK.url))
    assert walk.done == (HangUp(failed=True),)


def test_a_fallback_can_be_used_again_once_something_was_heard() -> None:
    walk = started(fallback=FALLBACK).tell(FAILED).document(PLAY + "<Redirect>next</Redirect>")
    walk.tell(AudioArrived(AUDIO, 1.0), PlaybackEnded(), FAILED)
    assert isinstance(walk.done[0], FetchDocument)
    assert walk.done[0].url == FALLBACK.url


@pytest.mark.parametrize("fallback", [None, FALLBACK])
@pytest.mark.parametrize("inner", ["<Redirect/>", "<Pause length='0'/><Redirect/>", PLAY + "<Redirect/>"])
def test_a_document_that_redirects_for_ever_fails(inner: str, fallback: Document | None) -> None:
    walk, fetches = started(fallback=fallback), 0
    while not over(walk):
        match walk.orders[-1]:
            case FetchDocument():
                fetches += 1
                walk.document(inner)
            case FetchAudio():
                walk.tell(AudioArrived(AUDIO, 0.05))
            case PlayAudio():
                walk.tell(PlaybackEnded())
            case Wait():
                walk.tell(PauseEnded())
    assert fetches == MAX_UNHEARD
    assert walk.done == (HangUp(failed=True),)
    assert [order.warned.code for order in walk.orders if isinstance(order, Warn)] == [
        Problem.TOO_MANY_REDIRECTS
    ]


@pytest.mark.parametrize(
    "inner", ["<Pause/><Redirect/>", PLAY + "<Redirect/>", DIAL.format("") + "<Redirect/>"]
)
def test_a_loop_that_gives_the_caller_something_may_go_on(inner: str) -> None:
    walk = started()
    for _ in range(3 * MAX_UNHEARD):
        walk.document(inner)
        match walk.orders[-1]:
            case FetchAudio():
                walk.tell(AudioArrived(AUDIO, 1.0), PlaybackEnded())
            case Wait():
                walk.tell(PauseEnded())
            case _:
                walk.tell(DialEnded())
    assert isinstance(walk.orders[-1], FetchDocument)


# Storing and coming back ---------------------------------------------------------------------------------------------


def test_a_stored_script_is_versioned_json() -> None:
    walk = started(PLAY)
    assert json.loads(dump(walk.script))["version"] == 1
    assert load(dump(walk.script)) == walk.script


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 2, "script": {}}', "null", "\udc80"]
)
def test_what_is_no_stored_script_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several causes
        load(text)


def test_a_script_of_another_version_is_named() -> None:
    stored = json.loads(dump(begin(HOME))) | {"version": 7}
    with pytest.raises(ValueError, match="version 7"):
        load(json.dumps(stored))


@pytest.mark.parametrize(
    ("walk", "orders"),
    [
        (Walk(begin(HOME)), (FetchDocument(HOME.url, Method.POST),)),
        (started(), (FetchDocument(HOME.url, Method.POST),)),
        (started(PLAY), (FetchAudio(AUDIO),)),
        (started(PLAY + "<Pause/>").tell(AudioArrived(AUDIO, 1.0)), (Wait(1),)),
        (started("<Pause/><Reject/>"), (RejectCall(RejectReason.REJECTED),)),
        (started(DIAL.format("") + "<Pause/>"), (Wait(1),)),
        (started(GATHER.format("")).tell(DigitPressed("1")), (FetchAudio(AUDIO),)),
        (started(""), (HangUp(),)),
        (started().tell(AudioArrived(HOME.url, 1.0)), (HangUp(),)),
    ],
)
def test_a_brain_that_comes_back_goes_on_with_the_call(walk: Walk, orders: tuple[Order, ...]) -> None:
    assert walk.tell(Resumed()).orders == orders


def test_a_fetch_is_asked_again_with_all_it_said() -> None:
    walk = started(fallback=FALLBACK).tell(FAILED)
    asked = walk.done
    assert walk.tell(Resumed()).orders == asked


def test_a_call_still_in_its_conference_stays_there() -> None:
    walk = started(DIAL.format(" action='done'"))
    assert walk.tell(Resumed(in_conference=True)).orders == ()
    assert isinstance(walk.tell(DialEnded()).orders[0], FetchDocument)


# Record --------------------------------------------------------------------------------------------------------------

RECORD = "<Record action='said' timeout='3' maxLength='9' finishOnKey='#'/>"


def test_a_caller_is_answered_and_listened_to_and_the_action_is_told() -> None:
    walk = started(RECORD)
    assert walk.orders[-2] == Answer()
    assert replace(walk.orders[-1], verb=None) == Listen(beep=True, timeout_s=3, max_length_s=9)
    assert walk.tell(DigitPressed("5")).orders == ()
    assert walk.tell(DigitPressed("#")).orders == (StopListening(),)
    (asked,) = walk.tell(Listened(4, spoke=True, recording=(("RecordingUrl", "u"),))).orders
    assert isinstance(asked, FetchDocument)
    assert asked.parameters == (
        ("RecordingUrl", "u"),
        ("RecordingDuration", "4"),
        ("Digits", "#"),
    )


def test_a_caller_who_said_nothing_comes_to_the_next_verb() -> None:
    assert started(RECORD + "<Pause/>").tell(Listened(3, spoke=False)).orders == (Wait(1),)


# Somebody who is dialled ---------------------------------------------------------------------------------------------


def test_who_is_dialled_without_a_document_can_be_connected_at_once() -> None:
    walk = Walk(begin_callee(None)).tell(Started())
    assert (walk.orders, walk.script.stage) == ((ConnectCaller(),), Stage.CONNECTED)


def test_who_is_dialled_is_connected_after_their_document_and_can_be_led_elsewhere() -> None:
    walk = Walk(begin_callee(HOME)).tell(Started()).document("<Pause/><Dial>1</Dial>")
    assert walk.warned == []
    assert walk.orders == (Wait(1),)
    assert [type(order) for order in walk.tell(PauseEnded()).orders] == [Warn, ConnectCaller]
    assert walk.tell(DigitPressed("1"), Resumed(in_conference=True)).orders == ()
    assert isinstance(walk.tell(Redirected(FALLBACK)).orders[0], FetchDocument)


def test_who_was_connected_before_a_restart_that_undid_it_is_hung_up() -> None:
    assert Walk(begin_callee(None)).tell(Started(), Resumed()).orders == (HangUp(),)


# Anything ------------------------------------------------------------------------------------------------------------

WRITTEN = (
        "<Gather/>", "<Gather timeout='0' actionOnEmptyResult='true'/>", GATHER.format(" numDigits='1'"),
        "<Say>x</Say>", "<Say/>", "<Play digits='1'/>", "<Foo/>", PLAY, "<Play loop='0'>a</Play>", "<Pause/>", "<Pause length='0'/>", "<Hangup/>",
        "<Reject/>", "<Redirect/>", "<Redirect>x</Redirect>", DIAL.format(""), DIAL.format(" action='done'"), ENQUEUE.format(""), ENQUEUE.format(" waitUrl='w' action='a'"), "<Leave/>", "<Dial>1</Dial>", "<Dial>x</Dial>", "<Dial action='d'>x</Dial>",
        "<Dial answerOnBridge='true'>1</Dial>", "<Dial><Queue>q</Queue></Dial>",
        "<Record/>", "<Record action='r' finishOnKey='1'/>",
        "<Echo timeout='5'/>", "<Refer action='r'><Sip>sip:a@h.example</Sip></Refer>", "<Refer><Sip>sip:a@h.example</Sip></Refer>",
        "<Connect action='c'><Stream url='wss://h.example/s'/></Connect>", "<Connect><Stream url='wss://h.example/s'/></Connect>",
        "<Start><Stream url='wss://h.example/s' name='n'/></Start>", "<Stop><Stream name='n'/></Stop>",
)  # fmt: skip
VERBS = st.sampled_from(WRITTEN)
DOCUMENTS = st.builds(
    DocumentArrived,
    st.one_of(
        st.lists(VERBS, max_size=4).map(lambda verbs: f"<Response>{''.join(verbs)}</Response>"),
        st.just("<no"),
    ),
    st.just(HOME.url),
)
AUDIOS = st.builds(AudioArrived, st.just(AUDIO), st.sampled_from([0.0, 0.02, 0.5, 60.0]))
FAILURES = st.builds(DocumentFailed, st.just(11200), st.just("no"), st.just(HOME.url))
DIALS = st.sampled_from(
    [
        DialEnded(),
        DialBridged(),
        DialEnded(DialStatus.BUSY),
        DialEnded(DialStatus.FAILED),
        DialRefused("full"),
        DigitPressed("*"),
    ]
)
KEYS = st.sampled_from([DigitPressed("1"), DigitPressed("#")])
QUEUE = st.sampled_from([
    Enqueued(1), QueueTaken(), QueueTaken(FALLBACK), EnqueueEnded(QueueResult.LEAVE), EnqueueEnded(QueueResult.ERROR),
])  # fmt: skip
LISTENED = st.sampled_from([Listened(0, spoke=False), Listened(3, spoke=True), DigitPressed("1")])
ENDED = st.sampled_from([
    ReferEnded(), ReferEnded(taken_up=True), StreamEnded(), StreamEnded(lasted=True), Transferred(Number("+15550001")),
])  # fmt: skip
STRAY = st.one_of(
    ENDED,
    QUEUE,
    LISTENED,
    st.just(Redirected(FALLBACK)),
    KEYS,
    DOCUMENTS, AUDIOS, FAILURES, DIALS,
    st.sampled_from([Started(), Resumed(), Resumed(in_conference=True), PlaybackEnded(), PauseEnded(), TimeLimitReached()]),
)  # fmt: skip


def test_there_is_every_verb_among_them() -> None:
    found = {type(verb) for text in WRITTEN for verb in parse(f"<Response>{text}</Response>", HOME.url).verbs}
    assert found == set(get_args(Verb))


@settings(deadline=None)
@given(st.lists(STRAY, max_size=30), st.sampled_from([None, FALLBACK]))
def test_any_messages_in_any_order_leave_a_script_that_can_be_stored(
    messages: list[Message], fallback: Document | None
) -> None:
    walk = Walk(begin(HOME, fallback))
    for message in messages:
        walk.tell(message)


@dataclass
class World:
    """Answers each order by a draw, and checks what a call must never be told to do."""

    draw: st.DataObject
    answered: bool = False
    fetched_in_a_row: int = 0
    log: list[Order] = field(default_factory=list)

    def take(self, orders: tuple[Order, ...]) -> Message | None:
        for order in orders:
            self.log.append(order)
            self.check(order)
        return self.answer_to(orders[-1]) if orders else self.draw.draw(STRAY)

    def check(self, order: Order) -> None:
        match order:
            case Answer():
                assert not self.answered
                self.answered = True
            case PlayAudio() | JoinConference() | HangUp(failed=False):
                assert self.answered
            case RejectCall():
                assert not self.answered
            case FetchDocument():
                self.fetched_in_a_row += 1
                assert self.fetched_in_a_row <= MAX_UNHEARD
            case _:
                pass

    def answer_to(self, order: Order) -> Message | None:  # noqa: C901, PLR0912 - one arm for each order
        match order:
            case FetchDocument():
                return self.draw.draw(st.one_of(DOCUMENTS, AUDIOS, FAILURES))
            case FetchAudio() | FetchSpeech():
                message = self.draw.draw(st.one_of(AUDIOS, FAILURES))
                if isinstance(message, AudioArrived) and message.duration_s >= 0.5:
                    self.fetched_in_a_row = 0
                return message
            case PlayAudio() | PlayKeys():
                self.fetched_in_a_row = 0
                return PlaybackEnded()
            case Wait(seconds):
                if self.draw.draw(st.booleans()):
                    self.fetched_in_a_row = 0
                    return self.draw.draw(KEYS)
                self.fetched_in_a_row = 0 if seconds else self.fetched_in_a_row
                return PauseEnded()
            case EnterQueue() | LeaveQueue() | ConnectCaller() | PlayHouseMusic():
                message = self.draw.draw(QUEUE)
                if isinstance(message, EnqueueEnded):
                    self.fetched_in_a_row = 0
                return message
            case Listen() | StopListening():
                message = self.draw.draw(LISTENED)
                self.fetched_in_a_row = 0
                return message
            case EchoBack():
                self.fetched_in_a_row = 0
                return PauseEnded()
            case ReferCaller():
                taken_up = self.draw.draw(st.booleans())
                self.fetched_in_a_row = 0 if taken_up else self.fetched_in_a_row
                return ReferEnded(taken_up=taken_up)
            case ConnectStream() | ResumeStream():
                lasted = self.draw.draw(st.booleans())
                self.fetched_in_a_row = 0 if lasted else self.fetched_in_a_row
                return StreamEnded(lasted=lasted)
            case JoinConference() | LeaveConference() | DialParties() | DialQueue():
                message = self.draw.draw(DIALS)
                if message == DialEnded():
                    self.fetched_in_a_row = 0
                return message
            case _:
                return None


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([None, FALLBACK]))
def test_in_any_world_a_script_ends_or_waits_and_never_answers_twice(
    draw: st.DataObject, fallback: Document | None
) -> None:
    world, walk = World(draw), Walk(begin(HOME, fallback))
    message: Message | None = Started()
    for _ in range(60):
        if message is None:
            break
        walk.tell(message)
        message = None if over(walk) and not walk.orders else world.take(walk.orders)
    if over(walk):
        assert isinstance(world.log[-1], HangUp | RejectCall)
