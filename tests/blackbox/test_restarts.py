"""What survives: the brain killed alone, both killed, and an orderly stop.

Each test has a server of its own, on a data folder that the next start finds again.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aiohttp import web

from stage.customer import Customer, Visit
from stage.ears import recording, settle
from stage.scene import HOLD_HZ, Scene, now_s
from stage.server import in_thread, is_alive

FLAGS = (
    "call_sid",
    "muted",
    "hold",
    "coaching",
    "call_sid_to_coach",
    "end_conference_on_exit",
    "date_created",
)

pytestmark = pytest.mark.slow


def flags(participants: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: one[name] for name in FLAGS} for one in participants]


def told_twice(customer: Customer) -> dict[tuple[str, str], set[str]]:
    """Callbacks that were told under more than one event id, by conference and sequence number."""
    tokens: dict[tuple[str, str], set[str]] = {}
    for visit in customer.events():
        key = (visit.parameters["ConferenceSid"], visit.parameters["SequenceNumber"])
        tokens.setdefault(key, set()).add(visit.headers["I-Twilio-Idempotency-Token"])
    return {key: found for key, found in tokens.items() if len(found) > 1}


async def put_in_every_state(scene: Scene) -> Callable[[], set[str]]:
    """Five callers: ann speaks, bob is muted, cat is held, dan whispers to ann, eve will end it. Gives the ears of ann."""
    number = await scene.open_line("survivors")
    ann, bob, cat, dan = [await scene.enter(name, number) for name in ("ann", "bob", "cat", "dan")]
    await scene.enter("eve", await scene.open_line("survivors", endConferenceOnExit="true"))
    await scene.update(bob, Muted="true")
    await scene.update(cat, Hold="true", HoldUrl=scene.customer.host_tone("/hold.wav", HOLD_HZ))
    await scene.update(dan, Coaching="true", CallSidToCoach=ann.call_sid)
    return lambda: {name for name, hz in scene.pitches_hz.items() if hz in ann.phone.heard((hz,))}


EVERY_STATE = {
    "ann": {"dan", "eve"}, "bob": {"ann", "eve"}, "cat": {"hold"}, "dan": {"ann", "eve"}, "eve": {"ann"},
}  # fmt: skip


async def test_callers_hear_each_other_while_the_brain_is_dead(stage: Scene) -> None:
    await put_in_every_state(stage)
    phones = list(stage.phones.values())
    await stage.expect(EVERY_STATE)
    before, conference = flags(await stage.participants()), await stage.conference_now()
    began_s = now_s()
    stage.server.kill_brain()
    await settle(phones, 50)
    await stage.expect(EVERY_STATE, "nobody decides anything now, and the sound goes on")
    await in_thread(stage.server.start_again)
    await settle(phones, 25)
    for name, caller in stage.callers.items():
        window_ms = int((now_s() - began_s) * 1000)
        assert caller.phone.longest_gap_ms(window_ms) < 100, f"{name} heard a gap"
    everything = recording(stage.callers["ann"].phone)
    heard = everything.frames_with(stage.pitches_hz["eve"], began_s, now_s() - 0.1)
    assert len(heard) * 0.02 > 0.97 * (now_s() - 0.1 - began_s), "eve is heard throughout"
    assert flags(await stage.participants()) == before
    after = await stage.conference_now()
    assert (after["sid"], after["status"]) == (conference["sid"], "in-progress")


async def test_a_new_brain_steers_the_calls_of_the_old_one(stage: Scene) -> None:
    await put_in_every_state(stage)
    engine = stage.server.ready["engine_pid"]
    stage.server.kill_brain()
    await in_thread(stage.server.start_again)
    assert stage.server.ready["engine_pid"] == engine, "it found the running engine"
    await stage.update(stage.callers["bob"], Muted="false")
    await stage.update(stage.callers["cat"], Hold="false")
    await stage.update(stage.callers["dan"], Coaching="false")
    names = set(stage.callers)
    await stage.expect({name: names - {name} for name in names})
    await stage.callers["eve"].hang_up()
    ended = await stage.customer.wait_for_event("conference-end")
    assert ended.parameters["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    numbers = [int(visit.parameters["SequenceNumber"]) for visit in stage.customer.events()]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1)), "the count goes on where it stood"
    assert told_twice(stage.customer) == {}


async def test_a_caller_who_hung_up_meanwhile_is_told_gone(stage: Scene) -> None:
    ann, bob = await stage.gather(2, "meanwhile")
    stage.server.kill_brain()
    await bob.hang_up()
    await in_thread(stage.server.start_again)
    await stage.customer.wait_for_event("participant-leave", bob.call_sid)
    assert [one["call_sid"] for one in await stage.participants()] == [ann.call_sid]


async def test_a_new_call_reaches_the_new_brain(stage: Scene) -> None:
    await stage.gather(2, "newcomer")
    number = await stage.open_line("newcomer")
    stage.server.kill_brain()
    await in_thread(stage.server.start_again)
    await stage.enter("cat", number)
    await stage.expect(
        {
            "ann": {"bob", "cat"},
            "bob": {"ann", "cat"},
            "cat": {"ann", "bob"},
        }
    )


async def test_after_both_were_killed_everything_kept_is_there_and_the_unfinished_is_completed(
    stage: Scene,
) -> None:
    """Nothing is told twice under another event id; what was not told yet is told now."""
    finished = await finish_one(stage)
    bin_url = (await stage.rest.made("LamlBins.json", {"Name": "kept", "Contents": "<Response/>"}))[
        "request_url"
    ]
    ann, _ = await stage.gather(2, "unfinished")
    unfinished = stage.conference
    stage.server.kill_brain()
    stage.server.kill_engine()
    await in_thread(stage.server.start_again)
    ended = await stage.customer.wait(
        lambda visit: visit.event == "conference-end" and visit.parameters["ConferenceSid"] == unfinished
    )
    assert ended.call == ""
    await stage.customer.wait_for_event("participant-leave", ann.call_sid)
    for conference in (finished, unfinished):
        assert (await stage.rest.get(f"Conferences/{conference}.json")).body["status"] == "completed"
    listed = (await stage.rest.get("IncomingPhoneNumbers.json")).body["incoming_phone_numbers"]
    assert len(listed) == 2
    assert (await stage.rest.get("LamlBins.json")).body["laml_bins"][0]["request_url"] == bin_url
    assert (await stage.rest.call("GET", "/" + bin_url.split("/", 3)[3], headers={})).text == "<Response/>"
    assert told_twice(stage.customer) == {}
    ends = [visit for visit in stage.customer.events() if visit.event == "conference-end"]
    assert len({visit.parameters["ConferenceSid"] for visit in ends}) == 2


async def finish_one(stage: Scene) -> str:
    dan = await stage.enter("dan", await stage.open_line("finished"), pitch_hz=None)
    await dan.hang_up()
    await stage.customer.wait_for_event("conference-end")
    return stage.conference


async def test_calls_work_again_after_both_were_killed(stage: Scene) -> None:
    number = await stage.open_line("reborn")
    stage.server.kill_brain()
    stage.server.kill_engine()
    await in_thread(stage.server.start_again)
    await stage.enter("ann", number)
    await stage.enter("bob", number)
    await stage.expect({"ann": {"bob"}, "bob": {"ann"}})


async def test_a_lost_engine_is_replaced_and_who_refuses_a_reinvite_hears_the_others_all_the_same(
    stage: Scene,
) -> None:
    """These phones know no re-INVITE: their sound is back since its port is the same."""
    await stage.gather(2, "engine lost")
    conference = stage.conference
    number = await stage.open_line("engine lost")
    await in_thread(stage.server.kill_engine)
    await stage.expect({"ann": {"bob"}, "bob": {"ann"}}, within_s=20)
    await stage.enter("cat", number)
    assert stage.conference == conference
    names = ("ann", "bob", "cat")
    await stage.expect({name: set(names) - {name} for name in names})
    assert len(await stage.participants()) == 3


async def test_sigterm_ends_calls_in_an_orderly_way(stage: Scene) -> None:
    callers = await stage.gather(2, "orderly")
    engine = stage.server.ready["engine_pid"]
    await in_thread(stage.server.stop)
    assert [await caller.over() for caller in callers] == [0, 0]
    assert not is_alive(engine)
    assert stage.server.brain is not None
    assert stage.server.brain.returncode == 0


async def test_the_end_of_a_call_is_told_though_no_brain_saw_it(stage: Scene) -> None:
    """The brain dies before the caller hangs up; the next one tells, again under the same name if it is killed, too."""
    tries: list[Visit] = []

    async def answer(visit: Visit) -> web.Response:
        tries.append(visit)
        return web.Response(status=503 if len(tries) == 1 else 204)

    document = stage.customer.host("/voice/told", stage.dial_conference("told"))
    url = stage.customer.answer_with("/call", answer)
    ann = await stage.enter("ann", await stage.claim(document, StatusCallback=url))
    stage.server.kill_brain()
    await ann.hang_up()
    await in_thread(stage.server.start_again)
    await stage.customer.until(lambda: len(tries) >= 1)
    stage.server.kill_brain()
    await in_thread(stage.server.start_again)
    await stage.customer.until(lambda: len(tries) >= 2)
    assert {visit.call for visit in tries} == {ann.call_sid}
    assert {visit.parameters["CallStatus"] for visit in tries} == {"completed"}
    assert all(visit.parameters["CallDuration"].isdigit() for visit in tries)
    assert len({visit.headers["I-Twilio-Idempotency-Token"] for visit in tries}) == 1
    await stage.customer.wait_for_event("conference-end")
    assert len(tries) == 2, "told once more for the answer that was lost, and not again"


async def test_a_server_that_a_test_left_dead_is_put_up_again_and_another_is_left_alone(stage: Scene) -> None:
    for end in (stage.server.kill_brain, stage.server.stop):
        end()
        await in_thread(stage.server.put_up_again)
        running = stage.server.ready["pid"]
        await in_thread(stage.server.put_up_again)
        assert stage.server.ready["pid"] == running
        assert (await stage.rest.get("Conferences.json")).status == 200
