"""Figures: what is counted, what is told, and that page and dashboard name nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from roomtone.api.measuring import served
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.delivery import Waiting
from roomtone.core.ids import CallId, ProjectId
from roomtone.core.values import Caller
from roomtone.link import messages
from roomtone.metrics import DEFINITIONS, Board, Kind, Live, create_metrics_app
from roomtone.metrics.definitions import PROCESS

ROOT = Path(__file__).parents[3]
CALL = Call(CallId(1), ProjectId(2), Caller("+1", "+2"), 1_000, 1_000)
TICKS = messages.TickStatistics(
    thread=0, ticks=250, skipped=2, late_p50_us=60, late_p99_us=400, late_p999_us=900, late_max_us=21_000,
    streams=7, conferences=2, packets_unsent=3, facts_dropped=0, busy_permille=125,
)  # fmt: skip


@pytest.fixture
def board() -> Board:
    return Board()


def told(board: Board) -> str:
    return generate_latest(board.registry).decode()


def test_a_request_is_counted_by_its_operation(board: Board) -> None:
    for _ in range(2):
        board.served(served("participants.update", "POST", 200, 3_000_000))
    text = told(board)
    labels = 'method="POST",route="participants.update",status="200"'
    assert f"roomtone_api_requests_total{{{labels}}} 2.0" in text
    assert 'roomtone_api_request_seconds_bucket{le="0.005",route="participants.update"} 2.0' in text
    assert 'roomtone_api_request_seconds_bucket{le="0.0025",route="participants.update"} 0.0' in text


def test_what_a_stranger_makes_up_is_no_label() -> None:
    assert served("", "BREW", 405, 0)[:2] == ("other", "other")


def test_a_call_is_counted_once_when_it_begins_and_once_when_it_ends(board: Board) -> None:
    up = replace(CALL, status=CallStatus.IN_PROGRESS, started_ms=2_000)
    over = replace(up, status=CallStatus.COMPLETED, ended_ms=12_000, sip_status=200)
    board.call_kept(None, CALL)
    board.call_kept(CALL, up)
    board.call_kept(up, over)
    board.call_kept(over, replace(over, last_sequence=4))
    text = told(board)
    assert 'roomtone_calls_begun_total{direction="inbound"} 1.0' in text
    assert 'roomtone_calls_ended_total{direction="inbound",outcome="completed"} 1.0' in text
    assert 'roomtone_call_sip_finals_total{code="200",direction="inbound"} 1.0' in text
    assert 'roomtone_call_seconds_sum{direction="inbound"} 10.0' in text


def test_a_call_nobody_answered_has_no_length(board: Board) -> None:
    board.call_kept(CALL, replace(CALL, status=CallStatus.BUSY, ended_ms=3_000, sip_status=486))
    text = told(board)
    assert 'roomtone_calls_ended_total{direction="inbound",outcome="busy"} 1.0' in text
    assert "roomtone_call_seconds_count{" not in text


def test_a_thread_tells_how_it_keeps_its_time(board: Board) -> None:
    board.fact(TICKS)
    board.fact(TICKS)
    text = told(board)
    assert 'roomtone_media_ticks_total{thread="0"} 500.0' in text
    assert 'roomtone_media_ticks_skipped_total{thread="0"} 4.0' in text
    assert 'roomtone_media_tick_lateness_seconds{quantile="1",thread="0"} 0.021' in text
    assert 'roomtone_media_streams{thread="0"} 7.0' in text


def test_threads_of_an_engine_that_died_are_forgotten(board: Board) -> None:
    board.fact(TICKS)
    board.engine_lost()
    board.engine_new(WELCOME)
    text = told(board)
    assert "roomtone_media_streams{" not in text
    assert "roomtone_engine_replaced_total 1.0" in text
    assert "roomtone_engine_link_losses_total 1.0" in text


def test_callbacks_and_commits_are_counted(board: Board) -> None:
    board.tried("delivered", 40)
    board.tried("given_up", 10_000)
    board.committed(0.002, 3)
    text = told(board)
    assert 'roomtone_callback_attempts_total{outcome="given_up"} 1.0' in text
    assert "roomtone_callback_seconds_sum 10.04" in text
    assert "roomtone_store_jobs_total 3.0" in text


WELCOME = messages.Welcome(
    n=0, protocol="1.0", engine="0.1", instance="i", listeners=[], rtp_first=1, rtp_last=2
)


class Owing:
    """An outbox that owes three callbacks to one server; or does not answer."""

    def __init__(self, *, away: bool = False) -> None:
        self._away = away

    async def owed(self) -> int:
        if self._away:
            raise OSError("away")
        return 3

    async def waiting(self) -> Sequence[Waiting]:
        return [Waiting((ProjectId(2), "host"), 0)]  # type: ignore[arg-type]


async def ready() -> Sequence[str]:
    return ()


async def test_what_is_there_is_read_when_it_is_asked_for(board: Board) -> None:
    live = Live(lambda: [CALL, CALL], list, lambda: WELCOME, ready, Owing())
    await live.read(board)
    text = told(board)
    assert 'roomtone_calls{direction="inbound",status="queued"} 2.0' in text
    assert 'roomtone_calls{direction="outbound-api",status="queued"} 0.0' in text
    assert "roomtone_callbacks_waiting 3.0" in text
    assert "roomtone_ready 1.0" in text
    assert "roomtone_engine_up 1.0" in text


async def test_a_store_that_does_not_answer_spoils_nothing_else(board: Board) -> None:
    live = Live(list, list, lambda: None, ready, Owing(away=True))
    await live.read(board)
    assert "roomtone_engine_up 0.0" in told(board)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/metrics", 200), ("GET", "/", 404), ("POST", "/metrics", 405)]
)
async def test_the_door_answers_one_question(board: Board, method: str, path: str, status: int) -> None:
    app = create_metrics_app(board, Live(list, list, lambda: None, ready, Owing()))
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    await app({"type": "http", "method": method, "path": path, "headers": []}, None, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == status
    if status == 200:
        assert b"# TYPE roomtone_calls gauge" in sent[1]["body"]


def test_every_figure_is_told_and_none_besides(board: Board) -> None:
    found = set(re.findall(r"^# TYPE (\S+)", told(board), re.MULTILINE))
    assert {name for name in found if name.startswith("roomtone_") and "_process_" not in name} == {
        one.name for one in DEFINITIONS
    }
    assert {name for name in found if name.startswith("process_")} == set(PROCESS)


def test_the_dashboard_asks_for_nothing_that_is_not_there() -> None:
    dashboard = json.loads((ROOT / "packaging/grafana/roomtone.json").read_text())
    asked = {target["expr"] for panel in dashboard["panels"] for target in panel["targets"]}
    told = {one.name for one in DEFINITIONS if one.kind is not Kind.HISTOGRAM} | set(PROCESS)
    told |= {f"roomtone_engine_{name}" for name in PROCESS}
    told |= {
        f"{one.name}_{part}"
        for one in DEFINITIONS
        if one.kind is Kind.HISTOGRAM
        for part in ("bucket", "sum", "count")
    }
    named = {
        name
        for expr in asked
        for name in re.findall(r"\b(?:roomtone_|process_)\w+", re.sub(r"\{.*?\}", "", expr))
    }
    assert named
    assert named <= told


def test_labels_of_the_dashboard_are_labels_of_its_figures() -> None:
    text = (ROOT / "packaging/grafana/roomtone.json").read_text()
    known = {label for one in DEFINITIONS for label in one.labels} | {"instance", "job", "le"}
    used = {
        label
        for group in re.findall(r"sum by \(([^)]*)\)", text)
        for label in group.replace(" ", "").split(",")
    }
    assert used <= known
