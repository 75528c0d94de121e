"""How conferences begin, go on and end, with real calls.

Sources: Twilio "TwiML Conference" (startConferenceOnEnter, endConferenceOnExit, beep, maxParticipants, waitUrl),
"Conference resource"; SignalWire cXML "Conference", "Dial".
"""

from __future__ import annotations

import asyncio

import pytest

from roomtone.testing.tones import loudness_db
from stage.ears import recording, settle
from stage.scene import WAIT_HZ, Scene, now_s

AUDIBLE_DB, SILENT_DB = -45.0, -65.0


def loudness(scene: Scene, name: str, window_ms: int = 300) -> float:
    return loudness_db(scene.callers[name].phone.pcm(window_ms))


async def test_one_alone_waits_and_two_begin(scene: Scene) -> None:
    number = await scene.open_line("begin")
    await scene.enter("ann", number)
    assert (await scene.conference_now())["status"] == "init"
    await scene.enter("bob", number)
    await scene.customer.wait_for_event("conference-start")
    assert (await scene.conference_now())["status"] == "in-progress"


async def test_only_one_who_may_start_it_starts_it(scene: Scene) -> None:
    waits = await scene.open_line("moderated", startConferenceOnEnter="false")
    starts = await scene.open_line("moderated")
    await scene.enter("ann", waits)
    await scene.enter("bob", waits)
    assert (await scene.conference_now())["status"] == "init"
    await scene.expect({"ann": set(), "bob": set()})
    await scene.enter("cat", starts)
    await scene.expect(
        {
            "ann": {"bob", "cat"},
            "bob": {"ann", "cat"},
            "cat": {"ann", "bob"},
        }
    )


async def test_house_music_plays_to_one_who_waits_and_stops_at_the_start(scene: Scene) -> None:
    line = scene.dial_conference("music").replace(' waitUrl=""', "")
    number = await scene.claim(scene.customer.host("/voice/music", line))
    ann = await scene.enter("ann", number, pitch_hz=None)
    await settle([ann.phone], 40)
    assert loudness(scene, "ann", 500) > AUDIBLE_DB
    bob = await scene.enter("bob", number, pitch_hz=None)
    await settle([ann.phone, bob.phone], 30)
    assert loudness(scene, "ann") < SILENT_DB
    assert loudness(scene, "bob") < SILENT_DB


async def test_an_empty_wait_url_is_silence(scene: Scene) -> None:
    ann = await scene.enter("ann", await scene.open_line("silence"), pitch_hz=None)
    await settle([ann.phone], 40)
    assert loudness(scene, "ann", 500) < SILENT_DB


@pytest.mark.parametrize(
    ("beep", "heard"), [("true", True), ("onEnter", True), ("onExit", False), ("false", False)]
)
async def test_the_room_hears_a_beep_when_somebody_comes(scene: Scene, beep: str, heard: bool) -> None:
    quiet = await scene.open_line(f"beep {beep}")
    await scene.enter("ann", quiet, pitch_hz=None)
    await scene.enter("bob", quiet, pitch_hz=None)
    listeners = [caller.phone for caller in scene.callers.values()]
    await settle(listeners, 20)
    await scene.enter("cat", await scene.open_line(f"beep {beep}", beep=beep), pitch_hz=None)
    await settle(listeners, 20)
    for name in ("ann", "bob"):
        assert (loudness(scene, name, 600) > AUDIBLE_DB) is heard


@pytest.mark.parametrize(("beep", "heard"), [("true", True), ("onEnter", False), ("onExit", True)])
async def test_the_room_hears_a_beep_when_somebody_leaves(scene: Scene, beep: str, heard: bool) -> None:
    quiet = await scene.open_line(f"exit {beep}")
    await scene.enter("ann", quiet, pitch_hz=None)
    await scene.enter("bob", quiet, pitch_hz=None)
    cat = await scene.enter("cat", await scene.open_line(f"exit {beep}", beep=beep), pitch_hz=None)
    listeners = [scene.callers[name].phone for name in ("ann", "bob")]
    await settle(listeners, 50)
    await cat.hang_up()
    await settle(listeners, 25)
    assert (loudness(scene, "ann", 500) > AUDIBLE_DB) is heard


async def test_when_the_last_has_left_the_conference_is_completed(scene: Scene) -> None:
    ann, bob = await scene.gather(2, "last")
    await ann.hang_up()
    left = await scene.customer.wait_for_event("participant-leave", ann.call_sid)
    assert left.parameters["ReasonParticipantLeft"] == "participant_hung_up"
    assert (await scene.conference_now())["status"] == "in-progress", "one alone goes on"
    await bob.hang_up()
    ended = await scene.customer.wait_for_event("conference-end")
    assert ended.parameters["ReasonConferenceEnded"] == "last-participant-left"
    assert (await scene.conference_now())["status"] == "completed"
    assert await scene.participants() == []


async def test_the_next_use_of_a_name_is_another_conference(scene: Scene) -> None:
    number = await scene.open_line("again")
    ann = await scene.enter("ann", number)
    first = scene.conference
    await ann.hang_up()
    await scene.customer.wait_for_event("conference-end")
    await scene.enter("bob", number)
    assert scene.conference != first
    listed = (await scene.rest.get("Conferences.json?FriendlyName=again")).body["conferences"]
    assert [one["status"] for one in listed] == ["init", "completed"]


async def test_end_on_exit_ends_it_for_all_and_their_action_runs(scene: Scene) -> None:
    """The others' calls go on: the action document dials them into another room."""
    after = scene.customer.host("/after", scene.dial_conference("afterwards"))
    number = await scene.open_line("end on exit", action=after)
    boss_line = await scene.open_line("end on exit", endConferenceOnExit="true")
    ann, bob = await scene.enter("ann", number), await scene.enter("bob", number)
    boss = await scene.enter("eve", boss_line)
    await boss.hang_up()
    ended = await scene.customer.wait_for_event("conference-end")
    assert ended.parameters["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert ended.parameters["CallSidEndingConference"] == boss.call_sid
    for caller in (ann, bob):
        asked = await scene.customer.wait(
            lambda visit, sid=caller.call_sid: visit.path == "/after" and visit.call == sid
        )
        assert asked.parameters["DialCallStatus"] == "answered"
    await scene.customer.wait(
        lambda visit: visit.event == "conference-start" and visit.parameters["FriendlyName"] == "afterwards"
    )
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})


async def test_ending_it_by_rest_ends_all_calls_that_have_nothing_left_to_do(scene: Scene) -> None:
    callers = await scene.gather(3, "end by rest")
    done = await scene.rest.made(f"Conferences/{scene.conference}.json", {"Status": "completed"})
    assert done["status"] == "completed"
    assert [await caller.over() for caller in callers] == [0, 0, 0], "each got its BYE"
    ended = await scene.customer.wait_for_event("conference-end")
    assert ended.parameters["ReasonConferenceEnded"] == "conference-ended-via-api"
    again = await scene.rest.post(f"Conferences/{scene.conference}.json", {"Status": "completed"})
    assert (again.status, again.body["code"]) == (400, 10000)


async def test_who_is_removed_goes_on_with_the_next_verb(scene: Scene) -> None:
    number = await scene.open_line("kick", after=scene.dial_conference("waiting room")[10:-11])
    ann, bob = await scene.enter("ann", number), await scene.enter("bob", number)
    await scene.customer.wait_for_event("conference-start")
    gone = await scene.rest.delete(scene.path(bob))
    assert (gone.status, gone.text) == (204, "")
    kicked = await scene.customer.wait_for_event("participant-leave", bob.call_sid)
    assert kicked.parameters["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert (await scene.rest.get(scene.path(bob))).status == 404
    assert (await scene.rest.delete(scene.path(bob))).status == 404
    await scene.customer.wait(
        lambda visit: visit.event == "participant-join" and visit.parameters["FriendlyName"] == "waiting room"
    )
    assert bob.is_up
    assert ann.is_up


async def test_who_is_removed_with_nothing_left_to_do_gets_a_bye(scene: Scene) -> None:
    ann, bob = await scene.gather(2, "kick and out")
    assert (await scene.rest.delete(scene.path(bob))).status == 204
    assert await bob.over() == 0
    assert ann.is_up


async def test_one_too_many_falls_to_the_next_verb(scene: Scene) -> None:
    number = await scene.open_line("full", after="<Hangup/>", maxParticipants="2")
    await scene.enter("ann", number)
    await scene.enter("bob", number)
    cat = await scene.dial("cat", number)
    assert await cat.over() == 0
    assert len(await scene.participants()) == 2


async def test_two_who_come_at_once_meet(scene: Scene) -> None:
    number = await scene.open_line("race")
    await asyncio.gather(
        *(scene.enter(name, number, pitch_hz=hz) for name, hz in (("ann", 397.0), ("bob", 541.0)))
    )
    await scene.customer.wait_for_event("conference-start")
    listed = (await scene.rest.get("Conferences.json?FriendlyName=race")).body["conferences"]
    assert len(listed) == 1
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})


async def test_a_coach_by_document_whispers_from_the_start(scene: Scene) -> None:
    number = await scene.open_line("coach attribute")
    await scene.enter("ann", number)
    bob = await scene.enter("bob", number)
    await scene.enter("cat", await scene.open_line("coach attribute", coach=bob.call_sid))
    await scene.expect({"ann": {"bob"}, "bob": {"ann", "cat"}, "cat": {"ann", "bob"}})


async def test_a_coach_of_nobody_falls_to_the_action(scene: Scene) -> None:
    after = scene.customer.host("/coach-failed", "<Response><Hangup/></Response>")
    stranger = "12345678-1234-4234-8234-123456789abc"
    number = await scene.open_line("coach of nobody", action=after, coach=stranger)
    caller = await scene.dial("ann", number)
    asked = await scene.customer.wait(lambda visit: visit.path == "/coach-failed")
    assert asked.parameters["DialCallStatus"] == "failed"
    assert await caller.over() == 0


async def test_a_number_that_is_not_claimed_is_refused(scene: Scene) -> None:
    caller = await scene.try_to_dial("ann", "+15550009999")
    assert await caller.wait_for("refused") == "refused 404"


async def test_a_document_plays_pauses_and_redirects_before_the_conference(scene: Scene) -> None:
    customer = scene.customer
    room = customer.host("/voice/room", scene.dial_conference("after audio"))
    tone = customer.host_tone("/tone.wav", WAIT_HZ, 0.5)
    first = customer.host(
        "/voice/first",
        f'<Response><Play>{tone}</Play><Pause length="1"/><Redirect>{room}</Redirect></Response>',
    )
    ann = await scene.enter("ann", await scene.claim(first))
    all_of_it = recording(ann.phone)
    frames = all_of_it.frames_with(WAIT_HZ, all_of_it.began_s, now_s())
    assert 0.4 <= len(frames) * 0.02 <= 0.6


@pytest.mark.parametrize(("reason", "status"), [("busy", "486"), ("rejected", "603")])
async def test_reject_refuses_the_call(scene: Scene, reason: str, status: str) -> None:
    document = f'<Response><Reject reason="{reason}"/></Response>'
    number = await scene.claim(scene.customer.host(f"/{reason}", document))
    caller = await scene.try_to_dial("bob", number)
    assert await caller.wait_for("refused") == f"refused {status}"
