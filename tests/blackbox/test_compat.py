"""What the compatibility page says is not there, or differs: a running server is asked, line by line, and answers just that.

The lines come from the tables that the page is made of (`scripts/generate_compat.py`); of its notes those that one request
can ask are here, each with words of the note, so that neither changes without the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roomtone.api.routes import KNOWN, OPEN, ROUTES
from roomtone.cxml.elements import VERBS_TO_COME, WITHOUT_EFFECT
from roomtone.cxml.verbs.dial import NOUNS_TO_COME
from roomtone.dialects import DIALECTS, call_orders, participant_creation, samples, sip_forms
from roomtone.dialects.call_events import NEVER_TOLD
from stage.rest import basic
from stage.scene import Scene, now_s
from stage.server import Server, serving

PAGE = (Path(__file__).parents[2] / "docs" / "compat.md").read_text()
WITHIN_S = 20.0
NOBODY = "sip:nobody@127.0.0.1:9"
GIVEN = {
    "AmdStatusCallback": "http://127.0.0.1:9/", "AmdStatusCallbackMethod": "POST", "AsyncAmd": "true",
    "AsyncAmdPartialResults": "true", "AsyncAmdStatusCallback": "http://127.0.0.1:9/",
    "AsyncAmdStatusCallbackMethod": "POST", "ClientNotificationUrl": "http://127.0.0.1:9/",
    "EmergencyCallingEnabled": "true", "MachineDetection": "Enable", "MachineDetectionSilenceTimeout": "3000",
    "MachineDetectionSpeechEndThreshold": "1000", "MachineDetectionSpeechThreshold": "2000",
    "MachineDetectionTimeout": "20", "MachineWordsThreshold": "6", "MaxPricePerMinute": "1",
}  # fmt: skip
"""What is asked of each parameter that has no effect; others are given a word."""

ATTRIBUTES = {
    "clientNotificationUrl": "http://127.0.0.1:9/", "machineDetection": "Enable", "sessionTimeout": "900",
    "recordingStorageUrl": "http://127.0.0.1:9/", "storageUrl": "http://127.0.0.1:9/",
}  # fmt: skip
NOUNS = {
    "Number": "+4930123456", "Sip": NOBODY, "Client": "nobody", "Queue": "nobody", "Conference": "nobody",
}  # fmt: skip


_turn = itertools.count(1)
"""For names of its own each time a test is run: what was made under them stays."""


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes calls as fast as they come."""
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0", "--calls-per-s", "0") as one:
        yield one


@pytest.fixture(params=list(DIALECTS))
def stage(request: pytest.FixtureRequest) -> Scene:
    """An empty stage in a project of each dialect."""
    found = request.getfixturevalue("scene" if request.param == "signalwire" else "twilio_scene")
    assert isinstance(found, Scene)
    return found


# Routes -----------------------------------------------------------------------------------------------------------------


async def test_what_is_not_there_yet_is_501_and_what_there_is_none_of_is_empty(stage: Scene) -> None:
    wrong = []
    for route in ROUTES:
        path = "/".join("x" if part == OPEN else part for part in route.pattern)
        if route in KNOWN:
            wanted: tuple[int, object] = (501, 20501)
        elif route.kind in samples.EMPTY:
            wanted = (200, []) if route.name.endswith(".list") else (404, 20404)
        else:
            continue
        reply = await stage.rest.call(route.method, f"{path}.json")
        found = reply.body.get("code", reply.body.get(route.kind))
        if (reply.status, found) != wanted:
            wrong.append((route.name, reply))
    assert wrong == []


# Parameters without effect ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "least", "unsupported"),
    [
        ("Calls.json", {"To": NOBODY, "From": "+15550100", "Twiml": "<Response/>"}, call_orders.UNSUPPORTED),
        (
            "Conferences/compat/Participants.json",
            {"To": NOBODY, "From": "+15550100"},
            participant_creation.UNSUPPORTED,
        ),
        ("SIP/Domains.json", {"DomainName": "{name}.compat.test"}, sip_forms.UNSUPPORTED),
    ],
    ids=["calls", "participants", "domains"],
)
async def test_each_parameter_without_effect_is_named_in_the_warning(
    stage: Scene, path: str, least: dict[str, str], unsupported: frozenset[str]
) -> None:
    wrong, turn = [], next(_turn)
    for name in sorted(unsupported):
        own = f"{name}-{turn}".lower()
        form = {key: value.format(name=own) for key, value in least.items()}
        reply = await stage.rest.post(path, {**form, name: GIVEN.get(name, "word")})
        told = reply.headers.get("Warning", reply.headers.get("warning"))
        if reply.status not in {200, 201} or told != f'299 - "{name} is not supported and was left out"':
            wrong.append((name, reply.status, told, reply.text[:200]))
    assert wrong == []
    name = f"plain-{turn}"
    plain = await stage.rest.post(path, {key: value.format(name=name) for key, value in least.items()})
    assert plain.status in {200, 201}, plain
    assert "warning" not in {*map(str.lower, plain.headers)}


# Documents --------------------------------------------------------------------------------------------------------------


def odd_document() -> tuple[str, list[str]]:
    """Write a document with all that is not there, or has no effect, and words of what is told of each."""
    verbs, wanted = ["<Play digits='1w'/><Pause length='60'/>"], []
    for tag in sorted(VERBS_TO_COME):
        verbs.append(f"<{tag}/>")
        wanted.append(f"<{tag}> is not supported")
    for tag in sorted(NOUNS_TO_COME):
        verbs.append(f"<Dial><{tag}>x</{tag}></Dial>")
        wanted.append(f"<Dial> to <{tag}> is not supported")
    for tag, names in sorted(WITHOUT_EFFECT.items()):
        for name in sorted(names):
            given = f"<{tag} {name}='{ATTRIBUTES.get(name, 'word')}'"
            whole = {"Record": f"{given}/>", "Dial": f"{given}>{NOUNS['Number']}</Dial>"}
            noun = f"<Dial>{given}>{NOUNS.get(tag)}</{tag}></Dial>"
            verbs.append(whole.get(tag, noun))
            wanted.append(f"<{tag} {name}=")
    verbs.append("<Gather input='speech'/>")
    wanted.append("does not understand speech")
    return f"<Response>{''.join(verbs)}</Response>", wanted


async def test_what_a_document_wants_and_is_not_there_is_told_in_notifications(stage: Scene) -> None:
    document, wanted = odd_document()
    caller = await stage.dial("ann", await stage.claim(stage.customer.host("/voice/odd", document)))
    asked = await stage.customer.wait(lambda visit: visit.path == "/voice/odd", WITHIN_S)
    deadline_s, told = now_s() + WITHIN_S, []
    while len(told) < len(wanted) and now_s() < deadline_s:
        listed = await stage.rest.get(f"Calls/{asked.call}/Notifications.json?PageSize=100")
        told = listed.body["notifications"]
    texts = {one["message_text"]: one["error_code"] for one in told}
    silent = [words for words in wanted if not any(words in text for text in texts)]
    assert silent == [], texts
    assert {one["log"] for one in told} == {"1"}, "warnings, not errors"
    assert caller.is_up
    await caller.hang_up()


async def test_events_that_never_come_may_be_asked_for_where_the_vendor_has_them(stage: Scene) -> None:
    """SignalWire's forms name them; Twilio's do not, and take them all the same."""
    url = f"{stage.customer.base}/progress"
    for word in sorted(NEVER_TOLD):
        form = {"To": NOBODY, "From": "+15550100", "Twiml": "<Response/>", "StatusCallback": url}
        reply = await stage.rest.post("Calls.json", {**form, "StatusCallbackEvent": word})
        assert reply.status in {200, 201}, reply


# Notes ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """A note of the page, and a request that shows it."""

    words: str
    """Of the note."""

    method: str
    path: str
    signalwire: tuple[int, object]
    """Status, and the error's number or nothing."""

    twilio: tuple[int, object]
    form: dict[str, str] = field(default_factory=dict)
    holds: dict[str, object] = field(default_factory=dict)
    """Keys of the answer, and what they hold."""


def at_both(
    words: str, method: str, path: str, answer: tuple[int, object], form: dict[str, str] | None = None,
    **holds: object,
) -> Note:  # fmt: skip
    """Make a note that holds in both dialects alike."""
    return Note(words, method, path, answer, answer, form or {}, holds)


CALL = {"From": "+15550100", "Twiml": "<Response/>"}
QUEUE = {"FriendlyName": "twice_{turn}"}
DESK = {"IpAddress": "2001:db8::1", "FriendlyName": "desk"}
SEALED = {"DomainName": "sealed.compat.test", "Secure": "true"}
NOTES = (
    at_both("Any number may be claimed", "POST", "IncomingPhoneNumbers.json", (201, None),
            {"PhoneNumber": "+1500555{turn}", "SmsUrl": "http://127.0.0.1:9/"}, origin="hosted"),
    Note("without one: 21215", "POST", "Calls.json", (422, 21215), (400, 21215), {"To": "+4930123456", **CALL}),
    at_both("Queues", "POST", "Queues.json", (201, None), QUEUE, current_size=0),
    Note("422 / 10000 at SignalWire and 409 / 20409", "POST", "Queues.json", (422, 10000), (409, 20409), QUEUE),
    at_both("A `PageSize` over 1000 is served 1000", "GET", "Calls.json?PageSize=5000", (200, None)),
    at_both("A trailing slash is another path", "GET", "Calls/", (404, 20404)),
    at_both("No suffix is JSON", "GET", "Calls", (200, None), page=0),
    at_both("Unknown parameters are ignored", "GET", "Calls.json?Sneeze=loud", (200, None), page=0),
    Note("`Secure=true` is refused", "POST", "SIP/Domains.json", (422, 10000), (400, 20422), SEALED),
    at_both("`trunking.twilio.com/v1/Trunks` is not there", "GET", "/v1/Trunks", (404, 20404)),
    at_both("without one they are empty", "GET", "Transcriptions.json", (200, None), transcriptions=[]),
    at_both("`SigningKeys` are `Keys`", "GET", "SigningKeys.json", (200, None)),
    at_both("`LamlBins`, SignalWire", "POST", "LamlBins.json", (201, None), {"Name": "compat"}),
    at_both("501 is 20501", "POST", "Messages.json", (501, 20501)),
)  # fmt: skip


async def test_the_notes_say_what_the_server_does(stage: Scene) -> None:
    wrong, turn = [], f"{next(_turn):04d}"
    for note in NOTES:
        assert note.words in " ".join(PAGE.split()), note.words
        form = {name: text.replace("{turn}", turn) for name, text in note.form.items()}
        reply = await stage.rest.call(note.method, note.path, form or None)
        wanted = note.signalwire if stage.rest.who.dialect == "signalwire" else note.twilio
        held = {name: reply.body.get(name) for name in note.holds}
        if (reply.status, reply.body.get("code")) != wanted or held != note.holds:
            wrong.append((note.words, reply.status, reply.text[:300]))
    assert wrong == []


async def test_sip_lists_differ_as_the_notes_say(stage: Scene) -> None:
    """IPv6 in lists of addresses, a name once in an account, and a list that is in use."""
    who, turn = stage.rest.who.dialect, next(_turn)
    addresses = await stage.rest.made("SIP/IpAccessControlLists.json", {"FriendlyName": "offices"})
    await stage.rest.made(f"SIP/IpAccessControlLists/{addresses['sid']}/IpAddresses.json", DESK)
    lists = [
        await stage.rest.made("SIP/CredentialLists.json", {"FriendlyName": one}) for one in ("one", "two")
    ]
    paths = [f"SIP/CredentialLists/{one['sid']}/Credentials.json" for one in lists]
    form = {"Username": f"desk.{turn}", "Password": "CorrectHorse4"}
    await stage.rest.made(paths[0], form)
    twin = await stage.rest.post(paths[1], form)
    assert twin.status == {"signalwire": 422, "twilio": 409}[who], twin
    domain = await stage.rest.made("SIP/Domains.json", {"DomainName": f"t{turn}.lists.test"})
    mapping = f"SIP/Domains/{domain['sid']}/Auth/Calls/CredentialListMappings.json"
    await stage.rest.made(mapping, {"CredentialListSid": lists[0]["sid"]})
    in_use = await stage.rest.delete(f"SIP/CredentialLists/{lists[0]['sid']}.json")
    assert in_use.status in {400, 409, 422}, in_use


async def test_answers_have_the_faces_and_headers_of_the_notes(stage: Scene) -> None:
    """XML and CSV in both dialects, JSON of what is refused under .csv, weak ETags, a page for each error."""
    rest = stage.rest
    assert (await rest.get("Calls.xml")).text.startswith("<?xml")
    assert (await rest.get("Calls.csv")).headers["Content-Type"].startswith("text/csv")
    refused = await rest.get("Calls/x.csv")
    assert (refused.status, refused.body["code"], "hint" in {*map(str.lower, refused.headers)}) == (
        404,
        20404,
        True,
    )
    page = await rest.call("GET", "/errors/20404", headers={})
    assert (page.status, refused.body["more_info"].endswith("/errors/20404")) == (200, True)
    listed = await rest.get("Queues.json")
    tag = {name.lower(): text for name, text in listed.headers.items()}["etag"]
    again = await rest.get(
        "Queues.json", headers={**basic(rest.who.sid, rest.who.token), "If-None-Match": tag}
    )
    assert (tag[:2], again.status) == ("W/", 304)
