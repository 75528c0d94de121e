"""The official SDKs, each in a process of its own, pinned, unmodified, pointed at our server.

Each speaks the dialect it was made for: the SignalWire ones for a SignalWire project, Twilio's for a Twilio project.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from stage.customer import Customer
from stage.rest import Rest
from stage.scene import Scene, put_away
from stage.server import Credentials, Server

HERE = Path(__file__).parent
SIGNALWIRE_PYTHON = HERE.parent.parent / ".venv-signalwire" / "bin" / "python"

MAKES = {
    "twilio-python-http": ("twilio", "python", "http"),
    "twilio-python-https": ("twilio", "python", "https"),
    "twilio-node-http": ("twilio", "node", "http"),
    "twilio-node-https": ("twilio", "node", "https"),
    "signalwire-python-http": ("signalwire", "python", "http"),
    "signalwire-python-https": ("signalwire", "python", "https"),
    "compatibility-api-http": ("signalwire", "node", "http"),
    "compatibility-api-https": ("signalwire", "node", "https"),
}


VERSIONS = {
    "twilio 8.13.0 (PyPI)": ("twilio", "python", ".venv-twilio8", ""),
    "twilio 7.17.0 (PyPI)": ("twilio", "python", ".venv-twilio7", ""),
    "twilio 5.10.0 (npm)": ("twilio", "node", "", "twilio-5"),
    "signalwire-sdk 3.0.2 (PyPI)": ("signalwire-sdk", "python", ".venv-signalwire-sdk", ""),
}
"""Older majors, and the other make of one: dialect or SDK, language, environment, npm's name for it."""


class SdkRefused(Exception):  # noqa: N818 - told by what happened
    """The SDK raised its own exception."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.name, self.status, self.code, self.message = (
            told.get(key) for key in ("name", "status", "code", "message")
        )
        super().__init__(told)


@dataclass(frozen=True)
class Sdk:
    """One SDK in a running process."""

    make: str
    dialect: str
    language: str
    process: subprocess.Popen[str]

    async def do(self, verb: str, **command: Any) -> Any:
        """Let the SDK do something, and give what it gives; options in the spelling of JavaScript (camel case)."""
        if self.language == "python" and command.get("options"):
            command["options"] = {snake(name): value for name, value in command["options"].items()}
        answer = await asyncio.to_thread(self._exchange, {"do": verb, **command})
        if "error" in answer:
            raise SdkRefused(answer["error"])
        return answer["result"]

    def _exchange(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the process of {self.make} ended"
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def field(self, record: dict[str, Any], name: str) -> Any:
        """Give a field of a record by its name on the wire."""
        return record[camel(name)] if self.language == "node" else record[name]


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def command_line(dialect: str, language: str, scheme: str, server: Server, who: Credentials) -> list[str]:
    host = server.ready["https"].split("//")[1].rstrip("/")
    base = server.ready[scheme].rstrip("/")
    # The two SignalWire SDKs want the space in different spellings.
    settings = {
        "sdk": dialect, "sid": who.sid, "token": who.token, "base": base, "host": host, "space": f"https://{host}",
        "ca": str(server.ca),
    }  # fmt: skip
    if language == "node":
        return ["node", str(HERE / "js" / "steer.cjs"), json.dumps(settings)]
    python = sys.executable if dialect == "twilio" else str(SIGNALWIRE_PYTHON)
    return [python, "-W", "ignore", str(HERE / "steer.py"), json.dumps(settings)]


def skip_if_absent(dialect: str, language: str) -> None:
    if language == "node" and not (HERE / "js" / "node_modules").is_dir():
        pytest.skip("the npm SDKs are not installed: run make test")
    if (dialect, language) == ("signalwire", "python") and not SIGNALWIRE_PYTHON.exists():
        pytest.skip("the signalwire package is not installed: run make test")


@pytest.fixture(scope="module", params=MAKES)
def sdk(request: pytest.FixtureRequest, server: Server) -> Any:
    """An SDK, pointed at the server, with credentials of a project of its dialect."""
    dialect, language, scheme = MAKES[request.param]
    skip_if_absent(dialect, language)
    who: Credentials = request.getfixturevalue(f"{dialect}_project")
    # What the SDKs read for a CA of one's own; signalwire (PyPI) reads neither and is told by its session.
    trust = {"NODE_EXTRA_CA_CERTS": str(server.ca), "REQUESTS_CA_BUNDLE": str(server.ca)}
    process = subprocess.Popen(
        command_line(dialect, language, scheme, server, who),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | trust,
    )  # fmt: skip
    yield Sdk(request.param, dialect, language, process)
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(10)
    process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest, server: Server) -> Any:
    """One more version of an SDK; over https where it takes nothing else."""
    sdk, language, environment, package = VERSIONS[request.param]
    python = HERE.parent.parent / environment / "bin" / "python"
    needed = HERE / "js" / "node_modules" / package if language == "node" else python
    if not needed.exists():
        pytest.skip(f"{request.param} is not installed: run make test")
    dialect = sdk.partition("-")[0]
    who: Credentials = request.getfixturevalue(f"{dialect}_project")
    scheme = "https" if dialect == "signalwire" else "http"
    command = command_line(dialect, language, scheme, server, who)
    settings = json.loads(command[-1]) | {"sdk": sdk, "package": package}
    program = [str(python), *command[1:-1]] if language == "python" else command[:-1]
    process = subprocess.Popen(
        [*program, json.dumps(settings)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"REQUESTS_CA_BUNDLE": str(server.ca)},
    )  # fmt: skip
    yield Sdk(request.param, dialect, "json" if sdk == "signalwire-sdk" else language, process)
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(10)
    process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture
async def version_stage(
    sipp: str, version: Sdk, session: aiohttp.ClientSession, server: Server, customer: Customer, tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Scene]:  # fmt: skip
    """A stage in that SDK's project."""
    who: Credentials = request.getfixturevalue(f"{version.dialect}_project")
    one = Scene(server, Rest(session, server.ready["http"], who), customer, tmp_path)
    await one.rest.at_ease()
    yield one
    await put_away(one, request)


@pytest.fixture
def refusal() -> type[SdkRefused]:
    """What `Sdk.do` raises when the SDK did."""
    return SdkRefused


@pytest.fixture
async def stage(
    sipp: str, sdk: Sdk, session: aiohttp.ClientSession, server: Server, customer: Customer, tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Scene]:  # fmt: skip
    """A stage in the SDK's own project."""
    who: Credentials = request.getfixturevalue(f"{sdk.dialect}_project")
    one = Scene(server, Rest(session, server.ready["http"], who), customer, tmp_path)
    await one.rest.at_ease()
    yield one
    await put_away(one, request)
