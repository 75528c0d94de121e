"""What a conference refuses and why it ends, asked of a running server in both dialects, with real calls in it.

Sources: SignalWire "Update a Participant", "Update a Conference", error codes; Twilio "Participant resource", "Conference
resource", error dictionary (13240, 16001 to 16028, 21475).
"""

from __future__ import annotations

import pytest

from roomtone.dialects import DIALECTS
from stage.rest import Reply
from stage.scene import Scene, now_s
from stage.sipp import SippCaller

WITHIN_S = 20.0
NOBODY = {"signalwire": "12345678-1234-4234-8234-123456789abc", "twilio": f"CA{'1' * 32}"}


@pytest.fixture(params=list(DIALECTS))
def stage(request: pytest.FixtureRequest) -> Scene:
    """An empty stage in a project of each dialect."""
    found = request.getfixturevalue("scene" if request.param == "signalwire" else "twilio_scene")
    assert isinstance(found, Scene)
    return found


def told(reply: Reply) -> tuple[int, object]:
    return (reply.status, reply.body.get("code") if reply.text else None)


async def test_what_an_update_may_not_combine_is_refused_and_changes_nothing(stage: Scene) -> None:
    who = stage.rest.who.dialect
    ann, bob = await stage.gather(2, f"rules {who}")
    await stage.update(bob, Hold="true")
    before = await stage.participants()
    bad = {400, 422} if who == "signalwire" else {400}
    absent, held = (16002, 16002) if who == "signalwire" else (16028, 16027)
    for form, code in (
        ({"Coaching": "true"}, 16002),
        ({"Coaching": "true", "CallSidToCoach": NOBODY[who]}, absent),
        ({"CallSidToCoach": ann.call_sid}, 16002),
        ({"Coaching": "true", "CallSidToCoach": bob.call_sid}, held),
        ({"Hold": "true", "AnnounceUrl": "http://127.0.0.1:9/"}, 16002),
        ({"Muted": "true", "Hold": "true", "AnnounceUrl": "http://127.0.0.1:9/"}, 16002),
    ):
        reply = await stage.try_update(ann, **form)
        assert (reply.status in bad, reply.body["code"]) == (True, code), form
    assert await stage.participants() == before
    status = await stage.rest.post(f"Conferences/{stage.conference}.json", {"Status": "init"})
    assert (status.status in bad, status.body["code"]) == (True, 21475)
    await stage.update(bob, Hold="false")
    coached = await stage.update(ann, CallSidToCoach=bob.call_sid)
    assert (coached["coaching"], coached["call_sid_to_coach"]) == (True, bob.call_sid)


async def test_who_has_left_and_what_is_over_can_be_read_and_not_changed(stage: Scene) -> None:
    who = stage.rest.who.dialect
    ann, bob = await stage.gather(2, f"over {who}")
    stranger = await stage.dial("cat", await stage.claim(stage.customer.host("/pause", PAUSE)))
    asked = await stage.customer.wait(lambda visit: visit.path == "/pause")
    stranger.call_sid = asked.call
    gone = (404, 20404)
    assert told(await stage.rest.get(stage.path(stranger))) == gone, "a call that is not in it"
    assert (await stage.rest.delete(stage.path(bob))).status == 204
    assert told(await stage.rest.delete(stage.path(bob))) == gone
    assert told(await stage.rest.get(stage.path(bob))) == gone
    path = f"Conferences/{stage.conference}.json"
    assert (await stage.rest.made(path, {"Status": "completed"}))["status"] == "completed"
    over = {"signalwire": [(400, 10000), (400, 10000)], "twilio": [(400, 16022), gone]}[who]
    again = [await stage.rest.post(path, {"Status": "completed"}), await stage.try_update(ann, Muted="true")]
    assert [told(one) for one in again] == over
    assert told(await stage.rest.get(stage.path(ann))) == gone
    assert await stage.participants() == []
    assert (await stage.conference_now())["status"] == "completed"


PAUSE = "<Response><Play digits='1'/><Pause length='60'/></Response>"


async def test_why_a_document_was_not_let_in_can_be_read(twilio_scene: Scene) -> None:
    """It goes on with the next verb, or (a coach of nobody) the dial has failed."""
    scene = twilio_scene
    await scene.enter("ann", await scene.open_line("doors", participantLabel="first", maxParticipants="2"))
    wanted = {
        "16025": {"participantLabel": "first"},
        "16023": {"participantLabel": "a/b"},
        "13240": {"coach": NOBODY["twilio"]},
        "16020": {"maxParticipants": "2"},
    }
    for name, (code, attributes) in zip(("dan", "eve", "fay", "gus"), wanted.items(), strict=True):
        if code == "16020":
            await scene.enter("bob", await scene.open_line("doors"))
        number = await scene.open_line("doors", after="<Hangup/>", **attributes)
        caller = await scene.dial(name, number, pitch_hz=None)
        assert await caller.over(WITHIN_S) == 0, code
    deadline_s, told_of = now_s() + WITHIN_S, set[str]()
    while not set(wanted) <= told_of and now_s() < deadline_s:
        listed = (await scene.rest.get("Notifications.json?PageSize=100")).body["notifications"]
        told_of = {one["error_code"] for one in listed}
    assert set(wanted) <= told_of


CAUSES = {
    "conference-ended-via-api": ("", "conference_ended_via_api"),
    "participant-with-end-conference-on-exit-left": ("bob", "moderator_ended_conference"),
    "participant-with-end-conference-on-exit-kicked": ("bob", "moderator_ended_conference"),
    "last-participant-left": ("ann", "participant_hung_up"),
    "last-participant-kicked": ("ann", "participant_updated_via_api"),
}
"""Why a conference of ann and bob ended: whose call did it, and why ann left."""


async def end(scene: Scene, cause: str, ann: SippCaller, bob: SippCaller) -> None:
    match cause:
        case "conference-ended-via-api":
            await scene.rest.made(f"Conferences/{scene.conference}.json", {"Status": "completed"})
        case "participant-with-end-conference-on-exit-left":
            await bob.hang_up()
        case "participant-with-end-conference-on-exit-kicked":
            assert (await scene.rest.delete(scene.path(bob))).status == 204
        case _:
            await scene.update(bob, EndConferenceOnExit="false")
            await bob.hang_up()
            await scene.customer.wait_for_event("participant-leave", bob.call_sid)
            if cause.endswith("kicked"):
                assert (await scene.rest.delete(scene.path(ann))).status == 204
            else:
                await ann.hang_up()


@pytest.mark.parametrize("cause", CAUSES)
async def test_why_it_ended_and_why_they_left_is_told(twilio_scene: Scene, cause: str) -> None:
    scene = twilio_scene
    ann = await scene.enter("ann", await scene.open_line(cause))
    bob = await scene.enter("bob", await scene.open_line(cause, endConferenceOnExit="true"))
    await end(scene, cause, ann, bob)
    who, left = CAUSES[cause]
    call = {"ann": ann.call_sid, "bob": bob.call_sid}.get(who)
    over = (await scene.customer.wait_for_event("conference-end", within_s=WITHIN_S)).parameters
    assert (over["ReasonConferenceEnded"], over.get("CallSidEndingConference")) == (cause, call)
    leave = await scene.customer.wait_for_event("participant-leave", ann.call_sid, within_s=WITHIN_S)
    assert leave.parameters["ReasonParticipantLeft"] == left
    found = await scene.conference_now()
    assert (found["reason_conference_ended"], found["call_sid_ending_conference"]) == (cause, call)
