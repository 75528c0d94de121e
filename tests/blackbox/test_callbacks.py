"""What a customer is told: every event once, in order, signed, and never before it can be fetched.

Sources: Twilio "Conference status callback parameters", "Webhooks security"; SignalWire cXML "Conference".
"""

from __future__ import annotations

from aiohttp import web
from twilio.request_validator import RequestValidator

from stage.customer import Visit
from stage.scene import Scene


def story(scene: Scene) -> list[tuple[str, str]]:
    """Events in order of arrival, with the caller's name."""
    names = {caller.call_sid: name for name, caller in scene.callers.items()}
    return [(visit.event, names.get(visit.call, "")) for visit in scene.customer.events()]


async def play_a_whole_conference(scene: Scene) -> None:
    ann, bob = await scene.gather(2, "story")
    await scene.update(bob, Muted="true")
    await scene.update(bob, Muted="true")
    await scene.update(bob, Muted="false", Hold="true")
    await scene.update(bob, Hold="false")
    await bob.hang_up()
    await scene.customer.wait_for_event("participant-leave", bob.call_sid)
    await ann.hang_up()
    await scene.customer.wait_for_event("conference-end")


async def test_every_event_is_told_once_and_in_order(scene: Scene) -> None:
    await play_a_whole_conference(scene)
    assert [one for one in story(scene) if "speech" not in one[0]] == [
        ("participant-join", "ann"), ("participant-join", "bob"), ("conference-start", ""),
        ("participant-mute", "bob"), ("participant-unmute", "bob"), ("participant-hold", "bob"),
        ("participant-unhold", "bob"), ("participant-leave", "bob"), ("participant-leave", "ann"),
        ("conference-end", ""),
    ]  # fmt: skip


async def test_sequence_numbers_run_from_one_without_gaps(scene: Scene) -> None:
    await play_a_whole_conference(scene)
    numbers = [int(visit.parameters["SequenceNumber"]) for visit in scene.customer.events()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_who_speaks_is_told(scene: Scene) -> None:
    ann, _ = await scene.gather(2, "speech")
    await scene.customer.wait_for_event("participant-speech-start", ann.call_sid)
    ann.phone.say(None)
    await scene.customer.wait_for_event("participant-speech-stop", ann.call_sid)


async def test_only_what_was_asked_for_is_told(scene: Scene) -> None:
    number = await scene.open_line("few", statusCallbackEvent="start join end")
    ann, bob = await scene.enter("ann", number), await scene.enter("bob", number)
    await scene.update(bob, Muted="true")
    for caller in (bob, ann):
        await caller.hang_up()
    await scene.customer.wait_for_event("conference-end")
    assert [event for event, _ in story(scene)] == [
        "participant-join", "participant-join", "conference-start", "conference-end",
    ]  # fmt: skip


async def test_the_first_participants_callback_wins(scene: Scene) -> None:
    number = await scene.open_line("first wins")
    other = await scene.open_line("first wins", statusCallback=f"{scene.customer.base}/other")
    await scene.enter("ann", number)
    await scene.enter("bob", other)
    await scene.customer.wait_for_event("conference-start")
    assert scene.customer.events("/other") == []


def check_signature(key: str, visit: Visit) -> None:
    signature = visit.headers["X-Twilio-Signature"]
    assert visit.headers["X-SignalWire-Signature"] == signature
    assert RequestValidator(key).validate(visit.url, visit.parameters, signature), visit
    assert not RequestValidator("another key").validate(visit.url, visit.parameters, signature)


async def test_documents_and_callbacks_are_signed_for_signalwire(scene: Scene) -> None:
    await scene.gather(2, "signed")
    for visit in [*scene.customer.events(), *(one for one in scene.customer.visits if "/voice/" in one.path)]:
        check_signature(scene.rest.who.signing_key, visit)


async def test_documents_and_callbacks_are_signed_for_twilio(twilio_scene: Scene) -> None:
    await twilio_scene.gather(2, "signed")
    visits = twilio_scene.customer.events()
    assert len(visits) >= 3
    for visit in visits:
        check_signature(twilio_scene.rest.who.token, visit)


async def test_a_url_with_a_query_is_signed_with_it(scene: Scene) -> None:
    number = await scene.open_line("query", statusCallback=f"{scene.customer.base}/status?tenant=7&x=a%20b")
    await scene.enter("ann", number)
    visit = scene.customer.events()[0]
    assert "tenant=7" in visit.url
    check_signature(scene.rest.who.signing_key, visit)


async def test_a_get_callback_carries_everything_in_its_query(scene: Scene) -> None:
    await scene.enter("ann", await scene.open_line("by get", statusCallbackMethod="GET"))
    visit = scene.customer.events()[0]
    assert (visit.method, visit.event) == ("GET", "participant-join")


async def test_what_is_told_can_be_fetched_while_it_is_told(scene: Scene) -> None:
    """Inside the join callback the conference is there, and the participant is in its list."""
    await check_that_it_is_there(scene)


async def test_what_twilio_callers_are_told_can_be_fetched_while_it_is_told(twilio_scene: Scene) -> None:
    await check_that_it_is_there(twilio_scene)


async def check_that_it_is_there(scene: Scene) -> None:
    seen: dict[str, tuple[int, list[str]]] = {}

    async def answer(visit: Visit) -> web.Response:
        conference = f"Conferences/{visit.parameters['ConferenceSid']}"
        fetched = await scene.rest.get(f"{conference}.json")
        listed = await scene.rest.get(f"{conference}/Participants.json")
        present = [one["call_sid"] for one in listed.body["participants"]] if listed.status == 200 else []
        seen[f"{visit.event} {visit.call}"] = (fetched.status, present)
        return web.Response(status=204)

    scene.customer.answer_with("/status", answer)
    ann, bob = await scene.gather(2, "inside")
    await bob.hang_up()
    await scene.customer.wait_for_event("participant-leave", bob.call_sid)
    assert all(status == 200 for status, _ in seen.values())
    assert ann.call_sid in seen[f"participant-join {ann.call_sid}"][1]
    assert bob.call_sid in seen[f"participant-join {bob.call_sid}"][1]
    assert bob.call_sid not in seen[f"participant-leave {bob.call_sid}"][1]


async def test_a_failing_receiver_is_told_again_with_the_same_token_and_nothing_waits_for_it(
    scene: Scene,
) -> None:
    """The call and the conference go on; a retry is recognisable by its idempotency token."""
    tries: list[Visit] = []

    async def answer(visit: Visit) -> web.Response:
        tries.append(visit)
        return web.Response(status=503 if len(tries) == 1 else 204)

    scene.customer.answer_with("/status", answer)
    await scene.enter("ann", await scene.open_line("failing"))
    await scene.customer.until(lambda: len(tries) >= 2)
    first, second = tries[:2]
    assert first.parameters == second.parameters
    assert first.headers["I-Twilio-Idempotency-Token"] == second.headers["I-Twilio-Idempotency-Token"]


async def test_announcements_are_told_to_twilio_callers(twilio_scene: Scene) -> None:
    scene = twilio_scene
    _, bob = await scene.gather(2, "announcements")
    good = scene.customer.host_tone("/short.wav", 2333.0, 0.3)
    bad = scene.customer.host("/bad.wav", "this is no audio", "audio/wav")
    await scene.update(bob, AnnounceUrl=good)
    await scene.update(bob, AnnounceUrl=bad)
    ended = await scene.customer.wait_for_event("announcement-end", bob.call_sid)
    failed = await scene.customer.wait_for_event("announcement-fail", bob.call_sid)
    assert ended.parameters["AnnounceUrl"] == good
    assert failed.parameters["AnnounceUrl"] == bad
    assert failed.parameters["ReasonAnnouncementFailed"]
