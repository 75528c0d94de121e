"""The courier at work: order, retries, shares, restarts. Time moves only when a test says so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from keeping import claim, next_due
from rooms import A, B
from roomtone.core.conference.messages import Mute, Unmute
from roomtone.core.delivery import Claim, Owed, event_id
from roomtone.core.ids import ConferenceId, ProjectId
from roomtone.core.notices import Notice
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.net.words import Question
from roomtone.store import Store, StoreUnavailable
from roomtone.webhooks import Schedule, Settings, Sharing, spell

from .conftest import SIGNALWIRE, Answering, Customer, Heard, Stage


def failing(times: int, status: int = 503) -> Answering:
    """Answers badly so often, then well."""
    left = [times]

    async def answer(_heard: Heard) -> web.Response:
        left[0] -= 1
        return web.Response(status=status if left[0] >= 0 else 200)

    return answer


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


class Hanging:
    """Does not answer until it is let go."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def __call__(self, _heard: Heard) -> web.Response:
        await self.gone.wait()
        return web.Response()


# Order and retries -----------------------------------------------------------------------------------------------------


async def test_notices_arrive_in_order_as_soon_as_they_are_owed(stage: Stage, customer: Customer):
    courier = stage.courier()
    stage.at_work(courier)
    state = await stage.meet(1, customer.url)
    courier.wake()
    await customer.hears(3)
    await stage.goes_on(state, Mute(A), Mute(B))
    courier.wake()
    await customer.hears(5)
    assert customer.sequences == [1, 2, 3, 4, 5]
    assert [one.event for one in customer.heard] == [
        event_id(ConferenceId(1), number) for number in range(1, 6)
    ]


async def test_what_was_owed_before_the_courier_came_is_delivered_without_waking(
    stage: Stage, customer: Customer
):
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    await customer.hears(3)
    assert customer.sequences == [1, 2, 3]


async def test_a_failed_delivery_is_repeated_word_for_word_before_the_next(stage: Stage, customer: Customer):
    customer.answer = failing(2)
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    await customer.hears(1)
    await stage.time.until_asked(1.0)
    stage.time.go_on(1.0)
    await customer.hears(2)
    await stage.time.until_asked(2.0)
    stage.time.go_on(2.0)
    await customer.hears(5)
    assert customer.sequences == [1, 1, 1, 2, 3]
    first, second, third, *_ = customer.heard
    assert first == second == third


async def test_a_retry_does_not_come_before_its_time(stage: Stage, customer: Customer):
    customer.answer = failing(1)
    await stage.meet(1, customer.url)
    courier = stage.courier()
    stage.at_work(courier)
    await stage.time.until_asked(1.0)
    stage.time.go_on(0.999)
    courier.wake()
    await stage.time.until_asked(0.001)
    assert customer.sequences == [1]


async def test_after_the_last_attempt_the_next_notice_has_its_turn(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture
):
    customer.answer = failing(3)
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    for seconds in (1.0, 2.0):
        await stage.time.until_asked(seconds)
        stage.time.go_on(seconds)
    await customer.hears(5)
    assert customer.sequences == [1, 1, 1, 2, 3]
    assert "sequence=1" in complaints.text
    assert "given up: status 503" in complaints.text


async def test_a_call_is_told_in_order_beside_a_conference_and_under_its_own_names(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture
):
    customer.answer = failing(1)
    call = await stage.call(1, customer.url)
    stage.at_work(stage.courier())
    await stage.time.until_asked(1.0)
    await stage.meet(1, customer.url)
    stage.time.go_on(1.0)
    await customer.hears(8)
    first, *_ = told = [one for one in customer.heard if "CallbackSource" in one.form]
    assert [(one.form["CallStatus"], one.sequence) for one in told] == [
        ("initiated", 0), ("initiated", 0), ("ringing", 1), ("in-progress", 2), ("completed", 3),
    ]  # fmt: skip
    assert [one.event for one in told] == [event_id(call, number) for number in (0, 0, 1, 2, 3)]
    assert first == told[1]
    assert [one.sequence for one in customer.heard if one not in told] == [1, 2, 3]
    assert not complaints.messages


async def test_a_call_whose_callback_is_given_up_is_named_in_the_log(
    stage: Stage, complaints: pytest.LogCaptureFixture
):
    call = await stage.call(1, "http://169.254.0.1/")
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(10)
    assert f"call={call} sequence=0" in complaints.text


async def test_twilio_is_told_once_whatever_it_answers(stage: Stage, customer: Customer):
    customer.answer = failing(99)
    project = Project(ProjectId(0x7), "t", "twilio", "key", 1)
    await stage.store.add_project(project, "token")
    await stage.meet(1, customer.url, project=project)
    stage.at_work(stage.courier())
    await customer.hears(3)
    assert customer.sequences == [1, 2, 3]


async def test_a_server_that_is_away_is_tried_again(stage: Stage):
    customer = Customer()
    await customer.open()
    url = customer.url
    await customer.close()
    await stage.meet(1, url)
    stage.at_work(stage.courier())
    await stage.time.until_asked(1.0)
    await customer.open(port=port_of(url))
    stage.time.go_on(1.0)
    await customer.hears(3)
    assert customer.sequences == [1, 2, 3]
    await customer.close()


async def test_each_try_is_recorded(stage: Stage, customer: Customer):
    customer.answer = failing(1)
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    await stage.time.until_asked(1.0)
    stage.time.go_on(1.0)
    await customer.hears(4)
    await stage.stop()
    assert [(one.number, one.status) for one in await stage.store.attempts(1)] == [(1, 503), (2, 200)]


# What is said ----------------------------------------------------------------------------------------------------------


async def test_a_post_is_a_signed_form_that_names_its_event(stage: Stage, customer: Customer):
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    await customer.hears(1)
    heard = customer.heard[0]
    assert heard.method == "POST"
    assert heard.form["StatusCallbackEvent"] == "participant-join"
    assert heard.headers["I-Twilio-Idempotency-Token"] == heard.event == event_id(ConferenceId(1), 1)
    assert heard.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert heard.headers["X-SignalWire-Signature"] == heard.headers["X-Twilio-Signature"]


async def test_a_get_says_it_in_the_query(stage: Stage, customer: Customer):
    await stage.meet(1, customer.url + "?mine=1", method=Method.GET)
    stage.at_work(stage.courier())
    await customer.hears(1)
    assert customer.heard[0].method == "GET"
    assert customer.heard[0].form["mine"] == "1"
    assert customer.heard[0].form["StatusCallbackEvent"] == "participant-join"


async def test_no_parameter_is_named_twice(stage: Stage, customer: Customer):
    state = await stage.meet(1, customer.url)
    await stage.goes_on(state, Mute(A))
    for owed in await claim(stage.store, 1 << 60):
        names = [name for name, _ in spell(owed.notice, SIGNALWIRE).form]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {"Content-Type": "nonsense"}], ids=str)
async def test_what_an_answer_says_is_not_heeded(stage: Stage, customer: Customer, headers: dict[str, str]):
    """A body that is large, compressed or broken is no reason to tell a customer the same again."""

    async def talkative(_heard: Heard) -> web.Response:
        return web.Response(body=b"x" * 3_000_000, headers=headers)

    customer.answer = talkative
    await stage.meet(1, customer.url)
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(10)
    assert customer.sequences == [1, 2, 3]


# What cannot be delivered ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://10.0.0.1/inside", "http://[::"])
async def test_what_cannot_be_asked_is_given_up_at_once(
    stage: Stage, url: str, complaints: pytest.LogCaptureFixture
):
    await stage.meet(1, url)
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(10)
    assert await next_due(stage.store) is None
    assert complaints.text.count("given up") == 3


async def test_what_is_owed_for_a_project_that_is_none_is_given_up(stage: Stage, customer: Customer):
    await stage.meet(1, customer.url, project=Project(ProjectId(404), "gone", "twilio", "key", 1))
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(10)
    assert customer.heard == []
    assert await next_due(stage.store) is None


async def test_a_bug_in_one_lane_stops_no_other(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture
):
    def buggy(notice: Notice, project: Project) -> Question:
        assert notice.lane != ConferenceId(1), "a bug"
        return spell(notice, project)

    for number in (1, 2):
        await stage.meet(number, customer.url)
    stage.at_work(stage.courier(spell=buggy))
    await customer.hears(3)
    assert {one.form["FriendlyName"] for one in customer.heard} == {"room 2"}
    assert "AssertionError: a bug" in complaints.text


async def test_a_store_that_does_not_answer_is_asked_again(stage: Stage, customer: Customer):
    class Flaky(Store):
        """The store, which fails its first claims."""

        left = 2

        async def claim(self, claim: Claim) -> list[Owed]:
            self.left -= 1
            if self.left >= 0:
                raise StoreUnavailable("disk full")
            return await stage.store.claim(claim)

    flaky = object.__new__(Flaky)
    flaky.__dict__.update(stage.store.__dict__)
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier(outbox=flaky))
    for _ in range(2):
        await stage.time.until_asked(1.0)
        stage.time.go_on(1.0)
    await customer.hears(3)


@pytest.mark.parametrize("word", ["project", "delivered", "given_up", "postponed"])
async def test_what_was_told_is_written_down_as_soon_as_the_store_answers(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture, word: str
):
    """Nothing is told twice, and nothing waits until a lease runs out."""
    customer.answer = failing({"given_up": 3, "postponed": 1}.get(word, 0))
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier(outbox=failing_at(stage.store, word, [2])))
    if word == "given_up":
        await let_waits_pass(stage, 1, 2)
    await let_waits_pass(stage, 1, 1)  # the retry of what was postponed is due meanwhile
    tries = {"given_up": 3, "postponed": 2}.get(word, 1)
    await customer.hears(tries + 2)
    await stage.stop()
    assert customer.sequences == [1] * tries + [2, 3]
    assert complaints.text.count("the outbox does not answer: disk full") == 1


async def test_a_lane_whose_store_never_answers_leaves_off_with_its_lease(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture
):
    await stage.meet(1, customer.url)
    failures = [1_000]
    stage.at_work(stage.courier(Settings(lease_s=60), outbox=failing_at(stage.store, "delivered", failures)))
    await let_waits_pass(stage, *[1] * 58)  # the lease began at the first or the second of them
    while "left off, the outbox does not answer: disk full" not in complaints.text:
        stage.time.go_on(0.5)
        await asyncio.sleep(0.01)
    failures[0] = 0
    while len(customer.heard) < 4:
        stage.time.go_on(0.5)
        await asyncio.sleep(0.05)  # so that what is told again is settled long before its own lease is over
    assert customer.sequences == [1, 1, 2, 3]


def failing_at(store: Store, word: str, left: list[int]) -> Store:
    """The store, of which one kind of question fails so often; how often still, it counts down."""

    async def ask(*args: object, **named: object) -> object:
        left[0] -= 1
        if left[0] >= 0:
            raise StoreUnavailable("disk full")
        return await getattr(store, word)(*args, **named)

    flaky = object.__new__(Store)
    flaky.__dict__.update(store.__dict__, **{word: ask})
    return flaky


# Sharing ---------------------------------------------------------------------------------------------------------------


async def test_a_server_that_hangs_delays_no_other(stage: Stage, customer: Customer):
    slow = Customer()
    await slow.open()
    slow.answer = hanging = Hanging()
    for number in range(1, 13):
        await stage.meet(number, slow.url)
    await stage.meet(20, customer.url)
    stage.at_work(stage.courier(Settings(sharing=Sharing(parallel=10, per_addressee=4))))
    await customer.hears(3)
    await slow.hears(4)
    assert slow.most_at_once == 4
    assert {one.sequence for one in slow.heard} == {1}
    hanging.gone.set()
    await slow.hears(36)
    assert slow.most_at_once == 4
    await slow.close()


async def test_conferences_do_not_wait_for_one_another(stage: Stage, customer: Customer):
    customer.answer = hanging = Hanging()
    for number in (1, 2, 3):
        await stage.meet(number, customer.url)
    stage.at_work(stage.courier())
    await customer.hears(3)
    assert customer.sequences == [1, 1, 1]
    hanging.gone.set()
    await customer.hears(9)


async def test_a_long_backlog_gives_way_to_others_of_its_host(stage: Stage, customer: Customer):
    state = await stage.meet(1, customer.url)
    for _ in range(10):
        state = await stage.goes_on(state, Mute(A))
        state = await stage.goes_on(state, Unmute(A))
    await stage.meet(2, customer.url)
    stage.time.go_on(1)
    stage.at_work(stage.courier(Settings(sharing=Sharing(per_addressee=1), run=5)))
    await customer.hears(26)
    first_of_the_other = [one.form["FriendlyName"] for one in customer.heard].index("room 2")
    assert first_of_the_other == 5
    mine = [one.sequence for one in customer.heard if one.form["FriendlyName"] == "room 1"]
    assert mine == list(range(1, 24))


async def test_another_project_at_the_same_host_does_not_wait_for_one_whose_pages_hang(
    stage: Stage, customer: Customer
):
    hanging = Hanging()

    async def answer(heard: Heard) -> web.Response:
        return await hanging(heard) if "/hangs" in heard.url else web.Response(status=204)

    customer.answer = answer
    other = replace(SIGNALWIRE, id=ProjectId(0x7))
    await stage.store.add_project(other, "token")
    for number in range(1, 40):
        await stage.meet(number, customer.url + "/hangs")
    stage.time.go_on(1)
    for number in range(50, 60):
        await stage.meet(number, customer.url, project=other)
    stage.at_work(stage.courier())
    await customer.told(lambda one: "/hangs" not in one.url, 30)
    hanging.gone.set()


# Servers that are away -------------------------------------------------------------------------------------------------


async def away(stage: Stage, rooms: int, project: Project = SIGNALWIRE) -> str:
    """Conferences that owe word to a server that is not there; gives its URL."""
    customer = Customer()
    await customer.open()
    url = customer.url
    await customer.close()
    for number in range(1, rooms + 1):
        await stage.meet(number, url, project=project)
    return url


async def let_waits_pass(stage: Stage, *waits_s: float) -> None:
    for wait_s in waits_s:
        await stage.time.until_asked(wait_s)
        stage.time.go_on(wait_s)


@pytest.mark.parametrize("dialect", ["signalwire", "twilio"])
async def test_what_waits_for_a_server_that_is_away_is_told_in_order_when_it_is_back(
    stage: Stage, complaints: pytest.LogCaptureFixture, dialect: str
):
    project = replace(SIGNALWIRE, id=ProjectId(0x7), dialect=dialect)
    await stage.store.add_project(project, "token")
    url = await away(stage, 5, project)  # as many as it takes, so that all is quiet when it is noticed
    stage.at_work(stage.courier())
    while "is away" not in complaints.text:  # noqa: ASYNC110 - a line in a log is no event
        await asyncio.sleep(0.01)
    await let_waits_pass(stage, 1, 2, 4, 8, 16, 30, 30)
    await stage.time.until_asked(30)
    customer = Customer()
    await customer.open(port=port_of(url))
    stage.time.go_on(30)
    await customer.hears(15)
    for room in range(1, 6):
        told = [one.sequence for one in customer.heard if one.form["FriendlyName"] == f"room {room}"]
        assert told == [1, 2, 3]
    await stage.stop()
    assert await stage.store.dead() == []
    assert complaints.text.count("is away") == 1
    assert "given up" not in complaints.text
    await customer.close()


async def test_what_a_server_may_have_heard_counts_even_while_it_is_taken_to_be_away(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture
):
    """A gateway that answers for a server that is not there: three attempts each, as SignalWire makes them."""
    customer.answer = failing(99, status=502)
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    await let_waits_pass(stage, 1, 2)
    await customer.hears(4)
    await let_waits_pass(stage, 1, 2, 2)
    await customer.hears(7)
    assert customer.sequences == [1, 1, 1, 2, 2, 2, 3]
    assert complaints.text.count("given up: status 502") == 2
    assert complaints.text.count("is away") == 1


async def test_an_answer_however_bad_is_somebody_there(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture
):
    customer.answer = failing(99, status=500)
    project = replace(SIGNALWIRE, id=ProjectId(0x7), dialect="twilio")
    await stage.store.add_project(project, "token")
    for number in range(1, 6):
        await stage.meet(number, customer.url, project=project)
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(30)
    assert len(customer.heard) == 15
    assert "is away" not in complaints.text


async def test_what_the_operator_allows_is_tried_more_often_than_the_vendor_does(
    stage: Stage, customer: Customer
):
    customer.answer = failing(6, status=500)
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier(schedule=Schedule(attempts=10, ceiling_s=8)))
    await let_waits_pass(stage, 1, 2, 4, 8, 8, 8)
    await customer.hears(9)
    assert customer.sequences == [1] * 7 + [2, 3]


@pytest.mark.parametrize(
    ("status", "asked", "waits"),
    [
        (503, "20", 21.0),  # and a tenth later at most, by lot: half of that here
        (429, "20", 21.0),
        (500, "20", 1.0),
        (503, "soon", 1.0),
        (503, "0", 1.0),
        (503, "999999999999", 3_600.0),
        (503, "Fri, 31 Dec 9999 23:59:59 GMT", 3_600.0),
    ],
)
async def test_a_server_is_not_asked_sooner_than_it_asks_for(
    stage: Stage, customer: Customer, status: int, asked: str, waits: float
):
    async def answer(heard: Heard) -> web.Response:
        tired = len(customer.heard) == 1
        return web.Response(status=status if tired else 204, headers={"Retry-After": asked} if tired else {})

    customer.answer = answer
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    await let_waits_pass(stage, waits)
    await customer.hears(4)
    assert customer.sequences == [1, 1, 2, 3]


async def test_what_would_be_given_up_for_it_is_not_left_as_long_as_asked_for(
    stage: Stage, customer: Customer
):
    async def answer(_heard: Heard) -> web.Response:
        tired = len(customer.heard) == 1
        return web.Response(status=503 if tired else 204, headers={"Retry-After": "60"} if tired else {})

    customer.answer = answer
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier(schedule=Schedule(give_up_s=30)))
    await let_waits_pass(stage, 1)
    await customer.hears(4)
    assert customer.sequences == [1, 1, 2, 3]


async def test_what_is_owed_for_too_long_is_given_up(
    stage: Stage, customer: Customer, complaints: pytest.LogCaptureFixture
):
    customer.answer = failing(6, status=500)
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier(schedule=Schedule(attempts=10, give_up_s=6)))
    await let_waits_pass(stage, 1, 2)
    await customer.hears(4)
    assert customer.sequences[:4] == [1, 1, 1, 2]
    assert "given up: status 500" in complaints.text


async def test_what_is_put_back_is_told_again_under_its_own_name(stage: Stage, customer: Customer):
    await stage.meet(1, customer.url)
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(30)
    assert await stage.store.replay([1, 2], stage.time.now().wall_ms) == 2
    courier.wake()
    await customer.hears(5)
    assert customer.sequences == [1, 2, 3, 1, 2]
    assert [one.event for one in customer.heard[3:]] == [one.event for one in customer.heard[:2]]


# Restarts --------------------------------------------------------------------------------------------------------------


async def test_a_courier_that_comes_back_delivers_again_what_was_under_way(stage: Stage, customer: Customer):
    customer.answer = Hanging()
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier())
    await customer.hears(1)
    await stage.stop()
    customer.answer = failing(0)
    stage.at_work(stage.courier())
    await customer.hears(4)
    assert customer.sequences == [1, 1, 2, 3]
    assert customer.heard[0] == customer.heard[1]


async def test_another_courier_takes_over_when_the_lease_has_run_out(stage: Stage, customer: Customer):
    customer.answer = Hanging()
    await stage.meet(1, customer.url)
    stage.at_work(stage.courier(Settings(holder="crashed", lease_s=60)))
    await customer.hears(1)
    await stage.stop()
    customer.answer = failing(0)
    stage.at_work(stage.courier(Settings(holder="successor")))
    await stage.time.until_asked(60)
    assert customer.sequences == [1]
    stage.time.go_on(60)
    await customer.hears(4)
    assert customer.sequences == [1, 1, 2, 3]


async def test_draining_waits_for_what_is_due_and_no_longer(stage: Stage, customer: Customer):
    await stage.meet(1, customer.url)
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(10)
    assert customer.sequences == [1, 2, 3]
    assert await courier.drain(10)


async def test_draining_leaves_what_is_due_later(stage: Stage, customer: Customer):
    customer.answer = failing(9)
    await stage.meet(1, customer.url)
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(10)
    assert customer.sequences == [1]
    assert await next_due(stage.store) == stage.time.now().after(1).wall_ms


async def test_draining_gives_up_on_a_server_that_hangs(stage: Stage, customer: Customer):
    customer.answer = hanging = Hanging()
    await stage.meet(1, customer.url)
    courier = stage.courier()
    stage.at_work(courier)
    await customer.hears(1)
    assert not await courier.drain(0.05)
    hanging.gone.set()
    assert await courier.drain(10)
