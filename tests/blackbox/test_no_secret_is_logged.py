"""A server that tells all it can (``log_level = debug``) tells no secret: tokens, keys, phones' and trunks' passwords, URLs' own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from stage import secrets
from stage.rest import basic
from stage.scene import Scene
from stage.server import PROGRAM, Server, in_thread
from stage.websockets import WITHIN_S

PHONE, TRUNK, TURN, HOOK, BEARER = (
    f"{name}-0f9d3c71" for name in ("phone", "trunk", "turn", "hook", "bearer")
)
GUESS = "a-wrong-guess-55a1"


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a secret in every place that takes one, which logs all it can."""
    folder = tmp_path_factory.mktemp("server")
    files = {"turn": TURN, "logins": f"127.0.0.1 acme {TRUNK}"}
    for name, text in files.items():
        (folder / name).write_text(text)
    secrets.note(PHONE, TRUNK, TURN, HOOK, BEARER, GUESS)
    options = (
        "--drain-s", "0", "--log-level", "debug", "--calls-per-s", "0",
        "--ice-servers", "turn:127.0.0.1:3478", "--turn-secret-file", str(folder / "turn"),
        "--trunks", "+1=sip:127.0.0.1:9", "--trunk-logins-file", str(folder / "logins"),
    )  # fmt: skip
    one = Server(folder / "data", options)
    one.start()
    try:
        yield one
    finally:
        one.stop()  # which looks through all that was logged


async def test_no_secret_is_logged(scene: Scene) -> None:
    rest, server = scene.rest, scene.server
    # Right and wrong credentials, as a header and as part of the path.
    await rest.get("Calls.json")
    await rest.get("Calls.json", headers=basic(rest.who.sid, GUESS))
    await rest.get(f"Calls.json?AuthToken={GUESS}")
    await rest.get("Keys.json")
    await rest.post("Keys.json", {"FriendlyName": "k"})
    await rest.post("Tokens.json")
    # A phone's password, a domain's URL with a password of its own, a document with a bearer.
    phones = await rest.made("SIP/CredentialLists", {"FriendlyName": f"phones {uuid4()}"})
    await rest.made(
        f"SIP/CredentialLists/{phones['sid']}/Credentials",
        {"Username": f"ann{uuid4().hex[:8]}", "Password": PHONE + "Aa1"},
    )
    await rest.post(
        "SIP/Domains",
        {"DomainName": f"pbx{uuid4().hex[:8]}.secrets.test", "VoiceUrl": f"http://user:{HOOK}@127.0.0.1:9/v"},
    )
    name = [
        "trunk",
        "add",
        "--data",
        str(server.data),
        "--name",
        f"t{uuid4().hex[:8]}",
        "--uri",
        "sip:127.0.0.1:9",
        "--prefix",
        "+4930",
    ]
    await in_thread(subprocess.run, [str(PROGRAM), *name], check=True, capture_output=True, timeout=60)
    # Calls: one whose document asks a server with a password, one that streams with a bearer, one over the trunk.
    path = scene.customer.host("/voice", _DOCUMENT)
    url = path.replace("http://", f"http://user:{HOOK}@", 1)
    await scene.try_to_dial("ann", await scene.claim(url))
    await scene.customer.wait(lambda visit: visit.path == "/voice", WITHIN_S)
    made = await rest.post(
        "Calls.json", {"To": "+15550100", "From": "+15550199", "Url": url, "StatusCallback": url}
    )
    assert made.status in {200, 201}, made
    await scene.customer.wait(lambda visit: visit.path == "/voice", WITHIN_S)
    logs = [server.log, server.data / "engine.log"]
    assert "debug" in logs[0].read_text().lower(), "it tells all it can"
    assert secrets.leaked_in(logs) == []
    assert json.dumps(server.ready).find(BEARER) < 0


_DOCUMENT = f'<Response><Start><Stream url="ws://127.0.0.1:9/" authBearerToken="{BEARER}"/></Start><Pause length="30"/></Response>'
