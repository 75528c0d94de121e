"""What several tiers of tests share: a header that says what runs, and the stage for those that run the real thing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import hypothesis
import pytest

from stage.customer import Customer
from stage.rest import Rest
from stage.scene import Scene
from stage.server import PROGRAM, Credentials, Server

# How long an example takes says how busy the machine is, and no more.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).parent.parent
SPECS = ROOT.parent / "shared" / "specs"
SIGNALWIRE_PYTHON = ROOT / ".venv-signalwire" / "bin" / "python"
REAL_TIME = {"blackbox", "engine", "interop", "docs"}
NODE_MODULES = ROOT / "tests" / "interop" / "js" / "node_modules"


def pytest_report_header() -> list[str]:
    """Say what the black-box and interop tests will run against, and what they will have to skip."""
    tools = {
        "roomtone": PROGRAM.exists(),
        "sipp": shutil.which("sipp") is not None,
        "baresip": shutil.which("baresip") is not None,
        "node": shutil.which("node") is not None,
        "npm SDKs": NODE_MODULES.is_dir(),
        "signalwire (PyPI)": SIGNALWIRE_PYTHON.exists(),
        "vendor specs": SPECS.is_dir(),
    }
    there = ", ".join(name for name, found in tools.items() if found)
    absent = ", ".join(name for name, found in tools.items() if not found)
    return [f"stage: {there}" + (f"; ABSENT: {absent}" if absent else "")]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give what is measured in real time two more chances, told in the summary: another program may take the machine.

    ``--reruns 0`` takes it away.
    """
    if config.getoption("reruns", None) is not None:
        return
    for item in items:
        where = item.path.relative_to(Path(__file__).parent).parts
        if where[0] in REAL_TIME or where[:2] == ("contract", "engine"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def program() -> Path:
    """The installed command."""
    if not PROGRAM.exists():
        pytest.skip("roomtone is not installed: run make setup")
    assert (
        subprocess.run([PROGRAM, "--version"], capture_output=True, timeout=20, check=False).returncode == 0
    )
    return PROGRAM


@pytest.fixture(scope="session")
def sipp() -> str:
    """SIPp's program."""
    found = shutil.which("sipp")
    if found is None:
        pytest.skip("SIPp is not installed: apt-get install sip-tester")
    return found


@pytest.fixture(scope="session")
def baresip() -> str:
    """The program of baresip."""
    found = shutil.which("baresip")
    if found is None:
        pytest.skip("baresip is not installed: apt-get install baresip-core")
    return found


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server on a fresh data folder, shared by a module's tests."""
    one = Server(tmp_path_factory.mktemp("server") / "data", ("--drain-s", "0"))
    one.start()
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="module")
def signalwire_project(server: Server) -> Credentials:
    """A project that speaks SignalWire's dialect."""
    return server.create_project("signalwire")


@pytest.fixture(scope="module")
def twilio_project(server: Server) -> Credentials:
    """A project that speaks Twilio's dialect."""
    return server.create_project("twilio")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections of one test."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as one:
        yield one


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    """A customer's application of the test's own."""
    one = await Customer().open()
    yield one
    await one.close()


@pytest.fixture
async def rest(session: aiohttp.ClientSession, server: Server, signalwire_project: Credentials) -> Rest:
    """Speaks for the SignalWire project."""
    return Rest(session, server.ready["http"], signalwire_project)


@pytest.fixture
async def scene(
    sipp: str, server: Server, rest: Rest, customer: Customer, tmp_path: Path
) -> AsyncIterator[Scene]:
    """An empty stage in the SignalWire project."""
    one = Scene(server, rest, customer, tmp_path)
    yield one
    await one.close()


@pytest.fixture
async def twilio_scene(
    sipp: str, session: aiohttp.ClientSession, server: Server, twilio_project: Credentials, customer: Customer,
    tmp_path: Path,
) -> AsyncIterator[Scene]:  # fmt: skip
    """An empty stage in the Twilio project."""
    one = Scene(server, Rest(session, server.ready["http"], twilio_project), customer, tmp_path)
    yield one
    await one.close()
