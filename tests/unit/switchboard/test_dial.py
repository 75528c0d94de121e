"""Parties a Dial rings: every outcome for every noun, who is let go, what is told, and what is left behind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from roomtone.core.call.messages import (
    CallAnswered,
    CallEnded,
    CallProgressed,
    DigitPressed,
    EndedBy,
    SourceEnded,
)
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.call.wishes import Finish, Instructions
from roomtone.core.conference.mix import Towards, hears
from roomtone.core.exchange import EngineView, PlayClip
from roomtone.core.ids import CallId
from roomtone.core.listing import CallFilter, NotificationFilter, Window
from roomtone.core.values import Caller, Direction
from roomtone.cxml.verbs import Client, Dial
from roomtone.store import Store, StoreUnavailable
from roomtone.switchboard.spelling import invitation_of

from .conftest import OFFER, PROJECT, Board, until

AFTER = "http://127.0.0.1:9/after"
HELLO = "http://127.0.0.1:9/hello"
CALLER = CallId(1)
PHONE = "<Sip>sip:bob@127.0.0.1:5071</Sip>"
OTHER = "<Sip>sip:cat@127.0.0.1:5072</Sip>"
TRUNKED = "<Number>+15557654321</Number>"


async def dial(board: Board, nouns: str, attributes: str = "", then: str = "<Pause length='99'/>") -> None:
    """Let somebody call whose document dials these."""
    board.says(f'<Dial action="{AFTER}" {attributes}>{nouns}</Dial>')
    board.says(then, AFTER)
    board.ring(CALLER.value)


async def children(board: Board, count: int = 1) -> list[CallId]:
    """Wait until so many have been called, and give their calls in order."""
    await until(lambda: len(board.signalling.summonses) >= count)
    return list(board.signalling.summonses)


def rings(board: Board, call: CallId, sdp: str | None = None) -> None:
    board.switchboard.take(CallProgressed(call, 180, sdp))


def answers(board: Board, call: CallId) -> None:
    board.switchboard.take(CallAnswered(call, OFFER, f"id-{call.value}"))


def ends(board: Board, call: CallId, status: int = 0, by: EndedBy = EndedBy.REMOTE) -> None:
    board.switchboard.take(CallEnded(call, by, status, "", answered=not status))


def connected(board: Board, one: CallId, other: CallId) -> bool:
    plan = board.media.plans.get(one.hex)
    return plan is not None and hears(plan) == {one: {other}, other: {one}}


async def told(board: Board) -> dict[str, str]:
    """Wait until the action has been asked, and give what it was told of the dial."""
    await until(lambda: any(one.url == AFTER for one in board.documents.asked))
    (asked,) = [one for one in board.documents.asked if one.url == AFTER]
    return {name: value for name, value in asked.parameters if name.startswith("Dial")}


async def stored(board: Board, call: CallId) -> Call:
    found = await board.store.call(call)
    assert found is not None
    return found


async def is_over(board: Board, call: CallId) -> None:
    await until(lambda: all(leg.call.id != call for leg in board.switchboard.legs))


# Outcomes ------------------------------------------------------------------------------------------------------------

OUTCOMES = {
    "busy": (486, EndedBy.REMOTE),
    "no-answer": (408, EndedBy.TIMEOUT),
    "failed": (404, EndedBy.REMOTE),
    "canceled": (487, EndedBy.REMOTE),
}
NOUNS = {"sip": PHONE, "number": TRUNKED}


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_how_a_party_was_not_reached_is_told(board: Board, outcome: str, noun: str) -> None:
    await dial(board, NOUNS[noun])
    (bob,) = await children(board)
    status, by = OUTCOMES[outcome]
    ends(board, bob, status, by)
    found = await told(board)
    assert (found.pop("DialCallStatus"), found.pop("DialCallSid")) == (outcome, f"CA{bob.hex}")
    assert found.pop("DialBridged") == "false"
    assert found == ({"DialSipResponseCode": str(status)} if noun == "sip" else {})
    assert (await stored(board, bob)).status == outcome


@pytest.mark.parametrize("noun", NOUNS)
async def test_who_answers_is_connected_and_what_came_of_it_is_told(board: Board, noun: str) -> None:
    await dial(board, NOUNS[noun])
    (bob,) = await children(board)
    rings(board, bob)
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    board.clock.advance(7)
    ends(board, bob)
    found = await told(board)
    expected = {
        "DialCallStatus": "completed", "DialCallSid": f"CA{bob.hex}", "DialCallDuration": "7", "DialBridged": "true",
    }  # fmt: skip
    if noun == "sip":
        expected |= {"DialSipCallId": f"id-{bob.value}", "DialSipResponseCode": "200"}
    assert found == expected
    assert [seat.call for seat in board.media.plans[CALLER.hex].seats] == [CALLER], "sent silence, alone"


@pytest.mark.parametrize(
    "nouns", ["<Number>+4930123456</Number>", "<Sip>sip:a@far.example</Sip>", "<Client>bob</Client>"]
)
async def test_whom_nothing_leads_to_has_failed_and_the_customer_is_warned(board: Board, nouns: str) -> None:
    await dial(board, nouns)
    assert await told(board) == {"DialCallStatus": "failed", "DialBridged": "false"}
    assert board.signalling.summonses == {}
    await board.switchboard.notifier.settle()
    warned = await board.store.notifications(PROJECT.id, NotificationFilter(), Window(10))
    assert [one.number for one in warned] == [13225]


async def test_without_an_action_the_document_goes_on(board: Board) -> None:
    board.says(f"<Dial>{PHONE}</Dial><Hangup/>")
    board.ring(CALLER.value)
    (bob,) = await children(board)
    ends(board, bob, 486)
    await until(lambda: "hang_up" in board.signalling.told(CALLER))


# The call of a party -------------------------------------------------------------------------------------------------


async def test_the_record_of_a_party_names_its_parent_and_can_be_listed_by_it(board: Board) -> None:
    await dial(board, PHONE, 'callerId="+15550001111"')
    (bob,) = await children(board)
    call = await stored(board, bob)
    assert (call.caller.direction, call.caller.parent) == (Direction.OUTBOUND_DIAL, CALLER.hex)
    assert (call.caller.from_, call.caller.to) == ("+15550001111", "sip:bob@127.0.0.1:5071")
    listed = await board.store.own_calls(PROJECT.id, CallFilter(parent=CALLER), Window(10))
    assert [one.id for one in listed] == [bob]
    assert board.signalling.summonses[bob].from_uri == "sip:+15550001111@127.0.0.1"


async def test_a_party_is_called_with_what_the_document_says(board: Board) -> None:
    noun = "<Sip username='u' password='p'>sip:bob@127.0.0.1:5071?X-Colour=blue</Sip>"
    await dial(board, noun, 'timeout="17" callerName="Ann"')
    (bob,) = await children(board)
    summons = board.signalling.summonses[bob]
    assert (summons.target_uri, summons.ring_s) == ("sip:bob@127.0.0.1:5071", 17)
    assert (summons.username, summons.password, summons.from_display) == ("u", "p", "Ann")
    assert ("X-Colour", "blue") in summons.headers
    assert summons.from_uri == "sip:alice@127.0.0.1"


async def test_progress_of_a_party_is_owed_to_its_callback(board: Board) -> None:
    url = "http://127.0.0.1:9/progress"
    noun = PHONE.replace(
        "<Sip>", f'<Sip statusCallback="{url}" statusCallbackEvent="initiated ringing answered completed">'
    )
    await dial(board, noun)
    (bob,) = await children(board)
    rings(board, bob)
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    ends(board, bob)
    await is_over(board, bob)
    assert (await stored(board, bob)).last_sequence == 3


@pytest.mark.parametrize("takes_keys", [True, False])
async def test_keys_are_pressed_before_the_two_are_connected(board: Board, *, takes_keys: bool) -> None:
    board.media.takes_keys = takes_keys
    await dial(board, "<Number sendDigits='w1'>+15557654321</Number>")
    (bob,) = await children(board)
    answers(board, bob)
    await until(lambda: bool(board.media.pressed))
    assert board.media.pressed == [(bob, "w1")]
    if not takes_keys:
        await until(lambda: f"play:{bob}" in board.media.playing)
        turn, sound = board.media.playing[f"play:{bob}"]
        assert isinstance(sound, PlayClip)
        assert sound.clip.name == "keys w1"
        board.switchboard.take(SourceEnded(f"play:{bob}", turn))
    await until(lambda: connected(board, CALLER, bob))


# Several parties -----------------------------------------------------------------------------------------------------


async def test_the_first_of_several_to_answer_is_connected_and_the_others_are_let_go(board: Board) -> None:
    await dial(board, PHONE + OTHER)
    bob, cat = await children(board, 2)
    rings(board, bob)
    answers(board, cat)
    await until(lambda: connected(board, CALLER, cat))
    await is_over(board, bob)
    assert (await stored(board, bob)).status is CallStatus.CANCELED
    ends(board, cat)
    assert (await told(board))["DialCallSid"] == f"CA{cat.hex}"


@pytest.mark.parametrize(
    ("bobs", "cats", "dials"),
    [
        (486, 404, "busy"),
        (404, 486, "busy"),
        (404, 408, "no-answer"),
        (486, 408, "no-answer"),
        (404, 404, "failed"),
    ],
)
async def test_of_several_who_were_not_reached_the_outcome_that_says_most_is_told(
    board: Board, bobs: int, cats: int, dials: str
) -> None:
    await dial(board, PHONE + OTHER)
    bob, cat = await children(board, 2)
    ends(board, bob, bobs)
    ends(board, cat, cats)
    assert (await told(board))["DialCallStatus"] == dials


async def test_one_after_the_other(board: Board) -> None:
    await dial(board, PHONE + OTHER, 'sequential="true"')
    (bob,) = await children(board)
    ends(board, bob, 486)
    _, cat = await children(board, 2)
    answers(board, cat)
    await until(lambda: connected(board, CALLER, cat))
    ends(board, cat)
    assert (await told(board))["DialCallStatus"] == "completed"


async def test_somebody_who_may_not_be_called_does_not_keep_the_others_from_ringing(board: Board) -> None:
    await dial(board, "<Client>nobody</Client>" + PHONE)
    (bob,) = await children(board)
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))


# What is heard before ------------------------------------------------------------------------------------------------


async def test_the_caller_hears_it_ring_until_they_are_connected(board: Board) -> None:
    await dial(board, PHONE, 'ringTone="de"')
    (bob,) = await children(board)
    await until(lambda: bool(board.media.playing))
    ((key, (_, sound)),) = board.media.playing.items()
    assert isinstance(sound, PlayClip)
    assert (sound.clip.name, sound.loops) == ("ring tone de", 0)
    (seat,) = board.media.plans[CALLER.hex].seats
    assert (seat.call, seat.hears, seat.talks_to) == (CALLER, key, Towards.NOBODY)
    ringing = board.media.plans[CALLER.hex].revision
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    assert board.media.plans[CALLER.hex].revision > ringing
    assert board.media.playing == {}


async def test_early_sound_of_the_only_party_is_heard_and_nobody_hears_the_caller(board: Board) -> None:
    await dial(board, PHONE)
    (bob,) = await children(board)
    rings(board, bob, OFFER)
    await until(lambda: hears(board.media.plans[CALLER.hex]).get(CALLER) == {bob})
    assert hears(board.media.plans[CALLER.hex])[bob] == frozenset()


async def test_who_waits_for_the_bridge_is_answered_then(board: Board) -> None:
    await dial(board, PHONE, 'answerOnBridge="true"')
    (bob,) = await children(board)
    assert board.signalling.told(CALLER) == ["ring"]
    assert board.media.playing == {}
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    assert board.signalling.told(CALLER) == ["ring", "answer"]


async def test_who_waits_for_the_bridge_hears_what_comes_before_the_answer(board: Board) -> None:
    await dial(board, PHONE, 'answerOnBridge="true"')
    (bob,) = await children(board)
    rings(board, bob, OFFER)
    await until(lambda: CALLER.hex in board.media.plans)
    assert hears(board.media.plans[CALLER.hex]) == {CALLER: {bob}, bob: frozenset()}
    assert board.signalling.told(CALLER) == ["ring", "ring with sound"]
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    assert board.signalling.told(CALLER) == ["ring", "ring with sound", "answer"]


async def test_who_waits_for_the_bridge_hears_the_tone_that_was_asked_for(board: Board) -> None:
    await dial(board, PHONE, 'answerOnBridge="true" ringTone="de"', then="<Gather timeout='99'/>")
    (bob,) = await children(board)
    await until(lambda: bool(board.media.playing))
    assert board.signalling.told(CALLER) == ["ring", "ring with sound"]
    ends(board, bob, 486)
    await until(lambda: "answer" in board.signalling.told(CALLER))
    assert board.media.playing == {}


async def test_who_wants_our_offer_hears_nothing_before_the_answer(board: Board) -> None:
    board.says(f"<Dial answerOnBridge='true' ringTone='de'>{PHONE}</Dial>")
    board.ring(CALLER.value, sdp=None)
    (bob,) = await children(board)
    rings(board, bob, OFFER)
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    assert board.signalling.told(CALLER) == ["ring", "answer"]


async def test_who_is_tried_next_rings_in_place_of_who_was_heard_before(board: Board) -> None:
    await dial(board, PHONE + OTHER, "sequential='true'")
    (bob,) = await children(board)
    rings(board, bob, OFFER)
    await until(lambda: hears(board.media.plans[CALLER.hex]).get(CALLER) == {bob})
    ends(board, bob, 486)
    await children(board, 2)
    (seat,) = board.media.plans[CALLER.hex].seats
    assert seat.hears in board.media.playing


async def test_a_party_hears_a_document_of_their_own_first(board: Board) -> None:
    board.says("<Pause length='1'/>", HELLO)
    await dial(board, PHONE.replace("<Sip>", f'<Sip url="{HELLO}">'))
    (bob,) = await children(board)
    answers(board, bob)
    await until(lambda: any(one.url == HELLO for one in board.documents.asked))
    (asked,) = [dict(one.parameters) for one in board.documents.asked if one.url == HELLO]
    assert (asked["CallSid"], asked["ParentCallSid"]) == (f"CA{bob.hex}", f"CA{CALLER.hex}")
    assert not connected(board, CALLER, bob)
    await until(lambda: connected(board, CALLER, bob))


async def test_a_party_who_declines_in_that_document_was_reached_and_not_connected(board: Board) -> None:
    board.says("<Hangup/>", HELLO)
    await dial(board, PHONE.replace("<Sip>", f'<Sip url="{HELLO}">'))
    (bob,) = await children(board)
    answers(board, bob)
    await until(lambda: "hang_up" in board.signalling.told(bob))
    ends(board, bob)
    found = await told(board)
    assert (found["DialCallStatus"], found["DialBridged"]) == ("completed", "false")


async def test_a_mailbox_that_is_asked_for_a_key_takes_no_call_away(board: Board) -> None:
    board.says("<Gather numDigits='1' timeout='60'/><Hangup/>", HELLO)
    await dial(board, PHONE.replace("<Sip>", f'<Sip url="{HELLO}">') + OTHER)
    bob, cat = await children(board, 2)
    answers(board, bob)
    await until(lambda: any(one.url == HELLO for one in board.documents.asked))
    answers(board, cat)
    await until(lambda: connected(board, CALLER, cat))
    await is_over(board, bob)
    assert (await stored(board, bob)).status is CallStatus.COMPLETED


# The end -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["ringing", "connected"])
async def test_star_ends_the_dial_and_the_caller_goes_on(board: Board, stage: str) -> None:
    await dial(board, PHONE, 'hangupOnStar="true"')
    (bob,) = await children(board)
    if stage == "connected":
        answers(board, bob)
        await until(lambda: connected(board, CALLER, bob))
    board.switchboard.take(DigitPressed(CALLER, "*", 100))
    assert (await told(board))["DialCallStatus"] == {"ringing": "canceled", "connected": "completed"}[stage]
    await is_over(board, bob)


async def test_a_dial_has_a_time_limit(board: Board) -> None:
    await dial(board, PHONE, 'timeLimit="1"')
    (bob,) = await children(board)
    answers(board, bob)
    assert (await told(board))["DialCallStatus"] == "completed"
    await is_over(board, bob)


async def test_a_party_can_be_led_out_of_the_dial_and_lives_on(board: Board) -> None:
    await dial(board, PHONE)
    (bob,) = await children(board)
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    await board.switchboard.steer(bob, Instructions(text="<Response><Pause length='99'/></Response>"))
    assert (await told(board))["DialCallStatus"] == "completed"
    assert not connected(board, CALLER, bob)
    assert {leg.call.id for leg in board.switchboard.legs} == {CALLER, bob}


async def test_a_caller_who_is_led_elsewhere_lets_the_party_go(board: Board) -> None:
    await dial(board, PHONE)
    (bob,) = await children(board)
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    await board.switchboard.steer(CALLER, Instructions(text="<Response><Pause length='99'/></Response>"))
    await is_over(board, bob)
    assert (await stored(board, bob)).status is CallStatus.COMPLETED


async def test_a_party_that_is_canceled_by_a_customer_is_told_as_such(board: Board) -> None:
    await dial(board, PHONE)
    (bob,) = await children(board)
    rings(board, bob)
    await board.switchboard.steer(bob, Finish.CANCELED)
    assert (await told(board))["DialCallStatus"] == "canceled"


async def test_two_who_are_connected_stay_so_over_a_restart(board: Board) -> None:
    await dial(board, PHONE, 'hangupOnStar="true"')
    (bob,) = await children(board)
    answers(board, bob)
    await until(lambda: connected(board, CALLER, bob))
    await board.switchboard.stop()
    assert connected(board, CALLER, bob)
    both = frozenset({CALLER, bob})
    board.media.left_behind = EngineView(both, both, both, frozenset(board.media.plans), frozenset())
    board.clock.advance(60)
    board.restart()
    await board.recovery().start()
    await until(lambda: len(board.switchboard.legs) == 2)
    assert connected(board, CALLER, bob)
    board.switchboard.take(DigitPressed(CALLER, "*", 100))
    found = await told(board)
    assert (found["DialCallStatus"], found["DialCallDuration"], found["DialBridged"]) == (
        "completed",
        "60",
        "true",
    )
    await is_over(board, bob)


@pytest.mark.parametrize("first", ["caller", "party"])
@pytest.mark.parametrize("stage", ["called", "ringing", "greeted", "connected"])
async def test_nothing_is_left_behind_whoever_hangs_up_when(board: Board, stage: str, first: str) -> None:
    board.says("<Pause length='99'/>", HELLO)
    await dial(
        board,
        PHONE.replace("<Sip>", f'<Sip url="{HELLO}">') if stage == "greeted" else PHONE,
        then="<Hangup/>",
    )
    (bob,) = await children(board)
    if stage != "called":
        rings(board, bob, OFFER)
    if stage in {"greeted", "connected"}:
        answers(board, bob)
    if stage == "greeted":
        await until(lambda: any(one.url == HELLO for one in board.documents.asked))
    if stage == "connected":
        await until(lambda: connected(board, CALLER, bob))
    for call in (CALLER, bob) if first == "caller" else (bob, CALLER):
        ends(board, call, 0 if call == CALLER or stage in {"greeted", "connected"} else 486)
    await until(lambda: not board.switchboard.legs)
    await until(lambda: not (board.media.plans or board.media.streams or board.media.playing))


# What went wrong once --------------------------------------------------------------------------------------------------


class Gated:
    """The real store, which answers who is registered as the test says."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked, self.opened = asyncio.Event(), asyncio.Event()
        self.fault: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def endpoints_named(self, name: str, *what: Any) -> Any:
        if name == "rabbit":
            self.asked.set()
            await self.opened.wait()
            if self.fault is not None:
                raise self.fault
        return await self._store.endpoints_named(name, *what)


@pytest.fixture
async def gated(board: Board) -> Gated:
    """The board's store; its switchboard is made anew upon it."""
    store = Gated(board.store)
    board.store = store  # type: ignore[assignment]
    board.restart()
    board.switchboard.open()
    return store


async def test_a_store_that_is_away_fails_a_party_and_not_the_caller(board: Board, gated: Gated) -> None:
    gated.fault = StoreUnavailable("away")
    gated.opened.set()
    await dial(board, "<Client>rabbit</Client>")
    assert await told(board) == {"DialCallStatus": "failed", "DialBridged": "false"}
    assert [leg.call.id for leg in board.switchboard.legs] == [CALLER]


async def test_who_rings_already_is_let_go_when_the_dial_is_dropped_while_it_begins(
    board: Board, gated: Gated
) -> None:
    await dial(board, PHONE + "<Client>rabbit</Client>")
    (bob,) = await children(board)
    await gated.asked.wait()
    board.hangs_up(CALLER)
    await is_over(board, bob)
    assert (await stored(board, bob)).status is CallStatus.CANCELED
    await until(lambda: not board.switchboard.legs)


async def come_back(board: Board, *answered: CallId) -> None:
    """Take the brain away, and have another find these calls in the engine."""
    await board.switchboard.stop()
    there = frozenset(answered)
    board.media.left_behind = EngineView(there, there, there, frozenset(), frozenset())
    board.restart()
    await board.recovery().start()


@pytest.mark.parametrize("stage", ["ringing", "connected"])
async def test_how_a_dial_ended_while_the_brain_was_away_is_told(board: Board, stage: str) -> None:
    await dial(board, PHONE)
    (bob,) = await children(board)
    rings(board, bob)
    await until(lambda: board.signalling.told(CALLER)[-1] == "answer")
    if stage == "connected":
        answers(board, bob)
        await until(lambda: connected(board, CALLER, bob))
    await come_back(board, CALLER)
    assert (await told(board))["DialCallStatus"] == {"ringing": "failed", "connected": "completed"}[stage]
    assert [leg.call.id for leg in board.switchboard.legs] == [CALLER]


async def test_a_party_is_offered_the_codecs_that_its_noun_names(board: Board) -> None:
    await dial(board, "<Sip codecs='PCMA'>sip:bob@127.0.0.1:5071</Sip>")
    (bob,) = await children(board)
    assert board.signalling.summonses[bob].codecs == ("PCMA",)


def test_a_clients_parameters_are_told_to_its_phone() -> None:
    party = Client("alice", parameters=(("Order", "17 b"),))
    wish = invitation_of(Dial((party,)), party, Call(CALLER, PROJECT.id, Caller("+1", "+2"), 1, 1))
    assert (wish.to, wish.headers) == ("client:alice", (("X-Order", "17 b"),))


class SlowToKeep:
    """The real store, which is slow to keep the record of a party."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked, self.opened = asyncio.Event(), asyncio.Event()
        self.kept: list[CallStatus] = []
        """How the party's call was kept, each time."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit_call(self, call: Call, *what: Any) -> None:
        if call.caller.parent and call.status is CallStatus.QUEUED:
            self.asked.set()
            await self.opened.wait()
        await self._store.commit_call(call, *what)
        if call.caller.parent:
            self.kept.append(call.status)


async def test_a_record_kept_while_the_dial_was_dropped_does_not_stay_open(board: Board) -> None:
    slow = SlowToKeep(board.store)
    board.store = slow  # type: ignore[assignment]
    board.restart()
    board.switchboard.open()
    await dial(board, PHONE)
    await slow.asked.wait()
    board.hangs_up(CALLER)
    await is_over(board, CALLER)
    slow.opened.set()
    await until(lambda: CallStatus.CANCELED in slow.kept)
    assert slow.kept == [CallStatus.QUEUED, CallStatus.CANCELED]
