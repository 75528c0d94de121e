"""What several tiers of tests share: a header that says what runs, and the stage for those that run the real thing."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import aiohttp
import hypothesis
import pytest

from stage.customer import Customer
from stage.rest import Rest
from stage.scene import FAILED, Scene, put_away
from stage.secrets import Eavesdropper
from stage.server import PROGRAM, Credentials, Server, serving

# How long an example takes says how busy the machine is, and no more.
# `make properties` tries what `make test` has no time for.
EXAMPLES = int(os.environ.get("ROOMTONE_EXAMPLES", "40"))
hypothesis.settings.register_profile(
    "house", max_examples=EXAMPLES, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).parent.parent
SPECS = ROOT.parent / "shared" / "specs"
SIGNALWIRE_PYTHON = ROOT / ".venv-signalwire" / "bin" / "python"
REAL_TIME = {"blackbox", "chaos", "engine", "interop", "docs"}
LONGEST = (
    "chaos",
    "test_nothing_grows.py",
    "test_no_leaks.py",
    "test_tutorial.py",
    "test_howtos.py",
    "interop",
)
"""Folders and files that take minutes, whatever the number of their tests: they are begun first."""

NODE_MODULES = ROOT / "tests" / "interop" / "js" / "node_modules"


def pytest_report_header() -> list[str]:
    """Say what the black-box and interop tests will run against, and what they will have to skip."""
    tools = {
        "roomtone": PROGRAM.exists(),
        "sipp": shutil.which("sipp") is not None,
        "baresip": shutil.which("baresip") is not None,
        "chromium": shutil.which("chromium") is not None,
        "node": shutil.which("node") is not None,
        "nginx": shutil.which("nginx") is not None,
        "kamailio": shutil.which("kamailio", path=f"{os.environ['PATH']}:/usr/sbin") is not None,
        "MkDocs": (ROOT / ".venv-docs" / "bin" / "mkdocs").exists(),
        "npm SDKs": NODE_MODULES.is_dir(),
        "signalwire (PyPI)": SIGNALWIRE_PYTHON.exists(),
        "vendor specs": SPECS.is_dir(),
    }
    there = ", ".join(name for name, found in tools.items() if found)
    absent = ", ".join(name for name, found in tools.items() if not found)
    return [f"stage: {there}" + (f"; ABSENT: {absent}" if absent else "")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether it failed, for fixtures that put away what a test leaves."""
    report = yield
    item.stash[FAILED] = report.failed
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give what is measured in real time two more chances, told in the summary: another program may take the machine.

    ``--reruns 0`` takes it away. Whole files are put into an order in which no worker is left with a long one at the end: those that
    take minutes, those that mostly wait for sound, and last what only computes.
    """
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (_turn(item), -sizes[item.path], str(item.path)))
    if config.getoption("reruns", None) is not None:
        return
    for item in items:
        if _is_real_time(item):
            item.add_marker(pytest.mark.flaky(reruns=2))


def _is_real_time(item: pytest.Item) -> bool:
    where = item.path.relative_to(Path(__file__).parent).parts
    return where[0] in REAL_TIME or where[:2] == ("contract", "engine")


def _turn(item: pytest.Item) -> int:
    where = item.path.relative_to(Path(__file__).parent).parts
    if not set(where).isdisjoint(LONGEST):
        return 0
    return 1 if _is_real_time(item) else 2


@pytest.fixture(autouse=True, scope="session")
def _eavesdropper() -> Iterator[Eavesdropper]:
    """Hear all that the tests' own process logs."""
    ear = Eavesdropper()
    logging.getLogger().addHandler(ear)
    yield ear
    logging.getLogger().removeHandler(ear)


@pytest.fixture(autouse=True)
def _nothing_secret_is_logged(_eavesdropper: Eavesdropper) -> Iterator[None]:
    """See to it that no test has a secret logged."""
    yield
    heard, _eavesdropper.heard = _eavesdropper.heard, []
    assert heard == [], "no secret is ever logged"


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
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0") as one:
        yield one


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
    sipp: str, server: Server, rest: Rest, customer: Customer, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Scene]:
    """An empty stage in the SignalWire project."""
    await rest.at_ease()
    one = Scene(server, rest, customer, tmp_path)
    yield one
    await put_away(one, request)


@pytest.fixture
async def twilio_scene(
    sipp: str, session: aiohttp.ClientSession, server: Server, twilio_project: Credentials, customer: Customer,
    tmp_path: Path, request: pytest.FixtureRequest,
) -> AsyncIterator[Scene]:  # fmt: skip
    """An empty stage in the Twilio project."""
    one = Scene(server, Rest(session, server.ready["http"], twilio_project), customer, tmp_path)
    await one.rest.at_ease()
    yield one
    await put_away(one, request)


@pytest.fixture
def serve_options() -> tuple[str, ...]:
    """Further options of `roomtone serve`; a test's module may give others."""
    return ()


@pytest.fixture
def own_server(program: Path, tmp_path: Path, serve_options: tuple[str, ...]) -> Iterator[Server]:
    """A server of the test's own."""
    one = Server(tmp_path / "data", serve_options)
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def stage(
    sipp: str, own_server: Server, session: aiohttp.ClientSession, customer: Customer, tmp_path: Path
) -> AsyncIterator[Scene]:
    """An empty stage on that server."""
    one = Scene(
        own_server, Rest(session, own_server.ready["http"], own_server.create_project()), customer, tmp_path
    )
    yield one
    await one.close()
