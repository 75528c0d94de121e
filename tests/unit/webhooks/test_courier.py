"""The courier at work: order, retries, shares, restarts. Time moves only when a test says so."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from rooms import A, B
from roomtone.core.conference.messages import Mute, Unmute
from roomtone.core.delivery import Claim, Owed, event_id
from roomtone.core.ids import ConferenceId, ProjectId
from roomtone.core.notices import Notice
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.net.words import Question
from roomtone.store import Store, StoreUnavailable
from roomtone.webhooks import Settings, spell

from .conftest import SIGNALWIRE, Answering, Customer, Heard, Stage


def failing(times: int, status: int = 503) -> Answering:
    """Answers badly so often, then well."""
    left = [times]

    async def answer(_heard: Heard) -> web.Response:
        left[0] -= 1
        return web.Response(status=status if left[0] >= 0 else 200)

    return answer


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
    await customer.open(port=int(url.rsplit(":", 1)[1].split("/")[0]))
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
    for owed in await stage.store.claim(Claim("test", 1 << 60, 1 << 61, 9, 9)):
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
    assert await stage.store.next_due() is None
    assert complaints.text.count("given up") == 3


async def test_what_is_owed_for_a_project_that_is_none_is_given_up(stage: Stage, customer: Customer):
    await stage.meet(1, customer.url, project=Project(ProjectId(404), "gone", "twilio", "key", 1))
    courier = stage.courier()
    stage.at_work(courier)
    assert await courier.drain(10)
    assert customer.heard == []
    assert await stage.store.next_due() is None


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


# Sharing ---------------------------------------------------------------------------------------------------------------


async def test_a_server_that_hangs_delays_no_other(stage: Stage, customer: Customer):
    slow = Customer()
    await slow.open()
    slow.answer = hanging = Hanging()
    for number in range(1, 13):
        await stage.meet(number, slow.url)
    await stage.meet(20, customer.url)
    stage.at_work(stage.courier(Settings(parallel=10, per_host=4)))
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
    stage.at_work(stage.courier(Settings(per_host=1, run=5)))
    await customer.hears(26)
    first_of_the_other = [one.form["FriendlyName"] for one in customer.heard].index("room 2")
    assert first_of_the_other == 5
    mine = [one.sequence for one in customer.heard if one.form["FriendlyName"] == "room 1"]
    assert mine == list(range(1, 24))


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
    assert await stage.store.next_due() == stage.time.now().after(1).wall_ms


async def test_draining_gives_up_on_a_server_that_hangs(stage: Stage, customer: Customer):
    customer.answer = hanging = Hanging()
    await stage.meet(1, customer.url)
    courier = stage.courier()
    stage.at_work(courier)
    await customer.hears(1)
    assert not await courier.drain(0.05)
    hanging.gone.set()
    assert await courier.drain(10)
