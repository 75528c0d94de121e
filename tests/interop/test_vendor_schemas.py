"""Every answer of a live server fits the vendors' own published schemas.

The schemas are not ours to ship: the tests look for them in ``../shared/specs`` beside the repository, or where
ROOMTONE_SPECS says, and are skipped (visibly) where there are none.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from stage.rest import Reply
from stage.scene import Scene

SPECS = Path(os.environ.get("ROOMTONE_SPECS", Path(__file__).parents[2].parent / "shared" / "specs"))
FILES = {"signalwire": "signalwire-compatibility-openapi.yaml", "twilio": "twilio-api-v2010-openapi.yaml"}

NULL_IN_EXAMPLES = ("conference_enum_reason_conference_ended",)
"""Schemas of Twilio's that do not say nullable, though its own examples of a conference that goes on have null."""


@functools.cache
def spec(dialect: str) -> dict[str, Any]:
    path = SPECS / FILES[dialect]
    if not path.exists():
        pytest.skip(f"the vendor's schemas are not there: {path.name}")
    found = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    assert isinstance(found, dict)
    if dialect == "twilio":
        for name in NULL_IN_EXAMPLES:
            found["components"]["schemas"][name]["nullable"] = True
    return allow_null(found) if found["openapi"].startswith("3.0") else found


def allow_null(node: Any) -> Any:
    """Say OpenAPI 3.0's ``nullable`` in JSON Schema's words."""
    if isinstance(node, list):
        return [allow_null(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: allow_null(value) for key, value in node.items()}
    if made.get("nullable") is True:
        if "type" in made:
            made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


def check(dialect: str, path: str, method: str, reply: Reply, status: int) -> None:
    """Fail with every way in which the answer departs from the schema."""
    assert reply.status == status, reply
    prefix = "" if dialect == "signalwire" else "/2010-04-01"
    suffix = "" if dialect == "signalwire" else ".json"
    route = f"{prefix}/Accounts/{{AccountSid}}/{path}{suffix}".replace("/", "~1")
    pointer = f"#/paths/{route}/{method}/responses/{status}/content/application~1json/schema"
    schema = {**spec(dialect), "$ref": pointer.replace("{", "%7B").replace("}", "%7D")}
    validator = Draft202012Validator(schema, format_checker=FormatChecker(["uuid", "date-time"]))
    problems = [f"{problem.json_path}: {problem.message}" for problem in validator.iter_errors(reply.body)]
    assert problems == []


@pytest.fixture(params=["signalwire", "twilio"])
async def talk(request: pytest.FixtureRequest, scene: Scene, twilio_scene: Scene) -> tuple[str, Scene]:
    spec(request.param)
    return request.param, scene if request.param == "signalwire" else twilio_scene


PARTICIPANTS = "Conferences/{ConferenceSid}/Participants"


async def test_participants(talk: tuple[str, Scene]) -> None:
    dialect, scene = talk
    ann, bob = await scene.gather(2, "schemas")
    check(dialect, PARTICIPANTS, "get", await scene.rest.get(scene.path()), 200)
    check(dialect, PARTICIPANTS, "get", await scene.rest.get(f"{scene.path()}?PageSize=1"), 200)
    one = f"{PARTICIPANTS}/{{CallSid}}"
    check(dialect, one, "get", await scene.rest.get(scene.path(ann)), 200)
    for form in (
        {}, {"Muted": "true"}, {"Hold": "true"}, {"Hold": "false"}, {"Muted": "false"},
        {"Coaching": "true", "CallSidToCoach": bob.call_sid}, {"Coaching": "false"},
    ):  # fmt: skip
        check(dialect, one, "post", await scene.try_update(ann, **form), 200)


async def test_conferences(talk: tuple[str, Scene]) -> None:
    dialect, scene = talk
    await scene.enter("ann", await scene.open_line("schemas of conferences"))
    path = f"Conferences/{scene.conference}.json"
    check(dialect, "Conferences/{Sid}", "get", await scene.rest.get(path), 200)
    check(dialect, "Conferences", "get", await scene.rest.get("Conferences.json"), 200)
    check(dialect, "Conferences/{Sid}", "post", await scene.rest.post(path, {"Status": "completed"}), 200)
    check(
        dialect,
        "Conferences",
        "get",
        await scene.rest.get("Conferences.json?Status=completed&PageSize=1"),
        200,
    )


async def test_numbers(talk: tuple[str, Scene]) -> None:
    dialect, scene = talk
    form = {
        "PhoneNumber": "+15557770001" if dialect == "twilio" else "+15557770002",
        "VoiceUrl": "http://127.0.0.1:9/",
    }
    made = await scene.rest.post("IncomingPhoneNumbers.json", form)
    check(dialect, "IncomingPhoneNumbers", "post", made, 201)
    path = f"IncomingPhoneNumbers/{made.body['sid']}.json"
    check(dialect, "IncomingPhoneNumbers/{Sid}", "get", await scene.rest.get(path), 200)
    check(
        dialect,
        "IncomingPhoneNumbers/{Sid}",
        "post",
        await scene.rest.post(path, {"FriendlyName": "ours"}),
        200,
    )
    check(dialect, "IncomingPhoneNumbers", "get", await scene.rest.get("IncomingPhoneNumbers.json"), 200)
    assert (await scene.rest.delete(path)).status == 204


async def test_bins(scene: Scene) -> None:
    spec("signalwire")
    made = await scene.rest.post("LamlBins.json", {"Name": "schema", "Contents": "<Response/>"})
    check("signalwire", "LamlBins", "post", made, 201)
    path = f"LamlBins/{made.body['sid']}.json"
    check("signalwire", "LamlBins/{Sid}", "get", await scene.rest.get(path), 200)
    form = {"Name": "renamed", "Contents": "<Response><Hangup/></Response>"}
    check("signalwire", "LamlBins/{Sid}", "post", await scene.rest.post(path, form), 200)
    check("signalwire", "LamlBins", "get", await scene.rest.get("LamlBins.json"), 200)
    assert (await scene.rest.delete(path)).status == 204


async def test_errors(scene: Scene) -> None:
    check("signalwire", "Conferences/{Sid}", "get", await scene.rest.get("Conferences/nonsense.json"), 404)
    check("signalwire", "Conferences", "get", await scene.rest.get("Conferences.json", headers={}), 401)
    check("signalwire", "Conferences", "get", await scene.rest.get("Conferences.json?PageSize=0"), 422)
