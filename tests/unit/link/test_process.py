"""Finding, starting and watching an engine; the reference engine stands in for the native one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from roomtone.link import EngineFailed, EngineProcess, EngineSettings, Link, VersionRefused
from roomtone.link import messages as m
from roomtone.link.process import find_binary
from roomtone.testing.reference_engine import ReferenceEngine
from roomtone.testing.reference_engine import Settings as ReferenceSettings

from .conftest import EAGER, Scripted

SOURCES = Path(__file__).parents[3] / "src"
REFERENCE = f"import sys; sys.path.insert(0, {str(SOURCES)!r}); from roomtone.testing.reference_engine import main; main()"
LISTENER = m.Listener(transport="udp", host="127.0.0.1", port=5070)


@pytest.fixture
def settings(folder: Path) -> EngineSettings:
    return EngineSettings(
        folder, rtp_first=34_000, rtp_last=34_099, command=(sys.executable, "-c", REFERENCE)
    )


def process_for(settings: EngineSettings) -> EngineProcess:
    return EngineProcess(settings, Link(settings.socket, EAGER))


@pytest.fixture
async def running(settings: EngineSettings) -> AsyncIterator[EngineProcess]:
    """An engine in a process, started by us; ended whatever the test does."""
    process = process_for(settings)
    await process.start()
    yield process
    last = process_for(settings)
    await last.start()
    await last.shut_down(1.0)


class TestFinding:
    """Where the binary comes from."""

    def test_the_environment_names_it(self) -> None:
        assert find_binary({"ROOMTONE_ENGINE_BINARY": "/bin/true"}) == Path("/bin/true")

    def test_a_name_that_cannot_be_run_is_told(self) -> None:
        with pytest.raises(EngineFailed, match="/nowhere/engine, which cannot be run"):
            find_binary({"ROOMTONE_ENGINE_BINARY": "/nowhere/engine"})

    def test_else_it_is_beside_python_or_on_the_path(self, folder: Path) -> None:
        beside = Path(sys.executable).parent / "roomtone-engine"
        binary = folder / "roomtone-engine"
        binary.touch(mode=0o700)
        assert find_binary({"PATH": str(folder)}) == (beside if beside.exists() else binary)

    def test_if_it_is_nowhere_that_is_told(self) -> None:
        if (Path(sys.executable).parent / "roomtone-engine").exists():
            pytest.skip("the engine is installed beside this Python")
        with pytest.raises(EngineFailed, match="is the package installed"):
            find_binary({"PATH": "/nowhere"})


def test_the_engine_is_told_all_it_must_know(folder: Path) -> None:
    settings = EngineSettings(
        folder, sip_host="::1", sip_port=5060, rtp_host="::1", media_threads=2, orphan_s=9, log_level="debug"
    )
    assert settings.arguments == {
        "--socket": str(folder / "engine.sock"),
        "--sip": "[::1]:5060",
        "--rtp-host": "::1",
        "--rtp-ports": "20000-29999",
        "--rtp-trunk-port": "0",
        "--media-threads": "2",
        "--noise-floor": "0",
        "--automatic-gain": "false",
        "--orphan-seconds": "9",
        "--log": "debug",
    }


def test_the_engine_is_told_how_busy_it_may_be_where_that_is_not_as_usual(folder: Path) -> None:
    assert "--busy-at" not in EngineSettings(folder).arguments
    assert EngineSettings(folder, busy_at=0).arguments["--busy-at"] == "0"


def test_the_engine_is_told_of_tls_as_far_as_it_is_wanted(folder: Path) -> None:
    assert EngineSettings(folder).tls_arguments == ()
    settings = EngineSettings(
        folder,
        sips=("::1", 5061),
        tls=(Path("/c.pem"), Path("/c.key")),
        tls_trust=(Path("/one"), Path("/two")),
        tls_clients=Path("/three"),
    )
    assert " ".join(settings.tls_arguments) == (
        "--sips [::1]:5061 --tls-certificate /c.pem --tls-key /c.key"
        " --tls-trust /one --tls-trust /two --tls-clients /three"
    )


def test_the_engine_is_told_whom_to_ask_for_names() -> None:
    settings = EngineSettings(Path("/d"), dns=(("192.0.2.1", 53), ("::1", 5353)))
    assert " ".join(settings.dns_arguments) == "--dns 192.0.2.1:53 --dns [::1]:5353"


class TestStarting:
    """One engine for one folder."""

    async def test_the_engine_outlives_the_brain_and_is_found_again(
        self, running: EngineProcess, settings: EngineSettings
    ) -> None:
        first = running._link.welcome.instance
        pid = running._link.engine_pid
        assert os.getsid(pid) == pid, "a session of its own: no signal meant for the brain reaches it"
        await running.stop()
        again = process_for(settings)
        assert (await again.start()).instance == first
        assert again._link.engine_pid == pid
        await again.stop()

    async def test_what_it_says_is_in_its_log(self, running: EngineProcess, settings: EngineSettings) -> None:
        assert "engine ready" in settings.log_file.read_text()

    async def test_one_that_ends_at_once_is_told_with_its_last_words(self, settings: EngineSettings) -> None:
        dying = replace(
            settings, command=(sys.executable, "-c", "import sys; sys.exit('port 5060 is taken')")
        )
        with pytest.raises(EngineFailed, match=r"ended at once(.|\n)*port 5060 is taken"):
            await process_for(dying).start()

    async def test_one_that_never_answers_is_told(self, settings: EngineSettings) -> None:
        deaf = replace(settings, command=("/bin/sh", "-c", "exec sleep 2"), ready_within_s=0.2)
        with pytest.raises(EngineFailed, match=r"does not answer after 0\.2 s"):
            await process_for(deaf).start()

    async def test_one_that_cannot_be_run_is_told(self, settings: EngineSettings) -> None:
        with pytest.raises(EngineFailed, match="cannot be run"):
            await process_for(replace(settings, command=("/nowhere/engine",))).start()

    async def test_a_path_too_long_for_a_socket_is_told(self, settings: EngineSettings) -> None:
        with pytest.raises(EngineFailed, match="longer than the 107 bytes"):
            await process_for(replace(settings, folder=settings.folder / ("x" * 100))).start()

    async def test_one_of_another_version_is_told(self, settings: EngineSettings) -> None:
        async with ReferenceEngine(ReferenceSettings(settings.socket, protocol="9.0")):
            with pytest.raises(VersionRefused):
                await process_for(settings).start()


class TestTheWantedOne:
    """An engine that runs may be another than is wanted."""

    @pytest.fixture
    def found(self, scripted: Scripted) -> Scripted:
        scripted.welcome = m.Welcome(
            n=0,
            protocol=m.VERSION,
            engine="there",
            instance="1",
            listeners=[LISTENER],
            rtp_first=2,
            rtp_last=9,
        )
        return scripted

    @pytest.mark.parametrize("port", [5070, 0])
    async def test_the_same_addresses_are_fine(self, found: Scripted, port: int) -> None:
        wanted = EngineSettings(found.socket.parent, sip_port=port, rtp_first=2, rtp_last=9)
        process = process_for(wanted)
        assert (await process.start()).instance == "1"
        await process.stop()

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            ({"sip_port": 5060}, r"takes calls on 127\.0\.0\.1:5070, wanted is 127\.0\.0\.1:5060"),
            ({"sip_host": "127.0.0.2"}, r"takes calls on 127\.0\.0\.1:5070, wanted is 127\.0\.0\.2:5070"),
            ({"sips": ("127.0.0.1", 0)}, r"by TLS on nothing, wanted is 127\.0\.0\.1:0"),
            ({"rtp_last": 11}, "has audio ports 2-9, wanted are 2-11"),
            ({"rtp_host": "127.0.0.9"}, r"takes audio on 127\.0\.0\.1, wanted is 127\.0\.0\.9"),
        ],
    )
    async def test_other_addresses_are_told(self, found: Scripted, change: dict, complaint: str) -> None:
        wanted = EngineSettings(found.socket.parent, sip_port=5070, rtp_first=2, rtp_last=9)
        (wanted.folder / "engine.json").write_text(json.dumps(wanted.arguments))
        with pytest.raises(EngineFailed, match=complaint):
            await process_for(replace(wanted, **change)).start()

    async def test_tls_that_is_not_wanted_any_more_is_told(self, found: Scripted) -> None:
        secure = m.Listener(transport="tls", host="127.0.0.1", port=5061)
        found.welcome = msgspec.structs.replace(found.welcome, listeners=[LISTENER, secure])
        wanted = EngineSettings(found.socket.parent, sip_port=5070, rtp_first=2, rtp_last=9)
        with pytest.raises(EngineFailed, match=r"by TLS on 127\.0\.0\.1:5061, wanted is nothing"):
            await process_for(wanted).start()
        process = process_for(replace(wanted, sips=("127.0.0.1", 0)))
        await process.start()
        await process.stop()

    async def test_of_a_name_only_the_port_is_compared(self, found: Scripted) -> None:
        wanted = EngineSettings(
            found.socket.parent, sip_host="localhost", sip_port=5070, rtp_first=2, rtp_last=9
        )
        process = process_for(wanted)
        await process.start()
        await process.stop()


class TestWatching:
    """When the engine dies another takes its place."""

    async def test_a_killed_engine_is_replaced_and_that_is_told(self, running: EngineProcess) -> None:
        told: asyncio.Queue[m.Welcome] = asyncio.Queue()
        running.on_engine_new(told.put_nowait)
        first, pid = running._link.welcome.instance, running._link.engine_pid
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            assert (await told.get()).instance != first
        assert running._link.engine_pid != pid
        assert await running._link.ask(m.TakeSnapshot(n=0), m.Snapshot)
        await running.stop()

    async def test_a_lost_connection_to_the_same_engine_is_no_new_engine(self, scripted: Scripted) -> None:
        process = process_for(EngineSettings(scripted.socket.parent, rtp_first=2, rtp_last=3))
        await process.start()
        told = asyncio.Queue()
        process.on_engine_new(lambda _: told.put_nowait("new"))
        process.on_engine_back(lambda _: told.put_nowait("back"))
        scripted.hang_up()
        async with asyncio.timeout(30):
            assert await told.get() == "back"
        await process.stop()

    async def test_one_that_cannot_be_started_is_tried_again(
        self, scripted: Scripted, caplog: pytest.LogCaptureFixture
    ) -> None:
        gone = EngineSettings(scripted.socket.parent, rtp_first=2, rtp_last=3, command=("/nowhere/engine",))
        process = process_for(gone)
        await process.start()
        lost, back = asyncio.Event(), asyncio.Event()
        process._link.on_lost(lost.set)
        process.on_engine_back(lambda _: back.set())
        await scripted.close()
        async with asyncio.timeout(30):
            await lost.wait()
            while "cannot be run" not in caplog.text:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.01)
            scripted.socket.unlink(missing_ok=True)
            await scripted.open()
            await back.wait()
        await process.stop()


async def test_shutting_down_ends_the_engine_and_starts_no_other(settings: EngineSettings) -> None:
    process = process_for(settings)
    await process.start()
    pid = process._link.engine_pid
    await process.shut_down(1.0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not settings.socket.exists()
